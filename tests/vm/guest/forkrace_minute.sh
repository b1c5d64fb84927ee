# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# forkrace_minute.sh SECONDS: forkrace for so long, no false alarm.
. /in/lib.sh
run_to minute brindle record -o /out/minute.rec -- forkrace --forks 0 --seconds "$1"
the_end
