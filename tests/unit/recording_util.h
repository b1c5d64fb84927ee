/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tests of recordings: sample events, files as bytes, and the layout as the
 * metadata describes it, written down here once more and not taken from the writer.
 */
#ifndef RECORDING_UTIL_H
#define RECORDING_UTIL_H

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "base/err.h"
#include "recording/recording.h"
#include "quiet.h"
#include "tap.h"

#define HEAD_SIZE	88
#define AT_UUID		4
#define AT_STREAM_ID	20
#define AT_CONTENT	40
#define AT_PACKET	48
#define AT_SEQ		56
#define AT_LOST		64
#define AT_MISSED	72
#define AT_CPU		80
#define AT_CRC		84

/* Bytes of an event, by its id. */
static const unsigned char event_sizes[] = {
	[1] = 64, [2] = 27, [3] = 30, [4] = 50, [5] = 45, [7] = 62, [8] = 44, [9] = 62, [10] = 44,
	[11] = 80, [12] = 62, [13] = 80, [14] = 62,
};

static char scratch[64];	/* a directory of our own */

/* In memory if possible, since thousands of small files are written. */
static inline void scratch__make(void)
{
	const char *place = access("/dev/shm", W_OK | X_OK) ? "/tmp" : "/dev/shm";

	snprintf(scratch, sizeof(scratch), "%s/brindle-test.XXXXXX", place);
	if (!mkdtemp(scratch)) {
		perror("mkdtemp");
		exit(1);
	}
}

static inline void scratch__remove(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", scratch);
	if (system(cmd))
		fprintf(stderr, "%s stays\n", scratch);
}

/* A path below scratch, valid during the next 63 calls. */
static inline const char *in(const char *dir, const char *name)
{
	static char paths[64][256];
	static int turn;
	char *p = paths[turn++ % 64];

	snprintf(p, sizeof(paths[0]), "%s/%s%s%s", scratch, dir, name ? "/" : "", name ? name : "");
	return p;
}

/* ---- files as bytes ---- */

struct bytes {
	unsigned char *data;
	size_t size;
};

static inline struct bytes slurp(const char *path)
{
	struct bytes b = { 0 };
	FILE *f = fopen(path, "rb");
	struct stat st;

	if (!f || fstat(fileno(f), &st)) {
		perror(path);
		exit(1);
	}
	b.size = (size_t)st.st_size;
	b.data = malloc(b.size + 1);
	if (fread(b.data, 1, b.size, f) != b.size)
		exit(1);
	b.data[b.size] = '\0';
	fclose(f);
	return b;
}

