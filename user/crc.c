// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <zlib.h>
#include "crc.h"

#ifdef __x86_64__
#include <immintrin.h>

#define CLMUL __attribute__((target("pclmul,sse4.1")))

/* The numbers are powers of x modulo the polynomial of crc32, bits reversed. */
static inline CLMUL __m128i fold(__m128i acc, __m128i powers, __m128i next)
{
	return _mm_xor_si128(next, _mm_xor_si128(_mm_clmulepi64_si128(acc, powers, 0x00),
						 _mm_clmulepi64_si128(acc, powers, 0x11)));
}

/* 128 bits to 32: to 64, then by Barrett's way, which multiplies in place of dividing. */
static CLMUL __u32 reduce(__m128i acc, __m128i powers)
{
	const __m128i low = _mm_setr_epi32(~0, 0, ~0, 0);
	const __m128i last = _mm_set_epi64x(0, 0x163cd6124);
	const __m128i polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641);
	__m128i x;

	acc = _mm_xor_si128(_mm_srli_si128(acc, 8), _mm_clmulepi64_si128(acc, powers, 0x10));
	acc = _mm_xor_si128(_mm_srli_si128(acc, 4),
			    _mm_clmulepi64_si128(_mm_and_si128(acc, low), last, 0x00));
	x = _mm_clmulepi64_si128(_mm_and_si128(acc, low), polynomial, 0x10);
	x = _mm_clmulepi64_si128(_mm_and_si128(x, low), polynomial, 0x00);
	return _mm_extract_epi32(_mm_xor_si128(acc, x), 1);
}

/* size: a multiple of 64, at least 64 */
static CLMUL __u32 by_multiplying(__u32 crc, const __u8 *p, size_t size)
{
	const __m128i by_64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
	const __m128i by_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
	const __m128i *v = (const __m128i *)p, *end = (const __m128i *)(p + size);
	__m128i acc[4];
	int i;

	for (i = 0; i < 4; i++)
		acc[i] = _mm_loadu_si128(v++);
	acc[0] = _mm_xor_si128(acc[0], _mm_cvtsi32_si128(~crc));
	for (; v < end; v += 4) {
		acc[0] = fold(acc[0], by_64, _mm_loadu_si128(v));
		acc[1] = fold(acc[1], by_64, _mm_loadu_si128(v + 1));
		acc[2] = fold(acc[2], by_64, _mm_loadu_si128(v + 2));
		acc[3] = fold(acc[3], by_64, _mm_loadu_si128(v + 3));
	}
	for (i = 1; i < 4; i++)
		acc[i] = fold(acc[i - 1], by_16, acc[i]);
	return ~reduce(acc[3], by_16);
}

static bool multiplies(void)
{
	return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}
#else
static __u32 by_multiplying(__u32 crc, const __u8 *p, size_t size)
{
	return (__u32)crc32(crc, p, (uInt)size);
}

static bool multiplies(void)
{
	return false;
}
#endif

__u32 crc__add(__u32 crc, const void *data, size_t size)
{
	const size_t bulk = size & ~(size_t)63;
	const __u8 *p = data;

	if (!bulk || !multiplies())
		return (__u32)crc32(crc, p, (uInt)size);
	crc = by_multiplying(crc, p, bulk);
	return (__u32)crc32(crc, p + bulk, (uInt)(size - bulk));
}
