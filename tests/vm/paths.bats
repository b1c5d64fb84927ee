# SPDX-License-Identifier: GPL-2.0-only
# Every path a small program can bring about, against /proc/PID/pagemap. PATHS says on
# which machine: a target of the lab, or TARGET-KERNEL.

bats_require_minimum_version 1.5.0
load lib

PAGES=256	# what tests/progs/paths makes if not told otherwise

setup_file() {
	case $PATHS in
	*-*) guest "paths-$PATHS" "${PATHS%-*}" paths.sh --kernel "${PATHS#*-}" ;;
	*) guest "paths-$PATHS" "$PATHS" paths.sh ;;
	esac
}

# made NAME: the program made its copies; a kernel that has no such path is no failure
made() {
	local status

	status=$(saved "$1")
	[ "$status" != 77 ] || skip "$(grep '^paths: ' "$OUT/$1.stderr")"
	[ "$status" = 0 ] || { cat "$OUT/$1.stderr"; return 1; }
}

# in_region NAME: path and verdict of each record inside the region of NAME.list
in_region() {
	"$BRINDLE" report --copies "$OUT/$1.rec" |
		jq -r --argjson pid "$(awk '$2 == "pid" { print $3 }' "$OUT/$1.list")" \
			'select(.pid == $pid) | "\(.user) \(.path) \(.verdict)"' |
		awk -v region="$(awk '$2 == "region" { print $3, $4 }' "$OUT/$1.list")" '
			BEGIN { split(region, bound, " ") }
			length($1) == length(bound[1]) && "" $1 >= bound[1] && "" $1 < bound[2] {
				print $2, $3
			}'
}

# copied NAME PATH: the pages of NAME.list were seen one to one, all of them on PATH, and safe
copied() {
	[ "$(grep -vc '^#' "$OUT/$1.list")" = $PAGES ]
	one_to_one "$1"
	in_region "$1" | sort | uniq -c | tee "$OUT/$1.seen"
	[ "$(awk '{ print $1, $2, $3 }' "$OUT/$1.seen")" = "$PAGES $2 safe" ]
}

# not_copied NAME: no page was copied, none was seen, and the recorder was at work
not_copied() {
	grep -q '^# records 0$' "$OUT/$1.list"
	one_to_one "$1"
	[ -z "$(in_region "$1")" ]
}

# skip_unseen NAME PATH: where the plan cannot see PATH its report says so, and tells no tales
skip_unseen() {
	[ "$(json "$1.rec" "[.plan[] | select(.role == \"$2\" and .mechanism == \"none\")] | length")" = 1 ] ||
		return 0
	[ -z "$(in_region "$1")" ]
	skip "the plan cannot see $2 here, and the report says so"
}

@test "$PATHS: first touch of a private file page is a write: cow-fault" {
	made cow-fault
	skip_unseen cow-fault cow-fault
	copied cow-fault cow-fault
}

@test "$PATHS: private file pages read, then written: wp" {
	made file-wp
	copied file-wp wp
}

@test "$PATHS: pinned pages, copied inside fork: fork-pinned" {
	made fork-pinned
	skip_unseen fork-pinned fork-pinned
	copied fork-pinned fork-pinned
}

@test "$PATHS: pages merged by KSM: wp" {
	made ksm
	copied ksm wp
	# the pages are few that were merged to many
	[ "$(awk '!/^#/ { print $2 }' "$OUT/ksm.list" | sort -u | wc -l)" -lt $((PAGES / 2)) ]
}

@test "$PATHS: the zero page is cleared, not copied" {
	made zero
	not_copied zero
}

@test "$PATHS: a shared mapping is not copied" {
	made shared-anon
	not_copied shared-anon
}

@test "$PATHS: pages whose sharer is gone are reused, not copied" {
	made reuse
	not_copied reuse
}

@test "$PATHS: no path is unseen, but on x86, where the copy probe is told no address" {
	unseen=$(json file-wp.rec '[.plan[] | select(.mechanism == "none") | .role] | join(" ")')
	case $PATHS in
	x86* | i386*) [ "$unseen" = "cow-fault fork-pinned" ] ;;
	*) [ -z "$unseen" ] ;;
	esac
}

@test "$PATHS: on no path anything is lost, missed, at risk or unknown" {
	for rec in "$OUT"/*.rec; do
		[ "$(json "${rec##*/}" '.totals | "\(.lost) \(.missed) \(.at_risk) \(.unknown)"')" = "0 0 0 0" ]
	done
}

@test "$PATHS: the kernel did not complain" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
