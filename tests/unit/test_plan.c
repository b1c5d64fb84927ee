// SPDX-License-Identifier: GPL-2.0-only
/* The planner on recorded symbol tables (user/probe/plan.c, user/probe/catalogue.c). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "probe/plan.h"
#include "quiet.h"
#include "probe/roles.h"
#include "tap.h"

#define KALLSYMS(name)	"tests/unit/kallsyms/" name ".txt"
#define MIPS		KALLSYMS("mips-4kc-6.1")
#define MIPS64		KALLSYMS("mips64-5kc-6.1")
#define MIPS64_612	KALLSYMS("mips64-5kc-6.12")
#define ARMV6		KALLSYMS("armv6-rpi-6.1")
#define ARMV6_612	KALLSYMS("armv6-rpi-6.12")
#define ARMHF		KALLSYMS("armhf-armmp-6.1")
#define I386		KALLSYMS("i386-686-6.1")
#define ARM64		KALLSYMS("arm64-cloud-6.1")
#define X86		KALLSYMS("x86_64-cloud-6.1")
#define X86_612		KALLSYMS("x86_64-cloud-6.12")

/* A small /proc/kallsyms in memory. */
static struct symbols symbols_of(const char *text)
{
	int fd = memfd_create("kallsyms", 0);
	struct symbols s;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || symbols__read(&s, path)) {
		perror("symbols_of");
		exit(1);
	}
	close(fd);
	return s;
}

/* Is word one of the words of list? */
static bool has_word(const char *list, const char *word)
{
	const size_t len = strlen(word);
	const char *at;

	for (at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/*
 * Reads the symbol table in file (NULL = an empty one), but not the symbols named in without,
 * a list of words, and adds the lines of plus.
 */
static struct symbols derived(const char *file, const char *without, const char *plus)
{
	char text[16384], line[512], name[256];
	size_t len = 0;
	FILE *f;

	text[0] = '\0';
	f = fopen(file ? file : "/dev/null", "r");
	if (!f) {
		perror(file);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#' || (sscanf(line, "%*s %*c %255s", name) == 1 &&
				       has_word(without, name)))
			continue;
		len += snprintf(text + len, sizeof(text) - len, "%s", line);
	}
	fclose(f);
	snprintf(text + len, sizeof(text) - len, "%s", plus);
	return symbols_of(text);
}

/* The plan as text: all that plan__rows shows. */
static const char *rendered(const struct plan *p)
{
	static char text[PLAN_MAX * sizeof(struct plan_row)];
	struct plan_row rows[PLAN_MAX];
	int i, n = plan__rows(p, rows);
	size_t len = 0;

	text[0] = '\0';
	for (i = 0; i < n; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s %s %s %s; ", rows[i].role,
				rows[i].mechanism, rows[i].function, rows[i].evidence);
	return text;
}

#define WINDOW		"window-begin kprobe uprobe_dup_mmap -; " \
			"window-end kprobe uprobe_end_dup_mmap -; "
#define FORK		"fork-tlb kprobe flush_tlb_mm -; " \
			"fork-flush kprobe r4k_flush_cache_mm -; "
#define PAGES_COPY	"copy kprobe copy_user_highpage observed; "
#define MIPS_COPY	PAGES_COPY "copy-end kretprobe copy_user_highpage -; " \
			"copy-call kprobe copy_page observed; "
#define X86_FAULT	"fault fentry wp_page_copy observed; "
#define X86_EARLY	"fault fentry do_wp_page observed; fault-end fexit do_wp_page -; "
#define X86_BY_FENTRY	"copy fentry copy_mc_to_kernel observed; "
#define X86_BY_KPROBE	"copy kprobe copy_mc_to_kernel observed; "
#define X86_COPY	X86_FAULT X86_BY_FENTRY
#define ARMV6_COPY	"copy kprobe v6_copy_user_highpage_aliasing observed; " \
			"copy-end kretprobe v6_copy_user_highpage_aliasing -; " \
			"copy-call kprobe copy_page observed; "
#define ARMV6_FLUSH	"flush kprobe __flush_dcache_page observed; " \
			"flush-user kprobe flush_cache_page observed; " \
			"flush-all kprobe flush_cache_mm observed; "
#define ARMV6_FLUSH_612	"flush kprobe __flush_dcache_folio observed; " \
			"flush-user kprobe flush_cache_pages observed; " \
			"flush-all kprobe flush_cache_mm observed; "
#define ARMV6_CLEAR	"clear kprobe v6_clear_user_highpage_aliasing observed; " \
			"clear-call kprobe memset observed; "
#define KMAP		"mapped-page kprobe __kmap_local_page_prot observed; " \
			"mapping kretprobe __kmap_local_page_prot observed; "
#define ARMHF_COPY	"copy kprobe v6_copy_user_highpage_nonaliasing observed; " \
			"copy-end kretprobe v6_copy_user_highpage_nonaliasing -; " KMAP
#define I386_COPY	"copy kprobe wp_page_copy observed; " \
			"copy-end kretprobe wp_page_copy -; " KMAP
#define MAPPING		"mapped-page kprobe __kmap_pgprot observed; " \
			"mapping kretprobe __kmap_pgprot observed; "
#define FLUSH_ALL	"flush-all kprobe r4k___flush_cache_all observed; "
#define FLUSH		"flush kprobe r4k_flush_data_cache_page observed; " \
			"flush-user kprobe r4k_flush_cache_page observed; " FLUSH_ALL
