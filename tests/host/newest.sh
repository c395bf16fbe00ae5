#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian replaces its newest kernel by one that the wiring does not fit: it is one skipped
# test point that names what was refused, and only 'make check-newest' fails.
# needs:
. "$(dirname "$0")/../lib/host.sh"
cd "$ROOT" || exit 1

# Packages as they would be: the first kernel's, and a newer one that is all different.
mkdir -p "$work/sources" "$work/real" "$work/linux-source-7.99"
ln -s "$work/real/linux-source-6.12.tar.xz" "$work/sources"
printf 'VERSION = 7\nPATCHLEVEL = 99\nSUBLEVEL = 1\n' >"$work/linux-source-7.99/Makefile"
cat wiring/linux-7.3/*.patch | sed -n 's,^+++ b/,,p' | sort -u | while read -r file; do
	mkdir -p "$work/linux-source-7.99/$(dirname "$file")"
	echo "nothing of the kind" >"$work/linux-source-7.99/$file"
done
pack() { # VERSION
	tar -C "$work" -cJf "$work/sources/linux-source-$1.tar.xz" "linux-source-$1"
}
pack 7.99
# shellcheck disable=SC2016
with_sources() { # COMMAND ...
	env -u KERNELS BUILD="$work/build" CACHE= unshare --mount --propagation unchanged \
		sh -c 'mount --bind /usr/src "$0/real" && mount --bind "$0/sources" /usr/src &&
			exec "$@"' "$work" "$@"
}
refused="00[0-9]*-.*\.patch does not apply to Linux 7\.99\.1: .*: hunk at line [0-9]*"

fails "Renew wiring/" "what is newer does not fit" with_sources tools/build/fits --newest

echo "# make check-newest: Debian has a newer one than the toolbox"
mkdir -p "$work/deb/DEBIAN" "$work/deb/usr/src" "$work/repo" "$work/none"
cp "$work/sources/linux-source-7.99.tar.xz" "$work/deb/usr/src"
printf '%s\n' "Package: linux-source-7.99" "Version: 7.99.1-1" "Architecture: all" \
	"Maintainer: nobody <nobody@localhost>" "Description: none" >"$work/deb/DEBIAN/control"
dpkg-deb -b "$work/deb" "$work/repo/k.deb" >/dev/null
{
	cat "$work/deb/DEBIAN/control"
	echo "Filename: ./k.deb"
	echo "Size: $(stat -c %s "$work/repo/k.deb")"
	echo "SHA256: $(sha256sum <"$work/repo/k.deb" | cut -d' ' -f1)"
} >"$work/repo/Packages"
# shellcheck disable=SC2016
newest() { # LINE-OF-SOURCES
	echo "$1" >"$work/list"
	env -u KERNELS BUILD="$work/build" CACHE= unshare --mount --propagation unchanged \
		sh -c 'mount --bind "$0/list" /etc/apt/sources.list &&
			mount --bind "$0/none" /etc/apt/sources.list.d &&
			exec tools/build/newest' "$work"
}
fails "Renew wiring/" "it is fetched, and does not fit" \
	newest "deb [trusted=yes] file:$work/repo ./"
newest "deb [trusted=yes] file:$work/nowhere ./" >"$work/out" 2>&1
is "$(grep -c 'this is about those in the toolbox' "$work/out")" 1 \
	"or cannot be asked: which is said"
nothing "$(ls -d "$work"/build/newest.* 2>/dev/null)" "nothing is left"

out=$(TESTS='unit/test_plan' with_sources tests/run 2>&1)
is $? 0 "a run of the tests does not"
is "$(grep -cx "ok 1 - Linux 7.99 # SKIP $refused" <<<"$out")" 1 \
	"patch, file and hunk are named in a line"
grep -qE '^[1-9][0-9]* passed, 0 failed, 1 skipped$' <<<"$out" && ok "which is counted" ||
	not_ok "which is counted" "$(tail -n 3 <<<"$out")"

fits() { with_sources tools/build/fits "$@"; }
fits 7.99 >/dev/null 2>&1
is $? 3 "the exit status of a refusal"
rm "$work/linux-source-7.99/mm/memory_hotplug.c"
pack 7.99
is "$(fits 7.99 2>&1) $?" "Linux 7.99.1 has no mm/memory_hotplug.c, which $(
	grep -lxF '+++ b/mm/memory_hotplug.c' wiring/linux-7.3/*.patch | sed '1!d;s,.*/,,'
	) changes 3" "a file that is not there is one, too"
sed -i 's/VERSION = 7/VERSION = 77/' "$work/linux-source-7.99/Makefile"
pack 7.99
out=$(fits 7.99 2>&1)
is $? 3 "and so is another major version"
[[ $out == *"this is Linux 77.99.1"* ]] && ok "which is named" || not_ok "which is named" "$out"

echo "# what is no refusal"
made_for=$(<wiring/linux-7.3/made-for)
mv "$work/linux-source-7.99" "$work/linux-source-7.3"
sed -i "s/VERSION = 77/VERSION = 7/; s/PATCHLEVEL = .*/PATCHLEVEL = 3/
	s/SUBLEVEL = .*/SUBLEVEL = ${made_for##*.}/" "$work/linux-source-7.3/Makefile"
pack 7.3
works "the kernel that the wiring was made for is not left out: its build fails" fits 7.3
truncate -s 1000 "$work/sources/linux-source-7.99.tar.xz"
fits 7.99 >/dev/null 2>&1
is $? 1 "a package that is damaged"
out=$(TESTS='unit/test_plan' with_sources tests/run 2>&1)
[ $? != 0 ] && ok "ends a run of the tests" || not_ok "ends a run of the tests" "$out"
[[ $out != *SKIP* ]] && ok "and is no skip" || not_ok "and is no skip" "$out"
finish
