#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# scripts/judge on recordings and files of the oracle's that are written here, copy by copy, and
# what scripts/lab says of an oracle it cannot have.

load common

judge=$top/scripts/judge

# Copies of the made-up run, one per line: who saw it (both, oracle, brindle), pid, tid, user
# page, source frame, frame of the destination, stale bytes, path (1 wp, 2 cow-fault), facts
# (0x6d7: all watched, and the source mapped and clean; 0: unknown), and the bytes that it is to
# blame for as a source (if not given, all that are stale) and as a destination (if not given,
# none). Nothing is flushed. The source is read through its linear mapping, whose colour is the
# frame's, so an odd page and an even frame are at risk.
good='
both    60 60 0x10000 100 200 0  1 0x6d7
both    60 61 0x11000 101 201 0  1 0x6d7
both    60 60 0x13000 102 202 96 1 0x6d7
both    60 60 0x15000 104 204 0  1 0x6d7
both    60 61 0x12000 106 206 0  2 0x6d7
both    60 60 0x14000 108 208 0  2 0x6d7
'

# The recording without its copies.
setup_file() {
	copy_sample "$BATS_FILE_TMPDIR/rec"
	edit_metadata "$BATS_FILE_TMPDIR/rec" 's/recorder_pid = .*/recorder_pid = 50;/'
}

# make_run [LINE ...]: the copies of good, behind those of $before and before these lines, into
# rec and oracle. bats looks at every command in here otherwise, which takes as long again.
before=
make_run() {
	set +o functrace
	make_run_untraced "$@"
	set -o functrace
}

make_run_untraced() {
	local all n=0 who pid tid user pfn to stale path facts own left seen=0 recorded=0
	printf -v all '%s\n' "$before$good" "$@"
	rm -rf rec
	cp -r "$BATS_FILE_TMPDIR/rec" rec
	header >oracle
	le 8 1000 2 3 4 60 >events
	printf 'task\0\0\0\0\0\0\0\0\0\0\0\0' >>events
	while read -r who pid tid user pfn to stale path facts own left; do
		[ -n "$who" ] || continue
		n=$((n + 1))
		[ "$who" = brindle ] || { oracle_copy >>oracle && seen=$((seen + 1)); }
		[ "$who" = oracle ] || { recorded_copy >>events && recorded=$((recorded + 1)); }
	done <<<"$all"
	le 8 $((1000 + n)) 2 4 8 $recorded 8 0 8 0 8 0 8 0 >>events
	write_stream rec events 1000 $((1000 + n)) 0 0
	footer $seen >>oracle
}

header() {
	echo '{"type":"oracle","schema":"brindle.oracle/1","target":"mipsel","api":4,"geometry":{"span":8192,"colours":2,"line":32,"ways":4,"page":4096,"source":"guest"},"ignore":[]}'
}

footer() {
	echo "{\"type\":\"end\",\"copies\":$1,\"stale_copies\":0,\"stale_bytes\":0,\"stale_elsewhere\":0,\"to_blame\":0,\"clears_to_blame\":${2-0},\"double_dirty\":0,\"lost_writebacks\":0,\"unresolved\":0}"
}

oracle_copy() {
	printf '{"type":"copy","seq":%d,"pid":%s,"tid":%s,"user":"%s","pfn":%d,"src":"0x%x","dst_pfn":%d,"dst":"0x%x","stale":%d,"to_blame":%d,"blame":{"source":%d,"destination":%d},"writers":[]}\n' \
		$n "$pid" "$tid" "$user" "$pfn" $((0x80000000 + pfn * 4096)) "$to" $((0x80000000 + to * 4096)) "$stale" \
		$((${own:-$stale} + ${left:-0})) "${own:-$stale}" "${left:-0}"
}

