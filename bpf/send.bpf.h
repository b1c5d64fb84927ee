/* SPDX-License-Identifier: GPL-2.0-only */
/* Sending a finished record to the loader. */
#ifndef BRINDLE_SEND_BPF_H
#define BRINDLE_SEND_BPF_H

/* The last to be filled in. n->seq counts losses too, so a gap is seen by the reader. */
static __always_inline void record__seal(struct wire_head *head, __u32 size, struct counters *n)
{
	head->size = size;
	head->cpu = bpf_get_smp_processor_id();
	head->seq = n->seq++;
	head->ts = bpf_ktime_get_ns();
	head->check = wire__sum(head, size);
}

static __always_inline __u64 wakeup_flag(__u64 seq)
{
	return seq & (cfg.wake_every - 1) ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
}

/* Send a finished record. Returns whether there was room. */
static __always_inline bool send(void *ctx, struct wire_head *head, __u32 size,
				 struct counters *n)
{
	long ret;

	record__seal(head, size, n);
	if (cfg.ring)
		ret = bpf_ringbuf_output(&ring, head, size, wakeup_flag(head->seq));
	else
		ret = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, head, size);
	if (ret)
		counter__add(&n->lost);
	return !ret;
}

#endif
