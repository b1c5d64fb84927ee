// SPDX-License-Identifier: GPL-2.0-only
/*
 * cowpages: makes a known set of copy-on-write copies and lists them.
 *
 * A child that only waits shares the pages of a region with this process, which
 * then writes one byte into each page in a random order: one copy per page.
 * /proc/self/pagemap, read before and after, gives the list of source and
 * destination frames, to be compared with what a tracer saw (tests/match).
 *
 * Stack, libc data and heap are copied on write as well. They are outside of the
 * region, whose bounds are in the list: compare only inside of it.
 *
 * The pages are not locked: mlock() would not keep them from being migrated.
 * Swap, KSM and compaction can move a page to another frame between the reading
 * and the write. A page that is not in memory when its frame is read is an error;
 * a frame that changed between two rounds is reported, since the list may be wrong.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pagemap.h"

static struct {
	unsigned long pages, repeat, seed, threads;
	const char *out;
} opt = { .pages = 5000, .repeat = 1, .seed = 1, .threads = 1 };

static volatile unsigned char *region;
static uint64_t *before, *after;	/* frame of each page, in this round */
static uint32_t *order;			/* pages in the order of the writes */
static FILE *list;
static pthread_barrier_t start_line;

static uint32_t next_random(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

static void shuffle(uint32_t seed)
{
	uint32_t random = seed * 0x9e3779b9u;

	/* xorshift never leaves 0 */
	if (!random)
		random = 1;
	for (size_t i = 0; i < opt.pages; i++)
		order[i] = i;
	for (size_t i = opt.pages; i > 1; i--) {
		size_t other = next_random(&random) % i;
		uint32_t swap = order[i - 1];

		order[i - 1] = order[other];
		order[other] = swap;
	}
}

static uintptr_t address(size_t page)
{
	return (uintptr_t)region + page * page_size;
}

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die(EXIT_FAILED, "cannot map %zu bytes: %s; try fewer --pages", size,
		    strerror(errno));
	return p;
}

static void map_region(void)
{
	size_t size = opt.pages * page_size;

	region = map(size);
	/* A huge page is copied as a whole. A kernel without THP refuses; that is fine. */
	madvise((void *)region, size, MADV_NOHUGEPAGE);
	/* The contents differ, so that KSM does not merge the pages. */
	for (size_t i = 0; i < opt.pages; i++)
		*(volatile uint32_t *)address(i) = i + 1;
	before = map(opt.pages * sizeof(*before));
	after = map(opt.pages * sizeof(*after));
	order = map(opt.pages * sizeof(*order));
}

/* Each thread writes its own part of the order, so that each page is written once. */
static void write_part(size_t part)
{
	size_t first = opt.pages * part / opt.threads, end = opt.pages * (part + 1) / opt.threads;

	for (size_t i = first; i < end; i++) {
		size_t offset = (order[i] * 37u) % page_size;

		region[order[i] * page_size + offset]++;
	}
}

static void *writer(void *part)
{
	pthread_barrier_wait(&start_line);
	write_part((uintptr_t)part);
	return NULL;
}

static void write_all(void)
{
	pthread_t threads[opt.threads];
	int err;

	if (opt.threads == 1) {
		write_part(0);
		return;
	}
	pthread_barrier_init(&start_line, NULL, opt.threads);
	for (size_t i = 0; i < opt.threads; i++) {
		err = pthread_create(&threads[i], NULL, writer, (void *)(uintptr_t)i);
		if (err)
			die(EXIT_FAILED, "cannot start thread %zu: %s; try fewer --threads", i,
			    strerror(err));
	}
	for (size_t i = 0; i < opt.threads; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start_line);
}

/* The number of pages whose frame changed since the round before. */
static size_t moved(unsigned long round)
{
	size_t n = 0;

	if (!round)
		return 0;
	for (size_t i = 0; i < opt.pages; i++)
		n += before[i] != after[i];
	return n;
}

