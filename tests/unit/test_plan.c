// SPDX-License-Identifier: GPL-2.0-only
/* The planner on recorded symbol tables (user/plan.c, user/catalogue.c). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../user/err.h"
#include "../../user/plan.h"
#include "quiet.h"
#include "tap.h"

#define MIPS	"tests/unit/kallsyms/mips-4kc-6.1.txt"
#define X86	"tests/unit/kallsyms/x86_64-cloud-6.1.txt"

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
 * The table in file (NULL = an empty one) without the symbols called as one of the words
 * of without, and with the lines of plus.
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

/* All of the plan as text: what plan__rows shows. */
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
#define PAGES_COPY	"fault kprobe wp_page_copy observed; " \
			"copy kprobe copy_user_highpage observed; "
#define MIPS_COPY	PAGES_COPY "copy-end kretprobe copy_user_highpage -; "
#define X86_COPY	"fault kprobe wp_page_copy observed; " \
			"copy kprobe copy_mc_to_kernel observed; "
#define FLUSH		"flush kprobe r4k_flush_data_cache_page observed; "
#define ALIASING	"mapping kretprobe __kmap_pgprot observed; " FLUSH
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
	{ "MIPS 6.1", &arch_mips, true, NULL, MIPS, "", "",
	  WINDOW MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1 on a CPU without aliases", &arch_mips, false, NULL, MIPS, "", "",
	  WINDOW PAGES_COPY TASKS, ROLE_COUNT },
	{ "MIPS 6.1, kmap_coherent preferred", &arch_mips, true, "kmap_coherent", MIPS, "", "",
	  WINDOW MIPS_COPY "mapping kretprobe kmap_coherent observed; " FLUSH TASKS, ROLE_COUNT },
	{ "MIPS 6.1, do_wp_page preferred", &arch_mips, true, "do_wp_page", MIPS, "", "",
	  WINDOW "fault kprobe do_wp_page observed; "
	  "copy kprobe copy_user_highpage observed; copy-end kretprobe copy_user_highpage -; "
	  ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, a function preferred that it has not", &arch_mips, true, "dup_mmap", MIPS,
	  "", "", WINDOW MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS 6.1, a function preferred that nobody knows", &arch_mips, true, "copy_page", MIPS,
	  "", "", WINDOW MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS, kmap_coherent preferred without aliases", &arch_mips, false, "kmap_coherent",
	  MIPS, "", "", WINDOW PAGES_COPY TASKS, ROLE_COUNT },
	{ "MIPS without uprobes, dup_mmap inlined: no window begin", &arch_mips, true, NULL, MIPS,
	  UPROBES, "", "window-end kprobe flush_tlb_mm -; " MIPS_COPY ALIASING TASKS,
	  ROLE_COUNT },
	{ "MIPS without uprobes", &arch_mips, true, NULL, MIPS, UPROBES,
	  "815ec000 t dup_mmap\n",
	  "window-begin kprobe dup_mmap -; window-end kprobe flush_tlb_mm -; "
	  MIPS_COPY ALIASING TASKS, ROLE_COUNT },
	{ "MIPS without __kmap_pgprot", &arch_mips, true, NULL, MIPS, "__kmap_pgprot", "",
	  WINDOW MIPS_COPY "mapping kretprobe kmap_coherent observed; " FLUSH TASKS, ROLE_COUNT },
	{ "MIPS, only clones of the mapping functions", &arch_mips, true, NULL, MIPS,
	  "__kmap_pgprot kmap_coherent",
	  "815d285c t __kmap_pgprot.isra.0\n815d2a30 t kmap_coherent.part.0\n",
	  WINDOW MIPS_COPY FLUSH TASKS, ROLE_COUNT },
	{ "MIPS without wp_page_copy", &arch_mips, true, NULL, MIPS, "wp_page_copy", "",
	  WINDOW "fault kprobe do_wp_page observed; "
	  "copy kprobe copy_user_highpage observed; copy-end kretprobe copy_user_highpage -; "
	  ALIASING TASKS, ROLE_COUNT },
	{ "MIPS without any fault function: the copy has its own address", &arch_mips, true, NULL,
	  MIPS, "wp_page_copy do_wp_page", "",
	  WINDOW "copy kprobe copy_user_highpage observed; "
	  "copy-end kretprobe copy_user_highpage -; " ALIASING TASKS, ROLE_COUNT },
	{ "MIPS without its copy function", &arch_mips, true, NULL, MIPS, "copy_user_highpage", "",
	  WINDOW "fault kprobe wp_page_copy observed; " ALIASING TASKS, ROLE_COPY },
	{ "copy_user_highpage as a clone only, as on i386", &arch_mips, true, NULL, MIPS,
	  "copy_user_highpage", "c02a1230 t copy_user_highpage.constprop.0\n",
	  WINDOW "fault kprobe wp_page_copy observed; " ALIASING TASKS, ROLE_COPY },
	{ "copy_user_highpage and a clone of it", &arch_mips, true, NULL, MIPS, "",
	  "c02a1230 t copy_user_highpage.constprop.0\n", WINDOW MIPS_COPY ALIASING TASKS,
	  ROLE_COUNT },
	{ "longer and shorter names", &arch_mips, true, NULL, MIPS, "copy_user_highpage",
	  "1 t copy_user_highpage_mc\n2 t __copy_user_highpage\n3 t copy_user_high\n",
	  WINDOW "fault kprobe wp_page_copy observed; " ALIASING TASKS, ROLE_COPY },
	{ "x86_64 6.1", &arch_x86_64, false, NULL, X86, "", "", WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64 without uprobes", &arch_x86_64, false, NULL, X86, UPROBES, "",
	  "window-begin kprobe dup_mmap -; window-end kretprobe dup_mmap -; " X86_COPY TASKS,
	  ROLE_COUNT },
	{ "x86_64 without uprobes, dup_mmap preferred", &arch_x86_64, false, "dup_mmap", X86, "",
	  "", "window-begin kprobe dup_mmap -; window-end kretprobe dup_mmap -; " X86_COPY TASKS,
	  ROLE_COUNT },
	{ "x86_64 without uprobes, of dup_mmap only its cold part", &arch_x86_64, false, NULL,
	  X86, UPROBES " dup_mmap", "", X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64 without wp_page_copy: its caller, to its end", &arch_x86_64, false,
	  NULL, X86, "wp_page_copy", "",
	  WINDOW "fault kprobe do_wp_page observed; fault-end kretprobe do_wp_page -; "
	  "copy kprobe copy_mc_to_kernel observed; " TASKS, ROLE_COUNT },
	{ "x86_64 without any fault function: nothing tells the user address", &arch_x86_64, false,
	  NULL, X86, "wp_page_copy do_wp_page", "",
	  WINDOW "copy kprobe copy_mc_to_kernel observed; " TASKS, ROLE_FAULT },
	{ "x86_64 without copy_mc_to_kernel", &arch_x86_64, false, NULL, X86, "copy_mc_to_kernel",
	  "", WINDOW "fault kprobe wp_page_copy observed; " TASKS, ROLE_COPY },
	{ "x86_64, copy_mc_to_kernel is data", &arch_x86_64, false, NULL, X86, "copy_mc_to_kernel",
	  "1 d copy_mc_to_kernel\n2 D copy_mc_to_kernel\n3 r copy_mc_to_kernel\n"
	  "4 A copy_mc_to_kernel\n5 b copy_mc_to_kernel\n",
	  WINDOW "fault kprobe wp_page_copy observed; " TASKS, ROLE_COPY },
	{ "x86_64, copy_mc_to_kernel is weak", &arch_x86_64, false, NULL, X86, "copy_mc_to_kernel",
	  "ffffffff947c2c20 W copy_mc_to_kernel\n", WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64, addresses hidden, a function in a module", &arch_x86_64, false, NULL, X86,
	  "copy_mc_to_kernel", "0000000000000000 t copy_mc_to_kernel\t[mc]\n",
	  WINDOW X86_COPY TASKS, ROLE_COUNT },
	{ "x86_64 table on MIPS: functions of another architecture", &arch_mips, true, NULL, X86,
	  "", "", WINDOW "fault kprobe wp_page_copy observed; " TASKS, ROLE_COPY },
	{ "MIPS table on x86_64", &arch_x86_64, true, NULL, MIPS, "", "",
	  WINDOW "fault kprobe wp_page_copy observed; " TASKS, ROLE_COPY },
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
	struct symbols s = derived(MIPS, "kmap_coherent __kmap_pgprot wp_page_copy",
				   "1 t kmap_coherent.isra.0\n2 t wp_page_copy_mc\n");
	struct plan p = plan_for(&s, &arch_mips, true, NULL);

	is_str(why_not(&p, "wp_page_copy"), "not in this kernel", "reason: absent");
	is_str(why_not(&p, "kmap_coherent"), "only a compiler's clone, whose arguments differ",
	       "reason: clone");
	is_str(why_not(&p, "copy_mc_to_kernel"), "", "rows of other architectures need no reason");
	is_str(why_not(&p, "do_wp_page"), "", "nor does what was chosen");
	is(p.rejections, 3, "every candidate that was passed over, once");
	plan__choose(&p);
	is(p.rejections, 3, "choosing anew says the same");
}

