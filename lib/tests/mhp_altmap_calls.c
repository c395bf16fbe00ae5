// SPDX-License-Identifier: GPL-2.0
/*
 * Make the calls that drivers can make, from a shell: to test calls that no driver
 * should make.
 *
 *	<debugfs>/mhp_altmap_calls, one call per write:
 *
 *	add NID START SIZE POLICY	mhp_altmap_add_memory_driver_managed()
 *	drop START SIZE			mhp_altmap_remove_memory()
 *	offline_and_drop START SIZE	mhp_altmap_offline_and_remove_memory()
 *	remove START SIZE		remove_memory()
 *	offline_and_remove START SIZE	offline_and_remove_memory()
 *	setup START SIZE		mhp_altmap_setup()
 *	mark START			mhp_mark_vmemmap_pages()
 *	unmark START			mhp_unmark_vmemmap_pages()
 *	release START			mhp_altmap_release()
 *	pin NID				take a page of the node's kernel zone, filled with
 *					"mhp_pin!", for who looks into a crash dump
 *	unpin				give it back
 *	store SIZE			store as many bytes, by words, for who counts
 *					instructions
 *	stay START			keep the memory block at START from going
 *					offline; 0: none
 *	dwell 1				from now on, memory that goes offline waits, with
 *					the lock of memory hotplug held; 0: no more
 *
 * mark, unmark and release act on the range at START. pin and stay are for memory
 * that does not go offline.
 *
 * The write fails with the errno of the call. Numbers are in bytes, decimal or
 * with 0x.
 *
 *	<debugfs>/mhp_altmap_zones: of each zone that spans memory "NODE ZONE SPANNED
 *		ONLINE SCANNED CONTIGUOUS", in pages: what the kernel counted as online
 *		memmap, and what is found page by page
 */
#include <linux/debugfs.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pageblock-flags.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "../internal.h"

static struct dentry *calls_file, *zones_file;

static struct mhp_altmap_range *range_at(u64 start)
{
	return mhp_altmap_find_set_up(start);
}

static int with_lock(int (*step)(struct mhp_altmap_range *), u64 start)
{
	int ret;

	mhp_altmap_test_lock();
	ret = step(range_at(start));
	mhp_altmap_test_unlock();
	return ret;
}

static int mark(struct mhp_altmap_range *range)
{
	return mhp_mark_vmemmap_pages(range, range ? range->nid : NUMA_NO_NODE);
}

static int setup(u64 start, u64 size)
{
	struct mhp_memmap_plan plan;
	int ret = mhp_altmap_plan(MHP_MEMMAP_RANGE, start, size, &plan);

	return ret ?: PTR_ERR_OR_ZERO(mhp_altmap_setup(&plan));
}

static struct page *pinned;

static int unpin(void)
{
	if (!pinned)
		return -ENOENT;
	__free_page(pinned);
	pinned = NULL;
	return 0;
}

static int pin(int nid)
{
	static const char mark[] = "mhp_pin!";
	size_t i;

	if (pinned)
		return -EBUSY;
	if (nid < 0 || nid >= MAX_NUMNODES || !node_online(nid))
		return -ENODEV;
	pinned = alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE, 0);
	if (!pinned)
		return -ENOMEM;
	for (i = 0; i < PAGE_SIZE; i += sizeof(mark) - 1)
		memcpy(page_address(pinned) + i, mark, sizeof(mark) - 1);
	return 0;
}

static u64 stays;
static int dwells;
static DECLARE_WAIT_QUEUE_HEAD(dwell_ends);

/*
 * The notifier gets the usable pages of a block, which can start behind a memmap, or of
 * many blocks.
 */
static int refuse_offline(struct notifier_block *nb, unsigned long action,
			  void *data)
{
	struct memory_notify *arg = data;
	u64 start = PFN_PHYS(arg->start_pfn);
	u64 end = start + PFN_PHYS(arg->nr_pages);

	if (action == MEM_GOING_OFFLINE)
		wait_event(dwell_ends, !READ_ONCE(dwells));
	if (action == MEM_GOING_OFFLINE && stays && end > stays &&
	    ALIGN_DOWN(start, memory_block_size_bytes()) <= stays)
		return notifier_from_errno(-EBUSY);
	return NOTIFY_OK;
}

static struct notifier_block stay_nb = { .notifier_call = refuse_offline };

/* Over and over into the same place: it is to be counted, not to be fast. */
static int store(u64 size)
{
	const unsigned long words = SZ_2M / sizeof(unsigned long);
	unsigned long *place = kvmalloc(SZ_2M, GFP_KERNEL), i;

	if (!place)
		return -ENOMEM;
	for (; size >= SZ_2M; size -= SZ_2M) {
		for (i = 0; i < words; i += 8) {
			WRITE_ONCE(place[i], i);
			WRITE_ONCE(place[i + 1], i);
			WRITE_ONCE(place[i + 2], i);
			WRITE_ONCE(place[i + 3], i);
			WRITE_ONCE(place[i + 4], i);
			WRITE_ONCE(place[i + 5], i);
			WRITE_ONCE(place[i + 6], i);
			WRITE_ONCE(place[i + 7], i);
		}
		cond_resched();
	}
	kvfree(place);
	return 0;
}

