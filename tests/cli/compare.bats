#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# compare: every verdict, and what is refused, on recordings written here byte by byte.

load common

# times N KIND PATH COLOUR: N copies (id 1), or clears (id 5) where PATH is "clear", of
# process 7. The user address has that colour, and the kmap of the source (of a clear: the
# destination's) has it, too, when KIND is safe, else the other one, when it is bad. No probe saw
# it when KIND is unknown. When it is derived, it is the linear mapping, safe, and nobody saw it.
times() {
	local user=$((0x10000 + $4 * 0x1000)) pfn=$((2 + $4)) va=$((0xff002000 + $4 * 0x1000))
	local dst=$va seen=(1 2 1 1) all
	[ "$2" != bad ] || va=$((0xff003000 - $4 * 0x1000))
	[ "$2" != unknown ] || va=0
	[ "$2" != derived ] || va=0 seen=(1 1 1 2)
	if [ "$3" = clear ]; then
		le_escapes 8 1000 2 5 1 0x57 4 7 4 8 8 "$user" 8 "$pfn" 8 "$va" "${seen[@]}"
	else
		le_escapes 8 1000 2 1 1 "$3" 1 0x57 4 7 4 8 8 "$user" 8 "$pfn" 8 "$va" "${seen[@]}" \
			8 $((4 + $4)) 8 "$dst" 1 2 1 1
	fi
	printf -v all "%$1s" ''
	[ "$1" = 0 ] || printf %b "${all// /$escapes}"
}

# make_rec DIR LOST MISSED N:KIND:PATH ...: N copies of each kind, half of each colour.
# KIND is safe, bad, unknown or derived, PATH a number of enum copy_path, or "clear". The machine
# is an i386 of two colours: a kernel that never flushes leaves the verdict to the colours.
made=0
make_rec() {
	local dir=$1 lost=$2 missed=$3 copies=0 clears=0 n kind path uuid
	shift 3
	made=$((made + 1))
	copy_sample "$dir"
	printf -v uuid %08x "$made"
	edit_metadata "$dir" "s/\(uuid = \"\)......../\1$uuid/; s/arch = \"mips\"/arch = \"i386\"/"
	{
		le 8 1000 2 3 4 7
		printf 'task\0\0\0\0\0\0\0\0\0\0\0\0'
		while [ $# -gt 0 ]; do
			IFS=: read -r n kind path <<<"$1"
			times $(((n + 1) / 2)) "$kind" "$path" 0
			times $((n / 2)) "$kind" "$path" 1
			if [ "$path" = clear ]; then clears=$((clears + n)); else copies=$((copies + n)); fi
			shift
		done
		le 8 1000 2 4 8 "$copies" 8 0 8 "$clears" 8 "$lost" 8 "$missed"
	} >"$dir.events"
	write_stream "$dir" "$dir.events" 1000 1000 "$lost" "$missed"
}

# The recordings most tests use: half of the copies at risk, and none.
make_bad() {
	make_rec_once "${1-bad}" 0 0 150:bad:1 150:safe:1
}

make_good() {
	make_rec_once "${1-good}" 0 0 300:safe:1
}

# As make_rec, but a recording that was made before is used again: each name has its own uuid.
make_rec_once() {
	local kept=$BATS_FILE_TMPDIR/$1
	if [ ! -d "$kept" ]; then
		made=$(printf %d "'${1:0:1}")
		make_rec "$@"
		cp -r "$1" "$kept"
	else
		cp -r "$kept" "$1"
	fi
}

# The last run printed this verdict, with its exit status, and nothing on stderr.
want_verdict() {
	local status_of
	case $1 in
	fixed | 'still good') status_of=0 ;;
	'not fixed' | worse) status_of=1 ;;
	'cannot tell') status_of=2 ;;
	esac
	want_output "VERDICT: $1: ${2-}"
	want_status "$status_of"
	want_no_stderr
}

want_json() {
	jq -e "$1" <<<"$output" >/dev/null || fail "not so in the JSON: $1"
}

