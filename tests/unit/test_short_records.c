// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast path of short records into a recording (transport, assemble__copy_fast,
 * recording__copy_fast) must leave the same bytes as the general path. The test plays libbpf.
 */
#include <bpf/libbpf.h>
#include <sys/epoll.h>
#include "recorder/assemble.h"
#include "recording/format.h"
#include "probe/transport.h"
#include "recording_util.h"

#define RECORDS	60000

/* ---- libbpf ---- */

static ring_buffer_sample_fn ring_fn;
static void *ring_ctx;

struct ring_buffer *ring_buffer__new(int map_fd, ring_buffer_sample_fn fn, void *ctx,
				     const struct ring_buffer_opts *opts)
{
	(void)map_fd;
	(void)opts;
	ring_fn = fn;
	ring_ctx = ctx;
	return (void *)&ring_fn;
}

void ring_buffer__free(struct ring_buffer *rb)
{
	(void)rb;
}

int ring_buffer__epoll_fd(const struct ring_buffer *rb)
{
	(void)rb;
	return -1;
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	(void)epoll;
	(void)op;
	(void)fd;
	(void)event;
	return 0;
}

int ring_buffer__consume(struct ring_buffer *rb)
{
	(void)rb;
	return 0;
}

struct perf_buffer *perf_buffer__new_raw(int map_fd, size_t pages, struct perf_event_attr *attr,
					 perf_buffer_event_fn fn, void *ctx,
					 const struct perf_buffer_raw_opts *opts)
{
	(void)map_fd;
	(void)pages;
	(void)attr;
	(void)fn;
	(void)ctx;
	(void)opts;
	return NULL;
}

void perf_buffer__free(struct perf_buffer *pb)
{
	(void)pb;
}

int perf_buffer__epoll_fd(const struct perf_buffer *pb)
{
	(void)pb;
	return -1;
}

int perf_buffer__consume(struct perf_buffer *pb)
{
	(void)pb;
	return 0;
}

/* ---- records ---- */

static union wire {
	struct wire_head head;
	struct wire_copy copy;
	struct wire_short brief;
} records[RECORDS];

static __u64 address(void)
{
	/* addresses on and off the line, below and above 4 GiB from its base, and none at all */
	switch (next_random() % 8) {
	case 0:
		return random64();
	case 1:
		return 0;
	case 2:
		return 0xffff888000000000 + random64() % (1ULL << 40);
	default:
		return 0xffff888000000000 + next_random() % 100000 * 4096ULL;
	}
}

static __u32 some_seen(void)
{
	static const __u32 usual[] = { 0, SEEN_SRC_KSM, SEEN_SRC_HUGE };

	if (!(next_random() % 10))
		return next_random() & 0x1fff;
	if (!(next_random() % 100))
		return (__u32)random64();
	return SEEN_SRC_VA | SEEN_DST_VA | SEEN_FAULT |
	       usual[next_random() % 20 ? 0 : next_random() % 3];
}

/* Whole records name threads, in slots that threads share; sometimes time runs backwards. */
static void make_record(union wire *w, __u64 ts)
{
	const __u32 tid = 1 + next_random() % 40 + (next_random() % 50 ? 0 : SLOTS);
	const bool whole = next_random() % 20 == 0;

	if (whole) {
		w->copy = (struct wire_copy){
			.pid = tid / 2, .tid = tid, .user = random64(), .src_page = address(),
			.dst_page = address(), .src_va = address(), .dst_va = address(),
			.event = { address() & ~0xff0ULL, address(), random64(), address() },
			.page_flags = random64(), .caller = random64(),
			.mapcount = (__s32)next_random() % 3 - 1, .seen = some_seen(),
		};
		snprintf(w->copy.comm, COMM_LEN, "task%u", next_random() % 50 ? tid / 2 : ~tid);
	} else {
		w->brief = (struct wire_short){
			.pid = tid / 2, .tid = tid, .user = random64(),
			.src_va = address(), .dst_va = address(),
		};
	}
	w->head.type = whole ? WIRE_COPY : WIRE_SHORT;
	w->head.size = whole ?
		WIRE_COPY_SIZE(SEEN_EVENTS(w->copy.seen) % (EVENTS_MAX + 1)) :
		       sizeof(w->brief);
	w->head.cpu = next_random() % 3;
	w->head.seen = whole ? next_random() % 5 > 0 : some_seen();
	w->head.ts = ts - (next_random() % 10 ? 0 : next_random() % 5000);
	w->head.check = wire__sum(w, w->head.size);
	/* damaged on its way */
	if (next_random() % 200 == 0)
		((__u8 *)w)[next_random() % w->head.size] ^= 1 << next_random() % 8;
}

