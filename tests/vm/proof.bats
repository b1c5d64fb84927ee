# SPDX-License-Identifier: GPL-2.0-only
# The kernels of examples/kmap_coherent: unfixed puts copies at risk as chance has it, and
# fix2 none; both copy pages right. PROOF is the kernel.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	mkdir -p build/lab
	# the first one takes minutes, and is kept
	timeout 1500 scripts/kernel build mips "$PROOF" >"build/lab/kernel-$PROOF.log" 2>&1 || {
		echo "the kernel could not be built:"
		tail -20 "build/lab/kernel-$PROOF.log"
		return 1
	}
	# QEMU's timer loses an alarm now and then while its host is busy. The next one comes 21
	# seconds later, and RCU would call that a stall.
	guest "proof-test-$PROOF" "$PROOF" proof.sh \
		--append rcupdate.rcu_cpu_stall_suppress=1
}

# Reads lines that begin with an address and a frame, both hexadecimal: are they of one colour?
# (Two colours, pages of 4 KiB: the lowest bit of each page number.)
SAME='function odd(digit) { return index("13579bdf", digit) > 0 }
	function same(address, frame) {
		return odd(substr(address, length(address) - 3, 1)) == odd(substr(frame, length(frame)))
	}'

@test "$PROOF: this is the kernel, and its copies have names" {
	[[ $(cat "$OUT/release") == *-$PROOF ]]
	grep -qx copy_user_highpage "$OUT/symbols"
	grep -qx __kmap_pgprot "$OUT/symbols"
	[ "$PROOF" != fix2 ] || grep -qx clear_user_highpage "$OUT/symbols"
}

@test "$PROOF: a patch that does not apply stops before anything is built, and is named" {
	dir=$BATS_TEST_TMPDIR
	cp -r scripts examples "$dir"
	ln -s "$PWD/build" "$dir/build"
	# another source: what patch 2 takes away is not there
	sed -i 's/^-\(.*\)kmap_atomic(to);/-\1kmap(to);/' "$dir"/examples/kmap_coherent/unfixed/0002-*
	before=$(ls -l --time-style=full-iso build/kernel/mips/unfixed)
	run -1 "$dir/scripts/kernel" build mips unfixed
	echo "$output"
	[[ $output == *"unfixed/0002-"*"does not apply to linux-source-6.1"* ]]
	[[ $output == *"arch/mips/mm/init.c: @@ -171,"* ]]
	[[ $output == *"nothing was built"* ]]
	[ "$(ls -l --time-style=full-iso build/kernel/mips/unfixed)" = "$before" ]
}

@test "$PROOF: the self-check passes" {
	[ "$(saved doctor)" = 0 ]
	grep -q 'Self-check passed' "$OUT/doctor.stdout"
}

@test "$PROOF: 15,000 copies as pagemap lists them, one to one" {
	[ "$(saved pages)" = 0 ]
	[ "$(grep -vc '^#' "$OUT/pages.list")" = 15000 ]
	one_to_one pages
}

@test "$PROOF: nothing lost or missed" {
	for rec in pages forkrace; do
		[ "$(json $rec.rec '.totals | "\(.lost) \(.missed)"')" = "0 0" ]
	done
}

@test "$PROOF: two colours" {
	[ "$(json pages.rec '.geometry | "\(.span) \(.colours)"')" = "8192 2" ]
}

@test "$PROOF: a source is a mismatch when its frame has another colour, and only then" {
	[ "$PROOF" = unfixed ] || skip "this kernel maps sources coherently"
	jq -r '[.user, .source.pfn, .destination.pfn, .source.verdict, .verdict] | @tsv' \
		"$OUT/pages.ndjson" | awk -F '\t' '{
			printf "%s 0x%x 0x%x %s, %s\n", $1, $2, $3, $4, $5
		}' | sort >"$OUT/verdicts"
	awk "$SAME"'!/^#/ && NF {
		print $1, $2, $3, same($1, $2) ? "congruent, safe" : "mismatch, at-risk"
	}' "$OUT/pages.list" | sort >"$OUT/expected"
	[ "$(wc -l <"$OUT/expected")" = 15000 ]
	run ! grep -vxFf "$OUT/verdicts" "$OUT/expected"
}

