/* SPDX-License-Identifier: LGPL-2.1 */
/* Values of sysfs. Compiled into the library, and into the command. */
#ifndef _DAXCTL_MEMMAP_SYSFS_H_
#define _DAXCTL_MEMMAP_SYSFS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* One value per file, and nothing is believed that was not checked. */

#define SYSFS_VALUE_MAX 4096

int sysfs_read(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int sysfs_read_u64(uint64_t *value, int base, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int sysfs_write(const char *value, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool sysfs_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The last part of what a symbolic link points to, "" if it is none. */
void sysfs_link_name(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define DAX_DEVICES "/sys/bus/dax/devices"
#define SYS_MEMORY "/sys/devices/system/memory"

#endif
