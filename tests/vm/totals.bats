# SPDX-License-Identifier: GPL-2.0-only
# record --totals: the same numbers as a full recording of the same copies; and record
# --cgroup. TOTALS is the machine (see guest).

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest "totals-$TOTALS" "$TOTALS" totals.sh
	had || return 0
	json totals.rec '"\(.totals.copies) copies, \(.destination.flushed) destinations flushed"' |
		sed "s/^/# $TOTALS: /" >&3
}

# What a report of totals has in common with one of the single copies. Of two recorders
# that probe one function the older finds the return probe of the newer in place of the
# caller, where the caller is read: then no paths and clears.
common() {
	local paths=.paths

	[ "$TOTALS" = x86_64 ] || paths=null
	"$BRINDLE" report --format=json "${@:2}" "$OUT/$1.rec" |
		jq "{totals, source, destination, matrix, forks, paths: $paths}"
}

@test "$TOTALS: two recorders at once, both content" {
	[ "$(saved both)" = 0 ]
	[ "$(saved totals)" = 0 ]
	[ "$(saved full)" = 0 ]
}

@test "$TOTALS: the single copies are those of pagemap" {
	"$BRINDLE" report --copies "$OUT/full.rec" >"$OUT/full.ndjson"
	tests/match "$OUT/full.ndjson" "$OUT/both.list"
	[ "$(grep -vc '^#' "$OUT/both.list")" = 4000 ]
}

@test "$TOTALS: totals say what the single copies say, by the span asked for" {
	common full >"$OUT/full.json"
	common totals | diff "$OUT/full.json" -
	[ "$(jq .totals.copies "$OUT/full.json")" -ge 4000 ]
	[ "$(jq '[.matrix.destination[][] | select(. > 0)] | length' "$OUT/full.json")" -gt 16 ]
}

@test "$TOTALS: totals serve smaller spans, too, the machine's among them" {
	for span in 8K 32K; do
		common full --span $span >"$OUT/full.json"
		common totals --span $span | diff "$OUT/full.json" -
	done
}

@test "$TOTALS: a larger span is refused" {
	run -2 --separate-stderr "$BRINDLE" report --span 128K "$OUT/totals.rec"
	[[ $stderr == *"counted for spans up to 65536 bytes"* ]]
}

@test "$TOTALS: single copies are refused, and processes said not to be kept" {
	run -1 --separate-stderr "$BRINDLE" report --copies "$OUT/totals.rec"
	[[ $stderr == *"keeps no single copy"* ]]
	"$BRINDLE" report "$OUT/totals.rec" | grep -q '^processes: not kept'
	[ "$(json totals.rec '[.recording.totals_only, (.processes | length)] | join(" ")')" = "true 0" ]
	[ "$(json full.rec .recording.totals_only)" = false ]
}

@test "$TOTALS: a recorder by itself names every path, and clears where they are watched" {
	[ "$(saved alone)" = 0 ]
	[ "$(json alone.rec '.totals | "\(.lost) \(.missed) \(.at_risk) \(.unknown)"')" = "0 0 0 0" ]
	[ "$(json alone.rec '[.paths[] | select(.path == "unknown") | .copies] | add // 0')" = 0 ]
	[ "$(json alone.rec '[.paths[] | select(.path == "wp") | .copies] | add')" -ge 2000 ]
	if [[ $TOTALS == mips* ]]; then
		[ "$(json alone.rec .clears.total)" -ge 2000 ]
		[ "$(json alone.rec .clears.mismatch)" = 0 ]
		[ "$(json alone.rec .destination.flushed)" -gt 500 ]
	fi
}

@test "$TOTALS: babeltrace2 lists the counts" {
	babeltrace2 "$OUT/alone.rec" >"$OUT/alone.babeltrace"
	[ "$(sed -n 's/.* copies: .* count = \([0-9]*\).*/\1/p' "$OUT/alone.babeltrace" |
		awk '{ n += $1 } END { print n }')" = "$(json alone.rec .totals.copies)" ]
}

@test "$TOTALS: what finds no room in the table is lost, and said to be" {
	[ "$(saved small)" = 5 ]
	grep -q 'records lost' "$OUT/small.stderr"
	[ "$(json small.rec .totals.lost)" -gt 0 ]
	# nothing is counted twice, nothing forgotten
	[ "$(json small.rec '.totals | .copies + .lost')" -ge 2000 ]
}

@test "$TOTALS: --cgroup records who is below, all of it, and nobody else" {
	[ "$(saved cgroup)" = 0 ]
	"$BRINDLE" report --copies "$OUT/cgroup.rec" >"$OUT/cgroup.ndjson"
	tests/match "$OUT/cgroup.ndjson" "$OUT/inside.list"
	[ "$(grep -vc '^#' "$OUT/outside.list")" = 500 ]
	[ "$(jq "select(.pid == $(sed -n 's/^# pid //p' "$OUT/outside.list"))" "$OUT/cgroup.ndjson")" = "" ]
	# nobody but the one inside, its children, and the shell it was before
	[ "$(jq -r .comm "$OUT/cgroup.ndjson" | grep -vcx 'cowpages\|sh')" = 0 ]
	[ "$(json cgroup.rec .recording.filter)" = "cgroup /tmp/cgroup/in" ]
}

@test "$TOTALS: --cgroup and a command: both must hold" {
	[ "$(saved other)" = 0 ]
	[ "$(json other.rec .totals.copies)" = 0 ]
	[ "$(grep -vc '^#' "$OUT/other.list")" = 500 ]
}

@test "$TOTALS: --cgroup of a directory that is none: status 3, one line" {
	[ "$(saved v1)" = 3 ]
	[ "$(grep -c . "$OUT/v1.stderr")" = 1 ]
	grep -q "is no cgroup of version 2" "$OUT/v1.stderr"
}

@test "$TOTALS: the kernel did not complain" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
