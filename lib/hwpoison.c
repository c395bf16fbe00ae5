// SPDX-License-Identifier: GPL-2.0
/*
 * Poisoned pages in the head of a range.
 *
 * Memory blocks count the poison in them and give it back when they are
 * removed. The head belongs to no block, or to one whose usable part has
 * nothing to do with it, so the range counts for it.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <kunit/visibility.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/printk.h>
#include <linux/xarray.h>

#include "internal.h"

/*
 * Frames that were poisoned while they were part of a head. They outlive the
 * range: PG_hwpoison goes with its memmap, the bad frame stays.
 */
static DEFINE_XARRAY(poisoned_frames);

/**
 * mhp_altmap_account_hwpoison() - count poison in a head
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
	bool head;

	rcu_read_lock();
	range = mtree_load(&mhp_altmap_ranges, pfn);
	head = range && range_head_contains(range, pfn);
	if (head)
		atomic_long_add(nr, &range->nr_hwpoison);
	rcu_read_unlock();

	if (head && nr > 0 &&
	    xa_err(xa_store(&poisoned_frames, pfn, xa_mk_value(0), GFP_ATOMIC)))
		pr_warn("pfn %#lx is poisoned and may hold a memmap again\n", pfn);
	return head;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_altmap_account_hwpoison);

/**
 * mhp_altmap_memmap_poisoned() - would a memmap here use a poisoned frame?
 * @start: physical address of the memmap, in bytes
 * @memmap: bytes of struct pages
 *
 * Context: Any.
 * Return: true if a frame in it was poisoned in an earlier life as memmap.
 */
bool mhp_altmap_memmap_poisoned(u64 start, u64 memmap)
{
	unsigned long pfn = PHYS_PFN(start);

	return xa_find(&poisoned_frames, &pfn, PHYS_PFN(start + memmap - 1),
		       XA_PRESENT);
}
