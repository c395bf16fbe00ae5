// SPDX-License-Identifier: LGPL-2.1
/* The machine: geometry, what memory hotplug is set to, free memory. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/*
 * sizeof(struct page): the kernel keeps it at 64 bytes wherever the memmap can
 * be on the device, and tells nobody.
 */
#define PAGE_STRUCT_SIZE 64

/* Bytes per memory section; constants of the architectures. */
static uint64_t section_size(uint64_t page_size)
{
#if defined(__aarch64__)
	return page_size == 65536 ? 512ULL << 20 : 128ULL << 20;
#elif defined(__powerpc64__)
	(void)page_size;
	return 16ULL << 20;
#elif defined(__s390x__)
	(void)page_size;
	return 128ULL << 20;
#elif defined(__loongarch__)
	(void)page_size;
	return 512ULL << 20;
#else
	/* x86, riscv; a plan for larger pages is for arm64. */
	return page_size == 65536 ? 512ULL << 20 : 128ULL << 20;
#endif
}

static bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

enum block_param machine_block_param(void)
{
	char buf[32];

	if (sysfs_read(buf, sizeof(buf),
		       "/sys/module/memory_hotplug/parameters/memmap_on_memory") < 0)
		return BLOCK_PARAM_ABSENT;
	if (!strcmp(buf, "force"))
		return BLOCK_PARAM_FORCE;
	return buf[0] == 'Y' || buf[0] == 'y' || buf[0] == '1' ?
	       BLOCK_PARAM_ON : BLOCK_PARAM_OFF;
}

/* So that a device of absurd size does not make us look for 2^37 blocks. */
static uint64_t read_max_block(void)
{
	uint64_t max = 0, nr;
	struct dirent *entry;
	char *end;
	DIR *dir;

	dir = opendir(SYS_MEMORY);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "memory", 6))
			continue;
		nr = strtoull(entry->d_name + 6, &end, 10);
		if (end != entry->d_name + 6 && !*end && nr > max)
			max = nr;
	}
	closedir(dir);
	return max;
}

/* /proc/zoneinfo is what it should be: a zone, and how much of it is managed. */
static bool has_zones(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	bool in_node = false, found = false;
	unsigned long long value;
	char line[256];
	int nid;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		in_node |= sscanf(line, "Node %d, zone", &nid) == 1;
		found = in_node && sscanf(line, " managed %llu", &value) == 1;
	}
	fclose(file);
	return found;
}

/* -EINVAL: no machine has memory blocks and pages of that size. */
int machine_set_geometry(struct machine *machine, uint64_t block_size, uint64_t page_size)
{
	struct mhp_memmap_geometry *geo = &machine->geo;
	uint64_t memmap, pmd_size;

	geo->page_size = page_size;
	geo->page_struct_size = PAGE_STRUCT_SIZE;
	geo->section_size = section_size(page_size);
	/* A page of page table holds page_size / 8 entries. */
	pmd_size = page_size * (page_size / 8);
	geo->pud_size = pmd_size * (page_size / 8);
	/* Larger pages than 4 KiB are arm64's. See lib/machine.c. */
	geo->memmap_unit = page_size > 4096 ? page_size : pmd_size;
	geo->block_size = block_size;
	if (!is_power_of_two(block_size) || block_size < geo->section_size ||
	    block_size > 1ULL << 50)
		return -EINVAL;

	memmap = block_size / page_size * geo->page_struct_size;
	geo->block_memmap_size = 0;
	if (memmap % pmd_size == 0)
		geo->block_memmap_size = memmap;
	else if (machine->block_param == BLOCK_PARAM_FORCE)
		geo->block_memmap_size = (memmap + pmd_size - 1) / pmd_size * pmd_size;
	return 0;
}

/* On failure, @what names the file. */
int machine_read(struct machine *machine, const char **what)
{
	uint64_t block_size;
	int rc;

	memset(machine, 0, sizeof(*machine));
	*what = SYS_MEMORY "/block_size_bytes";
	rc = sysfs_read_u64(&block_size, 16, "%s", *what);
	if (rc)
		return rc;
	machine->block_param = machine_block_param();
	if (machine_set_geometry(machine, block_size, sysconf(_SC_PAGESIZE)))
		return -EIO;

	*what = "/proc/zoneinfo";
	if (!has_zones())
		return -EIO;

	machine->max_block = read_max_block();
	return 0;
}

/*
 * How much of its caches the kernel gives up: as si_mem_available() reckons for
 * MemAvailable, which there is for all nodes together only.
 */
static uint64_t reclaimable(uint64_t pages, uint64_t low_watermark)
{
	return pages - (pages / 2 < low_watermark ? pages / 2 : low_watermark);
}

/*
 * Pages of a node, over its zones. Not /sys/devices/system/node/nodeN/meminfo:
 * that counts what sits in per-CPU lists as used, and not what is managed.
 */
int machine_node_pages(int node, struct node_pages *pages)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	bool in_node = false, found = false, movable = false;
	unsigned long long value, cache = 0, slab = 0, low = 0;
	char line[256], zone[32];
	int nid;

	memset(pages, 0, sizeof(*pages));
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Node %d, zone %31s", &nid, zone) == 2) {
			in_node = nid == node;
			found |= in_node;
			movable = !strcmp(zone, "Movable");
		} else if (!in_node) {
			continue;
		} else if (sscanf(line, " pages free %llu", &value) == 1 ||
			   sscanf(line, " count: %llu", &value) == 1) {
			if (!movable)
				pages->kernel_available += value;
		} else if (sscanf(line, " nr_zone_active_file %llu", &value) == 1 ||
			   sscanf(line, " nr_zone_inactive_file %llu", &value) == 1) {
			if (!movable)
				cache += value;
		} else if (sscanf(line, " low %llu", &value) == 1) {
			if (!movable)
				low += value;
		} else if (sscanf(line, " nr_slab_reclaimable %llu", &value) == 1 ||
			   sscanf(line, " nr_kernel_misc_reclaimable %llu", &value) == 1) {
			/* Once per node, and never in ZONE_MOVABLE. */
			slab += value;
		} else if (sscanf(line, " managed %llu", &value) == 1) {
			pages->managed += value;
			if (!movable)
				pages->kernel_managed += value;
		}
	}
	fclose(file);
	pages->kernel_available += reclaimable(cache, low) + reclaimable(slab, low);
	return found ? 0 : -ENOENT;
}
