// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "base/err.h"
#include "recorder/recorder.h"
#include "recorder/workload.h"
#include "recording/recording.h"
#include "verdict/cache.h"

#define DRAIN_MS	50	/* how often the buffer is emptied if nothing wakes us earlier */
#define FLUSH_NS	1000000000ULL	/* how often packets are written */
#define PATIENCE_NS	2000000000ULL	/* how long CMD may go on after SIGTERM */

/* A recording being made. */
struct recorder {
	const struct record_options *opts;
	struct machine *machine;
	const struct geometry *judged_by;
	struct verdict_cache verdicts;
	struct selfcheck check;
	struct pattern pattern;		/* of the last short record that took the slow path */
	struct copy_template template;	/* its bytes in the recording */
	struct recording_writer *writer;
	struct workload workload;
	__u64 copies[COPY_COUNT];	/* by verdict, for the summary */
	__u64 clears, clears_at_risk;
	__u64 windows, exposed;
	struct session_counts before;	/* when the recording began */
	int failed;			/* exit code of a write error */
	int signals;			/* signalfd */
	__u64 flushed;			/* when packets were last written, ns */
	bool stopped;			/* by a signal or the end of the duration */
};

static __u64 now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* ---- records ---- */

static void keep_copy(struct recorder *r, const struct wire_copy *rec, const char comm[COMM_LEN])
{
	struct copy c;

	assemble__copy(rec, &r->check.result.cal, &c);
	r->copies[verdict_cache__copy(&r->verdicts, &c)]++;
	recording__copy(r->writer, rec->head.cpu, &c, comm);
}

/* Slow path for a short record: there is no pattern yet, or the fast path declined. */
static __attribute__((cold, noinline)) void
on_short_slow(struct recorder *r, const struct wire_short *rec, const char comm[COMM_LEN])
{
	const struct wire_copy whole = wire__expand(rec);

	if (assemble__pattern(&whole, &r->check.result.cal, &r->pattern))
		recording__template(&r->pattern.copy, &r->template);
	keep_copy(r, &whole, comm);
}

/*
 * If a plan sends short records, nearly all records are short ones. Flattened, because calls and
 * the saving of registers for them would be a good part of the work for a copy.
 */
static __attribute__((flatten)) void on_short(void *ctx, const struct wire_short *rec,
					      const char comm[COMM_LEN])
{
	struct recorder *r = ctx;
	struct copy c;

	if (assemble__fits(rec, &r->pattern) && verdict_cache__all_safe(&r->verdicts)) {
		assemble__copy_fast(rec, &r->check.result.cal, &r->pattern, &c);
		if (recording__copy_fast(r->writer, rec->head.cpu, &r->template, &c, comm)) {
			r->copies[COPY_SAFE]++;
			return;
		}
	}
	on_short_slow(r, rec, comm);
}

static void on_clear(struct recorder *r, const struct wire_copy *rec)
{
	struct clear c;

	if (!assemble__clear(rec, &r->check.result.cal, &c))
		return;
	r->clears++;
	r->clears_at_risk += verdict_cache__clear(&r->verdicts, &c) == SIDE_MISMATCH;
	recording__clear(r->writer, rec->head.cpu, &c, rec->comm);
}

/* One kind of copies, or clears, that were counted in the kernel; *first is the first of them. */
static void on_total(void *ctx, const struct wire_copy *first, __u64 count)
{
	struct recorder *r = ctx;
	struct wire_copy rec = *first;
	struct clear clear;
	struct copy copy;

	rec.head.ts = now(CLOCK_MONOTONIC);
	if (rec.head.type == WIRE_COPY) {
		assemble__copy(&rec, &r->check.result.cal, &copy);
		r->copies[verdict_cache__copy(&r->verdicts, &copy)] += count;
		recording__copies(r->writer, &copy, count);
	} else if (assemble__clear(&rec, &r->check.result.cal, &clear)) {
		r->clears += count;
		if (verdict_cache__clear(&r->verdicts, &clear) == SIDE_MISMATCH)
			r->clears_at_risk += count;
		recording__clears(r->writer, &clear, count);
	}
}

