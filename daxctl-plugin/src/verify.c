// SPDX-License-Identifier: GPL-2.0
/* verify: the policy requested, the one in effect, and what can be measured. */
#include <string.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "options.h"

struct verification {
	struct json_object *devices;	/* NULL: lines */
	unsigned long flags;
	int worst;
	unsigned int verified;
	bool all;
};

static int verify_device(struct daxctl_memmap *memmap, void *data)
{
	struct verification *verification = data;
	struct daxctl_memmap_check *check;
	struct json_object *object, *checks;
	int rc;

	/* With "all", what is not system RAM is nothing to verify. */
	if (verification->all && !daxctl_memmap_is_system_ram(memmap))
		return 0;
	verification->verified++;
	rc = daxctl_memmap_verify(memmap);
	if (rc < 0) {
		report(memmap);
		verification->worst = STATUS_USAGE;
	} else if (rc && verification->worst < STATUS_FAILED) {
		verification->worst = STATUS_FAILED;
	}
	if (!verification->devices) {
		if (rc >= 0)
			printf("%s: %s\n", daxctl_memmap_get_devname(memmap), rc ? "DIFFERS" : "ok");
		daxctl_memmap_check_foreach(memmap, check) {
			const char *unmeasured = daxctl_memmap_check_get_unmeasured(check);

			printf("  %-22s %s%s", daxctl_memmap_check_get_name(check),
			       unmeasured ? "not measured: " : "",
			       unmeasured ? unmeasured : daxctl_memmap_check_get_found(check));
			if (!daxctl_memmap_check_holds(check))
				printf(", expected %s", daxctl_memmap_check_get_expected(check));
			printf("\n");
		}
		return 0;
	}
	object = json_object_new_object();
	json_add_string(object, "chardev", daxctl_memmap_get_devname(memmap));
	json_add_string(object, "result", rc < 0 ? "unknown" : rc ? "differs" : "ok");
	if (rc < 0)
		json_add_string(object, "error", daxctl_memmap_get_error(memmap));
	checks = json_object_new_array();
	daxctl_memmap_check_foreach(memmap, check) {
		const char *unmeasured = daxctl_memmap_check_get_unmeasured(check);
		struct json_object *one = json_object_new_object();

		json_add_string(one, "check", daxctl_memmap_check_get_name(check));
		json_object_array_add(checks, one);
		if (unmeasured) {
			json_add_string(one, "unmeasured", unmeasured);
			continue;
		}
		json_add_string(one, "expected", daxctl_memmap_check_get_expected(check));
		json_add_string(one, "found", daxctl_memmap_check_get_found(check));
		json_add(one, "holds", json_object_new_boolean(daxctl_memmap_check_holds(check)));
	}
	json_add(object, "checks", checks);
	json_object_array_add(verification->devices, object);
	return 0;
}

/* Of nothing, nothing can be said; but the configuration may expect a device. */
static int nothing_to_verify(void)
{
	struct config *list;

	error("verify: no device is system RAM");
	config_read(CONFIG_DIR, &list);
	for (struct config *config = list; config; config = config->next)
		if (config->target.system_ram)
			hint("%s:%u expects one: %s = %s", config->file, config->line,
			     config_match_name(config->match_kind), config->match);
	config_free(list);
	return STATUS_NOTHING;
}

int cmd_verify(int argc, char **argv, struct daxctl_ctx *ctx)
{
	struct verification verification = { .worst = STATUS_OK };
	bool json = false, human = false;
	const char *region = NULL;
	const struct opt table[] = {
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		{ 'j', "json", OPT_FLAG, &json, NULL, "JSON instead of lines" },
		{ 'u', "human", OPT_FLAG, &human, NULL, "as --json" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " verify [OPTION ...] DEV ...|all",
		"Is the memmap where it was requested? Exit status: 0 it is, 1 it is not,\n2 that could not be found out, 3 no device is system RAM.",
		table, ARRAY_SIZE(table)
	};
	unsigned int done;
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (no_devices_named(argc, argv, first, region))
		return STATUS_USAGE;
	verification.all = first == argc || (argc - first == 1 && !strcmp(argv[first], "all"));
	if (json || human)
		verification.devices = json_object_new_array();
	verification.flags = human ? JSON_HUMAN : 0;
	status = for_devices(ctx, argv + first, argc - first, region, verify_device,
			     &verification, &done);
	if (verification.devices)
		json_print(verification.devices, verification.flags);
	if (!status && !verification.verified)
		return nothing_to_verify();
	return status ? STATUS_USAGE : verification.worst;
}
