// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/options.h"
#include "kernel/findings.h"
#include "probe/roles.h"
#include "recorder/machine.h"

struct options {
	bool self_check;
};

static int set_self_check(void *cfg, const char *value)
{
	(void)value;
	((struct options *)cfg)->self_check = true;
	return 0;
}

static const struct opt doctor_opts[] = {
	{ 0, "self-check", NULL, "also attach the plan and prove it with copies of our own",
	  set_self_check },
	{}
};

static void line(const char *state, const char *name, const char *what)
{
	printf("  %-5s %-13s %s\n", state, name, what);
}

/* Returns the lowest exit code of the findings: "not supported" counts before "not permitted". */
static int print_findings(const struct kernel *k)
{
	struct finding f[FINDINGS_MAX];
	int n = findings__collect(k, true, f), i, code = EXIT_OK;

	for (i = 0; i < n; i++) {
		line(f[i].code ? "FAIL" : "ok", f[i].name, f[i].what);
		if (f[i].advice[0])
			line("", "", f[i].advice);
		if (f[i].code && (!code || f[i].code < code))
			code = f[i].code;
	}
	return code;
}

static void print_geometry(const struct geometry *g)
{
	char text[128];

	snprintf(text, sizeof(text), "%u: span %llu bytes, pages of %u bytes (known by: %s)",
		 geometry__colours(g), (unsigned long long)g->span, g->page_size, g->source);
	line("ok", "colours", text);
}

static void print_rejected(const struct plan *p)
{
	int i;

	for (i = 0; i < p->rejections; i++)
		printf("  %-13s %-34s %-11s not used: %s\n",
		       role__name(p->rejected[i].row->role), p->rejected[i].row->function,
		       mechanism__name(p->rejected[i].row->by), p->rejected[i].why);
}

static void print_plan(const struct machine *m, const struct check_result *checked)
{
	struct plan_row rows[PLAN_MAX];
	int n = plan__rows(&m->plan, rows), i;

	n += machine__unseen(m, checked, rows + n);
	printf("\nAttach plan\n  %-13s %-34s %-11s %s\n", "role", "function", "mechanism",
	       "evidence");
	for (i = 0; i < n; i++)
		printf("  %-13s %-34s %-11s %s%s%s\n", rows[i].role, rows[i].function,
		       rows[i].mechanism, rows[i].evidence, rows[i].reason[0] ? ": " : "",
		       rows[i].reason);
	print_rejected(&m->plan);
}

static void ignore(void *ctx, const struct wire_head *rec)
{
	(void)ctx;
	(void)rec;
}

static int self_check(struct machine *m)
{
	struct session_opts opts = { .follow = FOLLOW_TREE, .buffer = 1 << 20, .threads = 64 };
	static struct selfcheck sc;
	const struct calibration *cal = &sc.result.cal;
	sigset_t set, old;
	int ret;

	/* a signal now would leave probes behind, so signals wait until these are gone */
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	ret = selfcheck__open(&sc, &m->kernel, &m->plan, &opts, ignore, NULL);
	session__close(sc.session);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (ret)
		return ret;
	print_plan(m, &sc.result);
	printf("\nSelf-check passed: every known copy was seen once, with its pfns\n");
	if (cal->page.ok)
		printf("  struct page is %llu bytes\n", (unsigned long long)cal->page.step);
	if (cal->dirty_bit >= 0)
		printf("  PG_arch_1 is bit %d of the page flags\n", cal->dirty_bit);
	return 0;
}

static int doctor(const struct options *opts)
{
	static struct machine m;
	enum role missing;
	int code, ret;

	kernel__read(&m.kernel);
	printf("brindle %s, Linux %s\n\n", BRINDLE_VERSION, m.kernel.release);
	code = print_findings(&m.kernel);
	if (!m.kernel.arch)
		return code;
	ret = machine__plan(&m, NULL, true);
	if (ret)
		return code ?: ret;
	print_geometry(&m.geometry);
	if (!plan__complete(&m.plan, &missing)) {
		printf("\nNo function of this kernel serves the role '%s'\n", role__name(missing));
		code = code ?: EXIT_UNSUPPORTED;
	}
	if (!code && opts->self_check)
		return self_check(&m);
	print_plan(&m, NULL);
	if (opts->self_check)
		err(code, "no self-check: tracing is not possible here, see above");
	return code;
}

static int run(const struct command *cmd, int argc, char **argv)
{
	struct options opts = {};
	int rest, ret = options__parse(cmd, argc, argv, &opts, &rest);

	if (ret)
		return ret < 0 ? EXIT_OK : ret;
	if (argv[rest])
		return err(EXIT_USAGE, "doctor: takes no argument '%s'", argv[rest]);
	ret = doctor(&opts);
	return out__finish() ?: ret;
}

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = "[OPTIONS]",
	.summary = "say what this kernel offers, and what stands in the way",
	.help = "Looks at the cache colours, the attach plan, hazards and permissions of this\n"
		"machine, and says what to do about each. Attaches nothing unless asked to.\n"
		"Exits with 0 when brindle record can work here, else with the code it would\n"
		"exit with.\n",
	.opts = doctor_opts,
	.run = run,
};
