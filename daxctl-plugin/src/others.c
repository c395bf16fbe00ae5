// SPDX-License-Identifier: GPL-2.0
/*
 * Who else acts on a device: daxctl has a udev rule and a unit of its own, which reconfigure
 * NVDIMM namespaces by their UUID as daxctl.conf says.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <iniparser/iniparser.h>

#include "cli.h"

#define DAXCTL_SECTION "reconfigure-device"

static int no_message(const char *format, ...)
{
	(void)format;
	return 0;
}

static bool file_has_uuid(const char *path, const char *uuid)
{
	dictionary *ini = iniparser_load(path);
	bool found = false;

	/* What daxctl cannot read either is for daxctl to complain of. */
	if (!ini)
		return false;
	for (int i = 0; i < iniparser_getnsec(ini) && !found; i++) {
		const char *section = iniparser_getsecname(ini, i);
		char key[512];

		if (strncmp(section, DAXCTL_SECTION, strlen(DAXCTL_SECTION)))
			continue;
		snprintf(key, sizeof(key), "%s:nvdimm.uuid", section);
		found = !strcasecmp(iniparser_getstring(ini, key, ""), uuid);
	}
	iniparser_freedict(ini);
	return found;
}

static int is_conf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".conf");
}

bool daxctl_configures(const char *dir, const char *uuid, char *path, size_t size)
{
	struct dirent **entries;
	bool found = false;
	int n;

	if (!dir || !uuid[0])
		return false;
	n = scandir(dir, &entries, is_conf, alphasort);
	if (n < 0)
		return false;
	iniparser_set_error_callback(no_message);
	for (int i = 0; i < n; i++) {
		if (!found) {
			snprintf(path, size, "%s/%s", dir, entries[i]->d_name);
			found = file_has_uuid(path, uuid);
		}
		free(entries[i]);
	}
	free(entries);
	return found;
}
