#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What record checks before it looks at the kernel. On a machine that can trace,
# the tests that get so far would really record; none of these does.

load common

# A process number that is free: that of one of ours that has ended.
free_pid() {
	sh -c 'echo $$'
}

@test "--pid of no process: status 1, and the number is named" {
	pid=$(free_pid)
	b record -o rec --pid "$pid"
	want_error 1 "--pid: there is no process $pid"
	[ ! -e rec ] || fail "a recording was begun"
}

@test "--pid: one of several does not exist" {
	pid=$(free_pid)
	b record -o rec --pid $$ -p "$pid"
	want_error 1 "--pid: there is no process $pid"
}

@test "a command that is not on the PATH: status 127" {
	b record -o rec -- no-such-command-anywhere
	want_error 127 "cannot run 'no-such-command-anywhere': no such command"
	[ ! -e rec ] || fail "a recording was begun"
}

@test "a command whose file is missing, or has no name: status 127" {
	b record -o rec -- ./missing
	want_error 127 "cannot run './missing': no such command"
	b record -o rec -- ''
	want_error 127 "cannot run ''"
}

@test "a command that cannot be executed: status 126" {
	echo 'exit 0' >script
	b record -o rec -- ./script
	want_error 126 "cannot run './script': Permission denied"
	b record -o rec -- "$PWD"
	want_error 126 "cannot run '$PWD': Permission denied"
	run --separate-stderr env PATH="$PWD" "$brindle" record -o rec -- script
	want_error 126 "cannot run 'script': Permission denied"
}

@test "options of the command are the command's" {
	b record -o rec -- ./missing --pid x
	want_status 127
	b record -o rec ./missing --pid x
	want_status 127
}

@test "the output directory holds something else: refused and untouched" {
	mkdir other
	echo precious >other/file
	b record -o other -- true
	want_error 1 "recording into other: it holds other files and is not a recording"
	[ "$(cat other/file)" = precious ] && [ "$(ls other)" = file ] || fail "other was changed"
}

@test "the output directory is a file" {
	echo precious >file
	b record -o file -- true
	want_error 1 "recording into file: Not a directory"
	[ "$(cat file)" = precious ] || fail "file was changed"
}

@test "the output directory's parent is missing" {
	b record -o missing/rec -- true
	want_error 1 "recording into missing/rec: its parent directory: No such file or directory"
}

@test "a metadata file of another tracer does not make it a recording of ours" {
	mkdir other
	printf '/* CTF 1.8 */\nenv { tracer_name = "lttng-modules"; };\n' >other/metadata
	b record -o other -- true
	want_error 1 "it holds other files and is not a recording"
}

@test "the output directory is not writable: status 4" {
	mkdir rec
	chmod 555 rec
	as_nobody record -o rec -- true
	want_error 4 "recording into rec: Permission denied: give a writable directory"
}

@test "the output directory's parent is not writable: status 4" {
	mkdir parent
	chmod 555 parent
	as_nobody record -o parent/rec -- true
	want_error 4 "recording into parent/rec: its parent directory: Permission denied"
}

@test "the output directory cannot be looked into: status 4" {
	mkdir rec
	chmod 000 rec
	as_nobody record -o rec -- true
	want_error 4 "recording into rec: Permission denied"
}

@test "where this kernel cannot be traced: status 3, no recording, the old one whole" {
	b doctor
	[ "$status" -eq 3 ] || skip "brindle doctor exits with $status, not 3: this kernel may well be traced"
	copy_sample rec
	for dir in new rec; do
		b record -o "$dir" -- touch ran
		want_status 3
		want_no_output
		want_stderr "brindle: cannot record: "
	done
	[ ! -e new ] || fail "a recording was begun"
	[ ! -e ran ] || fail "the command was run"
	diff -r "$sample" rec || fail "the old recording was changed"
}
