// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a hot-added range that holds its own memmap: set-up, mark, unmark,
 * release, and the registry that the rest of mm asks.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#define CREATE_TRACE_POINTS
#include <trace/events/mhp_altmap.h>

#include "internal.h"

struct maple_tree mhp_altmap_ranges =
	MTREE_INIT(mhp_altmap_ranges, MT_FLAGS_USE_RCU);
#if IS_ENABLED(CONFIG_MHP_ALTMAP_CALLS)
EXPORT_SYMBOL_GPL(mhp_altmap_ranges);
#endif

/**
 * mhp_altmap_setup() - reserve the head of a range for its own memmap
 * @nid: the node that the range will be added to
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 *
 * Validates the range, lays it out and registers it. Touches none of its
 * memory, which need not be mapped yet.
 *
 * The idea of an altmap for hot-added memory is Oscar Salvador's
 * (memory_hotplug.memmap_on_memory); that of one for a whole range was
 * discussed with the v3 of his series.
 *
 * Context: Process context, sleeps. device_hotplug_lock held.
 * Return: the range; else ERR_PTR of -EINVAL (empty, unaligned or wrapping),
 * -EOPNOTSUPP (policy "range" cannot be honoured here), -EEXIST (overlaps with
 * another range) or -ENOMEM, with one line in the log.
 */
struct mhp_altmap_range *mhp_altmap_setup(int nid, u64 start, u64 size)
{
	struct mhp_altmap_range *range;
	struct mhp_memmap_plan plan;
	int ret;

	ret = mhp_altmap_plan(MHP_MEMMAP_RANGE, start, size, &plan);
	if (ret)
		goto err;

	/* Members of struct vmem_altmap are const: build it, then copy it. */
	range = kmemdup(&(struct mhp_altmap_range) {
				.altmap = {
					.base_pfn = PHYS_PFN(start),
					/* inclusive */
					.end_pfn = PHYS_PFN(start + size) - 1,
					.free = PHYS_PFN(plan.head),
				},
				.plan = plan,
				.nid = nid,
			}, sizeof(*range), GFP_KERNEL);
	if (!range) {
		plan.reason = "out of memory";
		ret = -ENOMEM;
		goto err;
	}

