// SPDX-License-Identifier: GPL-2.0-only
/* Calls found in code: of Debian's kernels (tests/unit/code), made up, and in random bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "site/site.h"
#include "tap.h"

#define WORDS	256
#define NONE	SITE_NO_REGISTER

struct code {
	__u32 word[WORDS];
	size_t words;
	__u64 address;
};

/* Lines "ADDRESS WORD", in hexadecimal. */
static struct code read_code(const char *name)
{
	struct code c = {};
	unsigned long long address;
	unsigned int word;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "tests/unit/code/%s.txt", name);
	f = fopen(path, "re");
	while (f && c.words < WORDS && fscanf(f, "%llx %x", &address, &word) == 2) {
		if (!c.words)
			c.address = address;
		c.word[c.words++] = word;
	}
	if (f)
		fclose(f);
	return c;
}

/*
 * All calls of target in code whose first word is at address. -1: one cannot be probed, or its
 * arguments cannot be told, or there are more than max.
 */
static int find(const struct site_arch *arch, const __u32 *code, size_t words, __u64 address,
		__u64 target, struct site *sites, int max)
{
	struct site site;
	__u64 called;
	size_t at;
	int n = 0;

	for (at = 0; at < words; at++) {
		site = (struct site){ .offset = SITE_NOWHERE };
		if (!arch->call(code, words, at, address, &called, &site) || called != target)
			continue;
		if (n == max || !site__usable(&site, SITE_ARGUMENTS))
			return -1;
		sites[n++] = site;
	}
	return n;
}

static bool same(const struct site *a, const struct site *b)
{
	int i;

	for (i = 0; i < SITE_ARGUMENTS; i++)
		if (a->argument[i].base != b->argument[i].base ||
		    a->argument[i].index != b->argument[i].index ||
		    a->argument[i].add != b->argument[i].add)
			return false;
	return a->offset == b->offset;
}

/* copy_page in copy_user_highpage: once plain, once through a coherent mapping in v0. */
static void test_kernel(const char *name, __u64 copy_page, const struct site want[2])
{
	const struct code c = read_code(name);
	struct site sites[4];
	const int n = find(&site_mips, c.word, c.words, c.address, copy_page, sites, 4);

	ok(c.words > 100, "%s: %zu words", name, c.words);
	ok(n == 2, "%s: copy_page is called twice", name);
	ok(n == 2 && same(&sites[0], &want[0]) && same(&sites[1], &want[1]),
	   "%s: where, and its arguments", name);
	ok(find(&site_mips, c.word, c.words, c.address, copy_page, sites, 1) == -1,
	   "%s: more than there is room for", name);
	ok(find(&site_mips, c.word, c.words, c.address, copy_page + 4, sites, 4) == 0,
	   "%s: another function is not called", name);
}

/* Calls through pointers in this code: of how many is it known where the pointer is? */
static void test_pointers(const char *name, int all, int known)
{
	const struct code c = read_code(name);
	int n = 0, resolved = 0;
	__u64 pointer;
	size_t at;

	for (at = 0; at < c.words; at++) {
		if (!site_mips.indirect(c.word, c.words, at, c.address, &pointer))
			continue;
		n++;
		resolved += pointer != 0;
	}
	ok(n == all && resolved == known, "%s: %d calls through pointers, %d known", name, n,
	   resolved);
}

/* One call at the third word, with something before it and something in its delay slot. */
static struct site made_up(__u32 before, __u32 slot)
{
	const __u32 code[] = { 0x00851021, before, 0x0c000040, slot, 0 };
	struct site site = { .offset = 1 };

	find(&site_mips, code, 5, 0x80000000, 0x80000100, &site, 1);
	return site;
}

