// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite mhp_altmap: the plans of the machine that it runs on, and what is
 * answered about ranges without memory behind them. What needs real memory to
 * add is tested in a VM with a device that has some.
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

/* Not where struct page is so large that a section's memmap is no whole PMD. */
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

/* What a caller does that ignores what planning returns. */
static struct mhp_altmap_range *plan_and_set_up(u64 start, u64 size)
{
	struct mhp_memmap_plan plan;

	mhp_altmap_plan(MHP_MEMMAP_RANGE, start, size, &plan);
	return mhp_altmap_setup(&plan);
}

/* Set-up with bad plans, and with good ones that overlap. Adds no memory. */
static void mhp_altmap_setup_refuses(struct kunit *test)
{
	const u64 block = memory_block_size_bytes();
	/* Above everything that the machine could have. */
	const u64 start = 1ULL << (MAX_PHYSMEM_BITS - 2);
	struct mhp_altmap_range *range, *other;
	struct mhp_memmap_plan plan = { };
	struct vmem_altmap *altmap;

	skip_without_ranges(test);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(mhp_altmap_setup(&plan)));
	mhp_altmap_plan(MHP_MEMMAP_DRAM, start, 16 * block, &plan);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(mhp_altmap_setup(&plan)));
	KUNIT_EXPECT_NOT_NULL(test, plan.reason);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(plan_and_set_up(start, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(plan_and_set_up(start + PAGE_SIZE, 16 * block)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(plan_and_set_up(start, 16 * block + PAGE_SIZE)));
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(plan_and_set_up(-block, 2 * block)));
	if (block == 1UL << SECTION_SIZE_BITS)
		KUNIT_EXPECT_EQ(test, -EINVAL,
				PTR_ERR(plan_and_set_up(start, block)));

	range = plan_and_set_up(start, 16 * block);
	other = plan_and_set_up(start + 15 * block, 16 * block);
	KUNIT_ASSERT_FALSE(test, IS_ERR(range));
	KUNIT_EXPECT_EQ(test, -EEXIST, PTR_ERR(other));
	other = plan_and_set_up(start - 15 * block, 16 * block);
	KUNIT_EXPECT_EQ(test, -EEXIST, PTR_ERR(other));

	altmap = mhp_altmap_get(range);
	KUNIT_EXPECT_EQ(test, PHYS_PFN(start), altmap->base_pfn);
	KUNIT_EXPECT_EQ(test, PHYS_PFN(start + 16 * block) - 1, altmap->end_pfn);
	KUNIT_EXPECT_EQ(test, 0, altmap->reserve);
	KUNIT_EXPECT_EQ(test, 0, altmap->alloc);
	KUNIT_EXPECT_EQ(test, 0, altmap->free % PAGES_PER_SECTION);

	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_release(range));
	/* Released is released: the same range can be set up again. */
	range = plan_and_set_up(start, 16 * block);
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
	range = plan_and_set_up(start, 16 * memory_block_size_bytes());
	KUNIT_ASSERT_FALSE(test, IS_ERR(range));
	/* mm sees no range that is only set up: its memory may be something else. */
	KUNIT_EXPECT_FALSE(test, mhp_altmap_active());
	mhp_altmap_test_lock();
	KUNIT_EXPECT_EQ(test, -EINVAL, mhp_mark_vmemmap_pages(range, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, mhp_unmark_vmemmap_pages(range));
	KUNIT_EXPECT_EQ(test, 0, mhp_altmap_release(range));

	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_altmap_release(range));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_mark_vmemmap_pages(range, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_unmark_vmemmap_pages(range));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_altmap_release(NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT, mhp_mark_vmemmap_pages(ERR_PTR(-EINVAL), 0));
	mhp_altmap_test_unlock();
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

static void release_range(void *data)
{
	struct mhp_altmap_range *range = data;

	range->marked = false;
	mhp_altmap_release(range);
}

/*
 * As if its memory was there. Released with the test, or by
 * kunit_release_action().
 */
