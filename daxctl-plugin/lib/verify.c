// SPDX-License-Identifier: LGPL-2.1
/*
 * The policy requested, the one that the kernel reports, and what can be measured.
 *
 * Measured are memory blocks (those that would be all memmap do not exist), the
 * managed pages of the device's node, if the node has no other memory (the
 * memmap's pages are never managed), and for ranges the kernel's own walk over
 * its page tables (debugfs).
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct daxctl_memmap_check {
	struct daxctl_memmap_check *next;
	char name[32];
	char expected[96];
	char found[96];
	char unmeasured[96];
	bool holds;
};

struct daxctl_memmap_check *
daxctl_memmap_check_get_first(struct daxctl_memmap *memmap)
{
	return memmap->checks;
}

struct daxctl_memmap_check *
daxctl_memmap_check_get_next(struct daxctl_memmap_check *check)
{
	return check->next;
}

const char *daxctl_memmap_check_get_name(struct daxctl_memmap_check *check)
{
	return check->name;
}

const char *daxctl_memmap_check_get_expected(struct daxctl_memmap_check *check)
{
	return check->expected;
}

const char *daxctl_memmap_check_get_found(struct daxctl_memmap_check *check)
{
	return check->found;
}

bool daxctl_memmap_check_holds(struct daxctl_memmap_check *check)
{
	return check->holds;
}

const char *daxctl_memmap_check_get_unmeasured(struct daxctl_memmap_check *check)
{
	return check->unmeasured[0] ? check->unmeasured : NULL;
}

static struct daxctl_memmap_check *append(struct daxctl_memmap *memmap, const char *name)
{
	struct daxctl_memmap_check *check = calloc(1, sizeof(*check));
	struct daxctl_memmap_check **last = &memmap->checks;

	if (!check)
		return NULL;
	snprintf(check->name, sizeof(check->name), "%s", name);
	while (*last)
		last = &(*last)->next;
	*last = check;
	return check;
}

/* Not to be taken for a check that was made. */
__attribute__((format(printf, 3, 4)))
static int add_unmeasured(struct daxctl_memmap *memmap, const char *name,
			  const char *why_fmt, ...)
{
	struct daxctl_memmap_check *check;
	va_list args;

	/* Once, of however many ranges. */
	daxctl_memmap_check_foreach(memmap, check)
		if (check->unmeasured[0] && !strcmp(check->name, name))
			return 0;
	check = append(memmap, name);
	if (!check)
		return -ENOMEM;
	va_start(args, why_fmt);
	vsnprintf(check->unmeasured, sizeof(check->unmeasured), why_fmt, args);
	va_end(args);
	check->holds = true;
	return 0;
}

/* A check holds if both are the same text. */
__attribute__((format(printf, 4, 5)))
static int add_check(struct daxctl_memmap *memmap, const char *name,
		     const char *expected, const char *found_fmt, ...)
{
	struct daxctl_memmap_check *check = append(memmap, name);
	va_list args;

	if (!check)
		return -ENOMEM;
	snprintf(check->expected, sizeof(check->expected), "%s", expected);
	va_start(args, found_fmt);
	vsnprintf(check->found, sizeof(check->found), found_fmt, args);
	va_end(args);
	check->holds = !strcmp(check->expected, check->found);
	return 0;
}

static int add_number_check(struct daxctl_memmap *memmap, const char *name,
			    uint64_t expected, uint64_t found)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)expected);
	return add_check(memmap, name, text, "%llu", (unsigned long long)found);
}

/* How many of the policy's blocks should exist? */
static uint64_t expected_blocks(struct daxctl_memmap *memmap)
{
	const uint64_t block_size = memmap->machine.geo.block_size;
	struct memmap_range range;
	uint64_t n = 0;

	for (size_t i = 0; i < memmap->nr_ranges; i++) {
		if (!memmap_whole_blocks(memmap, i, &range))
			continue;
		for (uint64_t b = range.start / block_size;
		     b < (range.start + range.size) / block_size &&
		     b <= memmap->machine.max_block; b++)
			n += daxctl_memmap_block_get_usable(memmap, b) != 0;
	}
	return n;
}

static bool is_ours(const struct daxctl_memmap *memmap, uint64_t block)
{
	for (size_t i = 0; i < memmap->nr_ranges; i++)
		if (block_is_in_range(memmap, i, block))
			return true;
	return false;
}

/* The node has no memory but this device's. */
static bool alone_on_node(const struct daxctl_memmap *memmap, int node)
{
	struct dirent *entry;
	bool alone = true;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
	dir = opendir(path);
	if (!dir)
		return false;
	while (alone && (entry = readdir(dir))) {
		uint64_t block;
		char *end;

		if (strncmp(entry->d_name, "memory", 6))
			continue;
		block = strtoull(entry->d_name + 6, &end, 10);
		if (end == entry->d_name + 6 || *end)
			continue;
		alone = is_ours(memmap, block) ||
			block_get_state(block) == DAXCTL_MEMMAP_BLOCK_OFFLINE;
	}
	closedir(dir);
	return alone;
}

