// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "ring.h"

/* The kernel looks at our position for every record: seldom told, seldom fetched. */
#define TELL_EVERY	64

/* Positions run on and on; modulo the size they are places. linux/bpf.h has the flags. */
struct ring {
	unsigned long *consumer;	/* a page: how far we have read */
	const unsigned long *producer;	/* a page: how far the kernel has written, then the data */
	const char *data;		/* mapped twice in a row: no record is in two pieces */
	size_t bytes, page;
	int epoll;
};

static void *map(size_t size, int prot, int fd, size_t at)
{
	void *p = mmap(NULL, size, prot, MAP_SHARED, fd, (off_t)at);

	return p == MAP_FAILED ? NULL : p;
}

static bool open_all(struct ring *r, int map_fd)
{
	/* edges: readable when we are woken, not whenever there is a record */
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll < 0 || epoll_ctl(r->epoll, EPOLL_CTL_ADD, map_fd, &ev) ||
	    bpf_obj_get_info_by_fd(map_fd, &info, &size))
		return false;
	r->page = (size_t)getpagesize();
	r->bytes = info.max_entries;
	r->consumer = map(r->page, PROT_READ | PROT_WRITE, map_fd, 0);
	r->producer = map(r->page + 2 * r->bytes, PROT_READ, map_fd, r->page);
	r->data = (const char *)r->producer + r->page;
	return r->consumer && r->producer;
}

struct ring *ring__open(int map_fd)
{
	struct ring *r = calloc(1, sizeof(*r));

	if (!r || open_all(r, map_fd))
		return r;
	ring__close(r);
	return NULL;
}

int ring__fd(const struct ring *r)
{
	return r->epoll;
}

int ring__drain(struct ring *r, ring_fn fn, void *ctx, unsigned int max)
{
	unsigned long at = *r->consumer, end;
	struct epoll_event ev;
	unsigned int n = 0;

	epoll_wait(r->epoll, &ev, 1, 0);	/* first: what comes later wakes us again */
	while (n < max && (end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE)) != at) {
		for (; n < max && at != end; n++) {
			const __u32 *head = (const void *)(r->data + (at & (r->bytes - 1)));
			const __u32 len = __atomic_load_n(head, __ATOMIC_ACQUIRE);

			if (len & BPF_RINGBUF_BUSY_BIT)
				goto out;
			if (!(len & BPF_RINGBUF_DISCARD_BIT))
				fn(ctx, head + BPF_RINGBUF_HDR_SZ / sizeof(*head), len);
			at += ((len & ~BPF_RINGBUF_DISCARD_BIT) + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
			if (n % TELL_EVERY == 0)
				__atomic_store_n(r->consumer, at, __ATOMIC_RELEASE);
		}
	}
out:
	__atomic_store_n(r->consumer, at, __ATOMIC_RELEASE);
	return n < max ? 0 : -EAGAIN;
}

void ring__close(struct ring *r)
{
	int saved = errno;

	if (!r)
		return;
	if (r->consumer)
		munmap(r->consumer, r->page);
	if (r->producer)
		munmap((void *)r->producer, r->page + 2 * r->bytes);
	if (r->epoll >= 0)
		close(r->epoll);
	free(r);
	errno = saved;
}
