// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite mhp_altmap: names and arithmetic by table, the plans of the
 * machine that it runs on, and what is answered about ranges without memory
 * behind them. What needs real memory to add is tested in a VM with a device
 * that has some.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/memory.h>
#include <linux/mhp_altmap.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/mhp_altmap_hooks.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../internal.h"
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

/*
 * What mm, memory blocks and hibernation ask, of two ranges that touch, A and B.
 * The head of each is three sections full of struct pages. Pfns in the tables
 * are relative to the start of A.
 */
#define SECTIONS(n)	((unsigned long)(n) * PAGES_PER_SECTION)
/* Pages whose struct pages fill a section, or several. */
#define FULL(n)		(SECTIONS(n) * (PAGE_SIZE / sizeof(struct page)))
#define A_HEAD		SECTIONS(3)
#define A_END		FULL(3)
#define B_HEAD		(A_END + A_HEAD)
#define B_END		(2 * A_END)

struct two_ranges {
	unsigned long pfn;
	struct mhp_altmap_range *a, *b;
};

KUNIT_DEFINE_ACTION_WRAPPER(release_range, mhp_altmap_release,
			    struct mhp_altmap_range *);

/* Released with the test, or by kunit_release_action(). */
static struct mhp_altmap_range *set_up(struct kunit *test, unsigned long pfn,
				       unsigned long nr_pages)
{
	struct mhp_altmap_range *range;

	range = mhp_altmap_setup(0, PFN_PHYS(pfn), PFN_PHYS(nr_pages));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, range);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, release_range, range));
	return range;
}

static void skip_without_full_heads(struct kunit *test)
{
	skip_without_ranges(test);
	if (FULL(1) % PHYS_PFN(memory_block_size_bytes()))
		kunit_skip(test, "memory blocks are larger than what a section describes");
}

static void set_up_two_at(struct kunit *test, unsigned long pfn,
			  struct two_ranges *two)
{
	two->pfn = pfn;
	two->a = set_up(test, pfn, A_END);
	two->b = set_up(test, pfn + A_END, A_END);
	KUNIT_ASSERT_EQ(test, A_HEAD, mhp_altmap_get(two->a)->free);
}

static void set_up_two(struct kunit *test, struct two_ranges *two)
{
	skip_without_full_heads(test);
	set_up_two_at(test, PHYS_PFN(1ULL << (MAX_PHYSMEM_BITS - 2)), two);
}

struct span {
	const char *desc;
	unsigned long pfn, nr;			/* given */
	unsigned long want_pfn, want_nr;
};

static void span_desc(const struct span *s, char *desc)
{
	strscpy(desc, s->desc, KUNIT_PARAM_DESC_SIZE);
}

static const struct span usable_spans[] = {
	{ "far before", -SECTIONS(64), SECTIONS(16), -SECTIONS(64), SECTIONS(16) },
	{ "just before", -SECTIONS(2), SECTIONS(2), -SECTIONS(2), SECTIONS(2) },
	{ "part head", 0, SECTIONS(16), A_HEAD, SECTIONS(13) },
	{ "all head", 0, SECTIONS(1), SECTIONS(1), 0 },
	{ "all head, inside", SECTIONS(1), SECTIONS(1), SECTIONS(2), 0 },
	{ "all head, to its end", SECTIONS(2), SECTIONS(1), A_HEAD, 0 },
	{ "the head, no more", 0, A_HEAD, A_HEAD, 0 },
	{ "the head and a page", 0, A_HEAD + 1, A_HEAD, 1 },
	{ "from inside the head", SECTIONS(2), SECTIONS(2), A_HEAD, SECTIONS(1) },
	{ "from the head's last page", A_HEAD - 1, 2, A_HEAD, 1 },
	{ "from the first usable page", A_HEAD, SECTIONS(1), A_HEAD, SECTIONS(1) },
	{ "behind the head", A_HEAD + 1, SECTIONS(1), A_HEAD + 1, SECTIONS(1) },
	{ "last block", A_END - SECTIONS(1), SECTIONS(1), A_END - SECTIONS(1), SECTIONS(1) },
	{ "the next range's head", A_END, SECTIONS(1), A_END + SECTIONS(1), 0 },
	{ "part of it", A_END, SECTIONS(16), B_HEAD, SECTIONS(13) },
	{ "its last block", B_END - SECTIONS(1), SECTIONS(1), B_END - SECTIONS(1), SECTIONS(1) },
	{ "behind both", B_END, SECTIONS(16), B_END, SECTIONS(16) },
	{ "nothing, of a head", 0, 0, 0, 0 },
};

