// SPDX-License-Identifier: GPL-2.0
/*
 * check-config: what each section of the configuration would do to the devices that are
 * there now, found by trying it as a dry run.
 */
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
#include "region.h"

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

static int check_memdev(struct application *app, struct cxl_memdev *memdev)
{
	const char *name = cxl_memdev_get_devname(memdev);
	struct cxl_region *region = memdev_region(memdev);

	printf("  %s: present, serial 0x%llx, %s", name,
	       (unsigned long long)cxl_memdev_get_serial(memdev),
	       region ? "part of " : "in no region");
	printf("%s%s\n", region ? cxl_region_get_devname(region) : "",
	       region || app->only->target.system_ram ? "" : ": left alone");
	return apply_to_memdev(app, name);
}

static int check_memdevs(struct application *app)
{
	struct cxl_memdev *memdev;
	int status = STATUS_OK;
	struct cxl_ctx *ctx;

	if (app->only->match_kind != MATCH_SERIAL)
		return status;
	ctx = fresh_cxl_context();
	if (!ctx)
		return STATUS_FAILED;
	cxl_memdev_foreach(ctx, memdev)
		if (config_has_serial(app->only, cxl_memdev_get_serial(memdev)) &&
		    check_memdev(app, memdev))
			status = STATUS_FAILED;
	cxl_unref(ctx);
	return status;
}

static int check_section(struct daxctl_ctx *ctx, struct application *app)
{
	const struct config *config = app->only;
	unsigned int done;
	char text[128];
	int status;

	describe_target(&config->target, text, sizeof(text));
	printf("[%s] (%s:%u)\n  %s = %s -> %s\n", config->name, config->file, config->line,
	       config_match_name(config->match_kind), config->match, text);
	print_region(&config->region);
	app->found = 0;
	app->tried = false;
	/* In the order of apply-config all. */
	status = check_memdevs(app);
	if (for_devices(ctx, NULL, 0, NULL, apply_to_dax, app, &done))
		status = STATUS_FAILED;
	if (!app->found)
		printf("  no such device at present\n");
	return status;
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
		"Explain the configuration: what each section would do now, and to which device.\nExit status 1 if anything in it is wrong or would fail.",
		table, ARRAY_SIZE(table)
	};
	struct application app = { .dry_run = true };
	int status, first;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (first != argc) {
		error("check-config: '%s': it takes no device", argv[first]);
		return STATUS_USAGE;
	}
	/* What would be done is the result here. */
	notes_to_stdout("  ");
	status = config_read(dir, &app.list) ? STATUS_FAILED : STATUS_OK;
	for (app.only = app.list; app.only; app.only = app.only->next)
		if (check_section(ctx, &app))
			status = STATUS_FAILED;
	if (!app.list && !status)
		printf("no configuration in %s\n", dir);
	config_free(app.list);
	return status;
}
