// SPDX-License-Identifier: LGPL-2.1
/*
 * Memory blocks of a device. Blocks that hold nothing but memmap have no
 * directory and are passed over.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

bool block_is_in_range(const struct daxctl_memmap *memmap, size_t nr, uint64_t block)
{
	const uint64_t size = memmap->machine.geo.block_size;
	struct memmap_range range;

	return memmap_whole_blocks(memmap, nr, &range) && block >= range.start / size &&
	       block < (range.start + range.size) / size;
}

/* The next block that exists; start with a zeroed @pos. */
bool block_next(const struct daxctl_memmap *memmap, struct block_pos *pos)
{
	const uint64_t size = memmap->machine.geo.block_size;
	struct memmap_range range;
	uint64_t end;

	for (; pos->range < memmap->nr_ranges; pos->range++, pos->started = false) {
		if (!memmap_whole_blocks(memmap, pos->range, &range))
			continue;
		if (!pos->started) {
			pos->block = range.start / size;
			pos->started = true;
		} else {
			pos->block++;
		}
		end = (range.start + range.size) / size;
		if (end > memmap->machine.max_block + 1)
			end = memmap->machine.max_block + 1;
		for (; pos->block < end; pos->block++)
			if (sysfs_exists(SYS_MEMORY "/memory%llu",
					 (unsigned long long)pos->block))
				return true;
	}
	return false;
}

uint64_t daxctl_memmap_block_get_next(struct daxctl_memmap *memmap, uint64_t block)
{
	uint64_t next = DAXCTL_MEMMAP_NO_BLOCK;
	struct block_pos pos = { 0 };

	/* Ranges are not in order of address on all kernels. */
	for (size_t i = 0; i < memmap->nr_ranges; i++) {
		pos = (struct block_pos){ .range = i };
		if (block != DAXCTL_MEMMAP_NO_BLOCK && block_is_in_range(memmap, i, block))
			pos = (struct block_pos){ .range = i, .block = block, .started = true };
		while (block_next(memmap, &pos) && pos.range == i) {
			if (block != DAXCTL_MEMMAP_NO_BLOCK && pos.block <= block)
				continue;
			if (pos.block < next)
				next = pos.block;
			break;
		}
	}
	return next;
}

enum daxctl_memmap_block_state block_get_state(uint64_t block)
{
	char buf[64];

	if (sysfs_read(buf, sizeof(buf), SYS_MEMORY "/memory%llu/state",
		       (unsigned long long)block) < 0)
		return DAXCTL_MEMMAP_BLOCK_ABSENT;
	if (!strcmp(buf, "offline"))
		return DAXCTL_MEMMAP_BLOCK_OFFLINE;
	if (strcmp(buf, "online"))
		return DAXCTL_MEMMAP_BLOCK_GOING;
	/* Of a block that is online, its zone; nothing if there are several. */
	sysfs_read(buf, sizeof(buf), SYS_MEMORY "/memory%llu/valid_zones",
		   (unsigned long long)block);
	return !strcmp(buf, "Movable") ? DAXCTL_MEMMAP_BLOCK_MOVABLE :
					 DAXCTL_MEMMAP_BLOCK_KERNEL;
}

enum daxctl_memmap_block_state
daxctl_memmap_block_get_state(struct daxctl_memmap *memmap, uint64_t block)
{
	(void)memmap;
	return block_get_state(block);
}

const char *daxctl_memmap_block_state_word(enum daxctl_memmap_block_state state)
{
	return state == DAXCTL_MEMMAP_BLOCK_MOVABLE ? "online_movable" :
	       state == DAXCTL_MEMMAP_BLOCK_KERNEL ? "online_kernel" : "offline";
}

int daxctl_memmap_block_set_state(struct daxctl_memmap *memmap, uint64_t block,
				  enum daxctl_memmap_block_state state)
{
	(void)memmap;
	return sysfs_write(daxctl_memmap_block_state_word(state),
			   SYS_MEMORY "/memory%llu/state", (unsigned long long)block);
}

int daxctl_memmap_blocks_set_state(struct daxctl_memmap *memmap,
				   enum daxctl_memmap_block_state state)
{
	int rc;

	if (!memmap->name || memmap->effective != DAXCTL_MEMMAP_RANGE)
		return -EOPNOTSUPP;
	rc = sysfs_write(daxctl_memmap_block_state_word(state),
			 DAX_DEVICES "/%s/memory_state", memmap->name);
	return rc == -ENOENT ? -EOPNOTSUPP : rc;
}

uint64_t daxctl_memmap_block_get_usable(struct daxctl_memmap *memmap, uint64_t block)
{
	struct mhp_memmap_geometry geo = memmap->machine.geo;
	const uint64_t start = block * geo.block_size;
	struct mhp_memmap_plan plan;
	struct memmap_range range;

	if (memmap->effective == DAXCTL_MEMMAP_NONE)
		return geo.block_size;

	geo.range_supported = true;
	for (size_t i = 0; i < memmap->nr_ranges; i++) {
		if (!block_is_in_range(memmap, i, block) ||
		    !memmap_whole_blocks(memmap, i, &range))
			continue;
		if (mhp_memmap_plan(&geo, (enum mhp_memmap_policy)memmap->effective,
				    range.start, range.size, &plan))
			break;
		return geo.block_size - mhp_memmap_block_head(&geo, &plan, start);
	}
	return 0;
}

int daxctl_memmap_count_blocks(struct daxctl_memmap *memmap,
			       struct daxctl_memmap_block_counts *counts)
{
	struct block_pos pos = { 0 };

	if (counts->struct_size != sizeof(*counts))
		return memmap_fail(memmap, -EINVAL, NULL,
				   "count_blocks: struct_size is %zu, this library has %zu",
				   counts->struct_size, sizeof(*counts));
	*counts = (struct daxctl_memmap_block_counts){ .struct_size = sizeof(*counts) };
	while (block_next(memmap, &pos)) {
		switch (block_get_state(pos.block)) {
		case DAXCTL_MEMMAP_BLOCK_ABSENT:
			continue;
		case DAXCTL_MEMMAP_BLOCK_MOVABLE:
			counts->movable++;
			counts->online++;
			break;
		case DAXCTL_MEMMAP_BLOCK_KERNEL:
			counts->kernel++;
			counts->online++;
			break;
		default:
			break;
		}
		counts->total++;
	}
	return 0;
}
