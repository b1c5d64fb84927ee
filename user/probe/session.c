// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "base/err.h"
#include "bpf/state.h"
#include "brindle.skel.h"
#include "kernel/tasks.h"
#include "probe/attach.h"
#include "probe/roles.h"
#include "probe/session.h"

#define ENDS_MS		100	/* longest wait for copies in progress when stopping */

/* Roles that can be attached at places inside functions (AT_SITES). */
static const enum role at_sites[] = { ROLE_COPY_CALL, ROLE_CLEAR_CALL };

#define AT_SITES_ROLES	((int)(sizeof(at_sites) / sizeof(at_sites[0])))

/* One attachment for each role, and one for each such place, which come behind. */
#define SITES(i)	(ROLE_COUNT + CALLS_MAX * (i))
#define ATTACHED	SITES(AT_SITES_ROLES)

struct session {
	const struct kernel *kernel;
	struct plan *plan;
	struct programs programs;
	struct transport *transport;
	struct attachment attached[ATTACHED];
	__u64 kernel_missed;	/* nmissed and the like, saved before the probes are removed */
	__u64 hits_before[ATTACHED];	/* hits without a run, when recording began */
	struct counters *percpu;
};

/* The kernel refused the pick for this role: say so, and reject it. */
static void reject_refused(struct session *s, enum role role, int error)
{
	const struct candidate *row = s->plan->pick[role];
	char why[96];

	snprintf(why, sizeof(why), "the kernel refused the %s: %s", mechanism__name(row->by),
		 strerror(-error));
	note("%s: %s: %s", role__name(role), row->function, why);
	plan__reject(s->plan, role, why);
}

/*
 * May attaching continue in the background? Only for the first trampoline, and only for these
 * two roles: the self-check fails unless both saw each known copy, so it shows whether they run.
 */
static bool can_settle_later(const struct session *s, const struct candidate *row)
{
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		if (s->attached[role].trampoline.prog_fd)
			return false;
	return row->role == ROLE_FAULT || row->role == ROLE_COPY;
}

/* Roles whose probes see what a function does to the cache. */
static const enum role watchers[] = {
	ROLE_FLUSH, ROLE_FLUSH_LOCAL, ROLE_FLUSH_USER, ROLE_FLUSH_ALL
};

#define WATCHERS	((int)(sizeof(watchers) / sizeof(watchers[0])))

static enum role watcher_of(void *ctx, const char *function)
{
	const struct plan *p = ctx;
	int i;

	for (i = 0; i < WATCHERS; i++)
		if (p->pick[watchers[i]] && !strcmp(p->pick[watchers[i]]->function, function))
			return watchers[i];
	return ROLE_COUNT;
}

/*
 * Find the calls of a role. A kernel takes an optimised probe away some time after its owner has
 * gone (OPTIMIZE_DELAY and kprobe_optimizer in kernel/kprobes.c), so it is worth a while, once,
 * to wait for a probe that hides the code.
 */
static bool look_for_calls(struct plan *p, enum role role, struct calls *calls, char *why,
			   size_t size)
{
	const struct timespec moment = { .tv_nsec = 50000000 };
	bool found = false;
	int i;

	for (i = 0; i < 40; i++) {
		found = calls__find(p->code, p->arch->name, role, watcher_of, p, calls, why, size);
		if (!calls->probed || p->waited)
			break;
		nanosleep(&moment, NULL);
	}
	p->waited |= calls->probed;
	return found;
}

/* Find the places where picks are attached inside functions, or reject the picks. */
static void find_calls(struct plan *p)
{
	struct calls calls;
	char why[96];
	int i;

	for (i = 0; i < AT_SITES_ROLES; i++) {
		const enum role role = at_sites[i];

		while (plan__calls(p, role)) {
			if (look_for_calls(p, role, &calls, why, sizeof(why))) {
				plan__set_calls(p, role, &calls);
				break;
			}
			if (calls.probed)
				warn("%s: somebody's probe is in the way; without it, less would "
				     "be unknown", why);
			note("%s: %s: %s", role__name(role), p->pick[role]->function, why);
			plan__reject(p, role, why);
		}
	}
	plan__drop_unreached(p);
}

