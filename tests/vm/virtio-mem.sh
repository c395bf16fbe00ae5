#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A driver that does not adopt the layer stays as it was, whatever the defaults:
# virtio-mem adds and removes memory in blocks.
# vm: MONITOR=1 APPEND='memory_hotplug.memmap_on_memory=1 mhp_altmap.dimm=range \
#   mhp_altmap.cxl=range mhp_altmap.hmem=range mhp_altmap.pmem=range' \
#   QEMU_EXTRA='-object memory-backend-ram,id=vm0,reserve=off,size=4G \
#   -device virtio-mem-pci,id=vmem0,memdev=vm0,node=1,requested-size=1G'
# x86: QEMU's monitor is on the fourth serial port of a PC
. /job/lib/guest.sh
open_monitor
echo online_movable >/sys/devices/system/memory/auto_online_blocks
modprobe virtio_pci
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
modprobe virtio_mem
present() { zone_field 1 Movable present; }
wait_for eval '[ "$(present)" = $((1 << 18)) ]'
is "$(present)" $((1 << 18)) "1 GiB is plugged and online"
is "$(nr_ranges)" 0 "no range holds its own memmap"
# Counted, and so in DRAM: virtio-mem does not ask for memmap_on_memory.
is "$(vmstat nr_memmap_pages)" $((structs + (1 << 18) / 64)) "its memmap is where it always was"
monitor "qom-set vmem0 requested-size 3G"
wait_for eval '[ "$(present)" = $((3 << 18)) ]'
is "$(present)" $((3 << 18)) "3 GiB"
monitor "qom-set vmem0 requested-size 512M"
wait_for eval '[ "$(present)" = $((1 << 17)) ]'
is "$(present)" $((1 << 17)) "512 MiB: memory blocks were removed one by one"
monitor "qom-set vmem0 requested-size 0"
# The last block is offline a moment before it is removed.
gone() { [[ $(present) == @(|0) ]] && [ "$(vmstat nr_memmap_pages)" = "$structs" ]; }
wait_for gone
is "$(vmstat nr_memmap_pages)" "$structs" "all of it is gone"
rmmod virtio_mem
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
