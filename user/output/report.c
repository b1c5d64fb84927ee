// SPDX-License-Identifier: GPL-2.0-only
/* The formats of a report, and the functions that they share. */
#include "base/options.h"
#include "output/report.h"

const struct report_format report_formats[] = {
	{ "table", report_table__write },
	{ "json", report_json__write },
	{ "csv", report_csv__write },
	{ "openmetrics", report_openmetrics__write },
	{}
};

const struct report_format *report__format(const char *name)
{
	const int i = options__choice("--format", "format", name, report_formats,
				      sizeof(report_formats[0]));

	return i < 0 ? NULL : &report_formats[i];
}

__u32 report__processes(const struct report *r, __u32 by_default)
{
	__u32 rows = r->stats->process_rows;
	__u32 top = r->top == TOP_DEFAULT ? by_default : r->top;

	return top == TOP_ALL || top > rows ? rows : top;
}

/*
 * Without gmtime, so that dates after 2038 are right even where time_t has 32 bits. Days to
 * date as in Hinnant's "chrono-compatible low-level date algorithms".
 */
void report__time(const struct recording_env *env, __u64 ts, char text[24])
{
	const __u64 seconds = (env->start_ns + ts) / 1000000000ULL;
	const __u32 second = (__u32)(seconds % 86400);
	const __u64 z = seconds / 86400 + 719468;
	const __u32 doe = (__u32)(z % 146097);		/* day of the 400-year era */
	const __u32 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const __u32 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const __u32 mp = (5 * doy + 2) / 153;		/* month from March */
	const __u32 day = doy - (153 * mp + 2) / 5 + 1;
	const __u32 month = mp < 10 ? mp + 3 : mp - 9;
	const __u32 year = (__u32)(z / 146097 * 400) + yoe + (month <= 2);

	snprintf(text, 24, "%04u-%02u-%02uT%02u:%02u:%02uZ", year % 10000, month % 100, day % 100,
		 second / 3600, second / 60 % 60, second % 60);
}
