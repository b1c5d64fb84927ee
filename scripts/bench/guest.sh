#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh TARGET PAGES ROUNDS CYCLES [ROW...]: the part of scripts/bench/run inside the
# guest. Measures the rows named, and leaves below /out what cowbench printed of each
# (ROW.json) or why there is nothing (ROW.absent), and what the tools wrote. /in/bin has
# programs that are too large to be packages of the guest.

target=$1 pages=$2 rounds=$3 cycles=$4
shift 4
rows=" $* "
PATH=$PATH:/in/bin
events=/sys/kernel/tracing/kprobe_events

# "KIND:FUNCTION ..." of all that brindle's plan attaches to a function of the kernel
plan() {
	brindle doctor --self-check 2>/dev/null | awk '
		/^Attach plan/ { on = 1 }
		/^$/ { on = 0 }
		on && !/ not used: / && $3 ~ /^(kprobe|kretprobe|fentry|fexit)$/ { printf "%s:%s ", $3, $2 }'
}

# What the row cannot do without and is not here, if anything.
missing() {
	case $1 in
	-) ;;
	--*) brindle record --help | grep -q -e "$1" || echo "this brindle has no record $1" ;;
	*) command -v "$1" >/dev/null || echo "there is no $1 for this machine in Debian" ;;
	esac
}

ready() {
	case $1 in
	probes:*) echo "/sys/kernel/debug/kprobes/list:${1#*:}" ;;
	functions:*) echo "/sys/kernel/tracing/enabled_functions:${1#*:}" ;;
	*) echo "$1" ;;
	esac
}

# Its records as text, one line each; the kernel's own losses, too.
text() {
	local file

	case $1 in perf | trace-cmd) ;; *) return 0 ;; esac
	for file in "$2"-[0-9]*.data; do
		case $1 in
		perf) perf script -i "$file" --show-lost-events ;;
		trace-cmd) trace-cmd report -i "$file" ;;
		esac >"${file%.data}.txt" 2>&1
		rm "$file"
	done
}

# measure ROW NEEDS READY COUNT COMMAND...
measure() {
	local row="$1" why ready count="$4"

	echo "bench: $target $row" >&2
	why=$(missing "$2")
	ready=$(ready "$3")
	shift 4
	if [ -z "$why" ]; then
		[ -z "$1" ] || set -- --ready "$ready" --log "/out/$row-{cycle}.log" -- "$@"
		cowbench --pages "$pages" --rounds "$rounds" --cycles "$cycles" "$@" \
			>"/out/$row.json" 2>"/out/$row.err" && text "$count" "/out/$row"
		why=$(head -n 1 "/out/$row.err")
	fi
	[ -z "$why" ] || echo "$why" >"/out/$row.absent"
}

mkdir -p /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1
{
	uname -r
	! command -v bpftrace >/dev/null || bpftrace --version
	! command -v perf >/dev/null || perf --version
	! command -v trace-cmd >/dev/null || trace-cmd --version 2>&1 | grep -m 1 version
} >/out/versions
plan=$(plan)
echo "$plan" >/out/plan
cat "/in/peers/events.$target" >"$events"
# trace-cmd is to read while there is something to read, as the others do
echo 1 >/sys/kernel/tracing/buffer_percent
cowbench --pages "$pages" --rounds 1 >/dev/null # the first one of a boot is dearer

grep "^$target " /in/rows | while IFS='|' read -r fields _ command; do
	# shellcheck disable=SC2086 # words of the table
	set -- $fields
	case $rows in *" $2 "*) ;; *) continue ;; esac
	row=$2 needs=$3 ready=$4 count=$5
	command=$(echo "$command" | sed "s|{out}|/out/$row-{cycle}|g; s|{plan}|$plan|g")
	set -f # a star is the tool's own
	# shellcheck disable=SC2086
	set -- $command
	set +f
	measure "$row" "$needs" "$ready" "$count" "$@"
done
dmesg >/out/dmesg
