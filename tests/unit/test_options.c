// SPDX-License-Identifier: GPL-2.0-only
/* Parsing of commands, options and their values (user/base/options.c). */
#include <string.h>
#include "base/err.h"
#include "base/options.h"
#include "quiet.h"
#include "tap.h"

/* ---- values ---- */

static const struct value {
	const char *text;
	__u64 want;		/* 0 = refused */
} seconds[] = {
	{ "10", 10000000000 }, { "1", 1000000000 }, { "10s", 10000000000 },
	{ "1.5s", 1500000000 }, { "0.25", 250000000 }, { "250ms", 250000000 },
	{ "0.5ms", 500000 }, { "1us", 1000 }, { "2m", 120000000000 }, { "1.5m", 90000000000 },
	{ "24h", 86400000000000 }, { ".5", 500000000 }, { "5.", 5000000000 },
	{ "", 0 }, { "0", 0 }, { "0s", 0 }, { "-1", 0 }, { "+1", 0 }, { " 1", 0 }, { "1 s", 0 },
	{ "1s ", 0 }, { "s", 0 }, { ".", 0 }, { "1.2.3", 0 }, { "1,5", 0 }, { "ten", 0 },
	{ "10x", 0 }, { "10S", 0 }, { "10sec", 0 }, { "5ns", 0 }, { "1e3", 0 }, { "0x10", 0 },
	{ "inf", 0 }, { "infinity", 0 }, { "nan", 0 }, { "1000000h", 0 },
	{ "99999999999999999999999999999999", 0 },
}, bytes[] = {
	{ "1", 1 }, { "65536", 65536 }, { "64K", 65536 }, { "64k", 65536 }, { "4M", 4194304 },
	{ "1G", 1 << 30 }, { "1.5K", 1536 }, { "0.5M", 524288 }, { "16G", 17179869184 },
	{ "", 0 }, { "0", 0 }, { "0K", 0 }, { "-1", 0 }, { "+64K", 0 }, { " 64K", 0 },
	{ "64 K", 0 }, { "64KB", 0 }, { "64KiB", 0 }, { "64m", 64 << 20 }, { "1g", 1 << 30 }, { "1T", 0 },
	{ "K", 0 }, { "1.5", 0 }, { "0.1K", 0 }, { "0x1000", 0 }, { "1e6", 0 }, { "many", 0 },
	{ "nan", 0 }, { "inf", 0 }, { "1048576G", 0 },
}, numbers[] = {		/* from 1 to 1000 */
	{ "1", 1 }, { "2", 2 }, { "999", 999 }, { "1000", 1000 }, { "007", 7 },
	{ "", 0 }, { "0", 0 }, { "1001", 0 }, { "-1", 0 }, { "5x", 0 }, { "x5", 0 },
	{ "5.0", 0 }, { "5 ", 0 }, { "0x10", 0 }, { "1K", 0 }, { "-18446744073709551611", 0 },
	{ " -18446744073709551611", 0 }, { "18446744073709551617", 0 },
	{ "99999999999999999999999", 0 },
};

static const struct value rates[] = {	/* in parts of a million */
	{ "1", 1000000 }, { "0.5", 500000 }, { "0.001", 1000 }, { ".000001", 1 }, { "0.1%", 1000 },
	{ "100%", 1000000 }, { "50.5%", 505000 }, { "", 0 }, { "0", 0 }, { "0%", 0 }, { "%", 0 },
	{ "1.0001", 0 }, { "101%", 0 }, { "-0.1", 0 }, { "0.1 %", 0 }, { "1e-3", 0 }, { "nan", 0 },
	{ "inf", 0 }, { "0.1%%", 0 }, { "a tenth", 0 },
};

static int rate_in_millions(const char *option, const char *text, __u64 *value)
{
	double rate = 77e-6;
	int ret = options__rate(option, text, &rate);

	*value = (__u64)(rate * 1e6 + 0.5);
	return ret;
}

