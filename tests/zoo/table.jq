# SPDX-License-Identifier: GPL-2.0-only
#
# table.jq: what judge.jq made of the kernels (an array) as one table for people: of each kernel
# the copies that the oracle saw read old bytes, and what brindle called them, by workload. The
# last column has what is not a copy: reads by users, pages cleared.

def right($width): tostring | (" " * ([$width - length, 0] | max)) + .;
def left($width): tostring | . + (" " * ([$width - length, 0] | max));

([.[].workloads[].name] | reduce .[] as $w ([]; if index($w) then . else . + [$w] end)) as $columns |
def counts($row; $what): [$columns[] as $c |
	[$row.workloads[] | select(.name == $c) | .[$what]][0] | right(9)] | add;

"\("kernel" | left(25))sound  \("" | left(8))" + ([$columns[] | right(9)] | add) + "    other  compare",
(.[] | . as $r | "\($r.name | left(25))\($r.sound | left(7))" as $begin |
	if $r.hindered then $begin + $r.hindered else
		$begin + "stale   " + counts($r; "stale") + ($r.users | right(9)) + "  \($r.compare)" +
			(if $r.wrong == [] then "" else "  WRONG" end),
		(("at risk", "safe", if $r.unknown > 0 then "unknown" else empty end) as $word |
			"\("" | left(32))\($word | left(8))" + counts($r; $word | sub(" "; "_")) +
			(if $word == "at risk" then $r.clears_at_risk | right(9) else "" end))
	end),
"",
([.[] | select(.wrong != [])] | if . == [] then "all is as it must be" else
	"wrong:", (.[] | "  \(.name): \(.wrong | join("; "))") end)
