/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _DAXCTL_MEMMAP_REGION_H_
#define _DAXCTL_MEMMAP_REGION_H_

#include <cxl/libcxl.h>
#include "cli.h"
#include "devices.h"
#include "onboard.h"

/* A region to be made or, if @existing, one that is there. */
struct region_plan {
	struct cxl_ctx *ctx;
	const char **names;
	struct cxl_memdev *memdevs[MAX_SERIALS];
	unsigned int nr_memdevs;
	struct cxl_region *existing;
	struct cxl_decoder *root;
	uint64_t room;
	uint64_t size;
	unsigned int granularity;
	/* done so far */
	struct cxl_region *created;
	bool enabled;
	struct cxl_decoder *decoders[MAX_SERIALS];
	unsigned int nr_decoders;
};

int region_plan(struct region_plan *plan, const struct onboarding *job);
void region_plan_free(struct region_plan *plan);
int region_create(struct region_plan *plan);
int region_enable(struct region_plan *plan);
/* False: it stays, which is said. */
bool region_undo(struct region_plan *plan);
/* One that is there, for region_undo(), as if it had just been made or, if not @made, enabled. */
int region_adopt(struct region_plan *plan, const char *name, bool made);
bool wait_until(bool (*is_so)(void *data), void *data);
/* Also when the user has interrupted: what is undone has to be there first. */
bool wait_uninterrupted(bool (*is_so)(void *data), void *data);

/* cxl.c */

struct cxl_region *find_region(struct cxl_ctx *ctx, const char *name);
/* The one that a memory device is part of; NULL if there is none. */
struct cxl_region *memdev_region(struct cxl_memdev *memdev);
/* Its dax device, in @dax; false if there is none yet. */
bool region_dax(const char *name, char *dax, size_t size);

#endif
