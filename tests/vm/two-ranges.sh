#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two ranges on one node, under movable_node: ZONE_NORMAL spans from head to
# head and must not become the default zone of what lies between.
# vm: CXL='4G 4G' APPEND=movable_node
# debug: CXL='1G 1G'
. /job/lib/guest.sh
setup_two_devices
node=$(dax_node "$d1")
is "$(dax_node "$d2")" "$node" "both regions are on one node"
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)

both() { # FIRST SECOND
	works "policy range on both" eval "set_policy $d1 range && set_policy $d2 range"
	works "both are added" eval "kmem_bind $d1 && kmem_bind $d2"
	is "$(nr_ranges)" 2 "two ranges"
	for d in "$d1" "$d2"; do
		b=($(dax_blocks "$d"))
		is "$(cat $SYS_MEMORY/memory${b[0]}/valid_zones)" "Movable Normal" \
			"$d: the default zone of block ${b[0]} is Movable"
		works "$d: plain online" online_blocks "$d" online
		is "$(cat $SYS_MEMORY/memory${b[0]}/valid_zones)" Movable "$d: went to Movable"
	done
	is "$(zone_field "$node" Normal present)" 0 "ZONE_NORMAL has no pages"
	echo "# removal of $1, then $2"
	works "offline $1" offline_blocks "$1"
	works "unbind $1" kmem_unbind "$1"
	is "$(nr_ranges)" 1 "one range is left"
	is "$(range_field "$2" self_hosted)" "$(range_field "$2" sections)" "its memmap is whole"
	works "its head is online" has_bit "$(kpageflags $(($(dax_start "$2") / 4096)))" 32
	b=($(dax_blocks "$2"))
	works "its blocks still go offline and online" \
		eval "set_block ${b[2]} offline && set_block ${b[2]} online_movable"
	works "offline $2" offline_blocks "$2"
	works "unbind $2" kmem_unbind "$2"
	is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $memmap" "nothing is left"
}
both "$d1" "$d2"
both "$d2" "$d1"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