/* Attach at all places of a role. 0, -EAGAIN as attach_all, or why the kernel refused one. */
static int attach_calls(struct session *s, const struct candidate *row, const struct calls *calls)
{
	char place[96], what[48];
	struct bpf_program *prog;
	int first = 0, i, ret = 0;

	while (at_sites[first] != row->role)
		first++;
	first = SITES(first);
	for (i = 0; !ret && i < calls->n; i++) {
		prog = programs__call(&s->programs, s->plan, row->role, i);
		calls__place(&calls->call[i], place, sizeof(place));
		calls__event(&calls->call[i], what, sizeof(what));
		ret = prog && bpf_program__fd(prog) >= 0 ?
			attach__program(&s->attached[first + i], s->kernel, row, place, first + i,
					what, prog, false) : -EAGAIN;
	}
	for (i = 0; ret && i < calls->n; i++)
		attach__drop(&s->attached[first + i], s->kernel);
	return ret;
}

/* Attach one candidate. Returns as attach_calls does. */
static int attach_row(struct session *s, const struct candidate *row)
{
	struct bpf_program *prog;

	if (row->flags & AT_SITES)
		return attach_calls(s, row, plan__calls(s->plan, row->role));
	prog = programs__pick(&s->programs, s->plan, row->role);
	/* the next candidate may need a program that was not loaded */
	if (!prog || bpf_program__fd(prog) < 0)
		return -EAGAIN;
	return attach__program(&s->attached[row->role], s->kernel, row, row->function, row->role,
			       "", prog, can_settle_later(s, row));
}

/* Attach the first candidate that the kernel takes. 0, also if none; -EAGAIN as attach_all. */
static int attach_role(struct session *s, enum role role)
{
	const struct candidate *row;
	int ret;

	while ((row = s->plan->pick[role])) {
		ret = attach_row(s, row);
		if (!ret || ret == -EAGAIN)
			return ret;
		reject_refused(s, role, ret);
	}
	return 0;
}

int session__settle(struct session *s)
{
	int role, ret, all = 0;

	for (role = 0; role < ROLE_COUNT; role++) {
		ret = trampoline__settle(&s->attached[role].trampoline);
		if (!ret)
			continue;
		reject_refused(s, role, ret);
		all = -EAGAIN;
	}
	return all;
}

/* Returns 0; an exit code, having said why; or -EAGAIN when the plan needs other programs now. */
static int attach_all(struct session *s)
{
	enum role missing;
	unsigned int i;
	int ret;

	for (i = 0; i < ROLE_COUNT; i++) {
		ret = attach_role(s, role__by_place(i));
		if (ret)
			return ret;
	}
	if (plan__complete(s->plan, &missing))
		return 0;
	return err(EXIT_UNSUPPORTED, "nothing in this kernel can be probed for the role '%s'; "
		   "brindle doctor shows what was tried", role__name(missing));
}

static int open_once(struct session *s, const struct session_opts *opts, transport_fn fn,
		     void *ctx)
{
	const bool ring = !s->plan->aliases;
	const struct bpf_map *map;
	int ret;

	find_calls(s->plan);
	ret = programs__load(&s->programs, s->kernel, s->plan, opts);
	if (ret)
		return ret;
	map = ring ? s->programs.skel->maps.ring : s->programs.skel->maps.perf;
	s->transport = transport__open(ring, bpf_map__fd(map), opts->buffer, fn, ctx);
	if (!s->transport)
		return err(EXIT_FAIL, "setting up a buffer of %llu bytes: %s; try a smaller "
			   "--buffer", (unsigned long long)opts->buffer, strerror(errno));
	return attach_all(s);
}

static void tear_down(struct session *s)
{
	int i;

	for (i = 0; i < ATTACHED; i++)
		attach__drop(&s->attached[i], s->kernel);
	transport__close(s->transport);
	s->transport = NULL;
	programs__close(&s->programs);
}

int session__open(struct session **out, const struct kernel *k, struct plan *p,
		  const struct session_opts *opts, transport_fn fn, void *ctx)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct session *s = calloc(1, sizeof(*s));
	int ret;

	*out = NULL;
	if (s)
		s->percpu = calloc(k->cpus, sizeof(*s->percpu));
	if (!s || !s->percpu) {
		free(s);
		return err(EXIT_FAIL, "setting up a session: out of memory");
	}
	s->kernel = k;
	s->plan = p;
	setrlimit(RLIMIT_MEMLOCK, &unlimited);	/* kernels before 5.11 count maps against it */
	attach__clean(k);
	do {
		ret = open_once(s, opts, fn, ctx);
		if (ret)
			tear_down(s);
	} while (ret == -EAGAIN);
	if (ret)
		session__close(s);
	else
		*out = s;
	return ret;
}