#define CLEAR_CALL	"clear-call kprobe clear_page observed; "
#define CLEAR		"clear kprobe page_add_new_anon_rmap observed; " CLEAR_CALL
#define CLEAR_612	"clear kprobe folio_add_new_anon_rmap observed; " CLEAR_CALL
#define CLEAR_PART	"clear-part kprobe clear_subpage observed; "
#define ALIASING	MAPPING FLUSH CLEAR
#define TASKS		"switch tracepoint sched/sched_switch -; " \
			"new-task tracepoint task/task_newtask -; " \
			"exec tracepoint sched/sched_process_exec -; " \
			"exit tracepoint sched/sched_process_exit -; "
#define UPROBES		"uprobe_dup_mmap uprobe_start_dup_mmap uprobe_end_dup_mmap"

static const struct plan_case {
	const char *what;
	const struct arch *arch;
	bool aliases;
	const char *prefer;
	const char *file, *without, *plus;
	const char *want;	/* as rendered() */
	enum role missing;	/* as plan__complete says; ROLE_COUNT = complete */
} cases[] = {
	/* every kernel of the lab, as it is */
	{ "MIPS 6.1", &arch_mips, true, NULL, MIPS, "", "",
	  WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1 on a CPU without aliases", &arch_mips, false, NULL, MIPS, "", "",
	  WINDOW PAGES_COPY TASKS, ROLE_COUNT },
	{ "MIPS64 6.1", &arch_mips, true, NULL, MIPS64, "", "",
	  WINDOW FORK MIPS_COPY ALIASING CLEAR_PART TASKS, ROLE_COUNT },
	{ "MIPS64 6.12", &arch_mips, true, NULL, MIPS64_612, "", "",
	  WINDOW FORK MIPS_COPY MAPPING FLUSH CLEAR_612 CLEAR_PART TASKS, ROLE_COUNT },
	{ "ARMv6 6.1", &arch_armv6, true, NULL, ARMV6, "", "",
	  WINDOW ARMV6_COPY ARMV6_FLUSH ARMV6_CLEAR TASKS, ROLE_COUNT },
	{ "ARMv6 6.12", &arch_armv6, true, NULL, ARMV6_612, "", "",
	  WINDOW ARMV6_COPY ARMV6_FLUSH_612 ARMV6_CLEAR TASKS, ROLE_COUNT },
	{ "ARMv7 6.1", &arch_armhf, false, NULL, ARMHF, "", "", WINDOW ARMHF_COPY TASKS,
	  ROLE_COUNT },
	{ "i386 6.1", &arch_i386, false, NULL, I386, "", "", WINDOW I386_COPY TASKS, ROLE_COUNT },
	{ "arm64 6.1", &arch_arm64, false, NULL, ARM64, "", "", WINDOW PAGES_COPY TASKS,
	  ROLE_COUNT },
	{ "x86_64 6.1", &arch_x86_64, false, NULL, X86, "", "", WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64 6.12", &arch_x86_64, false, NULL, X86_612, "", "",
	  WINDOW X86_EARLY X86_BY_FENTRY TASKS, ROLE_COUNT },

	{ "MIPS 6.1, without a flush of the whole cache", &arch_mips, true, NULL, MIPS,
	  "r4k___flush_cache_all", "", WINDOW FORK MIPS_COPY MAPPING
	  "flush kprobe r4k_flush_data_cache_page observed; "
	  "flush-user kprobe r4k_flush_cache_page observed; " CLEAR TASKS, ROLE_COUNT },
	{ "MIPS 6.1, forks flush by a clone: the other half is of no use", &arch_mips, true, NULL,
	  MIPS, "r4k_flush_cache_mm", "8163ef68 t r4k_flush_cache_mm.isra.0\n",
	  WINDOW MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, user addresses are flushed by a clone", &arch_mips, true, NULL, MIPS,
	  "r4k_flush_cache_page", "8163f898 t r4k_flush_cache_page.isra.0\n", WINDOW FORK MIPS_COPY
	  MAPPING "flush kprobe r4k_flush_data_cache_page observed; " FLUSH_ALL CLEAR TASKS, ROLE_COUNT },
	{ "MIPS 6.1, its copy_page is inlined", &arch_mips, true, NULL, MIPS, "copy_page", "",
	  WINDOW FORK PAGES_COPY "copy-end kretprobe copy_user_highpage -; " ALIASING TASKS,
	  ROLE_COUNT },
	{ "MIPS 6.1, its clear_page is inlined", &arch_mips, true, NULL, MIPS, "clear_page", "",
	  WINDOW FORK MIPS_COPY MAPPING FLUSH "clear kprobe page_add_new_anon_rmap observed; " TASKS,
	  ROLE_COUNT },
	{ "MIPS 6.1, a function of another architecture preferred", &arch_mips, true, "do_wp_page",
	  MIPS, "", "", WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, a function preferred that it has not", &arch_mips, true, "dup_mmap", MIPS,
	  "", "", WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, a function preferred that nobody knows", &arch_mips, true, "memcpy", MIPS,
	  "", "", WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, a mechanism preferred that it has not", &arch_mips, true, "fentry", MIPS, "",
	  "", WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, kprobe preferred: which it takes anyway", &arch_mips, true, "kprobe", MIPS,
	  "", "", WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS, a mapping function preferred without aliases", &arch_mips, false, "__kmap_pgprot",
	  MIPS, "", "", WINDOW PAGES_COPY TASKS, ROLE_COUNT },
	{ "MIPS without uprobes, dup_mmap inlined: no window begin", &arch_mips, true, NULL, MIPS,
	  UPROBES, "", "window-end kprobe flush_tlb_mm -; " FORK MIPS_COPY ALIASING TASKS,
	  ROLE_COUNT },
	{ "MIPS without uprobes", &arch_mips, true, NULL, MIPS, UPROBES,
	  "815ec000 t dup_mmap\n",
	  "window-begin kprobe dup_mmap -; window-end kprobe flush_tlb_mm -; "
	  FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS without __kmap_pgprot", &arch_mips, true, NULL, MIPS, "__kmap_pgprot", "",
	  WINDOW FORK MIPS_COPY FLUSH CLEAR TASKS, ROLE_COUNT },
	{ "MIPS, only a clone of the mapping function", &arch_mips, true, NULL, MIPS,
	  "__kmap_pgprot", "815d285c t __kmap_pgprot.isra.0\n",
	  WINDOW FORK MIPS_COPY FLUSH CLEAR TASKS, ROLE_COUNT },
	{ "MIPS without any fault function: the copy has its own address", &arch_mips, true, NULL,
	  MIPS, "wp_page_copy do_wp_page", "", WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS, both names of the function for new pages", &arch_mips, true, NULL, MIPS, "",
	  "818bbcb0 T folio_add_new_anon_rmap\n", WINDOW FORK MIPS_COPY MAPPING FLUSH CLEAR_612 TASKS,
	  ROLE_COUNT },
	{ "MIPS, both names of the function for new pages, the old one preferred", &arch_mips, true,
	  "page_add_new_anon_rmap", MIPS, "", "818bbcb0 T folio_add_new_anon_rmap\n",
	  WINDOW FORK MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS64, no function for new pages: no parts of them either", &arch_mips, true, NULL,
	  MIPS64, "page_add_new_anon_rmap", "", WINDOW FORK MIPS_COPY MAPPING FLUSH TASKS, ROLE_COUNT },
	{ "MIPS64, clear_subpage inlined", &arch_mips, true, NULL, MIPS64, "clear_subpage",
	  "ffffffff81d09d10 t clear_subpage.isra.0\n", WINDOW FORK MIPS_COPY ALIASING TASKS,
	  ROLE_COUNT },
	{ "MIPS64 without aliases: nobody asks for clears", &arch_mips, false, NULL, MIPS64, "",
	  "", WINDOW PAGES_COPY TASKS, ROLE_COUNT },
	{ "MIPS without its copy function", &arch_mips, true, NULL, MIPS, "copy_user_highpage", "",
	  WINDOW FORK ALIASING TASKS, ROLE_COPY },
	{ "copy_user_highpage as a clone only, as on i386", &arch_mips, true, NULL, MIPS,
	  "copy_user_highpage", "c02a1230 t copy_user_highpage.constprop.0\n",
	  WINDOW FORK ALIASING TASKS, ROLE_COPY },
	{ "copy_user_highpage and a clone of it", &arch_mips, true, NULL, MIPS, "",
	  "c02a1230 t copy_user_highpage.constprop.0\n", WINDOW FORK MIPS_COPY ALIASING TASKS,
	  ROLE_COUNT },
	{ "longer and shorter names", &arch_mips, true, NULL, MIPS, "copy_user_highpage",
	  "1 t copy_user_highpage_mc\n2 t __copy_user_highpage\n3 t copy_user_high\n",
	  WINDOW FORK ALIASING TASKS, ROLE_COPY },
	{ "ARMv6 without aliases: it copies otherwise", &arch_armv6, false, NULL, ARMV6, "", "",
	  WINDOW "copy kprobe v6_copy_user_highpage_nonaliasing observed; " TASKS, ROLE_COUNT },
	{ "ARMv6 without its clear function", &arch_armv6, true, NULL, ARMV6,
	  "v6_clear_user_highpage_aliasing", "",
	  WINDOW ARMV6_COPY ARMV6_FLUSH TASKS, ROLE_COUNT },
	{ "ARMv7 without __kmap_local_page_prot", &arch_armhf, false, NULL, ARMHF,
	  "__kmap_local_page_prot", "",
	  WINDOW "copy kprobe v6_copy_user_highpage_nonaliasing observed; "
	  "copy-end kretprobe v6_copy_user_highpage_nonaliasing -; " TASKS, ROLE_MAPPING },
	{ "i386 without wp_page_copy", &arch_i386, false, NULL, I386, "wp_page_copy", "",
	  WINDOW KMAP TASKS, ROLE_COPY },
	{ "x86_64, kprobe preferred", &arch_x86_64, false, "kprobe", X86, "", "",
	  WINDOW "fault kprobe wp_page_copy observed; " X86_BY_KPROBE TASKS, ROLE_COUNT },
	{ "x86_64, fentry preferred: which comes first anyway", &arch_x86_64, false, "fentry", X86,
	  "", "", WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64, do_wp_page preferred", &arch_x86_64, false, "do_wp_page", X86, "", "",
	  WINDOW X86_EARLY X86_BY_FENTRY TASKS, ROLE_COUNT },
	{ "x86_64 without uprobes", &arch_x86_64, false, NULL, X86, UPROBES, "",
	  "window-begin kprobe dup_mmap -; window-end kretprobe dup_mmap -; " X86_COPY TASKS,
	  ROLE_COUNT },
	{ "x86_64 without uprobes, dup_mmap preferred", &arch_x86_64, false, "dup_mmap", X86, "",
	  "", "window-begin kprobe dup_mmap -; window-end kretprobe dup_mmap -; " X86_COPY TASKS,
	  ROLE_COUNT },
	{ "x86_64 without uprobes, of dup_mmap only its cold part", &arch_x86_64, false, NULL,
	  X86, UPROBES " dup_mmap", "", X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64 without wp_page_copy: its caller, to its end", &arch_x86_64, false,
	  NULL, X86, "wp_page_copy", "", WINDOW X86_EARLY X86_BY_FENTRY TASKS, ROLE_COUNT },
	{ "x86_64 without any fault function: nothing tells the user address", &arch_x86_64, false,
	  NULL, X86, "wp_page_copy do_wp_page", "",
	  WINDOW X86_BY_FENTRY TASKS, ROLE_FAULT },
	{ "x86_64 without copy_mc_to_kernel", &arch_x86_64, false, NULL, X86, "copy_mc_to_kernel",
	  "", WINDOW X86_FAULT TASKS, ROLE_COPY },
	{ "x86_64, copy_mc_to_kernel is data", &arch_x86_64, false, NULL, X86, "copy_mc_to_kernel",
	  "1 d copy_mc_to_kernel\n2 D copy_mc_to_kernel\n3 r copy_mc_to_kernel\n"
	  "4 A copy_mc_to_kernel\n5 b copy_mc_to_kernel\n",
	  WINDOW X86_FAULT TASKS, ROLE_COPY },
	{ "x86_64, copy_mc_to_kernel is weak", &arch_x86_64, false, NULL, X86, "copy_mc_to_kernel",
	  "ffffffff947c2c20 W copy_mc_to_kernel\n", WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64, addresses hidden, a function in a module", &arch_x86_64, false, NULL, X86,
	  "copy_mc_to_kernel", "0000000000000000 t copy_mc_to_kernel\t[mc]\n",
	  WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64 table on MIPS: functions of another architecture", &arch_mips, true, NULL, X86,
	  "", "", WINDOW "clear kprobe page_add_new_anon_rmap observed; " TASKS, ROLE_COPY },
	{ "MIPS table on x86_64", &arch_x86_64, true, NULL, MIPS, "", "",
	  WINDOW X86_FAULT TASKS, ROLE_COPY },
	{ "no symbols at all", &arch_mips, true, NULL, NULL, "", "", TASKS, ROLE_COPY },
};

