#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/build/kernel-tree on a tree of the reader's own: it applies or it says why
# not, twice is once, and nothing is half done.
# needs: tree
. "$(dirname "$0")/../lib/host.sh"

# Of the real tree, what the wiring touches; before us.
BUILD=${BUILD:-$ROOT/build}
real=$BUILD/linux-${KERNEL:-6.12}
tree=$work/tree
fresh() {
	rm -rf "$tree" && mkdir "$tree" && cp "$real/Makefile" "$tree/" &&
		cp -r "$real/.mhp-altmap/before/." "$tree/"
}
fresh
export KERNEL_SRC=$tree
version=$(sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$tree/Makefile" | paste -sd.)
wiring=$ROOT/wiring/linux-${version%.*}
kernel_tree() { "$ROOT/tools/build/kernel-tree" "$@"; }

snapshot() { (cd "$tree" && find . -type f -printf '%p %T@ ' -exec sha256sum {} \; | sort); }

works "a fresh tree is wired" kernel_tree
is "$(kernel_tree)" "$tree" "it prints the path"
cmp -s "$tree/mm/mhp_altmap/plan.c" "$ROOT/lib/plan.c" &&
	ok "our files are in it" || not_ok "our files are in it"
compat=$(grep -rl mhp_altmap_compat "$tree/mm" "$tree/include" "$tree/drivers" | wc -l)
if [ -f "$wiring/mhp_altmap_compat.h" ]; then
	at_least "$compat" 2 "a header for what only this kernel needs, and who includes it"
else
	is "$compat" 0 "nothing is left of what only older kernels need"
fi
for f in $(cd "$ROOT" && find lib include drivers docs/ABI -type f); do
	grep -rqE "^(lib|include|drivers|Documentation|mm)/.*${f##*/}\$" "$tree/.mhp-altmap/ours" ||
		echo "$f"
done >"$work/forgotten"
nothing "$(cat "$work/forgotten")" "each of our files is added by a patch"
works "the first two patches only" kernel_tree 2
is "$(find "$tree/mm/mhp_altmap" -type f)$(
	grep -c mhp_altmap_add_range "$tree/mm/memory_hotplug.c")" 0 \
	"then the layer is not there yet"
works "and all of them again" kernel_tree
grep -q mhp_altmap_add_range "$tree/mm/memory_hotplug.c" &&
	ok "the wiring is in it" || not_ok "the wiring is in it"

before=$(snapshot)
works "a second time" kernel_tree
is "$(snapshot)" "$before" "changes no file and no time stamp"


echo "# a tree that has one of the repairs already"
counted=$(basename "$wiring"/*-count-what-makes-a-zone-contiguous.patch)
fresh
echo '/* pages_with_online_memmap */' >>"$tree/include/linux/mmzone.h"
out=$(kernel_tree 2>&1 >/dev/null) && ok "it is wired" || not_ok "it is wired" "$out"
is "$out" "==> left out, as Linux $version has it: $counted" "a line says what is left out"
is "$(grep -c pages_with_online_memmap "$tree/include/linux/mmzone.h" "$tree/mm/mm_init.c" |
	sed 's/.*://' | paste -sd' ')" "1 0" "it is not done again"
before=$(snapshot)
works "a second time" eval "kernel_tree 2>/dev/null"
is "$(snapshot)" "$before" "changes nothing"

echo "# a tree that is checked out anew with one, and without"
fresh
works "it has none" kernel_tree
cp "$real/.mhp-altmap/before/include/linux/mmzone.h" "$tree/include/linux/"
echo '/* pages_with_online_memmap */' >>"$tree/include/linux/mmzone.h"
is "$(kernel_tree 2>&1 >/dev/null)" "==> left out, as Linux $version has it: $counted" \
	"now it has one"
is "$(grep -c pages_with_online_memmap "$tree/include/linux/mmzone.h")" 1 "it is not done again"
cp "$real/.mhp-altmap/before/include/linux/mmzone.h" "$tree/include/linux/"
nothing "$(kernel_tree 2>&1 >/dev/null)" "and now it has none"
is "$(diff -r "$tree/.mhp-altmap/after" "$real/.mhp-altmap/after" 2>&1)$?" 0 "it is done"

echo "# a tree that has one of ours as it is, of which a hunk would apply again elsewhere"
# What a tree can have is what comes before our first file.
n=0 twice=0
for p in "$wiring"/*.patch; do
	case $p in *-mm-mhp_altmap-plan-*) break ;; esac
	fresh
	n=$((n + 1))
	# It may need those before it.
	patch -s -F0 -d "$tree" -p1 -i "$p" >"$work/patch" 2>&1 || {
		echo "# $n does not apply alone"
		continue
	}
	patch -s -F0 --dry-run -f -d "$tree" -p1 -i "$p" >"$work/patch" 2>&1 || continue
	twice=$((twice + 1))
	is "$(kernel_tree --check $n 2>&1)" "==> left out, as Linux $version has it: ${p##*/}" \
		"$n is left out"
