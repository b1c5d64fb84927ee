/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache colours of a machine. */
#ifndef BRINDLE_GEOMETRY_H
#define BRINDLE_GEOMETRY_H

#include <stdbool.h>
#include <linux/types.h>

struct geometry {
	__u64 span;		/* bytes over which colours repeat, power of two >= page_size */
	__u32 page_size;	/* bytes, power of two */
	char source[32];	/* how it is known: "mmap", "constant", "--span" */
};

#define COLOURS_MAX	1024

/* Shifts and no divisions: this is done several times for every copy of a recording. */
static inline __u32 geometry__page_shift(const struct geometry *g)
{
	return (__u32)__builtin_ctz(g->page_size);
}

/* geometry__colours - number of colours, 1 = no aliases */
static inline __u32 geometry__colours(const struct geometry *g)
{
	return g->span > g->page_size ? (__u32)(g->span >> geometry__page_shift(g)) : 1;
}

/* geometry__colour - colour of a virtual address */
static inline __u32 geometry__colour(const struct geometry *g, __u64 va)
{
	return (__u32)(va >> geometry__page_shift(g)) & (geometry__colours(g) - 1);
}

/*
 * geometry__set_span - override the span
 * @text: bytes with optional K or M suffix; a power of two, a multiple of the page
 *
 * Returns 0 or EXIT_USAGE, having said why.
 */
int geometry__set_span(struct geometry *g, const char *text);

#endif
