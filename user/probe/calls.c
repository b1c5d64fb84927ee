// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "probe/calls.h"

#define WITHIN_MAX	6
#define TARGETS_MAX	3
#define WORDS_MAX	16384	/* of one function */
#define VISITED_MAX	64

/*
 * One row per role and architecture. A function that is not in this kernel, or is inlined into
 * another, does not matter; but one of them must be there.
 */
static const struct call_row {
	enum role role;
	const char *arch;
	const char *within[WITHIN_MAX];
	const char *targets[TARGETS_MAX];
	int arguments;		/* of the targets: 2 addresses, or 1 */
	bool follow;		/* the functions that are called, too, also through pointers */
	/* functions whose names begin so operate on the cache, often through a function pointer */
	const char *on_cache[3];
	const char *of_tables;	/* a function that cleans entries of page tables, not of pages */
} rows[] = {
	/* arch/mips/mm/init.c; arch/mips/mm/c-r4k.c and c-octeon.c */
	{ ROLE_COPY_CALL, "mips", { "copy_user_highpage" }, { "copy_page", "memcpy" },
	  2, true, { "r4k_", "local_r4k_", "octeon_" }, NULL },
	/* arch/arm/mm/copypage-v6.c and proc-v6.S; what operates on the cache does so itself */
	{ ROLE_COPY_CALL, "armv6", { "v6_copy_user_highpage_aliasing" }, { "copy_page" },
	  2, true, {}, "cpu_v6_set_pte_ext" },
	{ ROLE_CLEAR_CALL, "armv6", { "v6_clear_user_highpage_aliasing" }, { "memset" },
	  1, false, {}, "cpu_v6_set_pte_ext" },
	/* mm/memory.c; clear_user_highpage is inlined there, unless it has become a function */
	{ ROLE_CLEAR_CALL, "mips",
	  { "handle_mm_fault", "__handle_mm_fault", "do_anonymous_page", "do_wp_page",
	    "wp_page_copy", "clear_user_highpage" }, { "clear_page" }, 1, false, {}, NULL },
};

/* A walk through the code of a row's functions, and of those they call. */
struct walk {
	const struct kernel_code *code;
	const struct site_arch *arch;
	const struct call_row *row;
	enum role (*watcher)(void *ctx, const char *function);
	void *ctx;
	struct calls *calls;
	__u64 target[TARGETS_MAX];
	__u64 visited[VISITED_MAX];
	int n_visited;
	bool found;		/* a call of a target */
	char refused[80];	/* where the first call is that cannot be probed, "" = none is */
	__u32 word[WORDS_MAX];
};

static bool is_target(const struct walk *w, __u64 address)
{
	int i;

	for (i = 0; i < TARGETS_MAX; i++)
		if (w->target[i] && w->target[i] == address)
			return true;
	return false;
}

static void unwatched(struct walk *w, const char *function, const char *what)
{
	if (!w->calls->watched)
		return;
	w->calls->watched = false;
	snprintf(w->calls->unwatched, sizeof(w->calls->unwatched), "%s %s", function, what);
}

/* A call of which nobody knows what it does. */
static void unknown_call(struct walk *w, const char *function, const char *what)
{
	unwatched(w, function, what);
	w->calls->discards = true;
}

static bool visit(struct walk *w, __u64 address)
{
	int i;

	for (i = 0; i < w->n_visited; i++)
		if (w->visited[i] == address)
			return false;
	if (w->n_visited == VISITED_MAX) {
		unknown_call(w, w->row->within[0], "calls more than can be read");
		return false;
	}
	w->visited[w->n_visited++] = address;
	return true;
}

static void add_call(struct walk *w, const struct function *f, const struct site *site,
		     enum call_kind kind, __u32 at)
{
	const int arguments = kind == CALL_DISCARDS ? 1 : w->row->arguments;

	if (w->calls->n == CALLS_MAX || !site__usable(site, arguments)) {
		if (!w->refused[0])
			snprintf(w->refused, sizeof(w->refused), "%s+%#x", f->name, at);
		return;
	}
	w->found |= kind != CALL_DISCARDS;
	w->calls->call[w->calls->n].site = *site;
	w->calls->call[w->calls->n].kind = kind;
	snprintf(w->calls->call[w->calls->n++].within, sizeof(f->name), "%s", f->name);
}

/*
 * A probe is where this instruction was. At a function's beginning that is no call, and nothing
 * else that matters. Elsewhere only a recorder's probe tells what it was.
 */
static void add_hidden(struct walk *w, const struct function *f, bool own, __u32 at)
{
	struct call call;

	if (!at)
		return;
	if (!own || !w->code->hidden || !w->code->hidden(w->code, f->name, at, &call)) {
		unwatched(w, f->name, "has somebody's probe inside");
		w->calls->probed = true;
		if (own && !w->refused[0])
			snprintf(w->refused, sizeof(w->refused), "%s+%#x", f->name, at);
		return;
	}
	call.site.offset = at;
	add_call(w, f, &call.site, call.kind, at);
}

