// SPDX-License-Identifier: GPL-2.0
/* Pictures of devices as one SVG, without anything from elsewhere. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "lines.h"
#include "show.h"

#define CELL_SIZE 10
#define CELL_STEP 12
#define LINE 18
#define MARGIN 20
#define CELLS 64	/* in a line */
#define LEFT (MARGIN + 130)	/* behind the addresses */
#define WIDTH (LEFT + CELLS * CELL_STEP + MARGIN)

static void put_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '<' || *text == '>' || *text == '&')
			printf(*text == '<' ? "&lt;" : *text == '>' ? "&gt;" : "&amp;");
		else
			putchar(*text);
	}
}

static void text_at(int x, int y, const char *class, const char *text)
{
	printf("<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	put_text(text);
	printf("</text>\n");
}

static void rect_at(int x, int y, enum cell cell, size_t nr)
{
	printf("<rect x=\"%d\" y=\"%d\" width=\"%zu\" height=\"%d\" fill=\"%s\" stroke=\"#8c959f\"/>\n",
	       x, y, (nr - 1) * CELL_STEP + CELL_SIZE, CELL_SIZE, cell_looks[cell].fill);
}

static size_t rows(const struct strip *strip)
{
	return (strip->nr + CELLS - 1) / CELLS;
}

static int draw_strip(const struct strip *strip, int y)
{
	char address[32];

	y += LINE;
	text_at(MARGIN, y, "title", strip->title);
	for (size_t row = 0; row < rows(strip); row++) {
		size_t first = row * CELLS, end = first + CELLS, run;

		if (end > strip->nr)
			end = strip->nr;
		y += LINE;
		snprintf(address, sizeof(address), "%#" PRIx64,
			 strip->start + first * strip->unit);
		text_at(MARGIN, y, "address", address);
		/* One rectangle for those that are the same: a terabyte is a small file. */
		for (size_t i = first; i < end; i += run) {
			for (run = 1; i + run < end && strip->cells[i + run] == strip->cells[i];)
				run++;
			rect_at(LEFT + (i - first) * CELL_STEP, y - CELL_SIZE,
				strip->cells[i], run);
		}
	}
	return y;
}

static int picture_height(const struct picture *picture)
{
	int height = LINE * (picture->nr_lines + 1);

	for (size_t i = 0; i < picture->nr_strips; i++)
		height += LINE * (rows(&picture->strips[i]) + 1);
	for (int cell = 0; cell < NR_CELLS; cell++)
		height += picture->count[cell] ? LINE : 0;
	return height + 2 * LINE;
}

static void draw_picture(const struct picture *picture, int y)
{
	char text[256], count[64];

	text_at(MARGIN, y += LINE, "name", picture->name);
	for (unsigned int i = 0; i < picture->nr_lines; i++)
		text_at(MARGIN, y += LINE, "line", picture->lines[i]);
	for (size_t i = 0; i < picture->nr_strips; i++)
		y = draw_strip(&picture->strips[i], y);
	y += LINE;
	for (int cell = 0; cell < NR_CELLS; cell++) {
		if (!picture->count[cell])
			continue;
		y += LINE;
		rect_at(MARGIN, y - CELL_SIZE, cell, 1);
		picture_count(picture, cell, count, sizeof(count));
		snprintf(text, sizeof(text), "%s: %s", count, cell_looks[cell].words);
		text_at(MARGIN + LINE, y, "line", text);
	}
}

void draw_svg(const struct picture *pictures, size_t nr)
{
	int height = MARGIN;

	for (size_t i = 0; i < nr; i++)
		height += picture_height(&pictures[i]);
	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">\n"
	       "<title>Memory blocks and memmap of DAX devices</title>\n<desc>",
	       WIDTH, height);
	for (size_t i = 0; i < nr; i++) {
		put_text(pictures[i].name);
		for (unsigned int k = 0; k < pictures[i].nr_lines; k++) {
			printf(", ");
			put_text(pictures[i].lines[k]);
		}
		printf(". ");
	}
	printf("</desc>\n<style>text { font: 12px monospace; fill: #1f2328 } .name { font-weight: bold }"
	       " .title { font-style: italic }</style>\n"
	       "<rect width=\"100%%\" height=\"100%%\" fill=\"#f6f8fa\"/>\n");
	height = MARGIN;
	for (size_t i = 0; i < nr; i++) {
		draw_picture(&pictures[i], height);
		height += picture_height(&pictures[i]);
	}
	printf("</svg>\n");
}
