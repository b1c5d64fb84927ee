// SPDX-License-Identifier: GPL-2.0-only
/* The records that are accepted from a buffer (user/probe/transport.c). The test plays libbpf. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "probe/transport.h"
#include "tap.h"

/* ---- libbpf ---- */

static ring_buffer_sample_fn ring_fn;
static perf_buffer_event_fn perf_fn;
static void *buffer_ctx;
static struct perf_event_attr perf_attr;
static size_t perf_pages;
static int open_errno, freed, consume_ret, edges, edges_errno, waits;

struct ring_buffer *ring_buffer__new(int map_fd, ring_buffer_sample_fn fn, void *ctx,
				     const struct ring_buffer_opts *opts)
{
	(void)map_fd;
	(void)opts;
	ring_fn = fn;
	buffer_ctx = ctx;
	errno = open_errno;
	return open_errno ? NULL : (void *)&ring_fn;
}

struct perf_buffer *perf_buffer__new_raw(int map_fd, size_t pages, struct perf_event_attr *attr,
					 perf_buffer_event_fn fn, void *ctx,
					 const struct perf_buffer_raw_opts *opts)
{
	(void)map_fd;
	(void)opts;
	perf_fn = fn;
	buffer_ctx = ctx;
	perf_attr = *attr;
	perf_pages = pages;
	errno = open_errno;
	return open_errno ? NULL : (void *)&perf_fn;
}

void ring_buffer__free(struct ring_buffer *rb)
{
	freed += !!rb;
	errno = 0;
}

void perf_buffer__free(struct perf_buffer *pb)
{
	freed += !!pb;
	errno = 0;
}

int ring_buffer__epoll_fd(const struct ring_buffer *rb)
{
	(void)rb;
	return 31;
}

int perf_buffer__epoll_fd(const struct perf_buffer *pb)
{
	(void)pb;
	return 32;
}

int ring_buffer__consume(struct ring_buffer *rb)
{
	(void)rb;
	return consume_ret;
}

int perf_buffer__consume(struct perf_buffer *pb)
{
	(void)pb;
	return consume_ret;
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	edges = epoll == 31 && op == EPOLL_CTL_MOD && fd == 3 &&
		event->events == (EPOLLIN | EPOLLET);
	errno = edges_errno;
	return edges_errno ? -1 : 0;
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	(void)events;
	waits += epoll == 31 && max == 1 && !timeout;
	return 0;
}

/* ---- records ---- */

static struct wire_copy got;
static int count;

static void on_record(void *ctx, const struct wire_head *rec)
{
	if (ctx == &count && !((unsigned long)rec % 8))
		count++;
	memcpy(&got, rec, rec->size);
}

static void seal(void *rec)
{
	struct wire_head *head = rec;

	head->check = 0;
	head->check = wire__sum(rec, head->size);
}

static struct wire_copy copy_record(__u32 cpu, __u64 seq)
{
	struct wire_copy rec = {
		.head = { .type = WIRE_COPY, .size = sizeof(rec), .cpu = cpu, .seq = seq },
		.pid = 4242, .tid = 4243, .comm = "cowpages", .user = 0x77001000,
		.src_page = 0x81412345, .caller = 0x81843d00, .mapcount = -1,
		.seen = (__u32)EVENTS_MAX << SEEN_EVENTS_SHIFT, .event = { 1, 2, 3, 4 },
	};

	seal(&rec);
	return rec;
}

static struct wire_window window_record(__u32 cpu, __u64 seq)
{
	struct wire_window rec = {
		.head = { .type = WIRE_WINDOW, .size = sizeof(rec), .cpu = cpu, .seq = seq },
		.pid = 4242, .begin = 1000, .exposed = 1,
	};

	seal(&rec);
	return rec;
}

static struct transport *open_ring(void)
{
	open_errno = 0;
	count = 0;
	return transport__open(true, 3, 65536, on_record, &count);
}

static struct transport *open_perf(void)
{
	open_errno = 0;
	count = 0;
	return transport__open(false, 3, 1 << 20, on_record, &count);
}

static void send(const void *rec, size_t size)
{
	ring_fn(buffer_ctx, (void *)rec, size);
}

