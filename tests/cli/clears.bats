#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# report on clears: a recording written here byte by byte, as recording.h describes it.

load common

# event WHAT ARG...: a copy or clear with steps, as common.bash describes it.
event() {
	"$1_with_steps" "${@:2}"
	printf %b "$escapes"
}

# Four clears of process 7 through the linear mapping, one of each verdict that a clear can have,
# and one safe copy. Only of the first clear nothing was watched.
events() {
	le 8 1000 2 3 4 7
	printf 'task\0\0\0\0\0\0\0\0\0\0\0\0'
	event clear 1000 0 7 8 0x10000 2:0x80002000:0x11
	event clear 2000 0x690 7 8 0x11000 4:0x80004000:0x11 write:destination:4 flush:destination:4
	event copy 2500 1 0x690 7 8 0x10000 2:0:0x11 4:0:0x11 read:source:2 write:destination:4
	event clear 3000 0x690 7 8 0x11000 8:0:0x11 write:destination:8
	event clear 4000 0x690 7 8 0x11000 -1:0:0x11
	le 8 5000 2 4 8 1 8 0 8 "$1" 8 0 8 "$2"
}

# make_clears DIR [CLEARS [MISSED]]: what the end says there were and missed.
make_clears() {
	copy_sample "$1"
	events "${2-4}" "${3-0}" >rec.events
	write_stream "$1" rec.events 1000 5000 0 "${3-0}"
}

want_json() {
	jq -e "$1" <<<"$output" >/dev/null || fail "not so in the JSON report: $1"
}

@test "the table: a section of clears, and the mismatch in the headline" {
	make_clears rec
	b report rec
	want_status 0
	want_no_stderr
	want_output "VERDICT: 0 of 1 copy at risk: it is safe; but 1 of 4 clears (pages zeroed for a user) at risk."
	want_output "clears                                4   pages zeroed for a user address"
	want_output "    flushed afterwards                1"
	want_output "clears: user colour (rows) by mapping colour (columns)"
	want_output "  clear         page_add_new_anon_rmap     kprobe      observed"
}

@test "JSON: clears, and none of them in the numbers of copies" {
	make_clears rec
	b report --format=json rec
	want_status 0
	want_json '.clears | .total == 4 and .congruent == 1 and .flushed == 1 and .excused == 0 and
		.mismatch == 1 and .unknown == 1 and .matrix == [[1,0],[2,0]] and .uncoloured == 1'
	want_json '.clears.reasons | map([.verdict, .reason, .clears]) | sort ==
		[["flushed", "flushed afterwards", 1], ["mismatch", "not flushed", 1], ["unknown", "no pfn", 1]]'
	want_json '.totals == {copies: 1, safe: 1, at_risk: 0, unknown: 0, lost: 0, missed: 0}'
	want_json '.paths == [{path: "wp", copies: 1, safe: 1, at_risk: 0, unknown: 0}]'
	want_json '[.processes[].copies] == [1] and .matrix.destination == [[1,0],[0,0]]'
	want_json '.recording.complete and .recording.absent == 0'
}

@test "--clears: one object per clear and line, in the order of time" {
	make_clears rec
	b report --clears rec
	want_status 0
	want_no_stderr
	[ "${#lines[@]}" -eq 4 ] || fail "want 4 lines"
	[ "${lines[2]}" = '{"ts":3000,"cpu":0,"pid":7,"tid":8,"comm":"task","user":"0x11000","destination":{"pfn":8,"va":null,"kind":"linear","evidence":"observed","verdict":"mismatch","reason":"not flushed"},"steps":[{"what":"write","page":"destination","colour":0}],"verdict":"at-risk"}' ] ||
		fail "line 3"
	[ "$(jq -r .verdict <<<"$output" | xargs)" = "safe safe at-risk unknown" ] || fail "verdicts"
	[ "$(jq -r .ts <<<"$output" | xargs)" = "1000 2000 3000 4000" ] || fail "times"
	b report --copies rec
	[ "${#lines[@]}" -eq 1 ] || fail "--copies: want the copy alone"
}

@test "CSV: rows of clears behind the rows of copies" {
	make_clears rec
	b report --format=csv rec
	want_status 0
	[ "$(grep ^clears <<<"$output" | tr -d '\r' | xargs -d '\n')" = 'clears,"",,4,2,1,1,,, clears-verdict,"congruent",,1,1,0,0,,, clears-verdict,"flushed",,1,1,0,0,,, clears-verdict,"mismatch",,1,0,1,0,,, clears-verdict,"unknown",,1,0,0,1,,,' ] ||
		fail "rows"
	[[ ${lines[1]} == 'total,"",,1,1,0,0,0,0,yes'* ]] || fail "total"
}

