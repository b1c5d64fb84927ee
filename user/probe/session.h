/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracing session: the programs of a plan are loaded and attached, their records received. */
#ifndef BRINDLE_PROBE_SESSION_H
#define BRINDLE_PROBE_SESSION_H

#include "kernel/kernel.h"
#include "probe/programs.h"
#include "probe/transport.h"

struct session;

/* Sums over all CPUs since the session was opened. */
struct session_counts {
	struct counters sum;	/* of the programs' counters; sum.seq: records sent, or lost */
	__u64 lost;		/* records for which there was no room, or that arrived damaged */
	__u64 missed;		/* copies or windows not put together, hits without a run */
};

/*
 * session__open - load the plan's programs and attach them
 * @fn: called with ctx for each record, from session__drain and session__stop
 *
 * A candidate that cannot be attached is rejected in p, and replaced by the next. k and p must
 * live as long as the session. Returns 0 with *s to be closed by session__close, or an exit
 * code with *s NULL, having said why.
 */
int session__open(struct session **s, const struct kernel *k, struct plan *p,
		  const struct session_opts *opts, transport_fn fn, void *ctx);

/*
 * session__settle - wait until the kernel has finished attaching
 *
 * session__open may return while the kernel is still busy with the first trampoline, whose
 * program runs already; the self-check then proves that it does. Returns 0, or -EAGAIN when the
 * kernel refused it after all: that candidate is rejected, and the session must be opened again.
 */
int session__settle(struct session *s);

/*
 * session__follow - record thread tid of process pid, and tasks it creates as opts.follow says
 * session__unfollow - stop recording thread tid
 *
 * Both return 0 or -errno and print nothing.
 */
int session__follow(struct session *s, __u32 tid, __u32 pid);
int session__unfollow(struct session *s, __u32 tid);

/*
 * session__follow_all - follow all threads of process pid; of every process if pid is 0
 *
 * With FOLLOW_ALL the programs need this, too: it is how they know the threads that expose a
 * fork window. Returns 0 or -errno; -ESRCH or -ENOENT: pid is gone, -E2BIG: too many tasks. With
 * pid 0 too many tasks are no error: it warns and returns 0.
 */
int session__follow_all(struct session *s, __u32 pid);

/*
 * session__drop - detach the probe of a role that has turned out not to be needed
 *
 * Its pick in the plan is gone, too. Not for ROLE_COPY_CALL and ROLE_CLEAR_CALL.
 */
void session__drop(struct session *s, enum role role);

/* session__set_learned - pass the results of the self-check to the programs */
void session__set_learned(struct session *s, const struct learned *learned);

/*
 * session__totals - read what was counted in place of records (session_opts.totals)
 * @fn: called with the first copy or clear of each kind, and the number of that kind
 *
 * Exact after session__stop, before only a snapshot.
 */
void session__totals(const struct session *s,
		     void (*fn)(void *ctx, const struct wire_copy *first, __u64 count), void *ctx);

/* session__set_short_fn - pass short records to fn, see transport__set_short_fn */
void session__set_short_fn(struct session *s, transport_short_fn fn, void *ctx);

/* session__fd - the file descriptor to poll, see transport__fd; the session owns it */
int session__fd(const struct session *s);

/* session__drain - hand records to the callbacks, see transport__drain */
int session__drain(struct session *s);

/* session__begin - from now on, hits of probes without a run of their program count as missed */
void session__begin(struct session *s);

/* session__stop - detach everything, then hand over the remaining records. Returns 0 or -errno. */
int session__stop(struct session *s);

/* session__counts - the counts so far, before or after session__stop */
void session__counts(const struct session *s, struct session_counts *counts);

/* session__close - detach, unload and free; NULL does nothing */
void session__close(struct session *s);

#endif