static int number_to_1000(const char *option, const char *text, __u64 *value)
{
	return options__u64(option, text, 1, 1000, value);
}

static void test_values(const char *what, const struct value *v, int n,
			int (*parse)(const char *option, const char *text, __u64 *value))
{
	int i, ret;

	for (i = 0; i < n; i++) {
		__u64 got = 77;

		quiet__begin();
		ret = parse("--the-option", v[i].text, &got);
		quiet__end();
		if (v[i].want)
			ok(!ret && got == v[i].want && !*quiet_text, "%s '%s' is %llu", what,
			   v[i].text, (unsigned long long)got);
		else
			ok(ret == EXIT_USAGE && got == 77 && quiet_lines() == 1 &&
			   strstr(quiet_text, "--the-option"), "%s '%s' is refused", what,
			   v[i].text);
	}
}

static void test_range(void)
{
	__u64 v = 77;
	int ret;

	ok(!options__u64("-n", "0", 0, ~0ULL, &v) && !v, "the least number of all");
	ok(!options__u64("-n", "18446744073709551615", 0, ~0ULL, &v) && v == ~0ULL,
	   "the largest number of all");
	quiet__begin();
	ret = options__u64("-n", "18446744073709551616", 0, ~0ULL, &v);
	quiet__end();
	is(ret, EXIT_USAGE, "one more is no number");
	quiet__begin();
	ret = options__u64("-n", " -5", 0, ~0ULL, &v);
	quiet__end();
	is(ret, EXIT_USAGE, "a negative number does not wrap, though a space stands before it");
}

/* ---- suggestions ---- */

static void test_nearest(void)
{
	static const char *const names[] = {
		"output", "pid", "comm", "duration", "span", "buffer", "prefer", "help",
		"an-option-whose-name-has-more-than-31-letters",
	};
	static const struct {
		const char *word, *want;
	} words[] = {
		{ "output", "output" }, { "ouput", "output" }, { "outptu", "output" },
		{ "oputput", "output" }, { "outputs", "output" }, { "otput", "output" },
		{ "pdi", "pid" }, { "dur", "duration" }, { "o", "output" }, { "com", "comm" },
		{ "cmom", "comm" }, { "spam", "span" }, { "buffers", "buffer" },
		{ "bufer", "buffer" }, { "perfer", "prefer" }, { "hepl", "help" },
		{ "an-option", "an-option-whose-name-has-more-than-31-letters" },
		{ "destination", NULL }, { "xyzzy", NULL }, { "", NULL }, { "putputput", NULL },
		{ "a-word-that-has-many-more-than-31-letters", NULL },
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *near = options__nearest(words[i].word, names, 9);

		ok(near == words[i].want || (near && words[i].want && !strcmp(near, words[i].want)),
		   "nearest to '%s' is %s", words[i].word, near ?: "nothing");
	}
	ok(!options__nearest("pid", names, 0), "of no names none is near");
}

/* ---- a small command ---- */

struct config_small {
	char text[16];
	int flags;
	int values;
};

static int set_text(void *cfg, const char *value)
{
	struct config_small *c = cfg;

	snprintf(c->text, sizeof(c->text), "%s", value);
	c->values++;
	return 0;
}

static int set_flag(void *cfg, const char *value)
{
	((struct config_small *)cfg)->flags += value ? 100 : 1;
	return 0;
}

static int set_never(void *cfg, const char *value)
{
	(void)cfg;
	return err(EXIT_PERM, "never '%s'", value);
}

static const struct opt small_opts[] = {
	{ 't', "text", "WORD", "a word\nin two lines", set_text },
	{ 'f', "flag", NULL, "a flag", set_flag },
	{ 0, "never", "WORD", "always refused", set_never },
	{ 0, "long-text", "WORD", "a word, without a letter", set_text },
	{ 0, "format", "FORMAT", NULL, set_text },
	{}
};

