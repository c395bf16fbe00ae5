/* SPDX-License-Identifier: GPL-2.0 */
/* Which devices are meant, and what they are made of. */
#ifndef _DAXCTL_MEMMAP_DEVICES_H_
#define _DAXCTL_MEMMAP_DEVICES_H_

#include <stdbool.h>
#include <stdint.h>
#include <daxctl/libdaxctl-memmap.h>

/*
 * Call @fn for each device that @names (or "all") and @region choose. Goes on
 * after a failure and does not lose it. @done counts successes.
 */
int for_devices(struct daxctl_ctx *ctx, char **names, int nr_names,
		const char *region,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data,
		unsigned int *done);
/* True, with an error, for a command that needs the names of devices and has none. */
bool no_devices_named(int argc, char **argv, int first, const char *region);
/* Calls @fn, if @rc of making the object is 0, reports what failed otherwise, and drops it. */
int use_memmap(struct daxctl_memmap *memmap, int rc,
	       int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);
/* The device by its name, NULL if there is none. */
struct daxctl_dev *find_device(struct daxctl_ctx *ctx, const char *name);
/* After something changed: devices are read from sysfs anew. NULL, with an error. */
struct daxctl_ctx *fresh_context(void);
struct cxl_ctx;
struct cxl_ctx *fresh_cxl_context(void);

#define MAX_SERIALS 32

/* What a device is made of, as far as sysfs tells. */
struct identity {
	char cxl_region[32];
	uint64_t serials[MAX_SERIALS];
	unsigned int nr_serials;
	char nvdimm_uuid[40];
	bool map_dev;		/* its namespace has a memmap already, on the device */
};

void identify(const char *daxdev, struct identity *id);
/* A warning, once for all that ask what a device is made of. */
void not_sensible(const char *dir, const char *file);
/* As the device is now: a step before may have made it, or changed it. */
int with_dax(const char *name, int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);

/* cxl.c */

/* Serial numbers of the memory devices of id->cxl_region: of all, or none, which is said. */
void region_serials(struct identity *id);

/* planned.c: objects for what is no DAX device yet, as for_devices() has those of others */

int plan_planned(const struct daxctl_memmap_hardware *hardware,
		 int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);
/* A CXL memory device: the region that onboard would make of it, or that it is part of. */
int plan_memdev(struct daxctl_ctx *ctx, char *name,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);

#endif
