// SPDX-License-Identifier: GPL-2.0
/* Which devices are meant, and what they are made of. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "devices.h"
#include "messages.h"
#include "options.h"

/* "dax0.0" of "/dev/dax0.0". */
static const char *base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* By number, as daxctl takes it, or by the name of the CXL region. */
static bool region_matches(struct daxctl_region *region, struct daxctl_dev *dev,
			   const char *wanted)
{
	struct identity id;
	unsigned long nr;
	char *end;

	if (!wanted || !strcmp(wanted, "all"))
		return true;
	nr = strtoul(wanted, &end, 10);
	if (end != wanted && !*end)
		return nr == (unsigned long)daxctl_region_get_id(region);
	identify(daxctl_dev_get_devname(dev), &id);
	return (id.cxl_region[0] && !strcmp(wanted, id.cxl_region)) ||
	       !strcmp(wanted, daxctl_region_get_devname(region));
}

int use_memmap(struct daxctl_memmap *memmap, int rc,
	       int (*fn)(struct daxctl_memmap *memmap, void *data), void *data)
{
	if (rc)
		report(memmap);
	else
		rc = fn(memmap, data);
	daxctl_memmap_unref(memmap);
	return rc;
}

static int call(struct daxctl_dev *dev,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data)
{
	struct daxctl_memmap *memmap;
	int rc = daxctl_memmap_new(dev, &memmap);

	return use_memmap(memmap, rc, fn, data);
}

static bool is_wanted(const char *devname, const char *wanted)
{
	return !strcmp(wanted, "all") || !strcmp(base_name(wanted), devname);
}

/* The seed that the next device is made from; no device by itself. */
static bool is_seed(struct daxctl_dev *dev)
{
	uint64_t size;

	/* libdaxctl takes what is no number for a zero. */
	return !daxctl_dev_get_size(dev) &&
	       !sysfs_read_u64(&size, 0, DAX_DEVICES "/%s/size", daxctl_dev_get_devname(dev)) &&
	       !size;
}

/* libdaxctl passes over a device that lacks something, and says nothing. */
static int report_unreadable(struct daxctl_ctx *ctx)
{
	int status = STATUS_OK;
	struct dirent *entry;
	DIR *dir;

	dir = opendir(DAX_DEVICES);
	if (!dir)
		return STATUS_OK;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "dax", 3) || find_device(ctx, entry->d_name))
			continue;
		error("%s: libdaxctl cannot read it", entry->d_name);
		hint("is it going, or has it no /dev/%s? daxctl-memmap -v says more", entry->d_name);
		status = STATUS_FAILED;
	}
	closedir(dir);
	return status;
}

bool no_devices_named(int argc, char **argv, int first, const char *region)
{
	if (first < argc || region)
		return false;
	error("%s: which device? Name it, or \"all\"", argv[0]);
	hint("see what is there: " PROG " list");
	return true;
}

int for_devices(struct daxctl_ctx *ctx, char **names, int nr_names,
		const char *region_name,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data,
		unsigned int *done)
{
	static char *everything[] = { (char *)"all" };
	int status = STATUS_OK;

	*done = 0;
	if (!nr_names) {
		names = everything;
		nr_names = 1;
	}
	for (int i = 0; i < nr_names; i++) {
		struct daxctl_region *region;
		struct daxctl_dev *dev;
		bool found = false;

		daxctl_region_foreach(ctx, region)
			daxctl_dev_foreach(region, dev) {
				if (!is_wanted(daxctl_dev_get_devname(dev), names[i]) ||
				    !region_matches(region, dev, region_name))
					continue;
				if (!strcmp(names[i], "all") && is_seed(dev))
					continue;
				found = true;
				if (interrupted())
					return STATUS_FAILED;
				if (call(dev, fn, data))
					status = STATUS_FAILED;
				else
					(*done)++;
			}
		if (!strcmp(names[i], "all") && !region_name && report_unreadable(ctx))
			status = STATUS_FAILED;
		if (!found && strcmp(names[i], "all")) {
			error("%s: no such device%s%s", names[i],
			      region_name ? " in region " : "",
			      region_name ? region_name : "");
			hint("see what is there: " PROG " list");
			status = STATUS_FAILED;
		} else if (!found && region_name && strcmp(region_name, "all")) {
			error("%s: no device in such a region", region_name);
			hint("see what is there: " PROG " list");
			status = STATUS_FAILED;
		}
	}
	return status;
}

struct daxctl_dev *find_device(struct daxctl_ctx *ctx, const char *name)
{
	struct daxctl_region *region;
	struct daxctl_dev *dev;

	daxctl_region_foreach(ctx, region)
		daxctl_dev_foreach(region, dev)
			if (is_wanted(daxctl_dev_get_devname(dev), name))
				return dev;
	return NULL;
}

void not_sensible(const char *dir, const char *file)
{
	static bool warned;

	if (!warned)
		warn("%s/%s holds no sensible value", dir, file);
	warned = true;
}

static bool is_cxl_region(const char *name)
{
	return !strncmp(name, "region", 6) && sysfs_exists("/sys/bus/cxl/devices/%s", name);
}

void identify(const char *daxdev, struct identity *id)
{
	char link[PATH_MAX], path[PATH_MAX], mode[32], *slash;
	int rc;

	memset(id, 0, sizeof(*id));
	snprintf(link, sizeof(link), DAX_DEVICES "/%s", daxdev);
	if (!realpath(link, path))
		return;
	/* Up from the device to what it is made of. */
	while ((slash = strrchr(path, '/')) && slash != path) {
		if (!id->cxl_region[0] && is_cxl_region(slash + 1))
			snprintf(id->cxl_region, sizeof(id->cxl_region), "%s", slash + 1);
		if (!id->nvdimm_uuid[0] && sysfs_exists("%s/namespace", path)) {
			rc = sysfs_read(id->nvdimm_uuid, sizeof(id->nvdimm_uuid), "%s/uuid", path);
			if (rc == -EIO || (rc > 0 && !is_uuid(id->nvdimm_uuid))) {
				not_sensible(path, "uuid");
				id->nvdimm_uuid[0] = 0;
			}
			id->map_dev = rc > 0 && sysfs_read(mode, sizeof(mode), "%s/mode", path) > 0 &&
				      !strcmp(mode, "pmem");
		}
		*slash = 0;
	}
	if (id->cxl_region[0])
		region_serials(id);
}

int with_dax(const char *name, int (*fn)(struct daxctl_memmap *memmap, void *data), void *data)
{
	struct daxctl_ctx *ctx = fresh_context();
	struct daxctl_memmap *memmap;
	struct daxctl_dev *dev;
	int rc;

	if (!ctx)
		return -ENOMEM;
	dev = find_device(ctx, name);
	if (!dev) {
		error("%s: is gone", name);
		rc = -ENODEV;
	} else {
		rc = daxctl_memmap_new(dev, &memmap);
		rc = use_memmap(memmap, rc, fn, data);
	}
	daxctl_unref(ctx);
	return rc;
}
