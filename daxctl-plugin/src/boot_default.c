// SPDX-License-Identifier: GPL-2.0
/*
 * boot-default: the policy that a class of memory has from the kernel's start on, as words
 * of its command line. For memory that is added and online before udev starts a unit, such
 * as that of CXL regions that firmware has made.
 */
#include <errno.h>
#include <glob.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "convert.h"
#include "lines.h"
#include "messages.h"
#include "options.h"

#define PREFIX "mhp_altmap."
#define PARAMETERS "/sys/module/mhp_altmap/parameters"
#define GRUB_DIR "/etc/default/grub.d"
#define GRUB_MAIN "/etc/default/grub"
#define GRUB_FILE GRUB_DIR "/daxctl-memmap.cfg"
#define CMDLINE_FILE "/etc/kernel/cmdline"
#define MAX_CMDLINE 4096	/* more than a kernel takes */

static const char * const classes[] = { "cxl", "pmem", "hmem", "dimm" };
#define NR_CLASSES ARRAY_SIZE(classes)

/* Policies by class, NONE where nothing is said. */
struct defaults {
	enum daxctl_memmap_policy policy[NR_CLASSES];
	bool given[NR_CLASSES];
};

static int find_class(const char *word, size_t length)
{
	for (size_t i = 0; i < NR_CLASSES; i++)
		if (strlen(classes[i]) == length && !strncmp(classes[i], word, length))
			return i;
	return -1;
}

/*--- a command line -----------------------------------------------------------*/

/* Whose default the word sets; -1: it is another one. */
static int class_of_word(const char *word, size_t length)
{
	const size_t prefix = strlen(PREFIX);
	const char *equals = memchr(word, '=', length);

	if (!equals || strncmp(word, PREFIX, prefix))
		return -1;
	return find_class(word + prefix, equals - word - prefix);
}

#define BLANKS " \t\n"

static size_t next_word(const char **text, const char *separators)
{
	*text += strspn(*text, separators);
	return strcspn(*text, separators);
}

/* The last word for a class counts, as for the kernel. Also of what has quotes around it. */
static void read_defaults(const char *text, struct defaults *defaults)
{
	size_t length;

	for (; (length = next_word(&text, BLANKS "\"'")); text += length) {
		int class = class_of_word(text, length), policy;
		char word[64];

		if (class < 0)
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		policy = daxctl_memmap_policy_parse(strchr(word, '=') + 1);
		defaults->given[class] = policy > 0;
		defaults->policy[class] = policy > 0 ? policy : DAXCTL_MEMMAP_NONE;
	}
}

static int append(char *out, size_t size, const char *text, size_t length)
{
	size_t used = strlen(out);

	if (used + length >= size)
		return -E2BIG;
	snprintf(out + used, size - used, "%.*s", (int)length, text);
	return 0;
}

static void make_word(const struct defaults *defaults, size_t class, char *word, size_t size)
{
	snprintf(word, size, PREFIX "%s=%s", classes[class],
		 daxctl_memmap_policy_name(defaults->policy[class]));
}

/* @text with the words for classes that are @given, and no others of them; all else stays. */
static int change_words(const char *text, const struct defaults *defaults, char *out,
			size_t size)
{
	bool there[NR_CLASSES] = { false };
	const char *from = text;
	char word[64];
	size_t length;
	int rc = 0;

	out[0] = 0;
	for (; !rc && (length = next_word(&text, BLANKS)); text += length) {
		int class = class_of_word(text, length);

		if (class < 0 || !defaults->given[class])
			continue;
		make_word(defaults, class, word, sizeof(word));
		if (!there[class] && strlen(word) == length && !strncmp(word, text, length)) {
			there[class] = true;
			continue;
		}
		rc = append(out, size, from, text - from);
		from = text + length + strspn(text + length, BLANKS);
	}
	if (!rc)
		rc = append(out, size, from, strlen(from));
	for (length = strlen(out); length && strchr(BLANKS, out[length - 1]); length--)
		out[length - 1] = 0;
	for (size_t i = 0; !rc && i < NR_CLASSES; i++) {
		if (!defaults->given[i] || !defaults->policy[i] || there[i])
			continue;
		make_word(defaults, i, word, sizeof(word));
		rc = out[0] ? append(out, size, " ", 1) : 0;
		if (!rc)
			rc = append(out, size, word, strlen(word));
	}
	return rc;
}

