// SPDX-License-Identifier: GPL-2.0-only
/*
 * MIPS32 and MIPS64 before release 6: see "MIPS Architecture For Programmers", volume II. A
 * jump's delay slot is executed before the function it calls, and often has an argument's last
 * instruction. A kprobe on the jump is hit before that.
 */
#include "site/site.h"

#define ZERO	0
#define A0	4
#define A1	5
#define T9	25
#define RA	31
#define NOP	0
#define SEARCH_MAX	256	/* instructions between a pointer and the call through it */
#define MEETINGS_MAX	32

enum { OP_SPECIAL = 0, OP_REGIMM = 1, OP_J = 2, OP_JAL = 3, OP_BEQ = 4, OP_ADDI = 8, OP_ADDIU = 9,
       OP_LUI = 15, OP_BEQL = 0x14, OP_DADDIU = 0x19, OP_SPECIAL2 = 0x1c, OP_SPECIAL3 = 0x1f,
       OP_LW = 0x23, OP_SB = 0x28, OP_SWR = 0x2e, OP_CACHE = 0x2f, OP_LD = 0x37, OP_SD = 0x3f };
enum { FN_CACHEE = 0x1b, FN_CACHE_R6 = 0x25 };	/* of OP_SPECIAL3 */
enum { FN_JR = 8, FN_JALR = 9, FN_ADDU = 0x21, FN_OR = 0x25, FN_DADDU = 0x2d };

static unsigned int op(__u32 word) { return word >> 26; }
static __u8 rs(__u32 word) { return word >> 21 & 31; }
static __u8 rt(__u32 word) { return word >> 16 & 31; }
static __u8 rd(__u32 word) { return word >> 11 & 31; }
static unsigned int fn(__u32 word) { return word & 63; }

/* Jumps and branches, the "likely" ones included: all that have a delay slot. */
static bool has_slot(__u32 word)
{
	const unsigned int o = op(word);

	if (o == OP_SPECIAL)
		return fn(word) == FN_JR || fn(word) == FN_JALR;
	/* REGIMM also has traps; taken for branches, they cost a place to probe */
	return o == OP_REGIMM || (o >= OP_J && o <= 7) ||
	       (o >= 0x10 && o <= 0x12 && rs(word) == 8) || (o >= 0x14 && o <= 0x17);
}

/* Stores that leave all registers as they are: sb to swr without "cache", and sd. */
static bool is_store(__u32 word)
{
	return (op(word) >= OP_SB && op(word) <= OP_SWR) || op(word) == OP_SD;
}

/* The value of register reg after the instruction, by registers before it; false: not known. */
static bool value_after(__u32 word, __u8 reg, struct site_value *v)
{
	const unsigned int o = op(word), f = fn(word);

	*v = (struct site_value){ reg, SITE_NO_REGISTER, 0 };
	if (word == NOP || is_store(word))
		return true;
	if (o == OP_SPECIAL && (f == FN_ADDU || f == FN_DADDU || f == FN_OR)) {
		if (rd(word) != reg)
			return true;
		/* "or" is an addition where one is $zero: move */
		if (f == FN_OR && rs(word) != ZERO && rt(word) != ZERO)
			return false;
		v->base = rs(word) == ZERO ? rt(word) : rs(word);
		if (rs(word) != ZERO && rt(word) != ZERO)
			v->index = rt(word);
		return true;
	}
	if (o == OP_ADDIU || o == OP_DADDIU) {
		if (rt(word) != reg)
			return true;
		v->base = rs(word);
		v->add = (__s16)word;
		return true;
	}
	/* other arithmetic, loads and stores with a register that is not reg in either place */
	return rt(word) != reg && rd(word) != reg && !has_slot(word);
}

/* The probe is hit before the instruction at offset, the last one before the function is called. */
static void place(struct site *site, size_t offset, __u32 last)
{
	site->offset = (__u32)offset;
	if (!value_after(last, A0, &site->argument[0]))
		site->argument[0].base = SITE_NO_REGISTER;
	if (!value_after(last, A1, &site->argument[1]))
		site->argument[1].base = SITE_NO_REGISTER;
}

/*
 * A kprobe on a jump whose delay slot is a nop breaks in the kernels there are: SKIP_DELAYSLOT
 * (arch/mips/kernel/kprobes.c) stays set, and the probe is never hit again, or the machine
 * crashes. The instruction before it will do, unless a jump leads past it.
 */
