// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a hot-added range that holds its own memmap: set-up, mark, unmark,
 * release, and the registry of all ranges.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <linux/device.h>
#include <linux/export.h>
#include <linux/kasan.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/page-flags.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define CREATE_TRACE_POINTS
#include <trace/events/mhp_altmap.h>

#include "internal.h"

/*
 * All ranges, by address. There are few: one for each range of a device that is
 * system RAM. ranges_lock protects changes; readers use RCU, so that a removal
 * needs no memory.
 */
LIST_HEAD(mhp_altmap_ranges);
static DEFINE_SPINLOCK(ranges_lock);

/**
 * mhp_altmap_find() - find the first range in a piece of memory
 * @start_pfn: first pfn
 * @end_pfn: last pfn, inclusive
 *
 * Only ranges whose memmap is there count: one that is being set up may be a
 * mistake, over other memory.
 *
 * Context: RCU read lock. With device_hotplug_lock held, too, the range stays
 * when the RCU read lock is dropped: it can only be removed under that lock.
 * Return: the range, or NULL.
 */
struct mhp_altmap_range *mhp_altmap_find(unsigned long start_pfn,
					 unsigned long end_pfn)
{
	struct mhp_altmap_range *range;

	list_for_each_entry_rcu(range, &mhp_altmap_ranges, node)
		if (start_pfn <= range->altmap.end_pfn &&
		    end_pfn >= range->altmap.base_pfn &&
		    READ_ONCE(range->marked))
			return range;
	return NULL;
}

/**
 * mhp_altmap_find_set_up() - find a range by its address, whatever its state
 * @start: physical address in bytes
 *
 * Context: The caller has set it up, and keeps it from being released.
 * Return: the range that starts at @start, or NULL.
 */
struct mhp_altmap_range *mhp_altmap_find_set_up(u64 start)
{
	struct mhp_altmap_range *range;

	guard(rcu)();
	list_for_each_entry_rcu(range, &mhp_altmap_ranges, node)
		if (range->plan.start == start)
			return range;
	return NULL;
}
EXPORT_SYMBOL_FOR_TESTS(mhp_altmap_find_set_up);

/**
 * mhp_altmap_first_of_zone() - find a range whose head is in a zone
 * @zone: the zone
 *
 * Context: RCU read lock, or mem_hotplug_lock.
 * Return: the first such range, or NULL.
 */
struct mhp_altmap_range *mhp_altmap_first_of_zone(const struct zone *zone)
{
	struct mhp_altmap_range *range;

	list_for_each_entry_rcu(range, &mhp_altmap_ranges, node, true)
		if (READ_ONCE(range->marked) && range->zone == zone)
			return range;
	return NULL;
}

/* Keep the list in order of address. */
static int add_to_registry(struct mhp_altmap_range *range)
{
	struct list_head *before = &mhp_altmap_ranges;
	struct mhp_altmap_range *other;
	int ret = 0;

	spin_lock(&ranges_lock);
	list_for_each_entry(other, &mhp_altmap_ranges, node) {
		if (other->altmap.base_pfn > range->altmap.end_pfn) {
			before = &other->node;
			break;
		}
		if (other->altmap.end_pfn >= range->altmap.base_pfn) {
			ret = -EEXIST;
			break;
		}
	}
	if (!ret)
		list_add_tail_rcu(&range->node, before);
	spin_unlock(&ranges_lock);
	return ret;
}

/**
 * mhp_altmap_setup() - reserve the head of a range for its own memmap
 * @plan: from mhp_altmap_plan() for policy range; @plan->reason is set on
 *	failure
 *
 * Lays out and registers the range. Touches none of its memory, which need not
 * be mapped yet.
 *
 * The idea of an altmap for hot-added memory is Oscar Salvador's
 * (memory_hotplug.memmap_on_memory); that of one for a whole range was
 * discussed with the v3 of his series.
 *
 * Context: Process context, sleeps. Any locks.
 * Return: the range; else ERR_PTR of -EINVAL (the plan is for another policy,
 * or failed), -EEXIST (overlaps with another range) or -ENOMEM, with one line
 * in the log.
 */
struct mhp_altmap_range *mhp_altmap_setup(struct mhp_memmap_plan *plan)
{
	struct mhp_altmap_range *range;
	int ret = -EINVAL;

