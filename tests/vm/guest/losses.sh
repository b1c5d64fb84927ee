# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# losses.sh TARGET: a known number of copies at full rate, with the default buffer and with
# the smallest there is. NAME.json has how many copies were made, and the recorder's status.
. /in/lib.sh

# made NAME PAGES ROUNDS OPTION...: one round more than ROUNDS is made, see cowbench --help
made() {
	local name=$1 pages=$2 rounds=$3
	shift 3
	cowbench --pages "$pages" --rounds "$rounds" --before 0 --ready log:recording \
		--log "/out/$name-{cycle}.log" -- \
		brindle record -o "/out/$name-{cycle}.rec" "$@" -p '{pid}' \
		>"/out/$name.json" 2>"/out/$name.err"
}

mount -t cgroup2 cgroup2 /sys/fs/cgroup
made default 4000 249
made smallest 1000 49 --buffer 4096
the_end
