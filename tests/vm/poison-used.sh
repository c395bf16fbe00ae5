#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Poison in the usable memory of a range: free, in use by a program, in huge pages. And
# what an expander reports of its media: QEMU injects it.
# vm: CXL=4G DRAM=4G MONITOR=1
# debug: CXL=1G DRAM=1G MONITOR=1
# x86: only a PC has the port for QEMU's monitor here
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
open_monitor
modprobe hwpoison-inject
setup_range online_movable
node=$(dax_node "$dax") bs=$(block_size)
blocks=($(dax_blocks "$dax"))
P=/job/daxctl-memmap
chmod +x $P
corrupted() { awk '/^HardwareCorrupted/ { print $2 / 4 }' /proc/meminfo; }
hard() { write $DEBUG/hwpoison/corrupt-pfn "$1" 2>/dev/null; }
soft() { write $SYS_MEMORY/soft_offline_page $(($1 * 4096)) 2>/dev/null; }
is_poisoned() { has_bit "$(kpageflags "$1")" 19; }
n=0
poisoned() { # PFN DESCRIPTION: one more than before, and it is marked
	n=$((n + 1))
	is "$(corrupted)" $n "$2: HardwareCorrupted"
	is_poisoned "$1" && ok "$2: it is marked" || not_ok "$2: it is marked"
}
whole() { # DESCRIPTION
	is "$(range_field "$dax" self_hosted) $(range_field "$dax" poisoned)" \
		"$(range_field "$dax" sections) 0" "$1: the memmap is whole, none of it poisoned"
}

echo "# free"
# From the end: nothing is there yet.
pfn=$(((blocks[-1] + 1) * bs / 4096 - 5))
works "hard" hard $pfn
poisoned $pfn "free, hard"
pfn=$((pfn - 1000))
works "soft" soft $pfn
poisoned $pfn "free, soft"
whole "free"

# A program with a page of the node; sets pid and pfn. Its heap is in use as long as it is.
program() {
	# What the one before said would be taken for its.
	rm -f /tmp/said
	mkfifo /tmp/hold
	numactl --membind="$node" gawk 'BEGIN {
		for (i = 0; i < 20000; i++) a[i] = "text " i
		print "ready"; fflush()
		getline line <"/tmp/hold"
		for (i = 0; i < 20000; i++) if (a[i] != "text " i) exit 1
		print "fine"
	}' >/tmp/said 2>/dev/null &
	pid=$!
	wait_for grep -q ready /tmp/said || bail_out "no program"
	local heap
	heap=$(awk '/\[heap\]/ { sub(/-.*/, ""); print; exit }' /proc/$pid/maps)
	# In the midst of it. The pfn is in 55 bits.
	word=$(dd if=/proc/$pid/pagemap bs=8 skip=$((16#$heap / 4096 + 100)) count=1 2>/dev/null |
		od -An -tu8)
	pfn=$((word & ((1 << 55) - 1)))
	is "$((pfn * 4096 / bs >= blocks[0] && pfn * 4096 / bs <= blocks[-1]))" 1 \
		"a page of its heap is on the device"
}
goes_on() { echo >/tmp/hold; wait $pid; status=$?; rm -f /tmp/hold; }

echo "# in use"
program
works "soft" soft $pfn
poisoned $pfn "in use, soft"
goes_on
is "$status $(tail -n 1 /tmp/said)" "0 fine" "the program does not notice"
program
works "hard" hard $pfn
poisoned $pfn "in use, hard"
goes_on
# gawk handles SIGBUS, and aborts.
at_least $status 129 "the program is killed"
whole "in use"

echo "# huge pages"
huge=/sys/devices/system/node/node$node/hugepages
# The first huge page of a node that is in use by a file; its head is huge and head (17, 15).
huge_pfn() { # SIZE-IN-PAGES
	local p
	for ((p = (blocks[0] * bs / 4096 + $1 - 1) / $1 * $1; \
		p < (blocks[-1] + 1) * bs / 4096; p += $1)); do
		! has_bit "$(kpageflags $p)" 17 || { echo $p; return; }
	done
}
mkdir -p /mnt/huge
sizes=2048
! kernel_from 7 || debug_kernel || sizes="2048 1048576"
[ ! -e /proc/sys/vm/movable_gigantic_pages ] || echo 1 >/proc/sys/vm/movable_gigantic_pages
for kib in $sizes; do
	what="$((kib >> 10)) MiB"
	echo 2 >$huge/hugepages-${kib}kB/nr_hugepages
	is "$(cat $huge/hugepages-${kib}kB/nr_hugepages)" 2 "two pages of $what"
	head=$(huge_pfn $((kib / 4)))
	pfn=$((head + 300))
	works "hard" hard $pfn
	poisoned $pfn "$what, free, hard"
	is "$(cat $huge/hugepages-${kib}kB/nr_hugepages)" 1 "$what: one is left"
	has_bit "$(kpageflags $head)" 17 && not_ok "$what: the other is in small pages" ||
		ok "$what: the other is in small pages"
	echo 0 >$huge/hugepages-${kib}kB/nr_hugepages
	is "$(cat $huge/hugepages-${kib}kB/nr_hugepages)" 0 "$what: none is left"
done

echo "# daxctl-memmap"
works "verify is content" $P verify "$dax"
if [ -e /proc/sys/vm/movable_gigantic_pages ] && ! debug_kernel; then
	is "$($P show "$dax" | grep -c 'a page of it is poisoned')" 1 "show tells"
fi

echo "# what the expander reports"
mount -t tracefs trace /sys/kernel/tracing
events=/sys/kernel/tracing/events/cxl
echo 1 >$events/cxl_general_media/enable
echo 1 >$events/cxl_poison/enable
qmp() { # COMMAND ARGUMENTS-AS-JSON
	local line
	printf '{"execute": "%s", "arguments": %s}\n' "$1" "$2" >&9
	while read -r -t 60 line <&9; do
		case $line in
		*'"return"'*) return 0 ;;
		*'"error"'*) echo "$line" >&2; return 1 ;;
		esac
	done
	return 1
}
works "an uncorrectable error in the last page" qmp cxl-inject-general-media-event "$(
	jq -nMc --argjson dpa $(($(dax_size "$dax") - 4096)) '{path: "/machine/peripheral/cmem0",
		log: "fatal", flags: 1, dpa: $dpa, descriptor: 3, type: 2, "sub-type": 0,
		"cme-ev-flags": 0, "cme-count": 0, "is-comp-id-pldm": false,
		"transaction-type": 1}')"
