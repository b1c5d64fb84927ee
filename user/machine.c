// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>
#include "err.h"
#include "machine.h"

static int read_geometry(struct machine *m)
{
	m->geometry.page_size = getpagesize();
	if (!m->kernel.arch->fixed_span)
		return geometry__ask(&m->geometry);
	m->geometry.span = m->kernel.arch->fixed_span;
	strcpy(m->geometry.source, "constant");
	return 0;
}

static bool in_catalogue(const char *function)
{
	const struct candidate *row;

	for (row = catalogue; row->function; row++)
		if (!strcmp(row->function, function))
			return true;
	return false;
}

int machine__plan(struct machine *m, const char *prefer)
{
	int ret;

	if (prefer && !in_catalogue(prefer))
		return err(EXIT_USAGE, "--prefer: '%s' is in no row of the catalogue; brindle "
			   "doctor shows the plan", prefer);
	m->plan.arch = m->kernel.arch;
	m->plan.symbols = &m->symbols;
	m->plan.prefer = prefer;
	ret = read_geometry(m);
	ret = ret ?: symbols__read(&m->symbols, "/proc/kallsyms");
	if (ret)
		return ret;
	m->plan.span = m->geometry.span;
	m->plan.aliases = geometry__colours(&m->geometry) > 1;
	plan__choose(&m->plan);
	return EXIT_OK;
}
