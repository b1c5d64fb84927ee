# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts share; sourced by them. A script may set beforehand:
# me      its name in messages (default: that of its file)
# called  how it is called (default: scripts/$me)
# died    the exit status of die (default 1)

: "${me:=${0##*/}}" "${called:=scripts/$me}" "${died:=1}"
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
	echo "$me: $*" >&2
	exit "$died"
}

bad_usage() {
	echo "$me: $*; see $called --help" >&2
	exit 2
}

say() {
	echo "$me: $*" >&2
}

step() {
	printf '== %s\n' "$*" >&2
}

# need_tools GROUP TOOL...: die when one is not there, with the group of scripts/deps that has it
need_tools() {
	local group=$1 tool
	shift
	for tool; do
		command -v "$tool" >/dev/null || die "no $tool here; run scripts/deps $group"
	done
}

# ---- options ----
#
# A script that uses these has a function "options" that prints one row for each option:
# NAME|ARGUMENT|VARIABLE|HELP. With no argument the option sets VARIABLE to 1. Behind the
# variable may stand "+": it is an array, and the option may be repeated. A row with an empty
# name goes on with the help of the one before.

# The options as a usage shows them.
option_help() {
	options | awk -F'|' '
		$1 == "" { printf "%16s%s\n", "", $4; next }
		{
			label = $1 ($2 == "" ? "" : " " $2)
			printf length(label) < 14 ? "  %-14s%s\n" : "  %s  %s\n", label, $4
		}'
}

# parse_options WORD...: set the variables of the options; the words behind them go into
# the array "words".
parse_options() {
	local opt_name opt_argument opt_variable
	while [[ ${1-} == -* && $1 != -- ]]; do
		IFS='|' read -r opt_name opt_argument opt_variable _ < <(
			options | option=$1 awk -F'|' '$1 == ENVIRON["option"]') ||
			bad_usage "unknown option $1"
		if [ -z "$opt_argument" ]; then
			printf -v "$opt_variable" 1
		else
			[ $# -ge 2 ] || bad_usage "$opt_name needs a value"
			if [[ $opt_variable == *+ ]]; then
				local -n opt_list=${opt_variable%+}
				opt_list+=("$2")
				unset -n opt_list
			else
				printf -v "$opt_variable" %s "$2"
			fi
			shift
		fi
		shift
	done
	[ "${1-}" != -- ] || shift
	# shellcheck disable=SC2034 # for the caller
	words=("$@")
}

# ---- scripts/targets ----

# The names of all targets, one per line.
targets() {
	targets_with target
}

# targets_with KEY: the names of those that have a value for it.
targets_with() {
	key=$1 awk '
		$1 == "target" { name = $2 }
		$1 == ENVIRON["key"] { print name }' "$scripts/targets"
}

# target_facts TARGET: the lines of its stanza.
target_facts() {
	target=$1 awk '
		/^#/ || !NF { next }
		$1 == "target" { on = $2 == ENVIRON["target"] }
		on' "$scripts/targets"
}

# target_fact TARGET KEY: its value; nothing when it has none.
target_fact() {
	target_facts "$1" | key=$2 awk '
		$1 == ENVIRON["key"] { sub(/^[^ \t]+[ \t]+/, ""); print }'
}

# The guests of the tests, one per line: NAME|TARGET|OPTIONS|TESTS.
guests() {
	awk '
		$1 == "target" { target = $2 }
		$1 == "guest" {
			sub(/^guest[ \t]+/, "")
			split($0, part, / *\| */)
			print part[1] "|" target "|" part[2] "|" part[3]
		}' "$scripts/targets"
}

# find_guest NAME: its line.
find_guest() {
	guests | guest=$1 awk -F'|' '$1 == ENVIRON["guest"]'
}
