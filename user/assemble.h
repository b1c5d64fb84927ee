/* SPDX-License-Identifier: GPL-2.0-only */
/* From what the probes saw to the facts of a copy. Pure. */
#ifndef BRINDLE_ASSEMBLE_H
#define BRINDLE_ASSEMBLE_H

#include "callers.h"
#include "copy.h"
#include "fit.h"

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
 * A copy put together from a short record. Of those like it, of which the same was seen, it
 * differs in time, task and addresses. All zeros to begin with.
 */
struct pattern {
	__u64 like;		/* what was seen of it; private */
	struct copy copy;
};

/*
 * assemble__exact - what assemble__copy makes of the whole record, at less cost
 * @p: what the last one left; one pattern serves one calibration
 *
 * Returns &p->copy.
 */
const struct copy *assemble__exact(const struct wire_exact *rec, const struct calibration *cal,
				   struct pattern *p);

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
