# SPDX-License-Identifier: GPL-2.0-only
# Fork windows and who ran inside them, against the kernel's own trace of the same run.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	case $WINDOWS in
	mips) guest windows-mips mips windows.sh ;;
	x86_64) guest windows-x86_64 x86_64 windows.sh --smp 2 ;;
	esac
}

@test "$WINDOWS: the kernel's own trace is whole" {
	[ "$(saved windows)" = 0 ]
	run ! grep -v 'overrun: 0$' "$OUT/overrun"
}

@test "$WINDOWS: as many windows, as many of them exposed, as in the kernel's own trace" {
	pid=$(json windows.rec '.processes | max_by(.copies) | .pid')
	truth=$(awk -v PID="$pid" -f tests/vm/exposed.awk "$OUT/trace")
	have=$(json windows.rec '.forks | "\(.windows) \(.exposed)"')
	echo "trace: $truth (windows, exposed, too close to say), brindle: $have"
	read -r count exposed close <<<"$truth"
	[ "$count" = 60 ]
	[ "${have% *}" = 60 ]
	[ "$exposed" -gt 0 ]
	differ=$((${have#* } - exposed))
	[ "${differ#-}" -le "$close" ]
	[ "$close" -lt 20 ]
}

@test "$WINDOWS: four threads that fork at once: every window once, none lost or missed" {
	[ "$(saved forkers)" = 0 ]
	[ "$(json forkers.rec '"\(.forks.windows) \(.totals.lost) \(.totals.missed)"')" = "1200 0 0" ]
}
