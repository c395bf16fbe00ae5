// SPDX-License-Identifier: GPL-2.0
/* What each page of a device is used for, from /proc/kpageflags and /proc/kpagecgroup. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "busy.h"
#include "cli.h"
#include "messages.h"

/* Of include/uapi/linux/kernel-page-flags.h; from 32 on, of its kernel's own. */
enum {
	KPF_UPTODATE = 3, KPF_LRU = 5, KPF_SLAB = 7, KPF_BUDDY = 10, KPF_MMAP = 11, KPF_ANON = 12,
	KPF_SWAPBACKED = 14, KPF_COMPOUND_HEAD = 15, KPF_COMPOUND_TAIL = 16, KPF_HUGE = 17,
	KPF_UNEVICTABLE = 18, KPF_HWPOISON = 19, KPF_NOPAGE = 20, KPF_OFFLINE = 23,
	KPF_ZERO_PAGE = 24, KPF_PGTABLE = 26, KPF_RESERVED = 32, KPF_MLOCKED = 33,
};

#define AT_ONCE 8192	/* pages: 64 KiB of flags */
#define OF_NODE "/sys/devices/system/node/node%d/hugepages/hugepages-%" PRIu64 "kB"

const struct use_look use_looks[NR_USES] = {
	[USE_FREE] = { "free", "free", "" },
	[USE_ANON] = { "anonymous", "anonymous memory", "is moved" },
	[USE_CACHE] = { "page_cache", "page cache", "is moved, or dropped" },
	[USE_LOCKED] = { "locked", "locked (mlock, unevictable)", "is moved" },
	[USE_HUGETLB] = { "hugetlb", "hugetlb", "see below" },
	[USE_POISONED] = { "poisoned", "poisoned", "is left out" },
	[USE_ON_NO_LIST] = { "on_no_list", "on no list", "free on the list of a CPU, or on its way" },
	[USE_UNSURE] = { "unsure", "on no list, in a kernel zone", "may be the kernel's, and stay" },
	[USE_BALLOON] = { "balloon", "logically offline", "goes if its driver agrees" },
	[USE_SLAB] = { "slab", "slab", "stays until it is freed", true },
	[USE_PAGE_TABLE] = { "page_tables", "page tables", "stay until they are freed", true },
	[USE_RESERVED] = { "reserved", "reserved", "stays", true },
	[USE_KERNEL] = { "kernel", "the kernel's own", "stays until it is freed", true },
};

struct look {
	struct busy *busy;
	int flags;
	int cgroups;		/* -1: the kernel has no memory cgroups */
	uint64_t page_size;
	bool kernel_zone;	/* the block that is looked at */
	bool stuck;
	uint64_t huge_pages;	/* so far, of a hugetlb page; 0: none */
};

static bool has(uint64_t flags, int bit)
{
	return flags & (1ULL << bit);
}

static enum use use_of(uint64_t flags, bool kernel_zone)
{
	if (has(flags, KPF_HWPOISON))
		return USE_POISONED;
	if (has(flags, KPF_BUDDY))
		return USE_FREE;
	if (has(flags, KPF_HUGE))
		return USE_HUGETLB;
	if (has(flags, KPF_OFFLINE))
		return USE_BALLOON;
	if (has(flags, KPF_SLAB))
		return USE_SLAB;
	if (has(flags, KPF_PGTABLE))
		return USE_PAGE_TABLE;
	if (has(flags, KPF_RESERVED) || has(flags, KPF_ZERO_PAGE))
		return USE_RESERVED;
	if (has(flags, KPF_MLOCKED) || has(flags, KPF_UNEVICTABLE))
		return USE_LOCKED;
	if (has(flags, KPF_ANON))
		return USE_ANON;
	if (has(flags, KPF_LRU) || has(flags, KPF_SWAPBACKED) || has(flags, KPF_UPTODATE))
		return USE_CACHE;
	/* Nothing but what moves is allocated from ZONE_MOVABLE. */
	if (!kernel_zone)
		return USE_ON_NO_LIST;
	return has(flags, KPF_MMAP) || has(flags, KPF_COMPOUND_HEAD) ||
	       has(flags, KPF_COMPOUND_TAIL) ? USE_KERNEL : USE_UNSURE;
}

/*--- hugetlb ----------------------------------------------------------------------*/

