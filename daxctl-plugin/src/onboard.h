/* SPDX-License-Identifier: GPL-2.0 */
/* From CXL memory devices to memory in use. */
#ifndef _DAXCTL_MEMMAP_ONBOARD_H_
#define _DAXCTL_MEMMAP_ONBOARD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "convert.h"

#define MAX_EACH 256	/* memory devices, one by one */

/* How a region is to be made; "" and 0: as suits the devices. */
struct region_request {
	char decoder[32];
	uint64_t size;
	unsigned int granularity;
};

struct onboarding {
	const char **memdevs;
	unsigned int nr_memdevs;
	struct region_request region;
	bool verify;		/* measured, and undone if it is not so */
	bool persist;
	bool no_wait;		/* for devices that are not ready: as it is now */
	struct target target;
};

/* On success, the name of the dax device is in @daxdev. */
int onboard(const struct onboarding *job, char *daxdev, size_t size);
struct record;		/* journal.h */
/*
 * Of a region that onboard made: its dax device, in @daxdev, is no system RAM any longer, and
 * the region goes. If that fails, what was done to the device is in the journal.
 */
int undo_onboard(const struct record *record, bool dry_run, char *daxdev, size_t size);

/* hugepages.c */

struct hugepages {
	uint64_t size;		/* of a page, in bytes; 0: none */
	uint64_t nr;		/* 0: all that are possible */
};

/* "1G" or "2M:512", where @target has such pages; false, with an error, if not. */
bool hugepages_parse(const char *text, const struct target *target, struct hugepages *request);
/* On the node of the device; says how many there are of how many possible. */
int hugepages_reserve(struct daxctl_memmap *memmap, const struct hugepages *request);

#endif
