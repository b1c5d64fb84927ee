/* SPDX-License-Identifier: GPL-2.0-only */
/* CRC-32 as zlib computes it, by the fastest code there is for this CPU. */
#ifndef BRINDLE_BASE_CRC_H
#define BRINDLE_BASE_CRC_H

#include <stddef.h>
#include <linux/types.h>

/*
 * crc__add - extend a checksum by size bytes
 * @crc: checksum of the bytes before them, 0 = there are none
 */
__u32 crc__add(__u32 crc, const void *data, size_t size);

#endif
