/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recording: a directory in Common Trace Format 1.8. "metadata" is TSDL
 * text with an env block, "stream_N" holds the packets of CPU N.
 */
#ifndef BRINDLE_RECORDING_H
#define BRINDLE_RECORDING_H

#include <stdbool.h>
#include "model/copy.h"
#include "model/geometry.h"
#include "model/plan_row.h"

#define RECORDING_SCHEMA	2
/* The env block: everything a report needs besides the events. */
struct recording_env {
	__u32 schema;
	char version[32];	/* of the brindle that recorded */
	char kernel[128];	/* uname -r and -v */
	char arch[16];		/* struct arch.name */
	__u32 word_bits;	/* 32 or 64, of the traced kernel's machine */
	__u32 cpus;
	struct geometry geometry; /* the machine's own */
	__u64 what_if_span;	/* bytes; record --span: judge by this, 0 = by geometry */
	__u64 totals_span;	/* bytes; --totals: counts serve spans up to this; 0 = events */
	struct plan_row plan[PLAN_MAX];
	__u32 plan_rows;
	char command[512];	/* CMD and its arguments, or "" */
	char filter[128];	/* filters in words, or "" */
	__u32 recorder_pid;	/* of the brindle that recorded, never recorded; 0 = not known */
	__u64 start_ns;		/* CLOCK_REALTIME minus CLOCK_MONOTONIC at start: clock offset */
};

/*
 * Layout, all of it byte-packed and in the byte order of the machine that recorded (the
 * metadata says the same in TSDL; offsets in bytes):
 *
 * packet	0 magic u32, 4 uuid 16, 20 stream_id u32; then the context: 24 timestamp_begin
 *		u64, 32 timestamp_end u64, 40 content_size u64 (bits), 48 packet_size u64
 *		(bits), 56 packet_seq_num u64, 64 events_discarded u64 (lost so far), 72 missed
 *		u64 (so far), 80 cpu_id u32, 84 crc32 u32; events from 88 on. At most 64 KiB.
 *		crc32 is zlib's, of the whole packet except its own four bytes.
 * event	0 timestamp u64 (ns, CLOCK_MONOTONIC), 8 id u16, then by id:
 * 7 copy	10 path u8, 11 facts u8, 12 pid u32, 16 tid u32, 20 user u64, 28 source,
 *		45 destination; a side is pfn u64, va u64, and a byte whose low half is the kind
 *		and whose high half is the evidence. 62 bytes.
 * 2 fork	10 begin u64, 18 pid u32, 22 tid u32, 26 exposed u8. 27 bytes.
 * 3 process	10 pid u32, 14 comm 16: holds for later events of this stream. 30 bytes.
 * 4 end	10 copies u64, 18 forks u64, 26 clears u64, 34 lost u64, 42 missed u64: over all
 *		streams, the last event of its stream. 50 bytes.
 * 8 clear	10 facts u8, 11 pid u32, 15 tid u32, 19 user u64, 27 destination: a side as in a
 *		copy. 44 bytes.
 * 9 copies	as 7, but 12 count u64 in place of pid and tid: so many copies that are judged
 *		like this one. Of record --totals. 62 bytes.
 * 10 clears	as 8, but 11 count u64 in place of pid and tid. 44 bytes.
 * 1, 5		copy and clear of schema 1: kind and evidence have a byte each. 64 and 45 bytes.
 *
 * So a copy takes less than 64 bytes also with its share of packet heads and names.
 */

/* ---- writing ---- */

struct recording_writer;

/*
 * recording__check_target - may dir be recorded into?
 *
 * A missing directory may; an existing recording may (it is replaced only when the new
 * one starts, by recording__create); a directory that is something else may not.
 * Returns 0 or an exit code, having said why.
 */
int recording__check_target(const char *dir);

/*
 * recording__create - start a recording in dir; NULL on error, having said why
 *
 * Replaces a recording that is there. The stream file of a CPU is created with the first
 * packet of that CPU.
 */
struct recording_writer *recording__create(const char *dir, const struct recording_env *env);

