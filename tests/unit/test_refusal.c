// SPDX-License-Identifier: GPL-2.0-only
/* Messages of libbpf and the verifier, made short (user/probe/verifier_log.c). Real logs. */
#include <stdlib.h>
#include <string.h>
#include "probe/verifier_log.h"
#include "tap.h"

#define FIGURES(n) "processed " n " insns (limit 1000000) max_states_per_insn 0 total_states 0 " \
	"peak_states 0 mark_read 0\n"

static const struct {
	const char *what, *log, *reason;
} logs[] = {
	{ "6.1, the registers of a probe have ended",
	  "0: R1=ctx(off=0,imm=0) R10=fp0\n"
	  "; return fault__begin((const struct vm_fault *)ARG1(ctx), true);\n"
	  "0: (79) r7 = *(u64 *)(r1 +4096)\n"
	  "invalid bpf_context access off=4096 size=8\n" FIGURES("1"),
	  "invalid bpf_context access off=4096 size=8, at 0: (79) r7 = *(u64 *)(r1 +4096)" },
	{ "6.1, not a pointer: the register begins the reason",
	  "0: R1=ctx(off=0,imm=0) R10=fp0\n"
	  "0: (bf) r6 = r1                       ; R1=ctx(off=0,imm=0) R6_w=ctx(off=0,imm=0)\n"
	  "1: (79) r1 = *(u64 *)(r6 +112)        ; R1_w=scalar() R6_w=ctx(off=0,imm=0)\n"
	  "2: (79) r0 = *(u64 *)(r1 +8)\n"
	  "R1 invalid mem access 'scalar'\n" FIGURES("3"),
	  "R1 invalid mem access 'scalar', at 2: (79) r0 = *(u64 *)(r1 +8)" },
	{ "6.1, never written",
	  "0: R1=ctx(off=0,imm=0) R10=fp0\n0: (bf) r0 = r2\nR2 !read_ok\n" FIGURES("1"),
	  "R2 !read_ok, at 0: (bf) r0 = r2" },
	{ "6.1, wrong type of argument",
	  "2: (b7) r1 = 5                        ; R1_w=5\n3: (85) call bpf_map_lookup_elem#1\n"
	  "R1 type=scalar expected=map_ptr\n" FIGURES("4"),
	  "R1 type=scalar expected=map_ptr, at 3: (85) call bpf_map_lookup_elem#1" },
	{ "6.1, a helper that lockdown or the kind of program forbids",
	  "0: R1=ctx(off=0,imm=0) R10=fp0\n"
	  "0: (b7) r0 = 0                        ; R0_w=0\n"
	  "1: (85) call bpf_skb_load_bytes#26\n"
	  "unknown func bpf_skb_load_bytes#26\n" FIGURES("2"),
	  "unknown func bpf_skb_load_bytes#26, at 1: (85) call bpf_skb_load_bytes#26" },
	{ "6.18, the same",
	  "0: R1=ctx() R10=fp0\n"
	  "0: (b7) r0 = 0                        ; R0=0\n"
	  "1: (85) call bpf_skb_load_bytes#26\n"
	  "program of this type cannot use helper bpf_skb_load_bytes#26\n" FIGURES("2"),
	  "program of this type cannot use helper bpf_skb_load_bytes#26, "
	  "at 1: (85) call bpf_skb_load_bytes#26" },
	{ "6.1, before any instruction is followed",
	  "unreachable insn 3\n" FIGURES("0"), "unreachable insn 3" },
	{ "6.18, states after the reason",
	  "1: (15) if r0 == 0x1 goto pc+1        ; R0=0\n"
	  "2: (05) goto pc-2\n"
	  "infinite loop detected at insn 1\n"
	  "cur state: R0=0 R1=ctx() R10=fp0\n"
	  "old state: R0=P0 R1=ctx() R10=fp0\n" FIGURES("10"),
	  "infinite loop detected at insn 1, at 2: (05) goto pc-2" },
	{ "6.1, what libbpf could not relocate: it says so after the instruction",
	  "; return x;\n"
	  "2: (7b) *(u64 *)(r10 -8) = r1         ; R1_w=0 R10=fp0 fp-8_w=00000000\n"
	  "3: <invalid CO-RE relocation>\n"
	  "failed to resolve CO-RE relocation <byte_off> [7] struct vm_fault.nowhere "
	  "(0:1 @ offset 8)\n" FIGURES("4"),
	  "failed to resolve CO-RE relocation <byte_off> [7] struct vm_fault.nowhere "
	  "(0:1 @ offset 8), at 3: <invalid CO-RE relocation>" },
	{ "two lines of reason",
	  "7: (85) call pc+3\ncaller:\n R6=ctx() R10=fp0\n"
	  "combined stack size of 2 calls is 544. Too large\nreduce it\n" FIGURES("9"),
	  "combined stack size of 2 calls is 544. Too large: reduce it, at 7: (85) call pc+3" },
	{ "5.10, states on lines of their own",
	  "; return 0;\n0: (b7) r0 = 0\n1: R0_w=inv0 R1=ctx(id=0,off=0,imm=0) R10=fp0\n"
	  "1: (79) r2 = *(u64 *)(r1 +4096)\n"
	  "invalid bpf_context access off=4096 size=8\nprocessed 2 insns (limit 1000000)\n",
	  "invalid bpf_context access off=4096 size=8, at 1: (79) r2 = *(u64 *)(r1 +4096)" },
	{ "6.1, cut off at its end",
	  "0: R1=ctx(off=0,imm=0) R10=fp0\n"
	  "4: (b7) r0 = 0                        ; R0_w=0\n"
	  "5: (b7) r0 = 0                   ",
	  "the log was cut off at 5: (b7) r0 = 0" },
	{ "6.18, cut off at its beginning",
	  "R0=0\n39: (b7) r0 = 0                       ; R0=0\n40: (79) r0 = *(u64 *)(r0 +0)\n"
	  "R0 invalid mem access 'scalar'\n" FIGURES("41"),
	  "R0 invalid mem access 'scalar', at 40: (79) r0 = *(u64 *)(r0 +0)" },
	{ "something said at the beginning, then cut off",
	  "func 'x' arg0 has btf_id 4 type STRUCT 'pt_regs'\n0: (b7) r0 = 0\n1: (b7) r0 ",
	  "the log was cut off at 1: (b7) r0" },
	{ "nothing", "", "" },
	{ "figures only", FIGURES("3"), "the log was cut off at processed 3 insns (limit 1000000) "
	  "max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0" },
	{ "blank lines and no end of line", "\n \n\t\nlast insn is not an exit or jmp",
	  "last insn is not an exit or jmp" },
};

