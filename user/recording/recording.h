/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recording: a directory in Common Trace Format 1.8. "metadata" is TSDL text with an env
 * block, "stream_N" holds the packets of CPU N. Nothing here is safe to be called from two
 * threads at a time for one recording.
 */
#ifndef BRINDLE_RECORDING_RECORDING_H
#define BRINDLE_RECORDING_RECORDING_H

#include <stdbool.h>
#include "model/copy.h"
#include "model/geometry.h"
#include "model/plan_row.h"

#define RECORDING_SCHEMA	3

/* The env block: everything a report needs besides the events. */
struct recording_env {
	__u32 schema;
	char version[32];	/* of the brindle that recorded */
	char kernel[128];	/* uname -r and -v */
	char arch[16];		/* struct arch.name */
	__u32 word_bits;	/* 32 or 64, of the traced kernel's machine */
	__u32 cpus;
	struct geometry geometry; /* the machine's own */
	__u64 what_if_span;	/* bytes, record --span: judge by this; 0 = by geometry */
	__u64 totals_span;	/* bytes, record --totals: the largest span the counts serve;
				   0 = there is an event for each copy */
	struct plan_row plan[PLAN_MAX];
	__u32 plan_rows;
	char command[512];	/* CMD and its arguments, joined by blanks, or "" */
	char filter[128];	/* filters in words, or "" */
	__u32 recorder_pid;	/* of the brindle that recorded, whose own copies are left out;
				   0 = not known */
	__u64 start_ns;		/* CLOCK_REALTIME minus CLOCK_MONOTONIC when it started, ns */
};

/*
 * Layout: all fields are byte-packed and in the byte order of the machine that recorded. The
 * metadata describes the same in TSDL. Offsets are in bytes:
 *
 * packet	0 magic u32, 4 uuid 16, 20 stream_id u32; then the context: 24 timestamp_begin
 *		u64, 32 timestamp_end u64, 40 content_size u64 (bits), 48 packet_size u64
 *		(bits), 56 packet_seq_num u64, 64 events_discarded u64 (records lost so far),
 *		72 missed u64 (so far), 80 cpu_id u32, 84 crc32 u32 (zlib's, of all bytes but
 *		these four); events from 88 on. At most 64 KiB.
 * event	0 timestamp u64 (ns, CLOCK_MONOTONIC), 8 id u16, then depending on the id:
 * 7 copy	10 path u8, 11 facts u8, 12 pid u32, 16 tid u32, 20 user u64, 28 source,
 *		45 destination; a side is pfn u64, va u64, and a byte whose low half is the kind
 *		and whose high half is the evidence. 62 bytes.
 * 2 fork	10 begin u64, 18 pid u32, 22 tid u32, 26 exposed u8. 27 bytes.
 * 3 process	10 pid u32, 14 comm 16: the name of pid in all later events of this stream.
 *		30 bytes.
 * 4 end	10 copies u64, 18 forks u64, 26 clears u64, 34 lost u64, 42 missed u64: sums over
 *		all streams. The last event of its stream. 50 bytes.
 * 8 clear	10 facts u8, 11 pid u32, 15 tid u32, 19 user u64, 27 destination: a side as in a
 *		copy. 44 bytes.
 * 9 copies	as 7, but 12 count u64 in place of pid and tid: the number of copies that are
 *		judged like this one. Written by record --totals. 62 bytes.
 * 10 clears	as 8, but 11 count u64 in place of pid and tid. 44 bytes.
 * 11 copy	with steps: 10 path u8, 11 facts u16, 13 pid u32, 17 tid u32, 21 user u64, 29
 *		source, 46 destination, 63 steps u8, 64 step u16[8]: STEP() of each, 0 from
 *		steps on. 80 bytes.
 * 12 clear	with steps: 10 facts u16, 12 pid u32, 16 tid u32, 20 user u64, 28 destination,
 *		45 steps u8, 46 step u16[8]. 62 bytes.
 * 13 copies	as 11, but 13 count u64 in place of pid and tid. 80 bytes.
 * 14 clears	as 12, but 12 count u64 in place of pid and tid. 62 bytes.
 * 1, 5		copy and clear of schema 1: kind and evidence have a byte each. 64 and 45 bytes.
 *
 * Events with steps are those of schema 3. They are written for copies and clears with a fact
 * that the others have no bit for; so a copy whose steps nobody watches takes less than 64
 * bytes, even with its share of packet heads and names.
 */

/* ---- writing ---- */

struct recording_writer;

/*
 * recording__check_target - may dir be recorded into?
 *
 * Yes if it does not exist, is empty, or is a recording (which recording__create replaces);
 * no if it holds anything else. Changes nothing. Returns 0 or an exit code, having said why.
 */
int recording__check_target(const char *dir);

/*
 * recording__create - start a recording in dir
 *
 * Replaces a recording that is there. The stream file of a CPU is created with the first
 * packet of that CPU. Keeps neither dir nor env. Returns NULL on error, having said why;
 * recording__close frees it.
 */
struct recording_writer *recording__create(const char *dir, const struct recording_env *env);

