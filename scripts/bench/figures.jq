# SPDX-License-Identifier: GPL-2.0-only
#
# One row: what cowbench printed ($figures, null if the row is absent), what its tool
# recorded in each cycle ($records), and what of it goes into the table.

def mean: add / length;
def round_to(digits): . * pow(10; digits) | round / pow(10; digits);

{row: $row, name: $name, command: $command, goal: $goal}
+ if $figures == null then {absent: $absent} else
	$figures as $f
	| ($f.pages * $f.rounds) as $timed
	| [$f.cycles[] | .untraced / ($f.pages * $f.before)] as $untraced
	| [$f.cycles[] | (.traced - .inside) / $timed] as $kernel
	| [$f.cycles[] | .consumer / $f.copies] as $consumer
	| ($kernel | mean) as $k | ($consumer | mean) as $c | ($untraced | mean) as $u
	| {
		# bpftrace wakes its reader for every line: they take turns as it happens
		unsteady: ($ARGS.named.count == "lines"),
		copies: ($f.copies * ($f.cycles | length)),
		untraced: ($u | round_to(1)), kernel: ($k | round_to(1)), consumer: ($c | round_to(1)),
		instructions: ($k + $c | round_to(1)), ratio: (($k + $c) / $u | round_to(4)),
		cycles: [range($f.cycles | length) | ($kernel[.] + $consumer[.]) / $untraced[.] | round_to(4)]
	}
	+ if $f.cycles[0].ready == 0 then {} else {
		ready_ms: ([$f.cycles[].ready] | mean / 1e6 | round_to(1)),
		resident_mb: ([$f.cycles[] | .kib - .buffers] | max / 1024 | round_to(1)),
		buffers_mb: ([$f.cycles[].buffers] | max / 1024 | round_to(1))
	} end
	+ if $records == [] then {} else {
		found: ([$records[].found] | add), lost: ([$records[].lost] | add)
	} end
end
