/* SPDX-License-Identifier: GPL-2.0 */
/* How devices were before they were changed: in /run, until the next boot. */
#ifndef _DAXCTL_MEMMAP_JOURNAL_H_
#define _DAXCTL_MEMMAP_JOURNAL_H_

#include "cli.h"
#include "devices.h"

/* Memory blocks that follow each other, in one state. */
struct block_run {
	uint64_t first;
	uint64_t last;
	enum daxctl_memmap_block_state state;
};

struct block_states {
	struct block_run *run;
	size_t nr;
};

/* As a block was; ABSENT: nothing was said of it. */
enum daxctl_memmap_block_state block_state_was(const struct block_states *states, uint64_t block);

struct record {
	char name[64];		/* of the dax device or, if @is_region, of the CXL region */
	bool is_region;
	/* a region */
	bool made;		/* it was there, and only enabled */
	uint64_t serials[MAX_SERIALS];
	unsigned int nr_serials;
	/* a dax device */
	uint64_t start;		/* of its first range */
	uint64_t size;
	char driver[32];	/* "" for none */
	enum daxctl_memmap_policy policy;
	struct block_states blocks;
};

/*
 * Before the first change: what there is now. It does not count until journal_end() says
 * @keep; one that is found all the same is of a command that was killed. What cannot be
 * written is said, and forgotten.
 */
void journal_begin(struct daxctl_memmap *memmap, const char *driver);
void journal_begin_region(const char *name, bool made, const struct identity *id);
void journal_end(const char *name, bool keep);
/* It is as it was again. */
void journal_drop(const char *name);

/* The last one if @name is NULL. -ENOENT: there is none. */
int journal_read(const char *name, struct record *record);
void journal_free(struct record *record);

#endif
