// SPDX-License-Identifier: GPL-2.0-only
/* ARM (not Thumb): "ARM Architecture Reference Manual", B and BL. Nothing is in a delay slot. */
#include "site/site.h"

#define ALWAYS	0xe
#define R0	0
#define R1	1
#define LINK	(1U << 24)

static bool call(const __u32 *code, size_t words, size_t at, __u64 address, __u64 *target,
		 struct site *site)
{
	const __u32 word = code[at];
	const __s32 distance = (__s32)(word << 8) >> 6;	/* 24 bits, signed, of words */

	if ((word & 0x0e000000) != 0x0a000000 || word >> 28 == 0xf)
		return false;
	*target = (__u32)(address + 4 * at + 8 + (__u32)distance);
	/* a jump inside of the function */
	if (!(word & LINK) && *target - address < 4 * words)
		return false;
	/* a probe on a conditional one is hit when nothing is called, too */
	if (word >> 28 == ALWAYS) {
		site->offset = 4 * at;
		site->argument[0] = (struct site_value){ R0, SITE_NO_REGISTER, 0 };
		site->argument[1] = (struct site_value){ R1, SITE_NO_REGISTER, 0 };
	}
	return true;
}

/*
 * "mov lr, pc" before a load of pc, or "blx": ARMv6 kernels keep such pointers in structures, so
 * it is not told where they are.
 */
static bool indirect(const __u32 *code, size_t words, size_t at, __u64 address, __u64 *pointer)
{
	(void)words;
	(void)address;
	*pointer = 0;
	return code[at] == 0xe1a0e00f || (code[at] & 0x0ffffff0) == 0x012fff30;
}

/*
 * mcr of coprocessor 15's c7, and mcrr, whose ranges are for nothing else. In c7 the instruction
 * cache (c5), waiting (c0), barriers (c10, 4 and 5) and prefetching (c13) do not matter.
 */
static bool operates_on_cache(__u32 word)
{
	const unsigned int what = word & 15, how = word >> 5 & 7;

	if ((word & 0x0f100f10) != 0x0e000f10)
		return (word & 0x0ff00f00) == 0x0c400f00;
	if ((word >> 16 & 15) != 7)
		return false;
	return what != 0 && what != 5 && what != 13 && !(what == 10 && (how == 4 || how == 5));
}

/* c6 of c7, c7 (of both caches), and mcrr to c6 */
static bool drops_lines(__u32 word)
{
	const unsigned int what = word & 15;

	return operates_on_cache(word) && (what == 6 || what == 7);
}

/*
 * mcrr p15, 0, last, first, c6: discard_old_kernel_data (arch/arm/mm/copypage-v6.c). A kprobe on it
 * is refused; the next instruction will do, before which both registers are unchanged.
 */
static bool discards(const __u32 *code, size_t words, size_t at, struct site *site)
{
	if ((code[at] & 0x0ff00f0f) != 0x0c400f06)
		return false;
	site->argument[0] = (struct site_value){ code[at] >> 16 & 15, SITE_NO_REGISTER, 0 };
	/* not on a branch, nor on another coprocessor's instruction */
	if (at + 1 < words && (code[at + 1] & 0x0e000000) < 0x0a000000)
		site->offset = 4 * (__u32)(at + 1);
	return true;
}

/* KPROBE_ARM_BREAKPOINT_INSTRUCTION (arch/arm/include/asm/probes.h), with any condition */
static bool breakpoint(__u32 word)
{
	return (word & 0x0fffffff) == 0x07f001f8;
}

/* Kprobes become jumps: arch_optimize_kprobes (arch/arm/probes/kprobes/opt-arm.c). */
const struct site_arch site_armv6 = {
	"armv6", call, indirect, operates_on_cache, drops_lines, breakpoint, true,
	discards
};
