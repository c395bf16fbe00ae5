// SPDX-License-Identifier: GPL-2.0
/*
 * --sysroot: look at a recorded /sys, /proc and /dev instead of this machine's.
 * libdaxctl has no such option, so the recording is mounted in their place, in
 * a mount namespace of our own.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		debug("%s: %s", path, strerror(errno));
	close(fd);
}

static int new_namespaces(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char map[64];

	if (!unshare(CLONE_NEWNS))
		return 0;
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return -errno;
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	write_map("/proc/self/uid_map", map);
	write_map("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	write_map("/proc/self/gid_map", map);
	return 0;
}

/*
 * Nothing that is mounted here shows elsewhere. In a chroot, "/" is no mount: then
 * this is done from the namespace's own root.
 */
static int make_private(void)
{
	int ns, root, cwd, rc = 0;

	if (!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 0;
	if (errno != EINVAL)
		return -errno;
	ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ns < 0 || root < 0 || cwd < 0 || setns(ns, CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    fchdir(root) || chroot(".") || fchdir(cwd))
		rc = -errno;
	if (ns >= 0)
		close(ns);
	if (root >= 0)
		close(root);
	if (cwd >= 0)
		close(cwd);
	return rc;
}

static int bind(const char *dir, const char *path, bool needed)
{
	char from[PATH_MAX];

	if (snprintf(from, sizeof(from), "%s%s", dir, path) >= (int)sizeof(from))
		return -ENAMETOOLONG;
	if (access(from, F_OK)) {
		if (!needed)
			return 0;
		error("--sysroot=%s: there is no %s in it", dir, path);
		return -ENOENT;
	}
	if (mount(from, path, NULL, MS_BIND | MS_REC, NULL)) {
		error("--sysroot: cannot mount %s: %s", from, strerror(errno));
		return -errno;
	}
	return 0;
}

/* This machine's pages are not the recorded ones: none, if there is no record of them. */
static int bind_pages(const char *dir)
{
	static const char path[] = "/proc/kpageflags";
	char from[PATH_MAX];

	snprintf(from, sizeof(from), "%s%s", dir, path);
	if (!access(from, F_OK))
		return bind(dir, path, true);
	if (!access(path, F_OK) && mount("/dev/null", path, NULL, MS_BIND, NULL))
		debug("%s: %s", path, strerror(errno));
	return 0;
}

int enter_sysroot(const char *dir)
{
	int rc = new_namespaces();

	if (!rc)
		rc = make_private();
	if (rc) {
		error("--sysroot: cannot have a mount namespace: %s", strerror(-rc));
		hint("run it as root, or allow user namespaces");
		return rc;
	}
	rc = bind(dir, "/sys", true);
	if (!rc)
		rc = bind(dir, "/proc/zoneinfo", false);
	if (!rc)
		rc = bind_pages(dir);
	/* libdaxctl and libcxl pass over a device that has no node. */
	if (!rc)
		rc = bind(dir, "/dev", false);
	return rc;
}
