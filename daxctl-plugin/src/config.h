/* SPDX-License-Identifier: GPL-2.0 */
/* Drop-in files: read, searched, and written by --persist. */
#ifndef _DAXCTL_MEMMAP_CONFIG_H_
#define _DAXCTL_MEMMAP_CONFIG_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "devices.h"
#include "onboard.h"

enum match_kind { MATCH_NONE, MATCH_REGION, MATCH_SERIAL, MATCH_UUID, MATCH_DAX };

struct config {
	struct config *next;
	char *file;
	unsigned int line;	/* of the section's head */
	char *name;
	enum match_kind match_kind;
	char *match;
	uint64_t serials[MAX_SERIALS];
	unsigned int nr_serials;
	struct region_request region;
	struct target target;
};

/* All *.conf of @dir in the order of their names; errors are reported. */
int config_read(const char *dir, struct config **list);
int config_parse(FILE *file, const char *name, struct config **list);
void config_free(struct config *list);
bool config_matches(const struct config *config, const char *daxdev,
		    const struct identity *id);
/* The same ones, in whatever order. */
bool same_serials(const uint64_t *a, unsigned int nr_a, const uint64_t *b, unsigned int nr_b);
/* For one device, whatever its section says of it. */
bool config_same_device(const struct config *a, const struct config *b);
/* The first section for a device: that which counts; NULL if there is none. */
const struct config *config_find(const struct config *list, const char *daxdev,
				 const struct identity *id);
bool config_has_serial(const struct config *config, uint64_t serial);
const char *config_match_name(enum match_kind kind);

/* persist.c */

/*
 * The section for a device in the drop-in file that --persist has for it, whose name is
 * put in @path: made, or changed where @config says something.
 */
int config_write(const char *dir, const struct config *config, char *path, size_t size);

/* The file of --persist for the device that @config is for. */
void persist_path(const char *dir, const struct config *config, char *path, size_t size);
/* A memory device is onboarded by the first section that has its serial number. */
bool config_concerns(const struct config *config, const char *daxdev, const struct identity *id);
/* -EEXIST if another section than that of persist() is for it, which is said. */
int check_persist(const char *daxdev, const struct identity *id);
/* What was done for a device, at every boot; of a dry run, the file is named. */
int persist(const char *daxdev, const struct identity *id,
	    const struct region_request *region, const struct target *target);

#endif
