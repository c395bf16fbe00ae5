/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __DAXCTL_MEMMAP_H__
#define __DAXCTL_MEMMAP_H__
#include <stdbool.h>
#include <daxctl/libdaxctl.h>

/*
 * Conversion to system-ram with --memmap=@word. Without @word, nothing of this
 * does anything. Errors are printed, and returned as a negative errno.
 */

/* What is needed to go back. */
struct memmap_reconfig {
	enum daxctl_dev_memmap wanted;	/* UNKNOWN: no --memmap */
	enum daxctl_dev_memmap was;
	bool was_enabled;
};

/* Can the option, or the key of a config file, be given like this? */
int memmap_reconfig_option(const char *word, bool system_ram);

/*
 * Set the policy. A device that is system-ram already is refused, unless its
 * memmap is where it is wanted.
 */
int memmap_reconfig_before(struct memmap_reconfig *reconfig,
			   struct daxctl_dev *dev, const char *word);

/*
 * To be called with the result of the conversion, before memory goes online. If
 * that failed, or the memmap is not where it is wanted, the device goes back to
 * the policy and to the mode that it had.
 *
 * Returns @rc, or what is wrong with the memmap.
 */
int memmap_reconfig_after(struct memmap_reconfig *reconfig,
			  struct daxctl_dev *dev, int rc);
#endif /* __DAXCTL_MEMMAP_H__ */
