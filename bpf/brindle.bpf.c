// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF programs: one per role and calling convention. The catalogue (user/probe/catalogue.c)
 * says which kernel function each is attached to.
 *
 * A copy is put together in its thread's slot and sent (or counted) once, at its end. Counters
 * are per CPU, and the kernel never runs two kprobe programs at once on one CPU.
 *
 * The headers below are parts of this file, in the order in which they use each other.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "args.bpf.h"
#include "state.h"
#include "maps.bpf.h"
#include "kernel.bpf.h"
#include "counters.bpf.h"
#include "filter.bpf.h"
#include "thread.bpf.h"
#include "send.bpf.h"
#include "totals.bpf.h"
#include "fault.bpf.h"
#include "copy.bpf.h"
#include "by_address.bpf.h"
#include "mapping.bpf.h"
#include "clear.bpf.h"
#include "call.bpf.h"
#include "task.bpf.h"

char LICENSE[] SEC("license") = "GPL";
