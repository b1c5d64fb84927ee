/* SPDX-License-Identifier: GPL-2.0-only */
/* From what the probes saw to the facts of a copy. Pure. */
#ifndef BRINDLE_RECORDER_ASSEMBLE_H
#define BRINDLE_RECORDER_ASSEMBLE_H

#include "bpf/wire.h"
#include "model/copy.h"
#include "probe/callers.h"
#include "recorder/fit.h"

/* What the self-check learned about this kernel. */
struct calibration {
	struct fit page;	/* struct page address -> pfn */
	struct fit linear;	/* linear kernel address -> pfn */
	__u32 page_size;	/* bytes */
	__s32 dirty_bit;	/* PG_arch_1 in page flags; -1 = not known */
	bool mapcount_known;	/* struct page._mapcount was seen to be right */
	bool mapping_watched;	/* a mapping made for a copy would be seen */
	bool flush_watched;	/* a flush made in a copy would be seen */
	__u8 mapping_kind;	/* enum mapping_kind of what ROLE_MAPPING shows */
	__u8 copy_kind;		/* ... of addresses ROLE_COPY shows, or copies go through */
	__u64 source_window, destination_window; /* struct arch, for MAPPING_WINDOW */
	__u64 span;		/* bytes, of the machine */
	const struct callers *callers;	/* NULL: which path made a copy is not known */
};

/* assemble__path - what made the kernel copy */
enum copy_path assemble__path(const struct wire_copy *rec, const struct calibration *cal);

/* assemble__copy - fill in *c; what the record does not hold stays unknown */
void assemble__copy(const struct wire_copy *rec, const struct calibration *cal, struct copy *c);

/*
 * What copies have in common that come as short records and of which the same was seen: they
 * differ in time, task and addresses only. All zeros to begin with.
 */
struct pattern {
	__u64 key;		/* what was seen; private */
	struct copy copy;
};

/*
 * assemble__pattern - learn from a copy what others like it are; the rules are asked once
 *
 * Returns false where copies can differ in more: then nothing fits the pattern.
 */
bool assemble__pattern(const struct wire_copy *rec, const struct calibration *cal,
		       struct pattern *p);

#define PATTERN_KNOWN	(1ULL << 32)

static inline bool assemble__fits(const struct wire_short *rec, const struct pattern *p)
{
	return p->key == (rec->head.seen | PATTERN_KNOWN);
}

/* assemble__copy_fast - what assemble__copy makes of the whole record, if it fits, at less cost */
void assemble__copy_fast(const struct wire_short *rec, const struct calibration *cal,
			 const struct pattern *p, struct copy *c);

/*
 * assemble__clear - fill in *clear from a record of type WIRE_CLEAR
 *
 * Returns false when it is none: the new page was filled in another way (userfaultfd,
 * swap-in, a uprobe's copy ...).
 */
bool assemble__clear(const struct wire_copy *rec, const struct calibration *cal,
		     struct clear *clear);

void assemble__window(const struct wire_window *rec, struct window *w);

#endif
