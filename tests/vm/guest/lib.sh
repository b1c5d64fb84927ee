# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest (busybox sh). Results go to /out.

# run_to NAME CMD ...: run, keep stdout, stderr and exit status as /out/NAME.*
run_to() {
	local name=$1
	shift
	"$@" >"/out/$name.stdout" 2>"/out/$name.stderr" </dev/null
	echo $? >"/out/$name.status"
}

# the last thing a script does
the_end() {
	dmesg >/out/dmesg
	grep -c brindle /sys/kernel/tracing/kprobe_events >/out/leftover_events
	exit 0
}
