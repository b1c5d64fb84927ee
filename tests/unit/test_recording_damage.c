// SPDX-License-Identifier: GPL-2.0-only
/* Recordings that are cut, garbled, forged or newer: a clear line, never a wrong number. */
#include "recording_util.h"

#define PACKETS	4	/* per stream, before the end */

static struct result baseline;
static struct bytes meta, streams[2];

static const char *const names[] = { "stream_0", "stream_1" };

/*
 * Two CPUs, a few packets each, a few events per packet; the end is in stream_0. Copies and
 * clears of the last packets but that have steps.
 */
static void make_sample(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("small", NULL), &env);
	int packet, i;

	for (packet = 0; packet < PACKETS; packet++) {
		for (i = 0; i < 6; i++) {
			const __u64 ts = (__u64)(packet * 100 + i);
			const bool steps = packet == PACKETS - 1;
			struct copy c = steps ? random_copy_steps(ts) : random_copy(ts);
			struct clear clear = steps ? random_clear_steps(ts) : random_clear(ts);
			struct window win = { c.ts, 1, c.pid, 2, 1 };

			c.pid = clear.pid = (__u32)i / 3;
			if (i == 4)
				recording__clear(w, 0, &clear, NAME("b"));
			else if (i == 5)
				recording__window(w, 1, &win, NAME("f"));
			else
				recording__copy(w, (__u32)i % 2, &c, i < 3 ? NAME("a") : NAME("b"));
		}
		recording__set_losses(w, 1, (__u64)packet, 1);
		recording__flush(w);
	}
	recording__close(w);
	meta = slurp(in("small", "metadata"));
	for (i = 0; i < 2; i++)
		streams[i] = slurp(in("small", names[i]));
	baseline = read_all(in("small", NULL));
	ok(!baseline.code && baseline.count == PACKETS * 6 && baseline.totals.complete &&
	   baseline.totals.lost == 3, "the sample reads well");
}

/* A fresh copy of the sample, to be damaged. */
static const char *victim(void)
{
	static bool made;
	int i;

	if (!made)
		mkdir(in("victim", NULL), 0700);
	made = true;
	spit(in("victim", "metadata"), meta.data, meta.size);
	for (i = 0; i < 2; i++)
		spit(in("victim", names[i]), streams[i].data, streams[i].size);
	unlink(in("victim", "stream_7"));
	return in("victim", NULL);
}

/* Offset of packet n; n may be the number of packets. */
static size_t packet_at(const struct bytes *b, unsigned int n)
{
	size_t at = 0;

	while (n--)
		at += packet_size(b->data + at);
	return at;
}

static bool is_boundary(const struct bytes *b, size_t cut)
{
	size_t at = 0;

	while (at < cut)
		at += packet_size(b->data + at);
	return at == cut;
}

/* Are the events of r those of the sample, some left out, in the same order? */
static bool subsequence(const struct result *r)
{
	size_t i, k = 0;

	for (i = 0; i < r->count; i++) {
		while (k < baseline.count && !same_kept(&r->events[i], &baseline.events[k]))
			k++;
		if (k++ == baseline.count)
			return false;
	}
	return true;
}

/* Events of the stream in its packets before cut. */
static size_t events_before(int stream, size_t cut)
{
	size_t at = 0, pos, n = 0;

	while (at < cut && at + packet_size(streams[stream].data + at) <= cut) {
		const unsigned char *p = streams[stream].data + at;

		for (pos = HEAD_SIZE; pos < packet_size(p);) {
			unsigned int id = (unsigned int)get(p + pos + 8, 2);

			n += id == 2 || id == 7 || id == 8 || id == 11 || id == 12;
			pos += event_sizes[id];
		}
		at += packet_size(p);
	}
	return n;
}

/* ---- cut ---- */

