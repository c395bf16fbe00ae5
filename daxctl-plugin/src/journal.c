// SPDX-License-Identifier: GPL-2.0
/*
 * The journal that undo reads: a file for each device that was changed, written before
 * anything changes. It goes with the next boot, as what it describes does.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "devices.h"
#include "journal.h"
#include "json.h"
#include "messages.h"
#include "options.h"

#define JOURNAL_DIR "/run/" PROG
#define DONE ".json"
#define BEGUN ".begun"	/* not ended yet */

enum daxctl_memmap_block_state block_state_was(const struct block_states *states, uint64_t block)
{
	for (size_t i = 0; i < states->nr; i++)
		if (block >= states->run[i].first && block <= states->run[i].last)
			return states->run[i].state;
	return DAXCTL_MEMMAP_BLOCK_ABSENT;
}

/*--- writing ----------------------------------------------------------------*/

static void path_of(char *path, size_t size, const char *name, const char *suffix)
{
	snprintf(path, size, JOURNAL_DIR "/%s%s", name, suffix);
}

/* In one step: who is killed leaves a whole file, or none. Consumes @object. */
static void begin(const char *name, struct json_object *object)
{
	char path[256], temporary[256];
	int rc = 0;

	path_of(path, sizeof(path), name, BEGUN);
	path_of(temporary, sizeof(temporary), name, ".new");
	if (mkdir(JOURNAL_DIR, 0755) && errno != EEXIST)
		rc = -errno;
	if (!rc && !object)
		rc = -ENOMEM;
	if (!rc && json_object_to_file_ext(temporary, object, JSON_C_TO_STRING_PRETTY))
		rc = -EIO;
	if (!rc && rename(temporary, path))
		rc = -errno;
	/* Not a reason to do nothing: it is said. Nor is there to be one of an earlier time. */
	if (rc) {
		warn("%s: cannot be written: %s; undo will not know how %s was", path,
		     strerror(-rc), name);
		unlink(temporary);
		unlink(path);
	}
	json_object_put(object);
}

static struct json_object *json_run(const struct block_run *run)
{
	struct json_object *array = json_object_new_array();

	json_object_array_add(array, json_object_new_uint64(run->first));
	json_object_array_add(array, json_object_new_uint64(run->last));
	json_object_array_add(array,
		json_object_new_string(daxctl_memmap_block_state_word(run->state)));
	return array;
}

static struct json_object *json_blocks(struct daxctl_memmap *memmap)
{
	struct json_object *array = json_object_new_array();
	struct block_run run = { 0 };
	bool any = false;
	uint64_t block;

	daxctl_memmap_block_foreach(memmap, block) {
		enum daxctl_memmap_block_state state = daxctl_memmap_block_get_state(memmap, block);

		if (any && block == run.last + 1 && state == run.state) {
			run.last = block;
			continue;
		}
		if (any)
			json_object_array_add(array, json_run(&run));
		run = (struct block_run){ block, block, state };
		any = true;
	}
	if (any)
		json_object_array_add(array, json_run(&run));
	return array;
}

void journal_begin(struct daxctl_memmap *memmap, const char *driver)
{
	const char *name = daxctl_memmap_get_devname(memmap);
	struct json_object *object = json_object_new_object();
	uint64_t start = 0, size;

	if (object) {
		daxctl_memmap_get_range(memmap, 0, &start, &size);
		json_add_string(object, "device", name);
		json_add(object, "start", json_object_new_uint64(start));
		json_add(object, "size",
			 json_object_new_uint64(daxctl_memmap_get_size(memmap)));
		json_add_string(object, "driver", driver);
		json_add_string(object, "policy",
				daxctl_memmap_policy_name(daxctl_memmap_get_policy(memmap)));
		json_add(object, "blocks", json_blocks(memmap));
	}
	begin(name, object);
}

void journal_begin_region(const char *name, bool made, const struct identity *id)
{
	struct json_object *object = json_object_new_object();
	struct json_object *serials = json_object_new_array();

	for (unsigned int i = 0; i < id->nr_serials; i++)
		json_object_array_add(serials, json_object_new_uint64(id->serials[i]));
	if (object) {
		json_add_string(object, "region", name);
		json_add(object, "made", json_object_new_boolean(made));
		json_add(object, "serials", serials);
	}
	begin(name, object);
}

void journal_end(const char *name, bool keep)
{
	char begun[256], done[256];

	path_of(begun, sizeof(begun), name, BEGUN);
	path_of(done, sizeof(done), name, DONE);
	if (!keep)
		unlink(begun);
	else if (rename(begun, done))
		unlink(done);	/* of a change before the last one */
}

void journal_drop(const char *name)
{
	char done[256];

	journal_end(name, false);
	path_of(done, sizeof(done), name, DONE);
	unlink(done);
}

/*--- reading ----------------------------------------------------------------*/

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), of_end = strlen(end);

	return length > of_end && !strcmp(text + length - of_end, end);
}

