// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "probe/transport.h"

#define DRAIN_MAX	65536	/* records handed over by one drain of the ring */

struct transport {
	struct ring_buffer *ring;
	struct perf_buffer *perf;
	transport_fn fn;
	void *ctx;
	transport_short_fn short_fn;	/* NULL: fn gets full records made of short ones */
	void *short_ctx;
	__u64 refused;
	__u32 budget;		/* records left to take in this drain */
	__u64 next[CPUS_MAX];	/* lowest sequence number expected from each CPU */
	struct named {
		__u32 tid;
		char comm[COMM_LEN];
	} named[SLOTS];		/* the thread of each slot, as in its last full record */
};

/* Inline, so that the size is known to the compiler, which then unrolls the sum. */
static inline bool is_intact(const struct wire_head *rec, __u32 size)
{
	return rec->size == size && rec->check == wire__sum(rec, size);
}

static bool is_intact_copy(const struct wire_copy *rec)
{
	const __u32 events = SEEN_EVENTS(rec->seen);

	return events <= EVENTS_MAX && rec->head.size == WIRE_COPY_SIZE(events) &&
	       rec->head.check == wire__sum_copy(rec, events);
}

static bool valid(const struct wire_head *rec, size_t size)
{
	if (rec->size > size)
		return false;
	if (rec->type == WIRE_COPY || rec->type == WIRE_CLEAR)
		return rec->size >= WIRE_COPY_SIZE(0) && is_intact_copy((const void *)rec);
	return rec->type == WIRE_WINDOW && is_intact(rec, sizeof(struct wire_window));
}

static void remember_name(struct transport *t, const struct wire_copy *c)
{
	const __u32 slot = c->tid & (SLOTS - 1);

	t->named[slot].tid = c->tid;
	memcpy(t->named[slot].comm, c->comm, COMM_LEN);
}

/*
 * A gap in seq is fine: the programs count the records they could not send. A step back is not:
 * a record was read twice, or overwritten. In the ring fentry programs can overtake each
 * other, so the order proves nothing; there the kernel itself marks complete records.
 */
static bool in_order(struct transport *t, const struct wire_head *rec)
{
	if (t->ring || rec->cpu >= CPUS_MAX)
		return true;
	if (rec->seq < t->next[rec->cpu])
		return false;
	t->next[rec->cpu] = rec->seq + 1;
	return true;
}

/* A short record's name is that of its thread's last full record. */
static void receive_short(struct transport *t, const struct wire_short *rec)
{
	const struct named *named = &t->named[rec->tid & (SLOTS - 1)];
	struct wire_copy whole;

	if (!is_intact(&rec->head, sizeof(*rec)) || named->tid != rec->tid ||
	    !in_order(t, &rec->head)) {
		t->refused++;
		return;
	}
	if (t->short_fn) {
		t->short_fn(t->short_ctx, rec, named->comm);
		return;
	}
	whole = wire__expand(rec);
	memcpy(whole.comm, named->comm, COMM_LEN);
	t->fn(t->ctx, &whole.head);
}

static void receive_full(struct transport *t, const struct wire_head *rec, size_t size)
{
	if (!valid(rec, size) || !in_order(t, rec)) {
		t->refused++;
		return;
	}
	if (rec->type == WIRE_COPY && rec->shorts_follow)
		remember_name(t, (const void *)rec);
	t->fn(t->ctx, rec);
}

/* @data: 8-byte aligned */
static inline void receive(struct transport *t, const void *data, size_t size)
{
	const struct wire_head *rec = data;

	if (size >= sizeof(struct wire_short) && rec->type == WIRE_SHORT)
		receive_short(t, data);
	else if (size >= sizeof(*rec))
		receive_full(t, rec, size);
	else
		t->refused++;
}

/*
 * Take a record to where there is room for the largest one: a copy is sent without the events that
 * it does not have. Its fixed part is moved without a call. Returns the bytes taken.
 */
