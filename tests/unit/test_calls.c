// SPDX-License-Identifier: GPL-2.0-only
/* Calls found by reading a made-up kernel's functions (user/probe/calls.c). */
#include <stdlib.h>
#include <string.h>
#include "probe/calls.h"
#include "tap.h"

#define BASE		0x80100000U
#define SPACE		0x400U		/* between the functions */
#define CODE_MAX	160
#define MANY		70		/* functions more than can be followed */

/* Where each function is: its name is looked for in this list. */
enum {
	CUH, COPY_PAGE, MEMCPY, CLEAR_PAGE, HELPER, DEEPER, DEEPEST, BOTTOM, KMAP, FLUSH_DATA,
	FLUSH_OTHER, LOCAL_FLUSH, FAULT, SCHEDULE, DMA_INV, COPY_V6, CLEAR_V6, MEMSET, SET_PTE, FLUSH_V6,
	NAMED, FUNCTIONS = NAMED + MANY
};

static const char *const names[NAMED] = {
	[CUH] = "copy_user_highpage", [COPY_PAGE] = "copy_page", [MEMCPY] = "memcpy",
	[CLEAR_PAGE] = "clear_page", [HELPER] = "helper", [DEEPER] = "deeper",
	[DEEPEST] = "deepest", [BOTTOM] = "bottom", [KMAP] = "kmap_coherent",
	[FLUSH_DATA] = "r4k_flush_data_cache_page", [FLUSH_OTHER] = "r4k_flush_cache_page",
	[LOCAL_FLUSH] = "local_r4k_flush_icache_range", [FAULT] = "do_anonymous_page",
	[SCHEDULE] = "schedule", [DMA_INV] = "r4k_dma_cache_inv",
	[COPY_V6] = "v6_copy_user_highpage_aliasing",
	[CLEAR_V6] = "v6_clear_user_highpage_aliasing", [MEMSET] = "memset",
	[SET_PTE] = "cpu_v6_set_pte_ext", [FLUSH_V6] = "__flush_dcache_page",
};

#define AT(f)		(BASE + SPACE * (f))
#define JAL(f)		(0x0c000000 | (AT(f) >> 2 & 0x3ffffff))
#define J(f)		(0x08000000 | (AT(f) >> 2 & 0x3ffffff))
#define NOP		0
#define MOVE_A1_V0	0x00402825
#define MOVE_A0_S0	0x02002025
#define LW_A1_V0	0x8c450000
#define ADDU_V0_A0	0x00441021
#define LUI_V0(high)	(0x3c020000 | (high))
#define LW_V0(low)	(0x8c420000 | (low))
#define JALR_V0		0x0040f809
#define JR_V0		0x00400008
#define LW_T9_A0	0x8c990008
#define JR_T9		0x03200008
#define JALR_T9		0x0320f809
#define JR_RA		0x03e00008
#define CACHE		0xbc000000
#define RETURN		JR_RA, NOP

/* Pointers to functions, one behind the other at POINTERS. */
#define POINTERS	0x80a00000U
#define POINTER(n)	LUI_V0(POINTERS >> 16), LW_V0(4 * (n))
#define THROUGH(n)	POINTER(n), JALR_V0, NOP

struct world {
	__u32 code[FUNCTIONS][CODE_MAX];	/* 0, 0, 0, ... behind its end */
	__u32 words[FUNCTIONS];
	__u32 pointer[5];
	int watched;			/* the function with a probe for ROLE_FLUSH, 0 = none */
	int user_watched;		/* ... for ROLE_FLUSH_USER */
	__u32 reached;			/* roles (bits) of the probes that will be found */
	int unreadable;			/* ... that cannot be read, -1 = none */
	const char *recorded;		/* ... in which calls are hidden by recorders, NULL = none */
};

static struct world w;

static __u64 address_of(const struct kernel_code *code, const char *name)
{
	int i;

	(void)code;
	for (i = 0; i < NAMED; i++)
		if (w.words[i] && !strcmp(names[i], name))
			return AT(i);
	return 0;
}

static bool function_at(const struct kernel_code *code, __u64 address, struct function *f)
{
	const __u64 i = (address - BASE) / SPACE;

	(void)code;
	if (address < BASE || i >= FUNCTIONS || (address - AT(i)) / 4 >= w.words[i])
		return false;
	*f = (struct function){ .start = AT(i), .end = AT(i) + 4 * w.words[i] };
	snprintf(f->name, sizeof(f->name), "%s", i < NAMED ? names[i] : "one_of_many");
	return true;
}

