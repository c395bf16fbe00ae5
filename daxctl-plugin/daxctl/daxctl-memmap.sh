#!/bin/bash -Ex
# SPDX-License-Identifier: GPL-2.0

rc=77
. $(dirname $0)/common

trap 'cleanup $LINENO' ERR

cleanup()
{
	trap - ERR
	printf "Error at line %d\n" "$1"
	# A namespace whose memory is in use can not be destroyed.
	[[ $daxdev ]] && "$DAXCTL" reconfigure-device -f -m devdax "$daxdev"
	[[ $saved_policy ]] && restore_online_policy
	[[ $testdev ]] && reset_dev
	exit $rc
}

find_testdev()
{
	local rc=77

	# The kmem driver is needed to change the device mode.
	if ! modinfo kmem; then
		# check if kmem is builtin
		if ! grep -qF "kmem" "/lib/modules/$(uname -r)/modules.builtin"; then
			printf "Unable to find kmem module\n"
			exit $rc
		fi
	fi

	# Before anything is destroyed: does this kernel have policies?
	if [[ ! -d /sys/module/mhp_altmap ]]; then
		do_skip "no memmap policies, skipping..."
	fi

	# find a victim device
	testbus="$ACPI_BUS"
	testdev=$("$NDCTL" list -b "$testbus" -Ni | jq -er '.[0].dev | .//""')
	if [[ ! $testdev  ]]; then
		printf "Unable to find a victim device\n"
		exit "$rc"
	fi
	printf "Found victim dev: %s on bus: %s\n" "$testdev" "$testbus"
}

setup_dev()
{
	local json

	test -n "$testbus"
	test -n "$testdev"

	"$NDCTL" destroy-namespace -f -b "$testbus" "$testdev"
	# 4GiB: enough for whole memory blocks after aligning start and end,
	# and no memmap policy would waste much of it. A namespace without
	# labels has the size that it has.
	json=$("$NDCTL" create-namespace -b "$testbus" -m devdax -fe "$testdev" -s 4G || \
		"$NDCTL" create-namespace -b "$testbus" -m devdax -fe "$testdev")
	testdev=$(jq -er '.dev' <<< "$json")
	test -n "$testdev"
	daxdev=$("$NDCTL" list -n "$testdev" -X | jq -er '.[].daxregion.devices[0].chardev')
	test -n "$daxdev"
}

reset_dev()
{
	"$NDCTL" destroy-namespace -f -b "$testbus" "$testdev"
}

save_online_policy()
{
	saved_policy="$(cat /sys/devices/system/memory/auto_online_blocks)"
}

unset_online_policy()
{
	echo "offline" > /sys/devices/system/memory/auto_online_blocks
}

restore_online_policy()
{
	echo "$saved_policy" > /sys/devices/system/memory/auto_online_blocks
}

daxctl_get()
{
	"$DAXCTL" list -d "$1" | jq -er ".[].$2 // \"none\""
}

expect()
{
	[[ $(daxctl_get "$1" mode) == "$2" ]]
	[[ $(daxctl_get "$1" memmap_policy) == "$3" ]]
	[[ $(daxctl_get "$1" memmap_effective) == "$4" ]]
}

expect_failure()
{
	: "This command is expected to fail:"
	if "$DAXCTL" reconfigure-device "$@"; then
		echo "reconfigure succeeded, expected failure"
		return 1
	fi
}

daxctl_test()
{
	local policy

	[[ $(daxctl_get "$daxdev" memmap_effective) == "none" ]]

	for policy in dram block range; do
		"$DAXCTL" reconfigure-device -N -m system-ram --memmap=$policy "$daxdev"
		expect "$daxdev" system-ram $policy $policy
		# once more: nothing to do
		"$DAXCTL" reconfigure-device -N -m system-ram -M $policy "$daxdev"
		"$DAXCTL" reconfigure-device -m devdax "$daxdev"
		expect "$daxdev" devdax $policy none
	done

	# without --memmap, the policy stays
	"$DAXCTL" reconfigure-device -m system-ram "$daxdev"
	expect "$daxdev" system-ram range range
	[[ $(daxctl_get "$daxdev" online_memblocks) == $(daxctl_get "$daxdev" total_memblocks) ]]

	# nothing of a device that is in use changes
	expect_failure -m system-ram --memmap=block "$daxdev"
	expect "$daxdev" system-ram range range
	"$DAXCTL" reconfigure-device -f -m devdax "$daxdev"

	# nor does anything else that is refused change
	expect_failure -m system-ram --memmap=bogus "$daxdev"
	expect_failure -m devdax --memmap=block "$daxdev"
	expect "$daxdev" devdax range none
}

find_testdev
setup_dev
rc=1
# these tests need to run with kernel onlining policy turned off
save_online_policy
unset_online_policy
daxctl_test
restore_online_policy
reset_dev
exit 0
