# SPDX-License-Identifier: GPL-2.0-only
# A minute of forkrace: no false alarm on stock kernels, with and without aliases.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	case $MINUTE in
	mips) guest minute-mips mips minute.sh ;;
	24Kf) guest minute-24Kf mips minute.sh --cpu 24Kf ;;
	esac
}

@test "$MINUTE: forkrace ran its minute under record" {
	[ "$(saved minute)" = 0 ]
	[ "$(json minute.rec .totals.copies)" -gt 100000 ]
	[ "$(json minute.rec .forks.windows)" -gt 100 ]
}

@test "$MINUTE: no false alarm, none unknown, none lost" {
	[ "$(json minute.rec '.totals | "\(.at_risk) \(.unknown) \(.lost) \(.missed)"')" = "0 0 0 0" ]
	[ "$(json minute.rec '.totals.copies == .totals.safe')" = true ]
}

@test "$MINUTE: sources congruent or excused, destinations congruent or flushed" {
	[ "$(json minute.rec '.source | .flushed + .mismatch + .unknown')" = 0 ]
	[ "$(json minute.rec '.destination | .excused + .mismatch + .unknown')" = 0 ]
}

@test "$MINUTE: threads ran inside fork windows" {
	[ "$(json minute.rec .forks.exposed)" -gt 0 ]
}

@test "$MINUTE: the kernel did not complain" {
	no_oops
}
