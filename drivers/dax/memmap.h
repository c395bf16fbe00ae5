/* SPDX-License-Identifier: GPL-2.0 */
/* Memmap placement of DAX devices that are used as system RAM. */
#ifndef __DAX_MEMMAP_H__
#define __DAX_MEMMAP_H__

#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap.h>
#include <linux/mhp_altmap_compat.h>
#include <linux/range.h>
#include <linux/sysfs.h>

struct dax_region;
struct dev_dax;

#ifdef CONFIG_MHP_ALTMAP

extern const struct attribute_group dax_memmap_attribute_group;
extern const struct attribute_group dax_memmap_figure_group;
#define DAX_MEMMAP_ATTRIBUTE_GROUP (&dax_memmap_attribute_group)
#define DAX_MEMMAP_FIGURE_GROUP (&dax_memmap_figure_group)

void dax_memmap_init_region(struct dax_region *dax_region,
			    enum mhp_memmap_class class,
			    enum mhp_memmap_policy policy,
			    struct mhp_altmap_owner *owner);
int dax_memmap_prepare(struct dev_dax *dev_dax, int *mgid);
int dax_memmap_add_memory(struct dev_dax *dev_dax, const struct range *range,
			  int mgid, const char *name, mhp_t mhp_flags,
			  int online_type);
void dax_memmap_unsettle(struct dev_dax *dev_dax);
void dax_memmap_clear(struct dev_dax *dev_dax);
void dax_memmap_set_on_memory(struct dev_dax *dev_dax, bool on_memory);

#else /* !CONFIG_MHP_ALTMAP */

/* Either ends the list of groups. */
#define DAX_MEMMAP_ATTRIBUTE_GROUP NULL
#define DAX_MEMMAP_FIGURE_GROUP NULL

static inline void dax_memmap_init_region(struct dax_region *dax_region,
					  enum mhp_memmap_class class,
					  enum mhp_memmap_policy policy,
					  struct mhp_altmap_owner *owner)
{
}

static inline int dax_memmap_prepare(struct dev_dax *dev_dax, int *mgid)
{
	return 0;
}

#ifdef CONFIG_MEMORY_HOTPLUG
static inline int dax_memmap_add_memory(struct dev_dax *dev_dax,
					const struct range *range, int mgid,
					const char *name, mhp_t mhp_flags,
					int online_type)
{
	return __add_memory_driver_managed(mgid, range->start, range_len(range),
					   name, mhp_flags, online_type);
}
#endif

static inline void dax_memmap_unsettle(struct dev_dax *dev_dax)
{
}

static inline void dax_memmap_clear(struct dev_dax *dev_dax)
{
}

static inline void dax_memmap_set_on_memory(struct dev_dax *dev_dax,
					    bool on_memory)
{
}

#endif /* CONFIG_MHP_ALTMAP */
#endif /* __DAX_MEMMAP_H__ */
