// SPDX-License-Identifier: GPL-2.0
/*
 * Drop-in files, *.conf in one folder, read in the order of their names:
 *
 *	[expander]
 *	cxl.serial = 0x1
 *	memmap = range
 *	movable = true
 *
 * A section has exactly one key that says which device it is for. What is
 * malformed or contradictory is reported with file and line, and its section
 * dropped; other sections stay.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "messages.h"
#include "onboard.h"
#include "options.h"

#define MAX_LINE 1024	/* with its end */

struct parser {
	const char *file;
	unsigned int line;
	struct config **last;	/* where the next section goes */
	struct config *section;
	bool bad_section;
	unsigned int errors;
	/* keys of this section, as bits of KEY_* */
	unsigned int seen;
};

enum key {
	KEY_REGION, KEY_SERIAL, KEY_UUID, KEY_DAX, KEY_MODE, KEY_MEMMAP, KEY_ONLINE,
	KEY_MOVABLE, KEY_SIZE, KEY_GRANULARITY, KEY_DECODER, NR_KEYS
};

static const char * const keys[] = {
	[KEY_REGION] = "cxl.region",
	[KEY_SERIAL] = "cxl.serial",
	[KEY_UUID] = "nvdimm.uuid",
	[KEY_DAX] = "dax.device",
	[KEY_MODE] = "mode",
	[KEY_MEMMAP] = "memmap",
	[KEY_ONLINE] = "online",
	[KEY_MOVABLE] = "movable",
	[KEY_SIZE] = "size",
	[KEY_GRANULARITY] = "granularity",
	[KEY_DECODER] = "decoder",
};

const char *config_match_name(enum match_kind kind)
{
	return kind == MATCH_NONE ? "nothing" : keys[kind - MATCH_REGION + KEY_REGION];
}

