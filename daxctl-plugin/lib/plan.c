// SPDX-License-Identifier: LGPL-2.1
/*
 * What a policy would cost a device. The arithmetic is the kernel's own source
 * (mhp_memmap_plan_device()); here, what this kernel can do is taken into account.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* The words of a list, separated by blanks. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word))) {
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

/* Why a kernel without policies cannot have one; NULL if it can. */
static const char *plain_kernel_refuses(enum daxctl_memmap_policy policy,
					enum block_param block_param)
{
	if (policy == DAXCTL_MEMMAP_RANGE)
		return "this kernel has no memmap policies (no memmap_policy attribute)";
	if (policy != DAXCTL_MEMMAP_BLOCK)
		return NULL;
	if (block_param == BLOCK_PARAM_ABSENT)
		return "this kernel has no memmap_on_memory";
	if (block_param == BLOCK_PARAM_OFF)
		return "boot with memory_hotplug.memmap_on_memory=1";
	return NULL;
}

bool kernel_has_policies(void)
{
	return sysfs_exists("/sys/module/mhp_altmap");
}

const char *daxctl_memmap_kernel_refuses(enum daxctl_memmap_policy policy)
{
	if (kernel_has_policies())
		return NULL;
	return plain_kernel_refuses(policy, machine_block_param());
}

/* Why this device cannot have a policy, whatever its size; NULL if it can. */
static const char *device_refuses(const struct daxctl_memmap *memmap,
				  enum daxctl_memmap_policy policy)
{
	const char *why;

	if (memmap->has_policies) {
		if (memmap->supported[0] &&
		    !has_word(memmap->supported, daxctl_memmap_policy_name(policy)))
			return "the kernel does not offer it for this device";
		return NULL;
	}
	why = plain_kernel_refuses(policy, memmap->machine.block_param);
	if (!why && policy == DAXCTL_MEMMAP_BLOCK && !memmap->has_memmap_on_memory)
		why = "kmem of this kernel cannot (no memmap_on_memory attribute)";
	return why;
}

/* Each policy has one: a plan keeps its reason while others are made. */
static char *reason_of(struct daxctl_memmap *memmap, enum daxctl_memmap_policy policy)
{
	return memmap->reasons[policy];
}

/* The ranges of a device, as the arithmetic asks for them. */
struct device_ranges {
	struct mhp_memmap_device device;
	const struct daxctl_memmap *memmap;
};

static const struct daxctl_memmap *memmap_of(const struct mhp_memmap_device *device)
{
	return ((const struct device_ranges *)device)->memmap;
}

static bool get_range(const struct mhp_memmap_device *device, unsigned int i,
		      __u64 *start, __u64 *size)
{
	struct memmap_range range;

	if (!memmap_whole_blocks(memmap_of(device), i, &range))
		return false;
	*start = range.start;
	*size = range.size;
	return true;
}

/* Auto passes over what this kernel or device cannot have. */
static const char *refuses(const struct mhp_memmap_device *device,
			   const struct mhp_memmap_plan *plan)
{
	return device_refuses(memmap_of(device), (enum daxctl_memmap_policy)plan->policy);
}

/*
 * Numbers for all ranges, also of a policy that this kernel does not have. Sets
 * the reason why the device cannot have the policy, or why auto is not range;
 * true if it can have it.
 */
static bool plan_ranges(struct daxctl_memmap *memmap,
			enum daxctl_memmap_policy policy,
			struct mhp_memmap_plan *total)
{
	struct device_ranges ranges = {
		.device = {
			.geo = memmap->machine.geo,
			.nr_ranges = memmap->nr_ranges,
			.range = get_range,
			.refuses = policy == DAXCTL_MEMMAP_AUTO ? refuses : NULL,
		},
		.memmap = memmap,
	};
	char *reason = reason_of(memmap, policy);
	const char *why = NULL;
	bool supported;
	int rc;

	ranges.device.geo.range_supported = true;
	rc = mhp_memmap_plan_device(&ranges.device, (enum mhp_memmap_policy)policy, total);
	if (memmap->ranges_hidden) {
		why = "only root can read where the device is";
	} else if (rc && !total->size) {
		/* Many users meet this with 256 MiB devices. */
		snprintf(reason, sizeof(memmap->reasons[0]),
			 "no whole memory block in it: blocks are %llu MiB and aligned to that",
			 (unsigned long long)memmap->machine.geo.block_size >> 20);
		return false;
	} else if (!rc) {
		why = device_refuses(memmap, (enum daxctl_memmap_policy)total->policy);
	}
	supported = !rc && !why;
	if (!why)
		why = total->reason;
	snprintf(reason, sizeof(memmap->reasons[0]), "%s", why ? why : "");
	return supported;
}

