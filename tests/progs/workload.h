/* SPDX-License-Identifier: GPL-2.0-only */
/* What the workloads of the zoo share: a few pages of a file, and how they look afterwards. */
#ifndef PROGS_WORKLOAD_H
#define PROGS_WORKLOAD_H

#include <stdbool.h>
#include <sys/mman.h>
#include "common.h"

#define PAGES	8
#define SIZE	(PAGES * page_size)

static size_t page_size;
static unsigned long copies, wrong;

/*
 * spread - the order in which pages are touched first
 *
 * Page frames often come in the order of their numbers, up or down, one by one or in pairs. The
 * odd and the even pages of this order go by no such period, so that about half of the frames
 * have a cache colour that differs from their page's.
 */
static inline size_t spread(size_t i)
{
	static const size_t order[PAGES] = { 0, 1, 3, 2, 5, 4, 6, 7 };

	return order[i];
}

/* mapped - map the pages of a file, or anonymous ones when fd is -1 */
static inline volatile unsigned char *mapped(int flags, int fd)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags | (fd < 0 ? MAP_ANONYMOUS : 0),
		       fd, 0);

	if (p == MAP_FAILED)
		die(EXIT_FAILED, "cannot map %zu bytes: %s", SIZE, strerror(errno));
	return p;
}

static inline int new_file(void)
{
	const int fd = memfd_create("workload", 0);

	if (fd < 0 || ftruncate(fd, SIZE))
		die(EXIT_FAILED, "cannot make a file in memory: %s", strerror(errno));
	return fd;
}

/* write_page - let the kernel write a page of the file */
static inline void write_page(int fd, size_t page, unsigned char value)
{
	unsigned char bytes[page_size];

	memset(bytes, value, page_size);
	if (pwrite(fd, bytes, page_size, page * page_size) != (ssize_t)page_size)
		die(EXIT_FAILED, "cannot write to a file in memory: %s", strerror(errno));
}

/* check_page - one more page was copied; has it the same value in all bytes? */
static inline void check_page(const volatile unsigned char *page, unsigned char value)
{
	size_t i = 0;

	while (i < page_size && page[i] == value)
		i++;
	copies++;
	wrong += i < page_size;
}

/* rounds_wanted - the one argument that each workload takes */
static inline unsigned long rounds_wanted(int argc, char **argv, const char *does)
{
	page_size = sysconf(_SC_PAGESIZE);
	if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
		fprintf(stderr, "Usage: %s [ROUNDS]\n%s\n", program_invocation_short_name, does);
		exit(EXIT_USAGE);
	}
	return argc < 2 ? 50 : number("ROUNDS", argv[1], 1, 10000);
}

/* result - what main returns */
static inline int result(void)
{
	printf("%s: %lu copies, %lu pages read back wrong\n", program_invocation_short_name,
	       copies, wrong);
	return wrong ? EXIT_FAILED : EXIT_OK;
}

#endif
