# SPDX-License-Identifier: GPL-2.0-only
#
# matrix.jq: the results of scripts/judge-matrix (an array of what result.json has) as a table
# in Markdown, with what is demanded of each (see judge.d/rows) and whether it is so.

def grouped: tostring | explode | reverse | [range(0; length; 3) as $i | .[$i:$i + 3]] |
	map(reverse | implode) | reverse | join(",");
def percent: if . == null then "-" else "\(. * 1000 | round | . / 10) %" end;
def round_to_tenths: . * 10 | round | . / 10;

def stale: .judge.totals | .stale_at_risk + .stale_safe + .stale_unknown;
def flagged: .judge.totals | .stale_at_risk + .clean_at_risk;
def unknown: .judge.totals | .stale_unknown + .clean_unknown;
def elsewhere: [.judge.elsewhere[].reads] | add // 0;
def find($name): .[] | select(.name == $name);

# What is missing for a demand; nothing if it is met.
def lacks($demand; $all): ($demand | split(":")) as $d | [
	if $d[0] == "clean" then
		(select(.judge.agree | not) | "they do not agree"),
		(select(stale + flagged + unknown > 0) | "stale, at risk or unknown copies"),
		(select(elsewhere > 0) | "stale reads elsewhere"),
		(select(.judge.totals.copies < 1000) | "too few copies")
	elif $d[0] == "stale" then
		(select(.judge.agree | not) | "they do not agree"),
		(select(stale < ($d[1] | tonumber)) | "fewer than \($d[1]) stale copies"),
		(select(.judge.recall != 1) | "a stale copy was not flagged"),
		(select(.judge.colour.same.stale > 0) | "stale copies of the user's colour")
	elif $d[0] == "flood" then
		(select(stale + elsewhere < ($d[1] | tonumber)) | "fewer than \($d[1]) stale reads")
	elif $d[0] == "left" then
		(select(.judge.blame | .destination + .both < ($d[1] | tonumber)) |
			"fewer than \($d[1]) copies to blame for what they left behind")
	elif $d[0] == "like" then
		. as $mine | ([$all | find($d[1])][0]) as $other |
		if $other == null then "\($d[1]) has no result"
		elif $mine.judge.agree != $other.judge.agree or $mine.judge.recall != $other.judge.recall
		then "another answer than \($d[1])" else empty end
	elif $d[0] == "same" then
		if .same == null then "nothing to compare with"
		else (select(.same.only_one > 0) | "copies that \($d[1]) has not, or the other way"),
			(select(.same.differ > 0) | "other answers than \($d[1])"),
			(select(.same.compared * 2 < .same.copies) | "too few to compare") end
	elif $d[0] == "slower" then
		(select(.cpu == null or ([$all | find($d[1])][0].cpu) == null) | "no time measured")
	else "no demand called \($d[0])" end
];

def row($all): . as $r | ([.demands | split(" ")[] as $d | $r | lacks($d; $all)[]]) as $lacks |
	([.demands | split(" ")[] | select(startswith("slower:")) | .[7:]]) as $slower |
	"| `\(.name)` | " + (
	if .judge == null then
		"without the oracle \(.cpu | round) s of CPU" + ([$slower[] as $with | $all | find($with) |
			select(.cpu) | "; \(.cpu / $r.cpu | round_to_tenths) times that in `\($with)`"] | add // "") +
		" | | | | | | |"
	else
		"\(.judge.totals.copies | grouped) | \(stale | grouped) | \(flagged | grouped) | " +
		"\(.judge.recall | percent) | \(.judge.flagged_stale | percent) | " +
		"\(.judge.colour.same.stale | grouped) | \(elsewhere | grouped) |"
	end) + " \(if $lacks == [] then "yes" else "no: " + ($lacks | join(", ")) end) |";

. as $all |
"| run | copies seen by both | read stale bytes | at risk | recall | at risk, and stale | stale in the user's colour | stale reads elsewhere | as demanded |",
"|---|---|---|---|---|---|---|---|---|",
($wanted | split(" ")[]) as $name | [$all | find($name)][0] |
	if . == null then "| `\($name)` | | | | | | | | no: it has no result |" else row($all) end
