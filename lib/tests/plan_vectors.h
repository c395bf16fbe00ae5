/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mhp_memmap_plan() must say, for KUnit and for the host's unit tests.
 * The expected values are written out, not computed.
 */
#ifndef _MHP_ALTMAP_PLAN_VECTORS_H
#define _MHP_ALTMAP_PLAN_VECTORS_H

#include <linux/mhp_memmap.h>
#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#define KiB(n) ((__u64)(n) << 10)
#define MiB(n) ((__u64)(n) << 20)
#define GiB(n) ((__u64)(n) << 30)
#define TiB(n) ((__u64)(n) << 40)

/* x86, and arm64 with 4 KiB pages: sections of 128 MiB. */
static const struct mhp_memmap_geometry geo_4k = {
	.page_size = KiB(4),
	.page_struct_size = 64,
	.section_size = MiB(128),
	.block_size = MiB(128),
	.memmap_unit = MiB(2),
	.pud_size = GiB(1),
	.block_memmap_size = MiB(2),
	.range_supported = true,
};

/* x86 with more than 64 GiB at boot. */
static const struct mhp_memmap_geometry geo_4k_2g_blocks = {
	.page_size = KiB(4),
	.page_struct_size = 64,
	.section_size = MiB(128),
	.block_size = GiB(2),
	.memmap_unit = MiB(2),
	.pud_size = GiB(1),
	.block_memmap_size = MiB(32),
	.range_supported = true,
};

/*
 * arm64 with 64 KiB pages: sections of 512 MiB, whose memmap is eight pages, and
 * a thousandth of the 512 MiB that a PMD maps.
 */
static const struct mhp_memmap_geometry geo_64k = {
	.page_size = KiB(64),
	.page_struct_size = 64,
	.section_size = MiB(512),
	.block_size = MiB(512),
	.memmap_unit = KiB(64),
	.pud_size = TiB(4),
	.block_memmap_size = 0,
	.range_supported = true,
};

/* arm64 with 16 KiB pages: sections of 128 MiB, PMDs of 32 MiB. */
static const struct mhp_memmap_geometry geo_16k = {
	.page_size = KiB(16),
	.page_struct_size = 64,
	.section_size = MiB(128),
	.block_size = MiB(128),
	.memmap_unit = KiB(16),
	.pud_size = GiB(64),
	.block_memmap_size = 0,
	.range_supported = true,
};

/* A debug kernel with a larger struct page. */
static const struct mhp_memmap_geometry geo_odd_struct_page = {
	.page_size = KiB(4),
	.page_struct_size = 80,
	.section_size = MiB(128),
	.block_size = MiB(128),
	.memmap_unit = MiB(2),
	.pud_size = GiB(1),
	.block_memmap_size = 0,
	.range_supported = true,
};

static const struct mhp_memmap_geometry geo_no_range = {
	.page_size = KiB(4),
	.page_struct_size = 64,
	.section_size = MiB(128),
	.block_size = MiB(128),
	.memmap_unit = MiB(2),
	.pud_size = GiB(1),
	.block_memmap_size = MiB(2),
	.range_supported = false,
};

/* "force": the memmap of a block is padded to whole pageblocks. */
static const struct mhp_memmap_geometry geo_forced_block = {
	.page_size = KiB(64),
	.page_struct_size = 64,
	.section_size = MiB(512),
	.block_size = MiB(512),
	.memmap_unit = KiB(64),
	.pud_size = TiB(4),
	.block_memmap_size = MiB(512),
	.range_supported = false,
};

struct plan_vector {
	const char *desc;
	const struct mhp_memmap_geometry *geo;
	enum mhp_memmap_policy policy;
	__u64 start;
	__u64 size;
	int ret;
	/* if ret is 0: */
	__u64 memmap;
	__u64 head;
	__u64 waste;
	__u64 usable;
	__u64 dram;
	__u64 gigantic_pages;
};

