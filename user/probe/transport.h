/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How records come out of the kernel. Where the cache aliases, the perf buffer:
 * the kernel allocates it with PERF_USE_VMALLOC at an address congruent to the
 * user's mapping. The BPF ring buffer gives no such promise (kernel/bpf/ringbuf.c,
 * bpf_ringbuf_area_alloc: plain vmap), so it serves machines without aliases only.
 */
#ifndef BRINDLE_PROBE_TRANSPORT_H
#define BRINDLE_PROBE_TRANSPORT_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/state.h"

struct transport;

/* Called for every whole, valid record; rec is aligned and stays only for the call. */
typedef void (*transport_fn)(void *ctx, const struct wire_head *rec);

/* ... instead, for a short record of a thread called comm */
typedef void (*transport_short_fn)(void *ctx, const struct wire_short *rec,
				   const char comm[COMM_LEN]);

/*
 * transport__open - start receiving
 * @map_fd: the ring buffer or the perf event array
 * @bytes: size of the perf buffer of one CPU, power of two (the ring has its map's size)
 *
 * Nobody is woken for a record: the perf buffer wakes its reader when it is a quarter
 * full, the ring every struct config.wake_every records. NULL on error, errno set.
 */
struct transport *transport__open(bool ring, int map_fd, size_t bytes, transport_fn fn, void *ctx);

/* transport__set_short_fn - short records go to fn from now on, and are not made whole before */
void transport__set_short_fn(struct transport *t, transport_short_fn fn, void *ctx);

/* transport__fd - file descriptor that becomes readable on a wake-up */
int transport__fd(const struct transport *t);

/* transport__drain - hand over what is there; 0, -EAGAIN when there is more, or -errno */
int transport__drain(struct transport *t);

/* transport__refused - records refused so far: wrong size, checksum or sequence */
__u64 transport__refused(const struct transport *t);

void transport__close(struct transport *t);

#endif