/* Functions that w->word can call: kept apart, since reading those overwrites it. */
#define CALLEES_MAX	64

struct callees {
	__u64 address[CALLEES_MAX];
	int n;
};

static void add_callee(struct walk *w, const struct function *f, struct callees *c, __u64 address)
{
	if (c->n < CALLEES_MAX)
		c->address[c->n++] = address;
	else
		unknown_call(w, f->name, "calls more than can be read");
}

/* What the pointer that an instruction calls through points to now, 0 = not known. */
static __u64 pointed_at(const struct walk *w, __u64 pointer)
{
	const bool wide = pointer >> 32;	/* sign-extended: a 64-bit kernel's */
	__u64 value = 0;
	__u32 half = 0;

	if (!pointer)
		return 0;
	/* a 32-bit kernel's addresses are kept without their sign */
	if (w->target[0] >> 32)
		return wide && w->code->read(w->code, pointer, &value, sizeof(value)) ? value : 0;
	return w->code->read(w->code, (__u32)pointer, &half, sizeof(half)) ? half : 0;
}

/* Is there a probe where the kernel has another instruction? */
static bool is_probe(const struct walk *w, const struct function *f, size_t words, size_t at)
{
	struct site site;
	struct function g;
	__u64 target;

	if (w->arch->breakpoint(w->word[at]))
		return true;
	return w->arch->jumps_to_probes &&
	       w->arch->call(w->word, words, at, f->start, &target, &site) &&
	       !is_target(w, target) && !w->code->function(w->code, target, &g);
}

/* The calls of a function whose code is in w->word, and what operates on the cache there. */
static void find_calls(struct walk *w, const struct function *f, size_t words, bool own,
		       struct callees *callees)
{
	struct site site;
	__u64 address;
	size_t at;

	for (at = 0; at < words; at++) {
		site = (struct site){ .offset = SITE_NOWHERE };
		if (is_probe(w, f, words, at)) {
			add_hidden(w, f, own, 4 * (__u32)at);
		} else if (own && w->arch->discards &&
			   w->arch->discards(w->word, words, at, &site)) {
			/* a recorder's probe behind it is this call's, and found next */
			if (at + 1 == words || !is_probe(w, f, words, at + 1))
				add_call(w, f, &site, CALL_DISCARDS, 4 * (__u32)at);
		} else if (w->arch->operates_on_cache(w->word[at])) {
			unwatched(w, f->name, "operates on the cache itself");
			w->calls->discards |= w->arch->drops_lines(w->word[at]);
		} else if (w->arch->call(w->word, words, at, f->start, &address, &site)) {
			/* elsewhere, other targets than the first are called for other reasons */
			if (own ? is_target(w, address) : address == w->target[0])
				add_call(w, f, &site, CALL_COPIES, 4 * (__u32)at);
			else if (w->row->follow)
				add_callee(w, f, callees, address);
		} else if (w->row->follow &&
			   w->arch->indirect(w->word, words, at, f->start, &address)) {
			address = pointed_at(w, address);
			if (address >= f->start && address < f->end)
				continue;	/* a jump inside of the function */
			if (address)
				add_callee(w, f, callees, address);
			else
				unknown_call(w, f->name, "calls what a pointer points to");
		}
	}
}

static void read_function(struct walk *w, const struct function *f, bool own,
			  struct callees *callees)
{
	const size_t words = (f->end - f->start) / 4;

	if (words > WORDS_MAX || !w->code->read(w->code, f->start, w->word, words * 4)) {
		unknown_call(w, f->name, "cannot be read");
		if (own && !w->refused[0])
			snprintf(w->refused, sizeof(w->refused), "%s", f->name);
	} else {
		find_calls(w, f, words, own, callees);
	}
}

static bool on_cache(const struct walk *w, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(w->row->on_cache) / sizeof(w->row->on_cache[0]); i++)
		if (w->row->on_cache[i] &&
		    !strncmp(name, w->row->on_cache[i], strlen(w->row->on_cache[i])))
			return true;
	return false;
}

