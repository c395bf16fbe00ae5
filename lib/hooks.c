// SPDX-License-Identifier: GPL-2.0
/*
 * What memory hotplug, memory blocks, hwpoison and hibernation call: add and
 * remove a range that holds its own memmap, ask about it, count poison in it.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <kunit/visibility.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <trace/events/mhp_altmap.h>

#include "internal.h"

/**
 * mhp_altmap_add_range() - add a range that holds its own memmap
 * @nid: a node that is set up
 * @group: memory group for the memory blocks, or NULL
 * @start: physical address of the range in bytes
 * @size: bytes in the range; mhp_altmap_setup() has been called for exactly this
 *
 * Context: Process context, sleeps. device_hotplug_lock held, and
 * mem_hotplug_lock for writing.
 * Return: 0, or what arch_add_memory(), mhp_mark_vmemmap_pages() and
 * create_memory_block_devices() return, with the range as it was set up; -EINVAL
 * if there is no such range.
 */
int mhp_altmap_add_range(int nid, struct memory_group *group, u64 start, u64 size)
{
	struct mhp_params params = { .pgprot = pgprot_mhp(PAGE_KERNEL) };
	struct mhp_altmap_range *range;
	u64 blocks;
	int ret;

	mhp_altmap_assert_locked();
	range = mhp_altmap_find_set_up(start);
	if (!range || range->plan.size != size)
		return -EINVAL;

	params.altmap = mhp_altmap_get(range);
	ret = arch_add_memory(nid, start, size, &params);
	if (ret < 0)
		return ret;

	ret = mhp_mark_vmemmap_pages(range, nid);
	if (ret)
		goto err_mark;

	blocks = range_first_block(range);
	ret = create_memory_block_devices(blocks, start + size - blocks, nid,
					  NULL, group);
	if (ret)
		goto err_blocks;
	return 0;

err_blocks:
	mhp_unmark_vmemmap_pages(range);
err_mark:
	arch_remove_memory(start, size, params.altmap, NULL);
	return ret;
}

/**
 * mhp_altmap_can_remove() - may this be removed in one call?
 * @start: physical address in bytes
 * @size: bytes, not 0
 *
 * The first sections of a range hold the struct pages of all others, so it
 * goes as a whole or not at all.
 *
 * Context: Process context. device_hotplug_lock held.
 * Return: true if [@start, @start + @size) is exactly one range or nothing of
 * any; else false, with one line in the log.
 */
bool mhp_altmap_can_remove(u64 start, u64 size)
{
	const u64 end = start + size - 1;
	const struct mhp_altmap_range *range;

	scoped_guard(rcu)
		range = mhp_altmap_find(PHYS_PFN(start), PHYS_PFN(end));
	if (!range || (range->plan.start == start && range->plan.size == size))
		return true;

	pr_warn("[mem %#llx-%#llx] not removed: it is or overlaps a part of [mem %#llx-%#llx], which holds its own memmap and is removed as one piece\n",
		start, end, range->plan.start,
		range->plan.start + range->plan.size - 1);
	trace_mhp_altmap_refuse(MHP_MEMMAP_RANGE, start, size, -EINVAL,
				"a part of a range");
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_can_remove);

static struct mhp_altmap_range *range_at(u64 start)
{
	guard(rcu)();
	return mhp_altmap_find(PHYS_PFN(start), PHYS_PFN(start));
}

/**
 * mhp_altmap_is_range() - does this memory hold its own memmap, as a range?
 * @start: physical address in bytes
 *
 * Context: device_hotplug_lock held, for the answer to stay true.
 * Return: true if so.
 */
bool mhp_altmap_is_range(u64 start)
{
	return range_at(start);
}

/**
 * mhp_altmap_frees_memmap() - is the memmap of a section freed with its range?
 * @altmap: of a section that is removed, or NULL
 *
 * Context: mem_hotplug_lock held for writing.
 * Return: true if the section leaves that to mhp_altmap_remove_range().
 */
bool mhp_altmap_frees_memmap(const struct vmem_altmap *altmap)
{
	const struct mhp_altmap_range *range;

	if (!altmap)
		return false;
	guard(rcu)();
	list_for_each_entry_rcu(range, &mhp_altmap_ranges, node)
		if (&range->altmap == altmap)
			return range->removing;
	return false;
}

/**
 * mhp_altmap_remove_range() - remove a range that holds its own memmap
 * @start: physical address of the range in bytes; mhp_altmap_can_remove() has
 *	returned true for it, and all of its memory blocks are offline
 *
 * Context: Process context, sleeps. device_hotplug_lock held, and
 * mem_hotplug_lock for writing.
 */
void mhp_altmap_remove_range(u64 start)
{
	struct mhp_altmap_range *range = range_at(start);
	struct page *memmap = pfn_to_page(PHYS_PFN(start));
	u64 blocks, size;

	mhp_altmap_assert_locked();
	blocks = range_first_block(range);
	size = range->plan.size;
	remove_memory_block_devices(blocks, start + size - blocks);
	mhp_unmark_vmemmap_pages(range);
	/* With the altmap, nothing reads the head's struct pages any more. */
	range->removing = true;
	arch_remove_memory(start, size, mhp_altmap_get(range), NULL);
	/* At once: each call flushes the TLBs of all processors. */
	vmemmap_free((unsigned long)memmap,
		     (unsigned long)(memmap + PHYS_PFN(size)),
		     mhp_altmap_get(range));
	mhp_altmap_release(range);
}