/* Of one device, or of all, the file that was written last. */
static int find_file(const char *name, char *path, size_t size)
{
	struct timespec newest = { 0 };
	struct dirent *entry;
	struct stat st;
	char file[512];
	DIR *dir;

	path[0] = 0;
	dir = opendir(JOURNAL_DIR);
	if (!dir)
		return -ENOENT;
	while ((entry = readdir(dir))) {
		if (!ends_with(entry->d_name, DONE) && !ends_with(entry->d_name, BEGUN))
			continue;
		if (name && (strncmp(entry->d_name, name, strlen(name)) ||
			     strrchr(entry->d_name, '.') != entry->d_name + strlen(name)))
			continue;
		snprintf(file, sizeof(file), JOURNAL_DIR "/%s", entry->d_name);
		if (stat(file, &st) || st.st_mtim.tv_sec < newest.tv_sec ||
		    (st.st_mtim.tv_sec == newest.tv_sec && st.st_mtim.tv_nsec <= newest.tv_nsec))
			continue;
		newest = st.st_mtim;
		snprintf(path, size, "%s", file);
	}
	closedir(dir);
	return path[0] ? 0 : -ENOENT;
}

static const char *get_string(struct json_object *object, const char *key)
{
	struct json_object *value;

	/* A null is no string either. */
	return json_object_object_get_ex(object, key, &value) && value ?
	       json_object_get_string(value) : "";
}

static uint64_t get_number(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_uint64(value) : 0;
}

static enum daxctl_memmap_block_state state_of(const char *word)
{
	static const enum daxctl_memmap_block_state states[] = {
		DAXCTL_MEMMAP_BLOCK_OFFLINE, DAXCTL_MEMMAP_BLOCK_MOVABLE,
		DAXCTL_MEMMAP_BLOCK_KERNEL,
	};

	for (size_t i = 0; word && i < ARRAY_SIZE(states); i++)
		if (!strcmp(word, daxctl_memmap_block_state_word(states[i])))
			return states[i];
	return DAXCTL_MEMMAP_BLOCK_ABSENT;
}

static int read_blocks(struct json_object *array, struct block_states *blocks)
{
	const size_t nr = json_object_array_length(array);

	blocks->run = calloc(nr + 1, sizeof(*blocks->run));
	if (!blocks->run)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct json_object *run = json_object_array_get_idx(array, i);

		if (!json_object_is_type(run, json_type_array) || json_object_array_length(run) != 3)
			return -EINVAL;
		blocks->run[blocks->nr++] = (struct block_run){
			json_object_get_uint64(json_object_array_get_idx(run, 0)),
			json_object_get_uint64(json_object_array_get_idx(run, 1)),
			state_of(json_object_get_string(json_object_array_get_idx(run, 2))),
		};
	}
	return 0;
}

static int parse(struct json_object *object, struct record *record)
{
	struct json_object *array;
	int policy;

	record->is_region = get_string(object, "region")[0];
	snprintf(record->name, sizeof(record->name), "%s",
		 get_string(object, record->is_region ? "region" : "device"));
	if (record->is_region) {
		record->made = get_number(object, "made");
		if (!json_object_object_get_ex(object, "serials", &array) ||
		    !json_object_is_type(array, json_type_array) ||
		    json_object_array_length(array) > MAX_SERIALS)
			return -EINVAL;
		for (size_t i = 0; i < json_object_array_length(array); i++)
			record->serials[record->nr_serials++] =
				json_object_get_uint64(json_object_array_get_idx(array, i));
		return is_name(record->name, "region", false) ? 0 : -EINVAL;
	}
	record->start = get_number(object, "start");
	record->size = get_number(object, "size");
	snprintf(record->driver, sizeof(record->driver), "%s", get_string(object, "driver"));
	policy = daxctl_memmap_policy_parse(get_string(object, "policy"));
	record->policy = policy < 0 ? DAXCTL_MEMMAP_NONE : (enum daxctl_memmap_policy)policy;
	if (!is_name(record->name, "dax", true) ||
	    !json_object_object_get_ex(object, "blocks", &array) ||
	    !json_object_is_type(array, json_type_array))
		return -EINVAL;
	return read_blocks(array, &record->blocks);
}

int journal_read(const char *name, struct record *record)
{
	struct json_object *object;
	char path[512];
	int rc;

	memset(record, 0, sizeof(*record));
	rc = find_file(name, path, sizeof(path));
	if (rc)
		return rc;
	object = json_object_from_file(path);
	rc = json_object_is_type(object, json_type_object) ? parse(object, record) : -EINVAL;
	json_object_put(object);
	if (rc) {
		error("%s: not what " PROG " has written: %s", path, strerror(-rc));
		journal_free(record);
	}
	return rc;
}

void journal_free(struct record *record)
{
	free(record->blocks.run);
	record->blocks = (struct block_states){ 0 };
}
