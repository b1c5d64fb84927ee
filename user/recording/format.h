/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to this folder: the layout in recording.h as structs, the directory, the metadata. */
#ifndef BRINDLE_RECORDING_FORMAT_H
#define BRINDLE_RECORDING_FORMAT_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include "recording/recording.h"

/* A recording passes 2 GiB easily: build with -D_FILE_OFFSET_BITS=64 on 32-bit machines. */
_Static_assert(sizeof(off_t) == 8, "64-bit file offsets");

#define METADATA	"metadata"
#define METADATA_MAX	(1 << 20)	/* bytes; brindle writes about 6 KiB */
#define TRACER		"brindle"
#define PACKET_MAGIC	0xC1FC1FC1U
#define PACKET_MAX	65536U		/* bytes, head included */
#define CPU_MAX		65536U		/* bounds the table of streams, whatever a caller says */
#define UUID_LEN	16
#define STREAM_NAME_LEN	24

/* Event ids. A number is never used again: events of older schemas can still be read. */
enum disk_event {
	DISK_COPY_1 = 1,	/* not written since schema 2 */
	DISK_FORK = 2,
	DISK_PROCESS = 3,
	DISK_END = 4,
	DISK_CLEAR_1 = 5,	/* not written since schema 2 */
	DISK_COPY = 7,
	DISK_CLEAR = 8,
	DISK_COPIES = 9,
	DISK_CLEARS = 10,
	DISK_COPY_STEPS = 11,
	DISK_CLEAR_STEPS = 12,
	DISK_COPIES_STEPS = 13,
	DISK_CLEARS_STEPS = 14,
	DISK_LAST = DISK_CLEARS_STEPS
};

#define PACKED __attribute__((packed))

struct disk_packet {
	__u32 magic;
	__u8 uuid[UUID_LEN];
	__u32 stream_id;
	__u64 ts_begin, ts_end;
	__u64 content_bits, packet_bits;
	__u64 seq;
	__u64 lost, missed;
	__u32 cpu;
	__u32 crc;
} PACKED;

struct disk_head {
	__u64 ts;
	__u16 id;
} PACKED;

/* seen: enum mapping_kind in the low half, enum evidence in the high half (DISK_SEEN). */
struct disk_side {
	__u64 pfn, va;
	__u8 seen;
} PACKED;

struct disk_side_1 {
	__u64 pfn, va;
	__u8 kind, evidence;
} PACKED;

#define DISK_SEEN(kind, evidence)	((__u8)((kind) | (evidence) << 4))

_Static_assert(MAPPING_COUNT <= 16 && EVIDENCE_COUNT <= 16, "each fits into half a byte");

/* Who it was copied or cleared for; in events of record --totals, how many there were. */
union disk_whose {
	struct {
		__u32 pid, tid;
	} PACKED;
	__u64 count;
} PACKED;

struct disk_copy_body {
	union disk_whose whose;
	__u64 user;
	struct disk_side source, destination;
} PACKED;

struct disk_clear_body {
	union disk_whose whose;
	__u64 user;
	struct disk_side destination;
} PACKED;

/* Entries of step from steps on are 0. */
struct disk_steps {
	__u8 steps;
	__u16 step[STEPS_MAX];
} PACKED;

/* DISK_COPY, DISK_COPIES */
struct disk_copy {
	struct disk_head head;
	__u8 path;
	__u8 facts;
	struct disk_copy_body body;
} PACKED;

/* DISK_COPY_STEPS, DISK_COPIES_STEPS */
struct disk_copy_steps {
	struct disk_head head;
	__u8 path;
	__u16 facts;
	struct disk_copy_body body;
	struct disk_steps steps;
} PACKED;

struct disk_copy_1 {
	struct disk_head head;
	__u8 path;
	__u8 facts;
	__u32 pid, tid;
	__u64 user;
	struct disk_side_1 source, destination;
} PACKED;

struct disk_fork {
	struct disk_head head;
	__u64 begin;
	__u32 pid, tid;
	__u8 exposed;
} PACKED;

struct disk_process {
	struct disk_head head;
	__u32 pid;
	char comm[COMM_LEN];
} PACKED;

struct disk_end {
	struct disk_head head;
	__u64 copies, forks, clears, lost, missed;
} PACKED;

/* DISK_CLEAR, DISK_CLEARS */
struct disk_clear {
	struct disk_head head;
	__u8 facts;
	struct disk_clear_body body;
} PACKED;

/* DISK_CLEAR_STEPS, DISK_CLEARS_STEPS */
struct disk_clear_steps {
	struct disk_head head;
	__u16 facts;
	struct disk_clear_body body;
	struct disk_steps steps;
} PACKED;

struct disk_clear_1 {
	struct disk_head head;
	__u8 facts;
	__u32 pid, tid;
	__u64 user;
	struct disk_side_1 destination;
} PACKED;

