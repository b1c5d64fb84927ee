// SPDX-License-Identifier: GPL-2.0-only
/* The metadata of a recording as TSDL text (CTF 1.8, section 7 and appendix C). */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/utf8.h"
#include "recording/format.h"

#define NS_PER_S	1000000000ULL

static const char types[] =
	"typealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n"
	"typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"
	"typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; base = 16; } := address_t;\n"
	"typealias integer { size = 16; align = 8; signed = false; base = 16; } := step_t;\n"
	"typealias integer { size = 1; align = 1; signed = false; } := bit_t;\n"
	"typealias integer { size = 2; align = 1; signed = false; } := fact_t;\n"
	"typealias integer { size = 4; align = 1; signed = false; } := half_t;\n"
	"typealias integer { size = 3; align = 1; signed = false; } := rest_t;\n"
	"typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := text_t;\n"
	"typealias integer { size = 64; align = 8; signed = false;\n"
	"\tmap = clock.monotonic.value; } := timestamp_t;\n\n";

static const char stream_block[] =
	"stream {\n"
	"\tid = 0;\n"
	"\tevent.header := struct { timestamp_t timestamp; uint16_t id; };\n"
	"\tpacket.context := struct {\n"
	"\t\ttimestamp_t timestamp_begin;\n"
	"\t\ttimestamp_t timestamp_end;\n"
	"\t\tuint64_t content_size;\n"
	"\t\tuint64_t packet_size;\n"
	"\t\tuint64_t packet_seq_num;\n"
	"\t\tuint64_t events_discarded;\n"
	"\t\tuint64_t missed;\n"
	"\t\tuint32_t cpu_id;\n"
	"\t\tuint32_t crc32;\n"
	"\t};\n"
	"};\n\n";

static const char other_events[] =
	"event {\n"
	"\tid = 2; name = \"fork\"; stream_id = 0;\n"
	"\tfields := struct { uint64_t begin; uint32_t pid; uint32_t tid; uint8_t exposed; };\n"
	"};\n\n"
	"event {\n"
	"\tid = 3; name = \"process\"; stream_id = 0;\n"
	"\tfields := struct { uint32_t pid; text_t comm[16]; };\n"
	"};\n\n"
	"event {\n"
	"\tid = 4; name = \"end\"; stream_id = 0;\n"
	"\tfields := struct { uint64_t copies; uint64_t forks; uint64_t clears; uint64_t lost;\n"
	"\t\tuint64_t missed; };\n"
	"};\n\n";

/* Events with the fields of a copy or a clear. Those with steps have the same names. */
static const struct fields {
	enum disk_event id;
	const char *name;
	bool of_copy, total, steps;
} with_sides[] = {
	{ DISK_COPY, "copy", true, false, false },
	{ DISK_CLEAR, "clear", false, false, false },
	{ DISK_COPIES, "copies", true, true, false },
	{ DISK_CLEARS, "clears", false, true, false },
	{ DISK_COPY_STEPS, "copy", true, false, true },
	{ DISK_CLEAR_STEPS, "clear", false, false, true },
	{ DISK_COPIES_STEPS, "copies", true, true, true },
	{ DISK_CLEARS_STEPS, "clears", false, true, true },
};

/* Writes a string literal. Control characters and bytes that are not UTF-8 become octal escapes. */
static void write_string(FILE *f, const char *key, const char *s)
{
	size_t length;

	fprintf(f, "\t%s = \"", key);
	for (; *s; s += length ? length : 1) {
		unsigned char c = (unsigned char)*s;

		length = utf8__length(s);
		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || !length)
			fprintf(f, "\\%03o", c);
		else
			fwrite(s, 1, length, f);
	}
	fputs("\";\n", f);
}

static void write_number(FILE *f, const char *key, __u64 value)
{
	fprintf(f, "\t%s = %llu;\n", key, (unsigned long long)value);
}

/* A row of the plan is split at blanks: an empty word would shift all after it. */
static const char *or_dash(const char *s)
{
	return *s ? s : "-";
}

