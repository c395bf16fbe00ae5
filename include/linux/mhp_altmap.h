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
 * The plan says how the memory was laid out, and is the handle for its removal.
 *
 * Memory that was added with policy "range" is removed as exactly that range,
 * with all of its memory blocks offline. It goes online in one piece when it is
 * added, and offline in one piece before it is removed; between those, its blocks
 * go online and offline one by one as ever. The head stays online from add to
 * remove.
 *
 * A driver whose device can have bad page frames calls mhp_altmap_own() for its
 * memory: the frames are then remembered for as long as the device exists.
 *
 * Code in mm that calls arch_add_memory() itself takes the steps one by one, in
 * this order: mhp_altmap_plan(), mhp_altmap_setup(), arch_add_memory() with
 * mhp_altmap_get(), mhp_mark_vmemmap_pages(), memory block devices for the
 * usable part; and their inverses in the opposite order. It holds
 * mem_hotplug_lock from arch_add_memory() on, which a module cannot take.
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

/**
 * struct mhp_altmap_owner - a device that remembers poison in its memory
 * @areas: private; NULL at first
 */
struct mhp_altmap_owner {
	struct mhp_altmap_area *areas;
};

#if defined(CONFIG_MHP_ALTMAP) && defined(CONFIG_MEMORY_FAILURE)
int mhp_altmap_own(struct mhp_altmap_owner *owner, u64 start, u64 size);
bool mhp_altmap_owns(const struct mhp_altmap_owner *owner, u64 start, u64 size);
void mhp_altmap_disown(struct mhp_altmap_owner *owner);
#else
static inline int mhp_altmap_own(struct mhp_altmap_owner *owner, u64 start,
				 u64 size)
{
	return 0;
}

static inline bool mhp_altmap_owns(const struct mhp_altmap_owner *owner,
				   u64 start, u64 size)
{
	return true;
}

static inline void mhp_altmap_disown(struct mhp_altmap_owner *owner)
{
}
#endif

#ifdef CONFIG_MHP_ALTMAP

enum mhp_memmap_policy mhp_altmap_default_policy(enum mhp_memmap_class class);
enum mhp_memmap_policy mhp_altmap_requested(enum mhp_memmap_policy written,
					    enum mhp_memmap_class class,
					    bool memmap_on_memory);

int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start, u64 size,
		    struct mhp_memmap_plan *plan);
int mhp_altmap_plan_device(struct mhp_memmap_device *device,
			   enum mhp_memmap_policy policy,
			   struct mhp_memmap_plan *total);
void mhp_altmap_report(struct device *dev, enum mhp_memmap_policy requested,
		       const struct mhp_memmap_plan *plan, int ret);

int __mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					   const char *resource_name,
					   mhp_t mhp_flags, int online_type,
					   enum mhp_memmap_policy policy,
					   struct mhp_memmap_plan *plan);
int mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					 const char *resource_name,
					 mhp_t mhp_flags,
					 enum mhp_memmap_policy policy,
					 struct mhp_memmap_plan *plan);
int mhp_altmap_add_memory(int nid, u64 start, u64 size, mhp_t mhp_flags,
			  enum mhp_memmap_policy policy,
			  struct mhp_memmap_plan *plan);
int mhp_altmap_remove_memory(const struct mhp_memmap_plan *plan);
int mhp_altmap_offline_and_remove_memory(const struct mhp_memmap_plan *plan);
int mhp_altmap_set_online(const struct mhp_memmap_device *device,
			  int online_type);

struct mhp_altmap_range *mhp_altmap_setup(struct mhp_memmap_plan *plan);
struct vmem_altmap *mhp_altmap_get(struct mhp_altmap_range *range);
int mhp_mark_vmemmap_pages(struct mhp_altmap_range *range, int nid);
int mhp_unmark_vmemmap_pages(struct mhp_altmap_range *range);
int mhp_altmap_release(struct mhp_altmap_range *range);

#elif defined(CONFIG_MEMORY_HOTREMOVE) /* && !CONFIG_MHP_ALTMAP */

static inline int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start,
				  u64 size, struct mhp_memmap_plan *plan)
{
	return -EOPNOTSUPP;
}

/* Without the layer nothing but the default can be requested. */
static inline int
mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
				     const char *resource_name, mhp_t mhp_flags,
				     enum mhp_memmap_policy policy,
				     struct mhp_memmap_plan *plan)
{
	if (policy != MHP_MEMMAP_DEFAULT)
		return -EOPNOTSUPP;
	*plan = (struct mhp_memmap_plan) { .start = start, .size = size };
	return add_memory_driver_managed(nid, start, size, resource_name,
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
