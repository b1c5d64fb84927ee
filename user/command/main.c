// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "base/err.h"
#include "base/options.h"

static const struct command *const commands[] = {
	&command_doctor,
	&command_record,
	&command_report,
	&command_compare,
};

#define COMMANDS	((int)(sizeof(commands) / sizeof(commands[0])))

static void usage(FILE *out)
{
	int i;

	fprintf(out, "Usage: brindle COMMAND [OPTIONS]\n\n"
		"Says of every page the kernel copies on write whether the copy went through\n"
		"mappings of the same cache colour as the user's address.\n\nCommands:\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "\n  brindle COMMAND --help explains a command.\n"
		"  brindle --version says what this is.\n\n"
		"Exit status: 0 ok, 1 failure, 2 usage, 3 not supported here, 4 permission,\n"
		"5 finished but records were lost; compare: 0 good, 1 not good, 2 cannot tell.\n\n"
		"More: man brindle\n");
}

static const struct command *find_command(const char *name)
{
	int i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

static int unknown_command(const char *word)
{
	const char *names[COMMANDS], *near;
	int i;

	for (i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	near = options__nearest(word, names, COMMANDS);
	if (near)
		return err(EXIT_USAGE, "unknown command '%s'; did you mean '%s'?", word, near);
	return err(EXIT_USAGE, "unknown command '%s'; see 'brindle --help'", word);
}

/* "brindle help record" is "brindle record --help" */
static int help(const char *name)
{
	const struct command *cmd = find_command(name);
	char *argv[] = { (char *)name, (char *)"--help", NULL };

	return cmd ? cmd->run(cmd, 2, argv) : unknown_command(name);
}

int main(int argc, char **argv)
{
	const struct command *cmd;

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") && argv[2])
		return help(argv[2]);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("brindle %s (libbpf %s, target %s)\n", BRINDLE_VERSION,
		       libbpf_version_string(), BRINDLE_TARGET);
		return EXIT_OK;
	}
	cmd = find_command(argv[1]);
	if (cmd)
		return cmd->run(cmd, argc - 1, argv + 1);
	if (argv[1][0] == '-')
		return err(EXIT_USAGE, "unknown option '%s'; see 'brindle --help'", argv[1]);
	return unknown_command(argv[1]);
}
