# SPDX-License-Identifier: GPL-2.0-only
# Two CPUs, eight processes that fork and write at once: every copy recorded right. SMP
# says on which machine (see guest).

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	local cpu=()

	# the kernel warns of two CPUs of the AMD model that QEMU's own one looks like
	[ "$SMP" != i386 ] || cpu=(--cpu 'max,vendor=GenuineIntel')
	guest "smp-$SMP" "$SMP" smp.sh --smp 2 "${cpu[@]}"
	had || return 0
	"$BRINDLE" report --copies "$OUT/smp.rec" >"$OUT/smp.ndjson"
	known >"$OUT/smp.known"
	{
		json smp.rec '"\(.totals.copies) copies, \(.forks.windows) fork windows, \(.forks.exposed) exposed"'
		awk '{ n[$1]++ } END { for (cpu in n) print "CPU " cpu ": " n[cpu] " known copies" }' \
			"$OUT/smp.known"
	} | sed "s/^/# $SMP: /" >&3
}

# CPU and process of every copy by one of the eight, in the order of time.
known() {
	jq -r --argjson pids "[$(sed -n 's/^# pid //p' "$OUT"/smp?.list | paste -sd,)]" \
		'select(.pid as $pid | any($pids[]; . == $pid)) | "\(.cpu) \(.pid)"' "$OUT/smp.ndjson"
}

@test "$SMP: two CPUs, and every program ended well" {
	[ "$(cat "$OUT/cpus")" = 2 ]
	[ "$(saved smp)" = 0 ]
}

@test "$SMP: 5,000 known copies of each of eight processes, one to one" {
	for i in 1 2 3 4 5 6 7 8; do
		[ "$(grep -vc '^#' "$OUT/smp$i.list")" = 5000 ]
		tests/match "$OUT/smp.ndjson" "$OUT/smp$i.list"
	done
}

@test "$SMP: no record lost or missed, no copy at risk or unknown" {
	[ "$(json smp.rec '.totals | "\(.lost) \(.missed) \(.at_risk) \(.unknown)"')" = "0 0 0 0" ]
}

@test "$SMP: a fork window for every fork" {
	# the shell's ten, ten of each cowpages, and what forkers and forkrace were told
	[ "$(json smp.rec .forks.windows)" = $((10 + 8 * 10 + 2 * 200 + 40)) ]
}

@test "$SMP: both CPUs copied at the same time, for the same processes too" {
	for cpu in 0 1; do
		[ "$(grep -c "^$cpu " "$OUT/smp.known")" -gt 2000 ]
	done
	# in the order of time they take turns, and some processes were on both
	[ "$(awk '$1 != last { n++; last = $1 } END { print n }' "$OUT/smp.known")" -gt 100 ]
	[ "$(sort -u "$OUT/smp.known" | awk '{ n[$2]++ } END { for (pid in n) both += n[pid] == 2
		print both }')" -ge 2 ]
}

@test "$SMP: a stream for each CPU, whose copies babeltrace2 counts alike" {
	for cpu in 0 1; do
		[ -s "$OUT/smp.rec/stream_$cpu" ]
	done
	babeltrace2 "$OUT/smp.rec" | sed -n 's/.* copy: {[^}]*cpu_id = \([0-9]*\).*/\1/p' |
		sort | uniq -c >"$OUT/smp.babeltrace"
	jq .cpu "$OUT/smp.ndjson" | sort | uniq -c | diff - "$OUT/smp.babeltrace"
	babeltrace_agrees smp
}

@test "$SMP: the kernel did not complain" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
