#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The completion for bash offers what the program takes, no more and no less. It runs in a
# bash of its own, without the helpers of the bash-completion package.

load common

completion=$top/completion/brindle

# Complete the last of the words given; sets lines to what is offered, sorted.
offered() {
	run --separate-stderr bash --norc --noprofile -c '
		source "$1" && shift
		[[ $(complete -p brindle) == "complete -F _brindle brindle" ]] || exit 1
		COMP_WORDS=(brindle "$@") COMP_CWORD=$#
		_brindle
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}" | LC_ALL=C sort
	' bash "$completion" "$@"
	want_status 0
	want_no_stderr
}

# Exactly these are offered for the words before "--".
want_offer() {
	local words=() want
	while [ "$1" != :: ]; do
		words+=("$1")
		shift
	done
	shift
	offered "${words[@]}"
	want=$([ $# -eq 0 ] || printf '%s\n' "$@" | LC_ALL=C sort)
	[ "$output" = "$want" ] || fail "after 'brindle ${words[*]}' wanted:" "$want"
}

# The options of command $1 by its own account, as "-o", "--output DIR", one per line.
options() {
	"$brindle" "$1" --help |
		awk '/^Options:/ { on = 1; next } on && !NF { exit } on' |
		sed -nE 's/^  (-[a-zA-Z],|   ) (--[a-z0-9-]+( [A-Z]+)?)  .*/\1\n\2/p' |
		sed -E 's/,$//; /^ *$/d'
}

@test "the commands are those of --help" {
	mapfile -t all < <(commands)
	[ ${#all[@]} -ge 4 ] || fail "no commands found"
	want_offer "" :: "${all[@]}"
	want_offer help "" :: "${all[@]}"
	want_offer rec :: record
	want_offer re :: record report
	want_offer help c :: compare
}

@test "without a command there are --help and --version" {
	want_offer - :: -h --help -V --version
	want_offer --v :: --version
	for word in -h --help -V --version; do
		b "$word"
		want_status 0
	done
}

@test "the options of each command are those of its --help" {
	for command in $(commands); do
		mapfile -t all < <(options "$command" | cut -d' ' -f1)
		[ ${#all[@]} -ge 5 ] || fail "$command: no options found"
		want_offer "$command" - :: "${all[@]}"
		mapfile -t all < <(printf '%s\n' "${all[@]}" | grep -- ^--)
		want_offer "$command" -- :: "${all[@]}"
	done
}

# An option with an argument takes the next word, so that no option is offered there; one
# without an argument does not.
@test "options take an argument where --help says so" {
	for command in $(commands); do
		while read -r option argument; do
			offered "$command" "$option" --h
			if [ -n "$argument" ]; then
				[ -z "$output" ] || fail "$command $option $argument: offers an option"
			else
				[ "$output" = --help ] || fail "$command $option: no option is offered"
			fi
		done < <(options "$command" | grep -- ^--)
	done
}

@test "a letter takes an argument as its long name does" {
	mkdir a
	want_offer record -o "" :: a
	offered record -p "$$"
	grep -qx "$$" <<<"$output" || fail "the process $$ is not offered"
	want_offer record -d -- ::
	want_offer record -v --tot :: --totals
}

@test "--format: the formats of the usage line, and each is taken" {
	for command in report compare; do
		IFS='|' read -ra all <<<"$(formats "$command")"
		[ ${#all[@]} -ge 2 ] || fail "$command: no formats found"
		want_offer "$command" --format "" :: "${all[@]}"
		want_offer "$command" --format = :: "${all[@]}"
		want_offer "$command" --format = j :: json
		want_offer "$command" --format=j :: json
		want_offer "$command" --format json --s :: --span
		want_offer "$command" --format = json --s :: --span
		for format in "${all[@]}"; do
			b "$command" "--format=$format" missing missing
			[[ $stderr != *format* ]] || fail "$command --format=$format is refused"
		done
	done
	want_offer report --format c :: csv
	want_offer compare --format c ::
}

@test "where = does not break words, the whole word is offered" {
	run bash --norc --noprofile -c '
		source "$1"
		COMP_WORDBREAKS=${COMP_WORDBREAKS//=}
		COMP_WORDS=(brindle report --format=j) COMP_CWORD=2
		_brindle
		echo "${COMPREPLY[*]}"
	' bash "$completion"
	[ "$output" = --format=json ] || fail "wanted --format=json"
}

@test "--prefer: the mechanisms that the manual page names" {
	mapfile -t all < <(sed -n '/^\.It Fl -prefer/,/^\.It Fl -accept/s/^\.Cm //p' "$top/man/brindle-record.1")
	[ ${#all[@]} -ge 2 ] || fail "no mechanisms found"
	want_offer record --prefer "" :: "${all[@]}"
	want_offer record --prefer f :: fentry
}

@test "--output, report and compare: directories" {
	mkdir -p before.rec after.rec "with space" before.rec/below
	touch file before.rec/metadata
	want_offer record --output "" :: after.rec before.rec "with space"
	want_offer record --output = b :: before.rec
	want_offer report "" :: after.rec before.rec "with space"
	want_offer report --copies w :: "with space"
	want_offer report before.rec/ :: before.rec/below
	want_offer compare a :: after.rec
	want_offer compare after.rec b :: before.rec
	want_offer compare --max-rate 0.1 after.rec b :: before.rec
	want_offer compare -- after.rec b :: before.rec
}

@test "--pid: processes" {
	sleep 60 3>&- &
	pid=$!
	offered record --pid "${pid:0:1}"
	kill "$pid"
	wait "$pid" || true
	grep -qx "$pid" <<<"$output" || fail "the process $pid is not offered"
	! grep -vxE '[0-9]+' <<<"$output" || fail "not only numbers"
	offered record --pid "$pid"
	! grep -qx "$pid" <<<"$output" || fail "the process $pid is gone"
}

@test "--cgroup: directories below /sys/fs/cgroup, or anywhere" {
	mkdir -p cgroup/user.slice/below cgroup/init.scope
	touch cgroup/cgroup.procs
	[ "$(grep -c '/sys/fs/cgroup ' "$completion")" -eq 1 ] || fail "no /sys/fs/cgroup"
	sed "s,/sys/fs/cgroup ,$PWD/cgroup ," "$completion" >changed
	completion=$PWD/changed
	want_offer record --cgroup "" :: init.scope/ user.slice/
	want_offer record --cgroup user.slice/ :: user.slice/below/
	want_offer record --cgroup = i :: init.scope/
	want_offer record --cgroup "$PWD/cgroup/u" :: "$PWD/cgroup/user.slice/"
	want_offer record --cgroup ./c :: ./cgroup/
}

@test "record: programs, and then files" {
	mkdir bin dir
	printf '#!/bin/sh\n' >bin/brindle-test-program
	chmod +x bin/brindle-test-program
	touch file
	PATH=$PWD/bin:$PATH
	want_offer record -- brindle-test-p :: brindle-test-program
	want_offer record -d 1 brindle-test-p :: brindle-test-program
	want_offer record -- ./bin/b :: ./bin/brindle-test-program
	want_offer record -- cat f :: file
	want_offer record cat --opt --o ::
	want_offer record -- cat -x d :: dir
}

@test "nothing for what is wrong" {
	mkdir dir
	want_offer nonsense ::
	want_offer --nonsense ::
	want_offer nonsense "" ::
	want_offer nonsense - ::
	want_offer help report "" ::
	want_offer --version "" ::
	want_offer doctor "" ::
	want_offer doctor --nonsense - ::
	want_offer report --nonsense "" ::
	want_offer report --nonsense dir "" ::
	want_offer report --nons ::
	want_offer report --nonsense= ::
	want_offer report --copies= ::
	want_offer report --format xml ::
	want_offer report --prefer k ::
	want_offer report --top "" ::
	want_offer report dir "" ::
	want_offer report dir - ::
	want_offer report -- - ::
	want_offer compare dir dir "" ::
	want_offer record --comm "" ::
}
