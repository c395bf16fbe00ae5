// SPDX-License-Identifier: GPL-2.0
/* Host unit tests of the memmap arithmetic and of the policy names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plan_vectors.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void plan_by_table(void **state)
{
	const struct plan_vector *v = *state;
	struct mhp_memmap_plan plan;

	assert_int_equal(mhp_memmap_plan(v->geo, v->policy, v->start, v->size,
					 &plan), v->ret);
	assert_int_equal(plan.reason != NULL, v->ret != 0);
	if (v->ret)
		return;

	assert_int_equal(plan.policy, v->policy);
	assert_int_equal(plan.memmap, v->memmap);
	assert_int_equal(plan.head, v->head);
	assert_int_equal(plan.waste, v->waste);
	assert_int_equal(plan.usable, v->usable);
	assert_int_equal(plan.dram, v->dram);
	assert_int_equal(plan.gigantic_pages, v->gigantic_pages);
}

static void resolve_auto(void **state)
{
	const struct auto_vector *v = *state;
	struct mhp_memmap_plan plan;

	assert_int_equal(mhp_memmap_plan_resolve(v->geo, MHP_MEMMAP_AUTO, GiB(4),
						 v->size, &plan), 0);
	assert_int_equal(plan.policy, v->policy);
	assert_int_equal(plan.reason != NULL, v->policy != MHP_MEMMAP_RANGE);
}

/* A wish other than auto is honoured or refused, never replaced. */
static void resolve_never_replaces(void **state)
{
	struct mhp_memmap_plan plan;

	(void)state;
	assert_int_equal(mhp_memmap_plan_resolve(&geo_4k, MHP_MEMMAP_RANGE,
						 GiB(4), MiB(128), &plan),
			 -EOPNOTSUPP);
	assert_int_equal(plan.policy, MHP_MEMMAP_RANGE);
	assert_int_equal(mhp_memmap_plan_resolve(&geo_64k, MHP_MEMMAP_BLOCK,
						 GiB(4), GiB(8), &plan),
			 -EOPNOTSUPP);
	assert_int_equal(mhp_memmap_plan_resolve(&geo_4k, MHP_MEMMAP_AUTO,
						 GiB(4) + 1, GiB(8), &plan),
			 -EINVAL);
}

static void words(void **state)
{
	int policy;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(word_vectors); i++) {
		policy = mhp_memmap_policy_parse(word_vectors[i].word);
		if (policy != word_vectors[i].policy)
			fail_msg("word \"%s\": %d", word_vectors[i].word, policy);
	}
	for (policy = MHP_MEMMAP_DRAM; policy < MHP_MEMMAP_NR_POLICIES; policy++)
		assert_int_equal(mhp_memmap_policy_parse(mhp_memmap_policy_name(policy)),
				 policy);
	assert_null(mhp_memmap_policy_name(MHP_MEMMAP_DEFAULT));
	assert_null(mhp_memmap_policy_name(MHP_MEMMAP_NR_POLICIES));
	assert_null(mhp_memmap_policy_name((enum mhp_memmap_policy)-1));
}

/*
 * Against the slow way: look at each section, and at each piece of 1 GiB, of
 * ranges of all sizes from 128 MiB to 32 GiB at all alignments.
 */
static void range_against_brute_force(void **state)
{
	const struct mhp_memmap_geometry *geo = &geo_4k;

	(void)state;
	for (__u64 offset = 0; offset < GiB(1); offset += geo->block_size)
	for (__u64 size = geo->block_size; size <= GiB(32); size += geo->block_size) {
		const __u64 start = GiB(4) + offset;
		struct mhp_memmap_plan plan;
		__u64 head = 0, gigantic = 0;
		int ret;

		while (head < size / 64)
			head += geo->section_size;
		for (__u64 g = GiB(4); g + GiB(1) <= start + size; g += GiB(1))
			gigantic += g >= start + head;

		ret = mhp_memmap_plan(geo, MHP_MEMMAP_RANGE, start, size, &plan);
		assert_int_equal(ret, head < size ? 0 : -EOPNOTSUPP);
		if (ret)
			continue;
		assert_int_equal(plan.head, head);
		assert_int_equal(plan.gigantic_pages, gigantic);
		assert_int_equal(plan.usable + plan.memmap + plan.waste, size);
	}
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(plan_vectors) +
				ARRAY_SIZE(auto_vectors) + 3];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(plan_vectors); i++)
		tests[n++] = (struct CMUnitTest) {
			.name = plan_vectors[i].desc,
			.test_func = plan_by_table,
			.initial_state = (void *)&plan_vectors[i],
		};
	for (size_t i = 0; i < ARRAY_SIZE(auto_vectors); i++)
		tests[n++] = (struct CMUnitTest) {
			.name = auto_vectors[i].desc,
			.test_func = resolve_auto,
			.initial_state = (void *)&auto_vectors[i],
		};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(resolve_never_replaces);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(words);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(range_against_brute_force);

	return _cmocka_run_group_tests("plan", tests, n, NULL, NULL);
}
