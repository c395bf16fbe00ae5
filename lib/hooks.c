// SPDX-License-Identifier: GPL-2.0
/*
 * What memory hotplug, memory blocks and hibernation call: add and remove a
 * range that holds its own memmap, and ask about it.
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

/*
 * Memory block devices exist for every block with usable memory: a block that
 * starts with head sections and goes on with usable ones has one, a block that
 * is all head has none.
 */
static u64 first_block(const struct mhp_altmap_range *range)
{
	return ALIGN_DOWN(range->plan.start + range->plan.head,
			  memory_block_size_bytes());
}

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

	blocks = first_block(range);
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

static int count_altmap(struct memory_block *mem, void *arg)
{
	u64 *nr_altmaps = arg;

	*nr_altmaps += !!mem->altmap;
	return 0;
}

/**
 * mhp_altmap_check_removal() - may this be removed in one piece?
 * @start: physical address in bytes, aligned to a memory block
 * @size: bytes, not 0, a multiple of the memory block size
 *
 * The first sections of a range hold the struct pages of all others, so it
 * goes as a whole or not at all. Memory blocks that hold their own memmap and
 * blocks that do not are taken down in different ways.
 *
 * Context: Process context. device_hotplug_lock held.
 * Return: 0 if [@start, @start + @size) is memory, and exactly one range or
 * nothing of any; -EINVAL if it is or overlaps a part of one, or if only some
 * of its blocks hold their own memmap; -ENOENT if it is no memory. One line in
 * the log says so.
 */
int mhp_altmap_check_removal(u64 start, u64 size)
{
	const u64 end = start + size - 1;
	const struct mhp_altmap_range *range;
	unsigned long pfn;
	u64 nr_altmaps = 0;

	scoped_guard(rcu)
		range = mhp_altmap_find(PHYS_PFN(start), PHYS_PFN(end));
	if (range && (range->plan.start != start || range->plan.size != size)) {
		pr_warn("[mem %#llx-%#llx] not removed: it is or overlaps a part of [mem %#llx-%#llx], which holds its own memmap and is removed as one piece\n",
			start, end, range->plan.start,
			range->plan.start + range->plan.size - 1);
		trace_mhp_altmap_refuse(MHP_MEMMAP_RANGE, start, size, -EINVAL,
					"a part of a range");
		return -EINVAL;
	}

	/* Removing what was never added would follow a memmap that is not there. */
	for (pfn = PHYS_PFN(start); pfn <= PHYS_PFN(end); pfn += PAGES_PER_SECTION) {
		if (present_section_nr(pfn_to_section_nr(pfn)))
			continue;
		pr_warn("[mem %#llx-%#llx] not removed: no memory at %#llx\n",
			start, end, (u64)PFN_PHYS(pfn));
		trace_mhp_altmap_refuse(MHP_MEMMAP_DEFAULT, start, size, -ENOENT,
					"not there");
		return -ENOENT;
	}

	walk_memory_blocks(start, size, &nr_altmaps, count_altmap);
	if (nr_altmaps && nr_altmaps != size / memory_block_size_bytes()) {
		pr_warn("[mem %#llx-%#llx] not removed: only some of its memory blocks hold their own memmap\n",
			start, end);
		trace_mhp_altmap_refuse(MHP_MEMMAP_BLOCK, start, size, -EINVAL,
					"a part has another policy");
		return -EINVAL;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_check_removal);

/**
 * mhp_altmap_remove_range() - remove a range that holds its own memmap
 * @start: physical address in bytes
 * @size: bytes; mhp_altmap_check_removal() has returned 0, and all memory
 *	blocks are offline
 *
 * Context: Process context, sleeps. device_hotplug_lock held, and
 * mem_hotplug_lock for writing.
 * Return: false if this is no such range and nothing was done; true if it has
 * been removed.
 */
bool mhp_altmap_remove_range(u64 start, u64 size)
{
	struct mhp_altmap_range *range;
	u64 blocks;

	mhp_altmap_assert_locked();
	scoped_guard(rcu)
		range = mhp_altmap_find(PHYS_PFN(start), PHYS_PFN(start));
	if (!range)
		return false;

	blocks = first_block(range);
	remove_memory_block_devices(blocks, start + size - blocks);
	mhp_unmark_vmemmap_pages(range);
	/* With the altmap, nothing reads the head's struct pages any more. */
	arch_remove_memory(start, size, mhp_altmap_get(range), NULL);
	mhp_altmap_release(range);
	return true;
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
