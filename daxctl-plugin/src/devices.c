// SPDX-License-Identifier: GPL-2.0
/* Which devices are meant, and what they are made of. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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
	return !strcmp(wanted, id.cxl_region) ||
	       !strcmp(wanted, daxctl_region_get_devname(region));
}

static int call(struct daxctl_dev *dev,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data)
{
	struct daxctl_memmap *memmap;
	int rc = daxctl_memmap_new(dev, &memmap);

	if (rc)
		report(memmap);
	else
		rc = fn(memmap, data);
	daxctl_memmap_free(memmap);
	return rc;
}

static bool is_wanted(const char *devname, const char *wanted)
{
	return !strcmp(wanted, "all") || !strcmp(base_name(wanted), devname);
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
				/* The seed of the next device: nobody means it. */
				if (!daxctl_dev_get_size(dev) && !strcmp(names[i], "all"))
					continue;
				found = true;
				if (interrupted())
					return STATUS_FAILED;
				if (call(dev, fn, data))
					status = STATUS_FAILED;
				else
					(*done)++;
			}
		if (!found && strcmp(names[i], "all")) {
			error("%s: no such device%s%s", names[i],
			      region_name ? " in region " : "",
			      region_name ? region_name : "");
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

/* Serial numbers of the memory devices that a region is made of. */
static void read_serials(struct identity *id)
{
	char decoder[64], path[PATH_MAX], *slash;
	char link[PATH_MAX];

	for (int i = 0; i < MAX_SERIALS; i++) {
		if (sysfs_read(decoder, sizeof(decoder), "/sys/bus/cxl/devices/%s/target%d",
			       id->cxl_region, i) <= 0 ||
		    strncmp(decoder, "decoder", 7))
			return;
		/* endpointN/decoderN.M; endpointN/uport is the memory device. */
		snprintf(link, sizeof(link), "/sys/bus/cxl/devices/%s", decoder);
		if (!realpath(link, path))
			return;
		slash = strrchr(path, '/');
		if (!slash)
			return;
		*slash = 0;
		if (sysfs_read_u64(&id->serials[id->nr_serials], 0, "%s/uport/serial", path))
			return;
		id->nr_serials++;
	}
}

static bool is_cxl_region(const char *name)
{
	return !strncmp(name, "region", 6) && sysfs_exists("/sys/bus/cxl/devices/%s", name);
}

void identify(const char *daxdev, struct identity *id)
{
	char link[PATH_MAX], path[PATH_MAX], mode[32], *slash;

	memset(id, 0, sizeof(*id));
	snprintf(link, sizeof(link), DAX_DEVICES "/%s", daxdev);
	if (!realpath(link, path))
		return;
	/* Up from the device to what it is made of. */
	while ((slash = strrchr(path, '/')) && slash != path) {
		if (!id->cxl_region[0] && is_cxl_region(slash + 1))
			snprintf(id->cxl_region, sizeof(id->cxl_region), "%s", slash + 1);
		if (!id->nvdimm_uuid[0] && sysfs_exists("%s/namespace", path) &&
		    sysfs_read(id->nvdimm_uuid, sizeof(id->nvdimm_uuid), "%s/uuid", path) > 0)
			id->map_dev = sysfs_read(mode, sizeof(mode), "%s/mode", path) > 0 &&
				      !strcmp(mode, "pmem");
		*slash = 0;
	}
	if (id->cxl_region[0])
		read_serials(id);
}
