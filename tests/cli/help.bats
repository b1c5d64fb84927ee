#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Help, version, and that the manual pages say what the help says.

load common

# The options in the help of command $1, as "--name" or "--name ARG", sorted.
help_options() {
	"$brindle" "$1" --help |
		awk '/^Options:/ { on = 1; next } on && !NF { exit } on' |
		sed -nE 's/^  (-[a-zA-Z],|   ) --([a-z0-9-]+)( [A-Z]+)?  .*/--\2\3/p' |
		sort
}

# The same from its manual page.
man_options() {
	section "$(page "$1")" OPTIONS |
		sed -nE 's/^\.It (Fl [a-zA-Z] , )?Fl (-[a-z0-9-]+)( Ar ([a-z]+))?$/-\2 \U\4/p' |
		sed 's/ $//' | sort
}

# The letters of a command's options, "-o --output", from help and manual page.
help_letters() {
	"$brindle" "$1" --help | sed -nE 's/^  (-[a-zA-Z]), (--[a-z0-9-]+) .*/\1 \2/p' | sort
}

man_letters() {
	section "$(page "$1")" OPTIONS |
		sed -nE 's/^\.It Fl ([a-zA-Z]) , Fl (-[a-z0-9-]+).*/-\1 -\2/p' | sort
}

# What SYNOPSIS has to show of each option: its letter if it has one, or its name.
help_short() {
	"$brindle" "$1" --help |
		sed -nE 's/^  (-[a-zA-Z]), --.*/\1/p; s/^      (--[a-z0-9-]+) .*/\1/p' | sort
}

# What SYNOPSIS shows: "-o" and "--name". Letters without an argument stand together.
man_short() {
	section "$(page "$1")" SYNOPSIS |
		awk '/^\.Op Fl / { for (i = 3; i <= NF && $i !~ /^(Ar|Ns)$/; i++) print $i }' |
		sed -E '/^[-|]$/d; /^-/!s/./&\n/g' | sed '/^$/d; s/^/-/' | sort
}

# The formats in a command's usage and in its SYNOPSIS, as "table|json".
help_formats() {
	formats "$1"
}

man_formats() {
	section "$(page "$1")" SYNOPSIS |
		sed -n 's/^\.Op Fl -format Ns = Ns Cm //p' | tr -d ' '
}

# The exit statuses in a help that is given, and those in page $1, one per line.
help_statuses() {
	sed -n '/^Exit status:/,/^$/p' | grep -oE '\b[0-9] [a-z]' | cut -c1 | sort -u
}

man_statuses() {
	section "$1" "EXIT STATUS" | sed -nE 's/^\.It ([0-9])$/\1/p' | sort
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
		[ "${lines[-1]}" = "More: man brindle" ] || fail "last line of $word"
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
		for words in "$command --help" "$command -h" "help $command"; do
			# shellcheck disable=SC2086 # two words
			b $words
			want_status 0
			want_no_stderr
			[[ ${lines[0]} == "Usage: brindle $command "* ]] || fail "first line of $words"
			want_output "--help"
			[ "${lines[-1]}" = "More: man brindle-$command" ] || fail "last line of $words"
		done
		[ -r "$(page "$command")" ] || fail "there is no such manual page"
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
		# the table that the command's .opts names is in its file or in one of its own
		source=$(grep -rlE "^	\.name = \"$command\"," "$top/user") || fail "no command $command"
		table=$(sed -n 's/^	\.opts = \(.*\),/\1/p' "$source")
		grep -q "^static const struct opt ${table}\[\]" "$source" ||
			source=$(grep -rl "^const struct opt ${table}\[\]" "$top/user") ||
			fail "$command: no table $table"
		rows=$(grep -oE "^	\{ (0|'.'), \"[a-z0-9-]+\"" "$source" | grep -oE '[a-z0-9-]+"$' | tr -d '"')
		[ -n "$rows" ] || fail "no option found in $source"
		options=$'\n'$(help_options "$command")$'\n'
		for name in $rows; do
			[[ $options == *$'\n'"--$name"[[:space:]]* ]] ||
				fail "$command: --$name is not in the help"
		done
	done
}

@test "there is a manual page for each command, and no other" {
	diff <({ echo brindle.1; commands | sed 's/.*/brindle-&.1/'; } | sort) \
		<(cd "$top/man" && printf '%s\n' * | sort) ||
		fail "commands of brindle --help and files in man/ differ"
}

