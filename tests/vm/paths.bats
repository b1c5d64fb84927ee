# SPDX-License-Identifier: GPL-2.0-only
# Every path a small program can bring about, against /proc/PID/pagemap. PATHS says on
# which machine (see guest).

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest "paths-$PATHS" "$PATHS" paths.sh --modules "lzo-rle zram"
}

# made NAME: the program made its copies; a kernel that has no such path is no failure
made() {
	local status

	status=$(saved "$1")
	[ "$status" != 77 ] || skip "$(grep -E '^(paths|hugepaths|outside): ' "$OUT/$1.stderr")"
	[ "$status" = 0 ] || { cat "$OUT/$1.stderr"; return 1; }
}

# header NAME WORD: what NAME.list says in its line "# WORD ..."
header() {
	awk -v word="$2" '$1 == "#" && $2 == word { print $3, $4 }' "$OUT/$1.list" | sed 's/ $//'
}

# in_region NAME copies|clears: path and verdict of each record inside the region of NAME.list
in_region() {
	"$BRINDLE" report "--$2" "$OUT/$1.rec" |
		jq -r --argjson pid "$(header "$1" pid)" \
			'select(.pid == $pid) | "\(.user) \(.path // "clear") \(.verdict)"' |
		awk -v region="$(header "$1" region)" '
			BEGIN { split(region, bound, " ") }
			length($1) == length(bound[1]) && "" $1 >= bound[1] && "" $1 < bound[2] {
				print $2, $3
			}'
}

# all_are NAME copies|clears WORDS: as many as NAME.list has, and all of them WORDS
all_are() {
	local n

	n=$(grep -vc '^#' "$OUT/$1.list")
	[ "$n" -gt 0 ]
	in_region "$1" "$2" | sort | uniq -c | tee "$OUT/$1.seen"
	[ "$(awk '{ print $1, $2, $3 }' "$OUT/$1.seen")" = "$n $3" ]
}

# copied NAME PATH: the pages of NAME.list were seen one to one, all of them on PATH, and safe
copied() {
	one_to_one "$1"
	all_are "$1" copies "$2 safe"
}

# not_copied NAME: no page was copied, none was seen, and the recorder was at work
not_copied() {
	[ "$(header "$1" records)" = 0 ]
	one_to_one "$1"
	[ -z "$(in_region "$1" copies)" ]
}

# reason NAME ROLE: why the plan sees nothing of ROLE, a path or clear; empty: it does
reason() {
	json "$1.rec" ".plan[] | select(.role == \"$2\" and .mechanism == \"none\") | .reason"
}

# cleared NAME: the pages of NAME.list were seen cleared one to one, and safe
cleared() {
	if [ "$(json "$1.rec" .clears.total)" = null ]; then
		skip "not seen: $(reason "$1" clear)"
	fi
	"$BRINDLE" report --clears "$OUT/$1.rec" >"$OUT/$1.clears"
	tests/match --clears "$OUT/$1.clears" "$OUT/$1.list"
	all_are "$1" clears "clear safe"
}

# skip_unseen NAME PATH: where the plan cannot see PATH its report says so, and tells no tales
skip_unseen() {
	local why

	why=$(reason "$1" "$2")
	[ -n "$why" ] || return 0
	[ -z "$(in_region "$1" copies)" ]
	skip "not seen: $why"
}

@test "$PATHS: cow-fault: first touch of a private file page is a write" {
	made cow-fault
	skip_unseen cow-fault cow-fault
	copied cow-fault cow-fault
}

@test "$PATHS: file-wp: private file pages read, then written" {
	made file-wp
	copied file-wp wp
}

@test "$PATHS: fork-pinned: pinned pages, copied inside fork" {
	made fork-pinned
	skip_unseen fork-pinned fork-pinned
	copied fork-pinned fork-pinned
}

@test "$PATHS: ksm: pages merged by KSM, then written" {
	made ksm
	skip_unseen ksm ksm
	copied ksm ksm
	# the pages are few that were merged to many
	[ "$(awk '!/^#/ { print $2 }' "$OUT/ksm.list" | sort -u | wc -l)" -lt \
		$(($(header ksm records) / 2)) ]
}

@test "$PATHS: ksm-swap: pages merged by KSM that come back from swap" {
	made ksm-swap
	# copied at a read: a plan that sees ksm need not see this
	skip_unseen ksm-swap ksm-swap
	copied ksm-swap ksm
}

@test "$PATHS: thp: transparent huge pages split, their small pages written" {
	made thp
	skip_unseen thp thp
	copied thp thp
}

@test "$PATHS: hugetlb: huge pages written, copied as a whole" {
	made hugetlb
	skip_unseen hugetlb hugetlb
	copied hugetlb hugetlb
}

@test "$PATHS: collapse: small pages collapsed into huge ones by MADV_COLLAPSE" {
	made collapse
	skip_unseen collapse collapse
	copied collapse collapse
}

@test "$PATHS: khugepaged: small pages collapsed into huge ones by khugepaged" {
	made khugepaged
	[ "$(saved recorder)" = 0 ]
	skip_unseen khugepaged collapse
	copied khugepaged collapse
}

@test "$PATHS: clear: anonymous pages never touched before" {
	made clears
	cleared clears
}

@test "$PATHS: clear-zero: the zero page, written" {
	made zero
	cleared zero
}

@test "$PATHS: clear-thp: new transparent huge pages" {
	made clears-thp
	cleared clears-thp
}

@test "$PATHS: clear-hugetlb: new huge pages of hugetlb" {
	made clears-hugetlb
	cleared clears-hugetlb
}

@test "$PATHS: pages that are cleared are not copied" {
	for name in clears zero clears-thp clears-hugetlb; do
		[ "$(saved "$name")" = 77 ] || not_copied "$name"
	done
}

@test "$PATHS: shared: a shared mapping is not copied" {
	made shared-anon
	not_copied shared-anon
}

@test "$PATHS: reuse: pages whose sharer is gone are reused, not copied" {
	made reuse
	not_copied reuse
}

@test "$PATHS: uprobe: a page that a uprobe is planted in is no copy on write" {
	made uprobe
	not_copied uprobe
}

@test "$PATHS: userfaultfd: pages it fills are not copied from a page" {
	made uffd
	not_copied uffd
}

@test "$PATHS: migration: pages that compaction moves are no copies on write" {
	made migrate
	not_copied migrate
}

@test "$PATHS: what is unseen has a reason; with aliases nothing is" {
	[ "$(json file-wp.rec '[.plan[] | select(.mechanism == "none" and .reason == "")] | length')" = 0 ]
	case $PATHS in
	mips* | armv6*) [ "$(json file-wp.rec '[.plan[] | select(.mechanism == "none")] | length')" = 0 ] ;;
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
