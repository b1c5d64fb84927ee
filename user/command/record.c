// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "command/record_options.h"
#include "kernel/findings.h"
#include "probe/roles.h"
#include "recorder/workload.h"
#include "recording/recording.h"

static int check_pids(const struct record_options *o)
{
	int i;

	for (i = 0; i < o->pids; i++)
		if (kill(o->pid[i], 0) && errno == ESRCH)
			return err(EXIT_FAIL, "--pid: there is no process %u", o->pid[i]);
	return 0;
}

/* Prints a line for each finding that makes tracing impossible; returns the lowest exit code. */
static int check_kernel(const struct kernel *k, const struct record_options *o)
{
	struct finding f[FINDINGS_MAX];
	int n = findings__collect(k, false, f), i, code = 0;

	for (i = 0; i < n; i++) {
		if (f[i].code == EXIT_OK)
			continue;
		if (!strcmp(f[i].name, "hazard") && o->accept_hazards) {
			warn("going on in spite of the hazard: %s", f[i].what);
			continue;
		}
		err(f[i].code, "cannot record: %s: %s; %s%s", f[i].name, f[i].what, f[i].advice,
		    strcmp(f[i].name, "hazard") ? "" : ", or go on with --accept-hazards");
		if (!code || f[i].code < code)
			code = f[i].code;
	}
	return code;
}

static int make_plan(struct machine *m, const struct record_options *o)
{
	int ret = machine__plan(m, o->prefer, false);
	enum role missing;

	if (ret || plan__complete(&m->plan, &missing))
		return ret;
	return err(EXIT_UNSUPPORTED, "this kernel has no function that serves the role '%s'; "
		   "brindle doctor shows what was looked for", role__name(missing));
}

static int run(const struct command *cmd, int argc, char **argv)
{
	struct geometry judged_by = { .page_size = getpagesize() };
	struct record_options opts = RECORD_DEFAULTS;
	static struct machine machine;
	int rest, signals, ret = options__parse(cmd, argc, argv, &opts, &rest);

	if (ret)
		return ret < 0 ? EXIT_OK : ret;
	if (argv[rest] && opts.pids)
		return err(EXIT_USAGE, "record: either --pid or a command, not both");
	/* from here on Ctrl-C ends the recording, even before it has begun */
	signals = recorder__block_signals();
	if (signals < 0)
		return EXIT_FAIL;
	if (opts.span)
		ret = geometry__set_span(&judged_by, opts.span);
	if (!ret && argv[rest])
		ret = workload__check(argv[rest]);
	kernel__read(&machine.kernel);
	ret = ret ?: check_pids(&opts);
	ret = ret ?: record_options__open_cgroup(&opts);
	ret = ret ?: recording__check_target(opts.dir);
	ret = ret ?: check_kernel(&machine.kernel, &opts);
	ret = ret ?: make_plan(&machine, &opts);
	if (!opts.span)
		judged_by = machine.geometry;
	return ret ?: recorder__record(&machine, &judged_by, &opts, signals, argv + rest);
}

const struct command command_record = {
	.name = "record",
	.synopsis = "[OPTIONS] [-- CMD [ARG...]]",
	.summary = "trace page copies into a recording",
	.help = "Records every page the kernel copies on write, until CMD ends, the duration is\n"
		"over, or Ctrl-C. With CMD, records that process and its descendants, and exits\n"
		"with CMD's status (128 + signal when a signal killed it); without CMD and --pid,\n"
		"records all processes. First checks itself with copies of its own (self-check).\n"
		"The recording is a directory in Common Trace Format, replaced when it exists.\n",
	.opts = record_opts,
	.run = run,
};
