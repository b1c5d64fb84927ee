// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "stats/stats.h"

static int no_memory(void)
{
	return err(EXIT_FAIL, "counting copies: out of memory");
}

int stats__init(struct stats *s, const struct geometry *g)
{
	const size_t n = geometry__colours(g);

	memset(s, 0, sizeof(*s));
	s->geometry = *g;
	s->source.matrix = calloc(n * n, sizeof(__u64));
	s->destination.matrix = calloc(n * n, sizeof(__u64));
	s->cleared.matrix = calloc(n * n, sizeof(__u64));
	s->colour = calloc(n, sizeof(*s->colour));
	if (s->source.matrix && s->destination.matrix && s->cleared.matrix && s->colour)
		return EXIT_OK;
	stats__free(s);
	return no_memory();
}

void stats__free(struct stats *s)
{
	free(s->source.matrix);
	free(s->destination.matrix);
	free(s->cleared.matrix);
	free(s->colour);
	free(s->processes);
	free(s->index);
	memset(s, 0, sizeof(*s));
}

/* ---- processes ---- */

static inline __u32 *index_slot(const struct stats *s, __u32 pid)
{
	__u32 i = (pid * 2654435761U) & (s->index_size - 1);

	while (s->index[i] && s->processes[s->index[i] - 1].pid != pid)
		i = (i + 1) & (s->index_size - 1);
	return &s->index[i];
}

/* Makes room for one more process: rows and index grow by doubling. */
static bool make_room(struct stats *s)
{
	__u32 room = s->process_room ? s->process_room * 2 : 64, i;
	struct process_stats *rows;
	__u32 *index;

	if (s->process_rows < s->process_room)
		return true;
	if (room > (1U << 30))
		return false;
	rows = realloc(s->processes, room * sizeof(*rows));
	if (!rows)
		return false;
	s->processes = rows;
	index = calloc(room * 2, sizeof(*index));
	if (!index)
		return false;
	free(s->index);
	s->index = index;
	s->index_size = room * 2;
	s->process_room = room;
	for (i = 0; i < s->process_rows; i++)
		*index_slot(s, rows[i].pid) = i + 1;
	return true;
}

static struct process_stats *new_process(struct stats *s, __u32 pid)
{
	struct process_stats *p;
	__u32 *slot;

	if (!make_room(s))
		return NULL;
	slot = index_slot(s, pid);
	p = &s->processes[s->process_rows++];
	memset(p, 0, sizeof(*p));
	p->pid = pid;
	p->comm[0] = '?';
	*slot = s->process_rows;
	return p;
}

/* The row of the process plus 1; 0 when it has none. */
static inline __u32 row_of(const struct stats *s, __u32 pid)
{
	return s->index_size ? *index_slot(s, pid) : 0;
}

/* ---- counting ---- */

static void count_time(struct stats *s, __u64 ts)
{
	if (!s->timed)
		s->first_ts = ts;
	s->timed = true;
	s->last_ts = ts;
}

static void tally(struct tally *t, enum copy_verdict verdict, __u64 n)
{
	t->copies += n;
	t->at_risk += verdict == COPY_AT_RISK ? n : 0;
	t->unknown += verdict == COPY_UNKNOWN ? n : 0;
}

static void count_reason(struct side_stats *side, const struct judgement *j, __u64 n)
{
	struct reason_count *r = side->reasons, *end = r + side->reason_rows;

	while (r < end && (r->verdict != j->verdict || strcmp(r->reason, j->reason)))
		r++;
	if (r == end) {
		/* never reached; but if it were, the verdict's own count would be right */
		if (side->reason_rows == REASONS_MAX)
			return;
		side->reason_rows++;
		r->verdict = j->verdict;
		r->reason = j->reason;
		r->count = 0;
	}
	r->count += n;
}

static void count_basis(struct side_stats *side, struct mapped mapped, const struct judgement *j,
			__u64 n)
{
	const __u8 kind = j->verdict == SIDE_CONGRUENT ? mapped.kind : MAPPING_UNKNOWN;
	struct basis *b = side->bases, *end = b + side->basis_rows;

	side->derived += mapped.derived ? n : 0;
	while (b < end && (b->verdict != j->verdict || b->kind != kind ||
			   strcmp(b->reason, j->reason)))
		b++;
	if (b == end) {
		/* never reached, as in count_reason */
		if (side->basis_rows == BASES_MAX)
			return;
		side->basis_rows++;
		*b = (struct basis){ j->verdict, kind, j->reason, 0, 0 };
	}
	b->count += n;
	b->derived += mapped.derived ? n : 0;
}

static void count_side(struct stats *s, struct side_stats *side, __u32 user_colour,
		       struct mapped mapped, const struct judgement *j, __u64 n)
{
	const __u32 colours = geometry__colours(&s->geometry);

