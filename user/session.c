// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "aim.h"
#include "attach.h"
#include "brindle.skel.h"
#include "err.h"
#include "formats.h"
#include "refusal.h"
#include "session.h"
#include "tasks.h"

#define ENDS_MS		100	/* wait for copies under way when stopping */
#define WAKE_EVERY	1024	/* records between wake-ups of a large ring, a power of two */

#ifdef BRINDLE_CORE
#define NEEDS_TYPES	true
#else
#define NEEDS_TYPES	false
#endif

struct session {
	const struct kernel *kernel;
	struct plan *plan;
	struct brindle_bpf *skel;
	struct types *types;	/* until the programs are loaded; NULL = no BTF */
	int types_fd;		/* the same as a file; 0 = there is none */
	struct transport *transport;
	struct attachment attached[ROLE_COUNT];
	__u64 kernel_missed;	/* nmissed and the like, kept when the probes are gone */
	__u64 hits_before[ROLE_COUNT];	/* hits without a run, when recording began */
	struct counters *percpu;
};

/*
 * The order of attaching: what ends a copy or a window before what begins it. Of the probes
 * at one address the kernel calls the newest first, and a return probe replaces the return
 * address: ROLE_COPY, which reads it (CALLER), must be newer than ROLE_COPY_END.
 */
static const enum role attach_order[] = {
	ROLE_SWITCH, ROLE_NEWTASK, ROLE_EXEC, ROLE_EXIT, ROLE_WINDOW_END, ROLE_WINDOW_BEGIN,
	ROLE_FLUSH, ROLE_MAPPING, ROLE_MAPPED_PAGE, ROLE_COPY_END, ROLE_FAULT_END, ROLE_FAULT,
	ROLE_COPY,
	/* a new page of a copy not seen would pass for a cleared one; no part without the whole */
	ROLE_CLEAR, ROLE_CLEAR_PART,
};

/* What libbpf complained of since loading began, for the error line. */
static struct refusal refusal;

static int on_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (verbose < 2 && level != LIBBPF_WARN)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0)	/* a verifier's log can be long */
		return 0;
	if (verbose >= 2)
		fputs(text, stderr);
	if (level == LIBBPF_WARN)
		refusal__hear(&refusal, text);
	free(text);
	return 0;
}

static struct bpf_program *program_of(struct session *s, enum role role)
{
	const struct candidate *row = s->plan->pick[role];

	return row ? bpf_object__find_program_by_name(s->skel->obj, row->program) : NULL;
}

static int configure(struct session *s, const struct session_opts *opts)
{
	struct brindle_bpf *skel = s->skel;
	const struct kernel *k = s->kernel;
	struct config *cfg = (void *)&skel->rodata->cfg;
	bool ring = !s->plan->aliases;
	struct bpf_program *prog;
	int role, ret;

	aim__plan(s->plan, s->types);
	cfg->self = getpid();
	cfg->follow = opts->follow;
	cfg->ring = ring;
	cfg->ends = s->plan->pick[ROLE_COPY_END] != NULL;
	cfg->cpus = k->cpus;
	cfg->page_size = getpagesize();
	cfg->huge_pages = kernel__has_huge_pages();
	cfg->clears = s->plan->pick[ROLE_CLEAR] && s->plan->pick[ROLE_FLUSH];
	cfg->wake_every = WAKE_EVERY;
	while (cfg->wake_every > opts->buffer / WIRE_MAX / 4 + 1)
		cfg->wake_every /= 2;
	if (opts->comm) {
		cfg->filters |= FILTER_COMM;
		snprintf(cfg->comm, sizeof(cfg->comm), "%s", opts->comm);
	}
	cfg->page_shift = __builtin_ctz(cfg->page_size);
	cfg->totals = opts->totals;
	cfg->colours = opts->totals ? opts->colours : 1;
	cfg->filters |= opts->cgroup > 0 ? FILTER_CGROUP : 0;
	ret = formats__read(k, cfg);
	if (ret)
		return ret;
	bpf_map__set_autocreate(skel->maps.totals, opts->totals);
	bpf_map__set_autocreate(skel->maps.total_owners, opts->totals);
	bpf_map__set_autocreate(skel->maps.more_totals, opts->totals);
	bpf_map__set_max_entries(skel->maps.more_totals,
				 opts->buffer / sizeof(struct total) + 1);
	bpf_map__set_autocreate(skel->maps.cgroup, opts->cgroup > 0);
	bpf_map__set_autocreate(skel->maps.ring, ring);
	bpf_map__set_autocreate(skel->maps.perf, !ring);
	bpf_map__set_max_entries(skel->maps.ring, opts->buffer);
	/* who finds no room in the first of the two gets it in the other: at least so many */
	bpf_map__set_max_entries(skel->maps.owners, opts->threads < SLOTS ? opts->threads : SLOTS);
	bpf_map__set_max_entries(skel->maps.threads, opts->threads);
	bpf_map__set_max_entries(skel->maps.running, k->cpus);
	/* read by bpf(2), never mapped: on a machine with aliases that would be another colour */
	bpf_map__set_map_flags(skel->maps.bss, 0);
	bpf_map__set_map_flags(skel->maps.data_learned, 0);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, false);
	for (role = 0; role < ROLE_COUNT; role++) {
		prog = program_of(s, role);
		if (prog)
			bpf_program__set_autoload(prog, true);
	}
	return 0;
}

