#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# report on what is missing, foreign, damaged, or cannot be written to.

load common

@test "no such directory" {
	b report missing
	want_error 1 "opening the recording missing: No such file or directory: make one with brindle record"
}

@test "no directory given, and no brindle.rec here" {
	b report
	want_error 1 "opening the recording brindle.rec: No such file or directory"
}

@test "no directory given: brindle.rec is read" {
	copy_sample brindle.rec
	b report
	want_status 0
	want_output "VERDICT: "
}

@test "a file, not a directory" {
	echo hello >file
	b report file
	want_error 1 "opening the recording file: Not a directory"
}

@test "an empty directory" {
	mkdir empty
	b report empty
	want_error 1 "reading empty/metadata: No such file or directory: this directory is not a recording"
}

@test "a directory with other files" {
	mkdir other
	echo hello >other/file
	b report other
	want_error 1 "this directory is not a recording"
}

@test "garbage for metadata" {
	copy_sample rec
	head -c 3000 /dev/urandom >rec/metadata
	b report rec
	want_error 1 "reading rec/metadata: not a recording"
	: >rec/metadata
	b report rec
	want_error 1 "reading rec/metadata: not a recording"
}

@test "a trace of another tracer" {
	mkdir rec
	printf '/* CTF 1.8 */\nenv { tracer_name = "lttng-modules"; };\n' >rec/metadata
	b report rec
	want_error 1 "a trace, but not made by brindle; babeltrace2 may read it"
}

@test "metadata with one digit changed: its checksum tells" {
	copy_sample rec
	sed -i 's/span = 8192/span = 4096/' rec/metadata
	b report rec
	want_error 1 "reading rec/metadata: damaged: its checksum is missing or wrong"
}

@test "metadata cut off" {
	copy_sample rec
	truncate -s 1500 rec/metadata
	b report rec
	want_error 1 "reading rec/metadata: "
}

@test "the control of the next tests: metadata with a new checksum is read" {
	copy_sample rec
	edit_metadata rec 's/version = ".*"/version = "9.9"/'
	b report --format=json rec
	want_status 0
	[ "$(jq -r .recording.version <<<"$output")" = 9.9 ] || fail "version"
}

@test "metadata with an impossible span" {
	copy_sample rec
	edit_metadata rec 's/span = 8192/span = 8191/'
	b report rec
	want_error 1 "reading rec/metadata: damaged: span is missing or impossible"
}

@test "a newer schema: status 3" {
	copy_sample rec
	edit_metadata rec 's/schema = [0-9]*/schema = 4/'
	b report rec
	want_error 3 "schema 4, made by a newer brindle"
}

@test "an unknown architecture: status 3" {
	copy_sample rec
	edit_metadata rec 's/arch = "mips"/arch = "vax"/'
	b report rec
	want_error 3 "an architecture this brindle does not know"
}

# Where the packets of stream $1 begin, and its end.
packets() {
	local at=0 size
	size=$(stat -c %s "$1")
	while [ "$at" -lt "$size" ]; do
		echo "$at"
		# packet_size, in bits, is at byte 48 of a packet
		at=$((at + $(od -An -j$((at + 48)) -N8 --endian=little -tu8 "$1") / 8))
	done
	echo "$size"
}

@test "the sample has a packet with copies before its last two" {
	mapfile -t at < <(packets "$sample/stream_0")
	[ "${#at[@]}" -ge 4 ] || fail "packets begin at ${at[*]}"
}

@test "a stream cut inside a packet: the whole packets are reported, status 5" {
	copy_sample rec
	all=$("$brindle" report --copies rec | wc -l)
	mapfile -t at < <(packets rec/stream_0)
	truncate -s $((at[1] + 1000)) rec/stream_0
	b report --format=json rec
	want_status 5
	[ "${#stderr_lines[@]}" -eq 1 ] || fail "want one line on stderr"
	want_stderr "warning: reading rec: cut off in 1 of its streams: the last 1000 bytes"
	left=$(jq .totals.copies <<<"$output")
	[ "$left" -gt 0 ] || fail "no copy of the packet before it"
	[ "$left" -lt "$all" ] || fail "$left copies, as before the cut"
	jq -e '.recording | .cut_bytes == 1000 and .complete == false' <<<"$output" >/dev/null ||
		fail "not said in JSON"
	b report rec
	want_status 5
	want_output "INCOMPLETE: the files are cut off"
	b report --copies rec
	want_status 5
	[ "${#lines[@]}" -eq "$left" ] || fail "want $left copies"
}

