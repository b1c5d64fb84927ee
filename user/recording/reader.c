// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a recording, in two passes. Opening checks all of it, so that no number is printed
 * of a recording that turns out to be damaged further on. The second pass merges the streams
 * by time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "recording/stream.h"

struct recording {
	char *dir;
	int dirfd;
	struct meta meta;
	bool swap;		/* written in the other byte order */
	struct recording_totals totals;
	struct disk_counts counts;
	__u32 cut_streams;
	__u32 count;		/* of streams */
	struct rstream *streams;
	struct rstream **heap;	/* streams that have an event left: a heap, oldest event on top */
	__u32 heap_size;
	struct rstream *given;	/* the stream of the last event returned, NULL = none yet */
	struct names names;
	__u64 bytes, done;	/* of all streams, for the progress line */
};

static void (*progress)(const char *what, __u64 done, __u64 all);

void recording__on_progress(void (*fn)(const char *what, __u64 done, __u64 all))
{
	progress = fn;
}

static int bad_packet(const struct recording *r, const struct rstream *s, __u64 offset,
		      const char *why)
{
	return err(EXIT_FAIL, "reading %s/%s: damaged: packet %llu at byte %llu: %s", r->dir,
		   s->name, (unsigned long long)s->packets, (unsigned long long)offset, why);
}

/* ---- opening ---- */

static int no_memory(const struct recording *r)
{
	return err(EXIT_FAIL, "reading %s: out of memory", r->dir);
}

static int add_stream(struct recording *r, __u32 cpu)
{
	struct rstream *s, *streams;

	streams = realloc(r->streams, (r->count + 1) * sizeof(*streams));
	if (!streams)
		return no_memory(r);
	r->streams = streams;
	s = &streams[r->count++];
	memset(s, 0, sizeof(*s));
	s->cpu = cpu;
	s->page_shift = geometry__page_shift(&r->meta.env.geometry);
	stream__name(s->name, cpu);
	s->fd = openat(r->dirfd, s->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0)
		return err(errno == EACCES ? EXIT_PERM : EXIT_FAIL, "opening %s/%s: %s%s", r->dir,
			   s->name, strerror(errno), errno == EMFILE ?
			   ": raise the limit on open files (ulimit -n)" : "");
	return EXIT_OK;
}

