/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The transport of records from the kernel. Where the cache has aliases it is the perf buffer,
 * which the kernel allocates with PERF_USE_VMALLOC at an address congruent to the user's
 * mapping. The BPF ring buffer gives no such promise (kernel/bpf/ringbuf.c,
 * bpf_ringbuf_area_alloc: plain vmap), so it serves only machines without aliases.
 */
#ifndef BRINDLE_PROBE_TRANSPORT_H
#define BRINDLE_PROBE_TRANSPORT_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/state.h"

struct transport;

/* Called for every undamaged record; rec is 8-byte aligned and valid only during the call. */
typedef void (*transport_fn)(void *ctx, const struct wire_head *rec);

/* Called for a short record instead; comm is the name of its thread. */
typedef void (*transport_short_fn)(void *ctx, const struct wire_short *rec,
				   const char comm[COMM_LEN]);

/*
 * transport__open - start receiving
 * @ring: use the ring buffer, not the perf buffer
 * @map_fd: map of the ring buffer, or the perf event array; it must stay open
 * @bytes: size of the perf buffer of each CPU, a power of two (the ring has its map's size)
 * @fn: called by transport__drain
 *
 * A single record wakes nobody: the perf buffer wakes its reader when it is a quarter full, the
 * ring every struct config.wake_every records. Returns NULL with errno set on failure; free
 * with transport__close.
 */
struct transport *transport__open(bool ring, int map_fd, size_t bytes, transport_fn fn, void *ctx);

/* transport__set_short_fn - pass short records to fn, not full ones made of them */
void transport__set_short_fn(struct transport *t, transport_short_fn fn, void *ctx);

/* transport__fd - the file descriptor that becomes readable on a wake-up; owned by t */
int transport__fd(const struct transport *t);

/* transport__drain - hand over the records there are; 0, -EAGAIN if there may be more, or -errno */
int transport__drain(struct transport *t);

/* transport__refused - records dropped so far for a wrong size, checksum or sequence */
__u64 transport__refused(const struct transport *t);

/* transport__close - stop receiving and free t; keeps errno, NULL does nothing */
void transport__close(struct transport *t);

#endif
