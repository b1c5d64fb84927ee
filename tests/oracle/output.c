// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

#define PLACES_MAX	4096

/* Stale reads of one place: the reader's and the writer's instruction, and whose fault. */
struct place {
	struct stale first;
	struct access access;	/* the first such read */
	uint64_t reads, bytes;
};

static FILE *file;
static struct place places[PLACES_MAX];
static size_t nplaces;
static uint64_t elsewhere, not_placed;
static struct copy *copies;
static size_t ncopies, copies_room;
static bool no_room;

static const char *const kinds[STALE_KINDS] = {
	[STALE_FILL] = "fill", [STALE_HIT] = "hit", [STALE_UNCACHED] = "uncached",
};

/* What the end counts besides. */
static struct {
	uint64_t stale, stale_bytes, to_blame, source, destination, clears, clears_to_blame;
} sums;

bool output__open(const char *path)
{
	file = fopen(path, "we");
	if (file)
		setvbuf(file, NULL, _IOFBF, 1 << 20);
	return file;
}

bool output__is_open(void)
{
	return file;
}

void output__head(const struct arch *arch, const struct geometry *g, bool from_guest,
		  unsigned int ignored)
{
	fprintf(file, "{\"type\":\"oracle\",\"schema\":\"brindle.oracle/1\",\"target\":\"%s\","
		"\"api\":%d,\"geometry\":{\"span\":%u,\"colours\":%u,\"line\":%u,\"ways\":%u,"
		"\"page\":%u,\"source\":\"%s\"},\"ignore\":[%s%s%s]}\n", arch->target, PLUGIN_API,
		g->span, g->span / g->page, g->line, g->ways, g->page,
		from_guest ? "guest" : "arguments", ignored & IGNORE_HIT ? "\"hit\"" : "",
		ignored == (IGNORE_HIT | IGNORE_INDEX) ? "," : "",
		ignored & IGNORE_INDEX ? "\"index\"" : "");
}

/* Writes "pc" and "mode", and "symbol" if pc is in the kernel. */
static void put_place(const struct arch *arch, uint64_t pc)
{
	const bool user = pc < arch->user_end;
	char name[300];

	fprintf(file, "\"pc\":\"0x%" PRIx64 "\",\"mode\":\"%s\"", pc, user ? "user" : "kernel");
	if (!user && symbols__name(pc, name, sizeof(name)))
		fprintf(file, ",\"symbol\":\"%s\"", name);
}

static void put_number(const char *name, uint64_t number, bool known)
{
	if (known)
		fprintf(file, ",\"%s\":%" PRIu64, name, number);
	else
		fprintf(file, ",\"%s\":null", name);
}

uint64_t output__copy(const struct copy *copy)
{
	if (ncopies == copies_room) {
		const size_t room = copies_room ? 2 * copies_room : 4096;
		struct copy *more = realloc(copies, room * sizeof(*more));

		if (!more) {
			no_room = true;
			return 0;
		}
		copies = more;
		copies_room = room;
	}
	copies[ncopies++] = *copy;
	return ncopies;
}

static void put_pid(const struct task *task)
{
	put_number("pid", task->pid, task->pid);
	put_number("tid", task->tid, task->pid);
}

/* "lies" or "read": a colour, or what is no colour */
static void put_where(const char *name, int where)
{
	if (where >= 0)
		put_number(name, (uint64_t)where, true);
	else
		fprintf(file, ",\"%s\":\"%s\"", name, where == LIES_MEMORY ? "memory" : "nowhere");
}

/* "made_by", "lies", "read", "blame", "culprit" */
static void put_blame(const struct stale *stale)
{
	const struct maker *maker = copies__maker(stale->maker);
	const struct maker *culprit = copies__maker(stale->culprit);

	put_number("made_by", maker ? maker->seq : 0, maker && maker->seq);
	put_where("lies", stale->lies);
	put_where("read", stale->read);
	fprintf(file, ",\"blame\":\"%s\"", stale->blame == BLAME_READER ? "reader" :
		!culprit ? "other" : culprit->clear ? "clear" : "copy");
	put_number("culprit", culprit ? culprit->seq : 0, culprit && culprit->seq);
}

