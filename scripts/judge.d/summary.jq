# SPDX-License-Identifier: GPL-2.0-only
#
# summary.jq: what join.awk counted, as one object of schema brindle.judge/1.

def rows($word): [$joined | split("\n")[] | select(. != "") | split("\t") | select(.[0] == $word)];
# The sum of the rows of this word that begin with these words.
def count($word; $begin):
	[rows($word)[] | select(.[1:1 + ($begin | length)] == $begin) | .[-1] | tonumber] | add // 0;
def share($part; $whole): if $whole > 0 then $part / $whole else null end;

def verdicts: ["safe", "at-risk", "unknown"];
# The cells of one path.
def cells($path):
	{copies: count("cell"; [$path])} +
	([verdicts[] as $v | ["stale", "clean"][] as $s |
		{"\($s)_\($v | gsub("-"; "_"))": count("cell"; [$path, $v, $s])}] | add) +
	([verdicts[] as $v | {"to_blame_\($v | gsub("-"; "_"))": count("blame"; [$path, $v])}] | add) +
	{suffered: count("suffered"; [$path])};
def sides: ["source", "destination", "both"] | map(. as $side |
	{($side): ([rows("blame")[] | select(.[3] == $side) | .[-1] | tonumber] | add // 0)}) | add;
def sum_cells: reduce .[] as $p ({}; . as $sum | $p | del(.path) |
	with_entries(.value += ($sum[.key] // 0)));
def examples($what): [rows("example")[] | select(.[1] == $what) |
	{pid: .[2], tid: .[3], user: .[4], pfn: .[5], path: .[6], stale: .[7]} |
	with_entries({key, value: (.value | tonumber? // .)})];

($report[0]) as $r | ($ends[0]) as $o | ($ends[-1]) as $totals |
([rows("cell")[][1]] | unique | map({path: .} + cells(.)) | sort_by(-.copies)) as $paths |
($paths | sum_cells) as $t |
{
	schema: "brindle.judge/1",
	recording: ($r.recording + {kernel: $r.machine.kernel, arch: $r.machine.arch,
		copies: $r.totals.copies, lost: $r.totals.lost, missed: $r.totals.missed,
		span: $r.geometry.span}),
	oracle: ({file: $oracle, target: $o.target, api: $o.api, geometry: $o.geometry,
		ignore: $o.ignore} + ($totals | del(.type))),
	totals: $t,
	paths: $paths,
	blame: sides,
	recall: share($t.to_blame_at_risk;
		$t.to_blame_safe + $t.to_blame_at_risk + $t.to_blame_unknown),
	flagged_stale: share($t.stale_at_risk; $t.stale_at_risk + $t.clean_at_risk),
	flagged_to_blame: share($t.to_blame_at_risk; $t.stale_at_risk + $t.clean_at_risk),
	colour: (["same", "other"] | map({(.): {copies: count("colour"; [.]),
		stale: count("colour"; [., "stale"])}}) | add),
	source_mapping: {alike: count("mapping"; ["alike"]), same_colour: count("mapping"; ["colour"]),
		other_colour: count("mapping"; ["other"]), unseen: count("mapping"; ["unseen"])},
	destination_frame: {alike: count("frame"; ["alike"]), other: count("frame"; ["other"])},
	without_thread: count("thread"; []),
	oracle_only: {recorder: count("only"; ["oracle", "recorder"]),
		outside: count("only"; ["oracle", "outside"]),
		not_followed: count("only"; ["oracle", "not-followed"]),
		unexplained: count("only"; ["oracle", "unexplained"])},
	recorded_only: {outside: count("only"; ["recorded", "outside"]),
		unexplained: count("only"; ["recorded", "unexplained"])},
	examples: {missed: examples("missed"), same_colour: examples("same-colour"),
		oracle_only: examples("oracle-only"), recorded_only: examples("recorded-only")},
	clears_to_blame: $totals.clears_to_blame,
	elsewhere: ($elsewhere | map(del(.type)) | sort_by(-.reads))
} |
.unexplained = .oracle_only.unexplained + .recorded_only.unexplained |
.agree = (.totals.to_blame_safe == 0 and .unexplained == 0)
