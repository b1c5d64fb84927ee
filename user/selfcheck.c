// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "err.h"
#include "selfcheck.h"

#define ROUNDS	2	/* tries of one plan */
/* Bytes of buffer for all records of a self-check, and for as many of other processes */
#define ROOM	(8 * KNOWN_PAGES * WIRE_MAX)

static void blame(struct finding_set *out, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The first fault found decides; later ones are mostly its consequences. */
static void blame(struct finding_set *out, enum role role, const char *fmt, ...)
{
	va_list ap;

	if (out->culprit != ROLE_COUNT)
		return;
	out->culprit = role;
	va_start(ap, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, ap);
	va_end(ap);
}

/* Records of one known page; *last is one of them. */
static int records_of(const struct evidence_set *seen, const struct known_page *page,
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

static void examine_windows(const struct evidence_set *seen, const struct plan *p,
			    const struct counters *sum, struct finding_set *out)
{
	if (seen->windows || !p->pick[ROLE_WINDOW_BEGIN] || !p->pick[ROLE_WINDOW_END])
		return;
	if (!sum->hits[ROLE_WINDOW_BEGIN])
		blame(out, ROLE_WINDOW_BEGIN, "attached, but did not fire for a fork");
	else
		blame(out, ROLE_WINDOW_END, "attached, but did not fire for a fork");
}

/* Every known copy has exactly one record, on the right path. */
static void examine_copies(const struct evidence_set *seen, const struct plan *p,
			   const struct counters *sum, struct finding_set *out)
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
	/* better no name than a wrong one */
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

/* The lines from what was seen to the pfns of pagemap. */
static void fit_pfns(const struct evidence_set *seen, struct finding_set *out)
{
	struct sample page[2 * KNOWN_PAGES], linear[3 * KNOWN_PAGES];
	const struct known *known = seen->known;
	const struct wire_copy *rec;
	int pages = 0, linears = 0;
	__u32 i;

	for (i = 0; i < known->n; i++) {
		const struct known_page *k = &known->page[i];

		if (records_of(seen, k, &rec) != 1)
			continue;
		if ((rec->seen & SEEN_SRC_PAGE) && k->source != PFN_UNKNOWN)
			page[pages++] = (struct sample){ rec->src_page, k->source };
		if (rec->seen & SEEN_DST_PAGE)
			page[pages++] = (struct sample){ rec->dst_page, k->destination };
		/* addresses of the copy itself, not of a mapping made for it */
		if ((rec->seen & SEEN_DST_VA) && !(rec->seen & SEEN_DST_PAGE)) {
			linear[linears++] = (struct sample){ rec->dst_va, k->destination };
			if (k->source != PFN_UNKNOWN)
				linear[linears++] = (struct sample){ rec->src_va, k->source };
		}
		if ((rec->seen & SEEN_FLUSH) && !(rec->seen & SEEN_FLUSH_MORE))
			linear[linears++] = (struct sample){ rec->flush_va, k->destination };
	}
	if (pages && fit__solve(&out->cal.page, page, pages))
		blame(out, ROLE_COPY, "its pages do not fit the pfns of /proc/self/pagemap");
	/*
	 * By majority: a flush inside a copy may be an interrupt's, of another page. Addresses
	 * that are not linear (HIGHMEM slots) are no error, they show no pfns.
	 */
	fit__solve_step(&out->cal.linear, linear, linears, out->cal.page_size);
	if (!pages && !out->cal.linear.ok)
		blame(out, ROLE_COPY, "its addresses do not fit the pfns of /proc/self/pagemap");
}

/* The known anonymous pages were cleared for their addresses when they were first written. */
static void examine_clears(const struct evidence_set *seen, const struct plan *p,
			   struct finding_set *out)
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

/* Raw _mapcount of each kind of known source: two processes, one, none. */
static void calibrate_mapcount(const struct evidence_set *seen, struct finding_set *out)
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

/*
 * PG_arch_1 is bit 11 up to 6.1, 13 in 6.6, 12 from 6.12: found by comparing the flag
 * words with what /proc/kpageflags says of the same pages (KPF_ARCH).
 */
static void calibrate_dirty(const struct evidence_set *seen, struct finding_set *out)
{
	static const __u8 candidates[] = { 11, 12, 13 };
	unsigned int c, fits = 0, set = 0, clear = 0;
	const struct wire_copy *rec;
	__u64 flags_set = ~0ULL, flags_clear = 0;
	__u32 i;
	int dirty;

	out->cal.dirty_bit = -1;
	for (i = 0; i < seen->known->n; i++) {
		/* an anonymous source is free again by now, and may be somebody else's */
		if (seen->known->page[i].from == KNOWN_ANON ||
		    records_of(seen, &seen->known->page[i], &rec) != 1 ||
		    !(rec->seen & SEEN_FLAGS))
			continue;
		dirty = known__is_arch_dirty(fit__pfn(&out->cal.page, rec->src_page));
		set += dirty == 1;
		clear += dirty == 0;
		if (dirty == 1)
			flags_set &= rec->page_flags;
		else if (dirty == 0)
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
 * On an aliasing cache a mapped, clean source should have been mapped coherently. Either
 * every such copy shows its mapping, or none does: then the compiler inlined the function,
 * or this kernel copies without (an unfixed one). COMPLETE rows that are seen at work
 * elsewhere tell the two apart.
 */
static void examine_mapping(const struct evidence_set *seen, const struct plan *p,
			    const struct counters *sum, struct finding_set *out)
{
	const struct candidate *row = p->pick[ROLE_MAPPING];
	const struct wire_copy *rec;
	int want = 0, mapped = 0, both = 0;
	__u32 i;

	if (!row)
		return;
	out->cal.mapping_kind = row->kind;
	for (i = 0; i < seen->known->n; i++) {
		if (seen->known->page[i].from == KNOWN_FRESH ||
		    records_of(seen, &seen->known->page[i], &rec) != 1)
			continue;
		want++;
		mapped += !!(rec->seen & SEEN_SRC_VA);
		both += !!(rec->seen & SEEN_SRC_MORE);
	}
	/* one may be an interrupt's, most are not */
	if (both > want / 2) {
		blame(out, ROLE_MAPPING, "maps both sides of %d of %d known copies", both, want);
		return;
	}
	out->cal.mapping_watched = want && mapped == want;
	if (out->cal.mapping_watched)
		return;
	out->dead = out->culprit == ROLE_COUNT && !mapped;
	out->silent = out->dead && (row->flags & COMPLETE) && sum->idle_mappings;
	blame(out, ROLE_MAPPING, "attached, but fired for %d of %d known copies", mapped, want);
}

static void examine_flush(const struct evidence_set *seen, const struct plan *p,
			  const struct counters *sum, struct finding_set *out)
{
	const struct candidate *row = p->pick[ROLE_FLUSH];
	int i, flushed = 0;

	if (!row)
		return;
	for (i = 0; i < seen->copies; i++)
		flushed += !!(seen->copy[i].seen & SEEN_FLUSH);
	/*
	 * A flush is told to be the destination's by the line from addresses to pfns. Where no
	 * copy is flushed, there is no line, and the flushes seen elsewhere prove the probe.
	 */
	out->cal.flush_watched = (row->flags & COMPLETE) &&
		(flushed ? out->cal.linear.ok : sum->idle_flushes > 0);
	if (!flushed && !sum->idle_flushes)
		blame(out, ROLE_FLUSH, "attached, but did not fire for copies nor for "
		      "/proc/self/mem");
}

void selfcheck__examine(const struct evidence_set *seen, const struct plan *p,
			const struct counters *sum, struct finding_set *out)
{
	memset(out, 0, sizeof(*out));
	out->culprit = ROLE_COUNT;
	out->cal.page_size = getpagesize();
	out->cal.copy_kind = p->pick[ROLE_COPY] ? p->pick[ROLE_COPY]->kind : MAPPING_UNKNOWN;
	out->cal.source_window = p->arch->source_window;
	out->cal.destination_window = p->arch->destination_window;
	out->cal.span = p->span;
	out->cal.callers = &p->symbols->callers;
	examine_copies(seen, p, sum, out);
	examine_windows(seen, p, sum, out);
	fit_pfns(seen, out);
	calibrate_mapcount(seen, out);
	calibrate_dirty(seen, out);
	examine_flush(seen, p, sum, out);
	examine_mapping(seen, p, sum, out);
	examine_clears(seen, p, out);
}

/* ---- running it ---- */

static void on_record(void *ctx, const struct wire_head *head)
{
	const struct wire_copy *rec = (const void *)head;
	struct selfcheck *sc = ctx;

	if (!sc->pid) {
		sc->fn(sc->ctx, head);
		return;
	}
	/* pid stands at the same place in copies and windows */
	if (rec->pid != sc->pid)
		return;
	if (head->type == WIRE_WINDOW)
		sc->seen.windows++;
	else if (head->type == WIRE_CLEAR && sc->seen.clears < SEEN_MAX)
		sc->seen.clear[sc->seen.clears++] = *rec;
	else if (head->type == WIRE_CLEAR)
		return;
	else if (sc->seen.copies < SEEN_MAX)
		sc->seen.copy[sc->seen.copies++] = *rec;
	else
		sc->seen.overflow++;
}

static void drain(void *ctx)
{
	session__drain(ctx);
}

/* One round with the plan as it is. Returns 0 or an exit code; the verdict is in result. */
static int check_once(struct selfcheck *sc, const struct plan *p, const struct session_opts *opts)
{
	struct session_counts counts;
	struct known_child child;
	int ret;

	memset(&sc->seen, 0, sizeof(sc->seen));
	memset(&sc->result, 0, sizeof(sc->result));
	ret = known__start(&child, opts->comm, opts->buffer < ROOM);
	if (ret)
		return ret;
	sc->pid = child.pid;
	sc->seen.known = child.known;
	if (session__follow(sc->session, child.pid, child.pid))
		ret = err(EXIT_FAIL, "self-check: cannot follow a process");
	ret = ret ?: known__run(&child, drain, sc->session);
	/* a record is in the buffer before its copy's fault returns: nothing to wait for */
	session__drain(sc->session);
	session__counts(sc->session, &counts);
	if (!ret && counts.lost)
		ret = err(EXIT_FAIL, "self-check: %llu records lost; try a larger --buffer",
			  (unsigned long long)counts.lost);
	if (!ret)
		selfcheck__examine(&sc->seen, p, &counts.sum, &sc->result);
	session__unfollow(sc->session, child.pid);
	known__end(&child);
	session__drain(sc->session);
	sc->seen.known = NULL;
	sc->pid = 0;
	return ret;
}

/* What it means for the user that a role cannot be seen. */
static int give_up(const struct plan *p, enum role role, const char *why)
{
	return err(EXIT_UNSUPPORTED, "self-check: no function in this kernel serves the role '%s' "
		   "(last: %s), so verdicts could be wrong%s; brindle doctor shows the plan",
		   role__name(role), why, p->prefer ? "; try without --prefer" : "");
}

/* A mapping function that is at work on this kernel, but not in copies. */
struct silent {
	const struct candidate *row;
	bool restored;		/* no other was seen in copies, so it was taken again */
};

/* Replace what failed. Returns 0 when there is a plan to try, or an exit code. */
static int next_plan(struct selfcheck *sc, struct plan *p, struct silent *silent)
{
	enum role role = sc->result.culprit;
	const struct candidate *row = p->pick[role];
	int ret;

	note("self-check: %s: %s %s", role__name(role), row ? row->function : "-", sc->result.why);
	if (sc->result.silent)
		silent->row = row;
	do
		ret = plan__reject(p, role, sc->result.why);
	while (!ret && sc->result.dead && !strcmp(p->pick[role]->function, row->function));
	if (!ret)
		return 0;
	if (role == ROLE_MAPPING && silent->row && !silent->restored) {
		silent->restored = true;
		plan__restore(p, silent->row);
		return 0;
	}
	/* these are worth having, but no verdict on a copy rests on them */
	if (role == ROLE_WINDOW_BEGIN || role == ROLE_WINDOW_END || role == ROLE_CLEAR) {
		warn("%s cannot be seen on this kernel: %s",
		     role == ROLE_CLEAR ? "clears" : "fork windows", sc->result.why);
		return 0;
	}
	return give_up(p, role, sc->result.why);
}

/* What the self-check could not measure makes sides unknown: better said than found out. */
static void warn_unmeasured(const struct plan *p, const struct calibration *cal)
{
	if (!cal->callers)
		warn("self-check: cannot tell on this kernel which function made a copy: paths "
		     "will be unknown, clears not seen");
	if (!p->aliases)
		return;
	/* what excuses a source matters where it is mapped coherently or else not */
	if (p->pick[ROLE_MAPPING] && (!cal->mapcount_known || cal->dirty_bit < 0))
		warn("self-check: cannot tell on this kernel whether a source is %s: sources of "
		     "another colour will be unknown", cal->mapcount_known ? "kernel-dirty" :
		     "mapped");
	if (p->pick[ROLE_FLUSH] && !cal->flush_watched)
		warn("self-check: cannot tell on this kernel what is flushed: destinations of "
		     "another colour will be unknown");
}

static void tell_programs(struct session *s, const struct calibration *cal)
{
	struct learned learned = { .checked = 1 };

	if (cal->page.ok) {
		learned.page_bytes = cal->page.step;
		learned.page_base = cal->page.base;
		if (!(cal->page.step & (cal->page.step - 1)))
			learned.page_log2 = __builtin_ctzll(cal->page.step);
	}
	if (cal->linear.ok) {
		learned.linear_known = 1;
		learned.linear_base = cal->linear.base;
	}
	session__learn(s, &learned);
}

/*
 * A page may be migrated or swapped under the check, a probe may not be there yet: a failure
 * counts twice. Returns 0, an exit code, or -EAGAIN when the plan has changed.
 */
static int check(struct selfcheck *sc, const struct plan *p, const struct session_opts *opts)
{
	int ret = 0, round;

	for (round = 0; !ret && round < ROUNDS; round++) {
		ret = check_once(sc, p, opts);
		if (sc->result.culprit == ROLE_COUNT)
			break;
		ret = ret ?: session__settle(sc->session);
	}
	return ret;
}

int selfcheck__open(struct selfcheck *sc, const struct kernel *k, struct plan *p,
		    const struct session_opts *opts, transport_fn fn, void *ctx)
{
	struct silent silent = {};
	int ret;

	memset(sc, 0, sizeof(*sc));
	sc->fn = fn;
	sc->ctx = ctx;
	for (;;) {
		sc->pid = ~0U;	/* nobody's record counts before the check */
		ret = session__open(&sc->session, k, p, opts, on_record, sc);
		if (ret)
			return ret;
		ret = check(sc, p, opts);
		if (!ret && sc->result.culprit == ROLE_COUNT)
			break;
		/* no candidate does better: copies make no such mapping on this kernel */
		if (!ret && sc->result.culprit == ROLE_MAPPING && sc->result.silent &&
		    silent.restored) {
			warn("self-check: %s is at work on this kernel, but not in copies: sources "
			     "count as read through the linear mapping",
			     p->pick[ROLE_MAPPING]->function);
			sc->result.cal.mapping_watched = true;
			break;
		}
		ret = ret ?: next_plan(sc, p, &silent);
		session__close(sc->session);
		sc->session = NULL;
		if (ret && ret != -EAGAIN)
			return ret;
	}
	warn_unmeasured(p, &sc->result.cal);
	tell_programs(sc->session, &sc->result.cal);
	return 0;
}
