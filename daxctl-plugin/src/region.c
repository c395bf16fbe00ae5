// SPDX-License-Identifier: GPL-2.0
/* CXL regions of volatile memory, through libcxl: make one, and take it apart. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cxl/libcxl.h>

#include "cli.h"
#include "convert.h"
#include "devices.h"
#include "messages.h"
#include "onboard.h"
#include "region.h"

#define REGION_ALIGN (256ULL << 20)	/* of CXL windows and what is in them */

static bool wait_for(bool (*is_so)(void *data), void *data, bool whatever)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	/* Drivers bind asynchronously: 10 s are plenty. */
	for (int i = 0; i < 200 && (whatever || !interrupted()); i++) {
		if (is_so(data))
			return true;
		nanosleep(&pause, NULL);
	}
	return is_so(data);
}

bool wait_until(bool (*is_so)(void *data), void *data)
{
	return wait_for(is_so, data, false);
}

bool wait_uninterrupted(bool (*is_so)(void *data), void *data)
{
	return wait_for(is_so, data, true);
}

static struct cxl_memdev *find_memdev(struct cxl_ctx *ctx, const char *name)
{
	struct cxl_memdev *memdev;

	cxl_memdev_foreach(ctx, memdev)
		if (!strcmp(cxl_memdev_get_devname(memdev), name))
			return memdev;
	return NULL;
}

static struct cxl_port *memdev_port(struct cxl_memdev *memdev)
{
	struct cxl_endpoint *endpoint = cxl_memdev_get_endpoint(memdev);

	return endpoint ? cxl_endpoint_get_port(endpoint) : NULL;
}

/* With decoders: they come after the port itself. */
static bool is_ready(struct cxl_memdev *memdev)
{
	struct cxl_port *port = memdev_port(memdev);

	return port && cxl_port_is_enabled(port) && cxl_decoder_get_first(port);
}

static struct cxl_decoder *free_decoder(struct cxl_memdev *memdev)
{
	struct cxl_port *port = memdev_port(memdev);
	struct cxl_decoder *decoder;

	if (port)
		cxl_decoder_foreach(port, decoder)
			if (!cxl_decoder_get_size(decoder))
				return decoder;
	return NULL;
}

static struct cxl_port *root_port(struct cxl_memdev *memdev)
{
	struct cxl_bus *bus = cxl_memdev_get_bus(memdev);

	return bus ? cxl_bus_get_port(bus) : NULL;
}

static bool has_endpoint(void *data)
{
	struct region_plan *plan = data;
	struct cxl_ctx *ctx;
	bool all = true;

	ctx = fresh_cxl_context();
	if (!ctx)
		return false;
	for (unsigned int i = 0; i < plan->nr_memdevs; i++) {
		struct cxl_memdev *memdev = find_memdev(ctx, plan->names[i]);

		all = all && (!memdev || is_ready(memdev));
	}
	cxl_unref(ctx);
	return all;
}

static int find_memdevs(struct region_plan *plan)
{
	for (unsigned int i = 0; i < plan->nr_memdevs; i++) {
		struct cxl_memdev *memdev = find_memdev(plan->ctx, plan->names[i]);

		if (!memdev) {
			error("%s: no such CXL memory device", plan->names[i]);
			hint("see what is there: cxl list -M");
			return -ENODEV;
		}
		for (unsigned int k = 0; k < i; k++)
			if (plan->memdevs[k] == memdev) {
				error("%s: named twice", plan->names[i]);
				return -EINVAL;
			}
		if (!memdev_port(memdev)) {
			error("%s: not enabled: no path from it to the host works", plan->names[i]);
			hint("cxl enable-memdev %s, and see the kernel's log", plan->names[i]);
			return -ENXIO;
		}
		plan->memdevs[i] = memdev;
	}
	return 0;
}

static bool suits(struct cxl_decoder *root, const struct region_plan *plan)
{
	if (!cxl_decoder_is_volatile_capable(root))
		return false;
	for (unsigned int i = 0; i < plan->nr_memdevs; i++)
		if (!cxl_decoder_get_target_by_memdev(root, plan->memdevs[i]))
			return false;
	return true;
}

