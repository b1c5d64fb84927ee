# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Booted with rcutree.use_softirq=1: what kprobes do to such a kernel is known.
. /in/lib.sh
run_to doctor brindle doctor
run_to refused brindle record -o /out/refused.rec -- true
the_end