static void test_slots(void)
{
	const struct {
		const char *name;
		__u32 before, slot;
		struct site want;	/* offset 1: not found */
	} cases[] = {
		{ "move a1,v0", 0, 0x00402825, { 8, { { 4, NONE, 0 }, { 2, NONE, 0 } } } },
		{ "move a0,v0", 0, 0x00402025, { 8, { { 2, NONE, 0 }, { 5, NONE, 0 } } } },
		{ "addu a1,s1,a1", 0, 0x02252821, { 8, { { 4, NONE, 0 }, { 17, 5, 0 } } } },
		{ "addiu a1,sp,-16", 0, 0x27a5fff0, { 8, { { 4, NONE, 0 }, { 29, NONE, -16 } } } },
		{ "addiu s0,s0,1", 0, 0x26100001, { 8, { { 4, NONE, 0 }, { 5, NONE, 0 } } } },
		{ "or a1,v0,v1: no sum", 0, 0x00432825, { .offset = 1 } },
		{ "lw a1,0(v0): from memory", 0, 0x8c450000, { .offset = 1 } },
		{ "sw a1,16(sp)", 0, 0xafa50010, { 8, { { 4, NONE, 0 }, { 5, NONE, 0 } } } },
		{ "sd a0,16(sp)", 0, 0xffa40010, { 8, { { 4, NONE, 0 }, { 5, NONE, 0 } } } },
		{ "lw s0,16(sp)", 0, 0x8fb00010, { 8, { { 4, NONE, 0 }, { 5, NONE, 0 } } } },
		{ "nop, move a1,v0 before", 0x00402825, 0, { 4, { { 4, NONE, 0 }, { 2, NONE, 0 } } } },
		{ "nop, a jump before", 0x03e00008, 0, { .offset = 1 } },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct site got = made_up(cases[i].before, cases[i].slot);

		ok(cases[i].want.offset == 1 ? got.offset == 1 : same(&got, &cases[i].want),
		   "delay slot: %s: offset %u", cases[i].name, got.offset);
	}
}

/* Calls with one argument can be probed though the second one is not known. */
static void test_usable(void)
{
	const __u32 code[] = { 0x00851021, 0, 0x0c000040, 0x8c450000, 0 };	/* lw a1,0(v0) */
	struct site site = { .offset = SITE_NOWHERE };
	__u64 target = 0;

	ok(site_mips.call(code, 5, 2, 0x80000000, &target, &site) && target == 0x80000100,
	   "usable: a call whose second argument comes from memory");
	ok(site__usable(&site, 1) && site__usable(&site, 0), "usable: for its first argument");
	ok(!site__usable(&site, 2), "usable: not for both");
	site = (struct site){ .offset = SITE_NOWHERE };
	ok(!site__usable(&site, 0), "usable: not where no probe can be");
	ok(!site_mips.call(code, 5, 1, 0x80000000, &target, &site), "usable: a nop calls nothing");
}

static void test_cache(void)
{
	/* mcr p15, 0, r0, c7, ...: waiting, of the instruction cache, barriers, prefetching */
	static const __u32 others[] = { 0xee070f90, 0xee070f15, 0xee070f9a, 0xee070fba, 0xee070f3d };
	size_t i;

	ok(site_mips.operates_on_cache(0xbc950000), "cache 0x15,0(a0)");
	ok(site_mips.operates_on_cache(0x7c950025), "cache of release 6");
	ok(site_mips.operates_on_cache(0x7c95001b), "cachee");
	ok(!site_mips.operates_on_cache(0) && !site_mips.operates_on_cache(0xac850000) &&
	   !site_mips.operates_on_cache(0xcc9e0000) && !site_mips.operates_on_cache(0x7c03e83b),
	   "not nop, sw, pref, rdhwr");
	ok(site_armv6.operates_on_cache(0xee070f3e) && site_armv6.operates_on_cache(0xee071f3a),
	   "arm: mcr p15, 0, r0, c7, ...");
	ok(site_armv6.operates_on_cache(0xee070f36) && site_armv6.operates_on_cache(0xee070f5e) &&
	   site_armv6.operates_on_cache(0xee070f5a), "arm: ... c6, c14, c10");
	ok(site_armv6.operates_on_cache(0xec401f0e) && site_armv6.operates_on_cache(0xec401f06),
	   "arm: mcrr p15, 0, r1, r0, c14 and c6");
	/* cache 0x11, 0x9, 0x13: of the data cache and the secondary one */
	ok(site_mips.drops_lines(0xbc910000) && site_mips.drops_lines(0xbc890000) &&
	   site_mips.drops_lines(0xbc930000), "cache: invalidations");
	/* 0x15, 0x1, 0x19; 0x10 of the instruction cache */
	ok(!site_mips.drops_lines(0xbc950000) && !site_mips.drops_lines(0xbc810000) &&
	   !site_mips.drops_lines(0xbc990000) && !site_mips.drops_lines(0xbc900000) &&
	   !site_mips.drops_lines(0xac910000), "cache: what writes back, and of instructions");
	ok(site_armv6.drops_lines(0xee070f36) && site_armv6.drops_lines(0xee070f17) &&
	   site_armv6.drops_lines(0xec401f06), "arm: c6, c7, mcrr of c6 drop lines");
	ok(!site_armv6.drops_lines(0xee070f3e) && !site_armv6.drops_lines(0xec401f0e),
	   "arm: c14 writes them back first");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ok(!site_armv6.operates_on_cache(others[i]), "arm: %08x does not matter", others[i]);
	ok(!site_armv6.operates_on_cache(0xee080f17) && !site_armv6.operates_on_cache(0xee070e3e) &&
	   !site_armv6.operates_on_cache(0xee170f3e) && !site_armv6.operates_on_cache(0xe1a00000),
	   "arm: not of c8, another coprocessor, a read, a move");
}

