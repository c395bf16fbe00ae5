#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two ranges on one node, under movable_node: ZONE_NORMAL spans from head to head and must
# not become the default zone of what lies between. And where the kernel chooses zones by a
# ratio, with which one of them is in ZONE_MOVABLE and the other is not.
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

by_ratio() { # FIRST SECOND
	local usable whole zone d
	echo "# auto-movable: $1 is in ZONE_MOVABLE; it is removed, then $2"
	works "both are added" eval "kmem_bind $d1 && kmem_bind $d2"
	usable=$(memmap_figure "$1" usable)
	whole=$(dax_size "$1")
	works "ZONE_MOVABLE has room for one of them" auto_movable "$usable" $((2 * whole))
	for d in $1=Movable $2=Normal; do
		zone=${d#*=} d=${d%=*}
		works "$d: online" online_blocks "$d" online
		nothing "$(for b in $(dax_blocks "$d"); do
			grep -vx $zone $SYS_MEMORY/memory"$b"/valid_zones
		done)" "$d: each block is in ZONE_${zone^^}"
	done
	is "$(zone_field "$node" Movable present)" $((usable / 4096)) "no page more is movable"
	is "$(zone_field "$node" Normal present)" $((usable / 4096)) "nor of the kernel's"
	for d in "$1" "$2"; do
		works "offline $d" offline_blocks "$d"
		works "unbind $d" kmem_unbind "$d"
		nothing "$(awk '$4 != $5 || $6 != ($3 == $5)' $DEBUG/mhp_altmap_zones)" \
			"all zones are as a walk finds them"
	done
	is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $memmap" "nothing is left"
}
if debug_kernel; then
	skip "zones by a ratio" \
		"page_owner takes its memory from the kernel zone that is to go offline"
else
	modprobe mhp_altmap_calls
	by_ratio "$d1" "$d2"
	by_ratio "$d2" "$d1"
	write /sys/module/memory_hotplug/parameters/online_policy contig-zones
fi
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
