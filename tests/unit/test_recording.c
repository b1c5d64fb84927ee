// SPDX-License-Identifier: GPL-2.0-only
/* Writing recordings and reading them back; damage is in test_recording_damage.c. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "recording_util.h"

#define EVENTS	30000
#define CPUS	3

static struct kept *wanted;
static unsigned int wanted_clears;

static int by_time(const void *a, const void *b)
{
	const struct event *x = &((const struct kept *)a)->event;
	const struct event *y = &((const struct kept *)b)->event;

	if (x->copy.ts != y->copy.ts)
		return x->copy.ts < y->copy.ts ? -1 : 1;
	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

/* Comms of all kinds: constant, changing, of full length, not UTF-8. */
static void make_comm(char comm[COMM_LEN + 1], __u32 pid)
{
	static const char *const odd[] = { "", "0123456789abcdef", "\xff\xfe\n\"", "a b" };

	if (next_random() % 5 == 0)
		snprintf(comm, COMM_LEN + 1, "%s", odd[next_random() % 4]);
	else
		snprintf(comm, COMM_LEN + 1, "task%u", pid % 100);
}

/* EVENTS events on CPUS CPUs; what was written goes to wanted[], in the order of reading. */
static int write_sample(const char *dir)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(dir, &env);
	__u64 ts = 1000;
	int i, ret = 0;

	if (!w)
		return -1;
	wanted = calloc(EVENTS, sizeof(*wanted));
	for (i = 0; i < EVENTS; i++) {
		struct event *ev = &wanted[i].event;
		char *comm = wanted[i].comm;

		/* Times rise strictly per CPU, and are often equal between CPUs. */
		ts += i % CPUS ? next_random() % 2 : 1;
		ev->cpu = (__u32)i % CPUS;
		if (next_random() % 10 == 0) {
			ev->type = EVENT_WINDOW;
			ev->window = (struct window){ ts, ts - 5, next_random() % 700,
						      next_random(), next_random() % 2 };
			make_comm(comm, ev->window.pid);
			ret |= recording__window(w, ev->cpu, &ev->window, comm);
		} else if (next_random() % 5 == 0) {
			ev->type = EVENT_CLEAR;
			ev->clear = i % 2 ? random_clear_steps(ts) : random_clear(ts);
			make_comm(comm, ev->clear.pid);
			ret |= recording__clear(w, ev->cpu, &ev->clear, comm);
			wanted_clears++;
		} else {
			ev->type = EVENT_COPY;
			ev->copy = i % 2 ? random_copy_steps(ts) : random_copy(ts);
			make_comm(comm, ev->copy.pid);
			ret |= recording__copy(w, ev->cpu, &ev->copy, comm);
		}
		recording__set_losses(w, ev->cpu, (__u64)i / 1000, (__u64)i / 10000);
		if (i == 777)
			ret |= recording__flush(w);
	}
	qsort(wanted, EVENTS, sizeof(*wanted), by_time);
	return ret | recording__close(w);
}

static void check_sample(const char *dir, const char *name)
{
	struct recording_env env = sample_env();
	struct result r = read_all(dir);
	size_t i, wrong = 0;

	is(r.code, 0, name);
	is_str(quiet_text, "", "nothing is said");
	is(r.count, EVENTS, "all events are there");
	for (i = 0; i < EVENTS && i < r.count; i++)
		wrong += !same_kept(&r.events[i], &wanted[i]);
	is(wrong, 0, "each as it was written, in the order of time");
	is(r.totals.lost, 3 * 29, "lost, over all CPUs");
	is(r.totals.missed, 3 * 2, "missed, over all CPUs");
	ok(r.totals.complete && !r.totals.cut_bytes && !r.totals.absent, "complete");
	is(r.totals.copies + r.totals.windows + r.totals.clears, EVENTS,
	   "totals count the events");
	is(r.totals.clears, wanted_clears, "and clears apart from the others");
	ok(same_env(&r.env, &env), "the env block is as it was");
	is_str(r.env.command, env.command, "odd characters in the command");
	free(r.events);
}

static void test_round_trip(void)
{
	is(write_sample(in("rec", NULL)), 0, "write");
	check_sample(in("rec", NULL), "round trip");
}

/* Packets have at most 64 KiB, and the numbers that CTF wants. */
static void test_layout(void)
{
	struct bytes b = slurp(in("rec", "stream_1"));
	size_t at = 0, packets = 0, wrong = 0, last = 0;

	while (at + HEAD_SIZE <= b.size) {
		const unsigned char *p = b.data + at;

		wrong += get(p, 4) != 0xC1FC1FC1 || get(p + AT_SEQ, 8) != packets;
		wrong += get(p + AT_CPU, 4) != 1 || get(p + AT_STREAM_ID, 4);
		wrong += get(p + 24, 8) > get(p + 32, 8) || get(p + 24, 8) < last;
		wrong += packet_size(p) > 65536 || packet_size(p) < HEAD_SIZE;
		last = get(p + 32, 8);
		packets++;
		at += packet_size(p);
	}
	is(wrong, 0, "packet heads");
	is(at, b.size, "whole packets only");
	ok(packets > 5 && packets < 20, "full packets: %zu", packets);
	free(b.data);
}

