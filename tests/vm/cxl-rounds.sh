#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Rounds of add, online, offline, remove: nothing adds up.
# vm: CXL=4G
# debug: CXL=1G
. /job/lib/guest.sh
setup_device
node=$(dax_node "$dax") size=$(dax_size "$dax")
structs=$((size / 64)) section=$((128 << 20))
head=$(((structs + section - 1) / section * section))
auto=block
[ $((head - structs)) -gt $structs ] || auto=range

round() { # POLICY ZONE
	set_policy "$dax" "$1" && kmem_bind "$dax" && [ "$(effective "$dax")" = "$1" ] &&
		first_memory "$dax" && online_blocks "$dax" "$2" && offline_blocks "$dax" &&
			kmem_unbind "$dax"
}

state() {
	echo "nr_memmap_pages $(vmstat nr_memmap_pages)"
	echo "ranges $(nr_ranges)"
	grep -E 'MemTotal|HardwareCorrupted' /proc/meminfo
	cat /sys/devices/system/node/{online,has_memory,has_normal_memory}
	ls $SYS_MEMORY
	cat /proc/iomem
}

# The first round of each kind fills caches.
round range online_movable; round block online_movable
settle
before=$(state) free=$(node_free_pages 0)
failed=0
# page_ext of a block that goes to a kernel zone is taken from the block before.
zones="online_movable online_kernel" rounds=10
if debug_kernel; then zones=online_movable rounds=2; fi
for i in $(seq $rounds); do
	for zone in $zones; do
		round range $zone || { failed=$((failed + 1)); echo "# round $i, $zone: failed"; }
	done
done
is $failed 0 "$rounds rounds of range, each $zones"
after=$(state)
is "$after" "$before" "counters, memory blocks and /proc/iomem are as before"
settle
lost="pages of DRAM lost"
if debug_kernel; then skip "$lost" "KASAN's quarantine and page_owner keep some"
else at_most $((free - $(node_free_pages 0))) 256 "$lost"; fi

echo "# policies one after the other on the same device"
for p in dram range block range dram block auto range; do
	works "$p" set_policy "$dax" $p
	kmem_bind "$dax"
	case $p in auto) expected=$auto ;; *) expected=$p ;; esac
	is "$(effective "$dax")" $expected "effective: $expected"
	works "online" online_blocks "$dax" online_movable
	case $expected in
	dram) usable=$size ;;
	block) usable=$((size - structs)) ;;
	range) usable=$((size - head)) ;;
	esac
	is "$(node_kib "$node" MemTotal)" $((usable / 1024)) "$p: usable memory"
	works "offline" offline_blocks "$dax"
	works "unbind" kmem_unbind "$dax"
done
is "$(state)" "$before" "and all is as before"
finish
