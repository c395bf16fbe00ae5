// SPDX-License-Identifier: GPL-2.0
/*
 * A range that holds its own memmap goes online and offline in one piece: one zone, one
 * pass over its struct pages, one call of each memory notifier. Its memory blocks are
 * told afterwards, and go online and offline one by one as ever if somebody asks them.
 *
 * Memory notifiers get the usable part of the range, which can be many memory blocks.
 */
#define pr_fmt(fmt) "mhp_altmap: " fmt

#include <linux/device.h>
#include <linux/export.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <trace/events/mhp_altmap.h>

#include "internal.h"

/* All memory blocks of a range that have usable memory, which must agree. */
struct piece {
	const struct mhp_altmap_range *range;
	u64 start;		/* of the first block */
	u64 size;
	unsigned long pfn;	/* first usable page */
	unsigned long nr_pages;
	unsigned long state;
	struct zone *zone;
	struct memory_group *group;
	unsigned long nr_blocks;
	bool hwpoison;
};

static bool block_hwpoison(struct memory_block *mem)
{
#ifdef CONFIG_MEMORY_FAILURE
	return atomic_long_read(&mem->nr_hwpoison);
#else
	return false;
#endif
}

static int look_at_block(struct memory_block *mem, void *arg)
{
	struct piece *piece = arg;

	if (!piece->nr_blocks++) {
		piece->state = mem->state;
		piece->zone = mem->zone;
		piece->group = mem->group;
	}
	/* Blocks that somebody has put online one by one can be in several zones. */
	if (mem->state != piece->state || mem->zone != piece->zone)
		return -EBUSY;
	piece->hwpoison |= block_hwpoison(mem);
	return 0;
}

/*
 * Is [@start, @start + @size) a range whose blocks can go together? -ENOENT if it is no
 * range, -EBUSY if some blocks are online and others are not, or in several zones.
 */
static int look_at_piece(u64 start, u64 size, struct piece *piece)
{
	const struct mhp_altmap_range *range;

	scoped_guard(rcu)
		range = mhp_altmap_find(PHYS_PFN(start), PHYS_PFN(start));
	if (!range || range->plan.start != start || range->plan.size != size)
		return -ENOENT;

	*piece = (struct piece) {
		.range = range,
		.start = range_first_block(range),
		.pfn = range_usable_pfn(range),
		.nr_pages = PHYS_PFN(range->plan.usable),
	};
	piece->size = start + size - piece->start;
	return walk_memory_blocks(piece->start, piece->size, piece, look_at_block);
}

/* A block follows its pages: state, zone, and what user space is told. */
static int block_follows(struct memory_block *mem, void *arg)
{
	const struct piece *piece = arg;

	device_lock(&mem->dev);
	mem->zone = piece->zone;
	mem->state = piece->state;
	if (piece->state == MEM_ONLINE) {
		dev_clear_offline(&mem->dev);
		kobject_uevent(&mem->dev.kobj, KOBJ_ONLINE);
	} else {
		dev_set_offline(&mem->dev);
		kobject_uevent(&mem->dev.kobj, KOBJ_OFFLINE);
	}
	device_unlock(&mem->dev);
	return 0;
}

static int set_block_state(struct memory_block *mem, void *arg)
{
	mem->state = *(unsigned long *)arg;
	return 0;
}

static int online_piece(struct piece *piece, int online_type)
{
	const struct mhp_altmap_range *range = piece->range;
	int ret = -EHWPOISON;

	if (!piece->hwpoison) {
		piece->zone = zone_for_pfn_range(online_type, range->nid,
						 piece->group, piece->pfn,
						 piece->nr_pages);
		mem_hotplug_begin();
		ret = online_pages(piece->pfn, piece->nr_pages, piece->zone,
				   piece->group);
		mem_hotplug_done();
	}
	trace_mhp_altmap_online(range->nid, &range->plan, ret);
	if (ret) {
		pr_warn("[mem %#llx-%#llx] does not go online: error %d\n",
			range->plan.start,
			range->plan.start + range->plan.size - 1, ret);
		return ret;
	}

	piece->state = MEM_ONLINE;
	walk_memory_blocks(piece->start, piece->size, piece, block_follows);
	return 0;
}

static int offline_piece(struct piece *piece)
{
	unsigned long state = MEM_GOING_OFFLINE;
	int ret;

	walk_memory_blocks(piece->start, piece->size, &state, set_block_state);
	mem_hotplug_begin();
	ret = offline_pages(piece->pfn, piece->nr_pages, piece->zone, piece->group);
	mem_hotplug_done();
	trace_mhp_altmap_offline(piece->range->nid, &piece->range->plan, ret);
	if (ret) {
		state = MEM_ONLINE;
		walk_memory_blocks(piece->start, piece->size, &state,
				   set_block_state);
		return ret;
	}

	piece->state = MEM_OFFLINE;
	piece->zone = NULL;
	walk_memory_blocks(piece->start, piece->size, piece, block_follows);
	return 0;
}

