/* SPDX-License-Identifier: GPL-2.0-only */
/* Sending a finished record to the loader. */
#ifndef BRINDLE_BPF_SEND_BPF_H
#define BRINDLE_BPF_SEND_BPF_H

/*
 * Fill in the head of a finished record; nothing may change after the checksum. n->seq counts
 * lost records, too, so that the reader sees a gap.
 */
static __always_inline void record__seal(struct wire_head *head, __u32 size, struct counters *n)
{
	head->size = size;
	head->cpu = bpf_get_smp_processor_id();
	head->seq = n->seq++;
	head->ts = bpf_ktime_get_ns();
	head->check = wire__sum(head, size);
}

/* Waking the consumer is expensive, so only every cfg.wake_every-th record does. */
static __always_inline __u64 wakeup_flag(__u64 seq)
{
	return seq & (cfg.wake_every - 1) ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
}

/* Send a finished record. Returns false when there was no room; then it is counted as lost. */
static __always_inline bool record__send(void *ctx, struct wire_head *head, __u32 size,
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
