/* SPDX-License-Identifier: LGPL-2.1 */
/*
 * libdaxctl-memmap: where the memmap of a DAX device goes when its memory
 * becomes system RAM.
 *
 * An addition to libdaxctl. Everything starts from a struct daxctl_dev:
 *
 *	struct daxctl_memmap *memmap;
 *	int rc = daxctl_memmap_new(dev, &memmap);
 *
 *	if (!rc)
 *		rc = daxctl_memmap_set_policy(memmap, DAXCTL_MEMMAP_RANGE);
 *	if (rc)
 *		fprintf(stderr, "%s\n", daxctl_memmap_get_error(memmap));
 *	daxctl_memmap_unref(memmap);
 *
 * Unless stated otherwise, functions return 0 or a negative errno, sizes are in
 * bytes, and strings belong to the object that they were asked of. Nothing
 * here takes a lock: an object is for one thread at a time.
 *
 * Policies: Documentation/ABI/testing/sysfs-bus-dax-memmap of a kernel that has
 * them, and daxctl-memmap(1).
 */
#ifndef _LIBDAXCTL_MEMMAP_H_
#define _LIBDAXCTL_MEMMAP_H_

#include <stdbool.h>
#include <stdint.h>
#include <daxctl/libdaxctl.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum daxctl_memmap_policy - where the memmap goes
 * @DAXCTL_MEMMAP_NONE: nowhere, because the device is not system RAM; or not
 *	known
 * @DAXCTL_MEMMAP_DRAM: in memory that is online already
 * @DAXCTL_MEMMAP_BLOCK: at the head of each memory block of the device
 * @DAXCTL_MEMMAP_RANGE: in one piece at the head of each range of the device
 * @DAXCTL_MEMMAP_AUTO: only requested: the kernel resolves it to one of the others
 */
enum daxctl_memmap_policy {
	DAXCTL_MEMMAP_NONE,
	DAXCTL_MEMMAP_DRAM,
	DAXCTL_MEMMAP_BLOCK,
	DAXCTL_MEMMAP_RANGE,
	DAXCTL_MEMMAP_AUTO,
};

/**
 * daxctl_memmap_policy_name() - the word for a policy
 * Return: "dram", "block", "range" or "auto"; "none" for anything else.
 */
const char *daxctl_memmap_policy_name(enum daxctl_memmap_policy policy);

/**
 * daxctl_memmap_policy_parse() - the policy for a word
 * Return: a policy above %DAXCTL_MEMMAP_NONE, -EINVAL for anything else.
 */
int daxctl_memmap_policy_parse(const char *word);

struct daxctl_memmap;

/**
 * daxctl_memmap_new() - look at the memmap of a device
 * @dev: the device; it must outlive the object
 * @memmap: the new object, also if reading the device failed; NULL if there
 *	was no memory for it
 *
 * Return: 0; -ENODEV if the device is gone, -EIO if sysfs says what makes no
 * sense; daxctl_memmap_get_error() has words for both.
 */
int daxctl_memmap_new(struct daxctl_dev *dev, struct daxctl_memmap **memmap);

/* An object starts with one reference, and goes with the last; unref returns NULL. */
struct daxctl_memmap *daxctl_memmap_ref(struct daxctl_memmap *memmap);
struct daxctl_memmap *daxctl_memmap_unref(struct daxctl_memmap *memmap);
/* NULL for hardware that is only planned. */
struct daxctl_dev *daxctl_memmap_get_dev(struct daxctl_memmap *memmap);
const char *daxctl_memmap_get_devname(struct daxctl_memmap *memmap);

/**
 * daxctl_memmap_refresh() - read the device again
 * Return: as daxctl_memmap_new().
 */
int daxctl_memmap_refresh(struct daxctl_memmap *memmap);

/**
 * daxctl_memmap_get_error() - what failed last, and why, in words
 * Return: one line that starts with the device's name; "" if nothing failed.
 */
const char *daxctl_memmap_get_error(struct daxctl_memmap *memmap);

