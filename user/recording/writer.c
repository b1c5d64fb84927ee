// SPDX-License-Identifier: GPL-2.0-only
/* Writing a recording: one packet buffer and one file per CPU. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "base/crc.h"
#include "base/err.h"
#include "recording/format.h"

#define COMM_SLOTS	256	/* power of two */
#define COMM_WORDS	(COMM_LEN / sizeof(long))

/* The last name written for a process. */
struct comm_slot {
	__u64 key;		/* pid | SLOT_USED, 0 = free */
	unsigned long comm[COMM_WORDS];
};

#define SLOT_USED	(1ULL << 32)	/* so that pid 0 is not taken for a free slot */

struct stream {
	int fd;			/* -1 until the first packet */
	__u32 cpu;
	__u32 used;		/* bytes in packet, head included */
	__u64 seq;		/* number of the next packet */
	off_t size;		/* of the file: whole packets */
	__u64 ts_last;		/* time of the last event, ns */
	__u64 copies;		/* in packet */
	__u64 lost, missed;	/* so far */
	bool counts_changed;	/* ... since the last packet was written */
	struct comm_slot seen[COMM_SLOTS];
	__u8 packet[PACKET_MAX];	/* being filled */
};

struct recording_writer {
	char *dir;
	int dirfd;
	int failed;		/* exit code of the first failed write */
	__u8 uuid[UUID_LEN];
	__u64 windows, clears;
	__u64 copies_kept;	/* in packets that are in a file */
	__u32 cpus;
	struct stream **streams;
};

static __u64 now_ns(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (__u64)t.tv_sec * 1000000000ULL + (__u64)t.tv_nsec;
}

/*
 * A random uuid (RFC 4122, version 4). The kernel's random pool may not be ready early after
 * boot, which is where lab machines record. Then AT_RANDOM serves, the 16 random bytes that the
 * kernel gives a process at exec; the time makes a second recording of this process differ.
 */
