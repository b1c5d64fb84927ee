/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A copy as brindle keeps it: facts only, no verdict. Recordings store these values
 * (recording.h); the verdict (verdict.h) is computed from them when it is asked for, so one
 * recording serves every span.
 */
#ifndef BRINDLE_MODEL_COPY_H
#define BRINDLE_MODEL_COPY_H

#include <linux/types.h>
#include "bpf/words.h"

#define PFN_UNKNOWN	(~0ULL)	/* page frame number that no probe told */

/* The mapping through which the kernel accessed a page. Stored in recordings: never renumber. */
enum mapping_kind {
	MAPPING_UNKNOWN = 0,
	MAPPING_LINEAR = 1,
	MAPPING_KMAP = 2,
	MAPPING_COHERENT = 3,
	MAPPING_WINDOW = 4,
	MAPPING_COUNT
};

/* How a mapping is known. Stored in recordings: never renumber. */
enum evidence {
	EVIDENCE_NONE = 0,
	EVIDENCE_OBSERVED = 1,	/* an argument or return value seen at a probe */
	EVIDENCE_DERIVED = 2,	/* computed, e.g. the linear address from the pfn */
	EVIDENCE_COUNT
};

/* struct copy.facts, struct clear.facts. Stored in recordings: never renumber. */
#define FACT_MAPPED_KNOWN	(1 << 0)	/* FACT_MAPPED of the source is valid */
#define FACT_MAPPED		(1 << 1)	/* source was mapped by a process at entry */
#define FACT_DIRTY_KNOWN	(1 << 2)	/* FACT_KERNEL_DIRTY is valid */
#define FACT_KERNEL_DIRTY	(1 << 3)	/* source newest in kernel mapping (PG_arch_1) */
#define FACT_FLUSH_WATCHED	(1 << 4)	/* a flush of the destination would be seen */
#define FACT_FLUSHED_DST	(1 << 5)	/* destination flushed inside the copy */
#define FACT_MAPPING_WATCHED	(1 << 6)	/* a coherent mapping would have been seen */

#define FACT_STEPS		(1 << 7)	/* the steps of the copy were recorded, in order */
#define FACT_STEPS_LOST		(1 << 8)	/* ... more than there is room for */
#define FACT_USER_WATCHED	(1 << 9)	/* a flush of a user address would be seen */
#define FACT_ALL_WATCHED	(1 << 10)	/* a flush of the whole cache would be seen */
#define FACT_FORK_FLUSHED	(1 << 11)	/* flushed since a fork forbade its mm writing */
#define FACT_MAY_DISCARD	(1 << 12)	/* what was not seen may have dropped lines, too */

/*
 * One thing seen during a copy, or before a clear: what, to which page, at an address of which
 * colour. Stored in recordings: never renumber.
 */
enum step_kind {
	STEP_NONE = 0,
	STEP_READ = 1,		/* the copy itself read the source through this address */
	STEP_WRITE = 2,		/* ... and wrote the destination; a clear writes, too */
	STEP_MAP = 3,		/* a kernel mapping of the page was made here: copied later */
	STEP_FLUSH = 4,		/* lines of a kernel address were written back and dropped */
	STEP_FLUSH_USER = 5,	/* lines of a user address were */
	STEP_FLUSH_ALL = 6,	/* all lines of the cache were; of no page */
	STEP_DISCARD = 7,	/* lines of a kernel address were dropped, not written back */
	STEP_KINDS
};

enum step_page {
	STEP_OF_SOURCE = 0,
	STEP_OF_DESTINATION = 1,
	STEP_OF_OTHER = 2,	/* of neither: kept out of recordings */
	STEP_OF_UNKNOWN = 3,	/* perhaps of one of them */
};

#define STEPS_MAX		8
#define STEP_COLOUR_SHIFT	6	/* above it the address's page number, as far as it fits */
#define STEP(kind, page, page_number) \
	((__u16)((kind) | (page) << 4 | (__u16)((page_number) << STEP_COLOUR_SHIFT)))
#define STEP_KIND(step)		((step) & 15)
#define STEP_PAGE(step)		((step) >> 4 & 3)
#define STEP_COLOUR(step)	((step) >> STEP_COLOUR_SHIFT)	/* of the largest span there is */

/* One page of a copy, and the mapping that the kernel read or wrote it through. */
struct side {
	__u64 pfn;		/* page frame number, or PFN_UNKNOWN */
	__u64 va;		/* kernel virtual address, 0 when unknown */
	__u8 kind;		/* enum mapping_kind */
	__u8 evidence;		/* enum evidence */
};

struct copy {
	__u64 ts;		/* ns, CLOCK_MONOTONIC, end of the copy */
	__u32 pid, tid;
	__u64 user;		/* user address, rounded down to its page */
	struct side source, destination;
	__u8 path;		/* enum copy_path */
	__u8 steps;		/* entries in step */
	__u16 facts;		/* FACT_* */
	__u16 step[STEPS_MAX];	/* STEP(), in order */
};

/* A page that the kernel zeroed for a user address: it has no source. */
struct clear {
	__u64 ts;		/* ns, CLOCK_MONOTONIC, end of the clear */
	__u32 pid, tid;
	__u64 user;		/* user address, rounded down to its page */
	struct side destination;
	__u8 steps;		/* entries in step */
	__u16 facts;		/* FACT_*: those of the destination */
	__u16 step[STEPS_MAX];	/* STEP(), in order */
};

/* A fork window: from the flush of the cache (begin) to the flush of the TLB (ts). */
struct window {
	__u64 ts, begin;	/* ns, CLOCK_MONOTONIC */
	__u32 pid, tid;		/* tid is the thread that forks */
	__u8 exposed;		/* another thread of the process ran inside the window */
};

/*
 * path__name, mapping_kind__name, evidence__name, step__name, step_page__name - the word for a
 * value of enum copy_path, enum mapping_kind, enum evidence, enum step_kind, enum step_page, as
 * output and documentation spell it
 *
 * A static string; "?" for a value out of range.
 */
const char *path__name(unsigned int path);
const char *mapping_kind__name(unsigned int kind);
const char *evidence__name(unsigned int evidence);
const char *step__name(unsigned int kind);
const char *step_page__name(unsigned int page);

#endif
