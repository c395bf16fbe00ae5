#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/release/docs makes a man page of each comment, and fails if one is incomplete.
# needs: tree
. "$(dirname "$0")/../lib/host.sh"
real=${BUILD:-$ROOT/build}/linux-${KERNEL:-6.12}

# A copy of what it reads, of the real tree what the wiring touches, before us.
src=$work/src tree=$work/tree
mkdir -p "$src" "$tree"
cp -r "$ROOT"/{Kconfig,tools,lib,include,drivers,wiring,docs} "$src"
mkdir "$src/tests" && cp -r "$ROOT/tests/kselftest" "$src/tests"
cp -r "$real/Makefile" "$real/scripts" "$real/.mhp-altmap/before/." "$tree/"
# Newer kernels have their tools for documentation here.
for dir in tools/docs tools/lib/python; do
	[ -d "$real/$dir" ] || continue
	mkdir -p "$tree/$(dirname "$dir")"
	cp -r "$real/$dir" "$tree/$dir"
done
export KERNEL_SRC=$tree BUILD=$work/build
docs() { "$src/tools/release/docs"; }

works "as it is" docs
for page in mhp_altmap_add_memory mhp_altmap_setup mhp_memmap_plan "struct mhp_memmap_plan"; do
	[ -s "$BUILD/docs/man/$page.9" ] && ok "$page(9)" ||
		not_ok "$page(9)" "$(ls "$BUILD/docs/man")"
done

broken() { # SED-COMMAND FILE TEXT-OF-ERROR DESCRIPTION
	sed -i "$1" "$src/$2"
	cmp -s "$src/$2" "$ROOT/$2" && not_ok "$4" "the comment was not found"
	fails "$3" "$4" docs
	cp "$ROOT/$2" "$src/$2"
}
broken '/^ \* @waste:/d' include/linux/mhp_memmap.h "'waste' not described" \
	"a member without a word"
broken '/^ \* @mhp_flags:/d' lib/driver.c "'mhp_flags' not described" "a parameter without a word"
broken '/^ \* Return:/d' lib/machine.c "return value" "a return value without a word"
broken 's/^ \* @geo:/ * @geometry:/' lib/machine.c "'geometry'" "a word for what is not there"
works "put back, it is as it was" docs
finish
