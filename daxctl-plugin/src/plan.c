// SPDX-License-Identifier: GPL-2.0
/* plan: all policies of a device side by side, before anything is touched. */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct planning {
	struct json_object *devices;	/* NULL: a table */
	unsigned long flags;
	enum daxctl_memmap_policy only;	/* NONE: all of them */
	bool all_supported;
	bool none_possible;		/* for a device */
	bool first;
};

static const char * const auto_online_words[] = {
	[AUTO_ONLINE_OFFLINE] = "offline",
	[AUTO_ONLINE_ONLINE] = "online",
	[AUTO_ONLINE_KERNEL] = "online_kernel",
	[AUTO_ONLINE_MOVABLE] = "online_movable",
};

static void for_nodes(struct daxctl_memmap *memmap,
		      void (*fn)(int node, uint64_t available, void *data), void *data)
{
	uint64_t available;

	for (int node = 0; node < MACHINE_MAX_NODES; node++) {
		if (!sysfs_exists("/sys/devices/system/node/node%d", node))
			continue;
		available = memmap_node_available(memmap, node);
		if (available)
			fn(node, available, data);
	}
}

struct warnings {
	char text[4][256];
	unsigned int nr;
};

/* Of ranges that do not begin or end where a memory block does. */
static uint64_t lost_to_alignment(const struct daxctl_memmap *memmap)
{
	struct memmap_range whole;
	uint64_t lost = 0;

	for (size_t i = 0; i < memmap->nr_ranges; i++) {
		lost += memmap->ranges[i].size;
		if (memmap_whole_blocks(memmap, i, &whole))
			lost -= whole.size;
	}
	return lost;
}

static void collect_warnings(struct daxctl_memmap *memmap, struct warnings *warnings)
{
	uint64_t lost = lost_to_alignment(memmap);
	struct identity id;
	char text[32];

	warnings->nr = 0;
	identify(memmap->name, &id);
	if (id.map_dev)
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "the namespace has a memmap of its own on the device (map=dev): as system RAM it pays twice; create it with ndctl create-namespace --map=mem");
	if (lost)
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "%s of the device are in no whole memory block, and never system RAM",
			 human_size(lost, text, sizeof(text)));
	if (memmap->machine.auto_online != AUTO_ONLINE_OFFLINE)
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "this host onlines memory by itself (auto_online_blocks is %s): the zone is the kernel's choice unless you ask for one",
			 auto_online_words[memmap->machine.auto_online]);
	if (memmap->is_system_ram)
		snprintf(warnings->text[warnings->nr++], sizeof(warnings->text[0]),
			 "the device is system RAM with policy %s: another needs its memory offline (reconfigure-device -f)",
			 daxctl_memmap_policy_name(memmap->effective));
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

static void plan_json(struct daxctl_memmap *memmap, struct planning *planning)
{
	struct json_object *object = json_object_new_object();
	struct json_object *policies = json_object_new_array();
	struct node_list nodes = { json_object_new_array(), planning->flags };
	struct json_object *warned = json_object_new_array();
	enum daxctl_memmap_policy recommended;
	struct warnings warnings;
	const char *why;

	json_add_string(object, "chardev", memmap->name);
	json_add(object, "size",
		 json_size(daxctl_dev_get_size(memmap->dev), planning->flags));
	json_add(object, "memory_block_size",
		 json_size(memmap->machine.geo.block_size, planning->flags));
	json_add(object, "kernel_has_policies",
		 json_object_new_boolean(memmap->has_policies));
	json_add_string(object, "auto_online_blocks",
			auto_online_words[memmap->machine.auto_online]);
	for_nodes(memmap, add_node_json, &nodes);
	json_add(object, "nodes", nodes.array);
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
			json_add(one, "dram_suffices",
				 json_object_new_boolean(plan.dram <= plan.dram_available));
			json_add(one, "removable_by_block",
				 json_object_new_boolean(plan.removable_by_block));
		}
		json_object_array_add(policies, one);
		planning->all_supported &= plan.supported;
	}
	json_add(object, "policies", policies);
	recommended = recommend(memmap, planning, &why);
	json_object_object_add(object, "recommended", recommended ?
			       json_object_new_string(daxctl_memmap_policy_name(recommended)) :
			       NULL);
	json_add_string(object, "recommended_because", why);
	collect_warnings(memmap, &warnings);
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

