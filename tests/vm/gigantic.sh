#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 1 GiB pages on a range device, with HVO asked for: none of its memmap may be
# given away. And memory that cannot move fails cleanly.
# vm: CXL=8G DRAM=4G APPEND=hugetlb_free_vmemmap=on
. /job/lib/guest.sh
# Memory that can go offline again for certain, where 1 GiB pages can be allocated from it.
zone=online_kernel
if [ -e /proc/sys/vm/movable_gigantic_pages ]; then
	zone=online_movable
	write /proc/sys/vm/movable_gigantic_pages 1
fi
setup_range $zone
node=$(dax_node "$dax")
sections=$(range_field "$dax" sections)
huge=/sys/devices/system/node/node$node/hugepages

hvo=1; [ "$(uname -m)" = x86_64 ] || hvo=
if [ -z $hvo ]; then skip "HVO is on" "this architecture has none"
else is "$(cat /proc/sys/vm/hugetlb_optimize_vmemmap)" 1 "HVO is on"; fi
possible=$(gigantic_possible "$dax")
at_least "$possible" 6 "1 GiB pages are possible"
memmap=$(vmstat nr_memmap_pages)
is "$(gigantic_allocate "$node" 20)" "$possible" "and all of them can be allocated"
is "$(range_field "$dax" self_hosted)" "$sections" "the memmap stays in the range"
is "$(vmstat nr_memmap_pages)" "$memmap" "none of it was given away"

echo "# a block that cannot be emptied: a 1 GiB page in use has nowhere to go"
is "$(gigantic_allocate "$node" 0)" 0 "all are freed"
is "$(gigantic_allocate "$node" 1)" 1 "one is left"
mkdir -p /mnt/huge
mount -t hugetlbfs -o pagesize=1G none /mnt/huge
# The only 1 GiB page there is. No numactl: what the kernel allocates for a process
# (slab, page tables) follows that process's policy, and would pin a block.
works "it is in use" fallocate -l 1G /mnt/huge/page
gib=$((1 << 30)) bs=$(block_size)
# Which one is it? Its head page is the one that kpageflags calls huge (17).
for ((g = $(dax_start "$dax") / gib; g * gib < $(dax_start "$dax") + $(dax_size "$dax"); g++)); do
	! has_bit "$(kpageflags $((g * gib / 4096)))" 17 || break
done
b=$((g * gib / bs + 3))
# The kernel would not stop trying; a signal ends that, and undoes it.
failed=$(vmstat pgmigrate_fail)
tried() { [ "$(vmstat pgmigrate_fail)" -gt "$failed" ]; }
fails "Interrupted system call" "block $b: an offline that cannot succeed is killed" \
	interrupted "$SYS_MEMORY/memory$b/state" offline tried
works "after it was tried" tried
is "$(block_state $b)" online "it is online as before"
is "$(stat -c %s /mnt/huge/page)" $gib "the page is there"
works "another block goes offline and online meanwhile" \
	eval "set_block $((b + 16)) offline && set_block $((b + 16)) $zone"
rm /mnt/huge/page
umount /mnt/huge
is "$(gigantic_allocate "$node" 0)" 0 "the page is freed"
works "now the block goes offline" set_block $b offline
works "and online" set_block $b $zone
is "$(gigantic_allocate "$node" 20)" "$possible" "and all 1 GiB pages can be allocated again"
gigantic_allocate "$node" 0 >/dev/null

echo "# 2 MiB pages"
echo 1000 >$huge/hugepages-2048kB/nr_hugepages
is "$(cat $huge/hugepages-2048kB/nr_hugepages)" 1000 "1000 pages"
is "$(range_field "$dax" self_hosted)" "$sections" "the memmap stays in the range"
echo 0 >$huge/hugepages-2048kB/nr_hugepages
is "$(vmstat nr_memmap_pages)" "$memmap" "none of it was given away"

echo "# HVO still works for other memory"
memmap_pages() { echo $(($(vmstat nr_memmap_boot_pages) + $(vmstat nr_memmap_pages))); }
before=$(memmap_pages)
echo 200 >/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages
gave="node 0 gave 7 pages of memmap for each of 200 pages"
if [ -z $hvo ]; then skip "$gave" "this architecture has no HVO"
else is $((before - $(memmap_pages))) $((200 * 7)) "$gave"; fi
echo 0 >/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages

echo "# removal"
works "all blocks go offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(nr_ranges)" 0 "the range is gone"
finish
