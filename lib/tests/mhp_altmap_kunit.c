// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite mhp_altmap: names and arithmetic by table, and the plans of the
 * machine that it runs on. What needs real memory to add is tested in a VM
 * with a device that has some.
 */
#include <kunit/test.h>
#include <linux/memory.h>
#include <linux/mhp_altmap.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "plan_vectors.h"

static void plan_desc(const struct plan_vector *v, char *desc)
{
	strscpy(desc, v->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(plan, plan_vectors, plan_desc);

static void mhp_memmap_plan_by_table(struct kunit *test)
{
	const struct plan_vector *v = test->param_value;
	struct mhp_memmap_plan plan;

	KUNIT_ASSERT_EQ(test, v->ret,
			mhp_memmap_plan(v->geo, v->policy, v->start, v->size,
					&plan));
	KUNIT_EXPECT_EQ(test, v->ret != 0, !!plan.reason);
	if (v->ret)
		return;

	KUNIT_EXPECT_EQ(test, v->policy, plan.policy);
	KUNIT_EXPECT_EQ(test, v->memmap, plan.memmap);
	KUNIT_EXPECT_EQ(test, v->head, plan.head);
	KUNIT_EXPECT_EQ(test, v->waste, plan.waste);
	KUNIT_EXPECT_EQ(test, v->usable, plan.usable);
	KUNIT_EXPECT_EQ(test, v->dram, plan.dram);
	KUNIT_EXPECT_EQ(test, v->gigantic_pages, plan.gigantic_pages);
}

static void auto_desc(const struct auto_vector *v, char *desc)
{
	strscpy(desc, v->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(auto, auto_vectors, auto_desc);

static void mhp_memmap_plan_resolve_auto(struct kunit *test)
{
	const struct auto_vector *v = test->param_value;
	struct mhp_memmap_plan plan;

	KUNIT_ASSERT_EQ(test, 0,
			mhp_memmap_plan_resolve(v->geo, MHP_MEMMAP_AUTO,
						GiB(4), v->size, &plan));
	KUNIT_EXPECT_EQ(test, v->policy, plan.policy);
	KUNIT_EXPECT_EQ(test, v->policy != MHP_MEMMAP_RANGE, !!plan.reason);
}

static void mhp_memmap_policy_words(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(word_vectors); i++)
		KUNIT_EXPECT_EQ_MSG(test, word_vectors[i].policy,
				    mhp_memmap_policy_parse(word_vectors[i].word),
				    "word \"%s\"", word_vectors[i].word);

	for (i = MHP_MEMMAP_DRAM; i < MHP_MEMMAP_NR_POLICIES; i++)
		KUNIT_EXPECT_EQ(test, i,
				mhp_memmap_policy_parse(mhp_memmap_policy_name(i)));
	KUNIT_EXPECT_NULL(test, mhp_memmap_policy_name(MHP_MEMMAP_DEFAULT));
	KUNIT_EXPECT_NULL(test, mhp_memmap_policy_name(MHP_MEMMAP_NR_POLICIES));
}

/* Where a section's memmap is no whole PMD, as with 64 KiB pages, none can. */
static void skip_without_ranges(struct kunit *test)
{
	struct mhp_memmap_plan plan;

	if (mhp_altmap_plan(MHP_MEMMAP_RANGE, 1ULL << (MAX_PHYSMEM_BITS - 2),
			    16 * memory_block_size_bytes(), &plan))
		kunit_skip(test, "no range can hold its memmap here: %s",
			   plan.reason);
}

/* Whatever the range: the parts add up, and the head is whole sections. */
static void mhp_altmap_plan_random(struct kunit *test)
{
	const u64 block = memory_block_size_bytes();
	const u64 section = 1UL << SECTION_SIZE_BITS;
	struct mhp_memmap_plan plan;
	struct rnd_state rnd;
	int i;

	skip_without_ranges(test);
	prandom_seed_state(&rnd, 20261122);
	for (i = 0; i < 10000; i++) {
		u64 start = (u64)prandom_u32_state(&rnd) % 100000 * block;
		u64 size = ((u64)prandom_u32_state(&rnd) % 131072 + 1) * block;
		int ret = mhp_altmap_plan(MHP_MEMMAP_RANGE, start, size, &plan);

		if (ret == -EOPNOTSUPP) {
			KUNIT_EXPECT_LE_MSG(test, size, section,
					    "start %#llx size %#llx", start, size);
			continue;
		}
		KUNIT_ASSERT_EQ_MSG(test, 0, ret, "start %#llx size %#llx",
				    start, size);
		KUNIT_EXPECT_EQ(test, size / PAGE_SIZE * sizeof(struct page),
				plan.memmap);
		KUNIT_EXPECT_EQ(test, 0, plan.head % section);
		KUNIT_EXPECT_EQ(test, plan.memmap + plan.waste, plan.head);
		KUNIT_EXPECT_EQ(test, size, plan.head + plan.usable);
		KUNIT_EXPECT_GE(test, plan.usable, section);
		KUNIT_EXPECT_LE(test, plan.gigantic_pages * PUD_SIZE, plan.usable);
		KUNIT_EXPECT_EQ(test, 0, plan.dram);
	}
}

/* This machine can have all policies, or says why not. */
static void mhp_altmap_geometry_is_sane(struct kunit *test)
{
	struct mhp_memmap_geometry geo;

	mhp_altmap_geometry(&geo);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, geo.page_size);
	KUNIT_EXPECT_EQ(test, sizeof(struct page), geo.page_struct_size);
	KUNIT_EXPECT_EQ(test, 0, geo.block_size % geo.section_size);
	KUNIT_EXPECT_LT(test, geo.block_memmap_size, geo.block_size);
	if (geo.block_memmap_size)
		KUNIT_EXPECT_GE(test, geo.block_memmap_size,
				geo.block_size / PAGE_SIZE * sizeof(struct page));
}

/* Whole blocks of a range, in units of a quarter of a block. */
static void mhp_altmap_whole_blocks_of(struct kunit *test)
{
	static const struct {
		const char *desc;
		u64 start, size;	/* given */
		u64 first, left;	/* to be got; the first only if any is left */
	} cases[] = {
		{ "whole",			 8,   8,  8,  8 },
		{ "start inside a block",	 9,   8, 12,  4 },
		{ "end inside a block",		 8,   7,  8,  4 },
		{ "both inside a block",	 9,  10, 12,  4 },
		{ "less than a block",		 9,   2,  0,  0 },
		{ "a block's size, not whole",	 9,   4,  0,  0 },
		{ "empty",			 8,   0,  0,  0 },
		{ "wraps",			-4,   8,  0,  0 },
		{ "wraps, unaligned",		-5,  12,  0,  0 },
		{ "ends where it wraps",	-4,   4,  0,  0 },
		{ "start is rounded to 0",	-3,   2,  0,  0 },
		{ "so is start, and wraps",	-3,  16,  0,  0 },
		{ "the last that does not wrap", -8,  4, -8,  4 },
	};
	const u64 unit = memory_block_size_bytes() / 4;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 start = cases[i].start * unit, size = cases[i].size * unit;

		KUNIT_EXPECT_EQ_MSG(test, cases[i].left != 0,
				    mhp_altmap_whole_blocks(&start, &size), "%s",
				    cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].left * unit, size, "%s",
				    cases[i].desc);
		if (cases[i].left)
			KUNIT_EXPECT_EQ_MSG(test, cases[i].first * unit, start,
					    "%s", cases[i].desc);
	}
}

