// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "probe/callers.h"

/*
 * Functions that contain a call of copy_user_highpage, 5.4 to 6.18 (mm/memory.c, mm/hugetlb.c,
 * mm/ksm.c, mm/khugepaged.c). Inlining differs between kernels, so the table has every function
 * that can contain the call, as long as it can contain that of one path only.
 */
static const struct {
	const char *function;
	__u8 path;
} table[] = {
	{ "wp_page_copy", PATH_WP },
	{ "do_wp_page", PATH_WP },
	/*
	 * do_cow_fault, and the functions it may be inlined into. They make no other copies if
	 * do_wp_page is a function of its own (callers__find).
	 */
	{ "do_cow_fault", PATH_COW_FAULT },
	{ "do_fault", PATH_COW_FAULT },
	{ "do_pte_missing", PATH_COW_FAULT },
	/* makes no copy, but most clears (assemble__clear); may be inlined into those below */
	{ "do_anonymous_page", PATH_COW_FAULT },
	{ "handle_pte_fault", PATH_COW_FAULT },
	{ "__handle_mm_fault", PATH_COW_FAULT },
	{ "handle_mm_fault", PATH_COW_FAULT },
	/* copy_present_page, and the functions it may be inlined into */
	{ "copy_present_page", PATH_FORK_PINNED },
	{ "copy_present_pte", PATH_FORK_PINNED },
	{ "copy_present_ptes", PATH_FORK_PINNED },
	{ "copy_pte_range", PATH_FORK_PINNED },
	{ "copy_p4d_range", PATH_FORK_PINNED },
	{ "copy_page_range", PATH_FORK_PINNED },
	/* huge pages of hugetlbfs, by faults and by fork */
	{ "copy_subpage", PATH_HUGETLB },
	{ "copy_user_gigantic_page", PATH_HUGETLB },
	{ "copy_user_huge_page", PATH_HUGETLB },
	{ "copy_user_large_folio", PATH_HUGETLB },
	{ "hugetlb_wp", PATH_HUGETLB },
	{ "hugetlb_cow", PATH_HUGETLB },
	{ "copy_hugetlb_page_range", PATH_HUGETLB },
	{ "ksm_might_need_to_copy", PATH_KSM },
	{ "__collapse_huge_page_copy", PATH_COLLAPSE },
	{ "collapse_huge_page", PATH_COLLAPSE },
	{ "hpage_collapse_scan_pmd", PATH_COLLAPSE },
	{ "khugepaged_scan_pmd", PATH_COLLAPSE },
};

#define FUNCTIONS	(sizeof(table) / sizeof(table[0]))

/* Path of a function or of its clone, by name; PATH_UNKNOWN = not in the table. */
static enum copy_path path_of(const char *name)
{
	size_t i, len;

	for (i = 0; i < FUNCTIONS; i++) {
		if (*name != *table[i].function)
			continue;
		len = strlen(table[i].function);
		if (!strncmp(name, table[i].function, len) && (!name[len] || name[len] == '.'))
			return table[i].path;
	}
	return PATH_UNKNOWN;
}

static void add(struct callers *callers, __u64 start, __u64 end, enum copy_path path)
{
	if (callers->n == CALLERS_MAX)
		return;
	callers->list[callers->n++] = (struct caller){ start, end, path };
	callers->has_wp |= path == PATH_WP;
}

void callers__symbol(struct callers *callers, __u64 address, const char *name)
{
	struct caller *last = callers->n ? &callers->list[callers->n - 1] : NULL;
	enum copy_path path = path_of(name);

	if (last && !last->end && address > last->start)
		last->end = address;
	/* address 0: kernel.kptr_restrict hides them */
	if (path != PATH_UNKNOWN && address)
		add(callers, address, 0, path);
}

void callers__function(struct callers *callers, __u64 start, __u64 end, const char *name)
{
	add(callers, start, end, path_of(name));
}

bool callers__find(const struct callers *callers, __u64 address, enum copy_path *path)
{
	const struct caller *c, *end = callers->list + callers->n;

	/* a return address is behind the call: it is the end if a function ends with the call */
	for (c = callers->list; c < end; c++)
		if (address > c->start && address <= c->end)
			break;
	if (c == end)
		return false;
	/* without a function of PATH_WP, do_wp_page may be inlined into this one as well */
	*path = c->path == PATH_COW_FAULT && !callers->has_wp ? PATH_UNKNOWN : c->path;
	return true;
}

enum copy_path callers__path(const struct callers *callers, __u64 address)
{
	enum copy_path path;

	if (callers__find(callers, address, &path))
		return path;
	return callers->ask ? callers->ask(callers->ctx, address) : PATH_UNKNOWN;
}