static bool read_at(const struct kernel_code *code, __u64 address, void *to, size_t size)
{
	const __u64 i = (address - BASE) / SPACE;

	(void)code;
	if (address >= POINTERS && address + size <= POINTERS + sizeof(w.pointer)) {
		memcpy(to, (__u8 *)w.pointer + (address - POINTERS), size);
		return true;
	}
	if (address < BASE || i >= FUNCTIONS || size > 4 * w.words[i] ||
	    i == (__u64)w.unreadable)
		return false;
	memcpy(to, w.code[i], size);
	return true;
}

static enum role watcher(void *ctx, const char *function)
{
	(void)ctx;
	if (w.watched && !strcmp(function, names[w.watched]))
		return ROLE_FLUSH;
	return w.user_watched && !strcmp(function, names[w.user_watched]) ? ROLE_FLUSH_USER :
	       ROLE_COUNT;
}

static bool hidden_at(const struct kernel_code *code, const char *function, __u32 offset,
		      struct call *call)
{
	(void)code;
	if (!w.recorded || strcmp(function, w.recorded))
		return false;
	*call = (struct call){ .kind = offset == 8 ? CALL_DISCARDS : CALL_COPIES };
	call->site.argument[0].base = offset == 8 ? 2 : 0;
	call->site.argument[1].base = 1;
	return true;
}

static const struct kernel_code kernel = {
	.address = address_of, .function = function_at, .read = read_at, .hidden = hidden_at,
};

/* ---- worlds ---- */

/* A function that consists of these words. */
#define FUNCTION(f, ...) do { \
	const __u32 words[] = { __VA_ARGS__ }; \
	memcpy(w.code[f], words, sizeof(words)); \
	w.words[f] = sizeof(words) / 4; \
} while (0)

/* The functions that are in every kernel. */
static void begin(void)
{
	memset(&w, 0, sizeof(w));
	FUNCTION(COPY_PAGE, CACHE, RETURN);	/* neither is read */
	FUNCTION(MEMCPY, CACHE, RETURN);
	FUNCTION(CLEAR_PAGE, CACHE, RETURN);
	FUNCTION(FLUSH_DATA, CACHE, RETURN);
	FUNCTION(FLUSH_OTHER, CACHE, RETURN);
	FUNCTION(LOCAL_FLUSH, RETURN);
	FUNCTION(KMAP, RETURN);
	w.pointer[0] = AT(FLUSH_DATA);
	w.pointer[1] = AT(FLUSH_OTHER);
	w.pointer[2] = AT(LOCAL_FLUSH);
	w.pointer[3] = AT(HELPER);
	w.pointer[4] = AT(CUH) + 8;
	w.watched = FLUSH_DATA;
	w.unreadable = -1;
}

static void plain(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

static void two_calls(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, MOVE_A0_S0, JAL(COPY_PAGE), MOVE_A0_S0, RETURN);
}

