#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the documentation and tests point to is there: links, files, tests, code, goals of
# make.
# needs:
. "$(dirname "$0")/../lib/host.sh"
cd "$ROOT" || exit 1
mapfile -t pages < <(find . -name build -prune -o -name '*.md' -printf '%P\n' | sort)
at_least ${#pages[@]} 5 "there are pages"

# FILE:LINE:TEXT for each match.
words() { grep -noHE "$1" "${@:2}"; }
count=0 bad=()
check() { # DESCRIPTION: ends a list that was looked at
	if [ ${#bad[@]} -gt 0 ]; then not_ok "$1" "${bad[@]}"; else at_least $count 1 "$1"; fi
	count=0 bad=()
}

while IFS=: read -r page line link; do
	link=${link#*](} link=${link%)}
	case $link in http*://* | '#'*) continue ;; esac
	count=$((count + 1))
	[ -e "$(dirname "$page")/${link%%#*}" ] || bad+=("$page:$line: $link")
done < <(words '\]\([^)]*\)' "${pages[@]}")
check "links lead to files"

# Paths that begin with a folder of ours, and names alone, or below the plugin's folder;
# NAME stands for any. adopting.md tells of the kernel's own drivers.
folders=$(find . -mindepth 1 -maxdepth 1 -type d ! -name '.*' ! -name build -printf '%P|')
while IFS=: read -r page line path; do
	path=${path#[!a-z]}
	while [[ $path == *[.,:] ]]; do path=${path%?}; done
	path=${path/NAME/*}
	case $page:$path in *:tools/testing/* | docs/adopting.md:drivers/*) continue ;; esac
	count=$((count + 1))
	compgen -G "$path" >/dev/null || bad+=("$page:$line: $path")
done < <(words "(^|[^A-Za-z0-9_./*-])(${folders%|})/([A-Za-z0-9_./*-]|\[[a-z]*\])*" "${pages[@]}")
check "paths are of files that there are"
while IFS=: read -r page line name; do
	name=${name//\`/}
	count=$((count + 1))
	[ -e "daxctl-plugin/$name" ] ||
		[ -n "$(find . -path ./build -prune -o -name "$name" -print -quit)" ] ||
		bad+=("$page:$line: $name")
done < <(words '`([A-Za-z0-9_-]+|src/[a-z]+)\.(c|h|sh|md|rst|config|patch)`' "${pages[@]}")
check "so are names of files"

# The tests that docs/design.md names, each by its name, or by kind and name.
while IFS='|' read -r _ what tests _; do
	names=$(grep -oE '`[^`]*`' <<<"$tests" | tr -d '`' | sed 's/^make .*//')
	[[ $tests == *'`'* ]] || bad+=("docs/design.md: no test: $what")
	for name in $names; do
		count=$((count + 1))
		case $name in
		debug/*) grep -q '^# debug:' "tests/vm/${name#*/}.sh" ;;
		*) compgen -G "tests/*/$name.sh" >/dev/null ;;
		esac || bad+=("docs/design.md: $name: $what")
	done
done < <(sed -n '/^## What must hold/,/^## /{/^| [A-Z]/p}' docs/design.md)
check "the tests for what must hold are there"

# Faults that no longer fit the code test nothing.
for fault in tests/mutants/*.patch; do
	count=$((count + 1))
	patch -p1 -s -N -F0 --dry-run <"$fault" >/dev/null 2>&1 || bad+=("$fault")
done
check "the faults of make mutants fit the code"

# Goals of make.
while IFS=: read -r page line goal; do
	goal=${goal##*make }
	count=$((count + 1))
	grep -qE "^([a-z-]+ )*$goal( [a-z-]+)*:" Makefile || bad+=("$page:$line: make $goal")
done < <(words '(`|^|^\$ )make [a-z][a-z-]*' "${pages[@]}")
check "goals of make"
is "$(env -u FLAVOUR -u ARCH make -n check | grep -c '^FLAVOUR=both .*tests/run$')" 1 \
	"make check is for the debug kernel, too"
# And those of what had gone wrong before.
while IFS='|' read -r _ what _ tests _; do
	for name in $(grep -oE '\b(vm|debug|host|boot|stock|unit)/[a-z0-9_-]+' <<<"$tests"); do
		count=$((count + 1))
		case $name in
		debug/*) grep -q '^# debug:' "tests/vm/${name#*/}.sh" ;;
		*) compgen -G "tests/$name.*" >/dev/null ||
			compgen -G "daxctl-plugin/tests/$name.*" >/dev/null ;;
		esac || bad+=("docs/reliability.md: $name: $what")
	done
done < <(grep -E '^\| [AR][0-9]' docs/reliability.md)
check "the tests for what had gone wrong are there"

# What an administrator does in the README is what the machine of the test does.
while read -r command; do
	count=$((count + 1))
	grep -qF "$command" tests/system/life.sh || bad+=("README.md: $command: not in life.sh")
done < <(sed -n '/^## On a server/,/^## /{/^daxctl-memmap/p}' README.md | sed 's/ *#.*//')
check "the commands for a server are those of its test"
finish