	if (plan->policy != MHP_MEMMAP_RANGE || plan->reason || !plan->head) {
		plan->reason = plan->reason ?: "not a plan for policy range";
		goto err;
	}

	/* Members of struct vmem_altmap are const: build it, then copy it. */
	range = kmemdup(&(struct mhp_altmap_range) {
				.altmap = {
					.base_pfn = PHYS_PFN(plan->start),
					/* inclusive */
					.end_pfn = PHYS_PFN(plan->start + plan->size) - 1,
					.free = PHYS_PFN(plan->head),
				},
				.plan = *plan,
				.nid = NUMA_NO_NODE,
			}, sizeof(*range), GFP_KERNEL);
	if (!range) {
		plan->reason = "out of memory";
		ret = -ENOMEM;
		goto err;
	}

	ret = add_to_registry(range);
	if (ret) {
		plan->reason = "overlaps with another range";
		kfree(range);
		goto err;
	}
	trace_mhp_altmap_setup(NUMA_NO_NODE, plan, 0);
	return range;

err:
	trace_mhp_altmap_setup(NUMA_NO_NODE, plan, ret);
	mhp_altmap_report(NULL, MHP_MEMMAP_RANGE, plan, ret);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_FOR_TESTS(mhp_altmap_setup);

/**
 * mhp_altmap_get() - the altmap of a range
 * @range: from mhp_altmap_setup()
 *
 * Context: Any.
 * Return: what goes into mhp_params.altmap for arch_add_memory(), and to
 * arch_remove_memory(). It belongs to @range.
 */
struct vmem_altmap *mhp_altmap_get(struct mhp_altmap_range *range)
{
	return &range->altmap;
}
EXPORT_SYMBOL_FOR_TESTS(mhp_altmap_get);

/* Compares the pointer and does not follow it: the caller may be wrong. */
static bool is_registered(const struct mhp_altmap_range *range)
{
	const struct mhp_altmap_range *known;

	guard(rcu)();
	list_for_each_entry_rcu(known, &mhp_altmap_ranges, node)
		if (known == range)
			return true;
	return false;
}

/* Is @range registered, and did the caller do what has to come before? */
static int check_step(const struct mhp_altmap_range *range, bool added,
		      bool marked, const char *step)
{
	if (!is_registered(range)) {
		pr_warn("%s: no such range\n", step);
		return -ENOENT;
	}
	if (range->marked == marked &&
	    range->altmap.alloc == (added ? PHYS_PFN(range->plan.memmap) : 0))
		return 0;
	pr_warn("[mem %#llx-%#llx]: %s out of order: %s memmap, head %smarked\n",
		range->plan.start, range->plan.start + range->plan.size - 1,
		step, range->altmap.alloc ? "has its" : "no",
		range->marked ? "" : "not ");
	return -EINVAL;
}

/*
 * A zone spans what is between its own memory and the head of a range, or between two
 * heads. Somebody else's memory there is no reason to put more into that zone.
 */
static void remember_zone(struct mhp_altmap_range *range, struct zone *zone)
{
	const struct mhp_altmap_range *other = mhp_altmap_first_of_zone(zone);

	range->zone = zone;
	range->zone_start_pfn = other ? other->zone_start_pfn : zone->zone_start_pfn;
	range->zone_end_pfn = other ? other->zone_end_pfn : zone_end_pfn(zone);
}

/**
 * mhp_mark_vmemmap_pages() - give the head of a range to its zone, for good
 * @range: a range whose sections arch_add_memory() has added with its altmap
 * @nid: the node that they were added to
 *
 * Initialises the struct pages of the head: in the default kernel zone of the
 * node, MIGRATE_UNMOVABLE, self-hosted and reserved, with the sections online.
 * They stay so until mhp_unmark_vmemmap_pages(), whatever the memory blocks of
 * the range do. The zone spans the head, but does not count it: a node with
 * nothing else online stays without memory.
 *
 * Context: Process context, sleeps. mem_hotplug_lock held for writing, which
 * modules cannot take.
 * Return: 0; else, with nothing marked, -ENOMEM (KASAN shadow), -EINVAL if
 * there is no memmap to mark or it has been marked, -ENOENT if there is no such
 * range.
 */
int mhp_mark_vmemmap_pages(struct mhp_altmap_range *range, int nid)
{
	unsigned long start_pfn, nr_pages, i;
	struct zone *zone;
	int ret;

	mhp_altmap_assert_locked();
	ret = check_step(range, true, false, "mark");
	if (ret)
		return ret;

	start_pfn = range_start_pfn(range);
	nr_pages = range_usable_pfn(range) - start_pfn;
	ret = kasan_add_zero_shadow(__va(range->plan.start), range->plan.head);
	if (ret)
		goto out;

	zone = zone_for_pfn_range(MMOP_ONLINE_KERNEL, nid, NULL, start_pfn,
				  nr_pages);
	remember_zone(range, zone);
	move_pfn_range_to_zone(zone, start_pfn, nr_pages, NULL,
			       MIGRATE_UNMOVABLE, false);
	for (i = 0; i < nr_pages; i++) {
		struct page *page = pfn_to_page(start_pfn + i);

		__ClearPageOffline(page);
		SetPageVmemmapSelfHosted(page);
		/*
		 * Without it, unpoison_memory() would drop the only reference
		 * and give a page full of struct pages to the buddy.
		 */
		__SetPageReserved(page);
		if (!(i % PAGES_PER_SECTION))
			cond_resched();
	}
	/* From here on, pfn_to_online_page() finds them. */
	online_mem_sections(start_pfn, start_pfn + nr_pages);
	range->nid = nid;
	WRITE_ONCE(range->marked, true);
	/* Not in a struct page, but in what is rounded up behind them. */
	mhp_altmap_online_hwpoison(start_pfn, nr_pages);
out:
	trace_mhp_altmap_mark(nid, &range->plan, ret);
	return ret;
}
EXPORT_SYMBOL_FOR_TESTS(mhp_mark_vmemmap_pages);

/**
 * mhp_unmark_vmemmap_pages() - take the head of a range out of its zone again
 * @range: a range marked by mhp_mark_vmemmap_pages(), without memory blocks
 *
 * From here on no pfn of the range is online; arch_remove_memory() may follow,
 * or mhp_mark_vmemmap_pages() again.
 *
 * Context: Process context, sleeps. mem_hotplug_lock held for writing.
 * Return: 0, -EINVAL if it has not been marked, -ENOENT if there is no such
 * range.
 */
int mhp_unmark_vmemmap_pages(struct mhp_altmap_range *range)
{
	unsigned long start_pfn;
	int ret;

	mhp_altmap_assert_locked();
	ret = check_step(range, true, true, "unmark");
	if (ret)
		return ret;

	start_pfn = range_start_pfn(range);
	mhp_deinit_memmap_on_memory(start_pfn,
				    range_usable_pfn(range) - start_pfn);
	/* Who found one of its pages online may still look at it. */
	synchronize_rcu_expedited();
	WRITE_ONCE(range->marked, false);
	num_poisoned_pages_sub(-1UL, atomic_long_xchg(&range->nr_hwpoison, 0));
	trace_mhp_altmap_unmark(range->nid, &range->plan, 0);
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(mhp_unmark_vmemmap_pages);

/**
 * mhp_altmap_release() - forget a range
 * @range: from mhp_altmap_setup(), its sections removed or never added
 *
 * Needs no memory.
 *
 * Context: Process context. Any locks.
 * Return: 0, -EINVAL if its memmap is still there, -ENOENT if there is no such
 * range.
 */
int mhp_altmap_release(struct mhp_altmap_range *range)
{
	int ret = check_step(range, false, false, "release");

	if (ret)
		return ret;

	trace_mhp_altmap_release(range->nid, &range->plan, 0);
	scoped_guard(spinlock, &ranges_lock)
		list_del_rcu(&range->node);
	kfree_rcu(range, rcu);
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(mhp_altmap_release);

#if IS_ENABLED(CONFIG_MHP_ALTMAP_KUNIT_TEST) || IS_ENABLED(CONFIG_MHP_ALTMAP_CALLS)
/* A module cannot take mem_hotplug_lock; those that test the steps can. */
void mhp_altmap_test_lock(void)
{
	lock_device_hotplug();
	mem_hotplug_begin();
}
EXPORT_SYMBOL_GPL(mhp_altmap_test_lock);

void mhp_altmap_test_unlock(void)
{
	mem_hotplug_done();
	unlock_device_hotplug();
}
EXPORT_SYMBOL_GPL(mhp_altmap_test_unlock);
#endif
