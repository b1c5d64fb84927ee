# SPDX-License-Identifier: GPL-2.0-only
# The lab itself: what CMD says and how it ends comes out unchanged; guests that hang or die end.

bats_require_minimum_version 1.5.0

lab() {
	run --separate-stderr scripts/lab run mips --name lab-test -q "$@"
}

@test "CMD's status, stdout and stderr come out, arguments go in unchanged" {
	lab -- sh -c 'printf "%s|" "$@"; echo oops >&2; exit 7' name 'a b' "it's" '*' '' $'x\ny'
	[ "$status" -eq 7 ]
	[ "$output" = "a b|it's|*||"$'x\ny|' ]
	[ "$stderr" = oops ]
}

@test "what CMD writes under /out is found on the host, byte for byte" {
	lab -- sh -c 'head -c 3000000 /dev/urandom >/out/random; md5sum </out/random'
	[ "$status" -eq 0 ]
	[ "${output%% *}" = "$(md5sum <build/lab/lab-test/out/random | cut -d' ' -f1)" ]
}

@test "a guest that hangs ends at the timeout: 124, with its last lines" {
	lab --timeout 12 -- sleep 60
	[ "$status" -eq 124 ]
	[[ "$stderr" == *"--timeout"* ]]
	[ "$(wc -l <<<"$stderr")" -gt 5 ]
}

@test "a guest that panics ends at once: 125, with its last lines" {
	SECONDS=0
	lab --timeout 100 -- sh -c 'echo c >/proc/sysrq-trigger; sleep 50'
	[ "$status" -eq 125 ]
	[[ "$stderr" == *"sysrq"* ]] || [[ "$stderr" == *"panic"* ]]
	[ "$SECONDS" -lt 50 ]
}

@test "the control CPU has no aliases, the default one has" {
	lab -- dmesg
	[[ "$output" == *"cache aliases"* ]]
	lab --cpu 24Kf -- dmesg
	[[ "$output" == *"no aliases"* ]]
}

@test "an unknown target: 2, and which there are" {
	run --separate-stderr scripts/lab run vax -- true
	[ "$status" -eq 2 ]
	[[ "$stderr" == *mips* ]]
}

@test "--packages: Debian's programs come before busybox's, in CMD and in sh" {
	lab --packages "coreutils perl-base" -- sort --version
	[ "$status" -eq 0 ]
	[[ "$output" == *"GNU coreutils"* ]]
	lab --packages "coreutils perl-base" -- sh -c 'sort --version; perl -e "print 6 * 7"'
	[[ "$output" == *"GNU coreutils"*42* ]]
}

@test "--packages of none there is: 125, and its name" {
	lab --packages no-such-package -- true
	[ "$status" -eq 125 ]
	[[ "$stderr" == *no-such-package* ]]
}

@test "--modules: loaded with what they need, before CMD" {
	lab --modules zram -- sh -c 'grep -o ^zsmalloc /proc/modules; ls /dev/zram0'
	[ "$status" -eq 0 ]
	[ "$output" = "zsmalloc"$'\n'"/dev/zram0" ]
	lab --modules nomodule -- true
	[ "$status" -eq 125 ]
	[[ "$stderr" == *nomodule* ]]
}

@test "--smp 2 on a machine that runs one CPU: a warning" {
	lab --smp 2 -- nproc
	[ "$output" = 1 ]
	[[ "$stderr" == *"warning"*"1 CPU"*"2"* ]]
}
