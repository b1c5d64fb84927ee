// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judging plans (user/recorder/examine.c, selfcheck.c). The test plays the kernel: it makes up
 * known copies, and the records that the probes of a plan would send.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "recorder/selfcheck.h"
#include "quiet.h"
#include "probe/roles.h"
#include "tap.h"

#define MIPS		"tests/unit/kallsyms/mips-4kc-6.1.txt"
#define X86		"tests/unit/kallsyms/x86_64-cloud-6.1.txt"
#define ARMV6		"tests/unit/kallsyms/armv6-rpi-6.1.txt"
#define CHILD		4242
/* return addresses in these kernels' wp_page_copy, handle_mm_fault, copy_page_range */
#define MIPS_WP		0x818a4000
#define MIPS_COW	0x818aa000
#define MIPS_FORK	0x818a6000
#define ARMV6_WP	0xc02ee000
#define ARMV6_COW	0xc02f2b00
#define MEM_MAP		0x81400000ULL
#define MIPS_LINEAR	0x80000000ULL
#define X86_LINEAR	0xffff888000000000ULL
#define COHERENT	0xfffffffffffb0000ULL	/* of kmap_coherent: above every frame */
#define WINDOWS		0xffffffffffff0000ULL
#define COLOURS		4
#define ANY		(SEEN_SRC_PAGE | SEEN_DST_PAGE | SEEN_SRC_VA | SEEN_DST_VA | SEEN_FLAGS)

/* A kernel in which the self-check is run. */
struct world {
	struct known known;
	struct check_records seen;
	struct counters sum;
	struct symbols symbols;
	struct plan plan;
	struct check_result out;
};

static struct world w;
static int dirty_bit;		/* PG_arch_1 of this kernel */
static bool kpageflags_hidden;
static __u64 fresh_pfn[KNOWN_PAGES];	/* sources no process maps */

/* ---- stubs of what the self-check calls ---- */

static bool copies_clean;	/* they clear the flag of their sources */

int known__arch_flag(__u64 pfn)
{
	__u32 i;

	if (copies_clean)
		return pfn == PFN_UNKNOWN ? -1 : 0;

	/* ARMv6: each copy has left its source clean */
	if (w.plan.arch->flag_is_clean)
		return kpageflags_hidden || pfn == PFN_UNKNOWN ? -1 : 1;
	for (i = 0; i < w.known.n; i++)
		if (pfn == fresh_pfn[i] && w.known.page[i].from == KNOWN_FRESH)
			return kpageflags_hidden ? -1 : 1;
	return kpageflags_hidden || pfn == PFN_UNKNOWN ? -1 : 0;
}

/* ---- making records ---- */

static __u64 page_size(void)
{
	return getpagesize();
}

static __u64 linear(__u64 pfn)
{
	return MIPS_LINEAR + pfn * page_size();
}

static void add_event(struct wire_copy *rec, enum wire_event kind, __u64 va)
{
	rec->event[SEEN_EVENTS(rec->seen)] = WIRE_EVENT(kind, va);
	rec->seen += 1U << SEEN_EVENTS_SHIFT;
}

static void drop_events(struct wire_copy *rec, enum wire_event kind)
{
	const struct wire_copy was = *rec;
	__u32 i;

	rec->seen &= (1U << SEEN_EVENTS_SHIFT) - 1;
	for (i = 0; i < SEEN_EVENTS(was.seen); i++)
		if (WIRE_EVENT_KIND(was.event[i]) != kind)
			add_event(rec, WIRE_EVENT_KIND(was.event[i]), WIRE_EVENT_VA(was.event[i]));
}

/* Of a kernel that does not let its code be read: what is mapped is seen, not the calls. */
static struct wire_copy mips_record(int i)
{
	const struct known_page *k = &w.known.page[i];
	const bool fresh = k->from == KNOWN_FRESH;
	struct wire_copy rec = {
		.pid = CHILD, .tid = CHILD, .user = k->user | 0x10,
		.src_page = MEM_MAP + (fresh ? fresh_pfn[i] : k->source) * 36,
		.dst_page = MEM_MAP + k->destination * 36,
		.page_flags = 0x40000008 | (fresh ? 1U << dirty_bit : 0),
		.mapcount = fresh ? -1 : k->from == KNOWN_ANON ? 1 : 0,
		.caller = fresh ? MIPS_COW : MIPS_WP,
		.seen = SEEN_SRC_PAGE | SEEN_DST_PAGE | SEEN_FLAGS,
	};

	if (!fresh) {
		rec.src_va = COHERENT + k->user % (COLOURS * page_size());
		rec.seen |= SEEN_SRC_VA;
		add_event(&rec, EVENT_MAP, 0);
	}
	/* one in two destinations differs in colour and is flushed */
	if (i % 2)
		add_event(&rec, EVENT_FLUSH, linear(k->destination));
	return rec;
}

/* The same copy, whose call of copy_page has a probe. */
static struct wire_copy called_record(int i)
{
	const struct known_page *k = &w.known.page[i];
	struct wire_copy rec = mips_record(i);

	if (k->from == KNOWN_FRESH)
		rec.src_va = linear(fresh_pfn[i]);
	rec.dst_va = linear(k->destination);
	rec.seen &= (1U << SEEN_EVENTS_SHIFT) - 1;
	rec.seen |= SEEN_CALL | SEEN_SRC_VA | SEEN_DST_VA;
	if (i % 2)
		add_event(&rec, EVENT_FLUSH, linear(k->destination));
	return rec;
}

static struct wire_copy x86_record(int i)
{
	const struct known_page *k = &w.known.page[i];

	return (struct wire_copy){
		.pid = CHILD, .tid = CHILD, .user = k->user,
		.src_va = X86_LINEAR + k->source * page_size(),
		.dst_va = X86_LINEAR + k->destination * page_size(),
		.seen = SEEN_SRC_VA | SEEN_DST_VA | SEEN_FAULT,
	};
}

/* Copies go through copy windows: probes show struct pages, but no mappings. */
static struct wire_copy armv6_record(int i)
{
	const struct known_page *k = &w.known.page[i];
	const bool fresh = k->from == KNOWN_FRESH;

	return (struct wire_copy){
		.pid = CHILD, .tid = CHILD, .user = k->user,
		.src_page = MEM_MAP + (fresh ? fresh_pfn[i] : k->source) * 36,
		.dst_page = MEM_MAP + k->destination * 36,
		.caller = fresh ? ARMV6_COW : ARMV6_WP,
		.seen = SEEN_SRC_PAGE | SEEN_DST_PAGE,
	};
}

/*
 * The same copy where the code can be read. The source is flushed unless it is clean, and lines
 * of the destination are dropped. Windows are above every frame, however large this machine is.
 */
static struct wire_copy armv6_called_record(int i)
{
	const struct known_page *k = &w.known.page[i];
	const __u64 colour = k->user % (COLOURS * page_size());
	struct wire_copy rec = armv6_record(i);

	rec.src_va = WINDOWS + 0x8000 + colour;
	rec.dst_va = WINDOWS + 0xc000 + colour;
	rec.page_flags = k->from == KNOWN_FRESH ? 0 : 1U << dirty_bit;
	rec.seen |= SEEN_CALL | SEEN_SRC_VA | SEEN_DST_VA | SEEN_FLAGS;
	if (k->from == KNOWN_FRESH)
		add_event(&rec, EVENT_FLUSH_SOURCE, 0);
	add_event(&rec, EVENT_DISCARD, linear(k->destination));
	rec.seen |= SEEN_EVENTS(rec.seen) << SEEN_CALL_SHIFT;
	return rec;
}

/* The clear of a known anonymous page, when it was new. */
static struct wire_copy clear_record(int i)
{
	/* a probe at the entry of the clear function needs no caller to tell clears apart */
	const bool at_entry = w.plan.arch == &arch_armv6;

	return (struct wire_copy){
		.head.type = WIRE_CLEAR,
		.pid = CHILD, .tid = CHILD, .user = w.known.page[i].user | 0x20,
		.dst_page = MEM_MAP + w.known.page[i].source * 36,
		.caller = at_entry ? 0 : MIPS_COW,
		.seen = SEEN_DST_PAGE | (at_entry ? SEEN_AT_ENTRY : 0),
	};
}

static void make_clears(void)
{
	int i;

	for (i = 0; i < KNOWN_ANON_PAGES; i++)
		w.seen.clear[w.seen.clears++] = clear_record(i);
}

