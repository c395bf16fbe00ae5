/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memmap placement for hot-added memory: the calls that memory hotplug, memory
 * block devices, hwpoison and hibernation make. Not for drivers; those
 * include <linux/mhp_altmap.h>.
 */
#ifndef _LINUX_MHP_ALTMAP_HOOKS_H
#define _LINUX_MHP_ALTMAP_HOOKS_H

#include <linux/memory_hotplug.h>
#include <linux/types.h>

struct memory_group;
struct vmem_altmap;

#ifdef CONFIG_MHP_ALTMAP

static inline bool mhp_altmap_per_block(mhp_t mhp_flags)
{
	if (mhp_flags & MHP_MEMMAP_PER_BLOCK)
		return true;
	return (mhp_flags & MHP_MEMMAP_ON_MEMORY) &&
	       mhp_supports_memmap_on_memory();
}

/* In mm/memory_hotplug.c: pages per block for policy "block"; 0: not possible. */
unsigned long mhp_altmap_block_memmap_pages(void);
/* Also there: assert that mem_hotplug_lock is held. */
void mhp_altmap_assert_locked(void);

int mhp_altmap_add_range(int nid, struct memory_group *group, u64 start,
			 u64 size);
bool mhp_altmap_can_remove(u64 start, u64 size);
bool mhp_altmap_is_range(u64 start);
void mhp_altmap_remove_range(u64 start);
bool mhp_altmap_frees_memmap(const struct vmem_altmap *altmap);
void mhp_altmap_block_usable(unsigned long *start_pfn, unsigned long *nr_pages);
bool mhp_altmap_online_range(u64 start, u64 size, int online_type);
int mhp_altmap_offline_range(u64 start, u64 size, u8 *online_types);
void mhp_altmap_removal_span(unsigned long *start_pfn, unsigned long *nr_pages);
bool mhp_altmap_active(void);
bool mhp_altmap_account_hwpoison(unsigned long pfn, long nr);
bool mhp_altmap_zone_intersects(struct zone *zone, unsigned long start_pfn,
				unsigned long nr_pages);
void mhp_altmap_online_pages(unsigned long start_pfn, unsigned long nr_pages);

#else /* !CONFIG_MHP_ALTMAP */

#ifdef CONFIG_MEMORY_HOTPLUG
static inline bool mhp_altmap_per_block(mhp_t mhp_flags)
{
	return (mhp_flags & MHP_MEMMAP_ON_MEMORY) &&
	       mhp_supports_memmap_on_memory();
}
#endif

static inline int mhp_altmap_add_range(int nid, struct memory_group *group,
				       u64 start, u64 size)
{
	return -EOPNOTSUPP;
}

static inline bool mhp_altmap_can_remove(u64 start, u64 size)
{
	return true;
}

static inline bool mhp_altmap_is_range(u64 start)
{
	return false;
}

static inline void mhp_altmap_remove_range(u64 start)
{
}

static inline bool mhp_altmap_frees_memmap(const struct vmem_altmap *altmap)
{
	return false;
}

static inline void mhp_altmap_block_usable(unsigned long *start_pfn,
					   unsigned long *nr_pages)
{
}

static inline bool mhp_altmap_online_range(u64 start, u64 size, int online_type)
{
	return false;
}

static inline int mhp_altmap_offline_range(u64 start, u64 size, u8 *online_types)
{
	return 0;
}

static inline void mhp_altmap_removal_span(unsigned long *start_pfn,
					   unsigned long *nr_pages)
{
}

static inline bool mhp_altmap_active(void)
{
	return false;
}

static inline bool mhp_altmap_account_hwpoison(unsigned long pfn, long nr)
{
	return false;
}

#ifdef CONFIG_MEMORY_HOTPLUG
static inline bool mhp_altmap_zone_intersects(struct zone *zone,
					      unsigned long start_pfn,
					      unsigned long nr_pages)
{
	return zone_intersects(zone, start_pfn, nr_pages);
}
#endif

static inline void mhp_altmap_online_pages(unsigned long start_pfn,
					   unsigned long nr_pages)
{
}

#endif /* CONFIG_MHP_ALTMAP */
#endif /* _LINUX_MHP_ALTMAP_HOOKS_H */