static void end_huge_page(struct look *look)
{
	struct busy *busy = look->busy;
	const uint64_t size = look->huge_pages * look->page_size;
	size_t i;

	look->huge_pages = 0;
	for (i = 0; size && i < busy->nr_huge; i++)
		if (busy->huge[i].size == size)
			break;
	if (!size || i == MAX_HUGE_SIZES)
		return;
	if (i == busy->nr_huge)
		busy->huge[busy->nr_huge++] = (struct huge_pages){ .size = size };
	busy->huge[i].used = ++busy->huge[i].total;
}

/* It can go on in the next block. */
static void count_huge(struct look *look, uint64_t flags)
{
	if (!has(flags, KPF_HUGE) || has(flags, KPF_COMPOUND_HEAD))
		end_huge_page(look);
	if (has(flags, KPF_HUGE))
		look->huge_pages++;
}

/* A page of the node that is in use may be on the device: then it is taken to be. */
static void find_used_huge(struct busy *busy)
{
	DIR *dir = opendir("/sys/devices/system/node");
	struct dirent *entry;
	uint64_t free, nr;
	int node;

	while (dir && (entry = readdir(dir))) {
		if (sscanf(entry->d_name, "node%d", &node) != 1)
			continue;
		for (size_t i = 0; i < busy->nr_huge; i++) {
			struct huge_pages *huge = &busy->huge[i];

			if (sysfs_read_u64(&free, 0, OF_NODE "/free_hugepages", node,
					   huge->size >> 10) ||
			    sysfs_read_u64(&nr, 0, OF_NODE "/nr_hugepages", node,
					   huge->size >> 10))
				continue;
			if (node != busy->node)
				huge->elsewhere += free;
			else if (nr - free < huge->total)
				huge->used = nr - free;
		}
	}
	if (dir)
		closedir(dir);
}

/*--- pages ------------------------------------------------------------------------*/

static void count_cgroups(struct look *look, const uint64_t *flags, uint64_t pfn, size_t nr)
{
	uint64_t inode[AT_ONCE], last = 0, bytes = 0;
	ssize_t n;

	if (look->cgroups < 0)
		return;
	n = pread(look->cgroups, inode, nr * sizeof(inode[0]), pfn * sizeof(inode[0]));
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(inode[0]); i++) {
		if (!inode[i] || has(flags[i], KPF_BUDDY))
			continue;
		if (inode[i] != last && bytes) {
			owner_add(&look->busy->cgroups, last, bytes);
			bytes = 0;
		}
		last = inode[i];
		bytes += look->page_size;
	}
	if (bytes)
		owner_add(&look->busy->cgroups, last, bytes);
}

static int look_at_pages(struct look *look, uint64_t pfn, uint64_t nr)
{
	uint64_t flags[AT_ONCE];

	while (nr) {
		size_t want = nr < AT_ONCE ? nr : AT_ONCE;
		ssize_t n = pread(look->flags, flags, want * sizeof(flags[0]),
				  pfn * sizeof(flags[0]));

		if (n < (ssize_t)sizeof(flags[0])) {
			error("/proc/kpageflags: %s",
			      n < 0 ? strerror(errno) : "it ends before that memory");
			return -EIO;
		}
		n /= sizeof(flags[0]);
		for (ssize_t i = 0; i < n; i++) {
			enum use use = use_of(flags[i], look->kernel_zone);

			if (has(flags[i], KPF_NOPAGE))
				continue;
			look->busy->bytes[use] += look->page_size;
			look->stuck |= use_looks[use].stays;
			count_huge(look, flags[i]);
		}
		count_cgroups(look, flags, pfn, n);
		pfn += n;
		nr -= n;
	}
	return 0;
}

static int look_at_block(struct look *look, uint64_t block)
{
	struct busy *busy = look->busy;
	const uint64_t unit = daxctl_memmap_get_block_size(busy->memmap);
	const uint64_t usable = daxctl_memmap_block_get_usable(busy->memmap, block);
	uint64_t *stuck;
	int rc;

	look->stuck = false;
	/* It begins with what it has of the memmap. */
	rc = look_at_pages(look, ((block + 1) * unit - usable) / look->page_size,
			   usable / look->page_size);
	if (rc || !look->stuck)
		return rc;
	stuck = realloc(busy->stuck, (busy->nr_stuck + 1) * sizeof(*stuck));
	if (!stuck) {
		error("%s: out of memory", busy->name);
		return -ENOMEM;
	}
	busy->stuck = stuck;
	stuck[busy->nr_stuck++] = block;
	return 0;
}

