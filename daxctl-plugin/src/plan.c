// SPDX-License-Identifier: GPL-2.0
/* plan: all policies of a device side by side, before anything is touched. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "options.h"

struct planning {
	struct json_object *devices;	/* NULL: a table */
	unsigned long flags;
	enum daxctl_memmap_policy only;	/* NONE: all of them */
	const char *key;		/* of the name, in JSON */
	bool elsewhere;			/* of another machine, which is not known */
	bool all_supported;
	bool none_possible;		/* for a device */
	bool first;
};

#define MAX_NODES 1024

/* What the kernel does with memory that is added; "offline" if it does not say. */
static const char *auto_online(char *word, size_t size)
{
	if (sysfs_read(word, size, SYS_MEMORY "/auto_online_blocks") <= 0 ||
	    strncmp(word, "online", 6))
		snprintf(word, size, "offline");
	return word;
}

static void for_nodes(struct daxctl_memmap *memmap,
		      void (*fn)(int node, uint64_t available, void *data), void *data)
{
	uint64_t available;

	for (int node = 0; node < MAX_NODES; node++) {
		if (!sysfs_exists("/sys/devices/system/node/node%d", node))
			continue;
		available = daxctl_memmap_get_node_available(memmap, node);
		if (available)
			fn(node, available, data);
	}
}

struct warnings {
	char text[4][256];
	unsigned int nr;
};

/* Of ranges that do not begin or end where a memory block does. */
static uint64_t lost_to_alignment(struct daxctl_memmap *memmap)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	if (daxctl_memmap_get_nr_ranges(memmap) < 0 ||
	    daxctl_memmap_plan(memmap, DAXCTL_MEMMAP_DRAM, &plan))
		return 0;
	return daxctl_memmap_get_size(memmap) - plan.usable - plan.head;
}

static void collect_warnings(struct daxctl_memmap *memmap, const struct planning *planning,
			     struct warnings *warnings)
{
	uint64_t lost = lost_to_alignment(memmap);
	struct identity id;
	char text[64];

	warnings->nr = 0;
	identify(daxctl_memmap_get_devname(memmap), &id);
	if (id.map_dev)
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "the namespace has a memmap of its own on the device (map=dev): as system RAM it pays twice; create it with ndctl create-namespace --map=mem");
	if (lost)
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "%s of the device are in no whole memory block, and never system RAM",
			 human_size(lost, text, sizeof(text)));
	if (!planning->elsewhere && strcmp(auto_online(text, sizeof(text)), "offline"))
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "this host onlines memory by itself (auto_online_blocks is %s): %s", text,
			 strcmp(text, "online_movable") ?
			 "in a kernel zone it may stay until the next boot; write online_movable there first for ZONE_MOVABLE" :
			 "in ZONE_MOVABLE, unless you ask for another zone");
	if (daxctl_memmap_is_system_ram(memmap))
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "the device is system RAM with policy %s: another needs its memory offline (reconfigure-device -f)",
			 daxctl_memmap_policy_name(daxctl_memmap_get_effective(memmap)));
}

struct node_list {
	struct json_object *array;
	unsigned long flags;
};

static void add_node_json(int node, uint64_t available, void *data)
{
	struct json_object *object = json_object_new_object();
	struct node_list *list = data;

	json_add(object, "node", json_object_new_int(node));
	json_add(object, "available", json_size(available, list->flags));
	json_object_array_add(list->array, object);
}

static enum daxctl_memmap_policy recommend(struct daxctl_memmap *memmap,
					   struct planning *planning, const char **why)
{
	enum daxctl_memmap_policy policy = daxctl_memmap_recommend(memmap, why);

	planning->none_possible |= policy == DAXCTL_MEMMAP_NONE;
	return policy;
}

static void policies_json(struct daxctl_memmap *memmap, struct planning *planning,
			  struct json_object *object)
{
	struct json_object *policies = json_object_new_array();

