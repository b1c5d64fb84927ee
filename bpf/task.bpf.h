/* SPDX-License-Identifier: GPL-2.0-only */
/* Fork windows, the threads that run inside them, and the tasks that are followed. */
#ifndef BRINDLE_BPF_TASK_BPF_H
#define BRINDLE_BPF_TASK_BPF_H

#define CLONE_THREAD	0x00010000	/* uapi/linux/sched.h */

/* ---- fork windows ---- */

/* Sends a snapshot: a thread switch on another CPU may still mark the window as exposed. */
static __always_inline void window__close(void *ctx, struct wire_window *win, struct counters *n)
{
	struct wire_window rec = *win;

	bpf_map_delete_elem(&windows, &rec.pid);
	record__send(ctx, &rec.head, sizeof(rec), n);
}

/*
 * Does another thread of the process run on another CPU right now? Such a thread is inside the
 * window from its start. To be called when the window is in the map: a thread that is switched
 * in later is seen by thread_switch.
 */
static __always_inline bool runs_elsewhere(__u32 pid, __u32 tid)
{
	__u32 cpu = bpf_get_smp_processor_id(), i, key, *owner, *other;

	for (i = 0; i < CPUS_MAX && i < cfg.cpus; i++) {
		key = i;
		other = bpf_map_lookup_elem(&running, &key);
		if (!other || i == cpu || *other == tid)
			continue;
		key = *other;
		owner = bpf_map_lookup_elem(&tasks, &key);
		if (owner && (*owner & ~TASK_ADOPTED) == pid)
			return true;
	}
	return false;
}

SEC("kprobe")
int window_begin(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_WINDOW_BEGIN);
	struct wire_window win = {}, *old;
	struct thread *t;

	if (!n || !wanted(id >> 32, (__u32)id))
		return 0;
	win.head.type = WIRE_WINDOW;
	win.pid = id >> 32;
	win.tid = (__u32)id;
	t = thread__find(win.tid);
	if (t)
		t->user = 0;	/* left over from an earlier fault: fork is none */
	win.mm = ARG1(ctx);
	if (cfg.fork_flush)
		bpf_map_delete_elem(&fork_flushed, &win.pid);
	win.begin = bpf_ktime_get_ns();
	bpf_get_current_comm(win.comm, sizeof(win.comm));
	/*
	 * A window of this process is still open. If this thread opened it, its end was not seen.
	 * If another thread did, that one is past B, since it has released the mm's lock that we
	 * hold now, but it has not yet reached the probe at the end.
	 */
	old = bpf_map_lookup_elem(&windows, &win.pid);
	if (old && old->tid != win.tid)
		window__close(ctx, old, n);
	else if (old)
		counter__add(&n->missed);
	if (bpf_map_update_elem(&windows, &win.pid, &win, BPF_ANY)) {
		counter__add(&n->missed);
		return 0;
	}
	if (runs_elsewhere(win.pid, win.tid)) {
		old = bpf_map_lookup_elem(&windows, &win.pid);
		if (old)
			old->exposed = 1;
	}
	return 0;
}

SEC("kprobe")
int window_end(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_WINDOW_END);
	struct wire_window *win;
	__u32 pid = id >> 32;

	win = bpf_map_lookup_elem(&windows, &pid);
	if (!n || !win || win->tid != (__u32)id)
		return 0;
	window__close(ctx, win, n);
	return 0;
}

/* ---- the parent's pages after a fork ---- */

/* The open window of a fork that this thread makes of this process, NULL = none. */
static __always_inline struct wire_window *window__mine(__u64 mm)
{
	const __u64 id = bpf_get_current_pid_tgid();
	const __u32 pid = id >> 32;
	struct wire_window *win = bpf_map_lookup_elem(&windows, &pid);

	return win && win->tid == (__u32)id && win->mm == mm ? win : NULL;
}