static void four_calls(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(COPY_PAGE), MOVE_A1_V0, JAL(COPY_PAGE),
		 MOVE_A1_V0, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

static void five_calls(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(COPY_PAGE), MOVE_A1_V0, JAL(COPY_PAGE),
		 MOVE_A1_V0, JAL(COPY_PAGE), MOVE_A1_V0, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

static void in_place_of_return(void)
{
	FUNCTION(CUH, MOVE_A0_S0, J(COPY_PAGE), MOVE_A1_V0);
}

static void by_memcpy(void)
{
	FUNCTION(CUH, JAL(MEMCPY), MOVE_A1_V0, RETURN);
}

static void by_both(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(MEMCPY), MOVE_A1_V0, RETURN);
}

static void in_helper(void)
{
	FUNCTION(CUH, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, MOVE_A0_S0, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

static void in_helper_through_pointer(void)
{
	in_helper();
	FUNCTION(CUH, THROUGH(3), RETURN);
}

static void in_deeper(void)
{
	FUNCTION(CUH, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, J(DEEPER), NOP);
	FUNCTION(DEEPER, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

static void in_bottom(void)
{
	in_deeper();
	FUNCTION(DEEPER, JAL(DEEPEST), NOP, RETURN);
	FUNCTION(DEEPEST, JAL(BOTTOM), NOP, RETURN);
	FUNCTION(BOTTOM, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

/* Calls of n of the many functions, before the return of function f. */
static void call_many(int f, int first, int n)
{
	const __u32 ends[] = { RETURN };
	int i;

	for (i = 0; i < n; i++) {
		FUNCTION(NAMED + first + i, RETURN);
		w.code[f][2 * i] = JAL(NAMED + first + i);
		w.code[f][2 * i + 1] = NOP;
	}
	memcpy(&w.code[f][2 * n], ends, sizeof(ends));
	w.words[f] = 2 * n + 2;
}

/* With the function itself and its two helpers, as many as can be read. */
static void in_many(int more)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, JAL(DEEPER), NOP, RETURN);
	call_many(HELPER, 0, 40);
	call_many(DEEPER, 40, 64 - 3 - 40 + more);
}

static void many(void)
{
	in_many(0);
}

static void too_many(void)
{
	in_many(1);
}

static void many_at_once(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, RETURN);
	call_many(HELPER, 0, 60);
}

static void too_many_at_once(void)
{
	many_at_once();
	call_many(HELPER, 0, 65);
}

/* What it calls lets other threads run, or does not come back. */
static void other_business(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(SCHEDULE), NOP, RETURN);
	FUNCTION(SCHEDULE, CACHE, THROUGH(1), JAL(COPY_PAGE), LW_A1_V0, RETURN);
}

static void no_callee(void)
{
	plain();
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(BOTTOM), NOP, RETURN);
}

/* Helpers call each other and themselves: each is read once. */
static void in_circles(void)
{
	FUNCTION(CUH, JAL(HELPER), NOP, JAL(HELPER), NOP, JAL(DEEPER), NOP, RETURN);
	FUNCTION(HELPER, JAL(DEEPER), NOP, JAL(HELPER), NOP, JAL(CUH), NOP, RETURN);
	FUNCTION(DEEPER, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, RETURN);
}

/* memcpy in a helper copies something else. */
static void memcpy_in_helper(void)
{
	FUNCTION(CUH, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, JAL(MEMCPY), MOVE_A1_V0, RETURN);
}

static void memcpy_in_helper_too(void)
{
	FUNCTION(CUH, JAL(HELPER), NOP, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
	FUNCTION(HELPER, JAL(MEMCPY), LW_A1_V0, RETURN);
}

static void from_memory(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), LW_A1_V0, RETURN);
}

static void one_from_memory(void)
{
	FUNCTION(CUH, MOVE_A0_S0, JAL(COPY_PAGE), MOVE_A1_V0, JAL(COPY_PAGE), LW_A1_V0, RETURN);
}

static void helper_from_memory(void)
{
	in_helper();
	FUNCTION(HELPER, JAL(COPY_PAGE), LW_A1_V0, RETURN);
}

static void no_function(void)
{
}

static void no_copy_page(void)
{
	plain();
	w.words[COPY_PAGE] = 0;
}

static void unreadable(void)
{
	plain();
	w.unreadable = CUH;
}

static void helper_unreadable(void)
{
	plain();
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, RETURN);
	w.unreadable = HELPER;
}

static void cache_inline(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, CACHE, RETURN);
}

static void cache_in_helper(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, CACHE, RETURN);
}

static void cache_in_deeper(void)
{
	cache_in_helper();
	FUNCTION(HELPER, JAL(DEEPER), NOP, RETURN);
	FUNCTION(DEEPER, CACHE, RETURN);
}

static void flush_watched(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, THROUGH(0), RETURN);
	w.reached = 1U << ROLE_FLUSH;
}

static void flush_called(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(FLUSH_DATA), NOP, RETURN);
	w.reached = 1U << ROLE_FLUSH;
}

static void flush_unwatched(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, THROUGH(1), RETURN);
}

/* Its name tells, before it is read. */
static void flush_by_name(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, THROUGH(2), RETURN);
}

static void flush_in_helper(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, THROUGH(1), RETURN);
}

static void flush_deep_down(void)
{
	in_bottom();
	FUNCTION(BOTTOM, JAL(COPY_PAGE), MOVE_A1_V0, JAL(FLUSH_DATA), NOP, RETURN);
	w.reached = 1U << ROLE_FLUSH;
}

static void user_flush_watched(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, THROUGH(0), THROUGH(1), RETURN);
	w.user_watched = FLUSH_OTHER;
	w.reached = 1U << ROLE_FLUSH | 1U << ROLE_FLUSH_USER;
}

/* A pointer's function is called in place of a return. */
static void jump_watched(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, POINTER(0), JR_V0, NOP);
	w.reached = 1U << ROLE_FLUSH;
}

static void jump_unwatched(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, POINTER(1), JR_V0, NOP);
}