static void test_cut(int stream)
{
	const struct bytes *b = &streams[stream];
	size_t cut, wrong = 0, other = events_before(!stream, streams[!stream].size);

	for (cut = 0; cut < b->size; cut++) {
		const char *dir = victim();
		size_t whole = 0, left;
		struct result r;
		bool fine;

		spit(in("victim", names[stream]), b->data, cut);
		while (whole + packet_size(b->data + whole) <= cut)
			whole += packet_size(b->data + whole);
		left = cut - whole;
		r = read_all(dir);
		fine = r.opened && !r.code && r.totals.cut_bytes == left && subsequence(&r) &&
		       r.count == other + events_before(stream, cut) && quiet_lines() == 1 &&
		       strstr(quiet_text, "warning");
		/* The end is in stream_0: without it, it is not known how much is missing. */
		fine = fine && r.totals.complete == (stream == 1) &&
		       r.totals.absent == (stream == 1 ? baseline.count - r.count : 0) &&
		       is_boundary(b, cut) == !left;
		if (!fine && !wrong++)
			printf("# cut at %zu: code %d, %zu events, cut %llu: %s\n", cut, r.code,
			       r.count, (unsigned long long)r.totals.cut_bytes, quiet_text);
		free(r.events);
	}
	ok(!wrong, "stream_%d cut at every byte: %zu of %zu cuts read wrongly", stream, wrong, cut);
}

static void test_zero_tail(void)
{
	const char *dir = victim();
	unsigned char *longer = calloc(1, 200000);
	struct result r;

	memcpy(longer, streams[1].data, streams[1].size);
	spit(in("victim", names[1]), longer, 200000);
	r = read_all(dir);
	ok(!r.code && r.count == baseline.count && r.totals.cut_bytes == 200000 - streams[1].size &&
	   quiet_lines() == 1, "a tail of zeros is left out: %s", quiet_text);
	free(r.events);
	longer[199999] = 1;
	spit(in("victim", names[1]), longer, 200000);
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && !r.opened && strstr(quiet_text, "not a packet"),
	   "a hole of zeros with data behind it is damage: %s", quiet_text);
	free(longer);
}

/* ---- garbled ---- */

/* A changed byte gives an error, a warning or no difference, but never silently other numbers. */
static bool acceptable(const struct result *r)
{
	if (!r->opened || r->code)
		return r->code > 0 && r->code <= EXIT_PERM && quiet_lines() == 1 && *quiet_text;
	if (*quiet_text)
		return strstr(quiet_text, "warning") && subsequence(r);
	return same_result(r, &baseline);
}

static void test_garbled(const char *file, const struct bytes *b)
{
	static const unsigned char masks[] = { 0xff, 0x01, 0x80, 0x20 };
	unsigned char *copy = malloc(b->size);
	size_t i, k, wrong = 0, accepted = 0;

	for (i = 0; i < b->size; i++) {
		for (k = 0; k < sizeof(masks); k++) {
			const char *dir = victim();
			struct result r;

			memcpy(copy, b->data, b->size);
			copy[i] ^= masks[k];
			spit(in("victim", file), copy, b->size);
			r = read_all(dir);
			accepted += r.opened && !r.code && !*quiet_text;
			if (!acceptable(&r) && !wrong++)
				printf("# byte %zu ^ 0x%02x: code %d, %zu events: %s\n", i,
				       masks[k], r.code, r.count, quiet_text);
			free(r.events);
		}
	}
	free(copy);
	ok(!wrong, "%s: every byte garbled in four ways: %zu wrong", file, wrong);
	is(accepted, 0, "and none of it goes unnoticed");
}

static void test_random_bytes(void)
{
	size_t n, i, wrong = 0;

	for (n = 0; n < 3000; n++) {
		int which = (int)(next_random() % 3);
		const struct bytes *b = which == 2 ? &meta : &streams[which];
		unsigned char *copy = malloc(b->size);
		const char *dir = victim();
		size_t from = next_random() % b->size, len = next_random() % 300;
		struct result r;

		memcpy(copy, b->data, b->size);
		for (i = from; i < b->size && i < from + len; i++)
			copy[i] = (unsigned char)next_random();
		spit(in("victim", which == 2 ? "metadata" : names[which]), copy, b->size);
		r = read_all(dir);
		wrong += !acceptable(&r);
		free(r.events);
		free(copy);
	}
	is(wrong, 0, "runs of random bytes anywhere");
}

/* ---- forged: checksum right, content impossible ---- */

