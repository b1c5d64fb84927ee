/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands and options as tables, from which parsing, help and suggestions follow. */
#ifndef BRINDLE_BASE_OPTIONS_H
#define BRINDLE_BASE_OPTIONS_H

#include <stddef.h>
#include <linux/types.h>

/*
 * One option of a command. set() stores the value in the command's own struct and
 * returns 0 or an exit code, having said why; value is NULL when the option takes none.
 */
struct opt {
	char short_name;	/* 0 = it has only a long name */
	const char *long_name;
	const char *arg;	/* name of the argument in the help, NULL = none */
	const char *help;	/* may hold newlines, all lines are indented alike; NULL: formats */
	int (*set)(void *cfg, const char *value);
};

struct command {
	const char *name;
	const char *synopsis;	/* the words after "brindle NAME", but for --format */
	const char *summary;	/* one line for the list of commands */
	const char *help;	/* a paragraph or more, ends with a newline */
	const struct opt *opts;	/* ends with a NULL long_name; -h/--help, -v are added */
	const void *formats;	/* what --format takes, rows as for options__choice; NULL = none */
	size_t format_size;	/* bytes of a row of formats */
	int (*run)(const struct command *cmd, int argc, char **argv);
};

/*
 * options__parse - parse argv[1..] of a command
 * @cfg: handed to the options' set()
 * @rest: set to the index of the first operand; a leading "--" is skipped
 *
 * Stops at the first operand (POSIX order), so that CMD keeps its own options. Returns 0,
 * or -1 when help was printed and the command should exit with 0, or the exit code of the
 * option that was refused, having said why.
 */
int options__parse(const struct command *cmd, int argc, char **argv, void *cfg, int *rest);

/* options__nearest - the one of n names that word is a slip of or begins; NULL if none is near */
const char *options__nearest(const char *word, const char *const *names, int n);

/*
 * options__choice - the row of a table that a word names
 * @what: the kind of thing that is chosen, for the message: "format"
 * @rows: structs of row_size bytes that begin with a const char *name; NULL ends the table
 *
 * Returns its index, or -1 having said why: with the nearest name, or with all of them.
 */
int options__choice(const char *option, const char *what, const char *word, const void *rows,
		    size_t row_size);

/* options__u64 - parse a decimal integer in [min, max]; 0, or EXIT_USAGE having said why */
int options__u64(const char *option, const char *text, __u64 min, __u64 max, __u64 *value);

/* options__seconds - parse "10", "1.5s", "250ms", "2m" into ns; 0, or EXIT_USAGE having said why */
int options__seconds(const char *option, const char *text, __u64 *ns);

/* options__bytes - parse "65536", "64K", "4m", "1.5G"; 0, or EXIT_USAGE having said why */
int options__bytes(const char *option, const char *text, __u64 *bytes);

/* options__rate - parse "0.001" or "0.1%", in (0, 1]; 0, or EXIT_USAGE having said why */
int options__rate(const char *option, const char *text, double *rate);

/* The commands; command/main.c lists them. */
extern const struct command command_compare, command_doctor, command_record, command_report;

#endif
