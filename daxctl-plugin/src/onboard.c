// SPDX-License-Identifier: GPL-2.0
/*
 * From bare CXL memory devices to memory in use: region, policy, system RAM,
 * verification. What was made is undone if a later step fails.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cxl/libcxl.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "journal.h"
#include "messages.h"
#include "onboard.h"
#include "region.h"

struct dax_search {
	const char *region;
	char name[64];
};

static bool find_dax(void *data)
{
	struct dax_search *search = data;

	return region_dax(search->region, search->name, sizeof(search->name));
}

static bool has_driver(void *data)
{
	struct dax_search *search = data;

	return sysfs_exists(DAX_DEVICES "/%s/driver", search->name);
}

/* What no device of this kernel can have needs no region to be refused. */
static int check_policy(const char *memdev, enum daxctl_memmap_policy policy)
{
	const char *why = daxctl_memmap_kernel_refuses(policy);

	if (!why)
		return 0;
	error("%s: cannot be system RAM with memmap policy %s: %s", memdev,
	      daxctl_memmap_policy_name(policy), why);
	hint("auto takes what this kernel has");
	return -EOPNOTSUPP;
}

/* Before the region has a dax device: so that kmem adds it with the policy. */
static int set_region_policy(const char *region, enum daxctl_memmap_policy policy)
{
	const char *word = daxctl_memmap_policy_name(policy);
	int rc;

	if (!policy || !sysfs_exists("/sys/bus/cxl/devices/%s/memmap_policy", region))
		return 0;
	rc = sysfs_write(word, "/sys/bus/cxl/devices/%s/memmap_policy", region);
	if (rc) {
		char reason[512];

		error("%s: cannot have memmap policy %s: %s", region, word, strerror(-rc));
		if (kernel_log_reason(reason, sizeof(reason)))
			hint("the kernel says: %s", reason);
		else
			hint("auto takes what suits the size");
	}
	return rc;
}

/* What is found out is said. */
static int verify_dax(struct daxctl_memmap *memmap)
{
	struct daxctl_memmap_check *check;
	int rc;

	progress_step(daxctl_memmap_get_devname(memmap), "verifying");
	rc = daxctl_memmap_verify(memmap);
	if (rc < 0)
		report(memmap);
	daxctl_memmap_check_foreach(memmap, check)
		if (!daxctl_memmap_check_holds(check))
			error("%s: %s is %s, expected %s", daxctl_memmap_get_devname(memmap),
			      daxctl_memmap_check_get_name(check),
			      daxctl_memmap_check_get_found(check),
			      daxctl_memmap_check_get_expected(check));
	return rc > 0 ? -EIO : rc;
}

static int convert_dax(struct daxctl_memmap *memmap, void *data)
{
	const struct onboarding *job = data;
	int rc = convert(memmap, &job->target);

	if (rc || !job->verify)
		return rc;
	if (!job->target.dry_run)
		return verify_dax(memmap);
	note("%s: would be verified", daxctl_memmap_get_devname(memmap));
	return 0;
}

/*
 * The driver of a region that was just enabled makes a dax device, and kmem, where it is
 * loaded, adds its memory, which the host may online. All of that goes on when the
 * user interrupts: wait for it, or what is taken apart comes online meanwhile, and
 * stays until a reboot.
 */
static void settle(struct dax_search *search)
{
	char driver[64];

	if (!wait_uninterrupted(find_dax, search) ||
	    !sysfs_exists("/sys/bus/dax/drivers/kmem") ||
	    !wait_uninterrupted(has_driver, search))
		return;
	sysfs_link_name(driver, sizeof(driver), DAX_DEVICES "/%s/driver", search->name);
	if (!strcmp(driver, "kmem"))
		wait_for_kmem(search->name);
}

/*
 * Memory blocks that stay online; -1: with kmem, and not known. Disabling a region
 * takes its dax device from kmem, which keeps what is online until a reboot. The
 * device came just now: all is taken offline, also what the host has onlined.
 */
static int still_online(const char *name)
{
	struct daxctl_ctx *ctx = fresh_context();
	struct daxctl_memmap *memmap = NULL;
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	struct daxctl_dev *dev = NULL;
	char driver[64];
	int online;

	if (ctx)
		dev = find_device(ctx, name);
	if (dev && !daxctl_memmap_new(dev, &memmap)) {
		take_offline(memmap);
		daxctl_memmap_count_blocks(memmap, &counts);
		online = counts.online;
	} else {
		sysfs_link_name(driver, sizeof(driver), DAX_DEVICES "/%s/driver", name);
		online = strcmp(driver, "kmem") ? 0 : -1;
	}
	daxctl_memmap_unref(memmap);
	daxctl_unref(ctx);
	return online;
}

/* By their serial numbers, as far as there is no dax device yet. */
static void identify_memdevs(const struct region_plan *plan, struct identity *id)
{
	memset(id, 0, sizeof(*id));
	id->nr_serials = plan->nr_memdevs;
	for (unsigned int i = 0; i < plan->nr_memdevs; i++)
		id->serials[i] = cxl_memdev_get_serial(plan->memdevs[i]);
}