static bool call(const __u32 *code, size_t words, size_t at, __u64 address, __u64 *target,
		 struct site *site)
{
	const __u32 word = code[at];
	const __u64 region = (address + 4 * at + 4) & ~0xfffffffULL;

	if (op(word) != OP_JAL && op(word) != OP_J)
		return false;
	*target = region | (word & 0x3ffffff) << 2;
	/* a jump inside of the function */
	if (op(word) == OP_J && *target - address < 4 * words)
		return false;
	if (at + 1 == words)
		return true;
	if (code[at + 1] != NOP)
		place(site, 4 * at, code[at + 1]);
	else if (at >= 2 && !has_slot(code[at - 1]) && !has_slot(code[at - 2]))
		place(site, 4 * (at - 1), code[at - 1]);
	return true;
}

/* Does the instruction, which is no jump, write register reg? Arithmetic, loads, moves. */
static bool writes(__u32 word, __u8 reg)
{
	const unsigned int o = op(word);

	if (o == OP_SPECIAL || o == OP_SPECIAL2)
		return rd(word) == reg;
	if (o == OP_SPECIAL3)
		return rd(word) == reg || rt(word) == reg;
	if (o >= 0x10 && o <= 0x12)
		return rs(word) < 4 && rt(word) == reg;
	return o >= OP_ADDI && !is_store(word) && rt(word) == reg;
}

/* Is it a jump or branch after whose delay slot the next instruction is never executed? */
static bool never_falls_through(__u32 word)
{
	const unsigned int o = op(word);

	return o == OP_J || (o == OP_SPECIAL && fn(word) == FN_JR) ||
	       (o == OP_BEQ && rs(word) == ZERO && rt(word) == ZERO);
}

/* A branch whose delay slot is executed only when it is taken. */
static bool is_likely(__u32 word)
{
	return op(word) >= OP_BEQL && op(word) <= OP_BEQL + 3;
}

/* Does the instruction at code[from] branch, or jump, to code[to]? */
static bool leads_to(const __u32 *code, __u64 address, size_t from, size_t to)
{
	const unsigned int o = op(code[from]);

	if (o == OP_J)
		return (code[from] & 0x3ffffff) == ((address + 4 * to) >> 2 & 0x3ffffff);
	if (o != OP_REGIMM && (o < OP_BEQ || o > OP_BEQ + 3) && !is_likely(code[from]))
		return false;
	return from + 1 + (size_t)(__s16)code[from] == to;
}

static bool calls(__u32 word)
{
	return op(word) == OP_JAL || (op(word) == OP_SPECIAL && fn(word) == FN_JALR);
}

/* Does a function that is called leave this register as it is? s0 to s7, gp, sp, fp */
static bool is_saved(__u8 reg)
{
	return (reg >= 16 && reg <= 23) || (reg >= 28 && reg <= 30);
}

/* What is looked for, backwards: the register that is called, then the one it was loaded by. */
struct wanted {
	__u8 reg;
	bool loaded;
	__s64 low;		/* of the pointer's address, when it is loaded */
};

/* A search on all ways that lead to a call: all of them must have the same pointer. */
struct search {
	const __u32 *code;
	size_t words;
	__u64 address;		/* of code[0] */
	int left;		/* instructions that may still be looked at */
	/* where ways meet that have been followed: there are loops */
	struct {
		size_t at;
		struct wanted w;
	} met[MEETINGS_MAX];
	int n_met;
};

#define NOT_KNOWN	0
#define AS_ELSEWHERE	1	/* as other ways say; no pointer is there */

static __u64 find_pointer(struct search *s, size_t at, struct wanted w);

/* The pointer of two ways, if it is the same. */
static __u64 both(__u64 a, __u64 b)
{
	if (a == AS_ELSEWHERE || a == b)
		return b;
	return b == AS_ELSEWHERE ? a : NOT_KNOWN;
}

/* Look at one instruction. Returns the pointer, NOT_KNOWN, or AS_ELSEWHERE: look further back. */
static __u64 look(__u32 word, struct wanted *w)
{
	if (!w->loaded && (op(word) == OP_LW || op(word) == OP_LD) && rt(word) == w->reg) {
		*w = (struct wanted){ rs(word), true, (__s16)word };
		return AS_ELSEWHERE;
	}
	if (w->loaded && op(word) == OP_LUI && rt(word) == w->reg)
		return (__u64)((__s64)(__s32)(word << 16) + w->low);
	return has_slot(word) || !writes(word, w->reg) ? AS_ELSEWHERE : NOT_KNOWN;
}