static const struct {
	const char *name;
	int other;
} small_formats[] = { { "red", 1 }, { "green", 2 }, { "blue", 3 }, {} };

static const struct command small = {
	.name = "small", .synopsis = "[OPTION...] [WORD...]", .summary = "summary of small",
	.help = "What small does.\n", .opts = small_opts,
	.formats = small_formats, .format_size = sizeof(small_formats[0]),
};

static const struct parse_case {
	const char *line;	/* words after the command's name */
	int ret;
	const char *text;	/* value of the last --text, "" = none */
	int flags, rest;	/* rest: index of the first operand */
	const char *said;	/* part of the message, NULL = none */
} lines[] = {
	{ "", 0, "", 0, 1, NULL },
	{ "-t abc", 0, "abc", 0, 3, NULL },
	{ "-tabc", 0, "abc", 0, 2, NULL },
	{ "--text abc", 0, "abc", 0, 3, NULL },
	{ "--text=abc", 0, "abc", 0, 2, NULL },
	{ "--te=abc", 0, "abc", 0, 2, NULL },
	{ "--long-text=abc", 0, "abc", 0, 2, NULL },
	{ "-t a -t b --text c", 0, "c", 0, 7, NULL },
	{ "-f", 0, "", 1, 2, NULL },
	{ "-ff --flag", 0, "", 3, 3, NULL },
	{ "-ft abc", 0, "abc", 1, 3, NULL },
	{ "-ftabc", 0, "abc", 1, 2, NULL },
	{ "-t -f", 0, "-f", 0, 3, NULL },
	{ "-v -v", 0, "", 0, 3, NULL },
	/* POSIX order, and the end of options */
	{ "word -f", 0, "", 0, 1, NULL },
	{ "-f word -f --nonsense", 0, "", 1, 2, NULL },
	{ "-- -f", 0, "", 0, 2, NULL },
	{ "-f -- -f -- -t", 0, "", 1, 3, NULL },
	{ "-f - -f", 0, "", 1, 2, NULL },
	{ "-t -- -f", 0, "--", 1, 4, NULL },
	/* help */
	{ "-h", -1, "", 0, 0, NULL },
	{ "--help", -1, "", 0, 0, NULL },
	{ "-fh --nonsense", -1, "", 1, 0, NULL },
	{ "--he", -1, "", 0, 0, NULL },
	/* mistakes */
	{ "--txet abc", EXIT_USAGE, "", 0, 0, "unknown option '--txet'; did you mean '--text'?" },
	{ "--hlep", EXIT_USAGE, "", 0, 0, "did you mean '--help'?" },
	{ "--verbos3", EXIT_USAGE, "", 0, 0, "did you mean '--verbose'?" },
	{ "--nonsense", EXIT_USAGE, "", 0, 0, "unknown option '--nonsense'; see 'brindle small -" },
	{ "-x", EXIT_USAGE, "", 0, 0, "unknown option '-x'; see 'brindle small --help'" },
	{ "-fx", EXIT_USAGE, "", 1, 0, "unknown option '-x'" },
	{ "-xf", EXIT_USAGE, "", 0, 0, "unknown option '-x'" },
	{ "--flag -xf", EXIT_USAGE, "", 1, 0, "unknown option '-x'" },
	{ "--flag -x", EXIT_USAGE, "", 1, 0, "unknown option '-x'" },
	{ "-t", EXIT_USAGE, "", 0, 0, "option '-t' needs a value; see 'brindle small --help'" },
	{ "--text", EXIT_USAGE, "", 0, 0, "option '--text' needs a value" },
	{ "-f --never", EXIT_USAGE, "", 1, 0, "option '--never' needs a value" },
	{ "--flag=yes", EXIT_USAGE, "", 0, 0, "option '--flag=yes' takes no value" },
	{ "--help=yes", EXIT_USAGE, "", 0, 0, "option '--help=yes' takes no value" },
	{ "--never abc -f", EXIT_PERM, "", 0, 0, "never 'abc'" },
	{ "--never -f", EXIT_PERM, "", 0, 0, "never '-f'" },
};

