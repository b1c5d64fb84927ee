// SPDX-License-Identifier: GPL-2.0-only
#include "recorder/steps.h"

struct taking {
	const struct calibration *cal;
	struct copy *copy;
	unsigned int page_shift;
	__u64 offset;		/* mask of an address inside a page */
	bool clear;		/* there is no source */
};

static void add(struct taking *t, enum step_kind kind, enum step_page page, __u64 va)
{
	struct copy *c = t->copy;

	if (page == STEP_OF_OTHER)
		return;
	if (c->steps == STEPS_MAX)
		c->facts |= FACT_STEPS_LOST;
	else
		c->step[c->steps++] = STEP(kind, page, (__u32)va >> t->page_shift);
}

static bool same_page(const struct taking *t, __u64 a, __u64 b)
{
	return a && b && (a ^ b) <= t->offset;
}

/*
 * Which page of the copy is mapped at a kernel address: by the mappings that the copy itself
 * used, or in the linear mapping by the frame. Elsewhere it can be any page.
 */
static enum step_page page_at(const struct taking *t, __u64 va)
{
	const struct side *source = &t->copy->source, *destination = &t->copy->destination;
	__u64 pfn;

	if (same_page(t, va, destination->va))
		return STEP_OF_DESTINATION;
	if (same_page(t, va, source->va))
		return STEP_OF_SOURCE;
	pfn = fit__pfn(&t->cal->linear, va & ~t->offset);
	if (pfn == PFN_UNKNOWN || pfn > t->cal->highest_pfn)
		return STEP_OF_UNKNOWN;
	if (pfn == destination->pfn)
		return STEP_OF_DESTINATION;
	if (pfn == source->pfn)
		return STEP_OF_SOURCE;
	return (source->pfn == PFN_UNKNOWN && !t->clear) || destination->pfn == PFN_UNKNOWN ?
	       STEP_OF_UNKNOWN : STEP_OF_OTHER;
}

/*
 * r4k_flush_cache_page (arch/mips/mm/c-r4k.c) flushes what the page table of the current process
 * has at this address, and nothing where it has no page. During a write fault on a present page
 * that is the source; during the first touch of a file page there is none.
 */
static void add_user_flush(struct taking *t, __u64 va)
{
	const __u8 path = t->copy->path;
	enum step_page page = STEP_OF_UNKNOWN;

	if (same_page(t, va, t->copy->user)) {
		if (path == PATH_COW_FAULT)
			return;
		if (path == PATH_WP || path == PATH_THP || path == PATH_KSM)
			page = STEP_OF_SOURCE;
	}
	add(t, STEP_FLUSH_USER, page, va);
}

/* A flush at va, or without one in the linear mapping, whose colours are those of the pfns. */
static void add_flush(struct taking *t, enum step_page page, __u64 va, const struct side *side)
{
	if (va)
		add(t, STEP_FLUSH, page, va);
	else if (side->pfn != PFN_UNKNOWN)
		add(t, STEP_FLUSH, page, side->pfn << t->page_shift);
	else
		t->copy->facts &= ~FACT_FLUSH_WATCHED;
}

/* The copy itself. */
static void add_call(struct taking *t)
{
	const struct copy *c = t->copy;

	if (c->source.va)
		add(t, STEP_READ, STEP_OF_SOURCE, c->source.va);
	if (c->destination.va)
		add(t, STEP_WRITE, STEP_OF_DESTINATION, c->destination.va);
}

static void take(struct taking *t, __u64 event)
{
	const __u64 va = WIRE_EVENT_VA(event);
	struct copy *c = t->copy;

	switch (WIRE_EVENT_KIND(event)) {
	case EVENT_READ:
		add(t, STEP_READ, page_at(t, va) == STEP_OF_UNKNOWN ? STEP_OF_SOURCE :
		    page_at(t, va), va);
		break;
	case EVENT_WRITE:
		add(t, STEP_WRITE, page_at(t, va) == STEP_OF_UNKNOWN ? STEP_OF_DESTINATION :
		    page_at(t, va), va);
		break;
	case EVENT_MAP:
		add(t, STEP_MAP, STEP_OF_SOURCE, c->source.va);
		break;
	case EVENT_FLUSH:
		add(t, STEP_FLUSH, page_at(t, va), va);
		break;
	case EVENT_FLUSH_SOURCE:
		add_flush(t, STEP_OF_SOURCE, va, &c->source);
		break;
	case EVENT_FLUSH_DESTINATION:
		add_flush(t, STEP_OF_DESTINATION, va, &c->destination);
		break;
	case EVENT_DISCARD:
		add(t, STEP_DISCARD, page_at(t, va), va);
		break;
	case EVENT_FLUSH_USER:
		add_user_flush(t, va);
		break;
	case EVENT_FLUSH_ALL:
		add(t, STEP_FLUSH_ALL, STEP_OF_UNKNOWN, 0);
		break;
	}
}

void steps__take(const struct wire_copy *rec, const struct calibration *cal, struct copy *c)
{
	struct taking t = {
		.cal = cal,
		.copy = c,
		.page_shift = (unsigned int)__builtin_ctz(cal->page_size),
		.offset = cal->page_size - 1,
		.clear = rec->head.type == WIRE_CLEAR,
	};
	/* a clear's call is an event of its own */
	const __u32 call_at = (rec->seen & SEEN_CALL) && !t.clear ? SEEN_CALL_AT(rec->seen) :
			      EVENTS_MAX + 1;
	__u32 i;

	c->steps = 0;
	c->facts |= FACT_STEPS | (rec->seen & SEEN_EVENTS_LOST ? FACT_STEPS_LOST : 0);
	for (i = 0; i < SEEN_EVENTS(rec->seen) && i < EVENTS_MAX; i++) {
		if (call_at == i)
			add_call(&t);
		take(&t, rec->event[i]);
	}
	if (call_at == i)
		add_call(&t);
}
