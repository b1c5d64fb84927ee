// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/options.h"

#define OPTS_MAX	32
#define LONG_ONLY	256	/* getopt value of options without a letter */

/* Levenshtein distance of words of up to 31 characters; 99 for longer ones. */
static int distance(const char *a, const char *b)
{
	int row[32], la = strlen(a), lb = strlen(b), i, j, diag, up;

	if (la > 31 || lb > 31)
		return 99;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			up = row[j];
			row[j] = diag + (a[i - 1] != b[j - 1]);
			if (up + 1 < row[j])
				row[j] = up + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diag = up;
		}
	}
	return row[lb];
}

const char *options__nearest(const char *word, const char *const *names, int n)
{
	const char *best = NULL;
	int i, d, least = *word ? 3 : 0;	/* no name is near an empty word */

	for (i = 0; i < n; i++) {
		/* a prefix counts as a match: "rec" means record */
		d = strncmp(word, names[i], strlen(word)) ? distance(word, names[i]) : 0;
		if (d < least) {
			least = d;
			best = names[i];
		}
	}
	return best;
}

static int count_opts(const struct opt *opts)
{
	int n = 0;

	while (opts[n].long_name)
		n++;
	return n;
}

/* The names of a table as options__choice takes it; returns their number. */
static int table_names(const char *names[OPTS_MAX], const void *rows, size_t row_size)
{
	int n;

	for (n = 0; n < OPTS_MAX; n++) {
		names[n] = *(const char *const *)((const char *)rows + n * row_size);
		if (!names[n])
			break;
	}
	return n;
}

/* "table, json or csv" when the separators are ", " and " or " */
static void join_names(char *text, size_t size, const char *const *names, int n,
		       const char *separator, const char *last)
{
	size_t len = 0;
	int i;

	text[0] = 0;
	for (i = 0; i < n && len < size; i++)
		len += snprintf(text + len, size - len, "%s%s",
				!i ? "" : i == n - 1 ? last : separator, names[i]);
}

/*
 * How the help shows the formats of a command: "[--format=table|json|csv] " in the usage, and
 * "table (default), json or csv" at the option. Both are empty for a command without formats.
 */
static void format_texts(const struct command *cmd, char usage[128], char option[128])
{
	const char *names[OPTS_MAX];
	char all[96], first[32];
	int n;

	usage[0] = option[0] = 0;
	if (!cmd->formats)
		return;
	n = table_names(names, cmd->formats, cmd->format_size);
	join_names(all, sizeof(all), names, n, "|", "|");
	snprintf(usage, 128, "[--format=%s] ", all);
	snprintf(first, sizeof(first), "%s (default)", names[0]);
	names[0] = first;
	join_names(option, 128, names, n, ", ", " or ");
}

static void print_opt(char letter, const char *name, const char *arg, const char *help)
{
	char left[64];
	const char *p;

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
		 letter ? "," : " ", name, arg ? " " : "", arg ? arg : "");
	printf("  %-26s", left);
	for (p = help; *p; p++) {
		putchar(*p);
		if (*p == '\n')
			printf("  %-26s", "");
	}
	putchar('\n');
}

static void print_help(const struct command *cmd)
{
	char usage[128], formats[128];
	const struct opt *o;

	format_texts(cmd, usage, formats);
	printf("Usage: brindle %s %s%s\n\n%s\nOptions:\n", cmd->name, usage, cmd->synopsis,
	       cmd->help);
	for (o = cmd->opts; o->long_name; o++)
		print_opt(o->short_name, o->long_name, o->arg, o->help ?: formats);
	print_opt('v', "verbose", NULL, "say more; twice: also what libbpf says");
	print_opt('h', "help", NULL, "this text");
	printf("\nMore: man brindle-%s\n", cmd->name);
}

static int unknown_option(const struct command *cmd, const char *word)
{
	const char *names[OPTS_MAX + 2], *near = NULL;
	char name[32];
	int n;

	for (n = 0; cmd->opts[n].long_name; n++)
		names[n] = cmd->opts[n].long_name;
	names[n++] = "help";
	names[n++] = "verbose";
	if (!strncmp(word, "--", 2)) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
		near = options__nearest(name, names, n);
	}
	if (near)
		return err(EXIT_USAGE, "%s: unknown option '%s'; did you mean '--%s'?", cmd->name,
			   word, near);
	return err(EXIT_USAGE, "%s: unknown option '%s'; see 'brindle %s --help'", cmd->name, word,
		   cmd->name);
}

