/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model of the alias state of a write-back, write-allocate data cache that is indexed by
 * virtual addresses and tagged by physical ones. For each line of memory it knows the colours
 * that hold the newest bytes, and those that hold old ones.
 *
 * The cache has room for every line and never evicts one: what the model calls stale
 * could be stale on silicon, where luck (an eviction) may have written it back in time.
 * There is one CPU, no DMA and no instruction cache.
 *
 * Of every stale read it tells who is to blame: README.md, "Who is to blame".
 */
#ifndef ORACLE_CACHE_H
#define ORACLE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#define COLOURS_MAX	16

struct geometry {
	uint32_t span;		/* bytes of one way: addresses that far apart have the same index */
	uint32_t line;		/* bytes */
	uint32_t ways;
	uint32_t page;		/* bytes */
	uint32_t colours;	/* span / page */
};

enum stale_kind {
	STALE_NONE,
	STALE_FILL,		/* a miss read memory, while another colour held newer bytes */
	STALE_HIT,		/* a hit, while another colour or memory held newer bytes */
	STALE_UNCACHED,		/* an uncached read, while a cache line held newer bytes */
	STALE_KINDS
};

/* Parts of a cache operation. */
#define OP_CLEAN	1	/* write the line back if it is dirty */
#define OP_INVALIDATE	2	/* discard the line; after OP_CLEAN, if both are set */

/*
 * A copy or a clear that gives a page its contents, and has to leave them where a user of
 * that page sees them. 0 is none.
 */
typedef uint32_t maker_id;

/* Who made an access, and where. */
struct access {
	uint64_t phys;		/* physical address */
	uint64_t va;		/* virtual address: its colour is that of the line */
	uint64_t pc;
	uint32_t size;		/* bytes; may cross lines */
	bool cached;
	bool user;		/* to a user's address */
	maker_id maker;		/* of a store: the copy or clear it is part of */
};

struct writer {
	uint64_t pc, va;
};

/* Why a read was stale. */
enum blame {
	BLAME_READER,		/* the newest bytes were where they belong; it read elsewhere */
	BLAME_MAKER,		/* a copy or a clear did not leave them there */
	BLAME_OTHER,		/* neither: the kernel, outside of copies and clears */
};

#define LIES_MEMORY	(-1)	/* not in the cache, but in memory */
#define LIES_NOWHERE	(-2)	/* an older line was written back over them */

/* What a read saw. */
struct stale {
	enum stale_kind kind;	/* of the first stale byte */
	uint32_t bytes;
	/* The rest is of that byte, too. */
	struct writer writer;	/* who wrote the newest value */
	maker_id maker;		/* ... as a part of this copy or clear */
	int lies;		/* where it is: a colour, preferably a dirty one, or LIES_* */
	int read;		/* where it was looked for: a colour, or LIES_MEMORY */
	enum blame blame;
	maker_id culprit;	/* of BLAME_MAKER */
};

struct cache_counts {
	uint64_t double_dirty;	/* writes to a line that another colour has dirty */
	uint64_t discarded;	/* dirty lines discarded without being written back */
};

struct cache;

/*
 * cache__new - an empty cache: no line is in it, memory has the newest bytes
 *
 * Returns NULL if the geometry is impossible (not powers of two, more than COLOURS_MAX colours)
 * or memory is short. cache__free frees it.
 */
struct cache *cache__new(const struct geometry *geometry);

/* cache__free - NULL is ignored */
void cache__free(struct cache *cache);

/* cache__maker - a copy or a clear begins; 0: no memory left for it */
maker_id cache__maker(struct cache *cache);

/*
 * cache__made_for - the page is for a user at this address
 *
 * A clear of which this is never said is an affair of the kernel's own.
 */
void cache__made_for(struct cache *cache, maker_id maker, uint64_t user);

/* cache__load, cache__store - an access by the CPU; a store to a missing line fills it */
struct stale cache__load(struct cache *cache, const struct access *access);
void cache__store(struct cache *cache, const struct access *access);

/* cache__hit_op - operation (OP_*) on the line of physical address phys in the colour of va */
void cache__hit_op(struct cache *cache, uint64_t phys, uint64_t va, unsigned int op);

/*
 * cache__index_op - operation (OP_*) on the line with the index and way (bits above it) of va
 *
 * The way that a line of memory is in is not modelled. The operation reaches a line when it has
 * been made on all ways of its index since the line was last used.
 */
void cache__index_op(struct cache *cache, uint64_t va, unsigned int op);

/* cache__whole_op - operation (OP_*) on the whole cache */
void cache__whole_op(struct cache *cache, unsigned int op);

/* cache__counts - the counts so far */
struct cache_counts cache__counts(const struct cache *cache);

#endif /* ORACLE_CACHE_H */
