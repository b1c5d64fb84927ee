// SPDX-License-Identifier: GPL-2.0-only
/* RFC 4180, one row per total, path and process. */
#include "out.h"
#include "json.h"

/* Always quoted; what is not UTF-8 or a control character becomes U+FFFD. */
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

void out_csv__write(FILE *f, const struct report *r)
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
}
