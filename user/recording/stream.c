// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "recording/stream.h"

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

/* Reads size bytes at offset, fewer only at the end of the file. Returns their number or -errno. */
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
 * Is there nothing but zeros from s->at on? A power cut leaves such a tail when the file
 * system had written the new size and not the data. n bytes are already read, at s->packet.
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
 * Does another packet begin in the n bytes at p? Asked when the file seems to end inside the
 * packet at p: if there is another head, it is the packet's size that is damaged.
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

/* Checks what can be checked without the content; n bytes of the packet are at p. */
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

/* Checks the packet against those before it, and updates s. */
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
	s->ts = 0;
	s->lost = 0;
	s->missed = 0;
}

/* ---- events ---- */

static const __u8 sizes[DISK_LAST + 1] = {
	[DISK_COPY] = sizeof(struct disk_copy),
	[DISK_FORK] = sizeof(struct disk_fork),
	[DISK_PROCESS] = sizeof(struct disk_process),
	[DISK_END] = sizeof(struct disk_end),
	[DISK_CLEAR] = sizeof(struct disk_clear),
	[DISK_COPIES] = sizeof(struct disk_copies),
	[DISK_CLEARS] = sizeof(struct disk_clears),
	[DISK_COPY_1] = sizeof(struct disk_copy_1),
	[DISK_CLEAR_1] = sizeof(struct disk_clear_1),
};

/*
 * Values are checked as they are on disk: all of them are single bytes and have no byte order.
 * The functions that get swap are inline, so that where it is a constant the byte order is not
 * tested again for each field.
 */
static inline bool known_side(const struct disk_side *d)
{
	return (d->seen & 15) < MAPPING_COUNT && d->seen >> 4 < EVIDENCE_COUNT;
}

static inline const char *check_copy(const struct disk_copy *d)
{
	return d->path < PATH_COUNT && !(d->facts & ~FACTS_STORED) && known_side(&d->source) &&
	       known_side(&d->destination) ? NULL : "a copy has a value this brindle does not know";
}

static const char *check_fork(const struct disk_fork *d)
{
	return d->exposed > 1 ? "a fork has a value this brindle does not know" : NULL;
}

static const char *check_clear(const struct disk_clear *d)
{
	return !(d->facts & ~FACTS_STORED) && known_side(&d->destination) ? NULL :
	       "a clear has a value this brindle does not know";
}

static inline __attribute__((always_inline))
void get_side(const struct disk_side *d, bool swap, struct side *side)
{
	side->pfn = u64_of(swap, d->pfn);
	side->va = u64_of(swap, d->va);
	side->kind = d->seen & 15;
	side->evidence = d->seen >> 4;
}

static inline __attribute__((always_inline))
void get_copy(const struct disk_copy *d, bool swap, struct copy *c)
{
	c->ts = u64_of(swap, d->head.ts);
	c->pid = u32_of(swap, d->pid);
	c->tid = u32_of(swap, d->tid);
	c->user = u64_of(swap, d->user);
	get_side(&d->source, swap, &c->source);
	get_side(&d->destination, swap, &c->destination);
	c->path = d->path;
	c->facts = d->facts;
}

/*
 * ---- schema 1: the same fields in other places. Kind and evidence had a byte each; values
 * that do not fit into half a byte become 0xff, which known_side() refuses. ----
 */

static void side_of_1(const struct disk_side_1 *old, struct disk_side *d)
{
	const bool fits = old->kind < 16 && old->evidence < 16;

	d->pfn = old->pfn;
	d->va = old->va;
	d->seen = fits ? DISK_SEEN(old->kind, old->evidence) : 0xff;
}

static struct disk_copy copy_of_1(const struct disk_copy_1 *old)
{
	struct disk_copy d = {
		.head = old->head,
		.path = old->path,
		.facts = old->facts,
		.pid = old->pid,
		.tid = old->tid,
		.user = old->user,
	};