static void on_window(struct recorder *r, const struct wire_window *rec)
{
	struct window w;

	assemble__window(rec, &w);
	r->windows++;
	r->exposed += w.exposed;
	recording__window(r->writer, rec->head.cpu, &w, rec->comm);
}

static void on_record(void *ctx, const struct wire_head *head)
{
	struct recorder *r = ctx;

	if (!r->writer)
		return;
	if (head->type == WIRE_COPY)
		keep_copy(r, (const void *)head, ((const struct wire_copy *)head)->comm);
	else if (head->type == WIRE_CLEAR)
		on_clear(r, (const void *)head);
	else
		on_window(r, (const void *)head);
}

/* ---- the recording's own description ---- */

/* The number to add to CLOCK_MONOTONIC for wall time; 0 on a board whose clock is not set. */
static __u64 clock_offset(void)
{
	__u64 monotonic = now(CLOCK_MONOTONIC), wall = now(CLOCK_REALTIME);

	return wall > monotonic ? wall - monotonic : 0;
}

static void describe_command(char *out, size_t size, char **argv)
{
	size_t len = 0;

	out[0] = 0;
	for (; *argv && len < size; argv++)
		len += snprintf(out + len, size - len, "%s%s", len ? " " : "", *argv);
}

static void describe_filter(char *out, size_t size, const struct record_options *o)
{
	size_t len = 0;
	int i;

	out[0] = 0;
	for (i = 0; i < o->pids && len < size; i++)
		len += snprintf(out + len, size - len, "%spid %u", len ? ", " : "", o->pid[i]);
	if (o->comm && len < size)
		len += snprintf(out + len, size - len, "%scomm %s", len ? ", " : "", o->comm);
	if (o->cgroup && len < size)
		snprintf(out + len, size - len, "%scgroup %s", len ? ", " : "", o->cgroup);
}

/* Totals are counted for the larger of the machine's own span and that of --span. */
static __u64 counted_span(const struct recorder *r)
{
	const __u64 own = r->machine->geometry.span;

	return r->judged_by->span > own ? r->judged_by->span : own;
}

static int create_recording(struct recorder *r, char **argv)
{
	struct recording_env env = { .schema = RECORDING_SCHEMA };

	snprintf(env.version, sizeof(env.version), "%s", BRINDLE_VERSION);
	snprintf(env.kernel, sizeof(env.kernel), "%s", r->machine->kernel.release);
	snprintf(env.arch, sizeof(env.arch), "%s", r->machine->kernel.arch->name);
	env.word_bits = sizeof(long) * 8;
	env.cpus = r->machine->kernel.cpus;
	env.geometry = r->machine->geometry;
	if (r->opts->span)
		env.what_if_span = r->judged_by->span;
	if (r->opts->totals)
		env.totals_span = counted_span(r);
	env.plan_rows = plan__rows(&r->machine->plan, env.plan);
	env.plan_rows += machine__unseen(r->machine, &r->check.result,
					 env.plan + env.plan_rows);
	describe_command(env.command, sizeof(env.command), argv);
	describe_filter(env.filter, sizeof(env.filter), r->opts);
	env.recorder_pid = (__u32)getpid();
	env.start_ns = clock_offset();
	r->writer = recording__create(r->opts->dir, &env);
	return r->writer ? 0 : EXIT_FAIL;
}

/* ---- tracing ---- */

static void read_signals(struct recorder *r)
{
	struct signalfd_siginfo info;
	sigset_t set;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			workload__reap(&r->workload);
			continue;
		}
		r->stopped = true;
		/* a second signal ends us at once; the recording is readable even then */
		sigemptyset(&set);
		sigaddset(&set, info.ssi_signo);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
}

/* Tells the kernel programs which tasks to record. */
static int follow(struct recorder *r)
{
	struct session *s = r->check.session;
	int i, ret = 0;

	if (r->workload.pid)
		ret = session__follow(s, r->workload.pid, r->workload.pid);
	for (i = 0; !ret && i < r->opts->pids; i++)
		ret = session__follow_all(s, r->opts->pid[i]);
	if (!ret && !r->workload.pid && !r->opts->pids)
		ret = session__follow_all(s, 0);
	if (ret)
		return err(EXIT_FAIL, "telling the kernel which tasks to record: %s",
			   strerror(-ret));
	return 0;
}