	ret = mtree_insert_range(&mhp_altmap_ranges, range_start_pfn(range),
				 range->altmap.end_pfn, range, GFP_KERNEL);
	if (ret) {
		plan.reason = ret == -EEXIST ? "overlaps with another range" :
					       "out of memory";
		kfree(range);
		goto err;
	}
	trace_mhp_altmap_setup(nid, &plan, 0);
	return range;

err:
	trace_mhp_altmap_setup(nid, &plan, ret);
	mhp_altmap_report(NULL, MHP_MEMMAP_RANGE, &plan, ret);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(mhp_altmap_setup);

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
EXPORT_SYMBOL_GPL(mhp_altmap_get);

/*
 * Is @range registered, and did the caller do what has to come before? Compares
 * the pointer and does not follow it until it is known to be good.
 */
static int check_step(const struct mhp_altmap_range *range, bool added,
		      bool marked, const char *step)
{
	const struct mhp_altmap_range *known;
	unsigned long index = 0;

	mt_for_each(&mhp_altmap_ranges, known, index, ULONG_MAX) {
		if (known != range)
			continue;
		if (range->marked == marked &&
		    range->altmap.alloc == (added ? PHYS_PFN(range->plan.memmap) : 0))
			return 0;
		pr_warn("[mem %#llx-%#llx]: %s out of order: %s memmap, head %smarked\n",
			range->plan.start, range->plan.start + range->plan.size - 1,
			step, range->altmap.alloc ? "has its" : "no",
			range->marked ? "" : "not ");
		return -EINVAL;
	}
	pr_warn("%s: no such range\n", step);
	return -ENOENT;
}

static void unmark_sections(struct mhp_altmap_range *range, unsigned long end_pfn)
{
	unsigned long pfn;

	/* From the front, so that the zone shrinks by what is still readable. */
	for (pfn = range_start_pfn(range); pfn < end_pfn; pfn += PAGES_PER_SECTION) {
		mhp_deinit_memmap_on_memory(pfn, PAGES_PER_SECTION);
		cond_resched();
	}
}

/**
 * mhp_mark_vmemmap_pages() - bring the head of a range to life
 * @range: a range whose sections arch_add_memory() has added with its altmap
 *
 * Initialises the struct pages of the head in the node's default kernel zone:
 * reserved, self-hosted, unmovable, reference count 1. Marks its sections
 * online, so that pfn_to_online_page() is right for the memmap whatever the
 * memory blocks of the range do. The zone spans the head, but does not count
 * it: a node with nothing else online stays without memory.
 *
 * Section by section, because a head can be large and has to reschedule.
 *
 * Context: Process context, sleeps. mem_hotplug_lock held for writing.
 * Return: 0; else, with nothing marked, -ENOMEM (KASAN shadow), -EINVAL if
 * there is no memmap to mark or it has been marked, -ENOENT if there is no such
 * range.
 */
int mhp_mark_vmemmap_pages(struct mhp_altmap_range *range)
{
	unsigned long start_pfn, end_pfn, pfn, i;
	struct zone *zone;
	int ret;

	ret = check_step(range, true, false, "mark");
	if (ret)
		return ret;

	start_pfn = range_start_pfn(range);
	end_pfn = range_usable_pfn(range);
	zone = zone_for_pfn_range(MMOP_ONLINE_KERNEL, range->nid, NULL,
				  start_pfn, end_pfn - start_pfn);
	for (pfn = start_pfn; pfn < end_pfn; pfn += PAGES_PER_SECTION) {
		ret = mhp_init_memmap_on_memory(pfn, PAGES_PER_SECTION, zone);
		if (ret) {
			unmark_sections(range, pfn);
			goto out;
		}
		/*
		 * Without it, unpoison_memory() would drop the only reference
		 * and give a page full of struct pages to the buddy.
		 */
		for (i = 0; i < PAGES_PER_SECTION; i++)
			__SetPageReserved(pfn_to_page(pfn + i));
		cond_resched();
	}
	range->marked = true;
out:
	trace_mhp_altmap_mark(range->nid, &range->plan, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(mhp_mark_vmemmap_pages);

/**
 * mhp_unmark_vmemmap_pages() - take the head of a range out of its zone again
 * @range: a range marked by mhp_mark_vmemmap_pages(), without memory blocks
 *
 * From here on no pfn of the range is online, and only arch_remove_memory()
 * may follow.
 *
 * Context: Process context, sleeps. mem_hotplug_lock held for writing.
 * Return: 0, -EINVAL if it has not been marked, -ENOENT if there is no such
 * range.
 */
int mhp_unmark_vmemmap_pages(struct mhp_altmap_range *range)
{
	int ret = check_step(range, true, true, "unmark");

	if (ret)
		return ret;
	unmark_sections(range, range_usable_pfn(range));
	range->marked = false;
	trace_mhp_altmap_unmark(range->nid, &range->plan, 0);
	return 0;
}
EXPORT_SYMBOL_GPL(mhp_unmark_vmemmap_pages);

static void forget(struct mhp_altmap_range *range)
{
	WARN_ON_ONCE(range->altmap.alloc);

	trace_mhp_altmap_release(range->nid, &range->plan, 0);
	mtree_erase(&mhp_altmap_ranges, range_start_pfn(range));
	num_poisoned_pages_sub(-1UL, atomic_long_read(&range->nr_hwpoison));
	kfree_rcu(range, rcu);
}

/**
 * mhp_altmap_release() - forget a range
 * @range: from mhp_altmap_setup(), its sections removed or never added
 *
 * Context: Process context, sleeps. device_hotplug_lock held.
 * Return: 0, -EINVAL if its memmap is still there, -ENOENT if there is no such
 * range.
 */
int mhp_altmap_release(struct mhp_altmap_range *range)
{
	int ret = check_step(range, false, false, "release");

	if (!ret)
		forget(range);
	return ret;
}
EXPORT_SYMBOL_GPL(mhp_altmap_release);

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
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 *
 * Context: Process context, sleeps. device_hotplug_lock held, and
 * mem_hotplug_lock for writing.
 * Return: 0, or what mhp_altmap_setup(), arch_add_memory() and
 * create_memory_block_devices() return, with everything undone.
 */
int mhp_altmap_add_range(int nid, struct memory_group *group, u64 start, u64 size)
{
	struct mhp_params params = { .pgprot = pgprot_mhp(PAGE_KERNEL) };
	struct mhp_altmap_range *range;
	u64 blocks;
	int ret;

	range = mhp_altmap_setup(nid, start, size);
	if (IS_ERR(range))
		return PTR_ERR(range);

	params.altmap = mhp_altmap_get(range);
	ret = arch_add_memory(nid, start, size, &params);
	if (ret < 0)
		goto err_add;

	ret = mhp_mark_vmemmap_pages(range);
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
err_add:
	forget(range);
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
	unsigned long pfn, index = PHYS_PFN(start);
	const struct mhp_altmap_range *range;
	u64 nr_altmaps = 0;

	range = mt_find(&mhp_altmap_ranges, &index, PHYS_PFN(end));
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

	range = mtree_load(&mhp_altmap_ranges, PHYS_PFN(start));
	if (!range)
		return false;

	blocks = first_block(range);
	remove_memory_block_devices(blocks, start + size - blocks);
	mhp_unmark_vmemmap_pages(range);
	/* With the altmap, nothing reads the head's struct pages any more. */
	arch_remove_memory(start, size, mhp_altmap_get(range), NULL);
	forget(range);
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
	range = mtree_load(&mhp_altmap_ranges, *start_pfn);
	if (range && range_head_contains(range, *start_pfn))
		skip = min(range_usable_pfn(range) - *start_pfn, *nr_pages);
	rcu_read_unlock();

	*start_pfn += skip;
	*nr_pages -= skip;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_block_usable);

/**
 * mhp_altmap_removal_span() - widen a piece of memory to what goes with it
 * @start_pfn: first pfn of the piece; moved to the start of the range, if any
 * @nr_pages: pages in the piece; all pages of the range then
 *
 * For an architecture that lets memory go offline only if it can be unmapped
 * without splitting page table entries. A range is unmapped as a whole. So is a
 * memory block with policy block: what goes offline of it starts behind its memmap,
 * in the middle of the page table entry that maps the memmap of all of it.
 *
 * Context: Any.
 */
void mhp_altmap_removal_span(unsigned long *start_pfn, unsigned long *nr_pages)
{
	const struct mhp_altmap_range *range;

	rcu_read_lock();
	range = mtree_load(&mhp_altmap_ranges, *start_pfn);
	if (range) {
		*start_pfn = range_start_pfn(range);
		*nr_pages = PHYS_PFN(range->plan.size);
	} else {
		const unsigned long block = PHYS_PFN(memory_block_size_bytes());
		unsigned long end_pfn = ALIGN(*start_pfn + *nr_pages, block);

		*start_pfn = ALIGN_DOWN(*start_pfn, block);
		*nr_pages = end_pfn - *start_pfn;
	}
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_removal_span);

/**
 * mhp_altmap_contains() - is the memmap of this pfn inside its own range?
 * @pfn: any pfn
 *
 * Context: Any.
 * Return: true for head and usable pages of a range.
 */
bool mhp_altmap_contains(unsigned long pfn)
{
	return mtree_load(&mhp_altmap_ranges, pfn);
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_contains);

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
	return !mtree_empty(&mhp_altmap_ranges);
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_active);
