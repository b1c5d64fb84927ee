/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to the reader of recordings: one stream file, packet by packet, event by event. */
#ifndef BRINDLE_RECORDING_STREAM_H
#define BRINDLE_RECORDING_STREAM_H

#include "recording_format.h"

struct comm_entry {
	__u32 pid;
	bool used;
	char comm[COMM_LEN + 1];
};

/* pid to comm, as the process events of one stream say; open addressing. */
struct comm_table {
	struct comm_entry *slots;
	__u32 size, used;	/* size is a power of two, or 0 */
};

/* One event as it stands in a stream. */
struct disk_record {
	enum disk_event id;
	__u32 size;
	union {
		struct event event;	/* copy, fork, clear */
		struct disk_process process;
		struct disk_end end;
	};
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
	__u64 ts_last;
	__u64 lost, missed;
	struct comm_table comms;
	struct event event;	/* the next one, when the merge holds this stream */
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

/* stream__record - decode the event at s->pos and step behind it; NULL or what is wrong */
const char *stream__record(struct rstream *s, bool swap, struct disk_record *rec);

/* stream__rewind - back to the first packet */
void stream__rewind(struct rstream *s);

/* comms__set - false when memory is short */
bool comms__set(struct comm_table *t, __u32 pid, const char comm[COMM_LEN]);
/* comms__get - "?" when not known */
const char *comms__get(const struct comm_table *t, __u32 pid);

#endif
