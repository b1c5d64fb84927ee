#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
# /init of User-mode Linux: what it says goes by the console, marked "@NAME ".
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /tmp
uname -v | sed 's/^/@version /'
cd /tmp || exit
for what in doctor 'record -o /tmp/uml.rec -- true'; do
	name=${what%% *}
	# shellcheck disable=SC2086 # words
	brindle $what >stdout 2>stderr
	echo "@$name.status $?"
	sed "s/^/@$name.stdout /" stdout
	sed "s/^/@$name.stderr /" stderr
done
[ ! -e /tmp/uml.rec ] || echo "@left_recordings uml.rec"
poweroff -f
