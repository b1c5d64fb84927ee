/* SPDX-License-Identifier: GPL-2.0-only */
/* Configuration and maps of the kernel programs. */
#ifndef BRINDLE_BPF_MAPS_BPF_H
#define BRINDLE_BPF_MAPS_BPF_H

const volatile struct config cfg = {
#ifdef REGISTER_TYPE
	.registers = REGISTER_OFFSET(0),
	.register_size = sizeof(ulong_t),
#endif
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);	/* set before load */
} ring SEC(".maps");

/* Kept small: while the loader reads a map, the kernel skips our programs on that CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* The same where there is one CPU: programs reach it without a call of a helper. */
static struct counters only_counters SEC(".data.counters") __attribute__((used));

/*
 * State of each thread, by the low bits of its id. A thread has its slot until it exits; a
 * thread that finds its slot taken is kept in "threads". Programs reach a slot by its address,
 * without a call of a helper; the loader never reads it.
 */
static struct slot slots[SLOTS] __attribute__((used));

/* Slot number -> thread id. BPF_NOEXIST gives a slot to the first thread that asks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);	/* set before load */
	__type(key, __u32);
	__type(value, struct thread);
} threads SEC(".maps");

/*
 * 1: a task with these low bits in its id is, or was, in "tasks". Most other tasks are known by
 * the 0 and need no look-up there.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} marks SEC(".maps");

/* The cgroup of --cgroup. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroup SEC(".maps");

/*
 * --totals: a direct-mapped table by a hash of the key. The first key has the place, as with
 * slots; a key that finds its place taken is in "more_totals".
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TOTALS);
	__type(key, __u32);
	__type(value, struct total);
} totals SEC(".maps");

/* Place in "totals" -> the same: BPF_NOEXIST gives a place to the first key that asks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TOTALS);
	__type(key, __u32);
	__type(value, __u32);
} total_owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);	/* set before load */
	__type(key, struct total_key);
	__type(value, struct total);
} more_totals SEC(".maps");

/* Initial value of an entry in "more_totals". */
const volatile struct total no_total = {};

/* Results of the self-check; the loader writes them while the programs run. */
static volatile struct learned learned SEC(".data.learned") __attribute__((used));

/* The open fork window of each process, by process id, in the form that is sent. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct wire_window);
} windows SEC(".maps");

/* Processes of whose last fork, or birth, wire_window.flushed holds. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);		/* set before load */
	__type(key, __u32);
	__type(value, __u32);
} fork_flushed SEC(".maps");

/* Followed tasks: thread id -> process id, perhaps with TASK_ADOPTED. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u32);
} tasks SEC(".maps");

/* The thread running on each CPU, to find those that run when a window begins. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* set before load */
	__type(key, __u32);
	__type(value, __u32);
} running SEC(".maps");

#endif
