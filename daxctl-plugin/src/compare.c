// SPDX-License-Identifier: GPL-2.0
/* A device, and what it should be. */
#include <string.h>

#include "cli.h"
#include "convert.h"

bool has_policy(struct daxctl_memmap *memmap, enum daxctl_memmap_policy policy)
{
	enum daxctl_memmap_policy effective = daxctl_memmap_get_effective(memmap);
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	if (policy == DAXCTL_MEMMAP_NONE || effective == policy)
		return true;
	return policy == DAXCTL_MEMMAP_AUTO && !daxctl_memmap_plan(memmap, policy, &plan) &&
	       effective == plan.policy;
}

unsigned int count_to_online(struct daxctl_memmap *memmap, const struct target *target)
{
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };

	if (!target->online)
		return 0;
	daxctl_memmap_count_blocks(memmap, &counts);
	return counts.total - (target->zone == ZONE_ANY ? counts.online :
			       target->zone == ZONE_KERNEL ? counts.kernel : counts.movable);
}

bool is_as_requested(struct daxctl_memmap *memmap, const struct target *target, char *why,
		     size_t size)
{
	const bool is_ram = daxctl_memmap_is_system_ram(memmap);
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	unsigned int missing;

	if (is_ram != target->system_ram) {
		snprintf(why, size, "is %s", is_ram ? "system-ram" : "devdax");
		return false;
	}
	if (!is_ram)
		return true;
	if (!has_policy(memmap, target->policy)) {
		snprintf(why, size, "has memmap policy %s",
			 daxctl_memmap_policy_name(daxctl_memmap_get_effective(memmap)));
		return false;
	}
	daxctl_memmap_count_blocks(memmap, &counts);
	if (!target->online && counts.online) {
		snprintf(why, size, "%u of %u memory blocks are online", counts.online,
			 counts.total);
		return false;
	}
	missing = count_to_online(memmap, target);
	if (missing)
		snprintf(why, size, "%u of %u memory blocks are not online%s", missing,
			 counts.total, target->zone == ZONE_KERNEL ? " in a kernel zone" :
			 target->zone == ZONE_MOVABLE ? " in ZONE_MOVABLE" : "");
	return !missing;
}

void describe_target(const struct target *target, char *text, size_t size)
{
	if (!target->system_ram)
		snprintf(text, size, "devdax");
	else
		snprintf(text, size, "system-ram, memmap %s, %s",
			 target->policy ? daxctl_memmap_policy_name(target->policy) : "as the kernel has it",
			 !target->online ? "offline" :
			 target->zone == ZONE_KERNEL ? "online in a kernel zone" :
			 target->zone == ZONE_MOVABLE ? "online movable" : "online");
}