static void jump_to_nothing(void)
{
	jump_watched();
	w.pointer[0] = 0;
	w.reached = 0;
}

/* As a function of a structure is called. */
static void jump_anywhere(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, LW_T9_A0, JR_T9, NOP);
}

static void jump_inside(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, POINTER(4), JR_V0, NOP, RETURN);
}

/* A switch: the address comes from a table. */
static void jump_by_table(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, LUI_V0(POINTERS >> 16), ADDU_V0_A0, LW_V0(0),
		 JR_V0, NOP, RETURN);
}

static void no_pointer(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JALR_V0, NOP, RETURN);
}

static void pointer_nowhere(void)
{
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, LUI_V0(0x8b00), LW_V0(0), JALR_V0, NOP, RETURN);
}

static void pointer_to_nothing(void)
{
	flush_watched();
	w.pointer[0] = 0;
	w.reached = 0;
}

static void maps(void)
{
	FUNCTION(CUH, JAL(KMAP), NOP, JAL(COPY_PAGE), MOVE_A1_V0, RETURN);
}

static const struct {
	const char *what;
	void (*world)(void);
	int calls;		/* 0: refused */
	const char *why;	/* when refused */
	const char *within;	/* the first call is in */
	const char *unwatched;	/* "" = watched */
} cases[] = {
	{ "one call", plain, 1, NULL, "copy_user_highpage", "" },
	{ "two calls", two_calls, 2, NULL, "copy_user_highpage", "" },
	{ "as many as can be probed", four_calls, 4, NULL, "copy_user_highpage", "" },
	{ "one more", five_calls, 0, "the call at copy_user_highpage+0x20 cannot be probed", "", "" },
	{ "a jump in place of a return", in_place_of_return, 1, NULL, "copy_user_highpage", "" },
	{ "memcpy in the function itself", by_memcpy, 1, NULL, "copy_user_highpage", "" },
	{ "copy_page and memcpy", by_both, 2, NULL, "copy_user_highpage", "" },
	{ "in a function it calls", in_helper, 1, NULL, "helper", "" },
	{ "... through a pointer", in_helper_through_pointer, 1, NULL, "helper", "" },
	{ "... that jumps to another", in_deeper, 1, NULL, "deeper", "" },
	{ "five calls deep", in_bottom, 1, NULL, "bottom", "" },
	{ "functions that call each other", in_circles, 1, NULL, "deeper", "" },
	{ "as many functions as can be read", many, 1, NULL, "copy_user_highpage", "" },
	{ "one more", too_many, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls more than can be read" },
	{ "a function that calls many", many_at_once, 1, NULL, "copy_user_highpage", "" },
	{ "a function that calls too many", too_many_at_once, 1, NULL, "copy_user_highpage",
	  "helper calls more than can be read" },
	{ "what other threads do is not looked at", other_business, 1, NULL, "copy_user_highpage",
	  "" },
	{ "a call of what is no function", no_callee, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls what is no function" },
	{ "memcpy in a function it calls", memcpy_in_helper, 0,
	  "no call of it is in copy_user_highpage", "", "" },
	{ "memcpy in a function it calls, of no matter", memcpy_in_helper_too, 1, NULL,
	  "copy_user_highpage", "" },
	{ "an argument comes from memory", from_memory, 0,
	  "the call at copy_user_highpage+0 cannot be probed", "", "" },
	{ "an argument of one of two comes from memory", one_from_memory, 0,
	  "the call at copy_user_highpage+0xc cannot be probed", "", "" },
	{ "an argument comes from memory, in a function it calls", helper_from_memory, 0,
	  "the call at helper+0 cannot be probed", "", "" },
	{ "the function is not there", no_function, 0, "no call of it is in copy_user_highpage",
	  "", "" },
	{ "copy_page is not there", no_copy_page, 0, "no call of it is in copy_user_highpage", "",
	  "copy_user_highpage calls what is no function" },
	{ "the function cannot be read", unreadable, 0,
	  "the call at copy_user_highpage cannot be probed", "", "copy_user_highpage cannot be read" },
	{ "a function it calls cannot be read", helper_unreadable, 1, NULL, "copy_user_highpage",
	  "helper cannot be read" },
	{ "a mapping is made: no matter for the cache", maps, 1, NULL, "copy_user_highpage", "" },

	{ "a cache instruction", cache_inline, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage operates on the cache itself" },
	{ "a cache instruction in a function it calls", cache_in_helper, 1, NULL,
	  "copy_user_highpage", "helper operates on the cache itself" },
	{ "a cache instruction one call deeper", cache_in_deeper, 1, NULL, "copy_user_highpage",
	  "deeper operates on the cache itself" },
	{ "a watched flush, through a pointer", flush_watched, 1, NULL, "copy_user_highpage", "" },
	{ "a watched flush, called", flush_called, 1, NULL, "copy_user_highpage", "" },
	{ "a watched flush, five calls deep", flush_deep_down, 1, NULL, "bottom", "" },
	{ "two watched flushes", user_flush_watched, 1, NULL, "copy_user_highpage", "" },
	{ "a watched flush, in place of a return", jump_watched, 1, NULL, "copy_user_highpage", "" },
	{ "a flush that is not watched, in place of a return", jump_unwatched, 1, NULL,
	  "copy_user_highpage", "r4k_flush_cache_page operates on the cache" },
	{ "a jump to nothing", jump_to_nothing, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls what a pointer points to" },
	{ "a jump to what an argument points to", jump_anywhere, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls what a pointer points to" },
	{ "a jump inside of the function", jump_inside, 1, NULL, "copy_user_highpage", "" },
	{ "a switch by a table", jump_by_table, 1, NULL, "copy_user_highpage", "" },
	{ "a flush that is not watched", flush_unwatched, 1, NULL, "copy_user_highpage",
	  "r4k_flush_cache_page operates on the cache" },
	{ "a flush that is not watched, told by its name", flush_by_name, 1, NULL,
	  "copy_user_highpage", "local_r4k_flush_icache_range operates on the cache" },
	{ "a flush that is not watched, in a function it calls", flush_in_helper, 1, NULL,
	  "copy_user_highpage", "r4k_flush_cache_page operates on the cache" },
	{ "a pointer of which nobody knows where it is", no_pointer, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls what a pointer points to" },
	{ "a pointer that cannot be read", pointer_nowhere, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls what a pointer points to" },
	{ "a pointer to nothing", pointer_to_nothing, 1, NULL, "copy_user_highpage",
	  "copy_user_highpage calls what a pointer points to" },
};

static void test_copies(void)
{
	struct calls calls;
	char why[96];
	unsigned int i;
	bool found;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		cases[i].world();
		memset(&calls, 0xff, sizeof(calls));
		why[0] = '\0';
		found = calls__find(&kernel, "mips", ROLE_COPY_CALL, watcher, NULL, &calls, why,
				    sizeof(why));
		ok(found == !!cases[i].calls && (!found || calls.n == cases[i].calls),
		   "%s: %d calls", cases[i].what, calls.n);
		is_str(why, cases[i].why ?: "", cases[i].what);
		if (found)
			is_str(calls.call[0].within, cases[i].within, cases[i].what);
		ok(calls.watched == !*cases[i].unwatched, "%s: %swatched", cases[i].what,
		   calls.watched ? "" : "not ");
		is_str(calls.unwatched, cases[i].unwatched, cases[i].what);
		is(calls.reached, w.reached, cases[i].what);
		ok(calls.discards == (strstr(cases[i].unwatched, "pointer points") ||
				      strstr(cases[i].unwatched, "more than") ||
				      strstr(cases[i].unwatched, "no function") ||
				      strstr(cases[i].unwatched, "cannot be read")),
		   "%s: lines %s dropped", cases[i].what, calls.discards ? "may be" : "are not");
		ok(calls.yields == (cases[i].world == other_business), "%s: %s", cases[i].what,
		   calls.yields ? "lets others run" : "runs through");
	}
}

/* What may drop lines without writing them back, and nobody sees it. */
static void test_discards(void)
{
	struct calls calls;
	char why[96];

	begin();
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, CACHE | 0x15 << 16, RETURN);
	calls__find(&kernel, "mips", ROLE_COPY_CALL, watcher, NULL, &calls, why, sizeof(why));
	ok(!calls.watched && !calls.discards, "discards: a flush is none");
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(HELPER), NOP, RETURN);
	FUNCTION(HELPER, CACHE | 0x11 << 16, RETURN);
	calls__find(&kernel, "mips", ROLE_COPY_CALL, watcher, NULL, &calls, why, sizeof(why));
	ok(!calls.watched && calls.discards, "discards: in a function it calls");
	FUNCTION(CUH, JAL(COPY_PAGE), MOVE_A1_V0, JAL(DMA_INV), NOP, RETURN);
	FUNCTION(DMA_INV, RETURN);
	calls__find(&kernel, "mips", ROLE_COPY_CALL, watcher, NULL, &calls, why, sizeof(why));
	ok(!calls.watched && calls.discards, "discards: told by the function's name");
}

static void test_arguments(void)
{
	const struct site_value *to, *from;
	struct calls calls;
	char why[96], place[96];

	begin();
	two_calls();
	calls__find(&kernel, "mips", ROLE_COPY_CALL, watcher, NULL, &calls, why, sizeof(why));
	to = &calls.call[0].site.argument[0];
	from = &calls.call[0].site.argument[1];
	ok(calls.call[0].site.offset == 0 && to->base == 4 && from->base == 2 &&
	   to->index == SITE_NO_REGISTER && from->index == SITE_NO_REGISTER && !to->add &&
	   !from->add, "the first call: to a0, from v0");
	to = &calls.call[1].site.argument[0];
	from = &calls.call[1].site.argument[1];
	ok(calls.call[1].site.offset == 12 && to->base == 16 && from->base == 5,
	   "the second call: to s0, from a1");
	calls__place(&calls.call[1], place, sizeof(place));
	is_str(place, "copy_user_highpage+0xc", "its place, in words");
}

/* Pages are cleared by other functions, in which only the calls of clear_page matter. */
static void test_clears(void)
{
	struct calls calls;
	char why[96] = "";

	begin();
	plain();
	FUNCTION(FAULT, JAL(CLEAR_PAGE), LW_A1_V0, JAL(HELPER), NOP, JAL(COPY_PAGE), NOP, RETURN);
	FUNCTION(HELPER, JAL(CLEAR_PAGE), MOVE_A0_S0, RETURN);
	ok(calls__find(&kernel, "mips", ROLE_CLEAR_CALL, watcher, NULL, &calls, why,
		       sizeof(why)) && calls.n == 1, "clear: one call, what it calls is not followed");
	is_str(calls.call[0].within, "do_anonymous_page", "clear: where");
	is(calls.call[0].site.argument[0].base, 4, "clear: its only argument is known");
	ok(calls.watched, "clear: nothing operates on the cache there");
	FUNCTION(FAULT, JAL(CLEAR_PAGE), LW_A1_V0, LW_T9_A0, JALR_T9, NOP, RETURN);
	ok(calls__find(&kernel, "mips", ROLE_CLEAR_CALL, watcher, NULL, &calls, why,
		       sizeof(why)) && calls.watched, "clear: pointers are called for other reasons");
	FUNCTION(FAULT, JAL(CLEAR_PAGE), LW_A1_V0, CACHE, RETURN);
	ok(calls__find(&kernel, "mips", ROLE_CLEAR_CALL, watcher, NULL, &calls, why,
		       sizeof(why)) && !calls.watched, "clear: with a flush of its own");
	is_str(calls.unwatched, "do_anonymous_page operates on the cache itself", "clear: ... whose");
	w.words[FAULT] = 0;
	ok(!calls__find(&kernel, "mips", ROLE_CLEAR_CALL, watcher, NULL, &calls, why,
			sizeof(why)), "clear: the functions are inlined elsewhere");
	is_str(why, "no call of it is in handle_mm_fault", "clear: why");
}

/* ---- ARMv6 ---- */

#define ARM_MCRR(first)	(0xec401f06 | (first) << 16)	/* mcrr p15, 0, r1, first, c6 */
#define ARM_CLEAN	0xee070f3a			/* mcr p15, 0, r0, c7, c10, 1 */
#define ARM_MOV		0xe1a00004			/* mov r0, r4 */
#define ARM_BLX_R3	0xe12fff33
#define ARM_BX_LR	0xe12fff1e
#define ARM_PROBE	0xea100000			/* a jump to where no function is */
#define ARM_BREAKPOINT	0xe7f001f8
/* the at-th instruction of f is a call of the function "to" */
#define ARM_BL(f, at, to) (0xeb000000 | (((AT(to) - AT(f)) / 4 - (at) - 2) & 0xffffff))

static void v6(void)
{
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, FLUSH_V6), ARM_MCRR(2), ARM_MOV,
		 ARM_BL(COPY_V6, 3, SET_PTE), ARM_BL(COPY_V6, 4, COPY_PAGE), ARM_BX_LR);
	FUNCTION(FLUSH_V6, ARM_CLEAN, ARM_BX_LR);
	FUNCTION(SET_PTE, ARM_CLEAN, ARM_BX_LR);
	FUNCTION(CLEAR_V6, ARM_MCRR(3), ARM_MOV, ARM_BL(CLEAR_V6, 2, MEMSET),
		 ARM_BL(CLEAR_V6, 3, HELPER), ARM_BX_LR);
	FUNCTION(MEMSET, ARM_CLEAN, ARM_BX_LR);
	FUNCTION(HELPER, ARM_CLEAN, ARM_BX_LR);
	w.watched = FLUSH_V6;
}

static void v6_not_discarded(void)
{
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, COPY_PAGE), ARM_BX_LR);
}

