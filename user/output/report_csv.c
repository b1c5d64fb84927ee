// SPDX-License-Identifier: GPL-2.0-only
/* A report as CSV (RFC 4180): a row per total, path, process and verdict on clears. */
#include "base/utf8.h"
#include "output/report.h"
#include "recording/env.h"

/* Always quoted; control characters and bytes that are not UTF-8 become U+FFFD. */
static void quoted(FILE *f, const char *s)
{
	size_t length;

	putc('"', f);
	for (; *s; s += length ? length : 1) {
		unsigned char c = (unsigned char)*s;

		length = utf8__length(s);
		if (c == '"')
			fputs("\"\"", f);
		else if (!length || c < 0x20 || c == 0x7f)
			fputs("\xef\xbf\xbd", f);
		else
			fwrite(s, 1, length, f);
	}
	putc('"', f);
}

static void row(FILE *f, const char *section, const char *name, const __u32 *pid,
		const struct tally *t)
{
	fprintf(f, "%s,", section);
	quoted(f, name);
	putc(',', f);
	if (pid)
		fprintf(f, "%u", *pid);
	fprintf(f, ",%llu,%llu,%llu,%llu", (unsigned long long)t->copies,
		(unsigned long long)tally__safe(t), (unsigned long long)t->at_risk,
		(unsigned long long)t->unknown);
}

/* In rows of clears the columns count clears, not copies. No rows when clears were not watched. */
static void clears(FILE *f, const struct report *r)
{
	const struct stats *s = r->stats;
	const __u64 *n = s->cleared.verdict;
	__u32 i;

	if (!env__watched(r->env, ROLE_NAME_CLEAR))
		return;
	row(f, "clears", "", NULL, &(struct tally){ s->clears, n[SIDE_MISMATCH], n[SIDE_UNKNOWN] });
	fputs(",,,\r\n", f);
	for (i = 0; i < SIDE_COUNT; i++) {
		if (!n[i])
			continue;
		row(f, "clears-verdict", side_verdict__name(i), NULL,
		    &(struct tally){ n[i], i == SIDE_MISMATCH ? n[i] : 0,
				     i == SIDE_UNKNOWN ? n[i] : 0 });
		fputs(",,,\r\n", f);
	}
}

void report_csv__write(FILE *f, const struct report *r)
{
	const __u32 shown = report__processes(r, TOP_ALL);
	__u32 i;

	fputs("section,name,pid,copies,safe,at_risk,unknown,lost,missed,complete\r\n", f);
	row(f, "total", "", NULL, &r->stats->total);
	fprintf(f, ",%llu,%llu,%s\r\n", (unsigned long long)r->totals->lost,
		(unsigned long long)r->totals->missed,
		r->totals->complete && !r->totals->cut_bytes && !r->totals->absent ? "yes" : "no");
	for (i = 0; i < PATH_COUNT; i++) {
		if (!r->stats->path[i].copies)
			continue;
		row(f, "path", path__name(i), NULL, &r->stats->path[i]);
		fputs(",,,\r\n", f);
	}
	for (i = 0; i < shown; i++) {
		const struct process_stats *p = &r->stats->processes[i];

		row(f, "process", p->comm, &p->pid, &p->tally);
		fputs(",,,\r\n", f);
	}
	clears(f, r);
}
