// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "recorder/examine.h"

static void blame(struct check_result *out, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The first fault found decides, as later ones are mostly consequences of it. */
static void blame(struct check_result *out, enum role role, const char *fmt, ...)
{
	va_list ap;

	if (out->culprit != ROLE_COUNT)
		return;
	out->culprit = role;
	va_start(ap, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, ap);
	va_end(ap);
}

/* Returns the number of records of one known page; *last is the last of them. */
static int records_of(const struct check_records *seen, const struct known_page *page,
		      const struct wire_copy **last)
{
	__u64 mask = ~(__u64)(getpagesize() - 1);
	int i, n = 0;

	for (i = 0; i < seen->copies; i++) {
		if ((seen->copy[i].user & mask) != page->user)
			continue;
		*last = &seen->copy[i];
		n++;
	}
	return n;
}

static void examine_windows(const struct check_records *seen, const struct plan *p,
			    const struct counters *sum, struct check_result *out)
{
	out->fork_flushes = seen->flushed > 0;
	if (seen->windows || !p->pick[ROLE_WINDOW_BEGIN] || !p->pick[ROLE_WINDOW_END])
		return;
	if (!sum->hits[ROLE_WINDOW_BEGIN])
		blame(out, ROLE_WINDOW_BEGIN, "attached, but did not fire for a fork");
	else
		blame(out, ROLE_WINDOW_END, "attached, but did not fire for a fork");
}

/* Every known copy must have exactly one record, and on the right path. */
static void examine_copies(const struct check_records *seen, const struct plan *p,
			   const struct counters *sum, struct check_result *out)
{
	const struct known *known = seen->known;
	int once = 0, twice = 0, unnamed = 0, want = 0, fresh = 0, n;
	enum copy_path path;
	const struct wire_copy *rec;
	__u32 i;

	for (i = 0; i < known->n; i++) {
		n = records_of(seen, &known->page[i], &rec);
		twice += n > 1;
		path = n == 1 ? assemble__path(rec, &out->cal) : PATH_UNKNOWN;
		if (known->page[i].from == KNOWN_FRESH) {
			fresh += n == 1;
			unnamed += n == 1 && path != PATH_COW_FAULT;
			continue;
		}
		want++;
		once += n == 1;
		unnamed += n == 1 && path != PATH_WP && path != PATH_THP && path != PATH_KSM;
	}
	/* an unknown path is better than a wrong one */
	if (unnamed)
		out->cal.callers = NULL;
	out->sees_fresh = fresh == KNOWN_FILE_PAGES;
	if (seen->overflow)
		blame(out, ROLE_COPY, "sent %d records more than there is room for",
		      seen->overflow);
	if (!sum->hits[ROLE_COPY])
		blame(out, ROLE_COPY, "attached, but did not fire for %d known copies", want);
	if (p->pick[ROLE_COPY_END] && !sum->hits[ROLE_COPY_END])
		blame(out, ROLE_COPY_END, "attached, but did not fire for %d known copies", want);
	if (p->pick[ROLE_FAULT] && !sum->hits[ROLE_FAULT])
		blame(out, ROLE_FAULT, "attached, but did not fire for %d known copies", want);
	if (twice || once != want)
		blame(out, ROLE_COPY, "showed %d of %d known copies, %d twice", once, want, twice);
}

/* Addresses that may be linear ones of a known copy's page, with its pfn. */
struct candidates {
	struct sample sample[2 * EVENTS_MAX * KNOWN_PAGES];
	int n;
};

static void add_sample(struct candidates *c, __u64 va, __u64 pfn)
{
	if (pfn != PFN_UNKNOWN)
		c->sample[c->n++] = (struct sample){ va, pfn };
}

/* Kinds of addresses, in the order in which a line is looked for in them. */
enum linear_source { BY_FLUSH, BY_DESTINATION, BY_SOURCE, LINEAR_SOURCES };

static void add_linear(struct candidates *c, enum linear_source by, const struct wire_copy *rec,
		       const struct known_page *k)
{
	__u32 i;

	for (i = 0; by == BY_FLUSH && i < SEEN_EVENTS(rec->seen) && i < EVENTS_MAX; i++) {
		if (WIRE_EVENT_KIND(rec->event[i]) != EVENT_FLUSH &&
		    WIRE_EVENT_KIND(rec->event[i]) != EVENT_DISCARD)
			continue;
		/* which of the two it was is not known yet */
		add_sample(c, WIRE_EVENT_VA(rec->event[i]), k->destination);
		add_sample(c, WIRE_EVENT_VA(rec->event[i]), k->source);
	}
	/* only addresses of the copy itself, not those of a mapping made for it */
	if (!(rec->seen & SEEN_DST_VA) || ((rec->seen & SEEN_DST_PAGE) && !(rec->seen & SEEN_CALL)))
		return;
	if (by == BY_DESTINATION)
		add_sample(c, rec->dst_va, k->destination);
	if (by == BY_SOURCE)
		add_sample(c, rec->src_va, k->source);
}

/*
 * The linear mapping's line. The majority decides, since a flush inside a copy may be of the
 * other page, or come from an interrupt. Addresses that are on no line (HIGHMEM slots, coherent
 * mappings) are no error: they just do not tell the pfn.
 */
static void fit_linear(const struct check_records *seen, struct check_result *out)
{
	static struct candidates c;
	const struct wire_copy *rec;
	enum linear_source by;
	__u32 i;

	for (by = 0; !out->cal.linear.ok && by < LINEAR_SOURCES; by++) {
		c.n = 0;
		for (i = 0; i < seen->known->n; i++)
			if (records_of(seen, &seen->known->page[i], &rec) == 1)
				add_linear(&c, by, rec, &seen->known->page[i]);
		fit__solve_step(&out->cal.linear, c.sample, c.n, out->cal.page_size);
	}
}

/* Fits the lines from struct pages and linear addresses to the pfns of pagemap. */
static void fit_pfns(const struct check_records *seen, struct check_result *out)
{
	struct sample page[2 * KNOWN_PAGES];
	const struct known *known = seen->known;
	const struct wire_copy *rec;
	int pages = 0;
	__u32 i;

	for (i = 0; i < known->n; i++) {
		const struct known_page *k = &known->page[i];

		if (k->destination > out->cal.highest_pfn)
			out->cal.highest_pfn = k->destination;
		if (records_of(seen, k, &rec) != 1)
			continue;
		if ((rec->seen & SEEN_SRC_PAGE) && k->source != PFN_UNKNOWN)
			page[pages++] = (struct sample){ rec->src_page, k->source };
		if (rec->seen & SEEN_DST_PAGE)
			page[pages++] = (struct sample){ rec->dst_page, k->destination };
	}
	/* no frame lies higher above a known one than there is memory */
	out->cal.highest_pfn += sysconf(_SC_PHYS_PAGES);
	if (pages && fit__solve(&out->cal.page, page, pages))
		blame(out, ROLE_COPY, "its pages do not fit the pfns of /proc/self/pagemap");
	fit_linear(seen, out);
	if (!pages && !out->cal.linear.ok)
		blame(out, ROLE_COPY, "its addresses do not fit the pfns of /proc/self/pagemap");
}

/* Every known anonymous page was cleared for its user address when it was first written. */
static void examine_clears(const struct check_records *seen, const struct plan *p,
			   struct check_result *out)
{
	int want = 0, right = 0, i;
	struct clear clear;
	__u32 k;

	if (!p->pick[ROLE_CLEAR] || !out->cal.callers || !out->cal.page.ok)
		return;
	for (k = 0; k < seen->known->n; k++) {
		const struct known_page *page = &seen->known->page[k];

		if (page->from != KNOWN_ANON)
			continue;
		want++;
		for (i = 0; i < seen->clears; i++)
			if (assemble__clear(&seen->clear[i], &out->cal, &clear) &&
			    clear.user == page->user && clear.destination.pfn == page->source)
				break;
		right += i < seen->clears;
	}
	if (right != want)
		blame(out, ROLE_CLEAR, "showed %d of %d known clears", right, want);
}

/* The raw _mapcount is the number of mappings minus one: of two processes, one, none. */
static void calibrate_mapcount(const struct check_records *seen, struct check_result *out)
{
	static const __s32 expected[KNOWN_SOURCES] = {
		[KNOWN_ANON] = 1, [KNOWN_FILE] = 0, [KNOWN_FRESH] = -1,
	};
	const struct wire_copy *rec;
	int right = 0;
	__u32 i;

	for (i = 0; i < seen->known->n; i++) {
		const struct known_page *k = &seen->known->page[i];

		if (records_of(seen, k, &rec) != 1 || !(rec->seen & SEEN_FLAGS))
			return;
		right += rec->mapcount == expected[k->from];
	}
	out->cal.mapcount_known = right && right == (int)seen->known->n;
}

static bool has_event(const struct wire_copy *rec, enum wire_event kind)
{
	__u32 i;

	for (i = 0; i < SEEN_EVENTS(rec->seen) && i < EVENTS_MAX; i++)
		if (WIRE_EVENT_KIND(rec->event[i]) == (__u32)kind)
			return true;
	return false;
}

/*
 * Was PG_arch_1 of a source set when its copy began? 1 or 0; -1 = not known. Where the flag says
 * that a page is clean, the copy itself flushes it if not, and sets the flag. Elsewhere a copy may
 * flush its source and clear the flag.
 */
static int arch_flag(const struct wire_copy *rec, const struct check_result *out)
{
	if (out->cal.flag_is_clean && has_event(rec, EVENT_FLUSH_SOURCE))
		return 0;
	if (rec->seen & SEEN_CLEANED)
		return 1;
	return known__arch_flag(fit__pfn(&out->cal.page, rec->src_page));
}

/*
 * PG_arch_1 is bit 11 up to 6.1, 13 in 6.6, 12 from 6.12. It is found by comparing the flag
 * words with what /proc/kpageflags says about the same pages (KPF_ARCH).
 */
static void calibrate_dirty(const struct check_records *seen, struct check_result *out)
{
	static const __u8 candidates[] = { 11, 12, 13 };
	unsigned int c, fits = 0, set = 0, clear = 0;
	const struct wire_copy *rec;
	__u64 flags_set = ~0ULL, flags_clear = 0;
	__u32 i;
	int flag;

	out->cal.dirty_bit = -1;
	for (i = 0; i < seen->known->n; i++) {
		/* an anonymous source is free by now, and may have been allocated again */
		if (seen->known->page[i].from == KNOWN_ANON ||
		    records_of(seen, &seen->known->page[i], &rec) != 1 ||
		    !(rec->seen & SEEN_FLAGS))
			continue;
		flag = arch_flag(rec, out);
		set += flag == 1;
		clear += flag == 0;
		if (flag == 1)
			flags_set &= rec->page_flags;
		else if (flag == 0)
			flags_clear |= rec->page_flags;
	}
	for (c = 0; set && clear && c < sizeof(candidates); c++) {
		if (!(flags_set >> candidates[c] & 1) || (flags_clear >> candidates[c] & 1))
			continue;
		out->cal.dirty_bit = candidates[c];
		fits++;
	}
	if (fits != 1)
		out->cal.dirty_bit = -1;
}

/*
 * Where the calls that copy are probed, each known copy must show one: with the linear address
 * of its page, or one that is in no frame's linear mapping.
 */
static void examine_calls(const struct check_records *seen, const struct plan *p,
			  struct check_result *out)
{
	const struct wire_copy *rec;
	int want = 0, called = 0, fit = 0;
	struct copy copy;
	__u32 i;

	if (!p->pick[ROLE_COPY_CALL])
		return;
	out->cal.call_kind = p->pick[ROLE_COPY_CALL]->kind;
	for (i = 0; i < seen->known->n; i++) {
		const struct known_page *k = &seen->known->page[i];

		if (records_of(seen, k, &rec) != 1)
			continue;
		want++;
		if (!(rec->seen & SEEN_CALL))
			continue;
		called++;
		assemble__copy(rec, &out->cal, &copy);
		fit += copy.destination.va && copy.source.va &&
		       copy.destination.pfn == k->destination &&
		       (k->source == PFN_UNKNOWN || copy.source.pfn == k->source);
	}
	if (!called)
		blame(out, ROLE_COPY_CALL, "attached, but fired for 0 of %d known copies", want);
	else if (fit < called)
		blame(out, ROLE_COPY_CALL, "%d of its %d addresses do not fit the pfns of "
		      "/proc/self/pagemap", called - fit, called);
	out->calls_seen = called;
	out->calls_wanted = want;
}

/*
 * Without ROLE_COPY_CALL the mapping tells through which address a side is read or written. On
 * an aliasing cache a mapped, clean source should be read through a coherent one. A kernel that
 * does so for no copy has inlined the function, or copies without it (an unfixed one). A COMPLETE
 * row tells the two apart: if it fires outside of copies, the function was not inlined.
 */
static void examine_mapping(const struct check_records *seen, const struct plan *p,
			    const struct counters *sum, struct check_result *out)
{
	const struct candidate *row = p->pick[ROLE_MAPPING];
	const struct wire_copy *rec;
	int want = 0, mapped = 0;
	__u32 i;

	if (!row)
		return;
	out->cal.mapping_kind = row->kind;
	if (p->pick[ROLE_COPY_CALL])
		return;
	for (i = 0; i < seen->known->n; i++) {
		if (seen->known->page[i].from == KNOWN_FRESH ||
		    records_of(seen, &seen->known->page[i], &rec) != 1)
			continue;
		want++;
		mapped += !!(rec->seen & SEEN_SRC_VA);
	}
	/* for some copies only: those are judged by it, and of the others it is known that not */
	out->cal.mapping_watched = mapped > 0 && (row->flags & COMPLETE);
	if (mapped == want)
		out->cal.mapping_watched = want;
	if (out->cal.mapping_watched)
		return;
	out->dead = out->culprit == ROLE_COUNT && !mapped;
	out->silent = out->dead && (row->flags & COMPLETE) && sum->idle_mappings;
	blame(out, ROLE_MAPPING, "attached, but fired for %d of %d known copies", mapped, want);
}

/* How many events of these kinds (bits) were seen in all copies of the checking process. */
static int events_of(const struct check_records *seen, __u32 kinds)
{
	int i, n = 0;
	__u32 k;

	for (i = 0; i < seen->copies; i++)
		for (k = 0; k < SEEN_EVENTS(seen->copy[i].seen) && k < EVENTS_MAX; k++)
			n += kinds >> WIRE_EVENT_KIND(seen->copy[i].event[k]) & 1;
	return n;
}

#define KERNEL_FLUSHES	(1U << EVENT_FLUSH | 1U << EVENT_FLUSH_SOURCE | \
			 1U << EVENT_FLUSH_DESTINATION)

