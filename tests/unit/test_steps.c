// SPDX-License-Identifier: GPL-2.0-only
/* From the events of a record to the steps of a copy (user/recorder/steps.c). */
#include "recorder/steps.h"
#include "tap.h"

/* MIPS 4Kc: KSEG0 is the linear mapping, and kmap_coherent maps far above all frames. */
#define KSEG0(pfn)	(0x80000000ULL + (pfn) * 4096)
#define SRC		0x1a0fULL
#define DST		0x0b52ULL
#define OTHER		0x0b53ULL
#define HIGHEST		0x7fffULL
#define USER		0x77002000ULL
#define SRC_AT		0xfffb5000ULL	/* where the copy reads the source ... */
#define DST_AT		0xfffb7000ULL	/* ... and writes the destination */
#define ELSEWHERE	0xfffb9000ULL	/* a mapping that is neither */

/* The call that copies comes behind n events. */
#define CALLED(n)	(SEEN_CALL | (n) << SEEN_CALL_SHIFT)

#define STEP_AT(kind, page, va)	STEP(STEP_##kind, STEP_OF_##page, (va) >> 12)

static const struct calibration cal = {
	.linear = FIT(0x80000000, 4096ULL),
	.page_size = 4096,
	.highest_pfn = HIGHEST,
};

