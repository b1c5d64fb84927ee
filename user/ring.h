/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a BPF ring buffer. libbpf reads one, too: it gives up its place after every record,
 * and its file descriptor stays readable as long as there are records, so that whoever polls
 * it on another CPU than the records are made on is never let sleep.
 */
#ifndef BRINDLE_RING_H
#define BRINDLE_RING_H

#include <stddef.h>

struct ring;

typedef void (*ring_fn)(void *ctx, const void *rec, size_t size);

/* ring__open - begin to read the map; NULL on error, errno set */
struct ring *ring__open(int map_fd);

/* ring__fd - becomes readable when the kernel wakes us, and stays so until ring__drain */
int ring__fd(const struct ring *r);

/*
 * ring__drain - hand over what is there, 8-byte aligned, in order
 * @max: records; programs on many CPUs could keep us for ever
 *
 * Ends before a record that is still being written. Returns 0, or -EAGAIN when there is more.
 */
int ring__drain(struct ring *r, ring_fn fn, void *ctx, unsigned int max);

void ring__close(struct ring *r);

#endif
