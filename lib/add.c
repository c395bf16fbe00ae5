// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers call: plan memory on this machine, add it with a policy, and
 * remove it.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <linux/align.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/memory.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <trace/events/mhp_altmap.h>

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
 * mhp_altmap_whole_blocks() - narrow a range to whole memory blocks
 * @start: physical address in bytes; rounded up
 * @size: bytes; what is left of it
 *
 * Context: Any.
 * Return: true if any is left. None is of a range that wraps.
 */
bool mhp_altmap_whole_blocks(u64 *start, u64 *size)
{
	const u64 block_size = memory_block_size_bytes();
	const u64 end = *start + *size;
	const u64 first = ALIGN(*start, block_size);
	const u64 last = ALIGN_DOWN(end, block_size);

	/* Both can wrap: end, and what is rounded up. */
	*size = end >= *start && first >= *start && first < last ?
		last - first : 0;
	*start = first;
	return *size;
}
EXPORT_SYMBOL_GPL(mhp_altmap_whole_blocks);

/* With @no_range, policy "range" is out of the question for that reason. */
static int plan_with(enum mhp_memmap_policy policy, u64 start, u64 size,
		     const char *no_range, struct mhp_memmap_plan *plan)
{
	struct mhp_memmap_geometry geo;
	int ret;

	mhp_altmap_geometry(&geo);
	if (no_range)
		geo.range_supported = false;

	ret = mhp_memmap_plan_resolve(&geo, policy, start, size, plan);
	if (no_range && plan->reason && ret != -EINVAL &&
	    (policy == MHP_MEMMAP_RANGE || policy == MHP_MEMMAP_AUTO))
		plan->reason = no_range;

	if (!ret && plan->policy == MHP_MEMMAP_RANGE &&
	    mhp_altmap_memmap_poisoned(start, plan->memmap))
		return plan_with(policy, start, size,
				 "the memmap would use a poisoned page frame",
				 plan);
	return ret;
}

/**
 * mhp_altmap_plan() - what would adding this memory with a policy cost?
 * @policy: dram, block, range or auto
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 * @plan: filled in; @plan->policy is the policy chosen for auto, and
 *	@plan->reason is set if another than 0 is returned
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
	return plan_with(policy, start, size, NULL, plan);
}
EXPORT_SYMBOL_GPL(mhp_altmap_plan);

/**
 * mhp_altmap_report() - say in the log what became of a wish
 * @dev: the device that the memory belongs to; NULL if there is none
 * @wish: the policy asked for
 * @plan: what planning it gave
 * @ret: what planning it returned
 *
 * For drivers that plan by themselves; mhp_altmap_prepare() has done it. One
 * line for a refusal, one for what auto came to, none for a wish fulfilled.
 *
 * Context: Any.
 */
void mhp_altmap_report(struct device *dev, enum mhp_memmap_policy wish,
		       const struct mhp_memmap_plan *plan, int ret)
{
	const char *name = mhp_memmap_policy_name(wish) ?: "default";
	const char *reason = plan->reason ?: "range is possible";
	const u64 end = plan->start + plan->size - 1;

	if (ret) {
		trace_mhp_altmap_refuse(wish, plan->start, plan->size, ret,
					reason);
		if (dev)
			dev_warn(dev, "memmap policy %s refused for [mem %#llx-%#llx]: %s\n",
				 name, plan->start, end, reason);
		else
			pr_warn("memmap policy %s refused for [mem %#llx-%#llx]: %s\n",
				name, plan->start, end, reason);
		return;
	}

	trace_mhp_altmap_plan(wish, plan);
	if (wish != MHP_MEMMAP_AUTO)
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

/*
 * What memory hotplug will do by itself. A range that it would not take is its
 * business to refuse.
 */
static void plan_default(u64 start, u64 size, mhp_t mhp_flags,
			 struct mhp_memmap_plan *plan)
{
	enum mhp_memmap_policy policy = MHP_MEMMAP_DRAM;

	if ((mhp_flags & MHP_MEMMAP_ON_MEMORY) && mhp_supports_memmap_on_memory())
		policy = MHP_MEMMAP_BLOCK;
	if (!plan_with(policy, start, size, NULL, plan))
		trace_mhp_altmap_plan(MHP_MEMMAP_DEFAULT, plan);
}

/**
 * mhp_altmap_prepare() - turn a policy into flags for the add_memory() family
 * @policy: where the memmap is to go. %MHP_MEMMAP_DEFAULT leaves that to
 *	@mhp_flags; any other policy takes the place of %MHP_MEMMAP_ON_MEMORY
 *	and does not depend on memory_hotplug.memmap_on_memory.
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, a multiple of the memory block size
 * @mhp_flags: the caller's flags; those for the memmap are replaced
 * @plan: filled in; @plan->policy is what will be done
 *
 * For callers of add_memory(), __add_memory() and add_memory_resource(): pass
 * the flags on, for the same @start and @size. Policy range needs memory that
 * can be accessed when it is added, as everything but
 * %MHP_MEMMAP_ON_MEMORY does.
 *
 * The policy is honoured or refused, never replaced. A refusal, and what auto
 * comes to, is one line in the log.
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP if the policy cannot be honoured, with
 * @plan->reason; -EINVAL for a bad range or policy.
 */
int mhp_altmap_prepare(enum mhp_memmap_policy policy, u64 start, u64 size,
		       mhp_t *mhp_flags, struct mhp_memmap_plan *plan)
{
	int ret;

	if (policy == MHP_MEMMAP_DEFAULT) {
		plan_default(start, size, *mhp_flags, plan);
		return 0;
	}

	ret = mhp_altmap_plan(policy, start, size, plan);
	mhp_altmap_report(NULL, policy, plan, ret);
	if (ret)
		return ret;

	*mhp_flags &= ~(MHP_MEMMAP_ON_MEMORY | MHP_MEMMAP_PER_BLOCK |
			MHP_MEMMAP_PER_RANGE);
	if (plan->policy == MHP_MEMMAP_BLOCK)
		*mhp_flags |= MHP_MEMMAP_PER_BLOCK;
	else if (plan->policy == MHP_MEMMAP_RANGE)
		*mhp_flags |= MHP_MEMMAP_PER_RANGE;
	return 0;
}
EXPORT_SYMBOL_GPL(mhp_altmap_prepare);

/* Why memory hotplug did not take what was planned well. */
static const char *add_failure(int ret)
{
	switch (ret) {
	case -EEXIST:
		return "overlaps with other memory";
	case -E2BIG:
		return "beyond what the machine can map";
	case -ENOMEM:
		return "out of memory";
	default:
		return "memory hotplug failed";
	}
}

/**
 * mhp_altmap_add_memory_driver_managed() - add memory with a memmap policy
 * @nid: the node, or the memory group with %MHP_NID_IS_MGID
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, a multiple of the memory block size
 * @resource_name: "System RAM ($DRIVER)"
 * @mhp_flags: as for add_memory_driver_managed()
 * @policy: as for mhp_altmap_prepare()
 * @plan: how the memory was laid out; the handle for its removal
 *
 * Context: Process context, sleeps. Takes device_hotplug_lock.
 * Return: 0, or an error of mhp_altmap_prepare() or
 * add_memory_driver_managed(), with @plan->reason and one line in the log.
 * Nothing is left behind on failure.
 */
int mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					 const char *resource_name,
					 mhp_t mhp_flags,
					 enum mhp_memmap_policy policy,
					 struct mhp_memmap_plan *plan)
{
	int ret = mhp_altmap_prepare(policy, start, size, &mhp_flags, plan);

