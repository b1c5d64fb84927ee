/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the reader of recordings: one stream file, packet by packet, event by event. */
#ifndef BRINDLE_RECORDING_STREAM_H
#define BRINDLE_RECORDING_STREAM_H

#include "recording/format.h"

/* u64_of, u32_of, u16_of - a value in this machine's byte order; swap: it is in the other one */
static inline __u64 u64_of(bool swap, __u64 v)
{
	return swap ? __builtin_bswap64(v) : v;
}

static inline __u32 u32_of(bool swap, __u32 v)
{
	return swap ? __builtin_bswap32(v) : v;
}

static inline __u16 u16_of(bool swap, __u16 v)
{
	return swap ? __builtin_bswap16(v) : v;
}

/* Interned names: each is stored once, at an address valid until names__free. Open addressing. */
struct names {
	char **slots;
	__u32 size, used;	/* size is a power of two, or 0 */
};

struct comm_entry {
	__u32 pid;
	const char *comm;	/* from names__get; NULL = the entry is free */
};

/* The name of each pid, by the process events of one stream so far. Open addressing. */
struct comm_table {
	struct comm_entry *slots;
	__u32 size, used;	/* size is a power of two, or 0 */
};

/* A stream file being read. The writer's side of it is struct stream (writer.c). */
struct rstream {
	int fd;
	__u32 cpu;
	__u32 page_shift;	/* of the machine that recorded */
	char name[24];
	__u64 size;		/* bytes of whole packets, known when all have been checked */
	__u64 at;		/* offset of the next packet */
	__u8 *packet;		/* the current packet */
	__u32 room;		/* bytes there is room for at packet */
	__u32 pos, used;	/* offsets in packet: next event, end of the content */
	__u64 packets;		/* read so far */
	__u64 lost, missed;	/* by the current packet: so far */
	struct comm_table comms;
	bool ready;		/* stream__look was called for pos, and the event is one to give */
	enum disk_event id;	/* of the event at pos, after stream__look */
	__u64 ts;		/* of the event last looked at: no later one may be older */
};

/* ---- packets (stream.c) ---- */

enum packet_state { PACKET_WHOLE, PACKET_NONE, PACKET_CUT, PACKET_BAD };

/*
 * stream__packet - read the packet at s->at and move on to the one after it
 * @limit: size of the file in bytes
 * @check_crc: also check the checksum
 * @why: with PACKET_BAD, what is wrong in a few words
 *
 * PACKET_NONE: there are no more. PACKET_CUT: the file ends inside this packet.
 */
enum packet_state stream__packet(struct rstream *s, const struct meta *m, __u64 limit,
				 bool check_crc, const char **why);

/* stream__rewind - go back to before the first packet */
void stream__rewind(struct rstream *s);

/* ---- the events of a packet (events.c) ---- */

/* Sums over the events checked so far. */
struct disk_counts {
	__u64 of[DISK_LAST + 1];	/* by enum disk_event */
	__u64 copies, clears;		/* single ones, and the counts of record --totals */
	struct disk_end end;		/* valid if of[DISK_END] is not 0 */
};

/* stream__check - check and count all events of the current packet; NULL, or what is wrong */
const char *stream__check(struct rstream *s, bool swap, struct disk_counts *n);

/*
 * stream__look - set s->id and s->ts by the event at s->pos, which must be below s->used
 *
 * Returns NULL, or what is wrong.
 */
const char *stream__look(struct rstream *s, bool swap);

/*
 * After stream__look, one of these decodes the event and moves on to the next, by s->id:
 *
 * stream__event - for an event that recording__next gives (s->ready); also looks at the next
 *		   event. Returns NULL, or what is wrong.
 * stream__process - for DISK_PROCESS
 * stream__skip - for any event: decodes nothing
 */
const char *stream__event(struct rstream *s, bool swap, struct event *ev);
void stream__process(struct rstream *s, bool swap, struct disk_process *d);
void stream__skip(struct rstream *s);

/* ---- names (comms.c) ---- */

/* names__get - intern a name; NULL: out of memory */
const char *names__get(struct names *n, const char comm[COMM_LEN]);

/* names__free - free all names: what names__get returned is invalid then */
void names__free(struct names *n);

/* comms__set - set the name of pid to comm, which is from names__get; false: out of memory */
bool comms__set(struct comm_table *t, __u32 pid, const char *comm);

/* comms__slot - the entry of pid, or the free one where it belongs; size is not 0 */
static inline struct comm_entry *comms__slot(struct comm_entry *slots, __u32 size, __u32 pid)
{
	__u32 i = (pid * 2654435761U) & (size - 1);

	while (slots[i].comm && slots[i].pid != pid)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* comms__get - the name of pid; "?" when it is not known */
static inline const char *comms__get(const struct comm_table *t, __u32 pid)
{
	const char *comm = t->size ? comms__slot(t->slots, t->size, pid)->comm : NULL;

	return comm ? comm : "?";
}

#endif
