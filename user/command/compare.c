// SPDX-License-Identifier: GPL-2.0-only
/* brindle compare: two recordings -> verdicts -> statistics -> is it fixed? */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/options.h"
#include "command/progress.h"
#include "output/compare.h"
#include "stats/analysis.h"

struct compare_options {
	const struct comparison_format *format;	/* NULL: the first of the table */
	const char *span;
	struct compare_demands demands;
};

static int set_format(void *cfg, const char *value)
{
	((struct compare_options *)cfg)->format = comparison__format(value);
	return ((struct compare_options *)cfg)->format ? EXIT_OK : EXIT_USAGE;
}

static int set_span(void *cfg, const char *value)
{
	((struct compare_options *)cfg)->span = value;
	return EXIT_OK;
}

static int set_min_copies(void *cfg, const char *value)
{
	return options__u64("--min-copies", value, 1, 1000000000000ULL,
			    &((struct compare_options *)cfg)->demands.min_copies);
}

static int set_max_rate(void *cfg, const char *value)
{
	return options__rate("--max-rate", value,
			     &((struct compare_options *)cfg)->demands.max_rate);
}

static int set_accept_differences(void *cfg, const char *value)
{
	(void)value;
	((struct compare_options *)cfg)->demands.accept_differences = true;
	return EXIT_OK;
}

static const struct opt opts[] = {
	{ 0, "format", "FORMAT", NULL, set_format },
	{ 0, "span", "BYTES", "judge as if colours repeated over BYTES: 16384, 16K, 4M", set_span },
	{ 0, "min-copies", "N", "so many copies are enough evidence (default: as many as show a\n"
	  "rate of a tenth of that before; 299 where none was at risk)", set_min_copies },
	{ 0, "max-rate", "RATE", "the rate after must be shown to be at most RATE: 0.001, 0.1%",
	  set_max_rate },
	{ 0, "accept-differences", NULL, "compare different machines, page sizes or spans",
	  set_accept_differences },
	{ 0 }
};

/*
 * Any error, from a recording that cannot be read to a full disk, gives the exit status of
 * "cannot tell", since 1 would say that the kernel is not fixed.
 */
static int trouble(int code)
{
	return code ? compare__exit(COMPARE_CANNOT_TELL) : EXIT_OK;
}

static struct compare_input input(const struct analysis *a)
{
	return (struct compare_input){ a->dir, a->env, a->totals, &a->stats };
}

static int compare(const char *const dir[2], const struct compare_options *cfg)
{
	struct comparison *c = NULL;
	struct analysis a[2] = { 0 };
	int ret = EXIT_OK, i;

	for (i = 0; i < 2 && !ret; i++)
		ret = analysis__open(&a[i], dir[i], cfg->span);
	for (i = 0; i < 2 && !ret; i++)
		ret = analysis__count(&a[i]);
	progress__end();
	if (ret)
		goto cleanup;
	c = calloc(1, sizeof(*c));
	if (!c) {
		ret = err(EXIT_FAIL, "comparing %s and %s: out of memory", dir[0], dir[1]);
		goto cleanup;
	}
	c->before = input(&a[0]);
	c->after = input(&a[1]);
	c->demands = cfg->demands;
	compare__judge(c, recording__same(a[0].rec, a[1].rec));
	errno = 0;
	(cfg->format ?: comparison_formats)->write(stdout, c);
	ret = out__finish();

cleanup:
	ret = ret ? trouble(ret) : compare__exit(c->verdict);
	free(c);
	for (i = 0; i < 2; i++)
		analysis__free(&a[i]);
	return ret;
}

static int run(const struct command *cmd, int argc, char **argv)
{
	struct compare_options cfg = { 0 };
	int rest, ret = options__parse(cmd, argc, argv, &cfg, &rest), i;

	if (ret)
		return ret < 0 ? EXIT_OK : ret;
	for (i = rest + 1; i < argc; i++)
		if (argv[i][0] == '-')
			return err(EXIT_USAGE, "compare: give '%s' before the recordings", argv[i]);
	if (argc - rest != 2)
		return err(EXIT_USAGE, "compare: it takes two recordings, BEFORE and AFTER, but "
			   "%d %s given", argc - rest, argc - rest == 1 ? "is" : "are");
	/* a write to a closed pipe must fail with EPIPE, not kill us */
	signal(SIGPIPE, SIG_IGN);
	progress__begin();
	return compare((const char *[]){ argv[rest], argv[rest + 1] }, &cfg);
}

const struct command command_compare = {
	.name = "compare",
	.synopsis = "[--span BYTES] [--min-copies N] [--max-rate RATE]\n"
		    "       [--accept-differences] BEFORE AFTER",
	.summary = "is it fixed? two recordings of a workload, before and after",
	.help = "Reads two recordings of the same workload, made before and after a change of the\n"
		"kernel, and says whether copies that were at risk are no more, how strong the\n"
		"evidence is, and whether the workload could have shown the fault at all. Needs\n"
		"no privilege and reads recordings of any machine.\n"
		"\n"
		"Exit status: 0 fixed or still good, 1 not fixed or worse, 2 cannot tell: the\n"
		"reason is in the report, or, when the command line is wrong, a recording cannot\n"
		"be read or the report not be written, on standard error.\n",
	.opts = opts,
	.formats = comparison_formats,
	.format_size = sizeof(comparison_formats[0]),
	.run = run,
};
