/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MHP_ALTMAP_INTERNAL_H
#define _MHP_ALTMAP_INTERNAL_H

#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/memory.h>
#include <linux/memremap.h>
#include <linux/mhp_altmap.h>
#include <linux/pfn.h>
#include <linux/rcupdate.h>

/**
 * struct mhp_altmap_range - a hot-added range that holds its own memmap
 * @node: in the list of all ranges
 * @altmap: what arch_add_memory() and arch_remove_memory() allocate struct
 *	pages from; all of the head is set aside in it
 * @plan: how the range is laid out
 * @nid: the node that the range was added to; NUMA_NO_NODE before
 * @zone: that of the head, while it is marked
 * @zone_start_pfn: first pfn of what the zone has beside heads of ranges
 * @zone_end_pfn: behind its last; the same as @zone_start_pfn if it has nothing
 * @marked: from mhp_mark_vmemmap_pages() to mhp_unmark_vmemmap_pages(); mm does
 *	not see the range before and after
 * @removing: its sections are being removed, and the memmap is freed afterwards
 * @nr_hwpoison: poisoned pages in the head; the memory blocks count the others
 * @rcu: readers that hold no hotplug lock look ranges up under RCU
 *
 * @altmap, @nid, @zone and its pfns, @marked and @removing change under mem_hotplug_lock,
 * @nr_hwpoison atomically; the rest is constant from mhp_altmap_setup() to mhp_altmap_release().
 */
struct mhp_altmap_range {
	struct list_head node;
	struct vmem_altmap altmap;
	struct mhp_memmap_plan plan;
	int nid;
	struct zone *zone;
	unsigned long zone_start_pfn;
	unsigned long zone_end_pfn;
	bool marked;
	bool removing;
	atomic_long_t nr_hwpoison;
	struct rcu_head rcu;
};

/* Readers use RCU. */
extern struct list_head mhp_altmap_ranges;

struct mhp_altmap_range *mhp_altmap_find(unsigned long start_pfn,
					 unsigned long end_pfn);
struct mhp_altmap_range *mhp_altmap_find_set_up(u64 start);
struct mhp_altmap_range *mhp_altmap_first_of_zone(const struct zone *zone);

static inline unsigned long range_start_pfn(const struct mhp_altmap_range *range)
{
	return PHYS_PFN(range->plan.start);
}

/* The first pfn behind the head. */
static inline unsigned long range_usable_pfn(const struct mhp_altmap_range *range)
{
	return PHYS_PFN(range->plan.start + range->plan.head);
}

/*
 * Memory block devices exist for every block with usable memory: a block that
 * starts with head sections and goes on with usable ones has one, a block that
 * is all head has none.
 */
static inline u64 range_first_block(const struct mhp_altmap_range *range)
{
	return ALIGN_DOWN(range->plan.start + range->plan.head,
			  memory_block_size_bytes());
}

static inline bool range_head_contains(const struct mhp_altmap_range *range,
				       unsigned long pfn)
{
	return pfn >= range_start_pfn(range) && pfn < range_usable_pfn(range);
}

/* For tests, which are modules; drivers cannot hold the locks that the steps need. */
#if IS_ENABLED(CONFIG_MHP_ALTMAP_KUNIT_TEST) || IS_ENABLED(CONFIG_MHP_ALTMAP_CALLS)
#define EXPORT_SYMBOL_FOR_TESTS(sym) EXPORT_SYMBOL_GPL(sym)
#else
#define EXPORT_SYMBOL_FOR_TESTS(sym) struct sym##_is_not_exported
#endif
void mhp_altmap_test_lock(void);
void mhp_altmap_test_unlock(void);

void mhp_altmap_geometry(struct mhp_memmap_geometry *geo);

#ifdef CONFIG_MEMORY_FAILURE
void mhp_altmap_remember(unsigned long pfn);
void mhp_altmap_online_hwpoison(unsigned long start_pfn, unsigned long nr_pages);
bool mhp_altmap_memmap_poisoned(const struct mhp_memmap_geometry *geo,
				const struct mhp_memmap_plan *plan);
#else
static inline bool
mhp_altmap_memmap_poisoned(const struct mhp_memmap_geometry *geo,
			   const struct mhp_memmap_plan *plan)
{
	return false;
}

static inline void mhp_altmap_online_hwpoison(unsigned long start_pfn,
					      unsigned long nr_pages)
{
}
#endif

#endif /* _MHP_ALTMAP_INTERNAL_H */