	for (int policy = DAXCTL_MEMMAP_DRAM; policy <= DAXCTL_MEMMAP_AUTO; policy++) {
		struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
		struct json_object *one;

		if (planning->only && planning->only != (enum daxctl_memmap_policy)policy)
			continue;
		daxctl_memmap_plan(memmap, policy, &plan);
		one = json_object_new_object();
		json_add_string(one, "policy", daxctl_memmap_policy_name(policy));
		if (policy == DAXCTL_MEMMAP_AUTO)
			json_add_string(one, "becomes", daxctl_memmap_policy_name(plan.policy));
		json_add(one, "supported", json_object_new_boolean(plan.supported));
		if (plan.reason[0])
			json_add_string(one, "reason", plan.reason);
		if (plan.usable) {
			json_plan_figures(one, &plan, planning->flags);
			if (!planning->elsewhere)
				json_add(one, "dram_suffices",
					 json_object_new_boolean(plan.dram <=
								 plan.dram_available));
			json_add(one, "removable_by_block",
				 json_object_new_boolean(plan.removable_by_block));
		}
		json_object_array_add(policies, one);
		planning->all_supported &= plan.supported;
	}
	json_add(object, "policies", policies);
}

/* What this machine is like. */
static void machine_json(struct daxctl_memmap *memmap, struct planning *planning,
			 struct json_object *object)
{
	struct node_list nodes = { json_object_new_array(), planning->flags };
	char word[64];

	json_add(object, "kernel_has_policies",
		 json_object_new_boolean(daxctl_memmap_has_policies(memmap)));
	json_add_string(object, "auto_online_blocks", auto_online(word, sizeof(word)));
	for_nodes(memmap, add_node_json, &nodes);
	json_add(object, "nodes", nodes.array);
}

static void plan_json(struct daxctl_memmap *memmap, struct planning *planning)
{
	struct json_object *object = json_object_new_object();
	struct json_object *warned = json_object_new_array();
	enum daxctl_memmap_policy recommended;
	struct warnings warnings;
	const char *why;

	json_add_string(object, planning->key, daxctl_memmap_get_devname(memmap));
	json_add(object, "size", json_size(daxctl_memmap_get_size(memmap), planning->flags));
	json_add(object, "memory_block_size",
		 json_size(daxctl_memmap_get_block_size(memmap), planning->flags));
	if (planning->elsewhere)
		json_add(object, "page_size",
			 json_size(daxctl_memmap_get_page_size(memmap), planning->flags));
	else
		machine_json(memmap, planning, object);
	policies_json(memmap, planning, object);
	recommended = recommend(memmap, planning, &why);
	json_object_object_add(object, "recommended", recommended ?
			       json_object_new_string(daxctl_memmap_policy_name(recommended)) :
			       NULL);
	json_add_string(object, "recommended_because", why);
	collect_warnings(memmap, planning, &warnings);
	for (unsigned int i = 0; i < warnings.nr; i++)
		json_object_array_add(warned, json_object_new_string(warnings.text[i]));
	json_add(object, "warnings", warned);
	json_object_array_add(planning->devices, object);
}

static void print_node(int node, uint64_t available, void *data)
{
	char text[32];

	(void)data;
	printf("  %s on node %d", human_size(available, text, sizeof(text)), node);
}

static const char *size_or_dash(uint64_t bytes, char *text, size_t size)
{
	return bytes ? human_size(bytes, text, size) : "-";
}

/* @first: what the first column is about, for a table of several sizes. */
static void print_head(struct daxctl_memmap *memmap, const char *first)
{
	char pages[32];

	snprintf(pages, sizeof(pages), "%lluG pages",
		 (unsigned long long)daxctl_memmap_get_gigantic_size(memmap) >> 30);
	printf("  %s%-7s %-4s %12s %12s %12s %7s  %s\n", first, "policy", "can", "DRAM needed",
	       "on device", "usable", pages, "removed");
}

static void describe_row(const struct planning *planning, enum daxctl_memmap_policy policy,
			 const struct daxctl_memmap_plan *plan, char *text, size_t size)
{
	if (plan->supported && plan->dram > plan->dram_available && !planning->elsewhere)
		snprintf(text, size, "too little DRAM available: ENOMEM is likely");
	else if (policy == DAXCTL_MEMMAP_AUTO)
		snprintf(text, size, "becomes %s%s%s", daxctl_memmap_policy_name(plan->policy),
			 plan->reason[0] ? "; not range: " : "", plan->reason);
	else
		snprintf(text, size, "%s", plan->reason);
}

