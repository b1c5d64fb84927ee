/* SPDX-License-Identifier: GPL-2.0-only */
/* Sending a finished record to the loader. */
#ifndef BRINDLE_BPF_SEND_BPF_H
#define BRINDLE_BPF_SEND_BPF_H

/*
 * Fill in the head of a finished record, but for the checksum; nothing may change after that.
 * n->seq counts lost records, too, so that the reader sees a gap.
 */
static __always_inline void record__head(struct wire_head *head, __u32 size, struct counters *n)
{
	head->size = size;
	head->cpu = bpf_get_smp_processor_id();
	head->seq = n->seq++;
	head->ts = bpf_ktime_get_ns();
}

static __always_inline void record__seal(struct wire_head *head, __u32 size, struct counters *n)
{
	record__head(head, size, n);
	head->check = wire__sum(head, size);
}

/* Waking the consumer is expensive, so only every cfg.wake_every-th record does. */
static __always_inline __u64 wakeup_flag(__u64 seq)
{
	return seq & (cfg.wake_every - 1) ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
}

/* Send a sealed record. Returns false when there was no room; then it is counted as lost. */
static __always_inline bool record__output(void *ctx, struct wire_head *head, __u32 size,
					   struct counters *n)
{
	long ret;

	if (cfg.ring)
		ret = bpf_ringbuf_output(&ring, head, size, wakeup_flag(head->seq));
	else
		ret = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, head, size);
	if (ret)
		counter__add(&n->lost);
	return !ret;
}

/* Send a finished record of a fixed size. Returns as record__output. */
static __always_inline bool record__send(void *ctx, struct wire_head *head, __u32 size,
					 struct counters *n)
{
	record__seal(head, size, n);
	return record__output(ctx, head, size, n);
}

/* Send a finished copy or clear, with the events that there are. Returns as record__output. */
static __always_inline bool copy__send(void *ctx, struct wire_copy *c, struct counters *n)
{
	__u32 events = SEEN_EVENTS(c->seen);

	if (events > EVENTS_MAX)	/* the verifier wants to see it */
		events = EVENTS_MAX;
	record__head(&c->head, WIRE_COPY_SIZE(events), n);
	c->head.check = wire__sum_copy(c, events);
	return record__output(ctx, &c->head, WIRE_COPY_SIZE(events), n);
}

#endif