static const struct copy usual = {
	.user = USER,
	.source = { SRC, SRC_AT, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { DST, DST_AT, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.path = PATH_WP,
};

static struct copy take(const struct copy *c, const struct calibration *k, const __u64 *event,
			__u32 n, __u32 seen)
{
	struct wire_copy rec = { .head.type = WIRE_COPY, .seen = seen | n << SEEN_EVENTS_SHIFT };
	struct copy copy = *c;
	__u32 i;

	for (i = 0; i < n && i < EVENTS_MAX; i++)
		rec.event[i] = event[i];
	copy.steps = 7;
	steps__take(&rec, k, &copy);
	return copy;
}

/* ---- which page: one event, one step ---- */

static const struct {
	const char *what;
	__u64 event;
	__u16 step;		/* 0: none, as it is of neither page */
} pages[] = {
	{ "flush where the source is read", WIRE_EVENT(EVENT_FLUSH, SRC_AT),
	  STEP_AT(FLUSH, SOURCE, SRC_AT) },
	{ "flush where the destination is written", WIRE_EVENT(EVENT_FLUSH, DST_AT),
	  STEP_AT(FLUSH, DESTINATION, DST_AT) },
	{ "flush within that page", WIRE_EVENT(EVENT_FLUSH, DST_AT + 0xfe0),
	  STEP_AT(FLUSH, DESTINATION, DST_AT) },
	{ "flush of the source's linear address", WIRE_EVENT(EVENT_FLUSH, KSEG0(SRC)),
	  STEP_AT(FLUSH, SOURCE, KSEG0(SRC)) },
	{ "flush of the destination's linear address", WIRE_EVENT(EVENT_FLUSH, KSEG0(DST)),
	  STEP_AT(FLUSH, DESTINATION, KSEG0(DST)) },
	{ "flush of another page's linear address", WIRE_EVENT(EVENT_FLUSH, KSEG0(OTHER)), 0 },
	{ "flush of the last frame", WIRE_EVENT(EVENT_FLUSH, KSEG0(HIGHEST)), 0 },
	{ "flush above the last frame: of any page", WIRE_EVENT(EVENT_FLUSH, KSEG0(HIGHEST + 1)),
	  STEP_AT(FLUSH, UNKNOWN, KSEG0(HIGHEST + 1)) },
	{ "flush through another mapping: of any page", WIRE_EVENT(EVENT_FLUSH, ELSEWHERE),
	  STEP_AT(FLUSH, UNKNOWN, ELSEWHERE) },
	{ "flush below the linear mapping: of any page", WIRE_EVENT(EVENT_FLUSH, 0x7fffe000),
	  STEP_AT(FLUSH, UNKNOWN, 0x7fffe000) },
	{ "flush of what was seen to be mapped: the source", WIRE_EVENT(EVENT_FLUSH_SOURCE, ELSEWHERE),
	  STEP_AT(FLUSH, SOURCE, ELSEWHERE) },
	{ "flush of what was seen to be mapped: the destination",
	  WIRE_EVENT(EVENT_FLUSH_DESTINATION, ELSEWHERE), STEP_AT(FLUSH, DESTINATION, ELSEWHERE) },
	{ "flush of the source's struct page: its linear address", EVENT_FLUSH_SOURCE,
	  STEP(STEP_FLUSH, STEP_OF_SOURCE, SRC) },
	{ "flush of the destination's struct page", EVENT_FLUSH_DESTINATION,
	  STEP(STEP_FLUSH, STEP_OF_DESTINATION, DST) },
	{ "lines of the destination are dropped", WIRE_EVENT(EVENT_DISCARD, KSEG0(DST)),
	  STEP_AT(DISCARD, DESTINATION, KSEG0(DST)) },
	{ "lines of the source are dropped", WIRE_EVENT(EVENT_DISCARD, SRC_AT),
	  STEP_AT(DISCARD, SOURCE, SRC_AT) },
	{ "lines of another page are dropped", WIRE_EVENT(EVENT_DISCARD, KSEG0(OTHER)), 0 },
	{ "lines of any page are dropped", WIRE_EVENT(EVENT_DISCARD, ELSEWHERE),
	  STEP_AT(DISCARD, UNKNOWN, ELSEWHERE) },
	{ "flush of the whole cache", EVENT_FLUSH_ALL, STEP(STEP_FLUSH_ALL, STEP_OF_UNKNOWN, 0) },
	{ "the source is mapped", EVENT_MAP, STEP_AT(MAP, SOURCE, SRC_AT) },
	{ "a second call reads the source", WIRE_EVENT(EVENT_READ, KSEG0(SRC)),
	  STEP_AT(READ, SOURCE, KSEG0(SRC)) },
	{ "a second call reads the destination", WIRE_EVENT(EVENT_READ, KSEG0(DST)),
	  STEP_AT(READ, DESTINATION, KSEG0(DST)) },
	{ "a second call reads through another mapping: the source's",
	  WIRE_EVENT(EVENT_READ, ELSEWHERE), STEP_AT(READ, SOURCE, ELSEWHERE) },
	{ "a second call reads another page", WIRE_EVENT(EVENT_READ, KSEG0(OTHER)), 0 },
	{ "a second call writes the destination", WIRE_EVENT(EVENT_WRITE, KSEG0(DST)),
	  STEP_AT(WRITE, DESTINATION, KSEG0(DST)) },
	{ "a second call writes the source", WIRE_EVENT(EVENT_WRITE, KSEG0(SRC)),
	  STEP_AT(WRITE, SOURCE, KSEG0(SRC)) },
	{ "a second call writes through another mapping: the destination's",
	  WIRE_EVENT(EVENT_WRITE, ELSEWHERE), STEP_AT(WRITE, DESTINATION, ELSEWHERE) },
	{ "a second call writes another page", WIRE_EVENT(EVENT_WRITE, KSEG0(OTHER)), 0 },
	{ "an event of a later version", 15, 0 },
};

static void test_pages(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const struct copy c = take(&usual, &cal, &pages[i].event, 1, 0);

		ok(c.steps == !!pages[i].step && (!c.steps || c.step[0] == pages[i].step) &&
		   c.facts == FACT_STEPS, "%s: %s of %s, page %x", pages[i].what,
		   c.steps ? step__name(STEP_KIND(c.step[0])) : "none",
		   step_page__name(STEP_PAGE(c.step[0])), STEP_COLOUR(c.step[0]));
	}
}

/* What is not known of the copy leaves more flushes of unknown pages. */
static void test_unknown(void)
{
	const __u64 other = WIRE_EVENT(EVENT_FLUSH, KSEG0(OTHER));
	const __u64 of_source = WIRE_EVENT(EVENT_FLUSH, KSEG0(SRC));
	const __u64 of_struct_page[] = { EVENT_FLUSH_SOURCE, EVENT_FLUSH_DESTINATION };
	struct calibration no_linear = cal;
	struct copy no_source = usual, no_destination = usual, c;
	struct wire_copy clear = {
		.head.type = WIRE_CLEAR, .event = { other }, .seen = 1U << SEEN_EVENTS_SHIFT,
	};

	no_linear.linear = (struct fit){};
	c = take(&usual, &no_linear, &of_source, 1, 0);
	ok(c.steps == 1 && STEP_PAGE(c.step[0]) == STEP_OF_UNKNOWN, "no linear line: of any page");
	no_source.source = (struct side){ .pfn = PFN_UNKNOWN };
	c = take(&no_source, &cal, &other, 1, 0);
	ok(c.steps == 1 && STEP_PAGE(c.step[0]) == STEP_OF_UNKNOWN,
	   "the source is not known: another frame may be it");
	no_destination.destination = (struct side){ .pfn = PFN_UNKNOWN };
	c = take(&no_destination, &cal, &other, 1, 0);
	ok(c.steps == 1 && STEP_PAGE(c.step[0]) == STEP_OF_UNKNOWN,
	   "the destination is not known: another frame may be it");
	c = take(&no_destination, &cal, &of_source, 1, 0);
	ok(c.steps == 1 && STEP_PAGE(c.step[0]) == STEP_OF_SOURCE,
	   "the destination is not known: the source is still the source");
	no_source.facts = no_destination.facts = FACT_FLUSH_WATCHED | FACT_USER_WATCHED;
	c = take(&no_source, &cal, &of_struct_page[0], 1, 0);
	ok(!c.steps && c.facts == (FACT_STEPS | FACT_USER_WATCHED),
	   "the source is flushed, and its pfn is not known: in which colour it was, neither");
	c = take(&no_destination, &cal, &of_struct_page[1], 1, 0);
	ok(!c.steps && c.facts == (FACT_STEPS | FACT_USER_WATCHED), "... the destination");
	c = take(&no_destination, &cal, &of_struct_page[0], 1, 0);
	ok(c.steps == 1 && c.facts == (FACT_STEPS | FACT_FLUSH_WATCHED | FACT_USER_WATCHED),
	   "... the other one's is of no matter");
	c = no_source;
	steps__take(&clear, &cal, &c);
	is(c.steps, 0, "a clear has no source: another frame is another page");
	clear.event[0] = WIRE_EVENT(EVENT_FLUSH, 0);
	c = no_source;
	steps__take(&clear, &cal, &c);
	ok(c.steps == 1 && STEP_PAGE(c.step[0]) == STEP_OF_UNKNOWN,
	   "an address that is 0 is not that of a side without one");
}

/* ---- user addresses ---- */

static const struct {
	const char *what;
	__u64 va;
	enum copy_path path;
	bool taken;
	enum step_page page;
} users[] = {
	{ "write fault on a present page: the source", USER, PATH_WP, true, STEP_OF_SOURCE },
	{ "... within the page", USER + 0x123, PATH_WP, true, STEP_OF_SOURCE },
	{ "... of a huge page: the source", USER, PATH_THP, true, STEP_OF_SOURCE },
	{ "... merged by KSM: the source", USER, PATH_KSM, true, STEP_OF_SOURCE },
	{ "first touch of a file page: nothing is there yet", USER, PATH_COW_FAULT, false, 0 },
	{ "fork: whose address it is, is not known", USER, PATH_FORK_PINNED, true, STEP_OF_UNKNOWN },
	{ "an unknown path", USER, PATH_UNKNOWN, true, STEP_OF_UNKNOWN },
	{ "another address", USER + 4096, PATH_WP, true, STEP_OF_UNKNOWN },
	{ "another address, first touch", USER + 4096, PATH_COW_FAULT, true, STEP_OF_UNKNOWN },
};

static void test_users(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		const __u64 event = WIRE_EVENT(EVENT_FLUSH_USER, users[i].va);
		struct copy c = usual;

		c.path = users[i].path;
		c = take(&c, &cal, &event, 1, 0);
		ok(c.steps == users[i].taken &&
		   (!c.steps || c.step[0] == STEP(STEP_FLUSH_USER, users[i].page, users[i].va >> 12)),
		   "user flush: %s", users[i].what);
	}
}

