#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's own selftests of memory hotplug and hugetlb pages, where the memory is an
# expander's, once with its memmap in DRAM and once at its head. With SOAK in the environment,
# those that take minutes, too.
# needs: tree kernel image
# kernels: all
. "$(dirname "$0")/../lib/host.sh"
selftests=${BUILD:-$ROOT/build}/linux-${KERNEL:-6.12}/tools/testing/selftests

# Those that a version does not have, it has by another name or not at all. Others take
# userfaultfd, which these kernels are without.
build=(gcc -w -O2 -D_GNU_SOURCE= -I"$selftests" -I"$selftests/../../.."
	-I"$selftests/../../include/uapi")
job=(-f "$ROOT/tests/lib" -f "$selftests/memory-hotplug/mem-on-off-test.sh")
names=()
# Two try a race for minutes.
for name in hugepage-vmemmap huge{page,tlb}-mmap hugetlb-madvise \
	${SOAK:+hugetlb_madv_vs_map hugetlb_fault_after_madv} hugetlb-soft-offline; do
	[ -f "$selftests/mm/$name.c" ] || continue
	works "$name builds" "${build[@]}" -o "$work/$name" "$selftests/mm/$name.c" \
		"$selftests"/mm/{vm_util,*_settings}.c
	job+=(-f "$work/$name")
	names+=("$name")
done
at_least ${#names[@]} 3 "programs"
# What mem-on-off-test.sh puts online again is to go offline for certain.
export CXL=2G DRAM=2G APPEND='hugetlb_free_vmemmap=on movable_node'
for policy in dram range; do
	said=$("$ROOT/tools/guest/vm" \
		-n "${KERNEL:-6.12}-kselftest" "${job[@]}" "$ROOT/tests/lib/kselftest-guest.sh" \
		$policy "${names[@]}" 2>&1)
	is $? 0 "$policy: the guest comes to its end"
	guest_points "$policy" <<<"$said"
done
finish
