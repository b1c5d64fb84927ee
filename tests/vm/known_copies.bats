# SPDX-License-Identifier: GPL-2.0-only
# Every record against /proc/self/pagemap. KNOWN_COPIES says on which machine (see guest).

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	guest "known_copies-$KNOWN_COPIES" "$KNOWN_COPIES" known_copies.sh
}

# does the kernel map sources coherently and flush destinations, as MIPS with aliases does?
coherent() {
	[[ $KNOWN_COPIES == mips* ]]
}

# are destinations written through the linear mapping, whose colour is that of the pfn?
linear() {
	[[ $KNOWN_COPIES != armv6* && $KNOWN_COPIES != armhf* && $KNOWN_COPIES != i386* ]]
}

# bytes of a page
page() {
	json pages1.rec .machine.page_size
}

@test "$KNOWN_COPIES: doctor is content and the self-check passes" {
	[ "$(saved doctor)" = 0 ]
	grep -q 'Self-check passed' "$OUT/doctor.stdout"
}

@test "$KNOWN_COPIES: the plan is the one in tests/plans" {
	sed -n '/^Attach plan/,/^$/p' "$OUT/doctor.stdout" | grep -v 'not used: ' >"$OUT/plan"
	sed "s/^/# $KNOWN_COPIES: /" "$OUT/plan" >&3
	golden=tests/plans/${KNOWN_COPIES%-jit}.txt
	diff "$golden" "$OUT/plan" || {
		echo "if it is meant to be so: cp $OUT/plan $golden"
		return 1
	}
}

@test "$KNOWN_COPIES: doctor says when programs are interpreted" {
	jit=$(cat "$OUT/jit")
	[[ $KNOWN_COPIES != *-jit ]] || [ "$jit" = 1 ]
	run grep -c 'programs are interpreted' "$OUT/doctor.stdout"
	[ "$output" = $((jit == 0)) ]
}

@test "$KNOWN_COPIES: 5,000 known copies, one to one, first run" {
	[ "$(saved pages1)" = 0 ]
	one_to_one pages1
}

@test "$KNOWN_COPIES: 5,000 known copies, one to one, second run" {
	one_to_one pages2
}

@test "$KNOWN_COPIES: 5,000 known copies, one to one, third run" {
	one_to_one pages3
}

@test "$KNOWN_COPIES: known copies of four threads, three rounds, one to one" {
	[ "$(saved threads)" = 0 ]
	one_to_one threads
}

@test "$KNOWN_COPIES: breakpoints see what trampolines see" {
	grep -q fentry "$OUT/plan" || skip "no trampolines in this plan"
	[ "$(saved kprobes)" = 0 ]
	[ "$(json kprobes.rec '[.plan[] | select(.mechanism == "fentry")] | length')" = 0 ]
	one_to_one kprobes
}

@test "$KNOWN_COPIES: the list has as many pages as it was asked for" {
	[ "$(grep -vc '^#' "$OUT/pages1.list")" = 5000 ]
	[ "$(grep -vc '^#' "$OUT/threads.list")" = 6000 ]
}

@test "$KNOWN_COPIES: nothing lost, missed, at risk or unknown" {
	for rec in pages1 pages2 pages3 threads; do
		run ! grep warning "$OUT/$rec.stderr"
		[ "$(json $rec.rec '.totals | "\(.lost) \(.missed) \(.at_risk) \(.unknown)"')" = "0 0 0 0" ]
	done
}

@test "$KNOWN_COPIES: the number of colours is the machine's" {
	case $KNOWN_COPIES in
	mips*) want="8192 2" ;;
	armv6*) want="16384 4" ;;
	*) want="$(page) 1" ;;
	esac
	[ "$(json pages1.rec '.geometry | "\(.span) \(.colours)"')" = "$want" ]
}

@test "$KNOWN_COPIES: every source is observed coherent and congruent, or excused with a reason" {
	coherent || skip "no coherent mappings on this machine"
	# an unmapped page (cow-fault) is read through the linear mapping, whose colour may fit
	bad=$(jq -c 'select((.source | .verdict == "congruent" and .kind == "coherent" and
		.evidence == "observed" or .verdict == "excused" and .reason != "") or
		(.path == "cow-fault" and .source.verdict == "congruent") | not)' \
		"$OUT/pages1.ndjson" | head -3)
	[ -z "$bad" ] || { echo "$bad"; return 1; }
	[ "$(jq -s 'map(select(.path == "wp" and .source.kind == "coherent")) | length' \
		"$OUT/pages1.ndjson")" -ge 5000 ]
}

