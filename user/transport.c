// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "transport.h"

#define DRAIN_MAX	65536

struct transport {
	struct ring_buffer *ring;
	struct perf_buffer *perf;
	transport_fn fn;
	void *ctx;
	__u64 bad;
	__u32 budget;		/* records left to take in this drain */
	__u64 next[CPUS_MAX];	/* sequence number expected of each CPU */
};

static bool valid(const struct wire_head *rec, size_t size)
{
	struct wire_copy copy;	/* the largest: room for a copy with check taken as 0 */

	if (rec->size < sizeof(*rec) || rec->size > size || rec->size > sizeof(copy))
		return false;
	if (rec->type == WIRE_WINDOW ? rec->size != sizeof(struct wire_window) :
	    (rec->type != WIRE_COPY && rec->type != WIRE_CLEAR) ||
	    rec->size != sizeof(struct wire_copy))
		return false;
	memcpy(&copy, rec, rec->size);
	copy.head.check = 0;
	return wire__sum(&copy, rec->size) == rec->check;
}

/*
 * The kernel counts what it could not send, so a gap in seq is explained there; a step
 * back cannot be, it is a record seen twice or one overwritten. Not so in the ring, where
 * fentry programs may overtake each other; there the kernel marks what is whole.
 */
static void receive(struct transport *t, const void *data, size_t size)
{
	struct wire_copy rec;
	__u32 cpu;

	if (size < sizeof(struct wire_head)) {
		t->bad++;
		return;
	}
	/* perf samples stand at 4 modulo 8 */
	memcpy(&rec, data, size < sizeof(rec) ? size : sizeof(rec));
	if (!valid(&rec.head, size)) {
		t->bad++;
		return;
	}
	cpu = rec.head.cpu;
	if (!t->ring && cpu < CPUS_MAX) {
		if (rec.head.seq < t->next[cpu]) {
			t->bad++;
			return;
		}
		t->next[cpu] = rec.head.seq + 1;
	}
	t->fn(t->ctx, &rec.head);
}

/* libbpf goes on as long as there are records: many CPUs could keep it for ever. */
static int on_ring(void *ctx, void *data, size_t size)
{
	struct transport *t = ctx;

	receive(t, data, size);
	return --t->budget ? 0 : -EAGAIN;
}

static enum bpf_perf_event_ret on_perf(void *ctx, int cpu, struct perf_event_header *header)
{
	struct {
		struct perf_event_header header;
		__u32 size;
		char data[];
	} *sample = (void *)header;

	(void)cpu;
	/* PERF_RECORD_LOST repeats what the programs have counted themselves */
	if (header->type == PERF_RECORD_SAMPLE)
		receive(ctx, sample->data, sample->size);
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

struct transport *transport__open(bool ring, int map_fd, size_t bytes, transport_fn fn, void *ctx)
{
	struct transport *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fn = fn;
	t->ctx = ctx;
	if (ring)
		t->ring = ring_buffer__new(map_fd, on_ring, t, NULL);
	else
		t->perf = open_perf(t, map_fd, bytes);
	if (t->ring || t->perf)
		return t;
	transport__close(t);
	return NULL;
}

int transport__fd(const struct transport *t)
{
	return t->ring ? ring_buffer__epoll_fd(t->ring) : perf_buffer__epoll_fd(t->perf);
}

int transport__drain(struct transport *t)
{
	int ret;

	t->budget = DRAIN_MAX;
	ret = t->ring ? ring_buffer__consume(t->ring) : perf_buffer__consume(t->perf);

	return ret < 0 ? ret : 0;
}

__u64 transport__bad(const struct transport *t)
{
	return t->bad;
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
