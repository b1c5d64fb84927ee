#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh ROUNDS PAGES [COMMAND...]: the part of scripts/bench/profile inside the guest.
# Leaves the names of the kernel's functions, and of BPF programs while the command runs.

rounds=$1 pages=$2
shift 2
PATH=$PATH:/in/bin
echo 0 >/proc/sys/kernel/kptr_restrict
[ ! -e /proc/sys/net/core/bpf_jit_kallsyms ] || echo 1 >/proc/sys/net/core/bpf_jit_kallsyms
mkdir -p /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1
cowbench --pages "$pages" --rounds 1 >/dev/null # the first one of a boot is dearer
[ $# -eq 0 ] || {
	(
		until grep -qs recording /out/log-0; do sleep 0.1; done
		cat /proc/kallsyms >/out/kallsyms
	) &
	set -- --ready log:recording --log '/out/log-{cycle}' -- "$@"
}
cowbench --pages "$pages" --rounds "$rounds" --cycles 1 "$@" || exit 1
[ -e /out/kallsyms ] || cat /proc/kallsyms >/out/kallsyms
wait
