// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "recorder/assemble.h"
#include "recorder/steps.h"

static __u64 page_mask(const struct calibration *cal)
{
	return ~(__u64)(cal->page_size - 1);
}

/*
 * Derives the mapping of a side when no probe showed it: the copy window's page of the user's
 * colour or, if the pfn is known, the linear mapping.
 */
static void derive(struct side *s, __u64 user, __u64 window, const struct calibration *cal)
{
	if (cal->copy_kind == MAPPING_WINDOW) {
		s->kind = MAPPING_WINDOW;
		s->evidence = EVIDENCE_DERIVED;
		s->va = window + (user & (cal->span - 1));
		return;
	}
	if (s->pfn == PFN_UNKNOWN)
		return;
	s->kind = MAPPING_LINEAR;
	s->evidence = EVIDENCE_DERIVED;
	s->va = fit__handle(&cal->linear, s->pfn);
}

static void observe_va(struct side *s, __u64 va, const struct calibration *cal)
{
	s->va = va;
	if (s->pfn == PFN_UNKNOWN && s->kind == MAPPING_LINEAR)
		s->pfn = fit__pfn(&cal->linear, va & page_mask(cal));
}

static void observe(struct side *s, __u64 va, __u8 kind, const struct calibration *cal)
{
	s->kind = kind;
	s->evidence = EVIDENCE_OBSERVED;
	observe_va(s, va, cal);
}

/* A side with its pfn, if the struct page is known, and no mapping yet. */
static inline struct side unseen_side(bool known, __u64 page, const struct calibration *cal)
{
	return (struct side){ .pfn = known ? fit__pfn(&cal->page, page) : PFN_UNKNOWN };
}

/* The fields in which all copies differ. */
static void assemble_event(const struct wire_head *head, __u32 pid, __u32 tid, __u64 user,
			   const struct calibration *cal, struct copy *c)
{
	c->ts = head->ts;
	c->pid = pid;
	c->tid = tid;
	c->user = user & page_mask(cal);
}

/*
 * A side whose address the copying call had. It is the page's linear address, or one of another
 * mapping of it; in the linear mapping of another page it cannot be.
 */
static void observe_call(struct side *s, __u64 va, const struct calibration *cal)
{
	__u64 pfn;

	/* the usual case, in which nothing has to be divided */
	if (s->pfn != PFN_UNKNOWN && cal->linear.shift && !((va ^ (cal->linear.base +
	    (s->pfn << cal->linear.shift))) & page_mask(cal))) {
		observe(s, va, MAPPING_LINEAR, cal);
		return;
	}
	pfn = fit__pfn(&cal->linear, va & page_mask(cal));
	if (pfn != PFN_UNKNOWN && pfn == s->pfn)
		observe(s, va, MAPPING_LINEAR, cal);
	else if (pfn == PFN_UNKNOWN || pfn > cal->highest_pfn)
		observe(s, va, cal->call_kind, cal);
}

static void assemble_source(const struct wire_copy *rec, const struct calibration *cal,
			    struct copy *c)
{
	bool by_mapping = rec->seen & SEEN_SRC_PAGE;

	if (rec->seen & SEEN_CALL)
		observe_call(&c->source, rec->src_va, cal);
	else if (rec->seen & SEEN_SRC_VA)
		observe(&c->source, rec->src_va, by_mapping ? cal->mapping_kind : cal->copy_kind,
			cal);
	else
		derive(&c->source, c->user, cal->source_window, cal);
	if (!(rec->seen & SEEN_FLAGS))
		return;
	/* a huge page mapped as a whole does not show in the _mapcount of its small pages */
	if (cal->mapcount_known && !((rec->seen & SEEN_SRC_HUGE) && rec->mapcount < 0))
		c->facts |= FACT_MAPPED_KNOWN | (rec->mapcount >= 0 ? FACT_MAPPED : 0);
	if (cal->dirty_bit >= 0)
		c->facts |= FACT_DIRTY_KNOWN |
			((rec->page_flags >> cal->dirty_bit & 1) != cal->flag_is_clean ?
			 FACT_KERNEL_DIRTY : 0);
}

/* Where the last call before a clear wrote: it made the clear. 0 = it was not seen. */
static __u64 last_written(const struct wire_copy *rec)
{
	__u32 i;

	for (i = SEEN_EVENTS(rec->seen); i > 0; i--)
		if (i <= EVENTS_MAX && WIRE_EVENT_KIND(rec->event[i - 1]) == EVENT_WRITE)
			return WIRE_EVENT_VA(rec->event[i - 1]);
	return 0;
}

static void assemble_destination(const struct wire_copy *rec, const struct calibration *cal,
				 struct copy *c)
{
	/* a copy's probe shows pages or addresses: with pages, the address is from a mapping's */
	const __u8 kind = rec->seen & SEEN_DST_PAGE ? cal->mapping_kind : cal->copy_kind;

	if (rec->head.type == WIRE_CLEAR && last_written(rec))
		observe_call(&c->destination, last_written(rec), cal);
	else if (rec->seen & SEEN_CALL)
		observe_call(&c->destination, rec->dst_va, cal);
	else if (rec->seen & SEEN_DST_VA)
		observe(&c->destination, rec->dst_va, kind, cal);
	else
		derive(&c->destination, c->user, cal->destination_window, cal);
}

