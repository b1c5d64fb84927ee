// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows copies from copy_user_highpage(to, from, user address) to the reads of
 * copy_page(to, from). A thread can be preempted between the two, and on some kernels inside
 * copy_page, and another thread may copy meanwhile: so each thread has its own slot.
 */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

#define SLOTS	256

static struct slot {
	enum { FREE, ENTERED, COPYING } state;
	uint64_t task;
	struct copy copy;
} slots[SLOTS];

static struct slot *running;	/* slot of the running thread; NULL = it copies nothing */
static const struct arch *arch;
static struct cache *cache;
static uint32_t page;	/* bytes */
static uint64_t strays;

/* The last page that a thread cleared. One that shares the place of another takes it. */
static struct clear {
	uint64_t task, va;
	maker_id maker;		/* 0 = none since it copied */
} clears[SLOTS];

static struct clear *clearing;	/* that of the thread that runs; NULL = it has none */

static struct maker *makers;	/* by their ids */
static maker_id makers_room;

void copies__start(const struct arch *of, uint32_t page_size, struct cache *in)
{
	arch = of;
	page = page_size;
	cache = in;
}

static maker_id new_maker(bool clear)
{
	const maker_id maker = cache__maker(cache);

	if (maker >= makers_room) {
		const maker_id room = 2 * maker + 4096;
		struct maker *more = realloc(makers, room * sizeof(*makers));

		if (!more)
			return 0;
		memset(more + makers_room, 0, (room - makers_room) * sizeof(*more));
		makers = more;
		makers_room = room;
	}
	makers[maker].clear = clear;
	return maker;
}

const struct maker *copies__maker(maker_id maker)
{
	return maker && maker < makers_room ? &makers[maker] : NULL;
}

maker_id copies__makers(void)
{
	return makers_room;
}

void copies__blame(const struct stale *stale)
{
	if (copies__maker(stale->culprit))
		makers[stale->culprit].blamed += stale->bytes;
}

static struct slot *find(uint64_t task)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].state != FREE && slots[i].task == task)
			return &slots[i];
	return NULL;
}

static struct clear *place(uint64_t task)
{
	return &clears[(task >> 6) % SLOTS];
}

static struct clear *find_clear(uint64_t task)
{
	struct clear *c = place(task);

	return c->maker && c->task == task ? c : NULL;
}

void copies__switch(uint64_t task)
{
	running = find(task);
	clearing = find_clear(task);
}

static void finish(struct slot *s)
{
	if (s->copy.loaded) {
		const uint64_t seq = output__copy(&s->copy);

		if (s->copy.maker)
			makers[s->copy.maker].seq = seq;
	} else {
		strays++;
	}
	s->state = FREE;
	if (s == running)
		running = NULL;
}

void copies__enter(uint64_t task, uint64_t user)
{
	struct slot *s = find(task);
	size_t i;

	if (s && s->state == ENTERED) {
		strays += s->copy.user != user; /* if equal, one copying function calls another */
		s->copy.user = user;
		return;
	}
	if (clearing)
		clearing->maker = 0; /* what is mapped next is what it copies to */
	clearing = NULL;
	if (s)
		finish(s);
	for (i = 0; i < SLOTS && slots[i].state != FREE; i++)
		;
	if (i == SLOTS) {
		strays++;
		return;
	}
	running = &slots[i];
	memset(running, 0, sizeof(*running));
	running->state = ENTERED;
	running->task = task;
	running->copy.user = user;
}

void copies__begin(uint64_t task, struct task who, uint64_t to, uint64_t from)
{
	struct slot *s = find(task);

	if (s && s->state == COPYING)
		finish(s);
	else if (s) {
		s->state = COPYING;
		s->copy.task = who;
		s->copy.src_va = from;
		s->copy.dst_va = to;
		s->copy.src_ram = s->copy.dst_ram = PAGE_NONE;
		s->copy.maker = new_maker(false);
		cache__made_for(cache, s->copy.maker, s->copy.user);
	} /* else: some other copy of a page */
}

static bool in_page(uint64_t va, uint64_t first)
{
	return va - first < page;
}

static void add_writer(struct copy *copy, const struct stale *stale)
{
	unsigned int i;

	copy->stale += stale->bytes;
	if (stale->blame == BLAME_READER)
		copy->own_fault += stale->bytes;
	for (i = 0; i < copy->nwriters; i++)
		if (copy->writers[i].first.writer.pc == stale->writer.pc &&
		    copy->writers[i].first.blame == stale->blame &&
		    copy->writers[i].first.culprit == stale->culprit)
			break;
	if (i == WRITERS_MAX)
		return;
	if (i == copy->nwriters)
		copy->writers[copy->nwriters++].first = *stale;
	copy->writers[i].bytes += stale->bytes;
}

/* The copy that runs may have read and written all of its page. */
static void finish_whole(void)
{
	if (running->copy.loaded >= page && running->copy.stored >= page)
		finish(running);
}

bool copies__load(const struct access *access, const struct stale *stale)
{
	struct copy *copy = running ? &running->copy : NULL;

	if (!copy || running->state != COPYING || !in_page(access->va, copy->src_va))
		return false;
	if (copy->src_ram == PAGE_NONE)
		copy->src_ram = access->phys & ~(uint64_t)(page - 1);
	copy->loaded += access->size;
	if (stale->bytes)
		add_writer(copy, stale);
	finish_whole();
	return true;
}

static bool stores_copy(struct access *access)
{
	struct copy *copy = running ? &running->copy : NULL;

	if (!copy || running->state != COPYING || !in_page(access->va, copy->dst_va))
		return false;
	if (copy->dst_ram == PAGE_NONE)
		copy->dst_ram = access->phys & ~(uint64_t)(page - 1);
	copy->stored += access->size;
	access->maker = copy->maker;
	finish_whole();
	return true;
}

void copies__store(struct access *access)
{
	if (stores_copy(access) || !clearing || !in_page(access->va, clearing->va))
		return;
	access->maker = clearing->maker;
	makers[clearing->maker].ram = access->phys & ~(uint64_t)(page - 1);
	if (access->va - clearing->va + access->size == page)
		clearing = NULL; /* upwards, so this is the last one */
}

void copies__clear(uint64_t task, uint64_t to)
{
	struct clear *c = place(task);

	if (to % page)
		return;	/* some other memory of that size */
	c->task = task;
	c->va = to;
	c->maker = new_maker(true);
	clearing = c->maker ? c : NULL;
	if (!c->maker)
		return;
	makers[c->maker].va = to;
	makers[c->maker].ram = PAGE_NONE;
}

void copies__mapped(uint64_t task, struct task who, uint64_t user)
{
	struct clear *c = find_clear(task);

	if (!c)
		return;
	cache__made_for(cache, c->maker, user);
	makers[c->maker].task = who;
	makers[c->maker].user = user;
	c->maker = 0;
	clearing = NULL;
}

void copies__end(void)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].state == COPYING)
			finish(&slots[i]);
}

uint64_t copies__strays(void)
{
	return strays;
}
