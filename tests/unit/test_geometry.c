// SPDX-License-Identifier: GPL-2.0-only
/* Asking the kernel for its span, and --span. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/err.h"
#include "kernel/span.h"
#include "model/geometry.h"
#include "quiet.h"
#include "tap.h"

/* Lines of /proc/self/maps: a probe that leaves or destroys mappings changes them. */
static unsigned int mappings(unsigned long *sum)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int lines = 0;
	unsigned long from, to;
	char line[512];

	*sum = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (strstr(line, "[heap]") || strstr(line, "[stack]"))
			continue;
		if (sscanf(line, "%lx-%lx", &from, &to) == 2)
			*sum = *sum * 31 + from + to;
		lines++;
	}
	if (f)
		fclose(f);
	return lines;
}

static int open_files(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_ask(void)
{
	const char *const no_check[] = { "x86_64", "i686", "aarch64" };
	struct geometry g = { 0 };
	unsigned long before, after;
	struct utsname u;
	int files;
	size_t i;

	is(span__ask(&g), 0, "asking works without privilege");
	mappings(&before);
	files = open_files();
	is(span__ask(&g), 0, "and once more");
	mappings(&after);
	is(after, before, "it leaves this process's mappings as they were");
	is(open_files(), files, "and no file open");
	is(g.page_size, sysconf(_SC_PAGESIZE), "the page is the kernel's");
	ok(g.span >= g.page_size && !(g.span & (g.span - 1)), "the span is a power of two");
	ok(geometry__colours(&g) <= COLOURS_MAX, "not too many colours");
	is_str(g.source, "mmap", "the source is named");
	uname(&u);
	for (i = 0; i < sizeof(no_check) / sizeof(no_check[0]); i++)
		if (!strcmp(u.machine, no_check[i]))
			is(geometry__colours(&g), 1, "this machine has no colours");
}

/* With no room for the reservation it says so and changes nothing. */
static void test_no_room(void)
{
	struct rlimit old, tight = { 1 << 20, 0 };
	struct geometry g = { .span = 1, .page_size = 2, .source = "old" };
	int ret;

	getrlimit(RLIMIT_AS, &old);
	tight.rlim_max = old.rlim_max;
	if (setrlimit(RLIMIT_AS, &tight)) {
		skip("setrlimit", "no room");
		return;
	}
	quiet__begin();
	ret = span__ask(&g);
	quiet__end();
	setrlimit(RLIMIT_AS, &old);
	if (!ret) {
		skip("the limit is not enforced here", "no room");
		return;
	}
	is(ret, EXIT_FAIL, "no room for the reservation: failure");
	ok(strstr(quiet_text, "give --span") && quiet_lines() == 1, "said in one line: %s",
	   quiet_text);
	ok(g.span == 1 && g.page_size == 2 && !strcmp(g.source, "old"), "geometry is unchanged");
}

static const struct {
	const char *text;
	__u32 page;
	__u64 span;	/* 0 = refused */
} spans[] = {
	{ "4096", 4096, 4096 },
	{ "8192", 4096, 8192 },
	{ "16K", 4096, 16384 },
	{ "16k", 4096, 16384 },
	{ "4M", 4096, 4 << 20 },
	{ "4m", 4096, 4 << 20 },
	{ "64K", 65536, 65536 },
	{ "16384", 8192, 16384 },
	{ "8M", 4096, 0 },		/* 2048 colours */
	{ "8M", 8192, 8 << 20 },
	{ "2048", 4096, 0 },
	{ "12288", 4096, 0 },
	{ "12K", 4096, 0 },
	{ "0", 4096, 0 },
	{ "", 4096, 0 },
	{ "K", 4096, 0 },
	{ "-8192", 4096, 0 },
	{ "+8192", 4096, 0 },
	{ " 8192", 4096, 0 },
	{ "8192 ", 4096, 0 },
	{ "8KK", 4096, 0 },
	{ "8KiB", 4096, 0 },
	{ "0x2000", 4096, 0 },
	{ "8e3", 4096, 0 },
	{ "18446744073709551616", 4096, 0 },
	{ "18446744073709551615", 4096, 0 },
	{ "9223372036854775808", 4096, 0 },
	{ "18014398509481984K", 4096, 0 },	/* 2^64, would be 0 */
	{ "18014398509481992K", 4096, 0 },	/* would be 8192 */
	{ "17592186044424M", 4096, 0 },
	{ "99999999999999999999999999", 4096, 0 },
};

static void test_set_span(void)
{
	size_t i;

	for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct geometry g = { .span = 77, .page_size = spans[i].page, .source = "mmap" };
		int ret;

		quiet__begin();
		ret = geometry__set_span(&g, spans[i].text);
		quiet__end();
		if (spans[i].span)
			ok(!ret && g.span == spans[i].span && !strcmp(g.source, "--span") &&
			   !*quiet_text, "--span '%s' with pages of %u", spans[i].text,
			   spans[i].page);
		else
			ok(ret == EXIT_USAGE && g.span == 77 && !strcmp(g.source, "mmap") &&
			   quiet_lines() == 1, "--span '%s' with pages of %u is refused",
			   spans[i].text, spans[i].page);
	}
}

int main(void)
{
	test_ask();
	test_set_span();
	test_no_room();
	return tap__done();
}
