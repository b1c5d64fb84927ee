// SPDX-License-Identifier: GPL-2.0-only
/* The events of a packet. */
#include <string.h>
#include "recording/stream.h"

static const __u8 sizes[DISK_LAST + 1] = {
	[DISK_COPY] = sizeof(struct disk_copy),
	[DISK_FORK] = sizeof(struct disk_fork),
	[DISK_PROCESS] = sizeof(struct disk_process),
	[DISK_END] = sizeof(struct disk_end),
	[DISK_CLEAR] = sizeof(struct disk_clear),
	[DISK_COPIES] = sizeof(struct disk_copy),
	[DISK_CLEARS] = sizeof(struct disk_clear),
	[DISK_COPY_STEPS] = sizeof(struct disk_copy_steps),
	[DISK_CLEAR_STEPS] = sizeof(struct disk_clear_steps),
	[DISK_COPIES_STEPS] = sizeof(struct disk_copy_steps),
	[DISK_CLEARS_STEPS] = sizeof(struct disk_clear_steps),
	[DISK_COPY_1] = sizeof(struct disk_copy_1),
	[DISK_CLEAR_1] = sizeof(struct disk_clear_1),
};

/*
 * Values are checked as they are on disk: but for the facts and steps of events with steps, all
 * of them are single bytes and have no byte order. The functions that get swap are inline, so
 * that where it is a constant the byte order is not tested again for each field.
 */
static inline bool known_side(const struct disk_side *d)
{
	return (d->seen & 15) < MAPPING_COUNT && d->seen >> 4 < EVIDENCE_COUNT;
}

static inline bool known_steps(const struct disk_steps *d, bool swap)
{
	unsigned int i;

	for (i = 0; i < STEPS_MAX; i++) {
		const unsigned int kind = STEP_KIND(u16_of(swap, d->step[i]));

		if (i < d->steps ? kind == STEP_NONE || kind >= STEP_KINDS : d->step[i] != 0)
			return false;
	}
	return d->steps <= STEPS_MAX;
}

static inline const char *check_copy_body(const struct disk_copy_body *d, bool known)
{
	return known && known_side(&d->source) && known_side(&d->destination) ? NULL :
	       "a copy has a value this brindle does not know";
}

static inline const char *check_copy(const struct disk_copy *d)
{
	return check_copy_body(&d->body, d->path < PATH_COUNT && !(d->facts & ~FACTS_PLAIN));
}

static inline const char *check_copy_steps(const struct disk_copy_steps *d, bool swap)
{
	return check_copy_body(&d->body, d->path < PATH_COUNT &&
					 !(u16_of(swap, d->facts) & ~FACTS_STORED) &&
					 known_steps(&d->steps, swap));
}

static const char *check_fork(const struct disk_fork *d)
{
	return d->exposed > 1 ? "a fork has a value this brindle does not know" : NULL;
}

static const char *check_clear_body(const struct disk_clear_body *d, bool known)
{
	return known && known_side(&d->destination) ? NULL :
	       "a clear has a value this brindle does not know";
}

static const char *check_clear(const struct disk_clear *d)
{
	return check_clear_body(&d->body, !(d->facts & ~FACTS_PLAIN));
}

static const char *check_clear_steps(const struct disk_clear_steps *d, bool swap)
{
	return check_clear_body(&d->body, !(u16_of(swap, d->facts) & ~FACTS_STORED) &&
					  known_steps(&d->steps, swap));
}

static inline __attribute__((always_inline))
void get_side(const struct disk_side *d, bool swap, struct side *side)
{
	side->pfn = u64_of(swap, d->pfn);
	side->va = u64_of(swap, d->va);
	side->kind = d->seen & 15;
	side->evidence = d->seen >> 4;
}

/*
 * A step is made of the flush that an event without steps has as a fact: whether it came before
 * the copy or after it is not known, so the copy itself is not among the steps. All mappings
 * that were flushed have an address; without one the pfn tells the colour of a linear mapping.
 */
static inline __attribute__((always_inline))
__u8 get_flush(const struct side *destination, __u8 facts, __u32 page_shift, __u16 *step)
{
	if (!(facts & FACT_FLUSHED_DST))
		return 0;
	*step = STEP(STEP_FLUSH, STEP_OF_DESTINATION,
		     destination->va ? destination->va >> page_shift : destination->pfn);
	return 1;
}