static int follow(struct session *s, __u32 tid, __u32 pid, __u32 adopted)
{
	const struct brindle_bpf *skel = s->programs.skel;
	__u32 task = pid | adopted, key = tid & (SLOTS - 1), one = 1;
	int ret = bpf_map_update_elem(bpf_map__fd(skel->maps.marks), &key, &one, BPF_ANY);

	if (ret)
		return ret;
	return bpf_map_update_elem(bpf_map__fd(skel->maps.tasks), &tid, &task, BPF_ANY);
}

int session__follow(struct session *s, __u32 tid, __u32 pid)
{
	return follow(s, tid, pid, 0);
}

int session__unfollow(struct session *s, __u32 tid)
{
	return bpf_map_delete_elem(bpf_map__fd(s->programs.skel->maps.tasks), &tid);
}

static int adopt(void *ctx, __u32 tid, __u32 pid)
{
	struct session *s = ctx;
	__u32 known;

	if (!bpf_map_lookup_elem(bpf_map__fd(s->programs.skel->maps.tasks), &tid, &known))
		return 0;
	return follow(s, tid, pid, TASK_ADOPTED) ?: 1;
}

int session__follow_all(struct session *s, __u32 pid)
{
	int ret = tasks__each(pid, adopt, s);

	if (pid || ret != -E2BIG)
		return ret;
	warn("more tasks than brindle keeps: some fork windows will not be seen as exposed");
	return 0;
}

void session__set_learned(struct session *s, const struct learned *learned)
{
	const struct bpf_map *map = s->programs.skel->maps.data_learned;
	struct learned all = *learned;
	__u32 zero = 0;

	all.alone = all.checked && s->programs.alone;
	bpf_map_update_elem(bpf_map__fd(map), &zero, &all, BPF_ANY);
}

void session__totals(const struct session *s,
		     void (*fn)(void *ctx, const struct wire_copy *first, __u64 count), void *ctx)
{
	int fd = bpf_map__fd(s->programs.skel->maps.totals);
	struct total_key key, *prev = NULL;
	struct total total;
	__u32 i;

	for (i = 0; i < TOTALS; i++)
		if (!bpf_map_lookup_elem(fd, &i, &total) && total.count)
			fn(ctx, &total.first, total.count);
	fd = bpf_map__fd(s->programs.skel->maps.more_totals);
	for (; !bpf_map_get_next_key(fd, prev, &key); prev = &key)
		if (!bpf_map_lookup_elem(fd, &key, &total) && total.count)
			fn(ctx, &total.first, total.count);
}

void session__set_short_fn(struct session *s, transport_short_fn fn, void *ctx)
{
	transport__set_short_fn(s->transport, fn, ctx);
}

int session__fd(const struct session *s)
{
	return transport__fd(s->transport);
}

int session__drain(struct session *s)
{
	return transport__drain(s->transport);
}

/*
 * bpf_map_lookup_elem, without missing copies meanwhile: the kernel runs no BPF program on this CPU
 * while it reads the map (bpf_disable_instrumentation, kernel/bpf/syscall.c), and if it is
 * preemptible, another thread may run and copy before it goes on. Not while we are of a real-time
 * class; without the right to be, the copies are counted as missed.
 */
static int lookup_alone(int fd, const void *key, void *value)
{
	const struct sched_param realtime = { .sched_priority = 1 };
	const int policy = sched_getscheduler(0);
	struct sched_param old;
	bool changed = false;
	int ret;

	if (policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE)
		changed = !sched_getparam(0, &old) && !sched_setscheduler(0, SCHED_FIFO, &realtime);
	ret = bpf_map_lookup_elem(fd, key, value);
	if (changed)
		sched_setscheduler(0, policy, &old);
	return ret;
}

/* Sum of the programs' counters over all CPUs; zeros when they cannot be read. */
static void sum_counters(const struct session *s, struct counters *sum)
{
	const struct brindle_bpf *skel = s->programs.skel;
	const struct counters *c = s->percpu;
	__u32 cpu, zero = 0;
	int role;

	memset(sum, 0, sizeof(*sum));
	if (lookup_alone(bpf_map__fd(s->kernel->cpus == 1 ? skel->maps.data_counters :
				     skel->maps.counters), &zero, s->percpu))
		return;
	for (cpu = 0; cpu < s->kernel->cpus; cpu++, c++) {
		sum->seq += c->seq;
		sum->lost += c->lost;
		sum->missed += c->missed;
		sum->idle_mappings += c->idle_mappings;
		sum->idle_flushes += c->idle_flushes;
		sum->begun += c->begun;
		sum->ended += c->ended;
		for (role = 0; role < ROLE_COUNT; role++)
			sum->hits[role] += c->hits[role];
	}
}