#define GOOD(_memmap, _head, _waste, _usable, _dram, _gigantic) \
	.memmap = (_memmap), .head = (_head), .waste = (_waste), \
	.usable = (_usable), .dram = (_dram), .gigantic_pages = (_gigantic)

static const struct plan_vector plan_vectors[] = {
	/* dram */
	{ "dram, one block", &geo_4k, MHP_MEMMAP_DRAM, GiB(4), MiB(128), 0,
	  GOOD(MiB(2), 0, 0, MiB(128), MiB(2), 0) },
	{ "dram, 128 GiB at a 1 GiB boundary", &geo_4k, MHP_MEMMAP_DRAM,
	  GiB(4), GiB(128), 0,
	  GOOD(GiB(2), 0, 0, GiB(128), GiB(2), 128) },
	{ "dram, 128 GiB at a 256 MiB boundary", &geo_4k, MHP_MEMMAP_DRAM,
	  GiB(4) + MiB(256), GiB(128), 0,
	  GOOD(GiB(2), 0, 0, GiB(128), GiB(2), 127) },
	{ "dram, 16 TiB", &geo_4k, MHP_MEMMAP_DRAM, TiB(16), TiB(16), 0,
	  GOOD(GiB(256), 0, 0, TiB(16), GiB(256), 16384) },
	{ "dram, 1 TiB", &geo_4k, MHP_MEMMAP_DRAM, TiB(1), TiB(1), 0,
	  GOOD(GiB(16), 0, 0, TiB(1), GiB(16), 1024) },
	{ "dram, 64 TiB, 2 GiB blocks", &geo_4k_2g_blocks, MHP_MEMMAP_DRAM,
	  TiB(64), TiB(64), 0,
	  GOOD(TiB(1), 0, 0, TiB(64), TiB(1), 65536) },
	{ "dram, 64 KiB pages", &geo_64k, MHP_MEMMAP_DRAM, GiB(4), GiB(8), 0,
	  GOOD(MiB(8), 0, 0, GiB(8), MiB(8), 0) },

	{ "dram, 80 bytes per struct page", &geo_odd_struct_page,
	  MHP_MEMMAP_DRAM, GiB(4), GiB(8), 0,
	  GOOD(MiB(160), 0, 0, GiB(8), MiB(160), 8) },

	/* block */
	{ "block, one block", &geo_4k, MHP_MEMMAP_BLOCK, GiB(4), MiB(128), 0,
	  GOOD(MiB(2), MiB(2), 0, MiB(126), 0, 0) },
	{ "block, 128 GiB has no 1 GiB page left", &geo_4k, MHP_MEMMAP_BLOCK,
	  GiB(4), GiB(128), 0,
	  GOOD(GiB(2), GiB(2), 0, GiB(126), 0, 0) },
	{ "block, 2 GiB blocks keep one each", &geo_4k_2g_blocks,
	  MHP_MEMMAP_BLOCK, GiB(4), GiB(128), 0,
	  GOOD(GiB(2), GiB(2), 0, GiB(126), 0, 64) },
	{ "block, 1 TiB", &geo_4k, MHP_MEMMAP_BLOCK, TiB(1), TiB(1), 0,
	  GOOD(GiB(16), GiB(16), 0, TiB(1) - GiB(16), 0, 0) },
	{ "block, 64 TiB, 2 GiB blocks", &geo_4k_2g_blocks, MHP_MEMMAP_BLOCK,
	  TiB(64), TiB(64), 0,
	  GOOD(TiB(1), TiB(1), 0, TiB(63), 0, 32768) },
	{ "block, 16 TiB", &geo_4k, MHP_MEMMAP_BLOCK, TiB(16), TiB(16), 0,
	  GOOD(GiB(256), GiB(256), 0, TiB(16) - GiB(256), 0, 0) },
	{ "block, refused: not whole PMDs", &geo_64k, MHP_MEMMAP_BLOCK,
	  GiB(4), GiB(8), -EOPNOTSUPP },
	{ "block, refused: nothing left", &geo_forced_block, MHP_MEMMAP_BLOCK,
	  GiB(4), GiB(8), -EOPNOTSUPP },

	/* range */
	{ "range, refused: one section", &geo_4k, MHP_MEMMAP_RANGE,
	  GiB(4), MiB(128), -EOPNOTSUPP },
	{ "range, two sections: half is head", &geo_4k, MHP_MEMMAP_RANGE,
	  GiB(4), MiB(256), 0,
	  GOOD(MiB(4), MiB(128), MiB(124), MiB(128), 0, 0) },
	{ "range, 8 GiB wastes nothing", &geo_4k, MHP_MEMMAP_RANGE,
	  GiB(4), GiB(8), 0,
	  GOOD(MiB(128), MiB(128), 0, GiB(8) - MiB(128), 0, 7) },
	{ "range, 8 GiB and a block", &geo_4k, MHP_MEMMAP_RANGE,
	  GiB(4), GiB(8) + MiB(128), 0,
	  GOOD(MiB(130), MiB(256), MiB(126), MiB(8064), 0, 7) },
	{ "range, 12.25 GiB", &geo_4k, MHP_MEMMAP_RANGE,
	  GiB(4), GiB(12) + MiB(256), 0,
	  GOOD(MiB(196), MiB(256), MiB(60), GiB(12), 0, 11) },
	{ "range, 128 GiB", &geo_4k, MHP_MEMMAP_RANGE, GiB(4), GiB(128), 0,
	  GOOD(GiB(2), GiB(2), 0, GiB(126), 0, 126) },
	{ "range, 128 GiB at a 256 MiB boundary", &geo_4k, MHP_MEMMAP_RANGE,
	  0x9890000000ULL, GiB(128), 0,
	  GOOD(GiB(2), GiB(2), 0, GiB(126), 0, 125) },
	{ "range, 1 TiB", &geo_4k, MHP_MEMMAP_RANGE, TiB(1), TiB(1), 0,
	  GOOD(GiB(16), GiB(16), 0, TiB(1) - GiB(16), 0, 1008) },
	{ "range, 4 TiB, 2 GiB blocks", &geo_4k_2g_blocks, MHP_MEMMAP_RANGE,
	  TiB(4), TiB(4), 0,
	  GOOD(GiB(64), GiB(64), 0, TiB(4) - GiB(64), 0, 4032) },
	{ "range, 64 TiB", &geo_4k, MHP_MEMMAP_RANGE, TiB(64), TiB(64), 0,
	  GOOD(TiB(1), TiB(1), 0, TiB(63), 0, 64512) },
	{ "range, 64 TiB, 2 GiB blocks", &geo_4k_2g_blocks, MHP_MEMMAP_RANGE,
	  TiB(64), TiB(64), 0,
	  GOOD(TiB(1), TiB(1), 0, TiB(63), 0, 64512) },
	{ "range, 16 TiB above pfn 2^32", &geo_4k, MHP_MEMMAP_RANGE,
	  TiB(32), TiB(16), 0,
	  GOOD(GiB(256), GiB(256), 0, TiB(16) - GiB(256), 0, 16128) },
	{ "range, 2 GiB blocks: head ends inside the first", &geo_4k_2g_blocks,
	  MHP_MEMMAP_RANGE, GiB(4), GiB(4), 0,
	  GOOD(MiB(64), MiB(128), MiB(64), GiB(4) - MiB(128), 0, 3) },
	{ "range, 64 KiB pages: a memmap of pages, not PMDs", &geo_64k,
	  MHP_MEMMAP_RANGE, GiB(4), GiB(8), 0,
	  GOOD(MiB(8), MiB(512), MiB(504), GiB(8) - MiB(512), 0, 0) },
	{ "range, 64 KiB pages, 512 GiB", &geo_64k, MHP_MEMMAP_RANGE,
	  GiB(512), GiB(512), 0,
	  GOOD(MiB(512), MiB(512), 0, GiB(512) - MiB(512), 0, 0) },
	{ "range, 16 KiB pages, 128 GiB", &geo_16k, MHP_MEMMAP_RANGE,
	  GiB(64), GiB(128), 0,
	  GOOD(MiB(512), MiB(512), 0, GiB(128) - MiB(512), 0, 1) },
	{ "range, refused: odd struct page", &geo_odd_struct_page,
	  MHP_MEMMAP_RANGE, GiB(4), GiB(8), -EOPNOTSUPP },
	{ "range, refused: no support", &geo_no_range, MHP_MEMMAP_RANGE,
	  GiB(4), GiB(8), -EOPNOTSUPP },

	/* bad ranges and policies */
	{ "empty", &geo_4k, MHP_MEMMAP_RANGE, GiB(4), 0, -EINVAL },
	{ "start unaligned", &geo_4k, MHP_MEMMAP_RANGE, GiB(4) + MiB(64),
	  GiB(8), -EINVAL },
	{ "size unaligned", &geo_4k, MHP_MEMMAP_RANGE, GiB(4),
	  GiB(8) + KiB(4), -EINVAL },
	{ "block-unaligned, section-aligned", &geo_4k_2g_blocks,
	  MHP_MEMMAP_RANGE, GiB(4) + MiB(128), GiB(8), -EINVAL },
	{ "wraps", &geo_4k, MHP_MEMMAP_RANGE, ~0ULL - MiB(128) + 1,
	  MiB(256), -EINVAL },
	{ "no 1 GiB page beyond 2^64", &geo_4k, MHP_MEMMAP_DRAM,
	  0xffffffffc8000000ULL, MiB(768), 0,
	  GOOD(MiB(12), 0, 0, MiB(768), MiB(12), 0) },
	{ "ends at 2^64", &geo_4k, MHP_MEMMAP_DRAM, ~0ULL - MiB(128) + 1,
	  MiB(128), -EINVAL },
	{ "auto is no plan", &geo_4k, MHP_MEMMAP_AUTO, GiB(4), GiB(8), -EINVAL },
	{ "default is no plan", &geo_4k, MHP_MEMMAP_DEFAULT, GiB(4), GiB(8),
	  -EINVAL },
	{ "policy out of range", &geo_4k, MHP_MEMMAP_NR_POLICIES, GiB(4),
	  GiB(8), -EINVAL },
};