/* The window with the most room that reaches all devices, or the one named. */
static int choose_decoder(struct region_plan *plan, const char *wanted)
{
	struct cxl_port *port = root_port(plan->memdevs[0]);
	unsigned long long room, best = 0;
	struct cxl_decoder *root;
	bool found = false;

	if (port)
		cxl_decoder_foreach(port, root) {
			if (wanted[0] && strcmp(wanted, cxl_decoder_get_devname(root)))
				continue;
			found = true;
			if (!suits(root, plan))
				continue;
			room = cxl_decoder_get_max_available_extent(root);
			if (room == ULLONG_MAX || (plan->root && room <= best))
				continue;
			plan->root = root;
			best = room;
		}
	plan->room = best;
	if (plan->root)
		return 0;
	if (wanted[0] && !found)
		error("%s: no such root decoder", wanted);
	else
		error("%s: %s for volatile memory reaches it", plan->names[0],
		      wanted[0] ? "that root decoder is not one that" : "no CXL window");
	hint("see the root decoders: cxl list -D");
	return -ENXIO;
}

/* Position i of the region belongs to target i modulo the window's targets. */
static int sort_by_target(struct region_plan *plan)
{
	unsigned int targets = cxl_decoder_get_nr_targets(plan->root);
	struct cxl_memdev *sorted[MAX_SERIALS] = { NULL };
	bool used[MAX_SERIALS] = { false };

	if (targets <= 1)
		return 0;
	for (unsigned int i = 0; i < plan->nr_memdevs; i++) {
		unsigned int k;

		for (k = 0; k < plan->nr_memdevs; k++) {
			struct cxl_target *target =
				cxl_decoder_get_target_by_memdev(plan->root, plan->memdevs[k]);

			if (!used[k] && cxl_target_get_position(target) % targets == i % targets)
				break;
		}
		if (k == plan->nr_memdevs) {
			error("%s: %s interleaves %u host bridges; these devices are not spread over them evenly",
			      plan->names[0], cxl_decoder_get_devname(plan->root), targets);
			return -EINVAL;
		}
		used[k] = true;
		sorted[i] = plan->memdevs[k];
	}
	memcpy(plan->memdevs, sorted, plan->nr_memdevs * sizeof(sorted[0]));
	return 0;
}

static int choose_size(struct region_plan *plan, uint64_t wanted)
{
	const uint64_t align = REGION_ALIGN * plan->nr_memdevs;
	uint64_t least = UINT64_MAX;
	char text[32], room[32];

	if (!align)
		return -EINVAL;
	for (unsigned int i = 0; i < plan->nr_memdevs; i++) {
		uint64_t size = cxl_memdev_get_ram_size(plan->memdevs[i]);

		if (size < least)
			least = size;
	}
	if (!least) {
		error("%s: has no volatile capacity", plan->names[0]);
		hint("see its partitions: cxl list -M -I -m %s", plan->names[0]);
		return -ENXIO;
	}
	if (wanted % align) {
		error("size: must be a multiple of %s",
		      human_size(align, text, sizeof(text)));
		return -EINVAL;
	}
	plan->size = wanted ? wanted : least * plan->nr_memdevs;
	if (plan->size / plan->nr_memdevs > least) {
		error("size: the devices have %s",
		      human_size(least * plan->nr_memdevs, text, sizeof(text)));
		return -ENOSPC;
	}
	if (plan->size > plan->room && wanted) {
		error("size: %s has room for %s", cxl_decoder_get_devname(plan->root),
		      human_size(plan->room, room, sizeof(room)));
		return -ENOSPC;
	}
	if (plan->size > plan->room) {
		plan->size = plan->room / align * align;
		warn("%s has room for %s of the devices' %s", cxl_decoder_get_devname(plan->root),
		     human_size(plan->room, room, sizeof(room)),
		     human_size(least * plan->nr_memdevs, text, sizeof(text)));
	}
	if (!plan->size) {
		error("%s has no room left", cxl_decoder_get_devname(plan->root));
		return -ENOSPC;
	}
	return 0;
}

