/* SPDX-License-Identifier: GPL-2.0-only */
/* From the records of the probes to the facts of copies, clears and windows. Pure. */
#ifndef BRINDLE_RECORDER_ASSEMBLE_H
#define BRINDLE_RECORDER_ASSEMBLE_H

#include "bpf/wire.h"
#include "model/copy.h"
#include "probe/callers.h"
#include "recorder/fit.h"

/* Properties of this kernel that the self-check has measured. */
struct calibration {
	struct fit page;	/* struct page address -> pfn */
	struct fit linear;	/* linear kernel address -> pfn */
	__u32 page_size;	/* bytes */
	__s32 dirty_bit;	/* number of PG_arch_1 in the page flags; -1 = not known */
	bool flag_is_clean;	/* as in struct arch */
	bool mapcount_known;	/* what is read as struct page._mapcount has proved right */
	bool mapping_watched;	/* a mapping made for a copy would be seen */
	bool flush_watched;	/* a flush of a kernel address made in a copy would be seen */
	bool user_watched;	/* ... of a user address */
	bool all_watched;	/* ... of the whole cache */
	bool may_discard;	/* something that nobody sees in copies may drop lines ... */
	bool clears_may_discard; /* ... or in clears */
	bool clears_watched;	/* what flushes in a copy would be seen in a clear, too */
	bool steps;		/* what happens inside a copy is recorded, in its order */
	__u64 highest_pfn;	/* no frame is above it: higher ones are other addresses' */
	__u8 mapping_kind;	/* enum mapping_kind of the addresses ROLE_MAPPING shows */
	__u8 call_kind;		/* ... of those ROLE_COPY_CALL shows, unless they are linear */
	__u8 copy_kind;		/* ... of those ROLE_COPY shows, or that copies go through */
	__u64 source_window, destination_window; /* as in struct arch, for MAPPING_WINDOW */
	__u64 span;		/* bytes, of the machine */
	const struct callers *callers;	/* NULL: the caller does not tell which path it was */
};

/* assemble__path - the path that made the copy; PATH_UNKNOWN when the record does not tell */
enum copy_path assemble__path(const struct wire_copy *rec, const struct calibration *cal);

/* assemble__copy - fill in *c from a record; all that cannot be told from it stays unknown */
void assemble__copy(const struct wire_copy *rec, const struct calibration *cal, struct copy *c);

/*
 * The facts that short records with the same SEEN_* bits have in common: their copies differ
 * only in time, task and addresses. All zeros: fits nothing.
 */
struct pattern {
	__u64 key;		/* the SEEN_* bits and PATTERN_KNOWN; private */
	struct copy copy;
};

/*
 * assemble__pattern - derive a pattern from one copy, so that others need not be assembled
 *
 * Returns false if such copies can differ in more: then nothing fits the pattern.
 */
bool assemble__pattern(const struct wire_copy *rec, const struct calibration *cal,
		       struct pattern *p);

#define PATTERN_KNOWN	(1ULL << 32)

/* assemble__fits - can assemble__copy_fast be used for this record? */
static inline bool assemble__fits(const struct wire_short *rec, const struct pattern *p)
{
	return p->key == (rec->head.seen | PATTERN_KNOWN);
}

/* assemble__copy_fast - as assemble__copy of the whole record, for one that fits the pattern */
void assemble__copy_fast(const struct wire_short *rec, const struct calibration *cal,
			 const struct pattern *p, struct copy *c);

/*
 * assemble__clear - fill in *clear from a record of type WIRE_CLEAR
 *
 * Returns false when no page was cleared: the new page was filled in another way
 * (userfaultfd, swap-in, a uprobe's copy ...).
 */
bool assemble__clear(const struct wire_copy *rec, const struct calibration *cal,
		     struct clear *clear);

/* assemble__window - fill in *w from a record of type WIRE_WINDOW */
void assemble__window(const struct wire_window *rec, struct window *w);

#endif