	if (ret)
		return ret;
	/* Memory hotplug warns with a backtrace. */
	if (!(mhp_flags & MHP_NID_IS_MGID) &&
	    (nid < 0 || nid >= MAX_NUMNODES || !node_possible(nid))) {
		plan->reason = "no such node";
		mhp_altmap_report(NULL, policy, plan, -EINVAL);
		return -EINVAL;
	}
	ret = add_memory_driver_managed(nid, start, size, resource_name,
					mhp_flags);
	if (ret) {
		/* A bad range with the default policy: planning knows. */
		if (policy != MHP_MEMMAP_DEFAULT || !plan->reason)
			plan->reason = add_failure(ret);
		mhp_altmap_report(NULL, policy, plan, ret);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(mhp_altmap_add_memory_driver_managed);

/* remove_memory() stops the machine for some of what is an error here. */
static int check_plan(const struct mhp_memmap_plan *plan)
{
	u64 start = plan->start, size = plan->size;
	int ret;

	if (!size || start + size < start || !mhp_altmap_whole_blocks(&start, &size) ||
	    start != plan->start || size != plan->size) {
		pr_warn("[mem %#llx-%#llx] not removed: empty, wrapping, or not whole memory blocks\n",
			plan->start, plan->start + plan->size - 1);
		return -EINVAL;
	}

	lock_device_hotplug();
	ret = mhp_altmap_check_removal(start, size);
	unlock_device_hotplug();
	return ret;
}

/**
 * mhp_altmap_remove_memory() - remove memory that was added with a policy
 * @plan: from the call that added it
 *
 * Context: Process context, sleeps. Takes device_hotplug_lock.
 * Return: 0; -EBUSY if a memory block is not offline; -ENOENT if it is not
 * there (any more); -EINVAL if it is a part of a range with policy "range", or
 * no memory that could have been added. Nothing has changed then.
 */
int mhp_altmap_remove_memory(const struct mhp_memmap_plan *plan)
{
	return check_plan(plan) ?: remove_memory(plan->start, plan->size);
}
EXPORT_SYMBOL_GPL(mhp_altmap_remove_memory);

/**
 * mhp_altmap_offline_and_remove_memory() - the same, offline first if need be
 * @plan: from the call that added the memory
 *
 * Context: Process context, sleeps, for long. Takes device_hotplug_lock.
 * Return: as mhp_altmap_remove_memory(), or an error of
 * offline_and_remove_memory(); blocks that went offline are online again then.
 */
int mhp_altmap_offline_and_remove_memory(const struct mhp_memmap_plan *plan)
{
	return check_plan(plan) ?:
	       offline_and_remove_memory(plan->start, plan->size);
}
EXPORT_SYMBOL_GPL(mhp_altmap_offline_and_remove_memory);
