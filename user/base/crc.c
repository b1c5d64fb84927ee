// SPDX-License-Identifier: GPL-2.0-only
#include "base/crc.h"

/*
 * libdeflate asks the CPU whether it multiplies without carries, and is then ten times as
 * fast as zlib. Where no CPU does, zlib's needs fewer instructions: on MIPS by 7 %.
 */
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
#include <libdeflate.h>

__u32 crc__add(__u32 crc, const void *data, size_t size)
{
	return libdeflate_crc32(crc, data, size);
}
#else
#include <zlib.h>

__u32 crc__add(__u32 crc, const void *data, size_t size)
{
	return (__u32)crc32(crc, data, (uInt)size);
}
#endif
