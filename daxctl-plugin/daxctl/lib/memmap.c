// SPDX-License-Identifier: LGPL-2.1
/* Where the memmap of a dax device goes: two attributes of a kernel with memmap policies. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <daxctl/libdaxctl.h>

#define EXPORT __attribute__((visibility("default")))

static const char *const names[] = {
	[DAXCTL_DEV_MEMMAP_UNKNOWN] = "unknown",
	[DAXCTL_DEV_MEMMAP_DRAM] = "dram",
	[DAXCTL_DEV_MEMMAP_BLOCK] = "block",
	[DAXCTL_DEV_MEMMAP_RANGE] = "range",
	[DAXCTL_DEV_MEMMAP_AUTO] = "auto",
};

/**
 * daxctl_dev_memmap_name - the kernel's word for a policy
 *
 * Returns "unknown" for DAXCTL_DEV_MEMMAP_UNKNOWN and what is none.
 */
EXPORT const char *daxctl_dev_memmap_name(enum daxctl_dev_memmap memmap)
{
	if (memmap < DAXCTL_DEV_MEMMAP_UNKNOWN || memmap > DAXCTL_DEV_MEMMAP_AUTO)
		memmap = DAXCTL_DEV_MEMMAP_UNKNOWN;
	return names[memmap];
}

static int open_attr(struct daxctl_dev *dev, const char *attr, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/dax/devices/%s/%s",
		 daxctl_dev_get_devname(dev), attr);
	return open(path, flags | O_CLOEXEC);
}

/* Anew each time: the policy can change while the device is not in system-ram mode. */
static enum daxctl_dev_memmap read_attr(struct daxctl_dev *dev, const char *attr)
{
	enum daxctl_dev_memmap memmap;
	char word[16];
	ssize_t n;
	int fd;

	fd = open_attr(dev, attr, O_RDONLY);
	if (fd < 0)
		return DAXCTL_DEV_MEMMAP_UNKNOWN;
	n = read(fd, word, sizeof(word) - 1);
	close(fd);
	word[n < 0 ? 0 : n] = 0;
	word[strcspn(word, "\n")] = 0;
	for (memmap = DAXCTL_DEV_MEMMAP_DRAM; memmap <= DAXCTL_DEV_MEMMAP_AUTO; memmap++)
		if (strcmp(word, names[memmap]) == 0)
			return memmap;
	/* "none", or a word of a later kernel */
	return DAXCTL_DEV_MEMMAP_UNKNOWN;
}

/**
 * daxctl_dev_get_memmap_policy - where the memmap goes in system-ram mode
 *
 * Returns DAXCTL_DEV_MEMMAP_UNKNOWN on a kernel without memmap policies.
 */
EXPORT enum daxctl_dev_memmap daxctl_dev_get_memmap_policy(struct daxctl_dev *dev)
{
	return read_attr(dev, "memmap_policy");
}

/**
 * daxctl_dev_get_memmap_effective - where the memmap is: dram, block or range
 *
 * Returns DAXCTL_DEV_MEMMAP_UNKNOWN for a device that is not in system-ram mode, and on a
 * kernel without memmap policies.
 */
EXPORT enum daxctl_dev_memmap daxctl_dev_get_memmap_effective(struct daxctl_dev *dev)
{
	return read_attr(dev, "memmap_effective");
}

/**
 * daxctl_dev_set_memmap_policy - request where the memmap goes in system-ram mode
 * @memmap: dram, block, range or auto
 *
 * Before daxctl_dev_enable_ram(): it cannot change in that mode.
 *
 * Returns 0, -EINVAL for another @memmap, -ENOENT on a kernel without memmap policies, or
 * the kernel's own error: -EBUSY in system-ram mode, -EOPNOTSUPP for what the device
 * cannot have.
 */
EXPORT int daxctl_dev_set_memmap_policy(struct daxctl_dev *dev, enum daxctl_dev_memmap memmap)
{
	int fd, rc = 0;

	if (memmap < DAXCTL_DEV_MEMMAP_DRAM || memmap > DAXCTL_DEV_MEMMAP_AUTO)
		return -EINVAL;
	fd = open_attr(dev, "memmap_policy", O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, names[memmap], strlen(names[memmap])) < 0)
		rc = -errno;
	close(fd);
	return rc;
}