static inline void spit(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static inline __u64 get(const unsigned char *p, int width)
{
	__u64 v64;
	__u32 v32;
	__u16 v16;

	if (width == 2)
		return memcpy(&v16, p, 2), v16;
	if (width == 4)
		return memcpy(&v32, p, 4), v32;
	if (width == 8)
		return memcpy(&v64, p, 8), v64;
	return *p;
}

static inline void set(unsigned char *p, int width, __u64 value)
{
	__u16 v16 = (__u16)value;
	__u32 v32 = (__u32)value;

	if (width == 2)
		memcpy(p, &v16, 2);
	else if (width == 4)
		memcpy(p, &v32, 4);
	else if (width == 8)
		memcpy(p, &value, 8);
	else
		*p = (unsigned char)value;
}

/* Makes the checksum of a changed packet right again. */
static inline void seal(unsigned char *packet, size_t size)
{
	unsigned long crc = crc32(0, packet, AT_CRC);

	set(packet + AT_CRC, 4, crc32(crc, packet + HEAD_SIZE, (uInt)(size - HEAD_SIZE)));
}

static inline size_t packet_size(const unsigned char *packet)
{
	return (size_t)(get(packet + AT_PACKET, 8) / 8);
}

/* ---- schema 1: kind and evidence of a side in a byte each, other ids ---- */

/* Writes n sides at to; returns the number of bytes. */
static inline size_t sides_to_schema_1(unsigned char *to, const unsigned char *from, int n)
{
	unsigned char *at = to;

	for (; n--; from += 17, at += 18) {
		memcpy(at, from, 16);
		at[16] = from[16] & 15;
		at[17] = from[16] >> 4;
	}
	return (size_t)(at - to);
}

/*
 * Converts one event to schema 1; *size is its size there. Returns its size now. Events with
 * steps stay as they are.
 */
static inline size_t event_to_schema_1(unsigned char *to, const unsigned char *from, size_t *size)
{
	const unsigned int id = (unsigned int)get(from + 8, 2);
	const bool copy = id == 7;
	size_t head = copy ? 28 : 27;

	if (!copy && id != 8) {
		memcpy(to, from, event_sizes[id]);
		*size = event_sizes[id];
		return event_sizes[id];
	}
	memcpy(to, from, head);
	set(to + 8, 2, copy ? 1 : 5);
	*size = head + sides_to_schema_1(to + head, from + head, copy ? 2 : 1);
	return event_sizes[id];
}

/* Events are larger in schema 1: the packets of from must leave room for that. */
static inline void stream_to_schema_1(const char *from, const char *to)
{
	struct bytes b = slurp(from);
	unsigned char *out = malloc(b.size * 2), *packet = out, *end;
	size_t at = 0, pos, size;

	while (at < b.size) {
		const unsigned char *p = b.data + at;

		memcpy(packet, p, HEAD_SIZE);
		end = packet + HEAD_SIZE;
		for (pos = HEAD_SIZE; pos < packet_size(p); end += size)
			pos += event_to_schema_1(end, p + pos, &size);
		at += packet_size(p);
		set(packet + AT_CONTENT, 8, (__u64)(end - packet) * 8);
		set(packet + AT_PACKET, 8, (__u64)(end - packet) * 8);
		seal(packet, (size_t)(end - packet));
		packet = end;
	}
	spit(to, out, (size_t)(packet - out));
	free(out);
	free(b.data);
}

/* Writes metadata whose text was changed, after making the checksum in its last line right. */
static inline void write_meta(const char *path, char *text)
{
	char *last = strstr(text, "/* crc32 ");

	sprintf(last, "/* crc32 %08x */\n",
		(unsigned int)crc32(0, (const unsigned char *)text, (uInt)(last - text)));
	spit(path, text, strlen(text));
}

/* A copy of text on the heap, with room at its end, in which the first "from" is "to". */
static inline char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *out = malloc(strlen(text) + strlen(to) + 64);

	if (!at) {
		fprintf(stderr, "no \"%s\" in the metadata\n", from);
		exit(1);
	}
	sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return out;
}

/* ---- sample data ---- */

/* A comm as the kernel has it. */
#define NAME(text)	((const char[COMM_LEN]){ text })

static inline struct recording_env sample_env(void)
{
	return (struct recording_env){
		.schema = RECORDING_SCHEMA,
		.version = "0.1.0",
		.kernel = "6.1.0-50-4kc-malta #1 SMP",
		.arch = "mips",
		.word_bits = 32,
		.cpus = 3,
		.geometry = { .span = 8192, .page_size = 4096, .source = "mmap" },
		.what_if_span = 1ULL << 22,
		.plan = {
			{ "fault", "do_wp_page", "kprobe", "observed", "" },
			{ "copy", "copy_user_highpage", "kprobe", "observed", "" },
			{ "flush", "-", "none", "-", "" },
			{ "ksm", "-", "none", "unknown", "the compiler \"inlined\" it\tinto \xff" },
			{ "clear", "clear_user_highpage", "kprobe", "observed", "" },
		},
		.plan_rows = 5,
		.command = "forkrace \"a b\" \\n 'x'\n\t\x01\xff\xc3\xa9 end",
		.filter = "pid 42",
		.recorder_pid = 4194303,
		.start_ns = 1763820000123456789ULL,
	};
}