static void v6_not_copied(void)
{
	FUNCTION(COPY_V6, ARM_MCRR(2), ARM_MOV, ARM_BX_LR);
}

/* Nothing behind it can be probed. */
static void v6_discarded_last(void)
{
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, COPY_PAGE), ARM_MCRR(2), ARM_BL(COPY_V6, 2, HELPER));
	FUNCTION(HELPER, ARM_BX_LR);
}

/* In another function it is not known which page it is. */
static void v6_discarded_in_helper(void)
{
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, HELPER), ARM_BL(COPY_V6, 1, COPY_PAGE), ARM_BX_LR);
	FUNCTION(HELPER, ARM_MCRR(2), ARM_MOV, ARM_BX_LR);
}

static void v6_cleaned(void)
{
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, COPY_PAGE), ARM_CLEAN, ARM_BX_LR);
}

static void v6_pointer(void)
{
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, COPY_PAGE), ARM_BLX_R3, ARM_BX_LR);
}

static void v6_probed(void)
{
	v6();
	w.code[COPY_V6][4] = ARM_PROBE;
}

/* At its beginning a function has no call. */
static void v6_probed_first(void)
{
	v6();
	w.code[COPY_V6][0] = ARM_PROBE;
	w.watched = 0;
}

/* Another recorder's: it stands behind the instruction that drops the lines. */
static void v6_recorded(void)
{
	v6();
	w.code[COPY_V6][2] = ARM_PROBE;
	w.code[COPY_V6][4] = ARM_BREAKPOINT;
	w.recorded = names[COPY_V6];
}

