/* SPDX-License-Identifier: GPL-2.0 */
/* Memmap placement of DIMMs that ACPI adds. */
#ifndef __ACPI_MEMMAP_H__
#define __ACPI_MEMMAP_H__

#include <linux/device.h>
#include <linux/mhp_altmap.h>

#ifdef CONFIG_MHP_ALTMAP

/**
 * struct acpi_memmap - memmap placement of a memory device
 * @attr: attribute memmap_effective of its ACPI device
 * @effective: what it shows
 * @requested: mhp_altmap.dimm, as it was when the device came
 * @settled: @requested is set
 * @owner: remembers poison in its memory
 */
struct acpi_memmap {
	struct device_attribute attr;
	enum mhp_memmap_policy effective;
	enum mhp_memmap_policy requested;
	bool settled;
	struct mhp_altmap_owner owner;
};

u64 acpi_memmap_usable(struct acpi_memmap *memmap, u64 start, u64 size);
int acpi_memmap_add_memory(struct acpi_memmap *memmap, struct device *dev,
			   int mgid, u64 start, u64 size, mhp_t mhp_flags);
void acpi_memmap_remove(struct acpi_memmap *memmap, struct device *dev);

#elif defined(CONFIG_ACPI_HOTPLUG_MEMORY) /* && !CONFIG_MHP_ALTMAP */

struct acpi_memmap { };

static inline u64 acpi_memmap_usable(struct acpi_memmap *memmap, u64 start,
				     u64 size)
{
	return size;
}

static inline int acpi_memmap_add_memory(struct acpi_memmap *memmap,
					 struct device *dev, int mgid,
					 u64 start, u64 size, mhp_t mhp_flags)
{
	return __add_memory(mgid, start, size, mhp_flags);
}

static inline void acpi_memmap_remove(struct acpi_memmap *memmap,
				      struct device *dev)
{
}

#endif /* CONFIG_MHP_ALTMAP */
#endif /* __ACPI_MEMMAP_H__ */
