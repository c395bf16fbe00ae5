#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap why-busy: what it says of a device's memory is what is put there: files,
# processes, huge pages; and what it says stays, stays.
# vm: CXL=4G DRAM=2G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
movable_1g=/proc/sys/vm/movable_gigantic_pages
[ ! -e $movable_1g ] || write $movable_1g 1
setup_range online_movable
node=$(dax_node "$dax") mib=$((1 << 20))
status_of() { "$@" >/dev/null 2>&1; echo $?; }
look() { $P why-busy --json "$dax" >/tmp/busy; status=$?; }
value() { jq -r ".[0].$1" /tmp/busy; }

echo "# nothing"
look
is "$status $(value verdict | sed s/moves/free/)" "0 free" "nothing keeps it"
is "$(value online) $(value memory_blocks)" "31 31" "all blocks are looked at"
usable=$(memmap_figure "$dax" usable)
is "$(value 'bytes | add')" "$usable" "and all of their pages: none of the memmap"
nothing "$(value 'blocks_that_stay[]')" "no block has to stay"
is "$(value node) $(value node_has_other_memory)" "$node false" "the node is the device's alone"
before=$(value bytes.page_cache)

echo "# files"
mkdir -p /mnt/data
mount -t tmpfs -o "size=1G,mpol=bind:$node" none /mnt/data
head -c $((100 * mib)) /dev/zero >/mnt/data/file
look
at_least "$(value bytes.page_cache)" $((before + 100 * mib)) "100 MiB of a file"
at_least $((before + 104 * mib)) "$(value bytes.page_cache)" "and not much more"
at_least "$(value to_move)" $((100 * mib)) "would have to move"
is "$status $(value verdict)" "0 moves" "and can"
umount /mnt/data

echo "# a process"
mkfifo /tmp/ask /tmp/answer
exec 3<>/tmp/ask 4<>/tmp/answer
begin() { # A process with 64 MiB of the node: sets pid.
	local line
	numactl --membind="$node" awk 'BEGIN { s = "x"; while (length(s) < 64 * 2 ^ 20) s = s s
		print "ready" >"/tmp/answer"; fflush("/tmp/answer"); getline <"/tmp/ask" }' &
	pid=$!
	read -r -t 100 line <&4
	is "$line" ready "it has its memory"
}
end() { echo "done" >&3 && wait "$pid"; }
begin
look
at_least "$(value bytes.anonymous)" $((64 * mib)) "64 MiB of its memory"
$P why-busy "$dax" | sed 's/^/# /'
is "$(value 'processes[0].pid')" "$pid" "it is the one that has most"
at_least "$(value 'processes[0].bytes')" $((64 * mib)) "and how much"
is "$($P why-busy "$dax" | awk -v pid="$pid" '$3 == pid { print $4 }')" \
	"$(cat "/proc/$pid/comm")" "the table names it"
end

echo "# huge pages"
huge=/sys/devices/system/node/node$node/hugepages
write $huge/hugepages-2048kB/nr_hugepages 10
is "$(gigantic_allocate "$node" 0)" 0 "no 1 GiB page yet"
look
is "$(value 'hugetlb[] | "\(.size) \(.pages) \(.in_use)"')" "$((2 * mib)) 10 0" "ten, free"
is "$status" 0 "they are given back"
mkdir -p /mnt/huge
mount -t hugetlbfs -o pagesize=2M none /mnt/huge
fallocate -l $((6 * mib)) /mnt/huge/pages
look
is "$(value 'hugetlb[] | "\(.pages) \(.in_use)"')" "10 3" "three of them in use"
is "$status" 0 "they are moved"
rm /mnt/huge/pages
umount /mnt/huge
write $huge/hugepages-2048kB/nr_hugepages 0
if [ -e $movable_1g ]; then
	is "$(gigantic_allocate "$node" 1)" 1 "one of 1 GiB"
	mount -t hugetlbfs -o pagesize=1G none /mnt/huge
	fallocate -l 1G /mnt/huge/page
	look
	is "$status $(value verdict) $(value 'hugetlb[].free_elsewhere')" "1 stays 0" \
		"in use, and there is no other to move it to"
	works "it says so" sh -c \
		"$P why-busy $dax | grep '^! hugetlb pages of 1.00 GiB: 1, in use 1'"
	rm /mnt/huge/page
	umount /mnt/huge
	gigantic_allocate "$node" 0 >/dev/null
else
	skip "1 GiB pages" "this kernel allocates none in a movable zone"
fi

echo "# the kernel's"
# Page tables follow the policy of their process, into a kernel zone.
b=$(dax_blocks "$dax" | head -n 1)
offline_blocks "$dax"
works "a block in a kernel zone" eval 'first_memory "$dax" && set_block "$b" online_kernel'
look
at_least "$(value 'bytes | .unsure + .slab + .page_tables + .kernel + .free')" $((100 * mib)) \
	"what is in it"
moves='.verdict == "moves" or .verdict == "free"'
nothing "$(value "select(.bytes.unsure > 0 and ($moves)) | .verdict")" \
	"pages that may be the kernel's are not said to move"
begin
look
at_least "$(value bytes.page_tables)" $((100 << 10)) "page tables"
is "$status $(value verdict)" "1 stays" "stay"
is "$(value "blocks_that_stay | index($b) != null")" true "the block is named"
works "and marked in the table" sh -c "$P why-busy $dax | grep '^! page tables '"
fails "write error" "and does not go offline" set_block "$b" offline
end

echo "# what cannot be known"
is "$(status_of setpriv --reuid=1000 --clear-groups $P why-busy "$dax")" 2 "not for anybody"
is "$(status_of $P why-busy dax9.9)" 2 "no such device"
mount --bind /dev/null /proc/kpageflags
fails "it ends before that memory" "no pages to look at" $P why-busy "$dax"
umount /proc/kpageflags
finish
