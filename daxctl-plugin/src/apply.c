// SPDX-License-Identifier: GPL-2.0
/*
 * apply-config: bring devices to what the configuration says. udev starts it for each
 * CXL memory device and each dax device that comes. check-config goes the same way, as a
 * dry run.
 */
#include <errno.h>
#include <string.h>
#include <cxl/libcxl.h>

#include "apply.h"
#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "messages.h"
#include "onboard.h"
#include "options.h"
#include "others.h"

/* What a section can be for: a dax device or, without @id, a CXL memory device. */
struct subject {
	const char *name;
	const struct identity *id;
	uint64_t serial;
};

static bool is_for(const struct config *config, const struct subject *subject)
{
	if (subject->id)
		return config_matches(config, subject->name, subject->id);
	return config->match_kind == MATCH_SERIAL && config_has_serial(config, subject->serial);
}

/*
 * The section that counts for it: the first one; NULL if there is none, or if it is not
 * the one that is looked at. *@rc is -EEXIST if another is for it as well, which is said.
 */
static const struct config *find_section(struct application *app,
					 const struct subject *subject, int *rc)
{
	const struct config *first = NULL;

	*rc = 0;
	if (app->only && !is_for(app->only, subject))
		return NULL;
	for (const struct config *config = app->list; config; config = config->next) {
		if (!is_for(config, subject))
			continue;
		if (!first) {
			first = config;
			app->found++;
		} else if (!app->only || config == app->only) {
			error("%s: [%s] at %s:%u is for it, but [%s] at %s:%u comes first",
			      subject->name, config->name, config->file, config->line,
			      first->name, first->file, first->line);
			*rc = -EEXIST;
		}
	}
	return app->only && first != app->only ? NULL : first;
}

static int configured_at(const char *name, const struct config *config, int rc)
{
	if (rc)
		error("%s: configured at %s:%u", name, config->file, config->line);
	if (rc == -EBUSY && config->target.policy)
		hint("if its memory is online before this is applied at boot, as that of regions that firmware makes: " PROG " boot-default");
	return rc;
}

static void describe_dax(struct daxctl_memmap *memmap)
{
	enum daxctl_memmap_policy effective = daxctl_memmap_get_effective(memmap);

	printf("  %s: present, %s", daxctl_memmap_get_devname(memmap),
	       daxctl_memmap_is_system_ram(memmap) ? "system-ram" : "devdax");
	if (effective)
		printf(", memmap %s", daxctl_memmap_policy_name(effective));
	printf("\n");
}

int apply_to_dax(struct daxctl_memmap *memmap, void *data)
{
	const char *name = daxctl_memmap_get_devname(memmap);
	struct application *app = data;
	const struct config *config;
	struct identity id;
	struct subject subject = { .name = name, .id = &id };
	struct target target;
	char path[512];
	int rc, more;

	identify(name, &id);
	config = find_section(app, &subject, &more);
	if (!config) {
		debug("%s: no section is for it", name);
		return more;
	}
	debug("%s: [%s] at %s:%u", name, config->name, config->file, config->line);
	/* With the memory devices that it is made of, this one was looked at. */
	if (app->tried)
		return more;
	if (app->only)
		describe_dax(memmap);
	if (daxctl_configures(memmap, &id, path, sizeof(path))) {
		error("%s: daxctl acts on it as well: %s has its nvdimm.uuid", name, path);
		hint("one of the two has to go: which of them is first is left to chance");
		more = -EEXIST;
	}
	target = config->target;
	target.dry_run = app->dry_run;
	rc = configured_at(name, config, convert(memmap, &target));
	return rc ? rc : more;
}

/* Names of the memory devices with these serial numbers. False: *@missing is not there. */
static bool find_serials(struct cxl_ctx *ctx, const struct config *config,
			 const char *names[], uint64_t *missing)
{
	struct cxl_memdev *memdev;

	for (unsigned int i = 0; i < config->nr_serials; i++) {
		names[i] = NULL;
		cxl_memdev_foreach(ctx, memdev)
			if (cxl_memdev_get_serial(memdev) == config->serials[i])
				names[i] = cxl_memdev_get_devname(memdev);
		*missing = config->serials[i];
		if (!names[i])
			return false;
	}
	return true;
}

