/* SPDX-License-Identifier: GPL-2.0-only */
/* Declarations that the files of the oracle share. README.md says what the oracle is. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "cache.h"

#define PAGE_NONE	UINT64_MAX

/* ---- what an architecture brings (mips.c, arm.c) ---- */

/* A cache instruction, decoded. */
struct cache_op {
	enum {
		CACHE_OP_NONE, CACHE_OP_HIT, CACHE_OP_RANGE, CACHE_OP_INDEX, CACHE_OP_WHOLE,
		CACHE_OP_UNKNOWN	/* the model lacks it: only counted */
	} how;
	unsigned int op;	/* OP_* */
	int reg, reg2;		/* registers of the address; of a range: of first and last */
	int32_t offset;		/* to be added to the address */
	unsigned int condition;	/* as the architecture encodes it; 0 = always */
};

/* The kind of address, as far as the address itself tells. MAPPED: the TLB must be asked. */
enum segment { SEGMENT_CACHED, SEGMENT_UNCACHED, SEGMENT_MAPPED };

struct arch {
	const char *target;	/* QEMU's name */
	bool big_endian;
	const char *read_register; /* name of QEMU's function that reads a register */
	uint64_t user_end;	/* user addresses lie below */
	uint32_t hint_text, hint_arm, hint_disarm, hint_task; /* instructions that do nothing */
	int arguments[4];	/* registers of a function's arguments, and of a hint's */
	const char *copy_users[3]; /* functions (to, from, user address, ...) that copy */
	const char *clear_page;	/* function (to, ...) that clears a page */
	int clear_size;		/* ... its argument that is how many bytes; 0: always a page */
	const char *switch_to;	/* function that switches threads */
	int switch_argument;	/* ... its argument that is the next thread's task_struct */
	const char *set_root;	/* function that sets the page table */
	struct cache_op (*decode)(uint32_t insn);
	bool (*condition_holds)(unsigned int condition);
	/* The segment of va; unless it is SEGMENT_MAPPED, *phys is set. */
	enum segment (*segment)(uint64_t va, uint64_t *phys);
	/* Physical address of va by the page tables, and if it is cached; PAGE_NONE: not mapped. */
	uint64_t (*walk)(uint64_t root, uint64_t va, bool *cached);
	/* Tells of a known mapping, for a walk that has to find out the layout of page tables. */
	void (*learn)(uint64_t root, uint64_t va, uint64_t phys);
	/*
	 * For control=plain: the address and the word to write there, so that a sound kernel
	 * copies through its plain mappings. False: this kernel's code is not as expected.
	 */
	bool (*unsound)(uint64_t *at, uint32_t *insn);
	/* QEMU's physical address to an offset into RAM, and such an offset to the kernel's pfn. */
	uint64_t (*ram)(uint64_t phys);
	uint64_t (*pfn)(uint64_t ram, uint32_t page);
};

extern const struct arch model_mipsel, model_mips, model_mips64el, model_mips64, model_arm;

/* ---- QEMU's CPU and memory (guest.c) ---- */

/* guest__bind - look up QEMU's own functions; false: *missing is one that is not there */
bool guest__bind(const struct arch *arch, const char **missing);

/* guest__reg - value of a register, sign-extended if the architecture does that to addresses */
uint64_t guest__reg(int reg);

/* guest__tlb - QEMU's physical address of va, as the CPU translates it now, or PAGE_NONE */
uint64_t guest__tlb(uint64_t va);

/* guest__read_phys, guest__read - read len bytes of memory; false: va is not mapped */
void guest__read_phys(uint64_t phys, void *buf, size_t len);
bool guest__read(uint64_t va, void *buf, size_t len);

/* guest__word - the word of 4 or 8 bytes at phys, in the guest's byte order */
uint64_t guest__word(uint64_t phys, unsigned int size);

/* guest__read_words - read n instructions at va; all are 0 if one is not mapped */
void guest__read_words(uint64_t va, uint32_t *words, size_t n);

/* guest__write_word - write one instruction at va; false: va is not mapped */
bool guest__write_word(uint64_t va, uint32_t word);

/* guest__single_step - have QEMU translate the page of va instruction by instruction */
void guest__single_step(uint64_t va);

/* ---- where an address lies (address.c) ---- */

/* address__start - set the architecture and the sizes of page and line */
void address__start(const struct arch *arch, const struct geometry *geometry);

/* address__root - set the page table in use from now on, as set_root got it */
void address__root(uint64_t root);

/*
 * address__locate - fill in where an access went, and whether it was cached
 * @info: what the plugin interface gave for this access, which was just made
 *
 * Returns false if it did not go to RAM.
 */
bool address__locate(struct access *access, uint32_t info);

