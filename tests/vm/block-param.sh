#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Upstream's memory_hotplug.memmap_on_memory keeps its meaning, and captures
# nobody who asked for something else.
# vm: CXL=1G APPEND=memory_hotplug.memmap_on_memory=1
. /job/lib/guest.sh
load_cxl
modprobe kmem
modprobe mhp_altmap_calls
dax=$(create_region) || bail_out "no region"
wait_for_kmem "$dax"
dir=$(dax_dir "$dax") size=$(dax_size "$dax") node=$(dax_node "$dax")

is "$(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)" Y "the boot parameter is on"
is "$(policy "$dax") $(effective "$dax")" "block block" \
	"kmem took the device with upstream's default"
works "online" online_blocks "$dax" online_movable
is "$(node_kib "$node" MemTotal)" $(((size - size / 64) / 1024)) "1/64 is memmap"
is "$(nr_ranges)" 0 "it is no range"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"

echo "# kmem passes its flag on, and the default of the class comes before that"
works "mhp_altmap.cxl=dram" write "$(class_default cxl)" dram
is "$(policy "$dax") $(cat "$dir/memmap_on_memory")" "dram 1" "policy and flag"
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" dram "effective"
works "online" online_blocks "$dax" online_movable
is "$(node_kib "$node" MemTotal)" $((size / 1024)) "none of it is memmap"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
write "$(class_default cxl)" default

works "memmap_on_memory 0" write "$dir/memmap_on_memory" 0
is "$(policy "$dax")" dram "is dram"
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" dram "effective"
fails "Device or resource busy" "memmap_on_memory 1 while bound" write "$dir/memmap_on_memory" 1
works "memmap_on_memory 0 while bound changes nothing" write "$dir/memmap_on_memory" 0
works "unbind" kmem_unbind "$dax"
works "memmap_on_memory 1" write "$dir/memmap_on_memory" 1
is "$(policy "$dax")" block "is block"

for p in range dram block; do
	works "policy $p" set_policy "$dax" $p
	works "bind" kmem_bind "$dax"
	is "$(effective "$dax")" $p "effective"
	works "online" online_blocks "$dax" online_movable
	is "$(node_kib "$node" MemTotal)" $(($(memmap_figure "$dax" usable) / 1024)) \
		"all that is usable is online, and no more"
	works "offline" offline_blocks "$dax"
	works "unbind" kmem_unbind "$dax"
done

echo "# a caller that passes no flag gets DRAM, whatever the parameter says"
start=$(dax_start "$dax")
memmap=$(vmstat nr_memmap_pages)
works "add" write $DEBUG/mhp_altmap_calls "add $node $start $size dram"
is $(($(vmstat nr_memmap_pages) - memmap)) $((size / 64 / 4096)) "nr_memmap_pages"
is "$(nr_ranges)" 0 "no range"
works "remove" write $DEBUG/mhp_altmap_calls "remove $start $size"
is "$(vmstat nr_memmap_pages)" "$memmap" "nr_memmap_pages is back"
finish