@test "OpenMetrics: clears by verdict; one missed probe, and nothing is complete" {
	make_clears rec
	want_openmetrics rec
	grep -qx 'brindle_clears_total{verdict="mismatch"} 1' report.om || fail "mismatch"
	make_clears missed 4 1
	want_openmetrics missed
	grep -qx 'brindle_missed_total 1' report.om || fail "missed"
	grep -qx 'brindle_recording_complete 0' report.om || fail "complete"
}

@test "brindle-report.1 has what reports say of clears" {
	make_clears rec
	b report --format=json rec
	want_members 30 "$(page report)" "JSON REPORT"
	b report --clears rec
	output=${lines[0]}
	want_members 10 "$(page report)" "COPIES AND CLEARS"
	b report --format=csv rec
	mapfile -t names < <(cut -d, -f1 <<<"$output" | grep ^clears | sort -u)
	[ ${#names[@]} -eq 2 ] || fail "want two sections"
	for name in "${names[@]}"; do
		section "$(page report)" CSV | grep -qx "\.Li $name" ||
			fail "section $name is not in the manual page"
	done
}

@test "--span applies to clears" {
	make_clears rec
	b report --format=json --span 4K rec
	want_json '.clears | .total == 4 and .congruent == 4 and .matrix == [[4]]'
	b report --format=json --span 16K rec
	want_json '.clears | .congruent == 0 and .unknown == 2 and (.matrix | length) == 4'
}

@test "a missed probe: a flush that was not seen is unknown, status 5" {
	make_clears rec 4 1
	b report --format=json rec
	want_status 5
	want_json '.clears | .mismatch == 0 and .unknown == 2 and .flushed == 1'
}

@test "a clear that is not there any more: status 5" {
	make_clears rec 6
	b report --format=json rec
	want_status 5
	want_stderr "a stream file is missing or cut: 2 of the 7 events its recorder wrote are not there"
	want_json '.recording.absent == 2'
}

@test "a clear too many: damaged" {
	make_clears rec 3
	b report rec
	want_error 1 "it holds more events than its recorder wrote"
}

@test "not watched: null and no row, and the reason where the plan has one" {
	copy_sample rec
	edit_metadata rec '/"clear/d'
	le 8 1000 2 4 8 0 8 0 8 0 8 0 8 0 >end.event
	write_stream rec end.event 1000 1000 0 0
	b report --clears rec
	want_status 0
	want_no_output
	want_stderr "clears were not watched"
	b report --format=json rec
	want_json '.clears | length == 9 and all(.[]; . == null)'
	b report --format=csv rec
	[[ $output != *clears* ]] || fail "a row of clears"
	edit_metadata rec '/plan_11/a\	plan_12 = "clear - none unknown clear_user_page is inlined";'
	b report rec
	want_status 0
	want_output "clears: not watched by this plan"
	want_output "                not seen: clear_user_page is inlined"
	b report --format=json rec
	want_json '.plan[-1] == {role: "clear", function: "-", mechanism: "none", evidence: "unknown",
		reason: "clear_user_page is inlined"}'
	b report --clears rec
	want_stderr "warning: reading rec: clears were not watched: clear_user_page is inlined"
}

@test "--clears with --copies or --format: usage" {
	b report --clears --copies "$sample"
	want_error 2 "--copies or --clears, one at a time"
	b report --clears --format=json "$sample"
	want_error 2 "--clears has its own format: leave --format out"
}

@test "a full disk under --clears: status 1" {
	make_clears rec
	run --separate-stderr sh -c '"$1" report --clears rec >/dev/full' sh "$brindle"
	want_error 1 "writing to standard output: No space left on device"
}

@test "babeltrace2 reads the clears as they were written" {
	command -v babeltrace2 >/dev/null || fail "no babeltrace2: run scripts/deps test"
	make_clears rec
	babeltrace2 --names=payload rec >events.bt 2>babeltrace.err || fail "babeltrace2: $(cat babeltrace.err)"
	[ ! -s babeltrace.err ] || fail "babeltrace2 complains: $(cat babeltrace.err)"
	[ "$(grep -c ' clear: ' events.bt)" -eq 4 ] || fail "clears: $(cat events.bt)"
	grep -q 'steps_recorded = ( "yes" : container = 1 ).*user = 0x11000, destination = { pfn = 4, va = 0x80004000, kind = ( "linear" : container = 1 ), evidence = ( "observed" : container = 1 ) }, steps = 2, step = \[ \[0\] = 0x112, \[1\] = 0x114, \[2\] = 0x0,' events.bt ||
		fail "the flushed clear: $(cat events.bt)"
	grep -q 'copies = 1, forks = 0, clears = 4, lost = 0, missed = 0' events.bt || fail "end: $(cat events.bt)"
}