static inline unsigned int next_random(void)
{
	static __u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 11);
}

static inline __u64 random64(void)
{
	return (__u64)next_random() << 40 ^ (__u64)next_random() << 20 ^ next_random();
}

static inline struct side random_side(void)
{
	return (struct side){
		.pfn = next_random() % 8 ? random64() : PFN_UNKNOWN,
		.va = next_random() % 4 ? random64() : 0,
		.kind = (__u8)(next_random() % MAPPING_COUNT),
		.evidence = (__u8)(next_random() % EVIDENCE_COUNT),
	};
}

/* What a flush without an order reads as, in a recording of 4 KiB pages. */
static inline __u8 flush_step(__u16 facts, const struct side *destination, __u16 *step)
{
	const __u64 page = destination->va ? destination->va / 4096 : destination->pfn;

	*step = (__u16)(page % 1024 * 64 + 1 * 16 + 4);
	return facts >> 5 & 1;
}

/* Steps that can be, up to as many as there is room for. */
static inline __u8 random_steps(__u16 step[STEPS_MAX])
{
	const unsigned int n = next_random() % (STEPS_MAX + 1);
	unsigned int i;

	for (i = 0; i < n; i++)
		step[i] = STEP(1 + next_random() % (STEP_KINDS - 1), next_random() % 4,
			       next_random());
	return (__u8)n;
}

/* random_copy and random_clear have no steps but that of a flush without an order. */
static inline struct copy random_copy(__u64 ts)
{
	struct copy c = {
		.ts = ts,
		.pid = next_random() % 700,
		.tid = next_random(),
		.user = random64(),
		.source = random_side(),
		.destination = random_side(),
		.path = (__u8)(next_random() % PATH_COUNT),
		.facts = (__u16)(next_random() % 128),
	};

	c.steps = flush_step(c.facts, &c.destination, c.step);
	return c;
}

static inline struct copy random_copy_steps(__u64 ts)
{
	struct copy c = random_copy(ts);

	c.facts |= (__u16)((1 + next_random() % 63) << 7);
	c.steps = random_steps(c.step);
	return c;
}

static inline struct clear random_clear(__u64 ts)
{
	struct clear c = {
		.ts = ts,
		.pid = next_random() % 700,
		.tid = next_random(),
		.user = random64(),
		.destination = random_side(),
		.facts = (__u16)(next_random() % 128),
	};

	c.steps = flush_step(c.facts, &c.destination, c.step);
	return c;
}

static inline struct clear random_clear_steps(__u64 ts)
{
	struct clear c = random_clear(ts);

	c.facts |= (__u16)((1 + next_random() % 63) << 7);
	c.steps = random_steps(c.step);
	return c;
}

static inline bool same_side(const struct side *a, const struct side *b)
{
	return a->pfn == b->pfn && a->va == b->va && a->kind == b->kind &&
	       a->evidence == b->evidence;
}

static inline bool same_steps(const __u16 *a, __u8 a_steps, const __u16 *b, __u8 b_steps)
{
	return a_steps == b_steps && a_steps <= STEPS_MAX &&
	       !memcmp(a, b, a_steps * sizeof(*a));
}

static inline bool same_copy(const struct copy *a, const struct copy *b)
{
	return a->ts == b->ts && a->pid == b->pid && a->tid == b->tid && a->user == b->user &&
	       a->path == b->path && a->facts == b->facts && same_side(&a->source, &b->source) &&
	       same_side(&a->destination, &b->destination) &&
	       same_steps(a->step, a->steps, b->step, b->steps);
}

static inline bool same_window(const struct window *a, const struct window *b)
{
	return a->ts == b->ts && a->begin == b->begin && a->pid == b->pid && a->tid == b->tid &&
	       a->exposed == b->exposed;
}

