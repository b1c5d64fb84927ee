/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel programs keep between them: configuration and maps. */
#ifndef BRINDLE_MAPS_BPF_H
#define BRINDLE_MAPS_BPF_H

const volatile struct config cfg = {};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);	/* set before load */
} ring SEC(".maps");

/* Small: while the loader reads a map, the kernel skips our programs on that CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/*
 * What each thread is about, by the low bits of its id: a thread has its slot until it exits,
 * and one whose slot is another's is kept in "threads". Found by its address, without a call;
 * never read by the loader.
 */
static struct slot slots[SLOTS] __attribute__((used));

/* Slot number -> thread id: who comes first has it. */
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

/* 1: a task with these low bits in its id is, or was, in "tasks": most others are not looked up */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} marks SEC(".maps");

/* --cgroup */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroup SEC(".maps");

/*
 * --totals: by some bits of the key; who comes first has the place, as with slots. What
 * finds its place taken is in "more_totals".
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TOTALS);
	__type(key, __u32);
	__type(value, struct total);
} totals SEC(".maps");

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

const volatile struct total no_total = {};

/* What the self-check measured: the programs run while it does. */
static volatile struct learned learned SEC(".data.learned") __attribute__((used));

/* The fork window of a process, by process id; sent as it is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct wire_window);
} windows SEC(".maps");

/* Tasks followed: thread id -> process id, perhaps with TASK_ADOPTED. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u32);
} tasks SEC(".maps");

/* Which thread runs on each CPU: for windows that begin while others run. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* set before load */
	__type(key, __u32);
	__type(value, __u32);
} running SEC(".maps");

#endif
