# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest (busybox sh). Results go to /out.

# probes NAME: how many of brindle's are left in the kernel
probes() {
	grep -c brindle /sys/kernel/tracing/kprobe_events >"/out/$1.left"
}

# run_to NAME CMD ...: run, keep stdout, stderr and exit status as /out/NAME.*
run_to() {
	local name=$1
	shift
	"$@" >"/out/$name.stdout" 2>"/out/$name.stderr" </dev/null
	echo $? >"/out/$name.status"
	probes "$name"
}

# start NAME CMD ...: the same in the background; its process is $started
start() {
	local name=$1
	shift
	"$@" >"/out/$name.stdout" 2>"/out/$name.stderr" </dev/null &
	started=$!
}

# end NAME: wait for it
end() {
	wait "$started"
	echo $? >"/out/$1.status"
	probes "$1"
}

# recording NAME: wait until the recorder, $started, says that it records, or is gone
recording() {
	until grep -q 'recording;' "/out/$1.stderr" 2>/dev/null; do
		usleep 50000
		[ -z "$started" ] || kill -0 "$started" 2>/dev/null || return
	done
}

# written NAME: wait until it has written a packet, or is gone
written() {
	until [ -s "/out/$1.rec/stream_0" ]; do
		usleep 50000
		[ -z "$started" ] || kill -0 "$started" 2>/dev/null || return
	done
}

# the last thing a script does
the_end() {
	dmesg >/out/dmesg
	grep -c brindle /sys/kernel/tracing/kprobe_events >/out/leftover_events
	exit 0
}
