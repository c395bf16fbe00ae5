// SPDX-License-Identifier: (GPL-2.0 OR LGPL-2.1)
/*
 * What a memmap policy costs, and whether it can be honoured.
 *
 * Also built in user space: keep it pure. All sizes are in bytes.
 *
 * Policy "range", 16 GiB at 0x100000000 with 128 MiB sections, 4 KiB pages and
 * 64 bytes per struct page:
 *
 *	0x100000000  +---------------------+
 *	             | memmap: 256 MiB     |  head: 2 sections, always online
 *	0x110000000  +---------------------+
 *	             | usable: 15.75 GiB   |  first 1 GiB page at 0x140000000
 *	0x500000000  +---------------------+
 *
 * The head is whole sections, because pfn_to_online_page() works by sections: one
 * is either memmap or usable memory, never both.
 */
#include <linux/mhp_memmap.h>
#ifdef __KERNEL__
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#else
#include <errno.h>
#include <stddef.h>
#define EXPORT_SYMBOL_GPL(sym) struct sym##_is_not_exported
#define EXPORT_SYMBOL_IF_KUNIT EXPORT_SYMBOL_GPL
#endif

/* @align must be a power of two. Wraps to 0 near the end of the addresses. */
static __u64 round_up_to(__u64 value, __u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

static bool is_multiple(__u64 value, __u64 align)
{
	return !(value & (align - 1));
}

/* How many naturally aligned pieces of @size fit into [@start, @end)? */
static __u64 aligned_pieces(__u64 start, __u64 end, __u64 size)
{
	const __u64 first = round_up_to(start, size);

	/* No piece starts where addresses end: rounding up wraps to 0 there. */
	return first >= start && first < end ? (end - first) / size : 0;
}

static int refuse(struct mhp_memmap_plan *plan, const char *reason)
{
	plan->reason = reason;
	return -EOPNOTSUPP;
}

static int plan_block(const struct mhp_memmap_geometry *geo,
		      struct mhp_memmap_plan *plan)
{
	const __u64 nr_blocks = plan->size / geo->block_size;

	if (!geo->block_memmap_size)
		return refuse(plan, "a block's memmap is not whole PMDs and pageblocks");
	if (geo->block_memmap_size >= geo->block_size)
		return refuse(plan, "the memmap would fill the memory block");

	plan->head = nr_blocks * geo->block_memmap_size;
	plan->waste = plan->head - plan->memmap;
	/* Blocks are aligned to their size, so all of them look like the first. */
	plan->gigantic_pages = nr_blocks *
		aligned_pieces(plan->start + geo->block_memmap_size,
			       plan->start + geo->block_size, geo->pud_size);
	return 0;
}

static int plan_range(const struct mhp_memmap_geometry *geo,
		      struct mhp_memmap_plan *plan)
{
	const __u64 section_memmap =
		geo->section_size / geo->page_size * geo->page_struct_size;

	if (!geo->range_supported)
		return refuse(plan, "this architecture or kernel does not support it");
	/*
	 * Memory is populated and freed by sections. Two that shared a piece
	 * of the head could not be freed one by one.
	 */
	if (!is_multiple(section_memmap, geo->memmap_unit))
		return refuse(plan, "a section's memmap is not whole pages of the vmemmap");

	plan->head = round_up_to(plan->memmap, geo->section_size);
	if (plan->head >= plan->size)
		return refuse(plan, "too small: no section would be left beside the memmap");

	plan->waste = plan->head - plan->memmap;
	plan->gigantic_pages = aligned_pieces(plan->start + plan->head,
					      plan->start + plan->size,
					      geo->pud_size);
	return 0;
}

/**
 * mhp_memmap_plan() - what would it cost to add a range with a policy?
 * @geo: the machine
 * @policy: dram, block or range
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 * @plan: filled in; valid if 0 is returned, else @plan->reason says why not
 *
 * Context: Any. Pure arithmetic.
 * Return: 0, -EINVAL if the range is empty, unaligned or wraps, or @policy is
 * not one of the three, -EOPNOTSUPP if the policy cannot be honoured.
 */
int mhp_memmap_plan(const struct mhp_memmap_geometry *geo,
		    enum mhp_memmap_policy policy, __u64 start, __u64 size,
		    struct mhp_memmap_plan *plan)
{
	int ret;

	*plan = (struct mhp_memmap_plan) {
		.policy = policy,
		.start = start,
		.size = size,
	};

	if (!size || start + size < start) {
		plan->reason = "empty, or beyond the address space";
		return -EINVAL;
	}
	if (!is_multiple(start | size, geo->block_size)) {
		plan->reason = "not whole memory blocks";
		return -EINVAL;
	}

	plan->memmap = size / geo->page_size * geo->page_struct_size;

	switch (policy) {
	case MHP_MEMMAP_DRAM:
		plan->dram = plan->memmap;
		plan->gigantic_pages = aligned_pieces(start, start + size,
						      geo->pud_size);
		ret = 0;
		break;
	case MHP_MEMMAP_BLOCK:
		ret = plan_block(geo, plan);
		break;
	case MHP_MEMMAP_RANGE:
		ret = plan_range(geo, plan);
		break;
	default:
		plan->reason = "not a policy that memory can have";
		ret = -EINVAL;
		break;
	}

	plan->usable = size - plan->head;
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_memmap_plan);

/**
 * mhp_memmap_whole_blocks() - narrow a range to whole memory blocks
 * @block_size: bytes per memory block, a power of two
 * @start: physical address in bytes; rounded up
 * @size: bytes; reduced to whole blocks, 0 if there are none
 *
 * Context: Any. Pure arithmetic.
 * Return: true if the range has a whole block. A range that wraps has none.
 */
bool mhp_memmap_whole_blocks(__u64 block_size, __u64 *start, __u64 *size)
{
	const __u64 end = *start + *size;
	const __u64 first = round_up_to(*start, block_size);
	const __u64 last = end & ~(block_size - 1);

	/* The start can wrap when it is rounded up; an end that wraps is below it. */
	*size = first >= *start && first < last ? last - first : 0;
	*start = first;
	return *size;
}
EXPORT_SYMBOL_GPL(mhp_memmap_whole_blocks);

/**
 * mhp_memmap_add_up() - add the plan of one more range to those of a device
 * @total: the sum so far, zeroed but for its policy before the first range
 * @plan: what to add
 *
 * Context: Any. Pure arithmetic.
 */
void mhp_memmap_add_up(struct mhp_memmap_plan *total,
		       const struct mhp_memmap_plan *plan)
{
	if (!total->size)
		total->start = plan->start;
	total->size += plan->size;
	total->memmap += plan->memmap;
	total->head += plan->head;
	total->waste += plan->waste;
	total->usable += plan->usable;
	total->dram += plan->dram;
	total->gigantic_pages += plan->gigantic_pages;
}
EXPORT_SYMBOL_GPL(mhp_memmap_add_up);

/* Add up the plans of all ranges for a policy other than auto. */
static int plan_all(const struct mhp_memmap_device *device,
		    enum mhp_memmap_policy policy, struct mhp_memmap_plan *total)
{
	struct mhp_memmap_plan plan;
	unsigned int i;
	int ret;

	*total = (struct mhp_memmap_plan) { .policy = policy };
	for (i = 0; i < device->nr_ranges; i++) {
		__u64 start, size;

		if (!device->range(device, i, &start, &size))
			continue;
		ret = mhp_memmap_plan(&device->geo, policy, start, size, &plan);
		if (!ret && device->refuses) {
			plan.reason = device->refuses(device, &plan);
			if (plan.reason)
				ret = -EOPNOTSUPP;
		}
		if (ret) {
			*total = plan;
			return ret;
		}
		mhp_memmap_add_up(total, &plan);
	}
	return total->size ? 0 : refuse(total, "no whole memory block in it");
}

/*
 * A head is rounded up to whole sections, so that a small range loses much of
 * its memory: 256 MiB lose half. Policy "auto" does not accept that; policy
 * "range" does. What counts is the sum over a device: 1 GiB beside 16 GiB may
 * waste more than its own memmap takes.
 */
static bool plan_is_frugal(const struct mhp_memmap_plan *plan)
{
	return plan->waste <= plan->memmap;
}

/**
 * mhp_memmap_plan_device() - plan all ranges of a device with one policy
 * @device: the device and the machine
 * @policy: dram, block, range, or auto, which means: range where all ranges can
 *	have it and waste, added up, no more than their memmap takes; else block
 *	where all can have it; else dram
 * @total: filled in. The plans of all ranges, added up; @total->policy is the
 *	policy chosen, and @total->reason tells why auto passed over range. On
 *	failure the plan of the range that cannot have the policy, with the
 *	reason
 *
 * Context: Any. Pure arithmetic.
 * Return: 0; as mhp_memmap_plan() for the first range that cannot have the
 * policy; -EOPNOTSUPP if the device has no range with a whole memory block. A
 * policy other than auto is never replaced.
 */
int mhp_memmap_plan_device(const struct mhp_memmap_device *device,
			   enum mhp_memmap_policy policy,
			   struct mhp_memmap_plan *total)
{
	const char *reason;
	int ret;

	if (policy != MHP_MEMMAP_AUTO)
		return plan_all(device, policy, total);

	ret = plan_all(device, MHP_MEMMAP_RANGE, total);
	if (!ret && plan_is_frugal(total))
		return 0;
	reason = ret ? total->reason :
		       "whole sections would waste more than the memmap takes";

	ret = plan_all(device, MHP_MEMMAP_BLOCK, total);
	if (ret)
		ret = plan_all(device, MHP_MEMMAP_DRAM, total);
	total->reason = reason;
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(mhp_memmap_plan_device);

/**
 * mhp_memmap_block_head() - how much of a memory block holds memmap?
 * @geo: the machine
 * @plan: of the range that the block lies in
 * @block: physical address of the block, in bytes
 *
 * Context: Any. Pure arithmetic.
 * Return: bytes at the start of the block that cannot be onlined.
 */
__u64 mhp_memmap_block_head(const struct mhp_memmap_geometry *geo,
			    const struct mhp_memmap_plan *plan, __u64 block)
{
	const __u64 usable = plan->start + plan->head;

	switch (plan->policy) {
	case MHP_MEMMAP_BLOCK:
		return geo->block_memmap_size;
	case MHP_MEMMAP_RANGE:
		if (block >= usable)
			return 0;
		return usable - block < geo->block_size ? usable - block :
							  geo->block_size;
	default:
		return 0;
	}
}
EXPORT_SYMBOL_IF_KUNIT(mhp_memmap_block_head);
