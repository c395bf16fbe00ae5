// SPDX-License-Identifier: GPL-2.0
/*
 * One change at a time: onboarding an expander makes a dax device, and udev
 * starts another of us for that.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli.h"
#include "convert.h"
#include "messages.h"

#define LOCK_FILE "/run/daxctl-memmap.lock"

int take_lock(void)
{
	/* Open until we exit. */
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc;

	if (fd < 0 && geteuid()) {
		/* What is to be changed will refuse that, and say what it takes. */
		debug("%s: %s", LOCK_FILE, strerror(errno));
		return 0;
	}
	if (fd < 0) {
		rc = -errno;
		error("cannot lock " LOCK_FILE ": %s", strerror(-rc));
		hint("it keeps two commands from changing one device; it has to be a plain file, and /run writable");
		return rc;
	}
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	note("waiting for another " PROG " to end");
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR && !interrupted())
			continue;
		rc = -errno;
		error("waiting for " LOCK_FILE ": %s",
		      interrupted() ? "interrupted" : strerror(-rc));
		return rc;
	}
	return 0;
}
