# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by what starts QEMU: sizes, and CXL devices.

MiB=1048576
# A size that QEMU can have: whole 256 MiB where hardware wants them.
size_of() { # VARIABLE SIZE ALIGN
	_b=$(bytes "$2") || { echo "error: $1=$2: not a size such as 16G or 512M" >&2; exit 2; }
	[ "$_b" -gt 0 ] && [ $((_b % $3)) = 0 ] ||
		{ echo "error: $1=$2: must be a multiple of $(($3 / MiB))M" >&2; exit 2; }
	echo "$_b"
}

device() { devices="$devices $*"; }

# Each size in CXL is a type-3 volatile device, all behind one host bridge and one window
# or, with INTERLEAVE=1, each behind its own, in a window that interleaves them. Adds to
# $machine and $devices.
cxl_devices() {
	window=0 i=0
	for s in ${CXL:-}; do
		b=$(size_of CXL "$s" $((256 * MiB)))
		window=$((window + b))
		device -object "memory-backend-ram,id=cm$i,reserve=off,size=$b"
		bridge=1; [ -z "${INTERLEAVE:-}" ] || bridge=$((i + 1))
		device -device "cxl-rp,port=$i,bus=cxl.$bridge,id=rp$i,chassis=0,slot=$((i + 2))"
		device -device "cxl-type3,bus=rp$i,volatile-memdev=cm$i,id=cmem$i,sn=$((i + 1))"
		i=$((i + 1))
	done
	if [ $i -gt 0 ]; then
		# Room to spare in the window, as real ones have. Of much, less: TCG's
		# processors have 40 address bits.
		spare=$window
		[ "$spare" -le $((256 * 1024 * MiB)) ] || spare=$((8 * 1024 * MiB))
		machine="$machine,cxl=on,cxl-fmw.0.size=$((window + spare))"
		n=1
		while :; do
			machine="$machine,cxl-fmw.0.targets.$((n - 1))=cxl.$n"
			devices="-device pxb-cxl,bus_nr=$((n * 24)),bus=pcie.0,id=cxl.$n $devices"
			[ -n "${INTERLEAVE:-}" ] && [ $n -lt $i ] || break
			n=$((n + 1))
		done
	fi
}
