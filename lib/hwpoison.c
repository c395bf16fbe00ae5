// SPDX-License-Identifier: GPL-2.0
/*
 * Poisoned page frames of hot-added memory.
 *
 * Memory blocks count the poison in them and give it back when they are removed.
 * The head of a range belongs to no block, or to one whose usable part has
 * nothing to do with it, so the range counts for it.
 *
 * PG_hwpoison goes with the memmap; the bad frame stays. The owner of the memory
 * (a DAX region, a CXL region, an ACPI device) remembers its bad frames for as
 * long as it exists: whatever policy its memory is added with next, no memmap
 * lies on such a frame, and the frame is out of use before anybody can allocate
 * it. A memory block that had such a frame online goes online again only after
 * its memory was removed and added, as in any memory: -EHWPOISON.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "../internal.h"
#include "internal.h"

/**
 * struct mhp_altmap_area - physical memory of an owner
 * @node: in the list of all areas
 * @next: of the same owner
 * @start_pfn: first pfn
 * @end_pfn: last pfn, inclusive
 * @frames: pfns that are poisoned; empty in nearly all machines
 * @rcu: readers use RCU
 */
struct mhp_altmap_area {
	struct list_head node;
	struct mhp_altmap_area *next;
	unsigned long start_pfn;
	unsigned long end_pfn;
	struct xarray frames;
	struct rcu_head rcu;
};

/* areas_lock protects changes of the list. */
static LIST_HEAD(areas);
static DEFINE_SPINLOCK(areas_lock);

/**
 * mhp_altmap_own() - remember poison in some memory of a device
 * @owner: of the memory; zeroed before the first call
 * @start: physical address in bytes, page-aligned
 * @size: bytes, page-aligned, not 0
 *
 * Memory may have several owners, as that of a CXL region's DAX region has; each
 * remembers what is poisoned while it exists. Memory that the owner has already
 * is left as it is.
 *
 * Context: Process context, sleeps. The caller serializes calls for @owner.
 * Return: 0 or -ENOMEM.
 */
int mhp_altmap_own(struct mhp_altmap_owner *owner, u64 start, u64 size)
{
	const unsigned long start_pfn = PHYS_PFN(start);
	const unsigned long end_pfn = PHYS_PFN(start + size - 1);
	struct mhp_altmap_area *area;

	if (mhp_altmap_owns(owner, start, size))
		return 0;

	area = kzalloc_obj(*area);
	if (!area)
		return -ENOMEM;
	area->start_pfn = start_pfn;
	area->end_pfn = end_pfn;
	xa_init(&area->frames);
	area->next = owner->areas;
	owner->areas = area;
	scoped_guard(spinlock, &areas_lock)
		list_add_rcu(&area->node, &areas);
	return 0;
}
EXPORT_SYMBOL_GPL(mhp_altmap_own);

/**
 * mhp_altmap_owns() - has mhp_altmap_own() been called for just this memory?
 * @owner: the owner
 * @start: physical address in bytes
 * @size: bytes
 *
 * Context: As mhp_altmap_own().
 * Return: true if so.
 */
bool mhp_altmap_owns(const struct mhp_altmap_owner *owner, u64 start, u64 size)
{
	const struct mhp_altmap_area *area;

	for (area = owner->areas; area; area = area->next)
		if (area->start_pfn == PHYS_PFN(start) &&
		    area->end_pfn == PHYS_PFN(start + size - 1))
			return true;
	return false;
}
EXPORT_SYMBOL_GPL(mhp_altmap_owns);

/**
 * mhp_altmap_disown() - forget all memory of an owner, and its poison
 * @owner: the owner; as zeroed afterwards
 *
 * For the end of a device, and for a device whose addresses mean other memory
 * from now on.
 *
 * Context: Process context, sleeps. As mhp_altmap_own().
 */
void mhp_altmap_disown(struct mhp_altmap_owner *owner)
{
	struct mhp_altmap_area *area, *next;

	for (area = owner->areas; area; area = next) {
		next = area->next;
		scoped_guard(spinlock, &areas_lock)
			list_del_rcu(&area->node);
		synchronize_rcu();
		xa_destroy(&area->frames);
		kfree(area);
	}
	owner->areas = NULL;
}
EXPORT_SYMBOL_GPL(mhp_altmap_disown);