static void random_uuid(__u8 uuid[UUID_LEN])
{
	if (getrandom(uuid, UUID_LEN, GRND_NONBLOCK) != UUID_LEN) {
		const void *at_random = (const void *)getauxval(AT_RANDOM);
		__u64 ts;

		if (at_random)
			memcpy(uuid, at_random, UUID_LEN);
		memcpy(&ts, uuid, sizeof(ts));
		ts ^= now_ns(CLOCK_REALTIME);
		memcpy(uuid, &ts, sizeof(ts));
	}
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static void free_writer(struct recording_writer *w)
{
	__u32 i;

	for (i = 0; i < w->cpus; i++) {
		if (w->streams[i] && w->streams[i]->fd >= 0)
			close(w->streams[i]->fd);
		free(w->streams[i]);
	}
	free(w->streams);
	if (w->dirfd >= 0)
		close(w->dirfd);
	free(w->dir);
	free(w);
}

struct recording_writer *recording__create(const char *dir, const struct recording_env *env)
{
	struct recording_writer *w = calloc(1, sizeof(*w));

	if (w) {
		w->dirfd = -1;
		w->dir = strdup(dir);
	}
	if (!w || !w->dir) {
		err(EXIT_FAIL, "recording into %s: out of memory", dir);
		goto cleanup;
	}
	random_uuid(w->uuid);
	w->dirfd = dir__prepare(dir, env, w->uuid);
	if (w->dirfd >= 0)
		return w;

cleanup:
	if (w)
		free_writer(w);
	return NULL;
}

/* ---- packets ---- */

static int fail(struct recording_writer *w, const struct stream *s, int error)
{
	char name[STREAM_NAME_LEN];

	stream__name(name, s->cpu);
	w->failed = err(EXIT_FAIL, "writing %s/%s: %s: %llu copies were kept%s", w->dir, name,
			strerror(error), (unsigned long long)w->copies_kept, dir__advice(error));
	return w->failed;
}

static int open_stream(struct recording_writer *w, struct stream *s)
{
	char name[STREAM_NAME_LEN];

	stream__name(name, s->cpu);
	s->fd = openat(w->dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return s->fd < 0 ? fail(w, s, errno) : EXIT_OK;
}

static __u64 first_ts(const struct stream *s)
{
	const struct disk_head *first = (const void *)(s->packet + sizeof(struct disk_packet));

	return s->used > sizeof(struct disk_packet) ? first->ts : s->ts_last;
}

static int write_packet(struct recording_writer *w, struct stream *s)
{
	struct disk_packet head = {
		.magic = PACKET_MAGIC,
		.ts_begin = first_ts(s),
		.ts_end = s->ts_last,
		.content_bits = s->used * 8ULL,
		.packet_bits = s->used * 8ULL,
		.seq = s->seq,
		.lost = s->lost,
		.missed = s->missed,
		.cpu = s->cpu,
	};
	int ret;

	if (s->fd < 0 && open_stream(w, s))
		return w->failed;
	memcpy(head.uuid, w->uuid, UUID_LEN);
	memcpy(s->packet, &head, sizeof(head));
	head.crc = packet__crc(s->packet, s->used);
	memcpy(s->packet, &head, sizeof(head));
	ret = dir__write_all(s->fd, s->packet, s->used);
	if (ret) {
		/* If this fails, too, the reader leaves the partial packet out. */
		if (ftruncate(s->fd, s->size))
			note("cutting a partial packet of CPU %u in %s: %s", s->cpu, w->dir,
			     strerror(errno));
		return fail(w, s, -ret);
	}
	s->size += s->used;
	s->seq++;
	w->copies_kept += s->copies;
	s->copies = 0;
	s->used = sizeof(head);
	s->counts_changed = false;
	return EXIT_OK;
}

static struct stream *add_stream(struct recording_writer *w, __u32 cpu)
{
	struct stream **streams, *s = NULL;

	if (cpu >= CPU_MAX) {
		w->failed = err(EXIT_FAIL, "recording into %s: a record of CPU %u, which cannot be",
				w->dir, cpu);
		return NULL;
	}
	if (cpu >= w->cpus) {
		streams = realloc(w->streams, (cpu + 1) * sizeof(*streams));
		if (!streams)
			goto cleanup;
		memset(streams + w->cpus, 0, (cpu + 1 - w->cpus) * sizeof(*streams));
		w->streams = streams;
		w->cpus = cpu + 1;
	}
	s = calloc(1, sizeof(*s));
	w->streams[cpu] = s;
	if (s) {
		s->fd = -1;
		s->cpu = cpu;
		s->used = sizeof(struct disk_packet);
	}
cleanup:
	if (!s)
		w->failed = err(EXIT_FAIL, "recording into %s: out of memory", w->dir);
	return s;
}

/* NULL when the recording has failed. */
static struct stream *stream_of(struct recording_writer *w, __u32 cpu)
{
	if (w->failed)
		return NULL;
	if (cpu < w->cpus && w->streams[cpu])
		return w->streams[cpu];
	return add_stream(w, cpu);
}

/* ---- events ---- */

static inline bool has_room(const struct stream *s, __u32 size)
{
	return s->used + size <= PACKET_MAX;
}

/* Adds an event to the packet of s, which has room for it. The caller fills in all but its head. */
static inline void *begin_event(struct stream *s, __u64 ts, __u16 id, __u32 size)
{
	struct disk_head *head = (struct disk_head *)(s->packet + s->used);

	if (ts < s->ts_last)
		ts = s->ts_last;
	head->ts = ts;
	head->id = id;
	s->ts_last = ts;
	s->used += size;
	return head;
}

/* As begin_event, but writes a full packet first; NULL when the recording has failed. */
static void *append(struct recording_writer *w, struct stream *s, __u64 ts, __u16 id, __u32 size)
{
	if (!has_room(s, size) && write_packet(w, s))
		return NULL;
	return begin_event(s, ts, id, size);
}

static inline struct comm_slot *slot_of(struct stream *s, __u32 pid)
{
	return &s->seen[(pid * 2654435761U >> 16) & (COMM_SLOTS - 1)];
}

/* Compares in words: calling memcmp for 16 bytes would be a good part of the cost of a copy. */
static inline bool has_name(const struct comm_slot *slot, __u32 pid, const char comm[COMM_LEN])
{
	unsigned long name[COMM_WORDS], differs = 0;
	unsigned int i;

	memcpy(name, comm, sizeof(name));
#pragma GCC unroll 4
	for (i = 0; i < COMM_WORDS; i++)
		differs |= slot->comm[i] ^ name[i];
	return slot->key == (pid | SLOT_USED) && !differs;
}

/* The stream of cpu if it has the name and room for an event; NULL: it takes ready_stream_slow. */
static inline struct stream *ready_stream_fast(const struct recording_writer *w, __u32 cpu,
					       __u32 pid, const char comm[COMM_LEN], __u32 size)
{
	struct stream *s = cpu < w->cpus ? w->streams[cpu] : NULL;

	if (!s || w->failed || !has_room(s, size))
		return NULL;
	return !comm || has_name(slot_of(s, pid), pid, comm) ? s : NULL;
}

/* Writes a process event if the name is not the last one written for pid. */
static int name_process(struct recording_writer *w, struct stream *s, __u64 ts, __u32 pid,
			const char comm[COMM_LEN])
{
	struct comm_slot *slot = slot_of(s, pid);
	struct disk_process *event;
	char name[COMM_LEN] = "";

	if (!comm)
		return EXIT_OK;
	memcpy(name, comm, strnlen(comm, COMM_LEN));
	if (has_name(slot, pid, name))
		return EXIT_OK;
	event = append(w, s, ts, DISK_PROCESS, sizeof(*event));
	if (!event)
		return w->failed;
	slot->key = pid | SLOT_USED;
	memcpy(slot->comm, name, COMM_LEN);
	event->pid = pid;
	memcpy(event->comm, name, COMM_LEN);
	return EXIT_OK;
}

/* Gets a stream ready for an event: creates it, writes the name; NULL when the recording failed. */
static __attribute__((cold, noinline)) struct stream *
ready_stream_slow(struct recording_writer *w, __u32 cpu, __u64 ts, __u32 pid,
		  const char comm[COMM_LEN], __u32 size)
{
	struct stream *s = stream_of(w, cpu);

	if (!s || name_process(w, s, ts, pid, comm))
		return NULL;
	return has_room(s, size) || !write_packet(w, s) ? s : NULL;
}

/* As append, for an event of a process that has a name; *s is its stream. Done for every copy. */
static inline void *append_named(struct recording_writer *w, __u32 cpu, __u64 ts, __u32 pid,
				 const char comm[COMM_LEN], __u16 id, __u32 size,
				 struct stream **s)
{
	*s = ready_stream_fast(w, cpu, pid, comm, size) ?:
	     ready_stream_slow(w, cpu, ts, pid, comm, size);
	return *s ? begin_event(*s, ts, id, size) : NULL;
}

/* For a side whose kind or evidence is out of range: stored as not known. */
static __attribute__((cold, noinline)) __u8 seen_clamped(const struct side *side)
{
	return DISK_SEEN(side->kind < MAPPING_COUNT ? side->kind : MAPPING_UNKNOWN,
			 side->evidence < EVIDENCE_COUNT ? side->evidence : EVIDENCE_NONE);
}

static inline __attribute__((always_inline)) void
put_side(struct disk_side *d, const struct side *side)
{
	d->pfn = side->pfn;
	d->va = side->va;
	d->seen = DISK_SEEN(side->kind, side->evidence);
	if (side->kind >= MAPPING_COUNT || side->evidence >= EVIDENCE_COUNT)
		d->seen = seen_clamped(side);
}

/* Always inlined, as put_side is: without short records this is done for every copy. */
static inline __attribute__((always_inline)) void
put_copy(struct disk_copy *d, const struct copy *c)
{
	d->path = c->path < PATH_COUNT ? c->path : PATH_UNKNOWN;
	d->facts = (__u8)(c->facts & FACTS_STORED);
	d->pid = c->pid;
	d->tid = c->tid;
	d->user = c->user;
	put_side(&d->source, &c->source);
	put_side(&d->destination, &c->destination);
}

static void put_clear(struct disk_clear *d, const struct clear *c)
{
	d->facts = (__u8)(c->facts & FACTS_STORED);
	d->pid = c->pid;
	d->tid = c->tid;
	d->user = c->user;
	put_side(&d->destination, &c->destination);
}

int recording__copy(struct recording_writer *w, __u32 cpu, const struct copy *c,
		    const char comm[COMM_LEN])
{
	struct stream *s;
	struct disk_copy *event = append_named(w, cpu, c->ts, c->pid, comm, DISK_COPY,
					       sizeof(*event), &s);

	if (!event)
		return w->failed;
	put_copy(event, c);
	s->copies++;
	return EXIT_OK;
}

_Static_assert(sizeof(struct copy_template) == sizeof(struct disk_copy), "a template is one event");

void recording__template(const struct copy *c, struct copy_template *template)
{
	struct disk_copy event = { .head.id = DISK_COPY };

	put_copy(&event, c);
	memcpy(template, &event, sizeof(event));
}

bool recording__copy_fast(struct recording_writer *w, __u32 cpu,
			  const struct copy_template *template, const struct copy *c,
			  const char comm[COMM_LEN])
{
	struct stream *s = ready_stream_fast(w, cpu, c->pid, comm, sizeof(struct disk_copy));
	struct disk_copy *event;

	if (!s)
		return false;
	event = begin_event(s, c->ts, DISK_COPY, sizeof(*event));
	memcpy((char *)event + sizeof(event->head), template->event + sizeof(event->head),
	       sizeof(*event) - sizeof(event->head));
	event->pid = c->pid;
	event->tid = c->tid;
	event->user = c->user;
	event->source.pfn = c->source.pfn;
	event->source.va = c->source.va;
	event->destination.pfn = c->destination.pfn;
	event->destination.va = c->destination.va;
	s->copies++;
	return true;
}

int recording__failed(const struct recording_writer *w)
{
	return w->failed;
}

int recording__window(struct recording_writer *w, __u32 cpu, const struct window *win,
		      const char comm[COMM_LEN])
{
	struct stream *s;
	struct disk_fork *event = append_named(w, cpu, win->ts, win->pid, comm, DISK_FORK,
					       sizeof(*event), &s);

	if (!event)
		return w->failed;
	event->begin = win->begin;
	event->pid = win->pid;
	event->tid = win->tid;
	event->exposed = win->exposed ? 1 : 0;
	w->windows++;
	return EXIT_OK;
}

int recording__clear(struct recording_writer *w, __u32 cpu, const struct clear *c,
		     const char comm[COMM_LEN])
{
	struct stream *s;
	struct disk_clear *event = append_named(w, cpu, c->ts, c->pid, comm, DISK_CLEAR,
						sizeof(*event), &s);

	if (!event)
		return w->failed;
	put_clear(event, c);
	w->clears++;
	return EXIT_OK;
}

/* Totals belong to no CPU: all go to the stream of CPU 0. */
int recording__copies(struct recording_writer *w, const struct copy *c, __u64 count)
{
	struct stream *s = stream_of(w, 0);
	struct disk_copy *event = s ? append(w, s, c->ts, DISK_COPIES, sizeof(*event)) : NULL;

	if (!event)
		return w->failed;
	put_copy(event, c);
	((struct disk_copies *)event)->count = count;
	s->copies += count;
	return EXIT_OK;
}

int recording__clears(struct recording_writer *w, const struct clear *c, __u64 count)
{
	struct stream *s = stream_of(w, 0);
	struct disk_clear *event = s ? append(w, s, c->ts, DISK_CLEARS, sizeof(*event)) : NULL;

	if (!event)
		return w->failed;
	put_clear(event, c);
	((struct disk_clears *)event)->count = count;
	w->clears += count;
	return EXIT_OK;
}

void recording__set_losses(struct recording_writer *w, __u32 cpu, __u64 lost, __u64 missed)
{
	struct stream *s;

	/* A CPU on which nothing happened needs no file. */
	if (!lost && !missed && (cpu >= w->cpus || !w->streams[cpu]))
		return;
	s = stream_of(w, cpu);
	if (!s || (s->lost == lost && s->missed == missed))
		return;
	s->lost = lost;
	s->missed = missed;
	s->counts_changed = true;
}

/* ---- finishing ---- */

int recording__flush(struct recording_writer *w)
{
	__u32 i;

	for (i = 0; i < w->cpus && !w->failed; i++) {
		struct stream *s = w->streams[i];

		if (s && (s->used > sizeof(struct disk_packet) || s->counts_changed))
			write_packet(w, s);
	}
	return w->failed;
}

static int append_end(struct recording_writer *w)
{
	__u64 lost = 0, missed = 0;
	struct stream *s = NULL;
	struct disk_end *event;
	__u64 ts = now_ns(CLOCK_MONOTONIC);
	__u32 i;

	for (i = 0; i < w->cpus; i++) {
		if (!w->streams[i])
			continue;
		/* The caller's timestamps may be ahead of our clock, as in simulated recordings. */
		if (ts < w->streams[i]->ts_last)
			ts = w->streams[i]->ts_last;
		lost += w->streams[i]->lost;
		missed += w->streams[i]->missed;
		s = s ? s : w->streams[i];
	}
	s = s ? s : stream_of(w, 0);
	if (!s)
		return w->failed;
	event = append(w, s, ts, DISK_END, sizeof(*event));
	if (!event)
		return w->failed;
	event->copies = w->copies_kept;	/* all of them, since the packets were flushed */
	event->forks = w->windows;
	event->clears = w->clears;
	event->lost = lost;
	event->missed = missed;
	return write_packet(w, s);
}

int recording__close(struct recording_writer *w)
{
	__u32 i;
	int ret;

	if (!w)
		return EXIT_OK;
	if (!recording__flush(w))
		append_end(w);
	/* Network file systems may report a full disk only at close. */
	for (i = 0; i < w->cpus; i++) {
		struct stream *s = w->streams[i];

		if (!s || s->fd < 0)
			continue;
		if (close(s->fd) && !w->failed)
			fail(w, s, errno);
		s->fd = -1;
	}
	ret = w->failed;
	free_writer(w);
	return ret;
}
