// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "kernel/span.h"
#include "probe/roles.h"
#include "recorder/machine.h"

static int read_geometry(struct machine *m)
{
	m->geometry.page_size = getpagesize();
	if (!m->kernel.arch->fixed_span)
		return span__ask(&m->geometry);
	m->geometry.span = m->kernel.arch->fixed_span;
	strcpy(m->geometry.source, "constant");
	return 0;
}

static bool in_catalogue(const char *word)
{
	const struct candidate *row;

	for (row = catalogue; row->function; row++)
		if (!strcmp(row->function, word) || !strcmp(mechanism__family(row->by), word))
			return true;
	return false;
}

static int read_symbols(struct machine *m, bool all)
{
	const bool ask = symbols_bpf__open(&m->lookup);

	if (kernel_code__open(&m->code, ask ? &m->lookup : NULL, m->kernel.tracefs))
		m->plan.code = &m->code;
	if (!all && ask && symbols_bpf__read(&m->lookup, &m->symbols))
		return 0;
	return symbols__read(&m->symbols, "/proc/kallsyms");
}

int machine__plan(struct machine *m, const char *prefer, bool all)
{
	int ret;

	if (prefer && !in_catalogue(prefer))
		return err(EXIT_USAGE, "--prefer: '%s' is in no row of the catalogue; brindle "
			   "doctor shows the plan", prefer);
	m->plan.arch = m->kernel.arch;
	m->plan.symbols = &m->symbols;
	m->plan.prefer = prefer;
	ret = read_geometry(m);
	ret = ret ?: read_symbols(m, all);
	if (ret)
		return ret;
	m->plan.span = m->geometry.span;
	m->plan.cpus = m->kernel.cpus;
	m->plan.aliases = geometry__colours(&m->geometry) > 1;
	plan__choose(&m->plan);
	return EXIT_OK;
}

static void add_row(struct plan_row *row, const char *what, const char *why)
{
	*row = (struct plan_row){ "", "-", "none", "unknown", "" };
	snprintf(row->role, sizeof(row->role), "%s", what);
	snprintf(row->reason, sizeof(row->reason), "%s", why);
}

static const char *clears_unseen(const struct machine *m, const struct check_result *checked)
{
	if (!m->plan.aliases)
		return "the data cache has no aliases";
	if (!m->plan.pick[ROLE_CLEAR])
		return "nothing can be probed where pages are cleared";
	return checked && !checked->cal.callers ? "the caller of a probe is not known" : NULL;
}

int machine__unseen(const struct machine *m, const struct check_result *checked,
		    struct plan_row rows[UNSEEN_MAX])
{
	const char *why;
	int path, n = 0;

	for (path = PATH_UNKNOWN + 1; path < PATH_COUNT; path++) {
		if (!kernel__has_path(path))
			continue;
		why = plan__unseen(&m->plan, path);
		if (!why && path == PATH_COW_FAULT && checked && !checked->sees_fresh)
			why = "the self-check's own copies on this path were not seen";
		if (why)
			add_row(&rows[n++], path__name(path), why);
	}
	/* swap-in copies KSM pages at a read fault: a plan that sees the path "ksm" may miss it */
	why = plan__unseen(&m->plan, PATH_UNKNOWN);
	if (why && kernel__has_path(PATH_KSM))
		add_row(&rows[n++], "ksm-swap", why);
	why = clears_unseen(m, checked);
	if (why)
		add_row(&rows[n++], role__name(ROLE_CLEAR), why);
	else if (!m->plan.pick[ROLE_CLEAR_PART] && kernel__has_huge_pages())
		add_row(&rows[n++], role__name(ROLE_CLEAR_PART),
			"nothing can be probed where huge pages are cleared");
	return n;
}
