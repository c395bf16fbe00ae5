/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memmap placement for hot-added memory: what a driver needs.
 *
 * A driver says which policy it wants, the layer decides how:
 *
 *	mhp_altmap_add_memory_driver_managed(nid, start, size, name, flags,
 *					     policy, &plan);
 *	...
 *	remove_memory(start, size);
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

struct mhp_altmap_range;
struct vmem_altmap;

#ifdef CONFIG_MHP_ALTMAP

void mhp_altmap_geometry(struct mhp_memmap_geometry *geo);
int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start, u64 size,
		    struct mhp_memmap_plan *plan);
int mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
					 const char *resource_name,
					 mhp_t mhp_flags,
					 enum mhp_memmap_policy policy,
					 struct mhp_memmap_plan *plan);

struct mhp_altmap_range *mhp_altmap_setup(int nid, u64 start, u64 size);
struct vmem_altmap *mhp_altmap_get(struct mhp_altmap_range *range);
int mhp_mark_vmemmap_pages(struct mhp_altmap_range *range);
void mhp_unmark_vmemmap_pages(struct mhp_altmap_range *range);
void mhp_altmap_release(struct mhp_altmap_range *range);

#else /* !CONFIG_MHP_ALTMAP */

static inline int mhp_altmap_plan(enum mhp_memmap_policy policy, u64 start,
				  u64 size, struct mhp_memmap_plan *plan)
{
	return -EOPNOTSUPP;
}

/* Without the layer nothing but the default can be asked for. */
static inline int
mhp_altmap_add_memory_driver_managed(int nid, u64 start, u64 size,
				     const char *resource_name, mhp_t mhp_flags,
				     enum mhp_memmap_policy policy,
				     struct mhp_memmap_plan *plan)
{
	if (policy != MHP_MEMMAP_DEFAULT)
		return -EOPNOTSUPP;
	return add_memory_driver_managed(nid, start, size, resource_name,
					 mhp_flags);
}

static inline struct mhp_altmap_range *mhp_altmap_setup(int nid, u64 start,
							u64 size)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline struct vmem_altmap *mhp_altmap_get(struct mhp_altmap_range *range)
{
	return NULL;
}

static inline int mhp_mark_vmemmap_pages(struct mhp_altmap_range *range)
{
	return -EOPNOTSUPP;
}

static inline void mhp_unmark_vmemmap_pages(struct mhp_altmap_range *range)
{
}

static inline void mhp_altmap_release(struct mhp_altmap_range *range)
{
}

#endif /* CONFIG_MHP_ALTMAP */
#endif /* _LINUX_MHP_ALTMAP_H */