static inline size_t take(__u64 rec[WIRE_MAX / 8], const void *data, size_t size)
{
	const size_t fixed = WIRE_COPY_SIZE(0);

	if (size > WIRE_MAX)
		size = WIRE_MAX;
	if (size < fixed) {
		memcpy(rec, data, size);
		return size;
	}
	memcpy(rec, data, fixed);
	memcpy((char *)rec + fixed, (const char *)data + fixed, size - fixed);
	return size;
}

/* libbpf consumes as long as there are records: many CPUs could keep it busy for ever. */
static int on_ring(void *ctx, void *data, size_t size)
{
	const struct wire_head *head = data;
	struct transport *t = ctx;
	__u64 rec[WIRE_MAX / 8];

	if (size < sizeof(*head) || head->type == WIRE_SHORT)
		receive(t, data, size);
	else
		receive(t, rec, take(rec, data, size));
	return --t->budget ? 0 : -EAGAIN;
}

static enum bpf_perf_event_ret on_perf(void *ctx, int cpu, struct perf_event_header *header)
{
	struct {
		struct perf_event_header header;
		__u32 size;
		__u32 words[];	/* at 4 modulo 8 */
	} *sample = (void *)header;
	__u64 rec[WIRE_MAX / 8];

	(void)cpu;
	/* PERF_RECORD_LOST repeats what the programs have counted themselves */
	if (header->type == PERF_RECORD_SAMPLE)
		receive(ctx, rec, take(rec, sample->words, sample->size));
	return LIBBPF_PERF_EVENT_CONT;
}

static struct perf_buffer *open_perf(struct transport *t, int map_fd, size_t bytes)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1,
		.wakeup_watermark = bytes / 4,
	};

	return perf_buffer__new_raw(map_fd, bytes / getpagesize(), &attr, on_perf, t, NULL);
}

/*
 * Poll for edges, which are the wake-ups. libbpf polls for the level: a recorder with a CPU of
 * its own would then be awake whenever there is a record, and read only a few at a time.
 */
static struct ring_buffer *open_ring(struct transport *t, int map_fd)
{
	struct epoll_event edge = { .events = EPOLLIN | EPOLLET };
	struct ring_buffer *ring = ring_buffer__new(map_fd, on_ring, t, NULL);
	int error;

	if (!ring || !epoll_ctl(ring_buffer__epoll_fd(ring), EPOLL_CTL_MOD, map_fd, &edge))
		return ring;
	error = errno;
	ring_buffer__free(ring);
	errno = error;
	return NULL;
}

/* Clear the pending edge before consuming, so that the next poll waits for a new one. */
static int consume_ring(struct transport *t)
{
	struct epoll_event edge;

	epoll_wait(ring_buffer__epoll_fd(t->ring), &edge, 1, 0);
	return ring_buffer__consume(t->ring);
}

struct transport *transport__open(bool ring, int map_fd, size_t bytes, transport_fn fn, void *ctx)
{
	struct transport *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fn = fn;
	t->ctx = ctx;
	if (ring)
		t->ring = open_ring(t, map_fd);
	else
		t->perf = open_perf(t, map_fd, bytes);
	if (t->ring || t->perf)
		return t;
	transport__close(t);
	return NULL;
}

void transport__set_short_fn(struct transport *t, transport_short_fn fn, void *ctx)
{
	t->short_fn = fn;
	t->short_ctx = ctx;
}

int transport__fd(const struct transport *t)
{
	return t->ring ? ring_buffer__epoll_fd(t->ring) : perf_buffer__epoll_fd(t->perf);
}

int transport__drain(struct transport *t)
{
	int ret;

	t->budget = DRAIN_MAX;
	ret = t->ring ? consume_ring(t) : perf_buffer__consume(t->perf);
	return ret < 0 ? ret : 0;
}

__u64 transport__refused(const struct transport *t)
{
	return t->refused;
}

void transport__close(struct transport *t)
{
	int saved = errno;

	if (!t)
		return;
	ring_buffer__free(t->ring);
	perf_buffer__free(t->perf);
	free(t);
	errno = saved;
}
