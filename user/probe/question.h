/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions to the kernel that only a BPF program can ask: a map of one value holds what is asked,
 * and the answer; a program that is run once by bpf(2) calls one helper with it.
 */
#ifndef BRINDLE_PROBE_QUESTION_H
#define BRINDLE_PROBE_QUESTION_H

#include <stddef.h>
#include <linux/bpf.h>

/* Instructions. AT: register reg = address of byte "at" in the value of a map */
#define AT(reg, map, at) \
	{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = (reg), \
	  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = (map) }, { .imm = (at) }
#define SET(reg, value) \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), .imm = (value) }
#define LOAD(reg, from) \
	{ .code = BPF_LDX | BPF_DW | BPF_MEM, .dst_reg = (reg), .src_reg = (from) }
#define CALL(function)	{ .code = BPF_JMP | BPF_CALL, .imm = (function) }
#define RETURN		{ .code = BPF_JMP | BPF_EXIT }

/*
 * question__map - a map of one value, size bytes; a descriptor that the caller closes, or -1
 * @constant: NULL, or what it holds for ever: the verifier wants that of formats
 */
int question__map(size_t size, const void *constant);

/*
 * question__ask - put *value into the map, run the program, and get *value back
 *
 * Returns what the program returned, or -errno.
 */
int question__ask(int map, int program, void *value);

#endif
