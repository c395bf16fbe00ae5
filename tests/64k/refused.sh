#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages of 64 KiB: sections of 512 MiB, whose memmap is 512 KiB and so no whole PMD.
# Neither block nor range can be had: both are refused and say so, auto is dram.
# vm: CXL=4G DRAM=2G
. /job/lib/guest.sh
is "$(page_size)" 65536 "pages of 64 KiB"
is "$(block_size)" $((512 << 20)) "memory blocks of 512 MiB"
setup_device
size=$(dax_size "$dax")
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)
is "$(memmap_figure "$dax" supported)" "dram" "what this kernel can do"

for p in range block; do
	echo "# $p"
	dmesg -C
	fails "Operation not supported" "$p is refused" set_policy "$dax" $p
	is "$(policy "$dax")" dram "$p: the policy is as before"
	is "$(effective "$dax") $(dax_blocks "$dax" | wc -l)" "none 0" "$p: nothing is added"
	reason="a section's memmap is not whole PMDs"
	[ $p = range ] || reason="a block's memmap is not whole PMDs and pageblocks"
	is "$(dmesg | grep -c "$reason")" 1 "$p: the log says why"
	is "$(cat /proc/iomem)" "$iomem" "$p: /proc/iomem is as before"
done

echo "# auto"
works "auto" set_policy "$dax" auto
works "bind" kmem_bind "$dax"
is "$(effective "$dax") $(dax_blocks "$dax" | wc -l)" "dram $((size >> 29))" "auto is dram"
is $((($(vmstat nr_memmap_pages) - memmap) * 65536)) $((size / 65536 * 64)) \
	"memmap: 64 bytes for each page"
works "online" online_blocks "$dax" online_movable
is "$(zone_field "$(dax_node "$dax")" Movable present)" $((size / 65536)) "all of it is present"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(vmstat nr_memmap_pages)" "$memmap" "nothing is left"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
