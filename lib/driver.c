// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers call: add memory with a policy, and remove it.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <linux/align.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/memory.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <trace/events/mhp_altmap.h>

#include "internal.h"

/* Plan what memory hotplug does by itself. */
static int plan_default(u64 start, u64 size, mhp_t mhp_flags,
			struct mhp_memmap_plan *plan)
{
	enum mhp_memmap_policy policy = MHP_MEMMAP_DRAM;
	int ret;

	if ((mhp_flags & MHP_MEMMAP_ON_MEMORY) && mhp_supports_memmap_on_memory())
		policy = MHP_MEMMAP_BLOCK;
	ret = mhp_altmap_plan(policy, start, size, plan);
	/* Memory hotplug refuses a bad range, as without this layer. */
	if (ret == -EINVAL)
		return 0;
	mhp_altmap_report(NULL, MHP_MEMMAP_DEFAULT, plan, ret);
	return ret;
}

/*
 * Plan, once, and turn the policy into flags; for policy range set up @range from
 * the plan, which memory hotplug finds there.
 */
static int prepare(enum mhp_memmap_policy policy, u64 start, u64 size,
		   mhp_t *mhp_flags, struct mhp_memmap_plan *plan,
		   struct mhp_altmap_range **range)
{
	int ret;

	*range = NULL;
	if (policy == MHP_MEMMAP_DEFAULT)
		return plan_default(start, size, *mhp_flags, plan);

	ret = mhp_altmap_plan(policy, start, size, plan);
	mhp_altmap_report(NULL, policy, plan, ret);
	if (ret)
		return ret;

	*mhp_flags &= ~MHP_MEMMAP_ON_MEMORY;
	if (plan->policy == MHP_MEMMAP_BLOCK)
		*mhp_flags |= MHP_MEMMAP_PER_BLOCK;
	if (plan->policy != MHP_MEMMAP_RANGE)
		return 0;

	*mhp_flags |= MHP_MEMMAP_PER_RANGE;
	*range = mhp_altmap_setup(plan);
	return PTR_ERR_OR_ZERO(*range);
}

/* Describe an add that failed after a successful plan. */
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

/* Memory hotplug has refused the memory: undo prepare(), and log the reason. */
static void not_added(enum mhp_memmap_policy policy, struct mhp_memmap_plan *plan,
		      struct mhp_altmap_range *range, const char *reason, int ret)
{
	if (range)
		mhp_altmap_release(range);
	/* With the default policy, only planning has a reason for a bad range. */
	if (policy != MHP_MEMMAP_DEFAULT || !plan->reason)
		plan->reason = reason;
	mhp_altmap_report(NULL, policy, plan, ret);
}

/**
 * __mhp_altmap_add_memory_driver_managed() - add memory with a memmap policy
 * @nid: the node, or the memory group with %MHP_NID_IS_MGID
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, a multiple of the memory block size
 * @resource_name: "System RAM ($DRIVER)"
 * @mhp_flags: as for add_memory_driver_managed()
 * @online_type: as for __add_memory_driver_managed(); auto_online_blocks decides
 *	on kernels without it
 * @policy: where the memmap is to go. %MHP_MEMMAP_DEFAULT leaves that to
 *	@mhp_flags; any other policy takes the place of %MHP_MEMMAP_ON_MEMORY
 *	and does not depend on memory_hotplug.memmap_on_memory
 * @plan: filled in: how the memory was laid out; the handle for its removal
 *
 * The policy is honoured or refused, never replaced. A refusal, and the policy
 * that auto chose, is one line in the log. Policy range needs memory that can
 * be accessed when it is added, as everything but %MHP_MEMMAP_ON_MEMORY does.
 *
 * Context: Process context, sleeps. Takes device_hotplug_lock.
 * Return: 0; -EOPNOTSUPP if the policy cannot be honoured; -EINVAL for a bad
 * range, node or policy; or an error of add_memory_driver_managed(). On failure
 * nothing is left behind, and @plan->reason says why.
 */