static int call(char *line)
{
	struct mhp_memmap_plan plan = { };
	char policy_word[16];
	u64 start, size;
	int nid, policy;

	if (sscanf(line, "add %d %lli %lli %15s", &nid, &start, &size,
		   policy_word) == 4) {
		policy = MHP_MEMMAP_DEFAULT;
		if (strcmp(policy_word, "default"))
			policy = mhp_memmap_policy_parse(policy_word);
		if (policy < 0)
			return policy;
		return mhp_altmap_add_memory_driver_managed(nid, start, size,
							    "System RAM (calls)",
							    MHP_NONE, policy,
							    &plan);
	}
	if (sscanf(line, "drop %lli %lli", &plan.start, &plan.size) == 2)
		return mhp_altmap_remove_memory(&plan);
	if (sscanf(line, "offline_and_drop %lli %lli", &plan.start,
		   &plan.size) == 2)
		return mhp_altmap_offline_and_remove_memory(&plan);
	if (sscanf(line, "remove %lli %lli", &start, &size) == 2)
		return remove_memory(start, size);
	if (sscanf(line, "offline_and_remove %lli %lli", &start, &size) == 2)
		return offline_and_remove_memory(start, size);
	if (sscanf(line, "setup %lli %lli", &start, &size) == 2)
		return setup(start, size);
	if (sscanf(line, "mark %lli", &start) == 1)
		return with_lock(mark, start);
	if (sscanf(line, "unmark %lli", &start) == 1)
		return with_lock(mhp_unmark_vmemmap_pages, start);
	if (sscanf(line, "release %lli", &start) == 1)
		return mhp_altmap_release(range_at(start));
	if (sscanf(line, "pin %d", &nid) == 1)
		return pin(nid);
	if (sscanf(line, "store %lli", &size) == 1)
		return store(size);
	if (sscanf(line, "stay %lli", &start) == 1) {
		stays = start;
		return 0;
	}
	if (sscanf(line, "dwell %d", &nid) == 1) {
		WRITE_ONCE(dwells, nid);
		wake_up_all(&dwell_ends);
		return 0;
	}
	if (!strcmp(strim(line), "unpin"))
		return unpin();
	return -ENOEXEC;
}

static ssize_t calls_write(struct file *file, const char __user *ubuf,
			   size_t len, loff_t *ppos)
{
	char line[128];
	int ret;

	if (len >= sizeof(line))
		return -E2BIG;
	if (copy_from_user(line, ubuf, len))
		return -EFAULT;
	line[len] = '\0';

	ret = call(line);
	return ret ?: len;
}

static const struct file_operations calls_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = calls_write,
};

/* Pageblocks count as a whole, as they do for compaction. */
static unsigned long scan_zone(const struct zone *zone)
{
	unsigned long pfn = zone->zone_start_pfn, end, block, nr_pages = 0;
	struct page *page;

	while (pfn < zone_end_pfn(zone)) {
		end = min(pageblock_end_pfn(pfn), zone_end_pfn(zone));
		for (block = 0; pfn < end; pfn++) {
			page = pfn_to_online_page(pfn);
			if (!page || page_zone(page) != zone)
				break;
			block++;
		}
		if (pfn == end)
			nr_pages += block;
		pfn = end;
		cond_resched();
	}
	return nr_pages;
}

static int zones_show(struct seq_file *seq, void *data)
{
	const struct zone *zone;
	int nid, i;

	mhp_altmap_test_lock();
	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			if (!zone->spanned_pages)
				continue;
			seq_printf(seq, "%d %s %lu %lu %lu %d\n", nid, zone->name,
				   zone->spanned_pages,
				   zone->pages_with_online_memmap,
				   scan_zone(zone), zone->contiguous);
		}
	}
	mhp_altmap_test_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(zones);

static int __init calls_init(void)
{
	int ret = register_memory_notifier(&stay_nb);

	if (ret)
		return ret;
	calls_file = debugfs_create_file("mhp_altmap_calls", 0200, NULL, NULL,
					 &calls_fops);
	ret = PTR_ERR_OR_ZERO(calls_file);
	if (ret)
		unregister_memory_notifier(&stay_nb);
	else
		zones_file = debugfs_create_file("mhp_altmap_zones", 0400, NULL,
						 NULL, &zones_fops);
	return ret;
}

static void __exit calls_exit(void)
{
	debugfs_remove(zones_file);
	debugfs_remove(calls_file);
	unregister_memory_notifier(&stay_nb);
	unpin();
}

module_init(calls_init);
module_exit(calls_exit);
MODULE_DESCRIPTION("Driver calls of memory hotplug from a shell, for tests");
MODULE_LICENSE("GPL");