static void examine_flush(const struct check_records *seen, const struct plan *p,
			  const struct counters *sum, struct check_result *out)
{
	const struct candidate *row = p->pick[ROLE_FLUSH];
	/* where the code was read, it is known that copies flush in no other way */
	const bool read = p->pick[ROLE_COPY_CALL] && p->copy_calls.watched;
	const bool all = !p->pick[ROLE_COPY_CALL] || read;
	const int flushed = events_of(seen, KERNEL_FLUSHES);

	out->cal.user_watched = read || (all && p->pick[ROLE_FLUSH_USER]);
	out->cal.all_watched = read || (all && p->pick[ROLE_FLUSH_ALL]);
	out->cal.may_discard = p->pick[ROLE_COPY_CALL] && p->copy_calls.discards;
	out->cal.clears_may_discard = p->pick[ROLE_CLEAR_CALL] && p->clear_calls.discards;
	out->cal.clears_watched = !p->pick[ROLE_CLEAR_CALL] || p->clear_calls.watched;
	if (!row)
		return;
	/*
	 * The line from addresses to pfns tells whose flush it is. If no copy is flushed there is
	 * no line, and flushes outside of copies prove the probe to work.
	 */
	out->cal.flush_watched = all && (row->flags & COMPLETE) &&
		(flushed ? out->cal.linear.ok : sum->idle_flushes > 0);
	if (!flushed && !sum->idle_flushes)
		blame(out, ROLE_FLUSH, "attached, but did not fire for copies nor for "
		      "/proc/self/mem");
}

