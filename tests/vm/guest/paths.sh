# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Known copies on every path a small program can take, one recording for each.
. /in/lib.sh
run_to doctor brindle doctor --self-check
for path in zero cow-fault file-wp fork-pinned shared-anon reuse ksm; do
	run_to "$path" brindle record -o "/out/$path.rec" -- \
		paths --out "/out/$path.list" "$path"
done
the_end