static void test_copy_size(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("size", NULL), &env);
	struct copy c = random_copy(5);
	struct stat one, three;

	recording__copy(w, 0, &c, NULL);
	recording__flush(w);
	stat(in("size", "stream_0"), &one);
	recording__copy(w, 0, &c, NULL);
	recording__copy(w, 0, &c, NULL);
	recording__flush(w);
	stat(in("size", "stream_0"), &three);
	is(one.st_size, HEAD_SIZE + 62, "a copy takes 62 bytes");
	is(three.st_size - one.st_size, HEAD_SIZE + 2 * 62, "and so does each further one");
	is(access(in("size", "stream_1"), F_OK), -1, "a CPU without events has no file");
	recording__flush(w);
	stat(in("size", "stream_0"), &one);
	is(one.st_size, three.st_size, "nothing to flush writes nothing");
	recording__close(w);
}

/* The offset of each field of a clear and of the end event. */
static void test_clear_layout(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("clear", NULL), &env);
	struct clear c = { 0x1122334455667788, 0x21222324, 0x31323334, 0x4142434445464748,
			   { 0x5152535455565758, 0x6162636465666768, MAPPING_KMAP,
			     EVIDENCE_DERIVED }, 0, FACT_FLUSH_WATCHED | FACT_FLUSHED_DST, {} };
	const unsigned char *p;
	struct bytes b;

	is(recording__clear(w, 0, &c, NULL), 0, "a clear is written");
	recording__close(w);
	b = slurp(in("clear", "stream_0"));
	is(b.size, HEAD_SIZE + 44 + HEAD_SIZE + 50, "a clear takes 44 bytes, the end 50");
	p = b.data + HEAD_SIZE;
	ok(get(p, 8) == c.ts && get(p + 8, 2) == 8 && p[10] == 0x30, "clear: time, id, facts");
	ok(get(p + 11, 4) == c.pid && get(p + 15, 4) == c.tid && get(p + 19, 8) == c.user,
	   "clear: pid, tid, user");
	ok(get(p + 27, 8) == c.destination.pfn && get(p + 35, 8) == c.destination.va &&
	   p[43] == (MAPPING_KMAP | EVIDENCE_DERIVED << 4), "clear: destination");
	p += 44 + HEAD_SIZE;
	ok(get(p + 8, 2) == 4 && !get(p + 10, 8) && !get(p + 18, 8) && get(p + 26, 8) == 1 &&
	   !get(p + 34, 8) && !get(p + 42, 8), "end: copies, forks, clears, lost, missed");
	free(b.data);
}

/* A copy and a clear, of which every byte is known, with steps. */
static const struct copy stepped_copy = {
	.ts = 0x1122334455667788, .pid = 0x21222324, .tid = 0x31323334, .user = 0x4142434445464748,
	.source = { 0x5152535455565758, 0x6162636465666768, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { 0x7172737475767778, 0x8182838485868788, MAPPING_LINEAR,
			 EVIDENCE_DERIVED },
	.path = PATH_KSM, .facts = FACT_STEPS | FACT_FORK_FLUSHED | FACT_MAPPED, .steps = 3,
	.step = { STEP(STEP_MAP, STEP_OF_SOURCE, 0x3ff), STEP(STEP_FLUSH_ALL, STEP_OF_UNKNOWN, 0),
		  STEP(STEP_DISCARD, STEP_OF_DESTINATION, 0x7ffff155ULL) },
};
static const struct clear stepped_clear = {
	.ts = 0x1122334455667789, .pid = 0x21222324, .tid = 0x31323334, .user = 0x4142434445464748,
	.destination = { 0x5152535455565758, 0x6162636465666768, MAPPING_KMAP, EVIDENCE_DERIVED },
	.facts = FACT_USER_WATCHED | FACT_FLUSHED_DST, .steps = 1,
	.step = { STEP(STEP_WRITE, STEP_OF_DESTINATION, 2) },
};

/* Are the steps at p, and zeros behind them? */
static bool steps_at(const unsigned char *p, const __u16 *step, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < STEPS_MAX; i++)
		if (get(p + 1 + 2 * i, 2) != (i < n ? step[i] : 0))
			return false;
	return p[0] == n;
}

