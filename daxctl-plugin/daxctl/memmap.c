// SPDX-License-Identifier: GPL-2.0
/* reconfigure-device --memmap: system-ram with a memmap policy, or back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "memmap.h"

static enum daxctl_dev_memmap parse(const char *word)
{
	enum daxctl_dev_memmap memmap;

	for (memmap = DAXCTL_DEV_MEMMAP_DRAM; memmap <= DAXCTL_DEV_MEMMAP_AUTO; memmap++)
		if (strcmp(word, daxctl_dev_memmap_name(memmap)) == 0)
			return memmap;
	return DAXCTL_DEV_MEMMAP_UNKNOWN;
}

int memmap_reconfig_option(const char *word, bool system_ram)
{
	if (!word)
		return 0;
	if (parse(word) == DAXCTL_DEV_MEMMAP_UNKNOWN) {
		fprintf(stderr,
			"--memmap=%s: unknown policy, there is dram, block, range and auto\n",
			word);
		return -EINVAL;
	}
	if (!system_ram) {
		fprintf(stderr,
			"--memmap is only compatible with --mode=system-ram\n");
		return -EINVAL;
	}
	return 0;
}

/* Of a device in system-ram mode. */
static bool is_wanted(struct daxctl_dev *dev, enum daxctl_dev_memmap wanted)
{
	enum daxctl_dev_memmap effective = daxctl_dev_get_memmap_effective(dev);

	/* What auto comes to is the kernel's to say, when it adds memory. */
	if (wanted == DAXCTL_DEV_MEMMAP_AUTO)
		return effective != DAXCTL_DEV_MEMMAP_UNKNOWN &&
			daxctl_dev_get_memmap_policy(dev) == wanted;
	return effective == wanted;
}

static int set_policy(struct daxctl_dev *dev, enum daxctl_dev_memmap memmap)
{
	const char *devname = daxctl_dev_get_devname(dev);
	int rc = daxctl_dev_set_memmap_policy(dev, memmap);

	if (rc == -ENOENT)
		fprintf(stderr, "%s: this kernel has no memmap policies\n", devname);
	else if (rc)
		fprintf(stderr,
			"%s: cannot have memmap policy %s: %s\n  the kernel's log may say why\n",
			devname, daxctl_dev_memmap_name(memmap), strerror(-rc));
	return rc;
}

int memmap_reconfig_before(struct memmap_reconfig *reconfig,
			   struct daxctl_dev *dev, const char *word)
{
	const char *devname = daxctl_dev_get_devname(dev);
	int rc;

	memset(reconfig, 0, sizeof(*reconfig));
	if (!word)
		return 0;
	if (daxctl_dev_get_memory(dev)) {
		if (is_wanted(dev, parse(word)))
			return 0;
		fprintf(stderr,
			"%s: is system-ram with memmap policy %s already, which cannot become %s\n"
			"  convert it to devdax first: daxctl reconfigure-device -m devdax -f %s\n",
			devname,
			daxctl_dev_memmap_name(daxctl_dev_get_memmap_effective(dev)),
			word, devname);
		return -EBUSY;
	}
	reconfig->was = daxctl_dev_get_memmap_policy(dev);
	reconfig->was_enabled = daxctl_dev_is_enabled(dev);
	/* The driver of devdax mode is no obstacle to that. */
	rc = set_policy(dev, parse(word));
	if (!rc)
		reconfig->wanted = parse(word);
	return rc;
}

/* Unbinding kmem from memory that is online would lose it until a reboot. */
static int release(struct daxctl_dev *dev)
{
	struct daxctl_memory *mem = daxctl_dev_get_memory(dev);

	if (!mem)
		return 0;
	if (daxctl_memory_is_online(mem) != 0)
		return -EBUSY;
	return daxctl_dev_disable(dev);
}

static void go_back(struct memmap_reconfig *reconfig, struct daxctl_dev *dev)
{
	const char *devname = daxctl_dev_get_devname(dev);

	if (release(dev)) {
		fprintf(stderr, "%s: remains in system-ram mode: its memory is in use\n",
			devname);
		return;
	}
	if (reconfig->was != reconfig->wanted)
		set_policy(dev, reconfig->was);
	if (reconfig->was_enabled && daxctl_dev_enable_devdax(dev))
		fprintf(stderr, "%s: could not go back to devdax mode, and is disabled\n",
			devname);
}

int memmap_reconfig_after(struct memmap_reconfig *reconfig,
			  struct daxctl_dev *dev, int rc)
{
	const char *devname = daxctl_dev_get_devname(dev);

	if (reconfig->wanted == DAXCTL_DEV_MEMMAP_UNKNOWN)
		return rc;

	if (rc) {
		fprintf(stderr,
			"%s: cannot become system-ram with memmap policy %s: %s\n"
			"  the kernel's log may say why: dmesg | grep %s\n",
			devname, daxctl_dev_memmap_name(reconfig->wanted),
			strerror(-rc), devname);
	} else if (!is_wanted(dev, reconfig->wanted)) {
		fprintf(stderr,
			"%s: asked for memmap policy %s, the kernel reports %s\n",
			devname, daxctl_dev_memmap_name(reconfig->wanted),
			daxctl_dev_memmap_name(daxctl_dev_get_memmap_effective(dev)));
		rc = -ENXIO;
	}
	if (rc)
		go_back(reconfig, dev);
	return rc;
}
