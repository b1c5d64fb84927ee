#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Wrong command lines: status 2, one line on stderr that says what to do.

load common

@test "unknown command: suggests the nearest" {
	b reprot
	want_error 2 "unknown command 'reprot'; did you mean 'report'?"
	b rec
	want_error 2 "did you mean 'record'?"
}

@test "unknown command like no other: points to the help" {
	b frobnicate
	want_error 2 "unknown command 'frobnicate'; see 'brindle --help'"
}

@test "an empty command is near to none" {
	b ''
	want_error 2 "unknown command ''; see 'brindle --help'"
}

@test "unknown option before the command" {
	b --frobnicate
	want_error 2 "unknown option '--frobnicate'; see 'brindle --help'"
}

@test "unknown long option: suggests the nearest of that command" {
	b report --formt json
	want_error 2 "report: unknown option '--formt'; did you mean '--format'?"
	b record --duratoin 5
	want_error 2 "record: unknown option '--duratoin'; did you mean '--duration'?"
	b doctor --self-chek
	want_error 2 "doctor: unknown option '--self-chek'; did you mean '--self-check'?"
}

@test "unknown option like no other: points to the command's help" {
	b report --frobnicate
	want_error 2 "report: unknown option '--frobnicate'; see 'brindle report --help'"
	b record -Z
	want_error 2 "record: unknown option '-Z'; see 'brindle record --help'"
}

@test "an unknown letter is named, also in a cluster and behind a long option" {
	b record -vZ
	want_error 2 "record: unknown option '-Z'"
	b record -Zv
	want_error 2 "record: unknown option '-Z'"
	b record --accept-hazards -Zv
	want_error 2 "record: unknown option '-Z'"
	b record --comm=x -Zv
	want_error 2 "record: unknown option '-Z'"
}

@test "an option without its value" {
	for option in --output -o --pid -p --comm --duration -d --span --buffer --threads --prefer; do
		b record "$option"
		want_error 2 "record: option '$option' needs a value"
	done
	for option in --format --span --top; do
		b report "$option"
		want_error 2 "report: option '$option' needs a value"
	done
}

@test "a value for an option that takes none" {
	b record --accept-hazards=yes
	want_error 2 "option '--accept-hazards=yes' takes no value"
	b report --copies=3
	want_error 2 "option '--copies=3' takes no value"
	b doctor --help=x
	want_error 2 "option '--help=x' takes no value"
	b doctor --self-check=1
	want_error 2 "option '--self-check=1' takes no value"
}

@test "record: numbers that are none, or out of range" {
	for pid in x '' 0 -1 1.5 5x 99999999999999999999; do
		b record --pid "$pid"
		want_error 2 "--pid: '$pid' is not a whole number from 1"
	done
	for n in x '' 0 -5 1048577 8k; do
		b record --threads "$n"
		want_error 2 "--threads: '$n' is not a whole number from 1 to 1048576"
	done
	for time in x '' 0 -1 5x inf nan 0x10 1e3 5s5; do
		b record --duration "$time"
		want_error 2 "--duration: '$time' is not a duration; try"
	done
	for bytes in x '' 0 -1 4T 1.5; do
		b record --buffer "$bytes"
		want_error 2 "--buffer: '$bytes' is not a number of bytes; try"
	done
	for bytes in 100 3000 12K 2G; do
		b record --buffer "$bytes"
		want_error 2 "--buffer: '$bytes' is not a power of two from"
	done
}

@test "record: a command name the kernel cannot have" {
	b record --comm ''
	want_error 2 "--comm: '': a command name in the kernel has 1 to 15 characters"
	b record --comm sixteen-letters.
	want_error 2 "has 1 to 15 characters"
}

@test "record: an empty name of a directory" {
	b record -o '' -- true
	want_error 2 "the name of a directory is empty"
}

@test "record: a bad --span is a wrong command line, whatever the kernel can do" {
	b record --span 12345 -o rec -- true
	want_status 2
	want_stderr "--span 12345: not a power of two"
	[ ! -e rec ] || fail "a recording was begun"
}

@test "record: --pid and a command exclude each other" {
	b record --pid $$ -- true
	want_error 2 "either --pid or a command, not both"
}

@test "doctor takes no argument" {
	b doctor extra
	want_error 2 "doctor: takes no argument 'extra'"
}

@test "report: bad --format" {
	b report --format=jsn "$sample"
	want_error 2 "--format=jsn: no such format; did you mean 'json'?"
	b report --format=xml "$sample"
	all=$(formats report)
	all=${all//|/, }
	want_error 2 "--format=xml: no such format: give ${all%, *} or ${all##*, }"
}

@test "report: bad --top" {
	for n in x '' -1 1.5; do
		b report --top "$n" "$sample"
		want_error 2 "--top: '$n' is not a whole number from 0"
	done
}

@test "report: bad --span" {
	for bytes in x '' 0 -1 8KB 0x2000; do
		b report --span "$bytes" "$sample"
		want_error 2 "--span: '$bytes' is not a number of bytes; try"
	done
	for bytes in 12345 12K; do
		b report --span "$bytes" "$sample"
		want_error 2 "--span $bytes: not a power of two"
	done
	b report --span 2048 "$sample"
	want_error 2 "less than a page of 4096 bytes"
	b report --span 1024M "$sample"
	want_error 2 "give a smaller span"
}

@test "report: one recording at a time, options before it" {
	b report "$sample" "$sample"
	want_error 2 "one recording at a time"
	b report "$sample" --format=json
	want_error 2 "give '--format=json' before the recording"
}

@test "report: --copies excludes --format" {
	b report --copies --format=json "$sample"
	want_error 2 "--copies has its own format"
}

@test "record --cgroup: an empty name, a missing cgroup, one of another kind" {
	b record --cgroup ''
	want_error 2 "--cgroup: the name of a cgroup is empty"
	b record --cgroup no-such-cgroup -- true
	if grep -qw cgroup2 /proc/filesystems; then
		want_error 1 "--cgroup: 'no-such-cgroup', here or under /sys/fs/cgroup: No such file"
		b record --cgroup "$BATS_TEST_TMPDIR" -- true
		want_error 3 "is no cgroup of version 2"
	else
		want_error 3 "--cgroup: this kernel has no cgroup2 file system"
	fi
}

@test "record --totals takes no argument" {
	b record --totals=all
	want_error 2 "totals"
}