/**
 * daxctl_memmap_get_hint() - what to do about it
 * Return: one line; "" if there is no advice.
 */
const char *daxctl_memmap_get_hint(struct daxctl_memmap *memmap);

/* Of the device as a whole; the sum over its ranges. */
uint64_t daxctl_memmap_get_size(struct daxctl_memmap *memmap);

/* Geometry of its machine: of a memory block, a page, a gigantic page (a PUD). */
uint64_t daxctl_memmap_get_block_size(struct daxctl_memmap *memmap);
uint64_t daxctl_memmap_get_page_size(struct daxctl_memmap *memmap);
uint64_t daxctl_memmap_get_gigantic_size(struct daxctl_memmap *memmap);

/**
 * daxctl_memmap_get_nr_ranges() - in how many pieces is the device?
 * Return: a number, -EACCES if only root can read where they are.
 */
int daxctl_memmap_get_nr_ranges(struct daxctl_memmap *memmap);

/**
 * daxctl_memmap_get_range() - where is a piece of the device?
 * @nr: from 0
 * @start: physical address, as the device has it: not of whole memory blocks
 * @size: bytes
 *
 * Return: 0, -ENOENT if there is no such range, -EACCES if only root can read it.
 */
int daxctl_memmap_get_range(struct daxctl_memmap *memmap, unsigned int nr, uint64_t *start,
			    uint64_t *size);

/* The device has memmap_policy: its kernel has policies beyond dram and block. */
bool daxctl_memmap_has_policies(struct daxctl_memmap *memmap);

/* kmem is bound to the device. */
bool daxctl_memmap_is_system_ram(struct daxctl_memmap *memmap);

/* What the device is to be, if it becomes system RAM. */
enum daxctl_memmap_policy daxctl_memmap_get_policy(struct daxctl_memmap *memmap);

/*
 * What it is; %DAXCTL_MEMMAP_NONE if it is not system RAM. On a kernel without
 * policies it is deduced from memmap_on_memory.
 */
enum daxctl_memmap_policy daxctl_memmap_get_effective(struct daxctl_memmap *memmap);

/**
 * daxctl_memmap_set_policy() - say what the device is to be
 *
 * Range needs a kernel with policies. Without them, dram works, block where
 * memmap_on_memory is enabled, and auto becomes one of these two.
 *
 * Return: 0, also if it is so already; -EBUSY while the device is system RAM,
 * -EOPNOTSUPP if it cannot have this policy, -EPERM or -EACCES without
 * permission, -ENODEV if it is gone.
 */
int daxctl_memmap_set_policy(struct daxctl_memmap *memmap,
			     enum daxctl_memmap_policy policy);

/**
 * enum daxctl_memmap_block_state - where a memory block is online
 * @DAXCTL_MEMMAP_BLOCK_ABSENT: it does not exist: not added, or nothing but memmap
 * @DAXCTL_MEMMAP_BLOCK_OFFLINE: offline
 * @DAXCTL_MEMMAP_BLOCK_MOVABLE: online in ZONE_MOVABLE
 * @DAXCTL_MEMMAP_BLOCK_KERNEL: online in a kernel zone, or in several zones
 * @DAXCTL_MEMMAP_BLOCK_GOING: on its way, or in a state that this library does not know
 */
enum daxctl_memmap_block_state {
	DAXCTL_MEMMAP_BLOCK_ABSENT,
	DAXCTL_MEMMAP_BLOCK_OFFLINE,
	DAXCTL_MEMMAP_BLOCK_MOVABLE,
	DAXCTL_MEMMAP_BLOCK_KERNEL,
	DAXCTL_MEMMAP_BLOCK_GOING,
};

#define DAXCTL_MEMMAP_NO_BLOCK UINT64_MAX

/*
 * Memory blocks of the device by their numbers, which are those in sysfs, memoryN: physical
 * address / size of a block. Only blocks that exist. The next one behind @block, or the
 * first one for DAXCTL_MEMMAP_NO_BLOCK; DAXCTL_MEMMAP_NO_BLOCK if there is none.
 */