static void forged(const char *name, int stream, unsigned int packet, size_t at, int width,
		   __u64 value, const char *words)
{
	const struct bytes *b = &streams[stream];
	unsigned char *copy = malloc(b->size), *p;
	const char *dir = victim();
	struct result r;
	char place[96];

	memcpy(copy, b->data, b->size);
	p = copy + packet_at(b, packet);
	snprintf(place, sizeof(place), "%s: damaged: packet %u at byte %zu", names[stream], packet,
		 (size_t)(p - copy));
	set(p + at, width, value);
	seal(p, packet_size(b->data + packet_at(b, packet)));
	spit(in("victim", names[stream]), copy, b->size);
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && !r.opened && quiet_lines() == 1 && strstr(quiet_text, words) &&
	   strstr(quiet_text, place), "%s: %s", name, quiet_text);
	free(r.events);
	free(copy);
}

/*
 * Packet 1 of stream_1 begins with a copy; that of stream_0 is copy, copy, clear: its
 * process events are in packet 0.
 */
static void test_forged(void)
{
	const size_t clear = 88 + 2 * 62;

	forged("event id", 1, 1, 88 + 8, 2, 99, "unknown kind");
	forged("event id 0", 1, 1, 88 + 8, 2, 0, "unknown kind");
	forged("event id after the last", 1, 1, 88 + 8, 2, 15, "unknown kind");
	forged("facts of a clear", 0, 1, clear + 10, 1, 0x80, "does not know");
	forged("kind of a clear", 0, 1, clear + 43, 1, MAPPING_COUNT, "a clear has a value");
	forged("evidence of a clear", 0, 1, clear + 43, 1, EVIDENCE_COUNT << 4,
	       "a clear has a value");
	forged("time of a clear", 0, 1, clear, 8, 101, "time runs backwards");
	forged("content cuts a clear", 0, 1, AT_CONTENT, 8, (clear + 43) * 8, "cut off");
	forged("path", 1, 1, 88 + 10, 1, PATH_COUNT, "does not know");
	forged("facts", 1, 1, 88 + 11, 1, 0x80, "does not know");
	forged("kind of the source", 1, 1, 88 + 28 + 16, 1, MAPPING_COUNT, "does not know");
	forged("evidence of the source", 1, 1, 88 + 28 + 16, 1, EVIDENCE_COUNT << 4,
	       "does not know");
	forged("kind of the destination", 1, 1, 88 + 45 + 16, 1, 15, "does not know");
	forged("evidence of the destination", 1, 1, 88 + 45 + 16, 1, 0xf0, "does not know");
	forged("time", 1, 2, 88, 8, 0, "time runs backwards");
	forged("time, by the least there is", 1, 2, 88, 8, 104, "time runs backwards");
	forged("exposed", 1, 1, packet_size(streams[1].data + packet_at(&streams[1], 1)) - 1, 1, 2,
	       "does not know");
	forged("other event id: sizes no longer fit", 1, 3, 88 + 8, 2, 4, "");
	forged("magic", 1, 2, 0, 4, 1, "not a packet");
	forged("uuid", 1, 0, AT_UUID, 4, 1, "another recording");
	forged("stream id", 1, 2, AT_STREAM_ID, 4, 1, "kind of stream");
	forged("cpu", 1, 2, AT_CPU, 4, 5, "another CPU");
	forged("sequence", 1, 2, AT_SEQ, 8, 3, "missing");
	forged("lost runs backwards", 1, 2, AT_LOST, 8, 0, "backwards");
	forged("missed runs backwards", 1, 2, AT_MISSED, 8, 0, "backwards");
	forged("packet size 0", 1, 1, AT_PACKET, 8, 0, "size");
	forged("packet size in bits", 1, 1, AT_PACKET, 8, 801, "size");
	forged("packet size huge", 1, 1, AT_PACKET, 8, ~0ULL, "size");
	forged("packet size above the limit", 1, 1, AT_PACKET, 8, 65537 * 8, "size");
	forged("packet size beyond the end, packets follow", 1, 1, AT_PACKET, 8, 60000 * 8, "size");
	forged("packet size above the limit, in the last packet", 1, PACKETS - 1, AT_PACKET, 8,
	       65537 * 8, "size");
	forged("content above packet", 1, 1, AT_CONTENT, 8, 65536 * 8, "size");
	forged("content below head", 1, 1, AT_CONTENT, 8, 87 * 8, "size");
	forged("content cuts an event", 1, 1, AT_CONTENT, 8, (88 + 61) * 8, "cut off");
	forged("content cuts an event's head", 1, 1, AT_CONTENT, 8, (88 + 9) * 8, "cut off");
}