__attribute__((format(printf, 2, 3)))
static void complain(struct parser *parser, const char *fmt, ...)
{
	char text[MAX_LINE + 256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	error("%s:%u: %s", parser->file, parser->line, text);
	parser->errors++;
	parser->bad_section = true;
}

static void free_section(struct config *section)
{
	if (!section)
		return;
	free(section->file);
	free(section->name);
	free(section->match);
	free(section);
}

void config_free(struct config *list)
{
	while (list) {
		struct config *next = list->next;

		free_section(list);
		list = next;
	}
}

static bool has(const struct parser *parser, enum key key)
{
	return parser->seen & (1U << key);
}

static void end_section(struct parser *parser)
{
	struct config *section = parser->section;

	if (!section)
		return;
	parser->section = NULL;
	if (!parser->bad_section) {
		unsigned int line = parser->line;

		/* About the section: its head, not where it ends. */
		parser->line = section->line;
		if (section->match_kind == MATCH_NONE)
			complain(parser, "[%s] is for no device: it needs cxl.region, cxl.serial, nvdimm.uuid or dax.device",
				 section->name);
		else if (!section->target.system_ram &&
			 (has(parser, KEY_MEMMAP) || has(parser, KEY_ONLINE) ||
			  has(parser, KEY_MOVABLE)))
			complain(parser, "[%s]: memmap, online and movable contradict mode = devdax",
				 section->name);
		else if (!section->target.online && has(parser, KEY_MOVABLE))
			complain(parser, "[%s]: movable contradicts online = false", section->name);
		else if ((section->match_kind != MATCH_SERIAL || !section->target.system_ram) &&
			 (has(parser, KEY_SIZE) || has(parser, KEY_GRANULARITY) ||
			  has(parser, KEY_DECODER)))
			complain(parser, "[%s]: size, granularity and decoder are of a region that is made: for cxl.serial and system-ram",
				 section->name);
		parser->line = line;
	}
	if (parser->bad_section) {
		free_section(section);
		return;
	}
	*parser->last = section;
	parser->last = &section->next;
}

static void begin_section(struct parser *parser, char *text)
{
	struct config *section;
	char *end = strchr(text, ']');

	end_section(parser);
	parser->bad_section = false;
	parser->seen = 0;
	section = calloc(1, sizeof(*section));
	if (!section) {
		complain(parser, "out of memory");
		return;
	}
	if (end)
		*end = 0;
	section->file = strdup(parser->file);
	section->name = strdup(text + 1);
	section->line = parser->line;
	section->target.system_ram = true;
	section->target.online = true;
	parser->section = section;
	if (!section->file || !section->name)
		complain(parser, "out of memory");
	else if (!end || end == text + 1)
		complain(parser, "a section starts with [NAME]");
	else if (end[1 + strspn(end + 1, " \t")])
		complain(parser, "'%s' behind the section's name", end + 1);
}

static bool parse_bool(struct parser *parser, const char *key, const char *value,
		       bool *result)
{
	if (!strcmp(value, "true") || !strcmp(value, "yes") || !strcmp(value, "1"))
		*result = true;
	else if (!strcmp(value, "false") || !strcmp(value, "no") || !strcmp(value, "0"))
		*result = false;
	else
		complain(parser, "%s = %s: it is true or false", key, value);
	return *result;
}

/* One serial number or, for an interleaved region, those of all its devices. */
static void parse_serials(struct parser *parser, char *value)
{
	struct config *section = parser->section;
	char *word, *save, *end;

	for (word = strtok_r(value, ", \t", &save); word;
	     word = strtok_r(NULL, ", \t", &save)) {
		uint64_t serial;

		if (parse_number(word, &serial, &end) || *end) {
			complain(parser, "cxl.serial: '%s' is no serial number such as 17 or 0x11",
				 word);
			return;
		}
		for (unsigned int i = 0; i < section->nr_serials; i++)
			if (section->serials[i] == serial) {
				complain(parser, "cxl.serial: %s is there twice", word);
				return;
			}
		if (section->nr_serials == MAX_SERIALS) {
			complain(parser, "cxl.serial: more than %d devices", MAX_SERIALS);
			return;
		}
		section->serials[section->nr_serials++] = serial;
	}
	if (!section->nr_serials)
		complain(parser, "cxl.serial: no serial number");
}

static void parse_match(struct parser *parser, enum key key, char *value)
{
	struct config *section = parser->section;

	if (section->match_kind != MATCH_NONE) {
		complain(parser, "%s: the section is for %s = %s already", keys[key],
			 config_match_name(section->match_kind), section->match);
		return;
	}
	if ((key == KEY_REGION && !is_name(value, "region", false)) ||
	    (key == KEY_DAX && !is_name(value, "dax", true)) ||
	    (key == KEY_UUID && !is_uuid(value))) {
		complain(parser, "%s = %s: it looks like %s", keys[key], value,
			 key == KEY_REGION ? "region0" : key == KEY_DAX ? "dax0.0" :
			 "3bcb9c0f-6a04-4d2e-8d0e-0123456789ab");
		return;
	}
	section->match_kind = MATCH_REGION + (key - KEY_REGION);
	section->match = strdup(value);
	if (!section->match)
		complain(parser, "out of memory");
	else if (key == KEY_SERIAL)
		parse_serials(parser, value);
}

static void parse_key(struct parser *parser, enum key key, char *value)
{
	struct region_request *region = &parser->section->region;
	struct target *target = &parser->section->target;
	bool movable = false;
	int policy;

	switch (key) {
	case KEY_MODE:
		target->system_ram = !strcmp(value, "system-ram");
		if (!target->system_ram && strcmp(value, "devdax"))
			complain(parser, "mode = %s: it is system-ram or devdax", value);
		break;
	case KEY_MEMMAP:
		policy = daxctl_memmap_policy_parse(value);
		if (policy < 0)
			complain(parser, "memmap = %s: it is dram, block, range or auto", value);
		else
			target->policy = policy;
		break;
	case KEY_ONLINE:
		parse_bool(parser, "online", value, &target->online);
		break;
	case KEY_MOVABLE:
		target->zone = parse_bool(parser, "movable", value, &movable) ?
			       ZONE_MOVABLE : ZONE_KERNEL;
		break;
	case KEY_SIZE:
		if (parse_size(value, &region->size))
			complain(parser, "size = %s: no size such as 128G", value);
		break;
	case KEY_GRANULARITY:
		if (parse_granularity(value, &region->granularity))
			complain(parser, "granularity = %s: a power of two from 256 to 16384", value);
		break;
	case KEY_DECODER:
		if (!is_name(value, "decoder", true))
			complain(parser, "decoder = %s: it looks like decoder0.0", value);
		else
			snprintf(region->decoder, sizeof(region->decoder), "%s", value);
		break;
	default:
		parse_match(parser, key, value);
		break;
	}
}

static void parse_line(struct parser *parser, char *line)
{
	char *key = line + strspn(line, " \t"), *value, *end;

	/* A comment has a line of its own: values hold no '#' either way. */
	end = key + strcspn(key, "#;");
	while (end > key && isspace((unsigned char)end[-1]))
		end--;
	*end = 0;
	if (!*key)
		return;
	if (*key == '[') {
		begin_section(parser, key);
		return;
	}
	value = strchr(key, '=');
	if (!value) {
		complain(parser, "'%s': neither [NAME] nor KEY = VALUE", key);
		return;
	}
	if (!parser->section) {
		complain(parser, "'%s' is in no section: start one with [NAME]", key);
		return;
	}
	end = value;
	*value++ = 0;
	value += strspn(value, " \t");
	while (end > key && isspace((unsigned char)end[-1]))
		*--end = 0;
	if (!*value) {
		complain(parser, "%s has no value", key);
		return;
	}
	for (int i = 0; i < NR_KEYS; i++) {
		if (strcmp(key, keys[i]))
			continue;
		if (has(parser, i)) {
			complain(parser, "%s is there twice", key);
			return;
		}
		parser->seen |= 1U << i;
		parse_key(parser, i, value);
		return;
	}
	complain(parser, "'%s' is no key", key);
}

/* Of a line that is too long, the rest is passed over. False: there is none left. */
static bool read_line(struct parser *parser, FILE *file, char *line)
{
	bool too_long = false, binary = false;
	size_t len = 0;
	int c;

	while ((c = fgetc(file)) != EOF && c != '\n') {
		binary |= !c;
		if (len + 1 < MAX_LINE)
			line[len++] = c;
		else
			too_long = true;
	}
	if (c == EOF && !len)
		return false;
	line[len] = 0;
	parser->line++;
	if (too_long)
		complain(parser, "longer than %d characters", MAX_LINE - 1);
	else if (binary)
		complain(parser, "a zero byte: this is no text");
	if (too_long || binary)
		line[0] = 0;
	return true;
}

/* Appends to @list; returns -EINVAL if anything in the file was wrong. */
int config_parse(FILE *file, const char *name, struct config **list)
{
	struct parser parser = { .file = name, .last = list };
	char line[MAX_LINE];

	while (*parser.last)
		parser.last = &(*parser.last)->next;
	while (read_line(&parser, file, line))
		parse_line(&parser, line);
	if (ferror(file))
		complain(&parser, "%s", strerror(errno));
	end_section(&parser);
	return parser.errors ? -EINVAL : 0;
}

bool same_serials(const uint64_t *a, unsigned int nr_a, const uint64_t *b,
			 unsigned int nr_b)
{
	if (nr_a != nr_b)
		return false;
	/* In whatever order; none is in there twice. */
	for (unsigned int i = 0; i < nr_a; i++) {
		bool found = false;

		for (unsigned int k = 0; k < nr_b; k++)
			found |= a[i] == b[k];
		if (!found)
			return false;
	}
	return true;
}

bool config_same_device(const struct config *a, const struct config *b)
{
	if (a->match_kind != b->match_kind)
		return false;
	if (a->match_kind == MATCH_SERIAL)
		return same_serials(a->serials, a->nr_serials, b->serials, b->nr_serials);
	return !strcasecmp(a->match, b->match);
}

/* The same device in two sections: the first one stays. */
static int drop_duplicates(struct config *list)
{
	int rc = 0;

	for (struct config *config = list; config; config = config->next) {
		struct config **other = &config->next;

		while (*other) {
			struct config *again = *other;

			if (!config_same_device(again, config)) {
				other = &again->next;
				continue;
			}
			error("%s:%u: [%s] is for %s = %s, as is [%s] at %s:%u", again->file,
			      again->line, again->name, config_match_name(again->match_kind),
			      again->match, config->name, config->file, config->line);
			*other = again->next;
			free_section(again);
			rc = -EINVAL;
		}
	}
	return rc;
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       !strcmp(entry->d_name + len - 5, ".conf");
}

int config_read(const char *dir, struct config **list)
{
	struct dirent **entries;
	int n, rc = 0;

	*list = NULL;
	n = scandir(dir, &entries, is_conf, alphasort);
	if (n < 0) {
		if (errno == ENOENT)
			return 0;
		rc = -errno;
		error("%s: %s", dir, strerror(errno));
		return rc;
	}
	for (int i = 0; i < n; i++) {
		char path[4096];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		free(entries[i]);
		file = fopen(path, "re");
		if (!file) {
			error("%s: %s", path, strerror(errno));
			rc = -errno;
			continue;
		}
		if (config_parse(file, path, list))
			rc = -EINVAL;
		fclose(file);
	}
	free(entries);
	return drop_duplicates(*list) ? -EINVAL : rc;
}

bool config_matches(const struct config *config, const char *daxdev,
		    const struct identity *id)
{
	switch (config->match_kind) {
	case MATCH_REGION:
		return !strcmp(config->match, id->cxl_region);
	case MATCH_UUID:
		return !strcasecmp(config->match, id->nvdimm_uuid);
	case MATCH_DAX:
		return !strcmp(config->match, daxdev);
	case MATCH_SERIAL:
		return same_serials(config->serials, config->nr_serials, id->serials,
				    id->nr_serials);
	default:
		return false;
	}
}

const struct config *config_find(const struct config *list, const char *daxdev,
				 const struct identity *id)
{
	for (; list; list = list->next)
		if (config_matches(list, daxdev, id))
			return list;
	return NULL;
}

bool config_has_serial(const struct config *config, uint64_t serial)
{
	for (unsigned int i = 0; i < config->nr_serials; i++)
		if (config->serials[i] == serial)
			return true;
	return false;
}