static void v6_probed_helper(void)
{
	v6();
	FUNCTION(COPY_V6, ARM_BL(COPY_V6, 0, HELPER), ARM_BL(COPY_V6, 1, COPY_PAGE), ARM_BX_LR);
	FUNCTION(HELPER, ARM_MOV, ARM_BREAKPOINT, ARM_BX_LR);
}

static const struct {
	const char *what;
	void (*world)(void);
	enum role role;
	int calls, discards;	/* discards: of these */
	const char *why, *unwatched;
} v6_cases[] = {
	{ "lines are dropped first", v6, ROLE_COPY_CALL, 2, 1, "", "" },
	{ "none are", v6_not_discarded, ROLE_COPY_CALL, 1, 0, "", "" },
	{ "without a copy", v6_not_copied, ROLE_COPY_CALL, 0, 0,
	  "no call of it is in v6_copy_user_highpage_aliasing", "" },
	{ "before a call", v6_discarded_last, ROLE_COPY_CALL, 0, 0,
	  "the call at v6_copy_user_highpage_aliasing+0x4 cannot be probed", "" },
	{ "in a function it calls", v6_discarded_in_helper, ROLE_COPY_CALL, 1, 0, "",
	  "helper operates on the cache itself" },
	{ "cleaned", v6_cleaned, ROLE_COPY_CALL, 1, 0, "",
	  "v6_copy_user_highpage_aliasing operates on the cache itself" },
	{ "a pointer", v6_pointer, ROLE_COPY_CALL, 1, 0, "",
	  "v6_copy_user_highpage_aliasing calls what a pointer points to" },
	{ "a clear, what it calls is not followed", v6, ROLE_CLEAR_CALL, 2, 1, "", "" },
	{ "somebody's probe", v6_probed, ROLE_COPY_CALL, 0, 0,
	  "the call at v6_copy_user_highpage_aliasing+0x10 cannot be probed",
	  "v6_copy_user_highpage_aliasing has somebody's probe inside" },
	{ "another recorder's probes", v6_recorded, ROLE_COPY_CALL, 2, 1, "", "" },
	{ "somebody's probe at the beginning", v6_probed_first, ROLE_COPY_CALL, 2, 1, "", "" },
	{ "somebody's probe in a function it calls", v6_probed_helper, ROLE_COPY_CALL, 1, 0, "",
	  "helper has somebody's probe inside" },
};

