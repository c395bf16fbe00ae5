// SPDX-License-Identifier: GPL-2.0
/* The configuration: what is said of what is wrong in it, and what is left. */
#include <sys/stat.h>

#include "unit.h"

#define UUID "3bcb9c0f-6a04-4d2e-8d0e-0123456789ab"

struct vector {
	const char *desc;
	const char *text;
	size_t len;		/* 0: strlen */
	unsigned int sections;
	const char *said;	/* all of it, without "error: x.conf:" */
};

static const struct vector vectors[] = {
	{ "an empty file", "", 0, 0, "" },
	{ "comments and empty lines", "# a\n; b\n\n \t \n", 0, 0, "" },
	{ "a section", "[a]\ndax.device = dax0.0\n", 0, 1, "" },
	{ "no newline at the end", "[a]\ndax.device = dax0.0", 0, 1, "" },
	{ "CRLF", "[a]\r\ndax.device = dax0.0\r\nmemmap = range\r\n", 0, 1, "" },
	{ "blanks", " \t[a] \n\tdax.device\t=\tdax0.0\t\n", 0, 1, "" },
	{ "no blanks", "[a]\ndax.device=dax0.0\nmemmap=range\n", 0, 1, "" },
	{ "a comment behind a value", "[a]\ndax.device = dax0.0 # mine\n", 0, 1, "" },
	{ "all keys", "[a]\ncxl.region = region12\nmode = system-ram\nmemmap = auto\nonline = 1\nmovable = no\n",
	  0, 1, "" },
	{ "devdax", "[a]\nnvdimm.uuid = " UUID "\nmode = devdax\n", 0, 1, "" },
	{ "two sections", "[a]\ndax.device = dax0.0\n[b]\ndax.device = dax0.1\n", 0, 2, "" },
	{ "a section without its bracket", "[a\ndax.device = dax0.0\n", 0, 0,
	  "1: a section starts with [NAME]\n" },
	{ "a section without a name", "[]\ndax.device = dax0.0\n", 0, 0,
	  "1: a section starts with [NAME]\n" },
	{ "more behind the name", "[a] b\ndax.device = dax0.0\n", 0, 0,
	  "1: ' b' behind the section's name\n" },
	{ "a broken section, then a good one", "[a\n[b]\ndax.device = dax0.0\n", 0, 1,
	  "1: a section starts with [NAME]\n" },
	{ "for no device", "[a]\nmemmap = range\n\n[b]\n", 0, 0,
	  "1: [a] is for no device: it needs cxl.region, cxl.serial, nvdimm.uuid or dax.device\n"
	  "4: [b] is for no device: it needs cxl.region, cxl.serial, nvdimm.uuid or dax.device\n" },
	{ "neither name nor key", "[a]\nhello\n", 0, 0,
	  "2: 'hello': neither [NAME] nor KEY = VALUE\n" },
	{ "a key in no section", "memmap = range\n", 0, 0,
	  "1: 'memmap = range' is in no section: start one with [NAME]\n" },
	{ "a key without a value", "[a]\nmemmap =\n", 0, 0, "2: memmap has no value\n" },
	{ "a value without a key", "[a]\n= range\n", 0, 0, "2: '' is no key\n" },
	{ "an unknown key", "[a]\nmemap = range\n", 0, 0, "2: 'memap' is no key\n" },
	{ "keys are case-sensitive", "[a]\nMemmap = range\n", 0, 0, "2: 'Memmap' is no key\n" },
	{ "a key twice", "[a]\nmemmap = range\nmemmap = range\n", 0, 0, "3: memmap is there twice\n" },
	{ "a policy that there is not", "[a]\nmemmap = none\n", 0, 0,
	  "2: memmap = none: it is dram, block, range or auto\n" },
	{ "a mode that there is not", "[a]\nmode = ram\n", 0, 0,
	  "2: mode = ram: it is system-ram or devdax\n" },
	{ "online is no boolean", "[a]\nonline = maybe\n", 0, 0,
	  "2: online = maybe: it is true or false\n" },
	{ "movable is no boolean", "[a]\nmovable = 2\n", 0, 0,
	  "2: movable = 2: it is true or false\n" },
	{ "two devices", "[a]\ndax.device = dax0.0\ncxl.region = region0\n", 0, 0,
	  "3: cxl.region: the section is for dax.device = dax0.0 already\n" },
	{ "no region", "[a]\ncxl.region = region\n", 0, 0, "2: cxl.region = region: it looks like region0\n" },
	{ "a region's path", "[a]\ncxl.region = region0/../x\n", 0, 0,
	  "2: cxl.region = region0/../x: it looks like region0\n" },
	{ "no dax device", "[a]\ndax.device = dax0\n", 0, 0, "2: dax.device = dax0: it looks like dax0.0\n" },
	{ "half a dax device", "[a]\ndax.device = dax0.\n", 0, 0,
	  "2: dax.device = dax0.: it looks like dax0.0\n" },
	{ "a uuid that is too short", "[a]\nnvdimm.uuid = 3bcb9c0f\n", 0, 0,
	  "2: nvdimm.uuid = 3bcb9c0f: it looks like " UUID "\n" },
	{ "a uuid that is too long", "[a]\nnvdimm.uuid = " UUID "0\n", 0, 0,
	  "2: nvdimm.uuid = " UUID "0: it looks like " UUID "\n" },
	{ "a serial number", "[a]\ncxl.serial = 0xffffffffffffffff\n", 0, 1, "" },
	{ "several", "[a]\ncxl.serial = 1, 0x2 3,,4\n", 0, 1, "" },
	{ "no serial number", "[a]\ncxl.serial = x\n", 0, 0, "2: cxl.serial: 'x' is no serial number such as 17 or 0x11\n" },
	{ "a negative one", "[a]\ncxl.serial = -1\n", 0, 0, "2: cxl.serial: '-1' is no serial number such as 17 or 0x11\n" },
	{ "one that is too large", "[a]\ncxl.serial = 0x10000000000000000\n", 0, 0,
	  "2: cxl.serial: '0x10000000000000000' is no serial number such as 17 or 0x11\n" },
	{ "an octal one", "[a]\ncxl.serial = 010\n", 0, 0,
	  "2: cxl.serial: '010' is no serial number such as 17 or 0x11\n" },
	{ "an octal size", "[a]\ncxl.serial = 0\nsize = 0400M\n", 0, 0,
	  "3: size = 0400M: no size such as 128G\n" },
	{ "half a number", "[a]\ncxl.serial = 0x\n", 0, 0, "2: cxl.serial: '0x' is no serial number such as 17 or 0x11\n" },
	{ "one twice", "[a]\ncxl.serial = 1, 0x1\n", 0, 0, "2: cxl.serial: 0x1 is there twice\n" },
	{ "commas alone", "[a]\ncxl.serial = ,\n", 0, 0, "2: cxl.serial: no serial number\n" },
	{ "33 devices",
	  "[a]\ncxl.serial = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33\n",
	  0, 0, "2: cxl.serial: more than 32 devices\n" },
	{ "devdax and memmap", "[a]\ndax.device = dax0.0\nmode = devdax\nmemmap = range\n", 0, 0,
	  "1: [a]: memmap, online and movable contradict mode = devdax\n" },
	{ "devdax and online", "[a]\ndax.device = dax0.0\nonline = false\nmode = devdax\n", 0, 0,
	  "1: [a]: memmap, online and movable contradict mode = devdax\n" },
	{ "offline and movable", "[a]\ndax.device = dax0.0\nonline = no\nmovable = true\n", 0, 0,
	  "1: [a]: movable contradicts online = false\n" },
	{ "a region", "[a]\ncxl.serial = 1\nsize = 4G\ngranularity = 512\ndecoder = decoder0.1\n", 0, 1, "" },
	{ "no size", "[a]\ncxl.serial = 1\nsize = many\n", 0, 0, "3: size = many: no size such as 128G\n" },
	{ "no granularity", "[a]\ncxl.serial = 1\ngranularity = 300\n", 0, 0,
	  "3: granularity = 300: a power of two from 256 to 16384\n" },
	{ "no decoder", "[a]\ncxl.serial = 1\ndecoder = decoder0\n", 0, 0,
	  "3: decoder = decoder0: it looks like decoder0.0\n" },
	{ "a size of what is not made", "[a]\ndax.device = dax0.0\nsize = 4G\n", 0, 0,
	  "1: [a]: size, granularity and decoder are of a region that is made: for cxl.serial and system-ram\n" },
	{ "devdax and decoder", "[a]\ncxl.serial = 1\nmode = devdax\ndecoder = decoder0.0\n", 0, 0,
	  "1: [a]: size, granularity and decoder are of a region that is made: for cxl.serial and system-ram\n" },
	{ "several mistakes", "[a]\nx\ny = 1\n", 0, 0,
	  "2: 'x': neither [NAME] nor KEY = VALUE\n3: 'y' is no key\n" },
	{ "a zero byte", "[a]\nmem\0map = range\n", 20, 0, "2: a zero byte: this is no text\n" },
	{ "a zero byte in a comment", "# \0\n[a]\ndax.device = dax0.0\n", 28, 1,
	  "1: a zero byte: this is no text\n" },
};

