# SPDX-License-Identifier: GPL-2.0-only
#
# table.jq: what judge.jq made of the kernels (an array) as one table for people.

def right($width): tostring | (" " * ([$width - length, 0] | max)) + .;
def left($width): tostring | . + (" " * ([$width - length, 0] | max));
def line($cells): $cells[0:1] + ($cells[1:-2] | map(.)) | join(" ");

def columns: ["forkrace", "fresh", "recycle", "shfile", "manymaps", "unread"];
def cell($row; $name; $what): [$row.workloads[] | select(.name == $name) | .[$what]][0] // "-";

"\("" | left(25)) sound  stale, by the oracle\("" | left(36))   safe/at risk/unknown, by brindle\("" | left(51))compare",
"\("kernel" | left(25))      " + ([columns[] | right(9)] | add) + "    users" +
	([columns[] | right(17)] | add) + " clears",
(.[] | . as $r |
	"\($r.name | left(25)) \($r.sound | left(4))" +
	if $r.hindered then " \($r.hindered)" else
		([columns[] as $c | cell($r; $c; "stale") | right(9)] | add) + ($r.users | right(9)) +
		([columns[] as $c | "\(cell($r; $c; "safe"))/\(cell($r; $c; "at_risk"))/\(cell($r; $c; "unknown"))" | right(17)] | add) +
		($r.clears_at_risk | right(7)) + " \($r.compare)"
	end + (if $r.wrong == [] then "" else "  WRONG" end)),
"",
([.[] | select(.wrong != [])] | if . == [] then "all is as it must be" else
	"wrong:", (.[] | "  \(.name): \(.wrong | join("; "))") end)