static void test_v6(void)
{
	struct calls calls;
	char why[96];
	unsigned int i;
	int k, discards;
	bool found;

	for (i = 0; i < sizeof(v6_cases) / sizeof(v6_cases[0]); i++) {
		begin();
		v6_cases[i].world();
		why[0] = '\0';
		found = calls__find(&kernel, "armv6", v6_cases[i].role, watcher, NULL, &calls, why,
				    sizeof(why));
		for (k = discards = 0; found && k < calls.n; k++)
			discards += calls.call[k].kind == CALL_DISCARDS;
		ok(found == !!v6_cases[i].calls && (!found || calls.n == v6_cases[i].calls) &&
		   discards == v6_cases[i].discards, "ARMv6: %s: %d calls, %d of them discard",
		   v6_cases[i].what, calls.n, discards);
		is_str(why, v6_cases[i].why, v6_cases[i].what);
		is_str(calls.unwatched, v6_cases[i].unwatched, v6_cases[i].what);
		ok(calls.watched == !*v6_cases[i].unwatched, "ARMv6: %s: watched",
		   v6_cases[i].what);
		ok(calls.probed == !!strstr(v6_cases[i].unwatched, "somebody's probe"),
		   "ARMv6: %s: probed", v6_cases[i].what);
	}
	begin();
	v6();
	calls__find(&kernel, "armv6", ROLE_COPY_CALL, watcher, NULL, &calls, why, sizeof(why));
	ok(calls.call[0].kind == CALL_DISCARDS && calls.call[0].site.offset == 8 &&
	   calls.call[0].site.argument[0].base == 2 && calls.call[1].kind == CALL_COPIES &&
	   calls.call[1].site.offset == 16, "ARMv6: what is dropped, then what is copied");
	is(calls.reached, 1U << ROLE_FLUSH, "ARMv6: the source's flush is reached");
}

