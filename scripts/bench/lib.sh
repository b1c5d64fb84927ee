# shellcheck shell=bash disable=SC2034 # what is set here is used by those who read it
# SPDX-License-Identifier: GPL-2.0-only
# What is known of the machines that are measured: how each is booted (lab), copies per
# round (pages), what Debian has for it (peers). Status 1: none is called so.

machine() {
	case $1 in
	x86_64)
		# with erms or fsrm a page is copied by "rep movsb", which QEMU counts as 4096
		# instructions; without as 512, and real CPUs are nearer to that
		lab=(--cpu 'max,-erms,-fsrm,-la57' --mem 2048)
		pages=4096 peers='bpftrace linux-perf trace-cmd'
		;;
	mips)
		# no bpftrace; perf has its own way, all it depends on is too much for the memory
		lab=() pages=2048 peers=trace-cmd
		;;
	*) return 1 ;;
	esac
}
