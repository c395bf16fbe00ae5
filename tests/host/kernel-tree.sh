#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/build/kernel-tree on a tree of the reader's own: it applies or it says why
# not, twice is once, and nothing is half done.
# needs: tree
# kernels: all
. "$(dirname "$0")/../lib/host.sh"

# Of the real tree, what the wiring touches; before us.
real=$BUILD/linux-${KERNEL:-6.12}
tree=$work/tree
mkdir -p "$tree"
cp "$real/Makefile" "$tree/"
cp -r "$real/.mhp-altmap/before/." "$tree/"
export KERNEL_SRC=$tree
version=$(sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$tree/Makefile" | paste -sd.)
wiring=$ROOT/wiring/linux-${version%.*}
first=$(grep -l '^+++ b/mm/Makefile' "$wiring"/*.patch | head -n 1)

snapshot() { (cd "$tree" && find . -type f -printf '%p %T@ ' -exec sha256sum {} \; | sort); }

works "a fresh tree is wired" "$ROOT/tools/build/kernel-tree"
is "$("$ROOT/tools/build/kernel-tree")" "$tree" "it prints the path"
cmp -s "$tree/mm/mhp_altmap/plan.c" "$ROOT/lib/plan.c" && ok "our files are in it" || not_ok "our files are in it"
compat=$(grep -rl mhp_altmap_compat "$tree/mm" "$tree/include" "$tree/drivers" | wc -l)
if [ -f "$wiring/mhp_altmap_compat.h" ]; then
	at_least "$compat" 2 "a header for what only this kernel needs, and who includes it"
else
	is "$compat" 0 "nothing is left of what only older kernels need"
fi
for f in $(cd "$ROOT" && find lib include drivers docs/ABI -type f); do
	grep -rqE "^(lib|include|drivers|Documentation|mm)/.*${f##*/}\$" "$tree/.mhp-altmap/ours" || echo "$f"
done >"$work/forgotten"
nothing "$(cat "$work/forgotten")" "each of our files is added by a patch"
works "the first two patches only" "$ROOT/tools/build/kernel-tree" 2
is "$(find "$tree" -path '*/mm/mhp_altmap/*' -type f)$(grep -c mhp_altmap_add_range "$tree/mm/memory_hotplug.c")" 0 "then the layer is not there yet"
works "and all of them again" "$ROOT/tools/build/kernel-tree"
grep -q mhp_altmap_add_range "$tree/mm/memory_hotplug.c" && ok "the wiring is in it" || not_ok "the wiring is in it"

before=$(snapshot)
works "a second time" "$ROOT/tools/build/kernel-tree"
is "$(snapshot)" "$before" "changes no file and no time stamp"

echo "# the reader changes a wired file's neighbourhood"
printf '\n/* mine */\n' >>"$tree/mm/Makefile"
fails "$(basename "$first" | cut -c1-5)" "a file that is wired and then edited is refused" "$ROOT/tools/build/kernel-tree"
fails "mm/Makefile" "the file is named" "$ROOT/tools/build/kernel-tree"
cp "$tree/.mhp-altmap/after/mm/Makefile" "$tree/mm/Makefile"
works "put back, it works" "$ROOT/tools/build/kernel-tree"

echo "# a tree that the wiring does not fit"
rm -rf "$tree/.mhp-altmap" && cp -r "$real/.mhp-altmap/before/." "$tree/"
sed -i 's/offline_and_remove_memory/something_else/' "$tree/mm/memory_hotplug.c"
sed -i 's/memory_blocks_have_altmaps(start, size);/memory_blocks_have_it(start, size);/' "$tree/mm/memory_hotplug.c"
before=$(snapshot)
fails "mm/memory_hotplug.c" "the file is named" "$ROOT/tools/build/kernel-tree"
fails "Linux $version" "and the version" "$ROOT/tools/build/kernel-tree"
is "$(snapshot)" "$before" "the tree is as it was"

rm -f "$tree/mm/hugetlb_vmemmap.c"
fails "has no mm/hugetlb_vmemmap.c" "a file is missing" "$ROOT/tools/build/kernel-tree"

sed -i 's/^VERSION = .*/VERSION = 5/' "$tree/Makefile"
fails "there is wiring for" "a version without wiring" "$ROOT/tools/build/kernel-tree"

echo "# a newer kernel of the same major version"
rm -rf "$tree" && mkdir "$tree" && cp "$real/Makefile" "$tree/" && cp -r "$real/.mhp-altmap/before/." "$tree/"
sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 77/' "$tree/Makefile"
works "is wired, too, if the patches apply" "$ROOT/tools/build/kernel-tree"
rm -rf "$tree/.mhp-altmap" "$tree/mm/memory_hotplug.c"
fails "has no mm/memory_hotplug.c" "and else refused" "$ROOT/tools/build/kernel-tree"

unset KERNEL_SRC
KERNEL=9.9 fails "no kernel source package for KERNEL=9.9" "no such package" "$ROOT/tools/build/kernel-tree"
finish