/* ---- both ways into a recording ---- */

struct way {
	struct calibration cal;
	struct pattern pattern;
	struct copy_template template;
	struct recording_writer *writer;
	unsigned int copies, straight;
};

static void on_whole(void *ctx, const struct wire_head *head)
{
	const struct wire_copy *rec = (const void *)head;
	struct way *way = ctx;
	struct copy c;

	assemble__copy(rec, &way->cal, &c);
	recording__copy(way->writer, head->cpu, &c, rec->comm);
	way->copies++;
}

/* As recorder.c does it. */
static void on_short(void *ctx, const struct wire_short *rec, const char comm[COMM_LEN])
{
	struct way *way = ctx;
	struct wire_copy whole;
	struct copy c;

	if (assemble__fits(rec, &way->pattern)) {
		assemble__copy_fast(rec, &way->cal, &way->pattern, &c);
		if (recording__copy_fast(way->writer, rec->head.cpu, &way->template, &c, comm)) {
			way->copies++;
			way->straight++;
			return;
		}
	}
	whole = wire__expand(rec);
	if (assemble__pattern(&whole, &way->cal, &way->pattern))
		recording__template(&way->pattern.copy, &way->template);
	memcpy(whole.comm, comm, COMM_LEN);
	on_whole(way, &whole.head);
}

static __u64 go(struct way *way, const char *dir, bool straight)
{
	struct recording_env env = sample_env();
	struct transport *t = transport__open(true, -1, 0, on_whole, way);
	unsigned int i;
	__u64 bad;

	way->writer = recording__create(in(dir, NULL), &env);
	if (straight)
		transport__set_short_fn(t, on_short, way);
	for (i = 0; i < RECORDS; i++)
		ring_fn(ring_ctx, &records[i], sizeof(records[i]));
	recording__close(way->writer);
	bad = transport__refused(t);
	transport__close(t);
	return bad;
}

/* A stream file, with the fields that differ in every recording set to 0. */
static struct bytes stream_of(const char *dir, unsigned int cpu)
{
	char name[32];
	struct bytes b;
	size_t at;

	snprintf(name, sizeof(name), "stream_%u", cpu);
	b = slurp(in(dir, name));
	for (at = 0; at < b.size; at += packet_size(b.data + at)) {
		struct disk_packet *packet = (void *)(b.data + at);

		memset(packet->uuid, 0, UUID_LEN);
		packet->crc = 0;
	}
	return b;
}

/* The end event in stream 0 has the time at which it was written, so it is left out. */
static bool same_streams(unsigned int cpu)
{
	struct bytes a = stream_of("general", cpu), b = stream_of("straight", cpu);
	const size_t end = cpu ? 0 : sizeof(struct disk_packet) + sizeof(struct disk_end);
	const bool same = a.size == b.size && a.size > 1000000 &&
			  !memcmp(a.data, b.data, a.size - end);

	free(a.data);
	free(b.data);
	return same;
}

static void test_calibration(const char *name, const struct calibration *cal)
{
	static struct way general, straight;
	unsigned int i;
	__u64 bad;

	general = straight = (struct way){ .cal = *cal };
	for (i = 0; i < RECORDS; i++)
		make_record(&records[i], 1000000 + 1000ULL * i);
	bad = go(&general, "general", false);
	ok(go(&straight, "straight", true) == bad && bad > RECORDS / 400,
	   "%s: as many records refused (%llu)", name, (unsigned long long)bad);
	ok(general.copies == straight.copies && general.copies + bad == RECORDS && !general.straight &&
	   straight.straight > RECORDS / 2, "%s: %u copies, %u went straight", name, straight.copies,
	   straight.straight);
	for (i = 0; i < 3; i++)
		ok(same_streams(i), "%s: stream %u has the same bytes", name, i);
}

int main(void)
{
	struct calibration cal = {
		.linear = FIT(0xffff888000000000, 4096),
		.page_size = 4096,
		.dirty_bit = -1,
		.copy_kind = MAPPING_LINEAR,
	};

	scratch__make();
	test_calibration("x86_64", &cal);
	cal.page = (struct fit)FIT(0xffff888000000000, 64);
	cal.mapping_kind = MAPPING_COHERENT;
	cal.mapping_watched = cal.flush_watched = cal.mapcount_known = true;
	cal.dirty_bit = 11;
	test_calibration("all that can be known", &cal);
	cal.linear = (struct fit){};
	cal.copy_kind = MAPPING_WINDOW;
	cal.span = 16384;
	test_calibration("a window", &cal);
	cal.copy_kind = MAPPING_UNKNOWN;
	test_calibration("nothing", &cal);
	scratch__remove();
	return tap__done();
}
