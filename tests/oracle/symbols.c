// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

struct symbol {
	uint64_t address;
	char *name;
};

static struct symbol *symbols;
static size_t count, room;

void symbols__add(const char *line)
{
	uint64_t address;
	char type, name[256];

	if (sscanf(line, "%" SCNx64 " %c %255s", &address, &type, name) != 3 || !address ||
	    !strchr("tTwW", type))
		return;
	if (count == room) {
		struct symbol *more = realloc(symbols, (room ? 2 * room : 4096) * sizeof(*symbols));

		if (!more)
			return;
		symbols = more;
		room = room ? 2 * room : 4096;
	}
	symbols[count].name = strdup(name);
	symbols[count].address = address;
	count += symbols[count].name != NULL;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address > y->address ? 1 : -1;
	return strcmp(y->name, x->name); /* for symbols__name, the plainest of them comes last */
}

size_t symbols__done(void)
{
	qsort(symbols, count, sizeof(*symbols), by_address);
	return count;
}

uint64_t symbols__text(uint64_t *end)
{
	*end = count ? symbols[count - 1].address : 0;
	return count ? symbols[0].address : 0;
}

uint64_t symbols__find(const char *name, uint64_t *end)
{
	size_t i, next;

	for (i = 0; i < count; i++)
		if (!strcmp(symbols[i].name, name)) {
			for (next = i + 1; next < count; next++)
				if (symbols[next].address > symbols[i].address)
					break;
			*end = next < count ? symbols[next].address : symbols[i].address + 4096;
			return symbols[i].address;
		}
	return 0;
}

bool symbols__name(uint64_t pc, char *buf, size_t size)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (symbols[middle].address <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	snprintf(buf, size, "%s+0x%" PRIx64, symbols[low - 1].name,
		 pc - symbols[low - 1].address);
	return true;
}