@test "every manual page has the sections that people look for" {
	for file in "$top"/man/*.1; do
		for heading in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" EXAMPLES "SEE ALSO"; do
			[ -n "$(section "$file" "$heading")" ] || fail "$file: no $heading"
		done
		name=$(basename "$file" .1)
		section "$file" NAME | grep -qx "\.Nm $name" || fail "$file: NAME is not $name"
	done
}

@test "the pages lead to each other" {
	for command in $(commands); do
		section "$(page)" "SEE ALSO" | grep -q "^\.Xr brindle-$command 1" ||
			fail "brindle.1 does not lead to brindle-$command.1"
		section "$(page "$command")" "SEE ALSO" | grep -q "^\.Xr brindle 1" ||
			fail "brindle-$command.1 does not lead to brindle.1"
	done
	mapfile -t names < <(sed -n 's/^\.Xr \(brindle[a-z-]*\) 1.*/\1/p' "$top"/man/*.1 | sort -u)
	for name in "${names[@]}"; do
		[ -r "$top/man/$name.1" ] || fail "a page leads to $name.1, which is not there"
	done
}

@test "the page of each command has exactly the options and arguments of its help" {
	for command in $(commands); do
		for what in options letters short formats; do
			diff -u --label "$command --help" --label "man/brindle-$command.1" \
				<("help_$what" "$command") <("man_$what" "$command") ||
				fail "$command: $what in help and manual page differ"
		done
		[ "$(help_options "$command" | wc -l)" -ge 3 ] || fail "$command: too few options"
		[ "$(help_letters "$command" | wc -l)" -ge 2 ] || fail "$command: too few letters"
	done
	[[ $(help_formats report) == "table|json|csv"* ]] || fail "formats not found in the help"
}

@test "brindle.1 has every command, in SYNOPSIS and DESCRIPTION, and no other" {
	diff <({ commands; echo help; } | sort) \
		<(section "$(page)" SYNOPSIS | sed -n 's/^\.Cm //p' | sort) ||
		fail "commands of brindle --help and of SYNOPSIS differ"
	diff <(commands | sort) \
		<(section "$(page)" DESCRIPTION | sed '/^\.Ss /q' | sed -n 's/^\.It Cm //p' | sort) ||
		fail "commands of brindle --help and of DESCRIPTION differ"
}

@test "brindle.1 has every exit status of the help" {
	statuses=$("$brindle" --help | help_statuses)
	[ "$(wc -l <<<"$statuses")" -ge 6 ] || fail "exit statuses not found in the help"
	diff <(echo "$statuses") <(man_statuses "$(page)") || fail "exit statuses differ"
}

@test "the page of each command has the exit statuses of its help" {
	seen=0
	for command in $(commands); do
		statuses=$("$brindle" "$command" --help | help_statuses)
		if [ -z "$statuses" ]; then
			# a help without a list: then those of all commands are meant
			statuses=$(man_statuses "$(page "$command")")
			[ "$(wc -l <<<"$statuses")" -ge 5 ] || fail "$command: too few exit statuses"
			! man_statuses "$(page "$command")" | grep -vxFf <(man_statuses "$(page)") ||
				fail "$command: an exit status that is not in brindle.1"
			continue
		fi
		seen=$((seen + 1))
		diff <(echo "$statuses") <(man_statuses "$(page "$command")") ||
			fail "$command: exit statuses in help and manual page differ"
	done
	[ "$seen" -ge 2 ] || fail "no exit statuses found in the help of report and compare"
}

@test "brindle-report.1 has every member of the JSON report" {
	b report --format=json "$sample"
	want_status 0
	want_members 30 "$(page report)" "JSON REPORT"
	section "$(page report)" "JSON REPORT" | grep -q "$(jq -r .schema <<<"$output")" ||
		fail "the schema is not in the manual page"
}

@test "brindle-report.1 has every member of a copy" {
	b report --copies "$sample"
	want_status 0
	output=${lines[0]}
	want_members 10 "$(page report)" "COPIES AND CLEARS"
}

@test "brindle-report.1 has the columns of the CSV report" {
	b report --format=csv "$sample"
	want_status 0
	columns=$(section "$(page report)" CSV | sed -n 's/^\.Li \(section .*\) \.$/\1/p' | tr -d ' ')
	[ "${lines[0]%$'\r'}" = "$columns" ] || fail "columns in output and manual page differ"
}
