// SPDX-License-Identifier: GPL-2.0
/*
 * --persist: what was done for a device, at every boot. A section that is there already
 * is edited in place: what was not asked for stays, with all comments and all other
 * sections of the file.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "lines.h"
#include "messages.h"
#include "onboard.h"

#define MAX_NAME 100	/* of a file or section, without what makes it unique */

/* Of the file and its section. */
static void own_name(const struct config *config, char *name, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325;	/* FNV-1a */
	size_t length;

	length = snprintf(name, size, "%s-%s", config_match_name(config->match_kind),
			  config->match);
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
			*c = '_';
	if (length <= MAX_NAME)
		return;
	/* The serial numbers of many devices: two sets may begin with the same ones. */
	for (const char *c = config->match; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	snprintf(name + MAX_NAME, size - MAX_NAME, "-%016" PRIx64, hash);
}

void persist_path(const char *dir, const struct config *config, char *path, size_t size)
{
	char name[MAX_NAME + 32];

	own_name(config, name, sizeof(name));
	snprintf(path, size, "%s/50-%s.conf", dir, name);
}

/*--- a section --------------------------------------------------------------*/

static bool is_key(const char *line, const char *key)
{
	line += strspn(line, " \t");
	if (strncmp(line, key, strlen(key)))
		return false;
	line += strlen(key);
	return line[strspn(line, " \t")] == '=';
}

/* @value: NULL for none. What is behind a '#' or ';' stays. */
static void set_key(struct lines *lines, size_t head, const char *key, const char *value)
{
	size_t end = lines_section_end(lines, head), last = head;

	for (size_t i = head + 1; i < end; i++) {
		const char *comment = strpbrk(lines->line[i], "#;");

		if (!is_key(lines->line[i], key)) {
			if (lines->line[i][strspn(lines->line[i], " \t\n")])
				last = i;
			continue;
		}
		if (value)
			lines_insertf(lines, i + 1, "%s = %s%s%s", key, value,
				comment ? "\t" : "\n", comment ? comment : "");
		if (!lines->failed)
			lines_drop(lines, i);
		return;
	}
	if (value)
		lines_insertf(lines, last + 1, "%s = %s\n", key, value);
}

static void set_target(struct lines *lines, size_t head, const struct target *target)
{
	static const char * const of_ram[] = {
		"memmap", "online", "movable", "size", "granularity", "decoder",
	};

	set_key(lines, head, "mode", target->system_ram ? "system-ram" : "devdax");
	if (!target->system_ram) {
		for (size_t i = 0; i < ARRAY_SIZE(of_ram); i++)
			set_key(lines, head, of_ram[i], NULL);
		return;
	}
	if (target->policy)
		set_key(lines, head, "memmap", daxctl_memmap_policy_name(target->policy));
	set_key(lines, head, "online", target->online ? "true" : "false");
	if (!target->online)
		set_key(lines, head, "movable", NULL);
	else if (target->zone != ZONE_ANY)
		set_key(lines, head, "movable",
			target->zone == ZONE_MOVABLE ? "true" : "false");
}

static void set_region(struct lines *lines, size_t head, const struct region_request *region)
{
	char text[32];

	if (region->size) {
		snprintf(text, sizeof(text), "%" PRIu64, region->size);
		set_key(lines, head, "size", text);
	}
	if (region->granularity) {
		snprintf(text, sizeof(text), "%u", region->granularity);
		set_key(lines, head, "granularity", text);
	}
	if (region->decoder[0])
		set_key(lines, head, "decoder", region->decoder);
}

/* The line of its head, from 0; @nr lines if there is none. */
static size_t find_head(const char *path, const struct config *own, size_t nr)
{
	struct config *list = NULL;
	size_t head = nr;
	FILE *file = fopen(path, "re");

	if (!file)
		return nr;
	/* A section with a mistake is not ours; a new one follows it. */
	config_parse(file, path, &list);
	fclose(file);
	for (struct config *config = list; config; config = config->next)
		if (config->line <= nr && config_same_device(config, own))
			head = config->line - 1;
	config_free(list);
	return head;
}

int config_write(const char *dir, const struct config *config, char *path, size_t size)
{
	char name[MAX_NAME + 32], temporary[4096];
	struct lines lines = { 0 };
	size_t head;
	int rc;

	own_name(config, name, sizeof(name));
	persist_path(dir, config, path, size);
	snprintf(temporary, sizeof(temporary), "%s/.50-%s.tmp", dir, name);
	if (mkdir(dir, 0755) && errno != EEXIST)
		debug("%s: %s", dir, strerror(errno));
	rc = lines_read(path, &lines);
	if (!rc) {
		head = find_head(path, config, lines.nr);
		if (!lines.nr)
			lines_insertf(&lines, head++,
				"# Written by " PROG " --persist; see daxctl-memmap.conf(5).\n");
		if (head == lines.nr) {
			lines_insertf(&lines, head, "[%s]\n", name);
			lines_insertf(&lines, head + 1, "%s = %s\n",
				config_match_name(config->match_kind), config->match);
		}
		if (!lines.failed) {
			set_target(&lines, head, &config->target);
			set_region(&lines, head, &config->region);
		}
		rc = lines.failed ? -ENOMEM : lines_write(path, temporary, &lines);
	}
	if (rc)
		error("%s: %s", path, strerror(-rc));
	lines_free(&lines);
	return rc;
}

/*--- which section is for a device ------------------------------------------*/

static int compare_serials(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* What names a device best: its words in @match. */
static enum match_kind name_device(const char *daxdev, const struct identity *id,
				   char *match, size_t size)
{
	uint64_t serials[MAX_SERIALS];

	match[0] = 0;
	if (id->nr_serials) {
		/* The same file, in whatever order the devices were named. */
		memcpy(serials, id->serials, sizeof(serials));
		qsort(serials, id->nr_serials, sizeof(serials[0]), compare_serials);
		for (unsigned int i = 0; i < id->nr_serials; i++)
			snprintf(match + strlen(match), size - strlen(match), "%s0x%llx",
				 i ? ", " : "", (unsigned long long)serials[i]);
		return MATCH_SERIAL;
	}
	snprintf(match, size, "%s", id->nvdimm_uuid[0] ? id->nvdimm_uuid : daxdev);
	return id->nvdimm_uuid[0] ? MATCH_UUID : MATCH_DAX;
}

bool config_concerns(const struct config *config, const char *daxdev,
		     const struct identity *id)
{
	if (config->match_kind != MATCH_SERIAL)
		return config_matches(config, daxdev, id);
	for (unsigned int i = 0; i < config->nr_serials; i++)
		for (unsigned int k = 0; k < id->nr_serials; k++)
			if (config->serials[i] == id->serials[k])
				return true;
	return false;
}

int check_persist(const char *daxdev, const struct identity *id)
{
	char match[MAX_SERIALS * 20], path[512];
	struct config own = { .match = match }, *list;
	int rc = 0;

	own.match_kind = name_device(daxdev, id, match, sizeof(match));
	persist_path(CONFIG_DIR, &own, path, sizeof(path));
	/* Its mistakes are reported, and are no reason not to add to it. */
	config_read(CONFIG_DIR, &list);
	for (struct config *config = list; config && !rc; config = config->next) {
		if (!strcmp(config->file, path) || !config_concerns(config, daxdev, id))
			continue;
		error("%s: --persist: [%s] at %s:%u is for it already", daxdev, config->name,
		      config->file, config->line);
		hint("change that section, or remove it");
		rc = -EEXIST;
	}
	config_free(list);
	return rc;
}

int persist(const char *daxdev, const struct identity *id,
	    const struct region_request *region, const struct target *target)
{
	char match[MAX_SERIALS * 20], path[512];
	struct config config = { .match = match, .target = *target };
	int rc;

	config.match_kind = name_device(daxdev, id, match, sizeof(match));
	config.nr_serials = id->nr_serials;
	memcpy(config.serials, id->serials, sizeof(config.serials));
	if (target->dry_run) {
		persist_path(CONFIG_DIR, &config, path, sizeof(path));
		note("%s: would be kept for the next boot in %s", daxdev, path);
		return 0;
	}
	/* Only for what makes the region. */
	if (region && config.match_kind == MATCH_SERIAL)
		config.region = *region;
	rc = config_write(CONFIG_DIR, &config, path, sizeof(path));
	if (!rc)
		note("%s: kept for the next boot in %s", daxdev, path);
	return rc;
}