/* Have all processes of --pid ended? */
static bool pids_gone(const struct record_options *o)
{
	int i;

	for (i = 0; i < o->pids; i++)
		if (!kill(o->pid[i], 0) || errno != ESRCH)
			return false;
	return o->pids;
}

/* Losses since the recording began, without those of the self-check. */
static void losses(const struct recorder *r, __u64 *lost, __u64 *missed)
{
	struct session_counts c;

	session__counts(r->check.session, &c);
	*lost = c.lost - r->before.lost;
	*missed = c.missed - r->before.missed;
}

static void note_losses(struct recorder *r)
{
	__u64 lost, missed;

	losses(r, &lost, &missed);
	/* some belong to no CPU (damaged records, probes not run), so all are put down to CPU 0 */
	if (lost || missed)
		recording__set_losses(r->writer, 0, lost, missed);
}

/* Rewrites a progress line on a terminal; not with CMD, whose output it would disturb. */
static void progress(const struct recorder *r)
{
	if (r->workload.pid || r->opts->totals || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\rbrindle: %llu copies so far, %llu at risk ",
		(unsigned long long)(r->copies[COPY_SAFE] + r->copies[COPY_AT_RISK] +
				     r->copies[COPY_UNKNOWN]),
		(unsigned long long)r->copies[COPY_AT_RISK]);
	if (r->stopped)
		fputc('\n', stderr);
}

/* One round: waits for up to ms, handles signals, drains the buffer, writes once a second. */
static void trace_once(struct recorder *r, int ms)
{
	struct pollfd fds[] = {
		{ .fd = session__fd(r->check.session), .events = POLLIN },
		{ .fd = r->signals, .events = POLLIN },
	};
	__u64 t;

	poll(fds, 2, ms);
	read_signals(r);
	workload__reap(&r->workload);
	session__drain(r->check.session);
	r->failed = recording__failed(r->writer);
	t = now(CLOCK_MONOTONIC);
	if (t - r->flushed < FLUSH_NS)
		return;
	note_losses(r);
	recording__flush(r->writer);
	progress(r);
	r->flushed = t;
}

static void trace(struct recorder *r)
{
	__u64 start = now(CLOCK_MONOTONIC);

	r->flushed = start;
	while (!r->stopped && !r->workload.ended && !r->failed && !pids_gone(r->opts)) {
		trace_once(r, DRAIN_MS);
		if (r->opts->duration && now(CLOCK_MONOTONIC) - start >= r->opts->duration)
			r->stopped = true;
	}
	progress(r);
}

/* Ends CMD with the recording: sends SIGTERM and records on while CMD takes its time to exit. */
static void end_workload(struct recorder *r)
{
	__u64 start = now(CLOCK_MONOTONIC);

	if (!r->workload.started || r->workload.ended)
		return;
	kill(r->workload.pid, SIGTERM);
	while (!r->workload.ended && !r->failed && now(CLOCK_MONOTONIC) - start < PATIENCE_NS)
		trace_once(r, 10);
	if (!r->workload.ended)
		warn("the traced command (pid %d) goes on after SIGTERM", (int)r->workload.pid);
}

/* ---- after tracing ---- */

static void summary(const struct recorder *r, __u64 lost, __u64 missed)
{
	unsigned long long safe = r->copies[COPY_SAFE], at_risk = r->copies[COPY_AT_RISK],
			   unknown = r->copies[COPY_UNKNOWN];

	fprintf(stderr, "brindle: %llu copies", safe + at_risk + unknown);
	/* these verdicts assume that no probe was missed; the report, which knows, judges anew */
	if (!missed)
		fprintf(stderr, ": %llu safe, %llu at risk, %llu unknown", safe, at_risk, unknown);
	fprintf(stderr, "; %llu fork windows, %llu exposed; ",
		(unsigned long long)r->windows, (unsigned long long)r->exposed);
	if (r->clears)
		fprintf(stderr, "%llu clears, ", (unsigned long long)r->clears);
	if (r->clears_at_risk && !missed)
		fprintf(stderr, "%llu of them at risk, ", (unsigned long long)r->clears_at_risk);
	fprintf(stderr, "%llu lost, %llu missed\n", (unsigned long long)lost,
		(unsigned long long)missed);
	fprintf(stderr, "brindle: recording in %s; see it with: brindle report %s\n", r->opts->dir,
		r->opts->dir);
}

