// SPDX-License-Identifier: GPL-2.0
/*
 * Memmap placement of DIMMs that ACPI adds. mhp_altmap.dimm selects the policy,
 * memmap_effective of the ACPI device reports it.
 *
 * A DIMM is added before user space can see its device, so that there is no
 * policy per DIMM.
 */
#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sysfs.h>

#include "acpi_memmap.h"

static ssize_t memmap_effective_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	struct acpi_memmap *memmap = container_of(attr, struct acpi_memmap, attr);

	return sysfs_emit(buf, "%s\n",
			  mhp_memmap_policy_name(memmap->effective) ?: "none");
}

/* The firmware may have handed it over as memory at boot. */
static bool is_memory_already(u64 start, u64 size)
{
	return region_intersects(start, size, IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) != REGION_DISJOINT;
}

/**
 * acpi_memmap_usable() - what counts as memory of a memory device's group
 * @memmap: of the device, zeroed before its first range
 * @start: physical address of one of its ranges in bytes
 * @size: bytes
 *
 * Pages in the head of a range do not count. Also fixes the policy of the device:
 * a default that changes later applies to the next device.
 *
 * Context: Before the ranges of the device are added.
 * Return: bytes.
 */
u64 acpi_memmap_usable(struct acpi_memmap *memmap, u64 start, u64 size)
{
	struct mhp_memmap_plan plan;

	if (!memmap->settled) {
		memmap->requested = mhp_altmap_default_policy(MHP_MEMMAP_CLASS_DIMM);
		memmap->settled = true;
	}
	if (memmap->requested == MHP_MEMMAP_DEFAULT ||
	    mhp_altmap_plan(memmap->requested, start, size, &plan) ||
	    plan.policy != MHP_MEMMAP_RANGE)
		return size;
	return plan.usable;
}

/**
 * acpi_memmap_add_memory() - add a range of a memory device
 * @memmap: of the device, after acpi_memmap_usable() for each of its ranges
 * @dev: the ACPI device
 * @mgid: memory group of the device
 * @start: physical address in bytes
 * @size: bytes
 * @mhp_flags: as for __add_memory()
 *
 * Context: device_hotplug_lock held, or early enough to do without.
 * Return: as __add_memory(); -EOPNOTSUPP if the policy cannot be honoured.
 */
int acpi_memmap_add_memory(struct acpi_memmap *memmap, struct device *dev,
			   int mgid, u64 start, u64 size, mhp_t mhp_flags)
{
	struct mhp_memmap_plan plan;
	int rc;

	if (is_memory_already(start, size))
		return -EEXIST;

	rc = mhp_altmap_own(&memmap->owner, start, size);
	if (rc)
		return rc;
	rc = mhp_altmap_add_memory(mgid, start, size, mhp_flags,
				   memmap->requested, &plan);
	if (rc)
		return rc;

	/* With auto, ranges can have different policies: report the lowest. */
	if (memmap->effective != MHP_MEMMAP_DEFAULT) {
		memmap->effective = min(memmap->effective, plan.policy);
		return 0;
	}
	/* Before there is a file to read it from. */
	memmap->effective = plan.policy;
	sysfs_attr_init(&memmap->attr.attr);
	memmap->attr.attr.name = "memmap_effective";
	memmap->attr.attr.mode = 0444;
	memmap->attr.show = memmap_effective_show;
	if (device_create_file(dev, &memmap->attr))
		dev_warn(dev, "no attribute memmap_effective\n");
	return 0;
}

/**
 * acpi_memmap_remove() - forget the memmap of a memory device that goes away
 * @memmap: of the device, whether it has memory or not
 * @dev: the ACPI device
 *
 * Context: Process context, sleeps.
 */
void acpi_memmap_remove(struct acpi_memmap *memmap, struct device *dev)
{
	mhp_altmap_disown(&memmap->owner);
	if (memmap->effective != MHP_MEMMAP_DEFAULT)
		device_remove_file(dev, &memmap->attr);
	memmap->effective = MHP_MEMMAP_DEFAULT;
}
