/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the reader of recordings: one stream file, packet by packet, event by event. */
#ifndef BRINDLE_RECORDING_STREAM_H
#define BRINDLE_RECORDING_STREAM_H

#include "recording/format.h"

/* Each name once, at an address that stays until names__free; open addressing. */
struct names {
	char **slots;
	__u32 size, used;	/* size is a power of two, or 0 */
};

struct comm_entry {
	__u32 pid;
	const char *comm;	/* one of struct names; NULL = the entry is free */
};

/* pid to comm, as the process events of one stream say; open addressing. */
struct comm_table {
	struct comm_entry *slots;
	__u32 size, used;	/* size is a power of two, or 0 */
};

struct rstream {
	int fd;
	__u32 cpu;
	char name[24];
	__u64 size;		/* bytes of whole packets */
	__u64 at;		/* offset of the next packet */
	__u8 *packet;
	__u32 room;		/* bytes at packet */
	__u32 pos, used;	/* next event, end of the content */
	__u64 packets;		/* read so far */
	__u64 lost, missed;
	struct comm_table comms;
	bool ready;		/* the event at pos was looked at and is one for the caller */
	enum disk_event id;	/* of the event at pos, after stream__look */
	__u64 ts;		/* of that, or of the last: time runs forward */
};

enum packet_state { PACKET_WHOLE, PACKET_NONE, PACKET_CUT, PACKET_BAD };

/*
 * stream__packet - read the packet at s->at and step behind it
 * @limit: size of the file; @check_crc: also check the checksum
 * @why: with PACKET_BAD, what is wrong in a few words
 *
 * PACKET_CUT: the file ends inside this packet.
 */
enum packet_state stream__packet(struct rstream *s, const struct meta *m, __u64 limit,
				 bool check_crc, const char **why);

/* What the events of a packet add up to. */
struct disk_counts {
	__u64 of[DISK_LAST + 1];	/* by enum disk_event */
	__u64 copies, clears;		/* each, and those that were only counted */
	struct disk_end end;		/* the last, when there is one */
};

/* stream__check - check all events of the packet and count them; NULL or what is wrong */
const char *stream__check(struct rstream *s, bool swap, struct disk_counts *n);

/* stream__look - which event is at s->pos (< s->used), and of what time? NULL or what is wrong */
const char *stream__look(struct rstream *s, bool swap);

/*
 * After stream__look, by the id it found: decode the event and step behind it.
 * stream__event is for what recording__next gives (s->ready): NULL or what is wrong. It
 * looks at the event behind it, too.
 */
const char *stream__event(struct rstream *s, bool swap, struct event *ev);
void stream__process(struct rstream *s, bool swap, struct disk_process *d);
void stream__skip(struct rstream *s);

/* stream__rewind - back to the first packet */
void stream__rewind(struct rstream *s);

/* names__get - the one address of this name; NULL when memory is short */
const char *names__get(struct names *n, const char comm[COMM_LEN]);
void names__free(struct names *n);

/* comms__set - comm is from names__get; false when memory is short */
bool comms__set(struct comm_table *t, __u32 pid, const char *comm);
static inline struct comm_entry *comms__slot(struct comm_entry *slots, __u32 size, __u32 pid)
{
	__u32 i = (pid * 2654435761U) & (size - 1);

	while (slots[i].comm && slots[i].pid != pid)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* comms__get - "?" when not known */
static inline const char *comms__get(const struct comm_table *t, __u32 pid)
{
	const char *comm = t->size ? comms__slot(t->slots, t->size, pid)->comm : NULL;

	return comm ? comm : "?";
}

#endif