static int finish(struct recorder *r)
{
	__u64 lost, missed;
	int ret;

	session__stop(r->check.session);
	if (r->opts->totals)
		session__totals(r->check.session, on_total, r);
	note_losses(r);
	losses(r, &lost, &missed);
	ret = recording__close(r->writer);
	r->writer = NULL;
	if (ret)	/* no summary: its counts would differ from what was kept */
		return err(ret, "recording in %s is readable up to there", r->opts->dir);
	summary(r, lost, missed);
	if (lost || missed)
		return err(EXIT_LOST, "%llu records lost, %llu missed; try a larger --%s",
			   (unsigned long long)lost, (unsigned long long)missed,
			   missed ? "threads" : "buffer");
	return r->stopped ? EXIT_OK : workload__exit_code(&r->workload);
}

/* Opens a session that has passed the self-check; CMD's process, if any, is forked before. */
static int open_session(struct recorder *r, char **argv)
{
	struct session_opts so = {
		.follow = argv[0] ? FOLLOW_TREE : r->opts->pids ? FOLLOW_PROCESS : FOLLOW_ALL,
		.comm = r->opts->comm,
		.threads = r->opts->threads,
		.totals = r->opts->totals,
		.colours = counted_span(r) / r->judged_by->page_size,
		.cgroup = r->opts->cgroup_fd,
	};
	int ret = 0;

	so.buffer = r->opts->buffer ?: r->machine->plan.aliases ? 2 << 20 : 4 << 20;
	/* before the session, so that CMD does not inherit descriptors of our probes */
	if (argv[0])
		ret = workload__prepare(&r->workload, argv);
	return ret ?: selfcheck__open(&r->check, &r->machine->kernel, &r->machine->plan, &so,
				      on_record, r);
}

static int record(struct recorder *r, char **argv)
{
	int ret = open_session(r, argv);

	if (ret)
		goto cleanup;
	session__drain(r->check.session);
	session__begin(r->check.session);
	session__counts(r->check.session, &r->before);
	ret = create_recording(r, argv);
	ret = ret ?: follow(r);
	if (ret)
		goto cleanup;
	session__set_short_fn(r->check.session, on_short, r);
	read_signals(r);
	if (argv[0] && !r->stopped)
		ret = workload__start(&r->workload, argv[0]);
	if (ret)
		goto cleanup;
	if (!argv[0])
		fprintf(stderr, "brindle: recording; %s\n", r->opts->duration ?
			"Ctrl-C stops early" : "Ctrl-C stops");
	trace(r);
	if (!r->failed)
		end_workload(r);
	ret = finish(r);
cleanup:
	workload__cancel(&r->workload);
	if (r->writer)
		recording__close(r->writer);
	if (r->failed && r->workload.pid && !r->workload.ended)
		warn("the traced command (pid %d) goes on untraced", (int)r->workload.pid);
	session__close(r->check.session);
	return ret;
}

int recorder__block_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);	/* the terminal or ssh session goes away */
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);	/* inherited as ignored, it would hide CMD's exit status */
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* at a file size limit write fails, and we go on */
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err(EXIT_FAIL, "setting up signals: %s", strerror(errno));
	return fd;
}

int recorder__record(struct machine *m, const struct geometry *judged_by,
		     const struct record_options *opts, int signals, char **argv)
{
	static struct recorder r;	/* too large for a small stack */

	r = (struct recorder){ .opts = opts, .machine = m, .judged_by = judged_by,
			       .signals = signals };
	verdict_cache__init(&r.verdicts, m->kernel.arch, judged_by);
	return record(&r, argv);
}