static void test_elsewhere(void)
{
	struct calls calls;
	char why[96];

	begin();
	plain();
	ok(!calls__find(NULL, "mips", ROLE_COPY_CALL, watcher, NULL, &calls, why, sizeof(why)),
	   "a kernel that lets nobody read its code");
	is_str(why, "the kernel's code cannot be read", "... says so");
	ok(!calls__find(&kernel, "x86_64", ROLE_COPY_CALL, watcher, NULL, &calls, why,
			sizeof(why)) && !calls__find(&kernel, "armhf", ROLE_COPY_CALL, watcher,
						    NULL, &calls, why, sizeof(why)),
	   "architectures without rows");
	is_str(why, "the kernel's code cannot be read", "... say so");
	ok(!calls__find(&kernel, "mips", ROLE_COPY, watcher, NULL, &calls, why, sizeof(why)),
	   "a role without rows");
}

/* What a recorder writes into an event's name, another one reads. */
static void test_events(void)
{
	static const struct call calls[] = {
		{ "f", { 0xe4, { { 4, SITE_NO_REGISTER, 0 }, { 17, 5, 0 } } }, CALL_COPIES },
		{ "f", { 0x19c, { { 29, SITE_NO_REGISTER, -16 }, { 2, 3, 4096 } } }, CALL_COPIES },
		{ "f", { 0x80, { { 7, SITE_NO_REGISTER, 0 }, {} } }, CALL_DISCARDS },
	};
	static const char *const others[] = {
		"brindle_1_21", "brindle_1_21_", "brindle_1_21_c_4_255_0", "brindle_1_21_c_4_255_0_17_5",
		"brindle_1_21_x_4_255_0_17_5_0", "brindle_1_21_c_4_255_0_17_5_0_", "p_1_21_c_4_255_0_17_5_0",
		"brindle_1_21_c_4_256_0_17_5_0", "brindle_1_21_c_4_255_m_17_5_0", "",
	};
	char what[48], event[80];
	struct call got;
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		calls__event(&calls[i], what, sizeof(what));
		snprintf(event, sizeof(event), "brindle_4194304_28_%s", what);
		ok(strlen(event) < 64 && calls__parse(event, &got), "event %s: read", event);
		ok(got.kind == calls[i].kind &&
		   !memcmp(got.site.argument, calls[i].site.argument, sizeof(got.site.argument)),
		   "event %s: the same call", event);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ok(!calls__parse(others[i], &got), "event '%s': no call", others[i]);
}

int main(void)
{
	test_copies();
	test_discards();
	test_arguments();
	test_clears();
	test_v6();
	test_elsewhere();
	test_events();
	return tap__done();
}