static struct plan plan_for(const struct symbols *s, const struct arch *arch, bool aliases,
			    const char *prefer)
{
	struct plan p = { .arch = arch, .symbols = s, .aliases = aliases, .prefer = prefer };

	plan__choose(&p);
	return p;
}

static void test_choices(void)
{
	const struct plan_case *c;
	struct symbols s;
	struct plan p;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum role missing = ROLE_COUNT;

		c = &cases[i];
		s = derived(c->file, c->without, c->plus);
		p = plan_for(&s, c->arch, c->aliases, c->prefer);
		is_str(rendered(&p), c->want, c->what);
		ok(plan__complete(&p, &missing) == (c->missing == ROLE_COUNT) &&
		   missing == c->missing, "%s: %s", c->what,
		   missing == ROLE_COUNT ? "complete" : role__name(missing));
	}
}

static const char *why_not(const struct plan *p, const char *function)
{
	int i;

	for (i = 0; i < p->rejections; i++)
		if (!strcmp(p->rejected[i].row->function, function))
			return p->rejected[i].why;
	return "";
}

static void test_reasons(void)
{
	struct symbols s = derived(MIPS, "r4k_flush_cache_page __kmap_pgprot",
				   "1 t r4k_flush_cache_page.isra.0\n2 t __kmap_pgprot_mc\n");
	struct plan p = plan_for(&s, &arch_mips, true, NULL);

	is_str(why_not(&p, "__kmap_pgprot"), "not in this kernel", "reason: absent");
	is_str(why_not(&p, "r4k_flush_cache_page"),
	       "only a compiler's clone, whose arguments differ", "reason: clone");
	is_str(why_not(&p, "folio_add_new_anon_rmap"), "not in this kernel", "reason: renamed");
	is_str(why_not(&p, "clear_subpage"), "not in this kernel", "reason: no huge pages");
	is_str(why_not(&p, "copy_mc_to_kernel"), "", "rows of other architectures need no reason");
	is_str(why_not(&p, "page_add_new_anon_rmap"), "", "nor does what was chosen");
	is(p.rejections, 4, "every candidate that was passed over, once");
	plan__choose(&p);
	is(p.rejections, 4, "choosing anew says the same");
}