static void print_rows(struct daxctl_memmap *memmap, struct planning *planning,
		       enum daxctl_memmap_policy recommended, const char *first)
{
	char a[32], b[32], c[32], text[320];

	for (int policy = DAXCTL_MEMMAP_DRAM; policy <= DAXCTL_MEMMAP_AUTO; policy++) {
		struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

		if (planning->only && planning->only != (enum daxctl_memmap_policy)policy)
			continue;
		daxctl_memmap_plan(memmap, policy, &plan);
		planning->all_supported &= plan.supported;
		printf("%c %s%-7s %-4s %12s %12s %12s %7" PRIu64 "  %s\n",
		       recommended == (enum daxctl_memmap_policy)policy ? '*' : ' ', first,
		       daxctl_memmap_policy_name(policy), plan.supported ? "yes" : "no",
		       size_or_dash(plan.dram, a, sizeof(a)),
		       size_or_dash(plan.head, b, sizeof(b)),
		       size_or_dash(plan.usable, c, sizeof(c)), plan.gigantic_pages,
		       !plan.usable ? "-" : plan.removable_by_block ? "by block" : "as a whole");
		describe_row(planning, policy, &plan, text, sizeof(text));
		if (text[0])
			printf("          %s\n", text);
	}
}

static void plan_table(struct daxctl_memmap *memmap, struct planning *planning)
{
	enum daxctl_memmap_policy recommended;
	struct warnings warnings;
	const char *because;
	char a[32], b[32];

	recommended = recommend(memmap, planning, &because);
	if (!planning->first)
		printf("\n");
	planning->first = false;
	printf("%s: %s", daxctl_memmap_get_devname(memmap),
	       human_size(daxctl_memmap_get_size(memmap), a, sizeof(a)));
	if (daxctl_memmap_get_nr_ranges(memmap) > 1)
		printf(" in %d ranges", daxctl_memmap_get_nr_ranges(memmap));
	printf(", memory blocks of %s\nDRAM available:",
	       human_size(daxctl_memmap_get_block_size(memmap), b, sizeof(b)));
	for_nodes(memmap, print_node, NULL);
	printf("\n\n");
	print_head(memmap, "");
	print_rows(memmap, planning, recommended, "");
	if (recommended)
		printf("\n* %s: %s\n", daxctl_memmap_policy_name(recommended), because);
	else
		printf("\n! no policy: %s\n", because);
	collect_warnings(memmap, planning, &warnings);
	for (unsigned int i = 0; i < warnings.nr; i++)
		printf("! %s\n", warnings.text[i]);
}

/* One table for all sizes. */
static void plan_size_rows(struct daxctl_memmap *memmap, struct planning *planning)
{
	enum daxctl_memmap_policy recommended;
	char size[32], first[40], text[32];
	const char *because;

	recommended = recommend(memmap, planning, &because);
	if (planning->first) {
		printf("Pages of %s", human_size(daxctl_memmap_get_page_size(memmap), text,
						 sizeof(text)));
		printf(", memory blocks of %s, a kernel with memmap policies\n\n",
		       human_size(daxctl_memmap_get_block_size(memmap), text, sizeof(text)));
		snprintf(first, sizeof(first), "%12s  ", "size");
		print_head(memmap, first);
	}
	planning->first = false;
	human_size(daxctl_memmap_get_size(memmap), size, sizeof(size));
	snprintf(first, sizeof(first), "%12s  ", size);
	print_rows(memmap, planning, recommended, first);
}

static int plan_device(struct daxctl_memmap *memmap, void *data)
{
	struct planning *planning = data;

	if (planning->devices)
		plan_json(memmap, planning);
	else if (planning->elsewhere)
		plan_size_rows(memmap, planning);
	else
		plan_table(memmap, planning);
	return 0;
}

/* Sizes with commas between them, of a device that is aligned to a gigantic page. */
static int plan_sizes(char *sizes, struct daxctl_memmap_hardware *hardware,
		      struct planning *planning)
{
	char *word, *save;
	int rc = 0;

