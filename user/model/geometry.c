// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/err.h"
#include "model/geometry.h"

/* Digits with an optional K or M; false when it is something else or too large. */
static bool parse_bytes(const char *text, __u64 *bytes)
{
	unsigned long long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || n > (1ULL << 40))
		return false;
	if (*end == 'K' || *end == 'k') {
		n <<= 10;
		end++;
	} else if (*end == 'M' || *end == 'm') {
		n <<= 20;
		end++;
	}
	*bytes = n;
	return !*end;
}

int geometry__set_span(struct geometry *g, const char *text)
{
	__u64 span;

	if (!parse_bytes(text, &span))
		return err(EXIT_USAGE, "--span %s: not a number of bytes: give e.g. 16384, 16K or "
			   "4M", text);
	if (!span || (span & (span - 1)))
		return err(EXIT_USAGE, "--span %s: not a power of two: give e.g. 8K, 16K or 32K",
			   text);
	if (span < g->page_size)
		return err(EXIT_USAGE, "--span %s: less than a page of %u bytes: give a multiple "
			   "of it", text, g->page_size);
	if (span / g->page_size > COLOURS_MAX)
		return err(EXIT_USAGE, "--span %s: more than %d colours of %u bytes: give a "
			   "smaller span", text, COLOURS_MAX, g->page_size);
	g->span = span;
	snprintf(g->source, sizeof(g->source), "--span");
	return EXIT_OK;
}