static struct mhp_altmap_range *set_up(struct kunit *test, unsigned long pfn,
				       unsigned long nr_pages)
{
	struct mhp_altmap_range *range;

	range = plan_and_set_up(PFN_PHYS(pfn), PFN_PHYS(nr_pages));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, range);
	range->marked = true;
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

/* What a call makes of a piece, counted from @base. */
static void expect_span(struct kunit *test,
			void (*call)(unsigned long *start_pfn,
				     unsigned long *nr_pages),
			unsigned long base, const struct span *s,
			unsigned long want_pfn, unsigned long want_nr)
{
	unsigned long pfn = base + s->pfn, nr = s->nr;

	call(&pfn, &nr);
	KUNIT_EXPECT_EQ(test, want_pfn, pfn - base);
	KUNIT_EXPECT_EQ(test, want_nr, nr);
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

KUNIT_ARRAY_PARAM_DESC(usable, usable_spans, desc);

static void mhp_altmap_usable_part(struct kunit *test)
{
	const struct span *s = test->param_value;
	struct two_ranges two;

	set_up_two(test, &two);
	expect_span(test, mhp_altmap_block_usable, two.pfn, s, s->want_pfn,
		    s->want_nr);

	/* Of ranges that are gone, all is usable. */
	kunit_release_action(test, release_range, two.a);
	kunit_release_action(test, release_range, two.b);
	expect_span(test, mhp_altmap_block_usable, two.pfn, s, s->pfn, s->nr);
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
	{ "just before", -SECTIONS(1), SECTIONS(1), -SECTIONS(1), SECTIONS(1) },
	{ "just behind", B_END, SECTIONS(1), B_END, SECTIONS(1) },
};

KUNIT_ARRAY_PARAM_DESC(removal, removal_spans, desc);

static void mhp_altmap_removal_span_of_range(struct kunit *test)
{
	const struct span *s = test->param_value;
	struct two_ranges two;

	set_up_two(test, &two);
	expect_span(test, mhp_altmap_removal_span, two.pfn, s, s->want_pfn,
		    s->want_nr);
}

static const struct {
	const char *desc;
	unsigned long pfn, nr;
	bool can;
} removals[] = {
	{ "exact", 0, A_END, true },
	{ "the next one, exact", A_END, A_END, true },
	{ "the head", 0, A_HEAD, false },
	{ "the usable part", A_HEAD, A_END - A_HEAD, false },
	{ "all but the last section", 0, A_END - SECTIONS(1), false },
	{ "the last section", A_END - SECTIONS(1), SECTIONS(1), false },
	{ "a section more", 0, A_END + SECTIONS(1), false },
	{ "a section less of the next", A_END, A_END - SECTIONS(1), false },
	{ "a section more of the next", A_END, A_END + SECTIONS(1), false },
	{ "both", 0, B_END, false },
	{ "the end of one, the next's head", A_END - SECTIONS(1), SECTIONS(2), false },
	{ "as large, from before", -SECTIONS(1), A_END, false },
	{ "from before into the head", -SECTIONS(1), SECTIONS(2), false },
	{ "just before", -SECTIONS(1), SECTIONS(1), true },
	{ "just behind", B_END, SECTIONS(1), true },
};

static void mhp_altmap_removal_of_a_part(struct kunit *test)
{
	struct two_ranges two;
	int i;

	set_up_two(test, &two);
	for (i = 0; i < ARRAY_SIZE(removals); i++)
		KUNIT_EXPECT_EQ_MSG(test, removals[i].can,
				    mhp_altmap_can_remove(PFN_PHYS(two.pfn + removals[i].pfn),
							  PFN_PHYS(removals[i].nr)),
				    "%s", removals[i].desc);
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
	set_up_two(test, &two);
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

KUNIT_DEFINE_ACTION_WRAPPER(disown, mhp_altmap_disown, struct mhp_altmap_owner *);

static void own(struct kunit *test, struct mhp_altmap_owner *owner,
		unsigned long pfn, unsigned long nr_pages)
{
	KUNIT_ASSERT_EQ(test, 0, mhp_altmap_own(owner, PFN_PHYS(pfn),
						PFN_PHYS(nr_pages)));
}

/* What a policy and auto are for a range; -1: refused for poison. */
static int policy_of(enum mhp_memmap_policy policy, unsigned long pfn,
		     unsigned long nr_pages)
{
	struct mhp_memmap_plan plan;
	int ret = mhp_altmap_plan(policy, PFN_PHYS(pfn), PFN_PHYS(nr_pages), &plan);

	if (ret == -EOPNOTSUPP && !strcmp(plan.reason ?: "",
					  "the memmap would use a poisoned page frame"))
		return -1;
	return ret ?: plan.policy;
}

/* Pages that a memory block's own memmap takes here; 0: not possible. */
static unsigned long pages_of_block_memmap(void)
{
	struct mhp_memmap_geometry geo;

	mhp_altmap_geometry(&geo);
	return PHYS_PFN(geo.block_memmap_size);
}

/* No memmap lies on a frame that its owner remembers as poisoned. */
static void mhp_altmap_poisoned_frames(struct kunit *test)
{
	const unsigned long block = PHYS_PFN(memory_block_size_bytes());
	const unsigned long block_memmap = pages_of_block_memmap();
	const unsigned long pfn = PHYS_PFN(1ULL << (MAX_PHYSMEM_BITS - 2));
	const struct {
		const char *desc;
		unsigned long pfn;	/* of the poison */
		bool range, block;	/* possible? */
	} cases[] = {
		{ "first of the head", 0, false, false },
		{ "last of the first block's memmap", block_memmap - 1, false, false },
		{ "first usable of the first block", block_memmap, false, true },
		{ "last of the head", A_HEAD - 1, false, (A_HEAD - 1) % block >= block_memmap },
		{ "first usable", A_HEAD, true, A_HEAD % block >= block_memmap },
		{ "memmap of the last block", A_END - block, true, false },
		{ "last", A_END - 1, true, true },
		{ "just behind", A_END, true, true },
	};
	struct mhp_altmap_owner owner = { };
	int i;

	skip_without_full_heads(test);
	if (!block_memmap)
		kunit_skip(test, "memory blocks cannot hold their memmap here");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const bool range = cases[i].range, blocks = cases[i].block;
		const unsigned long bad = pfn + cases[i].pfn;

		own(test, &owner, pfn, A_END + 1);
		KUNIT_EXPECT_FALSE(test, mhp_altmap_account_hwpoison(bad, 1));
		KUNIT_EXPECT_EQ_MSG(test, range ? MHP_MEMMAP_RANGE : -1,
				    policy_of(MHP_MEMMAP_RANGE, pfn, A_END),
				    "range: %s", cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, blocks ? MHP_MEMMAP_BLOCK : -1,
				    policy_of(MHP_MEMMAP_BLOCK, pfn, A_END),
				    "block: %s", cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, MHP_MEMMAP_DRAM,
				    policy_of(MHP_MEMMAP_DRAM, pfn, A_END),
				    "dram: %s", cases[i].desc);
		KUNIT_EXPECT_EQ_MSG(test, range ? MHP_MEMMAP_RANGE :
				    blocks ? MHP_MEMMAP_BLOCK : MHP_MEMMAP_DRAM,
				    policy_of(MHP_MEMMAP_AUTO, pfn, A_END),
				    "auto: %s", cases[i].desc);

		/* What was bad once stays bad, until the owner goes. */
		mhp_altmap_account_hwpoison(bad, -1);
		KUNIT_EXPECT_EQ_MSG(test, range ? MHP_MEMMAP_RANGE : -1,
				    policy_of(MHP_MEMMAP_RANGE, pfn, A_END),
				    "taken back: %s", cases[i].desc);
		mhp_altmap_disown(&owner);
		KUNIT_EXPECT_EQ_MSG(test, MHP_MEMMAP_RANGE,
				    policy_of(MHP_MEMMAP_RANGE, pfn, A_END),
				    "afterwards: %s", cases[i].desc);
	}
}

/* Each owner remembers for itself, what happened while it was there. */
static void mhp_altmap_poison_of_owners(struct kunit *test)
{
	const unsigned long pfn = PHYS_PFN(1ULL << (MAX_PHYSMEM_BITS - 2));
	struct mhp_altmap_owner *first, *second;

	skip_without_full_heads(test);
	first = kunit_kzalloc(test, sizeof(*first), GFP_KERNEL);
	second = kunit_kzalloc(test, sizeof(*second), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, disown, first));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, disown, second));

	/* Nobody owns it yet. */
	mhp_altmap_account_hwpoison(pfn, 1);
	own(test, first, pfn, A_END);
	KUNIT_EXPECT_TRUE(test, mhp_altmap_owns(first, PFN_PHYS(pfn), PFN_PHYS(A_END)));
	KUNIT_EXPECT_FALSE(test, mhp_altmap_owns(first, PFN_PHYS(pfn), PFN_PHYS(A_HEAD)));
	KUNIT_EXPECT_FALSE(test, mhp_altmap_owns(second, PFN_PHYS(pfn), PFN_PHYS(A_END)));
	KUNIT_EXPECT_EQ(test, MHP_MEMMAP_RANGE, policy_of(MHP_MEMMAP_RANGE, pfn, A_END));

	/* Both remember; owning it once more changes nothing. */
	own(test, second, pfn, A_HEAD);
	mhp_altmap_account_hwpoison(pfn, 1);
	own(test, second, pfn, A_HEAD);
	KUNIT_EXPECT_EQ(test, -1, policy_of(MHP_MEMMAP_RANGE, pfn, A_END));
	mhp_altmap_disown(first);
	KUNIT_EXPECT_EQ(test, -1, policy_of(MHP_MEMMAP_RANGE, pfn, A_END));
	own(test, first, pfn, A_END);
	mhp_altmap_disown(second);
	KUNIT_EXPECT_EQ(test, MHP_MEMMAP_RANGE, policy_of(MHP_MEMMAP_RANGE, pfn, A_END));

	/* Two pieces of memory, one owner. */
	own(test, second, pfn, A_HEAD);
	own(test, second, pfn + A_END, A_END);
	mhp_altmap_account_hwpoison(pfn + A_END, 1);
	KUNIT_EXPECT_EQ(test, -1, policy_of(MHP_MEMMAP_RANGE, pfn + A_END, A_END));
	KUNIT_EXPECT_EQ(test, MHP_MEMMAP_RANGE, policy_of(MHP_MEMMAP_RANGE, pfn, A_END));
}
#endif /* CONFIG_MEMORY_FAILURE */