done
at_least $twice 1 "there are such patches"

echo "# a tree that has some of ours as they are"
fresh
expected=
for p in "$wiring"/*-undo-a-partial-__add_pages.patch "$wiring"/*-crash-forget-*.patch; do
	works "it has ${p##*/}" patch -s -F0 -d "$tree" -p1 -i "$p"
	expected+="==> left out, as Linux $version has it: ${p##*/}"$'\n'
done
out=$(kernel_tree 2>&1 >/dev/null) && ok "it is wired" || not_ok "it is wired" "$out"
is "$out"$'\n' "$expected" "lines say what is left out"
is "$(diff -r "$tree/.mhp-altmap/after" "$real/.mhp-altmap/after" 2>&1)$?" 0 \
	"what comes of it is as of a tree that has nothing"
before=$(snapshot)
is "$(kernel_tree 2>&1 >/dev/null)"$'\n' "$expected" "a second time: the same lines"
is "$(snapshot)" "$before" "and nothing changes"

echo "# a tree that has one in other words"
name=crash-forget-memory-when-it-is-removed
fresh
sed -i 's/^static struct notifier_block crash_memhp_nb/\/* removal, too *\/\n&/' \
	"$tree/kernel/crash_core.c"
fails "-$name.patch does not apply to Linux $version" "is refused" kernel_tree
fails "WITHOUT='NAME ...' leaves patches out" "and what can be done is said" kernel_tree
fails "WITHOUT: no patch is forget; there are: " "WITHOUT= has to name a patch" \
	env WITHOUT=forget "$ROOT/tools/build/kernel-tree"
out=$(WITHOUT="$name" kernel_tree 2>&1 >/dev/null) && ok "without it, it is wired" ||
	not_ok "without it, it is wired" "$out"
is "$out" "==> left out, as WITHOUT says: $(basename "$wiring"/*-$name.patch)" "a line says so"
is "$(grep -c crash_memory_removed "$tree/kernel/crash_core.c") $(
	grep -c mhp_altmap_add_range "$tree/mm/memory_hotplug.c" | sed 's/^[1-9].*/some/')" \
	"0 some" "all else is there"
fails "is for a tree of your own" "WITHOUT= without KERNEL_SRC" \
	env -u KERNEL_SRC WITHOUT="$name" "$ROOT/tools/build/kernel-tree" --check
# One hunk of two files is not the patch.
p=$(echo "$wiring"/*-compaction-no-page-*.patch)
fresh
sed '/^diff .*mm\/compaction/,/^diff .*mm\/[ip]/ { /mm\/[ip]/!d }' "$p" >"$work/half"
works "half of one" patch -s -F0 -d "$tree" -p1 -i "$work/half"
before=$(snapshot)
fails "${p##*/} does not apply to Linux $version: mm/" "is not the whole" kernel_tree
is "$(snapshot)" "$before" "and nothing changes"
fresh && kernel_tree >/dev/null 2>&1

# As if the wiring, or our file, had been another one: what we make now is different
# from what we left, and the tree is as we left it.
left_differently() { # FILE SED-SCRIPT after|added
	sed -i "$2" "$tree/$1" "$tree/.mhp-altmap/$3/$1"
}
restore() {
	fresh && kernel_tree >/dev/null
}
kept() { # DESCRIPTION FILE WARNING: a run keeps the file, and says so
	local before out
	before=$(sha256sum <"$tree/$2")
	out=$(kernel_tree 2>&1 >/dev/null) && ok "$1: taken" || not_ok "$1: taken" "$out"
	is "$out" "warning: edited by hand: $2 ($3): kept" "$1: a line about it"
	is "$(sha256sum <"$tree/$2")" "$before" "$1: as it was"
}

