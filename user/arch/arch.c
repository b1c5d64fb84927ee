// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>
#include "arch/arch.h"

#define ADDRESS_OF_ARCH(name)	&arch_##name,
static const struct arch *const all[] = { ARCHES(ADDRESS_OF_ARCH) };

#define ALL (sizeof(all) / sizeof(all[0]))

static const struct frame_start mapped = {
	.user = MAY_BE_NEWEST, .kernel = MAY_BE_BEHIND, .newest = NEWEST_FOR_USER, .excuse = "",
};

int arch__mapped_source(__u16 facts, struct frame_start start[FRAME_STARTS_MAX],
			const char **unknown)
{
	(void)facts;
	*unknown = "";
	start[0] = mapped;
	return 1;
}

int arch__flagged_source(__u16 facts, struct frame_start start[FRAME_STARTS_MAX],
			 const char **unknown)
{
	static const struct frame_start kernels = {
		.user = MAY_BE_NONE, .kernel = MAY_BE_NEWEST, .newest = NEWEST_FOR_KERNEL,
	};
	const bool mapped_known = facts & FACT_MAPPED_KNOWN, dirty_known = facts & FACT_DIRTY_KNOWN;
	int n = 0;

	*unknown = "";
	if (dirty_known && (facts & FACT_KERNEL_DIRTY)) {
		start[0] = kernels;
		start[0].excuse = "kernel-dirty";
		return 1;
	}
	if (mapped_known && !(facts & FACT_MAPPED)) {
		start[0] = kernels;
		start[0].excuse = "unmapped";
		return 1;
	}
	start[n] = mapped;
	/* nobody has written since, and no user line is dirty any more */
	if (facts & FACT_FORK_FLUSHED) {
		start[n].user = MAY_BE_CLEAN;
		start[n].kernel = MAY_BE_CLEAN;
		start[n].excuse = "flushed at fork";
	}
	n++;
	if (mapped_known && dirty_known)
		return n;
	*unknown = mapped_known ? "dirty state not known" : "mapped state not known";
	start[n] = kernels;
	start[n++].excuse = mapped_known ? "kernel-dirty" : "unmapped";
	return n;
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
