# SPDX-License-Identifier: GPL-2.0-only
# What scripts/kernel, scripts/lab and scripts/proof say before they build or boot anything.

bats_require_minimum_version 1.5.0

@test "scripts/kernel --help tells what it needs and which kernels there are" {
	run -0 --separate-stderr scripts/kernel --help
	[[ $output == *"MiB of disk"* ]]
	for kernel in unfixed fix1 fix2; do
		[[ $output == *$'\n'"$kernel "* ]]
	done
	[ -z "$stderr" ]
}

@test "scripts/kernel list has a line for every kernel, those of the zoo with their subject" {
	run -0 scripts/kernel list
	[ "${#lines[@]}" = $((1 + $(grep -vc '^#' scripts/kernel.d/kernels) + $(tests/zoo/run --patches | wc -l))) ]
	[[ ${lines[0]} == KERNEL* ]]
	[[ $output == *$'\n'"zoo-naive "*"MIPS: mm: map every source coherently"* ]]
	[[ $output == *$'\n'"zoo-mips64-dest-only "*"MIPS: mm: map the destination coherently"* ]]
}

@test "scripts/kernel: wrong command lines exit 2 and say what is right" {
	run -2 scripts/kernel
	[[ $output == *"--help"* ]]
	run -2 scripts/kernel build
	[[ $output == *"target"* ]]
	run -2 scripts/kernel build vax
	[[ $output == *"for 'vax'"*mips* ]]
	run -2 scripts/kernel build mips fix3
	[[ $output == *"no kernel 'fix3'"*"unfixed fix1 fix2"* ]]
	run -2 scripts/kernel build mips zoo-mips64-dest-only
	[[ $output == *"'zoo-mips64-dest-only' is not for mips but for mips64"* ]]
	run -2 scripts/kernel build mips zoo-unicorn
	[[ $output == *"no kernel 'zoo-unicorn'"* ]]
	run -2 scripts/kernel build mips -j many
	[[ $output == *"-j needs a number"* ]]
}

@test "scripts/lab says how to make a kernel that is not built" {
	for kernel in fix1 zoo-naive; do
		[ ! -e build/kernel/armv6/$kernel ]
		run -125 scripts/lab run armv6 --kernel $kernel -- true
		[[ $output == *"no kernel $kernel for armv6 is built"*"scripts/kernel build armv6 $kernel"* ]]
	done
}

@test "each target that scripts/kernel has kernels for has a configuration, and the reverse" {
	diff <(basename -s .config -a scripts/kernel.d/*.config | sort) \
		<(grep -v '^#' scripts/kernel.d/kernels | cut -d '|' -f 2 | tr -s ' ' '\n' | grep . | sort -u)
	for config in scripts/kernel.d/*.config; do
		grep -q "^target  *$(basename "$config" .config)$" scripts/targets
	done
}

@test "scripts/proof: --help, and nothing else without a meaning" {
	run -0 scripts/proof --help
	run -2 scripts/proof --seed
	run -2 scripts/proof now
}

@test "every series of the table is there, numbered and signed" {
	mapfile -t list < <(grep -v '^#' scripts/kernel.d/kernels | cut -d '|' -f 3 | tr -s ' ' '\n' | grep .)
	for series in "${list[@]}"; do
		[ "$series" = - ] || [ -d "examples/kmap_coherent/$series" ]
	done
	for dir in examples/kmap_coherent/*/; do
		number=0
		for patch in "$dir"*.patch; do
			number=$((number + 1))
			[[ ${patch##*/} == 000$number-* ]]
			grep -q '^Signed-off-by: ' "$patch"
			grep -q "^Subject: \[PATCH $number/" "$patch"
		done
	done
}