static void test_reasons(void)
{
	char out[256];
	unsigned int i;

	for (i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		memset(out, 'x', sizeof(out));
		verifier_log__reason(logs[i].log, out, sizeof(out));
		is_str(out, logs[i].reason, logs[i].what);
	}
}

/* Every log, cut at any length, in memory of just that size: nothing outside is read. */
static void test_cut_anywhere(void)
{
	size_t len, cut, fits = 0, all = 0;
	unsigned int i;
	char out[32];
	char *log;

	for (i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		len = strlen(logs[i].log);
		for (cut = 0; cut <= len; cut++) {
			log = strndup(logs[i].log, cut);
			verifier_log__reason(log, out, sizeof(out));
			fits += strlen(out) < sizeof(out) && !strchr(out, '\n');
			all++;
			free(log);
		}
	}
	ok(fits == all, "cut anywhere, a reason is one line and no longer than its room");
}

/* As libbpf 1.1 says it, warning after warning. */
static void test_refused(void)
{
	struct refusal r = {};

	verifier_log__add(&r, "libbpf: prog 'copy_by_page': BPF program load failed: Invalid argument\n");
	verifier_log__add(&r, "libbpf: prog 'copy_by_page': -- BEGIN PROG LOAD LOG --\n"
		      "0: (85) call bpf_probe_read_kernel#113\nunknown func "
		      "bpf_probe_read_kernel#113\n" FIGURES("1") "-- END PROG LOAD LOG --\n");
	verifier_log__add(&r, "libbpf: prog 'copy_by_page': failed to load: -22\n");
	verifier_log__add(&r, "libbpf: failed to load object 'brindle_bpf'\n");
	is_str(r.program, "copy_by_page", "the program is named");
	is_str(r.reason, "unknown func bpf_probe_read_kernel#113, at 0: (85) call "
	       "bpf_probe_read_kernel#113", "the reason is the verifier's");
	is_str(r.said, "prog 'copy_by_page': BPF program load failed: Invalid argument",
	       "what libbpf said first is kept");
}

static void test_no_log(void)
{
	struct refusal r = {};

	verifier_log__add(&r, "libbpf: Error in bpf_create_map_xattr(faults):Operation not "
		      "permitted(-1). Retrying without BTF.\n");
	verifier_log__add(&r, "libbpf: map 'faults': failed to create: Operation not permitted(-1)\n");
	verifier_log__add(&r, "libbpf: failed to load object 'brindle_bpf'\n");
	is_str(r.program, "", "no program was refused");
	is_str(r.reason, "", "no verifier gave a reason");
	is_str(r.said, "map 'faults': failed to create: Operation not permitted(-1)",
	       "the first failure is kept, not what comes of it");
}

static void test_odd_warnings(void)
{
	struct refusal r = {};

	verifier_log__add(&r, "libbpf: prog 'copy_by_page': -- BEGIN PROG LOAD LOG --\n0: (b7) r0 = 0\n");
	is_str(r.program, "copy_by_page", "a log without its end: the program");
	is_str(r.reason, "the log was cut off at 0: (b7) r0 = 0", "a log without its end: the rest");
	memset(&r, 0, sizeof(r));
	verifier_log__add(&r, "libbpf: prog 'never ends: BPF program load failed");
	is_str(r.program, "", "a name that does not end");
	memset(&r, 0, sizeof(r));
	verifier_log__add(&r, "");
	is_str(r.said, "", "an empty warning");
}

int main(void)
{
	test_reasons();
	test_cut_anywhere();
	test_refused();
	test_no_log();
	test_odd_warnings();
	return tap__done();
}