static void make_known(void)
{
	struct known_page *k;
	int i;

	memset(&w, 0, sizeof(w));
	dirty_bit = 11;
	kpageflags_hidden = false;
	w.known.n = KNOWN_PAGES;
	w.known.done = 1;
	for (i = 0; i < KNOWN_PAGES; i++) {
		k = &w.known.page[i];
		k->from = i < KNOWN_ANON_PAGES ? KNOWN_ANON :
			  i < KNOWN_ANON_PAGES + KNOWN_FILE_PAGES ? KNOWN_FILE : KNOWN_FRESH;
		k->user = 0x77000000 + i * page_size();
		fresh_pfn[i] = 0x3000 + i * 35 % 64;
		k->source = k->from == KNOWN_FRESH ? PFN_UNKNOWN : fresh_pfn[i];
		k->destination = 0x1000 + i * 13 % 64 * 3;
	}
}

static void make_plan(const char *file, const struct arch *arch, bool aliases, const char *prefer)
{
	w.plan = (struct plan){
		.arch = arch, .symbols = &w.symbols, .aliases = aliases, .prefer = prefer,
		.span = COLOURS * page_size(),
	};
	if (symbols__read(&w.symbols, file))
		exit(1);
	plan__choose(&w.plan);
	w.seen.known = &w.known;
}

static void count_hits(void)
{
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		w.sum.hits[role] = w.plan.pick[role] ? 200 : 0;
	w.seen.windows = 1;
}

/* All is well on an aliasing MIPS with the reference fixes, whose code cannot be read. */
static void mips_world(void)
{
	int i;

	make_known();
	make_plan(MIPS, &arch_mips, true, NULL);
	plan__reject(&w.plan, ROLE_COPY_CALL, "test");
	plan__reject(&w.plan, ROLE_CLEAR_CALL, "test");
	for (i = 0; i < KNOWN_PAGES; i++)
		w.seen.copy[w.seen.copies++] = mips_record(i);
	make_clears();
	count_hits();
	w.sum.idle_mappings = 64;
	w.sum.idle_flushes = 64;
}

/* The same, and its code can be read; with a symbol for each flush. */
static void called_world(void)
{
	int i;

	mips_world();
	make_plan(MIPS, &arch_mips, true, NULL);
	w.plan.copy_calls = (struct calls){ .n = 2, .watched = true };
	for (i = 0; i < KNOWN_PAGES; i++)
		w.seen.copy[i] = called_record(i);
	count_hits();
}

/* All is well on an ARMv6 whose code cannot be read: what is mapped where is computed. */
static void armv6_world(void)
{
	int i;

	make_known();
	make_plan(ARMV6, &arch_armv6, true, NULL);
	plan__reject(&w.plan, ROLE_COPY_CALL, "test");
	plan__reject(&w.plan, ROLE_CLEAR_CALL, "test");
	for (i = 0; i < KNOWN_PAGES; i++)
		w.seen.copy[w.seen.copies++] = armv6_record(i);
	make_clears();
	count_hits();
	w.sum.idle_flushes = 64;
}

static void armv6_called_world(void)
{
	int i;

	make_known();
	make_plan(ARMV6, &arch_armv6, true, NULL);
	w.plan.copy_calls = (struct calls){ .n = 2, .watched = true };
	for (i = 0; i < KNOWN_PAGES; i++)
		w.seen.copy[w.seen.copies++] = armv6_called_record(i);
	make_clears();
	count_hits();
}

/* All is well on x86_64, whose plan does not see first touches. */
static void x86_world(void)
{
	int i;

	make_known();
	make_plan(X86, &arch_x86_64, false, NULL);
	for (i = 0; w.known.page[i].from != KNOWN_FRESH; i++)
		w.seen.copy[w.seen.copies++] = x86_record(i);
	count_hits();
}

/* ---- spoiling it ---- */

static void nothing(void)
{
}

static void no_records(void)
{
	w.seen.copies = 0;
}

static void copy_silent(void)
{
	no_records();
	w.sum.hits[ROLE_COPY] = 0;
	w.sum.hits[ROLE_COPY_END] = 0;
}

static void copy_end_silent(void)
{
	no_records();
	w.sum.hits[ROLE_COPY_END] = 0;
}

static void twice(void)
{
	w.seen.copy[w.seen.copies++] = w.seen.copy[3];
}

/* Two records of a fresh page are refused, too. */
static void fresh_twice(void)
{
	w.seen.copy[w.seen.copies++] = w.seen.copy[KNOWN_PAGES - 1];
}

static void one_missing(void)
{
	w.seen.copy[3] = w.seen.copy[--w.seen.copies];
}

static void one_elsewhere(void)
{
	w.seen.copy[3].user += KNOWN_PAGES * page_size();
}

static void strangers_too(void)
{
	struct wire_copy rec = w.seen.copy[3];

	/* the child's stack: neither its address nor its pages are known */
	rec.user = 0x7fff0000;
	rec.src_page += 5;
	rec.caller = 0;
	w.seen.copy[w.seen.copies++] = rec;
}

/* The copy function fires, but the fault around it is not seen. */
static void fault_silent(void)
{
	no_records();
	w.sum.hits[ROLE_FAULT] = 0;
}

static void no_fault_role(void)
{
	w.plan.pick[ROLE_FAULT] = NULL;
	w.sum.hits[ROLE_FAULT] = 0;
}

static void too_many_records(void)
{
	w.seen.overflow = 7;
}

/* ---- who called ---- */

static void one_called_elsewhere(void)
{
	w.seen.copy[5].caller = 0x81000000;
}

static void one_called_by_the_wrong_one(void)
{
	w.seen.copy[5].caller = MIPS_COW;
}

static void one_called_in_fork(void)
{
	w.seen.copy[5].caller = MIPS_FORK;
}

static void fresh_called_by_the_wrong_one(void)
{
	w.seen.copy[KNOWN_PAGES - 1].caller = MIPS_WP;
}

static void no_callers_seen(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++)
		w.seen.copy[i].caller = 0;
}

/* kernel.kptr_restrict = 2 */
static void addresses_hidden(void)
{
	w.symbols.callers.n = 0;
}

static void all_of_ksm_and_huge(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++)
		w.seen.copy[i].seen |= i % 2 ? SEEN_SRC_KSM : SEEN_SRC_HUGE;
}

static void fresh_unseen(void)
{
	w.seen.copies -= KNOWN_FILE_PAGES;
}

/* ---- clears ---- */

static void no_clears(void)
{
	w.seen.clears = 0;
}

static void one_clear_missing(void)
{
	w.seen.clears--;
}

static void clears_twice(void)
{
	make_clears();
}

static void one_clear_of_another_frame(void)
{
	w.seen.clear[4].dst_page += 36;
}

static void one_clear_at_another_address(void)
{
	w.seen.clear[4].user -= page_size() * KNOWN_PAGES;
}

static void one_clear_in_fork(void)
{
	w.seen.clear[4].caller = MIPS_FORK;
}

static void one_clear_without_page(void)
{
	w.seen.clear[4].seen = 0;
}

static void strange_clears_too(void)
{
	struct wire_copy rec = clear_record(4);

	rec.user = 0x7fff0000;
	rec.dst_page += 5;
	w.seen.clear[w.seen.clears++] = rec;
	/* the page had another address before: not the one that is known */
	rec = clear_record(5);
	rec.user = 0x60000000;
	w.seen.clear[w.seen.clears++] = rec;
}

static void no_clear_role(void)
{
	no_clears();
	w.plan.pick[ROLE_CLEAR] = NULL;
}

static void clears_of_unnamed(void)
{
	no_clears();
	no_callers_seen();
}

static void no_copies_nor_clears(void)
{
	no_records();
	no_clears();
}

static void no_windows(void)
{
	w.seen.windows = 0;
}

static void window_begin_silent(void)
{
	w.seen.windows = 0;
	w.sum.hits[ROLE_WINDOW_BEGIN] = 0;
}

static void no_window_role(void)
{
	window_begin_silent();
	w.plan.pick[ROLE_WINDOW_BEGIN] = NULL;
}

static void map(int from, int to, bool shown)
{
	int i;

	for (i = from; i < to; i++) {
		w.seen.copy[i].seen &= ~SEEN_SRC_VA;
		w.seen.copy[i].seen |= shown ? SEEN_SRC_VA : 0;
	}
}

static void no_mapping(void)
{
	map(0, w.seen.copies, false);
}

static void no_mapping_ever(void)
{
	no_mapping();
	w.sum.hits[ROLE_MAPPING] = w.sum.idle_mappings = 0;
}

/* A function that does not make every mapping: its silence proves nothing. */
static void pick_incomplete(void)
{
	static const struct candidate row = {
		ROLE_MAPPING, "mips", "kmap_coherent", BY_KRETPROBE, "mapping_ret",
		EVIDENCE_OBSERVED, MAPPING_COHERENT, ONLY_ALIASING, NULL
	};

	w.plan.pick[ROLE_MAPPING] = &row;
}