/*--- files and programs ---------------------------------------------------------*/

/* "" if there is none. */
static int read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n;
	int rc = 0;

	text[0] = 0;
	if (!file)
		return errno == ENOENT ? 0 : -errno;
	n = fread(text, 1, size - 1, file);
	text[n] = 0;
	if (ferror(file))
		rc = -EIO;
	else if (n == size - 1)
		rc = -EFBIG;
	fclose(file);
	return rc;
}

/* Removes it if there is nothing to write. */
static int write_text(const char *path, const char *text)
{
	struct lines lines = { 0 };
	char temporary[256];
	struct stat st;
	int rc;

	if (!stat(path, &st))
		lines.mode = st.st_mode & 07777;
	if (!text[0])
		return unlink(path) && errno != ENOENT ? -errno : 0;
	snprintf(temporary, sizeof(temporary), "%s.daxctl-memmap", path);
	lines_insertf(&lines, 0, "%s", text);
	rc = lines.failed ? -ENOMEM : lines_write(path, temporary, &lines);
	lines_free(&lines);
	return rc;
}

static bool has_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char file[512];

	for (; path && *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, name);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

/* Its output is no result of ours. */
static int run_program(const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int rc, status;
	pid_t pid;

	note("running %s", argv[0]);
	fflush(stdout);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc) {
		error("%s: %s", argv[0], strerror(rc));
		return -rc;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		error("%s failed", argv[0]);
		return -EIO;
	}
	return 0;
}

/*--- boot loaders ---------------------------------------------------------------*/

struct loader {
	const char *name;
	bool (*is_used)(void);
	int (*read)(struct defaults *defaults);
	int (*change)(const struct defaults *defaults, bool dry_run);
};

/* If @update fails, the file is put back. */
static int replace_file(const char *path, const char *text, const char *const update[],
			bool dry_run)
{
	const bool existed = !access(path, F_OK);
	char before[MAX_CMDLINE + 256];
	int rc = read_text(path, before, sizeof(before));

	if (!rc && !strcmp(before, text)) {
		note("%s: nothing to change", path);
		return 0;
	}
	if (!rc && dry_run) {
		note(text[0] ? "would write %s and run %s" : "would remove %s and run %s", path,
		     update[0]);
		return 0;
	}
	if (!rc)
		rc = write_text(path, text);
	if (rc) {
		error("%s: %s", path, strerror(-rc));
		return rc;
	}
	note(text[0] ? "wrote %s" : "removed %s", path);
	rc = run_program(update);
	if (!rc)
		return 0;
	/* An empty file is not none. */
	if (write_text(path, existed && !before[0] ? "\n" : before))
		error("%s: cannot be put back: %s", path, strerror(errno));
	else
		note("%s is as it was", path);
	hint("mend what %s complains of, and repeat this", update[0]);
	return rc;
}

/* Debian's grub-mkconfig reads grub.d; that of others has grubby or kernel-install. */
static bool grub_is_used(void)
{
	return !access(GRUB_MAIN, F_OK) && has_program("update-grub");
}

/* What is between the quotes of our own file. */
static int grub_own(char *words, size_t size)
{
	static const char begin[] = "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX ";
	char text[MAX_CMDLINE + 256], *at, *end;
	int rc = read_text(GRUB_FILE, text, sizeof(text));

	words[0] = 0;
	at = strstr(text, begin);
	if (!at)
		return rc;
	at += strlen(begin);
	end = strchr(at, '"');
	if (end)
		snprintf(words, size, "%.*s", (int)(end - at), at);
	return rc;
}

/* The lines of all other files that grub-mkconfig reads, but for comments. */
static int grub_for_lines(int (*fn)(const char *path, const char *line, void *data), void *data)
{
	glob_t files;
	int rc = 0;

	if (glob(GRUB_MAIN, 0, NULL, &files) ||
	    (glob(GRUB_DIR "/*.cfg", GLOB_APPEND, NULL, &files) == GLOB_NOSPACE)) {
		globfree(&files);
		return -ENOMEM;
	}
	for (size_t i = 0; i < files.gl_pathc && !rc; i++) {
		const char *path = files.gl_pathv[i];
		struct lines lines = { 0 };

		if (!strcmp(path, GRUB_FILE))
			continue;
		rc = lines_read(path, &lines);
		for (size_t k = 0; k < lines.nr && !rc; k++)
			if (lines.line[k][strspn(lines.line[k], BLANKS)] != '#')
				rc = fn(path, lines.line[k], data);
		lines_free(&lines);
	}
	globfree(&files);
	return rc;
}

