# SPDX-License-Identifier: GPL-2.0-only
# A stock kernel without kprobes: Debian's User-mode Linux, run in a guest. (armel's marvell,
# which has none either, drives no timer and no interrupt controller that QEMU has.)

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	local in=build/lab/nokprobes-in root=build/port/amd64/root

	scripts/port amd64 user-mode-linux libc6 busybox-static >/dev/null
	rm -rf "$in"
	mkdir -p "$in"/uml "$in"/root/{bin,proc,sys,dev,tmp}
	cp "$root/bin/busybox" build/x86_64/bin/brindle "$in/root/bin"
	cp tests/vm/guest/uml-init.sh "$in/root/init"
	chmod 755 "$in/root/init"
	(cd "$in/root" && find . | cpio --quiet -o -H newc --owner=+0:+0) >"$in/uml/initrd"
	rm -rf "$in/root"
	cp "$root/usr/bin/linux.uml" "$root/lib/x86_64-linux-gnu/libc.so.6" "$in/uml"
	cp -L "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$in/uml"
	cp tests/vm/guest/uml.sh "$in"
	guest nokprobes x86_64 uml.sh --in "$in"
}

@test "no kprobes, no programs at probes, no tracefs: 3, and a line for each" {
	[ -s "$OUT/version" ]
	[ ! -s "$OUT/left_recordings" ]
	[ "$(cat "$OUT/doctor.status") $(cat "$OUT/record.status")" = "3 3" ]
	[ "$(wc -l <"$OUT/record.stderr")" = 3 ]
	for missing in CONFIG_KPROBES CONFIG_BPF_EVENTS CONFIG_FTRACE; do
		grep -q "^ .* $missing=y" "$OUT/doctor.stdout"
		grep -q "^brindle: cannot record: .*; .* $missing=y" "$OUT/record.stderr"
	done
}
