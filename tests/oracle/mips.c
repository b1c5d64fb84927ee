// SPDX-License-Identifier: GPL-2.0-only
/*
 * MIPS32 and MIPS64 with an R4000-like MMU and cache: "MIPS Architecture For Programmers
 * II-A" (CACHE, SYNCI) and III (segments, EntryLo), arch/mips/mm of Linux.
 */
#include "hints.h"
#include "oracle.h"

/* A possible layout of Linux' page tables. learn() finds out which one the kernel has. */
struct layout {
	unsigned int levels;
	unsigned int entry;		/* bytes of an entry */
	unsigned int shift[4];		/* of the address, per level, the leaf last */
	uint32_t shifts;		/* bit n: (entry >> n) may be the page frame number */
};

static struct layout layouts[] = {
	{ 2, 4, { 22, 12 }, UINT32_MAX },
	{ 2, 8, { 21, 12 }, UINT32_MAX },
	{ 3, 8, { 30, 21, 12 }, UINT32_MAX },
	{ 4, 8, { 39, 30, 21, 12 }, UINT32_MAX },
};

#define LAYOUTS		(sizeof(layouts) / sizeof(layouts[0]))
#define CCA_UNCACHED	2
#define CCA_CACHED	3
#define CCA_ACCELERATED	7	/* also uncached */
#define LESSONS		64	/* mappings that must agree before a walk is believed */

static unsigned int lessons;
static const struct layout *known;	/* the one that all lessons agree with */
static unsigned int known_shift;
static unsigned int usual_cca;		/* cache attribute of ordinary pages */

/* CACHE (opcode 47): bits 4..2 of op are the operation, 1..0 the cache (1: primary data). */
static struct cache_op decode(uint32_t insn)
{
	static const struct {
		unsigned int how, op;
	} what[8] = {
		[0] = { CACHE_OP_INDEX, OP_CLEAN | OP_INVALIDATE },
		[2] = { CACHE_OP_INDEX, OP_INVALIDATE },	/* store tag: an invalid one */
		[4] = { CACHE_OP_HIT, OP_INVALIDATE },
		[5] = { CACHE_OP_HIT, OP_CLEAN | OP_INVALIDATE },
		[6] = { CACHE_OP_HIT, OP_CLEAN },
	};
	struct cache_op op = { .how = CACHE_OP_NONE };
	const unsigned int code = insn >> 16 & 31;

	if (insn >> 26 == 47 && (code & 3) == 1) {
		op.how = what[code >> 2].how;
		op.op = what[code >> 2].op;
	} else if (insn >> 26 == 1 && code == 31) { /* SYNCI */
		op.how = CACHE_OP_HIT;
		op.op = OP_CLEAN;
	}
	op.reg = insn >> 21 & 31;
	op.offset = (int16_t)insn;
	return op;
}

static enum segment segment32(uint64_t va, uint64_t *phys)
{
	*phys = va & 0x1fffffff;
	switch (va >> 29 & 7) {
	case 4: /* kseg0 */
		return SEGMENT_CACHED;
	case 5: /* kseg1 */
		return SEGMENT_UNCACHED;
	default:
		return SEGMENT_MAPPED;
	}
}

static enum segment segment64(uint64_t va, uint64_t *phys)
{
	const unsigned int cca = va >> 59 & 7;

	if (va >> 62 != 2) /* not xkphys; the 32-bit segments are at the end of the address space */
		return va >> 31 == 0x1ffffffff ? segment32(va, phys) : SEGMENT_MAPPED;
	*phys = va & 0x7ffffffffffffff;
	return cca == CCA_UNCACHED || cca == CCA_ACCELERATED ? SEGMENT_UNCACHED : SEGMENT_CACHED;
}

/* Decodes a pointer in a page table. False: it is none, but 0 or the leaf of a huge page. */
static bool to_phys(uint64_t pointer, unsigned int size, uint64_t *phys)
{
	if (size == 4)
		return pointer && segment32(pointer, phys) != SEGMENT_MAPPED;
	return pointer >> 63 && segment64(pointer, phys) != SEGMENT_MAPPED;
}

/* The leaf entry of va, 0 = there is none; *size is the number of bytes it maps. */
static uint64_t leaf(const struct layout *l, uint64_t root, uint64_t va, uint64_t *size)
{
	uint64_t entry = root, table, index;
	unsigned int i;

	for (i = 0; i < l->levels; i++) {
		if (!to_phys(entry, l->entry, &table))
			return i ? entry : 0;
		index = va >> l->shift[i];
		if (i) /* no mask for the root, which is as large as the address space needs */
			index &= (1ULL << (l->shift[i - 1] - l->shift[i])) - 1;
		*size = 1ULL << l->shift[i];
		entry = guest__word(table + index * l->entry, l->entry);
	}
	return entry;
}