	side->verdict[j->verdict] += n;
	if (*j->reason)
		count_reason(side, j, n);
	if (verdict__of_side(j) == COPY_SAFE)
		count_basis(side, mapped, j, n);
	if (j->colour < 0)
		side->uncoloured += n;
	else
		side->matrix[(size_t)user_colour * colours + (__u32)j->colour] += n;
}

static void set_comm(struct process_stats *p, const char *comm)
{
	p->interned = comm;
	if (comm && strcmp(comm, "?"))
		snprintf(p->comm, sizeof(p->comm), "%s", comm);
}

/* Slow path of stats__own: the process is new, or has a new name. */
static __attribute__((noinline))
int own_slow(struct stats *s, const struct copy *c, enum copy_verdict verdict, const char *comm)
{
	__u32 row = row_of(s, c->pid);
	struct process_stats *p = row ? &s->processes[row - 1] : new_process(s, c->pid);

	if (!p)
		return no_memory();
	set_comm(p, comm);
	count_time(s, c->ts);
	tally(&p->tally, verdict, 1);
	return EXIT_OK;
}

int stats__own(struct stats *s, const struct copy *c, enum copy_verdict verdict, const char *comm)
{
	const __u32 row = row_of(s, c->pid);
	struct process_stats *p;

	if (!row || s->processes[row - 1].interned != comm)
		return own_slow(s, c, verdict, comm);
	p = &s->processes[row - 1];
	count_time(s, c->ts);
	tally(&p->tally, verdict, 1);
	return EXIT_OK;
}

void stats__shared(struct stats *s, unsigned int path, __u32 user_colour,
		   const struct mapped mapped[2], const struct verdict *v, __u64 n)
{
	tally(&s->total, v->copy, n);
	tally(&s->path[path < PATH_COUNT ? path : PATH_UNKNOWN], v->copy, n);
	tally(&s->colour[user_colour], v->copy, n);
	count_side(s, &s->source, user_colour, mapped[0], &v->source, n);
	count_side(s, &s->destination, user_colour, mapped[1], &v->destination, n);
}

void stats__copies(struct stats *s, const struct copy *c, const struct verdict *v, __u64 n)
{
	const struct mapped mapped[2] = { stats__mapped(&c->source, c->facts),
					  stats__mapped(&c->destination, c->facts) };

	count_time(s, c->ts);
	stats__shared(s, c->path, geometry__colour(&s->geometry, c->user), mapped, v, n);
}

void stats__window(struct stats *s, const struct window *w)
{
	count_time(s, w->ts);
	s->windows++;
	s->exposed += w->exposed ? 1 : 0;
}

void stats__clears(struct stats *s, const struct clear *c, const struct judgement *j, __u64 n)
{
	count_time(s, c->ts);
	s->clears += n;
	count_side(s, &s->cleared, geometry__colour(&s->geometry, c->user),
		   stats__mapped(&c->destination, c->facts), j, n);
}

/* ---- order ---- */

static int by_risk(const void *a, const void *b)
{
	const struct process_stats *x = a, *y = b;

	if (x->tally.at_risk != y->tally.at_risk)
		return x->tally.at_risk > y->tally.at_risk ? -1 : 1;
	if (x->tally.copies != y->tally.copies)
		return x->tally.copies > y->tally.copies ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_count(const void *a, const void *b)
{
	const struct reason_count *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->reason, y->reason);
}

static int by_basis(const void *a, const void *b)
{
	const struct basis *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->verdict != y->verdict)
		return (int)x->verdict - (int)y->verdict;
	return x->kind != y->kind ? x->kind - y->kind : strcmp(x->reason, y->reason);
}

void stats__finish(struct stats *s)
{
	struct side_stats *sides[] = { &s->source, &s->destination, &s->cleared };
	int i;

	/* Sorting makes the index wrong. */
	free(s->index);
	s->index = NULL;
	s->index_size = 0;
	if (s->process_rows)
		qsort(s->processes, s->process_rows, sizeof(*s->processes), by_risk);
	for (i = 0; i < 3; i++) {
		qsort(sides[i]->reasons, sides[i]->reason_rows, sizeof(struct reason_count),
		      by_count);
		qsort(sides[i]->bases, sides[i]->basis_rows, sizeof(struct basis), by_basis);
	}
}

__u64 stats__reason(const struct side_stats *s, enum side_verdict verdict, const char *reason)
{
	__u32 i;

	for (i = 0; i < s->reason_rows; i++)
		if (s->reasons[i].verdict == verdict && !strcmp(s->reasons[i].reason, reason))
			return s->reasons[i].count;
	return 0;
}
