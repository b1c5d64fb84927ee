// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows copies from copy_user_highpage(to, from, user address) to the reads of
 * copy_page(to, from). A thread can be preempted between the two, and on some kernels inside
 * copy_page, and another thread may copy meanwhile: so each thread has its own slot.
 */
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
static uint32_t page;	/* bytes */
static uint64_t strays;

void copies__start(const struct arch *of, uint32_t page_size)
{
	arch = of;
	page = page_size;
}

static struct slot *find(uint64_t task)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].state != FREE && slots[i].task == task)
			return &slots[i];
	return NULL;
}

void copies__switch(uint64_t task)
{
	running = find(task);
}

static void finish(struct slot *s)
{
	if (s->copy.loaded)
		output__copy(arch, &s->copy, page);
	else
		strays++;
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
	} /* else it is a copy of a page outside of copy_user_highpage */
}

static bool in_page(uint64_t va, uint64_t first)
{
	return va - first < page;
}

static void add_writer(struct copy *copy, const struct stale *stale)
{
	unsigned int i;

	copy->stale += stale->bytes;
	for (i = 0; i < copy->nwriters; i++)
		if (copy->writers[i].writer.pc == stale->writer.pc)
			break;
	if (i == WRITERS_MAX)
		return;
	if (i == copy->nwriters)
		copy->writers[copy->nwriters++].writer = stale->writer;
	copy->writers[i].bytes += stale->bytes;
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
	if (copy->loaded >= page)
		finish(running);
	return true;
}

void copies__store(const struct access *access)
{
	struct copy *copy = running ? &running->copy : NULL;

	if (copy && running->state == COPYING && copy->dst_ram == PAGE_NONE &&
	    in_page(access->va, copy->dst_va))
		copy->dst_ram = access->phys & ~(uint64_t)(page - 1);
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
