/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracing session: programs loaded and attached by a plan, records received. */
#ifndef BRINDLE_PROBE_SESSION_H
#define BRINDLE_PROBE_SESSION_H

#include "kernel/kernel.h"
#include "probe/programs.h"
#include "probe/transport.h"

struct session;

/* Sums over all CPUs since the session was opened. */
struct session_counts {
	struct counters sum;	/* of the programs' own counters; sum.seq is all records sent */
	__u64 lost;		/* records lost: no room, or arrived damaged */
	__u64 missed;		/* copies or windows not put together, probes not run */
};

/*
 * session__open - load the plan's programs and attach them
 *
 * A candidate that cannot be attached is replaced by the plan's next. Returns 0 or an
 * exit code, having said why. fn gets every record from the first on.
 */
int session__open(struct session **s, const struct kernel *k, struct plan *p,
		  const struct session_opts *opts, transport_fn fn, void *ctx);

/*
 * session__settle - wait until all that is attached is attached
 *
 * session__open returns when the first trampoline's program runs already, but the kernel may
 * still be busy; only what runs can pass the self-check. Returns 0, or -EAGAIN when the kernel
 * refused it in the end: the plan has another candidate then, and the session is to be
 * opened again.
 */
int session__settle(struct session *s);

/* session__follow - record this thread (and what it creates, by opts.follow) from now on */
int session__follow(struct session *s, __u32 tid, __u32 pid);
int session__unfollow(struct session *s, __u32 tid);

/* session__follow_all - make every thread in /proc known, of pid only unless pid is 0 */
int session__follow_all(struct session *s, __u32 pid);

/* session__set_learned - tell the programs what the self-check measured, and that it is over */
void session__set_learned(struct session *s, const struct learned *learned);

/*
 * session__totals - what was counted in place of records
 * @fn: called with one copy or clear of each kind, and how many there were
 *
 * Exact after session__stop.
 */
void session__totals(const struct session *s,
		     void (*fn)(void *ctx, const struct wire_copy *first, __u64 count), void *ctx);

/* session__set_short_fn - as transport__set_short_fn */
void session__set_short_fn(struct session *s, transport_short_fn fn, void *ctx);

int session__fd(const struct session *s);
int session__drain(struct session *s);	/* as transport__drain */

/* session__begin - from now on hits of probes without a run of their program count as missed */
void session__begin(struct session *s);

/* session__stop - detach everything, then drain what is left */
int session__stop(struct session *s);

void session__counts(const struct session *s, struct session_counts *counts);

void session__close(struct session *s);

#endif
