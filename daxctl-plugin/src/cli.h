/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of daxctl-memmap share. */
#ifndef _DAXCTL_MEMMAP_CLI_H_
#define _DAXCTL_MEMMAP_CLI_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <json-c/json.h>

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

/* main.c */

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

/* messages.c: everything but results goes to stderr */

void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* From here on, behind @indent: they are what was asked for. */
void notes_to_stdout(const char *indent);
/* What to do about the error before. */
void hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The last error of the object, with its hint. */
void report(struct daxctl_memmap *memmap);
/* "auto", "none" or "json"; false: none of them. NULL: auto. */
bool progress_set(const char *how);
/* A step that can take a while begins. */
void progress_step(const char *name, const char *what);
/* On a terminal only, and not more often than can be read. */
void progress(const char *name, const char *of, const char *what, unsigned int done,
	      unsigned int total);
void progress_end(void);
/* Ctrl-C, SIGTERM and SIGHUP are noticed, not obeyed, so that work can be undone. */
void catch_signals(void);
void hold_signals(bool hold);
bool interrupted(void);
/* What the kernel has logged about memory since the mark. */
void kernel_log_mark(void);
bool kernel_log_reason(char *buf, size_t size);
/* "2.00 GiB", as in tables. */
const char *human_size(uint64_t bytes, char *buf, size_t size);

/* options.c */

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

/* complete.c */

/* For the shells: what can stand in place of the last of the words. */
int complete(int nr, char **words, const struct command *commands, size_t nr_commands);
/* False: the command is run, and not asked for this. */
bool complete_options(const struct opts *opts);

/* devices.c */

/*
 * Call @fn for each device that @names (or "all") and @region choose. Goes on
 * after a failure and does not lose it. @done counts successes.
 */
int for_devices(struct daxctl_ctx *ctx, char **names, int nr_names,
		const char *region,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data,
		unsigned int *done);
/* True, with an error, for a command that needs the names of devices and has none. */
bool no_devices_named(int argc, char **argv, int first, const char *region);
/* Calls @fn, if @rc of making the object is 0, reports what failed otherwise, and drops it. */
int use_memmap(struct daxctl_memmap *memmap, int rc,
	       int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);
/* The device by its name, NULL if there is none. */
struct daxctl_dev *find_device(struct daxctl_ctx *ctx, const char *name);
/* After something changed: devices are read from sysfs anew. NULL, with an error. */
struct daxctl_ctx *fresh_context(void);
struct cxl_ctx;
struct cxl_ctx *fresh_cxl_context(void);

#define MAX_SERIALS 32

/* What a device is made of, as far as sysfs tells. */
struct identity {
	char cxl_region[32];
	uint64_t serials[MAX_SERIALS];
	unsigned int nr_serials;
	char nvdimm_uuid[40];
	bool map_dev;		/* its namespace has a memmap already, on the device */
};

void identify(const char *daxdev, struct identity *id);
/* A warning, once for all that ask what a device is made of. */
void not_sensible(const char *dir, const char *file);

/* cxl.c */

/* Serial numbers of the memory devices of id->cxl_region: of all, or none, which is said. */
void region_serials(struct identity *id);

/* json.c */

#define JSON_HUMAN 1

struct json_object *json_size(uint64_t bytes, unsigned long flags);
void json_add(struct json_object *object, const char *key, struct json_object *value);
void json_add_string(struct json_object *object, const char *key, const char *value);
struct json_object *json_device(struct daxctl_memmap *memmap, unsigned long flags);
void json_plan_figures(struct json_object *object,
		       const struct daxctl_memmap_plan *plan, unsigned long flags);
/* An array; with JSON_HUMAN, what is alone in it. Consumes @array. */
void json_print(struct json_object *array, unsigned long flags);

/* convert.c: a device from what it is to what it should be, or back to what it was */

struct block_states;	/* journal.h */

