#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Soft-reserved memory. Firmware marks it so in the EFI memory map; here the
# kernel is asked to take a part of the RAM for it (memmap=), which gives the
# same resources and the same devices.
# vm: HMEM=4G APPEND='mhp_altmap.hmem=range'
# x86: soft-reserved memory is made with memmap= on the command line of x86
# debug: HMEM=1G DRAM=2G
. /job/lib/guest.sh
modprobe device_dax
modprobe dax_hmem
modprobe kmem
# In the map of the firmware; newer kernels have it in /proc/iomem as what it is used for.
at_least "$({ cat /proc/iomem; dmesg; } | grep -ci "soft reserved")" 1 \
	"there is soft-reserved memory"
wait_for test -L /sys/bus/dax/devices/dax0.0/driver || bail_out "no dax device"
dax=dax0.0
start=$(dax_start $dax) size=$(dax_size $dax)
head=$(memmap_figure $dax head)
is "$(cat "$(class_default hmem)")" range "mhp_altmap.hmem, from the command line"
is "$(policy $dax) $(effective $dax)" "range range" "the device has it, without anything written"
is "$(range_field $dax self_hosted)" "$(range_field $dax sections)" "the range holds its own memmap"
is "$(dax_node $dax)" 1 "on node 1"
works "online" online_blocks $dax online_movable
is "$(node_kib 1 MemTotal)" $(((size - head) / 1024)) "all usable memory is there"
works "offline" offline_blocks $dax
works "unbind" kmem_unbind $dax

iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)

echo "# the default changes: effective for the next add"
for p in block dram auto default; do
	works "mhp_altmap.hmem=$p" write "$(class_default hmem)" $p
	works "bind" kmem_bind $dax
	want=$p
	[ $p != default ] || want=dram
	[ $p != auto ] || { want=range; [ "$size" -ge $((4 << 30)) ] || want=block; }
	is "$(effective $dax)" $want "effective: $want"
	works "a change while it is there" write "$(class_default hmem)" range
	is "$(effective $dax)" $want "changes nothing of it"
	works "unbind" kmem_unbind $dax
done

echo "# the device's own policy comes first"
write "$(class_default hmem)" block
works "policy range" set_policy $dax range
works "bind" kmem_bind $dax
is "$(effective $dax)" range "effective"
works "unbind" kmem_unbind $dax
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left of any of them"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"

echo "# words"
for word in "" none RANGE "range dram" 1; do
	fails "Invalid argument" "'$word'" write "$(class_default hmem)" "$word"
done
is "$(cat "$(class_default hmem)")" block "and nothing changed"
for class in cxl pmem dimm; do
	is "$(cat "$(class_default $class)")" default "$class starts as default"
done
finish
