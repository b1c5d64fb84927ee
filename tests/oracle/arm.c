// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMv6: "ARM1176JZF-S Technical Reference Manual" 3.2.22 (cache operations) and "ARM
 * Architecture Reference Manual" B4 (short-descriptor page tables, attributes without TEX
 * remapping, as Linux uses them there).
 */
#include "hints.h"
#include "oracle.h"

#define CPSR		25	/* QEMU's number of it */
#define ALIASING	"v6_copy_user_highpage_aliasing"
#define NONALIASING	"v6_copy_user_highpage_nonaliasing"
#define CONDITION_AL	14
#define KERNEL_BYTES	(32 << 20)	/* no kernel's code and data are larger */

/* mcr p15, 0, Rt, c7, CRm, op2 */
static struct cache_op decode_mcr(uint32_t insn)
{
	static const struct {
		unsigned int crm, op2, how, op;
	} table[] = {
		{ 6, 0, CACHE_OP_WHOLE, OP_INVALIDATE },
		{ 6, 1, CACHE_OP_HIT, OP_INVALIDATE },
		{ 6, 2, CACHE_OP_UNKNOWN, 0 }, /* by set and way: depends on the cache's size */
		{ 7, 0, CACHE_OP_WHOLE, OP_INVALIDATE },
		{ 10, 0, CACHE_OP_WHOLE, OP_CLEAN },
		{ 10, 1, CACHE_OP_HIT, OP_CLEAN },
		{ 10, 2, CACHE_OP_UNKNOWN, 0 },
		{ 14, 0, CACHE_OP_WHOLE, OP_CLEAN | OP_INVALIDATE },
		{ 14, 1, CACHE_OP_HIT, OP_CLEAN | OP_INVALIDATE },
		{ 14, 2, CACHE_OP_UNKNOWN, 0 },
	};
	struct cache_op op = { .how = CACHE_OP_NONE, .reg = insn >> 12 & 15 };
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].crm == (insn & 15) && table[i].op2 == (insn >> 5 & 7)) {
			op.how = table[i].how;
			op.op = table[i].op;
		}
	return op;
}

/* mcrr p15, 0, last, first, CRm: a range of addresses */
static struct cache_op decode_mcrr(uint32_t insn)
{
	static const unsigned int ops[16] = {
		[6] = OP_INVALIDATE, [12] = OP_CLEAN, [14] = OP_CLEAN | OP_INVALIDATE,
	};
	struct cache_op op = { .how = CACHE_OP_NONE, .reg = insn >> 16 & 15,
			       .reg2 = insn >> 12 & 15, .op = ops[insn & 15] };

	if (op.op)
		op.how = CACHE_OP_RANGE;
	return op;
}

static struct cache_op decode(uint32_t insn)
{
	struct cache_op op = { .how = CACHE_OP_NONE };

	if ((insn & 0x0fff0f10) == 0x0e070f10)
		op = decode_mcr(insn);
	else if ((insn & 0x0ff00ff0) == 0x0c400f00)
		op = decode_mcrr(insn);
	if (insn >> 28 == 15) /* with this condition, it is another instruction */
		op.how = CACHE_OP_NONE;
	op.condition = insn >> 28 == CONDITION_AL ? 0 : (insn >> 28) + 1;
	return op;
}

static bool condition_holds(unsigned int condition)
{
	const uint32_t flags = (uint32_t)guest__reg(CPSR) >> 28;
	const bool n = flags & 8, z = flags & 4, c = flags & 2, v = flags & 1;
	bool holds;

	if (!condition)
		return true;
	condition--;
	switch (condition >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = v;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == v;
		break;
	default:
		holds = n == v && !z;
	}
	return holds != (condition & 1);
}

static enum segment segment(uint64_t va, uint64_t *phys)
{
	(void)va;
	*phys = PAGE_NONE;
	return SEGMENT_MAPPED; /* even the linear mapping has its attributes in page tables */
}

/* By memory type without TEX remapping: is the inner cache used? */
static bool is_cached(unsigned int tex, unsigned int cb)
{
	return tex & 4 ? cb != 0 : cb >= 2 || (tex == 1 && cb == 3);
}

static uint64_t walk(uint64_t root, uint64_t va, bool *cached)
{
	uint32_t entry;

	*cached = true;
	if (!root)
		return PAGE_NONE;
	entry = (uint32_t)guest__word((root & ~0x3fffULL) + (va >> 20) * 4, 4);
	if ((entry & 3) == 2) { /* section, or supersection (bit 18) */
		const uint32_t mask = entry & 1 << 18 ? 0x00ffffff : 0x000fffff;

		*cached = is_cached(entry >> 12 & 7, entry >> 2 & 3);
		return (entry & ~mask) | (va & mask);
	}
	if ((entry & 3) != 1)
		return PAGE_NONE;
	entry = (uint32_t)guest__word((entry & ~0x3ffU) + (va >> 12 & 255) * 4, 4);
	if ((entry & 3) == 1) { /* large page */
		*cached = is_cached(entry >> 12 & 7, entry >> 2 & 3);
		return (entry & ~0xffffU) | (va & 0xffff);
	}
	if (!(entry & 2))
		return PAGE_NONE;
	*cached = is_cached(entry >> 6 & 7, entry >> 2 & 3);
	return (entry & ~0xfffU) | (va & 0xfff);
}

static void learn(uint64_t root, uint64_t va, uint64_t phys)
{
	(void)root;
	(void)va;
	(void)phys;
}

static uint64_t ram(uint64_t phys)
{
	return phys;
}

static uint64_t pfn(uint64_t offset, uint32_t page)
{
	return offset / page;
}

/*
 * Makes the kernel believe that its cache has no aliases, by a pointer in struct cpu_user_fns.
 * That is in its data, which has no symbols, and has a pointer to the function that clears a
 * page, followed by the one to replace, to the function that copies. Init code that is gone may
 * leave the same two words before the data, so the last such pair is the right one.
 */
static bool unsound(uint64_t *at, uint32_t *word)
{
	uint64_t end;
	const uint32_t clear = (uint32_t)symbols__find("v6_clear_user_highpage_aliasing", &end);
	const uint32_t copy = (uint32_t)symbols__find(ALIASING, &end);
	uint64_t va = copy & ~4095U;
	uint32_t words[1024];
	size_t i;

	*at = 0;
	*word = (uint32_t)symbols__find(NONALIASING, &end);
	for (end = va + KERNEL_BYTES; va < end; va += sizeof(words)) {
		guest__read_words(va, words, 1024);
		for (i = 0; i + 1 < 1024; i++)
			if (words[i] == clear && words[i + 1] == copy)
				*at = va + 4 * (i + 1);
	}
	return clear && copy && *word && *at;
}

const struct arch model_arm = {
	.target = "arm",
	.read_register = "arm_cpu_gdb_read_register",
	.user_end = 0xbf000000,
	.hint_text = HINT_ARM_TEXT, .hint_arm = HINT_ARM_ARM,
	.hint_disarm = HINT_ARM_DISARM, .hint_task = HINT_ARM_TASK,
	.arguments = { 0, 1, 2, 3 },
	.copy_users = { ALIASING, NONALIASING },
	.clear_page = "memset", .clear_size = 2,
	.switch_to = "__switch_to", .switch_argument = 2,
	.set_root = "cpu_v6_switch_mm",
	.decode = decode, .condition_holds = condition_holds, .segment = segment,
	.walk = walk, .learn = learn, .unsound = unsound, .ram = ram, .pfn = pfn,
};
