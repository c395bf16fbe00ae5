// SPDX-License-Identifier: GPL-2.0
/* undo: the device of the last conversion becomes what it was, as the journal has it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "journal.h"
#include "messages.h"
#include "onboard.h"
#include "options.h"

struct undoing {
	const struct record *record;
	bool dry_run;
};

static int bring_back(struct daxctl_memmap *memmap, void *data)
{
	const struct undoing *job = data;
	const struct record *record = job->record;
	const struct target target = {
		.system_ram = !strcmp(record->driver, "kmem"),
		.unbound = !record->driver[0],
		.policy = record->policy,
		.blocks = &record->blocks,
		.online = record->blocks.nr,
		.force = true,
		.dry_run = job->dry_run,
	};
	uint64_t start = 0, size;
	int rc;

	daxctl_memmap_get_range(memmap, 0, &start, &size);
	if (start != record->start || daxctl_memmap_get_size(memmap) != record->size) {
		error("%s: another device has that name now", record->name);
		return -ESTALE;
	}
	rc = convert(memmap, &target);
	if (!rc && !job->dry_run)
		note("%s: is %s again", record->name, target.system_ram ? "system RAM" :
		     target.unbound ? "disabled" : "devdax");
	return rc;
}

/* What --persist keeps is done again. */
static void warn_of_section(const char *name, const struct identity *id)
{
	struct config *list;
	const struct config *config;

	config_read(CONFIG_DIR, &list);
	for (config = list; config; config = config->next) {
		if (!config_concerns(config, name, id))
			continue;
		note("%s: [%s] at %s:%u is for it, and does the same at the next boot", name,
		     config->name, config->file, config->line);
		hint("if not: " PROG " forget '%s=%s'", config_match_name(config->match_kind),
		     config->match);
		break;
	}
	config_free(list);
}

static int undo_dax(const struct record *record, bool dry_run)
{
	struct undoing job = { record, dry_run };

	return with_dax(record->name, bring_back, &job);
}

static int undo_region(const struct record *record, bool dry_run)
{
	struct record dax;
	char daxdev[64];
	int rc = undo_onboard(record, dry_run, daxdev, sizeof(daxdev));

	if (!rc && !dry_run)
		note("%s: is %s again", record->name, record->made ? "gone" : "disabled");
	if (dry_run || !daxdev[0])
		return rc;
	/* A region that stays keeps its memory. */
	if (rc && !journal_read(daxdev, &dax)) {
		hold_signals(true);
		undo_dax(&dax, false);
		hold_signals(false);
		journal_free(&dax);
	}
	journal_drop(daxdev);
	return rc;
}

static int undo(const char *name, bool dry_run)
{
	struct record record;
	struct identity id = { 0 };
	int rc = journal_read(name, &record);

	if (rc == -ENOENT) {
		error("%s%snothing to undo: nothing was changed since the machine started",
		      name ? name : "", name ? ": " : "");
		hint("see the devices: " PROG " list");
	}
	if (rc)
		return rc;
	if (record.is_region) {
		id.nr_serials = record.nr_serials;
		memcpy(id.serials, record.serials, sizeof(id.serials));
		rc = undo_region(&record, dry_run);
	} else {
		identify(record.name, &id);
		rc = undo_dax(&record, dry_run);
	}
	if (!rc)
		warn_of_section(record.name, &id);
	/* One that is gone, or another by now, cannot be brought back. */
	if (!dry_run && (!rc || rc == -ENODEV || rc == -ESTALE))
		journal_drop(record.name);
	journal_free(&record);
	return rc;
}

int cmd_undo(int argc, char **argv, struct daxctl_ctx *ctx)
{
	bool dry_run = false;
	const struct opt table[] = {
		{ 'n', "dry-run", OPT_FLAG, &dry_run, NULL, "say what would be done" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " undo [OPTION ...] [DEV|REGION]",
		"Bring a device back to what it was before its last conversion, or take apart the region\nthat onboard made; without a name, what was changed last. Takes memory offline.",
		table, ARRAY_SIZE(table)
	};
	int status, first;

	(void)ctx;
	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (argc - first > 1) {
		error("undo: one device at a time");
		return STATUS_USAGE;
	}
	if (!dry_run && geteuid()) {
		error("undo: changing a device takes root");
		return STATUS_FAILED;
	}
	catch_signals();
	if (!dry_run && take_lock())
		return STATUS_FAILED;
	return undo(first < argc ? argv[first] : NULL, dry_run) ? STATUS_FAILED : STATUS_OK;
}