static int add_defaults(const char *path, const char *line, void *data)
{
	(void)path;
	read_defaults(line, data);
	return 0;
}

static int grub_read(struct defaults *defaults)
{
	char words[MAX_CMDLINE];
	int rc = grub_own(words, sizeof(words));

	read_defaults(words, defaults);
	/* Those of others count: nothing is written beside them. */
	return rc ? rc : grub_for_lines(add_defaults, defaults);
}

static int refuse_others(const char *path, const char *line, void *data)
{
	const struct defaults *defaults = data;
	char text[64];

	for (size_t i = 0; i < NR_CLASSES; i++) {
		snprintf(text, sizeof(text), PREFIX "%s=", classes[i]);
		if (!defaults->given[i] || !strstr(line, text))
			continue;
		error("%s has %s already", path, text);
		hint("change it there, and run update-grub");
		return -EEXIST;
	}
	return 0;
}

static int grub_change(const struct defaults *defaults, bool dry_run)
{
	static const char *const update[] = { "update-grub", NULL };
	char words[MAX_CMDLINE], changed[MAX_CMDLINE], text[MAX_CMDLINE + 256] = "";
	int rc = grub_for_lines(refuse_others, (void *)defaults);

	if (rc == -EEXIST)
		return rc;
	if (!rc)
		rc = grub_own(words, sizeof(words));
	if (!rc)
		rc = change_words(words, defaults, changed, sizeof(changed));
	if (rc) {
		error("GRUB's configuration: %s", strerror(-rc));
		return rc;
	}
	if (changed[0])
		snprintf(text, sizeof(text), "# Written by " PROG " boot-default.\n"
			 "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX %s\"\n", changed);
	if (!dry_run && mkdir(GRUB_DIR, 0755) && errno != EEXIST)
		debug(GRUB_DIR ": %s", strerror(errno));
	return replace_file(GRUB_FILE, text, update, dry_run);
}

static bool grubby_is_used(void)
{
	return has_program("grubby");
}

/* It keeps words for each kernel: those of the one that is started next. */
static int grubby_read(struct defaults *defaults)
{
	FILE *out = popen("grubby --info=DEFAULT", "re");
	char text[MAX_CMDLINE];

	if (!out)
		return -errno;
	while (fgets(text, sizeof(text), out))
		read_defaults(text, defaults);
	return pclose(out) ? -EIO : 0;
}

static int grubby_change(const struct defaults *defaults, bool dry_run)
{
	char add[256] = "--args=", drop[256] = "--remove-args=";
	const char *argv[] = { "grubby", "--update-kernel=ALL", drop, NULL, NULL };

	for (size_t i = 0; i < NR_CLASSES; i++) {
		if (!defaults->given[i])
			continue;
		snprintf(drop + strlen(drop), sizeof(drop) - strlen(drop), PREFIX "%s ",
			 classes[i]);
		if (defaults->policy[i])
			snprintf(add + strlen(add), sizeof(add) - strlen(add), PREFIX "%s=%s ",
				 classes[i], daxctl_memmap_policy_name(defaults->policy[i]));
	}
	if (strcmp(add, "--args="))
		argv[3] = add;
	if (dry_run) {
		note("would run %s %s '%s'%s%s%s", argv[0], argv[1], argv[2],
		     argv[3] ? " '" : "", argv[3] ? argv[3] : "", argv[3] ? "'" : "");
		return 0;
	}
	return run_program(argv);
}

static bool kernel_install_is_used(void)
{
	return !access(CMDLINE_FILE, F_OK) && has_program("kernel-install");
}

static int kernel_install_read(struct defaults *defaults)
{
	char words[MAX_CMDLINE];
	int rc = read_text(CMDLINE_FILE, words, sizeof(words));

	read_defaults(words, defaults);
	return rc;
}

