/* SPDX-License-Identifier: GPL-2.0 */
/* A device from what it is to what it should be, or back to what it was. */
#ifndef _DAXCTL_MEMMAP_CONVERT_H_
#define _DAXCTL_MEMMAP_CONVERT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <daxctl/libdaxctl-memmap.h>

struct block_states;	/* journal.h */

enum zone { ZONE_ANY, ZONE_MOVABLE, ZONE_KERNEL };

struct target {
	bool system_ram;
	enum daxctl_memmap_policy policy;	/* NONE: as it is */
	bool online;
	enum zone zone;
	bool force;		/* take memory offline if need be */
	bool fresh;		/* it came just now: whoever made it takes it away */
	bool dry_run;
	bool unbound;		/* with devdax: no driver */
	const struct block_states *blocks;	/* instead of @online: each as it was */
};

int convert(struct daxctl_memmap *memmap, const struct target *target);
/* All of its memory, whatever signal comes; for a device that is to go. */
int take_offline(struct daxctl_memmap *memmap);
/* Until kmem, which has the device, has done with adding it. */
void wait_for_kmem(const char *name);

/* compare.c: a device, and what it should be */

bool has_policy(struct daxctl_memmap *memmap, enum daxctl_memmap_policy policy);
/* Memory blocks that are not online where they should be. */
unsigned int count_to_online(struct daxctl_memmap *memmap, const struct target *target);
/* As far as the kernel reports it; if not, @why says what is different. */
bool is_as_requested(struct daxctl_memmap *memmap, const struct target *target, char *why,
		     size_t size);
/* "system-ram, memmap range, online movable" */
void describe_target(const struct target *target, char *text, size_t size);

/* lock.c */

/* One change at a time. */
int take_lock(void);

#endif
