#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# report on the sample: a recording of 32-bit MIPS with two colours, read here.

load common

# What the members of the JSON report say is read with jq from file report.json.
make_json() {
	b report --format=json "$@" "$sample"
	want_status 0
	want_no_stderr
	printf '%s\n' "$output" >report.json
	jq -e . report.json >/dev/null || fail "not JSON"
}

# A jq expression that must be true of report.json.
want_json() {
	jq -e "$1" report.json >/dev/null || fail "not so in the JSON report: $1"
}

@test "the table is exactly the one in the tree" {
	# Regenerate: see examples/recordings/README.md
	b report "$sample"
	want_status 0
	want_no_stderr
	diff -u "$sample.txt" <(printf '%s\n' "$output") || fail "the report of the sample changed"
}

@test "the table's headline has the numbers of the JSON report" {
	make_json
	copies=$(jq .totals.copies report.json)
	[ "$copies" -gt 100 ] || fail "only $copies copies"
	b report "$sample"
	want_output "VERDICT: 0 of $copies copies at risk: all are safe."
	[[ ${lines[0]} == "machine     mips, 32-bit, 1 CPU, pages of 4 KiB" ]] || fail "first line"
	want_output "colours     2, span 8 KiB (known by mmap)"
}

@test "JSON: schema, machine and geometry of the sample" {
	make_json
	want_json '.schema == "brindle.report/1"'
	want_json '.machine | .arch == "mips" and .word_bits == 32 and .page_size == 4096'
	want_json '.machine.kernel | startswith("6.1.")'
	want_json '.geometry == {span: 8192, colours: 2, source: "mmap", what_if: false}'
}

@test "JSON: every member that programs may rely on, with its type" {
	make_json
	want_json '.machine | (.kernel | type) == "string" and (.arch | type) == "string"'
	want_json '.plan | length > 0 and all(has("role") and has("function") and has("mechanism") and has("evidence"))'
	want_json '[.totals | .copies, .safe, .at_risk, .unknown, .lost, .missed | type] | all(. == "number")'
	for side in source destination; do
		want_json "[.$side | .congruent, .flushed, .excused, .mismatch, .unknown | type] | all(. == \"number\")"
	done
	want_json '.paths | length > 0 and all(has("path") and has("copies") and has("at_risk"))'
	want_json '.processes | length > 0 and all(has("pid") and has("comm") and has("copies") and has("at_risk"))'
	want_json '.forks | has("windows") and has("exposed")'
	want_json '.matrix | has("source") and has("destination")'
	want_json 'has("clears")'
}

@test "JSON: the numbers add up" {
	make_json
	want_json '.totals | .copies == .safe + .at_risk + .unknown'
	want_json '.totals.copies as $n | [.source, .destination] |
		all(.congruent + .flushed + .excused + .mismatch + .unknown == $n)'
	want_json '.totals.copies as $n | ([.paths[].copies] | add) == $n and ([.processes[].copies] | add) == $n'
	want_json '.processes_total == (.processes | length)'
	want_json '.totals.copies as $n | .matrix |
		(.source | flatten | add) + .source_uncoloured == $n and
		(.destination | flatten | add) + .destination_uncoloured == $n'
	want_json '.geometry.colours as $c | [.matrix.source, .matrix.destination] |
		all(length == $c and all(.[]; length == $c))'
	want_json '.forks.windows > 0 and .forks.exposed > 0 and .forks.exposed <= .forks.windows'
}

@test "JSON: the diagonal of the matrix is what is congruent" {
	make_json
	want_json '.destination.congruent == (.matrix.destination | [range(length) as $i | .[$i][$i]] | add)'
	want_json '.source.congruent == (.matrix.source | [range(length) as $i | .[$i][$i]] | add)'
}

