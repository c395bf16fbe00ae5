#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What we add and change builds for arm64, with pages of 4 and of 64 KiB, without a
# warning. Whole kernels, and guests with them: make check ARCH=arm64.
# needs: tree kernel
# kernels: newest
. "$(dirname "$0")/../lib/host.sh"
ours='mm/mhp_altmap|drivers/dax/memmap|drivers/cxl/core/memmap|drivers/acpi/acpi_memmap'
objects="mm/mhp_altmap/ mm/memory_hotplug.o drivers/base/memory.o arch/arm64/mm/mmu.o
	drivers/dax/ drivers/cxl/core/memmap.o drivers/cxl/core/region.o
	drivers/acpi/acpi_memmap.o drivers/acpi/acpi_memhotplug.o"
calls() { # OBJECT: of ours, in an object
	nm "$1" | grep -c ' U mhp_altmap_'
}
here=$("$ROOT/tools/build/kernel-build" --objects mm/memory_hotplug.o 2>"$work/log") ||
	bail_out "mm/memory_hotplug.o: $(tail -n 5 "$work/log")"
want=$(calls "$here/mm/memory_hotplug.o")
at_least "$want" 1 "mm/memory_hotplug.o calls us"
export ARCH=arm64
for flavour in test 64k; do
	pages=4; [ $flavour = test ] || pages=64
	out=$BUILD/objects-$KERNEL-$flavour-arm64
	# Anew, so that each warning is there to be seen.
	find "$out" -path '*/mhp_altmap/*.o' -delete -o -name '*memmap*.o' -delete 2>/dev/null
	works "pages of $pages KiB: it builds" env FLAVOUR=$flavour \
		"$ROOT/tools/build/kernel-build" --objects W=1 $objects
	nothing "$(grep -E "(mhp_altmap|mhp_memmap|$ours)[^ ]*:[0-9]+:.*(warning|error)" \
		"$out/goals.log")" "without a warning"
	at_least "$(grep -cE "^ *CC .*($ours)" "$out/goals.log")" 10 "of our files, all built now"
	is "$(calls "$out/mm/memory_hotplug.o")" "$want" "with as many calls as on x86"
done
finish
