// SPDX-License-Identifier: GPL-2.0
/* What a policy costs a device: the kernel's figures, added up over ranges. */
#include "unit.h"
#include "plan_vectors.h"

/* So far that all is aligned in it as before. */
#define FAR TiB(64)

static struct memmap_range ranges[4];

static struct daxctl_memmap device(const struct mhp_memmap_geometry *geo, size_t nr)
{
	return (struct daxctl_memmap) {
		.name = "dax0.0",
		.has_policies = true,
		.machine.geo = *geo,
		.machine.max_block = UINT64_MAX,
		.ranges = ranges,
		.nr_ranges = nr,
	};
}

static void by_kernel_vector(void **state)
{
	const struct plan_vector *v = *state;
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	ranges[0] = (struct memmap_range){ v->start, v->size };
	ranges[1] = (struct memmap_range){ v->start + FAR, v->size };
	/* One, and two where there is room. */
	for (size_t nr = 1; nr <= (v->start + FAR > v->start ? 2 : 1); nr++) {
		struct daxctl_memmap memmap = device(v->geo, nr);

		assert_int_equal(daxctl_memmap_plan(&memmap, (enum daxctl_memmap_policy)v->policy,
						    &plan), 0);
		assert_true(plan.supported);
		assert_int_equal(plan.policy, v->policy);
		assert_int_equal(plan.memmap, nr * v->memmap);
		assert_int_equal(plan.head, nr * v->head);
		assert_int_equal(plan.waste, nr * v->waste);
		assert_int_equal(plan.usable, nr * v->usable);
		assert_int_equal(plan.dram, nr * v->dram);
		assert_int_equal(plan.gigantic_pages, nr * v->gigantic_pages);
	}
}

/* Only whole memory blocks count. */
static void trimmed(void **state)
{
	struct daxctl_memmap memmap = device(&geo_4k, 1);
	struct memmap_range range;

	(void)state;
	ranges[0] = (struct memmap_range){ GiB(4) + 1, GiB(1) };
	assert_true(memmap_whole_blocks(&memmap, 0, &range));
	assert_int_equal(range.start, GiB(4) + MiB(128));
	assert_int_equal(range.size, GiB(1) - MiB(128));
	ranges[0] = (struct memmap_range){ GiB(4) + MiB(2), MiB(254) };
	assert_true(memmap_whole_blocks(&memmap, 0, &range));
	assert_int_equal(range.size, MiB(128));
	ranges[0].size -= 1;
	assert_false(memmap_whole_blocks(&memmap, 0, &range));
	/* At the end of the address space. */
	ranges[0] = (struct memmap_range){ UINT64_MAX - MiB(64), MiB(64) };
	assert_false(memmap_whole_blocks(&memmap, 0, &range));
	ranges[0] = (struct memmap_range){ 0, UINT64_MAX };
	assert_true(memmap_whole_blocks(&memmap, 0, &range));
	assert_int_equal(range.size, 0 - MiB(128));
}

static void no_whole_block(void **state)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap memmap = device(&geo_4k, 1);

	(void)state;
	ranges[0] = (struct memmap_range){ GiB(4) + MiB(64), MiB(128) };
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_RANGE, &plan), 0);
	assert_false(plan.supported);
	assert_non_null(strstr(plan.reason, "128 MiB"));
	memmap.nr_ranges = 0;
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_DRAM, &plan), 0);
	assert_false(plan.supported);
}

/* What a plan says stays as it is while other plans are made. */
static void reasons_stay(void **state)
{
	struct daxctl_memmap_plan range = { .struct_size = sizeof(range) };
	struct daxctl_memmap_plan dram = { .struct_size = sizeof(dram) };
	struct daxctl_memmap memmap = device(&geo_4k, 1);

	(void)state;
	ranges[0] = (struct memmap_range){ GiB(4), MiB(128) };
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_RANGE, &range), 0);
	assert_false(range.supported);
	assert_true(range.reason[0]);
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_DRAM, &dram), 0);
	assert_true(dram.supported);
	assert_true(range.reason[0]);
	assert_string_equal(dram.reason, "");
}

/* auto is one policy for all ranges: that which all of them can have. */
static void one_policy_for_all(void **state)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap memmap = device(&geo_4k, 2);

	(void)state;
	ranges[0] = (struct memmap_range){ GiB(4), GiB(16) };
	ranges[1] = (struct memmap_range){ GiB(32), MiB(128) };
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_RANGE, &plan), 0);
	assert_false(plan.supported);
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_AUTO, &plan), 0);
	assert_true(plan.supported);
	assert_int_equal(plan.policy, DAXCTL_MEMMAP_BLOCK);
	assert_int_equal(plan.memmap, MiB(258));
	assert_int_equal(plan.head, MiB(258));
	assert_true(plan.reason[0]);
}

/* Devices of several ranges: what the kernel makes of them. */
static void by_device_vector(void **state)
{
	const struct device_vector *v = *state;
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap memmap = device(v->geo, v->nr_ranges);

	for (size_t i = 0; i < v->nr_ranges; i++)
		ranges[i] = (struct memmap_range){ v->ranges[i].start, v->ranges[i].size };
	assert_int_equal(daxctl_memmap_plan(&memmap, (enum daxctl_memmap_policy)v->policy,
					    &plan), 0);
	assert_int_equal(plan.policy, v->becomes);
	assert_int_equal(plan.supported, !v->ret);
	if (v->ret) {
		assert_true(plan.reason[0]);
		return;
	}
	assert_int_equal(plan.memmap, v->memmap);
	assert_int_equal(plan.head, v->head);
	assert_int_equal(plan.usable, v->size - v->head);
	assert_int_equal(plan.gigantic_pages, v->gigantic_pages);
}

