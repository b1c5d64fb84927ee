# SPDX-License-Identifier: GPL-2.0-only
#
# table.jq: an object of schema brindle.judge/1 as text for people.

def grouped: tostring | explode | reverse | [range(0; length; 3) as $i | .[$i:$i + 3]] |
	map(reverse | implode) | reverse | join(",");
# jq 1.6 multiplies a string by 0 to null, which adds as nothing.
def right($width): tostring | (" " * ([$width - length, 0] | max)) + .;
def left($width): tostring | . + (" " * ([$width - length, 0] | max));
def number($width): grouped | right($width);
def percent: if . == null then "-" else "\(. * 10000 | round | . / 100) %" end;
def times($n; $one; $more): "\($n | grouped) \(if $n == 1 then $one else $more end)";

def cell_row($name): "\($name | left(14))\(.copies | number(10))\(.stale_at_risk | number(12))" +
	"\(.stale_safe | number(12))\(.stale_unknown | number(12))\(.clean_at_risk | number(12))" +
	"\(.clean_safe | number(12))\(.clean_unknown | number(12))";
def blame_row($name): "\($name | left(14))\(.to_blame_at_risk + .to_blame_safe + .to_blame_unknown | number(10))" +
	"\(.to_blame_at_risk | number(12))\(.to_blame_safe | number(12))\(.to_blame_unknown | number(12))" +
	"\(.suffered | number(12))";
def cells:
	"\("" | left(24))\("read stale bytes" | right(28))\("did not" | right(34))",
	"\("seen by both" | left(14))\("copies" | right(10))\("at risk" | right(12))" +
		"\("safe" | right(12))\("unknown" | right(12))\("at risk" | right(12))" +
		"\("safe" | right(12))\("unknown" | right(12))",
	(.paths[] | cell_row("  " + .path)),
	(.totals | cell_row("  all"));
# The copies to blame; suffered are those that read stale bytes by the fault of others alone.
def blamed: select([.totals | .to_blame_at_risk, .to_blame_safe, .to_blame_unknown, .suffered] | add > 0) |
	"",
	"\("to blame" | left(14))\("copies" | right(10))\("at risk" | right(12))\("safe" | right(12))" +
		"\("unknown" | right(12))\("suffered" | right(12))",
	(.paths[] | blame_row("  " + .path)),
	(.totals | blame_row("  all")),
	"  as source \(.blame.source | grouped), as destination \(.blame.destination | grouped), " +
		"as both \(.blame.both | grouped)";

def only_rows($counts; $reasons): $reasons[] | select($counts[.[0]] > 0 or .[0] == "unexplained") |
	"  \(.[1] | left(46))\($counts[.[0]] | number(8))";
def only_one:
	"seen by the oracle only\(.oracle_only | add | number(33))",
	only_rows(.oracle_only; [["recorder", "made by the recorder itself"],
		["outside", "before the recording began, or after its end"],
		["not_followed", "of processes that the recording does not follow"],
		["unexplained", "no reason known"]]),
	"seen by brindle only\(.recorded_only | add | number(36))",
	only_rows(.recorded_only; [["outside", "before the oracle was armed, or after"],
		["unexplained", "no reason known"]]);

def example_rows: .examples | to_entries[] | .key as $what | .value[] |
	"  \({missed: "to blame, but safe", same_colour: "stale, same colour", oracle_only: "oracle only",
		recorded_only: "brindle only"}[$what]): pid \(.pid), thread \(.tid), page \(.user), " +
	"frame \(.pfn), path \(.path), \(.stale) stale bytes";

def place: "\(.pc)\(if .symbol then " " + .symbol else "" end)\(if .mode == "user" then " (user)" else "" end)";
# Whose fault the reads of a place were.
def fault: if .blame == "copy" then ", by the fault of copies (copy \(.culprit))"
	elif .blame == "clear" then ", by the fault of clears" else "" end;
def elsewhere_rows: (.elsewhere | length) as $n | .elsewhere[:10][] |
	"  \(.kind | left(9))\(.reads | number(10)) reads, \(.bytes | grouped) bytes, at \(place)" +
	", written at \(.writer | if . then place else "?" end)\(fault)";

def notes:
	(select(.oracle.ignore | length > 0) |
		"note: the oracle was told to ignore cache instructions: \(.oracle.ignore | join(", "))"),
	(select(.recording.span != .oracle.geometry.span) |
		"note: the recording's span is \(.recording.span), it is judged by the oracle's"),
	(select(.recording.complete | not) | "note: the recording is not whole"),
	(select(.recording.lost + .recording.missed > 0) |
		"note: brindle lost \(.recording.lost) records and missed \(.recording.missed) probes"),
	(select(.oracle.unresolved > 0) |
		"note: the oracle could not resolve \(times(.oracle.unresolved; "address"; "addresses"))"),
	(select(.oracle.unknown_operations > 0) |
		"note: the model knows nothing of \(times(.oracle.unknown_operations; "cache instruction"; "cache instructions"))"),
	(select(.oracle.strays > 0) |
		"note: of \(times(.oracle.strays; "copy"; "copies")) the oracle saw no read"),
	(select(.without_thread > 0) |
		"note: \(times(.without_thread; "copy"; "copies")) joined without the thread, which the oracle did not know");

def verdict: .totals as $t | ($t.stale_at_risk + $t.clean_at_risk) as $flagged |
	($t.stale_at_risk + $t.stale_safe + $t.stale_unknown) as $stale |
	($t.to_blame_at_risk + $t.to_blame_safe + $t.to_blame_unknown) as $to_blame |
	"VERDICT: " + if .agree then
		"they agree: of \($t.copies | grouped) copies seen by both, \($stale | grouped) read stale bytes, " +
		"\($to_blame | grouped) are to blame for stale reads, \($flagged | grouped) are at risk, " +
		"and none of those to blame was called safe."
	else "they do not agree: \([(select($t.to_blame_safe > 0) |
			"\($t.to_blame_safe | grouped) of \($to_blame | grouped) copies to blame were called safe"),
		(select(.unexplained > 0) |
			"\(.unexplained | grouped) seen by one of them only, without a reason")] |
		join("; "))." end;

verdict, "",
"recording   \(.recording.directory): \(.recording.kernel)",
"oracle      \(.oracle.file): \(.oracle.target), span \(.oracle.geometry.span), " +
	"\(.oracle.geometry.colours) colours, line \(.oracle.geometry.line)",
notes, "", cells, blamed, "", only_one, "",
"recall                    \(.recall | percent | right(12))   copies to blame that were at risk",
"at risk that were stale   \(.flagged_stale | percent | right(12))",
"at risk and to blame      \(.flagged_to_blame | percent | right(12))",
"clears to blame           \(.clears_to_blame | number(12))",
"user's colour             \(.colour.same.stale | number(12))   of \(.colour.same.copies | grouped) copies read stale bytes",
"another colour            \(.colour.other.stale | number(12))   of \(.colour.other.copies | grouped)",
"source mapping            \(.source_mapping.alike | number(12))   as the oracle saw it; " +
	"\(.source_mapping.same_colour | grouped) at another address of its colour, " +
	"\(.source_mapping.other_colour | grouped) of another colour, \(.source_mapping.unseen | grouped) not seen",
"destination frame         \(.destination_frame.alike | number(12))   as the oracle saw it; " +
	"\(.destination_frame.other | grouped) others",
"stale reads elsewhere     \([.elsewhere[].reads] | add // 0 | number(12))   at \(times(.elsewhere | length; "place"; "places"))",
elsewhere_rows,
(select([.examples[]] | add | length > 0) | "", "some of them", example_rows)