/* What auto becomes. */
struct auto_vector {
	const char *desc;
	const struct mhp_memmap_geometry *geo;
	__u64 size;
	enum mhp_memmap_policy policy;
};

static const struct auto_vector auto_vectors[] = {
	{ "128 MiB: block, range has nothing usable", &geo_4k, MiB(128),
	  MHP_MEMMAP_BLOCK },
	{ "256 MiB: block, range wastes 124 MiB", &geo_4k, MiB(256),
	  MHP_MEMMAP_BLOCK },
	{ "3.875 GiB: block, range wastes 66 MiB of 62", &geo_4k,
	  GiB(4) - MiB(128), MHP_MEMMAP_BLOCK },
	{ "4 GiB: range, wastes as much as it holds", &geo_4k, GiB(4),
	  MHP_MEMMAP_RANGE },
	{ "8 GiB: range", &geo_4k, GiB(8), MHP_MEMMAP_RANGE },
	{ "16 TiB: range", &geo_4k, TiB(16), MHP_MEMMAP_RANGE },
	{ "no range: block", &geo_no_range, GiB(8), MHP_MEMMAP_BLOCK },
	{ "64 KiB pages, 8 GiB: dram, range wastes 504 MiB of 8", &geo_64k,
	  GiB(8), MHP_MEMMAP_DRAM },
	{ "64 KiB pages, 256 GiB: range, wastes as much as it holds", &geo_64k,
	  GiB(256), MHP_MEMMAP_RANGE },
	{ "neither: dram", &geo_odd_struct_page, GiB(8), MHP_MEMMAP_DRAM },
};