/*
 * A first step, and all other entries alike, in packet 3 of stream_0, where the entries are at
 * offset at: can it be read?
 */
static void with_steps(const char *name, size_t at, unsigned int steps, unsigned int first,
		       unsigned int others, bool readable)
{
	unsigned char *copy = malloc(streams[0].size), *p = copy + packet_at(&streams[0], 3);
	const char *dir = victim();
	struct result r;
	int i;

	memcpy(copy, streams[0].data, streams[0].size);
	set(p + at - 1, 1, steps);
	for (i = 0; i < STEPS_MAX; i++)
		set(p + at + 2 * (size_t)i, 2, i ? others : first);
	seal(p, packet_size(p));
	spit(in("victim", names[0]), copy, streams[0].size);
	r = read_all(dir);
	ok(r.opened == readable && r.code == (readable ? EXIT_OK : EXIT_FAIL) &&
	   quiet_lines() == !readable, "%s: %s", name, quiet_text);
	free(r.events);
	free(copy);
}

/* As above in events with steps: packet 3 of stream_0 is copy, copy, clear. */
static void test_forged_steps(void)
{
	const size_t copy = 88, clear = 88 + 2 * 80, step = copy + 64, clear_step = clear + 46;
	const unsigned int last = STEP_KINDS - 1, above = STEP_KINDS;

	is(get(streams[0].data + packet_at(&streams[0], 3) + clear + 8, 2), 12, "a clear");
	forged("steps: path", 0, 3, copy + 10, 1, PATH_COUNT, "a copy has a value");
	forged("steps: facts", 0, 3, copy + 11, 2, 0x2000, "a copy has a value");
	forged("steps: the highest fact", 0, 3, copy + 11, 2, 0x8000, "a copy has a value");
	forged("steps: kind of the source", 0, 3, copy + 29 + 16, 1, MAPPING_COUNT, "a copy has");
	forged("steps: evidence of the destination", 0, 3, copy + 46 + 16, 1, 0xf0, "a copy has");
	forged("steps: content cuts the last", 0, 3, AT_CONTENT, 8, (copy + 79) * 8, "cut off");
	forged("steps: facts of a clear", 0, 3, clear + 10, 2, 0x2000, "a clear has a value");
	forged("steps: kind of a clear", 0, 3, clear + 44, 1, MAPPING_COUNT, "a clear has a value");
	forged("steps: content cuts a clear", 0, 3, AT_CONTENT, 8, (clear + 61) * 8, "cut off");
	with_steps("steps: none that is one", step, 1, STEP(STEP_NONE, 3, 5), 0, false);
	with_steps("steps: the last kind there is", step, 1, last, 0, true);
	with_steps("steps: one after the last kind", step, 1, above, 0, false);
	with_steps("steps: an entry that is not used", step, 1, last, 16, false);
	with_steps("steps: as many as there is room for", step, 8, last, last, true);
	with_steps("steps: one more", step, 9, last, last, false);
	with_steps("steps: many more", step, 255, last, last, false);
	with_steps("steps: none, of a clear", clear_step, 1, STEP_NONE, 0, false);
	with_steps("steps: the last kind there is, of a clear", clear_step, 1, last, 0, true);
	with_steps("steps: one after it, of a clear", clear_step, 1, above, 0, false);
	with_steps("steps: an entry that a clear does not use", clear_step, 1, last, 16, false);
	with_steps("steps: as many as there is room for, of a clear", clear_step, 8, last, last, true);
	with_steps("steps: one more, of a clear", clear_step, 9, last, last, false);
}

