/* SPDX-License-Identifier: GPL-2.0-only */
/* The region whose copies are known, and the frames of its pages. */
#ifndef PROGS_REGION_H
#define PROGS_REGION_H

#include <stdbool.h>
#include <sys/mman.h>
#include "pagemap.h"

/* no exit code of brindle, which passes our status on */
enum { EXIT_NO_SUCH_PATH = 77 };

static uintptr_t region;
static size_t pages;			/* small pages in it */
static uint64_t *before, *after;	/* frame of each page, before and after copying */

static inline size_t region_size(void)
{
	return pages * page_size;
}

static inline volatile unsigned char *at(uintptr_t start, size_t page)
{
	return (volatile unsigned char *)(start + page * page_size);
}

/* map() without the advice against huge pages. */
static inline void *map_any(size_t size, int flags, int fd)
{
	void *p = mmap(flags & MAP_FIXED ? (void *)region : NULL, size, PROT_READ | PROT_WRITE,
		       flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (p == MAP_FAILED)
		die(EXIT_FAILED, "cannot map %zu bytes: %s; try fewer --pages", size,
		    strerror(errno));
	return p;
}

/* Map size bytes of a file, or of anonymous memory if fd is -1. MAP_FIXED: at the region. */
static inline void *map(size_t size, int flags, int fd)
{
	void *p = map_any(size, flags, fd);

	/* A huge page is copied as a whole. A kernel without THP refuses; that is fine. */
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static inline uint64_t *map_frames(void)
{
	return map(pages * sizeof(uint64_t), MAP_PRIVATE, -1);
}

static inline void set_pages(size_t n)
{
	pages = n;
	before = map_frames();
	after = map_frames();
}

static inline void map_region(int flags, int fd)
{
	region = (uintptr_t)map(region_size(), flags, fd);
}

static inline void frames_of_region(uint64_t *pfns)
{
	read_pfns(getpid(), region, pfns, pages);
}

static inline void read_all(uintptr_t start)
{
	for (size_t i = 0; i < pages; i++)
		(void)*at(start, i);
}

/* Write to each page; their contents differ, so that KSM does not merge them. */
static inline void write_all(void)
{
	for (size_t i = 0; i < pages; i++) {
		*(volatile uint32_t *)at(region, i) = i + 1;
		at(region, i)[sizeof(uint32_t) + i * 37 % (page_size - sizeof(uint32_t))]++;
	}
}

#endif