@test "the recordings made here are what the tests take them for" {
	make_rec rec 0 0 3:bad:1 4:safe:2 5:unknown:6 6:bad:clear 7:safe:clear
	b report --format=json rec
	want_status 0
	want_no_stderr
	want_json '.totals == {copies: 12, safe: 4, at_risk: 3, unknown: 5, lost: 0, missed: 0}'
	want_json '.clears | .total == 13 and .mismatch == 6 and .congruent == 7'
	want_json '[.paths[] | [.path, .copies]] == [["wp", 3], ["cow-fault", 4], ["ksm", 5]]'
}

@test "fixed: at risk before, none after, and enough of them" {
	make_bad
	make_good
	b compare bad good
	want_verdict fixed "0 of 300 copies at risk after, 150 of 300 (50.00 %) before."
	want_output "  wp                   300       150        0   50.00 %        300         0        0    0.00 %"
	want_output "it rests on 300 sources kmap of the user's colour; 300 destinations kmap of the user's colour."
}

@test "worse: the other way round" {
	make_bad
	make_good
	b compare good bad
	want_verdict worse "150 of 300 copies (50.00 %) at risk after, 0 of 300 before."
}

@test "still good: none at risk in either" {
	make_good
	make_good more
	b compare good more
	want_verdict "still good" "0 of 300 copies at risk after, 0 of 300 before."
	[[ $output != *note:* ]] || fail "a note"
}

@test "not fixed: at risk in both, also at a lower rate" {
	make_bad
	make_bad again
	make_rec less 0 0 1:bad:1 299:safe:1
	b compare bad again
	want_verdict "not fixed" "150 of 300 copies (50.00 %) at risk after, 150 of 300 (50.00 %) before."
	b compare bad less
	want_verdict "not fixed" "1 of 300 copies (0.33 %) at risk after"
	want_output "note: the rate is lower than before, but not 0."
}

@test "worse needs evidence: a few of many, after none of a few, may be the same rate" {
	make_good
	make_rec few 0 0 3:bad:1 897:safe:1
	b compare good few
	want_verdict "not fixed" "3 of 900 copies (0.33 %) at risk after, 0 of 300 before."
	want_output "note: the rate is higher than before, but may be the same: at most 0.994 % before, at least 0.0909 % after."
}

@test "cannot tell: mappings that were derived and that nobody saw" {
	make_bad
	make_good
	make_rec derived 0 0 299:safe:1 1:derived:1
	b compare bad derived
	want_verdict "cannot tell" "1 of 300 sources after are safe only by a mapping that was derived: nobody saw it, nor the order of flush and copy."
	[[ $output != *"it rests on"* ]] || fail "it rests on something"
	b compare derived good
	want_verdict "cannot tell" "1 of 300 sources before are safe only by a mapping that was derived"
	make_rec both 0 0 150:bad:1 150:derived:1
	b compare both good
	want_verdict fixed
	b compare both both
	want_verdict "not fixed"
	make_rec clears 0 0 300:safe:1 300:derived:clear
	b compare bad clears
	want_verdict fixed
	want_output "note: 300 of 300 clears after are safe only by a mapping that was derived"
}

@test "cannot tell: too few copies, before and after" {
	make_rec bad 0 0 3:bad:1
	make_rec good 0 0 3:safe:1
	b compare bad good
	want_verdict "cannot tell" "too few copies after: 3, and it takes 80, none at risk, to show that at most 3.68 % are."
	b compare good good
	want_verdict "cannot tell" "too few copies after: 3, and it takes 299"
	want_output "also: too few copies before: 3"
}

@test "cannot tell: no copies" {
	make_bad
	make_rec empty 0 0
	b compare bad empty
	want_verdict "cannot tell" "no copies recorded after."
	b compare empty empty
	want_verdict "cannot tell" "no copies recorded after."
	want_output "also: no copies recorded before."
}

@test "--min-copies and --max-rate: more evidence, or less" {
	make_bad
	make_good
	b compare --min-copies 301 bad good
	want_verdict "cannot tell" "too few copies after: 300, and it takes 301"
	b compare --min-copies 300 bad good
	want_verdict fixed
	b compare --max-rate 0.9% bad good
	want_verdict "cannot tell" "too few copies after: 300, and it takes 332"
	b compare --max-rate 0.01 bad good
	want_verdict fixed
	b compare --max-rate 0.1% good good
	want_output "too few copies after: 300, and it takes 2995"
	want_status 2
	b compare --max-rate 1 bad bad
	want_status 1
}

