/* SPDX-License-Identifier: GPL-2.0 */
/* Options of a command as a table, words of users, and completion. */
#ifndef _DAXCTL_MEMMAP_OPTIONS_H_
#define _DAXCTL_MEMMAP_OPTIONS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cli.h"

struct command;

enum opt_kind { OPT_FLAG, OPT_CLEAR, OPT_STRING };

struct opt {
	char letter;
	const char *name;
	enum opt_kind kind;
	void *value;		/* bool, or const char * */
	const char *arg;
	const char *help;
	char excludes;		/* options with the same letter here exclude each other */
};

struct opts {
	const char *usage;
	const char *summary;
	const struct opt *table;
	size_t nr;
};

/* What onboard and reconfigure-device have in common. */
struct ram_options {
	const char *memmap;
	bool no_online, movable, no_movable;
	bool dry_run, persist, human;
	const char *progress;
};

#define RAM_OPTIONS(_o) \
	{ 'M', "memmap", OPT_STRING, &(_o).memmap, "POLICY", "where the memmap goes: dram, block, range or auto" }, \
	{ 'N', "no-online", OPT_FLAG, &(_o).no_online, NULL, "leave the memory offline" }, \
	{ 0, "movable", OPT_FLAG, &(_o).movable, NULL, "online it movable, also what the host has onlined otherwise", 'z' }, \
	{ 0, "no-movable", OPT_FLAG, &(_o).no_movable, NULL, "online it to a kernel zone: it cannot be counted on to go offline again", 'z' }, \
	{ 'n', "dry-run", OPT_FLAG, &(_o).dry_run, NULL, "say what would be done" }, \
	{ 0, "persist", OPT_FLAG, &(_o).persist, NULL, "do it at every boot: write a file in " CONFIG_DIR }, \
	{ 0, "progress", OPT_STRING, &(_o).progress, "HOW", "auto (on a terminal), none, or json: a line for each step" }, \
	{ 'u', "human", OPT_FLAG, &(_o).human, NULL, "numbers for people" }, \
	{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" }

struct target;
/* What they ask for, with system-ram; an error, and false, if that makes no sense. */
bool ram_target(const char *command, const struct ram_options *options, struct target *target);

/* Index of the first argument that is no option; -1: exit with *status. */
int parse_options(int argc, char **argv, const struct opts *opts, int *status);
/* -EINVAL if @text does not begin with a number; @end: what follows it. */
int parse_number(const char *text, uint64_t *value, char **end);
int parse_size(const char *text, uint64_t *bytes);
int parse_granularity(const char *text, unsigned int *bytes);
bool is_uuid(const char *text);
/* "PREFIX" and a number: region0; if @dotted: dax0.0. */
bool is_name(const char *text, const char *prefix, bool dotted);

/* complete.c */

/* For the shells: what can stand in place of the last of the words. */
int complete(int nr, char **words, const struct command *commands, size_t nr_commands);
/* False: the command is run, and not asked for this. */
bool complete_options(const struct opts *opts);

#endif