static void test_reject(void)
{
	struct symbols s = derived(X86, "", "");
	struct plan p = plan_for(&s, &arch_x86_64, false, "do_wp_page");
	const struct candidate *entered = p.pick[ROLE_FAULT];
	int before = p.rejections;
	char was[4096];

	is_str(entered->function, "do_wp_page", "preferred first");
	ok(p.pick[ROLE_FAULT_END], "it may not copy: its end has to be seen");
	snprintf(was, sizeof(was), "%s", rendered(&p));
	is(plan__reject(&p, ROLE_FAULT, "did not fire"), 0, "another candidate is left");
	ok(p.pick[ROLE_FAULT]->by == BY_KPROBE && p.pick[ROLE_FAULT_END],
	   "the same function by other means, and its end");
	is_str(why_not(&p, "do_wp_page"), "did not fire", "the reason is kept");
	is(p.rejections, before + 1, "one more rejection");
	is(plan__reject(&p, ROLE_FAULT, "nor this"), 0, "another function is left");
	is_str(p.pick[ROLE_FAULT]->function, "wp_page_copy", "then the catalogue's order");
	ok(!p.pick[ROLE_FAULT_END], "it always copies: its end does not matter");
	is(plan__reject(&p, ROLE_FAULT, "nor that"), 0, "the same, by kprobe");
	is(plan__reject(&p, ROLE_FAULT, "nor the last"), -1, "no candidate is left");
	ok(!p.pick[ROLE_FAULT] && !p.pick[ROLE_FAULT_END], "none is chosen");
	is(p.rejections, before + 4, "three more rejections");
	is(plan__reject(&p, ROLE_FAULT, "again"), -1, "still none is left");
	is(p.rejections, before + 4, "nothing is rejected twice");
	is_str(why_not(&p, "wp_page_copy"), "nor that", "the first reason stands");
	ok(!strstr(rendered(&p), "fault "), "a role without a candidate has no row");
	plan__restore(&p, entered);
	is_str(rendered(&p), was, "restored");
	is(plan__reject(&p, ROLE_FAULT, "again"), -1, "what was restored can fail again");
	is(p.rejections, before + 4, "which is no new rejection");
	plan__choose(&p);
	is_str(rendered(&p), was, "choosing anew forgets what was rejected");
}