/**
 * mhp_altmap_online_range() - put memory that was just added online in one piece
 * @start: physical address in bytes
 * @size: bytes
 * @online_type: %MMOP_ONLINE, %MMOP_ONLINE_KERNEL or %MMOP_ONLINE_MOVABLE
 *
 * If that fails, all of it is offline, as it was before, and one line in the log says so.
 *
 * Context: Process context, sleeps, for long. device_hotplug_lock held.
 * Return: true if it is a range; false if its blocks are to go online one by one.
 */
bool mhp_altmap_online_range(u64 start, u64 size, int online_type)
{
	struct piece piece;
	int ret = look_at_piece(start, size, &piece);

	if (!ret && piece.state == MEM_OFFLINE)
		ret = online_piece(&piece, online_type);
	return ret != -ENOENT;
}

/* How its memory is online: an online type. */
static int piece_online_type(const struct piece *piece)
{
	if (piece->state == MEM_OFFLINE)
		return MMOP_OFFLINE;
	/* A block of a range is in one zone. */
	return zone_idx(piece->zone) == ZONE_MOVABLE ? MMOP_ONLINE_MOVABLE :
						       MMOP_ONLINE_KERNEL;
}

/**
 * mhp_altmap_offline_range() - take memory that is to be removed offline in one piece
 * @start: physical address in bytes
 * @size: bytes
 * @online_types: for each memory block, from the first; receives how the blocks were
 *	online if they are offline now
 *
 * A range of which some blocks are offline, or whose blocks are in several zones, is left
 * to who asks each block.
 *
 * Context: Process context, sleeps, for long; a signal ends it. device_hotplug_lock held.
 * Return: 0, or an error of offline_pages() with all blocks online as before.
 */
int mhp_altmap_offline_range(u64 start, u64 size, u8 *online_types)
{
	struct piece piece;
	u8 online_type;
	int ret;

	if (look_at_piece(start, size, &piece) || piece.state != MEM_ONLINE)
		return 0;

	online_type = piece_online_type(&piece);
	ret = offline_piece(&piece);
	if (!ret)
		memset(online_types, online_type, piece.nr_blocks);
	return ret;
}

/* Put one range online or take it offline; how it was, or an error. */
static int set_range_online(u64 start, u64 size, int online_type)
{
	struct piece piece;
	int ret = look_at_piece(start, size, &piece);
	int before;

	if (ret)
		return ret == -ENOENT ? -EOPNOTSUPP : ret;
	before = piece_online_type(&piece);
	if (before == MMOP_OFFLINE && online_type != MMOP_OFFLINE)
		ret = online_piece(&piece, online_type);
	else if (before != MMOP_OFFLINE && online_type == MMOP_OFFLINE)
		ret = offline_piece(&piece);
	return ret ?: before;
}

static int set_ranges_online(const struct mhp_memmap_device *device, int online_type,
			     u8 *before)
{
	u64 start, size;
	int ret = 0, i;

	for (i = 0; i < device->nr_ranges; i++) {
		if (!device->range(device, i, &start, &size))
			continue;
		ret = set_range_online(start, size, online_type);
		if (ret < 0)
			break;
		before[i] = ret;
	}
	while (ret < 0 && i--)
		if (device->range(device, i, &start, &size) &&
		    set_range_online(start, size, before[i]) < 0)
			pr_warn("[mem %#llx-%#llx] does not go back to how it was\n",
				start, start + size - 1);
	return min(ret, 0);
}

/**
 * mhp_altmap_set_online() - put a device's memory online or take it offline
 * @device: its ranges, each of which goes in one piece; only @nr_ranges and @range count
 * @online_type: %MMOP_ONLINE, %MMOP_ONLINE_KERNEL, %MMOP_ONLINE_MOVABLE, or %MMOP_OFFLINE
 *
 * All ranges or none: if one fails, those before it go back. Memory that has been taken
 * into use meanwhile, or that has poison, may not, and a signal keeps it from going offline;
 * the log says so. Memory that is online stays in the zone where it is.
 *
 * Context: A write to sysfs; sleeps, for long; a signal ends going offline. Takes
 * device_hotplug_lock if that is free: who holds it may be removing the attribute, and
 * wait for the write to end. It calls @range with that lock.
 * Return: 0; -ERESTARTNOINTR if the lock is taken, for the caller to return; -EOPNOTSUPP
 * for what is no range; -EBUSY if some blocks of a range are online and others are not,
 * or in several zones: ask each block then; -EHWPOISON for one that is offline and has a
 * poisoned page; -ENOMEM; or an error of online_pages() or offline_pages().
 */
int mhp_altmap_set_online(const struct mhp_memmap_device *device, int online_type)
{
	u8 *before;
	int ret;

	ret = lock_device_hotplug_sysfs();
	if (ret)
		return ret;
	ret = -ENOMEM;
	before = kzalloc(device->nr_ranges, GFP_KERNEL);
	if (before)
		ret = set_ranges_online(device, online_type, before);
	kfree(before);
	unlock_device_hotplug();
	return ret;
}
EXPORT_SYMBOL_GPL(mhp_altmap_set_online);
