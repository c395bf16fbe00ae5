/* SPDX-License-Identifier: GPL-2.0 */
/* Memmap placement of CXL regions that become DAX devices. */
#ifndef __CXL_CORE_MEMMAP_H__
#define __CXL_CORE_MEMMAP_H__

#include <linux/sysfs.h>

#ifdef CONFIG_MHP_ALTMAP
extern const struct attribute_group cxl_region_memmap_attribute_group;
#define CXL_REGION_MEMMAP_ATTRIBUTE_GROUP (&cxl_region_memmap_attribute_group)
#else
/* Ends the list of groups. */
#define CXL_REGION_MEMMAP_ATTRIBUTE_GROUP NULL
#endif

#endif /* __CXL_CORE_MEMMAP_H__ */
