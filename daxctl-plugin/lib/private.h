/* SPDX-License-Identifier: LGPL-2.1 */
/* Shared by the library's files and by the command, which is linked to them. */
#ifndef _DAXCTL_MEMMAP_PRIVATE_H_
#define _DAXCTL_MEMMAP_PRIVATE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <daxctl/libdaxctl-memmap.h>
#include <linux/mhp_memmap.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* sysfs.c: one value per file, and nothing is believed that was not checked */

#define SYSFS_VALUE_MAX 4096

int sysfs_read(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int sysfs_read_u64(uint64_t *value, int base, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int sysfs_write(const char *value, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool sysfs_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The last part of what a symbolic link points to, "" if it is none. */
void sysfs_link_name(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* machine.c: what does not depend on a device */

#define MACHINE_MAX_NODES 1024

/* What a node has, in pages. A memmap can be in kernel zones, not in ZONE_MOVABLE. */
struct node_pages {
	uint64_t managed;
	uint64_t kernel_managed;
	uint64_t kernel_available;
};

enum auto_online {
	AUTO_ONLINE_OFFLINE,
	AUTO_ONLINE_ONLINE,
	AUTO_ONLINE_KERNEL,
	AUTO_ONLINE_MOVABLE,
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
	enum auto_online auto_online;
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

enum block_state {
	BLOCK_ABSENT,
	BLOCK_OFFLINE,
	BLOCK_MOVABLE,
	BLOCK_KERNEL,
	BLOCK_GOING,	/* on its way, or a state that we do not know */
};

struct block_counts {
	unsigned int total;
	unsigned int online;
	unsigned int movable;
	unsigned int kernel;
};

struct block_pos {
	size_t range;
	uint64_t block;	/* start / block size */
	bool started;
};

bool block_next(const struct daxctl_memmap *memmap, struct block_pos *pos);
enum block_state block_get_state(uint64_t block);
const char *block_word(enum block_state state);
int block_set_state(uint64_t block, enum block_state state);
/* Bytes of one block that can be onlined. */
uint64_t block_usable(const struct daxctl_memmap *memmap, uint64_t block);
int blocks_count(const struct daxctl_memmap *memmap, struct block_counts *counts);

/* memmap.c */

struct daxctl_memmap {
	struct daxctl_dev *dev;	/* NULL: of daxctl_memmap_new_planned() */
	const char *name;
	char *own_name;
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

#define DAX_DEVICES "/sys/bus/dax/devices"
#define SYS_MEMORY "/sys/devices/system/memory"

/* Bytes of a node that a memmap of the device could have. */
uint64_t memmap_node_available(struct daxctl_memmap *memmap, int node);
bool kernel_has_policies(void);
/* Why no device of this kernel can have a policy; NULL if one may. */
const char *kernel_refuses(enum daxctl_memmap_policy policy);
int memmap_fail(struct daxctl_memmap *memmap, int rc, const char *hint,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Whole memory blocks of a range; false if there are none. */
bool memmap_whole_blocks(const struct daxctl_memmap *memmap, size_t nr,
			 struct memmap_range *range);
void memmap_free_checks(struct daxctl_memmap *memmap);

#endif