@test "$KNOWN_COPIES: both sides go through the copy windows, congruent by construction" {
	[[ $KNOWN_COPIES == armv6* ]] || skip "no copy windows on this machine"
	[ "$(json pages1.rec '.source.congruent == .totals.copies')" = true ]
	[ "$(json pages1.rec '.destination.congruent == .totals.copies')" = true ]
	# the windows of arch/arm/mm/mm.h, at the page of the user's colour
	bad=$(jq -r '[.user, .source.va, .destination.va, .source.kind, .destination.kind] | @tsv' \
		"$OUT/pages1.ndjson" | awk '
		{
			colour = index("0123456789abcdef", substr($1, length($1) - 3, 1)) - 1
			page = sprintf("%x", 8 + colour % 4)
			to = sprintf("%x", 12 + colour % 4)
		}
		$2 != "0xffff" page "000" || $3 != "0xffff" to "000" || $4 $5 != "windowwindow"' |
		head -3)
	[ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "$KNOWN_COPIES: every destination is congruent or flushed" {
	[ "$(json pages1.rec '.destination | .excused + .mismatch + .unknown')" = 0 ]
	! coherent || [ "$(json pages1.rec .destination.flushed)" -gt 1000 ]
}

@test "$KNOWN_COPIES: babeltrace2 lists the same events" {
	babeltrace_agrees pages1
	babeltrace_agrees threads
}

@test "$KNOWN_COPIES: with a span of 16 pages the colours come from pfns and the matrices fill" {
	linear || skip "destinations are not written through the linear mapping here"
	"$BRINDLE" report --span $((16 * $(page))) --format=json "$OUT/pages1.rec" >"$OUT/span.json"
	[ "$(jq .geometry.colours "$OUT/span.json")" = 16 ]
	[ "$(jq '.matrix.destination | length' "$OUT/span.json")" = 16 ]
	[ "$(jq '[.matrix.destination[][]] | add' "$OUT/span.json")" = "$(jq .totals.copies "$OUT/span.json")" ]
	# pfns of 5,000 pages fall on every colour
	[ "$(jq '[.matrix.destination[][] | select(. > 0)] | length' "$OUT/span.json")" -gt 200 ]
}

@test "$KNOWN_COPIES: the destination matrix is that of the pfns, which are pagemap's" {
	linear || skip "destinations are not written through the linear mapping here"
	# recomputed from addresses and pfns alone: 16 pages of span, row user, column mapping.
	# The address's colour is the hexadecimal digit above those within a page.
	digit=$(printf %x "$(page)" | wc -c)
	jq -s -c --argjson digit "$digit" 'reduce .[] as $c ([range(16) | [range(16) | 0]];
		.[$c.user[-$digit:][:1] | explode[0] | if . > 57 then . - 87 else . - 48 end]
		 [$c.destination.pfn % 16] += 1)' "$OUT/pages1.ndjson" >"$OUT/want.matrix"
	"$BRINDLE" report --span $((16 * $(page))) --format=json "$OUT/pages1.rec" |
		jq -c .matrix.destination >"$OUT/have.matrix"
	diff "$OUT/want.matrix" "$OUT/have.matrix"
}

@test "$KNOWN_COPIES: kmap slots pay no regard to the user's colour" {
	[[ $KNOWN_COPIES == i386* || $KNOWN_COPIES == armhf* ]] || skip "no kmap slots on this machine"
	[ "$(jq -r '[.source, .destination] | .[] | "\(.kind) \(.evidence)"' "$OUT/pages1.ndjson" |
		sort -u)" = "kmap observed" ]
	"$BRINDLE" report --span 16K --format=json "$OUT/pages1.rec" >"$OUT/slots.json"
	# every user colour is copied to, always through the same slot: three of four mismatch, and of
	# new pages whose colour fits, those with old lines of the kernel's in another: 15 of 16
	[ "$(jq '[.matrix.destination[] | add > 1000] | all' "$OUT/slots.json")" = true ]
	[ "$(jq '.source.mismatch / .totals.copies | . > 0.7 and . < 0.8' "$OUT/slots.json")" = true ]
	[ "$(jq '.destination.mismatch / .totals.copies | . > 0.9 and . < 0.97' "$OUT/slots.json")" = true ]
}

@test "$KNOWN_COPIES: the kernel types read agree with this kernel's BTF" {
	[ -e "$OUT/btf" ] || skip "this kernel has no BTF; the self-check stands in for it"
	vmlinux-headers/check "${KNOWN_COPIES%-*}" "$OUT/btf"
}

@test "$KNOWN_COPIES: the kernel did not complain, no probe was left behind" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