static int choose_granularity(struct region_plan *plan, unsigned int wanted)
{
	unsigned int root = cxl_decoder_get_interleave_granularity(plan->root);

	plan->granularity = wanted ? wanted : root;
	if (!root || root == UINT_MAX) {
		error("%s: its interleave granularity cannot be read",
		      cxl_decoder_get_devname(plan->root));
		return -ENXIO;
	}
	if (wanted && wanted != root && cxl_decoder_get_interleave_ways(plan->root) > 1) {
		error("granularity: %s interleaves with %u: no other is possible",
		      cxl_decoder_get_devname(plan->root), root);
		return -EINVAL;
	}
	return 0;
}

/* A region that is there is used as it is: is that what was asked for? */
static int check_existing(struct region_plan *plan, const struct region_request *request)
{
	struct cxl_region *region = plan->existing;
	const char *name = cxl_region_get_devname(region);
	const char *decoder = cxl_decoder_get_devname(cxl_region_get_decoder(region));
	unsigned int granularity = cxl_region_get_interleave_granularity(region);
	char text[32];

	if (cxl_region_get_interleave_ways(region) != plan->nr_memdevs) {
		error("%s: part of %s, which has %u devices", plan->names[0], name,
		      cxl_region_get_interleave_ways(region));
		return -EBUSY;
	}
	if (cxl_region_get_mode(region) != CXL_DECODER_MODE_RAM) {
		error("%s: part of %s, which is not volatile memory", plan->names[0], name);
		return -EBUSY;
	}
	plan->size = cxl_region_get_size(region);
	if (request->size && request->size != plan->size)
		error("size: %s is part of %s, which has %s", plan->names[0], name,
		      human_size(plan->size, text, sizeof(text)));
	else if (request->granularity && request->granularity != granularity)
		error("granularity: %s is part of %s, which has %u", plan->names[0], name,
		      granularity);
	else if (request->decoder[0] && strcmp(request->decoder, decoder))
		error("decoder: %s is part of %s, which is in %s", plan->names[0], name,
		      decoder);
	else
		return 0;
	hint("for another, take its memory offline, cxl destroy-region %s, and onboard again",
	     name);
	return -EBUSY;
}

int region_plan(struct region_plan *plan, const struct onboarding *job)
{
	struct cxl_region *region;
	int rc;

	memset(plan, 0, sizeof(*plan));
	plan->nr_memdevs = job->nr_memdevs;
	plan->names = job->memdevs;
	if (!job->no_wait)
		wait_until(has_endpoint, plan);
	plan->ctx = fresh_cxl_context();
	if (!plan->ctx)
		return -ENOMEM;
	rc = find_memdevs(plan);
	if (rc)
		return rc;
	for (unsigned int i = 0; i < plan->nr_memdevs; i++) {
		region = memdev_region(plan->memdevs[i]);
		if (i && region != plan->existing) {
			error("%s and %s are not parts of the same region", plan->names[0],
			      plan->names[i]);
			hint("see the regions: cxl list -R");
			return -EBUSY;
		}
		plan->existing = region;
	}
	if (plan->existing)
		return check_existing(plan, &job->region);
	rc = choose_decoder(plan, job->region.decoder);
	if (!rc)
		rc = sort_by_target(plan);
	if (!rc)
		rc = choose_size(plan, job->region.size);
	if (!rc)
		rc = choose_granularity(plan, job->region.granularity);
	return rc;
}

void region_plan_free(struct region_plan *plan)
{
	cxl_unref(plan->ctx);
	plan->ctx = NULL;
}

static int failed(const char *name, const char *what, int rc)
{
	if (!rc)
		return 0;
	error("%s: cannot %s: %s", name, what, strerror(abs(rc)));
	return rc < 0 ? rc : -rc;
}