enum zone { ZONE_ANY, ZONE_MOVABLE, ZONE_KERNEL };

struct target {
	bool system_ram;
	enum daxctl_memmap_policy policy;	/* NONE: as it is */
	bool online;
	enum zone zone;
	bool force;		/* take memory offline if need be */
	bool fresh;		/* it came just now: whoever made it takes it away */
	bool dry_run;
	bool unbound;		/* with devdax: no driver */
	const struct block_states *blocks;	/* instead of @online: each as it was */
};

int convert(struct daxctl_memmap *memmap, const struct target *target);
/* All of its memory, whatever signal comes; for a device that is to go. */
int take_offline(struct daxctl_memmap *memmap);
/* Until kmem, which has the device, has done with adding it. */
void wait_for_kmem(const char *name);

/* compare.c: a device, and what it should be */

bool has_policy(struct daxctl_memmap *memmap, enum daxctl_memmap_policy policy);
/* Memory blocks that are not online where they should be. */
unsigned int count_to_online(struct daxctl_memmap *memmap, const struct target *target);
/* As far as the kernel reports it; if not, @why says what is different. */
bool is_as_requested(struct daxctl_memmap *memmap, const struct target *target, char *why,
		     size_t size);

/* hugepages.c */

struct hugepages {
	uint64_t size;		/* of a page, in bytes; 0: none */
	uint64_t nr;		/* 0: all that are possible */
};

/* "1G" or "2M:512", where @target has such pages; false, with an error, if not. */
bool hugepages_parse(const char *text, const struct target *target, struct hugepages *request);
/* On the node of the device; says how many there are of how many possible. */
int hugepages_reserve(struct daxctl_memmap *memmap, const struct hugepages *request);

/* onboard.c */

#define MAX_EACH 256	/* memory devices, one by one */

/* How a region is to be made; "" and 0: as suits the devices. */
struct region_request {
	char decoder[32];
	uint64_t size;
	unsigned int granularity;
};

struct onboarding {
	const char **memdevs;
	unsigned int nr_memdevs;
	struct region_request region;
	bool verify;		/* measured, and undone if it is not so */
	bool persist;
	bool no_wait;		/* for devices that are not ready: as it is now */
	struct target target;
};

/* On success, the name of the dax device is in @daxdev. */
int onboard(const struct onboarding *job, char *daxdev, size_t size);
struct record;		/* journal.h */
/* Of a region that onboard made: its dax device is no system RAM any longer, and it goes. */
int undo_onboard(const struct record *record, bool dry_run);
/* As the device is now: a step before may have made it, or changed it. */
int with_dax(const char *name, int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);

/* config.c */

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
/* "system-ram, memmap range, online movable" */
void describe_target(const struct target *target, char *text, size_t size);
bool config_has_serial(const struct config *config, uint64_t serial);
const char *config_match_name(enum match_kind kind);
bool is_uuid(const char *text);
/* "PREFIX" and a number: region0; if @dotted: dax0.0. */
bool is_name(const char *text, const char *prefix, bool dotted);

/* others.c */

/*
 * daxctl itself reconfigures the NVDIMM namespace of a device when it comes, as a file of
 * its configuration says, whose name is put in @path.
 */
bool daxctl_configures(struct daxctl_memmap *memmap, const struct identity *id, char *path,
		       size_t size);
/* A udev rule that onlines memory blocks; with @path of its file. */
bool udev_onlines_memory(char *path, size_t size);

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

/* planned.c: objects for what is no DAX device yet, as for_devices() has those of others */

int plan_planned(const struct daxctl_memmap_hardware *hardware,
		 int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);
/* A CXL memory device: the region that onboard would make of it, or that it is part of. */
int plan_memdev(struct daxctl_ctx *ctx, char *name,
		int (*fn)(struct daxctl_memmap *memmap, void *data), void *data);

/* lock.c */

int take_lock(void);

#endif