/* A record as a sample of the perf buffer: the raw data comes after a u32, at 4 modulo 8. */
struct sample {
	struct perf_event_header header;
	__u32 size;
	char data[sizeof(struct wire_copy) + 4];
} __attribute__((packed, aligned(8)));

static struct sample sample_of(const struct wire_copy *rec)
{
	struct sample s = {
		.header = { .type = PERF_RECORD_SAMPLE, .size = sizeof(s) },
		.size = sizeof(s.data),
	};

	memcpy(s.data, rec, sizeof(*rec));
	return s;
}

/* ---- tests ---- */

static void test_good(void)
{
	struct transport *t = open_ring();
	struct wire_copy copy = copy_record(0, 0);
	struct wire_window win = window_record(0, 1);
	char large[512];

	send(&copy, sizeof(copy));
	ok(count == 1 && !memcmp(&got, &copy, sizeof(copy)), "a copy");
	send(&win, sizeof(win));
	ok(count == 2 && !memcmp(&got, &win, sizeof(win)), "a window");
	/* buffers round sizes up */
	memset(large, 0xaa, sizeof(large));
	copy = copy_record(0, 2);
	memcpy(large, &copy, sizeof(copy));
	send(large, sizeof(copy) + 4);
	ok(count == 3 && !memcmp(&got, &copy, sizeof(copy)), "a copy with 4 more bytes behind it");
	win = window_record(0, 3);
	memcpy(large, &win, sizeof(win));
	send(large, sizeof(large));
	ok(count == 4 && !memcmp(&got, &win, sizeof(win)), "a window with 440 more bytes");
	copy = copy_record(0, 4);
	copy.head.type = WIRE_CLEAR;
	seal(&copy);
	send(&copy, sizeof(copy));
	ok(count == 5 && !memcmp(&got, &copy, sizeof(copy)), "a clear, of the size of a copy");
	is(transport__refused(t), 0, "none refused");
	transport__close(t);
}

static struct wire_short short_record(__u32 tid)
{
	struct wire_short rec = {
		.head = { .type = WIRE_SHORT, .size = sizeof(rec), .cpu = 3, .seq = 9, .ts = 77,
			  .seen = SEEN_SRC_VA | SEEN_DST_VA | SEEN_FAULT },
		.pid = 4242, .tid = tid, .user = 0x77002000, .src_va = 0x1000, .dst_va = 0x2000,
	};

	seal(&rec);
	return rec;
}

/* A short record becomes a whole one, named as its thread's last whole one was. */
static void test_short(void)
{
	struct transport *t = open_ring();
	struct wire_copy copy = copy_record(0, 0);
	struct wire_short brief = short_record(copy.tid);

	send(&brief, sizeof(brief));
	ok(!count && transport__refused(t) == 1, "refused: a thread that was never named");
	copy.head.shorts_follow = 1;
	seal(&copy);
	send(&copy, sizeof(copy));
	send(&brief, sizeof(brief));
	ok(count == 2 && got.head.type == WIRE_COPY && got.head.ts == 77 && got.head.cpu == 3,
	   "a short record is handed over as a copy");
	ok(got.pid == 4242 && got.tid == copy.tid && !strcmp(got.comm, "cowpages"), "with its name");
	ok(got.user == 0x77002000 && got.src_va == 0x1000 && got.dst_va == 0x2000 &&
	   got.seen == brief.head.seen, "its addresses and what was seen");
	ok(!got.src_page && !got.caller && !got.event[0], "and nothing of the copy before");
	copy.tid += SLOTS;
	copy.head.shorts_follow = 0;
	seal(&copy);
	send(&copy, sizeof(copy));
	send(&brief, sizeof(brief));
	ok(count == 4 && transport__refused(t) == 1 && got.tid == copy.tid - SLOTS,
	   "a thread of the same slot that sends no short records leaves it its name");
	copy.head.shorts_follow = 1;
	seal(&copy);
	send(&copy, sizeof(copy));
	send(&brief, sizeof(brief));
	ok(count == 5 && transport__refused(t) == 2, "refused: its slot is another thread's by now");
	transport__close(t);
}