/* What would be done; what there is already can be asked, and may refuse. */
static int dry_run(const struct region_plan *plan, const struct onboarding *job)
{
	struct dax_search search = { 0 };
	char size[32];

	human_size(plan->size, size, sizeof(size));
	if (plan->existing) {
		search.region = cxl_region_get_devname(plan->existing);
		note("%s: would be used as it is, %s", search.region, size);
		if (find_dax(&search))
			return with_dax(search.name, convert_dax, (void *)job);
	} else {
		note("would make a region of %s in %s, granularity %u:", size,
		     cxl_decoder_get_devname(plan->root), plan->granularity);
		for (unsigned int i = 0; i < plan->nr_memdevs; i++)
			note("  position %u: %s, serial 0x%llx", i,
			     cxl_memdev_get_devname(plan->memdevs[i]),
			     (unsigned long long)cxl_memdev_get_serial(plan->memdevs[i]));
	}
	if (job->target.policy)
		note("would set its memmap policy: %s",
		     daxctl_memmap_policy_name(job->target.policy));
	note("would make system RAM of its dax device%s",
	     !job->target.online ? "" :
	     job->target.zone == ZONE_KERNEL ? " and online it to a kernel zone" :
	     " and online it movable");
	if (job->verify)
		note("would verify it");
	return 0;
}

/* What is checked before anything is made, and all there is to a dry run. */
static int prepare(struct region_plan *plan, const struct onboarding *job)
{
	const char *name = job->memdevs[0];
	struct identity id;
	int rc = region_plan(plan, job);

	if (!rc)
		rc = check_policy(name, job->target.policy);
	if (!rc && job->persist) {
		identify_memdevs(plan, &id);
		rc = check_persist(name, &id);
	}
	if (rc || !job->target.dry_run)
		return rc;
	rc = dry_run(plan, job);
	if (!rc && job->persist)
		rc = persist(name, &id, &job->region, &job->target);
	return rc;
}

static int make_region(struct region_plan *plan, const struct onboarding *job)
{
	const char *name;
	int rc = 0;

	if (!plan->existing) {
		progress_step(job->memdevs[0], "making a region");
		rc = region_create(plan);
	}
	if (rc)
		return rc;
	name = cxl_region_get_devname(plan->created ? plan->created : plan->existing);
	debug("%s: %s", name, plan->created ? "made" : "there already");
	if (plan->created)
		rc = set_region_policy(name, job->target.policy);
	if (rc)
		return rc;
	progress_step(name, "enabling");
	return region_enable(plan);
}

/* The dax device of the region becomes what it should be. */
static int use_dax(struct dax_search *search, const struct onboarding *job)
{
	/* kmem takes new ones by itself where it is loaded. */
	if (wait_until(find_dax, search) && job->target.fresh &&
	    sysfs_exists("/sys/bus/dax/drivers/kmem"))
		wait_until(has_driver, search);
	if (interrupted()) {
		error("%s: interrupted", search->region);
		return -EINTR;
	}
	if (!search->name[0]) {
		error("%s: no dax device comes", search->region);
		hint("its driver is dax_cxl: modprobe dax_cxl, and see the kernel's log");
		return -ENXIO;
	}
	return with_dax(search->name, convert_dax, (void *)job);
}

/* A region that was in use is not ours to take apart. */
static void take_apart(struct region_plan *plan, struct dax_search *search, bool fresh)
{
	int online;

	hold_signals(true);
	if (fresh)
		settle(search);
	online = fresh && search->name[0] ? still_online(search->name) : 0;
	if (online) {
		error("%s: stays: %s", search->region, online < 0 ?
		      "its memory may be online" : "some of its memory is online");
		hint(PROG " reconfigure-device -m devdax -f %s, then cxl destroy-region %s",
		     search->name, search->region);
	} else {
		region_undo(plan);
	}
	hold_signals(false);
}

/* Of what is new; what was in use, and is converted, has a record of its own. */
static void keep_in_journal(const struct region_plan *plan, const char *region)
{
	struct identity id;

	identify_memdevs(plan, &id);
	journal_begin_region(region, plan->created, &id);
	journal_end(region, true);
}

int onboard(const struct onboarding *wanted, char *daxdev, size_t size)
{
	struct onboarding job = *wanted;
	struct dax_search search = { 0 };
	struct region_plan plan;
	int rc;

	daxdev[0] = 0;
	kernel_log_mark();
	rc = prepare(&plan, &job);
	if (!rc && !job.target.dry_run) {
		rc = make_region(&plan, &job);
		if (!rc) {
			search.region = cxl_region_get_devname(plan.created ? plan.created :
							       plan.existing);
			job.target.fresh = plan.created || plan.enabled;
			rc = use_dax(&search, &job);
			snprintf(daxdev, size, "%s", search.name);
		}
		if (rc)
			take_apart(&plan, &search, job.target.fresh);
		else if (job.target.fresh)
			keep_in_journal(&plan, search.region);
	}
	region_plan_free(&plan);
	return rc;
}

static int to_no_ram(struct daxctl_memmap *memmap, void *data)
{
	const bool *dry_run = data;
	const struct target target = { .force = true, .dry_run = *dry_run, .unbound = true };

	return convert(memmap, &target);
}

int undo_onboard(const struct record *record, bool dry_run, char *daxdev, size_t size)
{
	struct dax_search search = { .region = record->name };
	struct region_plan plan;
	struct identity id;
	int rc = region_adopt(&plan, record->name, record->made);

	daxdev[0] = 0;
	if (!rc) {
		identify_memdevs(&plan, &id);
		if (!same_serials(id.serials, id.nr_serials, record->serials,
				  record->nr_serials)) {
			error("%s: is made of other devices now", record->name);
			rc = -ESTALE;
		}
	}
	if (!rc && find_dax(&search)) {
		rc = with_dax(search.name, to_no_ram, &dry_run);
		if (!rc)
			snprintf(daxdev, size, "%s", search.name);
	}
	if (!rc && dry_run) {
		note("%s: would be %s", record->name, record->made ? "taken apart" : "disabled");
	} else if (!rc) {
		hold_signals(true);
		rc = region_undo(&plan) ? 0 : -EBUSY;
		hold_signals(false);
	}
	region_plan_free(&plan);
	return rc;
}