/* ---- several ---- */

static void is_steps(const struct copy *c, const __u16 *want, int n, const char *what)
{
	int i, right = 0;

	for (i = 0; i < n && i < c->steps; i++)
		right += c->step[i] == want[i];
	ok(c->steps == n && right == n, "%s: %d steps, %d of %d right", what, c->steps, right, n);
}

static void test_order(void)
{
	static const __u64 fix[] = { WIRE_EVENT(EVENT_FLUSH_USER, USER),
				     WIRE_EVENT(EVENT_FLUSH, KSEG0(DST)), EVENT_FLUSH_ALL };
	static const __u16 steps[] = {
		STEP_AT(FLUSH_USER, SOURCE, USER), STEP_AT(READ, SOURCE, SRC_AT),
		STEP_AT(WRITE, DESTINATION, DST_AT), STEP_AT(FLUSH, DESTINATION, KSEG0(DST)),
		STEP(STEP_FLUSH_ALL, STEP_OF_UNKNOWN, 0),
	};
	static const __u16 last[] = { STEP_AT(WRITE, DESTINATION, DST_AT),
				      STEP_AT(FLUSH, DESTINATION, KSEG0(DST)) };
	static const __u64 twice[] = { WIRE_EVENT(EVENT_READ, KSEG0(SRC)),
				       WIRE_EVENT(EVENT_WRITE, KSEG0(DST)) };
	static const __u16 both[] = {
		STEP_AT(READ, SOURCE, SRC_AT), STEP_AT(WRITE, DESTINATION, DST_AT),
		STEP_AT(READ, SOURCE, KSEG0(SRC)), STEP_AT(WRITE, DESTINATION, KSEG0(DST)),
	};
	struct copy c = usual;

	c = take(&usual, &cal, fix, 3, CALLED(1));
	is_steps(&c, steps, 5, "as they came, a call both reads and writes");
	c = take(&usual, &cal, twice, 2, CALLED(0));
	is_steps(&c, both, 4, "two calls");
	c = usual;
	c.source.va = 0;
	c = take(&c, &cal, fix + 1, 1, CALLED(0));
	is_steps(&c, last, 2, "the call's first address was not of the source");
	c = usual;
	c.destination.va = 0;
	c = take(&c, &cal, fix, 0, CALLED(0));
	is_steps(&c, steps + 1, 1, "the call's second address was not of the destination");
	c = take(&usual, &cal, fix, 0, 0);
	is_steps(&c, steps, 0, "nothing happened");
	is(c.facts, FACT_STEPS, "which is known");
	c = usual;
	c.facts = FACT_MAPPED;
	c = take(&c, &cal, fix, 1, 0);
	is(c.facts, FACT_STEPS | FACT_MAPPED, "other facts stay");
}

