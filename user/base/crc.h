/* SPDX-License-Identifier: GPL-2.0-only */
/* zlib's crc32, by the fastest code there is for this CPU. */
#ifndef BRINDLE_CRC_H
#define BRINDLE_CRC_H

#include <stddef.h>
#include <linux/types.h>

/* crc__add - the checksum of what gave crc (0: nothing yet) and of size more bytes */
__u32 crc__add(__u32 crc, const void *data, size_t size);

#endif