/* The offset of each field of the events with steps, and their sizes. */
static void test_steps_layout(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("steps", NULL), &env);
	const struct copy *c = &stepped_copy;
	const struct clear *z = &stepped_clear;
	const unsigned char *p;
	struct bytes b;

	is(recording__copy(w, 0, c, NULL) || recording__clear(w, 0, z, NULL) ||
	   recording__copies(w, c, 0x9192939495969798) ||
	   recording__clears(w, z, 0xa1a2a3a4a5a6a7a8), 0, "events with steps are written");
	recording__close(w);
	b = slurp(in("steps", "stream_0"));
	is(b.size, 2 * HEAD_SIZE + 2 * 80 + 2 * 62 + 50, "copies take 80 bytes, clears 62");
	p = b.data + HEAD_SIZE;
	ok(get(p, 8) == c->ts && get(p + 8, 2) == 11 && p[10] == c->path &&
	   get(p + 11, 2) == 0x882, "copy with steps: time, id, path, facts");
	ok(get(p + 13, 4) == c->pid && get(p + 17, 4) == c->tid && get(p + 21, 8) == c->user,
	   "copy with steps: pid, tid, user");
	ok(get(p + 29, 8) == c->source.pfn && get(p + 37, 8) == c->source.va && p[45] == 0x13 &&
	   get(p + 46, 8) == c->destination.pfn && get(p + 54, 8) == c->destination.va &&
	   p[62] == 0x21, "copy with steps: sides");
	ok(steps_at(p + 63, (const __u16[]){ 0xffc3, 0x36, 0x5557 }, 3), "copy with steps: steps");
	p += 80;
	ok(get(p, 8) == z->ts && get(p + 8, 2) == 12 && get(p + 10, 2) == 0x220,
	   "clear with steps: time, id, facts");
	ok(get(p + 12, 4) == z->pid && get(p + 16, 4) == z->tid && get(p + 20, 8) == z->user,
	   "clear with steps: pid, tid, user");
	ok(get(p + 28, 8) == z->destination.pfn && get(p + 36, 8) == z->destination.va &&
	   p[44] == 0x22, "clear with steps: destination");
	ok(steps_at(p + 45, (const __u16[]){ 0x92 }, 1), "clear with steps: steps");
	ok(get(p + 62 + 8, 2) == 13 && get(p + 62 + 13, 8) == 0x9192939495969798 &&
	   !memcmp(p + 62 + 21, p - 80 + 21, 80 - 21), "copies with steps: a count, and the rest");
	p += 62 + 80;
	ok(get(p + 8, 2) == 14 && get(p + 12, 8) == 0xa1a2a3a4a5a6a7a8 &&
	   !memcmp(p + 20, p - 80 - 62 + 20, 62 - 20), "clears with steps: a count, and the rest");
	free(b.data);
}

/* ---- the other byte order ---- */

static void reverse(unsigned char *p, int width)
{
	unsigned char t;
	int i;

	for (i = 0; i < width / 2; i++) {
		t = p[i];
		p[i] = p[width - 1 - i];
		p[width - 1 - i] = t;
	}
}

/* Widths of the fields of an event behind its 10 bytes of head, as the TSDL lists them. */
static const char *const fields[] = {
	NULL,
	"11" "44" "8" "8811" "8811",	/* schema 1's copy: path facts pid tid user, two sides */
	"8441",				/* fork */
	"4c",				/* process: c = 16 characters */
	"88888",			/* end */
	"1" "44" "8" "8811",		/* schema 1's clear: facts pid tid user, destination */
	NULL,
	"11" "44" "8" "881" "881",	/* copy */
	"1" "44" "8" "881",		/* clear */
	"11" "8" "8" "881" "881",	/* copies: a count for pid and tid */
	"1" "8" "8" "881",		/* clears */
	/* the same with steps */
	"12" "44" "8" "881" "881" "1" "22222222",
	"2" "44" "8" "881" "1" "22222222",
	"12" "8" "8" "881" "881" "1" "22222222",
	"2" "8" "8" "881" "1" "22222222",
};

static size_t swap_event(unsigned char *p)
{
	unsigned int id = (unsigned int)get(p + 8, 2);
	size_t at = 10;
	const char *f;

	reverse(p, 8);
	reverse(p + 8, 2);
	for (f = fields[id]; *f; f++) {
		int width = *f == 'c' ? 16 : *f - '0';

		if (*f != 'c')
			reverse(p + at, width);
		at += (size_t)width;
	}
	return at;
}

static void swap_stream(const char *from, const char *to)
{
	static const struct { int at, width; } head[] = {
		{ 0, 4 }, { 20, 4 }, { 24, 8 }, { 32, 8 }, { 40, 8 }, { 48, 8 }, { 56, 8 },
		{ 64, 8 }, { 72, 8 }, { 80, 4 },
	};
	struct bytes b = slurp(from);
	size_t at = 0, pos, size, i;

	while (at < b.size) {
		unsigned char *p = b.data + at;

		size = packet_size(p);
		for (pos = HEAD_SIZE; pos < size;)
			pos += swap_event(p + pos);
		for (i = 0; i < sizeof(head) / sizeof(head[0]); i++)
			reverse(p + head[i].at, head[i].width);
		seal(p, size);
		reverse(p + AT_CRC, 4);
		at += size;
	}
	spit(to, b.data, b.size);
	free(b.data);
}

/* Reverses the order of the n lines of text after the words begin. */
static void reverse_lines(char *text, const char *begin, int n)
{
	char line[11][80], *start = strstr(text, begin) + strlen(begin), *p = start;
	int i;

	for (i = 0; i < n; i++) {
		int length = (int)(strchr(p, '\n') + 1 - p);

		snprintf(line[i], sizeof(line[i]), "%.*s", length, p);
		p += length;
	}
	ok(!strncmp(p, "};\n", 3), "%d bit fields", n);
	for (i = n - 1, p = start; i >= 0; i--) {
		memcpy(p, line[i], strlen(line[i]));
		p += strlen(line[i]);
	}
}