KUNIT_ARRAY_PARAM(usable, usable_spans, span_desc);

static void mhp_altmap_usable_part(struct kunit *test)
{
	const struct span *s = test->param_value;
	struct two_ranges two;
	unsigned long pfn, nr;

	set_up_two(test, &two);
	pfn = two.pfn + s->pfn;
	nr = s->nr;
	mhp_altmap_block_usable(&pfn, &nr);
	KUNIT_EXPECT_EQ(test, s->want_pfn, pfn - two.pfn);
	KUNIT_EXPECT_EQ(test, s->want_nr, nr);

	/* Of ranges that are gone, all is usable. */
	kunit_release_action(test, release_range, two.a);
	kunit_release_action(test, release_range, two.b);
	pfn = two.pfn + s->pfn;
	nr = s->nr;
	mhp_altmap_block_usable(&pfn, &nr);
	KUNIT_EXPECT_EQ(test, s->pfn, pfn - two.pfn);
	KUNIT_EXPECT_EQ(test, s->nr, nr);
}

/* A piece is of one range: what it reaches into is not looked at. */
static const struct span removal_spans[] = {
	{ "a page of the head", 0, 1, 0, A_END },
	{ "the head", 0, A_HEAD, 0, A_END },
	{ "the usable part", A_HEAD, A_END - A_HEAD, 0, A_END },
	{ "inside", SECTIONS(16), SECTIONS(4), 0, A_END },
	{ "the last page", A_END - 1, 1, 0, A_END },
	{ "exact", 0, A_END, 0, A_END },
	{ "the next range's head", A_END, 1, A_END, A_END },
	{ "its last page", B_END - 1, 1, A_END, A_END },
	{ "the next range, exact", A_END, A_END, A_END, A_END },
	{ "both", 0, B_END, 0, A_END },
	{ "the end of one, the next's head", A_END - 1, 2, 0, A_END },
};

KUNIT_ARRAY_PARAM(removal, removal_spans, span_desc);

static void mhp_altmap_removal_span_of_range(struct kunit *test)
{
	const struct span *s = test->param_value;
	struct two_ranges two;
	unsigned long pfn, nr;

	set_up_two(test, &two);
	pfn = two.pfn + s->pfn;
	nr = s->nr;
	mhp_altmap_removal_span(&pfn, &nr);
	KUNIT_EXPECT_EQ(test, s->want_pfn, pfn - two.pfn);
	KUNIT_EXPECT_EQ(test, s->want_nr, nr);
}

/* Outside of ranges: in units of a quarter of a block, from the end of B. */
static const struct span block_spans[] = {
	{ "a block", 0, 4, 0, 4 },
	{ "blocks", 4, 12, 4, 12 },
	{ "its first quarter", 0, 1, 0, 4 },
	{ "behind its memmap", 1, 3, 0, 4 },
	{ "its middle", 1, 2, 0, 4 },
	{ "its last quarter", 3, 1, 0, 4 },
	{ "from one into the next", 3, 2, 0, 8 },
	{ "from one to the next", 2, 6, 0, 8 },
	{ "nothing", 4, 0, 4, 0 },
};

KUNIT_ARRAY_PARAM(block, block_spans, span_desc);