void selfcheck__examine(const struct check_records *seen, const struct plan *p,
			const struct counters *sum, struct check_result *out)
{
	memset(out, 0, sizeof(*out));
	out->culprit = ROLE_COUNT;
	out->cal.page_size = getpagesize();
	out->cal.copy_kind = p->pick[ROLE_COPY] ? p->pick[ROLE_COPY]->kind : MAPPING_UNKNOWN;
	out->cal.source_window = p->arch->source_window;
	out->cal.destination_window = p->arch->destination_window;
	out->cal.span = p->span;
	out->cal.callers = &p->symbols->callers;
	out->cal.flag_is_clean = p->arch->flag_is_clean;
	out->cal.steps = p->aliases && p->pick[ROLE_FLUSH] &&
			 (p->pick[ROLE_COPY_END] || p->pick[ROLE_CLEAR]);
	examine_copies(seen, p, sum, out);
	examine_windows(seen, p, sum, out);
	fit_pfns(seen, out);
	calibrate_mapcount(seen, out);
	calibrate_dirty(seen, out);
	examine_calls(seen, p, out);
	examine_flush(seen, p, sum, out);
	examine_mapping(seen, p, sum, out);
	examine_clears(seen, p, out);
	/* a mapping tells which page was flushed through it, if any was */
	out->mapping_not_needed = p->pick[ROLE_COPY_CALL] && out->calls_seen == out->calls_wanted &&
		!events_of(seen, 1U << EVENT_FLUSH_SOURCE | 1U << EVENT_FLUSH_DESTINATION);
}
