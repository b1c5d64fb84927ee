# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Known copies on every path a small program can take, one recording for each.
. /in/lib.sh

started=	# set by start

# one PROGRAM PATH: record what it does on PATH
one() {
	run_to "$2" brindle record -o "/out/$2.rec" -- "$1" --out "/out/$2.list" "$2"
}

# somewhere to swap to, if the guest was given the module
swap_on() {
	[ -e /sys/block/zram0 ] || return
	echo 256M >/sys/block/zram0/disksize
	mkswap /dev/zram0 >/dev/null
	swapon /dev/zram0
}

run_to doctor brindle doctor --self-check
for path in zero clears cow-fault file-wp fork-pinned shared-anon reuse ksm; do
	one paths $path
done
for path in thp hugetlb collapse clears-thp clears-hugetlb; do
	one hugepaths $path
done
for path in uprobe uffd migrate; do
	one outside $path
done

# these copies are made by a thread of the kernel, on nobody's behalf
start recorder brindle record -o /out/khugepaged.rec
recording recorder
run_to khugepaged hugepaths --out /out/khugepaged.list khugepaged
kill -INT "$started"
end recorder

swap_on
one paths ksm-swap
the_end