/*
 * address__resolve - offset into RAM of the address of a cache instruction, or PAGE_NONE
 *
 * A CPU translates this address as for a load, with the same faults. QEMU does not, so the TLB
 * may lack it: then the page tables are asked.
 */
uint64_t address__resolve(uint64_t va);

/* ---- names of the kernel's functions (symbols.c) ---- */

/* symbols__add - take a line of /proc/kallsyms; only functions are kept */
void symbols__add(const char *line);

/* symbols__done - call after the last line; returns the number of functions */
size_t symbols__done(void);

/* symbols__find - address of a function, 0 = there is none; *end is that of the next one */
uint64_t symbols__find(const char *name, uint64_t *end);

/* symbols__text - address of the first function; *end is that of the last */
uint64_t symbols__text(uint64_t *end);

/* symbols__name - put "name+0xoffset" of pc into buf; false: it is in no function */
bool symbols__name(uint64_t pc, char *buf, size_t size);

/* ---- the file (output.c) ---- */

struct task {
	uint32_t pid, tid;	/* process and thread; 0 = not known */
};

#define WRITERS_MAX	4

/* A copy as the oracle has seen it. */
struct copy {
	struct task task;
	uint64_t user, src_va, dst_va;	/* arguments of the kernel's functions */
	uint64_t src_ram, dst_ram; /* PAGE_NONE: not seen yet */
	maker_id maker;
	uint32_t loaded, stored; /* bytes */
	uint32_t stale;		/* bytes */
	uint32_t own_fault;	/* ... for which the copy itself is to blame */
	unsigned int nwriters;
	struct {
		struct stale first;	/* of this writer and this culprit */
		uint32_t bytes;
	} writers[WRITERS_MAX];
};

/* A copy or a clear, as one who may have left its page so that others read old bytes. */
struct maker {
	bool clear;
	uint64_t seq;		/* of a copy: its number in the file; 0 = not written */
	uint64_t blamed;	/* bytes that others read in an old version because of it */
	struct task task;	/* of a clear, as the copies have it */
	uint64_t user, va, ram;
};

/* output__open - create the file; false: errno says why not */
bool output__open(const char *path);

/* output__is_open - between output__open and output__close */
bool output__is_open(void);

/* output__head - write the first line; ignored: IGNORE_* */
void output__head(const struct arch *arch, const struct geometry *geometry, bool from_guest,
		  unsigned int ignored);

/*
 * output__copy - a copy has ended; returns its number in the file
 *
 * It is written at the end: whether it is to blame is not known before.
 */
uint64_t output__copy(const struct copy *copy);

/* output__stale - count a stale read that is not part of a copy; written by output__close */
void output__stale(const struct stale *stale, const struct access *access);

/* Counts of events that cast doubt on the result. */
struct troubles {
	uint64_t unresolved;	/* cache operations on addresses that are not mapped */
	uint64_t unknown;	/* cache operations that the model lacks */
	uint64_t strays;	/* copies whose reads were not seen */
};

/* output__close - write the counts and the last line; false: the file could not be written */
bool output__close(const struct arch *arch, const struct cache_counts *counts,
		   const struct troubles *troubles, uint32_t page);

/* ---- the copies (copies.c) ---- */

void copies__start(const struct arch *arch, uint32_t page_size, struct cache *cache);
void copies__switch(uint64_t task);			/* this thread runs now */
void copies__enter(uint64_t task, uint64_t user);	/* copy_user_highpage begins */
void copies__begin(uint64_t task, struct task who, uint64_t to, uint64_t from);	/* copy_page */
/* copies__load - true: the access is part of the copy being made */
bool copies__load(const struct access *access, const struct stale *stale);
/* copies__store - before a store is made: find out which copy or clear it is part of */
void copies__store(struct access *access);
void copies__clear(uint64_t task, uint64_t to);		/* clear_page */
/* copies__mapped - a page that the thread has just made is for this user's address */
void copies__mapped(uint64_t task, struct task who, uint64_t user);
/* copies__blame - an old version was read; counts for the copy or clear that is to blame */
void copies__blame(const struct stale *stale);
/* copies__maker - what is known of a maker; NULL: nothing */
const struct maker *copies__maker(maker_id maker);
maker_id copies__makers(void);				/* all ids are smaller */
void copies__end(void);				/* the copies being made are all there is */
uint64_t copies__strays(void);			/* copies begun that read no page */

/* copies__end - write out the copies that have not ended */
void copies__end(void);

/* copies__strays - number of copies that were begun and read nothing */
uint64_t copies__strays(void);

/* Cache instructions that the model ignores, for a negative control. */
#define IGNORE_HIT	1
#define IGNORE_INDEX	2

#endif /* ORACLE_H */
