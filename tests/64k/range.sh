#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pages of 64 KiB: sections of 512 MiB, whose memmap is 512 KiB. The kernel populates it by
# pages there, so that a range can have it at its head; but it is no whole PMD, and so no
# memory block can: that is refused and says so. auto is dram here, as a head of a whole
# section would waste 504 MiB.
# vm: CXL=8G DRAM=2G
. /job/lib/guest.sh
page=$(page_size) bs=$(block_size)
is "$page" 65536 "pages of 64 KiB"
is "$bs" $((512 << 20)) "memory blocks of 512 MiB"
setup_device
size=$(dax_size "$dax") start=$(dax_start "$dax") node=$(dax_node "$dax")
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)
structs=$((size / page * 64)) sections=$((size / bs))
is "$(memmap_figure "$dax" supported)" "dram range" "what this kernel can do"
as_before() { # POLICY
	is "$(vmstat nr_memmap_pages)" "$memmap" "$1: nothing is left"
	is "$(cat /proc/iomem)" "$iomem" "$1: /proc/iomem is as before"
}

echo "# block"
dmesg -C
fails "Operation not supported" "block is refused" set_policy "$dax" block
is "$(policy "$dax")" dram "block: the policy is as before"
is "$(effective "$dax") $(dax_blocks "$dax" | wc -l)" "none 0" "block: nothing is added"
is "$(dmesg | grep -c "a block's memmap is not whole PMDs and pageblocks")" 1 \
	"block: the log says why"
as_before block

for p in dram auto range; do
	echo "# $p"
	want=$p head=0; [ $p != auto ] || want=dram
	[ $p != range ] || head=$bs
	free=$(node_free_pages 0)
	works "$p" set_policy "$dax" $p
	works "$p: bind" kmem_bind "$dax"
	is "$(effective "$dax") $(dax_blocks "$dax" | wc -l)" \
		"$want $((sections - head / bs))" "$p: it is $want, and has its blocks"
	is $((($(vmstat nr_memmap_pages) - memmap) * page)) $structs "$p: 64 bytes for each page"
	echo "# $((free - $(node_free_pages 0))) pages of DRAM taken"
	if [ $p = range ]; then
		is "$(range_field "$dax" head) $(range_field "$dax" altmap_pages)" \
			"$head $((structs / page))" "a section is head, and the memmap in it"
		is "$(range_field "$dax" self_hosted)" $sections \
			"by the page tables, the memmap of every section lies in the head"
		for pfn in $((start / page)) $(((start + head) / page - 1)); do
			has_bit "$(kpageflags $pfn)" 32 && ok "pfn $pfn: online, reserved" ||
				not_ok "pfn $pfn: online, reserved"
		done
		pfn_offline $(((start + head) / page)) && ok "the first usable pfn is offline" ||
			not_ok "the first usable pfn is offline"
	fi
	works "$p: online" online_blocks "$dax" online_movable
	is "$(zone_field "$node" Movable present)" $(((size - head) / page)) "$p: it is present"
	works "$p: a program has 64 MiB of it" numactl --membind="$node" \
		awk 'BEGIN { s = "x"; while (length(s) < 2^26) s = s s }'
	works "$p: offline" offline_blocks "$dax"
	works "$p: unbind" kmem_unbind "$dax"
	as_before $p
done
finish