/* The other byte order in the text; the bit fields are declared from the other end. */
static void swap_meta(const char *from, const char *to)
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	struct bytes b = slurp(from);
	char *order = replaced((char *)b.data, big ? "byte_order = be" : "byte_order = le",
			       big ? "byte_order = le" : "byte_order = be");

	reverse_lines(order, "struct facts {\n", 4);
	reverse_lines(order, "struct more_facts {\n", 11);
	reverse_lines(order, "\taddress_t va;\n", 2);
	write_meta(to, order);
	free(order);
	free(b.data);
}

static void test_swapped(void)
{
	static const char *const streams[] = { "stream_0", "stream_1", "stream_2" };
	int i;

	mkdir(in("swapped", NULL), 0700);
	swap_meta(in("rec", "metadata"), in("swapped", "metadata"));
	for (i = 0; i < 3; i++)
		swap_stream(in("rec", streams[i]), in("swapped", streams[i]));
	check_sample(in("swapped", NULL), "a recording of the other byte order");
}

/* Reads one event of each kind with steps, in this order. */
static void check_steps(const char *dir, const char *name)
{
	struct result r = read_all(dir);
	struct copy copies = stepped_copy;
	struct clear clears = stepped_clear;

	copies.ts = clears.ts = stepped_clear.ts;	/* time does not run backwards */
	copies.pid = copies.tid = clears.pid = clears.tid = 0;
	ok(!r.code && r.count == 4 && !*quiet_text, "%s: %s", name, quiet_text);
	ok(same_copy(&r.events[0].event.copy, &stepped_copy) && r.events[0].event.count == 1 &&
	   same_clear(&r.events[1].event.clear, &stepped_clear) && r.events[1].event.count == 1,
	   "a copy and a clear with steps");
	ok(same_copy(&r.events[2].event.copy, &copies) &&
	   r.events[2].event.count == 0x9192939495969798 &&
	   same_clear(&r.events[3].event.clear, &clears) &&
	   r.events[3].event.count == 0xa1a2a3a4a5a6a7a8, "counts of copies and clears with steps");
	ok(r.totals.copies == 0x9192939495969799 && r.totals.clears == 0xa1a2a3a4a5a6a7a9,
	   "and their sums");
	free(r.events);
}

static void test_steps(void)
{
	mkdir(in("steps-swapped", NULL), 0700);
	swap_meta(in("steps", "metadata"), in("steps-swapped", "metadata"));
	swap_stream(in("steps", "stream_0"), in("steps-swapped", "stream_0"));
	check_steps(in("steps", NULL), "events with steps");
	check_steps(in("steps-swapped", NULL), "events with steps, in the other byte order");
}

