# SPDX-License-Identifier: GPL-2.0-only
# brindle against the oracle (tests/oracle), a model of the data cache outside of the kernel:
# the short runs of scripts/judge-matrix.

bats_require_minimum_version 1.5.0
load lib

# judged RUN ...: these runs gave what is demanded of them. Says what they gave.
judged() {
	local said status=0
	said=$(scripts/judge-matrix -j 1 "$@" 2>"build/lab/judge-$1.log") || status=$?
	sed '1,2d; s/^/# oracle: /' <<<"$said" >&3
	[ $status = 0 ] || {
		tail -20 "build/lab/judge-$1.log"
		return 1
	}
}

setup_file() {
	mkdir -p build/lab
}

@test "a stock MIPS kernel: no copy read stale bytes, none is at risk, each was seen by both" {
	judged short-mips
}

@test "the same of ARMv6" {
	judged short-armv6
}

@test "a MIPS kernel that copies wrongly: what was stale was flagged; both QEMUs say so" {
	judged short-unfixed short-qemu-10
}

@test "an oracle that ignores cache instructions sees stale reads everywhere" {
	judged short-no-hit short-no-index
}