uint64_t daxctl_memmap_block_get_next(struct daxctl_memmap *memmap, uint64_t block);
#define daxctl_memmap_block_foreach(memmap, block) \
	for (block = daxctl_memmap_block_get_next(memmap, DAXCTL_MEMMAP_NO_BLOCK); \
	     block != DAXCTL_MEMMAP_NO_BLOCK; \
	     block = daxctl_memmap_block_get_next(memmap, block))
/* Read anew each time. */
enum daxctl_memmap_block_state
daxctl_memmap_block_get_state(struct daxctl_memmap *memmap, uint64_t block);
/* Takes as long as the kernel does. The errno is the kernel's. */
int daxctl_memmap_block_set_state(struct daxctl_memmap *memmap, uint64_t block,
				  enum daxctl_memmap_block_state state);
/*
 * All blocks of a device at once, as the kernel does it for policy "range". Takes as long
 * as the kernel does; a signal ends going offline. -EOPNOTSUPP if the kernel cannot, or the
 * device has another policy; -EBUSY also if some blocks are online and others are not: each
 * block can be asked then. On failure nothing has changed.
 */
int daxctl_memmap_blocks_set_state(struct daxctl_memmap *memmap,
				   enum daxctl_memmap_block_state state);
/* What to write to the block's file "state" by hand. */
const char *daxctl_memmap_block_state_word(enum daxctl_memmap_block_state state);
/* Bytes of the block that can be onlined, with the policy in effect. */
uint64_t daxctl_memmap_block_get_usable(struct daxctl_memmap *memmap, uint64_t block);

/**
 * struct daxctl_memmap_block_counts - memory blocks of a device
 * @struct_size: sizeof() of what the caller was built with
 * @total: those that exist
 * @online: @movable and @kernel
 * @movable: online in ZONE_MOVABLE
 * @kernel: online in a kernel zone, or in several zones
 */
struct daxctl_memmap_block_counts {
	size_t struct_size;
	unsigned int total;
	unsigned int online;
	unsigned int movable;
	unsigned int kernel;
};

/**
 * daxctl_memmap_count_blocks() - how many memory blocks are where?
 * @counts: filled in; @counts->struct_size must be set
 *
 * Return: 0; -EINVAL for a struct_size that is none.
 */
int daxctl_memmap_count_blocks(struct daxctl_memmap *memmap,
			       struct daxctl_memmap_block_counts *counts);

/*
 * Bytes of a NUMA node in which a memmap of the device could be: free memory and caches
 * that the kernel can reclaim, in kernel zones, but for what is in the device itself.
 */
uint64_t daxctl_memmap_get_node_available(struct daxctl_memmap *memmap, int node);

/* Why no device can have a policy with this kernel; NULL if one may. */
const char *daxctl_memmap_kernel_refuses(enum daxctl_memmap_policy policy);

/**
 * struct daxctl_memmap_plan - what a policy would cost a device
 * @struct_size: sizeof() of what the caller was built with
 * @supported: this machine can do it
 * @reason: why it cannot or, for auto, why it did not choose range; "" if there
 *	is nothing to say. It stays until the next plan of the same policy, or
 *	daxctl_memmap_refresh().
 * @policy: for auto, what it comes to
 * @memmap: bytes of struct pages
 * @head: bytes that they take from the device, rounding included
 * @waste: bytes of @head without a struct page
 * @usable: bytes that can be onlined
 * @dram: bytes of struct pages in memory that is online already
 * @dram_available: bytes in kernel zones that are free or that the kernel can
 *	reclaim, over all nodes, but for what is in the device itself
 * @gigantic_pages: aligned, contiguous pieces of the size of a gigantic page
 * @removable_by_block: memory blocks can be removed one by one, not only as a
 *	whole, once they are offline
 */
struct daxctl_memmap_plan {
	size_t struct_size;
	bool supported;
	const char *reason;
	enum daxctl_memmap_policy policy;
	uint64_t memmap;
	uint64_t head;
	uint64_t waste;
	uint64_t usable;
	uint64_t dram;
	uint64_t dram_available;
	uint64_t gigantic_pages;
	bool removable_by_block;
};