recorded_copy() {
	local steps=()
	[ "$facts" = 0 ] || steps=("read:source:$pfn" "write:destination:$to")
	copy_with_steps $((1000 + n)) "$path" "$facts" "$pid" "$tid" "$user" \
		"$pfn:$((0x80000000 + pfn * 4096)):0x11" "$to:$((0x80000000 + to * 4096)):0x11" "${steps[@]}"
	printf %b "$escapes"
}

j() {
	capture timeout 60 "$judge" "$@"
}

# One line on stderr, nothing on stdout, and this status.
want_line() {
	want_status "$1"
	want_no_output
	[ "${#stderr_lines[@]}" -eq 1 ] || fail "stderr should be one line"
	want_stderr "$2"
}

# want_json STATUS FILTER ...: what judge says in JSON of the run that was made, with this exit
# status. One jq for all filters: it says which one is not so.
want_json() {
	local want=$1 filter all='' n=0 not
	shift
	for filter; do
		all+="(select([$filter] | last | not) | \$ARGS.positional[$((n++))]), "
	done
	j --format=json rec oracle
	want_status "$want"
	want_no_stderr
	not=$(jq -r "$all empty" --args "$@" <<<"$output") || fail "not to be asked: $*"
	[ -z "$not" ] || fail "not so: $not"
}

@test "they agree: every cell, recall and shares" {
	make_run
	want_json 0 '.schema == "brindle.judge/1" and .agree and .unexplained == 0 and .totals == {copies: 6,
		stale_safe: 0, clean_safe: 4, stale_at_risk: 1, clean_at_risk: 1, stale_unknown: 0, clean_unknown: 0,
		to_blame_safe: 0, to_blame_at_risk: 1, to_blame_unknown: 0, suffered: 0}' \
		'.recall == 1 and .flagged_stale == 0.5 and .flagged_to_blame == 0.5 and .colour == {same: {copies: 4, stale: 0},
		other: {copies: 2, stale: 1}}' \
		'.source_mapping == {alike: 6, same_colour: 0, other_colour: 0, unseen: 0} and
		.destination_frame == {alike: 6, other: 0}' \
		'(.paths | length) == 2 and (.paths[] | select(.path == "wp") | .copies) == 4 and
		(.paths[] | select(.path == "cow-fault") | .clean_safe) == 2' \
		'([.oracle_only, .recorded_only] | map(add)) == [0, 0] and .recording.recorder_pid == 50'
}

@test "the table says it in words, and has the same numbers" {
	make_run
	j rec oracle
	want_status 0
	want_no_stderr
	[ "${lines[0]}" = "VERDICT: they agree: of 6 copies seen by both, 1 read stale bytes, 1 are to blame for stale reads, 2 are at risk, and none of those to blame was called safe." ] ||
		fail "the verdict"
	grep -qE '^  wp +4 +1 +0 +0 +1 +2 +0$' <<<"$output" || fail "wp"
	grep -qE '^  cow-fault +2 +0 +0 +0 +0 +2 +0$' <<<"$output" || fail "cow-fault"
	grep -qE '^recall +100 %' <<<"$output" || fail "recall"
	grep -qE '^at risk that were stale +50 %' <<<"$output" || fail "share"
}

@test "a stale copy that brindle calls safe: they do not agree" {
	make_run "both 60 60 0x18000 110 210 32 1 0x6d7"
	want_json 1 '(.agree | not) and .totals.stale_safe == 1 and .recall == 0.5 and .colour.same.stale == 1' \
		'.examples.missed == [{pid: 60, tid: 60, user: "0x18000", pfn: 110, path: "wp", stale: 32}]'
	j rec oracle
	want_output "VERDICT: they do not agree: 1 of 2 copies to blame were called safe."
	want_output "to blame, but safe: pid 60, thread 60, page 0x18000, frame 110, path wp, 32 stale bytes"
}

