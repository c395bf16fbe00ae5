// SPDX-License-Identifier: LGPL-2.1
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

static int make_path(char *path, const char *fmt, va_list args)
{
	int len = vsnprintf(path, PATH_MAX, fmt, args);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int read_file(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd, rc = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = -errno;
		if (n <= 0)
			break;
		len += n;
	}
	close(fd);
	if (rc)
		return rc;
	/* Longer than any value, or no text: not what we asked for. */
	if (len == size || memchr(buf, 0, len))
		return -EIO;
	while (len && isspace((unsigned char)buf[len - 1]))
		len--;
	buf[len] = 0;
	return len;
}

/* Returns the length without the newline at the end, or a negative errno. */
int sysfs_read(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	int rc;

	buf[0] = 0;
	va_start(args, fmt);
	rc = make_path(path, fmt, args);
	va_end(args);
	if (!rc)
		rc = read_file(path, buf, size);
	if (rc < 0)
		buf[0] = 0;
	return rc;
}

/* -EIO if the file holds anything but one number. */
int sysfs_read_u64(uint64_t *value, int base, const char *fmt, ...)
{
	char path[PATH_MAX], buf[64] = "", *end;
	va_list args;
	int rc;

	*value = 0;
	va_start(args, fmt);
	rc = make_path(path, fmt, args);
	va_end(args);
	if (!rc)
		rc = read_file(path, buf, sizeof(buf));
	if (rc < 0)
		return rc;
	if (!isalnum((unsigned char)buf[0]))
		return -EIO;
	errno = 0;
	*value = strtoull(buf, &end, base);
	if (errno || *end) {
		*value = 0;
		return -EIO;
	}
	return 0;
}

int sysfs_write(const char *value, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	ssize_t n;
	int fd, rc;

	va_start(args, fmt);
	rc = make_path(path, fmt, args);
	va_end(args);
	if (rc)
		return rc;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, value, strlen(value));
	rc = n < 0 ? -errno : 0;
	close(fd);
	return rc;
}

bool sysfs_exists(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = make_path(path, fmt, args);
	va_end(args);
	return !rc && !access(path, F_OK);
}

void sysfs_link_name(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *name;
	va_list args;
	ssize_t n;
	int rc;

	buf[0] = 0;
	va_start(args, fmt);
	rc = make_path(path, fmt, args);
	va_end(args);
	if (rc)
		return;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return;
	target[n] = 0;
	name = strrchr(target, '/');
	snprintf(buf, size, "%s", name ? name + 1 : target);
}
