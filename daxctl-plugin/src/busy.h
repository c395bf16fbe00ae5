/* SPDX-License-Identifier: GPL-2.0 */
/* What the memory of a device holds, and who has it. */
#ifndef _DAXCTL_MEMMAP_BUSY_H_
#define _DAXCTL_MEMMAP_BUSY_H_

#include "cli.h"

/* What a page is for, as far as its flags tell. */
enum use {
	USE_FREE,
	USE_ANON,
	USE_CACHE,
	USE_LOCKED,	/* by mlock(), or not evictable for another reason */
	USE_HUGETLB,
	USE_POISONED,
	USE_ON_NO_LIST,	/* free on a CPU's list, or on its way, in ZONE_MOVABLE */
	USE_UNSURE,	/* the same in a kernel zone, or the kernel's */
	USE_BALLOON,	/* logically offline: a balloon, virtio-mem */
	USE_SLAB,
	USE_PAGE_TABLE,
	USE_RESERVED,
	USE_KERNEL,	/* the kernel's own, in a kernel zone */
	NR_USES
};

struct use_look {
	const char *key;	/* in JSON */
	const char *words;
	const char *fate;	/* of a page that is to make way */
	bool stays;
};

extern const struct use_look use_looks[NR_USES];

#define MAX_HUGE_SIZES 4

struct huge_pages {
	uint64_t size;
	uint64_t total;		/* on the device */
	uint64_t used;		/* of these, at most: the node may have others */
	uint64_t elsewhere;	/* free ones on other nodes */
};

struct owner {
	char *name;		/* of a process, or a cgroup */
	char *cgroup;		/* of a process */
	uint64_t id;		/* PID, or the cgroup's inode */
	uint64_t bytes;
};

struct owners {
	struct owner *owner;
	size_t nr;
};

struct busy {
	struct daxctl_memmap *memmap;
	const char *name;
	int node;
	bool node_is_shared;	/* with memory that is not the device's */
	uint64_t blocks;
	uint64_t online;	/* blocks */
	uint64_t *stuck;	/* blocks with something that stays */
	size_t nr_stuck;
	uint64_t bytes[NR_USES];
	uint64_t gigantic_stuck;
	struct huge_pages huge[MAX_HUGE_SIZES];
	size_t nr_huge;
	uint64_t to_move;	/* bytes */
	uint64_t elsewhere;	/* bytes, about: where they can go */
	struct owners processes;
	struct owners cgroups;	/* by /proc/kpagecgroup, with pages of no process */
};

/* Looks at each page of the blocks that are online. */
int busy_look(struct busy *busy);
/* Who has mapped memory of the node; largest first. */
void busy_find_processes(struct busy *busy);
/* Names of busy->cgroups; largest first. */
void busy_name_cgroups(struct busy *busy);
int owner_add(struct owners *owners, uint64_t id, uint64_t bytes);
void busy_free(struct busy *busy);

#endif