static int by_cpu(const void *a, const void *b)
{
	const struct rstream *x = a, *y = b;

	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

static int find_streams(struct recording *r)
{
	int ret = EXIT_OK, fd = openat(r->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		ret = err(EXIT_FAIL, "listing %s: %s", r->dir, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (entry = readdir(d))) {
		long long cpu = stream__cpu(entry->d_name);

		if (cpu >= 0)
			ret = add_stream(r, (__u32)cpu);
	}
	closedir(d);
	/* Sorted, so that which damage is reported does not depend on the order of readdir. */
	if (r->count)
		qsort(r->streams, r->count, sizeof(*r->streams), by_cpu);
	return ret;
}

static int check_packet(struct recording *r, struct rstream *s, __u64 offset)
{
	const char *why = stream__check(s, r->swap, &r->counts);

	if (!why)
		return EXIT_OK;
	s->packets--;	/* stream__packet has counted it already: messages count from 0 */
	return bad_packet(r, s, offset, why);
}

static int check_stream(struct recording *r, struct rstream *s, __u8 *buf, __u64 limit)
{
	__u64 base = r->done;
	__u32 largest = 0;

	s->packet = buf;
	s->room = PACKET_MAX;
	for (;;) {
		__u64 offset = s->at;
		const char *why;
		enum packet_state state = stream__packet(s, &r->meta, limit, true, &why);

		if (state == PACKET_BAD)
			return bad_packet(r, s, offset, why);
		if (state != PACKET_WHOLE)
			break;
		if (check_packet(r, s, offset))
			return EXIT_FAIL;
		largest = s->at - offset > largest ? (__u32)(s->at - offset) : largest;
		if (progress)
			progress("checking", base + s->at, r->bytes);
	}
	r->done = base + limit;
	s->size = s->at;
	r->totals.cut_bytes += limit - s->at;
	r->cut_streams += limit != s->at;
	r->totals.lost += s->lost;
	r->totals.missed += s->missed;
	stream__rewind(s);
	s->packet = NULL;
	s->room = largest;
	if (largest)
		s->packet = malloc(largest);
	return largest && !s->packet ? no_memory(r) : EXIT_OK;
}

static int check_streams(struct recording *r)
{
	__u8 *buf = malloc(PACKET_MAX);
	__u64 *limits = calloc(r->count ? r->count : 1, sizeof(*limits));
	int ret = EXIT_OK;
	struct stat st;
	__u32 i;

	if (!buf || !limits) {
		ret = no_memory(r);
		goto cleanup;
	}
	for (i = 0; i < r->count; i++) {
		if (fstat(r->streams[i].fd, &st) || !S_ISREG(st.st_mode)) {
			ret = err(EXIT_FAIL, "reading %s/%s: not a regular file", r->dir,
				  r->streams[i].name);
			goto cleanup;
		}
		limits[i] = (__u64)st.st_size;
		r->bytes += limits[i];
	}
	for (i = 0; i < r->count && !ret; i++) {
		ret = check_stream(r, &r->streams[i], buf, limits[i]);
		if (r->streams[i].packet == buf)
			r->streams[i].packet = NULL;
	}
cleanup:
	free(buf);
	free(limits);
	return ret;
}

/* At most one warning, for all that is missing. */
static void warn_incomplete(const struct recording *r)
{
	const struct disk_end *end = &r->counts.end;
	const struct recording_totals *t = &r->totals;
	char absent[96] = "";

	if (t->absent)
		snprintf(absent, sizeof(absent), "%llu of the %llu events its recorder wrote are "
			 "not there", (unsigned long long)t->absent,
			 (unsigned long long)(end->copies + end->forks + end->clears));
	if (t->cut_bytes)
		warn("reading %s: cut off in %u of its streams: the last %llu bytes, no whole "
		     "packet, are left out%s%s", r->dir, r->cut_streams,
		     (unsigned long long)t->cut_bytes, t->absent ? ": " : "", absent);
	else if (t->absent)
		warn("reading %s: a stream file is missing or cut: %s", r->dir, absent);
	else if (!t->complete)
		warn("reading %s: the recorder did not finish it: its last events may be missing",
		     r->dir);
}

/* Compares the sums of what was found with those that the recorder wrote at its end. */
static int check_whole(struct recording *r)
{
	const struct disk_end *end = &r->counts.end;
	struct recording_totals *t = &r->totals;

	t->copies = r->counts.copies;
	t->windows = r->counts.of[DISK_FORK];
	t->clears = r->counts.clears;
	t->complete = r->counts.of[DISK_END];
	if (t->complete) {
		if (t->copies > end->copies || t->windows > end->forks ||
		    t->clears > end->clears || t->lost > end->lost || t->missed > end->missed)
			return err(EXIT_FAIL, "reading %s: damaged: it holds more events than its "
				   "recorder wrote", r->dir);
		t->absent = end->copies - t->copies + end->forks - t->windows +
			    end->clears - t->clears;
		/* The end also has the losses of streams whose last packets are gone. */
		t->lost = end->lost;
		t->missed = end->missed;
	}
	warn_incomplete(r);
	return EXIT_OK;
}

static int open_meta(struct recording *r)
{
	const char *why;
	int ret;

	r->dirfd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dirfd < 0)
		return err(errno == EACCES ? EXIT_PERM : EXIT_FAIL, "opening the recording %s: "
			   "%s%s", r->dir, strerror(errno), errno == ENOENT ?
			   ": make one with brindle record" : "");
	ret = meta__read(r->dirfd, &r->meta, &why);
	if (ret)
		return err(ret == -EACCES ? EXIT_PERM : EXIT_FAIL, "reading %s/%s: %s%s", r->dir,
			   METADATA, strerror(-ret), ret == -ENOENT ?
			   ": this directory is not a recording" : "");
	r->swap = r->meta.big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	return meta__check(&r->meta, why, r->dir);
}

/* ---- merging ---- */

/* Without branches, because no branch predictor can guess which traced CPU comes next. */
static inline bool older(const struct rstream *a, const struct rstream *b)
{
	return (a->ts < b->ts) | ((a->ts == b->ts) & (a->cpu < b->cpu));
}

static void sift_down(struct recording *r, __u32 i)
{
	struct rstream *s = r->heap[i];

	for (;;) {
		__u32 child = 2 * i + 1;

		if (child >= r->heap_size)
			break;
		if (child + 1 < r->heap_size && older(r->heap[child + 1], r->heap[child]))
			child++;
		if (!older(r->heap[child], s))
			break;
		r->heap[i] = r->heap[child];
		i = child;
	}
	r->heap[i] = s;
}

/* Every stream was whole when it was opened, so an error now means a change since then. */
static int changed(const struct recording *r, const struct rstream *s)
{
	return err(EXIT_FAIL, "reading %s/%s: it was changed meanwhile: read it again", r->dir,
		   s->name);
}

static int next_packet(struct recording *r, struct rstream *s)
{
	__u64 offset = s->at;
	const char *why;
	enum packet_state state = stream__packet(s, &r->meta, s->size, false, &why);

	if (state == PACKET_NONE)
		return 0;
	if (state != PACKET_WHOLE)
		return -changed(r, s);
	r->done += s->at - offset;
	if (progress)
		progress("reading", r->done, r->bytes);
	return 1;
}

/* Moves on to the stream's next copy, window or clear. Returns 1, 0 at its end, or -exit code. */
static int advance(struct recording *r, struct rstream *s)
{
	struct disk_process d;
	const char *name;

	while (!s->ready) {
		while (s->pos >= s->used) {
			int ret = next_packet(r, s);

			if (ret <= 0)
				return ret;
		}
		if (stream__look(s, r->swap))
			return -changed(r, s);
		if (s->id == DISK_END) {
			stream__skip(s);
		} else if (s->id == DISK_PROCESS) {
			stream__process(s, r->swap, &d);
			name = names__get(&r->names, d.comm);
			if (!name || !comms__set(&s->comms, d.pid, name))
				return -no_memory(r);
		}
	}
	return 1;
}

/* Restores the heap after its top has moved on to its next event; two streams without a branch. */
static inline void oldest_first(struct recording *r)
{
	struct rstream *const pair[2] = { r->heap[0], r->heap[1] };
	const bool second = older(pair[1], pair[0]);

	if (r->heap_size > 2) {
		sift_down(r, 0);
		return;
	}
	r->heap[0] = pair[second];
	r->heap[1] = pair[!second];
}

static int fill_heap(struct recording *r)
{
	__u32 i;

	r->done = 0;
	r->heap = calloc(r->count ? r->count : 1, sizeof(*r->heap));
	if (!r->heap)
		return no_memory(r);
	for (i = 0; i < r->count; i++) {
		int ret = advance(r, &r->streams[i]);

		if (ret < 0)
			return -ret;
		if (ret)
			r->heap[r->heap_size++] = &r->streams[i];
	}
	for (i = r->heap_size / 2; i-- > 0;)
		sift_down(r, i);
	return EXIT_OK;
}

int recording__next(struct recording *r, struct event *ev)
{
	struct rstream *s = r->given;

	if (s) {
		int ret = s->ready ? 1 : advance(r, s);

		r->given = NULL;
		if (ret < 0)
			return ret;
		if (!ret)
			r->heap[0] = r->heap[--r->heap_size];
		if (r->heap_size > 1)
			oldest_first(r);
	}
	if (!r->heap_size)
		return 0;
	s = r->heap[0];
	r->given = s;
	return stream__event(s, r->swap, ev) ? -changed(r, s) : 1;
}

/* ---- the rest ---- */

struct recording *recording__open(const char *dir, int *code)
{
	struct recording *r = calloc(1, sizeof(*r));

	if (r) {
		r->dirfd = -1;
		r->dir = strdup(dir);
	}
	if (!r || !r->dir) {
		*code = err(EXIT_FAIL, "reading %s: out of memory", dir);
		goto cleanup;
	}
	*code = open_meta(r);
	if (!*code)
		*code = find_streams(r);
	if (!*code)
		*code = check_streams(r);
	if (!*code)
		*code = check_whole(r);
	if (!*code)
		*code = fill_heap(r);
	if (!*code)
		return r;
cleanup:
	recording__free(r);
	return NULL;
}

const struct recording_env *recording__env(const struct recording *r)
{
	return &r->meta.env;
}

const struct recording_totals *recording__totals(const struct recording *r)
{
	return &r->totals;
}

bool recording__same(const struct recording *a, const struct recording *b)
{
	return !memcmp(a->meta.uuid, b->meta.uuid, UUID_LEN);
}

void recording__free(struct recording *r)
{
	__u32 i;

	if (!r)
		return;
	for (i = 0; i < r->count; i++) {
		if (r->streams[i].fd >= 0)
			close(r->streams[i].fd);
		free(r->streams[i].packet);
		free(r->streams[i].comms.slots);
	}
	free(r->streams);
	free(r->heap);
	names__free(&r->names);
	if (r->dirfd >= 0)
		close(r->dirfd);
	free(r->dir);
	free(r);
}