#define LUI_V0	0x3c0280a0	/* lui v0,0x80a0 */
#define LW_V0	0x8c42fff0	/* lw v0,-16(v0) */
#define LD_V0	0xdc42fff0
#define JALR_V0	0x0040f809
#define JR_V0	0x00400008
#define JR_T9	0x03200008

static const struct {
	const char *what;
	__u32 code[6];
	__u64 pointer;
} indirects[] = {
	{ "lui, lw, jalr", { 0, 0, 0, LUI_V0, LW_V0, JALR_V0 }, 0xffffffff809ffff0 },
	{ "lui, ld, jalr", { 0, 0, 0, LUI_V0, LD_V0, JALR_V0 }, 0xffffffff809ffff0 },
	{ "with others in between", { LUI_V0, 0x02002025, LW_V0, 0x02202825, 0, JALR_V0 },
	  0xffffffff809ffff0 },
	{ "in another register", { 0, 0, 0, 0x3c0380a0, 0x8c620010, JALR_V0 },
	  0xffffffff80a00010 },
	{ "nothing before", { 0, 0, 0, 0, 0, JALR_V0 }, 0 },
	{ "no lui", { 0, 0, 0, 0, LW_V0, JALR_V0 }, 0 },
	{ "no load", { 0, 0, 0, 0, LUI_V0, JALR_V0 }, 0 },
	{ "an index is added", { LUI_V0, 0x00441021, LW_V0, 0, 0, JALR_V0 }, 0 },
	{ "moved from elsewhere", { LUI_V0, LW_V0, 0x00601025, 0, 0, JALR_V0 }, 0 },
	{ "loaded from the stack last", { LUI_V0, LW_V0, 0x8fa20010, 0, 0, JALR_V0 }, 0 },
	{ "stored in between", { LUI_V0, LW_V0, 0xafa20010, 0, 0, JALR_V0 }, 0xffffffff809ffff0 },
	{ "a call in between", { LUI_V0, LW_V0, 0x0c000040, 0, 0, JALR_V0 }, 0 },
	{ "a call between lui and load", { LUI_V0, 0x0c000040, 0, LW_V0, 0, JALR_V0 }, 0 },
};

static void test_indirect(void)
{
	/* calls, jumps, "jr ra", "jr.hb ra" */
	const __u32 other[] = { 0x0c000040, 0x08000040, 0x03e00008, 0x03e00408, 0 };
	__u32 jump[6];
	__u64 pointer;
	size_t i;

	for (i = 0; i < sizeof(indirects) / sizeof(indirects[0]); i++) {
		pointer = 1;
		ok(site_mips.indirect(indirects[i].code, 6, 5, 0x80000000, &pointer) &&
		   pointer == indirects[i].pointer, "indirect: %s: %llx", indirects[i].what,
		   (unsigned long long)pointer);
		/* "jr v0" with such a pointer is a call in place of a return, else a switch ... */
		memcpy(jump, indirects[i].code, sizeof(jump));
		jump[5] = JR_V0;
		ok(site_mips.indirect(jump, 6, 5, 0x80000000, &pointer) == !!indirects[i].pointer &&
		   pointer == indirects[i].pointer, "indirect: jr v0: %s", indirects[i].what);
	}
	/* ... "jr t9" is one wherever the pointer comes from */
	ok(site_mips.indirect((const __u32[]){ LUI_V0, 0x8c59fff0, JR_T9 }, 3, 2, 0x80000000, &pointer) &&
	   pointer == 0xffffffff809ffff0, "indirect: jr t9: lui, lw");
	ok(site_mips.indirect((const __u32[]){ 0x8c990008, 0, JR_T9 }, 3, 2, 0x80000000, &pointer) && !pointer,
	   "indirect: jr t9: from a structure");
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		ok(!site_mips.indirect(other, 5, i, 0x80000000, &pointer), "indirect: %08x is none", other[i]);
	ok(site_armv6.indirect((const __u32[]){ 0xe12fff33 }, 1, 0, 0x80000000, &pointer) && !pointer &&
	   site_armv6.indirect((const __u32[]){ 0xe1a0e00f }, 1, 0, 0x80000000, &pointer) && !pointer,
	   "arm: blx r3; mov lr,pc");
	ok(!site_armv6.indirect((const __u32[]){ 0xe12fff1e }, 1, 0, 0x80000000, &pointer), "arm: bx lr is none");
}

