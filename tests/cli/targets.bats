# SPDX-License-Identifier: GPL-2.0-only
# The table of targets and what reads it: the Makefile, scripts/host, scripts/deps, scripts/lab,
# tests/run. Machines and package managers are played here; nothing is built or installed.

load common

setup() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cd "$top" || return 1
	# shellcheck source=/dev/null
	. scripts/lib.sh
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# pretend TOOL: a program of that name that does what is on standard input
pretend() {
	{ echo '#!/bin/bash' && cat; } >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

# from_make VARIABLE [WORD...]
from_make() {
	make -s --no-print-directory --eval="show: ; @echo \$($1)" show "${@:2}"
}

@test "every target has what building and the lab cannot do without" {
	[ "$(targets | wc -l)" -ge 7 ]
	for target in $(targets); do
		facts=$'\n'$(target_facts "$target")
		for key in about uname port cross packages bpf arch flavour qemu emulator machine cpu mem \
			console carrier clock guest; do
			[[ $facts =~ $'\n'${key}[[:blank:]]+[^[:space:]] ]] || fail "$target has no $key"
		done
	done
}

@test "the table has no key that its head does not explain, and no target twice" {
	run ! grep . < <(awk '/^#/ { if ($2 ~ /^[a-z]+$/) known[$2]; next } NF && !($1 in known)' scripts/targets)
	run ! grep . < <(targets | sort | uniq -d; guests | cut -d '|' -f 1 | sort | uniq -d)
}

@test "every guest names tests that are there, and every test is run" {
	for name in $(guests | cut -d '|' -f 4); do
		[ -e "tests/vm/$name.bats" ] || fail "no tests/vm/$name.bats"
	done
	list=$(tests/run --list)
	for file in tests/vm/*.bats; do
		grep -q " $file\$" <<<"$list" || fail "$file is not run"
	done
}

@test "tests/run: a list that nobody reads to its end, and a kind there is none of, run nothing" {
	pretend make <<<"touch $BATS_TEST_TMPDIR/called"
	head -n 1 < <(tests/run --list) | grep -q ^vm-
	sleep 1
	[ ! -e "$BATS_TEST_TMPDIR/called" ] || fail "tests were run"
	run -2 --separate-stderr tests/run vms
	want_stderr "no kind of tests 'vms'"
}

@test "the host is the target that uname names" {
	for pair in x86_64:x86_64 aarch64:arm64 armv7l:armhf i686:i386; do
		pretend uname <<<"echo ${pair%:*}"
		[ "$(scripts/host)" = "${pair#*:}" ] || fail "$pair: $(scripts/host)"
		[ "$(from_make HOST) $(from_make CC)" = "${pair#*:} gcc" ] || fail "$pair: make"
	done
	[ "$(from_make bpf_mips)" = bpfel ]
}

@test "a machine that is none of the targets: one line, from make and from the tests" {
	pretend uname <<<'echo vax'
	run -1 --separate-stderr scripts/host
	want_stderr "this machine (vax) is none that brindle is built for: mips"
	run -2 --separate-stderr make -n
	[ "${#stderr_lines[@]}" = 1 ] || fail "make: not one line"
	want_stderr "this machine (vax) is none"
	run -1 --separate-stderr tests/run unit
	[ "${#stderr_lines[@]}" = 1 ] || fail "tests/run: not one line"
}

@test "deps --check says what is missing, and calls no apt-get" {
	pretend apt-get <<<"touch $BATS_TEST_TMPDIR/called"
	pretend dpkg-query <<<'shift 3; for name; do [ "$name" = bats ] || echo "installed $name"; done'
	run -1 --separate-stderr scripts/deps --check lab test
	[ "$output" = bats ] || fail "not bats alone"
	want_stderr "deps: missing for lab test: 1; install with scripts/deps lab test"
	run -0 --separate-stderr scripts/deps --check lab
	want_no_output
	want_no_stderr
	[ ! -e "$BATS_TEST_TMPDIR/called" ] || fail "apt-get was called"
}

@test "deps: groups that are none, options that are none" {
	run -1 --separate-stderr scripts/deps --check nothing
	want_stderr "no group 'nothing'; there are build cross lab"
	run -2 --separate-stderr scripts/deps --install
	want_stderr "unknown option --install"
}

@test "deps: a compiler for every target but our own, every target's QEMU" {
	pretend dpkg-query <<<'exit 1'
	run -1 --separate-stderr scripts/deps --check cross lab
	missing=$'\n'$output$'\n'
	for target in $(targets | grep -vx "$host"); do
		for package in $(target_fact "$target" packages) $(target_fact "$target" emulator); do
			[[ $missing == *$'\n'"$package"$'\n'* ]] || fail "$package is not among them"
		done
	done
	for package in $(target_fact "$host" packages); do
		[[ $missing != *$'\n'"$package"$'\n'* ]] || fail "$package is among them"
	done
}

@test "uninstall removes what install puts there, and nothing else" {
	[ -x "build/$host/bin/forkrace" ] || fail "run make first"
	to=$BATS_TEST_TMPDIR/root
	mkdir -p "$to/usr/local/bin"
	touch "$to/usr/local/bin/other"
	make -s install DESTDIR="$to" -o build
	for file in bin/brindle bin/forkrace share/man/man1/brindle.1; do
		[ -s "$to/usr/local/$file" ] || fail "no $file"
	done
	make -s uninstall DESTDIR="$to"
	[ "$(find "$to" -type f)" = "$to/usr/local/bin/other" ] || fail "left: $(find "$to" -type f)"
}

@test "dist: the same bytes twice, all of them committed, with a checksum that holds" {
	git rev-parse HEAD >/dev/null 2>&1 || skip "this is no git tree"
	tree=$BATS_TEST_TMPDIR/tree
	mkdir "$tree"
	git archive HEAD | tar -x -C "$tree"
	cp Makefile VERSION "$tree"
	cp -r scripts "$tree"
	cd "$tree"
	git init -q .
	git add -A
	git -c user.name=t -c user.email=t@localhost commit -q -m t
	make -s dist
	name=brindle-$(cat VERSION).tar.gz
	cp "build/$name" first
	touch Makefile
	make -s dist
	cmp "build/$name" first
	(cd build && sha256sum -c --quiet "$name.sha256")
	tar -t -f "build/$name" >list
	grep -qx "${name%.tar.gz}/Makefile" list
	run ! grep -v "^${name%.tar.gz}/" list
}
