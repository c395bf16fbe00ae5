// SPDX-License-Identifier: GPL-2.0
/* Values of sysfs files: one number, and nothing that only looks like one. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char dir[] = "/tmp/test-sysfs.XXXXXX";

static void put(const char *text, size_t len)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/value", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(text, 1, len, file);
	fclose(file);
}

static void numbers(void **state)
{
	static const struct { const char *text; int base; uint64_t value; } good[] = {
		{ "0\n", 0, 0 }, { "1", 0, 1 }, { "4294967296\n", 0, 4294967296 },
		{ "0x350000000\n", 0, 0x350000000 }, { "8000000\n", 16, 0x8000000 },
		{ "ffffffffffffffff\n", 16, UINT64_MAX }, { "1 \n\n", 0, 1 },
		{ "18446744073709551615\n", 0, UINT64_MAX },
	};
	static const struct { const char *text; int base; } bad[] = {
		{ "", 0 }, { "\n", 0 }, { " 1\n", 0 }, { "-1\n", 0 }, { "+1\n", 0 }, { "0x\n", 0 },
		{ "1 2\n", 0 }, { "1\n2\n", 0 }, { "1x\n", 0 }, { "zzz\n", 0 }, { "g\n", 16 },
		{ "18446744073709551616\n", 0 }, { "10000000000000000\n", 16 }, { "1,0\n", 0 },
		{ "\xff\n", 0 },
		/* longer than the buffer */
		{ "0000000000000000000000000000000000000000000000000000000000000000000000001\n", 0 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		put(good[i].text, strlen(good[i].text));
		assert_int_equal(sysfs_read_u64(&value, good[i].base, "%s/value", dir), 0);
		assert_int_equal(value, good[i].value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put(bad[i].text, strlen(bad[i].text));
		value = 1;
		if (sysfs_read_u64(&value, bad[i].base, "%s/value", dir) != -EIO || value)
			fail_msg("'%s' is taken for %llu", bad[i].text, (unsigned long long)value);
	}
	put("1\0002", 3);
	assert_int_equal(sysfs_read_u64(&value, 0, "%s/value", dir), -EIO);
}

static void text(void **state)
{
	char buf[8];

	(void)state;
	put("range\n", 6);
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s/value", dir), 5);
	assert_string_equal(buf, "range");
	put("\n\n", 2);
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s/value", dir), 0);
	assert_string_equal(buf, "");
	put("1234567", 7);
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s/value", dir), 7);
	put("12345678", 8);
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s/value", dir), -EIO);
	assert_string_equal(buf, "");
	put("a\0b", 3);
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s/value", dir), -EIO);
}

static void what_is_no_file(void **state)
{
	char buf[64], longer[5000];
	uint64_t value;

	(void)state;
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s/none", dir), -ENOENT);
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s", dir), -EISDIR);
	assert_int_equal(sysfs_read_u64(&value, 0, "%s", dir), -EISDIR);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(sysfs_read(buf, sizeof(buf), "%s", longer), -ENAMETOOLONG);
	assert_int_equal(sysfs_read_u64(&value, 0, "%s", longer), -ENAMETOOLONG);
	assert_int_equal(sysfs_write("1", "%s", longer), -ENAMETOOLONG);
	assert_false(sysfs_exists("%s", longer));
	assert_int_equal(sysfs_write("1", "%s/none", dir), -ENOENT);
	assert_int_equal(sysfs_write("1", "/dev/full"), -ENOSPC);
	sysfs_link_name(buf, sizeof(buf), "%s", longer);
	assert_string_equal(buf, "");
}

static void links(void **state)
{
	char path[64], buf[16];

	(void)state;
	snprintf(path, sizeof(path), "%s/link", dir);
	assert_int_equal(symlink("../../bus/dax/drivers/kmem", path), 0);
	sysfs_link_name(buf, sizeof(buf), "%s", path);
	assert_string_equal(buf, "kmem");
	assert_false(sysfs_exists("%s", path));
	sysfs_link_name(buf, 3, "%s", path);
	assert_string_equal(buf, "km");
	unlink(path);
	assert_int_equal(symlink("kmem", path), 0);
	sysfs_link_name(buf, sizeof(buf), "%s", path);
	assert_string_equal(buf, "kmem");
	sysfs_link_name(buf, sizeof(buf), "%s", dir);
	assert_string_equal(buf, "");
	unlink(path);
}

static int setup(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/value", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(text),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(links),
	};

	return cmocka_run_group_tests_name("sysfs", tests, setup, teardown);
}
