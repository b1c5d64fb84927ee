# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Copies known from pagemap, those of forkrace, and then everything at once.
. /in/lib.sh
uname -r >/out/release
run_to doctor brindle doctor --self-check
run_to pages brindle record -o /out/pages.rec -- cowpages --pages 5000 --seed 1 --out /out/pages.list
run_to forkrace brindle record -o /out/forkrace.rec -- forkrace --forks 60
run_to storm storm 200 8
grep -E ' (copy_user_highpage|clear_user_highpage|__kmap_pgprot)$' /proc/kallsyms >/out/symbols
the_end