static void mhp_altmap_removal_span_of_blocks(struct kunit *test)
{
	const unsigned long unit = PHYS_PFN(memory_block_size_bytes()) / 4;
	const struct span *s = test->param_value;
	struct two_ranges two;
	unsigned long pfn, nr;

	set_up_two(test, &two);
	pfn = two.pfn + B_END + s->pfn * unit;
	nr = s->nr * unit;
	mhp_altmap_removal_span(&pfn, &nr);
	KUNIT_EXPECT_EQ(test, s->want_pfn * unit, pfn - two.pfn - B_END);
	KUNIT_EXPECT_EQ(test, s->want_nr * unit, nr);

	/* The same at the end of the pfns, where the end of the last wraps to 0. */
	pfn = (s->pfn - 16) * unit;
	nr = s->nr * unit;
	mhp_altmap_removal_span(&pfn, &nr);
	KUNIT_EXPECT_EQ(test, (s->want_pfn - 16) * unit, pfn);
	KUNIT_EXPECT_EQ(test, s->want_nr * unit, nr);
}

/* There is no memory behind the ranges: -ENOENT is what an exact one gets. */
static const struct {
	const char *desc;
	unsigned long pfn, nr;
	int ret;
} removals[] = {
	{ "exact", 0, A_END, -ENOENT },
	{ "the next one, exact", A_END, A_END, -ENOENT },
	{ "the head", 0, A_HEAD, -EINVAL },
	{ "the usable part", A_HEAD, A_END - A_HEAD, -EINVAL },
	{ "all but the last section", 0, A_END - SECTIONS(1), -EINVAL },
	{ "the last section", A_END - SECTIONS(1), SECTIONS(1), -EINVAL },
	{ "a section more", 0, A_END + SECTIONS(1), -EINVAL },
	{ "a section less of the next", A_END, A_END - SECTIONS(1), -EINVAL },
	{ "a section more of the next", A_END, A_END + SECTIONS(1), -EINVAL },
	{ "both", 0, B_END, -EINVAL },
	{ "the end of one, the next's head", A_END - SECTIONS(1), SECTIONS(2), -EINVAL },
	{ "as large, from before", -SECTIONS(1), A_END, -EINVAL },
	{ "from before into the head", -SECTIONS(1), SECTIONS(2), -EINVAL },
	{ "just before", -SECTIONS(1), SECTIONS(1), -ENOENT },
	{ "just behind", B_END, SECTIONS(1), -ENOENT },
};

static void mhp_altmap_removal_of_a_part(struct kunit *test)
{
	struct two_ranges two;
	int i;

	set_up_two(test, &two);
	for (i = 0; i < ARRAY_SIZE(removals); i++)
		KUNIT_EXPECT_EQ_MSG(test, removals[i].ret,
				    mhp_altmap_check_removal(PFN_PHYS(two.pfn + removals[i].pfn),
							     PFN_PHYS(removals[i].nr)),
				    "%s", removals[i].desc);
}

static void mhp_altmap_contains_pfns(struct kunit *test)
{
	static const struct {
		const char *desc;
		unsigned long pfn;
		bool in_a, in_b;
	} cases[] = {
		{ "far before",		 -SECTIONS(64),	   false, false },
		{ "just before",	 -1,		   false, false },
		{ "first of the head",	 0,		   true,  false },
		{ "last of the head",	 A_HEAD - 1,	   true,  false },
		{ "first usable",	 A_HEAD,	   true,  false },
		{ "last",		 A_END - 1,	   true,  false },
		{ "first of the next",	 A_END,		   false, true },
		{ "last of the next",	 B_END - 1,	   false, true },
		{ "just behind",	 B_END,		   false, false },
		{ "far behind",		 B_END + SECTIONS(64), false, false },
	};
	struct two_ranges two;
	int i;

	set_up_two(test, &two);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].in_a || cases[i].in_b,
				    mhp_altmap_contains(two.pfn + cases[i].pfn),
				    "%s", cases[i].desc);
	KUNIT_EXPECT_FALSE(test, mhp_altmap_contains(0));
	KUNIT_EXPECT_FALSE(test, mhp_altmap_contains(-1));

	kunit_release_action(test, release_range, two.a);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].in_b,
				    mhp_altmap_contains(two.pfn + cases[i].pfn),
				    "%s, without the first range", cases[i].desc);
}

