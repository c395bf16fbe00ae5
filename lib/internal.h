/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MHP_ALTMAP_INTERNAL_H
#define _MHP_ALTMAP_INTERNAL_H

#include <linux/atomic.h>
#include <linux/maple_tree.h>
#include <linux/memremap.h>
#include <linux/mhp_altmap.h>
#include <linux/pfn.h>
#include <linux/rcupdate.h>

/**
 * struct mhp_altmap_range - a hot-added range that holds its own memmap
 * @altmap: what arch_add_memory() and arch_remove_memory() allocate struct
 *	pages from; all of the head is set aside in it
 * @plan: how the range is laid out
 * @nid: the node that the range was added to
 * @marked: mhp_mark_vmemmap_pages() has been here
 * @nr_hwpoison: poisoned pages in the head; the memory blocks count the others
 * @rcu: readers that hold no hotplug lock look ranges up under RCU
 *
 * @altmap and @marked change under mem_hotplug_lock, @nr_hwpoison atomically;
 * the rest is constant from mhp_altmap_setup() to mhp_altmap_release().
 */
struct mhp_altmap_range {
	struct vmem_altmap altmap;
	struct mhp_memmap_plan plan;
	int nid;
	bool marked;
	atomic_long_t nr_hwpoison;
	struct rcu_head rcu;
};

/* All ranges by pfn. Changed under device_hotplug_lock, read also under RCU. */
extern struct maple_tree mhp_altmap_ranges;

static inline unsigned long range_start_pfn(const struct mhp_altmap_range *range)
{
	return PHYS_PFN(range->plan.start);
}

/* The first pfn behind the head. */
static inline unsigned long range_usable_pfn(const struct mhp_altmap_range *range)
{
	return PHYS_PFN(range->plan.start + range->plan.head);
}

static inline bool range_head_contains(const struct mhp_altmap_range *range,
				       unsigned long pfn)
{
	return pfn >= range_start_pfn(range) && pfn < range_usable_pfn(range);
}

#ifdef CONFIG_MEMORY_FAILURE
bool mhp_altmap_memmap_poisoned(u64 start, u64 memmap);
#else
static inline bool mhp_altmap_memmap_poisoned(u64 start, u64 memmap)
{
	return false;
}
#endif

#endif /* _MHP_ALTMAP_INTERNAL_H */