static int onboard_section(struct application *app, const char *name,
			   const struct config *config)
{
	const char *names[MAX_SERIALS];
	struct onboarding job = {
		.memdevs = names,
		.nr_memdevs = config->nr_serials,
		.region = config->region,
		.target = config->target,
		.no_wait = app->dry_run,
	};
	struct cxl_ctx *ctx;
	uint64_t missing;
	char daxdev[64];
	int rc;

	ctx = fresh_cxl_context();
	if (!ctx)
		return -ENOMEM;
	job.target.dry_run = app->dry_run;
	if (find_serials(ctx, config, names, &missing)) {
		rc = configured_at(name, config, onboard(&job, daxdev, sizeof(daxdev)));
	} else {
		note("%s: waits for the device with serial number 0x%llx, too", name,
		     (unsigned long long)missing);
		/* It can come yet; until then, the configuration does nothing. */
		rc = app->only ? -ENODEV : 0;
	}
	cxl_unref(ctx);
	return rc;
}

int apply_to_memdev(struct application *app, const char *name)
{
	struct subject subject = { .name = name };
	const struct config *config;
	int rc, more;

	rc = sysfs_read_u64(&subject.serial, 0, "/sys/bus/cxl/devices/%s/serial", name);
	if (rc) {
		error("%s: no such CXL memory device", name);
		return rc;
	}
	config = find_section(app, &subject, &more);
	if (!config) {
		debug("%s: no section is for its serial number 0x%llx", name,
		      (unsigned long long)subject.serial);
		return more;
	}
	if (!config->target.system_ram) {
		debug("%s: [%s] is about its dax device", name, config->name);
		return more;
	}
	/* One of them stands for all. */
	if (app->tried)
		return more;
	app->tried = app->only;
	rc = onboard_section(app, name, config);
	return rc ? rc : more;
}

static int apply_to_all_memdevs(struct application *app)
{
	struct cxl_memdev *memdev;
	struct cxl_ctx *ctx = fresh_cxl_context();
	int status = STATUS_OK;

	if (!ctx)
		return STATUS_FAILED;
	cxl_memdev_foreach(ctx, memdev)
		if (apply_to_memdev(app, cxl_memdev_get_devname(memdev)))
			status = STATUS_FAILED;
	cxl_unref(ctx);
	return status;
}

int cmd_apply_config(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *dir = CONFIG_DIR;
	const struct opt table[] = {
		{ 'c', "config", OPT_STRING, &dir, "DIR", "the configuration; default: " CONFIG_DIR },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " apply-config [OPTION ...] DEV|MEMDEV ...|all",
		"Bring devices to what the configuration says. A device without a section is left alone.",
		table, ARRAY_SIZE(table)
	};
	struct application app = { 0 };
	unsigned int done;
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (first == argc) {
		error("apply-config: which device? Name it, or \"all\"");
		return STATUS_USAGE;
	}
	catch_signals();
	status = config_read(dir, &app.list) ? STATUS_FAILED : STATUS_OK;
	if (take_lock()) {
		config_free(app.list);
		return STATUS_FAILED;
	}
	for (int i = first; i < argc; i++) {
		bool all = !strcmp(argv[i], "all");

		/* Memory devices first: dax devices may come of it. */
		if (all && apply_to_all_memdevs(&app))
			status = STATUS_FAILED;
		if (!strncmp(argv[i], "mem", 3)) {
			if (apply_to_memdev(&app, argv[i]))
				status = STATUS_FAILED;
			continue;
		}
		if (all) {
			struct daxctl_ctx *fresh = fresh_context();

			if (!fresh || for_devices(fresh, argv + i, 1, NULL, apply_to_dax, &app,
						  &done))
				status = STATUS_FAILED;
			daxctl_unref(fresh);
		} else if (for_devices(ctx, argv + i, 1, NULL, apply_to_dax, &app, &done)) {
			status = STATUS_FAILED;
		}
	}
	config_free(app.list);
	return status;
}
