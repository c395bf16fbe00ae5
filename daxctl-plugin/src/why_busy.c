// SPDX-License-Identifier: GPL-2.0
/* why-busy: what keeps a device's memory from going offline, before that is tried. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "busy.h"
#include "cli.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "options.h"

#define MAX_OWNERS 10	/* of each kind, in the table */

struct answer {
	struct json_object *devices;	/* NULL: a table */
	bool stays;			/* of one of them */
	bool first;
};

static bool stays(const struct busy *busy)
{
	return busy->nr_stuck || busy->gigantic_stuck;
}

static bool no_room(const struct busy *busy)
{
	return busy->to_move > busy->elsewhere;
}

static const char *verdict(const struct busy *busy)
{
	return stays(busy) ? "stays" : no_room(busy) ? "no room" :
	       busy->bytes[USE_UNSURE] ? "unsure" : busy->to_move ? "moves" : "free";
}

/*--- JSON -------------------------------------------------------------------------*/

static struct json_object *json_owners(const struct owners *owners, const char *id,
				       const char *name)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < owners->nr; i++) {
		const struct owner *owner = &owners->owner[i];
		struct json_object *object = json_object_new_object();

		json_add(object, id, json_object_new_uint64(owner->id));
		if (owner->name)
			json_add_string(object, name, owner->name);
		if (owner->cgroup)
			json_add_string(object, "cgroup", owner->cgroup);
		json_add(object, "bytes", json_object_new_uint64(owner->bytes));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *json_huge(const struct busy *busy)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < busy->nr_huge; i++) {
		const struct huge_pages *huge = &busy->huge[i];
		struct json_object *object = json_object_new_object();

		json_add(object, "size", json_object_new_uint64(huge->size));
		json_add(object, "pages", json_object_new_uint64(huge->total));
		json_add(object, "in_use", json_object_new_uint64(huge->used));
		json_add(object, "free_elsewhere", json_object_new_uint64(huge->elsewhere));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *json_busy(const struct busy *busy)
{
	struct json_object *object = json_object_new_object();
	struct json_object *bytes = json_object_new_object();
	struct json_object *stuck = json_object_new_array();

	json_add_string(object, "chardev", busy->name);
	json_add_string(object, "verdict", verdict(busy));
	json_add(object, "memory_blocks", json_object_new_uint64(busy->blocks));
	json_add(object, "online", json_object_new_uint64(busy->online));
	for (size_t i = 0; i < busy->nr_stuck; i++)
		json_object_array_add(stuck, json_object_new_uint64(busy->stuck[i]));
	json_add(object, "blocks_that_stay", stuck);
	for (int use = 0; use < NR_USES; use++)
		json_add(bytes, use_looks[use].key, json_object_new_uint64(busy->bytes[use]));
	json_add(object, "bytes", bytes);
	json_add(object, "hugetlb", json_huge(busy));
	json_add(object, "to_move", json_object_new_uint64(busy->to_move));
	json_add(object, "available_elsewhere", json_object_new_uint64(busy->elsewhere));
	json_add(object, "node", json_object_new_int(busy->node));
	json_add(object, "node_has_other_memory", json_object_new_boolean(busy->node_is_shared));
	json_add(object, "processes", json_owners(&busy->processes, "pid", "name"));
	json_add(object, "cgroups", json_owners(&busy->cgroups, "inode", "path"));
	return object;
}

/*--- a table ----------------------------------------------------------------------*/

static void print_uses(const struct busy *busy)
{
	char size[32];

	for (int use = 0; use < NR_USES; use++)
		if (busy->bytes[use])
			printf("%c %-28s %12s%s%s\n", use_looks[use].stays ? '!' : ' ',
			       use_looks[use].words,
			       human_size(busy->bytes[use], size, sizeof(size)),
			       use_looks[use].fate[0] ? "  " : "", use_looks[use].fate);
	for (size_t i = 0; i < busy->nr_huge; i++) {
		const struct huge_pages *huge = &busy->huge[i];
		const uint64_t used = huge->used;

		printf("%c hugetlb pages of %s: %" PRIu64 ", in use %" PRIu64 "%s\n",
		       huge->size >= 1ULL << 30 && used > huge->elsewhere ? '!' : ' ',
		       human_size(huge->size, size, sizeof(size)), huge->total, used,
		       !used ? ": are given back" : huge->size < 1ULL << 30 ? ": are moved" :
		       ": each needs a free one on another node");
		if (used && huge->size >= 1ULL << 30)
			printf("    other nodes have %" PRIu64 "\n", huge->elsewhere);
	}
}

/* "107, 109-111" */
static void print_stuck(const struct busy *busy)
{
	if (!busy->nr_stuck)
		return;
	printf("! memory blocks that hold something that stays: %zu of %" PRIu64 ":",
	       busy->nr_stuck, busy->online);
	for (size_t i = 0, end; i < busy->nr_stuck; i = end) {
		for (end = i + 1; end < busy->nr_stuck &&
		     busy->stuck[end] == busy->stuck[end - 1] + 1;)
			end++;
		printf("%s %" PRIu64, i ? "," : "", busy->stuck[i]);
		if (end - i > 1)
			printf("-%" PRIu64, busy->stuck[end - 1]);
	}
	printf("\n");
}

static void print_owners(const struct owners *owners, const char *title, bool processes)
{
	uint64_t rest = 0;
	char size[32];

	if (!owners->nr)
		return;
	printf("\n%s\n", title);
	for (size_t i = 0; i < owners->nr; i++) {
		const struct owner *owner = &owners->owner[i];

		if (i >= MAX_OWNERS) {
			rest += owner->bytes;
			continue;
		}
		printf("  %12s", human_size(owner->bytes, size, sizeof(size)));
		if (processes)
			printf(owner->cgroup ? "  %7" PRIu64 " %-16s %s\n" : "  %7" PRIu64 " %s\n",
			       owner->id, owner->name ? owner->name : "?", owner->cgroup);
		else
			printf("  %s\n", owner->name ? owner->name : "a cgroup that is gone");
	}
	if (rest)
		printf("  %12s  %zu others\n", human_size(rest, size, sizeof(size)),
		       owners->nr - MAX_OWNERS);
}

static void print_advice(const struct busy *busy)
{
	char need[32], have[32];

	printf("\n");
	if (busy->bytes[USE_SLAB] || busy->bytes[USE_KERNEL] || busy->bytes[USE_PAGE_TABLE])
		printf("The kernel's own memory goes when those that it serves end; dentries and inodes:\n"
		       "sync, then echo 2 >/proc/sys/vm/drop_caches. Online it movable the next time:\n"
		       PROG " reconfigure-device --movable.\n");
	if (busy->gigantic_stuck)
		printf("End the users of %" PRIu64 " gigantic pages, or reserve as many on another node.\n",
		       busy->gigantic_stuck);
	if (no_room(busy))
		printf("There is no room: %s have to move, and about %s are available elsewhere.\n"
		       "End processes, or add swap.\n",
		       human_size(busy->to_move, need, sizeof(need)),
		       human_size(busy->elsewhere, have, sizeof(have)));
	else if (!stays(busy) && busy->bytes[USE_UNSURE])
		printf("It cannot be told: %s in a kernel zone may be the kernel's, and stay.\n",
		       human_size(busy->bytes[USE_UNSURE], need, sizeof(need)));
	else if (!stays(busy) && busy->to_move)
		printf("Nothing that is seen keeps it: %s would be moved. Pages that a device or a driver\n"
		       "has pinned look like others; the kernel names one if it cannot move it.\n",
		       human_size(busy->to_move, need, sizeof(need)));
	else if (!stays(busy))
		printf("Nothing keeps it.\n");
}

static void print_busy(const struct busy *busy)
{
	char title[128];

	printf("%s: %" PRIu64 " of %" PRIu64 " memory blocks online, node %d%s\n\n", busy->name,
	       busy->online, busy->blocks, busy->node,
	       busy->node_is_shared ? ", which has other memory as well" : "");
	print_uses(busy);
	print_stuck(busy);
	snprintf(title, sizeof(title), "Processes that have mapped memory of node %d:", busy->node);
	print_owners(&busy->processes, title, true);
	print_owners(&busy->cgroups, "By memory cgroup, mapped or not:", false);
	print_advice(busy);
}

/*--- the command ------------------------------------------------------------------*/

static int why_busy(struct daxctl_memmap *memmap, void *data)
{
	struct answer *answer = data;
	struct busy busy = {
		.memmap = memmap,
		.name = daxctl_memmap_get_devname(memmap),
		.node = daxctl_dev_get_target_node(daxctl_memmap_get_dev(memmap)),
	};
	int rc = 0;

	if (!daxctl_memmap_is_system_ram(memmap)) {
		note("%s: is not system RAM", busy.name);
		return 0;
	}
	rc = busy_look(&busy);
	if (!rc) {
		busy_find_processes(&busy);
		busy_name_cgroups(&busy);
		answer->stays |= stays(&busy) || no_room(&busy);
		if (answer->devices) {
			json_object_array_add(answer->devices, json_busy(&busy));
		} else {
			if (!answer->first)
				printf("\n");
			print_busy(&busy);
		}
		answer->first = false;
	}
	busy_free(&busy);
	return rc;
}

int cmd_why_busy(int argc, char **argv, struct daxctl_ctx *ctx)
{
	bool json = false;
	const char *region = NULL;
	const struct opt table[] = {
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		{ 'j', "json", OPT_FLAG, &json, NULL, "print JSON" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " why-busy [OPTION ...] DEV ...|all",
		"What keeps the memory of a device from going offline, before that is tried: by what its\npages are used for, and by whom. Exit status 1 if something stays, or there is no room.",
		table, ARRAY_SIZE(table)
	};
	struct answer answer = { .first = true };
	unsigned int done;
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (no_devices_named(argc, argv, first, region))
		return STATUS_USAGE;
	catch_signals();
	if (json)
		answer.devices = json_object_new_array();
	status = for_devices(ctx, argv + first, argc - first, region, why_busy, &answer, &done);
	if (json)
		json_print(answer.devices, 0);
	/* 2, as of verify: it could not be found out. */
	return status ? STATUS_USAGE : answer.stays ? STATUS_FAILED : STATUS_OK;
}
