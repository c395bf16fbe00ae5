// SPDX-License-Identifier: GPL-2.0
/* status: the configuration against what is there, for people and for monitoring. */
#include <dirent.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "options.h"
#include "others.h"

enum state { STATE_OK, STATE_DIFFERS, STATE_MISSING, STATE_UNUSED, STATE_UNKNOWN,
	     STATE_FREE, NR_STATES };

static const char * const state_words[] = {
	[STATE_OK] = "ok",
	[STATE_DIFFERS] = "differs",
	[STATE_MISSING] = "missing",
	[STATE_UNUSED] = "unused",
	[STATE_UNKNOWN] = "unknown",
	[STATE_FREE] = "unconfigured",
};

struct status {
	const struct config *list;
	const struct config *section;	/* that is looked at; NULL: devices without one */
	unsigned int found;		/* devices of the section */
	unsigned int count[NR_STATES];
	struct json_object *rows;	/* NULL: lines */
	struct json_object *others;
};

/*--- output ---------------------------------------------------------------------*/

static void row(struct status *status, enum state state, const char *device,
		const char *detail)
{
	const struct config *section = status->section;
	struct json_object *object;

	status->count[state]++;
	if (!status->rows) {
		printf("%-12s %-8s %s%s%s%s\n", state_words[state], device ? device : "-",
		       section ? "[" : "", section ? section->name : "", section ? "] " : "",
		       detail);
		return;
	}
	object = json_object_new_object();
	json_add_string(object, "state", state_words[state]);
	if (device)
		json_add_string(object, "chardev", device);
	if (section) {
		json_add_string(object, "section", section->name);
		json_add_string(object, "file", section->file);
		json_add(object, "line", json_object_new_int(section->line));
		json_add_string(object, "configured_for", section->match);
	}
	json_add_string(object, "detail", detail);
	json_object_array_add(status->rows, object);
}

__attribute__((format(printf, 2, 3)))
static void other(struct status *status, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (status->others)
		json_object_array_add(status->others, json_object_new_string(text));
	else
		printf("! %s\n", text);
}

/*--- devices --------------------------------------------------------------------*/

/* Also what only measuring finds. */
static enum state look(struct daxctl_memmap *memmap, const struct target *target, char *detail,
		       size_t size)
{
	struct daxctl_memmap_check *check;
	char should[128], is[128];
	int rc;

	if (!is_as_requested(memmap, target, is, sizeof(is))) {
		describe_target(target, should, sizeof(should));
		snprintf(detail, size, "%s; configured: %s", is, should);
		return STATE_DIFFERS;
	}
	describe_target(target, detail, size);
	if (!target->system_ram)
		return STATE_OK;
	rc = daxctl_memmap_verify(memmap);
	if (rc < 0) {
		snprintf(detail, size, "%s", daxctl_memmap_get_error(memmap));
		return STATE_UNKNOWN;
	}
	daxctl_memmap_check_foreach(memmap, check)
		if (!daxctl_memmap_check_holds(check)) {
			snprintf(detail, size, "%s is %s, expected %s",
				 daxctl_memmap_check_get_name(check),
				 daxctl_memmap_check_get_found(check),
				 daxctl_memmap_check_get_expected(check));
			return STATE_DIFFERS;
		}
	return STATE_OK;
}

static int look_at_dax(struct daxctl_memmap *memmap, void *data)
{
	const char *name = daxctl_memmap_get_devname(memmap);
	struct status *status = data;
	const struct config *section;
	char detail[512], path[512];
	struct identity id;

	identify(name, &id);
	section = config_find(status->list, name, &id);
	if (section != status->section) {
		if (status->section && config_matches(status->section, name, &id)) {
			status->found++;
			snprintf(detail, sizeof(detail), "[%s] at %s:%u comes first",
				 section->name, section->file, section->line);
			row(status, STATE_UNUSED, name, detail);
		}
		return 0;
	}
	if (section) {
		status->found++;
		row(status, look(memmap, &section->target, detail, sizeof(detail)),
		    name, detail);
		if (daxctl_configures(memmap, &id, path, sizeof(path)))
			other(status, "%s: daxctl acts on it as well: %s has its nvdimm.uuid",
			      name, path);
		return 0;
	}
	if (!daxctl_memmap_is_system_ram(memmap))
		return 0;
	snprintf(detail, sizeof(detail), "system-ram, memmap %s",
		 daxctl_memmap_policy_name(daxctl_memmap_get_effective(memmap)));
	row(status, STATE_FREE, name, detail);
	return 0;
}

