# SPDX-License-Identifier: GPL-2.0-only
# 20 boots of forkrace under record on stock MIPS: no oops, no lost record.

bats_require_minimum_version 1.5.0
load lib

soak() {
	guest "soak-$1" mips soak.sh
	setup # skips when there is no such kernel
	[ "$(saved race)" = 0 ]
	[ "$(json race.rec '.totals | "\(.at_risk) \(.unknown) \(.lost) \(.missed)"')" = "0 0 0 0" ]
	[ "$(json race.rec .forks.windows)" = 60 ]
	[ "$(json race.rec .totals.copies)" -gt 20000 ]
	no_oops
}

@test "boot 1" { soak 1; }
@test "boot 2" { soak 2; }
@test "boot 3" { soak 3; }
@test "boot 4" { soak 4; }
@test "boot 5" { soak 5; }
@test "boot 6" { soak 6; }
@test "boot 7" { soak 7; }
@test "boot 8" { soak 8; }
@test "boot 9" { soak 9; }
@test "boot 10" { soak 10; }
@test "boot 11" { soak 11; }
@test "boot 12" { soak 12; }
@test "boot 13" { soak 13; }
@test "boot 14" { soak 14; }
@test "boot 15" { soak 15; }
@test "boot 16" { soak 16; }
@test "boot 17" { soak 17; }
@test "boot 18" { soak 18; }
@test "boot 19" { soak 19; }
@test "boot 20" { soak 20; }
