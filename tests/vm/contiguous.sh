#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# zone->contiguous, which compaction goes by, is counted and not looked for: it is the same
# as what a walk over every page finds, whatever went online or offline before.
# vm: CXL='2G 2G' APPEND=movable_node
# debug: CXL='1G 1G'
. /job/lib/guest.sh
setup_two_devices
modprobe mhp_altmap_calls || bail_out "no module of calls"
node=$(dax_node "$d1")
zones() { cat $DEBUG/mhp_altmap_zones; }
# Of each zone: is the count right, and is it contiguous if all that it spans is its own?
zones_agree() { # DESCRIPTION
	local bad
	bad=$(zones | awk '$4 != $5 || $6 != ($3 == $5)')
	is "${bad:-none}" none "$1: all zones are as a walk finds them"
}
# Whether a zone of the device's node is contiguous: 1, 0, or nothing if it spans nothing.
contiguous() { zones | awk -v node="$node" -v zone="$1" '$1 == node && $2 == zone { print $6 }'; }

boot=$(zones)
zones_agree "after boot"
at_least "$(echo "$boot" | awk '$6' | wc -l)" 1 "some zone is contiguous"

for policy in dram block range; do
	echo "# $policy"
	works "$policy: both are added" eval "set_policy $d1 $policy && set_policy $d2 $policy &&
		kmem_bind $d1 && kmem_bind $d2"
	zones_agree "$policy: added"
	b1=($(dax_blocks "$d1")) b2=($(dax_blocks "$d2"))
	last=$((${#b1[@]} - 1))

	works "$policy: first and last block" \
		eval "set_block ${b1[0]} online_movable && set_block ${b1[last]} online_movable"
	zones_agree "$policy: a hole in the zone"
	is "$(contiguous Movable)" 0 "$policy: which is not contiguous"
	works "$policy: the rest" online_blocks "$d1" online_movable
	zones_agree "$policy: no hole"
	is "$(contiguous Movable)" 1 "$policy: which is"
	works "$policy: a middle block offline" set_block "${b1[last / 2]}" offline
	zones_agree "$policy: a hole again"
	is "$(contiguous Movable)" 0 "$policy: which is not contiguous any more"
	works "$policy: the first, offline" set_block "${b1[0]}" offline
	zones_agree "$policy: the zone starts later"

	echo "# $policy: zones that interleave"
	if debug_kernel; then
		# Debug options have data in a kernel zone as soon as there is one, for good.
		skip "$policy: a kernel zone around a movable one" "its memory would have to stay"
	else
		works "$policy: the first block, for the kernel" set_block "${b1[0]}" online_kernel
		works "$policy: one of the other device, too" set_block "${b2[1]}" online_kernel
		zones_agree "$policy: a kernel zone around a movable one"
		is "$(contiguous Normal)" 0 "$policy: the kernel zone is not contiguous"
	fi
	works "$policy: the other device" online_blocks "$d2" online_movable
	zones_agree "$policy: all online"

	echo "# $policy: both go, in one order and the other"
	write $DEBUG/mhp_altmap_calls "stay $((b2[last] * $(block_size)))"
	fails "resource busy" "$policy: a block that has to stay" set_block ${b2[last]} offline
	zones_agree "$policy: it stays"
	write $DEBUG/mhp_altmap_calls "stay 0"
	first=$d1 second=$d2
	[ $policy != block ] || first=$d2 second=$d1
	works "$policy: offline $first" offline_blocks $first
	zones_agree "$policy: $first is offline"
	works "$policy: unbind $first" kmem_unbind $first
	zones_agree "$policy: $first is gone"
	works "$policy: offline $second" offline_blocks $second
	works "$policy: unbind $second" kmem_unbind $second
	zones_agree "$policy: both are gone"
	is "$(zones)" "$boot" "$policy: nothing is left"
done
finish
