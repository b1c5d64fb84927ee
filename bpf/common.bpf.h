/* SPDX-License-Identifier: GPL-2.0-only */
/* What every program does: count itself, ask whether the task is recorded, send. */
#ifndef BRINDLE_COMMON_BPF_H
#define BRINDLE_COMMON_BPF_H

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

static __always_inline struct counters *count(enum role role)
{
	__u32 zero = 0;
	struct counters *n = bpf_map_lookup_elem(&counters, &zero);

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

static __always_inline bool wanted(__u32 pid, __u32 tid)
{
	if (pid == cfg.self)
		return false;
	if (cfg.follow != FOLLOW_ALL && !bpf_map_lookup_elem(&tasks, &tid))
		return false;
	return !cfg.comm_set || comm_matches();
}

/* Send a finished record. n->seq counts losses too, so a gap is seen by the reader. */
static __always_inline void send(void *ctx, struct wire_head *head, __u32 size,
				 struct counters *n)
{
	long ret;

	head->size = size;
	head->cpu = bpf_get_smp_processor_id();
	head->seq = n->seq++;
	head->ts = bpf_ktime_get_ns();
	head->check = 0;
	head->check = wire__sum(head, size);
	if (cfg.ring)
		ret = bpf_ringbuf_output(&ring, head, size, head->seq % cfg.wake_every ?
					 BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP);
	else
		ret = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, head, size);
	if (ret)
		bump(&n->lost);
}

#endif
