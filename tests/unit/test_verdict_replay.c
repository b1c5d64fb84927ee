// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts on sides against a cache with bytes in it (byte_cache.h), for every sequence of up
 * to LENGTH steps, one to four colours, every start. A side is never safe where a byte can be
 * old, never at risk where none can, and unknown only where it depends on what was not told.
 */
#include <stdlib.h>
#include "byte_cache.h"
#include "verdict/verdict.h"
#include "tap.h"

#define LENGTH	6
#define WATCHED	(FACT_FLUSH_WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED | FACT_MAPPING_WATCHED)

/* Colours of a frame, and what its kernel says of it. */
struct setting {
	const char *name;
	__u32 colours, user, kernel, access;
	__u16 facts;
	bool source;
};

/* What a step can be; colours are those of the setting. */
enum { ACCESS, FLUSH_KERNEL, FLUSH_USER, FLUSH_ACCESS, FLUSH_ALL, DISCARD_KERNEL, FLUSH_OTHER_PAGE,
       ALPHABET };

static unsigned long long sequences, wrong, safe, at_risk;

/* ---- what can be, by the rules as the kernel's source has them ---- */

static void put(struct set *s, const struct setting *w, int user, int kernel, bool memory)
{
	struct cache c = {};
	const struct { __u32 colour; int line; } lines[] = { { w->kernel, kernel }, { w->user, user } };
	int i;

	/* -1 nothing, 0 and 1 clean, 2 and 3 dirty: old and newest */
	memcpy(c.memory, memory ? newest : oldest, BYTES);
	for (i = 0; i < 2; i++) {
		if (lines[i].line < 0)
			continue;
		c.valid[lines[i].colour] = true;
		c.dirty[lines[i].colour] = lines[i].line & 2;
		memcpy(c.data[lines[i].colour], lines[i].line & 1 ? newest : oldest, BYTES);
	}
	set__add(s, &c);
}

static void start_source(struct set *s, const struct setting *w)
{
	const bool one = w->user == w->kernel;

	if ((w->facts & FACT_KERNEL_DIRTY) || !(w->facts & FACT_MAPPED)) {
		/* the kernel wrote it last, and no user has seen it */
		put(s, w, -1, -1, true);
		if (one) {
			put(s, w, 3, -1, true);
			put(s, w, 3, -1, false);
		} else {
			put(s, w, -1, 3, true);
			put(s, w, -1, 3, false);
		}
		return;
	}
	/* a user wrote it last; the kernel may have read it before that, or since */
	put(s, w, -1, -1, true);
	put(s, w, 3, -1, true);
	put(s, w, 3, -1, false);
	if (!one) {
		put(s, w, 3, 0, true);
		put(s, w, 3, 0, false);
	}
}

static void start_destination(struct set *s, const struct setting *w)
{
	put(s, w, -1, -1, false);
	if (w->user == w->kernel)
		put(s, w, 2, -1, false);
	else
		put(s, w, -1, 2, false);
}

static void play(const struct set *from, struct set *to, const struct setting *w, int step,
		 bool *read_old)
{
	const struct set *at = from;
	struct set all[COLOURS];
	bool can_be_new, can_be_old;
	int i;

	switch (step) {
	case ACCESS:
		set__reads(from, (int)w->access, &can_be_new, &can_be_old);
		*read_old |= w->source && can_be_old;
		set__operate(from, to, w->source ? REPLAY_READ : REPLAY_WRITE, (int)w->access);
		return;
	case FLUSH_KERNEL:
		set__operate(from, to, REPLAY_FLUSH, (int)w->kernel);
		return;
	case FLUSH_USER:
		set__operate(from, to, REPLAY_FLUSH, (int)w->user);
		return;
	case FLUSH_ACCESS:
		set__operate(from, to, REPLAY_FLUSH, (int)w->access);
		return;
	case DISCARD_KERNEL:
		set__operate(from, to, REPLAY_DISCARD, (int)w->kernel);
		return;
	case FLUSH_ALL:
		for (i = 0; i < COLOURS; i++) {
			set__operate(at, &all[i], REPLAY_FLUSH, i);
			at = &all[i];
		}
		*to = *at;
		return;
	default:
		*to = *from;
	}
}

/* Is it all right for everybody when the steps are over? */
static bool ends_well(const struct set *s, const struct setting *w)
{
	const bool kernels = w->source &&
			     ((w->facts & FACT_KERNEL_DIRTY) || !(w->facts & FACT_MAPPED));
	bool can_be_new, can_be_old;

	set__reads(s, (int)(kernels ? w->kernel : w->user), &can_be_new, &can_be_old);
	return !can_be_old;
}

/* ---- the same as brindle has it ---- */

static __u16 step_of(const struct setting *w, int step)
{
	const enum step_page page = w->source ? STEP_OF_SOURCE : STEP_OF_DESTINATION;

	switch (step) {
	case ACCESS:
		return STEP(w->source ? STEP_READ : STEP_WRITE, page, w->access);
	case FLUSH_KERNEL:
		return STEP(STEP_FLUSH, page, w->kernel);
	case FLUSH_USER:
		return STEP(STEP_FLUSH_USER, page, w->user);
	case FLUSH_ACCESS:
		return STEP(STEP_FLUSH, page, w->access);
	case DISCARD_KERNEL:
		return STEP(STEP_DISCARD, page, w->kernel);
	case FLUSH_ALL:
		return STEP(STEP_FLUSH_ALL, page, 0);
	default:
		return STEP(STEP_FLUSH, STEP_OF_OTHER, w->user);
	}
}