static int set_target(struct region_plan *plan, struct cxl_region *region, unsigned int i)
{
	const char *name = cxl_memdev_get_devname(plan->memdevs[i]);
	struct cxl_decoder *decoder = free_decoder(plan->memdevs[i]);
	int rc = 0;

	if (!decoder) {
		error("%s: all of its decoders are in use", name);
		return -ENXIO;
	}
	if (cxl_decoder_get_mode(decoder) != CXL_DECODER_MODE_RAM) {
		rc = cxl_decoder_set_dpa_size(decoder, 0);
		if (!rc)
			rc = cxl_decoder_set_mode(decoder, CXL_DECODER_MODE_RAM);
	}
	if (!rc)
		rc = cxl_decoder_set_dpa_size(decoder, plan->size / plan->nr_memdevs);
	if (rc)
		return failed(name, "reserve its capacity", rc);
	plan->decoders[plan->nr_decoders++] = decoder;
	return failed(name, "become part of the region",
		      cxl_region_set_target(region, i, decoder));
}

int region_create(struct region_plan *plan)
{
	struct cxl_region *region;
	const char *name;
	int rc;

	region = cxl_decoder_create_ram_region(plan->root);
	if (!region) {
		error("%s: cannot make a region", cxl_decoder_get_devname(plan->root));
		return -ENXIO;
	}
	plan->created = region;
	name = cxl_region_get_devname(region);
	rc = failed(name, "set the granularity",
		    cxl_region_set_interleave_granularity(region, plan->granularity));
	if (!rc)
		rc = failed(name, "set the number of devices",
			    cxl_region_set_interleave_ways(region, plan->nr_memdevs));
	if (!rc)
		rc = failed(name, "set the size", cxl_region_set_size(region, plan->size));
	for (unsigned int i = 0; !rc && i < plan->nr_memdevs; i++)
		rc = set_target(plan, region, i);
	if (!rc)
		rc = failed(name, "commit its decoders", cxl_region_decode_commit(region));
	return rc;
}

int region_enable(struct region_plan *plan)
{
	struct cxl_region *region = plan->created ? plan->created : plan->existing;
	int rc;

	if (cxl_region_is_enabled(region))
		return 0;
	kernel_log_mark();
	rc = failed(cxl_region_get_devname(region), "enable it", cxl_region_enable(region));
	plan->enabled = !rc;
	return rc;
}

/* What region_create() and region_enable() did; with all of its memory offline. */
bool region_undo(struct region_plan *plan)
{
	struct cxl_region *region = plan->created;
	char name[32];

	if (!region) {
		if (!plan->enabled || !cxl_region_disable(plan->existing))
			return true;
		error("%s: it was disabled, and cannot be disabled again",
		      cxl_region_get_devname(plan->existing));
		return false;
	}
	plan->created = NULL;
	snprintf(name, sizeof(name), "%s", cxl_region_get_devname(region));
	note("%s: taking it apart again", name);
	if (cxl_region_is_enabled(region) && cxl_region_disable(region)) {
		error("%s: cannot be disabled: it stays", name);
		hint("cxl destroy-region -f %s", name);
		return false;
	}
	if (cxl_region_decode_is_committed(region))
		cxl_region_decode_reset(region);
	if (cxl_region_delete(region)) {
		error("%s: cannot be deleted: it stays", name);
		hint("cxl destroy-region -f %s", name);
		return false;
	}
	while (plan->nr_decoders)
		cxl_decoder_set_dpa_size(plan->decoders[--plan->nr_decoders], 0);
	return true;
}

int region_adopt(struct region_plan *plan, const char *name, bool made)
{
	struct cxl_memdev_mapping *mapping;
	struct cxl_region *region;

	memset(plan, 0, sizeof(*plan));
	plan->ctx = fresh_cxl_context();
	if (!plan->ctx)
		return -ENOMEM;
	region = find_region(plan->ctx, name);
	if (!region) {
		error("%s: no such CXL region", name);
		hint("see the regions: cxl list -R");
		return -ENODEV;
	}
	plan->existing = region;
	plan->enabled = true;
	if (made)
		plan->created = region;
	cxl_mapping_foreach(region, mapping) {
		struct cxl_decoder *decoder = cxl_mapping_get_decoder(mapping);
		struct cxl_memdev *memdev = decoder ? cxl_decoder_get_memdev(decoder) : NULL;

		if (!memdev || plan->nr_memdevs == MAX_SERIALS)
			continue;
		plan->memdevs[plan->nr_memdevs++] = memdev;
		plan->decoders[plan->nr_decoders++] = decoder;
	}
	return 0;
}