	side_of_1(&old->source, &d.source);
	side_of_1(&old->destination, &d.destination);
	return d;
}

static struct disk_clear clear_of_1(const struct disk_clear_1 *old)
{
	struct disk_clear d = {
		.head = old->head,
		.facts = old->facts,
		.pid = old->pid,
		.tid = old->tid,
		.user = old->user,
	};

	side_of_1(&old->destination, &d.destination);
	return d;
}

/* ---- both schemas ---- */

static void get_fork(const struct disk_fork *d, bool swap, struct window *w)
{
	w->ts = u64_of(swap, d->head.ts);
	w->begin = u64_of(swap, d->begin);
	w->pid = u32_of(swap, d->pid);
	w->tid = u32_of(swap, d->tid);
	w->exposed = d->exposed;
}

static void get_clear(const struct disk_clear *d, bool swap, struct clear *c)
{
	c->ts = u64_of(swap, d->head.ts);
	c->pid = u32_of(swap, d->pid);
	c->tid = u32_of(swap, d->tid);
	c->user = u64_of(swap, d->user);
	c->facts = d->facts;
	get_side(&d->destination, swap, &c->destination);
}

static void get_end(const struct disk_end *d, bool swap, struct disk_end *end)
{
	end->copies = u64_of(swap, d->copies);
	end->forks = u64_of(swap, d->forks);
	end->clears = u64_of(swap, d->clears);
	end->lost = u64_of(swap, d->lost);
	end->missed = u64_of(swap, d->missed);
}

/* Does recording__next give such events? */
static inline bool for_caller(enum disk_event id)
{
	return id != DISK_PROCESS && id != DISK_END;
}

static inline __attribute__((always_inline))
const char *look(struct rstream *s, bool swap)
{
	const struct disk_head *h = (const void *)(s->packet + s->pos);
	const __u32 left = s->used - s->pos;
	__u64 ts;
	__u16 id;

	if (left < sizeof(*h))
		return "an event is cut off";
	id = u16_of(swap, h->id);
	ts = u64_of(swap, h->ts);
	if (id > DISK_LAST || !sizes[id])
		return "an event of unknown kind";
	if (left < sizes[id])
		return "an event is cut off";
	if (ts < s->ts)
		return "time runs backwards";
	s->id = id;
	s->ts = ts;
	return NULL;
}

const char *stream__look(struct rstream *s, bool swap)
{
	const char *why = look(s, swap);

	s->ready = !why && for_caller(s->id);
	return why;
}

void stream__skip(struct rstream *s)
{
	s->pos += sizes[s->id];
}

static inline __attribute__((always_inline))
const char *check_event(const struct rstream *s, bool swap, struct disk_counts *n)
{
	const void *p = s->packet + s->pos;
	struct disk_clear clear;
	struct disk_copy copy;

	switch (s->id) {
	case DISK_COPY:
		n->copies++;
		return check_copy(p);
	case DISK_COPY_1:
		n->copies++;
		copy = copy_of_1(p);
		return check_copy(&copy);
	case DISK_COPIES:
		n->copies += u64_of(swap, ((const struct disk_copies *)p)->count);
		return check_copy(p);
	case DISK_FORK:
		return check_fork(p);
	case DISK_CLEAR:
		n->clears++;
		return check_clear(p);
	case DISK_CLEAR_1:
		n->clears++;
		clear = clear_of_1(p);
		return check_clear(&clear);
	case DISK_CLEARS:
		n->clears += u64_of(swap, ((const struct disk_clears *)p)->count);
		return check_clear(p);
	case DISK_END:
		get_end(p, swap, &n->end);
		return n->of[DISK_END] ? "a second end event" : NULL;
	case DISK_PROCESS:
		break;
	}
	return NULL;
}

