// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/mhp_altmap/ranges: one line per range, to see that a memmap is
 * where it should be. For people and tests; not an ABI.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>

#include "internal.h"

/* Physical address of the struct page for @pfn, as the MMU sees it; 0: none. */
static phys_addr_t memmap_phys(unsigned long pfn)
{
	const unsigned long addr = (unsigned long)pfn_to_page(pfn);
	p4d_t *p4d = p4d_offset(pgd_offset_k(addr), addr);
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;

	if (p4d_none(*p4d))
		return 0;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return 0;
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd))
		return 0;
	if (pmd_leaf(*pmd))
		return PFN_PHYS(pmd_pfn(*pmd)) + (addr & ~PMD_MASK);
	pte = pte_offset_kernel(pmd, addr);
	return PFN_PHYS(pte_pfn(ptep_get(pte))) + (addr & ~PAGE_MASK);
}

/* Of the sections in the range, how many have all struct pages in the head? */
static unsigned long sections_self_hosted(const struct mhp_altmap_range *range)
{
	unsigned long pfn, nr = 0;

	for (pfn = range_start_pfn(range); pfn <= range->altmap.end_pfn;
	     pfn += PAGES_PER_SECTION) {
		phys_addr_t first = memmap_phys(pfn);
		phys_addr_t last = memmap_phys(pfn + PAGES_PER_SECTION - 1);

		if (range_head_contains(range, PHYS_PFN(first)) &&
		    range_head_contains(range, PHYS_PFN(last)))
			nr++;
	}
	return nr;
}

static int ranges_show(struct seq_file *m, void *v)
{
	const struct mhp_altmap_range *range;

	seq_puts(m, "start size node head memmap altmap_pages sections self_hosted poisoned\n");

	/* A range that is marked keeps its memmap while this lock is held. */
	lock_device_hotplug();
	rcu_read_lock();
	list_for_each_entry_rcu(range, &mhp_altmap_ranges, node) {
		if (!READ_ONCE(range->marked))
			continue;
		seq_printf(m, "%#llx %#llx %d %#llx %#llx %lu %llu %lu %ld\n",
			   range->plan.start, range->plan.size, range->nid,
			   range->plan.head, range->plan.memmap,
			   range->altmap.alloc,
			   range->plan.size >> SECTION_SIZE_BITS,
			   sections_self_hosted(range),
			   atomic_long_read(&range->nr_hwpoison));
	}
	rcu_read_unlock();
	unlock_device_hotplug();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ranges);

static int __init mhp_altmap_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("mhp_altmap", NULL);

	debugfs_create_file("ranges", 0400, dir, NULL, &ranges_fops);
	return 0;
}
late_initcall(mhp_altmap_debugfs_init);