static int load(struct session *s)
{
	int ret;

	memset(&refusal, 0, sizeof(refusal));
	ret = brindle_bpf__load(s->skel);
	if (!ret)
		return 0;
	if (aim__reject(s->plan, refusal.reason[0] ? refusal.reason :
			"the kernel did not load its program"))
		return -EAGAIN;
	/* the verifier says "permission denied", too, of what it will not run for anybody */
	if (refusal.reason[0])
		return err(EXIT_UNSUPPORTED, "the kernel refuses the BPF program %s (%s): %s%s",
			   refusal.program, strerror(-ret), refusal.reason,
			   verbose < 2 ? "; the whole log: -vv" : "");
	if (ret == -EPERM || ret == -EACCES)
		return err(EXIT_PERM, "loading the BPF programs: %s (%s); run as root on a kernel "
			   "that is not locked down", strerror(-ret), refusal.said);
	return err(EXIT_UNSUPPORTED, "loading the BPF programs: %s (%s); see all that libbpf says "
		   "with -vv", strerror(-ret), refusal.said);
}

static void refuse(struct session *s, enum role role, int error)
{
	const struct candidate *row = s->plan->pick[role];
	char why[96];

	snprintf(why, sizeof(why), "the kernel refused the %s: %s", mechanism__name(row->by),
		 strerror(-error));
	note("%s: %s: %s", role__name(role), row->function, why);
	plan__reject(s->plan, role, why);
}

/*
 * Need we not wait for it? The first trampoline's can be left alone when the self-check shows
 * whether it is there: it wants each known copy to have been seen by these two.
 */
static bool can_settle_later(const struct session *s, const struct candidate *row)
{
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		if (s->attached[role].prog_fd)
			return false;
	return row->role == ROLE_FAULT || row->role == ROLE_COPY;
}

static int attach_role(struct session *s, enum role role)
{
	const struct candidate *row;
	struct bpf_program *prog;
	int ret;

	while ((row = s->plan->pick[role])) {
		prog = program_of(s, role);
		/* a later candidate may want a program that was not loaded */
		ret = prog && bpf_program__fd(prog) >= 0 ?
			attach__program(&s->attached[role], s->kernel, row, prog,
					can_settle_later(s, row)) : -EAGAIN;
		if (!ret || ret == -EAGAIN)
			return ret;
		refuse(s, role, ret);
	}
	return 0;
}

int session__settle(struct session *s)
{
	int role, ret, all = 0;

	for (role = 0; role < ROLE_COUNT; role++) {
		ret = attach__settle(&s->attached[role]);
		if (!ret)
			continue;
		refuse(s, role, ret);
		all = -EAGAIN;
	}
	return all;
}

