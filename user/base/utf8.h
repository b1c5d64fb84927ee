/* SPDX-License-Identifier: GPL-2.0-only */
/* Well-formed UTF-8 (RFC 3629). */
#ifndef BRINDLE_BASE_UTF8_H
#define BRINDLE_BASE_UTF8_H

#include <stddef.h>

/*
 * utf8__length - length of the UTF-8 character at s
 *
 * 1 to 4, or 0 when s does not begin with a well-formed one (RFC 3629: no overlong form,
 * no surrogate, nothing above U+10FFFF). s ends with a NUL.
 */
size_t utf8__length(const char *s);

#endif
