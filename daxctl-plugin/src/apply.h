/* SPDX-License-Identifier: GPL-2.0 */
/* Sections of the configuration and the devices that they are for. */
#ifndef _DAXCTL_MEMMAP_APPLY_H_
#define _DAXCTL_MEMMAP_APPLY_H_

#include "cli.h"
#include "config.h"

struct application {
	struct config *list;
	bool dry_run;
	const struct config *only;	/* check-config: what this section does, no other */
	unsigned int found;		/* devices that a section is for */
	bool tried;			/* the set of memory devices of @only */
};

/* For a dax device; for for_devices(). */
int apply_to_dax(struct daxctl_memmap *memmap, void *data);
/* For the CXL memory device @name and those that its section names with it. */
int apply_to_memdev(struct application *app, const char *name);

#endif