/* A flush that events without steps have as a fact is a step when read, with its colour. */
static void test_flush_without_order(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w;
	struct copy c = {
		.source = { 1, 0x8000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
		.destination = { 7, 0x8000c123, MAPPING_WINDOW, EVIDENCE_OBSERVED },
		.facts = FACT_FLUSH_WATCHED | FACT_FLUSHED_DST,
	};
	struct clear z = { .destination = { 0x405, 0, MAPPING_LINEAR, EVIDENCE_DERIVED },
			   .facts = FACT_FLUSH_WATCHED | FACT_FLUSHED_DST };
	struct result r;

	env.geometry.page_size = 16384;
	env.geometry.span = 65536;
	w = recording__create(in("flush", NULL), &env);
	recording__copy(w, 0, &c, NULL);
	recording__clear(w, 0, &z, NULL);
	c.facts = FACT_FLUSH_WATCHED;
	recording__copy(w, 0, &c, NULL);
	recording__copies(w, &(struct copy){ .facts = FACT_FLUSHED_DST,
					     .destination = { .va = 0x14000 } }, 2);
	recording__close(w);
	r = read_all(in("flush", NULL));
	ok(!r.code && r.count == 4, "flushes without an order");
	ok(r.events[0].event.copy.facts == (FACT_FLUSH_WATCHED | FACT_FLUSHED_DST) &&
	   r.events[0].event.copy.steps == 1 && r.events[0].event.copy.step[0] == (3 << 6 | 0x14),
	   "a flush of the destination, at its address");
	ok(r.events[1].event.clear.facts == z.facts && r.events[1].event.clear.steps == 1 &&
	   r.events[1].event.clear.step[0] == (5 << 6 | 0x14), "of a clear, and by the pfn");
	ok(!r.events[2].event.copy.steps, "no flush, no step");
	ok(r.events[3].event.copy.steps == 1 && r.events[3].event.copy.step[0] == (5 << 6 | 0x14),
	   "of copies that were counted");
	free(r.events);
}

/* ---- schemas 1 and 2 ---- */

/* Reading dir must give the same as r, but for the schema. */
static void reads_the_same(struct result *r, const char *dir, __u32 schema, const char *name)
{
	struct result other = read_all(dir);

	is(other.env.schema, schema, name);
	other.env.schema = r->env.schema;
	ok(same_result(&other, r) && !*quiet_text, "the same events: %s", quiet_text);
	free(other.events);
}

/* Schema 2 has the events that schema 3 has for copies and clears without steps. */
static void test_older_schemas(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("three", NULL), &env);
	struct bytes meta, stream;
	struct result r;
	char *text;
	int i;

	for (i = 0; i < 2000; i++) {
		struct copy c = random_copy((__u64)i);
		struct clear clear = random_clear((__u64)i);
		struct window win = { (__u64)i, 1, 7, 8, 1 };

		recording__copy(w, 0, &c, NAME("a"));
		if (i % 9 == 0)
			recording__clear(w, 0, &clear, NAME("b"));
		if (i % 10 == 0)
			recording__window(w, 0, &win, NAME("c"));
		if (i % 100 == 0)
			recording__flush(w);
	}
	recording__close(w);
	r = read_all(in("three", NULL));
	ok(!r.code && r.totals.copies == 2000 && r.totals.clears == 223 && r.totals.windows == 200,
	   "a recording of schema 3");
	meta = slurp(in("three", "metadata"));
	mkdir(in("two", NULL), 0700);
	mkdir(in("two-swapped", NULL), 0700);
	stream = slurp(in("three", "stream_0"));
	spit(in("two", "stream_0"), stream.data, stream.size);
	free(stream.data);
	swap_stream(in("two", "stream_0"), in("two-swapped", "stream_0"));
	text = replaced((char *)meta.data, "schema = 3", "schema = 2");
	write_meta(in("two", "metadata"), text);
	free(text);
	swap_meta(in("two", "metadata"), in("two-swapped", "metadata"));
	reads_the_same(&r, in("two", NULL), 2, "schema 2");
	reads_the_same(&r, in("two-swapped", NULL), 2, "schema 2 of the other byte order");
	mkdir(in("one", NULL), 0700);
	mkdir(in("one-swapped", NULL), 0700);
	stream_to_schema_1(in("three", "stream_0"), in("one", "stream_0"));
	swap_stream(in("one", "stream_0"), in("one-swapped", "stream_0"));
	text = replaced((char *)meta.data, "schema = 3", "schema = 1");
	write_meta(in("one", "metadata"), text);
	swap_meta(in("one", "metadata"), in("one-swapped", "metadata"));
	reads_the_same(&r, in("one", NULL), 1, "schema 1");
	reads_the_same(&r, in("one-swapped", NULL), 1, "schema 1 of the other byte order");
	free(text);
	free(meta.data);
	free(r.events);
}

/* ---- babeltrace2 ---- */

static void bt_output(const char *dir, const char *out)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "babeltrace2 --names=payload '%s' >'%s' 2>'%s.err'", dir, out,
		 out);
	is(system(cmd), 0, "babeltrace2 reads it");
}

/* Line by line: with the sanitizer a strstr costs the whole rest of the text. */
static unsigned int count_of(char *text, const char *what)
{
	unsigned int n = 0;
	char *end, *at;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		if (!end)
			break;
		*end = '\0';
		for (at = text; (at = strstr(at, what)); at++)
			n++;
		*end = '\n';
	}
	return n;
}

/* The first clear without steps in wanted[], as babeltrace2 must show it from its facts on. */
static void expected_clear(char *line, size_t size)
{
	static const char *const tri[] = { "not-watched", "no", "yes", "yes" };
	const struct clear *c = NULL;
	int i;

	for (i = 0; !c; i++)
		if (wanted[i].event.type == EVENT_CLEAR && wanted[i].event.clear.facts < 128)
			c = &wanted[i].event.clear;
	snprintf(line, size, "destination_flushed = ( \"%s\" : container = %u ), coherent_mapping "
		 "= ( \"%s\" : container = %u ) }, pid = %u, tid = %u, user = 0x%llX, "
		 "destination = { pfn = %llu, va = 0x%llX, kind = ( \"%s\" : container = %u ), "
		 "evidence = ( \"%s\" : container = %u ) }", tri[c->facts >> 4 & 3],
		 c->facts >> 4 & 3, c->facts >> 6 & 1 ? "watched" : "not-watched",
		 c->facts >> 6 & 1, c->pid, c->tid, (unsigned long long)c->user,
		 (unsigned long long)c->destination.pfn, (unsigned long long)c->destination.va,
		 mapping_kind__name(c->destination.kind), c->destination.kind,
		 evidence__name(c->destination.evidence), c->destination.evidence);
}

/* The first copy in wanted[], as babeltrace2 must show it. */
static void expected_line(char *line, size_t size)
{
	static const char *const tri[] = { "not-known", "no", "yes", "yes" };
	const struct copy *c = NULL;
	int i;

	for (i = 0; !c; i++)
		if (wanted[i].event.type == EVENT_COPY)
			c = &wanted[i].event.copy;
	snprintf(line, size, "path = ( \"%s\" : container = %u ), facts = { source_mapped = "
		 "( \"%s\" : container = %u ), source_kernel_dirty = ( \"%s\" : container = %u ), ",
		 path__name(c->path), c->path, tri[c->facts & 3], c->facts & 3,
		 tri[c->facts >> 2 & 3], c->facts >> 2 & 3);
}