@test "cannot tell: records lost or missed after" {
	make_bad
	make_rec lost 2 0 300:safe:1
	make_rec missed 0 1 300:safe:1
	b compare bad lost
	want_verdict "cannot tell" "2 records lost and 0 events missed after: what is missing may have been at risk."
	b compare bad missed
	want_verdict "cannot tell" "0 records lost and 1 event missed after"
}

@test "records lost before: fixed all the same, with a note" {
	make_rec bad 2 0 150:bad:1 150:safe:1
	make_good
	make_rec lost 2 0 300:safe:1
	b compare bad good
	want_verdict fixed
	want_output "note: 2 records lost and 0 events missed before"
	b compare lost good
	want_verdict "cannot tell" "2 records lost and 0 events missed before"
}

@test "cannot tell: a recording that is cut off; but at risk is at risk" {
	make_bad
	make_good
	make_bad cut
	make_good short
	for rec in cut short; do
		head -c 100 "$rec/stream_0" >first.bytes
		cat first.bytes >>"$rec/stream_0"
	done
	b compare bad short
	want_status 2
	want_output "VERDICT: cannot tell: the recording after is not whole"
	want_stderr "warning: reading short: cut off in 1 of its streams"
	[ "${#stderr_lines[@]}" -eq 1 ] || fail "want one line on stderr"
	b compare good cut
	want_status 1
	want_output "VERDICT: worse: "
	b compare cut good
	want_status 0
	want_output "note: the recording before is not whole"
}

@test "cannot tell: copies that could not be judged" {
	make_bad
	make_good
	make_rec unknown 0 0 299:safe:1 1:unknown:1
	b compare bad unknown
	want_verdict "cannot tell" "1 of 300 copies could not be judged after."
	b compare unknown good
	want_verdict "cannot tell" "1 of 300 copies could not be judged before."
	make_rec both 0 0 150:bad:1 150:unknown:1
	b compare both good
	want_verdict fixed
	want_output "note: 150 of 300 copies could not be judged before."
}

@test "a path that was at risk and is not exercised any more" {
	make_rec bad 0 0 100:bad:1 100:safe:1 50:bad:6 50:safe:6
	make_good
	b compare bad good
	want_verdict "cannot tell" "paths with 50 of the 150 copies at risk before have no copies after."
	want_output "also: at risk before, and not enough copies after to show a lower rate: path ksm (0)."
	want_output "  ksm                  100        50        0   50.00 %          -         -        -         -"
	make_rec bad6 0 0 147:bad:1 147:safe:1 3:bad:2 3:safe:2
	b compare bad6 good
	want_verdict fixed
	want_output "note: at risk before, but too few copies for a verdict of their own: path cow-fault (0)."
}

@test "clears: a mismatch is a finding, and they are fixed like copies" {
	make_rec bad 0 0 300:safe:1 150:bad:clear 150:safe:clear
	make_rec good 0 0 300:safe:1 300:safe:clear
	b compare bad good
	want_verdict fixed "0 of 300 copies at risk after, 0 of 300 before; 0 of 300 clears at risk after, 150 of 300 (50.00 %) before."
	b compare good bad
	want_verdict worse "0 of 300 copies at risk after, 0 of 300 before; 150 of 300 clears (50.00 %) at risk after, 0 of 300 before."
	b compare bad bad
	want_output "VERDICT: not fixed: "
	want_status 1
	make_rec few 0 0 300:safe:1 3:safe:clear
	b compare bad few
	want_verdict "cannot tell" "clears were at risk before, and 3 after are not enough to show a lower rate."
	edit_metadata few 's/"clear .* kprobe/"clear - none/'
	b compare good few
	want_verdict "cannot tell" "clears were watched before, and are not after."
}

