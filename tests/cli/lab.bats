#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What scripts/lab says and does about --oracle and --qemu, with a QEMU that is played here: no
# guest is booted and nothing fetched.

load common

# A project of its own to run in: the scripts, empty files for what a run is made of, and a
# QEMU that does what the files in $play say.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p p/build/{mips/bin,armv6/bin,oracle,port/mipsel/root/bin} bin play/end/lab play/end/out
	cp -r "$top/scripts" p/
	printf '#!/bin/sh\n' >p/scripts/port
	touch p/build/mips/bin/armed p/build/oracle/oracle-{1,4}.so \
		p/build/port/mipsel/root/bin/busybox p/build/port/mipsel/fetched kernel
	chmod +x p/build/mips/bin/armed
	export play=$PWD/play PATH=$PWD/bin:$PATH
	lab=$PWD/p/scripts/lab
	cat >bin/qemu-system-mipsel <<-'END'
		#!/bin/bash
		echo "$*" >>"$play/called"
		if [[ $* == *,ask=1* ]]; then
			[ ! -e "$play/asked" ] || cat "$play/asked" >&2
			[[ $* == *$(cat "$play/fits" 2>/dev/null)* ]]
			exit
		fi
		[ ! -e "$play/refused" ] || { cat "$play/refused" >&2 && exit 3; }
		run=$(sed 's,.* -initrd \([^ ]*\)/initramfs .*,\1,' <<<"$*")
		[ ! -e "$play/oracle" ] || cp "$play/oracle" "$run/oracle.ndjson"
		echo "$(cat "$play/status")" >"$play/end/lab/status"
		tar -c -C "$play/end" out lab/status >"$run/end.tar"
	END
	chmod +x bin/qemu-system-mipsel
	echo 0 >play/status
	echo oracle-4.so >play/fits
	{
		echo '{"type":"oracle","schema":"brindle.oracle/1","geometry":{"span":8192,"colours":2,"line":32}}'
		echo '{"type":"end","copies":103849,"stale_copies":0,"stale_elsewhere":7}'
	} >play/oracle
}

lab() {
	run --separate-stderr timeout 60 "$lab" "$@"
}

watched() {
	lab run mips --kernel "$PWD/kernel" --oracle "$@" -- true
}

# One line on stderr, and this status.
want_line() {
	want_status "$1"
	want_no_output
	[ "${#stderr_lines[@]}" -eq 1 ] || fail "stderr should be one line"
	[[ $stderr == "lab: "* ]] || fail "stderr should begin with 'lab: '"
	want_stderr "$2"
}

@test "--oracle: the plugin that fits, the file where it was asked for, one line about it" {
	watched here.ndjson --oracle-opt ignore=hit --oracle-opt span=16384
	want_status 0
	[ "${stderr_lines[1]}" = "lab: oracle: 103,849 copies, 0 read stale bytes; 7 stale reads elsewhere (span 8192, 2 colours, line 32); in $PWD/here.ndjson" ] ||
		fail "the line"
	cmp here.ndjson play/oracle
	tail -1 play/called | grep -q -- '-plugin build/oracle/oracle-4.so,out=build/lab/mips/oracle.ndjson,ignore=hit,span=16384$' ||
		fail "arguments: $(tail -1 play/called)"
}

@test "-q says nothing, and the command's status is passed on" {
	echo 7 >play/status
	watched here.ndjson -q
	want_status 7
	want_no_stderr
	[ -s here.ndjson ]
}

@test "without --oracle no plugin is loaded" {
	lab run mips --kernel "$PWD/kernel" -q -- true
	want_status 0
	run ! grep -q plugin play/called
}

@test "the command runs under armed, word by word" {
	printf '#!/bin/sh\nexit 1\n' >bin/setpriv # before QEMU starts, to keep the initramfs
	chmod +x bin/setpriv
	lab run mips --kernel "$PWD/kernel" --oracle here.ndjson -- sh -c 'a  b'
	want_status 125
	grep -qa "'armed' 'sh' '-c' 'a  b'" p/build/lab/mips/initramfs || fail "not in the initramfs"
}

@test "a target without a model of its cache" {
	lab run x86_64 --oracle f -- true
	want_line 3 "x86_64: --oracle: no model of this CPU's data cache; there is one for mips mips64 armv6"
	[ ! -e play/called ]
}

@test "a QEMU without plugins" {
	echo nothing >play/fits
	echo "qemu-system-mipsel: -plugin: invalid option" >play/asked
	watched f
	want_line 3 "this QEMU takes no plugins: it was built without"
}

@test "no build of the plugin fits: QEMU's own reason" {
	echo nothing >play/fits
	echo "qemu-system-mipsel: Could not load plugin o.so: plugin requires API version 4, but this QEMU supports only up to version 1" >play/asked
	watched f
	want_line 3 "no build of the plugin fits this QEMU: Could not load plugin o.so: plugin requires API version 4"
	: >play/asked
	watched f
	want_line 3 "no build of the plugin fits this QEMU: it said nothing"
}

@test "an argument the oracle does not have, a guest it cannot watch: its own reason" {
	echo nothing >play/fits
	echo "oracle: unknown argument ignore" >play/asked
	watched f --oracle-opt ignore=all
	want_line 3 "--oracle: unknown argument ignore"
	rm play/fits play/asked
	echo "oracle: the guest has no symbols" >play/refused
	watched f -q
	want_line 3 "mips: --oracle: the guest has no symbols"
}

@test "a guest that never armed: the old file is gone, and nothing is taken for an answer" {
	rm play/oracle
	echo old >f
	watched f -q
	want_line 3 "the guest never armed it: the command ended with status 0"
	[ ! -e f ]
}

@test "armed said why it could not begin: no second line" {
	rm play/oracle
	echo 3 >play/status
	watched f -q
	want_status 3
	want_no_stderr
}

@test "a file that was cut short is kept, and said to be" {
	sed -i '$d' play/oracle
	watched f -q
	want_line 3 "f was cut short: it has no end"
	[ -s f ]
}

@test "what is not built is named, with how to make it" {
	rm p/build/oracle/*.so
	watched f
	want_line 125 "no build/oracle/oracle-*.so; make oracle makes it"
	rm p/build/mips/bin/armed
	watched f
	want_line 125 "no build/mips/bin/armed; make mips makes it"
}

@test "a place where the file cannot be" {
	watched nowhere/f
	want_line 125 "no directory $PWD/nowhere for --oracle"
	watched play
	want_line 125 "play is a directory"
}

@test "wrong command lines exit 2 and say what is right" {
	lab run mips --oracle
	want_line 2 "--oracle needs a value"
	lab run mips --oracle-opt ignore=hit -- true
	want_line 2 "--oracle-opt is for --oracle"
	lab run mips --qemu newest -- true
	want_line 2 "--qemu 'newest': there is only backports"
	lab run mips --oracle f
	want_line 2 "run needs a command"
}

@test "--qemu backports where the backports have none" {
	mkdir -p p/build/port/amd64
	lab run x86_64 --qemu backports -- true
	want_line 2 "--qemu backports has no qemu-system-x86_64"
}