/* Rejecting all candidates of each role of these kernels: each comes once, and there is an end. */
static void test_exhaust(void)
{
	static const struct {
		const char *what, *file;
		const struct arch *arch;
		int want[ROLE_COUNT];
	} kernels[] = {
		{ "MIPS", MIPS, &arch_mips, {
			[ROLE_WINDOW_BEGIN] = 1, [ROLE_WINDOW_END] = 2,
			[ROLE_COPY] = 1, [ROLE_COPY_END] = 1, [ROLE_MAPPED_PAGE] = 1,
			[ROLE_MAPPING] = 1, [ROLE_FLUSH] = 1, [ROLE_FLUSH_USER] = 1, [ROLE_FLUSH_ALL] = 1,
			[ROLE_FORK_TLB] = 1, [ROLE_FORK_FLUSH] = 1,
			[ROLE_CLEAR] = 1, [ROLE_SWITCH] = 1,
			[ROLE_NEWTASK] = 1, [ROLE_EXEC] = 1, [ROLE_EXIT] = 1 } },
		/*
		 * copy-call is dropped when copy has no candidate left; clear-call and clear-part
		 * when clear has none
		 */
		{ "MIPS64", MIPS64, &arch_mips, {
			[ROLE_WINDOW_BEGIN] = 2, [ROLE_WINDOW_END] = 3,
			[ROLE_COPY] = 1, [ROLE_COPY_END] = 1, [ROLE_MAPPED_PAGE] = 1,
			[ROLE_MAPPING] = 1, [ROLE_FLUSH] = 1, [ROLE_FLUSH_USER] = 1, [ROLE_FLUSH_ALL] = 1,
			[ROLE_FORK_TLB] = 1, [ROLE_FORK_FLUSH] = 1,
			[ROLE_CLEAR] = 1, [ROLE_SWITCH] = 1,
			[ROLE_NEWTASK] = 1, [ROLE_EXEC] = 1, [ROLE_EXIT] = 1 } },
		{ "x86_64", X86, &arch_x86_64, {
			[ROLE_WINDOW_BEGIN] = 2, [ROLE_WINDOW_END] = 2, [ROLE_FAULT] = 4,
			[ROLE_COPY] = 2, [ROLE_SWITCH] = 1, [ROLE_NEWTASK] = 1, [ROLE_EXEC] = 1,
			[ROLE_EXIT] = 1 } },
	};
	enum role missing;
	unsigned int k;
	int role, n;

	for (k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++) {
		struct symbols s = derived(kernels[k].file, "", "");
		struct plan p = plan_for(&s, kernels[k].arch, true, NULL);

		for (role = 0; role < ROLE_COUNT; role++) {
			for (n = 0; p.pick[role] && n < REJECTED_MAX; n++)
				plan__reject(&p, role, "test");
			ok(n == kernels[k].want[role], "%s: %d candidates for %s",
			   kernels[k].what, n, role__name(role));
		}
		ok(!plan__rows(&p, (struct plan_row[PLAN_MAX]){}), "%s: no row is left",
		   kernels[k].what);
		ok(!plan__complete(&p, &missing) && missing == ROLE_COPY,
		   "%s: the copy is what misses first", kernels[k].what);
	}
}

static void is_plan(const struct plan *p, const char *want, const char *what)
{
	enum role missing;

	is_str(rendered(p), want, what);
	ok(plan__complete(p, &missing), "%s: complete", what);
}