@test "different machines, page sizes and spans: cannot tell, unless accepted" {
	make_bad
	while IFS='|' read -r edit verdict said; do
		rm -rf good
		make_good
		edit_metadata good "$edit"
		b compare bad good
		want_verdict "cannot tell" "$said"
		[ "$(jq -r '.reasons[0].text' <<<"$("$brindle" compare --format=json bad good)")" = "$said" ] ||
			fail "JSON has another reason"
		b compare --accept-differences bad good
		want_output "note: $said"
		[[ $output == *"VERDICT: $verdict: "* ]] || fail "--accept-differences: not $verdict"
	done <<'END'
s/arch = "i386"/arch = "armhf"/|fixed|different architectures: i386 before, armhf after
s/word_bits = 32/word_bits = 64/|fixed|different word sizes in bits: 32 before, 64 after
s/what_if_span = 0/what_if_span = 16384/|worse|judged by different spans in bytes: 8192 before, 16384 after
END
	rm -rf good
	make_good
	edit_metadata good 's/	span = 8192/	span = 16384/'
	b compare bad good
	want_verdict "cannot tell" "the machines have different spans in bytes: 8192 before, 16384 after."
	edit_metadata good 's/page_size = 4096/page_size = 8192/'
	b compare bad good
	want_verdict "cannot tell" "different page sizes in bytes: 4096 before, 8192 after."
}

@test "--span: judges both by it; one colour tells nothing" {
	make_bad
	make_good
	b compare --span 4K bad good
	want_verdict "cannot tell" "the cache has no aliases after (one colour)"
	b compare --format=json --span 16K bad good
	want_json '[.before, .after] | all(.colours == 4 and .span == 16384 and .what_if)'
	b compare --span 3K bad good
	want_error 2 "--span 3K: not a power of two"
}

@test "a recording with itself: a verdict, with a note" {
	make_good
	b compare good good
	want_verdict "still good"
	want_output "note: BEFORE and AFTER are the same recording."
	make_bad
	cp -r bad copy
	b compare bad copy
	want_verdict "not fixed"
	want_output "note: BEFORE and AFTER are the same recording."
}

@test "what may differ is a note: command, CPUs, exposed windows" {
	make_good
	make_good other
	b compare --accept-differences "$sample" good
	want_output "note: no fork window was exposed after"
	edit_metadata other 's/command = ".*"/command = "other"/; s/cpus = 1/cpus = 2/'
	b compare good other
	want_verdict "still good"
	want_output "note: the commands differ."
	want_output "note: CPUs: 1 before, 2 after."
}

@test "JSON: every member, with its type, and the numbers" {
	make_rec bad 0 0 100:bad:1 100:safe:1 50:bad:2 50:safe:2
	make_good
	b compare --format=json bad good
	want_no_stderr
	want_json '.schema == "brindle.compare/1" and .verdict == "cannot tell" and .exit_status == 2'
	want_json '[.reasons[].code] == ["not-exercised", "too-few"] and (.notes | type) == "array"'
	want_json '.evidence | .confidence == 0.95 and .min_copies == 65 and .max_rate < 0.0452'
	want_json '[.before, .after] | all((.directory | type) == "string" and .arch == "i386" and
		.word_bits == 32 and .page_size == 4096 and .cpus == 1 and .span == 8192 and
		.colours == 2 and .what_if == false and .complete and .lost == 0 and .missed == 0 and
		.windows == 0 and .exposed == 0 and (.kernel | startswith("6.1.")))'
	want_json '.copies.before | .copies == 300 and .at_risk == 150 and .unknown == 0 and .rate == 0.5'
	want_json '[.copies, .source, .destination, .paths[], .colours[]] |
		all([.before, .after] | all(.lower <= (.rate // 0) and (.rate // 0) <= .upper))'
	want_json '[.paths[] | [.path, .verdict, .before.copies, .after.copies]] ==
		[["wp", "fixed", 200, 300], ["cow-fault", "cannot tell", 100, 0]]'
	want_json '.paths[1].after | .rate == null and .lower == 0 and .upper == 1'
	want_json '[.colours[] | [.colour, .before.copies, .after.copies]] == [[0, 150, 150], [1, 150, 150]]'
	want_json '.after.rests_on == {clears: [], source: [{verdict: "congruent", kind: "kmap", reason: "",
		copies: 300, derived: 0}], destination: [{verdict: "congruent", kind: "kmap", reason: "",
		copies: 300, derived: 0}]} and .before.rests_on.source[0].copies == 150'
	want_json '.source.before.at_risk == 150 and .destination.before.at_risk == 0'
	want_json '.clears.after | .copies == 0 and .rate == null'
	edit_metadata good '/"clear/d'
	b compare --format=json bad good
	want_json '.clears.after == null and .clears.before.copies == 0'
}