static void write_env(FILE *f, const struct recording_env *env)
{
	unsigned int i;

	fputs("env {\n", f);
	write_string(f, "tracer_name", TRACER);
	write_number(f, "schema", RECORDING_SCHEMA);
	write_string(f, "version", env->version);
	write_string(f, "kernel", env->kernel);
	write_string(f, "arch", env->arch);
	write_number(f, "word_bits", env->word_bits);
	write_number(f, "page_size", env->geometry.page_size);
	write_number(f, "cpus", env->cpus);
	write_number(f, "span", env->geometry.span);
	write_number(f, "colours", geometry__colours(&env->geometry));
	write_string(f, "geometry_source", env->geometry.source);
	write_number(f, "what_if_span", env->what_if_span);
	write_number(f, "totals_span", env->totals_span);
	for (i = 0; i < env->plan_rows && i < PLAN_MAX; i++) {
		const struct plan_row *p = &env->plan[i];
		char row[sizeof(*p) + 8], key[16];

		snprintf(key, sizeof(key), "plan_%u", i);
		snprintf(row, sizeof(row), "%s %s %s %s%s%s", or_dash(p->role),
			 or_dash(p->function), or_dash(p->mechanism), or_dash(p->evidence),
			 p->reason[0] ? " " : "", p->reason);
		write_string(f, key, row);
	}
	write_string(f, "command", env->command);
	write_string(f, "filter", env->filter);
	write_number(f, "recorder_pid", env->recorder_pid);
	write_number(f, "start_ns", env->start_ns);
	fputs("};\n\n", f);
}

static void write_enum(FILE *f, const char *name, const char *type,
		       const char *(*word_of)(unsigned int), unsigned int count)
{
	unsigned int i;

	fprintf(f, "enum %s : %s {", name, type);
	for (i = 0; i < count; i++)
		fprintf(f, "%s \"%s\" = %u", i ? "," : "", word_of(i), i);
	fputs(" };\n", f);
}

/*
 * Writes the bit fields of a number, lowest bits first. CTF fills a number from its low end in
 * little endian and from its high end in big endian, so the fields are declared in reverse order
 * in big endian.
 */
static void write_bits(FILE *f, const char *const *fields, unsigned int n)
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	unsigned int i;

	for (i = 0; i < n; i++)
		fprintf(f, "\t%s;\n", fields[big ? n - 1 - i : i]);
}

/* In a field of two bits, bit 0 says whether the fact is known, and bit 1 is the fact. */
static void write_facts(FILE *f)
{
	static const char *const plain[] = {
		"enum known source_mapped", "enum known source_kernel_dirty",
		"enum watched destination_flushed", "enum watch coherent_mapping",
	};
	static const char *const more[] = {
		"enum known source_mapped", "enum known source_kernel_dirty",
		"enum watched destination_flushed", "enum watch_bit coherent_mapping",
		"enum yes_no steps_recorded", "enum yes_no steps_lost",
		"enum watch_bit user_flush", "enum watch_bit whole_flush",
		"enum yes_no fork_flushed", "enum yes_no may_discard", "rest_t unused",
	};

	fputs("enum known : fact_t { \"not-known\" = 0, \"no\" = 1, \"yes\" = 2 ... 3 };\n"
	      "enum watched : fact_t { \"not-watched\" = 0, \"no\" = 1, \"yes\" = 2 ... 3 };\n"
	      "enum watch : fact_t { \"not-watched\" = 0, \"watched\" = 1 };\n"
	      "enum watch_bit : bit_t { \"not-watched\" = 0, \"watched\" = 1 };\n"
	      "enum yes_no : bit_t { \"no\" = 0, \"yes\" = 1 };\n"
	      "struct facts {\n", f);
	write_bits(f, plain, sizeof(plain) / sizeof(plain[0]));
	fputs("};\nstruct more_facts {\n", f);
	write_bits(f, more, sizeof(more) / sizeof(more[0]));
	fputs("};\n", f);
}

