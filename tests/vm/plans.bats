# SPDX-License-Identifier: GPL-2.0-only
# The self-check against a plan that attaches but never fires.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest plans mips plans.sh
}

@test "kmap_coherent forced first: attached, rejected by the self-check, replaced" {
	[ "$(saved inlined)" = 0 ]
	grep -q 'self-check: mapping: kmap_coherent attached, but fired for 0 of' "$OUT/inlined.stderr"
	[ "$(json inlined.rec '.plan[] | select(.role == "mapping") | .function')" = __kmap_pgprot ]
}

@test "... and the replacement sees every source" {
	[ "$(json inlined.rec '.totals | "\(.at_risk) \(.unknown)"')" = "0 0" ]
	[ "$(json inlined.rec .source.congruent)" -gt 2000 ]
}

@test "--prefer of a function in no row of the catalogue: usage" {
	[ "$(saved nobody)" = 2 ]
	[ "$(wc -l <"$OUT/nobody.stderr")" = 1 ]
}

@test "doctor shows the plan with functions and evidence" {
	grep -Eq '^  mapping +__kmap_pgprot +kretprobe +observed' "$OUT/doctor.stdout"
	grep -Eq '^  flush +r4k_flush_data_cache_page +kprobe +observed' "$OUT/doctor.stdout"
}
