/* SPDX-License-Identifier: GPL-2.0 */
/* For cppcheck, which does not read the headers of libdaxctl and libcxl: their loops. */
#define LOOP(kind, parent, child) \
	for (child = kind##_get_first(parent); child; child = kind##_get_next(child))
#define daxctl_region_foreach(ctx, region) LOOP(daxctl_region, ctx, region)
#define daxctl_dev_foreach(region, dev) LOOP(daxctl_dev, region, dev)
#define cxl_memdev_foreach(ctx, memdev) LOOP(cxl_memdev, ctx, memdev)
#define cxl_decoder_foreach(port, decoder) LOOP(cxl_decoder, port, decoder)
#define cxl_region_foreach(decoder, region) LOOP(cxl_region, decoder, region)
#define cxl_mapping_foreach(region, mapping) LOOP(cxl_mapping, region, mapping)
