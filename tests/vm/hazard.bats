# SPDX-License-Identifier: GPL-2.0-only
# The hazard of kprobes on MIPS, on a kernel booted without the cure.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest hazard mips hazard.sh --append rcutree.use_softirq=1
}

@test "doctor names the hazard and the boot option, exit 3" {
	[ "$(saved doctor)" = 3 ]
	grep -q 'mips-kprobe-rcu' "$OUT/doctor.stdout"
	grep -q 'rcutree.use_softirq=0' "$OUT/doctor.stdout"
}

@test "record refuses with exit 3 and names the boot option" {
	[ "$(saved refused)" = 3 ]
	[ "$(wc -l <"$OUT/refused.stderr")" = 1 ]
	grep -q 'rcutree.use_softirq=0' "$OUT/refused.stderr"
	[ ! -e "$OUT/refused.rec" ]
}

@test "--accept-hazards goes on, saying so" {
	# the kernel may well crash: only what brindle says first is looked at
	run scripts/lab run mips --name hazard-accept --timeout 60 -q \
		--append rcutree.use_softirq=1 -- brindle record --accept-hazards -o /out/r -- true
	[[ "$output" == *"going on in spite of the hazard"* ]]
	[[ "$output" != *"cannot record"* ]]
}