static void inlined(void)
{
	pick_incomplete();
	no_mapping();
}

static void inlined_in_some(void)
{
	pick_incomplete();
	map(0, 10, false);
}

/* The destination is mapped, too, and nothing has to be flushed. */
static void both_told_apart(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++) {
		w.seen.copy[i].dst_va = 0xfffd5000;
		w.seen.copy[i].seen |= SEEN_DST_VA;
		drop_events(&w.seen.copy[i], EVENT_FLUSH);
	}
}

static void half_mapped(void)
{
	map(0, 10, false);
}

static void all_but_one_mapped(void)
{
	map(7, 8, false);
}

static void one_mapped(void)
{
	no_mapping();
	map(7, 8, true);
}

static void no_mapping_role(void)
{
	no_mapping_ever();
	w.plan.pick[ROLE_MAPPING] = NULL;
}

static void no_flush(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++)
		drop_events(&w.seen.copy[i], EVENT_FLUSH);
}

static void no_flush_ever(void)
{
	no_flush();
	w.sum.idle_flushes = 0;
}

static void flush_in_copies_only(void)
{
	w.sum.idle_flushes = 0;
}

static void no_flush_role(void)
{
	no_flush_ever();
	w.plan.pick[ROLE_FLUSH] = NULL;
}

/* Values as if arguments were read from the wrong registers. */
static void wrong_arguments(void)
{
	__u64 page;
	int i;

	for (i = 0; i < w.seen.copies; i++) {
		page = w.seen.copy[i].src_page;
		w.seen.copy[i].src_page = w.seen.copy[i].dst_page;
		w.seen.copy[i].dst_page = page;
	}
}

static void one_wrong_page(void)
{
	w.seen.copy[9].src_page += 36;
}

static void wrong_short(void)
{
	__u64 va;
	int i;

	for (i = 0; i < w.seen.copies; i++) {
		va = w.seen.copy[i].src_va;
		w.seen.copy[i].src_va = w.seen.copy[i].dst_va;
		w.seen.copy[i].dst_va = va;
	}
}

/* Samples on a line that is no linear mapping, as HIGHMEM slots may happen to be. */
static void wrong_step(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++) {
		w.seen.copy[i].src_va = X86_LINEAR + w.known.page[i].source * 64;
		w.seen.copy[i].dst_va = X86_LINEAR + w.known.page[i].destination * 64;
	}
}

/* ---- calls ---- */

static void no_calls(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++)
		w.seen.copy[i] = mips_record(i);
}

static void no_calls_armv6(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++)
		w.seen.copy[i] = armv6_record(i);
}

static void one_not_called(void)
{
	w.seen.copy[7] = mips_record(7);
}

static void one_called_for_another(void)
{
	w.seen.copy[7].dst_va += page_size();
}

static void called_with_exchanged(void)
{
	__u64 va;
	int i;

	for (i = 0; i < w.seen.copies; i++) {
		va = w.seen.copy[i].src_va;
		w.seen.copy[i].src_va = w.seen.copy[i].dst_va;
		w.seen.copy[i].dst_va = va;
	}
}

static void copied_plainly(void)
{
	int i;

	for (i = 0; i < w.seen.copies; i++)
		if (w.known.page[i].from != KNOWN_FRESH)
			w.seen.copy[i].src_va = linear(w.known.page[i].source);
}

static void user_flushed(void)
{
	add_event(&w.seen.copy[7], EVENT_FLUSH_USER, w.known.page[7].user);
}

static void all_flushed(void)
{
	add_event(&w.seen.copy[7], EVENT_FLUSH_ALL, 0);
}

static void mapping_flushed(void)
{
	add_event(&w.seen.copy[7], EVENT_FLUSH_SOURCE, w.seen.copy[7].src_va);
}

static void other_mapping_flushed(void)
{
	add_event(&w.seen.copy[7], EVENT_FLUSH_DESTINATION, 0xfffd5000);
}

static void flushes_elsewhere(void)
{
	w.plan.copy_calls.watched = false;
}

static void mapping_silent(void)
{
	w.sum.hits[ROLE_MAPPING] = w.sum.idle_mappings = 0;
}

static void nothing_known(void)
{
	w.known.n = 0;
}

static void everything_at_once(void)
{
	w.sum = (struct counters){};
	w.seen.copies = w.seen.windows = 0;
}

