// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include "recording/format.h"

/*
 * The kernel's random pool may not be ready early after boot, which is where lab machines record.
 * Then AT_RANDOM serves, the 16 random bytes that the kernel gives a process at exec; the time
 * makes a second recording of this process differ.
 */
void uuid__random(__u8 uuid[UUID_LEN])
{
	if (getrandom(uuid, UUID_LEN, GRND_NONBLOCK) != UUID_LEN) {
		const void *at_random = (const void *)getauxval(AT_RANDOM);
		struct timespec now = {};
		__u64 ts;

		if (at_random)
			memcpy(uuid, at_random, UUID_LEN);
		memcpy(&ts, uuid, sizeof(ts));
		clock_gettime(CLOCK_REALTIME, &now);
		ts ^= (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec;
		memcpy(uuid, &ts, sizeof(ts));
	}
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}