static void write_side(FILE *f)
{
	static const char *const halves[] = { "enum kind kind", "enum evidence evidence" };

	fputs("/* pfn 18446744073709551615 and va 0: not known */\n"
	      "struct side {\n"
	      "\tuint64_t pfn;\n"
	      "\taddress_t va;\n", f);
	write_bits(f, halves, 2);
	fputs("};\n", f);
}

/* The words for the parts of a step, for people: to a reader of CTF it is a number. */
static void write_step_words(FILE *f)
{
	unsigned int i;

	fputs("/* a step: colour << 6 | page << 4 | what; what is", f);
	for (i = STEP_NONE + 1; i < STEP_KINDS; i++)
		fprintf(f, "%s %u %s", i > 1 ? "," : "", i, step__name(i));
	fputs(";\n * page is", f);
	for (i = STEP_OF_SOURCE; i <= STEP_OF_UNKNOWN; i++)
		fprintf(f, "%s %u %s", i ? "," : "", i, step_page__name(i));
	fputs(" */\n\n", f);
}

static void write_event(FILE *f, const struct fields *e)
{
	fprintf(f, "event {\n\tid = %u; name = \"%s\"; stream_id = 0;\n\tfields := struct {\n",
		e->id, e->name);
	if (e->of_copy)
		fputs("\t\tenum path path;\n", f);
	fprintf(f, "\t\tstruct %s facts;\n", e->steps ? "more_facts" : "facts");
	fputs(e->total ? "\t\tuint64_t count;\n" : "\t\tuint32_t pid;\n\t\tuint32_t tid;\n", f);
	fputs("\t\taddress_t user;\n", f);
	if (e->of_copy)
		fputs("\t\tstruct side source;\n", f);
	fputs("\t\tstruct side destination;\n", f);
	if (e->steps)
		fprintf(f, "\t\tuint8_t steps;\n\t\tstep_t step[%u];\n", STEPS_MAX);
	fputs("\t};\n};\n", f);
}

static void write_events(FILE *f)
{
	unsigned int i;

	write_enum(f, "path", "uint8_t", path__name, PATH_COUNT);
	write_enum(f, "kind", "half_t", mapping_kind__name, MAPPING_COUNT);
	write_enum(f, "evidence", "half_t", evidence__name, EVIDENCE_COUNT);
	write_facts(f);
	write_side(f);
	write_step_words(f);
	fputs(other_events, f);
	for (i = 0; i < sizeof(with_sides) / sizeof(with_sides[0]); i++) {
		fputs(i ? "\n" : "", f);
		write_event(f, &with_sides[i]);
	}
}

static void write_text(FILE *f, const struct recording_env *env, const __u8 uuid[UUID_LEN])
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	unsigned int i;

	fputs("/* CTF 1.8 */\n\n", f);
	fputs(types, f);
	fputs("trace {\n\tmajor = 1;\n\tminor = 8;\n\tuuid = \"", f);
	for (i = 0; i < UUID_LEN; i++)
		fprintf(f, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	fprintf(f, "\";\n\tbyte_order = %s;\n", big ? "be" : "le");
	fputs("\tpacket.header := struct {\n\t\tuint32_t magic;\n\t\tuint8_t uuid[16];\n"
	      "\t\tuint32_t stream_id;\n\t};\n};\n\n", f);
	write_env(f, env);
	fprintf(f, "clock {\n\tname = monotonic;\n\tdescription = \"CLOCK_MONOTONIC\";\n"
		"\tfreq = 1000000000;\n\toffset_s = %llu;\n\toffset = %llu;\n};\n\n",
		(unsigned long long)(env->start_ns / NS_PER_S),
		(unsigned long long)(env->start_ns % NS_PER_S));
	fputs(stream_block, f);
	write_events(f);
}

char *meta__text(const struct recording_env *env, const __u8 uuid[UUID_LEN], size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	bool bad;

	if (!f)
		return NULL;
	write_text(f, env, uuid);
	if (!fflush(f))
		fprintf(f, META_CRC_FORMAT,
			(unsigned int)crc32(0, (const Bytef *)text, (uInt)*len));
	bad = ferror(f);
	if (!fclose(f) && !bad)
		return text;
	free(text);
	return NULL;
}
