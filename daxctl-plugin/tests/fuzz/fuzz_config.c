// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: any bytes as a configuration. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity id = { .cxl_region = "region0", .serials = { 1 }, .nr_serials = 1 };
	struct config *list = NULL;
	FILE *file;

	if (!size)
		return 0;
	file = fmemopen((void *)data, size, "r");
	if (!file)
		abort();
	config_parse(file, "x.conf", &list);
	fclose(file);
	for (struct config *config = list; config; config = config->next) {
		if (config->match_kind == MATCH_NONE || !config->match || !config->name)
			abort();
		if (config->nr_serials > MAX_SERIALS || config->line < 1)
			abort();
		config_matches(config, "dax0.0", &id);
	}
	config_free(list);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	be_quiet();
	return 0;
}