/* As above with events of schema 1, where kind and evidence have a whole byte each. */
static void test_forged_schema_1(void)
{
	const size_t clear = 88 + 2 * 64;
	struct bytes now[2];
	int i;

	for (i = 0; i < 2; i++) {
		now[i] = streams[i];
		stream_to_schema_1(in("small", names[i]), in("small", "old"));
		streams[i] = slurp(in("small", "old"));
	}
	forged("old: kind of a clear", 0, 1, clear + 43, 1, MAPPING_COUNT, "a clear has a value");
	forged("old: kind of a clear, 16", 0, 1, clear + 43, 1, 16, "a clear has a value");
	forged("old: evidence of a clear", 0, 1, clear + 44, 1, EVIDENCE_COUNT,
	       "a clear has a value");
	forged("old: content cuts a clear", 0, 1, AT_CONTENT, 8, (clear + 44) * 8, "cut off");
	forged("old: path", 1, 1, 88 + 10, 1, PATH_COUNT, "a copy has a value");
	forged("old: kind of the source", 1, 1, 88 + 28 + 16, 1, MAPPING_COUNT, "does not know");
	forged("old: evidence of the source", 1, 1, 88 + 28 + 17, 1, EVIDENCE_COUNT,
	       "does not know");
	forged("old: kind of the destination", 1, 1, 88 + 46 + 16, 1, 255, "does not know");
	forged("old: evidence of the destination", 1, 1, 88 + 46 + 17, 1, 16, "does not know");
	for (i = 0; i < 2; i++) {
		free(streams[i].data);
		streams[i] = now[i];
	}
}

static void test_crc_in_the_middle(void)
{
	const char *dir = victim();
	unsigned char *copy = malloc(streams[0].size);
	struct result r;
	char place[96];

	memcpy(copy, streams[0].data, streams[0].size);
	copy[packet_at(&streams[0], 2) + 100] ^= 4;
	spit(in("victim", names[0]), copy, streams[0].size);
	r = read_all(dir);
	snprintf(place, sizeof(place), "stream_0: damaged: packet 2 at byte %zu: its checksum",
		 packet_at(&streams[0], 2));
	ok(r.code == EXIT_FAIL && !r.opened && quiet_lines() == 1 && strstr(quiet_text, place),
	   "a wrong checksum stops before the first event: %s", quiet_text);
	free(copy);
}

/* ---- packets and files missing or too many ---- */

static void test_missing_parts(void)
{
	const char *dir = victim();
	size_t from = packet_at(&streams[1], 1), to = packet_at(&streams[1], 2);
	unsigned char *copy = malloc(streams[1].size);
	struct result r;

	memcpy(copy, streams[1].data, from);
	memcpy(copy + from, streams[1].data + to, streams[1].size - to);
	spit(in("victim", names[1]), copy, streams[1].size - (to - from));
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && strstr(quiet_text, "packets before it are missing"),
	   "a packet cut out: %s", quiet_text);
	free(copy);

	dir = victim();
	unlink(in("victim", names[1]));
	r = read_all(dir);
	ok(!r.code && r.totals.complete && r.totals.absent == baseline.count - r.count &&
	   quiet_lines() == 1 && strstr(quiet_text, "a stream file is missing"),
	   "a stream file removed: %s", quiet_text);
	is(r.totals.lost, baseline.totals.lost, "its losses are known from the end");
	free(r.events);

	victim();
	spit(in("victim", "stream_7"), streams[1].data, streams[1].size);
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && strstr(quiet_text, "another CPU"), "a stream twice: %s",
	   quiet_text);
	free(r.events);

	victim();
	mkdir(in("victim", "stream_7"), 0700);
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && strstr(quiet_text, "not a regular file"), "not a file: %s",
	   quiet_text);
	rmdir(in("victim", "stream_7"));
	free(r.events);
}

