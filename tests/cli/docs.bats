#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The pages for people: links, paths and make targets that they name exist. Each check is first
# seen to find something planted.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	page=$BATS_TEST_TMPDIR/page.md
	pages=(README.md CONTRIBUTING.md docs/*.md)
	readmes=(examples/*/README.md examples/kmap_coherent/*/README.md tests/oracle/*.md)
}

# slugs FILE: the anchors of its headings, as the usual renderers of Markdown make them
slugs() {
	awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ /, ""); print tolower($0) }' "$1" |
		sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# broken_links FILE...: "FILE: TARGET" of relative links that lead nowhere
broken_links() {
	local file target path anchor
	for file; do
		while read -r target; do
			path=${target%%#*} anchor=
			[[ $target != *#* ]] || anchor=${target#*#}
			path=${path:+$(dirname "$file")/$path}
			if ! [ -e "${path:-$file}" ]; then
				echo "$file: $target"
			elif [ -n "$anchor" ] && ! slugs "${path:-$file}" | grep -qxF -- "$anchor"; then
				echo "$file: $target"
			fi
		done < <(grep -oP '\]\(\K[^)\s]+' "$file" | grep -v '^[a-z]*:')
	done
}

# code FILE: what stands in backticks, in indented and in fenced blocks, not in comments
code() {
	awk '
		/^<!--/ { comment = 1 }
		comment { comment = !/-->/; next }
		/^```/ { fenced = !fenced; next }
		fenced || /^    / { print; next }
		{ n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$1"
}

# missing_paths FILE...: "FILE: PATH" of paths below a directory of the tree that do not exist.
# A word in capitals stands for any name.
missing_paths() {
	local file path top
	top=$(printf '%s\n' .ci/ */ | sed 's,/,,' | grep -vx build | paste -sd'|')
	for file; do
		while read -r path; do
			compgen -G "$path" >/dev/null ||
				compgen -G "$(sed -E 's/(\b|_)[A-Z]{2,}\b/\1*/g' <<<"$path")" >/dev/null ||
				echo "$file: $path"
		done < <(code "$file" | tr -s ' \t=:,;()|' '\n' | grep -E "^(${top//./\\.})/" |
			sed 's/[.]$//' | sort -u)
	done
}

# missing_targets FILE...: "FILE: TARGET" of targets that make does not have
missing_targets() {
	local file target known
	known=$(make -pRrq : 2>/dev/null | sed -n 's/^\([a-z0-9_]*\):.*/\1/p')
	[ "$(wc -l <<<"$known")" -gt 5 ] || echo "make tells of no targets"
	for file; do
		while read -r target; do
			grep -qxF "$target" <<<"$known" || echo "$file: make $target"
		done < <(code "$file" | grep -oP '(^|[ ;&(])make\K( [a-z0-9_]+)+' | xargs -n 1 | sort -u)
	done
}

@test "every link in a page leads to a file, and to a heading of it" {
	printf '%s\n' '# One & `two`' '[a](page.md#one--two) [b](#one--two) [c](https://example.org/x)' >"$page"
	[ -z "$(broken_links "$page")" ]
	printf '%s\n' '[d](none.md) [e](#three) [f](page.md#four)' >>"$page"
	[ "$(broken_links "$page")" = "$page: none.md
$page: #three
$page: page.md#four" ]
	run broken_links "${pages[@]}" "${readmes[@]}"
	[ -z "$output" ]
}

@test "every path in a page exists" {
	printf '%s\n' '`tests/cli/docs.bats`, `tests/cli/*.bats`, `tests/plans/NAME.txt`, `arch/x.c`' \
		'tests/none is prose' '' '    scripts/lab run mips -- true' >"$page"
	[ -z "$(missing_paths "$page")" ]
	printf '%s\n' '`tests/cli/none.bats`' '' '    A=b bats tests/none/x.bats' >>"$page"
	[ "$(missing_paths "$page")" = "$page: tests/cli/none.bats
$page: tests/none/x.bats" ]
	run missing_paths "${pages[@]}"
	echo "$output"
	[ -z "$output" ]
}

@test "every make target that a page names exists" {
	printf '%s\n' '`make test` and `make mips oracle`, or make trouble' '' '    make deps && make' >"$page"
	[ -z "$(missing_targets "$page")" ]
	printf '%s\n' '`make haste`' >>"$page"
	[ "$(missing_targets "$page")" = "$page: make haste" ]
	run missing_targets "${pages[@]}" "${readmes[@]}"
	echo "$output"
	[ -z "$output" ]
}

# layers FILE: "FOLDER WHAT IT MAY INCLUDE", of a page's table
layers() {
	sed -n '/^| folder |/,/^$/s/^| `\([a-z]*\)` |[^|]*| *\([a-z ]*[a-z]\)* *|$/\1 \2/p' "$1" | sort
}

@test "docs/architecture.md shows the layers of user/LAYERS" {
	layers docs/architecture.md >"$BATS_TEST_TMPDIR/page"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/page")" -gt 5 ]
	sed 's/#.*//; /^ *$/d; s/  */ /g; s/ *$//' user/LAYERS | awk 'NF == 1 { $0 = $0 " " } 1' | sort |
		diff "$BATS_TEST_TMPDIR/page" -
}

# reasons: the words for a side that its verdict returns, chooses or assigns
reasons() {
	cat user/verdict/verdict.c user/arch/arch.c | tr '\n' ' ' |
		grep -oP '(return|[?:=])\s+"\K[a-z][^"]*(?=")' | sort -u
}

# missing_reasons PAGE: those that the page does not show
missing_reasons() {
	local reason
	while read -r reason; do
		grep -qF "\`$reason\`" "$1" || echo "$reason"
	done < <(reasons)
}

@test "docs/verdicts.md has every reason of a verdict" {
	[ "$(reasons | wc -l)" -gt 20 ]
	grep -v 'more colours than one' docs/verdicts.md >"$page"
	[ "$(missing_reasons "$page")" = "accessed in more colours than one" ]
	run missing_reasons docs/verdicts.md
	echo "$output"
	[ -z "$output" ]
}
