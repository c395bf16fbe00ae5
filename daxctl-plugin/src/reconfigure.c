// SPDX-License-Identifier: GPL-2.0
/* reconfigure-device: the options of daxctl's, and --memmap. */
#include <string.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "options.h"

struct reconfiguration {
	struct target target;
	struct json_object *devices;
	bool persist;
	unsigned long flags;
};

static int reconfigure(struct daxctl_memmap *memmap, void *data)
{
	const char *name = daxctl_memmap_get_devname(memmap);
	struct reconfiguration *job = data;
	struct identity id;
	int rc = 0;

	if (job->persist) {
		identify(name, &id);
		rc = check_persist(name, &id);
	}
	if (!rc)
		rc = convert(memmap, &job->target);
	if (rc)
		return rc;
	/* Done, whatever becomes of keeping it. */
	if (!daxctl_memmap_refresh(memmap))
		json_object_array_add(job->devices, json_device(memmap, job->flags));
	return job->persist ? persist(name, &id, NULL, &job->target) : 0;
}

int cmd_reconfigure(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *mode = "system-ram", *region = NULL;
	struct ram_options ram = { 0 };
	bool force = false;
	const struct opt table[] = {
		{ 'm', "mode", OPT_STRING, &mode, "MODE", "system-ram (default) or devdax" },
		{ 'f', "force", OPT_FLAG, &force, NULL, "take memory offline where that is needed" },
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		RAM_OPTIONS(ram),
	};
	const struct opts opts = {
		PROG " reconfigure-device [OPTION ...] DEV ...|all",
		"Make system RAM of a device, with its memmap where --memmap says, or devdax again.\nIf that fails, the device is left as it was.",
		table, ARRAY_SIZE(table)
	};
	struct reconfiguration job = { 0 };
	unsigned int done;
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	status = STATUS_USAGE;
	if (!ram_target("reconfigure-device", &ram, &job.target))
		return status;
	job.target.system_ram = !strcmp(mode, "system-ram");
	if (!job.target.system_ram && strcmp(mode, "devdax")) {
		error("reconfigure-device: --mode=%s: it is system-ram or devdax", mode);
		return status;
	}
	if (!job.target.system_ram &&
	    (ram.memmap || ram.no_online || ram.movable || ram.no_movable)) {
		error("reconfigure-device: --memmap, --no-online and --(no-)movable are for system-ram");
		return status;
	}
	if (no_devices_named(argc, argv, first, region))
		return status;
	job.target.force = force;
	job.persist = ram.persist;
	job.flags = ram.human ? JSON_HUMAN : 0;
	job.devices = json_object_new_array();

	catch_signals();
	if (!ram.dry_run && take_lock())
		return STATUS_FAILED;
	status = for_devices(ctx, argv + first, argc - first, region, reconfigure, &job, &done);
	json_print(job.devices, job.flags);
	if (!ram.dry_run)
		note("reconfigured %u device%s", done, done == 1 ? "" : "s");
	return status;
}