/* Trampolines that have no BTF or do not load, in the order in which they are tried. */
static void test_trampolines(void)
{
	struct symbols s61 = derived(X86, "", ""), s612 = derived(X86_612, "", "");
	struct plan p = plan_for(&s61, &arch_x86_64, false, NULL);
	int role;

	is(plan__reject(&p, ROLE_FAULT, "no BTF"), 0, "6.1: the fault's trampoline is rejected");
	is_plan(&p, WINDOW "fault kprobe wp_page_copy observed; " X86_BY_FENTRY TASKS,
		"6.1: the same function by kprobe");
	is(plan__reject(&p, ROLE_COPY, "no BTF"), 0, "6.1: the copy's trampoline is rejected");
	is_plan(&p, WINDOW "fault kprobe wp_page_copy observed; " X86_BY_KPROBE TASKS,
		"6.1: kprobes alone");
	is(plan__reject(&p, ROLE_FAULT, "did not fire"), 0, "6.1: wp_page_copy is inlined");
	is_plan(&p, WINDOW X86_EARLY X86_BY_KPROBE TASKS,
		"6.1: its caller has a trampoline of its own to try, and an end");

	p = plan_for(&s612, &arch_x86_64, false, NULL);
	is(plan__reject(&p, ROLE_FAULT_END, "no BTF"), 0, "6.12: the end's is rejected");
	is_plan(&p, WINDOW "fault fentry do_wp_page observed; fault-end kretprobe do_wp_page -; "
		X86_BY_FENTRY TASKS, "6.12: the end by kretprobe");
	is(plan__reject(&p, ROLE_FAULT, "no BTF"), 0, "6.12: the fault's is rejected");
	is_plan(&p, WINDOW "fault kprobe do_wp_page observed; fault-end kretprobe do_wp_page -; "
		X86_BY_FENTRY TASKS, "6.12: what was rejected before stays so");
	is(plan__reject(&p, ROLE_FAULT, "did not fire"), -1, "6.12: no fault function is left");
	ok(!p.pick[ROLE_FAULT_END], "6.12: nor an end to look for");

	/* as session.c does when the kernel has no BTF at all */
	p = plan_for(&s612, &arch_x86_64, false, "fentry");
	for (role = 0; role < ROLE_COUNT; role++)
		while (p.pick[role] && mechanism__is_trampoline(p.pick[role]->by))
			plan__reject(&p, role, "no BTF");
	is_plan(&p, WINDOW "fault kprobe do_wp_page observed; fault-end kretprobe do_wp_page -; "
		X86_BY_KPROBE TASKS, "6.12: in one go, though preferred");
	is(p.rejections, 5, "wp_page_copy twice for its absence, and the three trampolines");
}

/* Other effects of a rejection. */
static void test_together(void)
{
	struct symbols s = derived(MIPS64_612, "", "");
	struct plan p = plan_for(&s, &arch_mips, true, NULL);

	ok(p.pick[ROLE_CLEAR] && p.pick[ROLE_CLEAR_PART], "clears, and those of huge pages");
	is(plan__reject(&p, ROLE_CLEAR_PART, "test"), -1, "no other function for the parts");
	ok(p.pick[ROLE_CLEAR] && !p.pick[ROLE_CLEAR_PART], "clears without those of huge pages");
	plan__choose(&p);
	is(plan__reject(&p, ROLE_CLEAR, "did not show them"), -1, "no other function for clears");
	ok(!p.pick[ROLE_CLEAR_PART], "then huge pages' clears are not asked for either");
	ok(!strstr(rendered(&p), "clear"), "and the plan does not speak of them");
}

#define INLINED	"copy_user_highpage is inlined, and only a write fault tells the address"
#define CLONED	"of copy_user_highpage there is only a compiler's clone"
#define NO_COPY	"nothing can be probed for copies"

/* If the copy itself is not seen, only write faults on present pages are. */
static void test_unseen(void)
{
	static const struct {
		const char *file;
		const struct arch *arch;
		bool aliases;
		const char *why;	/* NULL: every path is seen */
	} kernels[] = {
		{ MIPS, &arch_mips, true, NULL },
		{ MIPS, &arch_mips, false, NULL },
		{ MIPS64_612, &arch_mips, true, NULL },
		{ ARMV6, &arch_armv6, true, NULL },
		{ ARMHF, &arch_armhf, false, NULL },
		{ ARM64, &arch_arm64, false, NULL },
		{ I386, &arch_i386, false, CLONED },
		{ X86, &arch_x86_64, false, INLINED },
		{ X86_612, &arch_x86_64, false, INLINED },
	};
	unsigned int k;
	int path;

	for (k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++) {
		struct symbols s = derived(kernels[k].file, "", "");
		struct plan p = plan_for(&s, kernels[k].arch, kernels[k].aliases, NULL);

		for (path = PATH_UNKNOWN + 1; path < PATH_COUNT; path++) {
			const bool faults = path == PATH_WP || path == PATH_KSM ||
					    path == PATH_THP;
			const char *want = faults ? NULL : kernels[k].why;
			const char *why = plan__unseen(&p, path);

			ok(want ? why && !strcmp(why, want) : !why, "%s: %s: %s", kernels[k].file,
			   path__name(path), why ?: "seen");
		}
		p.pick[ROLE_COPY] = NULL;
		for (path = PATH_UNKNOWN + 1; path < PATH_COUNT; path++)
			is_str(plan__unseen(&p, path), NO_COPY, "no copy function: nothing");
	}
	/* with any mechanism; copy_user_highpage itself makes every copy */
	for (k = 0; catalogue[k].function; k++) {
		const struct candidate *c = &catalogue[k];
		const char *why = c->blind;

		if (c->role == ROLE_COPY)
			ok(!why == !!strstr(c->function, "copy_user_highpage"),
			   "%s by %s: %s", c->function, mechanism__name(c->by), why ?: "seen");
	}
}

