#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/kernel-tree on a tree of the reader's own: it applies or it says why
# not, twice is once, and nothing is half done.
. "$(dirname "$0")/lib.sh"

# Of the real tree, what the wiring touches; before us.
real=$BUILD/linux-${KERNEL:-6.12}
tree=$work/tree
mkdir -p "$tree"
cp "$real/Makefile" "$tree/"
cp -r "$real/.mhp-altmap/before/." "$tree/"
export KERNEL_SRC=$tree

snapshot() { (cd "$tree" && find . -type f -printf '%p %T@ ' -exec sha256sum {} \; | sort); }

works "a fresh tree is wired" "$ROOT/tools/kernel-tree"
is "$("$ROOT/tools/kernel-tree")" "$tree" "it prints the path"
cmp -s "$tree/mm/mhp_altmap/range.c" "$ROOT/lib/range.c" && ok "our files are in it" || not_ok "our files are in it"
grep -q mhp_altmap_add_range "$tree/mm/memory_hotplug.c" && ok "the wiring is in it" || not_ok "the wiring is in it"

before=$(snapshot)
works "a second time" "$ROOT/tools/kernel-tree"
is "$(snapshot)" "$before" "changes no file and no time stamp"

echo "# the reader changes a wired file's neighbourhood"
printf '\n/* mine */\n' >>"$tree/mm/Makefile"
fails "0003-" "a file that is wired and then edited is refused" "$ROOT/tools/kernel-tree"
fails "mm/Makefile" "the file is named" "$ROOT/tools/kernel-tree"
cp "$tree/.mhp-altmap/after/mm/Makefile" "$tree/mm/Makefile"
works "put back, it works" "$ROOT/tools/kernel-tree"

echo "# a tree that the wiring does not fit"
rm -rf "$tree/.mhp-altmap" && cp -r "$real/.mhp-altmap/before/." "$tree/"
sed -i 's/offline_and_remove_memory/something_else/' "$tree/mm/memory_hotplug.c"
sed -i 's/memory_blocks_have_altmaps(start, size);/memory_blocks_have_it(start, size);/' "$tree/mm/memory_hotplug.c"
before=$(snapshot)
fails "mm/memory_hotplug.c" "the file is named" "$ROOT/tools/kernel-tree"
fails "Linux 6.12." "and the version" "$ROOT/tools/kernel-tree"
is "$(snapshot)" "$before" "the tree is as it was"

rm -f "$tree/mm/hugetlb_vmemmap.c"
fails "has no mm/hugetlb_vmemmap.c" "a file is missing" "$ROOT/tools/kernel-tree"

sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 1/' "$tree/Makefile"
fails "there is wiring for" "a version without wiring" "$ROOT/tools/kernel-tree"

unset KERNEL_SRC
KERNEL=9.9 fails "no kernel source package for KERNEL=9.9" "no such package" "$ROOT/tools/kernel-tree"
finish