/* flush_tlb_mm(mm) */
SEC("kprobe")
int fork_tlb(struct pt_regs *ctx)
{
	struct wire_window *win = window__mine(ARG1(ctx));

	count(ROLE_FORK_TLB);
	if (win)
		win->no_writer = 1;
	return 0;
}

/* flush_cache_mm(mm), and what is behind it: flushes all of the cache if mm is the current one */
SEC("kprobe")
int fork_flush(struct pt_regs *ctx)
{
	struct wire_window *win = window__mine(ARG1(ctx));
	__u32 one = 1;

	count(ROLE_FORK_FLUSH);
	if (!win || !win->no_writer)
		return 0;
	win->flushed = 1;
	bpf_map_update_elem(&fork_flushed, &win->pid, &one, BPF_ANY);
	return 0;
}

/* A child has its parent's pages. */
static __always_inline void fork_flushed__inherit(__u32 parent, __u32 child)
{
	__u32 one = 1;

	if (bpf_map_lookup_elem(&fork_flushed, &parent))
		bpf_map_update_elem(&fork_flushed, &child, &one, BPF_ANY);
	else
		bpf_map_delete_elem(&fork_flushed, &child);
}

/* ---- tasks: who runs, who is followed ---- */

SEC("tracepoint")
int thread_switch(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id(), tid = 0, pid, *task;
	struct wire_window *win;

	count(ROLE_SWITCH);
	bpf_probe_read_kernel(&tid, sizeof(tid), ctx + cfg.next_pid_off);
	bpf_map_update_elem(&running, &cpu, &tid, BPF_ANY);
	task = bpf_map_lookup_elem(&tasks, &tid);
	if (!task)
		return 0;
	pid = *task & ~TASK_ADOPTED;
	win = bpf_map_lookup_elem(&windows, &pid);
	if (win && win->tid != tid)
		win->exposed = 1;
	return 0;
}

static __always_inline void task__follow(__u32 tid, __u32 pid, struct counters *n)
{
	__u32 key = tid & (SLOTS - 1), one = 1;

	bpf_map_update_elem(&marks, &key, &one, BPF_ANY);
	if (bpf_map_update_elem(&tasks, &tid, &pid, BPF_ANY))
		counter__add(&n->missed);	/* too many tasks: this one's copies are not seen */
}

SEC("tracepoint")
int task_new(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_NEWTASK);
	__u32 parent = (__u32)id, tid = 0, flags = 0, pid;

	if (!n)
		return 0;
	if (cfg.follow != FOLLOW_ALL && !bpf_map_lookup_elem(&tasks, &parent))
		return 0;
	bpf_probe_read_kernel(&tid, sizeof(tid), ctx + cfg.newtask_pid_off);
	bpf_probe_read_kernel(&flags, sizeof(flags), ctx + cfg.newtask_flags_off);
	if (!(flags & CLONE_THREAD) && cfg.follow == FOLLOW_PROCESS)
		return 0;
	pid = flags & CLONE_THREAD ? id >> 32 : tid;
	if (cfg.fork_flush && !(flags & CLONE_THREAD))
		fork_flushed__inherit(id >> 32, tid);
	task__follow(tid, pid, n);
	return 0;
}

/* A thread that execs takes over the id of its process's first thread, which has exited. */
SEC("tracepoint")
int task_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 old = 0, tid = (__u32)id, pid = id >> 32;
	struct counters *n = count(ROLE_EXEC);

	bpf_probe_read_kernel(&old, sizeof(old), ctx + cfg.exec_old_pid_off);
	if (!n || old == tid || !bpf_map_lookup_elem(&tasks, &old))
		return 0;
	bpf_map_delete_elem(&tasks, &old);
	thread__forget(old, n);
	task__follow(tid, pid, n);
	return 0;
}

SEC("tracepoint")
int task_exit(void *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&tasks, &tid);
	thread__forget(tid, count(ROLE_EXIT));
	return 0;
}

#endif