static void test_lost(void)
{
	static const __u64 all[] = { EVENT_FLUSH_ALL, EVENT_FLUSH_ALL, EVENT_FLUSH_ALL,
				     EVENT_FLUSH_ALL };
	struct copy c = take(&usual, &cal, all, EVENTS_MAX, CALLED(EVENTS_MAX));

	ok(c.steps == EVENTS_MAX + 2 && c.facts == FACT_STEPS &&
	   STEP_KIND(c.step[EVENTS_MAX]) == STEP_READ, "as many events as there is room for");
	c = take(&usual, &cal, all, 2, SEEN_EVENTS_LOST);
	ok(c.steps == 2 && c.facts == (FACT_STEPS | FACT_STEPS_LOST), "events lost");
	/* a number that no program sends: what is behind the last event is not looked at */
	c = take(&usual, &cal, all, 15, CALLED(15));
	ok(c.steps == EVENTS_MAX && c.facts == FACT_STEPS, "more events than a record holds");
}

static void test_large_pages(void)
{
	const __u64 event = WIRE_EVENT(EVENT_FLUSH, 0x80000000 + DST * 65536 + 0xf000);
	struct calibration large = cal;
	struct copy c = usual;

	large.page_size = 65536;
	large.linear = (struct fit)FIT(0x80000000, 65536ULL);
	c.destination.va = 0x80000000 + DST * 65536;
	c = take(&c, &large, &event, 1, 0);
	ok(c.steps == 1 && c.step[0] == STEP(STEP_FLUSH, STEP_OF_DESTINATION, 0x8000 + DST),
	   "pages of 64 KiB: an address within the page");
	c = usual;
	c = take(&c, &large, &event, 1, 0);
	ok(c.steps == 1 && STEP_PAGE(c.step[0]) == STEP_OF_DESTINATION,
	   "... within the page's linear address");
}

int main(void)
{
	test_pages();
	test_unknown();
	test_users();
	test_order();
	test_lost();
	test_large_pages();
	return tap__done();
}
