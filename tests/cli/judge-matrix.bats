#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# scripts/judge-matrix: what is demanded of a run, on results that are written here, and its
# command line. No guest is booted.

load common

# result NAME DEMANDS STALE_AT_RISK STALE_SAFE CLEAN_AT_RISK CLEAN_SAFE [SAME_STALE [ELSEWHERE
# [CPU]]]: the result of a run
result() {
	jq -n --arg name "$1" --arg demands "$2" --argjson a "$3" --argjson b "$4" --argjson c "$5" \
		--argjson d "$6" --argjson same "${7:-0}" --argjson elsewhere "${8:-0}" \
		--argjson cpu "${9:-null}" '{name: $name, demands: $demands,
		cpu: $cpu, judge: {agree: ($b == 0), totals: {copies: ($a + $b + $c + $d),
		stale_at_risk: $a, stale_safe: $b, stale_unknown: 0, clean_at_risk: $c, clean_safe: $d,
		clean_unknown: 0}, recall: (if $a + $b > 0 then $a / ($a + $b) else null end),
		flagged_stale: (if $a + $c > 0 then $a / ($a + $c) else null end),
		colour: {same: {copies: $d, stale: $same}}, elsewhere: [{reads: $elsewhere}]}}' >"$1.result"
}

# The row of run $1 in the table of all results.
row() {
	run jq -rs --arg wanted "$1" -f "$top/scripts/judge.d/matrix.jq" ./*.result
	want_status 0
	output=${lines[2]}
}

@test "clean: nothing stale, nothing at risk, nothing elsewhere, enough copies" {
	result a clean 0 0 0 12345
	row a
	[ "$output" = '| `a` | 12,345 | 0 | 0 | - | - | 0 | 0 | yes |' ] || fail "the row"
	result a clean 0 0 5 5000
	row a
	want_output "| no: stale, at risk or unknown copies |"
	result a clean 0 3 0 5000
	row a
	want_output "| no: they do not agree, stale, at risk or unknown copies |"
	result a clean 0 0 0 5000 0 7
	row a
	want_output "| no: stale reads elsewhere |"
	result a clean 0 0 0 999
	row a
	want_output "| no: too few copies |"
}

@test "stale: enough stale copies, all of them flagged, none of the user's colour" {
	result a stale:1000 1500 0 1500 3000
	row a
	[ "$output" = '| `a` | 6,000 | 1,500 | 3,000 | 100 % | 50 % | 0 | 0 | yes |' ] || fail "the row"
	result a stale:1000 999 0 0 3000
	row a
	want_output "| no: fewer than 1000 stale copies |"
	result a stale:1000 1500 1 0 3000
	row a
	want_output "| no: they do not agree, a stale copy was not flagged |"
	result a stale:1000 1500 0 0 3000 2
	row a
	want_output "| no: stale copies of the user's colour |"
}

@test "flood: stale reads anywhere, whatever brindle says" {
	result a flood:1000 0 600 0 3000 0 400
	row a
	want_output "| yes |"
	result a flood:1000 0 600 0 3000 0 399
	row a
	want_output "| no: fewer than 1000 stale reads |"
}

@test "left: copies to blame for what they left behind" {
	result a left:100 0 600 0 3000
	jq '.judge.blame = {source: 50, destination: 60, both: 40}' a.result >c && mv c a.result
	row a
	want_output "| yes |"
	jq '.judge.blame.both = 39' a.result >c && mv c a.result
	row a
	want_output "| no: fewer than 100 copies to blame for what they left behind |"
}

@test "like: the answers of another run" {
	result a stale:1 500 0 0 3000
	result b "stale:1 like:a" 400 0 100 3000
	row b
	want_output "| yes |"
	result a stale:1 500 1 0 3000
	row b
	want_output "| no: another answer than a |"
	rm a.result
	row b
	want_output "| no: a has no result |"
}

# same COPIES ONLY_ONE COMPARED DIFFER: what the run b says of that
same() {
	result b "stale:1 same:a" 400 0 4 3099
	jq --argjson n "[$1,$2,$3,$4]" '.same = ($n | {copies: .[0], only_one: .[1], compared: .[2],
		differ: .[3]})' b.result >c && mv c b.result
	row b
}

@test "same: the same copies, each with the answer it has in another run" {
	same 1500 0 900 0
	want_output "| yes |"
	same 1500 1 900 0
	want_output "| no: copies that a has not, or the other way |"
	same 1500 0 900 1
	want_output "| no: other answers than a |"
	same 1500 0 700 0
	want_output "| no: too few to compare |"
	result b "stale:1 same:a" 400 0 4 3099
	row b
	want_output "| no: nothing to compare with |"
}

@test "same.awk: the first of an address with the first, the second with the second" {
	printf '%s\n' '0x1000 0 8' '0x1000 1 0' '0x2000 0 0' >one
	printf '%s\n' '0x2000 1 64' '0x1000 0 4' '0x1000 1 0' >two
	[ "$(awk -f "$top/scripts/judge.d/same.awk" one two)" = \
		'{"copies":3,"only_one":0,"compared":2,"differ":0}' ] || fail "equal answers"
	printf '%s\n' '0x2000 0 64' '0x1000 0 4' '0x3000 1 0' >two
	[ "$(awk -f "$top/scripts/judge.d/same.awk" one two)" = \
		'{"copies":2,"only_one":2,"compared":2,"differ":1}' ] || fail "one other answer"
}

@test "slower: a run without the oracle, and its time" {
	result a stale:1 500 0 0 3000 0 0 60
	result b slower:a 0 0 0 0 0 0 20
	jq '.judge = null' b.result >c && mv c b.result
	row b
	want_output 'without the oracle 20 s of CPU; 3 times that in `a` |'
	want_output "| yes |"
	jq '.cpu = null' a.result >c && mv c a.result
	row b
	want_output "| no: no time measured |"
}

@test "a run without a result, and a demand that is none" {
	result a clean 0 0 0 5000
	row b
	want_output "| no: it has no result |"
	result a spotless 0 0 0 5000
	row a
	want_output "| no: no demand called spotless |"
}

@test "every row of the table has its six columns, a target and demands that exist" {
	"$top/scripts/judge-matrix" --list >list
	[ "$(wc -l <list)" -gt 10 ] || fail "too few rows"
	while read -r name target lab race mixed demands; do
		[ -n "$demands" ] || fail "$name: too few columns"
		grep -qx "target *${target%:*}" "$top/scripts/targets" || fail "$name: no target $target"
		[[ $target != *:* ]] || grep -q "^${target#*:} " "$top/scripts/kernel.d/kernels" || fail "$name: kernel"
		[[ $mixed =~ ^[0-9]+$ ]] || fail "$name: mixed"
		for demand in $demands; do
			[[ $demand =~ ^(clean|(stale|flood|left):[0-9]+|(like|same|slower):[a-z0-9-]+)$ ]] || fail "$name: $demand"
		done
	done <list
}

@test "--check: docs/oracle.md has a row for each run, and today's columns" {
	run "$top/scripts/judge-matrix" --check
	want_status 0
	mkdir tree
	cp -r "$top/scripts" "$top/docs" tree
	echo 'mips-planted mips - --forks,1 0 clean' >>tree/scripts/judge.d/rows
	run tree/scripts/judge-matrix --check
	want_status 1
	want_output '>  `mips-planted` '
	cp "$top/scripts/judge.d/rows" tree/scripts/judge.d/rows
	sed -i 's/| recall |/| recalled |/' tree/docs/oracle.md
	run tree/scripts/judge-matrix --check
	want_status 1
}

@test "wrong command lines exit 2 and say what is right" {
	run --separate-stderr "$top/scripts/judge-matrix" nothing
	want_status 2
	want_stderr "no run 'nothing'; there are: "
	run --separate-stderr "$top/scripts/judge-matrix" -j 0
	want_status 2
	want_stderr "-j needs a number"
	run --separate-stderr "$top/scripts/judge-matrix" --rows
	want_status 2
	run --separate-stderr "$top/scripts/judge-matrix" --help
	want_status 0
	want_output "mips-unfixed"
}