int __mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					   const char *resource_name,
					   mhp_t mhp_flags, int online_type,
					   enum mhp_memmap_policy policy,
					   struct mhp_memmap_plan *plan)
{
	struct mhp_altmap_range *range;
	int ret;

	ret = prepare(policy, start, size, &mhp_flags, plan, &range);
	if (ret)
		return ret;
	/* Memory hotplug warns with a backtrace. */
	if (!(mhp_flags & MHP_NID_IS_MGID) &&
	    (nid < 0 || nid >= MAX_NUMNODES || !node_possible(nid))) {
		plan->reason = NULL;
		not_added(policy, plan, range, "no such node", -EINVAL);
		return -EINVAL;
	}
	ret = __add_memory_driver_managed(nid, start, size, resource_name,
					  mhp_flags, online_type);
	if (ret)
		not_added(policy, plan, range, add_failure(ret), ret);
	return ret;
}
EXPORT_SYMBOL_GPL(__mhp_altmap_add_memory_driver_managed);

/**
 * mhp_altmap_add_memory_driver_managed() - add memory with a memmap policy
 * @nid: the node, or the memory group with %MHP_NID_IS_MGID
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, a multiple of the memory block size
 * @resource_name: "System RAM ($DRIVER)"
 * @mhp_flags: as for add_memory_driver_managed()
 * @policy: as for __mhp_altmap_add_memory_driver_managed()
 * @plan: as for __mhp_altmap_add_memory_driver_managed()
 *
 * auto_online_blocks decides whether the memory goes online.
 *
 * Context: Process context, sleeps. Takes device_hotplug_lock.
 * Return: as __mhp_altmap_add_memory_driver_managed().
 */
int mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					 const char *resource_name,
					 mhp_t mhp_flags,
					 enum mhp_memmap_policy policy,
					 struct mhp_memmap_plan *plan)
{
	return __mhp_altmap_add_memory_driver_managed(nid, start, size,
						      resource_name, mhp_flags,
						      mhp_get_default_online_type(),
						      policy, plan);
}
EXPORT_SYMBOL_GPL(mhp_altmap_add_memory_driver_managed);

/**
 * mhp_altmap_add_memory() - add firmware-described memory with a memmap policy
 * @nid: the node, or the memory group with %MHP_NID_IS_MGID
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, a multiple of the memory block size
 * @mhp_flags: as for __add_memory()
 * @policy: as for __mhp_altmap_add_memory_driver_managed()
 * @plan: as for __mhp_altmap_add_memory_driver_managed()
 *
 * Context: Process context, sleeps. device_hotplug_lock held.
 * Return: as __mhp_altmap_add_memory_driver_managed(), or an error of
 * __add_memory().
 */
int mhp_altmap_add_memory(int nid, u64 start, u64 size, mhp_t mhp_flags,
			  enum mhp_memmap_policy policy,
			  struct mhp_memmap_plan *plan)
{
	struct mhp_altmap_range *range;
	int ret;

	ret = prepare(policy, start, size, &mhp_flags, plan, &range);
	if (ret)
		return ret;
	ret = __add_memory(nid, start, size, mhp_flags);
	if (ret)
		not_added(policy, plan, range, add_failure(ret), ret);
	return ret;
}

/* remove_memory() has a BUG_ON() for what is an error here. */
static int check_plan(const struct mhp_memmap_plan *plan)
{
	u64 start = plan->start, size = plan->size;

	if (mhp_memmap_whole_blocks(memory_block_size_bytes(), &start, &size) &&
	    start == plan->start && size == plan->size)
		return 0;
	pr_warn("[mem %#llx-%#llx] not removed: empty, wrapping, or not whole memory blocks\n",
		plan->start, plan->start + plan->size - 1);
	return -EINVAL;
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