static void what_the_kernel_offers(void **state)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap memmap = device(&geo_4k, 1);

	(void)state;
	ranges[0] = (struct memmap_range){ GiB(4), GiB(4) };
	strcpy(memmap.supported, "dram block");
	daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_RANGE, &plan);
	assert_false(plan.supported);
	daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_AUTO, &plan);
	assert_int_equal(plan.policy, DAXCTL_MEMMAP_BLOCK);
	strcpy(memmap.supported, "dram ranges orange range");
	daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_RANGE, &plan);
	assert_true(plan.supported);
	strcpy(memmap.supported, "dram ranges orange");
	daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_RANGE, &plan);
	assert_false(plan.supported);
}

/* auto is what the kernel would choose, to the last byte of waste. */
static void auto_as_the_kernel(void **state)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(auto_vectors); i++) {
		const struct auto_vector *v = &auto_vectors[i];
		struct daxctl_memmap memmap = device(v->geo, 1);

		/* A kernel without range says so in what it offers. */
		if (!v->geo->range_supported)
			strcpy(memmap.supported, "dram block");
		ranges[0] = (struct memmap_range){ GiB(4), v->size };
		assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_AUTO, &plan), 0);
		if (plan.policy != (enum daxctl_memmap_policy)v->policy)
			fail_msg("%s: %s", v->desc, daxctl_memmap_policy_name(plan.policy));
	}
}

/* What can be onlined of a block: its number is that of its start in blocks. */
static void usable_of_blocks(void **state)
{
	static const struct {
		const char *desc;
		enum daxctl_memmap_policy effective;
		const struct mhp_memmap_geometry *geo;
		uint64_t size;		/* at 4 GiB */
		uint64_t block, usable;
	} vectors[] = {
		{ "dram", DAXCTL_MEMMAP_DRAM, &geo_4k, GiB(16), 32, MiB(128) },
		{ "block", DAXCTL_MEMMAP_BLOCK, &geo_4k, GiB(16), 32, MiB(126) },
		{ "block, of 2 GiB", DAXCTL_MEMMAP_BLOCK, &geo_4k_2g_blocks, GiB(16), 2,
		  GiB(2) - MiB(32) },
		{ "range, before it", DAXCTL_MEMMAP_RANGE, &geo_4k, GiB(16), 31, 0 },
		{ "range, head", DAXCTL_MEMMAP_RANGE, &geo_4k, GiB(16), 32, 0 },
		{ "range, end of the head", DAXCTL_MEMMAP_RANGE, &geo_4k, GiB(16), 33, 0 },
		{ "range, behind the head", DAXCTL_MEMMAP_RANGE, &geo_4k, GiB(16), 34, MiB(128) },
		{ "range, last", DAXCTL_MEMMAP_RANGE, &geo_4k, GiB(16), 159, MiB(128) },
		{ "range, behind it", DAXCTL_MEMMAP_RANGE, &geo_4k, GiB(16), 160, 0 },
		{ "range, part head", DAXCTL_MEMMAP_RANGE, &geo_4k_2g_blocks, GiB(16), 2,
		  GiB(2) - MiB(256) },
		{ "range, no head", DAXCTL_MEMMAP_RANGE, &geo_4k_2g_blocks, GiB(16), 3, GiB(2) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct daxctl_memmap memmap = device(vectors[i].geo, 1);
		uint64_t usable;

		memmap.effective = vectors[i].effective;
		ranges[0] = (struct memmap_range){ GiB(4), vectors[i].size };
		usable = daxctl_memmap_block_get_usable(&memmap, vectors[i].block);
		if (usable != vectors[i].usable)
			fail_msg("%s: %#llx", vectors[i].desc, (unsigned long long)usable);
	}
}

static void bad_arguments(void **state)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap memmap = device(&geo_4k, 1);

	(void)state;
	ranges[0] = (struct memmap_range){ GiB(4), GiB(4) };
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_NONE, &plan), -EINVAL);
	assert_non_null(strstr(daxctl_memmap_get_error(&memmap), "0 is not a policy"));
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_AUTO + 1, &plan), -EINVAL);
	plan.struct_size = 1;
	assert_int_equal(daxctl_memmap_plan(&memmap, DAXCTL_MEMMAP_DRAM, &plan), -EINVAL);
	assert_non_null(strstr(daxctl_memmap_get_error(&memmap), "struct_size is 1"));
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(plan_vectors) + ARRAY_SIZE(device_vectors) + 8];
	size_t n = 0;

	/* Those that fail in the kernel, we make fit first, or refuse alike. */
	for (size_t i = 0; i < ARRAY_SIZE(plan_vectors); i++)
		if (!plan_vectors[i].ret)
			tests[n++] = (struct CMUnitTest) {
				.name = plan_vectors[i].desc,
				.test_func = by_kernel_vector,
				.initial_state = (void *)&plan_vectors[i],
			};
	for (size_t i = 0; i < ARRAY_SIZE(device_vectors); i++)
		tests[n++] = (struct CMUnitTest) {
			.name = device_vectors[i].desc,
			.test_func = by_device_vector,
			.initial_state = (void *)&device_vectors[i],
		};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(trimmed);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(no_whole_block);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(reasons_stay);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(one_policy_for_all);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(what_the_kernel_offers);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(auto_as_the_kernel);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(usable_of_blocks);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(bad_arguments);
	return _cmocka_run_group_tests("totals", tests, n, NULL, NULL);
}