@test "brindle-compare.1 has every member and every code of the JSON comparison" {
	make_bad
	make_good
	b compare --format=json bad good
	want_status 0
	want_members 30 "$(page compare)" "JSON COMPARISON"
	codes=$(grep -rhoE '^	+\[FOUND_[A-Z_]+\] = "[a-z-]+"' "$top/user" | cut -d'"' -f2)
	[ "$(wc -l <<<"$codes")" -ge 13 ] || fail "codes not found in user/"
	for code in $codes; do
		section "$(page compare)" "JSON COMPARISON" | grep -qx "\.It Li $code" ||
			fail "code '$code' is not in the manual page"
	done
	section "$(page compare)" "JSON COMPARISON" | grep -q "$(jq -r .schema <<<"$output")" ||
		fail "the schema is not in the manual page"
}

@test "brindle-compare.1 has every verdict" {
	verdicts=$(grep -rhoE '^	+\[COMPARE_[A-Z_]+\] = \{ "[a-z ]+"' "$top/user" | cut -d'"' -f2)
	[ "$(wc -l <<<"$verdicts")" -eq 5 ] || fail "verdicts not found in user/"
	while read -r verdict; do
		section "$(page compare)" DESCRIPTION | grep -qx "\.It $verdict" ||
			fail "verdict '$verdict' is not in DESCRIPTION"
		section "$(page compare)" "JSON COMPARISON" | grep -q "^\.Dq $verdict\( [,.]\)\?$" ||
			fail "verdict '$verdict' is not in JSON COMPARISON"
	done <<<"$verdicts"
}

@test "a recording that cannot be read: status 2, one line, and no verdict" {
	make_good
	b compare missing good
	want_error 2 "opening the recording missing: No such file or directory"
	b compare good missing
	want_error 2 "opening the recording missing: No such file or directory"
	mkdir empty
	b compare good empty
	want_error 2 "reading empty/metadata: No such file or directory: this directory is not a recording"
	cp -r good newer
	edit_metadata newer 's/schema = [0-9]*/schema = 4/'
	b compare newer good
	want_error 2 "schema 4, made by a newer brindle"
	cp -r good vax
	edit_metadata vax 's/arch = "i386"/arch = "vax"/'
	b compare good vax
	want_error 2 "an architecture this brindle does not know"
	cp -r good damaged
	printf x | dd of=damaged/stream_0 bs=1 seek=200 conv=notrunc status=none
	b compare good damaged
	want_error 2 "reading damaged/stream_0: damaged"
}

@test "a wrong command line: status 2, one line" {
	make_good
	b compare
	want_error 2 "compare: it takes two recordings, BEFORE and AFTER, but 0 are given"
	b compare good
	want_error 2 "compare: it takes two recordings, BEFORE and AFTER, but 1 is given"
	b compare good good good
	want_error 2 "compare: it takes two recordings, BEFORE and AFTER, but 3 are given"
	b compare good good --format=json
	want_error 2 "compare: give '--format=json' before the recordings"
	b compare --format=csv good good
	want_error 2 "--format=csv: no such format: give table or json"
	b compare --accept-diferences good good
	want_error 2 "did you mean '--accept-differences'?"
	for n in 0 x -1 1.5 ''; do
		b compare --min-copies "$n" good good
		want_error 2 "--min-copies: '$n' is not a whole number from 1"
	done
	for rate in 0 x -1 1.1 200% '' inf nan 0%; do
		b compare --max-rate "$rate" good good
		want_error 2 "--max-rate: '$rate' is not a rate above 0; try 0.001 or 0.1%"
	done
}

@test "a full disk, a pipe that is closed: status 2, not 1" {
	make_good
	run --separate-stderr sh -c '"$1" compare good good >/dev/full' sh "$brindle"
	want_error 2 "writing to standard output: No space left on device"
	run --separate-stderr bash -c 'exec 3> >(:); sleep 0.2; "$1" compare good good >&3' bash "$brindle"
	want_status 2
	want_no_stderr
}

@test "no privilege is needed" {
	make_bad
	make_good
	as_nobody compare bad good
	want_verdict fixed
}
