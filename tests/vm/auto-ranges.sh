#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# auto on a device of two ranges, 8 and 1 GiB: what counts is what both waste together.
# The kernel does what daxctl-memmap's plan says, and verify finds that.
# vm: CXL=10G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
setup_device
GiB=$((1 << 30))
first=$dax structs=$(vmstat nr_memmap_pages)
region=$(dirname "$(readlink -f "$(dax_dir "$dax")")")/dax_region
write "$(dax_dir "$first")/size" 0
write "$(dax_dir "$first")/size" $GiB
write "$region/create" 1
dax=$(ls /sys/bus/dax/devices | grep -v "^$first\$")
write "$(dax_dir "$dax")/size" $((8 * GiB))
write "$(dax_dir "$first")/size" 0
works "the second grows to where the first was" write "$(dax_dir "$dax")/size" $((9 * GiB))
is "$(ls -d "$(dax_dir "$dax")"/mapping[0-9]* | wc -l)" 2 "$dax has two mappings"

plan() { $P plan --json "$dax" | jq -r ".[0].policies[] | select(.policy == \"auto\") | .$1"; }
works "auto" set_policy "$dax" auto
is "$(plan becomes)" range "plan: range, which wastes 112 MiB, less than a memmap of 144"
is "$(memmap_figure "$dax" waste)" $((112 << 20)) "memmap/waste"
is "$(plan usable)" "$(memmap_figure "$dax" usable)" "plan and the kernel agree on what is usable"
works "bind" kmem_bind "$dax"
is "$(effective "$dax") $(nr_ranges)" "range 2" "the kernel makes two ranges"
works "online" online_blocks "$dax" online_movable
works "verify" $P verify "$dax"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"

echo "# 8 GiB and 128 MiB: one of them cannot be a range"
write "$(dax_dir "$dax")/size" $((8 * GiB + (128 << 20)))
is "$(plan becomes)" block "plan: block"
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" block "the kernel, too"
works "unbind" kmem_unbind "$dax"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
finish