/* Which of words are not in text, as a list; bit fields are shown in either order. */
static const char *not_in(const char *text, const char *const *words, unsigned int n)
{
	static char missing[512];
	unsigned int i;

	missing[0] = '\0';
	for (i = 0; i < n; i++)
		if (!strstr(text, words[i]))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s",
				 words[i]);
	return missing;
}

/* All facts and the steps of the copy with steps in the recordings of test_steps. */
static void test_babeltrace_steps(const char *dir)
{
	static const char *const of_copy[] = {
		"source_mapped = ( \"yes\" : container = 2 )",
		"source_kernel_dirty = ( \"not-known\" : container = 0 )",
		"destination_flushed = ( \"not-watched\" : container = 0 )",
		"coherent_mapping = ( \"not-watched\" : container = 0 )",
		"steps_recorded = ( \"yes\" : container = 1 )",
		"steps_lost = ( \"no\" : container = 0 )",
		"user_flush = ( \"not-watched\" : container = 0 )",
		"whole_flush = ( \"not-watched\" : container = 0 )",
		"fork_flushed = ( \"yes\" : container = 1 )",
		"may_discard = ( \"no\" : container = 0 )", "unused = 0",
		"pid = 555885348, tid = 825373492, user = 0x4142434445464748",
		"steps = 3, step = [ [0] = 0xFFC3, [1] = 0x36, [2] = 0x5557, [3] = 0x0,",
	};
	static const char *const of_clear[] = {
		"destination_flushed = ( \"yes\" : container = 2 )",
		"steps_recorded = ( \"no\" : container = 0 )",
		"user_flush = ( \"watched\" : container = 1 )",
		"steps = 1, step = [ [0] = 0x92, [1] = 0x0,",
	};
	char *copy, *clear, *text, *end;
	struct bytes b;

	bt_output(in(dir, NULL), in("bt.out", NULL));
	b = slurp(in("bt.out", NULL));
	text = (char *)b.data;
	ok(count_of(text, " copy: {") == 1 && count_of(text, " clear: {") == 1 &&
	   count_of(text, " copies: {") == 1 && count_of(text, " clears: {") == 1,
	   "%s: events under the names they always had", dir);
	copy = strstr(text, " copy: {");
	clear = strstr(text, " clear: {");
	end = strstr(text, " copies: {");
	if (copy && clear && end) {
		clear[0] = end[0] = '\0';
		is_str(not_in(copy, of_copy, sizeof(of_copy) / sizeof(of_copy[0])), "",
		       "with all facts and steps of a copy");
		is_str(not_in(clear + 1, of_clear, sizeof(of_clear) / sizeof(of_clear[0])), "",
		       "and of a clear");
	}
	free(b.data);
}

static void test_babeltrace(void)
{
	static const char *const dirs[] = { "rec", "swapped" };
	char line[512], tail[256];
	const struct copy *c = NULL;
	struct bytes b[2];
	int i;

	if (system("command -v babeltrace2 >/dev/null 2>&1")) {
		skip("no babeltrace2", "babeltrace2 reads the recordings");
		return;
	}
	for (i = 0; !c; i++)
		if (wanted[i].event.type == EVENT_COPY)
			c = &wanted[i].event.copy;
	for (i = 0; i < 2; i++) {
		bt_output(in(dirs[i], NULL), in("bt.out", NULL));
		b[i] = slurp(in("bt.out", NULL));
		is(count_of((char *)b[i].data, "copy: ") + count_of((char *)b[i].data, "fork: ") +
		   wanted_clears, EVENTS, "with every event");
		is(count_of((char *)b[i].data, "clear: "), wanted_clears, "the clears too");
		is(count_of((char *)b[i].data, "end: "), 1, "and one end");
	}
	expected_line(line, sizeof(line));
	ok(strstr((char *)b[0].data, line) != NULL, "fields and words: %s", line);
	expected_clear(line, sizeof(line));
	ok(strstr((char *)b[0].data, line) != NULL, "of a clear: %s", line);
	/* Only babeltrace2 depends on the bit order, so its words are checked in both. */
	ok(strstr((char *)b[1].data, "source_mapped = ( \"") != NULL &&
	   count_of((char *)b[1].data, "source_mapped = ( \"yes\"") ==
	   count_of((char *)b[0].data, "source_mapped = ( \"yes\"") &&
	   count_of((char *)b[1].data, "destination_flushed = ( \"yes\" : container = 3") ==
	   count_of((char *)b[0].data, "destination_flushed = ( \"yes\" : container = 3"),
	   "the same facts in the other byte order");
	snprintf(tail, sizeof(tail), "pid = %u, tid = %u, user = 0x%llX", c->pid, c->tid,
		 (unsigned long long)c->user);
	ok(strstr((char *)b[0].data, tail) && strstr((char *)b[1].data, tail),
	   "numbers in both: %s", tail);
	ok(count_of((char *)b[0].data, "evidence = ( \"derived\" : container = 2 )") > EVENTS / 4 &&
	   count_of((char *)b[1].data, "evidence = ( \"derived\" : container = 2 )") ==
	   count_of((char *)b[0].data, "evidence = ( \"derived\" : container = 2 )") &&
	   count_of((char *)b[1].data, "kind = ( \"coherent\" : container = 3 )") ==
	   count_of((char *)b[0].data, "kind = ( \"coherent\" : container = 3 )"),
	   "kinds and evidence in both");
	free(b[0].data);
	free(b[1].data);
	test_babeltrace_steps("steps");
	test_babeltrace_steps("steps-swapped");
}

