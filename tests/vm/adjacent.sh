#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two devices side by side in one zone, with each pair of policies: 1 GiB pages across the
# border where both sides are usable, none where a memmap is in between, and each goes
# while the other stays. On a debug kernel the pairs with range first, with SOAK all.
# vm: CXL='2304M 2G' DRAM=4G
# debug: CXL='512M 512M' DRAM=1G
. /job/lib/guest.sh
setup_two_devices
node=$(dax_node "$d1") bs=$(block_size)
is "$(dax_node "$d2")" "$node" "both regions are on one node"
is $(($(dax_start "$d1") + $(dax_size "$d1"))) "$(dax_start "$d2")" \
	"one begins where the other ends"
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)
gib=$((1 << 30))
gigantic=
if [ -e /proc/sys/vm/movable_gigantic_pages ] && ! debug_kernel; then
	echo 1 >/proc/sys/vm/movable_gigantic_pages
	gigantic=1
fi

pieces() { # START END: whole ones in that
	local n=$(($2 / gib - ($1 + gib - 1) / gib))
	echo $((n > 0 ? n : 0))
}
alone=0
for d in "$d1" "$d2"; do
	s=$(dax_start "$d")
	alone=$((alone + $(pieces "$s" $((s + $(dax_size "$d"))))))
done
# 1 GiB pieces, aligned, that are usable from end to end, as the policies have it.
expected() {
	local from=() to=() d s e p n=0 i
	for d in "$d1" "$d2"; do
		s=$(dax_start "$d") e=$((s + $(dax_size "$d"))) p=$(effective "$d")
		[ $p != range ] || s=$((s + $(range_field "$d" head)))
		# Usable memory in pieces of less than a block.
		[ $p != block ] || continue
		if [ ${#to[@]} -gt 0 ] && [ "${to[-1]}" = $s ]; then to[-1]=$e
		else from+=("$s") to+=("$e"); fi
	done
	for i in "${!from[@]}"; do n=$((n + $(pieces "${from[i]}" "${to[i]}"))); done
	echo $n
}
files=/mnt/files
mkdir -p $files
other() { if [ "$1" = "$d1" ]; then echo "$d2"; else echo "$d1"; fi; }
works_as_before() { # DAX
	local b
	b=($(dax_blocks "$1"))
	works "a block of $1 goes offline and online" \
		eval "set_block ${b[1]} offline && set_block ${b[1]} online_movable"
	[ "$(effective "$1")" != range ] ||
		is "$(range_field "$1" self_hosted)" "$(range_field "$1" sections)" \
			"the memmap of $1 is whole"
}

first_policies="dram block range"
! debug_kernel || [ -n "${SOAK:-}" ] || first_policies=range
order="$d1 $d2"
for p1 in $first_policies; do
	for p2 in dram block range; do
		echo "# $p1, $p2"
		works "policies" eval "set_policy $d1 $p1 && set_policy $d2 $p2"
		works "added" eval "kmem_bind ${order% *} && kmem_bind ${order#* }"
		works "online" eval "online_blocks $d1 online_movable &&
			online_blocks $d2 online_movable"
		if [ $gigantic ]; then
			n=$(expected)
			is "$(gigantic_allocate "$node" 20)" "$n" "$p1, $p2: 1 GiB pages"
			[ "$p1 $p2" != "dram dram" ] || at_least "$n" $((alone + 1)) \
				"more than each has alone: one lies across the border"
			gigantic_allocate "$node" 0 >/dev/null
		fi
		mount -t tmpfs -o mpol=bind:"$node" none $files
		dd if=/dev/urandom of=$files/file bs=1M count=96 status=none
		sum=$(md5sum <$files/file)
		# Each is the first to go, in turn.
		first=${order% *} second=${order#* }
		works "$p1, $p2: $first goes offline" offline_blocks "$first"
		works "is removed" kmem_unbind "$first"
		works_as_before "$second"
		works "is added" kmem_bind "$first"
		works "is online" online_blocks "$first" online_movable
		works_as_before "$first"
		is "$(md5sum <$files/file)" "$sum" "$p1, $p2: what is in memory is as before"
		umount $files
		works "both go" eval "offline_blocks $second && kmem_unbind $second &&
			offline_blocks $first && kmem_unbind $first"
		is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $memmap" "nothing is left"
		order="$second $first"
	done
done
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
