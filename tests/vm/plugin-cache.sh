#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# DRAM full of page cache, as on each machine that has run for a while: the kernel can
# reclaim it for a memmap, and plan counts it as available.
# vm: CXL=16G DRAM=1G QEMU_EXTRA='-drive if=none,id=disk,format=raw,file.driver=null-co \
#   -device virtio-blk-pci,bus=pcie.0,drive=disk'
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
modprobe virtio_pci
modprobe virtio_blk
wait_for test -b /dev/vda || bail_out "no disk"
setup_device
set_policy "$dax" dram
need=$(($(dax_size "$dax") / 64))
suffices() { $P plan --json "$dax" | jq '.[0].policies[0].dram_suffices'; }
is "$(suffices)" true "to begin with, it suffices"
# The cache of a disk goes when nobody has it open.
exec 7</dev/vda
cat <&7 >/dev/null
free=$(($(node_free_pages 0) * 4096))
at_most $free $((need - 1)) "free memory is less than the memmap"
is "$(suffices)" true "with the page cache it suffices"
works "and does" $P reconfigure-device --memmap=dram -N "$dax"
is "$(effective "$dax")" dram "it is dram"
finish
