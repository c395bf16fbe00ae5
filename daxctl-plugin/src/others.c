// SPDX-License-Identifier: GPL-2.0
/*
 * Who else acts on a device. daxctl has a udev rule and a unit of its own, which reconfigure
 * NVDIMM namespaces by their UUID as daxctl.conf says. Distributions and hypervisors'
 * guests have udev rules that online memory blocks.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <iniparser/iniparser.h>

#include "cli.h"
#include "devices.h"
#include "others.h"

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

bool daxctl_configures(struct daxctl_memmap *memmap, const struct identity *id, char *path,
		       size_t size)
{
	struct daxctl_ctx *ctx = daxctl_dev_get_ctx(daxctl_memmap_get_dev(memmap));
	const char *dir = daxctl_get_config_path(ctx);
	struct dirent **entries;
	bool found = false;
	int n;

	if (!dir || !id->nvdimm_uuid[0])
		return false;
	n = scandir(dir, &entries, is_conf, alphasort);
	if (n < 0)
		return false;
	iniparser_set_error_callback(no_message);
	for (int i = 0; i < n; i++) {
		if (!found) {
			snprintf(path, size, "%s/%s", dir, entries[i]->d_name);
			found = file_has_uuid(path, id->nvdimm_uuid);
		}
		free(entries[i]);
	}
	free(entries);
	return found;
}

static bool rule_onlines(char *line)
{
	return line[strspn(line, " \t")] != '#' && strstr(line, "SUBSYSTEM==\"memory\"") &&
	       strstr(line, "ATTR{state}=\"online");
}

static bool file_onlines(const char *path)
{
	char line[4096] = "", *end;
	FILE *file = fopen(path, "re");
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line + strlen(line), sizeof(line) - strlen(line), file)) {
		/* A rule goes on behind a backslash. */
		end = line + strcspn(line, "\n");
		if (*end && end > line && end[-1] == '\\') {
			end[-1] = 0;
			continue;
		}
		found = rule_onlines(line);
		line[0] = 0;
	}
	fclose(file);
	return found;
}

static int is_rules(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".rules");
}

bool udev_onlines_memory(char *path, size_t size)
{
	/* A file hides those of its name in the folders behind. */
	static const char * const dirs[] = {
		"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
		"/usr/lib/udev/rules.d",
	};
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && !found; i++) {
		struct dirent **entries;
		int n = scandir(dirs[i], &entries, is_rules, alphasort);

		if (n < 0)
			continue;
		for (int k = 0; k < n; k++) {
			bool hidden = false;

			for (size_t before = 0; before < i; before++)
				hidden |= sysfs_exists("%s/%s", dirs[before], entries[k]->d_name);
			if (!found && !hidden) {
				snprintf(path, size, "%s/%s", dirs[i], entries[k]->d_name);
				found = file_onlines(path);
			}
			free(entries[k]);
		}
		free(entries);
	}
	return found;
}
