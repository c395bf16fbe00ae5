// SPDX-License-Identifier: GPL-2.0
/*
 * This machine: its geometry, plans for memory on it, and what the log says of
 * them.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <kunit/visibility.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/memory.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <trace/events/mhp_altmap.h>

#include "internal.h"

/* With pages above 4 KiB, arm64 populates the vmemmap by base pages. */
#if defined(CONFIG_ARM64) && !defined(CONFIG_ARM64_4K_PAGES)
#define MEMMAP_UNIT PAGE_SIZE
#else
#define MEMMAP_UNIT PMD_SIZE
#endif

/**
 * mhp_altmap_geometry() - describe this machine to the arithmetic
 * @geo: filled in
 *
 * Context: Any.
 */
void mhp_altmap_geometry(struct mhp_memmap_geometry *geo)
{
	*geo = (struct mhp_memmap_geometry) {
		.page_size = PAGE_SIZE,
		.page_struct_size = sizeof(struct page),
		.section_size = 1UL << SECTION_SIZE_BITS,
		.block_size = memory_block_size_bytes(),
		.memmap_unit = MEMMAP_UNIT,
		.pud_size = PUD_SIZE,
		.block_memmap_size = PFN_PHYS(mhp_altmap_block_memmap_pages()),
		.range_supported = true,
	};
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_geometry);

static const char *refuse_poison(const struct mhp_memmap_device *device,
				 const struct mhp_memmap_plan *plan)
{
	return mhp_altmap_memmap_poisoned(&device->geo, plan) ?
	       "the memmap would use a poisoned page frame" : NULL;
}

/**
 * mhp_altmap_plan_device() - plan all ranges of a device with one policy
 * @device: its ranges, each of whole memory blocks; the other members are
 *	filled in
 * @policy: dram, block, range or auto
 * @total: as for mhp_memmap_plan_device()
 *
 * mhp_memmap_plan_device() for this machine. A policy that would put a memmap
 * on a page frame known as poisoned cannot be honoured. Changes nothing.
 *
 * Context: Any.
 * Return: as mhp_memmap_plan_device().
 */
int mhp_altmap_plan_device(struct mhp_memmap_device *device,
			   enum mhp_memmap_policy policy,
			   struct mhp_memmap_plan *total)
{
	mhp_altmap_geometry(&device->geo);
	device->refuses = refuse_poison;
	return mhp_memmap_plan_device(device, policy, total);
}
EXPORT_SYMBOL_GPL(mhp_altmap_plan_device);

/* A device of one range. */
struct one_range {
	struct mhp_memmap_device device;
	u64 start;
	u64 size;
};

static bool the_range(const struct mhp_memmap_device *device, unsigned int i,
		      __u64 *start, __u64 *size)
{
	const struct one_range *one = container_of(device, struct one_range, device);

	*start = one->start;
	*size = one->size;
	return true;
}

/**
 * mhp_altmap_plan() - plan one range
 * @policy: dram, block, range or auto
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 * @plan: filled in; @plan->policy is the policy chosen for auto, and
 *	@plan->reason is set if another value than 0 is returned
 *
 * mhp_altmap_plan_device() for a device of one range. Changes nothing.
 *
 * Context: Any.
 * Return: 0, -EINVAL if the range is empty, unaligned or wraps, -EOPNOTSUPP if
 * the policy cannot be honoured.
 */
int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start, u64 size,
		    struct mhp_memmap_plan *plan)
{
	struct one_range one = {
		.device = { .nr_ranges = 1, .range = the_range },
		.start = start,
		.size = size,
	};

	return mhp_altmap_plan_device(&one.device, policy, plan);
}
EXPORT_SYMBOL_GPL(mhp_altmap_plan);

/**
 * mhp_altmap_report() - log a refused policy, or the one that auto chose
 * @dev: the device that the memory belongs to; NULL if there is none
 * @requested: the policy
 * @plan: what planning it gave
 * @ret: what planning it returned
 *
 * For drivers that plan by themselves; those that add memory with a policy get
 * the same lines: one for a refusal, one for the policy that auto chose, none
 * for another policy that is honoured.
 *
 * Context: Any.
 */
void mhp_altmap_report(struct device *dev, enum mhp_memmap_policy requested,
		       const struct mhp_memmap_plan *plan, int ret)
{
	const char *name = mhp_memmap_policy_name(requested) ?: "default";
	const char *reason = plan->reason ?: "range is possible";
	const u64 end = plan->start + plan->size - 1;

	if (ret) {
		trace_mhp_altmap_refuse(requested, plan->start, plan->size, ret,
					reason);
		if (dev)
			dev_warn(dev, "memmap policy %s refused for [mem %#llx-%#llx]: %s\n",
				 name, plan->start, end, reason);
		else
			pr_warn("memmap policy %s refused for [mem %#llx-%#llx]: %s\n",
				name, plan->start, end, reason);
		return;
	}

	trace_mhp_altmap_plan(requested, plan);
	if (requested != MHP_MEMMAP_AUTO)
		return;
	name = mhp_memmap_policy_name(plan->policy);
	if (dev)
		dev_info(dev, "memmap policy auto is %s for [mem %#llx-%#llx]: %s\n",
			 name, plan->start, end, reason);
	else
		pr_info("memmap policy auto is %s for [mem %#llx-%#llx]: %s\n",
			name, plan->start, end, reason);
}
EXPORT_SYMBOL_GPL(mhp_altmap_report);
