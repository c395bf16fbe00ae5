#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The policy of a CXL region: written before its dax device exists, inherited by
# it, and not to be changed while it is there.
# vm: CXL=4G
# debug: CXL=1G
. /job/lib/guest.sh
load_cxl
modprobe kmem
CXL=/sys/bus/cxl/devices
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)

echo "# a region made step by step"
region=$(cat $CXL/decoder0.0/create_ram_region)
write $CXL/decoder0.0/create_ram_region "$region"
r=$CXL/$region
is "$(stat -c %a "$r/memmap_policy")" 644 "mode of memmap_policy"
is "$(cat "$r/memmap_policy")" dram "unwritten, it shows upstream's"
works "mhp_altmap.cxl=auto" write "$(class_default cxl)" auto
is "$(cat "$r/memmap_policy")" auto "or the default of its class"
write "$(class_default cxl)" default
for p in dram block auto range; do
	works "$p, without a size" write "$r/memmap_policy" $p
	is "$(cat "$r/memmap_policy")" $p "reads back"
done
for word in "" none Range "range block" default; do
	fails "Invalid argument" "'$word'" write "$r/memmap_policy" "$word"
done
is "$(cat "$r/memmap_policy")" range "and nothing changed"
size=$((512 << 20))
write "$r/interleave_granularity" 256
write "$r/interleave_ways" 1
write "$r/size" $size
works "range, with a size" write "$r/memmap_policy" range
for ep in $CXL/decoder*; do [ ! -e "$ep/dpa_size" ] || break; done
write "$ep/mode" ram
write "$ep/dpa_size" $size
write "$r/target0" "$(basename "$ep")"
works "commit" write "$r/commit" 1
works "range, committed but not bound" write "$r/memmap_policy" range
works "bind" write /sys/bus/cxl/drivers/cxl_region/bind "$region"
dax=dax${region#region}.0
wait_for_kmem "$dax" || bail_out "no dax device"
is "$(policy "$dax") $(effective "$dax")" "range range" "the dax device has inherited it"
is "$(nr_ranges)" 1 "and is a range"
for p in dram range; do
	fails "Device or resource busy" "writing $p now" write "$r/memmap_policy" $p
done
is "$(cat "$r/memmap_policy")" range "nothing changed"

echo "# figures"
head=$((128 << 20)) memmap=$((size / 64))
for f in "memmap $memmap" "head $head" "waste $((head - memmap))" "usable $((size - head))" \
	"dram 0" "gigantic_pages 0" "supported dram block range"; do
	is "$(memmap_figure "$dax" "${f%% *}")" "${f#* }" "memmap/${f%% *}"
done
nothing "$(memmap_figure "$dax" reason 2>&1)" "memmap/reason"

echo "# the device's own policy comes first"
works "unbind" kmem_unbind "$dax"
works "block for the device" set_policy "$dax" block
is "$(memmap_figure "$dax" head)" $((size / 64)) "memmap/head is what block would take"
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" block "effective"
is "$(cat "$r/memmap_policy")" range "the region keeps its own"
works "unbind" kmem_unbind "$dax"
works "auto for the device" set_policy "$dax" auto
dmesg -C
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" block "auto is block"
is "$(memmap_figure "$dax" reason)" "whole sections would waste more than the memmap takes" \
	"memmap/reason"
is "$(dmesg | grep -c "$dax: memmap policy auto is block for .*: whole sections would waste")" 1 \
	"one line in the log says why"

echo "# disabled and enabled"
works "cxl disable-region" cxl disable-region "$region"
[ ! -e "$(dax_dir "$dax")" ] && ok "the dax device is gone" || not_ok "the dax device is gone"
is "$(vmstat nr_memmap_pages)" "$structs" "and its memory"
works "the policy can be written" write "$r/memmap_policy" block
works "cxl enable-region" cxl enable-region "$region"
wait_for_kmem "$dax"
is "$(policy "$dax") $(effective "$dax")" "block block" "it has the new policy"

echo "# disabled and destroyed with memory online"
works "disable" cxl disable-region "$region"
works "range" write "$r/memmap_policy" range
works "enable" cxl enable-region "$region"
wait_for_kmem "$dax"
works "online" online_blocks "$dax" online_movable
works "disable-region takes it offline first" cxl disable-region "$region"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left of the range"
works "enable" cxl enable-region "$region"
wait_for_kmem "$dax"
is "$(effective "$dax")" range "it is back"
works "online" online_blocks "$dax" online_movable
works "destroy-region -f" cxl destroy-region -f "$region"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
[ ! -e "$r" ] && ok "the region is gone" || not_ok "the region is gone"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"

echo "# a default, for tools that do everything at once"
write "$(class_default cxl)" range
dax=$(create_region mem0 1G)
wait_for_kmem "$dax"
is "$(policy "$dax") $(effective "$dax")" "range range" \
	"cxl create-region, with mhp_altmap.cxl=range"

echo "# torn down with memory that cannot go: it stays, whole"
if debug_kernel; then
	skip "a teardown by force" \
		"kmem leaks its data of memory that stays, on purpose: kmemleak reports it"
	finish
fi
bs=$(block_size)
online_blocks "$dax" online_kernel
node=$(dax_node "$dax")
works "a page is in use" pin_page "$node"
region=${dax%.*} region=${region/dax/region}
fails "Device or resource busy" "disable-region gives up" cxl disable-region "$region"
is "$(effective "$dax")" range "nothing has changed"
works "disable-region -f does not" cxl disable-region -f "$region"
[ ! -e "$(dax_dir "$dax")" ] && ok "the dax device is gone" || not_ok "the dax device is gone"
is "$(nr_ranges)" 1 "the range stays"
line=($(awk 'NR == 2' $DEBUG/mhp_altmap/ranges))
is "${line[7]}" "${line[6]}" "with its memmap"
works "and what is in it: a page that can be given back" unpin_page
finish
