// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "recording_stream.h"

#define HEAD	((__u32)sizeof(struct disk_packet))

static inline __u64 u64_of(bool swap, __u64 v)
{
	return swap ? __builtin_bswap64(v) : v;
}

static inline __u32 u32_of(bool swap, __u32 v)
{
	return swap ? __builtin_bswap32(v) : v;
}

static inline __u16 u16_of(bool swap, __u16 v)
{
	return swap ? __builtin_bswap16(v) : v;
}

/* Reads up to size bytes at offset; short only at the end of the file; -errno on error. */
static ssize_t read_at(int fd, __u8 *buf, size_t size, __u64 offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, buf + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static bool all_zero(const __u8 *p, size_t n)
{
	while (n && !*p) {
		p++;
		n--;
	}
	return !n;
}

/*
 * A power cut can leave a tail of zeros where the file system had only the size. It is
 * one only when nothing else follows; n bytes at s->packet are read already.
 */
static bool zeros_to_the_end(struct rstream *s, size_t n, __u64 limit)
{
	__u64 at = s->at;
	ssize_t more = (ssize_t)n;

	while (more > 0) {
		if (!all_zero(s->packet, (size_t)more))
			return false;
		at += (__u64)more;
		n = limit - at < s->room ? (size_t)(limit - at) : s->room;
		more = read_at(s->fd, s->packet, n, at);
	}
	return true;
}

/*
 * The file seems to end inside the packet at p. If a head follows in what is left, the
 * packet's size is what is damaged.
 */
static bool head_follows(const __u8 *p, size_t n)
{
	const size_t key = offsetof(struct disk_packet, stream_id);
	size_t i;

	for (i = 1; i + key <= n; i++)
		if (p[i] == p[0] && !memcmp(p + i, p, key))
			return true;
	return false;
}

/* What can be said of a packet without its content; n bytes of it are there. */
static enum packet_state check_head(const struct disk_packet *h, const __u8 *p, size_t n,
				    const struct meta *m, bool swap, const char **why)
{
	__u64 content = u64_of(swap, h->content_bits), whole = u64_of(swap, h->packet_bits);

	*why = "not a packet";
	if (u32_of(swap, h->magic) != PACKET_MAGIC)
		return PACKET_BAD;
	*why = "it belongs to another recording";
	if (memcmp(h->uuid, m->uuid, UUID_LEN))
		return PACKET_BAD;
	*why = "its size is impossible";
	if (content % 8 || whole % 8 || content < HEAD * 8 || content > whole ||
	    whole > PACKET_MAX * 8)
		return PACKET_BAD;
	if (whole / 8 > n)
		return head_follows(p, n) ? PACKET_BAD : PACKET_CUT;
	return PACKET_WHOLE;
}

/* What must fit the packets before; s is brought up to date. */
static const char *check_order(struct rstream *s, const struct disk_packet *h, bool swap)
{
	__u64 lost = u64_of(swap, h->lost), missed = u64_of(swap, h->missed);

	if (h->stream_id)
		return "unknown kind of stream";
	if (u32_of(swap, h->cpu) != s->cpu)
		return "it is of another CPU than the file's name says";
	if (u64_of(swap, h->seq) != s->packets)
		return "packets before it are missing";
	if (lost < s->lost || missed < s->missed)
		return "its counts of losses run backwards";
	s->lost = lost;
	s->missed = missed;
	return NULL;
}

enum packet_state stream__packet(struct rstream *s, const struct meta *m, __u64 limit,
				 bool check_crc, const char **why)
{
	const bool swap = m->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	__u64 left = limit - s->at;
	enum packet_state state;
	struct disk_packet h;
	ssize_t n;

	if (!left)
		return PACKET_NONE;
	n = read_at(s->fd, s->packet, left < s->room ? (size_t)left : s->room, s->at);
	if (n < 0) {
		*why = strerror((int)-n);
		return PACKET_BAD;
	}
	if ((size_t)n < HEAD)
		return PACKET_CUT;
	memcpy(&h, s->packet, sizeof(h));
	if (!h.magic && zeros_to_the_end(s, (size_t)n, limit))
		return PACKET_CUT;
	state = check_head(&h, s->packet, (size_t)n, m, swap, why);
	if (state != PACKET_WHOLE)
		return state;
	*why = "its checksum is wrong";
	if (check_crc &&
	    packet__crc(s->packet, (size_t)(u64_of(swap, h.packet_bits) / 8)) !=
	    u32_of(swap, h.crc))
		return PACKET_BAD;
	*why = check_order(s, &h, swap);
	if (*why)
		return PACKET_BAD;
	s->pos = HEAD;
	s->used = (__u32)(u64_of(swap, h.content_bits) / 8);
	s->at += u64_of(swap, h.packet_bits) / 8;
	s->packets++;
	return PACKET_WHOLE;
}

void stream__rewind(struct rstream *s)
{
	s->at = 0;
	s->pos = 0;
	s->used = 0;
	s->packets = 0;
	s->ts_last = 0;
	s->lost = 0;
	s->missed = 0;
}

/* ---- events ---- */

static bool get_side(const struct disk_side *d, bool swap, struct side *side)
{
	side->pfn = u64_of(swap, d->pfn);
	side->va = u64_of(swap, d->va);
	side->kind = d->kind;
	side->evidence = d->evidence;
	return d->kind < MAPPING_COUNT && d->evidence < EVIDENCE_COUNT;
}

static const char *get_copy(const __u8 *p, bool swap, struct copy *c)
{
	struct disk_copy d;

	memcpy(&d, p, sizeof(d));
	c->ts = u64_of(swap, d.head.ts);
	c->pid = u32_of(swap, d.pid);
	c->tid = u32_of(swap, d.tid);
	c->user = u64_of(swap, d.user);
	c->path = d.path;
	c->facts = d.facts;
	if (!get_side(&d.source, swap, &c->source) ||
	    !get_side(&d.destination, swap, &c->destination) ||
	    d.path >= PATH_COUNT || (d.facts & ~FACTS_STORED))
		return "a copy has a value this brindle does not know";
	return NULL;
}

static const char *get_fork(const __u8 *p, bool swap, struct window *w)
{
	struct disk_fork d;

	memcpy(&d, p, sizeof(d));
	w->ts = u64_of(swap, d.head.ts);
	w->begin = u64_of(swap, d.begin);
	w->pid = u32_of(swap, d.pid);
	w->tid = u32_of(swap, d.tid);
	w->exposed = d.exposed;
	return d.exposed > 1 ? "a fork has a value this brindle does not know" : NULL;
}

static const char *get_clear(const __u8 *p, bool swap, struct clear *c)
{
	struct disk_clear d;

	memcpy(&d, p, sizeof(d));
	c->ts = u64_of(swap, d.head.ts);
	c->pid = u32_of(swap, d.pid);
	c->tid = u32_of(swap, d.tid);
	c->user = u64_of(swap, d.user);
	c->facts = d.facts;
	if (!get_side(&d.destination, swap, &c->destination) || (d.facts & ~FACTS_STORED))
		return "a clear has a value this brindle does not know";
	return NULL;
}

/* The count of copies or clears, which stands where one alone has its pid and tid. */
static void get_count(const __u8 *p, size_t at, bool swap, struct event *ev)
{
	memcpy(&ev->count, p + at, sizeof(ev->count));
	ev->count = u64_of(swap, ev->count);
}

static const char *get_copies(const __u8 *p, bool swap, struct event *ev)
{
	const char *why = get_copy(p, swap, &ev->copy);

	ev->copy.pid = ev->copy.tid = 0;
	get_count(p, offsetof(struct disk_copies, count), swap, ev);
	return why;
}

static const char *get_clears(const __u8 *p, bool swap, struct event *ev)
{
	const char *why = get_clear(p, swap, &ev->clear);

	ev->clear.pid = ev->clear.tid = 0;
	get_count(p, offsetof(struct disk_clears, count), swap, ev);
	return why;
}

static void get_process(const __u8 *p, bool swap, struct disk_process *d)
{
	memcpy(d, p, sizeof(*d));
	d->pid = u32_of(swap, d->pid);
}

static void get_end(const __u8 *p, bool swap, struct disk_end *d)
{
	memcpy(d, p, sizeof(*d));
	d->copies = u64_of(swap, d->copies);
	d->forks = u64_of(swap, d->forks);
	d->clears = u64_of(swap, d->clears);
	d->lost = u64_of(swap, d->lost);
	d->missed = u64_of(swap, d->missed);
}

const char *stream__record(struct rstream *s, bool swap, struct disk_record *rec)
{
	static const __u8 sizes[] = {
		[DISK_COPY] = sizeof(struct disk_copy),
		[DISK_FORK] = sizeof(struct disk_fork),
		[DISK_PROCESS] = sizeof(struct disk_process),
		[DISK_END] = sizeof(struct disk_end),
		[DISK_CLEAR] = sizeof(struct disk_clear),
		[DISK_COPIES] = sizeof(struct disk_copies),
		[DISK_CLEARS] = sizeof(struct disk_clears),
	};
	const __u8 *p = s->packet + s->pos;
	const __u32 left = s->used - s->pos;
	const char *why = NULL;
	struct disk_head h;
	__u64 ts;
	__u16 id;

	if (left < sizeof(h))
		return "an event is cut off";
	memcpy(&h, p, sizeof(h));
	id = u16_of(swap, h.id);
	ts = u64_of(swap, h.ts);
	if (id < DISK_COPY || id > DISK_LAST)
		return "an event of unknown kind";
	if (left < sizes[id])
		return "an event is cut off";
	if (ts < s->ts_last)
		return "time runs backwards";
	s->ts_last = ts;
	s->pos += sizes[id];
	rec->id = id;
	rec->size = sizes[id];
	rec->event.count = 1;
	if (id == DISK_COPY)
		why = get_copy(p, swap, &rec->event.copy);
	else if (id == DISK_FORK)
		why = get_fork(p, swap, &rec->event.window);
	else if (id == DISK_CLEAR)
		why = get_clear(p, swap, &rec->event.clear);
	else if (id == DISK_COPIES)
		why = get_copies(p, swap, &rec->event);
	else if (id == DISK_CLEARS)
		why = get_clears(p, swap, &rec->event);
	else if (id == DISK_PROCESS)
		get_process(p, swap, &rec->process);
	else
		get_end(p, swap, &rec->end);
	return why;
}

/* ---- names of processes ---- */

static struct comm_entry *slot_of(struct comm_entry *slots, __u32 size, __u32 pid)
{
	__u32 i = (pid * 2654435761U) & (size - 1);

	while (slots[i].used && slots[i].pid != pid)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static bool grow(struct comm_table *t)
{
	__u32 size = t->size ? t->size * 2 : 64, i;
	struct comm_entry *slots;

	if (size < t->size)
		return false;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	for (i = 0; i < t->size; i++)
		if (t->slots[i].used)
			*slot_of(slots, size, t->slots[i].pid) = t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->size = size;
	return true;
}

bool comms__set(struct comm_table *t, __u32 pid, const char comm[COMM_LEN])
{
	struct comm_entry *slot;

	if (t->used >= t->size / 4 * 3 && !grow(t))
		return false;
	slot = slot_of(t->slots, t->size, pid);
	t->used += !slot->used;
	slot->used = true;
	slot->pid = pid;
	memcpy(slot->comm, comm, COMM_LEN);
	slot->comm[COMM_LEN] = '\0';
	return true;
}

const char *comms__get(const struct comm_table *t, __u32 pid)
{
	const struct comm_entry *slot;

	if (!t->size)
		return "?";
	slot = slot_of(t->slots, t->size, pid);
	return slot->used ? slot->comm : "?";
}
