// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "base/json.h"
#include "base/utf8.h"
#include "tap.h"

static char *text;
static size_t size;

static struct json *start(bool pretty)
{
	static struct json j;
	static FILE *f;

	if (f)
		fclose(f);
	free(text);
	text = NULL;
	f = open_memstream(&text, &size);
	json__begin(&j, f, pretty);
	return &j;
}

static const char *done(struct json *j)
{
	fflush(j->f);
	return text;
}

static const struct {
	const char *name, *in, *out;
} strings[] = {
	{ "plain", "abc", "\"abc\"" },
	{ "empty", "", "\"\"" },
	{ "null", NULL, "null" },
	{ "quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "control characters", "\b\n\x1f\x7f", "\"\\u0008\\u000a\\u001f\\u007f\"" },
	{ "escape first and last", "\nx\n", "\"\\u000ax\\u000a\"" },
	{ "slash is plain", "a/b", "\"a/b\"" },
	{ "two bytes", "\xc3\xa9", "\"\xc3\xa9\"" },
	{ "three bytes", "\xe2\x82\xac", "\"\xe2\x82\xac\"" },
	{ "four bytes", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
	{ "lone continuation", "a\x80z", "\"a\\ufffdz\"" },
	{ "overlong slash", "\xc0\xaf", "\"\\ufffd\\ufffd\"" },
	{ "overlong of three", "\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "overlong of four", "\xf0\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	{ "surrogate", "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "above U+10FFFF", "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	{ "0xff", "\xff", "\"\\ufffd\"" },
	{ "cut at the end", "abc\xe2\x82", "\"abc\\ufffd\\ufffd\"" },
	{ "cut before a letter", "\xe2\x82z", "\"\\ufffd\\ufffdz\"" },
	{ "highest before the surrogates", "\xed\x9f\xbf", "\"\xed\x9f\xbf\"" },
	{ "U+10FFFF", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
};

static void test_strings(void)
{
	size_t i;

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct json *j = start(false);

		json__string(j, NULL, strings[i].in);
		is_str(done(j), strings[i].out, strings[i].name);
	}
}

static void test_numbers(void)
{
	struct json *j = start(false);

	json__array(j, NULL);
	json__u64(j, NULL, 0);
	json__u64(j, NULL, ~0ULL);
	json__hex(j, NULL, 0);
	json__hex(j, NULL, 0xdeadbeef01234567);
	json__bool(j, NULL, true);
	json__bool(j, NULL, false);
	json__null(j, NULL);
	json__finish(j);
	is_str(done(j), "[0,18446744073709551615,\"0x0\","
	       "\"0xdeadbeef01234567\",true,false,null]\n", "numbers, hex, words");
}

static void test_fractions(void)
{
	struct json *j = start(false);

	json__array(j, NULL);
	json__number(j, NULL, 0);
	json__number(j, NULL, 0.1);
	json__number(j, NULL, 1.0 / 3);
	json__number(j, NULL, -1e-300);
	json__number(j, NULL, __builtin_inf());
	json__number(j, NULL, -__builtin_inf());
	json__number(j, NULL, __builtin_nan(""));
	json__finish(j);
	is_str(done(j), "[0,0.1,0.333333333333,-1e-300,null,null,null]\n", "fractions");
}

static void test_nesting(void)
{
	struct json *j = start(false);

	json__object(j, NULL);
	json__object(j, "a");
	json__end(j);
	json__array(j, "b");
	json__array(j, NULL);
	json__u64(j, NULL, 1);
	json__end(j);
	json__row_object(j, NULL);
	json__u64(j, "c", 2);
	json__u64(j, "d\"", 3);
	json__end(j);
	json__finish(j);
	is_str(done(j), "{\"a\":{},\"b\":[[1],{\"c\":2,\"d\\\"\":3}]}\n", "nesting in one line");
}

static void test_pretty(void)
{
	struct json *j = start(true);

	json__object(j, NULL);
	json__array(j, "rows");
	json__row_object(j, NULL);
	json__u64(j, "x", 1);
	json__row_array(j, "y");
	json__u64(j, NULL, 2);
	json__u64(j, NULL, 3);
	json__end(j);
	json__end(j);
	json__row_object(j, NULL);
	json__end(j);
	json__end(j);
	json__object(j, "empty");
	json__end(j);
	json__u64(j, "n", 4);
	json__finish(j);
	is_str(done(j), "{\n  \"rows\": [\n    {\"x\": 1, \"y\": [2, 3]},\n    {}\n  ],\n"
	       "  \"empty\": {},\n  \"n\": 4\n}\n", "lines and rows");
}

/* Any bytes must give a string that is UTF-8 and fully escaped. */
static void test_random(void)
{
	unsigned int n, i, wrong = 0, state = 1;
	char in[24];

	for (n = 0; n < 20000; n++) {
		struct json *j = start(false);
		const char *p;

		for (i = 0; i < sizeof(in) - 1; i++) {
			state = state * 1103515245 + 12345;
			in[i] = (char)(state >> 16);
		}
		in[sizeof(in) - 1] = '\0';
		json__string(j, NULL, in);
		p = done(j);
		wrong += p[0] != '"' || p[strlen(p) - 1] != '"';
		for (p++; p[1]; p += utf8__length(p)) {
			if (!utf8__length(p) || (unsigned char)*p < 0x20 || *p == '"') {
				wrong++;
				break;
			}
			if (*p == '\\')
				p++;
		}
	}
	is(wrong, 0, "random bytes give well-formed strings");
}

int main(void)
{
	test_strings();
	test_numbers();
	test_fractions();
	test_nesting();
	test_pretty();
	test_random();
	start(false);
	return tap__done();
}