static bool is_in(const char *name, const char *const names[])
{
	int i;

	for (i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/*
 * Functions that let other threads run, whose flushes are not this copy's, or that say that the
 * kernel is broken.
 */
static bool is_other_business(const struct walk *w, const char *name)
{
	static const char *const yield[] = {
		"preempt_schedule", "preempt_schedule_notrace", "schedule", "__cond_resched",
		"__might_sleep", "__might_resched", NULL,
	};
	static const char *const complain[] = {
		"_printk", "printk", "panic", "warn_slowpath_fmt", "dump_stack", "dump_page",
		"do_bug", NULL,
	};

	w->calls->yields |= is_in(name, yield);
	return is_in(name, yield) || is_in(name, complain) ||
	       (w->row->of_tables && !strcmp(name, w->row->of_tables));
}

/* Read the function at address, and what it calls; own: one of the row. */
static void walk_function(struct walk *w, __u64 address, bool own)
{
	struct callees callees = {};
	struct function f;
	enum role role;
	int i;

	if (is_target(w, address) || !visit(w, address))
		return;
	if (!w->code->function(w->code, address, &f)) {
		unknown_call(w, w->row->within[0], "calls what is no function");
		return;
	}
	role = w->watcher(w->ctx, f.name);
	if (role != ROLE_COUNT) {
		w->calls->reached |= 1U << role;
		return;
	}
	if (is_other_business(w, f.name))
		return;
	if (on_cache(w, f.name)) {
		unwatched(w, f.name, "operates on the cache");
		/* r4k_dma_cache_inv, not r4k_dma_cache_wback_inv */
		w->calls->discards |= strstr(f.name, "inv") && !strstr(f.name, "wback");
		return;
	}
	read_function(w, &f, own, &callees);
	for (i = 0; i < callees.n; i++)
		walk_function(w, callees.address[i], false);
}

static const struct call_row *row_of(const char *arch, enum role role)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].role == role && !strcmp(rows[i].arch, arch))
			return &rows[i];
	return NULL;
}

static void walk_row(struct walk *w)
{
	__u64 address;
	int i;

	for (i = 0; i < TARGETS_MAX && w->row->targets[i]; i++)
		w->target[i] = w->code->address(w->code, w->row->targets[i]);
	for (i = 0; i < WITHIN_MAX && w->row->within[i]; i++) {
		address = w->code->address(w->code, w->row->within[i]);
		if (address)
			walk_function(w, address, true);
	}
}

bool calls__find(const struct kernel_code *code, const char *arch, enum role role,
		 enum role (*watcher)(void *ctx, const char *function), void *ctx,
		 struct calls *calls, char *why, size_t size)
{
	static struct walk w;	/* too large for a stack */

	memset(&w, 0, sizeof(w));
	memset(calls, 0, sizeof(*calls));
	calls->watched = true;
	w.code = code;
	w.arch = site_arch__by_name(arch);
	w.row = row_of(arch, role);
	w.watcher = watcher;
	w.ctx = ctx;
	w.calls = calls;
	if (w.arch && w.row && code && code->read)
		walk_row(&w);
	else
		snprintf(why, size, "the kernel's code cannot be read");
	if (w.found && !w.refused[0])
		return true;
	if (w.refused[0])
		snprintf(why, size, "the call at %s cannot be probed", w.refused);
	else if (w.row && w.arch && code)
		snprintf(why, size, "no call of it is in %s", w.row->within[0]);
	return false;
}

void calls__place(const struct call *call, char *place, size_t size)
{
	snprintf(place, size, "%s+%#x", call->within, call->site.offset);
}

/* An event's name may consist of letters, digits and "_": m16 is -16. */
static int print_value(const struct site_value *v, char *text, size_t size)
{
	const bool minus = v->add < 0;

	return snprintf(text, size, "_%u_%u_%s%d", v->base, v->index, minus ? "m" : "",
			minus ? -v->add : v->add);
}

/* By enum call_kind */
static const char kinds[] = "cd";

void calls__event(const struct call *call, char *name, size_t size)
{
	const struct site_value *v = call->site.argument;
	size_t used = (size_t)snprintf(name, size, "%c", kinds[call->kind]);

	used += (size_t)print_value(&v[0], name + used, size - used);
	print_value(&v[1], name + used, size - used);
}

static bool parse_value(const char **text, struct site_value *v)
{
	unsigned int base, index, add;
	int used = 0;
	bool minus;

	if (sscanf(*text, "_%u_%u_%n", &base, &index, &used) != 2 || !used || base > 255 ||
	    index > 255)
		return false;
	*text += used;
	minus = **text == 'm';
	*text += minus;
	if (sscanf(*text, "%u%n", &add, &used) != 1 || add > 1 << 16)
		return false;
	*text += used;
	*v = (struct site_value){ (__u8)base, (__u8)index, minus ? -(__s32)add : (__s32)add };
	return true;
}

bool calls__parse(const char *event, struct call *call)
{
	int pid, id, used = 0;
	const char *found;
	char kind;

	if (sscanf(event, "brindle_%d_%d_%c%n", &pid, &id, &kind, &used) != 3 || !used)
		return false;
	found = strchr(kinds, kind);
	if (!found)
		return false;
	event += used;
	*call = (struct call){ .kind = (enum call_kind)(found - kinds) };
	return parse_value(&event, &call->site.argument[0]) &&
	       parse_value(&event, &call->site.argument[1]) && !*event;
}
