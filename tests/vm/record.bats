# SPDX-License-Identifier: GPL-2.0-only
# Filters, signals, losses, full disks, killed recorders, missing rights. RECORD says where.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest "record-$RECORD" "$RECORD" record.sh
}

@test "$RECORD: CMD's descendants are followed through fork and exec" {
	[ "$(saved tree)" = 0 ]
	one_to_one tree
}

@test "$RECORD: a thread that execs is followed into its new program" {
	[ "$(saved texec)" = 0 ]
	one_to_one texec
}

@test "$RECORD: -p records that process only, and ends with it" {
	[ "$(saved pid)" = 0 ]
	one_to_one pid
	[ "$(json pid.rec '.processes | length')" = 1 ]
	[ "$(json pid.rec '.processes[0].pid')" = "$(sed -n 's/^# pid //p' "$OUT/pid.list")" ]
}

@test "$RECORD: --comm records tasks of that name only" {
	[ "$(saved comm)" = 0 ]
	one_to_one comm
	[ "$(json comm.rec '[.processes[].comm] | unique | join(" ")')" = cowpages ]
}

@test "$RECORD: without CMD every process is recorded, -d ends it" {
	[ "$(saved all)" = 0 ]
	one_to_one all
}

@test "$RECORD: --span at record time is the recording's geometry" {
	[ "$(json span.rec '.geometry | "\(.span) \(.source)"')" = "65536 --span" ]
	[ "$(json span.rec '.matrix.source | length')" = 16 ]
}

@test "$RECORD: CMD's exit status is passed on" {
	[ "$(saved status)" = 7 ]
}

@test "$RECORD: CMD killed by a signal gives 128 + signal, the recording is whole" {
	[ "$(saved killed)" = 137 ]
	json killed.rec .totals.copies
}

@test "$RECORD: CMD starts with no signal ignored" {
	grep -Eq '^SigIgn:[[:space:]]0+$' "$OUT/sigign.stdout"
}

@test "$RECORD: a recorder started with SIGCHLD ignored sees CMD's end" {
	[ "$(saved chld)" = 9 ]
}

@test "$RECORD: a CMD that ignores SIGTERM is recorded until patience ends: nothing lost" {
	[ "$(saved stubborn)" = 0 ]
	grep -q 'goes on after SIGTERM' "$OUT/stubborn.stderr"
	[ "$(json stubborn.rec '.totals | "\(.lost) \(.missed)"')" = "0 0" ]
}

@test "$RECORD: a CMD that is not there: 127, one line, no recording" {
	[ "$(saved nocmd)" = 127 ]
	[ "$(wc -l <"$OUT/nocmd.stderr")" = 1 ]
	grep -q no-such-command "$OUT/nocmd.stderr"
	[ ! -e "$OUT/nocmd.rec" ]
}

@test "$RECORD: -p of no process: 1, one line" {
	[ "$(saved nopid)" = 1 ]
	[ "$(wc -l <"$OUT/nopid.stderr")" = 1 ]
	grep -q 'no process 999999' "$OUT/nopid.stderr"
}

@test "$RECORD: Ctrl-C, SIGTERM and SIGHUP stop, drain, print the summary; the recording is whole" {
	for sig in INT TERM HUP; do
		[ "$(saved $sig)" = 0 ]
		copies=$(sed -n 's/^brindle: \([0-9]*\) copies.*/\1/p' "$OUT/$sig.stderr")
		[ "$copies" -gt 100 ]
		[ "$(json $sig.rec .totals.copies)" = "$copies" ]
	done
}

@test "$RECORD: Ctrl-C before tracing has begun leaves a readable recording" {
	[ "$(saved early)" = 0 ]
	grep -q 'copies' "$OUT/early.stderr"
	json early.rec .totals.copies
}

@test "$RECORD: a recorder killed with SIGKILL leaves what it had written: 5, and a warning" {
	run --separate-stderr "$BRINDLE" report --format=json "$OUT/kill9.rec"
	[ "$status" -eq 5 ]
	[ "$(jq .totals.copies <<<"$output")" -gt 100 ]
	[[ "$stderr" == *warning* ]]
}

@test "$RECORD: no way to end leaves probes in the kernel, but SIGKILL" {
	cd "$OUT"
	[ "$(cat kill9.left)" -gt 0 ]
	rm kill9.left
	left=$(grep -L '^0$' ./*.left | grep -v notracefs) || true
	[ -z "$left" ] || { echo "probes left after: $left"; return 1; }
}

@test "$RECORD: the next recorder cleans up after a killed one" {
	[ "$(saved after9)" = 0 ]
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}

@test "$RECORD: a buffer too small loses records: counted everywhere, exit 5" {
	[ "$(saved lost)" = 5 ]
	lost=$(sed -n 's/.* \([0-9]*\) lost, .*/\1/p' "$OUT/lost.stderr")
	[ "$lost" -gt 0 ]
	run --separate-stderr "$BRINDLE" report --format=json "$OUT/lost.rec"
	[ "$status" -eq 5 ]
	[ "$(jq .totals.lost <<<"$output")" = "$lost" ]
	run --separate-stderr "$BRINDLE" report "$OUT/lost.rec"
	[ "$status" -eq 5 ]
	[[ "$output" == *LOST* ]]
}

@test "$RECORD: babeltrace2 sees the losses too" {
	babeltrace2 "$OUT/lost.rec" 2>&1 >/dev/null | grep -qi discarded
}

@test "$RECORD: copies not put together are counted as missed, exit 5" {
	[ "$(saved missed)" = 5 ]
	missed=$(sed -n 's/.* \([0-9]*\) missed$/\1/p' "$OUT/missed.stderr" | head -1)
	[ "$missed" -gt 0 ]
	[ "$("$BRINDLE" report --format=json "$OUT/missed.rec" | jq .totals.missed)" = "$missed" ]
}

@test "$RECORD: a full disk: 1, one clear line, what was written is readable" {
	[ "$(saved full)" = 1 ]
	grep -q 'No space left on device' "$OUT/full.stderr"
	kept=$(sed -n 's/.*device: \([0-9]*\) copies were kept.*/\1/p' "$OUT/full.stderr")
	[ "$kept" -gt 100 ]
	[ "$("$BRINDLE" report --format=json "$OUT/full.rec" 2>/dev/null | jq .totals.copies)" = "$kept" ]
}

@test "$RECORD: a directory with other files is left alone: 1" {
	[ "$(saved occupied)" = 1 ]
	[ "$(wc -l <"$OUT/occupied.stderr")" = 1 ]
	[ "$(cat "$OUT/occupied.kept")" = mine ]
}

@test "$RECORD: without the rights: 4, and what would help" {
	[ "$(saved user)" = 4 ]
	grep -q 'permission' "$OUT/user.stderr"
	grep -q 'root' "$OUT/user.stderr"
	[ "$(saved userdoctor)" = 4 ]
}

@test "$RECORD: without tracefs: 3, and the mount command" {
	[ "$(saved notracefs)" = 3 ]
	grep -q 'mount -t tracefs' "$OUT/notracefs.stderr"
}

@test "$RECORD: the kernel did not complain" {
	no_oops
}