_Static_assert(sizeof(struct disk_packet) == 88, "layout of recording.h");
_Static_assert(sizeof(struct disk_copy) == 62, "layout of recording.h");
_Static_assert(sizeof(struct disk_copy_1) == 64, "layout of recording.h");
_Static_assert(sizeof(struct disk_fork) == 27, "layout of recording.h");
_Static_assert(sizeof(struct disk_process) == 30, "layout of recording.h");
_Static_assert(sizeof(struct disk_end) == 50, "layout of recording.h");
_Static_assert(sizeof(struct disk_clear) == 44, "layout of recording.h");
_Static_assert(sizeof(struct disk_clear_1) == 45, "layout of recording.h");
_Static_assert(sizeof(struct disk_copy_steps) == 80, "layout of recording.h");
_Static_assert(sizeof(struct disk_clear_steps) == 62, "layout of recording.h");

/* The facts that have a bit on disk. A new FACT_* needs one here and in the metadata. */
#define FACTS_STORED	(FACT_MAPPED_KNOWN | FACT_MAPPED | FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY | \
			 FACT_FLUSH_WATCHED | FACT_FLUSHED_DST | FACT_MAPPING_WATCHED | \
			 FACT_STEPS | FACT_STEPS_LOST | FACT_USER_WATCHED | FACT_ALL_WATCHED | \
			 FACT_FORK_FLUSHED | FACT_MAY_DISCARD)

/* Those that fit into events without steps: all there were until schema 3. */
#define FACTS_PLAIN	0x7f

_Static_assert(FACTS_STORED == 0x1fff && FACT_STEPS == FACTS_PLAIN + 1, "each fact has its bit");

/* disk__needs_steps - do a copy or clear with these facts need an event with steps? */
static inline bool disk__needs_steps(__u16 facts)
{
	return facts & FACTS_STORED & ~FACTS_PLAIN;
}

/* packet__crc - value for the crc32 field of a packet of size bytes: all others are summed */
__u32 packet__crc(const void *packet, size_t size);

/* uuid__random - a random uuid (RFC 4122, version 4), for a new recording */
void uuid__random(__u8 uuid[UUID_LEN]);

/* ---- the directory (directory.c) ---- */

/* stream__name - name of the file that holds the packets of cpu */
void stream__name(char name[STREAM_NAME_LEN], __u32 cpu);

/* stream__cpu - the inverse of stream__name; -1 when the name is not that of a stream */
long long stream__cpu(const char *name);

/*
 * dir__prepare - make the directory of a new recording, with metadata and nothing else
 *
 * An old recording in it is replaced. Returns a descriptor of the directory, locked (flock)
 * against a second recorder and to be closed by the caller, or -exit code having said why.
 */
int dir__prepare(const char *dir, const struct recording_env *env, const __u8 uuid[UUID_LEN]);

/* dir__write_all - write all of data, however many calls that takes; 0 or -errno */
int dir__write_all(int fd, const void *data, size_t size);

/*
 * dir__exit_code - EXIT_PERM or EXIT_FAIL for an errno
 * dir__advice - what the user can try against it: ": do this", or ""; a static string
 */
int dir__exit_code(int error);
const char *dir__advice(int error);

/* ---- the metadata (metadata_write.c, metadata_read.c) ---- */

/* The contents of the metadata, as far as the reader needs them. */
struct meta {
	struct recording_env env;
	__u8 uuid[UUID_LEN];
	bool big_endian;
	char tracer[64];	/* tracer_name of the env block, "" when there is none */
	unsigned int seen;	/* which of the required keys were found; private to the parser */
};

/* The last line of the metadata: zlib's crc32 of the text before it, in hex. */
#define META_CRC_FORMAT	"/* crc32 %08x */\n"
#define META_CRC_LEN	21

/* meta__text - the metadata as text of *len bytes; the caller frees it. NULL: out of memory */
char *meta__text(const struct recording_env *env, const __u8 uuid[UUID_LEN], size_t *len);

/*
 * meta__scan - fill in *m from TSDL text, skipping what it does not know
 *
 * Returns NULL, or in a few words what is wrong with the text (a static string). m->tracer is
 * set in both cases, as far as the text says it.
 */
const char *meta__scan(const char *text, size_t len, struct meta *m);

/*
 * meta__read - read and scan the metadata file in directory dirfd
 * @why: as meta__scan returns it
 *
 * Returns 0, or -errno when the file cannot be read (-EFBIG: larger than METADATA_MAX, so
 * not written by brindle). Prints nothing: meta__check does.
 */
int meta__read(int dirfd, struct meta *m, const char **why);

/*
 * meta__check - can this brindle read a recording with this metadata?
 * @why: as meta__read gave it
 *
 * Returns 0 or an exit code, having said why.
 */
int meta__check(const struct meta *m, const char *why, const char *dir);

#endif
