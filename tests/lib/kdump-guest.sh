#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that crashes with a CXL expander as system RAM, for tests/lib/kdump.sh.
#
#	kdump-guest.sh POLICY STATE CALL WHEN
#
# POLICY	dram, block, range
# STATE		of its memory when the kernel crashes: none (never added), added (no block
#		is online), part (half of them are), all, removed (was online before)
# CALL		kexec_load or kexec_file_load, for the crash kernel
# WHEN		it is loaded: before the memory is added, or after all that
#
# /out/state says what there was.
. /job/lib/guest.sh
policy=$1 state=$2 call=$3 when=$4
for m in virtio_pci 9pnet_virtio 9p; do modprobe $m || bail_out "no module $m"; done
mkdir -p /out
mount -t 9p -o trans=virtio,version=9p2000.L out /out || bail_out "no folder to write to"

load() {
	local option=-c
	[ "$call" = kexec_load ] || option=-s
	kexec -p $option --initrd=/job/crash.cpio --command-line="console=ttyS0 panic=-1 \
		nr_cpus=1 reset_devices quiet loglevel=7" /job/bzImage ||
		bail_out "kexec loads no crash kernel"
	is "$(cat /sys/kernel/kexec_crash_loaded)" 1 "a crash kernel is loaded"
}
[ "$when" = after ] || load

setup_device
modprobe mhp_altmap_calls
node=$(dax_node "$dax")
if [ "$state" != none ]; then
	works "policy $policy" set_policy "$dax" "$policy"
	works "added" kmem_bind "$dax"
	blocks=($(dax_blocks "$dax"))
fi
case $state in
part) online=("${blocks[@]:0:${#blocks[@]}/2}") ;;
all | removed) online=("${blocks[@]}") ;;
*) online=() ;;
esac
# What is removed has to be movable. A page of the kernel's is in what stays.
zone=online_kernel
[ "$state" != removed ] || zone=online_movable
for b in "${online[@]}"; do set_block "$b" $zone || not_ok "block $b online"; done
if [ "$state" = removed ]; then
	works "offline" offline_blocks "$dax"
	works "removed" kmem_unbind "$dax"
elif [ ${#online[@]} -gt 0 ]; then
	works "a page of the kernel's" pin_page "$node"
	mkdir -p /mnt/user
	mount -t tmpfs -o size=64M,mpol=bind:"$node" none /mnt/user
	# Not in one word here: this script is in DRAM.
	line=$(for i in {1..500}; do printf 'mhp_%s!' user; done)
	yes "$line" | dd of=/mnt/user/file bs=1M count=8 iflag=fullblock \
		status=none
	# A new page is not on the LRU list at once, and not known as a user's until then.
	echo 1 >/proc/sys/vm/drop_caches
fi

# What a program finds that walks all struct pages of the live kernel.
if makedumpfile --mem-usage /proc/kcore >/out/kcore 2>&1; then
	ok "/proc/kcore: all struct pages can be read"
elif [ $? = 0 ] || grep -q 'PT_LOAD\|not supported' /out/kcore; then
	skip "/proc/kcore" "makedumpfile cannot: $(tail -n 1 /out/kcore)"
else
	not_ok "/proc/kcore: all struct pages can be read" "$(tail -n 3 /out/kcore)"
fi
[ "$when" = before ] || load
{
	echo "start $(($(dax_start "$dax"))) size $(dax_size "$dax") block $(block_size)"
	echo "first $(($(range_start "$dax")))"
	printf 'online'
	for b in "${online[@]}"; do [ "$(block_state "$b")" != online ] || printf ' %s' "$b"; done
	echo
	echo "head $(($(range_field "$dax" head)))"
} >/out/state
makedumpfile -v | head -n 1 >/out/makedumpfile
sync
# Enough to be seen, and it is what ends this.
finish() { :; }
echo "1..$tap_nr"
[ "$tap_failed" = 0 ] || exit 1
echo c >/proc/sysrq-trigger
sleep 60
