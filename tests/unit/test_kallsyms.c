// SPDX-License-Identifier: GPL-2.0-only
/* Facts about a whole kernel from /proc/kallsyms (user/kernel/kallsyms.c). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernel/kallsyms.h"
#include "tap.h"

static void read_lines(struct kallsyms *k, const char *text, bool search)
{
	char name[] = "/tmp/brindle-test.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		perror("read_text");
		exit(1);
	}
	close(fd);
	kallsyms__read(k, name, search);
	unlink(name);
}

static void read_text(struct kallsyms *k, const char *text)
{
	read_lines(k, text, true);
}

static void test_shown(void)
{
	struct kallsyms k;

	/* as on x86_64, where variables of a CPU begin at 0 */
	read_text(&k, "0000000000000000 A fixed_percpu_data\n"
		  "ffffffff810a1000 T register_kprobe\n"
		  "ffffffff810a2000 t trace_call_bpf\n"
		  "ffffffff810a3000 t kprobe_ftrace_handler\n"
		  "ffffffffc0001000 t bpf_probe_read_kernel\t[some_module]\n");
	is(k.error, 0, "shown: read");
	ok(k.listed && k.addresses, "shown: addresses, though the first is 0");
	is(k.word_bits, 64, "shown: 16 digits are 64 bits");
	ok(k.has[SYMBOL_KPROBE] && k.has[SYMBOL_BPF] && k.has[SYMBOL_KPROBE_FTRACE] &&
	   k.has[SYMBOL_READ_KERNEL], "shown: all functions, also of a module");
}

static void test_hidden(void)
{
	struct kallsyms k;

	read_text(&k, "00000000 T register_kprobe\n00000000 t trace_call_bpf\n");
	ok(k.listed && !k.addresses, "hidden: named, without addresses");
	is(k.word_bits, 32, "hidden: 8 digits are 32 bits");
	ok(k.has[SYMBOL_KPROBE] && k.has[SYMBOL_BPF] && !k.has[SYMBOL_READ_KERNEL],
	   "hidden: functions are found all the same");
}

static void test_glance(void)
{
	struct kallsyms k;

	read_lines(&k, "0000000000000000 A fixed_percpu_data\n"
		   "ffffffff810a1000 T register_kprobe\n", false);
	ok(k.listed && k.addresses && k.word_bits == 64, "without a search: the kind of table");
	ok(!k.searched && !k.has[SYMBOL_KPROBE], "without a search: nothing is said of functions");
	read_lines(&k, "00000000 T _text\n00000000 T register_kprobe\n", false);
	ok(k.listed && !k.addresses, "without a search: all addresses are hidden");
}

static void test_names(void)
{
	struct kallsyms k;

	read_text(&k, "80001000 T register_kprobes\n80002000 T __register_kprobe\n"
		  "80003000 t trace_call_bpf.cold\n80004000 T register_kprobe");
	ok(k.has[SYMBOL_KPROBE], "a name at the end of the file, without an end of line");
	ok(!k.has[SYMBOL_BPF], "no name that only begins like it");
	read_text(&k, "80001000 T register_kprobes\n80002000 T __register_kprobe\n");
	ok(!k.has[SYMBOL_KPROBE], "no name that it is a part of");
}

static void test_odd(void)
{
	struct kallsyms k;

	read_text(&k, "");
	ok(!k.error && !k.listed && !k.addresses && !k.word_bits, "an empty file");
	read_text(&k, "what is this\n80001000\n80001000 \n80001000 T\n\n");
	ok(!k.listed, "lines of something else");
	kallsyms__read(&k, "/nowhere/kallsyms", true);
	is(k.error, ENOENT, "no file");
	ok(!k.listed, "no file: nothing is listed");
	kallsyms__read(&k, "/tmp", true);
	is(k.error, EISDIR, "a file that cannot be read");
}

int main(void)
{
	test_shown();
	test_hidden();
	test_glance();
	test_names();
	test_odd();
	return tap__done();
}
