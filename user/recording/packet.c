// SPDX-License-Identifier: GPL-2.0-only
#include "base/crc.h"
#include "recording/format.h"

__u32 packet__crc(const void *packet, size_t size)
{
	const __u8 *p = packet;
	const size_t at = offsetof(struct disk_packet, crc), after = at + sizeof(__u32);

	return crc__add(crc__add(0, p, at), p + after, size - after);
}