@test "--copies: as many lines as the report has copies, each JSON with all members" {
	make_json
	"$brindle" report --copies "$sample" >copies || fail "report --copies"
	[ "$(wc -l <copies)" -eq "$(jq .totals.copies report.json)" ] ||
		fail "$(wc -l <copies) lines, $(jq .totals.copies report.json) copies"
	jq -e . copies >/dev/null || fail "not JSON"
	[ "$(jq -c . copies | wc -l)" -eq "$(wc -l <copies)" ] || fail "not one object per line"
	jq -se 'all(has("ts") and has("pid") and has("tid") and has("comm") and has("path") and
		has("user") and has("verdict") and (.source, .destination | has("pfn") and has("va") and
		has("kind") and has("evidence") and has("verdict") and has("reason")))' copies >/dev/null ||
		fail "a member is missing"
}

@test "--copies: in the order of time, and its verdicts add up to the report" {
	make_json
	"$brindle" report --copies "$sample" >copies
	jq -se '[.[].ts] | . == sort' copies >/dev/null || fail "not in the order of time"
	[ "$(jq -s 'map(select(.verdict == "safe")) | length' copies)" -eq "$(jq .totals.safe report.json)" ] ||
		fail "safe"
	for side in source destination; do
		for verdict in congruent flushed excused mismatch unknown; do
			n=$(jq -s "map(select(.$side.verdict == \"$verdict\")) | length" copies)
			[ "$n" -eq "$(jq ".$side.$verdict" report.json)" ] || fail "$side: $verdict"
		done
	done
}

# One copy, flushed afterwards, and one clear, with steps of all kinds between them.
make_steps() {
	copy_sample "$1"
	{
		copy_with_steps 1000 1 0x7d7 7 8 0x11000 33:0x80021000:0x11 34:0x80022000:0x11 flush-user:source:1 \
			flush-all map:unknown:5 read:source:33 write:destination:34 flush:destination:34 discard:other:1023
		printf %b "$escapes"
		clear_with_steps 2000 0x290 7 8 0x11000 34:0x80022000:0x21 write:destination:34
		printf %b "$escapes"
		le 8 2000 2 4 8 1 8 0 8 1 8 0 8 0
	} >"$1.events"
	write_stream "$1" "$1.events" 1000 2000 0 0
}

want_steps() {
	[ "$(jq -c '.steps | map([.what, .page, .colour])' <<<"$output")" = "$1" ] || fail "want steps $1"
}

@test "--copies and --clears: the steps in their order, with colours by the span" {
	make_steps rec
	b report --copies rec
	want_status 0
	want_steps '[["flush-user","source",1],["flush-all",null,null],["map","unknown",1],["read","source",1],["write","destination",0],["flush","destination",0],["discard","other",1]]'
	b report --clears rec
	want_status 0
	want_steps '[["write","destination",0]]'
	b report --copies --span 16K rec
	want_steps '[["flush-user","source",1],["flush-all",null,null],["map","unknown",1],["read","source",1],["write","destination",2],["flush","destination",2],["discard","other",3]]'
}

