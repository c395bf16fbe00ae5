#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Several regions of sizes that are no multiple of 8 GiB, one behind the other,
# so that their bases are aligned to 256 MiB only.
# vm: CXL='256M 1G 3G 12544M' APPEND='mhp_altmap.cxl=range'
. /job/lib/guest.sh
load_cxl
modprobe kmem
MiB=$((1 << 20)) GiB=$((1 << 30)) section=$((128 << 20))
is "$(cat "$(class_default cxl)")" range "mhp_altmap.cxl, from the command line"
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)

devices=()
add_device() { # MiB: sets dax
	local mem
	mem=$(cxl list -M | jq -r ".[] | select(.ram_size == $(($1 * MiB))).memdev")
	dax=$(create_region "$mem") || bail_out "no region of $1 MiB"
	wait_for_kmem "$dax"
	devices+=("$dax")
}
for mib in 256 1024 3072 12544; do
	add_device $mib
	size=$((mib * MiB)) start=$(dax_start "$dax")
	head=$(((size / 64 + section - 1) / section * section))
	echo "# $mib MiB at $(printf %#x "$start")"
	is "$(effective "$dax")" range "range"
	is $((start % (256 * MiB))) 0 "aligned to 256 MiB"
	is "$(memmap_figure "$dax" head)" $head "the head is whole sections"
	is "$(memmap_figure "$dax" waste)" $((head - size / 64)) "waste"
	is "$(memmap_figure "$dax" usable)" $((size - head)) "usable"
	is "$(range_field "$dax" self_hosted)" $((mib / 128)) "all of the memmap is in it"
	# By arithmetic of our own: whole GiB between the end of the head and that of the range.
	from=$(((start + head + GiB - 1) / GiB)) to=$(((start + size) / GiB))
	is "$(memmap_figure "$dax" gigantic_pages)" $((to > from ? to - from : 0)) "1 GiB pages"
	is "$(dax_blocks "$dax" | wc -l)" $(((size - head) / section)) "memory blocks"
done
is "$(nr_ranges)" 4 "four ranges"
is $(($(dax_start "${devices[1]}") % GiB != 0)) 1 "at least one base is not aligned to 1 GiB"

echo "# auto, by its rule"
for i in 0 1 2 3; do
	dax=${devices[i]} want=block
	[ $i != 3 ] || want=range
	kmem_unbind "$dax"
	works "auto" set_policy "$dax" auto
	works "bind" kmem_bind "$dax"
	is "$(effective "$dax")" $want "$(($(dax_size "$dax") / MiB)) MiB: $want"
	kmem_unbind "$dax"
	set_policy "$dax" range
	kmem_bind "$dax"
done

echo "# all of them online, on one node"
node=$(dax_node "${devices[0]}") usable=0
for dax in "${devices[@]}"; do
	online_blocks "$dax" online_movable || not_ok "$dax does not go online"
	usable=$((usable + $(memmap_figure "$dax" usable)))
done
is "$(node_kib "$node" MemTotal)" $((usable / 1024)) "all usable memory is there"

echo "# and gone, from the middle out"
for i in 1 2 0 3; do
	region=${devices[i]%.*}
	works "${devices[i]} goes" cxl destroy-region -f "${region/dax/region}"
done
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"

echo "# once more, in a kernel zone"
devices=() possible=0
for mib in 256 1024 3072 12544; do
	add_device $mib
	# The first one has no 1 GiB page, and is movable: what the kernel keeps for a node is
	# taken from what is its first, and could not go offline any more in a kernel zone.
	zone=online_kernel; [ $mib != 256 ] || zone=online_movable
	online_blocks "$dax" $zone || not_ok "$dax does not go online"
	possible=$((possible + $(memmap_figure "$dax" gigantic_pages)))
done
is "$(node_kib "$node" MemTotal)" $((usable / 1024)) "all usable memory is there"
is "$(gigantic_allocate "$node" 100)" $possible "all possible 1 GiB pages can be allocated"
gigantic_allocate "$node" 0 >/dev/null
for i in 1 2 0 3; do
	dax=${devices[i]}
	works "$dax goes offline" offline_blocks "$dax"
	region=${dax%.*}
	works "$dax goes" cxl destroy-region -f "${region/dax/region}"
done
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
finish