/* From the first range to the last. Fails where real memory has one, too. */
static void mhp_altmap_active_while_there_is_one(struct kunit *test)
{
	struct two_ranges two;

	skip_without_ranges(test);
	KUNIT_EXPECT_FALSE_MSG(test, mhp_altmap_active(),
			       "memory of this machine holds its own memmap?");
	set_up_two(test, &two);
	KUNIT_EXPECT_TRUE(test, mhp_altmap_active());
	kunit_release_action(test, release_range, two.a);
	KUNIT_EXPECT_TRUE(test, mhp_altmap_active());
	kunit_release_action(test, release_range, two.b);
	KUNIT_EXPECT_FALSE(test, mhp_altmap_active());
}

#ifdef CONFIG_MEMORY_FAILURE
/*
 * Poisoned frames are remembered until reboot. These are beyond what the machine
 * can have, and each run takes some that no other has used.
 */
static unsigned long unpoisoned_pfn(struct kunit *test, unsigned long nr_pages)
{
	u64 start = 3ULL << (MAX_PHYSMEM_BITS - 2);
	struct mhp_memmap_plan plan;

	while (mhp_altmap_plan(MHP_MEMMAP_RANGE, start, PFN_PHYS(nr_pages), &plan)) {
		start += PFN_PHYS(nr_pages);
		if (start >> MAX_PHYSMEM_BITS)
			kunit_skip(test, "too many runs since the machine booted");
	}
	return PHYS_PFN(start);
}

/* Poison is for a range to count if it is in its head, and only then. */
static void mhp_altmap_poison_in_a_head(struct kunit *test)
{
	static const struct {
		const char *desc;
		unsigned long pfn;
		long nr;
		bool counted;
		long in_a, in_b;	/* afterwards */
	} cases[] = {
		{ "just before",	-1,		 1, false, 0, 0 },
		{ "first of the head",	0,		 1, true,  1, 0 },
		{ "last of the head",	A_HEAD - 1,	 1, true,  2, 0 },
		{ "first usable",	A_HEAD,		 1, false, 2, 0 },
		{ "last",		A_END - 1,	 1, false, 2, 0 },
		{ "first of the next",	A_END,		 1, true,  2, 1 },
		{ "its first usable",	B_HEAD,		 1, false, 2, 1 },
		{ "just behind",	B_END,		 1, false, 2, 1 },
		{ "usable, undone",	A_HEAD,		-1, false, 2, 1 },
		{ "behind, undone",	B_END,		-1, false, 2, 1 },
		/* None is left for the release to take off HardwareCorrupted. */
		{ "the next's, undone",	A_END,		-1, true,  2, 0 },
		{ "two, undone at once", 0,		-2, true,  0, 0 },
	};
	struct two_ranges two;
	int i;

	skip_without_full_heads(test);
	set_up_two_at(test, unpoisoned_pfn(test, B_END), &two);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool counted = mhp_altmap_account_hwpoison(two.pfn + cases[i].pfn,
							   cases[i].nr);

		KUNIT_EXPECT_EQ_MSG(test, cases[i].counted, counted, "%s",
				    cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].in_a,
				    atomic_long_read(&two.a->nr_hwpoison), "%s",
				    cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].in_b,
				    atomic_long_read(&two.b->nr_hwpoison), "%s",
				    cases[i].desc);
	}
}

struct poison_case {
	const char *desc;
	unsigned long pfn, nr;
	int ret;
};

