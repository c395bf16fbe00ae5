// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers call: plan memory on this machine, and add it with a policy.
 */
#include <linux/export.h>
#include <linux/memory.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>

#include "internal.h"

/**
 * mhp_altmap_geometry() - this machine, as far as the arithmetic cares
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
		.pmd_size = PMD_SIZE,
		.pud_size = PUD_SIZE,
		.block_memmap_size = PFN_PHYS(mhp_altmap_block_memmap_pages()),
		.range_supported = true,
	};
}
EXPORT_SYMBOL_GPL(mhp_altmap_geometry);

/**
 * mhp_altmap_plan() - what would adding this memory with a policy cost?
 * @policy: dram, block, range or auto
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 * @plan: filled in; @plan->policy is the policy chosen for auto, and
 *	@plan->reason is set if -EOPNOTSUPP is returned
 *
 * mhp_memmap_plan_resolve() for this machine. Changes nothing.
 *
 * Context: Any.
 * Return: 0, -EINVAL if the range is empty, unaligned or wraps, -EOPNOTSUPP if
 * the policy cannot be honoured.
 */
int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start, u64 size,
		    struct mhp_memmap_plan *plan)
{
	struct mhp_memmap_geometry geo;
	int ret;

	mhp_altmap_geometry(&geo);
	ret = mhp_memmap_plan_resolve(&geo, policy, start, size, plan);
	if (ret || plan->policy != MHP_MEMMAP_RANGE)
		return ret;

	if (!mhp_altmap_memmap_poisoned(start, plan->memmap))
		return 0;
	if (policy == MHP_MEMMAP_AUTO) {
		geo.range_supported = false;
		return mhp_memmap_plan_resolve(&geo, policy, start, size, plan);
	}
	plan->reason = "the memmap would use a poisoned page frame";
	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(mhp_altmap_plan);

/**
 * mhp_altmap_add_memory_driver_managed() - add memory with a memmap policy
 * @nid: the node, or the memory group with %MHP_NID_IS_MGID
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, a multiple of the memory block size
 * @resource_name: "System RAM ($DRIVER)"
 * @mhp_flags: as for add_memory_driver_managed()
 * @policy: where the memmap is to go. %MHP_MEMMAP_DEFAULT leaves that to
 *	@mhp_flags; any other policy takes the place of %MHP_MEMMAP_ON_MEMORY
 *	and does not depend on memory_hotplug.memmap_on_memory.
 * @plan: how the memory was laid out, for any policy but
 *	%MHP_MEMMAP_DEFAULT, which leaves it alone; may be NULL
 *
 * The policy is honoured or refused, never replaced.
 *
 * Context: Process context, sleeps. Takes device_hotplug_lock.
 * Return: 0; -EOPNOTSUPP if the policy cannot be honoured, with
 * @plan->reason; -EINVAL for a bad range or policy; else an error of
 * add_memory_driver_managed(). Nothing is left behind on failure.
 */
int mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					 const char *resource_name,
					 mhp_t mhp_flags,
					 enum mhp_memmap_policy policy,
					 struct mhp_memmap_plan *plan)
{
	struct mhp_memmap_plan local;
	int ret;

	if (policy == MHP_MEMMAP_DEFAULT)
		return add_memory_driver_managed(nid, start, size,
						 resource_name, mhp_flags);
	if (!plan)
		plan = &local;

	ret = mhp_altmap_plan(policy, start, size, plan);
	if (ret)
		return ret;

	mhp_flags &= ~MHP_MEMMAP_ON_MEMORY;
	switch (plan->policy) {
	case MHP_MEMMAP_BLOCK:
		mhp_flags |= MHP_MEMMAP_PER_BLOCK;
		break;
	case MHP_MEMMAP_RANGE:
		/* The head has to be readable before anything is online. */
		if (mhp_flags & MHP_OFFLINE_INACCESSIBLE) {
			plan->reason = "the memory cannot be accessed before it is online";
			return -EOPNOTSUPP;
		}
		mhp_flags |= MHP_MEMMAP_PER_RANGE;
		break;
	default:
		break;
	}
	return add_memory_driver_managed(nid, start, size, resource_name,
					 mhp_flags);
}
EXPORT_SYMBOL_GPL(mhp_altmap_add_memory_driver_managed);
