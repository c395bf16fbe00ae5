#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What we add and change builds for arm64, with pages of 4 and of 64 KiB, without a
# warning. Whole kernels, and guests with them: make check ARCH=arm64.
. "$(dirname "$0")/../lib/host.sh"
export ARCH=arm64 BUILD=${BUILD:-$ROOT/build}
objects="mm/mhp_altmap/ mm/memory_hotplug.o drivers/base/memory.o arch/arm64/mm/mmu.o drivers/dax/
	drivers/cxl/core/memmap.o drivers/cxl/core/region.o drivers/acpi/acpi_memmap.o drivers/acpi/acpi_memhotplug.o"
for flavour in test 64k; do
	pages=4; [ $flavour = test ] || pages=64
	out=$BUILD/kernel-$KERNEL-$flavour-arm64
	# Anew, so that each warning is there to be seen.
	find "$out" -path '*/mhp_altmap/*.o' -delete -o -name '*memmap*.o' -delete 2>/dev/null
	# shellcheck disable=SC2086
	works "pages of $pages KiB: it builds" env FLAVOUR=$flavour \
		"$ROOT/tools/build/kernel-build" W=1 $objects
	is "$(grep -E '(mm/mhp_altmap|mhp_altmap|mhp_memmap|/memmap|acpi_memmap)[^ ]*:[0-9]+:.*(warning|error)' "$out/goals.log")" "" "without a warning"
	is "$(nm "$out/mm/memory_hotplug.o" | grep -c ' U mhp_altmap_')" \
		"$(nm "$BUILD/kernel-$KERNEL-test/mm/memory_hotplug.o" |
		grep -c ' U mhp_altmap_')" \
		"with as many calls as on x86"
done
finish