static inline __attribute__((always_inline))
const char *check_events(struct rstream *s, bool swap, struct disk_counts *n)
{
	while (s->pos < s->used) {
		const char *why = look(s, swap);

		if (!why)
			why = check_event(s, swap, n);
		if (why)
			return why;
		n->of[s->id]++;
		stream__skip(s);
	}
	return NULL;
}

const char *stream__check(struct rstream *s, bool swap, struct disk_counts *n)
{
	return swap ? check_events(s, true, n) : check_events(s, false, n);
}

static inline __attribute__((always_inline))
const char *decode_copy(const struct rstream *s, const struct disk_copy *d, bool swap,
			struct event *ev)
{
	ev->type = EVENT_COPY;
	get_copy(d, swap, &ev->copy);
	ev->comm = comms__get(&s->comms, ev->copy.pid);
	return check_copy(d);
}

static const char *decode_fork(const struct rstream *s, const struct disk_fork *d, bool swap,
			       struct event *ev)
{
	ev->type = EVENT_WINDOW;
	get_fork(d, swap, &ev->window);
	ev->comm = comms__get(&s->comms, ev->window.pid);
	return check_fork(d);
}

static const char *decode_clear(const struct rstream *s, const struct disk_clear *d, bool swap,
				struct event *ev)
{
	ev->type = EVENT_CLEAR;
	get_clear(d, swap, &ev->clear);
	ev->comm = comms__get(&s->comms, ev->clear.pid);
	return check_clear(d);
}

/* Events of record --totals: a count is where a single copy has its pid and tid. */
static const char *decode_copies(const struct rstream *s, const struct disk_copies *d, bool swap,
				 struct event *ev)
{
	const char *why = decode_copy(s, (const struct disk_copy *)d, swap, ev);

	ev->copy.pid = ev->copy.tid = 0;
	ev->comm = "?";
	ev->count = u64_of(swap, d->count);
	return why;
}

static const char *decode_clears(const struct rstream *s, const struct disk_clears *d, bool swap,
				 struct event *ev)
{
	const char *why = decode_clear(s, (const struct disk_clear *)d, swap, ev);

	ev->clear.pid = ev->clear.tid = 0;
	ev->comm = "?";
	ev->count = u64_of(swap, d->count);
	return why;
}

static __attribute__((noinline))
const char *decode_slow(const struct rstream *s, bool swap, struct event *ev)
{
	const void *p = s->packet + s->pos;
	struct disk_clear clear;
	struct disk_copy copy;

	if (s->id == DISK_FORK)
		return decode_fork(s, p, swap, ev);
	if (s->id == DISK_CLEAR)
		return decode_clear(s, p, swap, ev);
	if (s->id == DISK_CLEAR_1) {
		clear = clear_of_1(p);
		return decode_clear(s, &clear, swap, ev);
	}
	if (s->id == DISK_COPIES)
		return decode_copies(s, p, swap, ev);
	if (s->id == DISK_CLEARS)
		return decode_clears(s, p, swap, ev);
	copy = copy_of_1(p);
	return decode_copy(s, &copy, swap, ev);
}

/* Errors in the next event are not reported here: look() finds them again when its turn comes. */
static inline __attribute__((always_inline))
const char *decode_event(struct rstream *s, bool swap, struct event *ev)
{
	const void *p = s->packet + s->pos;
	const char *why;

	ev->count = 1;
	why = s->id == DISK_COPY ? decode_copy(s, p, swap, ev) : decode_slow(s, swap, ev);
	ev->cpu = s->cpu;
	s->pos += sizes[s->id];
	s->ready = s->pos < s->used && !look(s, swap) && for_caller(s->id);
	return why;
}

const char *stream__event(struct rstream *s, bool swap, struct event *ev)
{
	return swap ? decode_event(s, true, ev) : decode_event(s, false, ev);
}

void stream__process(struct rstream *s, bool swap, struct disk_process *d)
{
	memcpy(d, s->packet + s->pos, sizeof(*d));
	d->pid = u32_of(swap, d->pid);
	stream__skip(s);
}
