// SPDX-License-Identifier: GPL-2.0
/* Options of a command as a table: parsing, --help, and completion. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "convert.h"
#include "messages.h"
#include "options.h"

#define MAX_OPTIONS 32
#define OPT_HELP 1000
#define OPT_LIST_OPTS 1001

static void print_help(const struct opts *opts)
{
	char left[64];

	printf("usage: %s\n\n%s\n\n", opts->usage, opts->summary);
	for (size_t i = 0; i < opts->nr; i++) {
		const struct opt *opt = &opts->table[i];
		char letter[8] = "    ";

		if (opt->letter)
			snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, opt->name,
			 opt->arg ? "=" : "", opt->arg ? opt->arg : "");
		printf("    %-28s %s\n", left, opt->help);
	}
	printf("    %-28s %s\n", "-h, --help", "this text; the whole story is in the man page");
}

static void print_names(const struct opts *opts)
{
	for (size_t i = 0; i < opts->nr; i++)
		printf("--%s%s\n", opts->table[i].name, opts->table[i].arg ? "=" : "");
	printf("--help\n");
}

static const struct opt *find(const struct opts *opts, int value)
{
	for (size_t i = 0; i < opts->nr; i++)
		if (value == (int)i + 1 ||
		    (value >= ' ' && value < 127 && opts->table[i].letter == value))
			return &opts->table[i];
	return NULL;
}

static void bad_option(char **argv, bool needs_argument)
{
	char letter[] = { '-', optopt, 0 };
	const char *name = optopt > ' ' && optopt < 127 ? letter : argv[optind - 1];

	if (needs_argument)
		error("%s %s: needs an argument", argv[0], name);
	else if (optopt && name != letter && strchr(name, '='))
		/* It knows the name, and nothing that follows an '='. */
		error("%s %s: takes no argument", argv[0], name);
	else
		error("%s %s: no such option, or ambiguous", argv[0], name);
	hint("options: " PROG " %s --help", argv[0]);
}

/* The tables of getopt_long(). */
static void make_tables(const struct opts *opts, struct option *longs, char *shorts)
{
	size_t len = strlen(shorts);

	if (opts->nr > 30)
		abort();	/* letters start at 32, options are 1 to 31 */
	for (size_t i = 0; i < opts->nr; i++) {
		const struct opt *opt = &opts->table[i];

		longs[i] = (struct option) {
			opt->name,
			opt->kind == OPT_STRING ? required_argument : no_argument,
			NULL, i + 1
		};
		if (opt->letter) {
			shorts[len++] = opt->letter;
			if (opt->kind == OPT_STRING)
				shorts[len++] = ':';
		}
	}
	longs[opts->nr] = (struct option){ "help", no_argument, NULL, OPT_HELP };
	longs[opts->nr + 1] = (struct option){ "list-opts", no_argument, NULL, OPT_LIST_OPTS };
}

int parse_options(int argc, char **argv, const struct opts *opts, int *status)
{
	struct option longs[MAX_OPTIONS + 3] = { { 0 } };
	const struct opt *used[MAX_OPTIONS];
	char shorts[MAX_OPTIONS * 2 + 4] = ":h";
	size_t nr_used = 0;
	int value;

	*status = STATUS_OK;
	if (complete_options(opts))
		return -1;
	make_tables(opts, longs, shorts);
	*status = STATUS_USAGE;
	optind = 1;
	opterr = 0;
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *opt;

		if (value == 'h' || value == OPT_HELP) {
			print_help(opts);
			*status = STATUS_OK;
			return -1;
		}
		if (value == OPT_LIST_OPTS) {
			print_names(opts);
			*status = STATUS_OK;
			return -1;
		}
		opt = value == '?' || value == ':' ? NULL : find(opts, value);
		if (!opt) {
			bad_option(argv, value == ':');
			return -1;
		}
		for (size_t i = 0; opt->excludes && i < nr_used; i++) {
			if (used[i] == opt || used[i]->excludes != opt->excludes)
				continue;
			error("%s: --%s and --%s exclude each other", argv[0],
			      used[i]->name, opt->name);
			return -1;
		}
		if (nr_used < ARRAY_SIZE(used))
			used[nr_used++] = opt;
		if (opt->kind == OPT_STRING)
			*(const char **)opt->value = optarg;
		else
			*(bool *)opt->value = opt->kind == OPT_FLAG;
	}
	return optind;
}

/*
 * Decimal, or 0x and hexadecimal. Not 010, which C takes for eight, and whoever copies a
 * serial number for ten or sixteen.
 */
int parse_number(const char *text, uint64_t *value, char **end)
{
	if (!isdigit((unsigned char)text[0]) ||
	    (text[0] == '0' && isdigit((unsigned char)text[1])))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, end, 0);
	return errno ? -EINVAL : 0;
}

/* "256M", "1G", "0x10000000"; binary suffixes as in the kernel's parameters. */
int parse_size(const char *text, uint64_t *bytes)
{
	static const char suffixes[] = "KMGTPE";
	const char *suffix;
	uint64_t value;
	int shift = 0;
	char *end;

	if (parse_number(text, &value, &end))
		return -EINVAL;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix)
			return -EINVAL;
		shift = 10 * (int)(suffix - suffixes + 1);
		end++;
		if (!strcmp(end, "iB"))
			end += 2;
	}
	if (*end || !value || value > UINT64_MAX >> shift)
		return -EINVAL;
	*bytes = value << shift;
	return 0;
}

/* What CXL can interleave with. */
int parse_granularity(const char *text, unsigned int *bytes)
{
	uint64_t value;

	if (parse_size(text, &value) || value < 256 || value > 16384 || (value & (value - 1)))
		return -EINVAL;
	*bytes = value;
	return 0;
}

bool ram_target(const char *command, const struct ram_options *options, struct target *target)
{
	int policy = DAXCTL_MEMMAP_NONE;

	if (options->memmap)
		policy = daxctl_memmap_policy_parse(options->memmap);
	if (policy < 0) {
		error("%s: --memmap=%s: it is dram, block, range or auto", command,
		      options->memmap);
		return false;
	}
	if (!progress_set(options->progress)) {
		error("%s: --progress=%s: it is auto, none or json", command, options->progress);
		return false;
	}
	if (options->no_online && (options->movable || options->no_movable)) {
		error("%s: --no-online and --(no-)movable exclude each other", command);
		return false;
	}
	*target = (struct target) {
		.system_ram = true,
		.policy = policy,
		.online = !options->no_online,
		.zone = options->no_movable ? ZONE_KERNEL :
			options->movable ? ZONE_MOVABLE : ZONE_ANY,
		.dry_run = options->dry_run,
	};
	return true;
}

bool is_uuid(const char *text)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return !text[36];
}

bool is_name(const char *text, const char *prefix, bool dotted)
{
	size_t len = strlen(prefix), digits;

	if (strncmp(text, prefix, len))
		return false;
	text += len;
	digits = strspn(text, "0123456789");
	if (!digits || !dotted)
		return digits && !text[digits];
	text += digits;
	if (*text++ != '.')
		return false;
	digits = strspn(text, "0123456789");
	return digits && !text[digits];
}