/* Devices of several ranges. */
struct vector_range {
	__u64 start;
	__u64 size;
};

/* The device comes first: there is no container_of() in user space. */
struct vector_device {
	struct mhp_memmap_device device;
	const struct vector_range *ranges;
};

static inline bool vector_range(const struct mhp_memmap_device *device,
				unsigned int i, __u64 *start, __u64 *size)
{
	const struct vector_range *ranges =
		((const struct vector_device *)device)->ranges;

	*start = ranges[i].start;
	*size = ranges[i].size;
	return mhp_memmap_whole_blocks(device->geo.block_size, start, size);
}

static inline int plan_vector_device(const struct mhp_memmap_geometry *geo,
				     enum mhp_memmap_policy policy,
				     const struct vector_range *ranges,
				     unsigned int nr_ranges,
				     struct mhp_memmap_plan *total)
{
	struct vector_device vector = {
		.device = {
			.geo = *geo,
			.nr_ranges = nr_ranges,
			.range = vector_range,
		},
		.ranges = ranges,
	};

	return mhp_memmap_plan_device(&vector.device, policy, total);
}

struct device_vector {
	const char *desc;
	const struct mhp_memmap_geometry *geo;
	enum mhp_memmap_policy policy;
	unsigned int nr_ranges;
	struct vector_range ranges[4];
	int ret;
	enum mhp_memmap_policy becomes;
	/* if ret is 0: */
	__u64 size;
	__u64 memmap;
	__u64 head;
	__u64 gigantic_pages;
};

