// SPDX-License-Identifier: GPL-2.0
/* CXL regions that there are, through libcxl: what they are made of, and what of them. */
#include <string.h>
#include <cxl/libcxl.h>

#include "cli.h"
#include "devices.h"
#include "messages.h"
#include "region.h"

/* The region that a memory device is part of. */
struct cxl_region *memdev_region(struct cxl_memdev *memdev)
{
	struct cxl_bus *bus = cxl_memdev_get_bus(memdev);
	struct cxl_port *port = bus ? cxl_bus_get_port(bus) : NULL;
	struct cxl_decoder *root;
	struct cxl_region *region;

	if (!port)
		return NULL;
	cxl_decoder_foreach(port, root)
		cxl_region_foreach(root, region) {
			struct cxl_memdev_mapping *mapping;

			cxl_mapping_foreach(region, mapping) {
				struct cxl_decoder *decoder = cxl_mapping_get_decoder(mapping);

				if (decoder && cxl_decoder_get_memdev(decoder) == memdev)
					return region;
			}
		}
	return NULL;
}

struct cxl_region *find_region(struct cxl_ctx *ctx, const char *name)
{
	struct cxl_decoder *root;
	struct cxl_region *region;
	struct cxl_bus *bus;

	cxl_bus_foreach(ctx, bus)
		cxl_decoder_foreach(cxl_bus_get_port(bus), root)
			cxl_region_foreach(root, region)
				if (!strcmp(cxl_region_get_devname(region), name))
					return region;
	return NULL;
}

/* Read by ourselves: libcxl takes what is no number for a zero. */
static bool read_serial(struct cxl_memdev *memdev, uint64_t *serial)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "/sys/bus/cxl/devices/%s", cxl_memdev_get_devname(memdev));
	if (!sysfs_read_u64(serial, 0, "%s/serial", dir))
		return true;
	not_sensible(dir, "serial");
	return false;
}

void region_serials(struct identity *id)
{
	struct cxl_ctx *ctx = fresh_cxl_context();
	struct cxl_memdev_mapping *mapping;
	struct cxl_region *region;
	bool whole = true;

	id->nr_serials = 0;
	if (!ctx)
		return;
	region = find_region(ctx, id->cxl_region);
	if (region)
		cxl_mapping_foreach(region, mapping) {
			struct cxl_decoder *decoder = cxl_mapping_get_decoder(mapping);
			struct cxl_memdev *memdev = decoder ? cxl_decoder_get_memdev(decoder) :
							      NULL;

			whole = whole && memdev && id->nr_serials < MAX_SERIALS &&
				read_serial(memdev, &id->serials[id->nr_serials]);
			if (whole)
				id->nr_serials++;
		}
	if (region && whole && id->nr_serials != cxl_region_get_interleave_ways(region)) {
		warn("%s: cannot tell which memory devices it is made of", id->cxl_region);
		whole = false;
	}
	/* Some could be another region's. */
	if (!whole)
		id->nr_serials = 0;
	cxl_unref(ctx);
}

bool region_dax(const char *name, char *dax, size_t size)
{
	struct daxctl_region *region = NULL;
	struct cxl_region *cxl;
	struct daxctl_dev *dev;
	struct cxl_ctx *ctx;

	dax[0] = 0;
	ctx = fresh_cxl_context();
	if (!ctx)
		return false;
	cxl = find_region(ctx, name);
	if (cxl)
		region = cxl_region_get_daxctl_region(cxl);
	if (region)
		daxctl_dev_foreach(region, dev)
			if (!dax[0] && daxctl_dev_get_size(dev))
				snprintf(dax, size, "%s", daxctl_dev_get_devname(dev));
	cxl_unref(ctx);
	return dax[0];
}
