// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>
#include "probe/catalogue.h"

#define OBS	EVIDENCE_OBSERVED

#define INLINED	"copy_user_highpage is inlined, and only a write fault tells the address"
#define CLONE	"of copy_user_highpage there is only a compiler's clone"

/*
 * A dotted clone (foo.constprop.0, foo.isra.0) takes other arguments than foo and is
 * never a candidate. Functions that run with interrupts off must not be listed for MIPS,
 * whose breakpoint handler turns interrupts on (genex.S, "bp bp sti").
 */
const struct candidate catalogue[] = {
	/*
	 * dup_mmap calls uprobe_dup_mmap(oldmm, newmm) right after flush_cache_dup_mm (A), and
	 * uprobe_end_dup_mmap after flush_tlb_mm (B), in every version from 5.4 to 6.18; the
	 * compiler often inlines dup_mmap itself.
	 */
	{ ROLE_WINDOW_BEGIN, NULL, "uprobe_dup_mmap", BY_KPROBE, "window_begin", 0, 0, 0, NULL },
	{ ROLE_WINDOW_BEGIN, NULL, "dup_mmap", BY_KPROBE, "window_begin", 0, 0, 0, NULL },
	{ ROLE_WINDOW_END, NULL, "uprobe_end_dup_mmap", BY_KPROBE, "window_end", 0, 0, 0, NULL },
	{ ROLE_WINDOW_END, NULL, "flush_tlb_mm", BY_KPROBE, "window_end", 0, 0, 0, NULL },
	{ ROLE_WINDOW_END, NULL, "dup_mmap", BY_KRETPROBE, "window_end", 0, 0, 0, NULL },

	/*
	 * A fork may flush all of the cache when nobody can write the shared pages any more. The
	 * same functions are called elsewhere; only calls inside of a window count.
	 */
	{ ROLE_FORK_TLB, "mips", "flush_tlb_mm", BY_KPROBE, "fork_tlb", 0, 0, ONLY_ALIASING, NULL },
	{ ROLE_FORK_FLUSH, "mips", "r4k_flush_cache_mm", BY_KPROBE, "fork_flush", 0, 0,
	  ONLY_ALIASING, NULL },

	/*
	 * Write faults, where the copying function does not get the user address. do_wp_page
	 * serves where wp_page_copy is inlined into it (6.12). It is also entered when the page
	 * is reused without a copy, so the end of the fault must be seen as well.
	 */
	{ ROLE_FAULT, "x86_64", "wp_page_copy", BY_FENTRY, "fault_copying_fentry", OBS, 0, 0,
	  NULL },
	{ ROLE_FAULT, "x86_64", "wp_page_copy", BY_KPROBE, "fault_copying", OBS, 0, 0, NULL },
	{ ROLE_FAULT, "x86_64", "do_wp_page", BY_FENTRY, "fault_entered_fentry", OBS, 0,
	  WANTS_END, NULL },
	{ ROLE_FAULT, "x86_64", "do_wp_page", BY_KPROBE, "fault_entered", OBS, 0, WANTS_END, NULL },
	{ ROLE_FAULT_END, "x86_64", "do_wp_page", BY_FEXIT, "fault_end_fexit", 0, 0, 0, NULL },
	{ ROLE_FAULT_END, "x86_64", "do_wp_page", BY_KRETPROBE, "fault_end", 0, 0, 0, NULL },

	/* arch/mips/mm/init.c; copy_page is generated code, in which the kernel refuses probes */
	{ ROLE_COPY, "mips", "copy_user_highpage", BY_KPROBE, "copy_by_page", OBS, MAPPING_LINEAR,
	  ONLY_ALIASING | WANTS_END | WANTS_CALLS, NULL },
	{ ROLE_COPY, "mips", "copy_user_highpage", BY_KPROBE, "copy_by_page", OBS, MAPPING_LINEAR,
	  NEVER_ALIASING, NULL },
	/*
	 * The return probe shares the exception at the entry with ROLE_COPY, and at the return
	 * nothing has to be stepped over: a probe at the function's "jr $ra" costs 600 more.
	 */
	{ ROLE_COPY_END, "mips", "copy_user_highpage", BY_KRETPROBE, "copy_end", 0, 0,
	  ONLY_ALIASING, NULL },
	/* a probe at each call of it: calls.c; the address can be of any mapping of the source */
	{ ROLE_COPY_CALL, "mips", "copy_page", BY_KPROBE, "copy_call", OBS, MAPPING_COHERENT,
	  ONLY_ALIASING | AT_SITES, NULL },
	/* arch/arm64/mm/copypage.c */
	{ ROLE_COPY, "arm64", "copy_user_highpage", BY_KPROBE, "copy_by_page", OBS, MAPPING_LINEAR,
	  0, NULL },
	/* arch/x86/lib/copy_mc.c, called by copy_mc_user_highpage with both kernel addresses */
	{ ROLE_COPY, "x86_64", "copy_mc_to_kernel", BY_FENTRY, "copy_by_address_fentry", OBS,
	  MAPPING_LINEAR, WANTS_FAULT, INLINED },
	{ ROLE_COPY, "x86_64", "copy_mc_to_kernel", BY_KPROBE, "copy_by_address", OBS,
	  MAPPING_LINEAR, WANTS_FAULT, INLINED },

	/* arch/arm/mm/copypage-v6.c: through fixed windows, whose addresses are computed */
	{ ROLE_COPY, "armv6", "v6_copy_user_highpage_aliasing", BY_KPROBE, "copy_by_page", OBS,
	  MAPPING_WINDOW, ONLY_ALIASING | WANTS_END | WANTS_CALLS, NULL },
	{ ROLE_COPY_END, "armv6", "v6_copy_user_highpage_aliasing", BY_KRETPROBE, "copy_end", 0, 0,
	  ONLY_ALIASING, NULL },
	{ ROLE_COPY_CALL, "armv6", "copy_page", BY_KPROBE, "copy_call", OBS, MAPPING_WINDOW,
	  ONLY_ALIASING | AT_SITES, NULL },
	/*
	 * In the same file, with both pages through kmap_atomic; ARMv6 kernels have no HIGHMEM.
	 * A kernel that takes an aliasing cache for one without aliases copies in this way, too.
	 */
	{ ROLE_COPY, "armv6", "v6_copy_user_highpage_nonaliasing", BY_KPROBE, "copy_by_page", OBS,
	  MAPPING_LINEAR, 0, NULL },
	{ ROLE_COPY, "armhf", "v6_copy_user_highpage_nonaliasing", BY_KPROBE, "copy_by_page", OBS,
	  MAPPING_KMAP, WANTS_END | WANTS_MAPPING, NULL },
	{ ROLE_COPY_END, "armhf", "v6_copy_user_highpage_nonaliasing", BY_KRETPROBE, "copy_end",
	  0, 0, 0, NULL },
	/* copy_user_highpage is only a clone without the user address, which the fault has */
	{ ROLE_COPY, "i386", "wp_page_copy", BY_KPROBE, "copy_by_fault", OBS, MAPPING_KMAP,
	  WANTS_END | WANTS_MAPPING, CLONE },
	{ ROLE_COPY_END, "i386", "wp_page_copy", BY_KRETPROBE, "copy_end", 0, 0, 0, NULL },

	/*
	 * Write faults copy with copy_mc_generic (arch/powerpc/lib/copy_mc_64.S), in which the
	 * kernel refuses probes; the new page is passed to the other function right after.
	 */
	{ ROLE_COPY, "ppc64el", "wp_page_copy", BY_KPROBE, "copy_by_fault", OBS, MAPPING_LINEAR,
	  WANTS_END, INLINED },
	{ ROLE_COPY_END, "ppc64el", "page_add_new_anon_rmap", BY_KPROBE, "copy_end_by_new_page",
	  0, 0, 0, NULL },

	/* mm/highmem.c */
	{ ROLE_MAPPED_PAGE, "armhf", "__kmap_local_page_prot", BY_KPROBE, "mapping_page", OBS,
	  0, 0, NULL },
	{ ROLE_MAPPED_PAGE, "i386", "__kmap_local_page_prot", BY_KPROBE, "mapping_page", OBS,
	  0, 0, NULL },
	{ ROLE_MAPPING, "armhf", "__kmap_local_page_prot", BY_KRETPROBE, "mapping_ret", OBS,
	  MAPPING_KMAP, COMPLETE | WANTS_PAGE, NULL },
	{ ROLE_MAPPING, "i386", "__kmap_local_page_prot", BY_KRETPROBE, "mapping_ret", OBS,
	  MAPPING_KMAP, COMPLETE | WANTS_PAGE, NULL },

	/*
	 * kmap_coherent is one call of __kmap_pgprot, and inlined in copy_user_highpage's file.
	 * Where ROLE_COPY_CALL sees all copies, it only tells which page was flushed through a
	 * mapping.
	 */
	{ ROLE_MAPPING, "mips", "__kmap_pgprot", BY_KRETPROBE, "mapping_ret", OBS,
	  MAPPING_COHERENT, ONLY_ALIASING | COMPLETE | WANTS_PAGE, NULL },
	{ ROLE_MAPPED_PAGE, "mips", "__kmap_pgprot", BY_KPROBE, "mapping_page", OBS, 0,
	  ONLY_ALIASING, NULL },

	/* arch/mips/mm/c-r4k.c, called through the pointer flush_data_cache_page */
	{ ROLE_FLUSH, "mips", "r4k_flush_data_cache_page", BY_KPROBE, "flush_va", OBS,
	  MAPPING_LINEAR, ONLY_ALIASING | COMPLETE, NULL },

	/*
	 * In the same file, called through the pointer local_flush_data_cache_page; with more CPUs
	 * also by an interrupt from another one, with interrupts off.
	 */
	{ ROLE_FLUSH_LOCAL, "mips", "local_r4k_flush_data_cache_page", BY_KPROBE, "flush_local",
	  OBS, MAPPING_LINEAR, ONLY_ALIASING | ONLY_ONE_CPU | COMPLETE, NULL },
	/* arch/arm/mm/flush.c; flush_cache_mm flushes the whole data cache, in any process */
	{ ROLE_FLUSH, "armv6", "__flush_dcache_page", BY_KPROBE, "flush_page", OBS, MAPPING_LINEAR,
	  ONLY_ALIASING | COMPLETE, NULL },
	{ ROLE_FLUSH, "armv6", "__flush_dcache_folio", BY_KPROBE, "flush_page", OBS, MAPPING_LINEAR,
	  ONLY_ALIASING | COMPLETE, NULL },
	{ ROLE_FLUSH_USER, "armv6", "flush_cache_page", BY_KPROBE, "flush_user", OBS, 0,
	  ONLY_ALIASING | COMPLETE, NULL },
	{ ROLE_FLUSH_USER, "armv6", "flush_cache_pages", BY_KPROBE, "flush_user", OBS, 0,
	  ONLY_ALIASING | COMPLETE, NULL },
	{ ROLE_FLUSH_ALL, "armv6", "flush_cache_mm", BY_KPROBE, "flush_all", OBS, 0,
	  ONLY_ALIASING | COMPLETE, NULL },

	/*
	 * In the same file, called through the pointers flush_cache_page and __flush_cache_all.
	 * The kernel flushes so after each copy, too, so these two are attached only where copies
	 * need it (selfcheck.c).
	 */
	{ ROLE_FLUSH_USER, "mips", "r4k_flush_cache_page", BY_KPROBE, "flush_user", OBS, 0,
	  ONLY_ALIASING | COMPLETE, NULL },
	{ ROLE_FLUSH_ALL, "mips", "r4k___flush_cache_all", BY_KPROBE, "flush_all", OBS, 0,
	  ONLY_ALIASING | COMPLETE, NULL },

	/*
	 * Pages cleared for a user address. On MIPS clear_user_highpage is inlined, but the new
	 * page is passed to this function right after (mm/rmap.c; 6.6 renamed it). ARM clears by
	 * a function for each kind of CPU (arch/arm/mm/copypage-v6.c).
	 */
	{ ROLE_CLEAR, "mips", "folio_add_new_anon_rmap", BY_KPROBE, "clear_after", OBS,
	  MAPPING_LINEAR, ONLY_ALIASING | WANTS_CALLS, NULL },
	{ ROLE_CLEAR, "mips", "page_add_new_anon_rmap", BY_KPROBE, "clear_after", OBS,
	  MAPPING_LINEAR, ONLY_ALIASING | WANTS_CALLS, NULL },
	{ ROLE_CLEAR_CALL, "mips", "clear_page", BY_KPROBE, "clear_call", OBS, 0,
	  ONLY_ALIASING | AT_SITES, NULL },
	{ ROLE_CLEAR, "armv6", "v6_clear_user_highpage_aliasing", BY_KPROBE, "clear_at_entry", OBS,
	  MAPPING_WINDOW, ONLY_ALIASING | WANTS_CALLS, NULL },
	{ ROLE_CLEAR_CALL, "armv6", "memset", BY_KPROBE, "clear_call", OBS, 0,
	  ONLY_ALIASING | AT_SITES, NULL },
	/* mm/memory.c: called by clear_huge_page (6.1) and folio_zero_user (6.12) */
	{ ROLE_CLEAR_PART, "mips", "clear_subpage", BY_KPROBE, "clear_part", OBS, MAPPING_LINEAR,
	  ONLY_ALIASING, NULL },

	{ ROLE_SWITCH, NULL, "sched/sched_switch", BY_TRACEPOINT, "thread_switch", 0, 0, 0, NULL },
	{ ROLE_NEWTASK, NULL, "task/task_newtask", BY_TRACEPOINT, "task_new", 0, 0, 0, NULL },
	{ ROLE_EXEC, NULL, "sched/sched_process_exec", BY_TRACEPOINT, "task_exec", 0, 0, 0, NULL },
	{ ROLE_EXIT, NULL, "sched/sched_process_exit", BY_TRACEPOINT, "task_exit", 0, 0, 0, NULL },
	{},
};

_Static_assert(sizeof(catalogue) / sizeof(catalogue[0]) <= CATALOGUE_MAX,
	       "struct symbols has room for every row");

const char *mechanism__name(enum mechanism by)
{
	static const char *const names[] = {
		[BY_KPROBE] = "kprobe",
		[BY_KRETPROBE] = "kretprobe",
		[BY_FENTRY] = "fentry",
		[BY_FEXIT] = "fexit",
		[BY_TRACEPOINT] = "tracepoint",
	};

	return names[by];
}

const char *mechanism__family(enum mechanism by)
{
	if (by == BY_KRETPROBE)
		by = BY_KPROBE;
	return mechanism__name(mechanism__is_trampoline(by) ? BY_FENTRY : by);
}

bool mechanism__is_trampoline(enum mechanism by)
{
	return by == BY_FENTRY || by == BY_FEXIT;
}
