/* SPDX-License-Identifier: GPL-2.0 */
/* A small file as its lines, to be changed in place. */
#ifndef _DAXCTL_MEMMAP_LINES_H_
#define _DAXCTL_MEMMAP_LINES_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct lines {
	char **line;	/* each with its newline */
	size_t nr;
	mode_t mode;
	bool failed;	/* out of memory */
};

/* A file that is not there has no lines. */
int lines_read(const char *path, struct lines *lines);
/* By way of @temporary, in one step. */
int lines_write(const char *path, const char *temporary, const struct lines *lines);
void lines_free(struct lines *lines);
void lines_insertf(struct lines *lines, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void lines_drop(struct lines *lines, size_t at);
/* Behind the last line of the section that begins at @head. */
size_t lines_section_end(const struct lines *lines, size_t head);

#endif
