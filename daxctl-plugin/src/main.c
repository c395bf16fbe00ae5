// SPDX-License-Identifier: GPL-2.0
/* daxctl-memmap: which command, and what all of them have in common. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <cxl/libcxl.h>

#include "cli.h"
#include "devices.h"
#include "messages.h"
#include "options.h"

bool verbose;

static int cmd_help(int argc, char **argv, struct daxctl_ctx *ctx);

static const struct command commands[] = {
	{ "list", cmd_list, "devices, and where their memmap is",
	  .arguments = "@dax all" },
	{ "plan", cmd_plan, "what each policy would cost a device; changes nothing",
	  .arguments = "@dax @mem all" },
	{ "show", cmd_show, "a picture of a device: blocks, memmap, gigantic pages",
	  .arguments = "@dax all" },
	{ "reconfigure-device", cmd_reconfigure, "device to system RAM with a policy, or back",
	  .arguments = "@dax all" },
	{ "verify", cmd_verify, "is the memmap where it was requested?",
	  .answers = true, .arguments = "@dax all" },
	{ "onboard", cmd_onboard, "from a bare CXL memory device to usable memory",
	  .arguments = "@mem all" },
	{ "check-config", cmd_check_config, "what the configuration would do, and to what",
	  .arguments = "" },
	{ "apply-config", cmd_apply_config, "do it; started by udev through systemd",
	  .arguments = "@dax @mem all" },
	{ "status", cmd_status, "the configuration against what is there; for monitoring",
	  .answers = true, .arguments = "" },
	{ "why-busy", cmd_why_busy, "what keeps memory from going offline, and who",
	  .answers = true, .arguments = "@dax all" },
	{ "undo", cmd_undo, "bring the device of the last conversion back",
	  .arguments = "@dax @region" },
	{ "forget", cmd_forget, "take a device out of the configuration",
	  .arguments = "@dax @mem" },
	{ "boot-default", cmd_boot_default, "the policy of a class of memory from the kernel's start on",
	  .arguments = "cxl= pmem= hmem= dimm=" },
	{ "help", cmd_help, "the man page of a command",
	  .arguments = "" },
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void usage(FILE *out)
{
	fprintf(out, "usage: " PROG " [-v] COMMAND [ARG ...]\n\n"
		"Where the memmap goes when device memory becomes system RAM.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "    %-20s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\n    %-20s %s\n    %-20s %s\n    %-20s %s\n"
		"\nOptions of a command: " PROG " COMMAND --help\n",
		"-v, --verbose", "say what is done, and what libdaxctl says",
		"--version", "print the version",
		"--list-cmds", "print the commands, one per line");
}

static int cmd_help(int argc, char **argv, struct daxctl_ctx *ctx)
{
	char page[64];

	(void)ctx;
	if (argc > 2) {
		error("help: one command at a time");
		return STATUS_USAGE;
	}
	if (argc < 2) {
		usage(stdout);
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "--list-opts"))
		return STATUS_OK;
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		printf("usage: " PROG " help [COMMAND]\n");
		return STATUS_OK;
	}
	if (!find_command(argv[1])) {
		error("help: there is no command '%s'", argv[1]);
		hint("see the commands: " PROG " --help");
		return STATUS_USAGE;
	}
	snprintf(page, sizeof(page), PROG "-%s", argv[1]);
	execlp("man", "man", page, (char *)NULL);
	error("cannot run man: %s", strerror(errno));
	hint("instead: " PROG " %s --help", argv[1]);
	return STATUS_FAILED;
}

/* They report what we report ourselves, in other words. */
static void log_from(const char *library, int priority, const char *file, int line,
		     const char *fn, const char *format, va_list args)
{
	(void)priority;
	(void)file;
	(void)line;
	if (!verbose)
		return;
	progress_end();
	fprintf(stderr, "%s: %s: ", library, fn);
	vfprintf(stderr, format, args);
}

static void log_libdaxctl(struct daxctl_ctx *ctx, int priority, const char *file, int line,
			  const char *fn, const char *format, va_list args)
{
	(void)ctx;
	log_from("libdaxctl", priority, file, line, fn, format, args);
}

struct daxctl_ctx *fresh_context(void)
{
	struct daxctl_ctx *ctx;
	int rc = daxctl_new(&ctx);

	if (rc) {
		error("libdaxctl: %s", strerror(-rc));
		return NULL;
	}
	daxctl_set_log_fn(ctx, log_libdaxctl);
	daxctl_set_log_priority(ctx, verbose ? LOG_DEBUG : LOG_ERR);
	return ctx;
}

static void log_libcxl(struct cxl_ctx *ctx, int priority, const char *file, int line,
		       const char *fn, const char *format, va_list args)
{
	(void)ctx;
	log_from("libcxl", priority, file, line, fn, format, args);
}

struct cxl_ctx *fresh_cxl_context(void)
{
	struct cxl_ctx *ctx;
	int rc = cxl_new(&ctx);

	if (rc) {
		error("libcxl: %s", strerror(-rc));
		return NULL;
	}
	cxl_set_log_fn(ctx, log_libcxl);
	cxl_set_log_priority(ctx, verbose ? LOG_DEBUG : LOG_ERR);
	return ctx;
}

/* A full disk shows when the last buffer is written. */
static int finish_output(int status, int trouble)
{
	if (fflush(stdout) || ferror(stdout) || (fclose(stdout) && errno != EBADF)) {
		error("cannot write the output: %s", strerror(errno ? errno : EIO));
		return status > trouble ? status : trouble;
	}
	return status;
}

static int run(const struct command *command, int argc, char **argv, int trouble)
{
	struct daxctl_ctx *ctx = fresh_context();
	int status;

	if (!ctx)
		return trouble;
	status = command->run(argc, argv, ctx);
	progress_end();
	daxctl_unref(ctx);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int i, trouble;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage(stdout);
			return finish_output(STATUS_OK, STATUS_FAILED);
		} else if (!strcmp(argv[i], "--version")) {
			printf("%s\n", VERSION);
			return finish_output(STATUS_OK, STATUS_FAILED);
		} else if (!strcmp(argv[i], "--list-cmds")) {
			for (size_t c = 0; c < ARRAY_SIZE(commands); c++)
				printf("%s\n", commands[c].name);
			return finish_output(STATUS_OK, STATUS_FAILED);
		} else if (!strcmp(argv[i], "--complete")) {
			return finish_output(complete(argc - i - 1, argv + i + 1, commands,
						      ARRAY_SIZE(commands)), STATUS_FAILED);
		} else if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--verbose")) {
			verbose = true;
		} else {
			error("%s: no such option", argv[i]);
			hint("see " PROG " --help");
			return STATUS_USAGE;
		}
	}
	if (i == argc) {
		usage(stderr);
		return STATUS_USAGE;
	}
	command = find_command(argv[i]);
	if (!command) {
		error("there is no command '%s'", argv[i]);
		hint("see the commands: " PROG " --help");
		return STATUS_USAGE;
	}
	trouble = command->answers ? STATUS_USAGE : STATUS_FAILED;
	return finish_output(run(command, argc - i, argv + i, trouble), trouble);
}
