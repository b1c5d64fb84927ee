// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include "base/err.h"
#include "base/options.h"
#include "model/geometry.h"

int geometry__set_span(struct geometry *g, const char *text)
{
	__u64 span;

	if (options__bytes("--span", text, &span))
		return EXIT_USAGE;
	if (span & (span - 1))
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
