// SPDX-License-Identifier: GPL-2.0-only
/* The faster checksum is zlib's: of every size, at every alignment, in any pieces. */
#include <zlib.h>
#include "../../user/crc.h"
#include "tap.h"

#define SIZE	1024

static __u8 data[SIZE + 16];

static __u32 of_zlib(const __u8 *p, size_t size)
{
	return (__u32)crc32(0, p, (uInt)size);
}

int main(void)
{
	unsigned int seed = 20061019, at, wrong = 0, cut = 0;
	size_t size;

	for (at = 0; at < sizeof(data); at++) {
		seed = seed * 1103515245 + 12345;
		data[at] = seed >> 16;
	}
	for (at = 0; at < 16; at++)
		for (size = 0; size <= SIZE; size++)
			wrong += crc__add(0, data + at, size) != of_zlib(data + at, size);
	ok(!wrong, "as zlib's for %d sizes at 16 alignments", SIZE + 1);
	for (size = 0; size <= SIZE; size++)
		cut += crc__add(crc__add(0, data, size), data + size, SIZE - size) !=
		       of_zlib(data, SIZE);
	ok(!cut, "the same in two pieces, cut anywhere");
	ok(crc__add(0, "123456789", 9) == 0xcbf43926, "the check value of crc32");
	return tap__done();
}
