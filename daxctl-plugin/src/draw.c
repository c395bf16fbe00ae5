// SPDX-License-Identifier: GPL-2.0
/* The picture of a device as text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "lines.h"
#include "messages.h"
#include "show.h"

#define ADDRESS_COLUMNS 18
#define MAX_ROWS 16

const struct cell_look cell_looks[NR_CELLS] = {
	[CELL_HEAD] = { "memmap, always online", "M", "▓", "35", "#8250df" },
	[CELL_PART] = { "memmap, then usable memory", "m", "▒", "35", "#c297ff" },
	[CELL_MOVABLE] = { "online in ZONE_MOVABLE", "=", "█", "32", "#2da44e" },
	[CELL_KERNEL] = { "online in a kernel zone", "K", "▚", "34", "#0969da" },
	[CELL_OFFLINE] = { "offline", ".", "░", "33", "#d0d7de" },
	[CELL_GOING] = { "going online or offline", "?", "?", "33", "#d4a72c" },
	[CELL_ABSENT] = { "no memory block", "-", "·", "", "#ffffff" },
	[CELL_MIXED] = { "several of these", "+", "+", "36", "#57606a" },
	[PAGE_FREE] = { "free", "o", "□", "32", "#dafbe1" },
	[PAGE_USED] = { "in use", "#", "■", "34", "#54aeff" },
	[PAGE_BROKEN] = { "a page of it is poisoned", "X", "X", "31", "#cf222e" },
	[PAGE_IMPOSSIBLE] = { "not possible: memmap or memory that is offline", "-", "·", "",
			      "#ffffff" },
	[PAGE_UNSURE] = { "free or in use: some of its pages have no flag", "~", "~", "33",
			  "#ddf4ff" },
	[PAGE_UNKNOWN] = { "not known", "?", "?", "33", "#d4a72c" },
};

static void put_cell(const struct drawing *drawing, enum cell cell)
{
	const struct cell_look *look = &cell_looks[cell];
	const char *symbol = drawing->utf8 ? look->utf8 : look->ascii;

	if (drawing->color && look->color[0])
		printf("\033[%sm%s\033[0m", look->color, symbol);
	else
		fputs(symbol, stdout);
}

static enum cell merge(const struct strip *strip, size_t first, size_t nr)
{
	for (size_t i = first + 1; i < first + nr && i < strip->nr; i++)
		if (strip->cells[i] != strip->cells[first])
			return CELL_MIXED;
	return strip->cells[first];
}

/* Cells in a line: a power of two, so that addresses are round. */
static size_t line_cells(const struct drawing *drawing)
{
	size_t room = drawing->width > ADDRESS_COLUMNS + 8 ?
		      drawing->width - ADDRESS_COLUMNS : 8, cells = 8;

	while (cells * 2 <= room)
		cells *= 2;
	return cells;
}

static bool draw_strip(const struct strip *strip, const struct drawing *drawing)
{
	const size_t cells = line_cells(drawing);
	bool mixed = false;
	size_t scale = 1;
	char text[32];

	while ((strip->nr + scale - 1) / scale > cells * MAX_ROWS)
		scale *= 2;
	printf("\n%s", strip->title);
	if (scale > 1)
		printf(", a character for %zu of them, %s", scale,
		       human_size(scale * strip->unit, text, sizeof(text)));
	for (size_t i = 0; i < strip->nr; i += scale) {
		enum cell cell = merge(strip, i, scale);

		if (i / scale % cells == 0)
			printf("\n  %#-*" PRIx64, ADDRESS_COLUMNS - 2,
			       strip->start + i * strip->unit);
		put_cell(drawing, cell);
		mixed |= cell == CELL_MIXED;
	}
	printf("\n");
	return mixed;
}

void picture_count(const struct picture *picture, enum cell cell, char *text, size_t size)
{
	char bytes[32];

	snprintf(text, size, "%" PRIu64 ", %s", picture->count[cell],
		 human_size(picture->bytes[cell], bytes, sizeof(bytes)));
}

void draw_text(const struct picture *picture, const struct drawing *drawing)
{
	bool mixed = false;
	char text[64];

	printf("%s: ", picture->name);
	for (unsigned int i = 0; i < picture->nr_lines; i++)
		printf("%s\n", picture->lines[i]);
	for (size_t i = 0; i < picture->nr_strips; i++)
		mixed |= draw_strip(&picture->strips[i], drawing);
	if (picture->nr_strips)
		printf("\n");
	for (int cell = 0; cell < NR_CELLS; cell++) {
		if (cell == CELL_MIXED ? !mixed : !picture->count[cell])
			continue;
		printf("  ");
		put_cell(drawing, cell);
		picture_count(picture, cell, text, sizeof(text));
		if (cell == CELL_MIXED)
			printf("  %s\n", cell_looks[cell].words);
		else
			printf("  %-20s %s\n", text, cell_looks[cell].words);
	}
}