static void test_reject(void)
{
	struct symbols s = derived(MIPS, "", "");
	struct plan p = plan_for(&s, &arch_mips, true, "kmap_coherent");
	const struct candidate *coherent = p.pick[ROLE_MAPPING];
	const struct candidate *pgprot;
	int before = p.rejections;
	char was[4096];

	is_str(coherent->function, "kmap_coherent", "preferred first");
	ok(!(coherent->flags & COMPLETE), "its silence means nothing");
	snprintf(was, sizeof(was), "%s", rendered(&p));
	is(plan__reject(&p, ROLE_MAPPING, "did not fire"), 0, "another candidate is left");
	pgprot = p.pick[ROLE_MAPPING];
	is_str(pgprot->function, "__kmap_pgprot", "then the catalogue's order");
	ok(pgprot->flags & COMPLETE, "its silence means something");
	is_str(why_not(&p, "kmap_coherent"), "did not fire", "the reason is kept");
	is(p.rejections, before + 1, "one more rejection");
	is(plan__reject(&p, ROLE_MAPPING, "nor this"), -1, "no candidate is left");
	ok(!p.pick[ROLE_MAPPING], "none is chosen");
	is(p.rejections, before + 2, "two more rejections");
	is(plan__reject(&p, ROLE_MAPPING, "again"), -1, "still none is left");
	is(p.rejections, before + 2, "nothing is rejected twice");
	is_str(why_not(&p, "__kmap_pgprot"), "nor this", "the first reason stands");
	ok(!strstr(rendered(&p), "mapping "), "a role without a candidate has no row");
	plan__restore(&p, coherent);
	is_str(rendered(&p), was, "restored");
	is(plan__reject(&p, ROLE_MAPPING, "again"), -1, "what was restored can fail again");
	is(p.rejections, before + 2, "which is no new rejection");
	plan__choose(&p);
	is_str(rendered(&p), was, "choosing anew forgets what was rejected");
}

