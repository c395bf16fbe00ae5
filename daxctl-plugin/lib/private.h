/* SPDX-License-Identifier: LGPL-2.1 */
/* Shared by the library's files. */
#ifndef _DAXCTL_MEMMAP_PRIVATE_H_
#define _DAXCTL_MEMMAP_PRIVATE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <daxctl/libdaxctl-memmap.h>
#include <linux/mhp_memmap.h>

#include "sysfs.h"

/* machine.c: what does not depend on a device */

#define MACHINE_MAX_NODES 1024

/* What a node has, in pages. A memmap can be in kernel zones, not in ZONE_MOVABLE. */
struct node_pages {
	uint64_t managed;
	uint64_t kernel_managed;
	uint64_t kernel_available;
};

enum block_param {
	BLOCK_PARAM_ABSENT,
	BLOCK_PARAM_OFF,
	BLOCK_PARAM_ON,
	BLOCK_PARAM_FORCE,
};

struct machine {
	struct mhp_memmap_geometry geo;
	enum block_param block_param;
	uint64_t max_block;	/* the highest number of a memory block */
};

int machine_read(struct machine *machine, const char **what);
int machine_set_geometry(struct machine *machine, uint64_t block_size, uint64_t page_size);
enum block_param machine_block_param(void);
int machine_node_pages(int node, struct node_pages *pages);

/* blocks.c: the memory blocks of a device */

struct memmap_range {
	uint64_t start;
	uint64_t size;
};

struct block_pos {
	size_t range;
	uint64_t block;	/* start / block size */
	bool started;
};

/* In the whole blocks of range @nr. */
bool block_is_in_range(const struct daxctl_memmap *memmap, size_t nr, uint64_t block);
bool block_next(const struct daxctl_memmap *memmap, struct block_pos *pos);
enum daxctl_memmap_block_state block_get_state(uint64_t block);

/* memmap.c */

struct daxctl_memmap {
	struct daxctl_dev *dev;	/* NULL: of daxctl_memmap_new_planned() */
	const char *name;
	char *own_name;
	unsigned int refcount;
	struct machine machine;
	struct memmap_range *ranges;	/* as the device has them, unaligned */
	size_t nr_ranges;
	bool ranges_hidden;	/* only root can read where they are */
	bool has_policies;
	bool has_memmap_on_memory;
	bool is_system_ram;
	enum daxctl_memmap_policy policy;
	enum daxctl_memmap_policy effective;
	char supported[64];	/* the kernel's own list */
	struct daxctl_memmap_check *checks;
	uint64_t kernel_pages;	/* its own, in kernel zones; counted once */
	bool kernel_pages_counted;
	char reasons[DAXCTL_MEMMAP_AUTO + 1][256];	/* of the last plan, by policy */
	char error[512];
	char hint[512];
};

bool kernel_has_policies(void);
int memmap_fail(struct daxctl_memmap *memmap, int rc, const char *hint,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Whole memory blocks of a range; false if there are none. */
bool memmap_whole_blocks(const struct daxctl_memmap *memmap, size_t nr,
			 struct memmap_range *range);
void memmap_free_checks(struct daxctl_memmap *memmap);

#endif