@test "a stream cut at a packet's end: status 5" {
	copy_sample rec
	mapfile -t at < <(packets rec/stream_0)
	truncate -s "${at[1]}" rec/stream_0
	b report rec
	want_status 5
	want_stderr "warning: reading rec: the recorder did not finish it"
	want_output "INCOMPLETE: the recorder did not finish in order"
}

@test "one stream of several is missing: the recorder's own totals tell, status 5" {
	copy_sample rec
	mapfile -t at < <(packets rec/stream_0)
	last=${at[-2]}
	# what is left is a stream of one packet with the end event: its number, at byte 56
	tail -c +$((last + 1)) rec/stream_0 >rec/stream_0.new
	printf '\0' | dd of=rec/stream_0.new bs=1 seek=56 conv=notrunc status=none
	cut_crc rec/stream_0.new
	mv rec/stream_0.new rec/stream_0
	b report rec
	want_status 5
	want_stderr "a stream file is missing or cut"
	want_output "INCOMPLETE: "
}

@test "no stream at all: nothing can be said, status 5" {
	copy_sample rec
	rm rec/stream_0
	b report rec
	want_status 5
	want_output "VERDICT: no copy was recorded, so nothing can be said."
}

@test "one byte of a stream changed: refused, and no report is printed" {
	size=$(stat -c %s "$sample/stream_0")
	for at in 0 30 60 100 $((size / 2)) $((size - 1)); do
		rm -rf rec
		copy_sample rec
		byte=$(od -An -j"$at" -N1 -tu1 rec/stream_0)
		printf %b "\\x$(printf %02x $((byte ^ 1)))" |
			dd of=rec/stream_0 bs=1 seek="$at" conv=notrunc status=none
		b report rec
		want_error 1 "reading rec/stream_0: damaged: packet "
	done
}

@test "a stream of another recording" {
	copy_sample rec
	uuid=$(sed -nE 's/.*uuid = "([0-9a-f]+)-.*/\1/p' rec/metadata)
	edit_metadata rec "s/$uuid-/00000000-/"
	b report rec
	want_error 1 "it belongs to another recording"
}

@test "a recording that may not be read: status 4" {
	copy_sample rec
	chmod 000 rec/stream_0
	as_nobody report rec
	want_error 4 "opening rec/stream_0: Permission denied"
	chmod 000 rec
	as_nobody report rec
	want_error 4 "opening the recording rec: Permission denied"
	chmod 755 rec
	chmod 644 rec/stream_0
	chmod 000 rec/metadata
	as_nobody report rec
	want_error 4 "reading rec/metadata: Permission denied"
}

@test "a full disk under stdout: status 1, in every format" {
	IFS='|' read -ra all <<<"$(formats report)"
	[ ${#all[@]} -ge 3 ] || fail "formats not found in the help"
	for options in "${all[@]/#/--format=}" --copies; do
		run --separate-stderr sh -c '"$1" report "$2" "$3" >/dev/full' sh "$brindle" "$options" "$sample"
		want_error 1 "writing to standard output: No space left on device"
	done
}

@test "a closed stdout is an error" {
	for options in --format=table --format=json --copies; do
		run --separate-stderr sh -c '"$1" report "$2" "$3" >&-' sh "$brindle" "$options" "$sample"
		want_error 1 "writing to standard output: Bad file descriptor"
	done
}

@test "a reader that went away: status 1 without a word, and no signal" {
	for options in --format=table --format=json --copies; do
		run --separate-stderr bash -c '
			{ sleep 0.3; "$1" report "$2" "$3"; echo $? >status; } | true' \
			bash "$brindle" "$options" "$sample"
		[ "$(cat status)" -eq 1 ] || fail "status $(cat status) with $options"
		want_no_stderr
	done
}
