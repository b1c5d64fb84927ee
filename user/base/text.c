// SPDX-License-Identifier: GPL-2.0-only
#include "base/text.h"
#include "base/utf8.h"

int text__put(FILE *f, const char *s)
{
	size_t length;
	int columns = 0;

	for (; *s; s += length ? length : 1, columns++) {
		unsigned char c = (unsigned char)*s;

		length = utf8__length(s);
		if (!length || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0))
			putc('?', f);
		else
			fwrite(s, 1, length, f);
	}
	return columns;
}

void text__percent(FILE *f, __u64 part, __u64 all, int width)
{
	double p = all ? 100.0 * (double)part / (double)all : 0;

	if (part && p < 0.01)
		fprintf(f, "%*s %%", width, "<0.01");
	else if (part != all && p > 99.99)
		fprintf(f, "%*s %%", width, ">99.99");
	else
		fprintf(f, "%*.2f %%", width, p);
}

void text__rate(FILE *f, double rate, int width)
{
	fprintf(f, "%*.3g %%", width, 100 * rate);
}

void text__bytes(FILE *f, __u64 n)
{
	if (n >= 1 << 20 && n % (1 << 20) == 0)
		fprintf(f, "%llu MiB", (unsigned long long)(n >> 20));
	else if (n >= 1 << 10 && n % (1 << 10) == 0)
		fprintf(f, "%llu KiB", (unsigned long long)(n >> 10));
	else
		fprintf(f, "%llu bytes", (unsigned long long)n);
}
