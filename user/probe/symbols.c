// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "probe/symbols.h"

/* "foo" against "foo.constprop.0": 2 the name itself, 1 a clone of it, 0 neither */
static int name_match(const char *symbol, const char *function)
{
	size_t len = strlen(function);

	if (strncmp(symbol, function, len))
		return 0;
	return !symbol[len] ? 2 : symbol[len] == '.';
}

/* "ffffffff81000000 T name\t[module]": the name, ended, when it is a function's; else NULL */
static char *function_name(char *line, __u64 *address)
{
	char *at, *name;

	*address = strtoull(line, &at, 16);
	if (at == line || at[0] != ' ' || !at[1] || !strchr("tTwW", at[1]) || at[2] != ' ')
		return NULL;
	name = at + 3;
	name[strcspn(name, " \t\n")] = 0;
	return name;
}

static void look_up(struct symbols *s, __u64 address, const char *name)
{
	int i, match;

	callers__symbol(&s->callers, address, name);
	for (i = 0; catalogue[i].function; i++) {
		if (*name != *catalogue[i].function)
			continue;
		match = name_match(name, catalogue[i].function);
		s->present[i] |= match == 2;
		s->cloned[i] |= match == 1;
	}
}

int symbols__read(struct symbols *s, const char *path)
{
	char line[512], buffer[1 << 14], *name;
	FILE *f = fopen(path, "re");
	__u64 address;
	int i;

	memset(s, 0, sizeof(*s));
	if (!f)
		return err(errno == EACCES ? EXIT_PERM : EXIT_UNSUPPORTED,
			   "cannot read the kernel's symbols from %s: %s", path, strerror(errno));
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	while (fgets(line, sizeof(line), f)) {
		name = function_name(line, &address);
		if (!name)
			continue;
		/* in order of address: what follows is data, or of modules */
		if (!strcmp(name, "_etext"))
			break;
		look_up(s, address, name);
	}
	fclose(f);
	for (i = 0; catalogue[i].function; i++)
		if (catalogue[i].by == BY_TRACEPOINT)
			s->present[i] = 1;
	return 0;
}
