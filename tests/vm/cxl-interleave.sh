#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A region that is interleaved over two devices behind two host bridges. QEMU
# emulates each access to it: small devices.
# vm: CXL='512M 512M' INTERLEAVE=1
. /job/lib/guest.sh
load_cxl
modprobe kmem
write "$(class_default cxl)" range
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
is "$(cxl list -M | jq length)" 2 "two memory devices"
# Which of them is mem0 is chance; positions are those of the window's bridges.
read -ra mems < <(cxl list -M | jq -r '[sort_by(.serial)[].memdev] | join(" ")')
region=$(cxl create-region -t ram -d decoder0.0 -w 2 -m "${mems[@]}" 2>/tmp/err | jq -re .region) ||
	bail_out "no region: $(cat /tmp/err)"
dax=dax${region#region}.0
wait_for_kmem "$dax" || bail_out "no dax device"
is "$(cxl list -R | jq '.[0].interleave_ways')" 2 "interleaved"
is "$(dax_size "$dax")" $((1 << 30)) "1 GiB"
is "$(effective "$dax")" range "policy range"
is "$(range_field "$dax" self_hosted)" 8 "all 8 sections have their memmap in the range"
b=($(dax_blocks "$dax"))
is ${#b[@]} 7 "7 memory blocks"
works "a block goes online" set_block "${b[0]}" online_movable
node=$(dax_node "$dax")
is "$(zone_field "$node" Movable present)" 32768 "its pages are present"
works "and offline" set_block "${b[0]}" offline
works "destroy-region" cxl destroy-region -f "$region"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
