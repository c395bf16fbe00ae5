#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel without the layer, and one without memory hotplug, build from the same files. All
# other configurations: make check-configs.
# needs: tree kernel
# kernels: all
. "$(dirname "$0")/../lib/host.sh"
export BUILD=${BUILD:-$ROOT/build}
configs() { "$ROOT/tools/check/configs" "$@"; }
for name in no-layer no-hotplug; do
	out=$(configs $name 2>&1) && grep -q "^ok 1 - $name: .*=n" <<<"$out" && ok "$name" ||
		not_ok "$name" "$out"
done
fails "there is no no-nmua" "a name that there is not" configs no-nmua
fails "nothing was chosen" "no seeds" env SEEDS=0 "$ROOT/tools/check/configs" seed-1
fails "another run is at work" "a second run" \
	flock "$BUILD/configs-$KERNEL.lock" "$ROOT/tools/check/configs" no-layer
finish
