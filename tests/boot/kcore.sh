#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A debugger looks at the live kernel: drgn reads each struct page of a range, and finds
# what is in it.
# vm: CXL=256M
# file: @kernel/samples/mhp_altmap_pci.ko
. /job/lib/guest.sh
setup_range online_kernel
modprobe mhp_altmap_calls
works "a page of the kernel's" pin_page "$(dax_node "$dax")"
start=$(dax_start "$dax") size=$(dax_size "$dax")
works "drgn reads /proc/kcore" eval \
	"python3 /job/lib/dump-pages.py /proc/kcore /job/mhp_altmap_pci.ko \
		$start $((start + size)) >/tmp/has"
sed 's/^/# /' /tmp/has
has() { awk -v n="$1" '$1 == n { print $2 }' /tmp/has; }
is "$(has struct_pages)" $((size / 4096)) "each struct page"
is "$(has reserved)" $(((size - $(memmap_figure "$dax" usable)) / 4096)) \
	"what is not usable is reserved"
is "$(has pin)" 1 "the page of the kernel's"
finish
