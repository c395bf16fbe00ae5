/* SPDX-License-Identifier: (GPL-2.0 OR LGPL-2.1) */
/*
 * Where the memmap of hot-added memory goes: policies, and the arithmetic.
 *
 * Nothing in here touches memory or takes a lock. The same sources
 * (mm/mhp_altmap/policy.c and plan.c) are built into the kernel, into its KUnit
 * suite and into user-space programs, so that a preview and the kernel cannot
 * disagree.
 */
#ifndef _LINUX_MHP_MEMMAP_H
#define _LINUX_MHP_MEMMAP_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/**
 * enum mhp_memmap_policy - where the memmap of hot-added memory is placed
 * @MHP_MEMMAP_DEFAULT: none requested: the memory hotplug flags of the caller and
 *	memory_hotplug.memmap_on_memory decide, as without this layer. It has
 *	no name that a user could write.
 * @MHP_MEMMAP_DRAM: in memory that is online already
 * @MHP_MEMMAP_BLOCK: at the head of each hot-added memory block
 * @MHP_MEMMAP_RANGE: in one piece at the head of the hot-added range
 * @MHP_MEMMAP_AUTO: resolved to one of the three above when memory is added;
 *	never the result
 * @MHP_MEMMAP_NR_POLICIES: number of values above
 */
enum mhp_memmap_policy {
	MHP_MEMMAP_DEFAULT,
	MHP_MEMMAP_DRAM,
	MHP_MEMMAP_BLOCK,
	MHP_MEMMAP_RANGE,
	MHP_MEMMAP_AUTO,
	MHP_MEMMAP_NR_POLICIES
};

/**
 * struct mhp_memmap_geometry - what the arithmetic needs to know of a machine
 * @page_size: bytes per page
 * @page_struct_size: bytes per struct page
 * @section_size: bytes per memory section
 * @block_size: bytes per memory block, a power of two of sections
 * @memmap_unit: bytes of memmap that the architecture populates from an altmap
 *	in one piece: what a PMD entry maps, or a page
 * @pud_size: bytes mapped by one PUD entry; the size of a gigantic page
 * @block_memmap_size: bytes that policy "block" takes at the head of each
 *	block; 0 if this machine cannot have it
 * @range_supported: the architecture can have a self-hosted memmap for a range
 */
struct mhp_memmap_geometry {
	__u64 page_size;
	__u64 page_struct_size;
	__u64 section_size;
	__u64 block_size;
	__u64 memmap_unit;
	__u64 pud_size;
	__u64 block_memmap_size;
	bool range_supported;
};

/**
 * struct mhp_memmap_plan - what adding a range with a policy would cost
 * @policy: the policy that this plan is for; never %MHP_MEMMAP_AUTO
 * @start: physical address of the range, in bytes
 * @size: bytes in the range
 * @memmap: bytes of struct pages that describe the range
 * @head: bytes that the policy takes from the range, over all blocks for
 *	policy "block"; usable memory is @size - @head
 * @waste: bytes of @head that hold no struct page
 * @usable: bytes that can be onlined
 * @dram: bytes of struct pages taken from memory that is online already
 * @gigantic_pages: aligned and contiguous @pud_size pieces of usable memory
 * @reason: why the policy cannot be honoured or, for one that
 *	%MHP_MEMMAP_AUTO chose, why it did not choose "range"; words that fit
 *	behind a colon, else NULL
 *
 * With policy "range", usable memory is [@start + @head, @start + @size).
 */
struct mhp_memmap_plan {
	enum mhp_memmap_policy policy;
	__u64 start;
	__u64 size;
	__u64 memmap;
	__u64 head;
	__u64 waste;
	__u64 usable;
	__u64 dram;
	__u64 gigantic_pages;
	const char *reason;
};

/**
 * struct mhp_memmap_device - ranges that get one policy together
 * @geo: the machine
 * @nr_ranges: number of ranges
 * @range: get range @i in bytes; false if it is to be left out, as one without
 *	a whole memory block is
 * @refuses: tell why a range cannot have a policy although its plan is good;
 *	NULL if it can. The member itself is NULL if there is nothing to ask
 *
 * The caller embeds this in what the two functions need.
 */
struct mhp_memmap_device {
	struct mhp_memmap_geometry geo;
	unsigned int nr_ranges;
	bool (*range)(const struct mhp_memmap_device *device, unsigned int i,
		      __u64 *start, __u64 *size);
	const char *(*refuses)(const struct mhp_memmap_device *device,
			       const struct mhp_memmap_plan *plan);
};

const char *mhp_memmap_policy_name(enum mhp_memmap_policy policy);
int mhp_memmap_policy_parse(const char *word);
int mhp_memmap_plan(const struct mhp_memmap_geometry *geo,
		    enum mhp_memmap_policy policy, __u64 start, __u64 size,
		    struct mhp_memmap_plan *plan);
bool mhp_memmap_whole_blocks(__u64 block_size, __u64 *start, __u64 *size);
void mhp_memmap_add_up(struct mhp_memmap_plan *total,
		       const struct mhp_memmap_plan *plan);
int mhp_memmap_plan_device(const struct mhp_memmap_device *device,
			   enum mhp_memmap_policy policy,
			   struct mhp_memmap_plan *total);
__u64 mhp_memmap_block_head(const struct mhp_memmap_geometry *geo,
			    const struct mhp_memmap_plan *plan, __u64 block);

#endif /* _LINUX_MHP_MEMMAP_H */