/*
 * Set-up with bad ranges, and with good ones that overlap. Adds no memory, so
 * that it does without device_hotplug_lock, which modules cannot take.
 */
static void mhp_altmap_setup_refuses(struct kunit *test)
{
	const u64 block = memory_block_size_bytes();
	/* Above everything that the machine could have. */
	const u64 start = 1ULL << (MAX_PHYSMEM_BITS - 2);
	struct mhp_altmap_range *range, *other;
	struct vmem_altmap *altmap;

	skip_without_ranges(test);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(mhp_altmap_setup(0, start, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(mhp_altmap_setup(0, start + PAGE_SIZE, 16 * block)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(mhp_altmap_setup(0, start, 16 * block + PAGE_SIZE)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(mhp_altmap_setup(0, -block, 2 * block)));
	if (block == 1UL << SECTION_SIZE_BITS)
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
				PTR_ERR(mhp_altmap_setup(0, start, block)));

	range = mhp_altmap_setup(0, start, 16 * block);
	other = mhp_altmap_setup(0, start + 15 * block, 16 * block);
	KUNIT_ASSERT_FALSE(test, IS_ERR(range));
	KUNIT_EXPECT_EQ(test, -EEXIST, PTR_ERR(other));

	altmap = mhp_altmap_get(range);
	KUNIT_EXPECT_EQ(test, PHYS_PFN(start), altmap->base_pfn);
	KUNIT_EXPECT_EQ(test, PHYS_PFN(start + 16 * block) - 1, altmap->end_pfn);
	KUNIT_EXPECT_EQ(test, 0, altmap->reserve);
	KUNIT_EXPECT_EQ(test, 0, altmap->alloc);
	KUNIT_EXPECT_EQ(test, 0, altmap->free % PAGES_PER_SECTION);

	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_release(range));
	/* Released is released: the same range can be set up again. */
	range = mhp_altmap_setup(0, start, 16 * block);
	KUNIT_EXPECT_FALSE(test, IS_ERR(range));
	if (!IS_ERR(range))
		KUNIT_EXPECT_EQ(test, 0, mhp_altmap_release(range));
}

/* Steps out of order, twice, and on what is no range: refused, no harm done. */
static void mhp_altmap_steps_out_of_order(struct kunit *test)
{
	const u64 start = 1ULL << (MAX_PHYSMEM_BITS - 2);
	struct mhp_altmap_range *range;

	skip_without_ranges(test);
	range = mhp_altmap_setup(0, start, 16 * memory_block_size_bytes());
	KUNIT_ASSERT_FALSE(test, IS_ERR(range));
	KUNIT_EXPECT_EQ(test, -EINVAL, mhp_mark_vmemmap_pages(range));
	KUNIT_EXPECT_EQ(test, -EINVAL, mhp_unmark_vmemmap_pages(range));
	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_release(range));

	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_altmap_release(range));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_mark_vmemmap_pages(range));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_unmark_vmemmap_pages(range));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_altmap_release(NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_mark_vmemmap_pages(ERR_PTR(-EINVAL)));
}