static void put_copy(const struct arch *arch, const struct copy *copy, uint64_t seq, uint32_t page)
{
	const struct maker *maker = copies__maker(copy->maker);
	const uint64_t blamed = maker ? maker->blamed : 0;
	unsigned int i;

	sums.stale += copy->stale > 0;
	sums.stale_bytes += copy->stale;
	sums.to_blame += copy->own_fault || blamed;
	sums.source += copy->own_fault > 0;
	sums.destination += blamed > 0;
	fprintf(file, "{\"type\":\"copy\",\"seq\":%" PRIu64, seq);
	put_pid(&copy->task);
	fprintf(file, ",\"user\":\"0x%" PRIx64 "\"", copy->user & ~(uint64_t)(page - 1));
	put_number("pfn", arch->pfn(copy->src_ram, page), copy->src_ram != PAGE_NONE);
	fprintf(file, ",\"src\":\"0x%" PRIx64 "\"", copy->src_va);
	put_number("dst_pfn", arch->pfn(copy->dst_ram, page), copy->dst_ram != PAGE_NONE);
	fprintf(file, ",\"dst\":\"0x%" PRIx64 "\",\"stale\":%u,\"to_blame\":%" PRIu64
		",\"blame\":{\"source\":%u,\"destination\":%" PRIu64 "},\"writers\":[",
		copy->dst_va, copy->stale, copy->own_fault + blamed, copy->own_fault, blamed);
	for (i = 0; i < copy->nwriters; i++) {
		const struct stale *first = &copy->writers[i].first;

		fprintf(file, "%s{", i ? "," : "");
		put_place(arch, first->writer.pc);
		fprintf(file, ",\"va\":\"0x%" PRIx64 "\",\"bytes\":%u", first->writer.va,
			copy->writers[i].bytes);
		put_blame(first);
		fprintf(file, "}");
	}
	fprintf(file, "]}\n");
}

/* The clears that are to blame; all others are of no interest. */
static void put_clears(const struct arch *arch, uint32_t page)
{
	const struct maker *m;
	maker_id id;

	for (id = 1; id < copies__makers(); id++) {
		m = copies__maker(id);
		sums.clears += m->clear && m->user;
		if (!m->clear || !m->blamed)
			continue;
		sums.clears_to_blame++;
		fprintf(file, "{\"type\":\"clear\"");
		put_pid(&m->task);
		fprintf(file, ",\"user\":\"0x%" PRIx64 "\"", m->user & ~(uint64_t)(page - 1));
		put_number("dst_pfn", arch->pfn(m->ram, page), m->ram != PAGE_NONE);
		fprintf(file, ",\"dst\":\"0x%" PRIx64 "\",\"to_blame\":%" PRIu64 "}\n", m->va,
			m->blamed);
	}
}

static bool is_clear(maker_id who)
{
	const struct maker *maker = copies__maker(who);

	return maker && maker->clear;
}

void output__stale(const struct stale *stale, const struct access *access)
{
	size_t i;

	elsewhere++;
	for (i = 0; i < nplaces; i++)
		if (places[i].access.pc == access->pc && places[i].first.kind == stale->kind &&
		    places[i].first.writer.pc == stale->writer.pc &&
		    places[i].first.blame == stale->blame &&
		    is_clear(places[i].first.culprit) == is_clear(stale->culprit))
			break;
	if (i == PLACES_MAX) {
		not_placed++;
		return;
	}
	if (i == nplaces) {
		places[nplaces].first = *stale;
		places[nplaces++].access = *access;
	}
	places[i].reads++;
	places[i].bytes += stale->bytes;
}

static void put_stale(const struct arch *arch, const struct place *place, uint32_t page)
{
	fprintf(file, "{\"type\":\"stale\",\"kind\":\"%s\",", kinds[place->first.kind]);
	put_place(arch, place->access.pc);
	put_number("pfn", arch->pfn(place->access.phys, page), true);
	fprintf(file, ",\"va\":\"0x%" PRIx64 "\",\"writer\":{", place->access.va);
	put_place(arch, place->first.writer.pc);
	fprintf(file, ",\"va\":\"0x%" PRIx64 "\"}", place->first.writer.va);
	put_blame(&place->first);
	put_number("reads", place->reads, true);
	put_number("bytes", place->bytes, true);
	fprintf(file, "}\n");
}

bool output__close(const struct arch *arch, const struct cache_counts *counts,
		   const struct troubles *troubles, uint32_t page)
{
	bool good;
	size_t i;

	for (i = 0; i < ncopies; i++)
		put_copy(arch, &copies[i], i + 1, page);
	put_clears(arch, page);
	for (i = 0; i < nplaces; i++)
		put_stale(arch, &places[i], page);
	fprintf(file, "{\"type\":\"end\"");
	put_number("copies", ncopies, true);
	put_number("stale_copies", sums.stale, true);
	put_number("stale_bytes", sums.stale_bytes, true);
	put_number("to_blame", sums.to_blame, true);
	put_number("to_blame_source", sums.source, true);
	put_number("to_blame_destination", sums.destination, true);
	put_number("clears", sums.clears, true);
	put_number("clears_to_blame", sums.clears_to_blame, true);
	put_number("stale_elsewhere", elsewhere, true);
	put_number("stale_not_placed", not_placed, true);
	put_number("double_dirty", counts->double_dirty, true);
	put_number("discarded", counts->discarded, true);
	put_number("unresolved", troubles->unresolved, true);
	put_number("unknown_operations", troubles->unknown, true);
	put_number("strays", troubles->strays, true);
	fprintf(file, "}\n");
	good = !ferror(file) && !no_room;
	good &= !fclose(file);
	file = NULL;
	return good;
}