enum copy_path assemble__path(const struct wire_copy *rec, const struct calibration *cal)
{
	enum copy_path path = PATH_UNKNOWN;

	if (rec->seen & SEEN_FAULT)
		path = PATH_WP;
	else if (cal->callers)
		path = callers__path(cal->callers, rec->caller);
	if (path == PATH_WP && (rec->seen & SEEN_SRC_KSM))
		return PATH_KSM;
	if (path == PATH_WP && (rec->seen & SEEN_SRC_HUGE))
		return PATH_THP;
	return path;
}

static bool has_flush(const struct copy *c, enum step_page page)
{
	int i;

	for (i = 0; i < c->steps; i++)
		if (STEP_PAGE(c->step[i]) == page && STEP_KIND(c->step[i]) == STEP_FLUSH)
			return true;
	return false;
}

void assemble__copy(const struct wire_copy *rec, const struct calibration *cal, struct copy *c)
{
	/* no memset first, as this runs for every copy: each field is set here or below */
	assemble_event(&rec->head, rec->pid, rec->tid, rec->user, cal, c);
	c->path = assemble__path(rec, cal);
	c->source = unseen_side(rec->seen & SEEN_SRC_PAGE, rec->src_page, cal);
	c->destination = unseen_side(rec->seen & SEEN_DST_PAGE, rec->dst_page, cal);
	c->facts = (cal->mapping_watched ? FACT_MAPPING_WATCHED : 0) |
		   (cal->flush_watched ? FACT_FLUSH_WATCHED : 0) |
		   (cal->user_watched ? FACT_USER_WATCHED : 0) |
		   (cal->all_watched ? FACT_ALL_WATCHED : 0) |
		   (cal->may_discard ? FACT_MAY_DISCARD : 0);
	if (rec->seen & SEEN_FORK_FLUSH)
		c->facts |= FACT_FORK_FLUSHED;
	c->steps = 0;
	assemble_source(rec, cal, c);
	assemble_destination(rec, cal, c);
	if (cal->steps)
		steps__take(rec, cal, c);
	/* no longer kernel-dirty: if the copy itself did not flush it, nobody knows since when */
	if ((rec->seen & SEEN_CLEANED) && !has_flush(c, STEP_OF_SOURCE))
		c->facts &= ~(FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY);
}

/* If both addresses and no struct pages were seen, copies of one key differ only in addresses. */
#define LIKE_NEEDED	(SEEN_SRC_VA | SEEN_DST_VA)
#define LIKE_ALLOWED	(LIKE_NEEDED | SEEN_FAULT | SEEN_SRC_KSM | SEEN_SRC_HUGE)

bool assemble__pattern(const struct wire_copy *rec, const struct calibration *cal,
		       struct pattern *p)
{
	const bool alike = (rec->seen & LIKE_NEEDED) == LIKE_NEEDED && !(rec->seen & ~LIKE_ALLOWED);

	p->key = alike ? rec->seen | PATTERN_KNOWN : 0;
	assemble__copy(rec, cal, &p->copy);
	p->copy.source.pfn = p->copy.destination.pfn = PFN_UNKNOWN;
	return alike;
}

void assemble__copy_fast(const struct wire_short *rec, const struct calibration *cal,
			 const struct pattern *p, struct copy *c)
{
	*c = p->copy;
	assemble_event(&rec->head, rec->pid, rec->tid, rec->user, cal, c);
	observe_va(&c->source, rec->src_va, cal);
	observe_va(&c->destination, rec->dst_va, cal);
}

/* A clear has no source, and what facts there are about one do not matter. */
#define CLEAR_FACTS	(FACT_FLUSH_WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED | FACT_STEPS | \
			 FACT_STEPS_LOST)

bool assemble__clear(const struct wire_copy *rec, const struct calibration *cal,
		     struct clear *clear)
{
	enum copy_path path;
	struct copy c;

	if (!cal->callers)
		return false;	/* the plan has said that clears are not seen */
	path = callers__path(cal->callers, rec->caller);
	/* these clear a new page: faults on anonymous memory, and writes to the zero page */
	if (!(rec->seen & SEEN_AT_ENTRY) && path != PATH_WP && path != PATH_COW_FAULT)
		return false;
	assemble__copy(rec, cal, &c);
	/* what comes after is not seen */
	if ((rec->seen & SEEN_AT_ENTRY) || !cal->clears_watched)
		c.facts &= ~(FACT_FLUSH_WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED);
	if ((rec->seen & SEEN_AT_ENTRY) && !(rec->seen & SEEN_CALL))
		c.facts &= ~FACT_STEPS;
	memset(clear, 0, sizeof(*clear));
	clear->ts = c.ts;
	clear->pid = c.pid;
	clear->tid = c.tid;
	clear->user = c.user;
	clear->destination = c.destination;
	clear->facts = (c.facts & CLEAR_FACTS) |
		       (cal->clears_may_discard ? FACT_MAY_DISCARD : 0);
	clear->steps = c.steps;
	memcpy(clear->step, c.step, sizeof(clear->step));
	return true;
}

void assemble__window(const struct wire_window *rec, struct window *w)
{
	memset(w, 0, sizeof(*w));
	w->ts = rec->head.ts;
	w->begin = rec->begin;
	w->pid = rec->pid;
	w->tid = rec->tid;
	w->exposed = rec->exposed;
}
