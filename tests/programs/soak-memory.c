// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose content is known, for tests/vm/soak.sh and tests/lib/kdump-guest.sh:
 *
 *	soak-memory write FILE SIZE SEED	map FILE, a DAX device, and fill it
 *	soak-memory check FILE SIZE SEED	is it as "write" left it?
 *	soak-memory pages FILE SIZE 0		fill it with what looks like struct pages
 *						of 1 GiB hugetlb pages
 *	soak-memory hold huge|merge|plain SIZE SEED
 *		anonymous memory, for huge pages, or for KSM: fill it, check it, change some
 *		of it, again and again, until SIGTERM
 *
 * SIZE is in bytes. Exit status: 0, 1 if a word is not what it has to be, 2 for anything else.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096UL
#define PMD	(2UL << 20)
#define EDGE	(8UL << 20)

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

/* splitmix64. A holder takes 256 seeds, beginning with its own. */
static uint64_t word(uint64_t seed, uint64_t offset)
{
	uint64_t z = (seed << 40) + offset + 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void fill(char *page, uint64_t seed, size_t offset)
{
	uint64_t *p = (uint64_t *)page;

	for (size_t i = 0; i < PAGE / sizeof(*p); i++)
		p[i] = word(seed, offset + i * sizeof(*p));
}

static int check(const char *page, uint64_t seed, size_t offset, size_t at)
{
	const uint64_t *p = (const uint64_t *)page;

	for (size_t i = 0; i < PAGE / sizeof(*p); i++) {
		uint64_t expected = word(seed, offset + i * sizeof(*p));

		if (p[i] != expected) {
			printf("at %#zx: %#llx, expected %#llx\n", at + i * sizeof(*p),
			       (unsigned long long)p[i], (unsigned long long)expected);
			return 1;
		}
	}
	return 0;
}

/* All of both ends, where a neighbour's memmap could be; between them a page of each 2 MiB. */
static size_t next_page(size_t at, size_t size)
{
	return at < EDGE || at + EDGE >= size ? at + PAGE : at + PMD;
}

/* Each 64 bytes: PG_head, the order where a tail page has it, the type, a mapcount of none. */
static void fill_pages(char *page)
{
	uint64_t *p = (uint64_t *)page;

	for (size_t i = 0; i < PAGE / sizeof(*p); i += 8) {
		p[i] = i % 16 ? 1 << 6 : 18;
		p[i + 1] = 0;
		p[i + 6] = 0x1f4ffffff;
	}
}

static int device(const char *file, size_t size, uint64_t seed, char mode)
{
	int fd = open(file, O_RDWR);
	char *map;

	if (fd < 0) {
		perror(file);
		return 2;
	}
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	for (size_t at = 0; at < size; at = next_page(at, size)) {
		if (mode == 'p')
			fill_pages(map + at);
		else if (mode == 'w')
			fill(map + at, seed, at);
		else if (check(map + at, seed, at, at))
			return 1;
	}
	return 0;
}

/*
 * For KSM, eight pages have the same content. Which content a page has is kept apart from
 * the pages: both would be wrong if what moves a page mixed it up with another.
 */
static int hold(const char *kind, size_t size, uint64_t seed)
{
	size_t nr = size / PAGE, rounds = 0, same = strcmp(kind, "merge") ? nr : 8;
	unsigned char *version = calloc(nr, 1);
	char *map = mmap(NULL, size + PMD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	if (map == MAP_FAILED || !version) {
		perror("memory");
		return 2;
	}
	map = (char *)(((uintptr_t)map + PMD - 1) & ~(PMD - 1));
	/* What the kernel cannot do, it does not. */
	if (!strcmp(kind, "huge"))
		madvise(map, size, MADV_HUGEPAGE);
	if (!strcmp(kind, "merge"))
		madvise(map, size, MADV_MERGEABLE);
	for (size_t i = 0; i < nr; i++)
		fill(map + i * PAGE, seed, i % same * PAGE);
	puts("ready");
	fflush(stdout);
	srandom(seed);
	while (!stop) {
		for (size_t i = 0; i < nr; i++)
			if (check(map + i * PAGE, seed + version[i], i % same * PAGE, i * PAGE))
				return 1;
		rounds++;
		for (size_t n = 0; n < nr / 8; n++) {
			size_t i = random() % nr;

			version[i]++;
			/* Another page than before, perhaps elsewhere. */
			if (random() % 4 == 0)
				madvise(map + i * PAGE, PAGE, MADV_DONTNEED);
			fill(map + i * PAGE, seed + version[i], i % same * PAGE);
		}
		usleep(200000);
	}
	printf("%zu rounds\n", rounds);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction term = { .sa_handler = on_term };
	int status = 2;

	if (argc != 5) {
		fputs("usage: soak-memory write|check|pages FILE SIZE SEED\n"
		      "       soak-memory hold huge|merge|plain SIZE SEED\n", stderr);
		return 2;
	}
	sigaction(SIGTERM, &term, NULL);
	size_t size = strtoull(argv[3], NULL, 0);
	uint64_t seed = strtoull(argv[4], NULL, 0);

	if (!strcmp(argv[1], "hold"))
		status = hold(argv[2], size, seed);
	else if (!strcmp(argv[1], "write") || !strcmp(argv[1], "check") ||
		 !strcmp(argv[1], "pages"))
		status = device(argv[2], size, seed, argv[1][0]);
	return status;
}