/* Every role of both lab kernels down to its last candidate: each once, and it ends. */
static void test_exhaust(void)
{
	static const struct {
		const char *what, *file;
		const struct arch *arch;
		int want[ROLE_COUNT];
	} kernels[] = {
		{ "MIPS", MIPS, &arch_mips, {
			[ROLE_WINDOW_BEGIN] = 1, [ROLE_WINDOW_END] = 2, [ROLE_FAULT] = 2,
			[ROLE_COPY] = 1, [ROLE_COPY_END] = 1, [ROLE_MAPPING] = 2,
			[ROLE_FLUSH] = 1, [ROLE_SWITCH] = 1, [ROLE_NEWTASK] = 1, [ROLE_EXEC] = 1,
			[ROLE_EXIT] = 1 } },
		{ "x86_64", X86, &arch_x86_64, {
			[ROLE_WINDOW_BEGIN] = 2, [ROLE_WINDOW_END] = 2, [ROLE_FAULT] = 2,
			[ROLE_COPY] = 1, [ROLE_SWITCH] = 1, [ROLE_NEWTASK] = 1, [ROLE_EXEC] = 1,
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

/* Copies of pinned pages have no write fault that could tell their address. */
static void test_pinned(void)
{
	struct symbols mips = derived(MIPS, "", ""), x86 = derived(X86, "", "");
	struct plan p = plan_for(&mips, &arch_mips, true, NULL);

	ok(plan__sees_pinned(&p), "mips: copies inside fork are seen");
	p.pick[ROLE_COPY] = NULL;
	ok(!plan__sees_pinned(&p), "... not without a copy probe");
	p = plan_for(&x86, &arch_x86_64, false, NULL);
	ok(!plan__sees_pinned(&p), "x86_64: copies inside fork are not seen");
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
		{ MIPS, &arch_mips, ROLE_MAPPING, false },
		{ MIPS, &arch_mips, ROLE_FLUSH, false },
		{ MIPS, &arch_mips, ROLE_SWITCH, true },
		{ MIPS, &arch_mips, ROLE_NEWTASK, true },
		{ MIPS, &arch_mips, ROLE_EXEC, true },
		{ MIPS, &arch_mips, ROLE_EXIT, true },
		{ X86, &arch_x86_64, ROLE_FAULT, true },
		{ X86, &arch_x86_64, ROLE_COPY, true },
		{ X86, &arch_x86_64, ROLE_COPY_END, false },
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

/* Files as they are recorded, with their comments, say the same as without. */
static void test_recorded_files(void)
{
	static const char *const files[] = { MIPS, X86 };
	struct symbols s, without_comments;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		without_comments = derived(files[i], "", "");
		ok(!symbols__read(&s, files[i]) && !memcmp(&s, &without_comments, sizeof(s)),
		   "%s", files[i]);
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

/* What plan.c and plan.h take for granted about the table. */
static void test_catalogue(void)
{
	unsigned int n, i, twice = 0;
	struct symbols s;

	for (n = 0; catalogue[n].function; n++)
		for (i = 0; i < n; i++)
			twice += catalogue[i].role == catalogue[n].role &&
				 catalogue[i].by == catalogue[n].by &&
				 (catalogue[i].flags | catalogue[n].flags) !=
				 (catalogue[i].flags | catalogue[n].flags | ONLY_ALIASING |
				  NEVER_ALIASING) &&
				 (!catalogue[i].arch || !catalogue[n].arch ||
				  !strcmp(catalogue[i].arch, catalogue[n].arch)) &&
				 !strcmp(catalogue[i].function, catalogue[n].function);
	ok(n <= sizeof(s.present) && n <= REJECTED_MAX, "%u rows: room for all", n);
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
		   strcmp(mechanism__name(c->by), "?"), "row %u, %s: well-formed", i, c->function);
	}
}

int main(void)
{
	test_choices();
	test_reasons();
	test_reject();
	test_exhaust();
	test_required();
	test_pinned();
	test_long_reason();
	test_recorded_files();
	test_no_file();
	test_catalogue();
	return tap__done();
}
