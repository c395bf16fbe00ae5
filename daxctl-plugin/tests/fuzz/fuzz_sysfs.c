// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: any bytes as the contents of sysfs files. FUZZ_TREE is a recording,
 * best on a tmpfs; run it under in-tree. An input is a sequence of
 *
 *	number of a file (a byte), contents, zero byte
 *
 * and what it does not name is as it was recorded.
 */
#include "fuzz.h"

static const char * const files[] = {
	"/sys/bus/dax/devices/dax0.0/size",
	"/sys/bus/dax/devices/dax0.0/resource",
	"/sys/bus/dax/devices/dax0.0/mapping0/start",
	"/sys/bus/dax/devices/dax0.0/mapping0/end",
	"/sys/bus/dax/devices/dax0.0/memmap_policy",
	"/sys/bus/dax/devices/dax0.0/memmap_effective",
	"/sys/bus/dax/devices/dax0.0/memmap/supported",
	"/sys/devices/system/memory/block_size_bytes",
	"/sys/devices/system/memory/memory120/state",
	"/sys/devices/system/memory/memory120/valid_zones",
	"/sys/devices/system/memory/auto_online_blocks",
	"/sys/module/memory_hotplug/parameters/memmap_on_memory",
	"/proc/zoneinfo",
	"/sys/bus/cxl/devices/mem0/serial",
	"/sys/bus/cxl/devices/region0/target0",
	"/sys/kernel/debug/mhp_altmap/ranges",
	"/sys/bus/dax/devices/dax0.0/target_node",
	"/sys/bus/dax/devices/dax0.0/align",
};

static struct {
	char text[SYSFS_VALUE_MAX * 4];
	size_t len;
} recorded[ARRAY_SIZE(files)];

static void put(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(data, 1, len, file) != len || fclose(file))
		abort();
}

static int look(struct daxctl_memmap *memmap, void *data)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct daxctl_memmap_check *check;
	const char *why;

	(void)data;
	json_object_put(json_device(memmap, JSON_HUMAN));
	for (int policy = DAXCTL_MEMMAP_DRAM; policy <= DAXCTL_MEMMAP_AUTO; policy++)
		if (daxctl_memmap_plan(memmap, policy, &plan) || !plan.reason)
			abort();
	daxctl_memmap_recommend(memmap, &why);
	if (daxctl_memmap_verify(memmap) < 0 && !daxctl_memmap_get_error(memmap)[0])
		abort();
	daxctl_memmap_check_foreach(memmap, check)
		daxctl_memmap_check_holds(check);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool changed[ARRAY_SIZE(files)] = { false };
	struct daxctl_ctx *ctx;
	unsigned int done;

	while (size) {
		size_t nr = *data % ARRAY_SIZE(files), len;
		const uint8_t *end;

		data++;
		size--;
		end = memchr(data, 0, size);
		len = end ? (size_t)(end - data) : size;
		put(files[nr], data, len);
		changed[nr] = true;
		data += len + !!end;
		size -= len + !!end;
	}
	if (daxctl_new(&ctx))
		abort();
	daxctl_set_log_priority(ctx, 0);
	for_devices(ctx, NULL, 0, NULL, look, NULL, &done);
	daxctl_unref(ctx);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (changed[i])
			put(files[i], recorded[i].text, recorded[i].len);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* These files are written to: never those of a machine. */
	if (!getenv("FUZZ_TREE") || !access("/sys/kernel/mm", F_OK)) {
		fprintf(stderr, "FUZZ_TREE and /sys have to be a recording\n");
		exit(2);
	}
	be_quiet();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		FILE *file = fopen(files[i], "re");

		if (!file) {
			printf("FUZZ_TREE has no %s\n", files[i]);
			exit(2);
		}
		recorded[i].len = fread(recorded[i].text, 1, sizeof(recorded[i].text), file);
		fclose(file);
	}
	return 0;
}
