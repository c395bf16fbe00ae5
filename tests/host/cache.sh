#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel is taken from the cache if all that goes into it is the same to the byte, and is
# built if anything differs. Instead of building, a copy of the project says that it would.
# needs:
. "$(dirname "$0")/../lib/host.sh"
src=$work/src
mkdir "$src"
cp -r "$ROOT"/{Kconfig,config,docs,drivers,include,lib,samples,tests,tools,wiring} "$src"
cat >"$src/tools/build/kernel-tree" <<'END'
#!/bin/sh
[ "${1:-}" = --pristine ] && exit
echo "it would be built" >&2
exit 1
END
export BUILD=$work/build CACHE=$work/cache KERNEL=6.12 FLAVOUR=test ARCH=''
mkdir "$BUILD"
kernel_build() { "$src/tools/build/kernel-build" "$@"; }
key() { kernel_build --key 2>&1; }
keep() { # KEY: something in the place of a kernel
	mkdir -p "$work/kept"
	echo "a kernel" >"$work/kept/image"
	sh -c '. "${0%/*}/../common.sh" && . "${0%/*}/cache.sh" && cache_keep "$@"' \
		"$src/tools/build/kernel-build" kernel-6.12-test "$1" "$work/kept"
}
in_cache() { rm -rf "$BUILD/kernel-6.12-test"; kernel_build >"$work/log" 2>&1; }

mkdir "$work/half"
printf '#!/bin/sh\n%s "$@"\nexit 1\n' "$(command -v tar)" >"$work/half/tar"
chmod +x "$work/half/tar"
PATH=$work/half:$PATH keep 0123 2>"$work/log"
is "$(ls "$CACHE/built") $(grep -c 'could not keep' "$work/log")" " 1" \
	"what tar could not read to its end is not kept"

first=$(key)
[[ $first =~ ^[0-9a-f]{32}$ ]] && ok "a kernel has a key" || bail_out "no key: $first"
is "$(key)" "$first" "the same one each time"
fails "it would be built" "nothing is cached" kernel_build
keep "$first"
works "a kernel of that key is taken" in_cache
is "$(cat "$BUILD/kernel-6.12-test/image")" "a kernel" "it is what was kept"
is "$(grep -c 'is in the cache' "$work/log")" 1 "and the log says so"

differs() { # DESCRIPTION FILE COMMAND ...: after which the key must be another
	local desc=$1 file=$2
	shift 2
	cp -p "$src/$file" "$work/saved"
	"$@" "$src/$file"
	cmp -s "$src/$file" "$work/saved" && not_ok "$desc" "$file was not changed"
	fails "it would be built" "$desc" in_cache_or_log
	[ ! -e "$BUILD/kernel-6.12-test/image" ] || not_ok "$desc: it was taken"
	cp -p "$work/saved" "$src/$file"
	in_cache || not_ok "$desc: put back, it is not taken" "$(cat "$work/log")"
}
in_cache_or_log() { in_cache || { cat "$work/log"; return 1; }; }
one_line() { sed -i '0,/^{/s//{\n/' "$1"; }
one_blank() { printf ' ' >>"$1"; }
differs "one line more in lib/range.c" lib/range.c one_line
differs "one blank in a comment of a header" include/linux/mhp_altmap.h sed -i '0,/^ \* /s// *  /'
differs "one blank in a driver" drivers/dax/memmap.c one_blank
differs "one blank in the sample" samples/mhp_altmap_pci.c one_blank
patch=$(cd "$src" && ls wiring/linux-6.12/*.patch | head -n 1)
differs "one blank in the wiring" "$patch" one_blank
differs "one option less" config/base.config sed -i '$d'
differs "the way it is built" tools/build/kernel-build one_blank
differs "files that tests take" tests/vm/kunit.sh sed -i '2a # file: @tree/README'
# The wiring of another kernel, documentation and tests are in no kernel.
for file in docs/design.md tests/vm/policy.sh wiring/linux-7.3/config; do
	one_blank "$src/$file"
	works "one blank in $file: it is taken" in_cache
done

FLAVOUR=debug; fails "it would be built" "another flavour" kernel_build; FLAVOUR=test
KBUILD_BUILD_HOST=other fails "it would be built" "another host in its version" in_cache_or_log
mkdir "$work/bin"
{ cat "$(command -v ld)"; echo; } >"$work/bin/ld"
chmod +x "$work/bin/ld"
PATH=$work/bin:$PATH fails "it would be built" "a linker with one byte more" in_cache_or_log

# A tree that somebody edits is built, whatever the cache has.
mkdir -p "$BUILD/linux-6.12/mm/mhp_altmap" "$BUILD/linux-6.12/.mhp-altmap"
touch -d yesterday "$BUILD/linux-6.12/mm/slub.c"
touch -d '1 hour ago' "$BUILD/linux-6.12/.unpacked"
echo mm/mhp_altmap/range.c >"$BUILD/linux-6.12/.mhp-altmap/ours"
touch "$BUILD/linux-6.12/mm/mhp_altmap/range.c"
works "a tree as the wiring left it" in_cache
touch "$BUILD/linux-6.12/mm/slub.c"
fails "it would be built" "a tree with an edit" in_cache_or_log
fails "only an unedited tree" "it has no key" kernel_build --key
fails "mm/slub.c was edited" "tests refuse it" kernel_build --pristine
rm -r "$BUILD/linux-6.12"

# What is damaged is not taken.
archive=$(echo "$CACHE"/built/kernel-6.12-test-*.tar.zst)
truncate -s -20 "$archive"
fails "could not unpack" "a damaged archive" in_cache_or_log
fails "it would be built" "is built instead" in_cache_or_log
CACHE='' fails "it would be built" "without a cache" in_cache_or_log
finish