static const struct device_vector device_vectors[] = {
	{ "auto, 16 + 1 GiB: range, wastes 112 MiB of 272", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(16) }, { GiB(32), GiB(1) } },
	  0, MHP_MEMMAP_RANGE, GiB(17), MiB(272), MiB(384), 15 },
	{ "auto, 1 + 16 GiB: the same in the other order", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(1) }, { GiB(32), GiB(16) } },
	  0, MHP_MEMMAP_RANGE, GiB(17), MiB(272), MiB(384), 15 },
	{ "auto, 8 + 3 GiB: range, wastes 80 MiB of 176", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(8) }, { GiB(32), GiB(3) } },
	  0, MHP_MEMMAP_RANGE, GiB(11), MiB(176), MiB(256), 9 },
	{ "auto, 16 GiB + 256 MiB: range, wastes 124 MiB of 260", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(16) }, { GiB(32), MiB(256) } },
	  0, MHP_MEMMAP_RANGE, GiB(16) + MiB(256), MiB(260), MiB(384), 15 },
	{ "auto, 1 + 1 GiB: block, range wastes 224 MiB of 32", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(1) }, { GiB(32), GiB(1) } },
	  0, MHP_MEMMAP_BLOCK, GiB(2), MiB(32), MiB(32), 0 },
	{ "auto, 16 GiB + 128 MiB: block, one cannot have range", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(16) }, { GiB(32), MiB(128) } },
	  0, MHP_MEMMAP_BLOCK, GiB(16) + MiB(128), MiB(258), MiB(258), 0 },
	{ "auto, neither range nor block: dram", &geo_odd_struct_page,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), GiB(8) }, { GiB(32), GiB(8) } },
	  0, MHP_MEMMAP_DRAM, GiB(16), MiB(320), 0, 16 },
	{ "range, 16 GiB + 256 MiB", &geo_4k,
	  MHP_MEMMAP_RANGE, 2, { { GiB(4), GiB(16) }, { GiB(32), MiB(256) } },
	  0, MHP_MEMMAP_RANGE, GiB(16) + MiB(256), MiB(260), MiB(384), 15 },
	{ "range, refused: one has no room", &geo_4k,
	  MHP_MEMMAP_RANGE, 2, { { GiB(4), GiB(16) }, { GiB(32), MiB(128) } },
	  -EOPNOTSUPP, MHP_MEMMAP_RANGE },
	{ "block, three, of which one is no whole block", &geo_4k,
	  MHP_MEMMAP_BLOCK, 3,
	  { { GiB(4), GiB(1) }, { GiB(8) + MiB(64), MiB(128) }, { GiB(16), GiB(2) } },
	  0, MHP_MEMMAP_BLOCK, GiB(3), MiB(48), MiB(48), 0 },
	{ "dram, cut to whole blocks", &geo_4k,
	  MHP_MEMMAP_DRAM, 1, { { GiB(4) + KiB(4), GiB(1) } },
	  0, MHP_MEMMAP_DRAM, GiB(1) - MiB(128), MiB(14), 0, 0 },
	{ "auto, no whole block", &geo_4k,
	  MHP_MEMMAP_AUTO, 2, { { GiB(4), MiB(64) }, { GiB(32) + MiB(64), MiB(128) } },
	  -EOPNOTSUPP, MHP_MEMMAP_DRAM },
	{ "range, four of 4 TiB", &geo_4k_2g_blocks,
	  MHP_MEMMAP_RANGE, 4,
	  { { TiB(4), TiB(4) }, { TiB(8), TiB(4) }, { TiB(12), TiB(4) }, { TiB(16), TiB(4) } },
	  0, MHP_MEMMAP_RANGE, TiB(16), GiB(256), GiB(256), 16128 },
	{ "range, no range", &geo_4k, MHP_MEMMAP_RANGE, 0, { },
	  -EOPNOTSUPP, MHP_MEMMAP_RANGE },
};