static int check_blocks(struct daxctl_memmap *memmap)
{
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };

	daxctl_memmap_count_blocks(memmap, &counts);
	return add_number_check(memmap, "memory_blocks", expected_blocks(memmap),
				counts.total);
}

static int check_managed(struct daxctl_memmap *memmap)
{
	const uint64_t page_size = memmap->machine.geo.page_size;
	int node = daxctl_dev_get_target_node(memmap->dev);
	struct block_pos pos = { 0 };
	struct node_pages pages;
	uint64_t expected = 0;

	if (node < 0)
		return add_unmeasured(memmap, "managed_pages", "the device has no node");
	if (!alone_on_node(memmap, node))
		return add_unmeasured(memmap, "managed_pages",
				      "node %d has other memory", node);
	while (block_next(memmap, &pos)) {
		enum daxctl_memmap_block_state state = block_get_state(pos.block);

		if (state == DAXCTL_MEMMAP_BLOCK_MOVABLE || state == DAXCTL_MEMMAP_BLOCK_KERNEL)
			expected += daxctl_memmap_block_get_usable(memmap, pos.block) / page_size;
	}
	if (machine_node_pages(node, &pages))
		pages.managed = 0;
	return add_number_check(memmap, "managed_pages", expected, pages.managed);
}

#define KERNEL_RANGES "/sys/kernel/debug/mhp_altmap/ranges"

/* A line of debugfs' table by the start of a range; columns by their names. */
static int check_range(struct daxctl_memmap *memmap, const struct memmap_range *range)
{
	FILE *file = fopen(KERNEL_RANGES, "re");
	int start_at = -1, sections_at = -1, hosted_at = -1, column;
	unsigned long long start, sections, hosted, value;
	char line[512], text[64], *word, *save;
	bool found = false;

	/* A kernel without policies has no such thing. */
	if (!file && !memmap->has_policies)
		return 0;
	if (!file)
		return add_unmeasured(memmap, "kernel_range", KERNEL_RANGES ": %s",
				      strerror(errno));
	if (fgets(line, sizeof(line), file)) {
		column = 0;
		for (word = strtok_r(line, " \t\n", &save); word;
		     word = strtok_r(NULL, " \t\n", &save), column++) {
			if (!strcmp(word, "start"))
				start_at = column;
			else if (!strcmp(word, "sections"))
				sections_at = column;
			else if (!strcmp(word, "self_hosted"))
				hosted_at = column;
		}
	}
	while (start_at >= 0 && !found && fgets(line, sizeof(line), file)) {
		start = sections = hosted = 0;
		column = 0;
		for (word = strtok_r(line, " \t\n", &save); word;
		     word = strtok_r(NULL, " \t\n", &save), column++) {
			value = strtoull(word, NULL, 0);
			if (column == start_at)
				start = value;
			else if (column == sections_at)
				sections = value;
			else if (column == hosted_at)
				hosted = value;
		}
		found = start == range->start;
	}
	fclose(file);
	if (start_at < 0 || sections_at < 0 || hosted_at < 0)
		/* It is for developers, and may change. */
		return add_unmeasured(memmap, "kernel_range", KERNEL_RANGES " has another form");
	if (memmap->effective != DAXCTL_MEMMAP_RANGE)
		return add_check(memmap, "kernel_range", "no", found ? "yes" : "no");
	if (!found)
		return add_check(memmap, "kernel_range", "yes", "no");
	snprintf(text, sizeof(text), "%llu of %llu", sections, sections);
	return add_check(memmap, "self_hosted_sections", text, "%llu of %llu", hosted,
			 sections);
}

int daxctl_memmap_verify(struct daxctl_memmap *memmap)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap_check *check;
	struct memmap_range range;
	int rc;

	rc = daxctl_memmap_refresh(memmap);
	if (rc)
		return rc;
	if (memmap->ranges_hidden)
		return memmap_fail(memmap, -EACCES, "run it as root",
				   "no permission to read where the device is");
	if (!memmap->is_system_ram)
		return memmap_fail(memmap, -EINVAL, "nothing has a memmap there yet",
				   "not system RAM");

	daxctl_memmap_plan(memmap, memmap->policy, &plan);
	rc = add_check(memmap, "policy", daxctl_memmap_policy_name(plan.policy), "%s",
		       daxctl_memmap_policy_name(memmap->effective));
	if (!rc)
		rc = check_blocks(memmap);
	if (!rc)
		rc = check_managed(memmap);
	for (size_t i = 0; !rc && i < memmap->nr_ranges; i++)
		if (memmap_whole_blocks(memmap, i, &range))
			rc = check_range(memmap, &range);
	if (rc)
		return memmap_fail(memmap, rc, NULL, "cannot verify: %s", strerror(-rc));
	daxctl_memmap_check_foreach(memmap, check)
		if (!check->holds)
			return 1;
	return 0;
}