/* One more packet, with right checksums, makes more events than the end counts. */
static void test_too_many(void)
{
	const char *dir = victim();
	size_t last = packet_at(&streams[1], PACKETS - 1), size = streams[1].size - last;
	unsigned char *copy = malloc(streams[1].size + size), *p;
	struct result r;

	memcpy(copy, streams[1].data, streams[1].size);
	p = copy + streams[1].size;
	memcpy(p, streams[1].data + last, size);
	set(p + AT_SEQ, 8, PACKETS);
	set(p + HEAD_SIZE, 8, get(p + size - 27, 8));	/* time of the last event for all */
	set(p + HEAD_SIZE + 80, 8, get(p + size - 27, 8));
	seal(p, size);
	spit(in("victim", names[1]), copy, streams[1].size + size);
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && strstr(quiet_text, "more events"), "events the recorder did not "
	   "write: %s", quiet_text);
	free(copy);
}

/* The end counts one less than there is, in each of its five numbers in turn. */
static void test_end_too_low(void)
{
	size_t last = packet_at(&streams[0], PACKETS), at;
	unsigned char *copy = malloc(streams[0].size);
	struct result r;

	for (at = 10; at < 50; at += 8) {
		const char *dir = victim();
		unsigned char *field = copy + last + HEAD_SIZE + at;

		memcpy(copy, streams[0].data, streams[0].size);
		set(field, 8, get(field, 8) - 1);
		seal(copy + last, streams[0].size - last);
		spit(in("victim", names[0]), copy, streams[0].size);
		r = read_all(dir);
		ok(r.code == EXIT_FAIL && !r.opened && strstr(quiet_text, "more events"),
		   "the end counts less, at %zu: %s", at, quiet_text);
		free(r.events);
	}
	free(copy);
}

/* ---- changed after it was opened, when checksums are not looked at again ---- */

/* Opens a fresh sample, changes width bytes at offset at of a packet of stream_1, reads on. */
static void changed(const char *name, unsigned int packet, size_t at, int width, __u64 value)
{
	const struct bytes *b = &streams[1];
	const char *dir = victim();
	unsigned char *copy = malloc(b->size);
	struct recording *r;
	struct event ev;
	int code, ret = -77, n = 0;

	memcpy(copy, b->data, b->size);
	set(copy + packet_at(b, packet) + at, width, value);
	quiet__begin();
	r = recording__open(dir, &code);
	if (r) {
		spit(in("victim", names[1]), copy, width ? b->size : packet_at(b, packet) + 90);
		while ((ret = recording__next(r, &ev)) > 0)
			n++;
	}
	quiet__end();
	ok(ret == -EXIT_FAIL && n > 0 && quiet_lines() == 1 &&
	   strstr(quiet_text, "stream_1: it was changed meanwhile"), "%s: %d events, then %s", name,
	   n, quiet_text);
	recording__free(r);
	free(copy);
}

static void test_changed(void)
{
	changed("cut", 1, 0, 0, 0);
	changed("no packet", 1, 0, 4, 1);
	changed("unknown event", 1, 88 + 8, 2, 99);
	changed("unknown event behind a copy", 1, 88 + 62 + 8, 2, 99);
	changed("unknown kind", 1, 88 + 28 + 16, 1, 0xff);
	changed("unknown path", 1, 88 + 10, 1, 0xff);
	changed("time runs backwards", 1, 88 + 62, 8, 1);
	changed("too many steps", 3, 88 + 63, 1, 255);
}

/* ---- the metadata ---- */

static void with_meta(const char *from, const char *to, int code, const char *words)
{
	const char *dir = victim();
	char *text = replaced((const char *)meta.data, from, to);
	struct result r;

	write_meta(in("victim", "metadata"), text);
	r = read_all(dir);
	ok(r.code == code && quiet_lines() == (code ? 1 : 0) && strstr(quiet_text, words),
	   "metadata with \"%.40s\": %d %s", to, r.code, quiet_text);
	free(text);
	free(r.events);
}

