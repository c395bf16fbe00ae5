// SPDX-License-Identifier: GPL-2.0
/*
 * check-config and apply-config: what the configuration means for the devices
 * that are there. udev starts apply-config for each CXL memory device and each
 * dax device that comes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "region.h"

struct application {
	struct config *list;
	bool dry_run;
	unsigned int applied;
	bool failed;
};

static const struct config *find_section(struct config *list, const char *daxdev,
					 const struct identity *id)
{
	for (struct config *config = list; config; config = config->next)
		if (config_matches(config, daxdev, id))
			return config;
	return NULL;
}

static void describe_target(const struct target *target, char *text, size_t size)
{
	if (!target->system_ram)
		snprintf(text, size, "devdax");
	else
		snprintf(text, size, "system-ram, memmap %s, %s",
			 target->policy ? daxctl_memmap_policy_name(target->policy) : "as the kernel has it",
			 !target->online ? "offline" :
			 target->zone == ZONE_KERNEL ? "online in a kernel zone" :
			 target->zone == ZONE_MOVABLE ? "online movable" : "online");
}

static void print_region(const struct region_request *region)
{
	char text[32];

	if (region->size)
		printf("  size = %s\n", human_size(region->size, text, sizeof(text)));
	if (region->granularity)
		printf("  granularity = %u\n", region->granularity);
	if (region->decoder[0])
		printf("  decoder = %s\n", region->decoder);
}

static int apply_to_dax(struct daxctl_memmap *memmap, void *data)
{
	struct application *app = data;
	const struct config *config;
	struct identity id;
	int rc;

	identify(memmap->name, &id);
	config = find_section(app->list, memmap->name, &id);
	if (!config) {
		debug("%s: no section is for it", memmap->name);
		return 0;
	}
	debug("%s: [%s] at %s:%u", memmap->name, config->name, config->file, config->line);
	rc = convert(memmap, &config->target);
	if (rc)
		error("%s: configured at %s:%u", memmap->name, config->file, config->line);
	else
		app->applied++;
	return rc;
}

/* Names of the memory devices with these serial numbers; false: some are missing. */
static bool find_serials(struct cxl_ctx *ctx, const struct config *config,
			 const char *names[])
{
	struct cxl_memdev *memdev;

	for (unsigned int i = 0; i < config->nr_serials; i++) {
		names[i] = NULL;
		cxl_memdev_foreach(ctx, memdev)
			if (cxl_memdev_get_serial(memdev) == config->serials[i])
				names[i] = cxl_memdev_get_devname(memdev);
		if (!names[i])
			return false;
	}
	return true;
}

static bool has_serial(const struct config *config, uint64_t serial)
{
	for (unsigned int i = 0; i < config->nr_serials; i++)
		if (config->serials[i] == serial)
			return true;
	return false;
}

static int apply_to_memdev(struct application *app, const char *name)
{
	const char *names[MAX_SERIALS];
	const struct config *config;
	struct cxl_ctx *ctx;
	uint64_t serial;
	char daxdev[64];
	int rc;

	rc = sysfs_read_u64(&serial, 0, "/sys/bus/cxl/devices/%s/serial", name);
	if (rc) {
		error("%s: no such CXL memory device", name);
		return rc;
	}
	for (config = app->list; config; config = config->next)
		if (config->match_kind == MATCH_SERIAL && has_serial(config, serial))
			break;
	if (!config) {
		debug("%s: no section is for its serial number 0x%llx", name,
		      (unsigned long long)serial);
		return 0;
	}
	rc = cxl_new(&ctx);
	if (rc) {
		error("libcxl: %s", strerror(-rc));
		return rc;
	}
	if (!config->target.system_ram) {
		debug("%s: [%s] is about its dax device", name, config->name);
	} else if (!find_serials(ctx, config, names)) {
		note("%s: waits for the other devices of [%s]", name, config->name);
	} else {
		struct onboarding job = {
			.memdevs = names,
			.nr_memdevs = config->nr_serials,
			.region = config->region,
			.target = config->target,
		};

		rc = onboard(&job, daxdev, sizeof(daxdev));
		if (rc)
			error("%s: configured at %s:%u", name, config->file, config->line);
		else
			app->applied++;
	}
	cxl_unref(ctx);
	return rc;
}