/*
 * recording__copy, recording__window, recording__clear - append one event to the stream of cpu
 * @comm: the thread's name, up to its first 0; all COMM_LEN bytes are read, none is kept;
 *	  NULL = not known
 *
 * The name goes into a "process" event, written only when it is new for this pid in this
 * stream. CTF wants time to run forward in a stream, so an event older than the one before it
 * gets the time of that one. No system call is made until a packet is full.
 *
 * Return 0, or an exit code. The first failure (disk full ...) is reported on stderr; all later
 * calls return its code silently. The events before it stay a readable recording.
 */
int recording__copy(struct recording_writer *w, __u32 cpu, const struct copy *c,
		    const char comm[COMM_LEN]);
int recording__window(struct recording_writer *w, __u32 cpu, const struct window *win,
		      const char comm[COMM_LEN]);
int recording__clear(struct recording_writer *w, __u32 cpu, const struct clear *c,
		     const char comm[COMM_LEN]);

/* The bytes that similar copies share: path, facts, kind and evidence of both sides. */
struct copy_template {
	unsigned char event[62];
};

/* recording__template - fill in *template from one of these copies; of use if it has no steps */
void recording__template(const struct copy *c, struct copy_template *template);

/*
 * recording__copy_fast - recording__copy for a copy like the one *template was made of
 * @c: only its time, pid, tid, user address, pfns and vas are read
 *
 * Returns false, having written nothing, when the general path is needed: the packet is full,
 * the name is new, writing has failed, or such copies have steps.
 */
bool recording__copy_fast(struct recording_writer *w, __u32 cpu,
			  const struct copy_template *template, const struct copy *c,
			  const char comm[COMM_LEN]);

/* recording__failed - exit code of the first failed write, 0 = all is well */
int recording__failed(const struct recording_writer *w);

/*
 * recording__copies, recording__clears - append count copies, or clears, that are judged like c
 *
 * They belong to no process: pid and tid of c are ignored. Return as recording__copy does.
 */
int recording__copies(struct recording_writer *w, const struct copy *c, __u64 count);
int recording__clears(struct recording_writer *w, const struct clear *c, __u64 count);

/* recording__set_losses - what a CPU lost and missed so far, in all; goes into its next packet */
void recording__set_losses(struct recording_writer *w, __u32 cpu, __u64 lost, __u64 missed);

/*
 * recording__flush - write partly filled packets, so that a killed recorder loses little
 *
 * Returns as recording__copy does.
 */
int recording__flush(struct recording_writer *w);

/*
 * recording__close - flush, mark the recording as complete, free the writer
 *
 * Returns 0 or an exit code, as recording__copy does: after a failed write the recording stays
 * readable but is not marked as complete. NULL is ignored.
 */
int recording__close(struct recording_writer *w);

/* ---- reading ---- */

enum event_type { EVENT_COPY, EVENT_WINDOW, EVENT_CLEAR };

struct event {
	enum event_type type;
	__u32 cpu;
	/* Interned: equal pointers mean equal names. Valid until recording__free; "?" = unknown. */
	const char *comm;
	__u64 count;		/* number of such copies or clears; 1 unless totals were recorded */
	union {
		struct copy copy;
		struct window window;
		struct clear clear;
	};
};

struct recording;

struct recording_totals {
	__u64 copies, windows, clears;	/* sums over the events recording__next will give */
	__u64 lost, missed;	/* over all CPUs */
	bool complete;		/* the recorder came to its end and closed the recording */
	__u64 cut_bytes;	/* bytes behind the last whole packet of each stream: not read */
	__u64 absent;		/* copies, windows, clears that were written but are not there */
};

/*
 * recording__open - open for reading, and check every byte
 *
 * Takes any word size and byte order. Checksums, sizes, values and the recorder's own totals
 * are checked here, before a caller prints its first number. Leftovers of a killed recorder or
 * a cut file (a partial last packet, a missing end) cause a warning; damage inside what is
 * there is an error. Returns NULL on error, having said why, with the exit code in *code:
 * EXIT_FAIL for a missing, unreadable or corrupt recording, EXIT_PERM, EXIT_UNSUPPORTED
 * for a schema newer than RECORDING_SCHEMA.
 */
struct recording *recording__open(const char *dir, int *code);

/* recording__env, recording__totals - belong to the recording, valid until recording__free */
const struct recording_env *recording__env(const struct recording *r);
const struct recording_totals *recording__totals(const struct recording *r);

/* recording__same - are the two one recording, or copies of one? Compares the trace's uuid. */
bool recording__same(const struct recording *a, const struct recording *b);

/*
 * recording__next - read the next event; all CPUs are merged in time order
 *
 * Returns 1 with an event, 0 at the end, or -exit code having said why.
 */
int recording__next(struct recording *r, struct event *ev);

/* recording__free - close the files and free all; NULL is ignored */
void recording__free(struct recording *r);

/*
 * recording__on_progress - call fn after every packet read of any recording; NULL = stop that
 *
 * fn gets "checking" or "reading", and how many bytes of how many are done.
 */
void recording__on_progress(void (*fn)(const char *what, __u64 done, __u64 all));

#endif