static struct kunit_case mhp_altmap_cases[] = {
	KUNIT_CASE(mhp_altmap_geometry_is_sane),
	KUNIT_CASE(mhp_altmap_plan_random),
	KUNIT_CASE(mhp_altmap_setup_refuses),
	KUNIT_CASE(mhp_altmap_steps_out_of_order),
	KUNIT_CASE_PARAM(mhp_altmap_usable_part, usable_gen_params),
	KUNIT_CASE_PARAM(mhp_altmap_removal_span_of_range, removal_gen_params),
	KUNIT_CASE(mhp_altmap_removal_of_a_part),
	KUNIT_CASE(mhp_altmap_active_while_there_is_one),
#ifdef CONFIG_MEMORY_FAILURE
	KUNIT_CASE(mhp_altmap_poison_in_a_head),
	KUNIT_CASE(mhp_altmap_poisoned_frames),
	KUNIT_CASE(mhp_altmap_poison_of_owners),
#endif
	{}
};

static struct kunit_suite mhp_altmap_suite = {
	.name = "mhp_altmap",
	.test_cases = mhp_altmap_cases,
};

kunit_test_suite(mhp_altmap_suite);

/* MODULE_IMPORT_NS() took a word once, and takes a string now. */
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests for memmap placement");
MODULE_LICENSE("GPL");