echo "# somebody edits a file that the wiring changes"
echo '/* mine */' >>"$tree/mm/Makefile"
sed -i '1s/^/\/* mine, too *\/\n/' "$tree/mm/memory_hotplug.c"
echo '/* mine */' >>"$tree/mm/mhp_altmap/range.c"
before=$(snapshot)
is "$(kernel_tree 2>&1 >/dev/null)" "warning: edited by hand: mm/Makefile (+1 -0): kept
warning: edited by hand: mm/memory_hotplug.c (+1 -0): kept
warning: edited by hand: mm/mhp_altmap/range.c (+1 -0): kept" "each file that was edited is named"
is "$(snapshot)" "$before" "and none is changed"
works "nor the second time" kernel_tree
is "$(snapshot)" "$before" "which changes nothing either"
fails "mm/memory_hotplug.c (+1 -0)" "a pristine tree is asked for" kernel_tree --pristine
fails "mm/mhp_altmap/range.c (+1 -0)" "what is ours, too" kernel_tree --pristine
fails "kernel-tree --discard" "how to get one is said" kernel_tree --pristine
is "$(snapshot)" "$before" "it is as it was"
works "the edits are discarded" kernel_tree --discard
works "it is pristine" kernel_tree --pristine
nothing "$(grep -rlF '/* mine' "$tree/mm")" "without them"
is "$(grep -c '^+.*mine' "$tree/.mhp-altmap/discarded.patch")" 3 "and they are saved"
works "as a patch" patch -s -d "$tree" -p1 -i .mhp-altmap/discarded.patch
is "$(snapshot | cut -d' ' -f1,3- | grep -v discarded)" \
	"$(echo "$before" | cut -d' ' -f1,3-)" "that brings them back"

echo "# the wiring or our file changes where there is an edit"
restore
left_differently mm/memory_hotplug.c '1s/^/\/* was wiring *\/\n/' after
echo '/* mine */' >>"$tree/mm/memory_hotplug.c"
works "elsewhere in the file" kernel_tree
is "$(grep -c 'was wiring' "$tree/mm/memory_hotplug.c") $(tail -n 1 "$tree/mm/memory_hotplug.c")" \
	"0 /* mine */" "both changes are in it"
kept "the next time" mm/memory_hotplug.c "+1 -0"
left_differently mm/mhp_altmap/range.c '1s/^/\/* was ours *\/\n/' added
echo '/* mine */' >>"$tree/mm/mhp_altmap/range.c"
works "elsewhere in a file of ours" kernel_tree
is "$(grep -c 'was ours' "$tree/mm/mhp_altmap/range.c") $(
	tail -n 1 "$tree/mm/mhp_altmap/range.c")" \
	"0 /* mine */" "both changes are in it"

restore
line=$(grep -n mhp_altmap "$tree/mm/Makefile" | head -n 1 | cut -d: -f1)
left_differently mm/Makefile "${line}s/\$/ # was wiring/" after
sed -i "${line}s/\$/ # mine/" "$tree/mm/Makefile"
left_differently mm/mhp_altmap/range.c '3s/^/was ours/' added
sed -i '3s/^/mine/' "$tree/mm/mhp_altmap/range.c"
before=$(snapshot)
fails "mm/Makefile: line $line" "in the same line: refused" kernel_tree
fails "mm/mhp_altmap/range.c: line 3" "the same of a file of ours" kernel_tree
is "$(snapshot)" "$before" "the tree is as it was"
works "discarded, it works" kernel_tree --discard
cmp -s "$tree/mm/mhp_altmap/range.c" "$real/mm/mhp_altmap/range.c" &&
	ok "with our file" || not_ok "with our file"

echo "# what was edited is not ours any more"
restore
kernel_tree >/dev/null
echo '/* mine */' >>"$tree/mm/mhp_altmap/range.c"
works "the first two patches only" kernel_tree 2
is "$(tail -n 1 "$tree/mm/mhp_altmap/range.c")" "/* mine */" "it stays"
kernel_tree >/dev/null 2>&1
kept "and is ours again" mm/mhp_altmap/range.c "+1 -0"

echo "# checked out anew"
restore
cp "$real/.mhp-altmap/before/mm/memory_hotplug.c" "$tree/mm/memory_hotplug.c"
echo '/* newer */' >>"$tree/mm/memory_hotplug.c"
nothing "$(kernel_tree 2>&1 >/dev/null)" "it is wired without a remark"
is "$(grep -c mhp_altmap_add_range "$tree/mm/memory_hotplug.c") $(
	tail -n 1 "$tree/mm/memory_hotplug.c")" "1 /* newer */" "what is new is in it"
works "and part of a pristine tree" kernel_tree --pristine

echo "# a file of somebody else's where one of ours goes"
rm -rf "$tree/.mhp-altmap" && cp -r "$real/.mhp-altmap/before/." "$tree/"
echo theirs >"$tree/mm/mhp_altmap/plan.c"
fails "mm/mhp_altmap/plan.c already" "is not overwritten" kernel_tree
is "$(cat "$tree/mm/mhp_altmap/plan.c")" theirs "it is as it was"

echo "# a tree that the wiring does not fit"
rm -rf "$tree/.mhp-altmap" "$tree/mm/mhp_altmap" && cp -r "$real/.mhp-altmap/before/." "$tree/"
sed -i 's/offline_and_remove_memory/something_else/' "$tree/mm/memory_hotplug.c"
sed -i 's/memory_blocks_have_altmaps(start, size);/memory_blocks_have_it(start, size);/' \
	"$tree/mm/memory_hotplug.c"
