// SPDX-License-Identifier: GPL-2.0-only
/* Reading a BPF ring buffer (user/ring.c); the test plays the kernel, in a file. */
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#include "../../user/ring.h"
#include "tap.h"

#define BYTES	8192
#define BUSY	BPF_RINGBUF_BUSY_BIT
#define DISCARD	BPF_RINGBUF_DISCARD_BIT
#define MANY	300000

static int memfd = -1, info_errno, watched;
static size_t page;
static unsigned long *consumer, *producer;
static char *data;

/* ---- libbpf, and epoll, which takes no files ---- */

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size)
{
	(void)size;
	((struct bpf_map_info *)info)->max_entries = BYTES;
	errno = info_errno;
	return fd == memfd && !info_errno ? 0 : -1;
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev)
{
	(void)epoll;
	watched += op == EPOLL_CTL_ADD && fd == memfd && ev->events == (EPOLLIN | EPOLLET);
	return 0;
}

int epoll_wait(int epoll, struct epoll_event *ev, int max, int timeout)
{
	(void)epoll;
	(void)ev;
	(void)max;
	watched += !timeout;
	return 0;
}

/* ---- the kernel ---- */

static void *map_at(size_t size, size_t at)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, (off_t)at);

	if (p == MAP_FAILED)
		exit(1);
	return p;
}

/* In the kernel the data is mapped twice; in a file it is written twice. */
static void make_ring(unsigned long position)
{
	page = (size_t)getpagesize();
	memfd = memfd_create("ring", MFD_CLOEXEC);
	if (ftruncate(memfd, (off_t)(2 * page + 2 * BYTES)))
		exit(1);
	consumer = map_at(page, 0);
	producer = map_at(page + 2 * BYTES, page);
	data = (char *)producer + page;
	*consumer = *producer = position;
}

static void unmake_ring(void)
{
	munmap(consumer, page);
	munmap(producer, page + 2 * BYTES);
	close(memfd);
}

static void put_bytes(unsigned long at, const void *from, size_t size)
{
	const char *byte = from;
	size_t i;

	for (i = 0; i < size; i++)
		data[(at + i) % BYTES] = data[(at + i) % BYTES + BYTES] = byte[i];
}

static void set_head(unsigned long at, __u32 len)
{
	__u32 *head = (void *)(data + at % BYTES);

	__atomic_store_n(head + BYTES / sizeof(*head), len, __ATOMIC_RELEASE);
	__atomic_store_n(head, len, __ATOMIC_RELEASE);
}

/* false: there is no room. */
static bool put(const void *rec, __u32 size, __u32 flags)
{
	const unsigned long at = *producer, need = (size + 8 + 7) / 8 * 8;

	if (at + need - __atomic_load_n(consumer, __ATOMIC_ACQUIRE) > BYTES)
		return false;
	set_head(at, size | BUSY);
	__atomic_store_n(producer, at + need, __ATOMIC_RELEASE);
	put_bytes(at + 8, rec, size);
	set_head(at, size | flags);
	return true;
}

/* ---- the reader ---- */

static unsigned int got, wrong;
static __u64 last;
static size_t last_size;

static void on_number(void *ctx, const void *rec, size_t size)
{
	__u64 number;

	memcpy(&number, rec, sizeof(number));
	wrong += ctx != &got || (unsigned long)rec % 8 || number != last + 1;
	last = number;
	last_size = size;
	got++;
}

static int drain(struct ring *r)
{
	return ring__drain(r, on_number, &got, 1000);
}

static struct ring *begin(unsigned long position)
{
	make_ring(position);
	got = wrong = 0;
	last = 0;
	watched = info_errno = 0;
	return ring__open(memfd);
}

static void end(struct ring *r)
{
	ring__close(r);
	unmake_ring();
}

static void test_records(void)
{
	struct ring *r = begin(0);
	__u64 n[9] = { 1 };
	unsigned long at;

	is(watched, 1, "the map is watched for edges");
	ok(!drain(r) && !got && watched == 2, "nothing there; the edge is taken");
	put(n, 8, 0);
	n[0] = 2;
	put(n, 72, 0);
	ok(!drain(r) && got == 2 && !wrong && last_size == 72, "two records, in order");
	is(*consumer, *producer, "all room is given back");
	n[0] = 3;
	put(n, 13, 0);
	n[0] = 99;
	put(n, 64, DISCARD);
	n[0] = 4;
	put(n, 8, 0);
	ok(!drain(r) && got == 4 && !wrong, "an odd size; a record that was dropped is left out");
	n[0] = 5;
	at = *producer;
	put(n, 16, BUSY);
	n[0] = 6;
	put(n, 8, 0);
	ok(!drain(r) && got == 4 && *consumer == at, "none before one that is written");
	set_head(at, 16);
	ok(!drain(r) && got == 6 && !wrong, "... nor is it left out");
	end(r);
}

static void test_max(void)
{
	struct ring *r = begin(0);
	__u64 n;

	for (n = 1; n <= 100; n++)
		put(&n, sizeof(n), 0);
	ok(ring__drain(r, on_number, &got, 30) == -EAGAIN && got == 30, "no more than asked for");
	is(*consumer, 30 * 16, "their room is given back");
	ok(ring__drain(r, on_number, &got, 71) == 0 && got == 100 && !wrong, "then the others");
	end(r);
}

static void test_failures(void)
{
	struct ring *r = begin(0);

	info_errno = EPERM;
	errno = 0;
	ok(!ring__open(memfd) && errno == EPERM, "no map: errno tells why");
	end(r);
	ring__close(NULL);
}

static void *writer(void *unused)
{
	__u64 n[9];
	unsigned int i;

	(void)unused;
	for (i = 1; i <= MANY; i++) {
		n[0] = i;
		while (!put(n, 8 + i % 9 * 8, 0))
			;
		if (i % 7 == 0)
			while (!put(n, 24, DISCARD))
				;
	}
	return NULL;
}

/* Positions that overflow, as they do on 32-bit machines after 4 GiB. */
static void test_threads(unsigned long position, const char *name)
{
	struct ring *r = begin(position);
	pthread_t thread;

	pthread_create(&thread, NULL, writer, NULL);
	while (got < MANY && !wrong)
		drain(r);
	pthread_join(thread, NULL);
	drain(r);
	ok(got == MANY && !wrong, "%s: every record of another thread, in order, unharmed", name);
	ok(*consumer == *producer && *producer - position > 4 * BYTES, "%s: many times round", name);
	end(r);
}

int main(void)
{
	test_records();
	test_max();
	test_failures();
	test_threads(0, "from 0");
	test_threads(-10UL * BYTES, "over the end of the numbers");
	return tap__done();
}
