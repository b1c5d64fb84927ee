// SPDX-License-Identifier: GPL-2.0-only
/* The formats of a comparison. */
#include "base/options.h"
#include "output/compare.h"

const struct comparison_format comparison_formats[] = {
	{ "table", compare_table__write },
	{ "json", compare_json__write },
	{}
};

const struct comparison_format *comparison__format(const char *name)
{
	const int i = options__choice("--format", "format", name, comparison_formats,
				      sizeof(comparison_formats[0]));

	return i < 0 ? NULL : &comparison_formats[i];
}
