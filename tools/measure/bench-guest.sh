#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guest's part of the benchmark: with each policy, add a device, online it, take it
# offline, remove it. Prints "POLICY STEP MICROSECONDS", by the guest's clock.
#
#	tools/measure/bench-guest.sh ROUNDS
. /job/lib/guest.sh

fail() { echo "error: policy $policy: $*" >&2; exit 1; }
step() { # STEP COMMAND ...
	local start=${EPOCHREALTIME/./}
	"${@:2}" || fail "$1 failed"
	echo "$policy $1 $((${EPOCHREALTIME/./} - start))"
}

setup_device
for ((round = 1; round <= $1; round++)); do
	for policy in dram block range; do
		set_policy "$dax" $policy || fail "not accepted"
		settle
		step add kmem_bind "$dax"
		[ "$(effective "$dax")" = $policy ] || fail "$(effective "$dax") instead"
		step online online_blocks "$dax" online_movable
		step offline offline_blocks "$dax"
		step remove kmem_unbind "$dax"
	done
done