static enum copy_verdict verdict_of(const struct setting *w, const int *steps, int n)
{
	const struct geometry g = { .span = w->colours * 4096, .page_size = 4096 };
	const struct side side = { w->kernel, 0x80000000 + w->access * 4096,
				   w->access == w->kernel ? MAPPING_LINEAR : MAPPING_COHERENT,
				   EVIDENCE_OBSERVED };
	/* the other side has one colour for all, and is accessed along: quickly judged */
	const struct side other = { w->user, 0x80000000 + w->user * 4096, MAPPING_LINEAR,
				    EVIDENCE_OBSERVED };
	struct copy c = { .user = 0x400000 + w->user * 4096, .facts = w->facts | WATCHED,
			  .source = w->source ? side : other,
			  .destination = w->source ? other : side };
	struct verdict v;
	int i;

	for (i = 0; i < n; i++) {
		c.step[c.steps++] = step_of(w, steps[i]);
		if (steps[i] == ACCESS)
			c.step[c.steps++] = w->source ?
				STEP(STEP_WRITE, STEP_OF_DESTINATION, w->user) :
				STEP(STEP_READ, STEP_OF_SOURCE, w->user);
	}
	verdict__judge(&arch_mips, &g, &c, false, &v);
	return verdict__of_side(w->source ? &v.source : &v.destination);
}

static void compare(const struct setting *w, const int *steps, int n, bool good)
{
	const enum copy_verdict v = verdict_of(w, steps, n);

	sequences++;
	safe += v == COPY_SAFE;
	at_risk += v == COPY_AT_RISK;
	wrong += v != (good ? COPY_SAFE : COPY_AT_RISK);
}

/* Every sequence with one access in it. */
static void descend(const struct setting *w, const struct set *s, int *steps, int n, int accesses,
		    bool read_old)
{
	int step;

	if (accesses == 1)
		compare(w, steps, n, !read_old && ends_well(s, w));
	for (step = 0; n < LENGTH && step < ALPHABET; step++) {
		bool old = read_old;
		struct set next;

		if (step == ACCESS && accesses)
			continue;
		play(s, &next, w, step, &old);
		steps[n] = step;
		descend(w, &next, steps, n + 1, accesses + (step == ACCESS), old);
	}
}

static void test_setting(const struct setting *w)
{
	struct set start = {};
	int steps[LENGTH];

	sequences = wrong = safe = at_risk = 0;
	if (w->source)
		start_source(&start, w);
	else
		start_destination(&start, w);
	descend(w, &start, steps, 0, 0, false);
	ok(!wrong, "%s: %llu sequences, %llu safe, %llu at risk, %llu wrong", w->name, sequences,
	   safe, at_risk, wrong);
}

#define CLEAN	(FACT_MAPPED_KNOWN | FACT_MAPPED | FACT_DIRTY_KNOWN)
#define DIRTY	(CLEAN | FACT_KERNEL_DIRTY)
#define NOT_MAPPED	(FACT_MAPPED_KNOWN | FACT_DIRTY_KNOWN)

/*
 * With discards that nobody sees, nothing is known to be safe whose newest bytes may be in the
 * cache only, and what is at risk stays so.
 */
static void test_unseen_discards(void)
{
	static const struct setting in_user = { "", 2, 0, 1, 0, CLEAN | FACT_MAY_DISCARD, true };
	static const struct setting dirty = { "", 2, 0, 1, 1, DIRTY | FACT_MAY_DISCARD, true };
	static const struct setting to_user = { "", 2, 0, 1, 0, CLEAN | FACT_MAY_DISCARD, false };
	static const struct setting plain = { "", 2, 0, 1, 1, CLEAN | FACT_MAY_DISCARD, true };
	static const int flushed[] = { FLUSH_KERNEL, ACCESS }, only[] = { ACCESS };

	ok(verdict_of(&in_user, only, 1) == COPY_UNKNOWN, "unseen discards: of the user's lines");
	ok(verdict_of(&dirty, only, 1) == COPY_UNKNOWN, "unseen discards: of the kernel's lines");
	ok(verdict_of(&dirty, flushed, 2) == COPY_UNKNOWN, "unseen discards: before the flush");
	ok(verdict_of(&to_user, only, 1) == COPY_UNKNOWN || verdict_of(&to_user, only, 1) ==
	   COPY_AT_RISK, "unseen discards: of the copy itself");
	ok(verdict_of(&plain, only, 1) == COPY_AT_RISK, "unseen discards make nothing safe");
}

int main(void)
{
	static const struct setting settings[] = {
		{ "source, read in the user's colour", 2, 0, 1, 0, CLEAN, true },
		{ "source, read in the kernel's colour", 2, 0, 1, 1, CLEAN, true },
		{ "source, both of one colour", 2, 1, 1, 1, CLEAN, true },
		{ "source of one colour, read in another", 4, 1, 1, 3, CLEAN, true },
		{ "source, read in a third colour", 4, 0, 1, 2, CLEAN, true },
		{ "kernel-dirty, read in the user's colour", 2, 0, 1, 0, DIRTY, true },
		{ "kernel-dirty, read in the kernel's colour", 2, 0, 1, 1, DIRTY, true },
		{ "unmapped, read in a third colour", 4, 0, 1, 2, NOT_MAPPED, true },
		{ "destination, written in the user's colour", 2, 0, 1, 0, CLEAN, false },
		{ "destination, written in the kernel's colour", 2, 0, 1, 1, CLEAN, false },
		{ "destination, both of one colour", 2, 1, 1, 1, CLEAN, false },
		{ "destination, written in a third colour", 4, 0, 3, 1, CLEAN, false },
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		test_setting(&settings[i]);
	test_unseen_discards();
	return tap__done();
}