/* ---- writing: the rest ---- */

/* A template without the room for steps must not be used for copies that have some. */
static void test_template(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("template", NULL), &env);
	struct copy c = random_copy(5), stepped = random_copy_steps(5);
	struct copy_template plain, none;
	struct result r;

	recording__template(&c, &plain);
	recording__template(&stepped, &none);
	recording__copy(w, 0, &c, NULL);
	ok(recording__copy_fast(w, 0, &plain, &c, NULL), "a template of copies without steps");
	ok(!recording__copy_fast(w, 0, &none, &stepped, NULL), "there is none of copies with steps");
	recording__close(w);
	r = read_all(in("template", NULL));
	ok(!r.code && r.count == 2 && same_copy(&r.events[1].event.copy, &c), "which were not written");
	free(r.events);
}

static void test_backward_time(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("back", NULL), &env);
	struct copy a = random_copy(100), b = random_copy(90);
	struct clear c = random_clear(80);
	struct result r;

	recording__copy(w, 0, &a, NAME("x"));
	recording__copy(w, 0, &b, NAME("x"));
	recording__clear(w, 0, &c, NAME("x"));
	recording__close(w);
	r = read_all(in("back", NULL));
	is(r.count, 3, "an older event behind a newer one is kept");
	is(r.events[1].event.copy.ts, 100, "with the time of the one before");
	is(r.events[2].event.clear.ts, 100, "a clear as well");
	free(r.events);
}

static void test_empty(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("empty", NULL), &env);
	struct result r;

	is(recording__close(w), 0, "a recording without events");
	r = read_all(in("empty", NULL));
	ok(!r.code && r.opened && !r.count && r.totals.complete, "reads as complete");
	w = recording__create(in("empty", NULL), &env);
	recording__set_losses(w, 4, 7, 2);
	recording__set_losses(w, 5, 0, 0);
	is(recording__close(w), 0, "only losses");
	r = read_all(in("empty", NULL));
	ok(!r.code && r.totals.lost == 7 && r.totals.missed == 2, "are kept");
	is(access(in("empty", "stream_5"), F_OK), -1, "no file for a CPU without losses");
}

/* As many rows as there is room for, each with as long a reason; one more row is left out. */
static void test_full_plan(void)
{
	struct recording_env env = sample_env();
	struct result r;
	int i;

	env.plan_rows = PLAN_MAX;
	for (i = 0; i < PLAN_MAX; i++) {
		env.plan[i] = (struct plan_row){ "", "-", "none", "unknown", "" };
		snprintf(env.plan[i].role, sizeof(env.plan[i].role), "role-%d", i);
		memset(env.plan[i].reason, 'a' + i % 26, sizeof(env.plan[i].reason) - 1);
	}
	recording__close(recording__create(in("plan", NULL), &env));
	r = read_all(in("plan", NULL));
	ok(!r.code && same_env(&r.env, &env), "a full plan, with reasons as long as they get");
}

static void test_long_reason(void)
{
	struct bytes b = slurp(in("rec", "metadata"));
	char to[400] = "= \"ksm - none unknown \t x", *text;
	struct result r;

	memset(to + strlen(to), 'y', 300);
	text = replaced((char *)b.data, "= \"ksm - none unknown ", to);
	mkdir(in("reason", NULL), 0700);
	write_meta(in("reason", "metadata"), text);
	r = read_all(in("reason", NULL));
	ok(r.opened && r.env.plan_rows == 5 && strlen(r.env.plan[3].reason) == 111,
	   "a longer reason is cut: %s", r.env.plan[3].reason);
	ok(!strncmp(r.env.plan[3].reason, "xyyy", 4), "at its end");
	free(text);
	free(b.data);
}

