/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache colours of a machine. */
#ifndef BRINDLE_MODEL_GEOMETRY_H
#define BRINDLE_MODEL_GEOMETRY_H

#include <stdbool.h>
#include <linux/types.h>

struct geometry {
	__u64 span;		/* bytes over which colours repeat, power of two >= page_size */
	__u32 page_size;	/* bytes, power of two */
	char source[32];	/* how it is known: "mmap", "constant", "--span" */
};

#define COLOURS_MAX	1024

/*
 * geometry__page_shift - log2 of the page size
 *
 * For shifts in place of divisions: colours are computed several times per copy.
 */
static inline __u32 geometry__page_shift(const struct geometry *g)
{
	return (__u32)__builtin_ctz(g->page_size);
}

/* geometry__colours - number of colours; 1 = the cache has no aliases */
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
 * geometry__set_span - set span and source by what the user gave as --span
 * @g: its page_size is known
 * @text: as options__bytes takes it; a power of two, from one page to COLOURS_MAX pages
 *
 * Returns 0, or EXIT_USAGE having said why.
 */
int geometry__set_span(struct geometry *g, const char *text);

#endif
