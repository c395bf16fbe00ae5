/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memmap placement for hot-added memory: what a driver needs.
 *
 * A driver says which policy it wants, the layer decides how:
 *
 *	mhp_altmap_add_memory_driver_managed(nid, start, size, name, flags,
 *					     policy, &plan);
 *	...
 *	mhp_altmap_offline_and_remove_memory(&plan);
 *
 * The plan says what was done, and is the handle to undo it. A driver that
 * calls another member of the add_memory() family asks mhp_altmap_prepare() for
 * its flags first.
 *
 * Memory that was added with policy "range" is removed as exactly that range,
 * with all of its memory blocks offline. Its blocks go online and offline one
 * by one as ever. The head is a life of its own: online from add to remove.
 *
 * Code that calls arch_add_memory() itself does the four steps by hand, in this
 * order: mhp_altmap_setup(), arch_add_memory() with mhp_altmap_get(),
 * mhp_mark_vmemmap_pages(), memory block devices for the usable part; and
 * their inverses in the opposite order.
 */
#ifndef _LINUX_MHP_ALTMAP_H
#define _LINUX_MHP_ALTMAP_H

#include <linux/err.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_memmap.h>
#include <linux/types.h>

struct device;
struct mhp_altmap_range;
struct vmem_altmap;

/**
 * enum mhp_memmap_class - kinds of memory that have a default policy
 * @MHP_MEMMAP_CLASS_NONE: none of those below, and so without a default
 * @MHP_MEMMAP_CLASS_CXL: regions of CXL volatile memory
 * @MHP_MEMMAP_CLASS_PMEM: persistent memory, as a DAX device
 * @MHP_MEMMAP_CLASS_HMEM: soft-reserved ("specific purpose") memory
 * @MHP_MEMMAP_CLASS_DIMM: DIMMs that ACPI adds
 * @MHP_MEMMAP_NR_CLASSES: number of values above
 *
 * The defaults are the parameters mhp_altmap.cxl, .pmem, .hmem and .dimm.
 */
enum mhp_memmap_class {
	MHP_MEMMAP_CLASS_NONE,
	MHP_MEMMAP_CLASS_CXL,
	MHP_MEMMAP_CLASS_PMEM,
	MHP_MEMMAP_CLASS_HMEM,
	MHP_MEMMAP_CLASS_DIMM,
	MHP_MEMMAP_NR_CLASSES
};

#ifdef CONFIG_MHP_ALTMAP

enum mhp_memmap_policy mhp_altmap_default_policy(enum mhp_memmap_class class);
enum mhp_memmap_policy mhp_altmap_wish(enum mhp_memmap_policy written,
				       enum mhp_memmap_class class,
				       bool memmap_on_memory);

void mhp_altmap_geometry(struct mhp_memmap_geometry *geo);
bool mhp_altmap_whole_blocks(u64 *start, u64 *size);
int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start, u64 size,
		    struct mhp_memmap_plan *plan);
void mhp_altmap_report(struct device *dev, enum mhp_memmap_policy wish,
		       const struct mhp_memmap_plan *plan, int ret);
int mhp_altmap_prepare(enum mhp_memmap_policy policy, u64 start, u64 size,
		       mhp_t *mhp_flags, struct mhp_memmap_plan *plan);
int mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					 const char *resource_name,
					 mhp_t mhp_flags,
					 enum mhp_memmap_policy policy,
					 struct mhp_memmap_plan *plan);
int mhp_altmap_remove_memory(const struct mhp_memmap_plan *plan);
int mhp_altmap_offline_and_remove_memory(const struct mhp_memmap_plan *plan);

struct mhp_altmap_range *mhp_altmap_setup(int nid, u64 start, u64 size);
struct vmem_altmap *mhp_altmap_get(struct mhp_altmap_range *range);
int mhp_mark_vmemmap_pages(struct mhp_altmap_range *range);
int mhp_unmark_vmemmap_pages(struct mhp_altmap_range *range);
int mhp_altmap_release(struct mhp_altmap_range *range);

#else /* !CONFIG_MHP_ALTMAP */

static inline int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start,
				  u64 size, struct mhp_memmap_plan *plan)
{
	return -EOPNOTSUPP;
}

/* Without the layer nothing but the default can be asked for. */
static inline int
mhp_altmap_prepare(enum mhp_memmap_policy policy, u64 start, u64 size,
		   mhp_t *mhp_flags, struct mhp_memmap_plan *plan)
{
	if (policy != MHP_MEMMAP_DEFAULT)
		return -EOPNOTSUPP;
	*plan = (struct mhp_memmap_plan) { .start = start, .size = size };
	return 0;
}

static inline int
mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
				     const char *resource_name, mhp_t mhp_flags,
				     enum mhp_memmap_policy policy,
				     struct mhp_memmap_plan *plan)
{
	int ret = mhp_altmap_prepare(policy, start, size, &mhp_flags, plan);

	return ret ?: add_memory_driver_managed(nid, start, size, resource_name,
						mhp_flags);
}

static inline int
mhp_altmap_remove_memory(const struct mhp_memmap_plan *plan)
{
	return remove_memory(plan->start, plan->size);
}

static inline int
mhp_altmap_offline_and_remove_memory(const struct mhp_memmap_plan *plan)
{
	return offline_and_remove_memory(plan->start, plan->size);
}

#endif /* CONFIG_MHP_ALTMAP */
#endif /* _LINUX_MHP_ALTMAP_H */