@test "a copy that only suffers is not held against a verdict safe: it is the earlier one's fault" {
	make_run "both 60 60 0x1a000 112 210 0 1 0x6d7 0 32" "both 60 60 0x18000 110 212 32 1 0x6d7 0 0"
	want_json 1 '.totals.to_blame_safe == 1 and .totals.stale_safe == 1 and .totals.suffered == 1 and
		.recall == 0.5 and .blame == {source: 1, destination: 1, both: 0}' \
		'[.examples.missed[] | [.user, .stale]] == [["0x1a000", 32]]'
	make_run "both 60 60 0x19000 110 210 0 1 0x6d7 0 32" "both 60 60 0x18000 110 212 32 1 0x6d7 0 0"
	want_json 0 '.totals.to_blame_at_risk == 2 and .totals.to_blame_safe == 0 and .recall == 1 and
		.totals.stale_safe == 1 and .totals.suffered == 1 and .flagged_stale < .flagged_to_blame'
	j rec oracle
	want_output "of 8 copies seen by both, 2 read stale bytes, 2 are to blame for stale reads, 3 are at risk"
	grep -qE '^to blame +copies +at risk +safe +unknown +suffered$' <<<"$output" || fail "the columns"
	grep -qE '^  wp +2 +2 +0 +0 +1$' <<<"$output" || fail "wp"
	want_output "as source 1, as destination 1, as both 0"
}

@test "one that suffers in part is to blame for the rest, and can be so for both sides" {
	make_run "both 60 60 0x19000 110 210 40 1 0x6d7 8 64"
	want_json 0 '.blame == {source: 1, destination: 0, both: 1} and .totals.suffered == 0 and
		.totals.to_blame_at_risk == 2'
	make_run "both 60 60 0x18000 110 210 40 1 0x6d7 8 0" # 32 of the 40 are not its fault
	want_json 1 '.examples.missed[0].stale == 8'
}

@test "what brindle calls unknown is neither right nor wrong, and counts in the recall" {
	make_run "both 60 60 0x19000 110 210 32 1 0" "both 60 60 0x1b000 112 212 0 1 0"
	want_json 0 '.agree and .totals.stale_unknown == 1 and .totals.clean_unknown == 1 and .recall == 0.5'
}

@test "only the oracle saw it: by the recorder, outside of the recording, not followed" {
	make_run "oracle 50 50 0x20000 120 220 0 1 0" \
		"oracle 40 40 0x20000 121 221 0 1 0" "both 60 60 0x18000 110 210 0 1 0x6d7" \
		"oracle 70 70 0x20000 122 222 0 1 0"
	want_json 0 '.agree and .oracle_only == {recorder: 1, outside: 1, not_followed: 1, unexplained: 0}'
	j rec oracle
	want_output "made by the recorder itself"
	want_output "before the recording began, or after its end"
	want_output "of processes that the recording does not follow"
}

@test "only the oracle saw it, in a process that the recording should have: unexplained" {
	make_run "oracle 60 60 0x20000 120 220 0 1 0" "both 60 60 0x18000 110 210 0 1 0x6d7"
	want_json 1 '(.agree | not) and .oracle_only.unexplained == 1'
	make_run "oracle 60 61 0x20000 120 220 0 1 0" # at the end, but of a process that was followed
	want_json 1 '.oracle_only.unexplained == 1 and .examples.oracle_only[0].tid == 61'
	make_run "oracle 70 70 0x20000 120 220 0 1 0" "both 60 60 0x18000 110 210 0 1 0x6d7"
	want_json 1 '.oracle_only.unexplained == 1' # younger than the recorder: it may be a child
	j rec oracle
	want_output "VERDICT: they do not agree: 1 seen by one of them only, without a reason."
	want_output "oracle only: pid 70"
}

@test "before it was followed and after it ended: the command's process, and what it left" {
	before="oracle 60 60 0x20000 120 220 0 1 0" # a child of the recorder that waits
	make_run
	want_json 0 '.oracle_only == {recorder: 0, outside: 1, not_followed: 0, unexplained: 0}'
	before=
	make_run "both 65 65 0x20000 120 220 0 1 0x6d7" "both 60 60 0x22000 124 224 0 1 0x6d7" \
		"oracle 65 65 0x24000 126 226 0 1 0"
	want_json 0 '.oracle_only.outside == 1'
	before="oracle 65 65 0x24000 126 226 0 1 0"
	make_run "both 65 65 0x20000 120 220 0 1 0x6d7"
	want_json 1 '.oracle_only.unexplained == 1' # a child of the command before its parent
}

