/* SPDX-License-Identifier: GPL-2.0 */
/* A picture of a device: made once, drawn as text or as SVG. */
#ifndef _DAXCTL_MEMMAP_SHOW_H_
#define _DAXCTL_MEMMAP_SHOW_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell {
	CELL_HEAD,	/* a memory block that is all memmap */
	CELL_PART,	/* online, and begins with memmap of the range */
	CELL_MOVABLE,
	CELL_KERNEL,
	CELL_OFFLINE,
	CELL_GOING,
	CELL_ABSENT,
	CELL_MIXED,	/* of several blocks that differ */
	PAGE_FREE,
	PAGE_USED,
	PAGE_BROKEN,
	PAGE_IMPOSSIBLE,
	PAGE_UNSURE,
	PAGE_UNKNOWN,
	NR_CELLS
};

/* What a cell is called and looks like. */
struct cell_look {
	const char *words;
	const char *ascii;
	const char *utf8;
	const char *color;	/* of a terminal, SGR */
	const char *fill;	/* of SVG */
};

extern const struct cell_look cell_looks[NR_CELLS];

/* Pieces of the same size, one behind the other. */
struct strip {
	char title[96];
	uint64_t start;		/* physical address of the first cell */
	uint64_t unit;		/* bytes in a cell */
	unsigned char *cells;
	size_t nr;
};

#define MAX_LINES 6

struct picture {
	char name[64];
	char lines[MAX_LINES][256];
	unsigned int nr_lines;
	struct strip *strips;
	size_t nr_strips;
	uint64_t count[NR_CELLS];
	uint64_t bytes[NR_CELLS];
};

/* How many cells there are of a kind, in words. */
void picture_count(const struct picture *picture, enum cell cell, char *text, size_t size);

struct drawing {
	unsigned int width;	/* columns */
	bool utf8;
	bool color;
};

void draw_text(const struct picture *picture, const struct drawing *drawing);
void draw_svg(const struct picture *pictures, size_t nr);

#endif