static void plan_table(struct daxctl_memmap *memmap, struct planning *planning)
{
	enum daxctl_memmap_policy recommended;
	struct warnings warnings;
	char a[32], b[32], c[32];
	const char *because;

	recommended = recommend(memmap, planning, &because);
	if (!planning->first)
		printf("\n");
	planning->first = false;
	printf("%s: %s", memmap->name,
	       human_size(daxctl_dev_get_size(memmap->dev), a, sizeof(a)));
	if (memmap->nr_ranges > 1)
		printf(" in %zu ranges", memmap->nr_ranges);
	printf(", memory blocks of %s\nDRAM available:",
	       human_size(memmap->machine.geo.block_size, b, sizeof(b)));
	for_nodes(memmap, print_node, NULL);
	printf("\n\n  %-7s %-4s %12s %12s %12s %7s  %s\n", "policy", "can", "DRAM needed",
	       "on device", "usable", "1G pages", "removed");
	for (int policy = DAXCTL_MEMMAP_DRAM; policy <= DAXCTL_MEMMAP_AUTO; policy++) {
		struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
		char note_text[320] = "";

		if (planning->only && planning->only != (enum daxctl_memmap_policy)policy)
			continue;
		daxctl_memmap_plan(memmap, policy, &plan);
		planning->all_supported &= plan.supported;
		if (plan.supported && plan.dram > plan.dram_available)
			snprintf(note_text, sizeof(note_text), "too little DRAM available: ENOMEM is likely");
		else if (policy == DAXCTL_MEMMAP_AUTO)
			snprintf(note_text, sizeof(note_text), "becomes %s%s%s",
				 daxctl_memmap_policy_name(plan.policy),
				 plan.reason[0] ? "; not range: " : "", plan.reason);
		else
			snprintf(note_text, sizeof(note_text), "%s", plan.reason);
		printf("%c %-7s %-4s %12s %12s %12s %7" PRIu64 "  %s\n",
		       recommended == (enum daxctl_memmap_policy)policy ? '*' : ' ',
		       daxctl_memmap_policy_name(policy), plan.supported ? "yes" : "no",
		       size_or_dash(plan.dram, a, sizeof(a)),
		       size_or_dash(plan.head, b, sizeof(b)),
		       size_or_dash(plan.usable, c, sizeof(c)), plan.gigantic_pages,
		       !plan.usable ? "-" : plan.removable_by_block ? "by block" : "as a whole");
		if (note_text[0])
			printf("          %s\n", note_text);
	}
	if (recommended)
		printf("\n* %s: %s\n", daxctl_memmap_policy_name(recommended), because);
	else
		printf("\n! no policy: %s\n", because);
	collect_warnings(memmap, &warnings);
	for (unsigned int i = 0; i < warnings.nr; i++)
		printf("! %s\n", warnings.text[i]);
}

static int plan_device(struct daxctl_memmap *memmap, void *data)
{
	struct planning *planning = data;

	if (planning->devices)
		plan_json(memmap, planning);
	else
		plan_table(memmap, planning);
	return 0;
}

int cmd_plan(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *region = NULL, *word = NULL;
	bool json = false, human = false;
	const struct opt table[] = {
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		{ 'p', "policy", OPT_STRING, &word, "POLICY", "only dram, block, range or auto; fails if the device cannot have it" },
		{ 'j', "json", OPT_FLAG, &json, NULL, "JSON instead of a table" },
		{ 'u', "human", OPT_FLAG, &human, NULL, "JSON with numbers for people" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " plan [OPTION ...] DEV ...|all",
		"What each policy would cost a device. Changes nothing.",
		table, ARRAY_SIZE(table)
	};
	struct planning planning = { .all_supported = true, .first = true };
	unsigned int done;
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (no_devices_named(argc, argv, first, region))
		return STATUS_USAGE;
	if (word) {
		int policy = daxctl_memmap_policy_parse(word);

		if (policy < 0) {
			error("plan: --policy=%s: it is dram, block, range or auto", word);
			return STATUS_USAGE;
		}
		planning.only = policy;
	}
	if (json || human)
		planning.devices = json_object_new_array();
	planning.flags = human ? JSON_HUMAN : 0;
	status = for_devices(ctx, argv + first, argc - first, region, plan_device, &planning,
			     &done);
	if (planning.devices)
		json_print(planning.devices, planning.flags);
	if ((planning.only ? !planning.all_supported : planning.none_possible) && !status)
		return STATUS_FAILED;
	return status;
}
