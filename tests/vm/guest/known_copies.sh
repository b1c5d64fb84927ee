# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Copies known from pagemap, three times; one CPU and several threads.
. /in/lib.sh
cat /proc/sys/net/core/bpf_jit_enable >/out/jit
run_to doctor brindle doctor --self-check
for i in 1 2 3; do
	run_to "pages$i" brindle record -o "/out/pages$i.rec" -- \
		cowpages --pages 5000 --seed "$i" --out "/out/pages$i.list"
done
run_to threads brindle record -o /out/threads.rec -- \
	cowpages --pages 2000 --threads 4 --repeat 3 --out /out/threads.list
if grep -q fentry /out/doctor.stdout; then
	run_to kprobes brindle record --prefer kprobe -o /out/kprobes.rec -- \
		cowpages --pages 5000 --seed 4 --out /out/kprobes.list
fi
[ ! -r /sys/kernel/btf/vmlinux ] || cp /sys/kernel/btf/vmlinux /out/btf
the_end
