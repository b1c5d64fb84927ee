/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A copy as brindle keeps it: facts only, no verdict. Recordings store these
 * values (recording.h), the verdict (verdict.h) is computed from them, so one
 * recording serves every span.
 */
#ifndef BRINDLE_COPY_H
#define BRINDLE_COPY_H

#include <linux/types.h>
#include "bpf/words.h"

#define PFN_UNKNOWN	(~0ULL)

/* Kind of kernel mapping. Stored in recordings: never renumber. */
enum mapping_kind {
	MAPPING_UNKNOWN = 0,
	MAPPING_LINEAR = 1,
	MAPPING_KMAP = 2,
	MAPPING_COHERENT = 3,
	MAPPING_WINDOW = 4,
	MAPPING_COUNT
};

/* How the mapping is known. Stored in recordings: never renumber. */
enum evidence {
	EVIDENCE_NONE = 0,
	EVIDENCE_OBSERVED = 1,	/* an argument or return value seen at a probe */
	EVIDENCE_DERIVED = 2,	/* computed, e.g. linear mapping from the pfn */
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

struct side {
	__u64 pfn;		/* PFN_UNKNOWN when it could not be told */
	__u64 va;		/* kernel virtual address, 0 when unknown */
	__u8 kind;		/* enum mapping_kind */
	__u8 evidence;		/* enum evidence */
};

struct copy {
	__u64 ts;		/* ns, CLOCK_MONOTONIC, end of the copy */
	__u32 pid, tid;
	__u64 user;		/* user address, page-aligned down */
	struct side source, destination;
	__u8 path;		/* enum copy_path */
	__u16 facts;		/* FACT_* */
};

/* A page zeroed for a user address: it has no source. */
struct clear {
	__u64 ts;		/* ns, CLOCK_MONOTONIC, end of the clear */
	__u32 pid, tid;
	__u64 user;		/* user address, page-aligned down */
	struct side destination;
	__u16 facts;		/* FACT_*: those of the destination */
};

/* A fork window: from A (begin) to B (ts). */
struct window {
	__u64 ts, begin;	/* ns, CLOCK_MONOTONIC */
	__u32 pid, tid;		/* tid is the thread that forks */
	__u8 exposed;		/* another thread of the process ran inside */
};

/* Names as the design and the output spell them; "?" for a value out of range. */
const char *path__name(unsigned int path);
const char *mapping_kind__name(unsigned int kind);
const char *evidence__name(unsigned int evidence);

#endif
