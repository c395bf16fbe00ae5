// SPDX-License-Identifier: GPL-2.0
/* forget: what --persist has written for a device is taken out of the configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "convert.h"
#include "devices.h"
#include "lines.h"
#include "messages.h"
#include "options.h"

static bool is_remark(const char *line)
{
	line += strspn(line, " \t\n");
	return !*line || *line == '#' || *line == ';';
}

/* The file goes with its last section. */
static int drop_section(const struct config *section)
{
	char temporary[4096 + 8];
	struct lines lines = { 0 };
	bool others = false;
	size_t head, end;
	int rc;

	rc = lines_read(section->file, &lines);
	head = section->line - 1;
	if (!rc && head >= lines.nr)
		rc = -ESTALE;
	if (!rc) {
		end = lines_section_end(&lines, head);
		/* What stands above the next section is about that one. */
		while (end < lines.nr && end > head + 1 && is_remark(lines.line[end - 1]))
			end--;
		while (end-- > head)
			lines_drop(&lines, head);
		for (size_t i = 0; i < lines.nr; i++)
			others |= lines.line[i][strspn(lines.line[i], " \t")] == '[';
		snprintf(temporary, sizeof(temporary), "%s.tmp", section->file);
		if (others)
			rc = lines_write(section->file, temporary, &lines);
		else
			rc = unlink(section->file) ? -errno : 0;
	}
	lines_free(&lines);
	if (rc)
		error("%s: %s", section->file, strerror(-rc));
	else
		note("%s: [%s] is gone%s", section->file, section->name,
		     others ? "" : ", and the file");
	return rc;
}

/* Of a dax device, a memory device, or KEY=VALUE as in a section. */
struct subject {
	const char *name;
	struct identity id;
	struct config *named;
};

static bool is_about(const struct config *config, const struct subject *subject)
{
	return subject->named ? config_same_device(config, subject->named) :
				config_concerns(config, subject->name, &subject->id);
}

/* Sections of others stay: whoever wrote them has to change them. */
static int forget(const struct subject *subject, const char *dir)
{
	struct config *list, *config;
	unsigned int found = 0;
	char path[512];
	bool again;
	int rc = 0;

	do {
		again = false;
		config_read(dir, &list);
		for (config = list; config && !again; config = config->next) {
			if (!is_about(config, subject))
				continue;
			persist_path(dir, config, path, sizeof(path));
			/* Lines have moved: read them again. */
			again = !strcmp(path, config->file);
			if (again)
				rc = drop_section(config);
			found += again;
		}
		config_free(list);
	} while (again && !rc);

	config_read(dir, &list);
	for (config = list; config && !rc; config = config->next) {
		if (!is_about(config, subject))
			continue;
		error("%s: [%s] at %s:%u is for it, and was not written by --persist",
		      subject->name, config->name, config->file, config->line);
		hint("remove that section by hand");
		rc = -EEXIST;
	}
	config_free(list);
	if (!rc && !found) {
		error("%s: no section is for it", subject->name);
		hint("see them: " PROG " check-config");
		rc = -ENOENT;
	}
	return rc;
}

static int find_subject(const char *name, struct subject *subject)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file;
	int rc;

	subject->name = name;
	if (!strchr(name, '=')) {
		if (is_name(name, "mem", false)) {
			rc = sysfs_read_u64(&subject->id.serials[0], 0,
					    "/sys/bus/cxl/devices/%s/serial", name);
			subject->id.nr_serials = !rc;
		} else {
			identify(name, &subject->id);
			rc = is_name(name, "dax", true) ? 0 : -ENODEV;
		}
		if (rc) {
			error("%s: no such device", name);
			hint("of one that is not there, KEY=VALUE of its section, such as cxl.serial=0x1");
		}
		return rc;
	}
	/* As the configuration has it. */
	file = open_memstream(&text, &size);
	if (!file)
		return -ENOMEM;
	fprintf(file, "[%s]\n%s\n", name, name);
	fclose(file);
	file = fmemopen(text, size, "r");
	rc = file ? config_parse(file, "forget", &subject->named) : -ENOMEM;
	if (file)
		fclose(file);
	free(text);
	return rc;
}

int cmd_forget(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *dir = CONFIG_DIR;
	const struct opt table[] = {
		{ 'c', "config", OPT_STRING, &dir, "DIR", "the configuration; default: " CONFIG_DIR },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " forget [OPTION ...] DEV|MEMDEV|KEY=VALUE ...",
		"Take what --persist has written for a device out of the configuration. The device stays\nas it is.",
		table, ARRAY_SIZE(table)
	};
	int status, first;

	(void)ctx;
	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (first == argc) {
		error("forget: which device?");
		hint("see the sections: " PROG " check-config");
		return STATUS_USAGE;
	}
	if (take_lock())
		return STATUS_FAILED;
	status = STATUS_OK;
	for (int i = first; i < argc; i++) {
		struct subject subject = { 0 };

		if (find_subject(argv[i], &subject) || forget(&subject, dir))
			status = STATUS_FAILED;
		config_free(subject.named);
	}
	return status;
}
