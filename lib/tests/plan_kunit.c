// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite mhp_memmap: words and arithmetic, by table. The tables are those
 * of the tests in user space.
 */
#include <kunit/test.h>
#include <linux/mhp_memmap.h>
#include <linux/string.h>

#include "plan_vectors.h"

KUNIT_ARRAY_PARAM_DESC(plan, plan_vectors, desc);

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

KUNIT_ARRAY_PARAM_DESC(auto, auto_vectors, desc);

static void mhp_memmap_plan_auto(struct kunit *test)
{
	const struct auto_vector *v = test->param_value;
	const struct vector_range range = { GiB(4), v->size };
	struct mhp_memmap_plan plan;

	KUNIT_ASSERT_EQ(test, 0, plan_vector_device(v->geo, MHP_MEMMAP_AUTO,
						    &range, 1, &plan));
	KUNIT_EXPECT_EQ(test, v->policy, plan.policy);
	KUNIT_EXPECT_EQ(test, v->policy != MHP_MEMMAP_RANGE, !!plan.reason);
}

KUNIT_ARRAY_PARAM_DESC(device, device_vectors, desc);

/* Several ranges get one policy. */
static void mhp_memmap_plan_devices(struct kunit *test)
{
	const struct device_vector *v = test->param_value;
	struct mhp_memmap_plan total;

	KUNIT_ASSERT_EQ(test, v->ret,
			plan_vector_device(v->geo, v->policy, v->ranges,
					   v->nr_ranges, &total));
	KUNIT_EXPECT_EQ(test, v->becomes, total.policy);
	if (v->ret)
		return;
	KUNIT_EXPECT_EQ(test, v->size, total.size);
	KUNIT_EXPECT_EQ(test, v->memmap, total.memmap);
	KUNIT_EXPECT_EQ(test, v->head, total.head);
	KUNIT_EXPECT_EQ(test, v->head ? v->head - v->memmap : 0, total.waste);
	KUNIT_EXPECT_EQ(test, v->size - v->head, total.usable);
	KUNIT_EXPECT_EQ(test, v->head ? 0 : v->memmap, total.dram);
	KUNIT_EXPECT_EQ(test, v->gigantic_pages, total.gigantic_pages);
}

static void mhp_memmap_block_heads(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(block_head_vectors); i++) {
		const struct block_head_vector *v = &block_head_vectors[i];
		struct mhp_memmap_plan plan;

		KUNIT_ASSERT_EQ_MSG(test, 0,
				    mhp_memmap_plan(v->geo, v->policy, GiB(4),
						    v->size, &plan), "%s", v->desc);
		KUNIT_EXPECT_EQ_MSG(test, v->head,
				    mhp_memmap_block_head(v->geo, &plan, v->block),
				    "%s", v->desc);
	}
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

/* Whole blocks of a range, in units of a quarter of a block. */
static void mhp_memmap_whole_blocks_of(struct kunit *test)
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
	const u64 unit = MiB(32);
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 start = cases[i].start * unit, size = cases[i].size * unit;

		KUNIT_EXPECT_EQ_MSG(test, cases[i].left != 0,
				    mhp_memmap_whole_blocks(4 * unit, &start, &size), "%s",
				    cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].left * unit, size, "%s",
				    cases[i].desc);
		if (cases[i].left)
			KUNIT_EXPECT_EQ_MSG(test, cases[i].first * unit, start,
					    "%s", cases[i].desc);
	}
}

static struct kunit_case mhp_memmap_cases[] = {
	KUNIT_CASE_PARAM(mhp_memmap_plan_by_table, plan_gen_params),
	KUNIT_CASE_PARAM(mhp_memmap_plan_auto, auto_gen_params),
	KUNIT_CASE_PARAM(mhp_memmap_plan_devices, device_gen_params),
	KUNIT_CASE(mhp_memmap_block_heads),
	KUNIT_CASE(mhp_memmap_policy_words),
	KUNIT_CASE(mhp_memmap_whole_blocks_of),
	{}
};

static struct kunit_suite mhp_memmap_suite = {
	.name = "mhp_memmap",
	.test_cases = mhp_memmap_cases,
};

kunit_test_suite(mhp_memmap_suite);
