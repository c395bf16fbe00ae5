#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The attributes memmap_policy, memmap_effective and memmap_on_memory, with
# memory_hotplug.memmap_on_memory off.
# vm: CXL=1G
# debug: CXL=1G
. /job/lib/guest.sh
load_cxl
modprobe kmem
modprobe mhp_altmap_calls
dax=$(create_region mem0 256M) || bail_out "no region"
wait_for test -L "$(dax_dir "$dax")/driver" && kmem_unbind "$dax"
dir=$(dax_dir "$dax")
is "$(cat /sys/module/memory_hotplug/parameters/memmap_on_memory)" N "the boot parameter is off"

echo "# defaults are upstream's"
is "$(policy "$dax")" dram "memmap_policy"
is "$(effective "$dax")" none "memmap_effective"
is "$(cat "$dir/memmap_on_memory")" 1 "memmap_on_memory of a CXL device"
is "$(stat -c %a "$dir/memmap_policy")" 644 "mode of memmap_policy"
is "$(stat -c %a "$dir/memmap_effective")" 444 "mode of memmap_effective"
works "kmem adds it" kmem_bind "$dax"
is "$(effective "$dax")" dram "without the parameter, upstream's default is dram"
works "unbind" kmem_unbind "$dax"

echo "# words"
for word in dram block range auto; do
	works "$word" set_policy "$dax" $word
	is "$(policy "$dax")" $word "reads back"
done
for word in "" " " "rang" "ranges" " range" "range " "RANGE" "none" "default" "0" "1" \
	"block dram" "$(printf 'x%.0s' {1..4000})"; do
	fails "Invalid argument" "word '${word:0:20}'" set_policy "$dax" "$word"
	is "$(policy "$dax")" auto "and nothing changed"
done
fails "Invalid argument" "only a NUL byte" eval "printf '\\0' >'$dir/memmap_policy'"
printf '' >"$dir/memmap_policy"
is "$(policy "$dax")" auto "an empty write changes nothing"
printf range >"$dir/memmap_policy"
is "$(policy "$dax")" range "no newline is needed"

echo "# memmap_on_memory beside it"
set_policy "$dax" dram
is "$(cat "$dir/memmap_on_memory")" 0 "dram: memmap_on_memory reads 0"
for p in block range; do
	set_policy "$dax" $p
	is "$(cat "$dir/memmap_on_memory")" 1 "$p: memmap_on_memory reads 1"
done
fails "Operation not supported" "writing 1 needs the boot parameter, as upstream" \
	write "$dir/memmap_on_memory" 1
is "$(policy "$dax")" range "and nothing changed"
works "writing 0" write "$dir/memmap_on_memory" 0
is "$(policy "$dax")" dram "makes the policy dram"

echo "# while kmem is bound"
for p in dram block range; do
	works "$p" set_policy "$dax" $p
	works "bind" kmem_bind "$dax"
	is "$(effective "$dax")" $p "effective"
	for q in dram block range auto; do
		fails "Device or resource busy" "writing $q" set_policy "$dax" $q
	done
	is "$(policy "$dax") $(effective "$dax")" "$p $p" "nothing changed"
	is "$(cat "$dir/memmap_on_memory")" $([ $p = dram ]; echo $?) "memmap_on_memory"
	works "online" online_blocks "$dax" online_movable
	is "$(node_kib "$(dax_node "$dax")" MemTotal)" \
		$(($(memmap_figure "$dax" usable) / 1024)) \
		"all that is usable is online, and no more"
	works "offline" offline_blocks "$dax"
	works "unbind" kmem_unbind "$dax"
done
works "auto on 256 MiB" set_policy "$dax" auto
works "bind" kmem_bind "$dax"
is "$(policy "$dax") $(effective "$dax")" "auto block" \
	"auto is block: range would waste 124 of 256 MiB"
is "$(($(dax_blocks "$dax" | wc -l)))" 2 "two memory blocks"
works "unbind" kmem_unbind "$dax"

echo "# device_dax is no obstacle"
write /sys/bus/dax/drivers/device_dax/new_id "$dax"
is "$(basename "$(readlink "$dir/driver")")" device_dax "bound to device_dax"
works "policy range" set_policy "$dax" range
write /sys/bus/dax/drivers/device_dax/remove_id "$dax"
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" range "effective"
is "$(dax_blocks "$dax" | wc -l)" 1 "256 MiB: one block is head, one usable"
works "online" online_blocks "$dax" online_movable
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"

echo "# smaller than a section of usable memory"
works "policy dram" set_policy "$dax" dram
works "128 MiB" write "$dir/size" $((128 << 20))
dmesg -C
fails "Operation not supported" "policy range on 128 MiB" set_policy "$dax" range
is "$(policy "$dax")" dram "nothing changed"
is "$(dmesg | grep -c "$dax: memmap policy range refused for .*: too small")" 1 \
	"one line in the log says why"
works "auto on 128 MiB" set_policy "$dax" auto
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" block "is block"
works "unbind" kmem_unbind "$dax"
works "64 MiB" write "$dir/size" $((64 << 20))
fails "Operation not supported" "no whole memory block" set_policy "$dax" block

echo "# accepted, then made impossible: refused when memory is added"
write "$dir/size" 0
write "$dir/size" $((256 << 20))
works "range on 256 MiB" set_policy "$dax" range
write "$dir/size" $((128 << 20))
dmesg -C
fails "Operation not supported" "bind" kmem_bind "$dax"
is "$(effective "$dax")" none "effective"
is "$(dmesg | grep -c 'refused')" 1 "one line in the log"
write "$dir/size" $((256 << 20))
works "with room again, it works" kmem_bind "$dax"
is "$(effective "$dax")" range "effective"
works "unbind" kmem_unbind "$dax"

echo "# a region conflict"
start=$(dax_start "$dax")
works "somebody takes a block of it" write $DEBUG/mhp_altmap_calls \
	"add $(dax_node "$dax") $((start + (128 << 20))) $((128 << 20)) dram"
memmap=$(vmstat nr_memmap_pages)
fails "Device or resource busy" "bind" kmem_bind "$dax"
is "$(effective "$dax")" none "effective"
is "$(vmstat nr_memmap_pages) $(nr_ranges)" "$memmap 0" "nothing was added"
works "it is given back" \
	write $DEBUG/mhp_altmap_calls "remove $((start + (128 << 20))) $((128 << 20))"
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" range "effective"
works "unbind" kmem_unbind "$dax"

echo "# memory that does not go stays until reboot, and so does what is said of it"
if debug_kernel; then
	skip "unbinding with memory online" \
		"kmem leaks its data of memory that stays, on purpose: kmemleak reports it"
	finish
fi
works "policy range" set_policy "$dax" range
works "bind" kmem_bind "$dax"
works "online" online_blocks "$dax" online_movable
works "unbind" kmem_unbind "$dax"
is "$(effective "$dax") $(nr_ranges)" "range 1" "the range is there"
usable=$(memmap_figure "$dax" usable)
for round in 1 2; do
	dmesg -C
	fails "Device or resource busy" "round $round: bind again" kmem_bind "$dax"
	# From 7.3 on kmem asks for the addresses first.
	why='memory that could not be removed is still system RAM|.* could not reserve region'
	is "$(dmesg | grep -cE "kmem $dax: ($why)")" 1 "one line in the log says why"
	is "$(effective "$dax") $(memmap_figure "$dax" usable) $(nr_ranges)" "range $usable 1" \
		"nothing has changed"
done
finish
