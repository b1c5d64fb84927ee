# SPDX-License-Identifier: GPL-2.0-only
# Ordinary programs of Debian under record: every copy judged, none at risk. DEBIAN_PROGRAMS says
# on which machine (see guest).

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	local seconds=60 clock=()

	[[ $DEBIAN_PROGRAMS != *-* ]] || seconds=30
	# its clock counts instructions: at 8 ns each a second of it is about one of ours
	[[ $DEBIAN_PROGRAMS != armv6* ]] || clock=(--icount-shift 3)
	guest "debian_programs-$DEBIAN_PROGRAMS" "$DEBIAN_PROGRAMS" "debian_programs.sh $seconds" "${clock[@]}" \
		--packages "coreutils diffutils gzip perl-base tar"
	had || return 0
	"$BRINDLE" report --format=json "$OUT/programs.rec" >"$OUT/programs.json"
	"$BRINDLE" report --copies "$OUT/programs.rec" >"$OUT/programs.ndjson"
	tell
}

# What there was, for those who read the log.
tell() {
	{
		cat "$OUT/programs.stdout"
		jq -r '.paths[] | "\(.path): \(.copies) copies, \(.safe) safe"' "$OUT/programs.json"
		for side in source destination; do
			jq -r --arg side $side '.[$side].reasons[] |
				"\($side) \(.verdict), \(.reason): \(.copies)"' "$OUT/programs.json"
		done
	} | sed "s/^/# $DEBIAN_PROGRAMS: /" >&3
}

report() {
	jq -r "$1" "$OUT/programs.json"
}

@test "$DEBIAN_PROGRAMS: every program did its rounds, and every result was right" {
	[ "$(saved programs)" = 0 ]
	[ "$(grep -c '^[a-z]*: [1-9][0-9]* rounds$' "$OUT/programs.stdout")" = 5 ]
}

@test "$DEBIAN_PROGRAMS: thousands of copies in hundreds of processes, all kinds of programs" {
	[ "$(report .totals.copies)" -gt 10000 ]
	[ "$(report .processes_total)" -gt 200 ]
	for comm in diff gzip perl sh sort tar; do
		jq -e --arg comm $comm 'any(.processes[]; .comm == $comm and .copies > 0)' \
			"$OUT/programs.json" || { echo "no copies by $comm"; return 1; }
	done
	[ "$(report .forks.windows)" -gt 200 ]
}

@test "$DEBIAN_PROGRAMS: no copy at risk, unknown, lost or missed" {
	[ "$(report '.totals | "\(.at_risk) \(.unknown) \(.lost) \(.missed)"')" = "0 0 0 0" ]
}

@test "$DEBIAN_PROGRAMS: every excused side has its reason, by the copy and in the report" {
	for side in source destination; do
		# as the single copies have it, and as the report sums it up
		jq -r --arg side $side 'select(.[$side].verdict == "excused") |
			.[$side].reason' "$OUT/programs.ndjson" | sort | uniq -c |
			awk '{ print $2, $1 }' >"$OUT/$side.copies"
		jq -r --arg side $side '.[$side].reasons[] | select(.verdict == "excused") |
			"\(.reason) \(.copies)"' "$OUT/programs.json" | sort >"$OUT/$side.report"
		diff "$OUT/$side.copies" "$OUT/$side.report"
		run ! grep -Ev '^(unmapped|kernel-dirty) [0-9]+$' "$OUT/$side.copies"
		[ "$(awk '{ n += $2 } END { print n + 0 }' "$OUT/$side.copies")" = \
			"$(report ".$side.excused")" ]
	done
}

@test "$DEBIAN_PROGRAMS: the kernel did not complain" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
