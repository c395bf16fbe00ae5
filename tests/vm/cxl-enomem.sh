#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An add that runs out of DRAM half-way leaves nothing behind, and a range add
# on the same device then works.
# vm: CXL=128G DRAM=1G
. /job/lib/guest.sh
load_cxl
dax=$(create_region) || bail_out "no region"
settle
# Nothing else runs while kmem takes all memory there is: it could be killed for it.
modprobe kmem
[ -L "$(dax_dir "$dax")/driver" ] && not_ok "kmem took 128 GiB with 1 GiB of DRAM" ||
	ok "kmem could not take the device"
set_policy "$dax" dram
settle
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages) free=$(node_free_pages 0)
for i in 1 2 3; do
	fails "Cannot allocate memory" "policy dram, attempt $i" kmem_bind "$dax"
done
is "$(effective "$dax")" none "effective"
is "$(vmstat nr_memmap_pages)" "$memmap" "nr_memmap_pages is back"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
is "$(ls $SYS_MEMORY | grep -c '^memory')" 8 "no memory block is left"
settle
at_most $((free - $(node_free_pages 0))) 512 "pages of DRAM lost"

# Block first: what the failed attempts mapped as a whole must be gone.
for p in block range block; do
	works "policy $p" set_policy "$dax" $p
	works "bind" kmem_bind "$dax"
	is "$(effective "$dax")" $p "effective"
	works "unbind" kmem_unbind "$dax"
done
is "$(vmstat nr_memmap_pages)" "$memmap" "nr_memmap_pages is back"
settle
at_most $((free - $(node_free_pages 0))) 512 "pages of DRAM lost"
finish
