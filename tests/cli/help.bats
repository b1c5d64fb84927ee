#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Help, version, and that the manual page says what the help says.

load common

man=$top/man/brindle.1

# The options in the help of command $1, as "--name" or "--name ARG", sorted.
help_options() {
	"$brindle" "$1" --help |
		awk '/^Options:/ { on = 1; next } on && !NF { exit } on' |
		sed -nE 's/^  (-[a-zA-Z],|   ) --([a-z0-9-]+)( [A-Z]+)?  .*/--\2\3/p' |
		sort
}

# The same from the manual page: .It lines of the command's subsection, and those
# of all commands, which stand before the first one.
man_options() {
	awk -v command="$1" '
		/^\.Sh / { section = $2; sub_section = "" }
		/^\.Ss / { sub_section = $0 }
		section != "COMMANDS" || !/^\.It Fl / { next }
		sub_section == "" || sub_section == ".Ss brindle " command {
			line = $0
			sub(/^\.It Fl [a-zA-Z] , Fl /, "", line)
			sub(/^\.It Fl /, "", line)
			sub(/ Ar /, " ", line)
			print "-" toupper_argument(line)
		}
		function toupper_argument(s,   i) {
			i = index(s, " ")
			return i ? substr(s, 1, i) toupper(substr(s, i + 1)) : s
		}
	' "$man" | sort
}

# The letters of a command's options, "-o --output", from help and manual page.
help_letters() {
	"$brindle" "$1" --help | sed -nE 's/^  (-[a-zA-Z]), (--[a-z0-9-]+) .*/\1 \2/p' | sort
}

man_letters() {
	awk -v command="$1" '
		/^\.Sh / { section = $2; sub_section = "" }
		/^\.Ss / { sub_section = $0 }
		section == "COMMANDS" && /^\.It Fl . , Fl / &&
		(sub_section == "" || sub_section == ".Ss brindle " command) { print "-" $3, "-" $6 }
	' "$man" | sort
}

@test "no arguments: usage on stderr, status 2" {
	b
	want_status 2
	want_no_output
	want_stderr "Usage: brindle COMMAND"
	want_stderr "report"
}

@test "--help, -h and help: usage on stdout, status 0" {
	for word in --help -h help; do
		b "$word"
		want_status 0
		want_no_stderr
		want_output "Usage: brindle COMMAND"
	done
}

@test "--version and -V: one line with the version of the tree" {
	for word in --version -V; do
		b "$word"
		want_status 0
		want_no_stderr
		[ "${#lines[@]}" -eq 1 ] || fail "want one line"
		want_output "brindle $(cat "$top/VERSION") "
	done
}

@test "there are the commands doctor, record, report and compare" {
	all=$(commands)
	for command in doctor record report compare; do
		grep -qx "$command" <<<"$all" || fail "no command $command in: $all"
	done
}

@test "help of each command: on stdout, status 0, usage line of that command" {
	for command in $(commands); do
		for word in --help -h; do
			b "$command" "$word"
			want_status 0
			want_no_stderr
			[[ ${lines[0]} == "Usage: brindle $command "* ]] || fail "first line of $command $word"
			want_output "--help"
			want_output "More: man brindle"
		done
	done
}

@test "every option in the help has an explanation" {
	for command in $(commands); do
		b "$command" --help
		n=$(help_options "$command" | wc -l)
		lines_with_option=$(grep -cE '^  (-[a-zA-Z],|   ) --' <<<"$output")
		[ "$n" -ge 2 ] || fail "$command: only $n options found in the help"
		[ "$n" -eq "$lines_with_option" ] ||
			fail "$command: $lines_with_option options, but only $n with an explanation"
	done
}

@test "every row of the option tables is in the help" {
	for command in $(commands); do
		source=$top/user/${command}_options.c
		[ -r "$source" ] || source=$top/user/cmd_$command.c
		[ -r "$source" ] || fail "no $source"
		rows=$(grep -oE "^	\{ (0|'.'), \"[a-z0-9-]+\"" "$source" | grep -oE '[a-z0-9-]+"$' | tr -d '"')
		[ -n "$rows" ] || fail "no option found in $source"
		for name in $rows; do
			help_options "$command" | grep -qE -- "^--$name( |\$)" ||
				fail "$command: --$name is not in the help"
		done
	done
}

@test "the manual page has exactly the options and arguments of the help" {
	for command in $(commands); do
		diff -u --label "$command --help" --label "man/brindle.1, $command" \
			<(help_options "$command") <(man_options "$command") ||
			fail "$command: help and man/brindle.1 differ"
		diff -u --label "$command --help" --label "man/brindle.1, $command" \
			<(help_letters "$command") <(man_letters "$command") ||
			fail "$command: letters of options in help and man/brindle.1 differ"
	done
}

@test "the manual page has every command, in SYNOPSIS and COMMANDS, and no other" {
	diff <(commands | sort) <(sed -n 's/^\.Ss brindle //p' "$man" | sort) ||
		fail "commands of brindle --help and of COMMANDS differ"
	diff <(commands | sort) <(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/s/^\.Cm //p' "$man" | sort) ||
		fail "commands of brindle --help and of SYNOPSIS differ"
}

@test "the manual page has every exit status of the help" {
	b --help
	statuses=$(grep -oE '\b[0-9] [a-z]' <<<"${output#*Exit status:}" | cut -c1)
	[ "$(wc -l <<<"$statuses")" -ge 6 ] || fail "exit statuses not found in the help"
	for n in $statuses; do
		sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' "$man" | grep -qx "\.It $n" ||
			fail "exit status $n is not in the manual page"
	done
}

@test "the manual page has every member of the JSON report" {
	b report --format=json "$sample"
	want_status 0
	section=$(sed -n '/^\.Sh JSON REPORT/,/^\.Sh HAZARDS/p' "$man" | grep -E '^\.(It )?Li ')
	keys=$(jq -r 'paths | map(strings) | .[]' <<<"$output" | sort -u)
	[ "$(wc -l <<<"$keys")" -ge 30 ] || fail "too few members"
	b report --copies "$sample"
	keys+=$'\n'$(jq -r 'paths | map(strings) | .[]' <<<"${lines[0]}" | sort -u)
	for key in $keys; do
		grep -qw -- "$key" <<<"$section" || fail "member '$key' is not in the manual page"
	done
}
