# SPDX-License-Identifier: GPL-2.0-only
# Do the benchmarks run? What they measure is not judged here.

load common

report_speed=$top/scripts/bench/report_speed

@test "bench/report_speed: a row for each reader, or why there is none" {
	run --separate-stderr "$report_speed" -n 20000 -s 2000 -r 1
	want_status 0
	for name in "brindle report" "cat FILES | wc -c" "brindle report --copies" babeltrace2 \
		"perf script"; do
		grep -qE "^${name//|/[|]} +([0-9]+ +[0-9.]+ |SKIP: .)" <<<"$output" ||
			fail "no row of $name"
	done
	want_output "memory"
}

@test "bench/report_speed: a copy takes at most 64 bytes, with all there is around it" {
	run --separate-stderr "$report_speed" -n 50000 -s 100 -r 1
	want_status 0
	bytes=$(sed -n 's/^on disk *\([0-9.]*\) bytes.*/\1/p' <<<"$output")
	[ -n "$bytes" ] || fail "bytes are missing"
	awk "BEGIN { exit !($bytes > 40 && $bytes <= 64) }" || fail "$bytes bytes"
}

@test "bench/report_speed: options that cannot be, status 2" {
	run --separate-stderr "$report_speed" -n 0
	want_status 2
	run --separate-stderr "$report_speed" -x
	want_status 2
	run --separate-stderr "$report_speed" extra
	want_status 2
}

@test "manycopies: the same arguments make the same events" {
	"$top/build/$host/bench/manycopies" one 3000 100 steps
	"$top/build/$host/bench/manycopies" two 3000 100 steps
	"$brindle" report --copies one >one.txt
	"$brindle" report --copies two >two.txt
	[ "$(wc -l <one.txt)" = 3000 ] || fail "not 3000 copies"
	cmp one.txt two.txt
	b report --format=json one
	want_status 0
	[ "$(jq '.totals.at_risk > 0 and .totals.unknown > 0 and .totals.safe > 2000' <<<"$output")" = true ] ||
		fail "no variety"
	[ "$(jq '.processes | length' <<<"$output")" -gt 30 ] || fail "few processes"
}
