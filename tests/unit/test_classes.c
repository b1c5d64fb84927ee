// SPDX-License-Identifier: GPL-2.0-only
/* Copies counted by class must add up to what they are one by one. */
#include "stats/classes.h"
#include "stats_util.h"
#include "recording_util.h"

#define COPIES	10000

/* Few pages, so that classes repeat; everything else as wild as it can be. */
static struct copy some_copy(__u64 ts)
{
	struct copy c = random_copy(ts);
	unsigned int i;

	c.user &= 0xfffff;
	c.source.va &= 0x7fff;
	c.source.pfn = c.source.pfn == PFN_UNKNOWN ? PFN_UNKNOWN : c.source.pfn & 7;
	c.path = next_random() % 50 ? c.path : 200;
	c.facts = (__u16)(next_random() % (2 * FACT_FORK_FLUSHED));
	c.steps = (__u8)(next_random() % 3);
	for (i = 0; i < c.steps; i++)
		c.step[i] = STEP(next_random() % STEP_KINDS, next_random() % 2, next_random() % 2);
	return c;
}

static bool same_tally(const struct tally *a, const struct tally *b, size_t n)
{
	return !memcmp(a, b, n * sizeof(*a));
}

static bool same_sides(const struct side_stats *a, const struct side_stats *b, size_t colours)
{
	__u32 i;

	for (i = 0; i < a->reason_rows && i < b->reason_rows; i++)
		if (a->reasons[i].verdict != b->reasons[i].verdict ||
		    a->reasons[i].count != b->reasons[i].count ||
		    strcmp(a->reasons[i].reason, b->reasons[i].reason))
			return false;
	for (i = 0; i < a->basis_rows && i < b->basis_rows; i++)
		if (a->bases[i].verdict != b->bases[i].verdict ||
		    a->bases[i].kind != b->bases[i].kind ||
		    a->bases[i].count != b->bases[i].count ||
		    a->bases[i].derived != b->bases[i].derived ||
		    strcmp(a->bases[i].reason, b->bases[i].reason))
			return false;
	return a->basis_rows == b->basis_rows && a->derived == b->derived &&
	       a->reason_rows == b->reason_rows && a->uncoloured == b->uncoloured &&
	       !memcmp(a->verdict, b->verdict, sizeof(a->verdict)) &&
	       !memcmp(a->matrix, b->matrix, colours * colours * sizeof(*a->matrix));
}

static bool same_processes(const struct stats *a, const struct stats *b)
{
	__u32 i;

	for (i = 0; i < a->process_rows && i < b->process_rows; i++)
		if (a->processes[i].pid != b->processes[i].pid ||
		    strcmp(a->processes[i].comm, b->processes[i].comm) ||
		    !same_tally(&a->processes[i].tally, &b->processes[i].tally, 1))
			return false;
	return a->process_rows == b->process_rows;
}

static void compare(const struct stats *a, const struct stats *b, const char *name, __u64 span)
{
	const size_t colours = geometry__colours(&a->geometry);

	ok(same_tally(&a->total, &b->total, 1) && same_tally(a->path, b->path, PATH_COUNT) &&
	   same_tally(a->colour, b->colour, colours), "%s, span %llu: totals", name,
	   (unsigned long long)span);
	ok(same_sides(&a->source, &b->source, colours) &&
	   same_sides(&a->destination, &b->destination, colours), "%s: sides", name);
	ok(same_processes(a, b), "%s: processes", name);
	ok(a->first_ts == b->first_ts && a->last_ts == b->last_ts, "%s: times", name);
	ok(a->total.copies == COPIES && (colours == 1 || a->total.at_risk), "%s: something", name);
}

static void test_span(const char *name, const struct arch *arch, __u64 span, bool missed)
{
	const struct geometry g = { .span = span, .page_size = 4096 };
	static const char *const comms[] = { "a", "b", "?", NULL };
	struct stats one, by_class;
	struct classes *classes;
	__u64 i;

	stats__init(&one, &g);
	stats__init(&by_class, &g);
	classes = classes__new(&by_class, arch, missed);
	for (i = 0; i < COPIES; i++) {
		struct copy c = some_copy(1000 + i);
		const char *comm = comms[next_random() % 4];
		struct verdict v;

		verdict__judge(arch, &g, &c, missed, &v);
		count_copy(&one, &c, &v, comm);
		if (classes__copy(classes, &c, comm))
			ok(false, "classes__copy");
	}
	classes__flush(classes);
	classes__free(classes);
	stats__finish(&one);
	stats__finish(&by_class);
	compare(&one, &by_class, name, span);
	stats__free(&one);
	stats__free(&by_class);
}

static bool is_class(const struct geometry *g, const struct copy *c,
		     const struct verdict_class *class)
{
	const struct verdict_class own = verdict__class(g, c);

	return verdict__same_class(&own, class);
}

/* A field that is not in the class must not change the verdict. */
static void test_class(void)
{
	const struct geometry g = { .span = 16384, .page_size = 4096 };
	struct copy a = random_copy(1), b;
	struct verdict_class class;

	a.source.va = 0x5000;
	a.source.pfn = 5;
	a.steps = 1;
	a.step[0] = STEP(STEP_READ, STEP_OF_SOURCE, 1);
	a.user = 0x7000;
	b = a;
	b.ts = 2;
	b.pid++;
	b.tid++;
	b.user += 16384 + 17;
	b.source.va += 16384;
	b.source.pfn += 4;
	b.step[0] = STEP(STEP_READ, STEP_OF_SOURCE, 1 + 4);
	class = verdict__class(&g, &a);
	ok(is_class(&g, &b, &class), "time, pid, tid, and addresses of the same colour");
	b.facts ^= FACT_FLUSHED_DST;
	ok(!is_class(&g, &b, &class), "a fact is in the class");
	b = a;
	b.source.pfn++;
	ok(!is_class(&g, &b, &class), "a frame's colour");
	b = a;
	b.step[0] = STEP(STEP_READ, STEP_OF_SOURCE, 2);
	ok(!is_class(&g, &b, &class), "a step's colour");
	b = a;
	b.step[0] = STEP(STEP_MAP, STEP_OF_SOURCE, 1);
	ok(!is_class(&g, &b, &class), "what a step is");
	b = a;
	b.user += 4096;
	ok(!is_class(&g, &b, &class), "the user's colour");
	b = a;
	b.source.va += 4096;
	ok(!is_class(&g, &b, &class), "a mapping's colour");
	b = a;
	b.source.va = 0;
	b.source.kind = MAPPING_KMAP;
	ok(!is_class(&g, &b, &class), "that it is not known");
	b = a;
	b.destination.evidence = (b.destination.evidence + 1) % EVIDENCE_COUNT;
	ok(!is_class(&g, &b, &class), "evidence");
	b = a;
	b.destination.kind = (b.destination.kind + 1) % MAPPING_COUNT;
	ok(!is_class(&g, &b, &class), "kind");
}

int main(void)
{
	test_span("mips", &arch_mips, 8192, false);
	test_span("mips, 4 colours, missed", &arch_mips, 16384, true);
	test_span("no aliases", &arch_x86_64, 4096, false);
	test_span("what if", &arch_x86_64, 65536, false);
	test_span("more classes than there is room for", &arch_mips, 4 << 20, false);
	test_class();
	return tap__done();
}