/* Out-of-range values of a caller must not make the recording unreadable. */
static void test_odd_values(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("odd", NULL), &env);
	struct clear odd = random_clear(6);
	struct copy c = random_copy(5);
	struct result r;
	int i;

	c.path = 200;
	c.facts = 0xffff;
	c.steps = 200;
	for (i = 0; i < STEPS_MAX; i++)
		c.step[i] = STEP(STEP_FLUSH, STEP_OF_SOURCE, i);
	c.source.kind = 99;
	c.destination.evidence = 99;
	is(recording__copy(w, 65535, &c, NAME("x")), 0, "a copy with values out of range");
	quiet__begin();
	is(recording__copy(w, 65536, &c, NAME("x")), EXIT_FAIL, "a CPU that cannot be");
	quiet__end();
	is(quiet_lines(), 1, "is said");
	is(recording__close(w), EXIT_FAIL, "and remembered");
	w = recording__create(in("odd", NULL), &env);
	recording__copy(w, 65535, &c, NAME("x"));
	odd.facts = FACT_STEPS | 0xe000;
	odd.steps = 3;
	odd.step[0] = odd.step[1] = odd.step[2] = STEP(STEP_WRITE, STEP_OF_DESTINATION, 3);
	odd.step[1] |= 15;
	odd.destination.kind = 99;
	odd.destination.evidence = 99;
	recording__clear(w, 65535, &odd, NAME("x"));
	recording__close(w);
	r = read_all(in("odd", NULL));
	ok(!r.code && r.count == 2, "reads back");
	ok(r.events[0].event.copy.path == PATH_UNKNOWN &&
	   r.events[0].event.copy.facts == 0x1fff &&
	   r.events[0].event.copy.source.kind == MAPPING_UNKNOWN &&
	   r.events[0].event.copy.destination.evidence == EVIDENCE_NONE, "as unknown");
	ok(same_steps(r.events[0].event.copy.step, r.events[0].event.copy.steps, c.step, 8),
	   "as many steps as there is room for");
	ok(r.events[1].event.clear.facts == (FACT_STEPS | FACT_STEPS_LOST) &&
	   same_steps(r.events[1].event.clear.step, r.events[1].event.clear.steps, odd.step, 1),
	   "steps up to one that cannot be, and that some were lost");
	ok(r.events[1].event.clear.destination.kind == MAPPING_UNKNOWN &&
	   r.events[1].event.clear.destination.evidence == EVIDENCE_NONE, "and so a clear");
	free(r.events);
}

/* A recorder that is killed loses what was not flushed, and nothing else. */
static void test_killed(void)
{
	struct recording_env env = sample_env();
	struct result r;
	pid_t pid = fork();
	int i;

	if (!pid) {
		struct recording_writer *w = recording__create(in("killed", NULL), &env);

		for (i = 0; i < 100; i++) {
			struct copy c = random_copy((__u64)i);

			recording__copy(w, (__u32)i % 2, &c, NAME("x"));
			if (i == 59)
				recording__flush(w);
		}
		w = recording__create(in("counted", NULL), &env);
		recording__set_losses(w, 1, 5, 3);
		recording__flush(w);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	r = read_all(in("killed", NULL));
	ok(!r.code && r.count == 60 && !r.totals.complete, "killed: the flushed events are there");
	ok(quiet_lines() == 1 && strstr(quiet_text, "did not finish"), "with one warning: %s",
	   quiet_text);
	free(r.events);
	r = read_all(in("counted", NULL));
	ok(!r.code && r.totals.lost == 5 && r.totals.missed == 3, "losses alone are flushed too");
}

/* A full disk is reported once, with the number of copies kept, and these can be read. */
static void test_full(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("full", NULL), &env);
	struct rlimit old, small = { 200000, 0 };
	unsigned long long kept = 0;
	struct result r;
	struct stat st;
	int i, ret = 0, later = 0;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	quiet__begin();
	for (i = 0; i < 10000; i++) {
		struct copy c = random_copy((__u64)i);
		int code = recording__copy(w, (__u32)i % 2, &c, NAME("x"));

		ret = ret ? ret : code;
		later += ret && code != ret;
	}
	is(recording__flush(w), EXIT_FAIL, "full: flush fails");
	is(recording__close(w), EXIT_FAIL, "close fails");
	setrlimit(RLIMIT_FSIZE, &old);
	quiet__end();
	is(ret, EXIT_FAIL, "the write that found no room fails");
	is(later, 0, "and every call after it");
	is(quiet_lines(), 1, "said once");
	ok(sscanf(strstr(quiet_text, " copies were kept") ? strstr(quiet_text, ": File") : "",
		  ": File too large: %llu copies", &kept) == 1, "how many were kept: %s",
	   quiet_text);
	stat(in("full", "stream_0"), &st);
	ok(st.st_size <= 200000 && st.st_size > 100000, "cut back to whole packets");
	r = read_all(in("full", NULL));
	ok(!r.code && !r.totals.complete && !r.totals.cut_bytes, "it can be read");
	is(r.totals.copies, kept, "with just as many copies as was said");
	free(r.events);
}

int main(void)
{
	scratch__make();
	test_round_trip();
	test_layout();
	test_copy_size();
	test_clear_layout();
	test_steps_layout();
	test_swapped();
	test_steps();
	test_flush_without_order();
	test_older_schemas();
	test_babeltrace();
	test_template();
	test_backward_time();
	test_empty();
	test_full_plan();
	test_long_reason();
	test_odd_values();
	test_killed();
	test_full();
	free(wanted);
	scratch__remove();
	return tap__done();
}
