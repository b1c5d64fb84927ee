# SPDX-License-Identifier: GPL-2.0-only
# Nothing is lost at full rate, and what is lost is counted. cowbench writes as fast as it
# can, on the one CPU that it shares with the recorder, and knows how many copies that
# makes. LOSSES says on which machine.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest "losses-$LOSSES" "$LOSSES" losses.sh
	had || return 0
	for name in default smallest; do
		printf '# %s: %s buffer: %d copies made, %d recorded; records lost: %d\n' "$LOSSES" \
			$name "$(made $name .copies)" "$(json $name-0.rec .totals.copies)" \
			"$(json $name-0.rec .totals.lost)" >&3
	done
}

# made NAME FILTER: of what cowbench printed
made() {
	jq "$2" "$OUT/$1.json"
}

@test "$LOSSES: default buffer: 1,000,000 copies at full rate, none lost or missed, exit 0" {
	[ "$(made default .copies)" = 1000000 ]
	[ "$(made default '.cycles[0].status')" = 0 ]
	[ "$(json default-0.rec '.totals | "\(.copies) \(.lost) \(.missed)"')" = "1000000 0 0" ]
}

@test "$LOSSES: ... and each of the 4,000 pages is in the recording 250 times" {
	"$BRINDLE" report --copies "$OUT/default-0.rec" |
		awk -F'"user":' '{ split($2, user, ","); n[user[1]]++ }
			END { for (page in n) print n[page] }' | sort | uniq -c >"$OUT/default.pages"
	[ "$(tr -s ' ' <"$OUT/default.pages")" = " 4000 250" ]
}

@test "$LOSSES: smallest buffer: records are lost, and exit is 5" {
	[ "$(made smallest .copies)" = 50000 ]
	[ "$(made smallest '.cycles[0].status')" = 5 ]
	[ "$(json smallest-0.rec .totals.lost)" -gt 0 ]
	grep -q "^brindle: .* $(json smallest-0.rec .totals.lost) lost, 0 missed" "$OUT/smallest-0.log"
}

@test "$LOSSES: ... and what was recorded and what was lost is what was made" {
	# a record for each copy, and one for the window of each of the 50 forks
	[ "$(json smallest-0.rec '.totals.copies + .forks.windows + .totals.lost')" = $((50000 + 50)) ]
	[ "$(json smallest-0.rec .totals.missed)" = 0 ]
}

@test "$LOSSES: the kernel did not complain" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
