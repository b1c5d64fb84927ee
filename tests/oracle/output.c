// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

#define PLACES_MAX	4096

/* Stale reads at one place, which is the instructions of reader and writer. */
struct place {
	struct stale first;
	struct access access;	/* the first such read */
	uint64_t reads, bytes;
};

static FILE *file;
static struct place places[PLACES_MAX];
static size_t nplaces;
static uint64_t copies, stale_copies, stale_bytes, elsewhere, not_placed;

static const char *const kinds[STALE_KINDS] = {
	[STALE_FILL] = "fill", [STALE_HIT] = "hit", [STALE_UNCACHED] = "uncached",
};

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

void output__copy(const struct arch *arch, const struct copy *copy, uint32_t page)
{
	unsigned int i;

	copies++;
	stale_copies += copy->stale > 0;
	stale_bytes += copy->stale;
	fprintf(file, "{\"type\":\"copy\",\"seq\":%" PRIu64, copies);
	put_number("pid", copy->task.pid, copy->task.pid);
	put_number("tid", copy->task.tid, copy->task.pid);
	fprintf(file, ",\"user\":\"0x%" PRIx64 "\"", copy->user & ~(uint64_t)(page - 1));
	put_number("pfn", arch->pfn(copy->src_ram, page), copy->src_ram != PAGE_NONE);
	fprintf(file, ",\"src\":\"0x%" PRIx64 "\"", copy->src_va);
	put_number("dst_pfn", arch->pfn(copy->dst_ram, page), copy->dst_ram != PAGE_NONE);
	fprintf(file, ",\"dst\":\"0x%" PRIx64 "\",\"stale\":%u,\"writers\":[", copy->dst_va,
		copy->stale);
	for (i = 0; i < copy->nwriters; i++) {
		fprintf(file, "%s{", i ? "," : "");
		put_place(arch, copy->writers[i].writer.pc);
		fprintf(file, ",\"va\":\"0x%" PRIx64 "\",\"bytes\":%u}",
			copy->writers[i].writer.va, copy->writers[i].bytes);
	}
	fprintf(file, "]}\n");
}

void output__stale(const struct stale *stale, const struct access *access)
{
	size_t i;

	elsewhere++;
	for (i = 0; i < nplaces; i++)
		if (places[i].access.pc == access->pc && places[i].first.kind == stale->kind &&
		    places[i].first.writer.pc == stale->writer.pc)
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
	put_number("reads", place->reads, true);
	put_number("bytes", place->bytes, true);
	fprintf(file, "}\n");
}

bool output__close(const struct arch *arch, const struct cache_counts *counts,
		   const struct troubles *troubles, uint32_t page)
{
	bool good;
	size_t i;

	for (i = 0; i < nplaces; i++)
		put_stale(arch, &places[i], page);
	fprintf(file, "{\"type\":\"end\"");
	put_number("copies", copies, true);
	put_number("stale_copies", stale_copies, true);
	put_number("stale_bytes", stale_bytes, true);
	put_number("stale_elsewhere", elsewhere, true);
	put_number("stale_not_placed", not_placed, true);
	put_number("double_dirty", counts->double_dirty, true);
	put_number("discarded", counts->discarded, true);
	put_number("unresolved", troubles->unresolved, true);
	put_number("unknown_operations", troubles->unknown, true);
	put_number("strays", troubles->strays, true);
	fprintf(file, "}\n");
	good = !ferror(file);
	good &= !fclose(file);
	file = NULL;
	return good;
}
