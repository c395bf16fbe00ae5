/* SPDX-License-Identifier: GPL-2.0 */
/* Who else acts on devices. */
#ifndef _DAXCTL_MEMMAP_OTHERS_H_
#define _DAXCTL_MEMMAP_OTHERS_H_

#include <stdbool.h>
#include <stddef.h>
#include "devices.h"

/*
 * daxctl itself reconfigures the NVDIMM namespace of a device when it comes, as a file of
 * its configuration says, whose name is put in @path.
 */
bool daxctl_configures(struct daxctl_memmap *memmap, const struct identity *id, char *path,
		       size_t size);
/* A udev rule that onlines memory blocks; with @path of its file. */
bool udev_onlines_memory(char *path, size_t size);

#endif