static const struct judge_case {
	const char *what;
	void (*world)(void);
	void (*spoil)(void);
	enum role culprit;
	bool silent;
	const char *why;	/* "" = passed */
} cases[] = {
	{ "MIPS: all fine", mips_world, nothing, ROLE_COUNT, false, "" },
	{ "MIPS: nothing fired", mips_world, everything_at_once, ROLE_COPY, false,
	  "attached, but did not fire for 56 known copies" },
	{ "MIPS: copy function never called", mips_world, copy_silent, ROLE_COPY, false,
	  "attached, but did not fire for 56 known copies" },
	{ "MIPS: the copy begins, its end is not seen", mips_world, copy_end_silent,
	  ROLE_COPY_END, false, "attached, but did not fire for 56 known copies" },
	{ "MIPS: probes fire, no record comes", mips_world, no_records, ROLE_COPY, false,
	  "showed 0 of 56 known copies, 0 twice" },
	{ "MIPS: a record twice", mips_world, twice, ROLE_COPY, false,
	  "showed 55 of 56 known copies, 1 twice" },
	{ "MIPS: a first touch twice", mips_world, fresh_twice, ROLE_COPY, false,
	  "showed 56 of 56 known copies, 1 twice" },
	{ "MIPS: a record missing", mips_world, one_missing, ROLE_COPY, false,
	  "showed 55 of 56 known copies, 0 twice" },
	{ "MIPS: a record of another address", mips_world, one_elsewhere, ROLE_COPY, false,
	  "showed 55 of 56 known copies, 0 twice" },
	{ "MIPS: records of unknown pages besides", mips_world, strangers_too, ROLE_COUNT, false,
	  "" },
	{ "MIPS: more records than fit", mips_world, too_many_records, ROLE_COPY, false,
	  "sent 7 records more than there is room for" },
	{ "MIPS: a copy called from elsewhere: no fault, paths are unknown", mips_world,
	  one_called_elsewhere, ROLE_COUNT, false, "" },
	{ "MIPS: no callers are seen: no fault either", mips_world, no_callers_seen, ROLE_COUNT,
	  false, "" },
	{ "MIPS: no clear is shown", mips_world, no_clears, ROLE_CLEAR, false,
	  "showed 0 of 48 known clears" },
	{ "MIPS: a clear missing", mips_world, one_clear_missing, ROLE_CLEAR, false,
	  "showed 47 of 48 known clears" },
	{ "MIPS: every clear twice", mips_world, clears_twice, ROLE_COUNT, false, "" },
	{ "MIPS: a clear of another page frame", mips_world, one_clear_of_another_frame,
	  ROLE_CLEAR, false, "showed 47 of 48 known clears" },
	{ "MIPS: a clear at another address", mips_world, one_clear_at_another_address,
	  ROLE_CLEAR, false, "showed 47 of 48 known clears" },
	{ "MIPS: a new page that fork filled", mips_world, one_clear_in_fork, ROLE_CLEAR, false,
	  "showed 47 of 48 known clears" },
	{ "MIPS: a clear of which the page was not seen", mips_world, one_clear_without_page,
	  ROLE_CLEAR, false, "showed 47 of 48 known clears" },
	{ "MIPS: clears of unknown pages besides", mips_world, strange_clears_too, ROLE_COUNT,
	  false, "" },
	{ "MIPS: no clear function in the plan", mips_world, no_clear_role, ROLE_COUNT, false,
	  "" },
	{ "MIPS: no clears, where who called is not known", mips_world, clears_of_unnamed,
	  ROLE_COUNT, false, "" },
	{ "MIPS: neither copies nor clears: the copies count", mips_world, no_copies_nor_clears,
	  ROLE_COPY, false, "showed 0 of 56 known copies, 0 twice" },
	{ "MIPS: window begins, its end is not seen", mips_world, no_windows, ROLE_WINDOW_END,
	  false, "attached, but did not fire for a fork" },
	{ "MIPS: window does not begin", mips_world, window_begin_silent, ROLE_WINDOW_BEGIN, false,
	  "attached, but did not fire for a fork" },
	{ "MIPS: no windows in the plan", mips_world, no_window_role, ROLE_COUNT, false, "" },
	{ "MIPS: kmap_coherent seen in every copy", mips_world, pick_incomplete, ROLE_COUNT,
	  false, "" },
	{ "MIPS: kmap_coherent inlined; seen idle, which means nothing", mips_world, inlined,
	  ROLE_MAPPING, false, "attached, but fired for 0 of 56 known copies" },
	{ "MIPS: kmap_coherent seen in some copies, perhaps inlined in others", mips_world,
	  inlined_in_some, ROLE_MAPPING, false, "attached, but fired for 46 of 56 known copies" },
	{ "MIPS: __kmap_pgprot silent in copies, seen idle", mips_world, no_mapping,
	  ROLE_MAPPING, true, "attached, but fired for 0 of 56 known copies" },
	{ "MIPS: __kmap_pgprot never seen at all", mips_world, no_mapping_ever, ROLE_MAPPING,
	  false, "attached, but fired for 0 of 56 known copies" },
	{ "MIPS: some copies are made through a mapping", mips_world, half_mapped, ROLE_COUNT,
	  false, "" },
	{ "MIPS: all copies but one are", mips_world, all_but_one_mapped, ROLE_COUNT, false, "" },
	{ "MIPS: one copy is", mips_world, one_mapped, ROLE_COUNT, false, "" },
	{ "MIPS: both sides are mapped, and told apart", mips_world, both_told_apart, ROLE_COUNT,
	  false, "" },
	{ "MIPS: no mapping function in the plan", mips_world, no_mapping_role, ROLE_COUNT, false,
	  "" },
	{ "MIPS: flush in no copy, but idle", mips_world, no_flush, ROLE_COUNT, false, "" },
	{ "MIPS: flush in copies, never idle", mips_world, flush_in_copies_only, ROLE_COUNT, false,
	  "" },
	{ "MIPS: flush never seen", mips_world, no_flush_ever, ROLE_FLUSH, false,
	  "attached, but did not fire for copies nor for /proc/self/mem" },
	{ "MIPS: no flush function in the plan", mips_world, no_flush_role, ROLE_COUNT, false, "" },
	{ "MIPS: source and destination exchanged", mips_world, wrong_arguments, ROLE_COPY, false,
	  "its pages do not fit the pfns of /proc/self/pagemap" },
	{ "MIPS: one page off by one", mips_world, one_wrong_page, ROLE_COPY, false,
	  "its pages do not fit the pfns of /proc/self/pagemap" },
	{ "MIPS: nothing was known, so nothing is proved", mips_world, nothing_known, ROLE_COPY,
	  false, "its addresses do not fit the pfns of /proc/self/pagemap" },
	{ "MIPS, calls seen: all fine", called_world, nothing, ROLE_COUNT, false, "" },
	{ "MIPS, calls seen: no mapping is, which does not matter", called_world, mapping_silent,
	  ROLE_COUNT, false, "" },
	{ "MIPS, calls seen: in no copy", called_world, no_calls, ROLE_COPY_CALL, false,
	  "attached, but fired for 0 of 64 known copies" },
	{ "MIPS, calls seen: not in all copies", called_world, one_not_called, ROLE_COUNT, false,
	  "" },
	{ "MIPS, calls seen: one of another page", called_world, one_called_for_another,
	  ROLE_COPY_CALL, false, "1 of its 64 addresses do not fit the pfns of /proc/self/pagemap" },
	{ "MIPS, calls seen: source and destination exchanged", called_world,
	  called_with_exchanged, ROLE_COPY_CALL, false,
	  "64 of its 64 addresses do not fit the pfns of /proc/self/pagemap" },
	{ "MIPS, calls seen: all is copied plainly", called_world, copied_plainly, ROLE_COUNT,
	  false, "" },
	{ "MIPS, calls seen: copies flush what nobody sees", called_world, flushes_elsewhere,
	  ROLE_COUNT, false, "" },
	{ "MIPS, calls seen: flush never seen", called_world, no_flush_ever, ROLE_FLUSH, false,
	  "attached, but did not fire for copies nor for /proc/self/mem" },
	{ "MIPS, calls seen: a record missing", called_world, one_missing, ROLE_COPY, false,
	  "showed 55 of 56 known copies, 0 twice" },
	{ "x86_64: all fine", x86_world, nothing, ROLE_COUNT, false, "" },
	{ "x86_64: copy function never called", x86_world, copy_silent, ROLE_COPY, false,
	  "attached, but did not fire for 56 known copies" },
	{ "x86_64: a record missing", x86_world, one_missing, ROLE_COPY, false,
	  "showed 55 of 56 known copies, 0 twice" },
	{ "x86_64: fault function never called", x86_world, fault_silent, ROLE_FAULT, false,
	  "attached, but did not fire for 56 known copies" },
	{ "x86_64: no fault function in the plan", x86_world, no_fault_role, ROLE_COUNT, false,
	  "" },
	{ "ARMv6: all fine", armv6_world, nothing, ROLE_COUNT, false, "" },
	{ "ARMv6: no clear is shown", armv6_world, no_clears, ROLE_CLEAR, false,
	  "showed 0 of 48 known clears" },
	{ "ARMv6: a clear of another page frame", armv6_world, one_clear_of_another_frame,
	  ROLE_CLEAR, false, "showed 47 of 48 known clears" },
	{ "ARMv6, calls seen: all fine", armv6_called_world, nothing, ROLE_COUNT, false, "" },
	{ "ARMv6, calls seen: in no copy", armv6_called_world, no_calls_armv6, ROLE_COPY_CALL,
	  false, "attached, but fired for 0 of 64 known copies" },
	{ "ARMv6, calls seen: a record missing", armv6_called_world, one_missing, ROLE_COPY, false,
	  "showed 55 of 56 known copies, 0 twice" },
	{ "x86_64: source and destination exchanged", x86_world, wrong_short, ROLE_COPY, false,
	  "its addresses do not fit the pfns of /proc/self/pagemap" },
	{ "x86_64: a line that is not of pages", x86_world, wrong_step, ROLE_COPY, false,
	  "its addresses do not fit the pfns of /proc/self/pagemap" },
};

static void examine(void)
{
	memset(&w.out, 0xff, sizeof(w.out));
	selfcheck__examine(&w.seen, &w.plan, &w.sum, &w.out);
}

static void test_judge(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cases[i].world();
		cases[i].spoil();
		examine();
		ok(w.out.culprit == cases[i].culprit && w.out.silent == cases[i].silent,
		   "%s: %s%s", cases[i].what,
		   w.out.culprit == ROLE_COUNT ? "passed" : role__name(w.out.culprit),
		   w.out.silent ? ", silent" : "");
		is_str(w.out.why, cases[i].why, cases[i].what);
	}
}

/* ---- calibration ---- */