/* Flags are what the policy says, whatever they were. */
static void mhp_altmap_prepare_sets_flags(struct kunit *test)
{
	const u64 start = 1ULL << (MAX_PHYSMEM_BITS - 2);
	const u64 size = 16 * memory_block_size_bytes();
	struct mhp_memmap_plan plan;
	mhp_t flags;

	skip_without_ranges(test);
	flags = MHP_MERGE_RESOURCE | MHP_MEMMAP_ON_MEMORY;
	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_prepare(MHP_MEMMAP_DRAM, start, size,
						    &flags, &plan));
	KUNIT_EXPECT_TRUE(test, flags == MHP_MERGE_RESOURCE);
	KUNIT_EXPECT_EQ(test, MHP_MEMMAP_DRAM, plan.policy);

	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_prepare(MHP_MEMMAP_RANGE, start, size,
						    &flags, &plan));
	KUNIT_EXPECT_TRUE(test, mhp_altmap_per_range(flags));
	KUNIT_EXPECT_FALSE(test, mhp_altmap_per_block(flags));
	KUNIT_EXPECT_EQ(test, start, plan.start);
	KUNIT_EXPECT_EQ(test, size, plan.size);

	/* The default leaves them alone, and tells what they come to. */
	flags = MHP_NONE;
	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_prepare(MHP_MEMMAP_DEFAULT, start,
						    size, &flags, &plan));
	KUNIT_EXPECT_TRUE(test, flags == MHP_NONE);
	KUNIT_EXPECT_EQ(test, MHP_MEMMAP_DRAM, plan.policy);
}

static struct kunit_case mhp_altmap_cases[] = {
	KUNIT_CASE_PARAM(mhp_memmap_plan_by_table, plan_gen_params),
	KUNIT_CASE_PARAM(mhp_memmap_plan_resolve_auto, auto_gen_params),
	KUNIT_CASE(mhp_memmap_policy_words),
	KUNIT_CASE(mhp_altmap_geometry_is_sane),
	KUNIT_CASE(mhp_altmap_plan_random),
	KUNIT_CASE(mhp_altmap_whole_blocks_of),
	KUNIT_CASE(mhp_altmap_setup_refuses),
	KUNIT_CASE(mhp_altmap_steps_out_of_order),
	KUNIT_CASE(mhp_altmap_prepare_sets_flags),
	{}
};

static struct kunit_suite mhp_altmap_suite = {
	.name = "mhp_altmap",
	.test_cases = mhp_altmap_cases,
};

kunit_test_suite(mhp_altmap_suite);

MODULE_DESCRIPTION("KUnit tests for memmap placement");
MODULE_LICENSE("GPL");
