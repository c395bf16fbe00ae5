// SPDX-License-Identifier: GPL-2.0
/* Huge pages of a device, reserved when its memory is in use: onboard --hugepages. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "convert.h"
#include "messages.h"
#include "onboard.h"
#include "options.h"

#define HUGEPAGES "/sys/kernel/mm/hugepages"
#define OF_NODE "/sys/devices/system/node/node%d/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages"

static void hint_sizes(void)
{
	char text[256] = "", size[32];
	struct dirent *entry;
	DIR *dir = opendir(HUGEPAGES);
	uint64_t kib;

	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "hugepages-%" SCNu64 "kB", &kib) == 1)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 text[0] ? ", " : "", human_size(kib << 10, size, sizeof(size)));
	if (dir)
		closedir(dir);
	hint("this machine has: %s", text[0] ? text : "none");
}

/*
 * Gigantic pages are not allocated from ZONE_MOVABLE, unless the kernel has
 * vm.movable_gigantic_pages and that is set: it may be unable to move them again.
 */
static bool zone_has(uint64_t size, const struct target *target)
{
	static const char sysctl[] = "/proc/sys/vm/movable_gigantic_pages";
	uint64_t allowed = 0;
	int rc;

	if (size < 1ULL << 30 || target->zone == ZONE_KERNEL)
		return true;
	rc = sysfs_read_u64(&allowed, 0, "%s", sysctl);
	if (!rc && allowed)
		return true;
	error("onboard: --hugepages: this kernel takes pages of that size from kernel zones only");
	if (rc == -ENOENT)
		hint("with --no-movable; the memory may then not go offline again");
	else
		hint("sysctl vm.movable_gigantic_pages=1, or --no-movable");
	return false;
}

bool hugepages_parse(const char *text, const struct target *target, struct hugepages *request)
{
	char size[32], *end;
	const char *colon = strchr(text, ':');

	snprintf(size, sizeof(size), "%.*s", colon ? (int)(colon - text) : (int)strlen(text), text);
	/* More than a machine can have would wrap when it is added to those there are. */
	if (parse_size(size, &request->size) ||
	    (colon && (parse_number(colon + 1, &request->nr, &end) || *end || !request->nr ||
		       request->nr > UINT32_MAX))) {
		error("onboard: --hugepages=%s: not SIZE or SIZE:N, such as 1G or 2M:512", text);
		return false;
	}
	if (!sysfs_exists(HUGEPAGES "/hugepages-%" PRIu64 "kB", request->size >> 10)) {
		error("onboard: --hugepages=%s: there are no pages of that size", text);
		hint_sizes();
		return false;
	}
	if (!target->online) {
		error("onboard: --hugepages and --no-online exclude each other");
		return false;
	}
	return zone_has(request->size, target);
}

int hugepages_reserve(struct daxctl_memmap *memmap, const struct hugepages *request)
{
	const char *name = daxctl_memmap_get_devname(memmap);
	const int node = daxctl_dev_get_target_node(daxctl_memmap_get_dev(memmap));
	const uint64_t kib = request->size >> 10;
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	uint64_t before, after, possible, wanted;
	char number[24], size[32];
	int rc;

	rc = daxctl_memmap_plan(memmap, daxctl_memmap_get_effective(memmap), &plan);
	if (!rc)
		rc = sysfs_read_u64(&before, 0, OF_NODE, node, kib);
	if (rc) {
		error("%s: cannot tell how many huge pages its node %d has: %s", name, node,
		      strerror(-rc));
		return rc;
	}
	possible = request->size == daxctl_memmap_get_gigantic_size(memmap) ?
		   plan.gigantic_pages : plan.usable / request->size;
	wanted = request->nr ? request->nr : possible;
	snprintf(number, sizeof(number), "%" PRIu64, before + wanted);
	rc = sysfs_write(number, OF_NODE, node, kib);
	if (!rc)
		rc = sysfs_read_u64(&after, 0, OF_NODE, node, kib);
	if (rc) {
		error("%s: cannot reserve huge pages on its node %d: %s", name, node, strerror(-rc));
		return rc;
	}
	note("%s: reserved %" PRIu64 " of %" PRIu64 " possible huge pages of %s on node %d", name,
	     after - before, possible, human_size(request->size, size, sizeof(size)), node);
	if (!request->nr || after - before >= request->nr)
		return 0;
	error("%s: %" PRIu64 " huge pages were requested", name, request->nr);
	hint("what was reserved stays; echo %" PRIu64 " >" OF_NODE " gives it back", before, node,
	     kib);
	return -ENOSPC;
}
