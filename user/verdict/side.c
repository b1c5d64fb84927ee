// SPDX-License-Identifier: GPL-2.0-only
#include "verdict/replay.h"
#include "verdict/side.h"

/* The place of each colour in the symbolic cache; the user's is the first. */
#define USER	0

struct places {
	unsigned int kernel, access;
};

/* One course of events: what is not known has been decided. */
struct course {
	const struct side_play *play;
	const struct frame_start *start;
	struct places at;
	int copy_at;		/* the copy is made before this step, -1 = where its step stands */
	bool unknown_pages;	/* steps of an unknown page were of this one */
	bool kernel_flushes, user_flushes, all_flushes;	/* unseen ones, whenever they help */
	bool discards;		/* lines of all colours dropped unseen, whenever that hurts */
	struct replay cache;
	bool read_old;
	bool elsewhere;		/* an access was in a colour that has no place */
};

static bool is_source(const struct course *c)
{
	return c->play->page == STEP_OF_SOURCE;
}

/* Flushes that nobody would have seen, between any two things that were. */
static void flush_unseen(struct course *c)
{
	unsigned int place;

	if (c->kernel_flushes) {
		replay__apply(&c->cache, REPLAY_FLUSH, c->at.kernel);
		replay__apply(&c->cache, REPLAY_FLUSH, c->at.access);
	}
	if (c->user_flushes)
		replay__apply(&c->cache, REPLAY_FLUSH, USER);
	for (place = 0; c->all_flushes && place < REPLAY_PLACES; place++)
		replay__apply(&c->cache, REPLAY_FLUSH, place);
}

static void discard_unseen(struct course *c)
{
	unsigned int place;

	for (place = 0; c->discards && place < REPLAY_PLACES; place++)
		replay__apply(&c->cache, REPLAY_DISCARD, place);
}

static void access(struct course *c, unsigned int place)
{
	flush_unseen(c);
	discard_unseen(c);
	if (is_source(c) && replay__can_be_old(&c->cache, place))
		c->read_old = true;
	replay__apply(&c->cache, is_source(c) ? REPLAY_READ : REPLAY_WRITE, place);
	flush_unseen(c);
	discard_unseen(c);
}

/* The place of a colour, REPLAY_PLACES when the frame has no lines there. */
static unsigned int place_of(const struct course *c, __s32 colour)
{
	const struct side_play *p = c->play;

	if (colour == p->user)
		return USER;
	if (colour == p->kernel)
		return c->at.kernel;
	return colour == p->access ? c->at.access : REPLAY_PLACES;
}

static void flush_all(struct course *c)
{
	unsigned int place;

	for (place = 0; place < REPLAY_PLACES; place++)
		replay__apply(&c->cache, REPLAY_FLUSH, place);
}

static void do_step(struct course *c, __u16 step)
{
	const enum step_page page = STEP_PAGE(step);
	const unsigned int place = place_of(c, STEP_COLOUR(step));
	const bool ours = page == c->play->page || (page == STEP_OF_UNKNOWN && c->unknown_pages);

	switch (STEP_KIND(step)) {
	case STEP_READ:
	case STEP_WRITE:
		if (page == c->play->page && place < REPLAY_PLACES)
			access(c, place);
		else if (page == c->play->page)
			c->elsewhere = true;
		break;
	case STEP_FLUSH_ALL:
		flush_all(c);
		break;
	case STEP_FLUSH:
	case STEP_FLUSH_USER:
		if (ours && place < REPLAY_PLACES)
			replay__apply(&c->cache, REPLAY_FLUSH, place);
		break;
	case STEP_DISCARD:
		if (ours && place < REPLAY_PLACES)
			replay__apply(&c->cache, REPLAY_DISCARD, place);
		break;
	}
}

/* Can nobody read old bytes, in the copy or afterwards? */
static bool is_safe(struct course *c)
{
	const struct side_play *p = c->play;
	const unsigned int reader = is_source(c) && c->start->newest == NEWEST_FOR_KERNEL ?
				    c->at.kernel : USER;
	int i;

	replay__start(&c->cache, c->start, USER, c->at.kernel);
	c->read_old = c->elsewhere = false;
	for (i = 0; i < p->steps; i++) {
		discard_unseen(c);
		if (c->copy_at == i)
			access(c, c->at.access);
		do_step(c, p->step[i]);
	}
	if (c->copy_at == p->steps)
		access(c, c->at.access);
	return !c->read_old && !replay__can_be_old(&c->cache, reader);
}

static void play(struct course *c, struct side_result *result)
{
	const bool safe = is_safe(c);

	result->can_be_safe |= safe || c->elsewhere;
	result->can_be_at_risk |= !safe || c->elsewhere;
}

/* With the steps of unknown pages taken either way, and flushes unseen made or not. */
static void play_course(struct course *c, struct side_result *result)
{
	const struct side_play *p = c->play;
	int i, unknown = 0;

	for (i = 0; i < p->steps; i++)
		unknown |= STEP_PAGE(p->step[i]) == STEP_OF_UNKNOWN;
	for (i = 0; i <= unknown; i++) {
		c->unknown_pages = i;
		c->kernel_flushes = c->user_flushes = c->all_flushes = false;
		play(c, result);
		c->kernel_flushes = p->kernel_unwatched;
		c->user_flushes = p->user_unwatched;
		c->all_flushes = p->all_unwatched;
		if (c->kernel_flushes || c->user_flushes || c->all_flushes)
			play(c, result);
		c->kernel_flushes = c->user_flushes = c->all_flushes = false;
		c->discards = p->may_discard;
		if (c->discards)
			play(c, result);
		c->discards = false;
	}
}

/* The copy comes after the mappings made for it, and else at any time. */
static void play_orders(struct course *c, struct side_result *result)
{
	const struct side_play *p = c->play;
	int i, first = 0;

	c->copy_at = -1;
	if (p->accessed) {
		play_course(c, result);
		return;
	}
	for (i = 0; i < p->steps; i++)
		if (STEP_KIND(p->step[i]) == STEP_MAP)
			first = i + 1;
	for (c->copy_at = first; c->copy_at <= p->steps; c->copy_at++)
		play_course(c, result);
}

/* A colour that is not known may be one of the others, or one of its own. */
static void play_colours(struct course *c, struct side_result *result)
{
	const struct side_play *p = c->play;
	const bool kernel_known = p->kernel >= 0, access_known = p->access >= 0;
	unsigned int kernel, access;

	for (kernel = 0; kernel <= 1; kernel++) {
		if (kernel_known && (p->kernel == p->user) != !kernel)
			continue;
		for (access = 0; access < REPLAY_PLACES; access++) {
			if (access_known && (p->access == p->user) != !access)
				continue;
			if (access_known && kernel_known && access &&
			    (p->access == p->kernel) != (access == kernel))
				continue;
			c->at = (struct places){ kernel, access };
			play_orders(c, result);
		}
	}
}

struct side_result side__play(const struct side_play *p)
{
	struct side_result result = {};
	struct course c = { .play = p };
	int i;

	for (i = 0; i < p->starts; i++) {
		c.start = &p->start[i];
		play_colours(&c, &result);
	}
	return result;
}
