# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Copies known from pagemap, those of forkrace, and then everything at once. From the second
# round on the sources are frames that a copy got: their colours have nothing to do with
# those of the addresses.
. /in/lib.sh

# The mappings of 2,000 copies as the kernel's own tracer sees them. On MIPS r4 to r7 are the
# first four arguments.
traced() {
	cd /sys/kernel/tracing || return
	cat >kprobe_events <<-END
	p:copy copy_user_highpage to=%r4:x32 from=%r5:x32 user=%r6:x32
	r:copied copy_user_highpage
	p:map __kmap_pgprot page=%r4:x32 user=%r5:x32 slot=%r7:u32
	r:mapped __kmap_pgprot at=\$retval:x32
	END
	echo 8192 >buffer_size_kb
	echo 1 >events/kprobes/enable
	cowpages --pages 2000 --out /out/traced.list
	echo 0 >events/kprobes/enable
	cp trace /out/trace
	echo >kprobe_events
}

uname -r >/out/release
run_to doctor brindle doctor --self-check
run_to pages brindle record -o /out/pages.rec -- \
	cowpages --pages 5000 --repeat 3 --seed 1 --out /out/pages.list
run_to forkrace brindle record -o /out/forkrace.rec -- forkrace --forks 60
run_to storm storm 200 8
run_to traced traced
awk '{ print $3 }' /proc/kallsyms | grep -xE 'copy_user_highpage|clear_user_highpage|__kmap_pgprot' |
	sort >/out/symbols
the_end