/* Anything but a complete, valid record is refused and counted. */
static void test_damaged(void)
{
	static const struct {
		const char *what;
		__u16 type, size;
	} heads[] = {
		{ "type 0", 0, sizeof(struct wire_copy) },
		{ "a type of later times", 5, sizeof(struct wire_copy) },
		{ "a type of later times, of a window's size", 5, sizeof(struct wire_window) },
		{ "a copy of a window's size", WIRE_COPY, sizeof(struct wire_window) },
		{ "a window of a copy's size", WIRE_WINDOW, sizeof(struct wire_copy) },
		{ "a short record of a copy's size", WIRE_SHORT, sizeof(struct wire_copy) },
		{ "a clear of a window's size", WIRE_CLEAR, sizeof(struct wire_window) },
		{ "a clear of a head's size", WIRE_CLEAR, sizeof(struct wire_head) },
		{ "a copy of a head's size", WIRE_COPY, sizeof(struct wire_head) },
		{ "size 0", WIRE_COPY, 0 },
		{ "size 24, less than a head", WIRE_COPY, 24 },
		{ "a size beyond the largest record", WIRE_COPY, WIRE_MAX + 8 },
		{ "size 65528", WIRE_COPY, 65528 },
	};
	struct transport *t = open_ring();
	const struct wire_copy good = copy_record(0, 7);
	struct wire_copy rec;
	__u64 bad = 0;
	unsigned int i, flips = 0;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		/* with a right checksum where it fits: the size alone must be refused */
		rec = good;
		rec.head.type = heads[i].type;
		rec.head.size = heads[i].size;
		if (rec.head.size <= sizeof(rec))
			seal(&rec);
		send(&rec, sizeof(rec));
		ok(!count && transport__refused(t) == ++bad, "refused: %s", heads[i].what);
	}
	for (i = 0; i < sizeof(good) * 8; i++) {
		rec = good;
		((__u8 *)&rec)[i / 8] ^= 1 << i % 8;
		send(&rec, sizeof(rec));
		flips += !count && transport__refused(t) == ++bad;
	}
	is(flips, sizeof(good) * 8, "refused: a copy with any one bit flipped");
	/* every length, in memory of just that length: the sanitizer watches */
	for (i = 0, flips = 0; i < sizeof(good); i++) {
		void *cut = malloc(i ?: 1);

		memcpy(cut, &good, i);
		send(cut, i);
		free(cut);
		flips += !count && transport__refused(t) == ++bad;
	}
	is(flips, sizeof(good), "refused: a copy cut off at any byte");
	send(&good, sizeof(good));
	is(count, 1, "after all that the good one is still taken");
	transport__close(t);
}

/* A copy is sent with the events that it has, and no others. */
static void test_events(void)
{
	struct transport *t = open_ring();
	__u32 events, other;
	__u64 bad = 0;

	for (events = 0; events < 16; events++) {
		for (other = 0; other <= EVENTS_MAX; other++) {
			struct wire_copy rec = copy_record(0, 0);

			rec.seen = events << SEEN_EVENTS_SHIFT;
			rec.head.size = WIRE_COPY_SIZE(other);
			seal(&rec);
			count = 0;
			send(&rec, rec.head.size);
			bad += events != other;
			ok(count == (events == other) && transport__refused(t) == bad,
			   "a copy of %u events, sent with %u", events, other);
			if (count)
				ok(!memcmp(&got, &rec, rec.head.size), "... all of it");
		}
	}
	transport__close(t);
}