static int kernel_install_change(const struct defaults *defaults, bool dry_run)
{
	static const char *const update[] = { "kernel-install", "add-all", NULL };
	char words[MAX_CMDLINE], changed[MAX_CMDLINE], text[MAX_CMDLINE + 1];
	int rc = read_text(CMDLINE_FILE, words, sizeof(words));

	if (!rc)
		rc = change_words(words, defaults, changed, sizeof(changed));
	if (rc) {
		error(CMDLINE_FILE ": %s", strerror(-rc));
		return rc;
	}
	snprintf(text, sizeof(text), "%s\n", changed);
	return replace_file(CMDLINE_FILE, text, update, dry_run);
}

static const struct loader loaders[] = {
	{ "grubby", grubby_is_used, grubby_read, grubby_change },
	{ "GRUB", grub_is_used, grub_read, grub_change },
	{ "kernel-install", kernel_install_is_used, kernel_install_read, kernel_install_change },
};

static const struct loader *find_loader(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++)
		if (loaders[i].is_used())
			return &loaders[i];
	return NULL;
}

/*--- the command ----------------------------------------------------------------*/

static int show(const struct loader *loader)
{
	struct defaults next = { 0 };
	int rc = loader ? loader->read(&next) : 0;

	if (rc) {
		error("%s: %s", loader->name, strerror(-rc));
		return STATUS_FAILED;
	}
	printf("%-6s %-8s %s\n", "class", "now", "next boot");
	for (size_t i = 0; i < NR_CLASSES; i++) {
		char now[32] = "";

		sysfs_read(now, sizeof(now), PARAMETERS "/%s", classes[i]);
		printf("%-6s %-8s %s\n", classes[i], now[0] ? now : "-", !loader ? "unknown" :
		       next.given[i] ? daxctl_memmap_policy_name(next.policy[i]) : "default");
	}
	return STATUS_OK;
}

static int parse_default(const char *text, struct defaults *defaults)
{
	const char *equals = strchr(text, '=');
	int class = equals ? find_class(text, equals - text) : -1, policy = 0;

	if (class < 0) {
		error("boot-default: '%s': it is cxl, pmem, hmem or dimm, '=', and a policy", text);
		return -EINVAL;
	}
	if (equals[1])
		policy = daxctl_memmap_policy_parse(equals + 1);
	if (policy < 0) {
		error("boot-default: '%s': the policy is dram, block, range or auto, or nothing",
		      text);
		return -EINVAL;
	}
	if (defaults->given[class]) {
		error("boot-default: %s is there twice", classes[class]);
		return -EINVAL;
	}
	defaults->given[class] = true;
	defaults->policy[class] = policy;
	return 0;
}

static int change(const struct loader *loader, const struct defaults *defaults, bool dry_run)
{
	char words[MAX_CMDLINE];

	if (!dry_run && geteuid()) {
		error("boot-default: takes root");
		return STATUS_FAILED;
	}
	if (!loader) {
		change_words("", defaults, words, sizeof(words));
		error("cannot tell how this machine boots: neither grubby, nor update-grub with " GRUB_MAIN ", nor kernel-install with " CMDLINE_FILE);
		hint("put this on the kernel's command line: %s", words[0] ? words : "nothing of it");
		return STATUS_FAILED;
	}
	if (!sysfs_exists(PARAMETERS))
		warn("this kernel has no memmap policies: only one that has them heeds this");
	if (!dry_run && take_lock())
		return STATUS_FAILED;
	if (loader->change(defaults, dry_run))
		return STATUS_FAILED;
	if (!dry_run)
		note("in force from the next boot on");
	return STATUS_OK;
}

int cmd_boot_default(int argc, char **argv, struct daxctl_ctx *ctx)
{
	bool dry_run = false;
	const struct opt table[] = {
		{ 'n', "dry-run", OPT_FLAG, &dry_run, NULL, "say what would be done" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " boot-default [OPTION ...] [CLASS=[POLICY] ...]",
		"The memmap policy of a class of memory (cxl, pmem, hmem, dimm) from the kernel's start\non, for memory that is online before anything else can choose. Without a class: what\nthere is. Without a policy: no default of its own for that class.",
		table, ARRAY_SIZE(table)
	};
	struct defaults defaults = { 0 };
	int status, first;

	(void)ctx;
	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	for (int i = first; i < argc; i++)
		if (parse_default(argv[i], &defaults))
			return STATUS_USAGE;
	return first == argc ? show(find_loader()) : change(find_loader(), &defaults, dry_run);
}