/**
 * mhp_altmap_remember() - remember a poisoned frame
 * @pfn: the frame
 *
 * In all areas that have it.
 *
 * Context: Any. Hugetlb counts poison with its irq-safe lock held, which is also
 * taken in softirqs.
 */
void mhp_altmap_remember(unsigned long pfn)
{
	struct mhp_altmap_area *area;
	unsigned long flags;
	void *old;

	guard(rcu)();
	list_for_each_entry_rcu(area, &areas, node) {
		if (pfn < area->start_pfn || pfn > area->end_pfn)
			continue;
		xa_lock_irqsave(&area->frames, flags);
		old = __xa_store(&area->frames, pfn, xa_mk_value(0), GFP_ATOMIC);
		xa_unlock_irqrestore(&area->frames, flags);
		if (xa_err(old))
			pr_warn("pfn %#lx is poisoned, and may be used again after its memory was removed\n",
				pfn);
	}
}

/* The first frame in [@pfn, @end_pfn] that an owner remembers; ULONG_MAX: none. */
static unsigned long next_poisoned(unsigned long pfn, unsigned long end_pfn)
{
	unsigned long first = ULONG_MAX;
	struct mhp_altmap_area *area;

	guard(rcu)();
	list_for_each_entry_rcu(area, &areas, node) {
		unsigned long index = pfn;

		if (xa_find(&area->frames, &index, end_pfn, XA_PRESENT))
			first = min(first, index);
	}
	return first;
}

/* Does a frame of a range hold struct pages, if the plan is carried out? */
static bool is_memmap(const struct mhp_memmap_geometry *geo,
		      const struct mhp_memmap_plan *plan, u64 frame)
{
	const u64 block = ALIGN_DOWN(frame, geo->block_size);

	if (plan->policy == MHP_MEMMAP_RANGE)
		return frame - plan->start < plan->memmap;
	return frame - block < mhp_memmap_block_head(geo, plan, block);
}

/**
 * mhp_altmap_memmap_poisoned() - would a memmap lie on a poisoned frame?
 * @geo: this machine
 * @plan: of a range; tells which frames its memmap would use
 *
 * Context: Any.
 * Return: true if an owner of the memory remembers poison in one of them.
 */
bool mhp_altmap_memmap_poisoned(const struct mhp_memmap_geometry *geo,
				const struct mhp_memmap_plan *plan)
{
	const unsigned long end_pfn = PHYS_PFN(plan->start + plan->size - 1);
	unsigned long pfn = PHYS_PFN(plan->start) - 1;

	while (pfn != end_pfn) {
		pfn = next_poisoned(pfn + 1, end_pfn);
		if (pfn == ULONG_MAX)
			break;
		if (is_memmap(geo, plan, PFN_PHYS(pfn)))
			return true;
	}
	return false;
}

/**
 * mhp_altmap_online_hwpoison() - take remembered frames out of use
 * @start_pfn: first pfn of memory that is going online
 * @nr_pages: pages in it
 *
 * As memory_failure() does it with a free page.
 *
 * Context: Process context. The pages are in the buddy, and their pageblocks
 * isolated: nobody can allocate them yet; or they are the head of a range.
 */
void mhp_altmap_online_hwpoison(unsigned long start_pfn, unsigned long nr_pages)
{
	const unsigned long end_pfn = start_pfn + nr_pages - 1;
	unsigned long pfn = start_pfn - 1;

	while (pfn != end_pfn) {
		struct page *page;

		pfn = next_poisoned(pfn + 1, end_pfn);
		if (pfn == ULONG_MAX)
			break;
		page = pfn_to_page(pfn);
		if (TestSetPageHWPoison(page))
			continue;
		if (take_page_off_buddy(page))
			page_ref_inc(page);
		num_poisoned_pages_inc(pfn);
		pr_info("pfn %#lx was poisoned before, and is not used\n", pfn);
	}
}