static void test_lines(void)
{
	__u32 k;
	int i;

	mips_world();
	examine();
	ok(w.out.cal.page.ok && w.out.cal.page.base == MEM_MAP && w.out.cal.page.step == 36,
	   "MIPS: struct page addresses");
	ok(w.out.cal.linear.ok && w.out.cal.linear.base == MIPS_LINEAR &&
	   w.out.cal.linear.step == page_size(), "MIPS: linear mapping, from the flushes");
	is(w.out.cal.page_size, page_size(), "page size");
	is(w.out.cal.mapping_kind, MAPPING_COHERENT, "MIPS: what the mapping probe shows");
	is(w.out.cal.copy_kind, MAPPING_LINEAR, "MIPS: what the copy probe shows");
	ok(w.out.cal.mapping_watched && w.out.cal.flush_watched, "MIPS: watched");
	ok(w.out.sees_fresh, "MIPS: first touches are seen");

	mips_world();
	no_flush();
	examine();
	ok(!w.out.cal.linear.ok && w.out.cal.page.ok, "no flush, no linear mapping: no fault");
	ok(w.out.cal.flush_watched, "a flush would have been seen");

	mips_world();
	both_told_apart();
	examine();
	ok(!w.out.cal.linear.ok && w.out.cal.mapping_watched && w.out.cal.flush_watched &&
	   w.plan.pick[ROLE_MAPPED_PAGE], "destinations mapped coherently draw no linear line");

	mips_world();
	no_flush_ever();
	examine();
	ok(!w.out.cal.flush_watched, "a flush might not have been seen");

	mips_world();
	no_mapping();
	examine();
	ok(!w.out.cal.mapping_watched, "a silent mapping is not watched until nothing is better");

	mips_world();
	all_but_one_mapped();
	examine();
	ok(w.out.cal.mapping_watched, "a mapping that is not made for one copy is watched");

	mips_world();
	inlined_in_some();
	examine();
	ok(!w.out.cal.mapping_watched, "a mapping that may be inlined there is not");

	mips_world();
	nothing_known();
	examine();
	ok(!w.out.cal.mapping_watched, "no known copies, no mapping watched");

	mips_world();
	no_mapping_role();
	no_flush_role();
	examine();
	ok(!w.out.cal.mapping_watched && !w.out.cal.flush_watched, "no probes, not watched");

	mips_world();
	w.seen.copy[1].event[1] += 4 * page_size();
	examine();
	ok(w.out.cal.linear.ok && w.out.cal.linear.base == MIPS_LINEAR && w.out.cal.flush_watched &&
	   w.out.culprit == ROLE_COUNT, "a flush of another page does not hide the line");

	mips_world();
	for (i = 0; i < w.seen.copies; i++)
		for (k = 0; k < SEEN_EVENTS(w.seen.copy[i].seen); k++)
			w.seen.copy[i].event[k] += (i % 7) * page_size();
	examine();
	ok(!w.out.cal.linear.ok && !w.out.cal.flush_watched && w.out.culprit == ROLE_COUNT,
	   "flushes of all kinds of pages: no line, no flush can be told to be the destination's");

	mips_world();
	for (i = 0; i < w.seen.copies; i++)
		if (w.known.page[i].from != KNOWN_FRESH)
			add_event(&w.seen.copy[i], EVENT_FLUSH, linear(w.known.page[i].source));
	examine();
	ok(w.out.cal.linear.ok && w.out.cal.linear.base == MIPS_LINEAR && w.out.cal.flush_watched,
	   "flushes of sources are on the same line");

	mips_world();
	for (i = 0; i < w.seen.copies; i++)
		if (i % 3 == 0)
			add_event(&w.seen.copy[i], EVENT_FLUSH, 0xfffd0000 + i * page_size());
	examine();
	ok(w.out.cal.linear.ok && w.out.cal.linear.base == MIPS_LINEAR && w.out.cal.flush_watched,
	   "flushes of other mappings, too, do not hide the line");

	mips_world();
	for (i = 0; i < w.seen.copies; i++)
		add_event(&w.seen.copy[i], EVENT_FLUSH_DESTINATION, 0xfffd5000);
	examine();
	ok(w.out.cal.linear.ok, "flushes of mappings that were seen are no samples");

	mips_world();
	one_missing();
	examine();
	ok(w.out.cal.page.ok, "a missing record leaves the lines");

	mips_world();
	w.seen.copies--;
	examine();
	ok(!w.out.sees_fresh && w.out.culprit == ROLE_COUNT,
	   "one first touch not seen: not watched, no fault");

	armv6_called_world();
	examine();
	ok(w.out.cal.linear.ok && w.out.cal.linear.base == MIPS_LINEAR && w.out.cal.flush_watched &&
	   w.out.cal.steps && w.out.cal.call_kind == MAPPING_WINDOW,
	   "ARMv6: linear mapping, from the lines that are dropped");
	for (i = 0; i < w.seen.copies; i++)
		drop_events(&w.seen.copy[i], EVENT_DISCARD);
	examine();
	ok(!w.out.cal.linear.ok && !w.out.cal.flush_watched,
	   "ARMv6: none are dropped: no linear mapping, sources are flushed without an address");

	x86_world();
	examine();
	ok(!w.out.cal.page.ok && w.out.cal.linear.ok && w.out.cal.linear.base == X86_LINEAR,
	   "x86_64: linear mapping, from the copies");
	ok(!w.out.sees_fresh, "x86_64: first touches are not seen");
	ok(!w.out.cal.mapcount_known && w.out.cal.dirty_bit == -1 &&
	   !w.out.cal.mapping_watched && !w.out.cal.flush_watched, "x86_64: nothing else is known");
}

/* What the calls show, and what has to be watched besides. */
static void test_calls(void)
{
	static const struct {
		const char *what;
		void (*spoil)(void);
		int seen;
		bool watched, mapping_not_needed;
	} tests[] = {
		{ "all fine", nothing, 64, true, true },
		{ "no flush in copies", no_flush, 64, true, true },
		{ "one not called", one_not_called, 63, true, false },
		{ "all is copied plainly", copied_plainly, 64, true, true },
		{ "a user address is flushed", user_flushed, 64, true, true },
		{ "the whole cache is flushed", all_flushed, 64, true, true },
		{ "the source's mapping is flushed", mapping_flushed, 64, true, false },
		{ "the destination's mapping is flushed", other_mapping_flushed, 64, true, false },
		{ "flushes nobody sees", flushes_elsewhere, 64, false, true },
	};
	const struct check_result *out = &w.out;
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		called_world();
		tests[i].spoil();
		examine();
		ok(out->culprit == ROLE_COUNT && out->calls_seen == tests[i].seen &&
		   out->calls_wanted == KNOWN_PAGES, "calls: %s: %d of %d", tests[i].what,
		   out->calls_seen, out->calls_wanted);
		ok(out->cal.flush_watched == tests[i].watched &&
		   out->cal.user_watched == tests[i].watched &&
		   out->cal.all_watched == tests[i].watched,
		   "calls: %s: %swatched", tests[i].what, tests[i].watched ? "" : "not ");
		ok(out->mapping_not_needed == tests[i].mapping_not_needed,
		   "calls: %s: what is needed", tests[i].what);
	}
	called_world();
	examine();
	ok(out->cal.steps && out->cal.call_kind == MAPPING_COHERENT, "calls: recorded in order");
	ok(out->cal.highest_pfn >= 0x1000 + 63 * 3 && out->cal.highest_pfn < 1ULL << 40,
	   "calls: no frame is above %llx", (unsigned long long)out->cal.highest_pfn);
	called_world();
	no_flush();
	examine();
	ok(out->cal.linear.ok && out->cal.linear.base == MIPS_LINEAR,
	   "calls: the linear mapping, from the destinations");
	called_world();
	no_flush_role();
	examine();
	ok(!out->cal.steps && !out->cal.flush_watched, "calls: without flushes there is no order");
	mips_world();
	examine();
	ok(!out->mapping_not_needed && out->cal.user_watched,
	   "no calls: all is needed");
	x86_world();
	examine();
	ok(!out->cal.steps && !out->cal.user_watched, "x86_64: no order of events");
}

static void test_fork_flushes(void)
{
	mips_world();
	w.seen.windows = 2;
	examine();
	ok(!w.out.fork_flushes, "forks: the cache is not flushed at their ends");
	w.seen.flushed = 1;
	examine();
	ok(w.out.fork_flushes && w.out.culprit == ROLE_COUNT, "forks: it is");
}

/* An unknown path is better than a wrong one; no caller is needed where the fault tells. */
static void test_callers(void)
{
	static const struct {
		const char *what;
		void (*world)(void);
		void (*spoil)(void);
		bool known;
	} tests[] = {
		{ "MIPS: all fine", mips_world, nothing, true },
		{ "MIPS: one called from elsewhere", mips_world, one_called_elsewhere, false },
		{ "MIPS: one called by another path's function", mips_world,
		  one_called_by_the_wrong_one, false },
		{ "MIPS: one called in fork", mips_world, one_called_in_fork, false },
		{ "MIPS: a first touch called by another path's function", mips_world,
		  fresh_called_by_the_wrong_one, false },
		{ "MIPS: callers not seen", mips_world, no_callers_seen, false },
		{ "MIPS: addresses hidden", mips_world, addresses_hidden, false },
		{ "MIPS: merged by KSM meanwhile, or huge", mips_world, all_of_ksm_and_huge,
		  true },
		{ "MIPS: first touches unseen", mips_world, fresh_unseen, true },
		{ "MIPS: strangers called from elsewhere", mips_world, strangers_too, true },
		{ "ARMv6: all fine", armv6_world, nothing, true },
		{ "ARMv6: addresses hidden", armv6_world, addresses_hidden, false },
		{ "x86_64: all fine", x86_world, nothing, true },
		{ "x86_64: addresses hidden", x86_world, addresses_hidden, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tests[i].world();
		tests[i].spoil();
		examine();
		ok(w.out.cal.callers == (tests[i].known ? &w.symbols.callers : NULL) &&
		   w.out.culprit == ROLE_COUNT, "callers: %s: %sknown", tests[i].what,
		   tests[i].known ? "" : "not ");
	}
}

/* Every record has all that a record can hold. */
static void test_full_records(void)
{
	int i, k;

	mips_world();
	for (i = 0; i < w.seen.copies; i++) {
		w.seen.copy[i].seen = ANY | EVENTS_MAX << SEEN_EVENTS_SHIFT;
		w.seen.copy[i].src_va = MIPS_LINEAR + fresh_pfn[i] * page_size();
		w.seen.copy[i].dst_va = MIPS_LINEAR + w.known.page[i].destination * page_size();
		for (k = 0; k < EVENTS_MAX; k++)
			w.seen.copy[i].event[k] = WIRE_EVENT(EVENT_FLUSH, w.seen.copy[i].dst_va);
	}
	examine();
	ok(w.out.culprit == ROLE_COUNT && w.out.cal.linear.ok && w.out.cal.page.ok,
	   "records that hold everything: room for all samples");
}

static void test_mapcount(void)
{
	static const struct {
		const char *what;
		int page;		/* the page whose mapcount differs, -1 = none */
		__s32 mapcount;
		bool flags, known;
	} tests[] = {
		{ "as expected", -1, 0, true, true },
		{ "a shared page with one", 0, 0, true, false },
		{ "a shared page with three", 47, 2, true, false },
		{ "a file page with none", KNOWN_ANON_PAGES, -1, true, false },
		{ "a first touch that is mapped", KNOWN_PAGES - 1, 0, true, false },
		{ "one record without flags", -1, 0, false, false },
	};
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		mips_world();
		if (tests[i].page >= 0)
			w.seen.copy[tests[i].page].mapcount = tests[i].mapcount;
		if (!tests[i].flags)
			w.seen.copy[20].seen &= ~SEEN_FLAGS;
		examine();
		ok(w.out.cal.mapcount_known == tests[i].known && w.out.culprit == ROLE_COUNT,
		   "mapcount: %s", tests[i].what);
	}
	mips_world();
	one_missing();
	examine();
	ok(!w.out.cal.mapcount_known, "mapcount: a record missing");
}

