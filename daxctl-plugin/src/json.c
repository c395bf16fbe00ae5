// SPDX-License-Identifier: GPL-2.0
/* JSON in the habits of daxctl: same keys, same --human. */
#include <inttypes.h>
#include <string.h>
#include <json-c/printbuf.h>

#include "cli.h"
#include "devices.h"
#include "json.h"

static int print_human_size(struct json_object *object, struct printbuf *buf,
			    int level, int flags)
{
	static const struct { const char *binary, *decimal; } units[] = {
		{ "MiB", "MB" }, { "GiB", "GB" }, { "TiB", "TB" },
	};
	uint64_t bytes = json_object_get_uint64(object);
	double binary = bytes / 1048576.0, decimal = bytes / 1e6;
	size_t unit = 0;
	char text[64];

	(void)level;
	(void)flags;
	while (binary >= 2048 && unit + 1 < ARRAY_SIZE(units)) {
		binary /= 1024;
		decimal /= 1000;
		unit++;
	}
	if (bytes < 5000ULL * 1024)
		snprintf(text, sizeof(text), "%" PRIu64, bytes);
	else
		snprintf(text, sizeof(text), "\"%.2f %s (%.2f %s)\"", binary,
			 units[unit].binary, decimal, units[unit].decimal);
	return printbuf_memappend(buf, text, strlen(text));
}

struct json_object *json_size(uint64_t bytes, unsigned long flags)
{
	struct json_object *object = json_object_new_uint64(bytes);

	if (object && (flags & JSON_HUMAN))
		json_object_set_serializer(object, print_human_size, NULL, NULL);
	return object;
}

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
	if (value)
		json_object_object_add(object, key, value);
}

void json_add_string(struct json_object *object, const char *key, const char *value)
{
	json_add(object, key, json_object_new_string(value));
}

void json_plan_figures(struct json_object *object,
		       const struct daxctl_memmap_plan *plan, unsigned long flags)
{
	json_add(object, "memmap", json_size(plan->memmap, flags));
	json_add(object, "head", json_size(plan->head, flags));
	json_add(object, "waste", json_size(plan->waste, flags));
	json_add(object, "usable", json_size(plan->usable, flags));
	json_add(object, "dram", json_size(plan->dram, flags));
	json_add(object, "gigantic_pages", json_object_new_uint64(plan->gigantic_pages));
}

struct json_object *json_device(struct daxctl_memmap *memmap, unsigned long flags)
{
	enum daxctl_memmap_policy effective = daxctl_memmap_get_effective(memmap);
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_dev *dev = daxctl_memmap_get_dev(memmap);
	struct json_object *object = json_object_new_object();
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	struct identity id;

	if (!object)
		return NULL;
	identify(daxctl_dev_get_devname(dev), &id);
	json_add_string(object, "chardev", daxctl_dev_get_devname(dev));
	json_add(object, "size", json_size(daxctl_dev_get_size(dev), flags));
	if (daxctl_dev_get_target_node(dev) >= 0)
		json_add(object, "target_node",
			 json_object_new_int(daxctl_dev_get_target_node(dev)));
	if (id.cxl_region[0])
		json_add_string(object, "cxl_region", id.cxl_region);
	if (id.nvdimm_uuid[0])
		json_add_string(object, "nvdimm_uuid", id.nvdimm_uuid);
	json_add_string(object, "mode",
			daxctl_memmap_is_system_ram(memmap) ? "system-ram" : "devdax");
	if (daxctl_memmap_is_system_ram(memmap) && !(daxctl_memmap_get_nr_ranges(memmap) < 0)) {
		daxctl_memmap_count_blocks(memmap, &counts);
		json_add(object, "online_memblocks", json_object_new_int(counts.online));
		json_add(object, "total_memblocks", json_object_new_int(counts.total));
		if (counts.online)
			json_add(object, "movable",
				 json_object_new_boolean(counts.movable == counts.online));
	} else if (!daxctl_memmap_is_system_ram(memmap) && !daxctl_dev_is_enabled(dev)) {
		json_add_string(object, "state", "disabled");
	}
	json_add_string(object, "memmap_policy",
			daxctl_memmap_policy_name(daxctl_memmap_get_policy(memmap)));
	if (effective != DAXCTL_MEMMAP_NONE)
		json_add_string(object, "memmap_effective",
				daxctl_memmap_policy_name(effective));
	/* What it is or, for a device that is not system RAM, would be. */
	if (effective == DAXCTL_MEMMAP_NONE)
		effective = daxctl_memmap_get_policy(memmap);
	if (!daxctl_memmap_plan(memmap, effective, &plan) && plan.usable) {
		struct json_object *figures = json_object_new_object();

		json_plan_figures(figures, &plan, flags);
		json_add(object, "memmap", figures);
	}
	return object;
}

void json_print(struct json_object *array, unsigned long flags)
{
	struct json_object *object = array;

	if ((flags & JSON_HUMAN) && json_object_array_length(array) == 1)
		object = json_object_array_get_idx(array, 0);
	printf("%s\n", json_object_to_json_string_ext(object,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(array);
}