/* Returns 0, an exit code, or -EAGAIN when the plan now needs other programs. */
static int attach_all(struct session *s)
{
	enum role missing;
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(attach_order) / sizeof(attach_order[0]); i++) {
		ret = attach_role(s, attach_order[i]);
		if (ret)
			return ret;
	}
	if (plan__complete(s->plan, &missing))
		return 0;
	return err(EXIT_UNSUPPORTED, "nothing in this kernel can be probed for the role '%s'; "
		   "brindle doctor shows what was tried", role__name(missing));
}

static void drop_types(struct session *s)
{
	types__free(s->types);
	s->types = NULL;
	if (s->types_fd > 0)
		close(s->types_fd);
	s->types_fd = 0;
}

/*
 * Programs that find the kernel's fields by name want to be told of its types: those they
 * know are in a file for libbpf, which reads it when it loads them.
 */
static void open_skeleton(struct session *s)
{
	struct bpf_object_open_opts opts = { .sz = sizeof(opts) };
	char path[32];

	aim__prepare();
	if (NEEDS_TYPES)
		s->types_fd = memfd_create("brindle-types", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->types_fd);
	opts.btf_custom_path = s->types_fd > 0 ? path : NULL;
	s->skel = brindle_bpf__open_opts(&opts);
	if (s->types_fd <= 0 || !s->skel)
		return;
	s->types = types__read(TYPES_FILE, bpf_object__btf(s->skel->obj));
	if (s->types && !types__write(s->types, s->types_fd))
		return;
	/* let libbpf read them, or say why it cannot */
	drop_types(s);
	brindle_bpf__destroy(s->skel);
	s->skel = brindle_bpf__open();
}

static int open_once(struct session *s, const struct session_opts *opts, transport_fn fn,
		     void *ctx)
{
	bool ring = !s->plan->aliases;
	int ret;

	open_skeleton(s);
	if (!s->skel)
		return err(EXIT_FAIL, "opening the BPF object: %s (%s)", strerror(errno),
			   refusal.said);
	ret = configure(s, opts);
	ret = ret ?: load(s);
	drop_types(s);
	if (ret)
		return ret;
	if (opts->cgroup > 0) {
		__u32 zero = 0;

		ret = bpf_map_update_elem(bpf_map__fd(s->skel->maps.cgroup), &zero, &opts->cgroup,
					  BPF_ANY);
		if (ret)
			return err(EXIT_UNSUPPORTED, "--cgroup: the kernel does not take it: %s",
				   strerror(-ret));
	}
	s->transport = transport__open(ring, bpf_map__fd(ring ? s->skel->maps.ring :
							 s->skel->maps.perf),
				       opts->buffer, fn, ctx);
	if (!s->transport)
		return err(EXIT_FAIL, "setting up a buffer of %llu bytes: %s; try a smaller "
			   "--buffer", (unsigned long long)opts->buffer, strerror(errno));
	return attach_all(s);
}

static void tear_down(struct session *s)
{
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		attach__drop(&s->attached[role], s->kernel);
	transport__close(s->transport);
	s->transport = NULL;
	brindle_bpf__destroy(s->skel);
	s->skel = NULL;
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
	libbpf_set_print(on_libbpf);
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
	__u32 task = pid | adopted, key = tid & (SLOTS - 1), one = 1;
	int ret = bpf_map_update_elem(bpf_map__fd(s->skel->maps.marks), &key, &one, BPF_ANY);

	if (ret)
		return ret;
	return bpf_map_update_elem(bpf_map__fd(s->skel->maps.tasks), &tid, &task, BPF_ANY);
}

int session__follow(struct session *s, __u32 tid, __u32 pid)
{
	return follow(s, tid, pid, 0);
}

int session__unfollow(struct session *s, __u32 tid)
{
	return bpf_map_delete_elem(bpf_map__fd(s->skel->maps.tasks), &tid);
}

static int adopt(void *ctx, __u32 tid, __u32 pid)
{
	struct session *s = ctx;
	__u32 known;

	if (!bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.tasks), &tid, &known))
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

void session__learn(struct session *s, const struct learned *learned)
{
	__u32 zero = 0;

	bpf_map_update_elem(bpf_map__fd(s->skel->maps.data_learned), &zero, learned, BPF_ANY);
}

