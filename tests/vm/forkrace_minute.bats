# SPDX-License-Identifier: GPL-2.0-only
# A minute of forkrace: no false alarm on stock kernels, with and without aliases.
# FORKRACE_MINUTE says on which machine (see guest).

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	local seconds=60 clock=()

	case $FORKRACE_MINUTE in
	mips64) seconds=30 ;;
	# its clock counts instructions: at 8 ns each a second of it is about one of ours
	armv6) clock=(--icount-shift 3) ;;
	esac
	guest "forkrace_minute-$FORKRACE_MINUTE" "$FORKRACE_MINUTE" \
		"forkrace_minute.sh $seconds" "${clock[@]}"
}

@test "$FORKRACE_MINUTE: forkrace ran its minute under record" {
	[ "$(saved minute)" = 0 ]
	[ "$(json minute.rec .totals.copies)" -gt 100000 ]
	[ "$(json minute.rec .forks.windows)" -gt 100 ]
}

@test "$FORKRACE_MINUTE: no false alarm, none unknown, none lost" {
	[ "$(json minute.rec '.totals | "\(.at_risk) \(.unknown) \(.lost) \(.missed)"')" = "0 0 0 0" ]
	[ "$(json minute.rec '.totals.copies == .totals.safe')" = true ]
}

@test "$FORKRACE_MINUTE: sources congruent or excused, destinations congruent or flushed" {
	[ "$(json minute.rec '.source | .flushed + .mismatch + .unknown')" = 0 ]
	[ "$(json minute.rec '.destination | .excused + .mismatch + .unknown')" = 0 ]
}

@test "$FORKRACE_MINUTE: threads ran inside fork windows" {
	[ "$(json minute.rec .forks.exposed)" -gt 0 ]
}

@test "$FORKRACE_MINUTE: the kernel did not complain" {
	no_oops
}
