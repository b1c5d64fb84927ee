// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>
#include "arch/arch.h"

#define ADDRESS_OF_ARCH(name)	&arch_##name,
static const struct arch *const all[] = { ARCHES(ADDRESS_OF_ARCH) };

#define ALL (sizeof(all) / sizeof(all[0]))

void arch__excuse_nothing(const struct copy *c, bool missed, struct judgement *j)
{
	(void)c;
	(void)missed;
	j->verdict = SIDE_MISMATCH;
	j->reason = "colours differ";
}

const struct arch *arch__by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ALL; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

const struct arch *arch__by_machine(const char *machine)
{
	size_t i, k;

	for (i = 0; i < ALL; i++)
		for (k = 0; all[i]->machines[k]; k++)
			if (!strcmp(all[i]->machines[k], machine))
				return all[i];
	return NULL;
}