static void flags_of(enum known_source from, __u64 set, __u64 clear)
{
	__u32 i;

	for (i = 0; i < w.known.n; i++) {
		if (w.known.page[i].from != from)
			continue;
		w.seen.copy[i].page_flags |= set;
		w.seen.copy[i].page_flags &= ~clear;
	}
}

static void test_dirty(void)
{
	static const struct {
		const char *what;
		int bit;
		__u64 fresh_set, fresh_clear, file_set, anon_set;
		bool hidden;
		int want;
	} tests[] = {
		{ "bit 11, as up to 6.1", 11, 0, 0, 0, 0, false, 11 },
		{ "bit 12, as from 6.12", 12, 0, 0, 0, 0, false, 12 },
		{ "bit 13, as in 6.6", 13, 0, 0, 0, 0, false, 13 },
		{ "bits everybody has do not disturb", 13, 1 << 12, 0, 1 << 12, 0, false, 13 },
		{ "bits file pages have do not disturb", 12, 0, 0, 1 << 11, 0, false, 12 },
		{ "what anonymous pages have by now does not count", 11, 0, 0, 0, 1 << 11, false,
		  11 },
		{ "two bits fit", 11, 1 << 13, 0, 0, 0, false, -1 },
		{ "three bits fit", 11, 3 << 12, 0, 0, 0, false, -1 },
		{ "no bit fits", 11, 0, 1 << 11, 0, 0, false, -1 },
		{ "a bit fits that never was PG_arch_1", 11, 1 << 9, 1 << 11, 0, 0, false, -1 },
		{ "set on both", 11, 0, 0, 1 << 11, 0, false, -1 },
		{ "kpageflags cannot be read", 11, 0, 0, 0, 0, true, -1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		mips_world();
		dirty_bit = tests[i].bit;
		flags_of(KNOWN_FRESH, 1 << dirty_bit | tests[i].fresh_set,
			 tests[i].fresh_clear | (dirty_bit == 11 ? 0 : 1 << 11));
		flags_of(KNOWN_FILE, tests[i].file_set, 0);
		flags_of(KNOWN_ANON, tests[i].anon_set, 0);
		kpageflags_hidden = tests[i].hidden;
		examine();
		ok(w.out.cal.dirty_bit == tests[i].want, "PG_arch_1: %s: %d", tests[i].what,
		   w.out.cal.dirty_bit);
	}
	mips_world();
	w.seen.copies -= KNOWN_FILE_PAGES;
	examine();
	ok(w.out.cal.dirty_bit == -1, "PG_arch_1: only pages without it were seen");
	mips_world();
	for (i = KNOWN_ANON_PAGES; i < KNOWN_ANON_PAGES + KNOWN_FILE_PAGES; i++)
		w.seen.copy[i].seen &= ~SEEN_FLAGS;
	examine();
	ok(w.out.cal.dirty_bit == -1, "PG_arch_1: only pages with it were seen");
	mips_world();
	w.seen.copy[KNOWN_PAGES - 2].page_flags &= ~(1ULL << 11);
	examine();
	ok(w.out.cal.dirty_bit == -1, "PG_arch_1: one page disagrees with kpageflags");
	mips_world();
	copies_clean = true;
	for (i = 0; i < KNOWN_PAGES; i++)
		if (w.known.page[i].from == KNOWN_FRESH)
			w.seen.copy[i].seen |= SEEN_CLEANED;
	examine();
	copies_clean = false;
	ok(w.out.cal.dirty_bit == 11, "PG_arch_1: copies clear it");
	mips_world();
	for (i = KNOWN_PAGES - KNOWN_FILE_PAGES; i < KNOWN_PAGES; i++)
		add_event(&w.seen.copy[i], EVENT_FLUSH_SOURCE, 0);
	examine();
	ok(w.out.cal.dirty_bit == 11 && !w.out.cal.flag_is_clean,
	   "PG_arch_1: a flush does not change it where it means dirty");
	armv6_called_world();
	examine();
	ok(w.out.cal.dirty_bit == 11 && w.out.cal.flag_is_clean,
	   "PG_arch_1: clean: copies that flushed their source had it clear");
	for (i = 0; i < KNOWN_PAGES; i++)
		drop_events(&w.seen.copy[i], EVENT_FLUSH_SOURCE);
	examine();
	ok(w.out.cal.dirty_bit == -1, "PG_arch_1: clean: no copy flushed its source");
	armv6_called_world();
	w.seen.copy[KNOWN_ANON_PAGES].page_flags = 0;
	examine();
	ok(w.out.cal.dirty_bit == -1, "PG_arch_1: clean: a source without it was not flushed");
	armv6_called_world();
	w.seen.copy[KNOWN_PAGES - 1].page_flags = ~0ULL;
	examine();
	ok(w.out.cal.dirty_bit == -1, "PG_arch_1: clean: a source with it was flushed");
}

/* ---- replacing plans: selfcheck__open on a kernel that is played ---- */

static struct fake {
	const char *deaf;	/* functions that attach and never fire, separated by blanks */
	const char *idle_only;	/* functions that fire, but in no copy */
	__u64 lost;
	int open_error, run_error;
	int strange_clears;	/* of the same process, after its known ones */
	bool code;		/* the kernel's code can be read */
	const char *flushes;	/* ... but what does that, in copies, is not watched */
	int missed_call;	/* the call is not seen in this copy, 0 = none */
	struct wire_copy (*record)(int i);
	int opens, closes, follows, unfollows, starts, ends;
	__u16 fork_flushed;	/* the window's field */
	struct learned learned;
	__u32 dropped;		/* roles, by bits */
	struct plan *plan;
	transport_fn fn;
	void *ctx;
	struct session_opts opts;
} fake;

/* Whole words: __kmap_pgprot is not kmap. */
static bool in_list(const char *list, const struct candidate *row)
{
	const char *at = list && row ? strstr(list, row->function) : NULL;
	const size_t len = row ? strlen(row->function) : 0;

	return at && (at == list || at[-1] == ' ') && (!at[len] || at[len] == ' ');
}

/* The state of fake's trampolines when the check begins: the kernel may still be busy. */
static enum { SETTLED, LATE, REFUSED } under_way;

static bool fires(enum role role)
{
	const struct candidate *row = fake.plan->pick[role];

	return row && !in_list(fake.deaf, row) && !(under_way && row->by == BY_FENTRY);
}

int session__open(struct session **s, const struct kernel *k, struct plan *p,
		  const struct session_opts *opts, transport_fn fn, void *ctx)
{
	(void)k;
	fake.opens++;
	fake.plan = p;
	if (!fake.code) {
		plan__reject(p, ROLE_COPY_CALL, "the kernel's code cannot be read");
		plan__reject(p, ROLE_CLEAR_CALL, "the kernel's code cannot be read");
	}
	p->copy_calls = (struct calls){ .n = 2, .watched = !fake.flushes };
	p->clear_calls = (struct calls){ .n = 1, .watched = true };
	snprintf(p->copy_calls.unwatched, sizeof(p->copy_calls.unwatched), "%s", fake.flushes ?: "");
	fake.fn = fn;
	fake.ctx = ctx;
	fake.opts = *opts;
	if (fake.open_error || fake.opens > 20)
		return fake.open_error ?: EXIT_LOST;	/* it must end */
	*s = (void *)&fake;
	return 0;
}

void session__drop(struct session *s, enum role role)
{
	fake.dropped |= s == (void *)&fake ? 1U << role : 0;
}

void session__close(struct session *s)
{
	fake.closes += s == (void *)&fake;
}

int session__follow(struct session *s, __u32 tid, __u32 pid)
{
	fake.follows += s == (void *)&fake && tid == CHILD && pid == CHILD;
	return 0;
}

int session__unfollow(struct session *s, __u32 tid)
{
	fake.unfollows += s == (void *)&fake && tid == CHILD;
	return 0;
}

int session__drain(struct session *s)
{
	(void)s;
	return 0;
}

void session__set_learned(struct session *s, const struct learned *learned)
{
	if (s == (void *)&fake && learned->checked)
		fake.learned = *learned;
}

void session__counts(const struct session *s, struct session_counts *counts)
{
	int role;

	(void)s;
	memset(counts, 0, sizeof(*counts));
	for (role = 0; role < ROLE_COUNT; role++)
		counts->sum.hits[role] = fires(role) ? 200 : 0;
	counts->sum.idle_mappings = fires(ROLE_MAPPING) ? 64 : 0;
	counts->sum.idle_flushes = fires(ROLE_FLUSH) ? 64 : 0;
	counts->lost = fake.lost;
}

int session__settle(struct session *s)
{
	struct plan *p = fake.plan;
	const bool refused = s == (void *)&fake && under_way == REFUSED;

	under_way = SETTLED;
	if (refused)
		plan__reject(p, ROLE_FAULT, "the kernel refused it");
	return refused ? -EAGAIN : 0;
}

int known__start(struct known_child *child, const char *comm, bool paced)
{
	(void)comm;
	(void)paced;
	fake.starts++;
	child->pid = CHILD;
	child->known = &w.known;
	return 0;
}

static bool copies_are_sent(void)
{
	const struct plan *p = fake.plan;

	return fires(ROLE_COPY) && (!p->pick[ROLE_COPY_END] || fires(ROLE_COPY_END)) &&
	       (!p->pick[ROLE_FAULT] || fires(ROLE_FAULT));
}

static void show_clears(void)
{
	struct wire_copy rec;
	int i;

	for (i = 0; fires(ROLE_CLEAR) && i < KNOWN_ANON_PAGES; i++) {
		rec = clear_record(i);
		fake.fn(fake.ctx, &rec.head);
	}
	for (i = 0; i < fake.strange_clears; i++) {
		rec = clear_record(0);
		rec.user = 0x50000000 + i * page_size();
		fake.fn(fake.ctx, &rec.head);
	}
}

int known__run(struct known_child *child, void (*idle)(void *ctx), void *ctx)
{
	struct wire_window win = {
		.head.type = WIRE_WINDOW, .pid = CHILD, .flushed = fake.fork_flushed,
	};
	struct wire_copy rec;
	int i;

	(void)child;
	if (fake.run_error)
		return fake.run_error;
	/* other processes copy, too, and must not count */
	rec = fake.record(0);
	rec.head.type = WIRE_COPY;
	rec.pid++;
	fake.fn(fake.ctx, &rec.head);
	rec.head.type = WIRE_CLEAR;
	fake.fn(fake.ctx, &rec.head);
	win.pid++;
	fake.fn(fake.ctx, &win.head);
	win.pid--;
	show_clears();
	for (i = 0; copies_are_sent() && i < KNOWN_PAGES; i++) {
		/* x86_64 does not see first touches */
		if (fake.plan->pick[ROLE_FAULT] && w.known.page[i].from == KNOWN_FRESH)
			continue;
		idle(ctx);
		rec = fires(ROLE_COPY_CALL) && i + 1 != fake.missed_call ? called_record(i) :
		      fake.record(i);
		rec.head.type = WIRE_COPY;
		if (!fires(ROLE_MAPPING) ||
		    in_list(fake.idle_only, fake.plan->pick[ROLE_MAPPING]))
			rec.seen &= ~(rec.seen & SEEN_CALL ? 0 : SEEN_SRC_VA);
		if (!fires(ROLE_FLUSH))
			drop_events(&rec, EVENT_FLUSH);
		fake.fn(fake.ctx, &rec.head);
	}
	if (fires(ROLE_WINDOW_BEGIN) && fires(ROLE_WINDOW_END))
		fake.fn(fake.ctx, &win.head);
	return 0;
}

void known__end(struct known_child *child)
{
	fake.ends += child->pid == CHILD;
	memset(child, 0, sizeof(*child));
}

static int received;

static void on_record(void *ctx, const struct wire_head *rec)
{
	(void)rec;
	received += ctx == &received;
}

#define NOT_IN_COPIES	"__kmap_pgprot is at work on this kernel, but not in copies"

#define CLEARS_UNSEEN	"warning: clears cannot be seen on this kernel: showed 0 of 48"
#define CALLERS_UNKNOWN	"cannot tell on this kernel which function made a copy"
#define NEW_PAGE	"page_add_new_anon_rmap"

static const struct open_case {
	const char *what, *prefer, *deaf, *idle_only;
	__u64 lost;
	int open_error, run_error;
	int ret, opens;
	/* when it returns 0 */
	const char *mapping, *clear, *window_end;	/* functions, "-" = none */
	bool watched;
	const char *said;	/* part of what it says, NULL = nothing */
} opens[] = {
	{ "all fine", NULL, NULL, NULL, 0, 0, 0, 0, 1,
	  "__kmap_pgprot", NEW_PAGE, "uprobe_end_dup_mmap", true, NULL },
	{ "copies without coherent mapping: an unfixed kernel", NULL, NULL, "__kmap_pgprot", 0, 0,
	  0, 0, 2, "__kmap_pgprot", NEW_PAGE, "uprobe_end_dup_mmap", true, NOT_IN_COPIES },
	{ "no mapping is ever seen", NULL, "__kmap_pgprot", NULL, 0, 0, 0,
	  EXIT_UNSUPPORTED, 1, NULL, NULL, NULL, false, "the role 'mapping'" },
	{ "copies are not seen", NULL, "copy_user_highpage", NULL, 0, 0, 0, EXIT_UNSUPPORTED, 1,
	  NULL, NULL, NULL, false, "the role 'copy'" },
	{ "copies are not seen, with --prefer", "kprobe", "copy_user_highpage", NULL, 0, 0,
	  0, EXIT_UNSUPPORTED, 1, NULL, NULL, NULL, false, "try without --prefer" },
	{ "flushes are not seen", NULL, "r4k_flush_data_cache_page", NULL, 0, 0, 0,
	  EXIT_UNSUPPORTED, 1, NULL, NULL, NULL, false, "the role 'flush'" },
	{ "clears are not seen: a warning", NULL, NEW_PAGE, NULL, 0, 0, 0, 0, 2,
	  "__kmap_pgprot", "-", "uprobe_end_dup_mmap", true, CLEARS_UNSEEN },
	{ "uprobe_end_dup_mmap is not called", NULL, "uprobe_end_dup_mmap", NULL, 0, 0, 0, 0, 2,
	  "__kmap_pgprot", NEW_PAGE, "flush_tlb_mm", true, NULL },
	{ "no end of a window is seen: a warning", NULL, "uprobe_end_dup_mmap flush_tlb_mm", NULL,
	  0, 0, 0, 0, 3, "__kmap_pgprot", NEW_PAGE, "-", true,
	  "warning: fork windows cannot be seen" },
	{ "records were lost", NULL, NULL, NULL, 3, 0, 0, EXIT_FAIL, 1, NULL, NULL, NULL, false,
	  "3 records lost" },
	{ "the session does not open", NULL, NULL, NULL, 0, EXIT_PERM, 0, EXIT_PERM, 1, NULL, NULL,
	  NULL, false, NULL },
	{ "the copies cannot be made", NULL, NULL, NULL, 0, 0, EXIT_PERM, EXIT_PERM, 1, NULL,
	  NULL, NULL, false, NULL },
};

static bool is_function(const struct candidate *row, const char *name)
{
	return !strcmp(row ? row->function : "-", name);
}

static void test_open(void)
{
	static const struct kernel kernel;
	const struct session_opts opts = { .follow = FOLLOW_PROCESS, .buffer = 65536 };
	static struct selfcheck sc;
	const struct open_case *c;
	struct wire_copy rec;
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		c = &opens[i];
		make_known();
		make_plan(MIPS, &arch_mips, true, c->prefer);
		fake = (struct fake){ .deaf = c->deaf, .idle_only = c->idle_only, .lost = c->lost,
				      .open_error = c->open_error, .run_error = c->run_error,
				      .record = mips_record };
		received = 0;
		quiet__begin();
		ret = selfcheck__open(&sc, &kernel, &w.plan, &opts, on_record, &received);
		quiet__end();
		ok(ret == c->ret && fake.opens == c->opens, "%s: %d after %d tries", c->what, ret,
		   fake.opens);
		ok(c->said ? quiet_lines() == 1 && strstr(quiet_text, c->said) : !*quiet_text,
		   "%s: says %s", c->what, c->said ?: "nothing");
		ok(fake.starts == fake.ends && fake.follows == fake.unfollows &&
		   fake.starts >= (c->open_error ? 0 : c->opens) && fake.starts <= 2 * c->opens,
		   "%s: every child was ended, %d of them", c->what, fake.starts);
		ok(!received, "%s: no record of the check reached the caller", c->what);
		if (c->ret) {
			ok(fake.closes == (c->open_error ? 0 : c->opens) && !sc.session,
			   "%s: every session is closed", c->what);
			continue;
		}
		ok(fake.closes == c->opens - 1 && sc.session, "%s: one session is left", c->what);
		ok(is_function(w.plan.pick[ROLE_MAPPING], c->mapping) &&
		   is_function(w.plan.pick[ROLE_CLEAR], c->clear) &&
		   is_function(w.plan.pick[ROLE_WINDOW_END], c->window_end), "%s: the plan",
		   c->what);
		ok(sc.result.cal.mapping_watched == c->watched && sc.result.cal.flush_watched,
		   "%s: mappings and flushes are watched", c->what);
		is(fake.learned.page_bytes, 36, "the programs are told the size of struct page");
		rec = mips_record(0);
		fake.fn(fake.ctx, &rec.head);
		rec.pid = 1;
		fake.fn(fake.ctx, &rec.head);
		is(received, 2, "from now on every record goes to the caller");
	}
}

