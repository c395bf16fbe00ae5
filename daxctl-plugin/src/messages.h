/* SPDX-License-Identifier: GPL-2.0 */
/* What is said, how far it is, and signals. Everything but results goes to stderr. */
#ifndef _DAXCTL_MEMMAP_MESSAGES_H_
#define _DAXCTL_MEMMAP_MESSAGES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <daxctl/libdaxctl-memmap.h>

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

#endif