/* Of the memory devices that the section names. */
static unsigned int count_memdevs(const struct config *section)
{
	DIR *dir = opendir("/sys/bus/cxl/devices");
	struct dirent *entry;
	unsigned int n = 0;
	uint64_t serial;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += is_name(entry->d_name, "mem", false) &&
		     !sysfs_read_u64(&serial, 0, "/sys/bus/cxl/devices/%s/serial",
				     entry->d_name) &&
		     config_has_serial(section, serial);
	closedir(dir);
	return n;
}

/* A section for which there is no dax device. */
static void look_for_device(struct status *status)
{
	const struct config *section = status->section;
	unsigned int n = count_memdevs(section);
	const char *why = NULL;
	char detail[512];

	if (section->match_kind != MATCH_SERIAL || !n) {
		snprintf(detail, sizeof(detail), "%s = %s: no such device",
			 config_match_name(section->match_kind), section->match);
	} else if (n < section->nr_serials) {
		snprintf(detail, sizeof(detail), "cxl.serial = %s: %u of %u devices are there",
			 section->match, n, section->nr_serials);
	} else {
		if (section->target.system_ram)
			why = daxctl_memmap_kernel_refuses(section->target.policy);
		snprintf(detail, sizeof(detail), "cxl.serial = %s: in no region%s%s",
			 section->match, why ? "; " : "", why ?: "");
	}
	/* Without a region, there is nothing that could be other than devdax. */
	row(status, section->target.system_ram || !n ? STATE_MISSING : STATE_OK, NULL, detail);
}

static int look_at_sections(struct daxctl_ctx *ctx, struct status *status)
{
	unsigned int done;
	int rc = STATUS_OK;

	for (status->section = status->list; status->section;
	     status->section = status->section->next) {
		status->found = 0;
		if (for_devices(ctx, NULL, 0, NULL, look_at_dax, status, &done))
			rc = STATUS_FAILED;
		else if (!status->found)
			look_for_device(status);
	}
	if (for_devices(ctx, NULL, 0, NULL, look_at_dax, status, &done))
		rc = STATUS_FAILED;
	return rc;
}

static void look_at_others(struct status *status)
{
	char word[64], path[512];

	if (sysfs_read(word, sizeof(word), SYS_MEMORY "/auto_online_blocks") > 0 &&
	    strcmp(word, "offline"))
		other(status, "the kernel onlines memory as soon as it is added (auto_online_blocks is %s)",
		      word);
	if (udev_onlines_memory(path, sizeof(path)))
		other(status, "udev onlines memory as soon as it is added (%s)", path);
}

int cmd_status(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *dir = CONFIG_DIR;
	bool json = false;
	const struct opt table[] = {
		{ 'c', "config", OPT_STRING, &dir, "DIR", "the configuration; default: " CONFIG_DIR },
		{ 'j', "json", OPT_FLAG, &json, NULL, "JSON instead of lines" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " status [OPTION ...]",
		"Is each device as the configuration says, and who else acts on them? Exit status:\n0 all are, 1 one is not or is missing, 2 that could not be found out.",
		table, ARRAY_SIZE(table)
	};
	struct status status = { 0 };
	struct config *list;
	int rc, first, trouble;

	first = parse_options(argc, argv, &opts, &rc);
	if (first < 0)
		return rc;
	if (first != argc) {
		error("status: '%s': it takes no device", argv[first]);
		return STATUS_USAGE;
	}
	trouble = config_read(dir, &list);
	status.list = list;
	if (json) {
		status.rows = json_object_new_array();
		status.others = json_object_new_array();
	}
	rc = look_at_sections(ctx, &status);
	look_at_others(&status);
	if (json) {
		struct json_object *object = json_object_new_object();

		json_add(object, "devices", status.rows);
		json_add(object, "others", status.others);
		printf("%s\n", json_object_to_json_string_ext(object,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(object);
	} else if (!list && !trouble) {
		printf("no configuration in %s\n", dir);
	}
	config_free(list);
	if (rc || trouble || status.count[STATE_UNKNOWN])
		return STATUS_USAGE;
	return status.count[STATE_DIFFERS] || status.count[STATE_MISSING] ||
	       status.count[STATE_UNUSED] ? STATUS_FAILED : STATUS_OK;
}
