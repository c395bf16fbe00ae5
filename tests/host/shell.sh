#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every shell script of the project: shellcheck has nothing to say (.shellcheckrc has
# what it is not asked), and no line is longer than 100 columns.
# needs:
. "$(dirname "$0")/../lib/host.sh"
cd "$ROOT" || exit 1

project() { # FIND-EXPRESSION: files of the project
	find . \( -path ./build -o -path ./.git \) -prune -o -type f "$@" -printf '%P\n' | sort
}
# By the name, the first line or a directive.
project | xargs -d '\n' awk '
	FNR > 3 { nextfile }
	FILENAME ~ /\.sh$/ || /# shellcheck shell=/ ||
	(FNR == 1 && /^#!.*[\/ ](ba|da)?sh([ \t]|$)/) { print FILENAME; nextfile }
' >"$work/scripts"
mapfile -t scripts <"$work/scripts"
at_least ${#scripts[@]} 90 "there are scripts"
is "$(project -perm /111 | grep -vxFf "$work/scripts")" daxctl-plugin/debian/rules \
	"what can be executed and is no script is a makefile"

echo "# shellcheck"
# In a copy, where the guests' scripts find their library.
copy=$work/copy
mkdir "$copy"
tar -c .shellcheckrc "${scripts[@]}" | tar -x -C "$copy"
library=$(sed -n 's/^for part in \(.*\); do$/\1/p' tests/lib/guest.sh)
at_least "$(wc -w <<<"$library")" 4 "the parts of the guests' library are known"
sourced=$(printf "; . tests/lib/%s.sh" $library)
grep -lZ '^\. /job/lib/guest\.sh' "${scripts[@]}" |
	(cd "$copy" && xargs -0 sed -i "s,^\. /job/lib/guest\.sh,${sourced#; },")
echo "source-path=$copy" >>"$copy/.shellcheckrc"

# Findings; anything else that shellcheck has to say is one, too.
# shellcheck disable=SC2120
look() { # OPTION ...: at the files of standard input, if there are any
	xargs -r -P "${JOBS:-2}" -n 5 sh -c '
		list=$(shellcheck -f gcc "$@" 2>&1)
		status=$?
		[ -z "$list" ] || echo "$list"
		[ $status -le 1 ] || echo "shellcheck: exit status $status"' sh "$@"
}
# shellcheck disable=SC2016
printf '#!/bin/bash\nread -r x; echo $x $y\n' >"$work/bad.sh"
cp .shellcheckrc "$work"
is "$(echo "$work/bad.sh" | look | sed 's/.*\[//')" "SC2154]" "it finds what is wrong"
is "$(echo "$work/bad.sh" | look --norc -i SC2086 | wc -l)" 2 "and words that are split"
# shellcheck disable=SC2154
believed=$((tap_failed == 0))
# What was in order is not looked at again until it, or what it reads, is another.
good=${CACHE:-$BUILD}/shellcheck
others=$({
	shellcheck --version
	cat .shellcheckrc "$0" tests/lib/*.sh tools/*.sh tools/build/*.sh
} | sha256sum | cut -c1-40)
sha256sum "${scripts[@]}" | sed "s/^/$others /" >"$work/keys"
touch "$good"
grep -vxFf "$good" "$work/keys" | sed 's/.*  //' >"$work/todo"
(cd "$copy" && look) <"$work/todo" >"$work/found"
sed 's/:.*//' "$work/found" | sort -u | sed 's/^/  /; s/$/$/' >"$work/bad"
if [ $believed = 1 ] && ! grep -q 'exit status' "$work/found"; then
	grep -vf "$work/bad" "$work/keys" >"$good"
fi
nothing "$(cat "$work/found")" "it has nothing to say (asked of $(wc -l <"$work/todo") files)"

# These are run outside the toolbox, where paths are the reader's.
outside="tools/in-toolbox tools/common.sh $(ls tools/box/* | grep -v packages)"
split=SC2086,SC2046,SC2048,SC2207,SC2231
nothing "$(tr ' ' '\n' <<<"$outside" | look --norc -x -P SCRIPTDIR -i $split)" \
	"what runs outside the toolbox takes paths with blanks"

echo "# columns"
long() { # FILE ...
	awk '{
		line = $0
		while (at = index(line, "\t"))
			line = substr(line, 1, at - 1) substr("        ", 1 + (at - 1) % 8) \
				substr(line, at + 1)
		if (length(line) > 100)
			print FILENAME ":" FNR ": " length(line) " columns"
	}' "$@"
}
nothing "$(long "${scripts[@]}")" "no line has more than 100"
printf '%0100d\n%0101d\n\t%093d\n%092d\t\n%097d\t\n' 1 1 1 1 1 >"$work/wide"
is "$(long "$work/wide" | cut -d: -f2 | paste -sd' ')" "2 3 5" "longer ones are found"
finish
