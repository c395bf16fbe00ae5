// SPDX-License-Identifier: LGPL-2.1
/*
 * Memory blocks of a device. Blocks that hold nothing but memmap have no
 * directory and are passed over.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

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

enum block_state block_get_state(uint64_t block)
{
	char buf[64];

	if (sysfs_read(buf, sizeof(buf), SYS_MEMORY "/memory%llu/state",
		       (unsigned long long)block) < 0)
		return BLOCK_ABSENT;
	if (!strcmp(buf, "offline"))
		return BLOCK_OFFLINE;
	if (strcmp(buf, "online"))
		return BLOCK_GOING;
	/* Of a block that is online, its zone; nothing if there are several. */
	sysfs_read(buf, sizeof(buf), SYS_MEMORY "/memory%llu/valid_zones",
		   (unsigned long long)block);
	return !strcmp(buf, "Movable") ? BLOCK_MOVABLE : BLOCK_KERNEL;
}

/* What to write to the file state. */
const char *block_word(enum block_state state)
{
	return state == BLOCK_MOVABLE ? "online_movable" :
	       state == BLOCK_KERNEL ? "online_kernel" : "offline";
}

int block_set_state(uint64_t block, enum block_state state)
{
	return sysfs_write(block_word(state), SYS_MEMORY "/memory%llu/state",
			   (unsigned long long)block);
}

int blocks_count(const struct daxctl_memmap *memmap, struct block_counts *counts)
{
	struct block_pos pos = { 0 };

	memset(counts, 0, sizeof(*counts));
	while (block_next(memmap, &pos)) {
		switch (block_get_state(pos.block)) {
		case BLOCK_ABSENT:
			continue;
		case BLOCK_MOVABLE:
			counts->movable++;
			counts->online++;
			break;
		case BLOCK_KERNEL:
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
