// SPDX-License-Identifier: GPL-2.0
/*
 * show: a device as memory. Its blocks by state and zone, what of it is memmap, and what
 * has become of each gigantic page.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "devices.h"
#include "lines.h"
#include "messages.h"
#include "options.h"
#include "show.h"

#define MAX_CELLS (1U << 22)	/* half a petabyte; what is beyond is no machine's */
#define KPAGEFLAGS "/proc/kpageflags"
/* Of include/uapi/linux/kernel-page-flags.h */
#define KPF_BUDDY 10
#define KPF_HWPOISON 19
#define KPF_NOPAGE 20
#define KPF_IDLE 25

struct showing {
	struct picture *pictures;
	size_t nr;
	int kpageflags;			/* -1: cannot be read */
	char why[128];
};

/*--- what is there ----------------------------------------------------------------*/

__attribute__((format(printf, 2, 3)))
static void add_line(struct picture *picture, const char *fmt, ...)
{
	va_list args;

	if (picture->nr_lines == MAX_LINES)
		return;
	va_start(args, fmt);
	vsnprintf(picture->lines[picture->nr_lines++], sizeof(picture->lines[0]), fmt, args);
	va_end(args);
}

/* Is the node in a list as of sysfs: "0-1,4"? */
static bool in_list(const char *list, unsigned long node)
{
	char *end;

	while (*list) {
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return false;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (node >= first && node <= last)
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

/* How far it is from the nodes that have processors. */
static void describe_node(struct picture *picture, int node)
{
	char distances[1024], with_cpu[256], text[192] = "", *at = distances;
	unsigned long other = 0;

	if (node < 0)
		return;
	sysfs_read(with_cpu, sizeof(with_cpu), "/sys/devices/system/node/has_cpu");
	if (sysfs_read(distances, sizeof(distances),
		       "/sys/devices/system/node/node%d/distance", node) <= 0)
		at = (char *)"";
	for (; *at && strlen(text) + 40 < sizeof(text); other++) {
		unsigned long distance = strtoul(at, &at, 10);

		if (in_list(with_cpu, other) && other != (unsigned long)node)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 "%s %lu from node %lu", text[0] ? "," : ", distance", distance,
				 other);
		at += strspn(at, " ");
	}
	add_line(picture, "node %d%s", node, text);
}

static void describe(struct picture *picture, struct daxctl_memmap *memmap)
{
	const char *name = daxctl_memmap_get_devname(memmap);
	struct identity id;
	char size[32];

	snprintf(picture->name, sizeof(picture->name), "%s", name);
	identify(name, &id);
	add_line(picture, "%s%s%s%s%s", human_size(daxctl_memmap_get_size(memmap), size,
						   sizeof(size)),
		 id.cxl_region[0] ? ", " : "", id.cxl_region,
		 id.nvdimm_uuid[0] ? ", namespace " : "", id.nvdimm_uuid);
	describe_node(picture, daxctl_dev_get_target_node(daxctl_memmap_get_dev(memmap)));
	if (daxctl_memmap_is_system_ram(memmap))
		add_line(picture, "system-ram, memmap %s, requested %s",
			 daxctl_memmap_policy_name(daxctl_memmap_get_effective(memmap)),
			 daxctl_memmap_policy_name(daxctl_memmap_get_policy(memmap)));
	else
		add_line(picture, "devdax: no memory blocks; what it could have: " PROG " plan %s",
			 name);
}

/*--- strips -----------------------------------------------------------------------*/

static struct strip *add_strip(struct picture *picture, uint64_t start, uint64_t size,
			       uint64_t unit)
{
	struct strip *strips, *strip;
	char text[32];

	if (size / unit > MAX_CELLS) {
		error("%s: %s are too much to draw", picture->name,
		      human_size(size, text, sizeof(text)));
		return NULL;
	}
	strips = realloc(picture->strips, (picture->nr_strips + 1) * sizeof(*strips));
	if (!strips)
		return NULL;
	picture->strips = strips;
	strip = &strips[picture->nr_strips];
	*strip = (struct strip){ .start = start, .unit = unit, .nr = size / unit };
	strip->cells = malloc(strip->nr ? strip->nr : 1);
	if (!strip->cells) {
		error("%s: out of memory", picture->name);
		return NULL;
	}
	picture->nr_strips++;
	return strip;
}

static void set_cell(struct picture *picture, struct strip *strip, size_t i, enum cell cell,
		     uint64_t bytes)
{
	strip->cells[i] = cell;
	picture->count[cell]++;
	picture->bytes[cell] += bytes;
}

static enum cell look_at_block(struct daxctl_memmap *memmap, uint64_t block, uint64_t *bytes)
{
	static const enum cell cells[] = {
		[DAXCTL_MEMMAP_BLOCK_ABSENT] = CELL_ABSENT,
		[DAXCTL_MEMMAP_BLOCK_OFFLINE] = CELL_OFFLINE,
		[DAXCTL_MEMMAP_BLOCK_MOVABLE] = CELL_MOVABLE,
		[DAXCTL_MEMMAP_BLOCK_KERNEL] = CELL_KERNEL,
		[DAXCTL_MEMMAP_BLOCK_GOING] = CELL_GOING,
	};
	enum daxctl_memmap_block_state state = daxctl_memmap_block_get_state(memmap, block);
	const uint64_t usable = daxctl_memmap_block_get_usable(memmap, block);

	*bytes = usable;
	if (!usable)
		*bytes = daxctl_memmap_get_block_size(memmap);
	if (!usable && state == DAXCTL_MEMMAP_BLOCK_ABSENT)
		return CELL_HEAD;
	if (daxctl_memmap_get_effective(memmap) == DAXCTL_MEMMAP_RANGE &&
	    usable < daxctl_memmap_get_block_size(memmap) &&
	    (state == DAXCTL_MEMMAP_BLOCK_MOVABLE || state == DAXCTL_MEMMAP_BLOCK_KERNEL))
		return CELL_PART;
	return cells[state];
}

static int show_blocks(struct picture *picture, struct daxctl_memmap *memmap, uint64_t start,
		       uint64_t size)
{
	const uint64_t unit = daxctl_memmap_get_block_size(memmap);
	struct strip *strip = add_strip(picture, start, size, unit);
	char text[32];
	uint64_t bytes;

	if (!strip)
		return -E2BIG;
	snprintf(strip->title, sizeof(strip->title), "memory blocks of %s%s",
		 human_size(unit, text, sizeof(text)),
		 daxctl_memmap_get_effective(memmap) == DAXCTL_MEMMAP_BLOCK ?
		 ", each of which begins with its memmap" : "");
	for (size_t i = 0; i < strip->nr; i++) {
		enum cell cell = look_at_block(memmap, start / unit + i, &bytes);

		set_cell(picture, strip, i, cell, bytes);
	}
	return 0;
}

/* All of it is usable and online, or at least in blocks that are. */
static bool is_online(struct daxctl_memmap *memmap, uint64_t start, uint64_t size)
{
	const uint64_t unit = daxctl_memmap_get_block_size(memmap);

	for (uint64_t block = start / unit; block * unit < start + size; block++) {
		enum daxctl_memmap_block_state state =
			daxctl_memmap_block_get_state(memmap, block);

		if ((state != DAXCTL_MEMMAP_BLOCK_MOVABLE &&
		     state != DAXCTL_MEMMAP_BLOCK_KERNEL) ||
		    daxctl_memmap_block_get_usable(memmap, block) < unit)
			return false;
	}
	return true;
}

/*
 * All pages of a free block have KPF_BUDDY, not only its first; any flag but that is of a
 * page that somebody has. Pages without a flag are in lists of a CPU, or a driver has them.
 * Poison counts before use.
 */
static enum cell look_at_pages(struct showing *showing, uint64_t pfn, uint64_t nr)
{
	static const uint64_t unused = 1ULL << KPF_BUDDY | 1ULL << KPF_IDLE;
	bool used = false, unsure = false;
	uint64_t flags[8192];

	if (showing->kpageflags < 0)
		return PAGE_UNKNOWN;
	while (nr) {
		size_t want = nr < ARRAY_SIZE(flags) ? nr : ARRAY_SIZE(flags);
		ssize_t n = pread(showing->kpageflags, flags, want * sizeof(flags[0]),
				  pfn * sizeof(flags[0]));

		if (n < (ssize_t)sizeof(flags[0])) {
			snprintf(showing->why, sizeof(showing->why), KPAGEFLAGS ": %s",
				 n < 0 ? strerror(errno) : "it ends before that memory");
			return PAGE_UNKNOWN;
		}
		n /= sizeof(flags[0]);
		for (ssize_t i = 0; i < n; i++) {
			if (flags[i] & (1ULL << KPF_HWPOISON))
				return PAGE_BROKEN;
			if (flags[i] & (1ULL << KPF_NOPAGE))
				return PAGE_IMPOSSIBLE;
			used |= flags[i] & ~unused;
			unsure |= !(flags[i] & (1ULL << KPF_BUDDY));
		}
		pfn += n;
		nr -= n;
	}
	return used ? PAGE_USED : unsure ? PAGE_UNSURE : PAGE_FREE;
}

static int show_pages(struct showing *showing, struct picture *picture,
		      struct daxctl_memmap *memmap, uint64_t start, uint64_t end)
{
	const uint64_t unit = daxctl_memmap_get_gigantic_size(memmap);
	const uint64_t page = daxctl_memmap_get_page_size(memmap);
	uint64_t first = (start + unit - 1) / unit * unit;
	struct strip *strip;
	char text[32];

	if (first < start || first >= end || (end - first) / unit == 0)
		return 0;
	strip = add_strip(picture, first, (end - first) / unit * unit, unit);
	if (!strip)
		return -ENOMEM;
	snprintf(strip->title, sizeof(strip->title), "pages of %s",
		 human_size(unit, text, sizeof(text)));
	for (size_t i = 0; i < strip->nr && !interrupted(); i++) {
		uint64_t at = first + i * unit;

		set_cell(picture, strip, i, is_online(memmap, at, unit) ?
			 look_at_pages(showing, at / page, unit / page) : PAGE_IMPOSSIBLE, unit);
		progress(picture->name, "gigantic pages", "looked at", i + 1, strip->nr);
	}
	progress_end();
	return 0;
}

/* Whole memory blocks of each range. */
static int show_ranges(struct showing *showing, struct picture *picture,
		       struct daxctl_memmap *memmap)
{
	const uint64_t unit = daxctl_memmap_get_block_size(memmap);
	uint64_t start, size, end;
	int rc;

	for (unsigned int nr = 0; !(rc = daxctl_memmap_get_range(memmap, nr, &start, &size));
	     nr++) {
		add_line(picture, "%#" PRIx64 "-%#" PRIx64, start, start + size - 1);
		end = (start + size) / unit * unit;
		start = (start + unit - 1) / unit * unit;
		if (!daxctl_memmap_is_system_ram(memmap) || start >= end)
			continue;
		rc = show_blocks(picture, memmap, start, end - start);
		if (!rc)
			rc = show_pages(showing, picture, memmap, start, end);
		if (rc)
			break;
	}
	if (rc == -EACCES)
		error("%s: only root can read where it is", picture->name);
	return rc == -ENOENT ? 0 : rc;
}

/*--- the command ------------------------------------------------------------------*/

static int show_device(struct daxctl_memmap *memmap, void *data)
{
	struct showing *showing = data;
	struct picture *pictures;

	pictures = realloc(showing->pictures, (showing->nr + 1) * sizeof(*pictures));
	if (!pictures)
		return -ENOMEM;
	showing->pictures = pictures;
	pictures += showing->nr++;
	*pictures = (struct picture){ 0 };
	describe(pictures, memmap);
	return show_ranges(showing, pictures, memmap);
}

static void free_pictures(struct showing *showing)
{
	for (size_t i = 0; i < showing->nr; i++) {
		for (size_t k = 0; k < showing->pictures[i].nr_strips; k++)
			free(showing->pictures[i].strips[k].cells);
		free(showing->pictures[i].strips);
	}
	free(showing->pictures);
}

/* 0: no number of columns. */
static unsigned int parse_width(const char *text)
{
	uint64_t width;
	char *end;

	return parse_number(text, &width, &end) || *end || width > 10000 ? 0 : width;
}

static unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	unsigned int width = 0;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		width = size.ws_col;
	if (!width && columns)
		width = parse_width(columns);
	return width ? width : 80;
}

