// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "options.h"

struct list {
	struct json_object *devices;
	unsigned long flags;
};

static int list_device(struct daxctl_memmap *memmap, void *data)
{
	struct list *list = data;

	json_object_array_add(list->devices, json_device(memmap, list->flags));
	return 0;
}

int cmd_list(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *region = NULL, *dev = NULL;
	bool human = false;
	const struct opt table[] = {
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region: its number, or regionN of CXL" },
		{ 'd', "dev", OPT_STRING, &dev, "DEV", "one device" },
		{ 'u', "human", OPT_FLAG, &human, NULL, "numbers for people" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " list [OPTION ...] [DEV ...]",
		"Devices as JSON: mode, memmap policy requested and in effect, what it costs.",
		table, ARRAY_SIZE(table)
	};
	struct list list = { 0 };
	unsigned int done;
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (dev && first < argc) {
		error("list: name devices behind the options, or one with --dev");
		return STATUS_USAGE;
	}
	list.devices = json_object_new_array();
	list.flags = human ? JSON_HUMAN : 0;
	if (dev)
		status = for_devices(ctx, (char **)&dev, 1, region, list_device, &list, &done);
	else
		status = for_devices(ctx, argv + first, argc - first, region, list_device,
				     &list, &done);
	json_print(list.devices, list.flags);
	return status;
}