/* Has it been looked for from there before? If not, it has now. */
static bool followed(struct search *s, size_t at, const struct wanted *w)
{
	int i;

	for (i = 0; i < s->n_met; i++)
		if (s->met[i].at == at && s->met[i].w.reg == w->reg &&
		    s->met[i].w.loaded == w->loaded && s->met[i].w.low == w->low)
			return true;
	if (s->n_met == MEETINGS_MAX) {
		s->left = 0;
		return true;
	}
	s->met[s->n_met].at = at;
	s->met[s->n_met++].w = *w;
	return false;
}

/* Find it on the way by the branch at code[from], whose delay slot comes last. */
static __u64 find_by_branch(struct search *s, size_t from, struct wanted w)
{
	const __u64 pointer = look(s->code[from + 1], &w);

	return pointer == AS_ELSEWHERE ? find_pointer(s, from, w) : pointer;
}

/* Find it on all ways that lead to code[at] by a branch; *meet: there are any. */
static __u64 find_by_branches(struct search *s, size_t at, struct wanted w, bool *meet)
{
	__u64 pointer = AS_ELSEWHERE;
	size_t from;

	*meet = false;
	for (from = 0; from + 1 < s->words && pointer != NOT_KNOWN; from++) {
		if (!leads_to(s->code, s->address, from, at))
			continue;
		if (!*meet && followed(s, at, &w))
			from = s->words;
		else
			pointer = both(pointer, find_by_branch(s, from, w));
		*meet = true;
	}
	return pointer;
}

/*
 * Find "lui x, high; lw or ld y, low(x)" for register y, in what is executed before code[at].
 * Returns high and low as an address; NOT_KNOWN when there is something else, on any way.
 */
static __u64 find_pointer(struct search *s, size_t at, struct wanted w)
{
	__u64 pointer, others = AS_ELSEWHERE;
	bool meet;

	for (; at; at--) {
		const __u32 before = at > 1 ? s->code[at - 2] : NOP;

		others = both(others, find_by_branches(s, at, w, &meet));
		if (never_falls_through(before))
			return meet ? others : NOT_KNOWN;
		if (others == NOT_KNOWN || s->left-- <= 0 || (calls(before) && !is_saved(w.reg)))
			return NOT_KNOWN;
		pointer = is_likely(before) ? AS_ELSEWHERE : look(s->code[at - 1], &w);
		if (pointer != AS_ELSEWHERE)
			return both(others, pointer);
	}
	return NOT_KNOWN;
}

/*
 * jalr, with anything but calls between it and what loads its register. In place of a return
 * compilers use jr $t9. A jr of another register is a switch, whose pointer has an index, unless it
 * is known where the pointer is.
 */
static bool indirect(const __u32 *code, size_t words, size_t at, __u64 address, __u64 *pointer)
{
	struct search s = { .code = code, .words = words, .address = address, .left = SEARCH_MAX };
	const __u32 word = code[at];

	*pointer = 0;
	if (op(word) != OP_SPECIAL ||
	    (fn(word) != FN_JALR && (fn(word) != FN_JR || rs(word) == RA)))
		return false;
	*pointer = find_pointer(&s, at, (struct wanted){ .reg = rs(word) });
	if (*pointer == AS_ELSEWHERE)
		*pointer = NOT_KNOWN;
	return fn(word) == FN_JALR || rs(word) == T9 || *pointer;
}

/* "cache", also with the addressing of release 6 and of EVA (cachee) */
static bool operates_on_cache(__u32 word)
{
	return op(word) == OP_CACHE ||
	       (op(word) == OP_SPECIAL3 && (fn(word) == FN_CACHE_R6 || fn(word) == FN_CACHEE));
}

/*
 * Index store tag and hit invalidate of a data or secondary cache: operations 2 and 4, and in the
 * lowest two bits of the field which cache it is, 0 = instructions.
 */
static bool drops_lines(__u32 word)
{
	const __u8 what = rt(word) >> 2;

	return operates_on_cache(word) && (rt(word) & 3) && (what == 2 || what == 4);
}

/* BRK_KPROBE_BP (arch/mips/include/uapi/asm/break.h) */
static bool breakpoint(__u32 word)
{
	return word == (515 << 6 | 0xd);
}

const struct site_arch site_mips = {
	"mips", call, indirect, operates_on_cache, drops_lines, breakpoint, false,
	NULL
};