/* How much of a block at @block is memmap, in a range of @size bytes at 4 GiB. */
struct block_head_vector {
	const char *desc;
	const struct mhp_memmap_geometry *geo;
	enum mhp_memmap_policy policy;
	__u64 size;
	__u64 block;
	__u64 head;
};

static const struct block_head_vector block_head_vectors[] = {
	{ "dram", &geo_4k, MHP_MEMMAP_DRAM, GiB(8), GiB(4), 0 },
	{ "block, first", &geo_4k, MHP_MEMMAP_BLOCK, GiB(8), GiB(4), MiB(2) },
	{ "block, last", &geo_4k, MHP_MEMMAP_BLOCK, GiB(8), GiB(12) - MiB(128), MiB(2) },
	{ "range, all head", &geo_4k, MHP_MEMMAP_RANGE, GiB(16), GiB(4), MiB(128) },
	{ "range, last of the head", &geo_4k, MHP_MEMMAP_RANGE, GiB(16),
	  GiB(4) + MiB(128), MiB(128) },
	{ "range, first usable", &geo_4k, MHP_MEMMAP_RANGE, GiB(16),
	  GiB(4) + MiB(256), 0 },
	{ "range, 2 GiB blocks: part head", &geo_4k_2g_blocks, MHP_MEMMAP_RANGE,
	  GiB(4), GiB(4), MiB(128) },
	{ "range, 2 GiB blocks: no head", &geo_4k_2g_blocks, MHP_MEMMAP_RANGE,
	  GiB(4), GiB(6), 0 },
	{ "range, 2 GiB blocks: a block and half of the next",
	  &geo_4k_2g_blocks, MHP_MEMMAP_RANGE, GiB(192), GiB(6), GiB(1) },
};

/* Words as they arrive from sysfs. */
struct word_vector {
	const char *word;
	int policy;
};

static const struct word_vector word_vectors[] = {
	{ "dram", MHP_MEMMAP_DRAM },
	{ "block\n", MHP_MEMMAP_BLOCK },
	{ "range", MHP_MEMMAP_RANGE },
	{ "range\n", MHP_MEMMAP_RANGE },
	{ "auto", MHP_MEMMAP_AUTO },
	{ "", -EINVAL },
	{ "\n", -EINVAL },
	{ "range\n\n", -EINVAL },
	{ " range", -EINVAL },
	{ "range ", -EINVAL },
	{ "rang", -EINVAL },
	{ "ranges", -EINVAL },
	{ "Range", -EINVAL },
	{ "default", -EINVAL },
	{ "none", -EINVAL },
	{ "1", -EINVAL },
	{ "dram block", -EINVAL },
	{ "(null)", -EINVAL },
};

#endif /* _MHP_ALTMAP_PLAN_VECTORS_H */