/* Reports what getopt complained about, with the word as the user typed it. */
static int bad_option(const struct command *cmd, int argc, char **argv, int kind)
{
	char letter[3] = { '-', (char)optopt, 0 };
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";

	if (kind == ':')
		return err(EXIT_USAGE, "%s: option '%s' needs a value; see 'brindle %s --help'",
			   cmd->name, word, cmd->name);
	/* -h and -v are known: optopt is one of them only for --help=x and --verbose=x */
	if (optopt && optopt < LONG_ONLY && optopt != 'h' && optopt != 'v')
		return unknown_option(cmd, letter);
	if (optopt)
		return err(EXIT_USAGE, "%s: option '%s' takes no value", cmd->name, word);
	return unknown_option(cmd, word);
}

int options__parse(const struct command *cmd, int argc, char **argv, void *cfg, int *rest)
{
	struct option longs[OPTS_MAX + 3] = {};
	char shorts[3 * OPTS_MAX + 8] = "+:hv";
	int n = count_opts(cmd->opts), i, c, ret;
	size_t len = strlen(shorts);

	for (i = 0; i < n; i++) {
		const struct opt *o = &cmd->opts[i];

		longs[i] = (struct option){ o->long_name, o->arg ? required_argument : no_argument,
					    NULL, LONG_ONLY + i };
		if (o->short_name) {
			shorts[len++] = o->short_name;
			if (o->arg)
				shorts[len++] = ':';
		}
	}
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[n + 1] = (struct option){ "verbose", no_argument, NULL, 'v' };
	optind = 0;	/* makes glibc start afresh, even in the middle of a word */
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h') {
			print_help(cmd);
			return -1;
		}
		if (c == 'v') {
			verbose++;
			continue;
		}
		if (c == '?' || c == ':')
			return bad_option(cmd, argc, argv, c);
		for (i = 0; i < n; i++)
			if (c == LONG_ONLY + i || c == cmd->opts[i].short_name)
				break;
		ret = i < n ? cmd->opts[i].set(cfg, optarg) : EXIT_USAGE;
		if (ret)
			return ret;
	}
	*rest = optind;
	return 0;
}

int options__choice(const char *option, const char *what, const char *word, const void *rows,
		    size_t row_size)
{
	const char *names[OPTS_MAX], *near;
	char all[128];
	int n = table_names(names, rows, row_size), i;

	for (i = 0; i < n; i++)
		if (!strcmp(names[i], word))
			return i;
	near = options__nearest(word, names, n);
	join_names(all, sizeof(all), names, n, ", ", " or ");
	if (near)
		err(EXIT_USAGE, "%s=%s: no such %s; did you mean '%s'?", option, word, what, near);
	else
		err(EXIT_USAGE, "%s=%s: no such %s: give %s", option, word, what, all);
	return -1;
}

int options__u64(const char *option, const char *text, __u64 min, __u64 max, __u64 *value)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || end == text || *end || strchr(text, '-') || v < min || v > max)
		return err(EXIT_USAGE, "%s: '%s' is not a whole number from %llu to %llu", option,
			   text, (unsigned long long)min, (unsigned long long)max);
	*value = v;
	return 0;
}

struct unit {
	const char *name;
	double factor;
};

/* Parses a number with one of the units after it; a bare number is in the first unit. */
static int number_with_unit(const char *text, const struct unit *units, double *value)
{
	char *end;
	double v = strtod(text, &end);

	/* strtod also takes "inf", "nan" and hexadecimal */
	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text))
		return -1;
	if (!*end) {
		*value = v * units[0].factor;
		return 0;
	}
	for (; units->name; units++) {
		if (!strcmp(end, units->name)) {
			*value = v * units->factor;
			return 0;
		}
	}
	return -1;
}

int options__seconds(const char *option, const char *text, __u64 *ns)
{
	static const struct unit units[] = {
		{ "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "m", 60e9 }, { "h", 3600e9 }, {},
	};
	double v;

	if (number_with_unit(text, units, &v) || v < 1 || v > 1e18)
		return err(EXIT_USAGE, "%s: '%s' is not a duration; try 10, 1.5s, 250ms or 2m",
			   option, text);
	*ns = v;
	return 0;
}

int options__bytes(const char *option, const char *text, __u64 *bytes)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 },
		{ "k", 1 << 10 }, { "m", 1 << 20 }, { "g", 1 << 30 }, {},
	};
	double v;

	if (number_with_unit(text, units, &v) || v < 1 || v > 1e15 || v != (double)(__u64)v)
		return err(EXIT_USAGE, "%s: '%s' is not a number of bytes; try 65536, 64K or 4M",
			   option, text);
	*bytes = v;
	return 0;
}

int options__rate(const char *option, const char *text, double *rate)
{
	static const struct unit units[] = { { "", 1 }, { "%", 0.01 }, {} };
	double v;

	if (number_with_unit(text, units, &v) || !(v > 0) || v > 1)
		return err(EXIT_USAGE, "%s: '%s' is not a rate above 0; try 0.001 or 0.1%%", option,
			   text);
	*rate = v;
	return 0;
}
