// SPDX-License-Identifier: GPL-2.0
/* A small file as its lines, to be changed in place. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "lines.h"

void lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->nr; i++)
		free(lines->line[i]);
	free(lines->line);
}

/* Takes over @text. */
static void insert(struct lines *lines, size_t at, char *text)
{
	char **line = text ? realloc(lines->line, (lines->nr + 1) * sizeof(*line)) : NULL;

	if (!line) {
		free(text);
		lines->failed = true;
		return;
	}
	lines->line = line;
	memmove(line + at + 1, line + at, (lines->nr - at) * sizeof(*line));
	line[at] = text;
	lines->nr++;
}

void lines_drop(struct lines *lines, size_t at)
{
	free(lines->line[at]);
	memmove(lines->line + at, lines->line + at + 1,
		(--lines->nr - at) * sizeof(*lines->line));
}

void lines_insertf(struct lines *lines, size_t at, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	insert(lines, at, text);
}

int lines_read(const char *path, struct lines *lines)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	if (!fstat(fileno(file), &st))
		lines->mode = st.st_mode & 0777;
	while ((n = getline(&text, &size, file)) > 0)
		lines_insertf(lines, lines->nr, "%s%s", text, text[n - 1] == '\n' ? "" : "\n");
	free(text);
	fclose(file);
	return 0;
}

int lines_write(const char *path, const char *temporary, const struct lines *lines)
{
	FILE *file = fopen(temporary, "we");
	int rc = 0;

	if (!file)
		return -errno;
	if (lines->mode)
		fchmod(fileno(file), lines->mode);
	for (size_t i = 0; i < lines->nr; i++)
		fputs(lines->line[i], file);
	if (ferror(file) || fflush(file) || fsync(fileno(file)))
		rc = -errno;
	if (fclose(file) && !rc)
		rc = -errno;
	if (!rc && rename(temporary, path))
		rc = -errno;
	if (rc)
		unlink(temporary);
	return rc;
}

size_t lines_section_end(const struct lines *lines, size_t head)
{
	for (size_t i = head + 1; i < lines->nr; i++)
		if (lines->line[i][strspn(lines->line[i], " \t")] == '[')
			return i;
	return lines->nr;
}
