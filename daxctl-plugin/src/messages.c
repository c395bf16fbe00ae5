// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "journal.h"
#include "json.h"
#include "messages.h"

static bool progress_shown;

static const char *note_indent;	/* NULL: notes go to stderr, as all messages do */

static void say_to(FILE *out, const char *kind, const char *fmt, va_list args)
{
	progress_end();
	if (out != stdout)
		fflush(stdout);
	fprintf(out, "%s", kind);
	vfprintf(out, fmt, args);
	fputc('\n', out);
}

static void say(const char *kind, const char *fmt, va_list args)
{
	say_to(stderr, kind, fmt, args);
}

#define SAY(_name, _kind)						\
void _name(const char *fmt, ...)					\
{									\
	va_list args;							\
									\
	va_start(args, fmt);						\
	say(_kind, fmt, args);						\
	va_end(args);							\
}

SAY(error, "error: ")
SAY(warn, "warning: ")
SAY(hint, "  ")

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_to(note_indent ? stdout : stderr, note_indent ? note_indent : "", fmt, args);
	va_end(args);
}

void notes_to_stdout(const char *indent)
{
	note_indent = indent;
}

void debug(const char *fmt, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, fmt);
	say("", fmt, args);
	va_end(args);
}

void report(struct daxctl_memmap *memmap)
{
	error("%s", daxctl_memmap_get_error(memmap));
	if (daxctl_memmap_get_hint(memmap)[0])
		hint("%s", daxctl_memmap_get_hint(memmap));
}

static enum { PROGRESS_AUTO, PROGRESS_NONE, PROGRESS_JSON } how;

bool progress_set(const char *word)
{
	static const char * const words[] = { "auto", "none", "json" };

	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i])) {
			how = i;
			return true;
		}
	return !word;
}

/* A terminal that can erase a line: not a log, nor a serial console. */
static bool on_terminal(void)
{
	const char *term = getenv("TERM");

	return how == PROGRESS_AUTO && isatty(STDERR_FILENO) && term && strcmp(term, "dumb");
}

/* One object on one line. */
static void progress_json(const char *name, const char *what, unsigned int done,
			  unsigned int total, double left)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return;
	json_add_string(object, "device", name);
	json_add_string(object, "step", what);
	if (total) {
		json_add(object, "done", json_object_new_int64(done));
		json_add(object, "total", json_object_new_int64(total));
	}
	if (left >= 0)
		json_add(object, "seconds_left", json_object_new_int64((int64_t)left + 1));
	fprintf(stderr, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
}

void progress_step(const char *name, const char *what)
{
	if (how == PROGRESS_JSON)
		progress_json(name, what, 0, 0, -1);
	if (!on_terminal())
		return;
	progress_end();
	progress_shown = true;
	fprintf(stderr, "\r%s: %s", name, what);
	fflush(stderr);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

void progress(const char *name, const char *of, const char *what, unsigned int done,
	      unsigned int total)
{
	static double first, last;
	const double now = seconds();
	double left = -1;

	if (done <= 1)
		first = now;
	if (done != total && done > 1 && now - last < 0.1)
		return;
	last = now;
	/* Blocks take about the same time each; the first one started the clock. */
	if (done > 1 && done < total)
		left = (now - first) / (done - 1) * (total - done);
	if (how == PROGRESS_JSON)
		progress_json(name, what, done, total, left);
	if (!on_terminal())
		return;
	progress_shown = true;
	fprintf(stderr, "\r%s: %u of %u %s %s", name, done, total, of, what);
	if (now - first > 2 && left >= 1)
		fprintf(stderr, ", %.0f s left", left);
	fputs("\033[K", stderr);
	fflush(stderr);
}

void progress_end(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t got_signal;

static void on_signal(int signal)
{
	got_signal = signal;
}

void catch_signals(void)
{
	/* No SA_RESTART: a long offline ends with EINTR and is undone. */
	struct sigaction action = { .sa_handler = on_signal }, was;

	/* What is ignored, as under nohup, stays so. */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &was) && was.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	/* Who reads the messages may go: work is undone all the same. */
	signal(SIGPIPE, SIG_IGN);
}

/*
 * An undo is not interrupted: a signal would end the offlining or onlining of a memory
 * block, and leave the device half-way.
 */
void hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

bool interrupted(void)
{
	return got_signal;
}

static int kernel_log = -1;

void kernel_log_mark(void)
{
	if (kernel_log < 0)
		kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kernel_log >= 0)
		lseek(kernel_log, 0, SEEK_END);
}

/*
 * The kernel says in its log what errno cannot: which page could not be moved,
 * why a policy was refused.
 */
bool kernel_log_reason(char *buf, size_t size)
{
	static const char * const words[] = {
		"page dumped because: ", "memory offlining [", "memmap",
	};
	char record[1024], *text;
	bool found = false;
	ssize_t n;

	if (kernel_log < 0)
		return false;
	/* EPIPE: records were overwritten before we read them. */
	while ((n = read(kernel_log, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		record[n] = 0;
		text = strchr(record, ';');
		if (!text)
			continue;
		text++;
		text[strcspn(text, "\n")] = 0;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			if (!strstr(text, words[i]))
				continue;
			/* The first is the cause, those behind it are effects. */
			if (!found)
				snprintf(buf, size, "%s", text);
			found = true;
			break;
		}
	}
	return found;
}

const char *human_size(uint64_t bytes, char *buf, size_t size)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, size, unit ? "%.2f %s" : "%.0f %s", value, units[unit]);
	return buf;
}
