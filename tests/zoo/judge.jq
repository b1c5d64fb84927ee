# SPDX-License-Identifier: GPL-2.0-only
#
# judge.jq: one kernel of the zoo as an object: what the oracle and brindle say of each workload
# ($copies, the oracle's; $judge, of scripts/judge; $report and $compare, of brindle: arrays with
# what there is), and what of it is not as the row demands ($sound, $stale, $says, $said; see
# tests/zoo/kernels).

def trim: sub("^ +"; "") | sub(" +$"; "");
def words($by): trim | split($by) | map(trim | select(. != "" and . != "-"));
# The workloads that the row names behind a word.
def named($word): [$says | words(" ")[] | split("=") | select(.[0] == $word) | .[1] | split(",")[]];
def hex: ltrimstr("0x") | explode | map(if . > 96 then . - 87 else . - 48 end) |
	reduce .[] as $digit (0; . * 16 + $digit);

def workload($name): . as $pids |
	[$report[0].processes[] | select(.comm == $name)] as $mine |
	[$copies[] | select($pids[.pid | tostring] == $name)] as $seen |
	$judge[0].oracle.geometry as $g |
	{name: $name, copies: ($mine | map(.copies) | add // 0), safe: ($mine | map(.safe) | add // 0),
		at_risk: ($mine | map(.at_risk) | add // 0), unknown: ($mine | map(.unknown) | add // 0),
		stale: ($seen | map(select(.stale > 0)) | length),
		other_colour: ([$seen[] | select((.user | hex / $g.page | floor) % $g.colours !=
			(.pfn % $g.colours))] | length)};

def wrong_of($w):
	($sound | trim == "yes") as $sound | $w.name as $name |
	($w.at_risk + $w.unknown) as $doubtful |
	(select($w.copies < 50) | "\($name): only \($w.copies) copies"),
	(select(.colours > 1 and $w.other_colour * 10 < $w.copies) |
		"\($name): only \($w.other_colour) copies of frames of another colour"),
	(select($sound and $w.stale > 0) | "\($name): the oracle saw \($w.stale) copies stale"),
	(select($sound and $w.at_risk > 0) | "\($name): \($w.at_risk) at risk"),
	(select((named("unknown") | index($name) | not) and $w.unknown > 0) | "\($name): \($w.unknown) unknown"),
	(select(($stale | words(",") | index($name)) and $w.stale == 0) | "\($name): none was stale"),
	(select((named("risk") | index($name)) and $w.at_risk == 0) | "\($name): none at risk"),
	(select((named("safe") | index($name)) and $doubtful * 50 > $w.copies) |
		"\($name): \($doubtful) of \($w.copies) not safe");

def wrong: . as $r | ($sound | trim == "yes") as $sound |
	($said | words(",")) as $may |
	(select($r.blamed_safe > 0) | "\($r.blamed_safe) copies to blame were called safe"),
	(select($r.unexplained > 0) | "\($r.unexplained) copies seen by one only"),
	($r.workloads[] as $w | $r | wrong_of($w)),
	(select($sound and $r.users > 0) | "the oracle saw \($r.users) stale reads of users"),
	(select(($stale | words(",") | index("users")) and $r.users == 0) | "no user read old bytes"),
	(select($r.users > 0 and $r.at_risk + $r.unknown + $r.clears_at_risk == 0) |
		"users read old bytes \($r.users) times, and all is safe"),
	(select($sound and $r.clears_at_risk > 0) | "\($r.clears_at_risk) clears at risk"),
	(select((named("risk") | index("clears")) and $r.clears_at_risk == 0) | "no clear at risk"),
	(select($may != [] and ($may | index($r.compare) | not)) | "compare says \($r.compare)");

(if $hindered != "" then
	{name: $name, sound: ($sound | trim), hindered: $hindered, workloads: [], wrong: [$hindered]}
else
	($report[0].processes | map({(.pid | tostring): .comm}) | add) as $pids |
	{name: $name, sound: ($sound | trim), colours: $judge[0].oracle.geometry.colours,
		workloads: [$workloads | split(" ")[] as $w | $pids | workload($w)],
		users: $judge[0].oracle.stale_elsewhere, blamed_safe: $judge[0].totals.to_blame_safe,
		unexplained: $judge[0].unexplained, clears_at_risk: ($report[0].clears.mismatch // 0),
		at_risk: $report[0].totals.at_risk, unknown: $report[0].totals.unknown,
		compare: ($compare[0].verdict // "-")} |
	. + {wrong: [wrong]}
end) + {seconds: $seconds}
