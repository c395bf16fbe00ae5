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
tar -C "$work" -cJf "$work/sources/linux-source-7.99.tar.xz" linux-source-7.99
# shellcheck disable=SC2016
with_sources() { # COMMAND ...
	env -u KERNELS BUILD="$work/build" CACHE= unshare --mount --propagation unchanged \
		sh -c 'mount --bind /usr/src "$0/real" && mount --bind "$0/sources" /usr/src &&
			exec "$@"' "$work" "$@"
}
refused="00[0-9]*-.*\.patch does not apply to Linux 7\.99\.1: .*: hunk at line [0-9]*"

fails "Renew wiring/" "make check-newest fails" with_sources tools/build/fits --newest

out=$(TESTS='unit/test_plan' with_sources tests/run 2>&1)
is $? 0 "a run of the tests does not"
is "$(grep -cx "ok 1 - Linux 7.99 # SKIP $refused" <<<"$out")" 1 \
	"patch, file and hunk are named in a line"
grep -qE '^[1-9][0-9]* passed, 0 failed, 1 skipped$' <<<"$out" && ok "which is counted" ||
	not_ok "which is counted" "$(tail -n 3 <<<"$out")"
finish
