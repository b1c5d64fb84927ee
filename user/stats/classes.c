// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "stats/classes.h"

#define CLASSES_SHIFT	12
#define CLASSES_MAX	(1U << CLASSES_SHIFT)
#define PROBES		4	/* slots that a class may be in */

/* Small, so that the slots in use stay in the CPU's first-level cache. */
struct class {
	struct verdict_class class;
	__u8 used;
	__u8 verdict;		/* enum copy_verdict */
	__u16 user_colour;
	struct mapped mapped[2];	/* source, destination */
	__u64 copies[PATH_COUNT];
};

/* With very many colours there can be more classes than slots: then one is flushed and reused. */
struct classes {
	struct stats *stats;
	const struct arch *arch;
	bool missed;
	struct class slots[CLASSES_MAX];
};

struct classes *classes__new(struct stats *s, const struct arch *arch, bool missed)
{
	struct classes *c = calloc(1, sizeof(*c));

	if (c) {
		c->stats = s;
		c->arch = arch;
		c->missed = missed;
	}
	return c;
}

static void judge(const struct classes *c, const struct verdict_class *class, struct verdict *v)
{
	verdict__judge_class(c->arch, &c->stats->geometry, class, c->missed, v);
}

static void flush_slot(struct classes *c, struct class *s)
{
	struct verdict v;
	unsigned int path;

	if (!s->used)
		return;
	judge(c, &s->class, &v);
	for (path = 0; path < PATH_COUNT; path++)
		if (s->copies[path])
			stats__shared(c->stats, path, s->user_colour, s->mapped, &v,
				      s->copies[path]);
	memset(s->copies, 0, sizeof(s->copies));
}

/* Gives a class that is in none of its slots the first free one, or else the first one. */
static struct class *new_class(struct classes *c, struct class *s,
			       const struct verdict_class *class, const struct copy *copy)
{
	struct verdict v;
	unsigned int i = 0;

	while (i < PROBES && s[i].used)
		i++;
	s = i < PROBES ? &s[i] : s;
	flush_slot(c, s);
	s->class = *class;
	s->used = true;
	s->user_colour = (__u16)geometry__colour(&c->stats->geometry, copy->user);
	s->mapped[0] = stats__mapped(&copy->source, copy->facts);
	s->mapped[1] = stats__mapped(&copy->destination, copy->facts);
	judge(c, class, &v);
	s->verdict = (__u8)v.copy;
	return s;
}

static struct class *slot_of(struct classes *c, const struct verdict_class *class,
			     const struct copy *copy)
{
	__u32 i = verdict__hash_class(class) >> (32 - CLASSES_SHIFT);
	struct class *first = &c->slots[i & ~(PROBES - 1)];

	for (i = 0; i < PROBES; i++)
		if (first[i].used && verdict__same_class(&first[i].class, class))
			return &first[i];
	return new_class(c, first, class, copy);
}

int classes__copy(struct classes *c, const struct copy *copy, const char *comm)
{
	const struct verdict_class class = verdict__class(&c->stats->geometry, copy);
	struct class *s = slot_of(c, &class, copy);

	s->copies[copy->path < PATH_COUNT ? copy->path : PATH_UNKNOWN]++;
	return stats__own(c->stats, copy, s->verdict, comm);
}

void classes__flush(struct classes *c)
{
	__u32 i;

	for (i = 0; i < CLASSES_MAX; i++)
		flush_slot(c, &c->slots[i]);
}

void classes__free(struct classes *c)
{
	free(c);
}
