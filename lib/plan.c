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
 * The head is whole sections, because pfn_to_online_page() knows of nothing
 * smaller: a section is either memmap or usable memory, never both.
 */
#include <linux/mhp_memmap.h>
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/export.h>
#else
#include <errno.h>
#include <stddef.h>
#define EXPORT_SYMBOL_GPL(sym) struct sym##_is_not_exported
#endif

/* @align must be a power of two; callers have checked that nothing wraps. */
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
	start = round_up_to(start, size);
	return start < end ? (end - start) / size : 0;
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
	 * Two sections that share a PMD of the vmemmap would share a page of
	 * the head; and x86 populates from an altmap in whole PMDs only.
	 */
	if (!is_multiple(section_memmap, geo->pmd_size))
		return refuse(plan, "a section's memmap is not whole PMDs");

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
EXPORT_SYMBOL_GPL(mhp_memmap_plan);

/*
 * A head is rounded up to whole sections, so that small ranges lose much of
 * what they have: 256 MiB keep half. Policy "auto" does not accept that; who
 * writes "range" gets it.
 */
static bool plan_is_frugal(const struct mhp_memmap_plan *plan)
{
	return plan->waste <= plan->memmap;
}

/**
 * mhp_memmap_plan_resolve() - plan a range with any policy
 * @geo: the machine
 * @policy: dram, block, range, or auto, which means: range where it can be
 *	honoured and wastes no more than the memmap takes, else block where it
 *	can be honoured, else dram
 * @start: physical address of the range in bytes, aligned to a memory block
 * @size: bytes in the range, a multiple of the memory block size
 * @plan: as for mhp_memmap_plan(); @plan->policy is the policy chosen, and
 *	@plan->reason says why auto passed over range
 *
 * Context: Any. Pure arithmetic.
 * Return: as mhp_memmap_plan(). A policy other than auto is never replaced.
 */
int mhp_memmap_plan_resolve(const struct mhp_memmap_geometry *geo,
			    enum mhp_memmap_policy policy, __u64 start,
			    __u64 size, struct mhp_memmap_plan *plan)
{
	const char *reason;
	int ret;

	if (policy != MHP_MEMMAP_AUTO)
		return mhp_memmap_plan(geo, policy, start, size, plan);

	ret = mhp_memmap_plan(geo, MHP_MEMMAP_RANGE, start, size, plan);
	if (!ret && plan_is_frugal(plan))
		return 0;
	reason = ret ? plan->reason :
		       "whole sections would waste more than the memmap takes";

	ret = mhp_memmap_plan(geo, MHP_MEMMAP_BLOCK, start, size, plan);
	if (ret)
		ret = mhp_memmap_plan(geo, MHP_MEMMAP_DRAM, start, size, plan);
	plan->reason = reason;
	return ret;
}
EXPORT_SYMBOL_GPL(mhp_memmap_plan_resolve);