@test "$PROOF: half of the copies are at risk, as chance has it with two colours" {
	[ "$PROOF" = unfixed ] || skip "this kernel is meant to be right"
	# the frames of round 1 were got in the order of the addresses, which is no chance.
	# 10,000 draws: five standard deviations are 2.5 percent
	rate=$(awk "$SAME"'
		/^# round/ { round = $3 }
		!/^#/ && NF && round > 1 { n++; risk += !same($1, $2) }
		END { printf "%.2f", 100 * risk / n }' "$OUT/pages.list")
	echo "# $PROOF: $rate % of 10,000 sources by pagemap, $(json forkrace.rec \
		'.totals.at_risk / .totals.copies * 10000 | round / 100') % of forkrace's copies by brindle" >&3
	awk -v rate="$rate" 'BEGIN { exit !(rate > 47.5 && rate < 52.5) }'
	[ "$(json forkrace.rec '.totals | .at_risk / .copies | . > 0.35 and . < 0.65')" = true ]
	[ "$(json forkrace.rec '.source.mismatch == .totals.at_risk')" = true ]
}

@test "$PROOF: no copy at risk" {
	[ "$PROOF" != unfixed ] || skip "this kernel is meant to be wrong"
	for rec in pages forkrace; do
		[ "$(json $rec.rec .totals.at_risk)" = 0 ]
		[ "$(json $rec.rec '.source.mismatch + .destination.mismatch')" = 0 ]
	done
}

@test "$PROOF: both sides of every copy are coherent mappings, observed" {
	[ "$PROOF" = fix2 ] || skip "this kernel maps one side coherently, or none"
	[ "$(json pages.rec '.source.unknown < 5000')" = true ] ||
		skip "brindle does not tell two mappings of one copy apart"
	[ "$(json pages.rec .totals.unknown)" = 0 ]
	bad=$(jq -c 'select(.path == "wp") | select([.source, .destination] | map(.kind == "coherent" and
		.evidence == "observed" and .verdict == "congruent") | all | not)' "$OUT/pages.ndjson" | head -3)
	[ -z "$bad" ] || { echo "$bad"; return 1; }
}

# Without brindle: what was mapped between entry and return of each copy.
@test "$PROOF: the kernel's own trace: source and destination mapped at the user's colour" {
	[ "$PROOF" = fix2 ] || skip "this kernel maps one side coherently, or none"
	[ "$(saved traced)" = 0 ]
	said=$(awk '
		function value(name) {
			match($0, " " name "=[0-9a-fx]+")
			return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
		}
		function odd(address) {
			return index("13579bdf", substr(address, length(address) - 3, 1)) > 0
		}
		function bad(why) { if (++wrong <= 5) print why ": " $0 }
		/^#/ { next }
		{ task = $1 }
		/ copy: / {
			to[task] = value("to"); from[task] = value("from"); user[task] = value("user")
			sides[task] = ""
		}
		/ map: / && task in to {
			slot = value("slot")
			if (value("page") != (slot == 0 ? from[task] : to[task]) || value("user") != user[task])
				bad("not a page of this copy")
			mapping[task] = slot
		}
		/ mapped: / && task in to {
			if (odd(value("at")) != odd(user[task])) bad("another colour")
			if (mapping[task] == 0) source[task] = value("at")
			else if (source[task] == value("at")) bad("one address for two pages")
			sides[task] = sides[task] mapping[task]
		}
		/ copied: / && task in to {
			copies++
			if (sides[task] == "01") both++
			else if (sides[task] == "1") plain++
			else bad("sides " sides[task])
			delete to[task]
		}
		END { print copies + 0, both + 0, plain + 0, wrong + 0 }' "$OUT/trace")
	echo "$said"
	read -r copies both plain wrong <<<"${said##*$'\n'}"
	echo "# $PROOF: $copies copies traced, $both with both sides mapped, $plain with a source not mapped by a user" >&3
	[ "$wrong" = 0 ]
	[ "$both" -ge 2000 ]
	[ "$((both + plain))" = "$copies" ]
}

@test "$PROOF: forkrace ran, other threads were in its fork windows" {
	[ "$(saved forkrace)" = 0 ]
	grep -qx 'lost writes: 0' "$OUT/forkrace.stdout"
	[ "$(json forkrace.rec .forks.windows)" -ge 60 ]
	[ "$(json forkrace.rec .forks.exposed)" -gt 0 ]
}

@test "$PROOF: 200 forks of 8 MiB beside file I/O, ptrace and signals, no word corrupt" {
	cat "$OUT/storm.stdout" "$OUT/storm.stderr"
	[ "$(saved storm)" = 0 ]
	[[ $(cat "$OUT/storm.stdout") =~ ^"storm: 200 forks of 8 MiB, "([0-9]+)" signals, "([0-9]+)" file pages, "([0-9]+)" peeks: 0 words corrupt"$ ]]
	[ "${BASH_REMATCH[1]}" -gt 1000 ]
	[ "${BASH_REMATCH[2]}" -gt 1000 ]
	[ "${BASH_REMATCH[3]}" -gt 1000 ]
}

@test "$PROOF: the kernel did not complain, no probe was left behind" {
	no_oops
	[ "$(cat "$OUT/leftover_events")" = 0 ]
}