static void without_prefix(char *text)
{
	static const char prefix[] = "error: x.conf:";
	char *at = text;

	while ((at = strstr(at, prefix)))
		memmove(at, at + strlen(prefix), strlen(at + strlen(prefix)) + 1);
}

static char *parse(const char *text, size_t len, struct config **list, int *rc)
{
	/* fmemopen() takes no size of 0. */
	FILE *file = len ? fmemopen((void *)text, len, "r") : fopen("/dev/null", "r");
	char *result;

	assert_non_null(file);
	*list = NULL;
	listen();
	*rc = config_parse(file, "x.conf", list);
	result = heard();
	fclose(file);
	without_prefix(result);
	return result;
}

static void by_table(void **state)
{
	const struct vector *v = *state;
	struct config *list;
	unsigned int n = 0;
	char *text;
	int rc;

	text = parse(v->text, v->len ? v->len : strlen(v->text), &list, &rc);
	assert_string_equal(text, v->said);
	free(text);
	for (struct config *config = list; config; config = config->next)
		n++;
	config_free(list);
	assert_int_equal(rc != 0, v->said[0] != 0);
	assert_int_equal(n, v->sections);
}

static void values(void **state)
{
	struct config *list;
	struct target *target;
	char *text;
	int rc;

	(void)state;
	text = parse("[a b]\ncxl.serial = 2,0x1\nmemmap = block\nmovable = false\n", 55, &list, &rc);
	free(text);
	assert_int_equal(rc, 0);
	target = &list->target;
	assert_string_equal(list->name, "a b");
	assert_string_equal(list->file, "x.conf");
	assert_int_equal(list->line, 1);
	assert_int_equal(list->nr_serials, 2);
	assert_int_equal(list->serials[0], 2);
	assert_int_equal(list->serials[1], 1);
	assert_true(target->system_ram && target->online && !target->force);
	assert_int_equal(target->policy, DAXCTL_MEMMAP_BLOCK);
	assert_int_equal(target->zone, ZONE_KERNEL);
	config_free(list);
}