static inline bool same_clear(const struct clear *a, const struct clear *b)
{
	return a->ts == b->ts && a->pid == b->pid && a->tid == b->tid && a->user == b->user &&
	       a->facts == b->facts && same_side(&a->destination, &b->destination) &&
	       same_steps(a->step, a->steps, b->step, b->steps);
}

/* Events as read, with the comm kept. */
struct kept {
	struct event event;
	char comm[COMM_LEN + 1];
};

struct result {
	int code;		/* of open, or of next */
	bool opened;
	struct kept *events;
	size_t count;
	struct recording_totals totals;
	struct recording_env env;
};

static inline void keep(struct result *r, const struct event *ev)
{
	if (!(r->count & (r->count - 1)))
		r->events = realloc(r->events, (r->count ? r->count * 2 : 1) * sizeof(*r->events));
	r->events[r->count].event = *ev;
	snprintf(r->events[r->count].comm, sizeof(r->events[0].comm), "%s", ev->comm);
	r->count++;
}

/* Reads all of a recording; what is said on stderr is in quiet_text. */
static inline struct result read_all(const char *dir)
{
	struct result r = { .code = -77 };
	struct recording *rec;
	struct event ev;
	int ret;

	quiet__begin();
	rec = recording__open(dir, &r.code);
	if (rec) {
		r.opened = true;
		while ((ret = recording__next(rec, &ev)) > 0)
			keep(&r, &ev);
		r.code = -ret;
		r.totals = *recording__totals(rec);
		r.env = *recording__env(rec);
		recording__free(rec);
	}
	quiet__end();
	return r;
}

static inline bool same_kept(const struct kept *a, const struct kept *b)
{
	if (a->event.type != b->event.type || a->event.cpu != b->event.cpu ||
	    strcmp(a->comm, b->comm))
		return false;
	if (a->event.type == EVENT_COPY)
		return same_copy(&a->event.copy, &b->event.copy);
	if (a->event.type == EVENT_CLEAR)
		return same_clear(&a->event.clear, &b->event.clear);
	return same_window(&a->event.window, &b->event.window);
}

static inline bool same_row(const struct plan_row *a, const struct plan_row *b)
{
	return !strcmp(a->role, b->role) && !strcmp(a->function, b->function) &&
	       !strcmp(a->mechanism, b->mechanism) && !strcmp(a->evidence, b->evidence) &&
	       !strcmp(a->reason, b->reason);
}

static inline bool same_env(const struct recording_env *a, const struct recording_env *b)
{
	__u32 i;

	for (i = 0; i < a->plan_rows && i < b->plan_rows; i++)
		if (!same_row(&a->plan[i], &b->plan[i]))
			return false;
	return a->plan_rows == b->plan_rows && a->schema == b->schema &&
	       !strcmp(a->version, b->version) && !strcmp(a->kernel, b->kernel) &&
	       !strcmp(a->arch, b->arch) && a->word_bits == b->word_bits && a->cpus == b->cpus &&
	       a->geometry.span == b->geometry.span && a->what_if_span == b->what_if_span &&
	       a->geometry.page_size == b->geometry.page_size &&
	       !strcmp(a->geometry.source, b->geometry.source) &&
	       !strcmp(a->command, b->command) && !strcmp(a->filter, b->filter) &&
	       a->recorder_pid == b->recorder_pid && a->start_ns == b->start_ns;
}

static inline bool same_result(const struct result *a, const struct result *b)
{
	size_t i;

	if (a->code != b->code || a->opened != b->opened || a->count != b->count ||
	    a->totals.lost != b->totals.lost || a->totals.missed != b->totals.missed ||
	    a->totals.complete != b->totals.complete ||
	    a->totals.cut_bytes != b->totals.cut_bytes || !same_env(&a->env, &b->env))
		return false;
	for (i = 0; i < a->count; i++)
		if (!same_kept(&a->events[i], &b->events[i]))
			return false;
	return true;
}

#endif