/*
 * Append one event to the stream of cpu. Return 0, or an exit code having said why
 * once (disk full ...): what was written before stays a readable recording, and further
 * calls return the same code silently. comm (up to its first 0; all COMM_LEN bytes are there
 * to be read; NULL = not known) goes into a "process" event of its own, written only when
 * the pid or its comm is new in that stream. CTF wants time to run forward in a stream: an
 * event older than the one before it gets the time of that one. No system call until a
 * packet is full.
 */
int recording__copy(struct recording_writer *w, __u32 cpu, const struct copy *c,
		    const char comm[COMM_LEN]);
int recording__window(struct recording_writer *w, __u32 cpu, const struct window *win,
		      const char comm[COMM_LEN]);
int recording__clear(struct recording_writer *w, __u32 cpu, const struct clear *c,
		     const char comm[COMM_LEN]);

/*
 * What is stored of many copies alike: they have path, facts, and kind and evidence of both
 * sides in common. recording__form makes it of one of them. recording__copy_like appends
 * another, of which nothing else is looked at, unless something is to be seen to before (a
 * full packet, a new name, a failure): then it does nothing and returns false, and
 * recording__copy does it all.
 */
struct copy_form {
	unsigned char event[62];
};

void recording__form(const struct copy *c, struct copy_form *form);
bool recording__copy_like(struct recording_writer *w, __u32 cpu, const struct copy_form *form,
			  const struct copy *c, const char comm[COMM_LEN]);

/* recording__failed - the code that calls return since writing failed, 0 = it did not */
int recording__failed(const struct recording_writer *w);

/* Append so many copies, or clears, that are judged like c. Of no process: pid and tid are 0. */
int recording__copies(struct recording_writer *w, const struct copy *c, __u64 count);
int recording__clears(struct recording_writer *w, const struct clear *c, __u64 count);

/* recording__count - cumulative losses of a CPU so far, written with the next packet */
void recording__count(struct recording_writer *w, __u32 cpu, __u64 lost, __u64 missed);

/* recording__flush - write partly filled packets, so that a killed recorder loses little */
int recording__flush(struct recording_writer *w);

/*
 * recording__close - flush, mark as complete, free. Returns 0 or an exit code: after a
 * failed write the recording stays readable but is not marked as complete.
 */
int recording__close(struct recording_writer *w);

/* ---- reading ---- */

enum event_type { EVENT_COPY, EVENT_WINDOW, EVENT_CLEAR };

struct event {
	enum event_type type;
	__u32 cpu;
	/* "?" when not known. Valid as long as the recording; the same address, the same name. */
	const char *comm;
	__u64 count;		/* of such copies or clears; 1 but in a recording of totals */
	union {
		struct copy copy;
		struct window window;
		struct clear clear;
	};
};

struct recording;

struct recording_totals {
	__u64 copies, windows, clears;	/* events that recording__next will give */
	__u64 lost, missed;	/* over all CPUs */
	bool complete;		/* the recorder finished in order */
	__u64 cut_bytes;	/* bytes behind the last whole packet, left out */
	__u64 absent;		/* such events the recorder wrote that are not there */
};

/*
 * recording__open - open for reading, check every byte of it
 *
 * Any word size and byte order. Checksums, sizes, values and the recorder's own totals
 * are checked here, before a caller prints its first number. What a killed recorder or a
 * cut file leaves (a partial last packet, a missing end) opens with a warning; damage
 * in what is there does not. NULL on error, having said why; *code is the exit code:
 * EXIT_FAIL for a missing, unreadable or corrupt recording, EXIT_PERM, EXIT_UNSUPPORTED
 * for a schema newer than RECORDING_SCHEMA.
 */
struct recording *recording__open(const char *dir, int *code);
const struct recording_env *recording__env(const struct recording *r);
const struct recording_totals *recording__totals(const struct recording *r);

/* recording__same - are the two one recording, or copies of one? By the uuid of the trace. */
bool recording__same(const struct recording *a, const struct recording *b);

/*
 * recording__next - next event, over all CPUs in time order
 *
 * Returns 1 with an event, 0 at the end, or -exit code having said why.
 */
int recording__next(struct recording *r, struct event *ev);
void recording__free(struct recording *r);

/*
 * recording__on_progress - call fn after every packet read, NULL = do not
 *
 * @what: "checking" or "reading"; @done, @all: bytes. For a progress line.
 */
void recording__on_progress(void (*fn)(const char *what, __u64 done, __u64 all));

#endif
