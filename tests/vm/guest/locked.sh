# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Booted with lockdown=confidentiality: this kernel never made the files of tracefs.
. /in/lib.sh
run_to unsaid.doctor brindle doctor
run_to unsaid.record brindle record -o /tmp/locked.rec -- true
mount -t securityfs securityfs /sys/kernel/security
run_to said.doctor brindle doctor
run_to said.record brindle record -o /tmp/locked.rec -- true
ls -d /tmp/*.rec >/out/left_recordings 2>/dev/null
the_end
