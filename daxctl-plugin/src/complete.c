// SPDX-License-Identifier: GPL-2.0
/*
 * --complete WORD ...: what can stand in place of the last word, one per line, for the
 * completion of any shell. ":dir" stands for folders.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "options.h"

#define CXL_DEVICES "/sys/bus/cxl/devices"
#define POLICIES "dram block range auto"

/* What is wanted, while a command runs for its options. */
static struct {
	bool on;
	const char *last;	/* the word that is completed */
	const char *before;	/* "" if that is the command */
	const char *arguments;
} wanted = { false, "", "", "" };

/* By what stands for the value in --help, or by the option's name. */
static const struct { const char *of, *values; } option_values[] = {
	{ "POLICY", POLICIES },
	{ "MODE", "system-ram devdax" },
	{ "HOW", "auto none json" },
	{ "WHEN", "auto always never" },
	{ "BYTES", "256 512 1024 2048 4096 8192 16384" },
	{ "SIZE[:N]", "1G 2M" },
	{ "page-size", "4K 16K 64K" },
	{ "REGION", "@region" },
	{ "DECODER", "@decoder" },
	{ "DEV", "@dax" },
	{ "DIR", ":dir" },
};

static void offer(const char *prefix, const char *word, const char *begun)
{
	if (!strncmp(word, begun, strlen(begun)) || word[0] == ':')
		printf("%s%s\n", word[0] == ':' ? "" : prefix, word);
}

static int is_dax(const struct dirent *entry)
{
	uint64_t size;

	/* One without a size is the seed of the next. */
	return is_name(entry->d_name, "dax", true) &&
	       (sysfs_read_u64(&size, 0, DAX_DEVICES "/%s/size", entry->d_name) || size);
}

static int is_memdev(const struct dirent *entry)
{
	return is_name(entry->d_name, "mem", false);
}

static int is_region(const struct dirent *entry)
{
	uint64_t size;

	return is_name(entry->d_name, "region", false) &&
	       (sysfs_read_u64(&size, 0, CXL_DEVICES "/%s/size", entry->d_name) || size);
}

static int is_root_decoder(const struct dirent *entry)
{
	return is_name(entry->d_name, "decoder0.", false);
}

static const struct {
	const char *word;
	const char *dir;
	int (*is)(const struct dirent *entry);
} devices[] = {
	{ "@dax", DAX_DEVICES, is_dax },
	{ "@mem", CXL_DEVICES, is_memdev },
	{ "@region", CXL_DEVICES, is_region },
	{ "@decoder", CXL_DEVICES, is_root_decoder },
};

static void offer_devices(const char *word, const char *prefix, const char *begun)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		struct dirent **entries;
		int n;

		if (strcmp(word, devices[i].word))
			continue;
		n = scandir(devices[i].dir, &entries, devices[i].is, alphasort);
		for (int k = 0; k < n; k++) {
			offer(prefix, entries[k]->d_name, begun);
			free(entries[k]);
		}
		if (n >= 0)
			free(entries);
	}
}

/* Words with blanks between them. */
static void offer_all(const char *words, const char *prefix, const char *begun)
{
	char text[256], *word, *save;

	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (word[0] == '@')
			offer_devices(word, prefix, begun);
		else
			offer(prefix, word, begun);
}

static const struct opt *find_option(const struct opts *opts, const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < opts->nr; i++) {
		const struct opt *opt = &opts->table[i];

		if (word[0] == '-' && word[1] == '-' ? length == strlen(opt->name) + 2 &&
						       !strncmp(word + 2, opt->name, length - 2) :
						       word[0] == '-' && word[1] &&
						       word[1] == opt->letter && !word[2])
			return opt->kind == OPT_STRING ? opt : NULL;
	}
	return NULL;
}

static void offer_values(const struct opt *opt, const char *prefix, const char *begun)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_values); i++)
		if (!strcmp(option_values[i].of, opt->arg) ||
		    !strcmp(option_values[i].of, opt->name))
			offer_all(option_values[i].values, prefix, begun);
}

static void offer_options(const struct opts *opts)
{
	char word[64];

	for (size_t i = 0; i < opts->nr; i++) {
		snprintf(word, sizeof(word), "--%s%s", opts->table[i].name,
			 opts->table[i].arg ? "=" : "");
		offer("", word, wanted.last);
	}
	offer("", "--help", wanted.last);
}

bool complete_options(const struct opts *opts)
{
	const struct opt *opt;
	const char *equals;
	char prefix[64];

	if (!wanted.on)
		return false;
	equals = strchr(wanted.last, '=');
	if (equals) {
		snprintf(prefix, sizeof(prefix), "%.*s", (int)(equals - wanted.last + 1),
			 wanted.last);
		opt = find_option(opts, wanted.last);
		if (opt)
			offer_values(opt, prefix, equals + 1);
		else if (wanted.last[0] != '-' && strchr(wanted.arguments, '='))
			offer_all(POLICIES, prefix, equals + 1);
		return true;
	}
	opt = strchr(wanted.before, '=') ? NULL : find_option(opts, wanted.before);
	if (opt)
		offer_values(opt, "", wanted.last);
	else if (wanted.last[0] == '-')
		offer_options(opts);
	else
		offer_all(wanted.arguments, "", wanted.last);
	return true;
}

/* The command, and what comes before it. */
int complete(int nr, char **words, const struct command *commands, size_t nr_commands)
{
	const char *last = nr ? words[nr - 1] : "";
	int i = 0;

	while (i < nr - 1 && words[i][0] == '-')
		i++;
	if (i >= nr - 1 || !strcmp(words[i], "help")) {
		if (last[0] == '-')
			offer_all("--help --list-cmds --verbose --version", "", last);
		for (size_t c = 0; c < nr_commands; c++)
			offer("", commands[c].name, last);
		return STATUS_OK;
	}
	for (size_t c = 0; c < nr_commands; c++) {
		char *argv[] = { words[i], NULL };

		if (strcmp(commands[c].name, words[i]))
			continue;
		wanted.on = true;
		wanted.last = last;
		wanted.before = i == nr - 2 ? "" : words[nr - 2];
		wanted.arguments = commands[c].arguments;
		commands[c].run(1, argv, NULL);
	}
	return STATUS_OK;
}
