// SPDX-License-Identifier: GPL-2.0-only
/* Writing a recording: one packet buffer and one file per CPU. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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
	uuid__random(w->uuid);
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

/* Stores steps; returns the facts to store with them. A step out of range ends them. */
static __u16 put_steps(struct disk_steps *d, const __u16 *step, unsigned int steps, __u16 facts)
{
	unsigned int n;

	memset(d, 0, sizeof(*d));
	for (n = 0; n < steps && n < STEPS_MAX; n++) {
		if (STEP_KIND(step[n]) - 1U >= STEP_KINDS - 1U)
			break;
		d->step[n] = step[n];
	}
	d->steps = (__u8)n;
	return (__u16)((facts & FACTS_STORED) | (n < steps ? FACT_STEPS_LOST : 0));
}

/* The size of the event of a copy, or of a clear, with these facts. */
static inline __u32 copy_size(__u16 facts)
{
	return disk__needs_steps(facts) ? sizeof(struct disk_copy_steps) : sizeof(struct disk_copy);
}

static inline __u32 clear_size(__u16 facts)
{
	return disk__needs_steps(facts) ? sizeof(struct disk_clear_steps) :
					  sizeof(struct disk_clear);
}

/*
 * put_copy, put_clear - fill in an event of that size, but for its head; returns its body
 *
 * put_copy is always inlined, as put_side is: without short records it is done for every copy.
 */
static inline __attribute__((always_inline)) struct disk_copy_body *
put_copy(void *event, const struct copy *c)
{
	const __u8 path = c->path < PATH_COUNT ? c->path : PATH_UNKNOWN;
	struct disk_copy_steps *stepped = event;
	struct disk_copy *plain = event;
	struct disk_copy_body *body = &plain->body;

	if (disk__needs_steps(c->facts)) {
		stepped->path = path;
		stepped->facts = put_steps(&stepped->steps, c->step, c->steps, c->facts);
		body = &stepped->body;
	} else {
		plain->path = path;
		plain->facts = (__u8)(c->facts & FACTS_PLAIN);
	}
	body->whose.pid = c->pid;
	body->whose.tid = c->tid;
	body->user = c->user;
	put_side(&body->source, &c->source);
	put_side(&body->destination, &c->destination);
	return body;
}

static struct disk_clear_body *put_clear(void *event, const struct clear *c)
{
	struct disk_clear_steps *stepped = event;
	struct disk_clear *plain = event;
	struct disk_clear_body *body = &plain->body;

	if (disk__needs_steps(c->facts)) {
		stepped->facts = put_steps(&stepped->steps, c->step, c->steps, c->facts);
		body = &stepped->body;
	} else {
		plain->facts = (__u8)(c->facts & FACTS_PLAIN);
	}
	body->whose.pid = c->pid;
	body->whose.tid = c->tid;
	body->user = c->user;
	put_side(&body->destination, &c->destination);
	return body;
}

int recording__copy(struct recording_writer *w, __u32 cpu, const struct copy *c,
		    const char comm[COMM_LEN])
{
	const __u16 id = disk__needs_steps(c->facts) ? DISK_COPY_STEPS : DISK_COPY;
	struct stream *s;
	void *event = append_named(w, cpu, c->ts, c->pid, comm, id, copy_size(c->facts), &s);

	if (!event)
		return w->failed;
	put_copy(event, c);
	s->copies++;
	return EXIT_OK;
}

_Static_assert(sizeof(struct copy_template) == sizeof(struct disk_copy), "a template is one event");

void recording__template(const struct copy *c, struct copy_template *template)
{
	struct disk_copy event = {};

	if (!disk__needs_steps(c->facts)) {
		event.head.id = DISK_COPY;
		put_copy(&event, c);
	}
	memcpy(template, &event, sizeof(event));
}

bool recording__copy_fast(struct recording_writer *w, __u32 cpu,
			  const struct copy_template *template, const struct copy *c,
			  const char comm[COMM_LEN])
{
	struct stream *s = ready_stream_fast(w, cpu, c->pid, comm, sizeof(struct disk_copy));
	struct disk_copy *event;

	if (!s || ((const struct disk_copy *)template->event)->head.id != DISK_COPY)
		return false;
	event = begin_event(s, c->ts, DISK_COPY, sizeof(*event));
	memcpy((char *)event + sizeof(event->head), template->event + sizeof(event->head),
	       sizeof(*event) - sizeof(event->head));
	event->body.whose.pid = c->pid;
	event->body.whose.tid = c->tid;
	event->body.user = c->user;
	event->body.source.pfn = c->source.pfn;
	event->body.source.va = c->source.va;
	event->body.destination.pfn = c->destination.pfn;
	event->body.destination.va = c->destination.va;
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
	const __u16 id = disk__needs_steps(c->facts) ? DISK_CLEAR_STEPS : DISK_CLEAR;
	struct stream *s;
	void *event = append_named(w, cpu, c->ts, c->pid, comm, id, clear_size(c->facts), &s);

	if (!event)
		return w->failed;
	put_clear(event, c);
	w->clears++;
	return EXIT_OK;
}

/* Totals belong to no CPU: all go to the stream of CPU 0. */
int recording__copies(struct recording_writer *w, const struct copy *c, __u64 count)
{
	const __u16 id = disk__needs_steps(c->facts) ? DISK_COPIES_STEPS : DISK_COPIES;
	struct stream *s = stream_of(w, 0);
	void *event = s ? append(w, s, c->ts, id, copy_size(c->facts)) : NULL;

	if (!event)
		return w->failed;
	put_copy(event, c)->whose.count = count;
	s->copies += count;
	return EXIT_OK;
}

int recording__clears(struct recording_writer *w, const struct clear *c, __u64 count)
{
	const __u16 id = disk__needs_steps(c->facts) ? DISK_CLEARS_STEPS : DISK_CLEARS;
	struct stream *s = stream_of(w, 0);
	void *event = s ? append(w, s, c->ts, id, clear_size(c->facts)) : NULL;

	if (!event)
		return w->failed;
	put_clear(event, c)->whose.count = count;
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
	struct timespec now = {};
	__u64 ts;
	__u32 i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ts = (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec;
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
