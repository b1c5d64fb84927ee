// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "callers.h"

/*
 * Functions that contain a call of copy_user_highpage, 5.4 to 6.18 (mm/memory.c, mm/hugetlb.c,
 * mm/ksm.c, mm/khugepaged.c). Which of them the compiler inlined into which differs from
 * kernel to kernel: all that can contain the call of one path alone are here.
 */
static const struct {
	const char *function;
	__u8 path;
} table[] = {
	{ "wp_page_copy", PATH_WP },
	{ "do_wp_page", PATH_WP },
	/* do_cow_fault, and what it is inlined into; a write fault on a present page is not there
	 * when do_wp_page is a function of its own (callers__done) */
	{ "do_cow_fault", PATH_COW_FAULT },
	{ "do_fault", PATH_COW_FAULT },
	{ "do_pte_missing", PATH_COW_FAULT },
	/* no copy, but most clears (assemble__clear): where it is inlined, one of those below */
	{ "do_anonymous_page", PATH_COW_FAULT },
	{ "handle_pte_fault", PATH_COW_FAULT },
	{ "__handle_mm_fault", PATH_COW_FAULT },
	{ "handle_mm_fault", PATH_COW_FAULT },
	/* copy_present_page */
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

void callers__symbol(struct callers *callers, __u64 address, const char *name)
{
	struct caller *last = callers->n ? &callers->list[callers->n - 1] : NULL;
	size_t i, len;

	if (last && !last->end && address > last->start)
		last->end = address;
	for (i = 0; i < FUNCTIONS; i++) {
		if (*name != *table[i].function)
			continue;
		len = strlen(table[i].function);
		if (!strncmp(name, table[i].function, len) && (!name[len] || name[len] == '.'))
			break;
	}
	/* address 0: kernel.kptr_restrict hides them */
	if (i == FUNCTIONS || !address || callers->n == CALLERS_MAX)
		return;
	callers->list[callers->n++] = (struct caller){ address, 0, table[i].path };
}

void callers__done(struct callers *callers)
{
	struct caller *c, *end = callers->list + callers->n;
	bool has_wp = false;

	for (c = callers->list; c < end; c++)
		has_wp |= c->path == PATH_WP;
	for (c = callers->list; c < end; c++)
		if (!has_wp && c->path == PATH_COW_FAULT)
			c->path = PATH_UNKNOWN;
}

enum copy_path callers__path(const struct callers *callers, __u64 address)
{
	const struct caller *c, *end = callers->list + callers->n;

	/* a call's return address is behind it: the end of a function when it never returns */
	for (c = callers->list; c < end; c++)
		if (address > c->start && address <= c->end)
			return c->path;
	return PATH_UNKNOWN;
}
