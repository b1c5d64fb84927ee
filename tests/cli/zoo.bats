# SPDX-License-Identifier: GPL-2.0-only
# The table of the zoo and what tests/zoo/run makes of results, without a guest.

bats_require_minimum_version 1.5.0

rows() {
	grep -v '^#' tests/zoo/kernels
}

# NAME|TARGET|BASE|PATCH of each kernel that has a patch
patches() {
	tests/zoo/run --patches
}

@test "each row of the zoo has a patch but for the bases, and each patch a row" {
	diff <(rows | awk '{ sub(/^.*\//, "", $3); if (!index($1, $3)) print $1 }' | sort) \
		<(patches | cut -d '|' -f 1 | sort)
	diff <(patches | cut -d '|' -f 4 | sort -u) <(printf '%s\n' tests/zoo/*.patch | sort)
}

@test "each target of the zoo has one base to compare with, of those that scripts/kernel builds for it" {
	diff <(comm -23 <(rows | awk '{ print $1 }' | sort) <(patches | cut -d '|' -f 1 | sort) |
		sed '/-/!s/^/mips-/; s/-.*//' | sort) <(patches | cut -d '|' -f 2 | sort -u)
	while read -r target base; do
		grep "^$base " scripts/kernel.d/kernels | cut -d '|' -f 2 | grep -qw "$target"
	done < <(patches | awk -F'|' '{ print $2, $3 }' | sort -u)
}

@test "each patch of the zoo says whether it is sound, as its row does, and is signed" {
	while IFS='|' read -r name _ _ patch; do
		sound=$(rows | awk -v name="$name" '$1 == name { print $5 }')
		message=$(sed '/^---$/,$d' "$patch")
		[[ $message == *$'\nSigned-off-by: '* ]]
		case $sound in
		yes) [[ $message == *$'\nSound: '* ]] ;;
		no) [[ $message == *$'\nNot sound'* || $message == *"Not sound"* ]] ;;
		*) false ;;
		esac || { echo "$name: $sound"; return 1; }
	done < <(patches)
}

@test "the rows of one base stand together, and know only bases, workloads and verdicts there are" {
	[ "$(rows | awk -F' *[|] *' '{ print $2 }' | uniq | wc -l)" = \
		"$(rows | awk -F' *[|] *' '{ print $2 }' | sort -u | wc -l)" ]
	bad=$(rows | awk -F' *[|] *' '
		BEGIN {
			n = split("forkrace fresh recycle shfile manymaps unread", w, " ")
			while (n) known[w[n--]] = 1
		}
		function check(list, also,    n, w) {
			for (n = split(list, w, ","); n; n--)
				if (!(w[n] in known) && w[n] != also) print $1 ": " w[n]
		}
		NF != 6 { print $1 ": " NF " columns" }
		$2 !~ /^(unfixed|fix1|fix2|mips64\/unfixed)$/ { print $1 ": base " $2 }
		$4 != "-" { check($4, "users") }
		$5 != "-" {
			for (n = split($5, says, " "); n; n--) {
				split(says[n], part, "=")
				if (part[1] !~ /^(risk|safe|unknown)$/) print $1 ": " part[1]
				check(part[2], "clears")
			}
		}
		$6 != "-" {
			for (n = split($6, may, ", *"); n; n--)
				if (may[n] !~ /^(fixed|not fixed|worse|cannot tell)$/) print $1 ": " may[n]
		}')
	[ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "a sound kernel may not be called worse, or no fix, in its row" {
	run ! grep -E '^[^|#]*\|[^|]*\| yes \|.*(risk=|not fixed|worse)' tests/zoo/kernels
}

# judged SOUND STALE SAYS MAY: what judge.jq finds wrong in a made-up run: one process of each
# workload with 100 copies, 50 of another colour; AT_RISK, UNKNOWN and STALE of them of each.
judged() {
	jq -nc --arg name x --arg sound "$1" --arg stale "$2" --arg says "$3" --arg said "$4" \
		--arg workloads 'forkrace fresh' --arg hindered '' --argjson seconds 0 \
		--argjson copies "$(jq -nc --argjson stale "${STALE:-0}" '[range(200) | {pid: (. % 2 + 1),
			user: "0x1000", pfn: (. / 2 | floor), stale: (if . < $stale * 2 then 4 else 0 end)}]')" \
		--argjson judge '[{"oracle": {"geometry": {"page": 4096, "colours": 2},
			"stale_elsewhere": '"${USERS:-0}"'}, "totals": {"to_blame_safe": '"${MISSED:-0}"'}, "unexplained": 0}]' \
		--argjson report "$(jq -nc --argjson risk "${AT_RISK:-0}" --argjson unknown "${UNKNOWN:-0}" '
			{processes: [{pid: 1, comm: "forkrace"}, {pid: 2, comm: "fresh"} |
				. + {copies: 100, safe: (100 - $risk - $unknown), at_risk: $risk, unknown: $unknown}],
			totals: {at_risk: ($risk * 2), unknown: ($unknown * 2)}, clears: {mismatch: 0}} | [.]')" \
		--argjson compare "[{\"verdict\": \"${COMPARE:-fixed}\"}]" \
		-f tests/zoo/judge.jq | jq -r '.wrong[]'
}

@test "a sound kernel that brindle calls a fix is as it must be" {
	[ -z "$(judged yes - - fixed)" ]
}

@test "what must not be said of a sound kernel is wrong" {
	[[ $(AT_RISK=1 judged yes - - fixed) == *"forkrace: 1 at risk"* ]]
	[[ $(UNKNOWN=1 judged yes - - fixed) == *"fresh: 1 unknown"* ]]
	[ -z "$(UNKNOWN=1 judged yes - unknown=forkrace,fresh fixed)" ]
	[[ $(COMPARE='not fixed' judged yes - - fixed) == "compare says not fixed" ]]
	[[ $(STALE=1 judged yes - - fixed) == *"the oracle saw 1 copies stale"* ]]
	[[ $(USERS=1 judged yes - - fixed) == *"stale reads of users"* ]]
}

@test "what must be found of a kernel that is not sound" {
	[ -z "$(AT_RISK=10 STALE=5 COMPARE=worse judged no forkrace,fresh risk=forkrace,fresh worse)" ]
	[[ $(judged no forkrace risk=forkrace fixed) == *"forkrace: none was stale"*"forkrace: none at risk"* ]]
	[[ $(MISSED=3 judged no - - fixed) == "3 copies to blame were called safe" ]]
	[[ $(USERS=9 judged no users - fixed) == "users read old bytes 9 times, and all is safe" ]]
	[[ $(AT_RISK=3 judged no - safe=fresh fixed) == "fresh: 3 of 100 not safe" ]]
	[[ $(judged no - risk=clears fixed) == "no clear at risk" ]]
}

@test "the turn of the zoo: as many names as wanted, of the table" {
	run -0 tests/zoo/run --rotation 4
	[ "${#lines[@]}" = 4 ]
	for name in "${lines[@]}"; do
		grep -q "^$name " tests/zoo/kernels
	done
}

@test "tests/zoo/run: wrong command lines exit 2 and say what is right" {
	run -2 tests/zoo/run unicorn
	[[ $output == *"no kernel 'unicorn'"* ]]
	run -2 tests/zoo/run --rotation many
	run -2 tests/zoo/run --fast
	run -0 tests/zoo/run --help
}