static uint64_t ram(uint64_t phys)
{
	return phys & 0x7fffffff; /* malta: all RAM is at 2 GiB, its beginning also at 0 */
}

/* The kernel uses the lower address of the first 256 MiB. */
static uint64_t pfn(uint64_t offset, uint32_t page)
{
	return (offset < 0x10000000 ? offset : offset + 0x80000000) / page;
}

/* EntryLo has the frame number above three bits of cache attribute. */
static unsigned int cca_of(uint64_t entry)
{
	return known_shift >= 3 ? entry >> (known_shift - 3) & 7 : CCA_CACHED;
}

/*
 * Linux maps pages with the cache attribute that it finds in Config.K0 at boot, unless "cca=" is
 * on its command line. QEMU has 2 there, uncached. So the attribute of ordinary pages, whatever
 * it is, counts as cached here; only with cca=3 can uncached pages be told from them.
 */
static uint64_t walk(uint64_t root, uint64_t va, bool *cached)
{
	unsigned int cca;
	uint64_t entry, size;

	*cached = true;
	if (!known || !root || va >> 48) /* kernel addresses of 64 bits have another root */
		return PAGE_NONE;
	entry = leaf(known, root, va, &size);
	if (!(entry >> known_shift)) /* no user has the page with frame number 0 */
		return PAGE_NONE;
	cca = cca_of(entry);
	*cached = cca == usual_cca || (cca != CCA_UNCACHED && cca != CCA_ACCELERATED);
	return (entry >> known_shift << 12) + (va & (size - 1) & ~0xfffULL) + (va & 0xfff);
}

/*
 * The place of the frame number in an entry depends on the CPU and on the kernel's options. Drops
 * the layouts that contradict a known mapping. After LESSONS mappings, one must be left.
 */
static void learn(uint64_t root, uint64_t va, uint64_t phys)
{
	unsigned int i, shift, left = 0;
	uint64_t entry, size;

	if (!root || lessons >= LESSONS)
		return;
	for (i = 0; i < LAYOUTS; i++) {
		size = 0;
		entry = leaf(&layouts[i], root, va, &size);
		if (size != 4096)
			continue;
		for (shift = 0; shift < 32; shift++)
			if (ram(entry >> shift << 12) != ram(phys & ~0xfffULL) || !entry)
				layouts[i].shifts &= ~(1U << shift);
	}
	if (++lessons < LESSONS)
		return;
	for (i = 0; i < LAYOUTS; i++)
		if (layouts[i].shifts && !(layouts[i].shifts & (layouts[i].shifts - 1))) {
			known = &layouts[i];
			known_shift = (unsigned int)__builtin_ctz(known->shifts);
			left++;
		}
	if (left == 1) {
		usual_cca = cca_of(leaf(known, root, va, &size));
	} else {
		known = NULL;
		lessons = 0;
		for (i = 0; i < LAYOUTS; i++)
			layouts[i].shifts = UINT32_MAX;
	}
}

static bool always(unsigned int condition)
{
	(void)condition;
	return true;
}

/*
 * copy_user_highpage() first tests whether the cache has aliases, and branches to the plain
 * mappings if it has none: "beqz" becomes "b".
 */
static bool unsound(uint64_t *at, uint32_t *insn)
{
	uint64_t end;
	uint32_t word;

	for (*at = symbols__find("copy_user_highpage", &end); *at && *at < end; *at += 4) {
		guest__read_words(*at, &word, 1);
		*insn = word & ~(31U << 21);
		if (word >> 26 == 4 && !(word >> 16 & 31)) /* beq rs, $0 */
			return true;
		if (word >> 26 == 3) /* jal: too late */
			return false;
	}
	return false;
}

#define MIPS(name, big, end, seg)							\
const struct arch model_##name = {							\
	.target = #name, .big_endian = big, .user_end = end,		\
	.hint_text = HINT_MIPS_TEXT, .hint_arm = HINT_MIPS_ARM,				\
	.hint_disarm = HINT_MIPS_DISARM, .hint_task = HINT_MIPS_TASK,			\
	.arguments = { 4, 5, 6, 7 },							\
	.read_register = "mips_cpu_gdb_read_register",				\
	.copy_users = { "copy_user_highpage" }, .clear_page = "clear_page",		\
	.switch_to = "resume", .switch_argument = 1,					\
	.set_root = "tlbmiss_handler_setup_pgd",					\
	.decode = decode, .condition_holds = always, .segment = seg,			\
	.walk = walk, .learn = learn, .unsound = unsound, .ram = ram, .pfn = pfn,	\
}

MIPS(mipsel, false, 0x80000000, segment32);
MIPS(mips, true, 0x80000000, segment32);
MIPS(mips64el, false, 1ULL << 62, segment64);
MIPS(mips64, true, 1ULL << 62, segment64);