static void test_sequence(void)
{
	static const struct {
		const char *what;
		__u32 cpu;
		__u64 seq;
		bool taken;
	} steps[] = {
		{ "first of CPU 0", 0, 0, true },
		{ "the same again", 0, 0, false },
		{ "next", 0, 1, true },
		{ "a gap, counted by the kernel", 0, 100, true },
		{ "back", 0, 99, false },
		{ "the last again", 0, 100, false },
		{ "on", 0, 101, true },
		{ "CPU 1 counts for itself", 1, 0, true },
		{ "CPU 1, the same again", 1, 0, false },
		{ "the last CPU", CPUS_MAX - 1, 5, true },
		{ "the last CPU, back", CPUS_MAX - 1, 4, false },
		{ "a CPU beyond those counted", CPUS_MAX, 5, true },
		{ "a CPU far beyond", ~0U, 0, true },
		{ "beyond 32 bits", 0, 1ULL << 40, true },
		{ "back, beyond 32 bits", 0, (1ULL << 40) - 1, false },
	};
	struct transport *t = open_perf();
	int want = 0, bad = 0;
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct wire_copy rec = copy_record(steps[i].cpu, steps[i].seq);
		struct sample sample = sample_of(&rec);

		perf_fn(buffer_ctx, 0, &sample.header);
		want += steps[i].taken;
		bad += !steps[i].taken;
		ok(count == want && transport__refused(t) == (__u64)bad, "%s: %s", steps[i].what,
		   steps[i].taken ? "taken" : "refused");
	}
	transport__close(t);
	/* fentry programs overtake each other, but the ring only ever shows complete records */
	t = open_ring();
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct wire_copy rec = copy_record(steps[i].cpu, steps[i].seq);

		send(&rec, sizeof(rec));
	}
	ok(count == (int)i && !transport__refused(t), "in the ring all of them are taken");
	transport__close(t);
}

static void test_perf(void)
{
	struct wire_copy rec = copy_record(2, 0);
	struct sample sample = sample_of(&rec);
	struct transport *t = open_perf();

	ok(perf_pages == (size_t)(1 << 20) / getpagesize(), "bytes become pages");
	ok(perf_attr.watermark == 1 && perf_attr.wakeup_watermark == 1 << 18,
	   "nobody is woken before a quarter is full");
	ok(perf_attr.type == PERF_TYPE_SOFTWARE && perf_attr.config == PERF_COUNT_SW_BPF_OUTPUT &&
	   perf_attr.sample_type == PERF_SAMPLE_RAW && perf_attr.sample_period == 1,
	   "every output of the programs");
	is(perf_fn(buffer_ctx, 0, &sample.header), LIBBPF_PERF_EVENT_CONT, "go on");
	ok(count == 1 && !memcmp(&got, &rec, sizeof(rec)), "an unaligned copy comes out aligned");
	rec = copy_record(2, 1);
	sample = sample_of(&rec);
	sample.header.type = PERF_RECORD_LOST;
	is(perf_fn(buffer_ctx, 0, &sample.header), LIBBPF_PERF_EVENT_CONT, "go on after a loss");
	ok(count == 1 && !transport__refused(t), "a lost-event is no record");
	sample.header.type = PERF_RECORD_SAMPLE;
	sample.size = 16;
	perf_fn(buffer_ctx, 0, &sample.header);
	ok(count == 1 && transport__refused(t) == 1, "a sample too short is refused");
	is(transport__fd(t), 32, "the perf buffer's descriptor");
	freed = 0;
	transport__close(t);
	is(freed, 1, "the perf buffer is freed");
}

static void test_open_close(void)
{
	struct transport *t = open_ring();

	is(transport__fd(t), 31, "the ring's descriptor");
	ok(edges, "what is polled are edges");
	consume_ret = 12;
	waits = 0;
	is(transport__drain(t), 0, "records drained are no error");
	is(waits, 1, "the edge is taken with them");
	consume_ret = -EIO;
	ok(transport__drain(t) == -EIO, "an error of draining is");
	consume_ret = 0;
	freed = 0;
	transport__close(t);
	is(freed, 1, "the ring is freed");
	transport__close(NULL);
	edges_errno = ENOMEM;
	freed = 0;
	ok(!transport__open(true, 3, 65536, on_record, NULL) && errno == ENOMEM && freed == 1,
	   "no edges: errno tells why, and the ring is freed");
	edges_errno = 0;
	open_errno = EPERM;
	errno = 0;
	ok(!transport__open(true, 3, 65536, on_record, NULL) && errno == EPERM,
	   "no ring: errno tells why");
	ok(!transport__open(false, 3, 65536, on_record, NULL) && errno == EPERM,
	   "no perf buffer: errno tells why");
}

int main(void)
{
	test_good();
	test_short();
	test_damaged();
	test_events();
	test_sequence();
	test_perf();
	test_open_close();
	return tap__done();
}