void session__totals(const struct session *s,
		     void (*fn)(void *ctx, const struct wire_copy *first, __u64 count), void *ctx)
{
	int fd = bpf_map__fd(s->skel->maps.totals);
	struct total_key key, *prev = NULL;
	struct total total;
	__u32 i;

	for (i = 0; i < TOTALS; i++)
		if (!bpf_map_lookup_elem(fd, &i, &total) && total.count)
			fn(ctx, &total.first, total.count);
	fd = bpf_map__fd(s->skel->maps.more_totals);
	for (; !bpf_map_get_next_key(fd, prev, &key); prev = &key)
		if (!bpf_map_lookup_elem(fd, &key, &total) && total.count)
			fn(ctx, &total.first, total.count);
}

void session__take_exact(struct session *s, transport_exact_fn fn, void *ctx)
{
	transport__take_exact(s->transport, fn, ctx);
}

int session__fd(const struct session *s)
{
	return transport__fd(s->transport);
}

int session__drain(struct session *s)
{
	return transport__drain(s->transport);
}

/* The programs' counters over all CPUs; zeros when they cannot be read. */
static void sum_counters(const struct session *s, struct counters *sum)
{
	const struct counters *c = s->percpu;
	__u32 cpu, zero = 0;
	int role;

	memset(sum, 0, sizeof(*sum));
	if (bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.counters), &zero, s->percpu))
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

/* Copies that began and have not ended: they have no record. */
static __u64 unfinished(const struct session *s)
{
	struct counters sum;

	sum_counters(s, &sum);
	return sum.begun > sum.ended ? sum.begun - sum.ended : 0;
}

/* Let copies that have begun come to their end, while what is seen in them is still seen. */
static void await_ends(const struct session *s)
{
	int ms;

	for (ms = 0; ms < ENDS_MS && unfinished(s); ms += 5)
		usleep(5000);
}

/*
 * Hits for which no program ran: while another BPF program runs on a CPU the kernel skips
 * ours without a word (bpf_prog_active). A probe is also hit before its program is there.
 * Both are read one after the other while probes go on firing, each time in the order that
 * makes the difference too small rather than too large: a lower bound, exact in quiet.
 */
void session__begin(struct session *s)
{
	struct counters runs;
	int role;

	sum_counters(s, &runs);
	attach__profile(s->attached, ROLE_COUNT, s->kernel, s->hits_before);
	for (role = 0; role < ROLE_COUNT; role++)
		s->hits_before[role] -= runs.hits[role];
}

static __u64 skipped(const struct session *s)
{
	__u64 hits[ROLE_COUNT], sum = 0;
	struct counters runs;
	int role;

	attach__profile(s->attached, ROLE_COUNT, s->kernel, hits);
	sum_counters(s, &runs);
	for (role = 0; role < ROLE_COUNT; role++)
		if (hits[role] > runs.hits[role] + s->hits_before[role])
			sum += hits[role] - runs.hits[role] - s->hits_before[role];
	return sum;
}

int session__stop(struct session *s)
{
	struct session_counts counts;
	__u64 skips = skipped(s);
	int i, ret;

	/* from the beginnings of things to their ends, the reverse of attaching */
	for (i = sizeof(attach_order) / sizeof(attach_order[0]) - 1; i >= 0; i--) {
		attach__detach(&s->attached[attach_order[i]]);
		if (attach_order[i] == ROLE_COPY)
			await_ends(s);
	}
	session__counts(s, &counts);
	s->kernel_missed = unfinished(s) + counts.missed - counts.sum.missed + skips;
	for (i = 0; i < ROLE_COUNT; i++)
		attach__drop(&s->attached[i], s->kernel);
	do
		ret = transport__drain(s->transport);
	while (ret == -EAGAIN);
	return ret;
}

void session__counts(const struct session *s, struct session_counts *counts)
{
	__u64 hits[ROLE_COUNT];

	sum_counters(s, &counts->sum);
	counts->lost = counts->sum.lost + transport__bad(s->transport);
	counts->missed = counts->sum.missed + s->kernel_missed +
		attach__profile(s->attached, ROLE_COUNT, s->kernel, hits);
}

void session__close(struct session *s)
{
	if (!s)
		return;
	tear_down(s);
	free(s->percpu);
	free(s);
}