@test "a recording of one process follows no other" {
	make_run "oracle 70 70 0x20000 120 220 0 1 0" "both 60 60 0x18000 110 210 0 1 0x6d7"
	edit_metadata rec 's/command = .*/command = "";/; s/filter = .*/filter = "pid 60";/'
	want_json 0 '.oracle_only.not_followed == 1'
	edit_metadata rec 's/filter = .*/filter = "";/' # it follows everything
	want_json 1 '.oracle_only.unexplained == 1'
}

@test "only brindle saw it: outside of the armed part, or unexplained" {
	make_run "brindle 60 60 0x18000 110 210 0 1 0x6d7"
	want_json 0 '.recorded_only == {outside: 1, unexplained: 0}'
	make_run "brindle 60 60 0x18000 110 210 0 1 0x6d7" "both 60 60 0x1a000 112 212 0 1 0x6d7"
	want_json 1 '.recorded_only == {outside: 0, unexplained: 1} and (.examples.recorded_only | length) == 1'
	j rec oracle
	want_output "brindle only: pid 60, thread 60, page 0x18000, frame 110, path wp"
}

@test "a page that is copied again and again joins in order" {
	# the third of five is missing in the recording; its stale bytes must not go to another
	make_run "both 60 60 0x18000 110 210 0 1 0x6d7" "both 60 62 0x18000 110 211 0 1 0x6d7" \
		"oracle 60 60 0x19000 110 212 8 1 0x6d7" "both 60 60 0x18000 110 213 0 1 0x6d7" \
		"both 60 60 0x19000 110 214 0 1 0x6d7"
	want_json 1 '.oracle_only.unexplained == 1 and .totals.stale_safe == 0 and .totals.copies == 10'
}

@test "copies of threads the oracle did not know join by page and frames" {
	make_run
	sed -i 's/"tid":61/"tid":null/; s/"pid":60,"tid":null/"pid":null,"tid":null/' oracle
	want_json 0 '.agree and .without_thread == 2 and .totals.copies == 6'
}

@test "another mapping or frame than brindle says is counted" {
	make_run
	sed -i '2s/"src":"0x80064000"/"src":"0x80067000"/; 3s/"dst_pfn":201/"dst_pfn":299/' oracle
	want_json 0 '.source_mapping == {alike: 5, same_colour: 0, other_colour: 1, unseen: 0} and
		.destination_frame == {alike: 5, other: 1}'
}

@test "stale reads elsewhere are shown with their places" {
	make_run
	sed -i '$i{"type":"stale","kind":"fill","pc":"0x80101234","symbol":"memcpy+0x10","mode":"kernel","pfn":1,"va":"0x80001000","writer":{"pc":"0x400cb0","symbol":null,"mode":"user"},"reads":3,"bytes":12}' oracle
	want_json 0 '.agree and .elsewhere[0].reads == 3'
	j rec oracle
	want_output "3 reads, 12 bytes, at 0x80101234 memcpy+0x10, written at 0x400cb0 (user)"
	sed -i 's/"reads":3,/"blame":"copy","culprit":7,&/; s/"clears_to_blame":0/"clears_to_blame":1234/' oracle
	want_json 0 '.elsewhere[0].culprit == 7 and .clears_to_blame == 1234'
	j rec oracle
	want_output "written at 0x400cb0 (user), by the fault of copies (copy 7)"
	grep -qE '^clears to blame +1,234$' <<<"$output" || fail "clears"
	sed -i 's/"blame":"copy"/"blame":"clear"/' oracle
	j rec oracle
	want_output "written at 0x400cb0 (user), by the fault of clears"
}

