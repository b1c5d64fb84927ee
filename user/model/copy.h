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
	__u16 facts;		/* FACT_* */
};

/* A page that the kernel zeroed for a user address: it has no source. */
struct clear {
	__u64 ts;		/* ns, CLOCK_MONOTONIC, end of the clear */
	__u32 pid, tid;
	__u64 user;		/* user address, rounded down to its page */
	struct side destination;
	__u16 facts;		/* FACT_*: the ones about the destination */
};

/* A fork window: from the flush of the cache (begin) to the flush of the TLB (ts). */
struct window {
	__u64 ts, begin;	/* ns, CLOCK_MONOTONIC */
	__u32 pid, tid;		/* tid is the thread that forks */
	__u8 exposed;		/* another thread of the process ran inside the window */
};

/*
 * path__name, mapping_kind__name, evidence__name - the word for a value of enum copy_path,
 * enum mapping_kind, enum evidence, as output and documentation spell it
 *
 * A static string; "?" for a value out of range.
 */
const char *path__name(unsigned int path);
const char *mapping_kind__name(unsigned int kind);
const char *evidence__name(unsigned int evidence);

#endif