/* Copies that have begun but not ended, so that there is no record of them yet. */
static __u64 unfinished(const struct session *s)
{
	struct counters sum;

	sum_counters(s, &sum);
	return sum.begun > sum.ended ? sum.begun - sum.ended : 0;
}

/* Let copies in progress end, while the probes inside and behind them are still attached. */
static void await_ends(const struct session *s)
{
	int ms;

	for (ms = 0; ms < ENDS_MS && unfinished(s); ms += 5)
		usleep(5000);
}

/* The kernel's hits, those at places added to their roles'. Returns as attach__profile. */
static __u64 role_hits(const struct session *s, __u64 hits[ATTACHED])
{
	const __u64 missed = attach__profile(s->attached, ATTACHED, s->kernel, hits);
	int i, k;

	for (i = 0; i < AT_SITES_ROLES; i++)
		/* runs of ROLE_COPY_CALL are not counted */
		for (k = 0; k < CALLS_MAX && at_sites[i] != ROLE_COPY_CALL; k++)
			hits[at_sites[i]] += hits[SITES(i) + k];
	return missed;
}

/*
 * A hit has no run while another BPF program runs on that CPU, since the kernel then skips ours
 * silently (bpf_prog_active), and before the program is attached to its event. session__begin
 * notes the difference of hits and runs so far; skipped() returns how much it has grown. Hits
 * and runs cannot be read at once, so each function reads first the one that makes the result
 * too small if probes fire in between: it is a lower bound, and exact if none do.
 */
void session__begin(struct session *s)
{
	struct counters runs;
	int role;

	sum_counters(s, &runs);
	role_hits(s, s->hits_before);
	for (role = 0; role < ROLE_COUNT; role++)
		s->hits_before[role] -= runs.hits[role];
}

/* Hits without a run since session__begin. */
static __u64 skipped(const struct session *s)
{
	__u64 hits[ATTACHED], sum = 0;
	struct counters runs;
	int role;

	role_hits(s, hits);
	sum_counters(s, &runs);
	for (role = 0; role < ROLE_COUNT; role++)
		if (hits[role] > runs.hits[role] + s->hits_before[role])
			sum += hits[role] - runs.hits[role] - s->hits_before[role];
	return sum;
}

static void detach_role(struct session *s, enum role role)
{
	int i, k;

	attach__detach(&s->attached[role]);
	for (i = 0; i < AT_SITES_ROLES; i++)
		for (k = 0; k < CALLS_MAX && at_sites[i] == role; k++)
			attach__detach(&s->attached[SITES(i) + k]);
}

void session__drop(struct session *s, enum role role)
{
	attach__drop(&s->attached[role], s->kernel);
	s->plan->pick[role] = NULL;
}

int session__stop(struct session *s)
{
	struct session_counts counts;
	__u64 skips = skipped(s);
	int i, ret;

	/* in reverse of the order of attaching: begins before ends */
	for (i = ROLE_COUNT - 1; i >= 0; i--) {
		const enum role role = role__by_place(i);

		detach_role(s, role);
		if (role == ROLE_COPY)
			await_ends(s);
	}
	session__counts(s, &counts);
	s->kernel_missed = unfinished(s) + counts.missed - counts.sum.missed + skips;
	for (i = 0; i < ATTACHED; i++)
		attach__drop(&s->attached[i], s->kernel);
	do
		ret = transport__drain(s->transport);
	while (ret == -EAGAIN);
	return ret;
}

void session__counts(const struct session *s, struct session_counts *counts)
{
	__u64 hits[ATTACHED];

	sum_counters(s, &counts->sum);
	counts->lost = counts->sum.lost + transport__refused(s->transport);
	counts->missed = counts->sum.missed + s->kernel_missed +
		attach__profile(s->attached, ATTACHED, s->kernel, hits);
}

void session__close(struct session *s)
{
	if (!s)
		return;
	tear_down(s);
	free(s->percpu);
	free(s);
}
