// SPDX-License-Identifier: GPL-2.0
/* Options, and sizes as people write and read them. */
#include "unit.h"

static void sizes(void **state)
{
	static const struct { const char *text; uint64_t bytes; } good[] = {
		{ "1", 1 }, { "4096", 4096 }, { "0x1000", 4096 }, { "1K", 1024 }, { "1k", 1024 },
		{ "256M", 256ULL << 20 }, { "2G", 2ULL << 30 }, { "2GiB", 2ULL << 30 },
		{ "3T", 3ULL << 40 }, { "1P", 1ULL << 50 }, { "15E", 15ULL << 60 },
		{ "18446744073709551615", UINT64_MAX }, { "0x10", 16 },
	};
	static const char * const bad[] = {
		"", "0", "0G", "-1", "+1", " 1", "1 ", "1 G", "G", "x", "0x", "1Q", "1GG", "1GB",
		"1B", "1iB", "1GiBs", "1.5G", "16E", "18446744073709551616", "99999999999999999999G",
		"0x1fffffffffffffffff", "1G\n", "08", "010",
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (parse_size(good[i].text, &bytes) || bytes != good[i].bytes)
			fail_msg("'%s': %llu", good[i].text, (unsigned long long)bytes);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (!parse_size(bad[i], &bytes))
			fail_msg("'%s' is taken for %llu", bad[i], (unsigned long long)bytes);
}

static void human_sizes(void **state)
{
	static const struct { uint64_t bytes; const char *text; } vectors[] = {
		{ 0, "0 B" }, { 1, "1 B" }, { 1023, "1023 B" }, { 1024, "1.00 KiB" },
		{ 1536, "1.50 KiB" }, { 1048576, "1.00 MiB" }, { 134217728, "128.00 MiB" },
		{ 4160749568, "3.88 GiB" }, { 1ULL << 40, "1.00 TiB" }, { 1ULL << 50, "1.00 PiB" },
		{ 1ULL << 60, "1.00 EiB" }, { UINT64_MAX, "16.00 EiB" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
		assert_string_equal(human_size(vectors[i].bytes, text, sizeof(text)),
				    vectors[i].text);
	assert_string_equal(human_size(UINT64_MAX, text, 4), "16.");
}

static bool a, b, c, d;
static const char *word;
static const struct opt table[] = {
	{ 'a', "alpha", OPT_FLAG, &a, NULL, "", 'x' },
	{ 0, "beta", OPT_FLAG, &b, NULL, "", 'x' },
	{ 'c', "gamma", OPT_FLAG, &c, NULL, "", 'y' },
	{ 0, "no-delta", OPT_CLEAR, &d, NULL, "" },
	{ 'w', "word", OPT_STRING, &word, "WORD", "", 'y' },
};
static const struct opts opts = { "t", "t", table, ARRAY_SIZE(table) };

struct line {
	const char *argv[8];
	int first;		/* -1: an error */
	const char *said;
};

static void lines(void **state)
{
	static const struct line vectors[] = {
		{ { "t" }, 1, "" },
		{ { "t", "-a" }, 2, "" },
		{ { "t", "dax0.0", "-a" }, 2, "" },	/* options may come last */
		{ { "t", "--", "-a" }, 2, "" },
		{ { "t", "--alpha", "--alpha" }, 3, "" },
		{ { "t", "--alp" }, 2, "" },
		{ { "t", "-ac" }, 2, "" },
		{ { "t", "-wx" }, 2, "" },
		{ { "t", "--word=x", "--word", "y" }, 4, "" },
		{ { "t", "-a", "--beta" }, -1, "error: t: --alpha and --beta exclude each other\n" },
		{ { "t", "--beta", "-ca" }, -1, "error: t: --beta and --alpha exclude each other\n" },
		{ { "t", "-c", "-a", "-w", "x" }, -1, "error: t: --gamma and --word exclude each other\n" },
		{ { "t", "-x" }, -1, "error: t -x: no such option, or ambiguous\n  options: daxctl-memmap t --help\n" },
		{ { "t", "-ax" }, -1, "error: t -x: no such option, or ambiguous\n  options: daxctl-memmap t --help\n" },
		{ { "t", "--x" }, -1, "error: t --x: no such option, or ambiguous\n  options: daxctl-memmap t --help\n" },
		{ { "t", "-w" }, -1, "error: t -w: needs an argument\n  options: daxctl-memmap t --help\n" },
		{ { "t", "--word" }, -1, "error: t --word: needs an argument\n  options: daxctl-memmap t --help\n" },
		{ { "t", "--alpha=1" }, -1, "error: t --alpha=1: takes no argument\n  options: daxctl-memmap t --help\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const char *argv[9] = { NULL };
		int argc = 0, status, first;
		char *text;

		for (; argc < 8 && vectors[i].argv[argc]; argc++)
			argv[argc] = vectors[i].argv[argc];
		listen();
		first = parse_options(argc, (char **)argv, &opts, &status);
		text = heard();
		assert_string_equal(text, vectors[i].said);
		assert_int_equal(first, vectors[i].first);
		if (first < 0)
			assert_int_equal(status, STATUS_USAGE);
		free(text);
	}
}

static void set_values(void **state)
{
	char *argv[] = { (char *)"t", (char *)"-a", (char *)"--no-delta", (char *)"-w",
			 (char *)"this", NULL };
	int status;

	(void)state;
	a = b = false;
	d = true;
	word = NULL;
	assert_int_equal(parse_options(5, argv, &opts, &status), 5);
	assert_true(a && !b && !d);
	assert_string_equal(word, "this");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(human_sizes),
		cmocka_unit_test(lines),
		cmocka_unit_test(set_values),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