wait_for grep -q cxl_general_media: /sys/kernel/tracing/trace
is "$(grep -c cxl_general_media: /sys/kernel/tracing/trace)" 1 "the kernel reports it"
is "$(corrupted)" $n "and leaves it to user space: HardwareCorrupted"
pfn=$(((blocks[-1] + 1) * bs / 4096 - 1))
works "which takes the page out of use" write $SYS_MEMORY/hard_offline_page $((pfn * 4096))
poisoned $pfn "by its address"
works "verify is content with that, too" $P verify "$dax"
works "poison in its list" qmp cxl-inject-poison "$(
	jq -nMc --argjson start $(($(dax_size "$dax") - 8192)) \
		'{path: "/machine/peripheral/cmem0", start: $start, length: 64}')"
is "$(cxl list -m mem0 --media-errors 2>/dev/null |
	jq -r '.. | .media_errors? // empty | length' | head -n 1)" 1 "cxl list finds it"
is "$(corrupted)" $n "HardwareCorrupted"

echo "# it goes, and what is bad stays known"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(corrupted)" 0 "HardwareCorrupted"
works "range again" eval "set_policy $dax range && kmem_bind $dax"
works "online" online_blocks "$dax" online_movable
is "$(corrupted)" $n "all bad frames are out of use from the start"
whole "again"

# The kernel holds all of a huge page of a file that has poison, for good: its memory does
# not go offline any more, with any policy. daxctl-memmap knows.
echo "# huge pages in use"
for kib in $sizes; do
	what="$((kib >> 10)) MiB"
	echo 1 >$huge/hugepages-${kib}kB/nr_hugepages
	mount -t hugetlbfs -o pagesize=${kib}K none /mnt/huge
	works "one in use" fallocate -l ${kib}K /mnt/huge/file
	pfn=$(($(huge_pfn $((kib / 4))) + 300))
	works "hard" hard $pfn
	n=$((n + 1))
	is "$(corrupted)" $n "$what, in use, hard: HardwareCorrupted"
	rm /mnt/huge/file
	umount /mnt/huge
	echo 0 >$huge/hugepages-${kib}kB/nr_hugepages
	whole "$what"
	fails "resource busy" "$what: its block stays online" \
		set_block $((pfn * 4096 / bs)) offline
	busy=$($P why-busy "$dax" 2>&1)
	grep -q "hugetlb pages of .*: 1, in use 1" <<<"$busy" &&
		ok "$what: why-busy tells" || not_ok "$what: why-busy tells" "$busy"
done
finish