static int wants_color(const char *word)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (!strcmp(word, "always") || !strcmp(word, "never"))
		return word[0] == 'a';
	if (strcmp(word, "auto"))
		return -EINVAL;
	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) && term &&
	       strcmp(term, "dumb");
}

static void draw(struct showing *showing, const struct drawing *drawing)
{
	for (size_t i = 0; i < showing->nr; i++) {
		if (i)
			printf("\n");
		draw_text(&showing->pictures[i], drawing);
	}
	for (size_t i = 0; i < showing->nr; i++)
		if (showing->pictures[i].count[PAGE_UNKNOWN]) {
			note("what is in gigantic pages is not known: %s", showing->why);
			return;
		}
}

int cmd_show(int argc, char **argv, struct daxctl_ctx *ctx)
{
	const char *region = NULL, *color = "auto", *width = NULL;
	bool svg = false;
	const struct opt table[] = {
		{ 'r', "region", OPT_STRING, &region, "REGION", "devices of one region" },
		{ 0, "svg", OPT_FLAG, &svg, NULL, "an SVG instead of text" },
		{ 0, "color", OPT_STRING, &color, "WHEN", "auto (default), always or never" },
		{ 0, "width", OPT_STRING, &width, "COLUMNS", "default: as wide as the terminal" },
		{ 'v', "verbose", OPT_FLAG, &verbose, NULL, "say what is done" },
	};
	const struct opts opts = {
		PROG " show [OPTION ...] DEV ...|all",
		"A picture of a device: its memory blocks, its memmap, its gigantic pages.",
		table, ARRAY_SIZE(table)
	};
	struct showing showing = { 0 };
	struct drawing drawing = { 0 };
	unsigned int done;
	int status, first, colored;

	first = parse_options(argc, argv, &opts, &status);
	if (first < 0)
		return status;
	if (no_devices_named(argc, argv, first, region))
		return STATUS_USAGE;
	colored = wants_color(color);
	drawing.width = width ? parse_width(width) : terminal_width();
	if (colored < 0 || !drawing.width) {
		error("show: %s: %s", colored < 0 ? color : width,
		      colored < 0 ? "it is auto, always or never" : "no number of columns");
		return STATUS_USAGE;
	}
	drawing.color = colored;
	setlocale(LC_CTYPE, "");
	drawing.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	catch_signals();
	showing.kpageflags = open(KPAGEFLAGS, O_RDONLY | O_CLOEXEC);
	if (showing.kpageflags < 0)
		snprintf(showing.why, sizeof(showing.why), KPAGEFLAGS ": %s", strerror(errno));
	status = for_devices(ctx, argv + first, argc - first, region, show_device, &showing,
			     &done);
	if (interrupted()) {
		error("show: interrupted");
		status = STATUS_FAILED;
	} else if (svg) {
		draw_svg(showing.pictures, showing.nr);
	} else {
		draw(&showing, &drawing);
	}
	free_pictures(&showing);
	if (showing.kpageflags >= 0)
		close(showing.kpageflags);
	return status;
}
