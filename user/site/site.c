// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "site/site.h"

const struct site_arch *site_arch__by_name(const char *name)
{
	static const struct site_arch *const all[] = { &site_mips, &site_armv6 };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}