static void list_round(unsigned long round)
{
	fprintf(list, "# round %lu\n", round + 1);
	for (size_t i = 0; i < opt.pages; i++) {
		size_t page = order[i];

		if (before[page] == after[page])
			die(EXIT_FAILED, "page %#lx was not copied: its frame is still %#" PRIx64,
			    (unsigned long)address(page), before[page]);
		fprintf(list, "%#lx %#" PRIx64 " %#" PRIx64 "\n", (unsigned long)address(page),
			before[page], after[page]);
	}
}

static void one_round(unsigned long round)
{
	int release;
	pid_t child;
	size_t n;

	shuffle((uint32_t)opt.seed + round);
	child = fork_child(&release);
	read_pfns(getpid(), address(0), before, opt.pages);
	n = moved(round);
	if (n)
		fprintf(stderr,
			"cowpages: warning: %zu pages moved between rounds (compaction, KSM?)\n", n);
	write_all();
	read_pfns(getpid(), address(0), after, opt.pages);
	end_child(child, release);
	list_round(round);
}

static void open_list(void)
{
	list = opt.out ? fopen(opt.out, "w") : stdout;
	if (!list)
		die(EXIT_FAILED, "cannot write %s: %s", opt.out, strerror(errno));
	/* flushed before the first fork, so that a child has nothing left to write */
	fprintf(list, "# pid %d\n# page_size %zu\n# region %#lx %#lx\n# records %lu\n",
		(int)getpid(), page_size, (unsigned long)address(0),
		(unsigned long)address(opt.pages), opt.pages * opt.repeat);
	fflush(list);
}

static void close_list(void)
{
	if (fflush(list) || ferror(list) || (list != stdout && fclose(list)))
		die(EXIT_FAILED, "cannot write %s: %s; is the disk full?",
		    opt.out ? opt.out : "the list", strerror(errno));
}

static void usage(FILE *to)
{
	fputs(
"Usage: cowpages [OPTIONS]\n"
"Make one copy-on-write copy of every page of a region and list the frames.\n"
"\n"
"  --pages N     pages of the region (default 5000)\n"
"  --repeat R    rounds; each forks anew and copies every page (default 1)\n"
"  --threads T   threads that write, each its own pages (default 1)\n"
"  --seed N      order of the writes (default 1)\n"
"  --out FILE    where to write the list (default: standard output)\n"
"  -h, --help    this text\n"
"\n"
"The list: '# pid N', '# page_size N', '# region START END', '# records N', then\n"
"per round '# round N' and, in the order written (--threads: of each part), lines\n"
"'address source_pfn destination_pfn'. All but pid, page_size, records and round\n"
"is hexadecimal. Copies by this process outside of the region are not listed.\n"
"\n"
"Exit: 0 every page was copied, 1 failed, 2 usage, 3 no /proc/self/pagemap here,\n"
"4 no permission to see page frame numbers.\n", to);
}

static void parse(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "pages", required_argument, NULL, 'p' },
		{ "repeat", required_argument, NULL, 'r' },
		{ "threads", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "out", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
		switch (c) {
		case 'p': opt.pages = number("pages", optarg, 1, 1 << 17); break;
		case 'r': opt.repeat = number("repeat", optarg, 1, 10000); break;
		case 't': opt.threads = number("threads", optarg, 1, 256); break;
		case 's': opt.seed = number("seed", optarg, 0, UINT32_MAX); break;
		case 'o': opt.out = optarg; break;
		case 'h': usage(stdout); exit(EXIT_OK);
		default: usage(stderr); exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		die(EXIT_USAGE, "'%s': takes no arguments; see --help", argv[optind]);
	if (opt.threads > opt.pages)
		die(EXIT_USAGE, "--threads %lu: more than the %lu pages", opt.threads, opt.pages);
}

int main(int argc, char **argv)
{
	page_size = sysconf(_SC_PAGESIZE);
	parse(argc, argv);
	map_region();
	open_list();
	for (unsigned long round = 0; round < opt.repeat; round++)
		one_round(round);
	close_list();
	return EXIT_OK;
}