/**
 * daxctl_memmap_plan() - what would a policy cost? Changes nothing.
 * @plan: filled in; @plan->struct_size must be set
 *
 * The arithmetic is the kernel's own source.
 *
 * Return: 0, also if the policy is not supported; -EINVAL for a policy or
 * struct_size that is none, with words in daxctl_memmap_get_error().
 */
int daxctl_memmap_plan(struct daxctl_memmap *memmap,
		       enum daxctl_memmap_policy policy,
		       struct daxctl_memmap_plan *plan);

/**
 * daxctl_memmap_recommend() - which policy suits the device best?
 * @why: if not NULL, set to the reason; it stays as that of a plan for auto
 * Return: dram, block or range, or DAXCTL_MEMMAP_NONE if the device cannot have any of
 * them, or that cannot be read.
 */
enum daxctl_memmap_policy daxctl_memmap_recommend(struct daxctl_memmap *memmap,
						  const char **why);

/**
 * struct daxctl_memmap_hardware - memory that is no DAX device yet
 * @struct_size: sizeof() of what the caller was built with
 * @name: for messages; copied
 * @start: physical address, or what it is a multiple of
 * @size: bytes
 * @block_size: bytes of a memory block; 0: as on this machine, but no less than such pages
 *	need
 * @page_size: bytes of a page; 0: as on this machine. More than 4 KiB mean arm64.
 * @any_kernel: for a kernel with all policies, not for this one
 */
struct daxctl_memmap_hardware {
	size_t struct_size;
	const char *name;
	uint64_t start;
	uint64_t size;
	uint64_t block_size;
	uint64_t page_size;
	bool any_kernel;
};

/**
 * daxctl_memmap_new_planned() - for plans of hardware that is not there yet
 * @hardware: what it is like
 * @memmap: the new object, also on failure; NULL if there was no memory for it
 *
 * The object is for daxctl_memmap_plan() and daxctl_memmap_recommend(). There is no
 * device behind it: daxctl_memmap_get_dev() returns NULL, and all that reads or changes a
 * device fails with -ENODEV.
 *
 * Return: 0; -EINVAL for sizes that no machine has, -EOPNOTSUPP if this one has no memory
 * hotplug and @block_size is 0; daxctl_memmap_get_error() has words for it.
 */
int daxctl_memmap_new_planned(const struct daxctl_memmap_hardware *hardware,
			      struct daxctl_memmap **memmap);

struct daxctl_memmap_check;

/**
 * daxctl_memmap_verify() - is the memmap where it was requested?
 *
 * Compares the requested policy with what the kernel reports, and both with what can be
 * measured: memory blocks, managed pages of the node, page tables (debugfs).
 *
 * Return: 0 if all checks hold, 1 if one does not, a negative errno if that
 * could not be found out.
 */
int daxctl_memmap_verify(struct daxctl_memmap *memmap);

/* The checks of the last daxctl_memmap_verify(). */
struct daxctl_memmap_check *
daxctl_memmap_check_get_first(struct daxctl_memmap *memmap);
struct daxctl_memmap_check *
daxctl_memmap_check_get_next(struct daxctl_memmap_check *check);
#define daxctl_memmap_check_foreach(memmap, check) \
	for (check = daxctl_memmap_check_get_first(memmap); \
	     check != NULL; \
	     check = daxctl_memmap_check_get_next(check))
const char *daxctl_memmap_check_get_name(struct daxctl_memmap_check *check);
const char *daxctl_memmap_check_get_expected(struct daxctl_memmap_check *check);
const char *daxctl_memmap_check_get_found(struct daxctl_memmap_check *check);
bool daxctl_memmap_check_holds(struct daxctl_memmap_check *check);
/* Why it could not be measured: then it holds, and says nothing. Else NULL. */
const char *daxctl_memmap_check_get_unmeasured(struct daxctl_memmap_check *check);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
