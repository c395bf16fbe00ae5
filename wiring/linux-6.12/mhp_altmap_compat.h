/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The layer is written for the newest kernel that there is wiring for. Linux
 * 6.12 under the names of that one; other kernels do without this file.
 */
#ifndef _LINUX_MHP_ALTMAP_COMPAT_H
#define _LINUX_MHP_ALTMAP_COMPAT_H

#include <linux/memory.h>
#include <linux/memory_hotplug.h>

/* A zone is isolated by another function there, or by the migrate type. */
#define move_pfn_range_to_zone(zone, pfn, nr_pages, altmap, type, isolate) \
	((void)(isolate), move_pfn_range_to_zone(zone, pfn, nr_pages, altmap, type))

/* auto_online_blocks alone decides what goes online. */
#define __add_memory_driver_managed(nid, start, size, name, flags, type) \
	((void)(type), add_memory_driver_managed(nid, start, size, name, flags))

/* add_memory_resource() tells the blocks their node afterwards. */
#define create_memory_block_devices(start, size, nid, altmap, group) \
	((void)(nid), create_memory_block_devices(start, size, altmap, group))

/* A flag of a device is a member of its own. */
#define dev_set_offline(dev) ((dev)->offline = true)
#define dev_clear_offline(dev) ((dev)->offline = false)

/* CXL: one lock by itself, one name. */
#define cxl_rwsem \
	(*(struct { struct rw_semaphore region; } *)&cxl_region_rwsem)
#define CXL_PARTMODE_RAM CXL_DECODER_RAM

#endif /* _LINUX_MHP_ALTMAP_COMPAT_H */