static int open_quietly(struct selfcheck *sc, const char *deaf, int strange_clears)
{
	static const struct kernel kernel;
	const struct session_opts opts = { .follow = FOLLOW_PROCESS, .buffer = 65536 };
	int ret;

	fake = (struct fake){
		.deaf = deaf, .strange_clears = strange_clears,
		.record = w.plan.arch == &arch_x86_64 ? x86_record : mips_record,
	};
	quiet__begin();
	ret = selfcheck__open(sc, &kernel, &w.plan, &opts, on_record, &received);
	quiet__end();
	return ret;
}

#define FORKS		(1U << ROLE_FORK_TLB | 1U << ROLE_FORK_FLUSH)
#define MAPPINGS	(1U << ROLE_MAPPING | 1U << ROLE_MAPPED_PAGE)

/* Where the kernel's code can be read, and what is attached for nothing is dropped. */
static void test_open_calls(void)
{
	static const struct {
		const char *what, *deaf, *flushes;
		int missed;
		__u16 fork_flushed;
		int opens;
		__u32 dropped;
		const char *said;	/* NULL = nothing */
	} tests[] = {
		{ "all fine", NULL, NULL, 0, 0, 1, FORKS | MAPPINGS, NULL },
		{ "forks flush", NULL, NULL, 0, 1, 1, MAPPINGS, NULL },
		{ "no mapping is ever seen", "__kmap_pgprot", NULL, 0, 0, 1, FORKS | MAPPINGS, NULL },
		{ "a call is missed", NULL, NULL, 7, 0, 1, FORKS,
		  "copy_page was seen in 63 of 64 known copies" },
		{ "flushes are not watched", NULL, "helper operates on the cache", 0, 0, 1,
		  FORKS | MAPPINGS, "helper operates on the cache: what it flushes cannot be seen" },
		{ "no call is seen: without", "copy_page", NULL, 0, 0, 2, FORKS, NULL },
	};
	static const struct kernel kernel;
	const struct session_opts opts = { .follow = FOLLOW_PROCESS, .buffer = 65536 };
	static struct selfcheck sc;
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		make_known();
		make_plan(MIPS, &arch_mips, true, NULL);
		fake = (struct fake){ .deaf = tests[i].deaf, .code = true, .record = mips_record,
				      .flushes = tests[i].flushes,
				      .fork_flushed = tests[i].fork_flushed,
				      .missed_call = tests[i].missed };
		quiet__begin();
		ret = selfcheck__open(&sc, &kernel, &w.plan, &opts, on_record, &received);
		quiet__end();
		ok(!ret && fake.opens == tests[i].opens, "calls: %s: %d after %d tries",
		   tests[i].what, ret, fake.opens);
		ok(tests[i].said ? strstr(quiet_text, tests[i].said) != NULL : !*quiet_text,
		   "calls: %s: says %s", tests[i].what, tests[i].said ?: "nothing");
		is(fake.dropped, tests[i].dropped, "calls: what is dropped");
		is(fake.learned.fork_flushes, tests[i].fork_flushed, "calls: the programs are told");
		ok(sc.result.cal.user_watched == !tests[i].flushes,
		   "calls: %s: flushes of user addresses", tests[i].what);
		ok(!w.plan.pick[ROLE_COPY_CALL] == (tests[i].opens > 1), "calls: %s: the plan",
		   tests[i].what);
	}
}