@test "a flush before the copy is none after it, and one of an old recording may be either" {
	copy_sample rec
	{
		copy_with_steps 1000 1 0x6d7 7 8 0x11000 33:0x80021000:0x11 34:0x80022000:0x11 \
			read:source:33 flush:destination:34 write:destination:34
		printf %b "$escapes"
		copy_with_steps 2000 1 0x6d7 7 8 0x11000 33:0x80021000:0x11 34:0x80022000:0x11 \
			read:source:33 write:destination:34 flush:destination:34
		printf %b "$escapes"
		# of schema 2, and of schema 1: all was watched, and the destination flushed
		le 8 3000 2 7 1 1 1 0x77 4 7 4 8 8 0x11000 8 33 8 0x80021000 1 0x11 8 34 8 0x80022000 1 0x11
		le 8 4000 2 1 1 1 1 0x77 4 7 4 8 8 0x11000 8 33 8 0x80021000 1 1 1 1 \
			8 34 8 0x80022000 1 1 1 1
		le 8 4000 2 4 8 4 8 0 8 0 8 0 8 0
	} >rec.events
	write_stream rec rec.events 1000 4000 0 0
	b report --copies rec
	want_status 0
	[ "$(jq -c '[.verdict, .destination.verdict, .destination.reason]' <<<"$output")" = \
		'["at-risk","mismatch","flushed before the copy, not after"]
["safe","flushed","flushed afterwards"]
["unknown","unknown","the order of flush and copy was not seen"]
["unknown","unknown","the order of flush and copy was not seen"]' ] || fail "verdicts"
	[ "$(jq -c .steps <<<"${lines[2]}")" = '[{"what":"flush","page":"destination","colour":0}]' ] ||
		fail "the step of a flush without a place"
}

@test "brindle-report.1 has every member of a step, and all words for one" {
	make_steps rec
	b report --copies rec
	want_members 16 "$(page report)" "COPIES AND CLEARS"
	for word in "${!step_what[@]}" "${!step_page[@]}"; do
		section "$(page report)" "COPIES AND CLEARS" | grep -qE "^\.Pq (.* )?$word( |,|$)" ||
			fail "'$word' is not in the manual page"
	done
}

@test "--copies: colours from the addresses agree with the matrices" {
	make_json
	"$brindle" report --copies "$sample" | jq -r '[.user, .source.va, .destination.va] | @tsv' >addresses
	n=0 same_source=0 same_destination=0
	while read -r user source destination; do
		n=$((n + 1))
		((((user ^ source) & 0x1000) != 0)) || same_source=$((same_source + 1))
		((((user ^ destination) & 0x1000) != 0)) || same_destination=$((same_destination + 1))
	done <addresses
	[ "$n" -gt 100 ] || fail "only $n copies"
	[ "$same_source" -eq "$(jq .source.congruent report.json)" ] || fail "source"
	[ "$same_destination" -eq "$(jq .destination.congruent report.json)" ] || fail "destination"
}

@test "--span changes the geometry, and says so" {
	make_json --span 16K
	want_json '.geometry == {span: 16384, colours: 4, source: "--span", what_if: true}'
	want_json '.matrix.source | length == 4'
	b report --span 16384 "$sample"
	want_status 0
	want_output "colours     4, span 16 KiB: WHAT IF, by --span; the machine itself has 2, span 8 KiB"
}

@test "--span of one page: no aliases, nothing at risk" {
	make_json --span 4K
	want_json '.geometry.colours == 1 and .totals.at_risk == 0'
	want_json '.source.congruent == .totals.copies and .destination.congruent == .totals.copies'
}

@test "--span beyond the colours the kernel takes care of: copies at risk" {
	make_json --span 128K
	want_json '.totals.at_risk > 0 and .source.mismatch > 0'
	b report --span 128K "$sample"
	at_risk=$(jq .totals.at_risk report.json)
	want_output "VERDICT: $at_risk of "
	want_output "At risk: after what the kernel did"
}

@test "--span as recorded is no what-if" {
	make_json --span 8192
	want_json '.geometry.what_if == false and .geometry.source == "--span"'
}

@test "--top limits processes in every format, and the table says so" {
	make_json --top 2
	want_json '(.processes | length) == 2 and .processes_total > 2'
	b report --top 2 "$sample"
	want_output "process (2 of "
	b report --format=csv --top 2 "$sample"
	[ "$(grep -c ^process, <<<"$output")" -eq 2 ] || fail "csv"
	make_json
	all=$(jq .processes_total report.json)
	b report --top 0 "$sample"
	[ "$(grep -cE '^ +[0-9]+ (forkrace|sh|sleep) ' <<<"$output")" -eq "$all" ] || fail "--top 0"
}

@test "CSV: the total is that of the JSON report, every row has all columns" {
	make_json
	b report --format=csv "$sample"
	want_status 0
	want_no_stderr
	[ "${lines[0]%$'\r'}" = section,name,pid,copies,safe,at_risk,unknown,lost,missed,complete ] || fail "head"
	want="total,\"\",,$(jq -r '.totals | "\(.copies),\(.safe),\(.at_risk),\(.unknown),\(.lost),\(.missed)"' report.json),yes"
	[ "${lines[1]%$'\r'}" = "$want" ] || fail "total: want $want"
	awk -F, 'NF != 10 { bad = 1 } END { exit bad || NR < 5 }' <<<"$output" || fail "columns"
}

@test "OpenMetrics: what the JSON report says, by the parser of Prometheus" {
	want_openmetrics "$sample"
	grep -q '^brindle_copies_total{path="wp",verdict="safe"} [1-9]' report.om || fail "no copies"
	grep -qx 'brindle_recording_complete 1' report.om || fail "not complete"
	[ "$(tail -n 1 report.om)" = "# EOF" ] || fail "no end"
}

@test "OpenMetrics: --span, with copies at risk; the machine keeps its colours" {
	want_openmetrics --span 128K "$sample"
	grep -q '^brindle_copies_total{.*verdict="at-risk"} [1-9]' report.om || fail "none at risk"
	grep -q '^brindle_machine_info{.*colours="2"} 1' report.om || fail "colours"
}

@test "OpenMetrics: not watched means not there" {
	for row in plan_1:window-end plan_8:switch plan_6:clear plan_0:none; do
		copy_sample "${row#*:}"
		edit_metadata "${row#*:}" "/${row%:*} /d"
		want_openmetrics "${row#*:}"
		mv report.om "${row#*:}.om"
	done
	[ "$(grep -c fork_windows none.om)" -eq 6 ] || fail "fork windows"
	! grep fork_windows window-end.om || fail "fork windows without window-end"
	[ "$(grep -c fork_windows switch.om)" -eq 3 ] || fail "without switch"
	grep -q brindle_clears none.om || fail "clears"
	! grep brindle_clears clear.om || fail "clears without their probe"
}

@test "OpenMetrics: labels' values are escaped" {
	copy_sample rec
	edit_metadata rec 's/kernel = .*/kernel = "a\\"b\\\\nc\\nd\x1be\xffé";/'
	want_openmetrics rec
	grep -qF 'kernel="a\"b\\nc\nd'$'\xef\xbf\xbd'e$'\xef\xbf\xbd''é",' report.om ||
		fail "kernel: $(grep kernel= report.om)"
}

@test "babeltrace2 sees the same numbers of copies and fork windows" {
	command -v babeltrace2 >/dev/null || fail "no babeltrace2: run scripts/deps test"
	make_json
	babeltrace2 "$sample" >events 2>babeltrace.err || fail "babeltrace2: $(cat babeltrace.err)"
	[ ! -s babeltrace.err ] || fail "babeltrace2 complains: $(cat babeltrace.err)"
	[ "$(grep -c ' copy: ' events)" -eq "$(jq .totals.copies report.json)" ] || fail "copies"
	[ "$(grep -c ' fork: ' events)" -eq "$(jq .forks.windows report.json)" ] || fail "fork windows"
	[ "$(grep -c 'exposed = 1' events)" -eq "$(jq .forks.exposed report.json)" ] || fail "exposed"
}

@test "babeltrace2 sees the same addresses" {
	"$brindle" report --copies "$sample" | jq -r .user | sort >ours
	babeltrace2 "$sample" | sed -nE 's/.* copy: .* user = 0x([0-9A-F]+),.*/0x\L\1/p' | sort >theirs
	[ -s theirs ] || fail "no address found"
	diff ours theirs || fail "user addresses differ"
}

@test "no privilege is needed" {
	copy_sample rec
	as_nobody report rec
	want_status 0
	want_output "VERDICT: "
}