static void test_arm(void)
{
	/* bl +8 words, blne, b, bl of the instruction before */
	const __u32 code[] = { 0xeb000000, 0xe1a00000, 0xea000001, 0xebfffffd };
	const __u32 maybe[] = { 0x1b000000 };
	struct site sites[2];

	is(find(&site_armv6, code, 1, 0xc0008000, 0xc0008008, sites, 2), 1, "arm: bl");
	ok(sites[0].offset == 0 && sites[0].argument[1].base == 1, "arm: r0 and r1");
	is(find(&site_armv6, code, 4, 0xc0008000, 0xc0008014, sites, 2), 1, "arm: b");
	is(find(&site_armv6, code, 4, 0xc0008000, 0xc0008008, sites, 2), 2, "arm: back, too");
	is(find(&site_armv6, maybe, 1, 0xc0008000, 0xc0008008, sites, 2), -1,
	   "arm: a conditional call cannot be probed");
}

#define BEQZ_A0(n)	(0x10800000 | (n))	/* over n instructions behind the next one */
#define BNEZ_A1(n)	(0x14a00000 | (n))
#define JR_RA		0x03e00008

/* What loads the register is behind a return, and only branches lead there. */
static void test_branches(void)
{
	const __u32 one[] = { LUI_V0, BEQZ_A0(3), 0, JR_RA, 0, LW_V0, JALR_V0 };
	const __u32 none[] = { LUI_V0, 0, 0, JR_RA, 0, LW_V0, JALR_V0 };
	__u32 two[] = { LUI_V0, BEQZ_A0(6), 0, LUI_V0, BNEZ_A1(3), 0, JR_RA, 0, LW_V0, JALR_V0 };
	const __u32 loop[] = { 0, JR_RA, 0, LW_V0, BEQZ_A0(0xfffe), 0, JALR_V0 };
	__u64 pointer;

	ok(site_mips.indirect(one, 7, 6, 0x80000000, &pointer) && pointer == 0xffffffff809ffff0,
	   "branches: the only one has the pointer's address");
	ok(site_mips.indirect(none, 7, 6, 0x80000000, &pointer) && !pointer, "branches: there is none");
	ok(site_mips.indirect(two, 10, 9, 0x80000000, &pointer) && pointer == 0xffffffff809ffff0,
	   "branches: two have the same address");
	two[3]++;
	ok(site_mips.indirect(two, 10, 9, 0x80000000, &pointer) && !pointer,
	   "branches: two have different addresses");
	ok(site_mips.indirect(loop, 7, 6, 0x80000000, &pointer) && !pointer, "branches: a loop ends");
}

#define BEQZL_A0(n)	(0x50800000 | (n))	/* its delay slot is executed if it branches */
#define J_WORD(n)	(0x08000000 | (n))	/* to this word of code at 0x80000000 */
#define LW_V0_32	0x8c420020		/* not what LW_V0 loads */

/* Where ways meet, all of them must have the same pointer. */
static void test_meetings(void)
{
	static const struct {
		const char *what;
		__u32 code[7];
		__u64 pointer;
	} cases[] = {
		{ "a delay slot if taken, and the way past it", { LUI_V0, BEQZL_A0(2), LW_V0, LW_V0,
		  JALR_V0 }, 0xffffffff809ffff0 },
		{ "... with another pointer", { LUI_V0, BEQZL_A0(2), LW_V0, LW_V0_32, JALR_V0 }, 0 },
		{ "... with none", { LUI_V0, BEQZL_A0(2), LW_V0, 0, JALR_V0 }, 0 },
		{ "a jump inside of the function", { LUI_V0, BEQZ_A0(3), 0, J_WORD(6), LW_V0, LW_V0,
		  JALR_V0 }, 0xffffffff809ffff0 },
		{ "... with another pointer", { LUI_V0, BEQZ_A0(3), 0, J_WORD(6), LW_V0, LW_V0_32,
		  JALR_V0 }, 0 },
		{ "a loop that leaves it as it is", { LUI_V0, LW_V0, 0, BNEZ_A1(0xfffe), 0,
		  JALR_V0 }, 0xffffffff809ffff0 },
		{ "a loop that changes it", { LUI_V0, LW_V0, 0, BNEZ_A1(0xfffe), LW_V0_32,
		  JALR_V0 }, 0 },
	};
	__u64 pointer;
	size_t i, at;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (at = 0; cases[i].code[at] != JALR_V0; at++)
			;
		ok(site_mips.indirect(cases[i].code, at + 1, at, 0x80000000, &pointer) &&
		   pointer == cases[i].pointer, "meetings: %s: %llx", cases[i].what,
		   (unsigned long long)pointer);
	}
}