static int look_at_blocks(struct look *look)
{
	struct busy *busy = look->busy;
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	uint64_t block;
	int rc = 0;

	daxctl_memmap_count_blocks(busy->memmap, &counts);
	busy->blocks = counts.total;
	busy->online = 0;
	daxctl_memmap_block_foreach(busy->memmap, block) {
		enum daxctl_memmap_block_state state =
			daxctl_memmap_block_get_state(busy->memmap, block);

		if (state != DAXCTL_MEMMAP_BLOCK_MOVABLE && state != DAXCTL_MEMMAP_BLOCK_KERNEL)
			continue;
		if (interrupted()) {
			error("%s: interrupted", busy->name);
			return -EINTR;
		}
		look->kernel_zone = state == DAXCTL_MEMMAP_BLOCK_KERNEL;
		rc = look_at_block(look, block);
		if (rc)
			return rc;
		progress(busy->name, "memory blocks", "looked at", ++busy->online, counts.online);
	}
	end_huge_page(look);
	progress_end();
	return 0;
}

/*--- what it comes to -------------------------------------------------------------*/

static uint64_t meminfo_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	uint64_t kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "MemAvailable:", 13))
			kib = strtoull(line + 13, NULL, 10);
	if (file)
		fclose(file);
	return kib << 10;
}

static bool block_is_ours(struct busy *busy, uint64_t block)
{
	const uint64_t unit = daxctl_memmap_get_block_size(busy->memmap);
	uint64_t start, size;

	for (unsigned int i = 0; !daxctl_memmap_get_range(busy->memmap, i, &start, &size); i++)
		if (block * unit >= start && block * unit < start + size)
			return true;
	return false;
}

static bool node_is_shared(struct busy *busy)
{
	char path[64];
	struct dirent *entry;
	unsigned long long block;
	bool shared = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", busy->node);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		shared |= sscanf(entry->d_name, "memory%llu", &block) == 1 &&
			  !block_is_ours(busy, block);
	if (dir)
		closedir(dir);
	return shared;
}

/* Of gigantic pages in use, those for which no other is free: none is made for them. */
static void sum_up(struct busy *busy)
{
	const uint64_t gigantic = 1ULL << 30, available = meminfo_available();

	find_used_huge(busy);
	busy->to_move = busy->bytes[USE_ANON] + busy->bytes[USE_CACHE] + busy->bytes[USE_LOCKED];
	for (size_t i = 0; i < busy->nr_huge; i++) {
		struct huge_pages *huge = &busy->huge[i];

		if (huge->size < gigantic)
			busy->to_move += huge->used * huge->size;
		else if (huge->used > huge->elsewhere)
			busy->gigantic_stuck += huge->used - huge->elsewhere;
	}
	/* What can be reclaimed of the device itself is in there as well: about. */
	busy->elsewhere = available > busy->bytes[USE_FREE] ?
			  available - busy->bytes[USE_FREE] : 0;
	busy->node_is_shared = node_is_shared(busy);
}

int busy_look(struct busy *busy)
{
	struct look look = {
		.busy = busy,
		.page_size = daxctl_memmap_get_page_size(busy->memmap),
	};
	int rc;

	look.flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (look.flags < 0) {
		rc = -errno;
		error("%s: /proc/kpageflags: %s", busy->name, strerror(-rc));
		hint(rc == -ENOENT ? "the kernel has no CONFIG_PROC_PAGE_MONITOR" :
		     "only root can read what pages are used for");
		return rc;
	}
	look.cgroups = open("/proc/kpagecgroup", O_RDONLY | O_CLOEXEC);
	rc = look_at_blocks(&look);
	close(look.flags);
	if (look.cgroups >= 0)
		close(look.cgroups);
	if (!rc)
		sum_up(busy);
	return rc;
}

static void owners_free(struct owners *owners)
{
	for (size_t i = 0; i < owners->nr; i++) {
		free(owners->owner[i].name);
		free(owners->owner[i].cgroup);
	}
	free(owners->owner);
}

void busy_free(struct busy *busy)
{
	owners_free(&busy->processes);
	owners_free(&busy->cgroups);
	free(busy->stuck);
}