static void test_meta(void)
{
	with_meta("schema = 3", "schema = 4", EXIT_UNSUPPORTED, "newer brindle");
	with_meta("schema = 3", "schema = 0", EXIT_FAIL, "schema");
	with_meta("schema = 3", "schemo = 3", EXIT_FAIL, "schema");
	with_meta("\"brindle\"", "\"lttng-modules\"", EXIT_FAIL, "not made by brindle");
	with_meta("page_size = 4096", "page_size = 0", EXIT_FAIL, "page_size");
	with_meta("page_size = 4096", "page_size = 4095", EXIT_FAIL, "page_size");
	with_meta("span = 8192", "span = 8191", EXIT_FAIL, "span");
	with_meta("span = 8192", "span = 2048", EXIT_FAIL, "span");
	with_meta("span = 8192", "span = 8388608", EXIT_FAIL, "span");
	with_meta("span = 8192", "span = 99999999999999999999999", EXIT_FAIL, "out of range");
	with_meta("cpus = 3", "cpus = 4294967296", EXIT_FAIL, "out of range");
	with_meta("cpus = 3", "cpus = \"3\"", EXIT_FAIL, "wrong type");
	with_meta("word_bits = 32", "word_bits = 31", EXIT_FAIL, "word_bits");
	with_meta("arch = \"mips\"", "x = 1", EXIT_FAIL, "arch");
	with_meta("uuid = \"", "uuid = \"0", EXIT_FAIL, "uuid");
	with_meta("uuid = \"", "uuid = \"q", EXIT_FAIL, "uuid");
	with_meta("uuid = \"", "uuid = \"abcd\"; x = \"", EXIT_FAIL, "uuid");
	with_meta("byte_order = ", "byte_order = native; x = ", EXIT_FAIL, "byte order");
	with_meta("/* CTF 1.8 */", "/* CTF 2.0 */", EXIT_FAIL, "CTF 1.8");
	with_meta("env {", "env { future = \"x\"; list[] = { a = 1; }; n = -5;", EXIT_OK, "");
	with_meta("env {", "/* { \" */ // }\n callsite { a = \"}\"; };\nenv {", EXIT_OK, "");
}

static void meta_is(const char *name, const void *data, size_t size, const char *words)
{
	const char *dir = victim();
	struct result r;

	spit(in("victim", "metadata"), data, size);
	r = read_all(dir);
	ok(r.code == EXIT_FAIL && !r.opened && quiet_lines() == 1 && strstr(quiet_text, words),
	   "%s: %s", name, quiet_text);
}

static void test_bad_meta(void)
{
	size_t cut, wrong = 0;
	char *large = malloc(2 << 20);
	struct result r;

	memset(large, ' ', 2 << 20);
	memcpy(large, "/* CTF 1.8 */", 13);
	meta_is("empty metadata", "", 0, "not a recording");
	meta_is("garbage", "\x7f" "ELF\0\0\0", 7, "not a recording");
	meta_is("a huge file", large, 2 << 20, "File too large");
	free(large);
	for (cut = 0; cut < meta.size; cut++) {
		const char *dir = victim();

		spit(in("victim", "metadata"), meta.data, cut);
		r = read_all(dir);
		wrong += r.code != EXIT_FAIL || r.opened || quiet_lines() != 1;
	}
	is(wrong, 0, "metadata cut at every byte");
}

static void missing(const char *dir, const char *words)
{
	struct result r = read_all(dir);

	ok(r.code == EXIT_FAIL && quiet_lines() == 1 && strstr(quiet_text, words), "missing: %s",
	   quiet_text);
}

static void test_missing(void)
{
	const char *dir = victim();

	missing(in("nowhere", NULL), "make one with brindle record");
	missing(in("small", "metadata"), "Not a directory");
	unlink(in("victim", "metadata"));
	missing(dir, "not a recording");
	mkdir(in("victim", "metadata"), 0700);
	missing(dir, "Is a directory");
	rmdir(in("victim", "metadata"));
}

int main(void)
{
	int i;

	scratch__make();
	make_sample();
	for (i = 0; i < 2; i++)
		test_cut(i);
	test_zero_tail();
	for (i = 0; i < 2; i++)
		test_garbled(names[i], &streams[i]);
	test_garbled("metadata", &meta);
	test_random_bytes();
	test_forged();
	test_forged_steps();
	test_forged_schema_1();
	test_changed();
	test_crc_in_the_middle();
	test_missing_parts();
	test_too_many();
	test_end_too_low();
	test_meta();
	test_bad_meta();
	test_missing();
	free(baseline.events);
	free(meta.data);
	free(streams[0].data);
	free(streams[1].data);
	scratch__remove();
	return tap__done();
}
