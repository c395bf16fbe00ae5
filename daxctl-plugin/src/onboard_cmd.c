// SPDX-License-Identifier: GPL-2.0
/* onboard: its options, and what follows when the memory is in use. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <cxl/libcxl.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "json.h"
#include "messages.h"
#include "onboard.h"
#include "options.h"
#include "region.h"

struct onboard_run {
	struct onboarding job;
	struct hugepages hugepages;
	struct json_object *devices;
	unsigned long flags;
	unsigned int done;
};

static int list_dax(struct daxctl_memmap *memmap, void *data)
{
	struct onboard_run *run = data;

	json_object_array_add(run->devices, json_device(memmap, run->flags));
	return run->hugepages.size ? hugepages_reserve(memmap, &run->hugepages) : 0;
}

static bool parse_region(const char *decoder, const char *size, const char *granularity,
			 struct region_request *region)
{
	if (size && parse_size(size, &region->size)) {
		error("onboard: --size=%s: no size such as 128G", size);
		return false;
	}
	if (granularity && parse_granularity(granularity, &region->granularity)) {
		error("onboard: --granularity=%s: a power of two from 256 to 16384", granularity);
		return false;
	}
	if (decoder && !is_name(decoder, "decoder", true)) {
		error("onboard: --decoder=%s: no root decoder such as decoder0.0", decoder);
		return false;
	}
	if (decoder)
		snprintf(region->decoder, sizeof(region->decoder), "%s", decoder);
	return true;
}

/* One region of all of job.memdevs. */
static int run_one(struct onboard_run *run)
{
	const struct onboarding *job = &run->job;
	struct identity id;
	char daxdev[64];
	int rc;

	rc = onboard(job, daxdev, sizeof(daxdev));
	if (rc)
		return rc;
	if (job->target.dry_run) {
		if (run->hugepages.size)
			note("would reserve huge pages on its node");
		return 0;
	}
	run->done++;
	rc = with_dax(daxdev, list_dax, run);
	note("onboarded %u device%s as %s", job->nr_memdevs, job->nr_memdevs == 1 ? "" : "s",
	     daxdev);
	if (!job->persist)
		return rc;
	/* By its region and its dax device, too, now that there are such. */
	identify(daxdev, &id);
	if (check_persist(daxdev, &id) || persist(daxdev, &id, &job->region, &job->target))
		rc = -EIO;
	return rc;
}

/* With what "all" passes over: devices that are not to be onboarded one by one. */
static bool is_for_each(struct cxl_memdev *memdev)
{
	const char *name = cxl_memdev_get_devname(memdev);
	struct cxl_region *region = memdev_region(memdev);

	if (!cxl_memdev_get_ram_size(memdev))
		note("%s: has no volatile capacity: left alone", name);
	else if (region && cxl_region_get_interleave_ways(region) > 1)
		note("%s: part of %s, which has several devices: left alone", name,
		     cxl_region_get_devname(region));
	else
		return true;
	return false;
}

static unsigned int all_memdevs(struct cxl_ctx *ctx, const char *names[])
{
	struct cxl_memdev *memdev;
	unsigned int nr = 0;

	cxl_memdev_foreach(ctx, memdev)
		if (nr < MAX_EACH && is_for_each(memdev))
			names[nr++] = cxl_memdev_get_devname(memdev);
	return nr;
}

/* A region for each of them. One that fails does not keep the others from it. */
static int run_each(struct onboard_run *run)
{
	const char *names[MAX_EACH], **memdevs = run->job.memdevs;
	unsigned int nr = run->job.nr_memdevs;
	struct cxl_ctx *ctx = NULL;
	int rc = 0;

	if (!strcmp(memdevs[0], "all")) {
		ctx = fresh_cxl_context();
		if (!ctx)
			return -ENOMEM;
		memdevs = names;
		nr = all_memdevs(ctx, names);
		if (!nr)
			note("no CXL memory device to onboard");
	}
	for (unsigned int i = 0; i < nr && !interrupted(); i++) {
		run->job.memdevs = &memdevs[i];
		run->job.nr_memdevs = 1;
		if (run_one(run))
			rc = -EIO;
	}
	if (nr && !run->job.target.dry_run)
		note("onboarded %u of %u devices", run->done, nr);
	run->job.memdevs = NULL;
	cxl_unref(ctx);
	return interrupted() ? -EINTR : rc;
}

static bool check_memdevs(int argc, char **argv, int first, bool each)
{
	const int nr = argc - first;

	if (!nr) {
		error("onboard: which memory devices?");
		hint("see what is there: cxl list -M");
	} else if (nr > (each ? MAX_EACH : MAX_SERIALS)) {
		error("onboard: more than %d devices", each ? MAX_EACH : MAX_SERIALS);
	} else if (!each && !strcmp(argv[first], "all")) {
		error("onboard: all: one by one, or interleaved?");
		hint("a region for each: --each all; one of all: name them, in any order");
	} else if (each && nr > 1 && !strcmp(argv[first], "all")) {
		error("onboard: all, and then '%s'?", argv[first + 1]);
	} else {
		return true;
	}
	return false;
}

int cmd_onboard(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *decoder = NULL, *size = NULL, *granularity = NULL, *hugepages = NULL;
	struct ram_options ram = { .memmap = "auto" };
	struct onboard_run run = { .job.verify = true };
	bool each = false;
	const struct opt table[] = {
		{ 'd', "decoder", OPT_STRING, &decoder, "DECODER", "the root decoder; default: the one with most room" },
		{ 's', "size", OPT_STRING, &size, "SIZE", "size of the region; default: all that the devices have" },
		{ 'g', "granularity", OPT_STRING, &granularity, "BYTES", "interleave granularity; default: the root decoder's" },
		{ 0, "each", OPT_FLAG, &each, NULL, "a region for each device, instead of one of all" },
		{ 0, "hugepages", OPT_STRING, &hugepages, "SIZE[:N]", "then reserve huge pages of it: 1G, 2M; default: all that fit" },
		RAM_OPTIONS(ram),
	};
	const struct opts opts = {
		PROG " onboard [OPTION ...] MEMDEV ...|--each all",
		"From bare CXL memory devices to memory in use: makes a region of them (several are\ninterleaved), system RAM of that, and verifies it. Undone if it fails midway. The\npolicy is auto, if none is given.",
		table, ARRAY_SIZE(table)
	};
	int status, first;

	(void)ctx;
	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (!ram_target("onboard", &ram, &run.job.target) ||
	    !parse_region(decoder, size, granularity, &run.job.region) ||
	    (hugepages && !hugepages_parse(hugepages, &run.job.target, &run.hugepages)) ||
	    !check_memdevs(argc, argv, first, each))
		return STATUS_USAGE;
	run.job.memdevs = (const char **)argv + first;
	run.job.nr_memdevs = argc - first;
	run.job.persist = ram.persist;
	run.flags = ram.human ? JSON_HUMAN : 0;

	if (!ram.dry_run && geteuid()) {
		error("%s: making a region takes root", argv[first]);
		return STATUS_FAILED;
	}
	catch_signals();
	if (!ram.dry_run && take_lock())
		return STATUS_FAILED;
	run.devices = json_object_new_array();
	status = (each ? run_each(&run) : run_one(&run)) ? STATUS_FAILED : STATUS_OK;
	if (run.done)
		json_print(run.devices, run.flags);
	else
		json_object_put(run.devices);
	return status;
}
