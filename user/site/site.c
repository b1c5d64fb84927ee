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

int site__calls(const struct site_arch *arch, const __u32 *code, size_t words, __u64 address,
		__u64 target, struct site *sites, int max)
{
	struct site site;
	__u64 called;
	size_t at;
	int n = 0;

	for (at = 0; at < words; at++) {
		site = (struct site){ .offset = SITE_NOWHERE };
		if (!arch->call(code, words, at, address, &called, &site) || called != target)
			continue;
		if (n == max || !site__usable(&site, SITE_ARGUMENTS))
			return -1;
		sites[n++] = site;
	}
	return n;
}
