#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# HVO of an expander whose memmap is in DRAM: huge pages give theirs away, and have it back
# when they are freed, each struct page as it was.
# x86: HVO is for x86 here
# vm: CXL=1G DRAM=2G APPEND=hugetlb_free_vmemmap=on
# debug: CXL=512M DRAM=2G APPEND=hugetlb_free_vmemmap=on
. /job/lib/guest.sh
setup_device
pages=200
! debug_kernel || pages=50
works "policy dram" set_policy "$dax" dram
works "added" kmem_bind "$dax"
works "online" online_blocks "$dax" online_movable
pool=/sys/devices/system/node/node$(dax_node "$dax")/hugepages/hugepages-2048kB/nr_hugepages
memmap_pages() { echo $(($(vmstat nr_memmap_boot_pages) + $(vmstat nr_memmap_pages))); }
# Bit 17 is "huge".
huge_pages() {
	od -An -v -w8 -tx8 -j $(($(dax_start "$dax") / 512)) -N $(($(dax_size "$dax") / 512)) \
		/proc/kpageflags | grep -cE '[2367abef].{4}$'
}
before=$(memmap_pages)
for round in 1 2; do
	echo $pages >"$pool"
	is "$(<"$pool")" $pages "$round: huge pages"
	is $((before - $(memmap_pages))) $((pages * 7)) "$round: of each, 7 pages are given away"
	is "$(huge_pages)" $((pages * 512)) "$round: struct pages of huge pages"
	echo 0 >"$pool"
	is "$(memmap_pages)" "$before" "$round: all have them back"
	# Linux 6.12 restored tails as copies of the head.
	is "$(huge_pages)" 0 "$round: no struct page is that of a huge page any more"
done
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
finish