/* mcrr p15, 0, r1, r2, c6 drops the lines from r2 to r1. */
static void test_discards(void)
{
	static const struct {
		const char *what;
		__u32 word, next;
		bool drops;
		__u32 offset;
	} cases[] = {
		{ "before a move", 0xec421f06, 0xe1a00000, true, 4 },
		{ "before a branch", 0xec421f06, 0xea000001, true, SITE_NOWHERE },
		{ "before a call", 0xec421f06, 0xeb000001, true, SITE_NOWHERE },
		{ "before another one", 0xec421f06, 0xec421f06, true, SITE_NOWHERE },
		{ "last", 0xec421f06, 0, true, SITE_NOWHERE },
		{ "c14: written back, too", 0xec421f0e, 0xe1a00000, false, SITE_NOWHERE },
		{ "a move", 0xe1a00000, 0xe1a00000, false, SITE_NOWHERE },
	};
	struct site site;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const __u32 code[] = { cases[i].word, cases[i].next };

		site = (struct site){ .offset = SITE_NOWHERE };
		ok(site_armv6.discards(code, cases[i].next ? 2 : 1, 0, &site) == cases[i].drops &&
		   site.offset == cases[i].offset, "arm: discards: %s: probed at %x", cases[i].what,
		   site.offset);
		ok(!cases[i].drops || site.argument[0].base == 2, "arm: discards: %s: r2",
		   cases[i].what);
	}
	ok(!site_mips.discards, "mips: no instruction drops a page's lines");
}

static void test_random(void)
{
	__u32 code[64], seed = 12345;
	struct site sites[4];
	int round, i, wrong = 0;

	for (round = 0; round < 200000; round++) {
		const struct site_arch *arch = round & 1 ? &site_mips : &site_armv6;
		const size_t words = seed >> 8 & 63;
		int n;

		for (i = 0; i < 64; i++) {
			seed = seed * 1664525 + 1013904223;
			/* every fourth one a call, to something near */
			code[i] = seed & 0x30000 ? seed : round & 1 ?
				  0x0c000000 | (seed >> 20 & 15) : 0xeb000000 | (seed >> 20 & 15);
		}
		n = find(arch, code, words, 0x80000000, 0x80000010, sites, 4);
		for (i = 0; i < n; i++)
			wrong += sites[i].offset >= 4 * words || sites[i].offset % 4;
		wrong += n < -1 || n > 4;
	}
	is(wrong, 0, "random bytes: whatever is found lies in the function");
}

int main(void)
{
	static const struct site mips[] = {
		{ 0xe4, { { 4, NONE, 0 }, { 17, 5, 0 } } }, { 0x19c, { { 4, NONE, 0 }, { 2, NONE, 0 } } },
	}, mips64[] = {
		{ 0xf4, { { 16, NONE, 0 }, { 5, NONE, 0 } } },
		{ 0x1b0, { { 4, NONE, 0 }, { 2, NONE, 0 } } },
	}, mips64_612[] = {
		{ 0x104, { { 16, NONE, 0 }, { 5, NONE, 0 } } },
		{ 0x198, { { 4, NONE, 0 }, { 2, NONE, 0 } } },
	};

	test_kernel("mips-4kc-6.1", 0x80126318, mips);
	test_kernel("mips64-5kc-6.1", 0xffffffff8012b1b8, mips64);
	test_kernel("mips64-5kc-6.12", 0xffffffff8402b2d8, mips64_612);
	test_pointers("mips-4kc-6.1", 1, 1);
	test_pointers("mips64-5kc-6.1", 1, 1);
	test_pointers("mips64-5kc-6.12", 1, 1);
	test_slots();
	test_usable();
	test_cache();
	test_indirect();
	test_arm();
	test_branches();
	test_meetings();
	test_discards();
	test_random();
	ok(!site_arch__by_name("x86_64") && site_arch__by_name("mips") == &site_mips, "by name");
	return tap__done();
}
