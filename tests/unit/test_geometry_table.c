// SPDX-License-Identifier: GPL-2.0-only
/* Colours of addresses: geometry.h against a table and against the definition. */
#include "model/geometry.h"
#include "tap.h"

static const struct {
	const char *name;
	__u64 span;
	__u32 page;
	__u64 va;
	__u32 colours, colour;
} cases[] = {
	{ "no aliases: one colour", 4096, 4096, 0x77e01000, 1, 0 },
	{ "8 KiB, even page", 8192, 4096, 0x77e00000, 2, 0 },
	{ "8 KiB, odd page", 8192, 4096, 0x77e01000, 2, 1 },
	{ "8 KiB, last byte of an odd page", 8192, 4096, 0x77e01fff, 2, 1 },
	{ "8 KiB, kernel slot of 32 bits", 8192, 4096, 0xfffd1000, 2, 1 },
	{ "16 KiB, ARMv6", 16384, 4096, 0xffff8000 + 3 * 4096, 4, 3 },
	{ "4 MiB, PA-RISC", 4 << 20, 4096, 0x403ff000, 1024, 1023 },
	{ "16 KiB with pages of 8 KiB, sparc64", 16384, 8192, 0x2000, 2, 1 },
	{ "64 KiB pages, no aliases", 65536, 65536, 0x7fffffff0000, 1, 0 },
	{ "kernel address of 64 bits", 32768, 4096, 0x9800000000007000, 8, 7 },
	{ "highest page", 32768, 4096, 0xfffffffffffff000, 8, 7 },
	{ "span below the page counts as none", 2048, 4096, 0x1800, 1, 0 },
};

static void test_table(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct geometry g = { .span = cases[i].span, .page_size = cases[i].page };

		is(geometry__colours(&g), cases[i].colours, cases[i].name);
		is(geometry__colour(&g, cases[i].va), cases[i].colour, cases[i].name);
	}
}

/* (address / page size) mod colours, for every span and many addresses. */
static void test_definition(void)
{
	__u64 va = 88172645463325252ULL;
	unsigned int wrong = 0, page_bits, colour_bits, n;

	for (page_bits = 12; page_bits <= 16; page_bits++) {
		for (colour_bits = 0; colour_bits <= 10; colour_bits++) {
			struct geometry g = { .span = 1ULL << (page_bits + colour_bits),
					      .page_size = 1U << page_bits };

			for (n = 0; n < 1000; n++) {
				va ^= va << 13;
				va ^= va >> 7;
				va ^= va << 17;
				wrong += geometry__colour(&g, va) !=
					 va / g.page_size % (1ULL << colour_bits);
				wrong += geometry__colour(&g, va) !=
					 geometry__colour(&g, va + g.span);
			}
		}
	}
	is(wrong, 0, "colour = (address / page size) mod colours, repeats over the span");
}

int main(void)
{
	test_table();
	test_definition();
	return tap__done();
}