static int apply_to_all_memdevs(struct application *app)
{
	struct cxl_memdev *memdev;
	struct cxl_ctx *ctx;
	int status = STATUS_OK;

	if (cxl_new(&ctx))
		return STATUS_OK;
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

struct checking {
	struct config *config;
	struct config *list;
	unsigned int found;
};

static int check_dax(struct daxctl_memmap *memmap, void *data)
{
	struct checking *checking = data;
	const struct config *config = checking->config, *section;
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct identity id;

	identify(memmap->name, &id);
	section = find_section(checking->list, memmap->name, &id);
	if (!section || section != config) {
		if (config_matches(config, memmap->name, &id)) {
			printf("  %s: present, but a section before takes it\n", memmap->name);
			checking->found++;
		}
		return 0;
	}
	checking->found++;
	printf("  %s: present, %s", memmap->name,
	       memmap->is_system_ram ? "system-ram" : "devdax");
	if (memmap->effective)
		printf(", memmap %s", daxctl_memmap_policy_name(memmap->effective));
	printf("\n");
	if (config->target.system_ram && config->target.policy &&
	    !daxctl_memmap_plan(memmap, config->target.policy, &plan) && !plan.supported) {
		printf("  %s: would fail: %s\n", memmap->name, plan.reason);
		return -EOPNOTSUPP;
	}
	return 0;
}

static void check_memdevs(struct checking *checking)
{
	const struct config *config = checking->config;
	struct cxl_memdev *memdev;
	struct cxl_ctx *ctx;

	if (config->match_kind != MATCH_SERIAL || cxl_new(&ctx))
		return;
	cxl_memdev_foreach(ctx, memdev)
		if (has_serial(config, cxl_memdev_get_serial(memdev))) {
			bool in_region = memdev_region(memdev);

			printf("  %s: present, serial 0x%llx, %s\n", cxl_memdev_get_devname(memdev),
			       (unsigned long long)cxl_memdev_get_serial(memdev),
			       in_region ? "part of a region" : "in no region: would be onboarded");
			checking->found++;
		}
	cxl_unref(ctx);
}

int cmd_check_config(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *dir = CONFIG_DIR;
	const struct opt table[] = {
		{ 'c', "config", OPT_STRING, &dir, "DIR", "the configuration; default: " CONFIG_DIR },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " check-config [OPTION ...]",
		"Explain the configuration: what each section would do, and to which device that is\nthere now. Exit status 1 if anything in it is wrong or would fail.",
		table, ARRAY_SIZE(table)
	};
	struct checking checking = { 0 };
	unsigned int sections = 0, done;
	int status, first;
	char text[128];

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (first != argc) {
		error("check-config: '%s': it takes no device", argv[first]);
		return STATUS_USAGE;
	}
	status = config_read(dir, &checking.list) ? STATUS_FAILED : STATUS_OK;
	for (struct config *config = checking.list; config; config = config->next) {
		sections++;
		checking.config = config;
		checking.found = 0;
		describe_target(&config->target, text, sizeof(text));
		printf("[%s] (%s:%u)\n  %s = %s -> %s\n", config->name, config->file, config->line,
		       config_match_name(config->match_kind), config->match, text);
		print_region(&config->region);
		check_memdevs(&checking);
		if (for_devices(ctx, NULL, 0, NULL, check_dax, &checking, &done))
			status = STATUS_FAILED;
		if (!checking.found)
			printf("  no such device at present\n");
	}
	if (!sections && !status)
		printf("no configuration in %s\n", dir);
	config_free(checking.list);
	return status;
}
