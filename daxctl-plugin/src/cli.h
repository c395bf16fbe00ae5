/* SPDX-License-Identifier: GPL-2.0 */
/* What there is of commands, and what all files share. */
#ifndef _DAXCTL_MEMMAP_CLI_H_
#define _DAXCTL_MEMMAP_CLI_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <daxctl/libdaxctl-memmap.h>

#include "../lib/sysfs.h"

/* Exit status; also what a command returns. */
enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,	/* for verify: what there is differs from what was requested */
	STATUS_USAGE = 2,	/* for verify also: it could not be found out */
	STATUS_NOTHING = 3,	/* verify: no device is system RAM */
};

#define PROG "daxctl-memmap"
#ifndef CONFIG_DIR
#define CONFIG_DIR "/etc/daxctl-memmap.conf.d"
#endif

struct command {
	const char *name;
	int (*run)(int argc, char **argv, struct daxctl_ctx *ctx);
	const char *help;
	bool answers;		/* status 1 is an answer: trouble is 2 */
	const char *arguments;	/* for completion: words, and kinds of devices */
};

extern bool verbose;

int cmd_list(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_plan(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_reconfigure(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_verify(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_onboard(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_check_config(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_apply_config(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_boot_default(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_show(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_status(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_why_busy(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_undo(int argc, char **argv, struct daxctl_ctx *ctx);
int cmd_forget(int argc, char **argv, struct daxctl_ctx *ctx);

#endif