/* Entries of step from steps on stay as they are: nobody reads them. */
static inline __u8 get_steps(const struct disk_steps *d, bool swap, __u16 *step)
{
	unsigned int i;

	for (i = 0; i < STEPS_MAX; i++)
		step[i] = u16_of(swap, d->step[i]);
	return d->steps;
}

static inline __attribute__((always_inline))
void get_copy_body(const struct disk_copy_body *d, bool swap, struct copy *c)
{
	c->pid = u32_of(swap, d->whose.pid);
	c->tid = u32_of(swap, d->whose.tid);
	c->user = u64_of(swap, d->user);
	get_side(&d->source, swap, &c->source);
	get_side(&d->destination, swap, &c->destination);
}

static inline __attribute__((always_inline))
void get_copy(const struct disk_copy *d, bool swap, __u32 page_shift, struct copy *c)
{
	c->ts = u64_of(swap, d->head.ts);
	get_copy_body(&d->body, swap, c);
	c->path = d->path;
	c->facts = d->facts;
	c->steps = get_flush(&c->destination, d->facts, page_shift, c->step);
}

static inline void get_copy_steps(const struct disk_copy_steps *d, bool swap, struct copy *c)
{
	c->ts = u64_of(swap, d->head.ts);
	get_copy_body(&d->body, swap, c);
	c->path = d->path;
	c->facts = u16_of(swap, d->facts);
	c->steps = get_steps(&d->steps, swap, c->step);
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
		.body.whose.pid = old->pid,
		.body.whose.tid = old->tid,
		.body.user = old->user,
	};

	side_of_1(&old->source, &d.body.source);
	side_of_1(&old->destination, &d.body.destination);
	return d;
}

static struct disk_clear clear_of_1(const struct disk_clear_1 *old)
{
	struct disk_clear d = {
		.head = old->head,
		.facts = old->facts,
		.body.whose.pid = old->pid,
		.body.whose.tid = old->tid,
		.body.user = old->user,
	};

	side_of_1(&old->destination, &d.body.destination);
	return d;
}

/* ---- all schemas ---- */

static void get_fork(const struct disk_fork *d, bool swap, struct window *w)
{
	w->ts = u64_of(swap, d->head.ts);
	w->begin = u64_of(swap, d->begin);
	w->pid = u32_of(swap, d->pid);
	w->tid = u32_of(swap, d->tid);
	w->exposed = d->exposed;
}

static void get_clear_body(const struct disk_clear_body *d, bool swap, struct clear *c)
{
	c->pid = u32_of(swap, d->whose.pid);
	c->tid = u32_of(swap, d->whose.tid);
	c->user = u64_of(swap, d->user);
	get_side(&d->destination, swap, &c->destination);
}

static void get_clear(const struct disk_clear *d, bool swap, __u32 page_shift, struct clear *c)
{
	c->ts = u64_of(swap, d->head.ts);
	get_clear_body(&d->body, swap, c);
	c->facts = d->facts;
	c->steps = get_flush(&c->destination, d->facts, page_shift, c->step);
}