static void test_of_use(void)
{
	struct symbols s = derived(MIPS64, "", ""), x86 = derived(X86_612, "", "");
	struct plan p = plan_for(&s, &arch_mips, true, NULL);
	int role, n = 0;

	ok(role__useful(ROLE_CLEAR_PART, p.pick), "parts of clears, with clears");
	ok(!role__useful(ROLE_FAULT_END, p.pick), "the end of a fault, without a fault");
	p.pick[ROLE_CLEAR] = NULL;
	ok(!role__useful(ROLE_CLEAR_PART, p.pick), "parts of clears, without clears");
	for (role = 0; role < ROLE_COUNT; role++)
		n += role__useful(role, p.pick);
	ok(!role__useful(ROLE_CLEAR_CALL, p.pick), "calls that clear, without clears");
	p.pick[ROLE_FORK_FLUSH] = NULL;
	ok(!role__useful(ROLE_FORK_TLB, p.pick), "TLB flushes of forks, without cache flushes");
	ok(role__useful(ROLE_MAPPED_PAGE, p.pick), "which page, where both sides can be mapped");
	is(n, ROLE_COUNT - 3, "every other role is of use");
	p.pick[ROLE_MAPPING] = p.pick[ROLE_COPY] = NULL;
	ok(!role__useful(ROLE_MAPPED_PAGE, p.pick), "which page, without mappings");
	ok(!role__useful(ROLE_COPY_CALL, p.pick), "calls that copy, without copies");
	p = plan_for(&x86, &arch_x86_64, false, NULL);
	ok(!role__useful(ROLE_COPY_CALL, p.pick), "calls that copy, where nothing asks for them");
	ok(role__useful(ROLE_FAULT_END, p.pick), "the end of a fault that may not copy");
	p.pick[ROLE_FAULT] = NULL;
	ok(!role__useful(ROLE_FAULT_END, p.pick), "... not without its beginning");
}

/* What the code that was read cannot reach has no probe. */
static void test_unreached(void)
{
	static const struct {
		const char *what;
		bool watched, called;
		__u32 reached;
		bool user, all;		/* which are kept */
	} tests[] = {
		{ "neither is reached", true, true, 1U << ROLE_FLUSH, false, false },
		{ "one is", true, true, 1U << ROLE_FLUSH | 1U << ROLE_FLUSH_USER, true, false },
		{ "the other is", true, true, 1U << ROLE_FLUSH_ALL, false, true },
		{ "both are", true, true, 1U << ROLE_FLUSH_USER | 1U << ROLE_FLUSH_ALL, true, true },
		{ "something is not watched", false, true, 0, true, true },
		{ "the code was not read", true, false, 0, true, true },
	};
	struct symbols s = derived(MIPS, "", "");
	struct plan p;
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		p = plan_for(&s, &arch_mips, true, NULL);
		p.copy_calls = (struct calls){ .n = 1, .watched = tests[i].watched,
					       .reached = tests[i].reached };
		if (!tests[i].called)
			p.pick[ROLE_COPY_CALL] = NULL;
		plan__drop_unreached(&p);
		ok(!!p.pick[ROLE_FLUSH_USER] == tests[i].user &&
		   !!p.pick[ROLE_FLUSH_ALL] == tests[i].all && p.pick[ROLE_FLUSH],
		   "flushes in copies: %s", tests[i].what);
		ok(plan__copies_run_through(&p) == (tests[i].watched && tests[i].called),
		   "other threads during copies: %s", tests[i].what);
	}
	p = plan_for(&s, &arch_mips, true, NULL);
	p.copy_calls = (struct calls){ .n = 1, .watched = true, .yields = true };
	ok(!plan__copies_run_through(&p), "other threads during copies: one may run");
}

