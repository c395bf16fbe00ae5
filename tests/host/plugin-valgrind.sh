#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Some of tests/host/plugin.sh with valgrind, on the command as it is shipped.
# needs: plugin
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP the recordings are of x86-64"; exit 0; }
[ -x "$BUILD/plugin/daxctl-memmap" ] || bail_out "build it first: make -C daxctl-plugin DOCS=0"
no_mount_namespace && { echo "1..0 # SKIP no mount namespace can be made here"; exit 0; }

for t in cxl-range pmem-dev; do
	for c in "list" "plan --json all" "verify all" \
		"check-config -c daxctl-plugin/tests/config"; do
		transcript "$t" "$c" valgrind --quiet --vgdb=no --error-exitcode=99 \
			--leak-check=full \
			--suppressions="$TESTS_DIR/valgrind.supp" "$BUILD/plugin/daxctl-memmap"
		golden "valgrind: $t: $c" "$t" "$c"
	done
done
finish
