// SPDX-License-Identifier: GPL-2.0
/* Who has the memory of a node: processes, by their numa_maps, and memory cgroups. */
#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "busy.h"
#include "cli.h"
#include "messages.h"

int owner_add(struct owners *owners, uint64_t id, uint64_t bytes)
{
	struct owner *owner;

	for (size_t i = 0; i < owners->nr; i++)
		if (owners->owner[i].id == id) {
			owners->owner[i].bytes += bytes;
			return 0;
		}
	owner = realloc(owners->owner, (owners->nr + 1) * sizeof(*owner));
	if (!owner)
		return -ENOMEM;
	owners->owner = owner;
	owner[owners->nr++] = (struct owner){ .id = id, .bytes = bytes };
	return 0;
}

static int more_first(const void *a, const void *b)
{
	const struct owner *left = a, *right = b;

	return (left->bytes < right->bytes) - (left->bytes > right->bytes);
}

static void sort(struct owners *owners)
{
	if (owners->nr)
		qsort(owners->owner, owners->nr, sizeof(owners->owner[0]), more_first);
}

/*--- processes --------------------------------------------------------------------*/

/* Pages of a mapping, " N1=12", each of the size in "kernelpagesize_kB=4". */
static uint64_t bytes_of_mapping(const char *line, int node)
{
	char word[24];
	const char *at;
	uint64_t pages, kib;

	snprintf(word, sizeof(word), " N%d=", node);
	at = strstr(line, word);
	if (!at)
		return 0;
	pages = strtoull(at + strlen(word), NULL, 10);
	at = strstr(line, " kernelpagesize_kB=");
	kib = at ? strtoull(at + strlen(" kernelpagesize_kB="), NULL, 10) : 4;
	return pages * (kib << 10);
}

static uint64_t bytes_of_process(unsigned long pid, int node)
{
	char path[64], *line = NULL;
	uint64_t bytes = 0;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%lu/numa_maps", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (getline(&line, &size, file) > 0)
		bytes += bytes_of_mapping(line, node);
	free(line);
	fclose(file);
	return bytes;
}

/* The last line of /proc/PID/cgroup: that of the unified hierarchy, "0::/path". */
static char *cgroup_of(unsigned long pid)
{
	char path[64], *line = NULL, *found = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%lu/cgroup", pid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	while (getline(&line, &size, file) > 0)
		if (!strncmp(line, "0::", 3)) {
			line[strcspn(line, "\n")] = 0;
			free(found);
			found = strdup(line + 3);
		}
	free(line);
	fclose(file);
	return found;
}

void busy_find_processes(struct busy *busy)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char comm[64];

	while (dir && (entry = readdir(dir)) && !interrupted()) {
		const unsigned long pid = strtoul(entry->d_name, NULL, 10);
		struct owner *owner;
		uint64_t bytes;

		if (!pid || pid == (unsigned long)getpid())
			continue;
		bytes = bytes_of_process(pid, busy->node);
		if (!bytes || owner_add(&busy->processes, pid, bytes))
			continue;
		owner = &busy->processes.owner[busy->processes.nr - 1];
		if (sysfs_read(comm, sizeof(comm), "/proc/%lu/comm", pid) > 0)
			owner->name = strdup(comm);
		owner->cgroup = cgroup_of(pid);
	}
	if (dir)
		closedir(dir);
	sort(&busy->processes);
}

/*--- cgroups ----------------------------------------------------------------------*/

void busy_name_cgroups(struct busy *busy)
{
	static char root[] = "/sys/fs/cgroup";
	char *roots[] = { root, NULL };
	FTSENT *entry;
	FTS *tree;

	sort(&busy->cgroups);
	if (!busy->cgroups.nr)
		return;
	tree = fts_open(roots, FTS_PHYSICAL, NULL);
	while (tree && (entry = fts_read(tree))) {
		if (entry->fts_info != FTS_D)
			continue;
		for (size_t i = 0; i < busy->cgroups.nr; i++) {
			struct owner *owner = &busy->cgroups.owner[i];

			if (owner->id == entry->fts_statp->st_ino && !owner->name)
				owner->name = strdup(entry->fts_path[sizeof(root) - 1] ?
						     entry->fts_path + sizeof(root) - 1 : "/");
		}
	}
	if (tree)
		fts_close(tree);
}