static uint64_t own_kernel_pages(struct daxctl_memmap *memmap)
{
	struct block_pos pos = { 0 };

	if (memmap->kernel_pages_counted)
		return memmap->kernel_pages;
	while (block_next(memmap, &pos))
		if (block_get_state(pos.block) == DAXCTL_MEMMAP_BLOCK_KERNEL)
			memmap->kernel_pages += daxctl_memmap_block_get_usable(memmap, pos.block) /
						memmap->machine.geo.page_size;
	memmap->kernel_pages_counted = true;
	return memmap->kernel_pages;
}

/*
 * Not what is in the device itself: it goes offline before it gets another memmap.
 * Of what the node manages, the others' part is all that can be available.
 */
uint64_t daxctl_memmap_get_node_available(struct daxctl_memmap *memmap, int node)
{
	struct node_pages pages;
	uint64_t own = 0, others;

	if (machine_node_pages(node, &pages))
		return 0;
	if (memmap->is_system_ram && node == daxctl_dev_get_target_node(memmap->dev))
		own = own_kernel_pages(memmap);
	others = pages.kernel_managed > own ? pages.kernel_managed - own : 0;
	return (pages.kernel_available < others ? pages.kernel_available : others) *
	       memmap->machine.geo.page_size;
}

static uint64_t dram_available(struct daxctl_memmap *memmap)
{
	struct dirent *entry;
	uint64_t available = 0;
	char *end;
	DIR *dir;
	long nid;

	dir = opendir("/sys/devices/system/node");
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "node", 4))
			continue;
		nid = strtol(entry->d_name + 4, &end, 10);
		if (end != entry->d_name + 4 && !*end && nid >= 0 && nid < MACHINE_MAX_NODES)
			available += daxctl_memmap_get_node_available(memmap, nid);
	}
	closedir(dir);
	return available;
}

int daxctl_memmap_plan(struct daxctl_memmap *memmap,
		       enum daxctl_memmap_policy policy,
		       struct daxctl_memmap_plan *plan)
{
	const char *reason;
	struct mhp_memmap_plan total;
	bool supported;

	if (plan->struct_size != sizeof(*plan))
		return memmap_fail(memmap, -EINVAL, NULL,
				   "plan: struct_size is %zu, this library has %zu",
				   plan->struct_size, sizeof(*plan));
	if (policy <= DAXCTL_MEMMAP_NONE || policy > DAXCTL_MEMMAP_AUTO)
		return memmap_fail(memmap, -EINVAL, NULL, "plan: %d is not a policy", policy);

	supported = plan_ranges(memmap, policy, &total);
	reason = reason_of(memmap, policy);
	policy = (enum daxctl_memmap_policy)total.policy;

	*plan = (struct daxctl_memmap_plan) {
		.struct_size = sizeof(*plan),
		.supported = supported,
		.reason = reason,
		.policy = policy,
		.memmap = total.memmap,
		.head = total.head,
		.waste = total.waste,
		.usable = total.usable,
		.dram = total.dram,
		.dram_available = dram_available(memmap),
		.gigantic_pages = total.gigantic_pages,
		.removable_by_block = policy != DAXCTL_MEMMAP_RANGE,
	};
	return 0;
}

enum daxctl_memmap_policy daxctl_memmap_recommend(struct daxctl_memmap *memmap,
						  const char **why)
{
	struct daxctl_memmap_plan auto_plan = { .struct_size = sizeof(auto_plan) };
	const char *words;

	daxctl_memmap_plan(memmap, DAXCTL_MEMMAP_AUTO, &auto_plan);
	if (!auto_plan.supported) {
		if (why)
			*why = auto_plan.reason;
		return DAXCTL_MEMMAP_NONE;
	}
	switch (auto_plan.policy) {
	case DAXCTL_MEMMAP_RANGE:
		words = "no DRAM for the memmap, and the usable memory stays in one piece";
		break;
	case DAXCTL_MEMMAP_BLOCK:
		words = "no DRAM for the memmap; range is not possible or would waste more than it takes";
		break;
	default:
		words = auto_plan.dram > auto_plan.dram_available ?
			"no other policy is available, but there is too little DRAM for it" :
			"no other policy is available";
		break;
	}
	if (why)
		*why = words;
	return auto_plan.policy;
}
