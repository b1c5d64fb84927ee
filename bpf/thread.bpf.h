/* SPDX-License-Identifier: GPL-2.0-only */
/* The state kept for each recorded thread: finding, claiming and forgetting it. */
#ifndef BRINDLE_BPF_THREAD_BPF_H
#define BRINDLE_BPF_THREAD_BPF_H

/* State of a thread, NULL = none is kept. */
static __always_inline struct thread *thread__find(__u32 tid)
{
	struct slot *slot = &slots[tid & (SLOTS - 1)];

	if (slot->thread.tid == tid)
		return tid ? &slot->thread : NULL;	/* 0: the idle task, and a free slot */
	return slot->spilled ? bpf_map_lookup_elem(&threads, &tid) : NULL;
}

static __always_inline struct thread *thread__current(void)
{
	return thread__find((__u32)bpf_get_current_pid_tgid());
}

/* Start keeping the state of a thread that has none. NULL: no room, or the idle task. */
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

/*
 * wanted(), for a thread whose state is t (NULL = none kept). State is kept only of threads that
 * are followed, so for those only the filters are asked.
 */
static __always_inline bool still_wanted(const struct thread *t, __u64 id)
{
	return (t || followed(id >> 32, (__u32)id)) && passes_filters();
}

/* State of the current thread, new or old; NULL when it is not to be recorded, or no room. */
static __always_inline struct thread *thread__wanted(__u64 id, struct counters *n)
{
	struct thread *t = thread__find((__u32)id);

	if (!still_wanted(t, id))
		return NULL;
	if (t)
		return t;
	t = thread__claim(id);
	if (!t && n)
		counter__add(&n->missed);
	return t;
}

#ifdef BRINDLE_CORE
/*
 * Variants of these look-ups for trampolines' programs. The kernel has no hit counts to compare
 * their runs with, so a run is counted only when its thread is new. The idle task, whose id
 * equals that of a free slot, needs no check: it makes no write fault.
 */
static SLOW_PATH struct thread *thread__find_slow(__u64 id)
{
	return thread__find((__u32)id);
}

static __always_inline struct thread *thread__current_fast(void)
{
	const __u64 id = bpf_get_current_pid_tgid();
	struct slot *slot = &slots[id & (SLOTS - 1)];

	if (slot->thread.tid == (__u32)id)
		return &slot->thread;
	return slot->spilled ? thread__find_slow(id) : NULL;
}

static SLOW_PATH struct thread *thread__wanted_slow(__u64 id, enum role role)
{
	struct thread *t = thread__find((__u32)id);

	if (!t && !followed(id >> 32, (__u32)id))
		return NULL;
	return thread__wanted(id, count(role));
}

static __always_inline struct thread *thread__wanted_fast(enum role role)
{
	const __u64 id = bpf_get_current_pid_tgid();
	struct slot *slot = &slots[id & (SLOTS - 1)];

	if (slot->thread.tid == (__u32)id)
		return passes_filters() ? &slot->thread : NULL;
	return slot->spilled || marked((__u32)id) ? thread__wanted_slow(id, role) : NULL;
}
#endif

/* Drop the state of a thread. A copy whose end was not seen counts as ended from now on. */
static __always_inline void thread__forget(__u32 tid, struct counters *n)
{
	__u32 key = tid & (SLOTS - 1);
	struct slot *slot = &slots[key];
	const struct thread *t = thread__find(tid);

	if (t && t->copying && n)
		counter__add(&n->ended);
	if (!t)
		return;
	if (slot->thread.tid == tid) {
		__builtin_memset(&slot->thread, 0, sizeof(slot->thread));
		bpf_map_delete_elem(&owners, &key);
	} else if (slot->spilled && !bpf_map_delete_elem(&threads, &tid)) {
		__sync_fetch_and_add(&slot->spilled, -1);
	}
}

#endif
