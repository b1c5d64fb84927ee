/* SPDX-License-Identifier: GPL-2.0-only */
/* What every program does: count itself, ask whether the task is recorded, send. */
#ifndef BRINDLE_COMMON_BPF_H
#define BRINDLE_COMMON_BPF_H

/*
 * What is rare is called, so that nothing has to be saved for it; not where the kernel's
 * compiler knows no calls from program to program (32-bit MIPS and ARM).
 */
#ifdef BRINDLE_CORE
#define RARELY	__noinline
#else
#define RARELY	__always_inline
#endif

/*
 * One more. fentry programs can be preempted, on kernels that preempt, by another on the
 * same CPU; where they are, atomics are.
 */
static __always_inline void bump(__u64 *counter)
{
#ifdef BRINDLE_CORE
	__sync_fetch_and_add(counter, 1);
#else
	(*counter)++;
#endif
}

static __always_inline struct counters *counters__here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

static __always_inline struct counters *count(enum role role)
{
	struct counters *n = counters__here();

	if (n)
		bump(&n->hits[role]);
	return n;
}

static __always_inline bool comm_matches(void)
{
	char comm[COMM_LEN] = {};
	int i;

	bpf_get_current_comm(comm, sizeof(comm));
#pragma unroll
	for (i = 0; i < COMM_LEN; i++)
		if (comm[i] != cfg.comm[i])
			return false;
	return true;
}

/* The self-check's own process need not be in the cgroup. */
static __always_inline bool under_cgroup(void)
{
	return !learned.checked || bpf_current_task_under_cgroup(&cgroup, 0) == 1;
}

/* What can change while a thread lives, and is asked each time. */
static __always_inline bool passes_filters(void)
{
	return !cfg.filters || ((!(cfg.filters & FILTER_CGROUP) || under_cgroup()) &&
				(!(cfg.filters & FILTER_COMM) || comm_matches()));
}

/* false: not followed, for sure */
static __always_inline bool marked(__u32 tid)
{
	__u32 key = tid & (SLOTS - 1), *mark;

	if (cfg.follow == FOLLOW_ALL)
		return true;
	mark = bpf_map_lookup_elem(&marks, &key);
	return mark && *mark;
}

static __always_inline bool followed(__u32 pid, __u32 tid)
{
	if (pid == cfg.self || !marked(tid))
		return false;
	return cfg.follow == FOLLOW_ALL || bpf_map_lookup_elem(&tasks, &tid);
}

static __always_inline bool wanted(__u32 pid, __u32 tid)
{
	return followed(pid, tid) && passes_filters();
}

/* ---- what a thread is about ---- */

/* NULL when nothing is kept of it. */
static __always_inline struct thread *thread__find(__u32 tid)
{
	struct slot *slot = &slots[tid & (SLOTS - 1)];

	if (slot->thread.tid == tid)
		return tid ? &slot->thread : NULL;	/* 0 is the idle task's */
	return slot->spilled ? bpf_map_lookup_elem(&threads, &tid) : NULL;
}

static __always_inline struct thread *thread__current(void)
{
	return thread__find((__u32)bpf_get_current_pid_tgid());
}

/* Of a thread nothing is kept of: from now on something is. NULL: more than there is room for. */
static __always_inline struct thread *thread__claim(__u64 id)
{
	__u32 tid = (__u32)id, key = tid & (SLOTS - 1);
	struct slot *slot = &slots[key];
	struct thread fresh = {};

	if (!tid)
		return NULL;
	if (!bpf_map_update_elem(&owners, &key, &tid, BPF_NOEXIST)) {
		slot->thread.pid = id >> 32;
		slot->thread.tid = tid;
		return &slot->thread;
	}
	fresh.tid = tid;
	fresh.pid = id >> 32;
	fresh.spilled = 1;
	if (bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST))
		return NULL;
	__sync_fetch_and_add(&slot->spilled, 1);
	return bpf_map_lookup_elem(&threads, &tid);
}

/* The same of the thread t; one that is kept was asked whether it is followed. */
static __always_inline bool still_wanted(const struct thread *t, __u64 id)
{
	return (t || followed(id >> 32, (__u32)id)) && passes_filters();
}

/* This thread, if it is to be recorded. */
static __always_inline struct thread *thread__wanted(__u64 id, struct counters *n)
{
	struct thread *t = thread__find((__u32)id);

	if (!still_wanted(t, id))
		return NULL;
	if (t)
		return t;
	t = thread__claim(id);
	if (!t && n)
		bump(&n->missed);
	return t;
}

#ifdef BRINDLE_CORE
/*
 * The same in trampolines' programs, whose runs nobody compares with a kernel's counts: one
 * counts itself when the thread is new. The idle task, whose id is that of an empty slot,
 * makes no write fault.
 */
static RARELY struct thread *thread__find_rarely(__u64 id)
{
	return thread__find((__u32)id);
}

static __always_inline struct thread *thread__current_quickly(void)
{
	const __u64 id = bpf_get_current_pid_tgid();
	struct slot *slot = &slots[id & (SLOTS - 1)];

	if (slot->thread.tid == (__u32)id)
		return &slot->thread;
	return slot->spilled ? thread__find_rarely(id) : NULL;
}

static RARELY struct thread *thread__wanted_rarely(__u64 id, enum role role)
{
	struct thread *t = thread__find((__u32)id);

	if (!t && !followed(id >> 32, (__u32)id))
		return NULL;
	return thread__wanted(id, count(role));
}

static __always_inline struct thread *thread__wanted_quickly(enum role role)
{
	const __u64 id = bpf_get_current_pid_tgid();
	struct slot *slot = &slots[id & (SLOTS - 1)];

	if (slot->thread.tid == (__u32)id)
		return passes_filters() ? &slot->thread : NULL;
	return slot->spilled || marked((__u32)id) ? thread__wanted_rarely(id, role) : NULL;
}
#endif

/* A copy whose end was not seen is under way no more. */
static __always_inline void thread__forget(__u32 tid, struct counters *n)
{
	__u32 key = tid & (SLOTS - 1);
	struct slot *slot = &slots[key];
	const struct thread *t = thread__find(tid);

	if (t && t->copying && n)
		bump(&n->ended);
	if (!t)
		return;
	if (slot->thread.tid == tid) {
		__builtin_memset(&slot->thread, 0, sizeof(slot->thread));
		bpf_map_delete_elem(&owners, &key);
	} else if (slot->spilled && !bpf_map_delete_elem(&threads, &tid)) {
		__sync_fetch_and_add(&slot->spilled, -1);
	}
}

/* ---- sending ---- */

/* The last to be filled in. n->seq counts losses too, so a gap is seen by the reader. */
static __always_inline void seal(struct wire_head *head, __u32 size, struct counters *n)
{
	head->size = size;
	head->cpu = bpf_get_smp_processor_id();
	head->seq = n->seq++;
	head->ts = bpf_ktime_get_ns();
	head->check = wire__sum(head, size);
}

static __always_inline __u64 wakes(__u64 seq)
{
	return seq & (cfg.wake_every - 1) ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
}

/* Send a finished record. Returns whether there was room. */
static __always_inline bool send(void *ctx, struct wire_head *head, __u32 size,
				 struct counters *n)
{
	long ret;

	seal(head, size, n);
	if (cfg.ring)
		ret = bpf_ringbuf_output(&ring, head, size, wakes(head->seq));
	else
		ret = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, head, size);
	if (ret)
		bump(&n->lost);
	return !ret;
}

#endif
