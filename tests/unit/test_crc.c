// SPDX-License-Identifier: GPL-2.0-only
/* The checksum must be zlib's whichever library computes it, since recordings outlive the code. */
#include <stdlib.h>
#include <zlib.h>
#include "base/crc.h"
#include "tap.h"

int main(void)
{
	static const unsigned char check[] = "123456789";
	unsigned char *bytes = malloc(70000);
	size_t i, size, cut, wrong = 0;

	for (i = 0; i < 70000; i++)
		bytes[i] = (unsigned char)(i * i >> 5 ^ i);
	is(crc__add(0, check, 9), 0xcbf43926, "the check value of the standard");
	is(crc__add(0, check, 0), 0, "nothing");
	for (size = 0; size < 700; size++)
		for (i = 0; i < 17; i++)
			wrong += crc__add(0, bytes + i, size) !=
				 crc32(0, bytes + i, (unsigned int)size);
	is(wrong, 0, "zlib's, of any size at any address");
	for (cut = 0; cut < 70000; cut += 997)
		wrong += crc__add(crc__add(0, bytes, cut), bytes + cut, 70000 - cut) !=
			 crc32(0, bytes, 70000);
	is(wrong, 0, "in two parts");
	free(bytes);
	return tap__done();
}