/* Cut line into argv; returns argc. */
static int words_of(const char *line, char *buf, size_t size, char *argv[16])
{
	int argc = 1;
	char *word;

	argv[0] = (char *)"small";
	snprintf(buf, size, "%s", line);
	for (word = strtok(buf, " "); word && argc < 15; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/* options__parse with stdout kept away from the test's own: what it printed is in *out. */
static int parse_quietly(int argc, char **argv, struct config_small *cfg, int *rest,
			 char out[4096])
{
	int saved = dup(STDOUT_FILENO), ret;
	FILE *f = tmpfile();
	ssize_t n;

	if (!f || saved < 0) {
		perror("tmpfile");
		exit(1);
	}
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	quiet__begin();
	ret = options__parse(&small, argc, argv, cfg, rest);
	quiet__end();
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(fileno(f), out, 4095, 0);
	out[n > 0 ? n : 0] = '\0';
	fclose(f);
	return ret;
}

static void test_parse(void)
{
	const struct parse_case *c;
	char buf[128], out[4096], *argv[16];
	unsigned int i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct config_small cfg = {};
		int rest = 0, argc, ret;
		bool said;

		c = &lines[i];
		argc = words_of(c->line, buf, sizeof(buf), argv);
		ret = parse_quietly(argc, argv, &cfg, &rest, out);
		ok(ret == c->ret && rest == c->rest && cfg.flags == c->flags &&
		   !strcmp(cfg.text, c->text), "small %s: %d, text '%s', %d flags, rest %d",
		   c->line, ret, cfg.text, cfg.flags, rest);
		said = c->said ? quiet_lines() == 1 && strstr(quiet_text, c->said) : !*quiet_text;
		quiet_text[strcspn(quiet_text, "\n")] = '\0';
		ok(said, "small %s: says %s", c->line, *quiet_text ? quiet_text : "nothing");
		ok(ret == -1 ? strstr(out, "Usage: brindle small") == out : !*out,
		   "small %s: %s on stdout", c->line, ret == -1 ? "the help" : "nothing");
	}
}

static void test_help(void)
{
	static const char *const parts[] = {
		"Usage: brindle small [--format=red|green|blue] [OPTION...] [WORD...]\n\n"
		"What small does.\n\nOptions:\n",
		"\n  -t, --text WORD           a word\n                            in two lines\n",
		"\n  -f, --flag                a flag\n",
		"\n      --long-text WORD      a word, without a letter\n",
		"\n      --format FORMAT       red (default), green or blue\n",
		"\n  -v, --verbose ", "\n  -h, --help ",
	};
	char out[4096], *argv[] = { (char *)"small", (char *)"-h", NULL };
	struct config_small cfg = {};
	unsigned int i;
	int rest;

	parse_quietly(2, argv, &cfg, &rest, out);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ok(strstr(out, parts[i]), "help, part %u", i);
}

static void test_verbose(void)
{
	char buf[64], out[4096], *argv[16];
	struct config_small cfg = {};
	int argc = words_of("-vf --verbose word -v", buf, sizeof(buf), argv), rest;

	verbose = 0;
	ok(!parse_quietly(argc, argv, &cfg, &rest, out) && verbose == 2 && rest == 3,
	   "-v counts, up to the first operand");
	verbose = 0;
}

int main(void)
{
	test_values("duration", seconds, sizeof(seconds) / sizeof(seconds[0]), options__seconds);
	test_values("bytes", bytes, sizeof(bytes) / sizeof(bytes[0]), options__bytes);
	test_values("number", numbers, sizeof(numbers) / sizeof(numbers[0]), number_to_1000);
	test_values("rate", rates, sizeof(rates) / sizeof(rates[0]), rate_in_millions);
	test_range();
	test_nearest();
	test_parse();
	test_help();
	test_verbose();
	return tap__done();
}