@test "a recording of another span is judged by the oracle's, and it is said" {
	make_run
	sed -i '1s/"span":8192,"colours":2/"span":4096,"colours":1/' oracle
	want_json 1 '.totals.stale_safe == 1 and .totals.clean_at_risk == 0'
	j rec oracle
	want_output "note: the recording's span is 8192, it is judged by the oracle's"
}

@test "what the oracle was told to ignore is said" {
	make_run
	sed -i '1s/"ignore":\[\]/"ignore":["hit","index"]/' oracle
	j rec oracle
	want_status 0
	want_output "note: the oracle was told to ignore cache instructions: hit, index"
}

@test "what casts doubt on the oracle is said" {
	make_run
	sed -i '$s/"unresolved":0/"unresolved":5,"unknown_operations":1,"strays":2/' oracle
	j rec oracle
	want_status 0
	want_output "note: the oracle could not resolve 5 addresses"
	want_output "note: the model knows nothing of 1 cache instruction"
	want_output "note: of 2 copies the oracle saw no read"
}

@test "the sample recording joins with a file made of it" {
	"$brindle" report --copies "$sample" | jq -c '{type: "copy", pid, tid, user, pfn: .source.pfn,
		src: .source.va, dst_pfn: .destination.pfn, stale: 0, blame: {source: 0, destination: 0}}' >copies
	{ header; cat copies; footer "$(wc -l <copies)"; } >oracle
	j --format=json "$sample" oracle
	want_status 0
	copies=$("$brindle" report --format=json "$sample" | jq .totals.copies)
	[ "$(jq .totals.clean_safe <<<"$output")" = "$copies" ] || fail "not $copies"
}

@test "another run's file is refused" {
	make_run
	sed -i 's/"pfn":1/"pfn":7/' oracle
	j rec oracle
	want_line 3 "are not of one run: only 0 of 6 copies can be joined"
	j "$sample" oracle
	want_line 3 "are not of one run"
}

@test "a file that is cut short, damaged, empty, of another kind or not there" {
	make_run
	head -n -1 oracle >cut.short
	j rec cut.short
	want_line 3 "cut short: it has no end"
	sed '3d' oracle >short
	j rec short
	want_line 3 "damaged: it has 5 copies, and its end announces 6"
	sed '$s/"to_blame":0,//' oracle >older
	j rec older
	want_line 3 "does not say who is to blame"
	sed '3s/.*/{"type":/' oracle >broken
	j rec broken
	want_line 3 "damaged"
	: >empty
	j rec empty
	want_line 3 "not made by the oracle"
	j rec /dev/null
	want_line 3 "not made by the oracle"
	j rec "$sample/metadata"
	want_line 3 "not made by the oracle"
	sed '1s,oracle/1,oracle/2,' oracle >newer
	j rec newer
	want_line 3 "schema brindle.oracle/2"
	j rec missing
	want_line 3 "missing: cannot read it"
	j rec .
	want_line 3 "cannot read it"
}

@test "neither saw a copy, or one of them: nothing to join" {
	make_run
	{ head -n 1 oracle; footer 0; } >none
	j rec none
	want_line 3 "nothing to join: 6 copies in"
}

@test "a recording that cannot be read: brindle's reason" {
	make_run
	j missing oracle
	want_line 3 "missing"
	truncate -s 100 rec/stream_0
	printf x | dd of=rec/metadata bs=1 seek=100 conv=notrunc status=none
	j rec oracle
	want_line 3 "metadata"
	j oracle rec
	want_line 3 "cannot read it"
}

@test "wrong command lines exit 2 and say what is right" {
	j
	want_line 2 "give a recording and the oracle's file"
	j rec
	want_line 2 "give a recording and the oracle's file"
	j a b c
	want_line 2 "give a recording and the oracle's file"
	j --format=csv a b
	want_line 2 "--format=csv: give --format=table or --format=json"
	j --colour a b
	want_line 2 "unknown option --colour"
	j --help
	want_status 0
	want_output "Exit status:"
}
