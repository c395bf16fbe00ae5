// SPDX-License-Identifier: GPL-2.0
/* reconfigure-device: the options of daxctl's, and --memmap. */
#include <string.h>

#include "cli.h"

struct reconfiguration {
	struct target target;
	struct json_object *devices;
	bool persist;
	unsigned long flags;
};

static int reconfigure(struct daxctl_memmap *memmap, void *data)
{
	struct reconfiguration *job = data;
	struct identity id;
	int rc = 0;

	if (job->persist) {
		identify(daxctl_memmap_get_devname(memmap), &id);
		rc = check_persist(daxctl_memmap_get_devname(memmap), &id);
	}
	if (!rc)
		rc = convert(memmap, &job->target);
	if (rc)
		return rc;
	/* Done, whatever becomes of keeping it. */
	if (!daxctl_memmap_refresh(memmap))
		json_object_array_add(job->devices, json_device(memmap, job->flags));
	return job->persist ? persist(daxctl_memmap_get_devname(memmap), &id, NULL, &job->target) : 0;
}

int cmd_reconfigure(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *mode = NULL, *memmap = NULL, *region = NULL;
	bool no_online = false, no_movable = false, movable = false, force = false;
	bool dry_run = false, persistent = false, human = false;
	const struct opt table[] = {
		{ 'm', "mode", OPT_STRING, &mode, "MODE", "system-ram (default) or devdax" },
		{ 'M', "memmap", OPT_STRING, &memmap, "POLICY", "where the memmap goes: dram, block, range or auto" },
		{ 'N', "no-online", OPT_FLAG, &no_online, NULL, "leave the memory offline" },
		{ 0, "movable", OPT_FLAG, &movable, NULL, "online it movable, also what the host has onlined otherwise", 'z' },
		{ 0, "no-movable", OPT_FLAG, &no_movable, NULL, "online it to a kernel zone: it cannot be counted on to go offline again", 'z' },
		{ 'f', "force", OPT_FLAG, &force, NULL, "take memory offline where that is needed" },
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		{ 'n', "dry-run", OPT_FLAG, &dry_run, NULL, "say what would be done" },
		{ 0, "persist", OPT_FLAG, &persistent, NULL, "do it at every boot: write a file in " CONFIG_DIR },
		{ 'u', "human", OPT_FLAG, &human, NULL, "numbers for people" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
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
	job.target.system_ram = !mode || !strcmp(mode, "system-ram");
	if (!job.target.system_ram && strcmp(mode, "devdax")) {
		error("reconfigure-device: --mode=%s: it is system-ram or devdax", mode);
		return status;
	}
	if (memmap) {
		int policy = daxctl_memmap_policy_parse(memmap);

		if (policy < 0) {
			error("reconfigure-device: --memmap=%s: it is dram, block, range or auto",
			      memmap);
			return status;
		}
		job.target.policy = policy;
	}
	if (!job.target.system_ram && (memmap || no_online || movable || no_movable)) {
		error("reconfigure-device: --memmap, --no-online and --(no-)movable are for system-ram");
		return status;
	}
	if (no_online && (movable || no_movable)) {
		error("reconfigure-device: --no-online and --(no-)movable exclude each other");
		return status;
	}
	if (no_devices_named(argc, argv, first, region))
		return status;
	job.target.online = !no_online;
	job.target.zone = no_movable ? ZONE_KERNEL : movable ? ZONE_MOVABLE : ZONE_ANY;
	job.target.force = force;
	job.target.dry_run = dry_run;
	job.persist = persistent;
	job.flags = human ? JSON_HUMAN : 0;
	job.devices = json_object_new_array();

	catch_signals();
	if (!dry_run && take_lock())
		return STATUS_FAILED;
	status = for_devices(ctx, argv + first, argc - first, region, reconfigure, &job, &done);
	json_print(job.devices, job.flags);
	if (!dry_run)
		note("reconfigured %u device%s", done, done == 1 ? "" : "s");
	return status;
}
