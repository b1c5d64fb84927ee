// SPDX-License-Identifier: GPL-2.0-only
/* Interned names of processes: each is stored once, at an address that does not change. */
#include <stdlib.h>
#include "recording/stream.h"
#include "tap.h"

#define MANY	5000

static const char *name(unsigned int i)
{
	static char text[COMM_LEN + 1];

	memset(text, 0, sizeof(text));
	snprintf(text, sizeof(text), "task-%u", i);
	return text;
}

int main(void)
{
	static const char *at[MANY];
	struct comm_table table = { 0 };
	struct names names = { 0 };
	unsigned int i, wrong = 0;

	is_str(comms__get(&table, 7), "?", "an empty table");
	for (i = 0; i < MANY; i++) {
		at[i] = names__get(&names, name(i % (MANY / 2)));
		/* pids with colliding hashes, and 0 */
		wrong += !comms__set(&table, i << 12, at[i]);
	}
	is(wrong, 0, "many");
	is(names.used, MANY / 2, "each once");
	is(table.used, MANY, "every pid has an entry");
	for (i = 0; i < MANY; i++)
		wrong += at[i] != at[i % (MANY / 2)] ||
			 strcmp(at[i], name(i % (MANY / 2))) ||
			 comms__get(&table, i << 12) != at[i];
	is(wrong, 0, "and stay");
	is_str(comms__get(&table, 1), "?", "a pid that is not there");
	comms__set(&table, 4096, at[9]);
	ok(comms__get(&table, 4096) == at[9] && table.used == MANY, "a new name for a pid");
	is_str(names__get(&names, "0123456789abcdefX"), "0123456789abcdef", "16 bytes count");
	is_str(names__get(&names, (const char[COMM_LEN]){ 0 }), "", "no name at all");
	names__free(&names);
	free(table.slots);
	return tap__done();
}
