// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "probe/roles.h"
#include "recorder/selfcheck.h"

#define ROUNDS	2	/* checks of one plan, until it passes */
/* bytes of buffer for all records of a self-check and about as many of other processes */
#define ROOM	(8 * KNOWN_PAGES * WIRE_MAX)

static void on_record(void *ctx, const struct wire_head *head)
{
	const struct wire_copy *rec = (const void *)head;
	struct selfcheck *sc = ctx;

	if (!sc->pid) {
		sc->fn(sc->ctx, head);
		return;
	}
	/* pid is at the same place in copies and windows */
	if (rec->pid != sc->pid)
		return;
	if (head->type == WIRE_WINDOW) {
		sc->seen.windows++;
		sc->seen.flushed += ((const struct wire_window *)head)->flushed;
	} else if (head->type == WIRE_CLEAR && sc->seen.clears < SEEN_MAX)
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

/* Checks the plan once. Returns 0 or an exit code; the outcome is in sc->result. */
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
	/* no need to wait: a record is in the buffer before the fault that copied returns */
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

/* Says that a required role cannot be seen, and what that means for the user. */
static int give_up(const struct plan *p, enum role role, const char *why)
{
	return err(EXIT_UNSUPPORTED, "self-check: no function in this kernel serves the role '%s' "
		   "(last: %s), so verdicts could be wrong%s; brindle doctor shows the plan",
		   role__name(role), why, p->prefer ? "; try without --prefer" : "");
}

/* A mapping function that this kernel calls, but not in copies. */
struct silent {
	const struct candidate *row;
	bool restored;		/* no other was seen in copies, so the plan has it again */
};

/* Replaces the candidate that failed. Returns 0 when there is a plan to try, or an exit code. */
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
	/* these are optional: no verdict on a copy rests on them */
	if (role == ROLE_WINDOW_BEGIN || role == ROLE_WINDOW_END || role == ROLE_CLEAR) {
		warn("%s cannot be seen on this kernel: %s",
		     role == ROLE_CLEAR ? "clears" : "fork windows", sc->result.why);
		return 0;
	}
	if (role == ROLE_COPY_CALL)
		return 0;
	return give_up(p, role, sc->result.why);
}

/* Warns about what could not be measured: it will make sides, or paths, unknown. */
static void warn_unmeasured(const struct plan *p, const struct calibration *cal)
{
	if (!cal->callers)
		warn("self-check: cannot tell on this kernel which function made a copy: paths "
		     "will be unknown, clears not seen");
	if (!p->aliases)
		return;
	/* these two may excuse a source, which matters only if sources can be mapped coherently */
	if (p->pick[ROLE_MAPPING] && (!cal->mapcount_known || cal->dirty_bit < 0))
		warn("self-check: cannot tell on this kernel whether a source is %s: sources of "
		     "another colour will be unknown", cal->mapcount_known ? "kernel-dirty" :
		     "mapped");
	if (p->pick[ROLE_FLUSH] && !cal->flush_watched)
		warn("self-check: cannot tell on this kernel what is flushed: destinations of "
		     "another colour will be unknown");
}

/* Detaches what cost something and tells nothing. */
static void drop_unneeded(struct selfcheck *sc)
{
	if (!sc->result.fork_flushes) {
		session__drop(sc->session, ROLE_FORK_TLB);
		session__drop(sc->session, ROLE_FORK_FLUSH);
	}
	if (!sc->result.mapping_not_needed)
		return;
	session__drop(sc->session, ROLE_MAPPING);
	session__drop(sc->session, ROLE_MAPPED_PAGE);
}

/* Hands what was measured to the programs, and ends the check for them. */
static void tell_programs(struct session *s, const struct check_result *result)
{
	const struct calibration *cal = &result->cal;
	struct learned learned = { .checked = 1, .fork_flushes = result->fork_flushes };

	if (cal->page.ok) {
		learned.page_bytes = cal->page.step;
		learned.page_base = cal->page.base;
		if (!(cal->page.step & (cal->page.step - 1)))
			learned.page_log2 = __builtin_ctzll(cal->page.step);
	}
	if (cal->linear.ok) {
		learned.linear_known = 1;
		learned.linear_base = cal->linear.base;
		learned.highest_pfn = cal->highest_pfn;
	}
	session__set_learned(s, &learned);
}

/*
 * Checks the plan, and once more if it fails: a page may have been migrated or swapped out
 * during the check, or a probe not have been active yet. Only two failures in a row count.
 * Returns 0, an exit code, or -EAGAIN when the plan has changed.
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
		sc->pid = ~0U;	/* no process has this pid: records are ignored until the check */
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
	drop_unneeded(sc);
	warn_unmeasured(p, &sc->result.cal);
	if (p->pick[ROLE_COPY_CALL] && sc->result.calls_seen < sc->result.calls_wanted)
		warn("self-check: %s was seen in %d of %d known copies: others will be unknown",
		     p->pick[ROLE_COPY_CALL]->function, sc->result.calls_seen,
		     sc->result.calls_wanted);
	if (p->pick[ROLE_COPY_CALL] && !p->copy_calls.watched)
		warn("self-check: in a copy, %s: what it flushes cannot be seen",
		     p->copy_calls.unwatched);
	if (p->pick[ROLE_CLEAR_CALL] && !p->clear_calls.watched)
		warn("self-check: where pages are cleared, %s: what it flushes cannot be seen",
		     p->clear_calls.unwatched);
	tell_programs(sc->session, &sc->result);
	return 0;
}