/**
 * mhp_altmap_block_usable() - narrow a memory block to its usable pages
 * @start_pfn: first pfn of the block; moved behind the head sections, if any
 * @nr_pages: pages in the block; reduced by as much
 *
 * The one accessor for onlining, offlining and choosing a zone. Blocks of
 * other memory, policy "block" included, are left as they are.
 *
 * Context: Any.
 */
void mhp_altmap_block_usable(unsigned long *start_pfn, unsigned long *nr_pages)
{
	const struct mhp_altmap_range *range;
	unsigned long skip = 0;

	rcu_read_lock();
	range = mhp_altmap_find(*start_pfn, *start_pfn);
	if (range && range_head_contains(range, *start_pfn))
		skip = min(range_usable_pfn(range) - *start_pfn, *nr_pages);
	rcu_read_unlock();

	*start_pfn += skip;
	*nr_pages -= skip;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_block_usable);

/**
 * mhp_altmap_removal_span() - widen a piece of memory to the range it is in
 * @start_pfn: first pfn of the piece; moved to the start of the range, if any
 * @nr_pages: pages in the piece; all pages of the range then
 *
 * For an architecture that lets memory go offline only if it can be unmapped
 * without splitting page table entries: a range is unmapped as a whole.
 *
 * Context: Any.
 */
void mhp_altmap_removal_span(unsigned long *start_pfn, unsigned long *nr_pages)
{
	const struct mhp_altmap_range *range;

	guard(rcu)();
	range = mhp_altmap_find(*start_pfn, *start_pfn);
	if (!range)
		return;
	*start_pfn = range_start_pfn(range);
	*nr_pages = PHYS_PFN(range->plan.size);
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_removal_span);

/**
 * mhp_altmap_zone_intersects() - is some memory where a zone has memory?
 * @zone: the zone
 * @start_pfn: first pfn of the memory
 * @nr_pages: pages in it
 *
 * As zone_intersects(), apart from what the zone spans only because of the heads
 * of ranges. Where memory of the zone has gone offline since the first of these
 * heads was marked, the answer is as before.
 *
 * Context: Any.
 * Return: true if so.
 */
bool mhp_altmap_zone_intersects(struct zone *zone, unsigned long start_pfn,
				unsigned long nr_pages)
{
	const struct mhp_altmap_range *range;

	guard(rcu)();
	range = mhp_altmap_first_of_zone(zone);
	if (!range)
		return zone_intersects(zone, start_pfn, nr_pages);
	return populated_zone(zone) &&
	       start_pfn < READ_ONCE(range->zone_end_pfn) &&
	       start_pfn + nr_pages > READ_ONCE(range->zone_start_pfn);
}

/**
 * mhp_altmap_online_pages() - see memory go online
 * @start_pfn: first pfn of the memory
 * @nr_pages: pages in it
 *
 * Takes poisoned frames out of use, and remembers what a zone has beside the
 * heads of ranges.
 *
 * Context: Process context, mem_hotplug_lock held for writing. The pages are in
 * the buddy, and their pageblocks isolated: nobody can allocate them yet.
 */
void mhp_altmap_online_pages(unsigned long start_pfn, unsigned long nr_pages)
{
	const struct zone *zone = page_zone(pfn_to_page(start_pfn));
	const unsigned long end_pfn = start_pfn + nr_pages;
	struct mhp_altmap_range *range;

	mhp_altmap_online_hwpoison(start_pfn, nr_pages);
	guard(rcu)();
	list_for_each_entry_rcu(range, &mhp_altmap_ranges, node) {
		const bool first = range->zone_start_pfn == range->zone_end_pfn;

		if (!range->marked || range->zone != zone)
			continue;
		if (first || start_pfn < range->zone_start_pfn)
			WRITE_ONCE(range->zone_start_pfn, start_pfn);
		if (first || end_pfn > range->zone_end_pfn)
			WRITE_ONCE(range->zone_end_pfn, end_pfn);
	}
}

/**
 * mhp_altmap_active() - does any range hold its own memmap?
 *
 * Hibernation asks: the head is in no zone's present pages, so an image would
 * lack the memmap of memory that it does contain.
 *
 * Context: Any.
 * Return: true while there is a range.
 */
bool mhp_altmap_active(void)
{
	guard(rcu)();
	return mhp_altmap_find(0, ULONG_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_active);

#ifdef CONFIG_MEMORY_FAILURE
/**
 * mhp_altmap_account_hwpoison() - remember poison, and count it in a head
 * @pfn: page that became poisoned, or is no longer
 * @nr: pages to add to the count, negative to subtract
 *
 * Context: Any.
 * Return: true if @pfn is in the head of a range and has been counted; else
 * its memory block, if any, is to count it.
 */
bool mhp_altmap_account_hwpoison(unsigned long pfn, long nr)
{
	struct mhp_altmap_range *range;

	/* Not forgotten with the count: that goes down for other reasons, too. */
	if (nr > 0)
		mhp_altmap_remember(pfn);

	guard(rcu)();
	range = mhp_altmap_find(pfn, pfn);
	if (!range || !range_head_contains(range, pfn))
		return false;
	atomic_long_add(nr, &range->nr_hwpoison);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_account_hwpoison);
#endif