static void expect_poisoned(struct kunit *test, unsigned long pfn,
			    const struct poison_case *c)
{
	const char *want = "none";
	u64 start = PFN_PHYS(pfn + c->pfn), size = PFN_PHYS(c->nr);
	struct mhp_memmap_plan plan;
	int ret;

	/* Large memory blocks are not aligned to a section. */
	if (!IS_ALIGNED(start, memory_block_size_bytes()))
		return;
	if (c->ret)
		want = "the memmap would use a poisoned page frame";
	ret = mhp_altmap_plan(MHP_MEMMAP_RANGE, start, size, &plan);
	KUNIT_EXPECT_EQ_MSG(test, c->ret, ret, "%s", c->desc);
	KUNIT_EXPECT_STREQ_MSG(test, want, plan.reason ?: "none", "%s", c->desc);

	/* auto goes on to the next best, and tells the same reason. */
	ret = mhp_altmap_plan(MHP_MEMMAP_AUTO, start, size, &plan);
	KUNIT_EXPECT_EQ_MSG(test, 0, ret, "auto: %s", c->desc);
	KUNIT_EXPECT_EQ_MSG(test, c->ret != 0, plan.policy != MHP_MEMMAP_RANGE,
			    "auto: %s", c->desc);
	KUNIT_EXPECT_STREQ_MSG(test, want, plan.reason ?: "none", "auto: %s", c->desc);

	/* For the others, poison is no matter. */
	ret = mhp_altmap_plan(MHP_MEMMAP_DRAM, start, size, &plan);
	KUNIT_EXPECT_EQ_MSG(test, 0, ret, "dram: %s", c->desc);
}

/* A frame that was poisoned in a head holds no memmap again; the others do. */
static void mhp_altmap_poisoned_frame_stays(struct kunit *test)
{
	/* The head of the first range ends a section behind its frame, FULL(1). */
	const unsigned long first = FULL(PAGE_SIZE / sizeof(struct page) + 1);
	const struct poison_case cases[] = {
		{ "memmap ends before it", 0, first - FULL(1), 0 },
		{ "it is in the last section of the memmap", 0, first, -EOPNOTSUPP },
		{ "memmap starts with it", FULL(1), FULL(1), -EOPNOTSUPP },
		{ "memmap starts behind it", FULL(2), FULL(1), 0 },
		{ "memmap ends with it", first, FULL(1), -EOPNOTSUPP },
		{ "memmap starts just behind it", first + SECTIONS(1), FULL(1), 0 },
	};
	unsigned long pfn, bad[2];
	int i, nr;

	skip_without_full_heads(test);
	pfn = unpoisoned_pfn(test, first + FULL(1));
	set_up(test, pfn, first);
	set_up(test, pfn + first, FULL(1));
	bad[0] = pfn + FULL(1);
	bad[1] = pfn + first + SECTIONS(1) - 1;

	/* Poison, and take it back: what was bad once stays bad. */
	for (nr = 1; nr >= -1; nr -= 2) {
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			KUNIT_EXPECT_TRUE(test,
					  mhp_altmap_account_hwpoison(bad[i], nr));
		for (i = 0; i < ARRAY_SIZE(cases); i++)
			expect_poisoned(test, pfn, &cases[i]);
	}
}
#endif /* CONFIG_MEMORY_FAILURE */

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
	KUNIT_CASE_PARAM(mhp_altmap_usable_part, usable_gen_params),
	KUNIT_CASE_PARAM(mhp_altmap_removal_span_of_range, removal_gen_params),
	KUNIT_CASE_PARAM(mhp_altmap_removal_span_of_blocks, block_gen_params),
	KUNIT_CASE(mhp_altmap_removal_of_a_part),
	KUNIT_CASE(mhp_altmap_contains_pfns),
	KUNIT_CASE(mhp_altmap_active_while_there_is_one),
#ifdef CONFIG_MEMORY_FAILURE
	KUNIT_CASE(mhp_altmap_poison_in_a_head),
	KUNIT_CASE(mhp_altmap_poisoned_frame_stays),
#endif
	{}
};

static struct kunit_suite mhp_altmap_suite = {
	.name = "mhp_altmap",
	.test_cases = mhp_altmap_cases,
};

kunit_test_suite(mhp_altmap_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests for memmap placement");
MODULE_LICENSE("GPL");
