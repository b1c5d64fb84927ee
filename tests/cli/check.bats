#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The static checks find what is planted for them, in a copy of the tree.

load common

# The parts of the tree that a check looks at, in a directory of their own.
copy_tree() {
	mkdir tree
	cp -r "$top/user" "$top/bpf" "$top/scripts" tree/
}

# One static check in the copied tree; its output is in $output.
check() {
	run tree/scripts/check "$1"
}

@test "layers: the tree as it is" {
	copy_tree
	check layers
	want_status 0
	want_output "ok layers"
}

@test "layers: an include that runs up, one of bpf/ behind the recording, one without a folder" {
	copy_tree
	echo '#include "stats/stats.h"' >>tree/user/base/err.c
	echo '#include "bpf/wire.h"' >>tree/user/stats/stats.c
	echo '#include "stats.h"' >>tree/user/stats/classes.c
	echo '#include "bpf/words.h"' >>tree/user/model/geometry.h
	check layers
	want_status 1
	want_output "user/base/err.c:$(wc -l <tree/user/base/err.c): base may not include stats/stats.h"
	want_output "stats may not include bpf/wire.h"
	want_output "stats may not include stats.h"
	[[ $output != *"model may not"* ]] || fail "words.h is free to model"
}

@test "layers: a folder that nobody has placed" {
	copy_tree
	mkdir tree/user/attic
	echo '#include "base/err.h"' >tree/user/attic/old.c
	check layers
	want_status 1
	want_output "user/LAYERS knows no folder attic"
}

@test "length: a file of more than 600 lines, a line of more than 100 columns" {
	copy_tree
	mkdir -p tree/tests/oracle
	yes '/* */' | head -n 601 >>tree/user/base/crc.c
	printf '%101s\n' '/* */' >>tree/user/base/crc.h
	check length
	want_status 1
	want_output "user/base/crc.c: "
	want_output "user/base/crc.h:"
}
