// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "kernel/kallsyms.h"
#include "probe/symbols.h"

/* 2: symbol is the function; 1: it is a clone of it ("foo.constprop.0" of "foo"); 0: neither */
static int name_match(const char *symbol, const char *function)
{
	size_t len = strlen(function);

	if (strncmp(symbol, function, len))
		return 0;
	return !symbol[len] ? 2 : symbol[len] == '.';
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
	char line[512], buffer[1 << 14];
	struct kallsyms_line l;
	FILE *f = fopen(path, "re");
	int i;

	memset(s, 0, sizeof(*s));
	if (!f)
		return err(errno == EACCES ? EXIT_PERM : EXIT_UNSUPPORTED,
			   "cannot read the kernel's symbols from %s: %s", path, strerror(errno));
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	while (fgets(line, sizeof(line), f)) {
		if (!kallsyms__parse(line, &l) || !strchr("tTwW", l.type))
			continue;
		/* the lines are sorted by address: only data and modules follow */
		if (!strcmp(l.name, "_etext"))
			break;
		look_up(s, l.address, l.name);
	}
	fclose(f);
	for (i = 0; catalogue[i].function; i++)
		if (catalogue[i].by == BY_TRACEPOINT)
			s->present[i] = 1;
	return 0;
}