static void get_clear_steps(const struct disk_clear_steps *d, bool swap, struct clear *c)
{
	c->ts = u64_of(swap, d->head.ts);
	get_clear_body(&d->body, swap, c);
	c->facts = u16_of(swap, d->facts);
	c->steps = get_steps(&d->steps, swap, c->step);
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
	const struct disk_copy_steps *copy_steps = p;
	const struct disk_clear_steps *clear_steps = p;
	const struct disk_copy *copy = p;
	const struct disk_clear *clear = p;
	struct disk_copy copy_1;
	struct disk_clear clear_1;

	switch (s->id) {
	case DISK_COPY:
		n->copies++;
		return check_copy(copy);
	case DISK_COPY_STEPS:
		n->copies++;
		return check_copy_steps(copy_steps, swap);
	case DISK_COPY_1:
		n->copies++;
		copy_1 = copy_of_1(p);
		return check_copy(&copy_1);
	case DISK_COPIES:
		n->copies += u64_of(swap, copy->body.whose.count);
		return check_copy(copy);
	case DISK_COPIES_STEPS:
		n->copies += u64_of(swap, copy_steps->body.whose.count);
		return check_copy_steps(copy_steps, swap);
	case DISK_FORK:
		return check_fork(p);
	case DISK_CLEAR:
		n->clears++;
		return check_clear(clear);
	case DISK_CLEAR_STEPS:
		n->clears++;
		return check_clear_steps(clear_steps, swap);
	case DISK_CLEAR_1:
		n->clears++;
		clear_1 = clear_of_1(p);
		return check_clear(&clear_1);
	case DISK_CLEARS:
		n->clears += u64_of(swap, clear->body.whose.count);
		return check_clear(clear);
	case DISK_CLEARS_STEPS:
		n->clears += u64_of(swap, clear_steps->body.whose.count);
		return check_clear_steps(clear_steps, swap);
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
	get_copy(d, swap, s->page_shift, &ev->copy);
	ev->comm = comms__get(&s->comms, ev->copy.pid);
	return check_copy(d);
}

static inline __attribute__((always_inline))
const char *decode_copy_steps(const struct rstream *s, const struct disk_copy_steps *d, bool swap,
			      struct event *ev)
{
	ev->type = EVENT_COPY;
	get_copy_steps(d, swap, &ev->copy);
	ev->comm = comms__get(&s->comms, ev->copy.pid);
	return check_copy_steps(d, swap);
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
	get_clear(d, swap, s->page_shift, &ev->clear);
	ev->comm = comms__get(&s->comms, ev->clear.pid);
	return check_clear(d);
}

static const char *decode_clear_steps(const struct rstream *s, const struct disk_clear_steps *d,
				      bool swap, struct event *ev)
{
	ev->type = EVENT_CLEAR;
	get_clear_steps(d, swap, &ev->clear);
	ev->comm = comms__get(&s->comms, ev->clear.pid);
	return check_clear_steps(d, swap);
}

/* Turns the event of a copy or clear that was decoded into one of record --totals. */
static void make_total(const union disk_whose *whose, bool swap, struct event *ev)
{
	if (ev->type == EVENT_COPY)
		ev->copy.pid = ev->copy.tid = 0;
	else
		ev->clear.pid = ev->clear.tid = 0;
	ev->comm = "?";
	ev->count = u64_of(swap, whose->count);
}

static __attribute__((noinline))
const char *decode_slow(const struct rstream *s, bool swap, struct event *ev)
{
	const void *p = s->packet + s->pos;
	const struct disk_copy_steps *copy_steps = p;
	const struct disk_clear_steps *clear_steps = p;
	const struct disk_copy *copy = p;
	const struct disk_clear *clear = p;
	struct disk_copy copy_1;
	struct disk_clear clear_1;
	const char *why;

	switch (s->id) {
	case DISK_FORK:
		return decode_fork(s, p, swap, ev);
	case DISK_CLEAR:
		return decode_clear(s, clear, swap, ev);
	case DISK_CLEAR_STEPS:
		return decode_clear_steps(s, clear_steps, swap, ev);
	case DISK_CLEAR_1:
		clear_1 = clear_of_1(p);
		return decode_clear(s, &clear_1, swap, ev);
	case DISK_COPIES:
		why = decode_copy(s, copy, swap, ev);
		make_total(&copy->body.whose, swap, ev);
		return why;
	case DISK_COPIES_STEPS:
		why = decode_copy_steps(s, copy_steps, swap, ev);
		make_total(&copy_steps->body.whose, swap, ev);
		return why;
	case DISK_CLEARS:
		why = decode_clear(s, clear, swap, ev);
		make_total(&clear->body.whose, swap, ev);
		return why;
	case DISK_CLEARS_STEPS:
		why = decode_clear_steps(s, clear_steps, swap, ev);
		make_total(&clear_steps->body.whose, swap, ev);
		return why;
	default:
		copy_1 = copy_of_1(p);
		return decode_copy(s, &copy_1, swap, ev);
	}
}

/* Errors in the next event are not reported here: look() finds them again when its turn comes. */
static inline __attribute__((always_inline))
const char *decode_event(struct rstream *s, bool swap, struct event *ev)
{
	const void *p = s->packet + s->pos;
	const char *why;

	ev->count = 1;
	if (s->id == DISK_COPY)
		why = decode_copy(s, p, swap, ev);
	else if (s->id == DISK_COPY_STEPS)
		why = decode_copy_steps(s, p, swap, ev);
	else
		why = decode_slow(s, swap, ev);
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
