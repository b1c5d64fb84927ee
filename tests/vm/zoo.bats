# SPDX-License-Identifier: GPL-2.0-only
# Some kernels of the zoo (tests/zoo): brindle, the oracle and what their rows demand.
# ZOO=NAME... names them; otherwise it is the turn of two.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	mkdir -p build/lab
}

@test "kernels of the zoo are what brindle says of them" {
	[[ ${ZOO-1} != 1 ]] || ZOO=$(tests/zoo/run --rotation 2)
	status=0
	# shellcheck disable=SC2086 # a list
	timeout 1800 tests/zoo/run $ZOO >build/lab/zoo.table 2>build/lab/zoo.log || status=$?
	sed 's/^/# zoo: /' build/lab/zoo.table >&3
	[ $status = 0 ] || {
		tail -20 build/lab/zoo.log
		return 1
	}
}