	planning->key = "hardware";
	planning->elsewhere = true;
	for (word = strtok_r(sizes, ",", &save); word && !rc; word = strtok_r(NULL, ",", &save)) {
		if (parse_size(word, &hardware->size)) {
			error("plan: --size=%s: no size such as 128G", word);
			return STATUS_USAGE;
		}
		hardware->name = word;
		rc = plan_planned(hardware, plan_device, planning);
	}
	return rc ? STATUS_FAILED : STATUS_OK;
}

/* Memory devices by themselves, DAX devices as everywhere. */
static int plan_named(struct daxctl_ctx *ctx, char **names, int nr, const char *region,
		      struct planning *planning)
{
	int status = STATUS_OK;
	unsigned int done;

	/* --region alone: all of its devices. */
	if (!nr)
		return for_devices(ctx, NULL, 0, region, plan_device, planning, &done);
	for (int i = 0; i < nr; i++) {
		bool memdev = is_name(names[i], "mem", false);

		planning->key = memdev ? "memdev" : "chardev";
		if (memdev ? plan_memdev(ctx, names[i], plan_device, planning) :
		    for_devices(ctx, names + i, 1, region, plan_device, planning, &done))
			status = STATUS_FAILED;
	}
	return status;
}

/* -EINVAL, which is said. */
static int parse_hardware(const char *block, const char *page, const char *policy,
			  struct daxctl_memmap_hardware *hardware, struct planning *planning)
{
	int parsed = policy ? daxctl_memmap_policy_parse(policy) : DAXCTL_MEMMAP_NONE;

	if ((block && parse_size(block, &hardware->block_size)) ||
	    (page && parse_size(page, &hardware->page_size))) {
		error("plan: %s: no size such as 2G or 64K", page ? page : block);
		return -EINVAL;
	}
	if (parsed < 0) {
		error("plan: --policy=%s: it is dram, block, range or auto", policy);
		return -EINVAL;
	}
	planning->only = parsed;
	return 0;
}

int cmd_plan(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *region = NULL, *word = NULL, *sizes = NULL, *block = NULL, *page = NULL;
	bool json = false, human = false;
	const struct opt table[] = {
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		{ 's', "size", OPT_STRING, &sizes, "SIZE", "hardware that is not there yet; several sizes with commas" },
		{ 0, "block-size", OPT_STRING, &block, "SIZE", "of its memory blocks; default: as here" },
		{ 0, "page-size", OPT_STRING, &page, "SIZE", "of its pages, 4K, 16K or 64K; default: as here" },
		{ 'p', "policy", OPT_STRING, &word, "POLICY", "only dram, block, range or auto; fails if the device cannot have it" },
		{ 'j', "json", OPT_FLAG, &json, NULL, "JSON instead of a table" },
		{ 'u', "human", OPT_FLAG, &human, NULL, "JSON with numbers for people" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " plan [OPTION ...] DEV|MEMDEV ...|all",
		"What each policy would cost a device, a CXL memory device that is in no region, or\nhardware that is not there yet (--size). Changes nothing.",
		table, ARRAY_SIZE(table)
	};
	struct planning planning = { .all_supported = true, .first = true, .key = "chardev" };
	struct daxctl_memmap_hardware hardware = {
		.struct_size = sizeof(hardware),
		.any_kernel = true,
	};
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (sizes ? first < argc || region : block || page) {
		error("plan: --size is for hardware that has no name here; --block-size and --page-size go with it");
		return STATUS_USAGE;
	}
	if (!sizes && no_devices_named(argc, argv, first, region))
		return STATUS_USAGE;
	if (parse_hardware(block, page, word, &hardware, &planning))
		return STATUS_USAGE;
	if (json || human)
		planning.devices = json_object_new_array();
	planning.flags = human ? JSON_HUMAN : 0;
	status = sizes ? plan_sizes((char *)sizes, &hardware, &planning) :
		 plan_named(ctx, argv + first, argc - first, region, &planning);
	if (status == STATUS_USAGE) {
		json_object_put(planning.devices);
		return status;
	}
	if (planning.devices)
		json_print(planning.devices, planning.flags);
	if ((planning.only ? !planning.all_supported : planning.none_possible) && !status)
		return STATUS_FAILED;
	return status;
}