/* Lines up to 1023 characters are read, longer ones are passed over. */
static void long_lines(void **state)
{
	static const size_t lengths[] = { 1022, 1023, 1024, 1025, 2047, 2048, 100000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char *text = malloc(lengths[i] + 64), *result;
		struct config *list;
		int rc;

		assert_non_null(text);
		memset(text, 'x', lengths[i]);
		text[0] = '#';
		strcpy(text + lengths[i], "\n[a]\ndax.device = dax0.0\n[");
		result = parse(text, strlen(text), &list, &rc);
		if (lengths[i] < 1024)
			assert_string_equal(result, "4: a section starts with [NAME]\n");
		else
			assert_string_equal(result, "1: longer than 1023 characters\n"
						    "4: a section starts with [NAME]\n");
		assert_non_null(list);
		assert_null(list->next);
		free(result);
		config_free(list);
		free(text);
	}
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The first section for a device stays, however it is written. */
static void duplicates(void **state)
{
	char dir[] = "/tmp/test-config.XXXXXX", command[64], *text;
	struct config *list;
	int rc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_file(dir, "b.conf", "[2]\ncxl.serial = 0x2, 0x1\n[3]\nnvdimm.uuid = " UUID "\n"
		   "[4]\ncxl.serial = 1\n");
	write_file(dir, "a.conf", "[1]\ncxl.serial = 1 2\n[5]\nnvdimm.uuid = 3BCB9C0F-6A04-4D2E-8D0E-0123456789AB\n");
	write_file(dir, ".hidden.conf", "nonsense\n");
	write_file(dir, "c.conf~", "nonsense\n");
	listen();
	rc = config_read(dir, &list);
	text = heard();
	assert_int_equal(rc, -22);
	assert_non_null(strstr(text, "b.conf:1: [2] is for cxl.serial = 0x2, 0x1, as is [1] at "));
	assert_non_null(strstr(text, "b.conf:3: [3] is for nvdimm.uuid = "));
	assert_null(strstr(text, "nonsense"));
	free(text);
	assert_string_equal(list->name, "1");
	assert_string_equal(list->next->name, "5");
	assert_string_equal(list->next->next->name, "4");
	assert_null(list->next->next->next);
	config_free(list);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void matches(void **state)
{
	struct config config = { .match_kind = MATCH_SERIAL, .serials = { 1, 2 }, .nr_serials = 2 };
	struct identity id = { .serials = { 2, 1 }, .nr_serials = 2, .cxl_region = "region0" };

	(void)state;
	assert_true(config_matches(&config, "dax0.0", &id));
	id.nr_serials = 1;
	assert_false(config_matches(&config, "dax0.0", &id));
	id.nr_serials = 2;
	id.serials[0] = 3;
	assert_false(config_matches(&config, "dax0.0", &id));
	config.match_kind = MATCH_REGION;
	config.match = (char *)"region0";
	assert_true(config_matches(&config, "dax0.0", &id));
	config.match_kind = MATCH_DAX;
	config.match = (char *)"dax0.1";
	assert_false(config_matches(&config, "dax0.0", &id));
	config.match_kind = MATCH_NONE;
	assert_false(config_matches(&config, "dax0.0", &id));
}

/* What --persist writes can be read, and says the same. */
static void written_and_read(void **state)
{
	static const struct target targets[] = {
		{ .system_ram = true, .online = true, .policy = DAXCTL_MEMMAP_RANGE, .zone = ZONE_MOVABLE },
		{ .system_ram = true, .online = true, .zone = ZONE_KERNEL },
		{ .system_ram = true, .online = true, .policy = DAXCTL_MEMMAP_AUTO },
		{ .system_ram = true, .policy = DAXCTL_MEMMAP_BLOCK },
		{ .policy = DAXCTL_MEMMAP_RANGE },
	};
	static const struct region_request region = { "decoder0.1", 3ULL << 40, 512 };
	char dir[] = "/tmp/test-config.XXXXXX", path[256], command[64], match[] = "0x1, 0x2";
	struct config *list;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		const struct target *target = &targets[i];
		struct config config = {
			.match_kind = MATCH_SERIAL, .match = match, .target = *target,
			.serials = { 1, 2 }, .nr_serials = 2,
		};

		if (target->system_ram)
			config.region = region;
		assert_int_equal(config_write(dir, &config, path, sizeof(path)), 0);
		assert_int_equal(config_read(dir, &list), 0);
		assert_non_null(list);
		assert_null(list->next);
		assert_int_equal(list->nr_serials, 2);
		assert_int_equal(list->target.system_ram, target->system_ram);
		if (target->system_ram) {
			assert_int_equal(list->target.policy, target->policy);
			assert_int_equal(list->target.online, target->online);
			assert_int_equal(list->target.zone, target->zone);
			assert_string_equal(list->region.decoder, region.decoder);
			assert_true(list->region.size == region.size);
			assert_int_equal(list->region.granularity, region.granularity);
		}
		config_free(list);
		assert_int_equal(unlink(path), 0);
	}
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void assert_file(const char *path, const char *expected)
{
	char text[2048] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, expected);
}

/* A section that is there is changed in place, and only where it was asked for. */
static void changed_in_place(void **state)
{
	static const char before[] =
		"# mine\n[other]\ndax.device = dax7.0\n\n# the expander\n[exp]\n"
		"cxl.serial = 0x2 1 # both\n size=1G\nmemmap = dram ; for now\nmovable = true\n"
		"decoder = decoder0.1\n\n[last]\ncxl.region = region3\nonline = false\n";
	struct config config = {
		.match_kind = MATCH_SERIAL, .match = (char *)"0x1, 0x2",
		.serials = { 1, 2 }, .nr_serials = 2,
		.target = { .system_ram = true, .online = true, .policy = DAXCTL_MEMMAP_RANGE },
	};
	char dir[] = "/tmp/test-config.XXXXXX", path[256], command[64];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	/* Its name. */
	assert_int_equal(config_write(dir, &config, path, sizeof(path)), 0);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(before, file);
	fclose(file);
	assert_int_equal(chmod(path, 0640), 0);

	assert_int_equal(config_write(dir, &config, path, sizeof(path)), 0);
	assert_file(path,
		"# mine\n[other]\ndax.device = dax7.0\n\n# the expander\n[exp]\n"
		"cxl.serial = 0x2 1 # both\n size=1G\nmemmap = range\t; for now\nmovable = true\n"
		"decoder = decoder0.1\nmode = system-ram\nonline = true\n\n[last]\n"
		"cxl.region = region3\nonline = false\n");

	config.region = (struct region_request) { "", 3ULL << 30, 512 };
	config.target.zone = ZONE_KERNEL;
	assert_int_equal(config_write(dir, &config, path, sizeof(path)), 0);
	assert_file(path,
		"# mine\n[other]\ndax.device = dax7.0\n\n# the expander\n[exp]\n"
		"cxl.serial = 0x2 1 # both\nsize = 3221225472\nmemmap = range\t; for now\n"
		"movable = false\ndecoder = decoder0.1\nmode = system-ram\nonline = true\n"
		"granularity = 512\n\n[last]\ncxl.region = region3\nonline = false\n");

	config.region = (struct region_request) { };
	config.target = (struct target) { };
	assert_int_equal(config_write(dir, &config, path, sizeof(path)), 0);
	assert_file(path,
		"# mine\n[other]\ndax.device = dax7.0\n\n# the expander\n[exp]\n"
		"cxl.serial = 0x2 1 # both\nmode = devdax\n\n[last]\ncxl.region = region3\n"
		"online = false\n");

	/* What is in the file is for others: one more section. */
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("[other]\ndax.device = dax7.0", file);
	fclose(file);
	config.target = (struct target) { .system_ram = true };
	assert_int_equal(config_write(dir, &config, path, sizeof(path)), 0);
	assert_file(path,
		"[other]\ndax.device = dax7.0\n[cxl.serial-0x1__0x2]\ncxl.serial = 0x1, 0x2\n"
		"mode = system-ram\nonline = false\n");
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

/* Two sets of devices that begin alike have two files. */
static void long_names(void **state)
{
	char dir[] = "/tmp/test-config.XXXXXX", paths[2][512], command[64];
	char match[MAX_SERIALS * 20];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int set = 0; set < 2; set++) {
		struct config config = {
			.match_kind = MATCH_SERIAL, .match = match, .nr_serials = MAX_SERIALS,
			.target = { .system_ram = true },
		};

		match[0] = 0;
		for (unsigned int i = 0; i < MAX_SERIALS; i++) {
			config.serials[i] = 0xfedcba9876543210 + i +
					    (i == MAX_SERIALS - 1 ? set : 0);
			snprintf(match + strlen(match), sizeof(match) - strlen(match),
				 "%s0x%llx", i ? ", " : "",
				 (unsigned long long)config.serials[i]);
		}
		assert_int_equal(config_write(dir, &config, paths[set], sizeof(paths[set])), 0);
	}
	assert_string_not_equal(paths[0], paths[1]);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(vectors) + 7];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
		tests[n++] = (struct CMUnitTest) {
			.name = vectors[i].desc,
			.test_func = by_table,
			.initial_state = (void *)&vectors[i],
		};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(values);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(long_lines);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(duplicates);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(matches);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(written_and_read);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(changed_in_place);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(long_names);
	return _cmocka_run_group_tests("config", tests, n, NULL, NULL);
}