/* Roles a plan cannot do without, one at a time. */
static void test_required(void)
{
	static const struct {
		const char *file;
		const struct arch *arch;
		enum role role;
		bool required;
	} roles[] = {
		{ MIPS, &arch_mips, ROLE_WINDOW_BEGIN, false },
		{ MIPS, &arch_mips, ROLE_WINDOW_END, false },
		{ MIPS, &arch_mips, ROLE_FAULT, false },
		{ MIPS, &arch_mips, ROLE_COPY, true },
		{ MIPS, &arch_mips, ROLE_COPY_END, true },
		{ MIPS, &arch_mips, ROLE_COPY_CALL, false },
		{ MIPS, &arch_mips, ROLE_MAPPED_PAGE, true },
		{ MIPS, &arch_mips, ROLE_MAPPING, false },
		{ MIPS, &arch_mips, ROLE_FLUSH, false },
		{ MIPS, &arch_mips, ROLE_FLUSH_USER, false },
		{ MIPS, &arch_mips, ROLE_FLUSH_ALL, false },
		{ MIPS, &arch_mips, ROLE_CLEAR_CALL, false },
		{ MIPS, &arch_mips, ROLE_CLEAR, false },
		{ MIPS64, &arch_mips, ROLE_CLEAR_PART, false },
		{ MIPS, &arch_mips, ROLE_SWITCH, true },
		{ MIPS, &arch_mips, ROLE_NEWTASK, true },
		{ MIPS, &arch_mips, ROLE_EXEC, true },
		{ MIPS, &arch_mips, ROLE_EXIT, true },
		{ X86, &arch_x86_64, ROLE_FAULT, true },
		{ X86, &arch_x86_64, ROLE_COPY, true },
		{ X86, &arch_x86_64, ROLE_COPY_END, false },
		{ X86, &arch_x86_64, ROLE_FAULT_END, false },
		{ X86_612, &arch_x86_64, ROLE_FAULT_END, true },
		{ ARMHF, &arch_armhf, ROLE_COPY_END, true },
		{ ARMHF, &arch_armhf, ROLE_MAPPED_PAGE, true },
		{ I386, &arch_i386, ROLE_MAPPING, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct symbols s = derived(roles[i].file, "", "");
		struct plan p = plan_for(&s, roles[i].arch, true, NULL);
		enum role missing = ROLE_COUNT;

		p.pick[roles[i].role] = NULL;
		ok(plan__complete(&p, &missing) != roles[i].required &&
		   missing == (roles[i].required ? roles[i].role : ROLE_COUNT),
		   "%s without %s", roles[i].arch->name, role__name(roles[i].role));
	}
}

static void test_long_reason(void)
{
	struct symbols s = derived(MIPS, "", "");
	struct plan p = plan_for(&s, &arch_mips, true, NULL);
	char why[300];

	memset(why, 'y', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	plan__reject(&p, ROLE_FLUSH, why);
	is(strlen(why_not(&p, "r4k_flush_data_cache_page")), sizeof(p.rejected[0].why) - 1,
	   "a long reason is cut");
}

/* The comments in the recorded tables must make no difference. */
static void test_recorded_files(void)
{
	static const char *const files[] = { MIPS, MIPS64, MIPS64_612, ARMV6, ARMV6_612, ARMHF,
					     I386, ARM64, X86, X86_612 };
	struct symbols s, without_comments;
	int k, open_end;
	unsigned int i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		without_comments = derived(files[i], "", "");
		ok(!symbols__read(&s, files[i]) && !memcmp(&s, &without_comments, sizeof(s)),
		   "%s", files[i]);
		for (k = 0, open_end = 0; k < s.callers.n; k++)
			open_end += s.callers.list[k].end <= s.callers.list[k].start;
		ok(s.callers.n >= 4 && !open_end, "%s: %d functions that copy, with their ends",
		   files[i], s.callers.n);
	}
	s = symbols_of("8000 t dup_mmap.cold\n");
	for (i = 0; catalogue[i].function; i++) {
		const bool tracepoint = catalogue[i].by == BY_TRACEPOINT;
		const bool clone = !strcmp(catalogue[i].function, "dup_mmap");

		ok(s.present[i] == tracepoint && s.cloned[i] == clone, "one clone: %s",
		   catalogue[i].function);
	}
	s = symbols_of("8000 T dup_mmap");
	for (i = 0; strcmp(catalogue[i].function, "dup_mmap"); i++)
		;
	ok(s.present[i] && !s.cloned[i], "a last line without an end");
}

static void test_no_file(void)
{
	char path[] = "/tmp/brindle-test.XXXXXX";
	struct symbols s;
	int fd, ret;

	quiet__begin();
	ret = symbols__read(&s, "/nonexistent/kallsyms");
	quiet__end();
	ok(ret == EXIT_UNSUPPORTED && quiet_lines() == 1 &&
	   strstr(quiet_text, "/nonexistent/kallsyms"), "a table that is not there");
	fd = mkstemp(path);
	quiet__begin();
	if (fd < 0 || fchmod(fd, 0) || (!geteuid() && seteuid(65534)))
		perror(path);
	ret = symbols__read(&s, path);
	if (!getuid() && seteuid(0))
		perror("seteuid");
	quiet__end();
	unlink(path);
	close(fd);
	ok(ret == EXIT_PERM && quiet_lines() == 1, "a table that may not be read");
}

/* Properties of the catalogue that plan.c and plan.h rely on. */
static void test_catalogue(void)
{
	unsigned int n, i, twice = 0;
	struct symbols s;

	for (n = 0; catalogue[n].function; n++)
		for (i = 0; i < n; i++)
			twice += catalogue[i].role == catalogue[n].role &&
				 catalogue[i].by == catalogue[n].by &&
				 !strcmp(catalogue[i].program, catalogue[n].program) &&
				 (catalogue[i].flags | catalogue[n].flags) !=
				 (catalogue[i].flags | catalogue[n].flags | ONLY_ALIASING |
				  NEVER_ALIASING) &&
				 (!catalogue[i].arch || !catalogue[n].arch ||
				  !strcmp(catalogue[i].arch, catalogue[n].arch)) &&
				 !strcmp(catalogue[i].function, catalogue[n].function);
	ok(n <= sizeof(s.present) && n <= REJECTED_MAX, "%u rows: room for all", n);
	ok(sizeof(s.cloned) == sizeof(s.present), "and for their clones");
	ok(!twice, "no row twice");
	ok(ROLE_COUNT <= PLAN_MAX, "a plan has room for every role");
	for (i = 0; i < n; i++) {
		const struct candidate *c = &catalogue[i];

		ok((!c->arch || arch__by_name(c->arch)) && c->role < ROLE_COUNT &&
		   c->program && *c->program && c->kind < MAPPING_COUNT &&
		   c->evidence < EVIDENCE_COUNT &&
		   strlen(c->function) < sizeof(((struct plan_row *)0)->function) &&
		   !strchr(c->function, '.') &&
		   !strchr(c->function, '/') == (c->by != BY_TRACEPOINT) &&
		   mechanism__name(c->by), "row %u, %s: well-formed", i, c->function);
		/* a kernel without BTF falls back on the next row */
		ok(!mechanism__is_trampoline(c->by) ||
		   (!strcmp(c->function, c[1].function) && c->role == c[1].role &&
		    c[1].by == (c->by == BY_FENTRY ? BY_KPROBE : BY_KRETPROBE) &&
		    c->flags == c[1].flags), "row %u, %s: by breakpoint, too", i, c->function);
	}
}

int main(void)
{
	test_choices();
	test_reasons();
	test_reject();
	test_exhaust();
	test_trampolines();
	test_together();
	test_unseen();
	test_of_use();
	test_unreached();
	test_required();
	test_long_reason();
	test_recorded_files();
	test_no_file();
	test_catalogue();
	return tap__done();
}
