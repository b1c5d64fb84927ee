# SPDX-License-Identifier: GPL-2.0-only
# The self-check against a plan that attaches but never fires.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest plans armv6 plans.sh
}

@test "a function for other caches forced first: attached, rejected by the self-check, replaced" {
	[ "$(saved unused)" = 0 ]
	grep -q 'self-check: copy: v6_copy_user_highpage_nonaliasing attached, but did not fire for' "$OUT/unused.stderr"
	[ "$(json unused.rec '.plan[] | select(.role == "copy") | .function')" = v6_copy_user_highpage_aliasing ]
}

@test "... and the replacement sees every copy" {
	[ "$(json unused.rec '.totals | "\(.at_risk) \(.unknown)"')" = "0 0" ]
	[ "$(json unused.rec .source.congruent)" -gt 2000 ]
}

@test "--prefer of a function in no row of the catalogue: usage" {
	[ "$(saved nobody)" = 2 ]
	[ "$(wc -l <"$OUT/nobody.stderr")" = 1 ]
}

@test "doctor shows the plan with functions and evidence" {
	grep -Eq '^  copy-call +copy_page +kprobe +observed' "$OUT/doctor.stdout"
	grep -Eq '^  flush +__flush_dcache_page +kprobe +observed' "$OUT/doctor.stdout"
}