/* By fentry or by kprobe, a function that is not called shows nothing. */
static void test_open_x86(void)
{
	static struct selfcheck sc;

	make_known();
	make_plan(X86, &arch_x86_64, false, NULL);
	ok(!open_quietly(&sc, NULL, 0) && fake.opens == 1 && !*quiet_text && !fake.learned.page_bytes,
	   "x86_64: all fine, nothing to learn");
	ok(w.plan.pick[ROLE_COPY]->by == BY_FENTRY && !sc.result.sees_fresh,
	   "x86_64: by fentry, first touches unseen");
	under_way = LATE;
	ok(!open_quietly(&sc, NULL, 0) && fake.opens == 1 && fake.starts == 2 && !*quiet_text &&
	   w.plan.pick[ROLE_FAULT]->by == BY_FENTRY, "x86_64: probes that come late: once more");
	under_way = REFUSED;
	ok(!open_quietly(&sc, NULL, 0) && fake.opens == 2 && fake.closes == 1 && !*quiet_text &&
	   w.plan.pick[ROLE_FAULT]->by == BY_KPROBE, "x86_64: refused late: the next candidate");
	make_plan(X86, &arch_x86_64, false, NULL);
	ok(!open_quietly(&sc, "wp_page_copy", 0) && fake.opens == 3 && !*quiet_text,
	   "x86_64: wp_page_copy inlined");
	ok(is_function(w.plan.pick[ROLE_FAULT], "do_wp_page") &&
	   w.plan.pick[ROLE_FAULT]->by == BY_FENTRY && w.plan.pick[ROLE_FAULT_END],
	   "x86_64: then its caller, to its end");
	make_plan(X86, &arch_x86_64, false, NULL);
	ok(open_quietly(&sc, "wp_page_copy do_wp_page", 0) == EXIT_UNSUPPORTED && fake.opens == 4 &&
	   quiet_lines() == 1 && strstr(quiet_text, "the role 'fault'"),
	   "x86_64: no fault is seen");
}

/* Clears that the check has no room for do not matter, and are not handed on. */
static void test_open_clears(void)
{
	static struct selfcheck sc;

	make_known();
	make_plan(MIPS, &arch_mips, true, NULL);
	received = 0;
	ok(!open_quietly(&sc, NULL, SEEN_MAX + 100) && fake.opens == 1 && !*quiet_text,
	   "more clears than there is room for");
	ok(sc.seen.clears == SEEN_MAX && sc.seen.copies == KNOWN_PAGES && !sc.seen.overflow &&
	   !received, "as many as fit are kept, and every copy");

	make_plan(MIPS, &arch_mips, true, NULL);
	addresses_hidden();
	ok(!open_quietly(&sc, NULL, 0) && fake.opens == 1 && !sc.result.cal.callers &&
	   quiet_lines() == 1 && strstr(quiet_text, CALLERS_UNKNOWN),
	   "addresses are hidden: a warning");
}

int main(void)
{
	test_judge();
	test_callers();
	test_lines();
	test_calls();
	test_fork_flushes();
	test_full_records();
	test_mapcount();
	test_dirty();
	test_open();
	test_open_calls();
	test_open_x86();
	test_open_clears();
	return tap__done();
}
