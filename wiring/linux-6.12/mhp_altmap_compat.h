/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The layer is written for the newest kernel that there is wiring for. Linux
 * 6.12 under the names of that one; other kernels do without this file.
 */
#ifndef _LINUX_MHP_ALTMAP_COMPAT_H
#define _LINUX_MHP_ALTMAP_COMPAT_H

#include <linux/module.h>

/* Memory is accessible when it is added: policy range is not for s390. */
#define mhp_init_memmap_on_memory(pfn, nr_pages, zone) \
	mhp_init_memmap_on_memory(pfn, nr_pages, zone, false)

/* add_memory_resource() tells the blocks their node afterwards. */
#define create_memory_block_devices(start, size, nid, altmap, group) \
	((void)(nid), create_memory_block_devices(start, size, altmap, group))

/* CXL: one lock by itself, one name. */
#define cxl_rwsem \
	(*(struct { struct rw_semaphore region; } *)&cxl_region_rwsem)
#define CXL_PARTMODE_RAM CXL_DECODER_RAM

/* A namespace of symbols was a word, and is a string. */
#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, ns)

#endif /* _LINUX_MHP_ALTMAP_COMPAT_H */