before=$(snapshot)
refusal=" does not apply to Linux $version: "
fails "${refusal}mm/memory_hotplug.c: hunk at line " \
	"patch, version, file and hunk are named" kernel_tree
is "$(snapshot)" "$before" "the tree is as it was"
why=$(kernel_tree --check 2>&1)
is "$?" 3 "asked beforehand, it is the exit status"
[[ $why =~ ^([^\ ]+)"$refusal"mm/memory_hotplug.c:\ hunk\ at\ line\ ([0-9]+)$ ]] &&
	ok "and one line: $why" || not_ok "and one line" "$why"
# Not the first hunk that there is, but one about what is different.
awk -v hunk="@@ -${BASH_REMATCH[2]}," '
	/^(diff|@@) /{ on = index($0, hunk) == 1 && file }
	/^\+\+\+ / { file = $2 == "b/mm/memory_hotplug.c" }
	on' "$wiring/${BASH_REMATCH[1]}" |
	grep -qE '^[ -].*(offline_and_remove_memory|memory_blocks_have_altmaps)' &&
	ok "the hunk is the one" || not_ok "the hunk is the one" "$why"

rm -f "$tree/kernel/power/hibernate.c"
fails "has no kernel/power/hibernate.c" "a file is missing" kernel_tree
fails "has no kernel/power/hibernate.c" "asked beforehand, too" kernel_tree --check

sed -i 's/^VERSION = .*/VERSION = 5/' "$tree/Makefile"
fails "there is wiring for" "a version without wiring" kernel_tree

echo "# other kernels of the same major version"
for patchlevel in 77 0; do
	fresh
	sed -i "s/^PATCHLEVEL = .*/PATCHLEVEL = $patchlevel/" "$tree/Makefile"
	works "${version%%.*}.$patchlevel is wired, too, if the patches apply" kernel_tree
done
rm -rf "$tree/.mhp-altmap" "$tree/mm/memory_hotplug.c"
fails "has no mm/memory_hotplug.c" "and else refused" kernel_tree

echo "# a package that is not unpacked"
unset KERNEL_SRC
KERNEL=9.9 fails "no kernel source package for KERNEL=9.9" "no such package" kernel_tree
package=$work/linux-source-${version%.*}
mkdir "$package" && cp "$real/Makefile" "$package/" &&
	cp -r "$real/.mhp-altmap/before/." "$package/"
echo last >"$package/zzz"
pack() { tar -C "$work" -cJf "$package.tar.xz" --sort=name "${package##*/}"; }
check() {
	SOURCES=$work BUILD=$work/none KERNEL=${version%.*} kernel_tree --check
}
pack
works "all patches apply" check
is "$(ls "$work/none" 2>&1 >/dev/null | grep -c 'No such')" 1 "nothing is unpacked"
echo >"$package/drivers/base/memory.c"
pack
why=$(check 2>&1)
is "$?" 3 "one does not"
[[ $why =~ ^[^\ ]+"$refusal"drivers/base/memory.c:\ hunk\ at\ line\ [0-9]+$ ]] &&
	ok "and one line: $why" || not_ok "and one line" "$why"
rm "$package/mm/memory_hotplug.c"
pack
fails "has no mm/memory_hotplug.c" "a file is missing" check

echo "# Debian has another package, and the tree of the one before has edits"
cp -r "$real/.mhp-altmap/before/." "$package/"
pack
unpacked() { SOURCES=$work BUILD=$work/build KERNEL=${version%.*} kernel_tree; }
works "unpacked" unpacked
touch -d '2001-01-01' "$package.tar.xz"
unpacked 2>"$work/said" >/dev/null
is "$? $(grep -c edits "$work/said") $(ls "$work/build")" "0 0 linux-${version%.*}
linux-${version%.*}.lock" "without edits, it is unpacked anew"
echo mine >>"$work/build/linux-${version%.*}/mm/mhp_altmap/range.c"
touch -d '2002-02-02' "$package.tar.xz"
unpacked 2>"$work/said" >/dev/null
is "$? $(grep -c '^warning: .*the tree with edits is ' "$work/said")" "0 1" \
	"with one: a line says so"
is "$(tail -n 1 "$work/build/linux-${version%.*}.edited/mm/mhp_altmap/range.c")" mine "it is kept"
echo mine >>"$work/build/linux-${version%.*}/mm/memory_hotplug.c"
touch -d '2003-03-03' "$package.tar.xz"
fails "of an earlier one: move them elsewhere" "but not twice" unpacked
is "$(tail -n 1 "$work/build/linux-${version%.*}/mm/memory_hotplug.c")" mine "nothing changes then"
finish
