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

static void plan_auto(void **state)
{
	const struct auto_vector *v = *state;
	const struct vector_range range = { GiB(4), v->size };
	struct mhp_memmap_plan plan;

	assert_int_equal(plan_vector_device(v->geo, MHP_MEMMAP_AUTO, &range, 1, &plan), 0);
	assert_int_equal(plan.policy, v->policy);
	assert_int_equal(plan.reason != NULL, v->policy != MHP_MEMMAP_RANGE);
}

/* Several ranges get one policy. */
static void plan_devices(void **state)
{
	const struct device_vector *v = *state;
	struct mhp_memmap_plan total;

	assert_int_equal(plan_vector_device(v->geo, v->policy, v->ranges, v->nr_ranges,
					    &total), v->ret);
	assert_int_equal(total.policy, v->becomes);
	if (v->ret) {
		assert_non_null(total.reason);
		return;
	}
	assert_int_equal(total.start, v->ranges[0].start / v->geo->block_size *
				      v->geo->block_size +
				      (v->ranges[0].start % v->geo->block_size ?
				       v->geo->block_size : 0));
	assert_int_equal(total.size, v->size);
	assert_int_equal(total.memmap, v->memmap);
	assert_int_equal(total.head, v->head);
	assert_int_equal(total.waste, v->head ? v->head - v->memmap : 0);
	assert_int_equal(total.usable, v->size - v->head);
	assert_int_equal(total.dram, v->head ? 0 : v->memmap);
	assert_int_equal(total.gigantic_pages, v->gigantic_pages);
}

/* The caller can refuse a policy for a range, and auto goes on to the next. */
static const char *refuse_range_at_32g(const struct mhp_memmap_device *device,
				       const struct mhp_memmap_plan *plan)
{
	(void)device;
	return plan->policy == MHP_MEMMAP_RANGE && plan->start == GiB(32) ? "not here" : NULL;
}

static void plan_refused_by_caller(void **state)
{
	static const struct vector_range ranges[] = {
		{ GiB(4), GiB(16) }, { GiB(32), GiB(16) },
	};
	struct vector_device vector = {
		.device = {
			.geo = geo_4k,
			.nr_ranges = 2,
			.range = vector_range,
			.refuses = refuse_range_at_32g,
		},
		.ranges = ranges,
	};
	struct mhp_memmap_plan total;

	(void)state;
	assert_int_equal(mhp_memmap_plan_device(&vector.device, MHP_MEMMAP_RANGE, &total),
			 -EOPNOTSUPP);
	assert_string_equal(total.reason, "not here");
	assert_int_equal(total.start, GiB(32));
	assert_int_equal(mhp_memmap_plan_device(&vector.device, MHP_MEMMAP_AUTO, &total), 0);
	assert_int_equal(total.policy, MHP_MEMMAP_BLOCK);
	assert_string_equal(total.reason, "not here");
	vector.device.nr_ranges = 1;
	assert_int_equal(mhp_memmap_plan_device(&vector.device, MHP_MEMMAP_AUTO, &total), 0);
	assert_int_equal(total.policy, MHP_MEMMAP_RANGE);
	assert_null(total.reason);
}

static void block_heads(void **state)
{
	const struct block_head_vector *v = *state;
	struct mhp_memmap_plan plan;

	assert_int_equal(mhp_memmap_plan(v->geo, v->policy, GiB(4), v->size, &plan), 0);
	assert_int_equal(mhp_memmap_block_head(v->geo, &plan, v->block), v->head);
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
	struct CMUnitTest tests[ARRAY_SIZE(plan_vectors) + ARRAY_SIZE(auto_vectors) +
				ARRAY_SIZE(device_vectors) +
				ARRAY_SIZE(block_head_vectors) + 3];
	size_t n = 0;

#define BY_TABLE(vectors, function)					\
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)		\
		tests[n++] = (struct CMUnitTest) {			\
			.name = (vectors)[i].desc,			\
			.test_func = function,				\
			.initial_state = (void *)&(vectors)[i],		\
		}
	BY_TABLE(plan_vectors, plan_by_table);
	BY_TABLE(auto_vectors, plan_auto);
	BY_TABLE(device_vectors, plan_devices);
	BY_TABLE(block_head_vectors, block_heads);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(plan_refused_by_caller);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(words);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(range_against_brute_force);

	return _cmocka_run_group_tests("plan", tests, n, NULL, NULL);
}
