// SPDX-License-Identifier: GPL-2.0
/* plan, for what is no DAX device yet: a bare CXL memory device, or only a size. */
#include <string.h>
#include <cxl/libcxl.h>

#include "cli.h"
#include "devices.h"
#include "messages.h"
#include "onboard.h"
#include "region.h"

int plan_planned(const struct daxctl_memmap_hardware *hardware,
		 int (*fn)(struct daxctl_memmap *memmap, void *data), void *data)
{
	struct daxctl_memmap *memmap;
	int rc = daxctl_memmap_new_planned(hardware, &memmap);

	return use_memmap(memmap, rc, fn, data);
}

/*
 * Where the region would be: the kernel takes the first gap in the window. Known only of a
 * window without regions; 0, which suits all alignments, if it is not.
 */
static uint64_t expected_start(const struct region_plan *plan)
{
	if (cxl_region_get_first(plan->root)) {
		note("%s: %s has regions already: the number of gigantic pages depends on where it comes to be",
		     plan->names[0], cxl_decoder_get_devname(plan->root));
		return 0;
	}
	return cxl_decoder_get_resource(plan->root);
}

int plan_memdev(struct daxctl_ctx *ctx, char *name,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data)
{
	const char *names[] = { name };
	const struct onboarding job = { .memdevs = names, .nr_memdevs = 1, .no_wait = true };
	struct daxctl_memmap_hardware hardware = {
		.struct_size = sizeof(hardware),
		.name = name,
	};
	struct region_plan plan;
	unsigned int done;
	int rc;

	rc = region_plan(&plan, &job);
	if (!rc && plan.existing) {
		note("%s: part of %s", name, cxl_region_get_devname(plan.existing));
		rc = for_devices(ctx, NULL, 0, cxl_region_get_devname(plan.existing), fn, data,
				 &done);
	} else if (!rc) {
		hardware.start = expected_start(&plan);
		hardware.size = plan.size;
		rc = plan_planned(&hardware, fn, data);
	}
	region_plan_free(&plan);
	return rc;
}
