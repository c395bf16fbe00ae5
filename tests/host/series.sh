#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 'make series': patches that git can apply, that come to what the wiring comes to,
# and that checkpatch is content with. Whether each builds and boots is what 'make
# check-series' looks at: it takes as many builds as there are patches.
# needs: tree
# kernels: all
. "$(dirname "$0")/../lib/host.sh"
project=$ROOT
. "$ROOT/tools/common.sh"
ROOT=$project
export BUILD=$work/build
mkdir "$BUILD"
real=$ROOT/build/linux-$KERNEL
ln -s "$real" "$BUILD/linux-$KERNEL"
version=$(kernel_version "$real")
# Its demo would take minutes: a table of its own.
printf '\n128G in a machine with 2G of DRAM, Linux %s\n\n  policy  got\n  range   125\n\n%s\n' \
	"$version" "dram: words" >"$BUILD/demo.txt"

works "it is made" "$ROOT/tools/release/series"
out=$BUILD/series-$KERNEL
compgen -G "$out/0001-*.patch" >/dev/null || bail_out "there is no series"
wiring=$(wiring_for "$version")
nr=$(ls "$wiring"/*.patch | wc -l)
is "$(ls "$out"/*.patch | wc -l)" $((nr + 1)) "a patch for each of the wiring, and a letter"

letter=$out/0000-cover-letter.patch
for word in "^Subject: \[PATCH 00*/$nr\] mm: " "^Cc: .*linux-mm@kvack.org" "^  range   125" \
	"Linux $version, x86-64" \
	"^ mm/mhp_altmap/range.c " "files changed"; do
	grep -q "$word" "$letter" && ok "letter: $word" ||
		not_ok "letter: $word" "$(head -n 12 "$letter")"
done
grep -nE '@[A-Z]+@|\*\*\*|BLURB' "$letter" >"$work/left"
nothing "$(cat "$work/left")" "letter: nothing is left to fill in"

git init -q "$work/repo"
cp -r "$real/.mhp-altmap/before/." "$work/repo"
git -C "$work/repo" add -A
git -C "$work/repo" -c user.name=t -c user.email=t@t.example commit -qm before
mapfile -t patches < <(ls "$out"/*.patch | grep -v cover-letter)
works "git am applies all" git -C "$work/repo" -c user.name=t -c user.email=t@t.example am -q \
	"${patches[@]}"
at_least "$(git -C "$work/repo" ls-files | wc -l)" "$(wc -l <"$real/.mhp-altmap/ours")" \
	"there are files"
differ=$(cd "$work/repo" && git ls-files |
	while read -r f; do cmp -s "$f" "$real/$f" || echo "$f"; done)
nothing "$differ" "and what they come to is what the wiring comes to"
nothing "$(cd "$real" && sed '/tools\/testing/d' .mhp-altmap/ours | sort |
	while read -r f; do [ -f "$work/repo/$f" ] || echo "$f"; done)" "no file is missing"

at_least "$(grep -c @ "$out/recipients")" 5 "there are recipients"
is "$(grep -c "^base: Linux $version" "$letter")" 1 "the letter says what it is based on"

# Each part on top of those before.
rm -rf "$work/parts"
git init -q "$work/parts"
cp -r "$real/.mhp-altmap/before/." "$work/parts"
git -C "$work/parts" add -A
git -C "$work/parts" -c user.name=t -c user.email=t@t.example commit -qm before
sum=0
for part in fixes layer dax cxl acpi; do
	works "part $part is made" "$ROOT/tools/release/series" $part
	dir=$out-$part
	nothing "$(grep -nE '@[A-Z]+@|\*\*\*|BLURB' "$dir/0000-cover-letter.patch")" \
		"$part: nothing is left to fill in"
	is "$(grep -c ^prerequisite-patch-id: "$dir/0000-cover-letter.patch")" $sum \
		"$part: its letter names the patches before it"
	mapfile -t patches_of_it < <(ls "$dir"/*.patch | grep -v cover-letter)
	works "$part: git am applies it" git -C "$work/parts" -c user.name=t \
		-c user.email=t@t.example am -q "${patches_of_it[@]}"
	sum=$((sum + $(ls "$dir"/*.patch | wc -l) - 1))
done
is $sum "$nr" "all parts together are all patches"
nothing "$(diff -r -x .git "$work/parts" "$work/repo")" "and come to the same"
fails "there is fixes, layer" "no other part" "$ROOT/tools/release/series" mm

# Maintainers are in the last patch; a sign-off is a person's act.
works "checkpatch --strict has nothing to say" "$ROOT/tools/check/checkpatch" "$real" \
	-i NO_AUTHOR_SIGN_OFF,SPDX_LICENSE_TAG,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT "${patches[@]}"

SIGNOFF="A Maintainer <a@b.example>" REROLL=2 works "signed by who sends it" \
	"$ROOT/tools/release/series"
is "$(grep -l '^Signed-off-by: A Maintainer <a@b.example>' "$out"/v2-*.patch | wc -l)" "$nr" \
	"each patch is"
grep -q '^Subject: \[PATCH v2 ' "$out/v2-0000-cover-letter.patch" && ok "as version 2" ||
	not_ok "as version 2"
SIGNOFF=nobody fails "not 'Name <address>'" "a sign-off without an address" \
	"$ROOT/tools/release/series"
finish
