# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What scripts/lab boots: targets, kernels, packages; sourced by it.

# Set the variables of the lab to what scripts/targets says of target $1.
find_target() {
	local key value
	target='' port='' flavour='' qemu='' machine='' cpu='' mem='' console='' carrier=''
	clock='' model='' dtb='' arguments=''
	while read -r key value; do
		case $key in
		target | port | flavour | qemu | machine | cpu | mem | console | carrier | clock | \
			model | dtb | arguments)
			printf -v "$key" %s "$value"
			;;
		esac
	done < <(target_facts "$1")
	[ -n "$target" ] || bad_usage "no target '$1'; there are: $(targets | paste -s -d ' ')"
}

# The kernel package of the target, as scripts/port takes it: any name with
# version $1 or one that begins with it.
kernel_pattern() {
	local version=$1
	printf '^linux-image-%s([.+][^-]*)?(-[0-9]+)?-%s\n' "${version//[.+]/\\&}" "$flavour"
}

# Set image (the kernel's file), version (of its modules; empty: it has none),
# dtb_args (QEMU's, for the device tree) and what (to print).
find_kernel() {
	local got
	root=build/port/$port/root
	if [[ $kernel == */* ]]; then
		[ -f "$kernel" ] || die "no kernel image $kernel"
		image=$kernel version='' what=${kernel#"$PWD"/}
		find_dtb "${image%/*}"
		return
	fi
	# What is not the release's own kernel may be found in its backports.
	got=$("$scripts/port" ${refresh:+--refresh} ${backports:+--backports} "$port" \
		"$(kernel_pattern "$kernel")") || exit 125
	what=$got
	version=${got%% *}
	version=${version#linux-image-}
	version=${version%-unsigned}
	image=$(find "$root/boot" -name "vmlinu[xz]-$version")
	[ -n "$image" ] || die "no kernel image for $version in $root/boot; remove build/port/$port and try again"
	find_dtb "$root/usr/lib/linux-image-$version"
}

# Set tree to the name of the tree of the packages wanted (empty: none).
find_packages() {
	local list
	tree=''
	[ ${#packages[@]} -gt 0 ] || return 0
	# busybox's shell takes its own applets before any program
	mapfile -t list < <(tr -s ' \n' '\n' <<<"dash ${packages[*]}" | sed '/^$/d' | sort -u)
	tree=tree-$(IFS=, && echo "${list[*]}")
	"$scripts/port" ${refresh:+--refresh} --tree "$tree" "$port" "${list[@]}" >/dev/null || exit 125
}

# The device tree, if the machine needs one, is in the directory $1.
find_dtb() {
	dtb_args=()
	[ -n "$dtb" ] || return 0
	[ -f "$1/$dtb" ] || die "no device tree $1/$dtb: $machine does not boot without"
	dtb_args=(-dtb "$1/$dtb")
}
