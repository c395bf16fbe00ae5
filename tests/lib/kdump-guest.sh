#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that crashes with a CXL expander as system RAM, for tests/host/kdump.sh. Another
# expander was system RAM before, and is removed last.
#
#	kdump-guest.sh POLICY STATE CALL WHEN
#
# POLICY	dram, block, range
# STATE		of its memory when the kernel crashes: none (never added), added (no block
#		is online), garbage (the same, and before it was full of what looks like
#		struct pages), part (half of them are), all
# CALL		kexec_load, kexec_load+hotplug (the kernel keeps what kexec made up to
#		date), kexec_file_load: for the crash kernel
# WHEN		it is loaded: before the memory is added, or after all that
#
# /out/state says where both are, and how much is usable: FIRST END FIRST2 END2 USABLE, in
# bytes.
. /job/lib/guest.sh
policy=$1 state=$2 call=$3 when=$4
for m in virtio_pci 9pnet_virtio 9p; do modprobe $m || bail_out "no module $m"; done
mkdir -p /out
mount -t 9p -o trans=virtio,version=9p2000.L out /out || bail_out "no folder to write to"

load() {
	local options=-s
	case $call in
	kexec_load) options=-c ;;
	kexec_load+hotplug) options="-c --hotplug" ;;
	esac
	# shellcheck disable=SC2086
	kexec -p $options --initrd=/job/crash.cpio --command-line="console=ttyS0 panic=-1 \
		nr_cpus=1 no_timer_check reset_devices quiet loglevel=7" /job/bzImage ||
		bail_out "kexec loads no crash kernel"
	is "$(cat /sys/kernel/kexec_crash_loaded)" 1 "a crash kernel is loaded"
}
# Whole memory blocks of a device, as FIRST END.
whole_blocks() { # DAX
	local start bs
	start=$(dax_start "$1") bs=$(block_size)
	echo $(((start + bs - 1) / bs * bs)) $(((start + $(dax_size "$1")) / bs * bs))
}
[ "$when" = after ] || load

setup_two_devices
modprobe mhp_altmap_calls
usable=0
node=$(dax_node "$d1")
blocks=()
if [ "$state" = garbage ]; then
	write /sys/bus/dax/drivers/device_dax/new_id "$d1"
	wait_for test -e "/dev/$d1"
	chmod +x /job/soak-memory
	works "garbage" /job/soak-memory pages "/dev/$d1" "$(dax_size "$d1")" 0
fi
for d in "$d1" "$d2"; do
	[ "$state $d" != "none $d1" ] || continue
	works "policy $policy" set_policy "$d" "$policy"
	works "added" kmem_bind "$d"
done
[ "$state" = none ] || mapfile -t blocks < <(dax_blocks "$d1")
[ "$state" = none ] || usable=$(memmap_figure "$d1" usable)
case $state in
part) online=("${blocks[@]:0:${#blocks[@]}/2}") ;;
all) online=("${blocks[@]}") ;;
*) online=() ;;
esac
# A page of the kernel's is in what stays.
for b in "${online[@]}"; do set_block "$b" online_kernel || not_ok "block $b online"; done
if [ ${#online[@]} -gt 0 ]; then
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
works "the other: online" online_blocks "$d2" online_movable
works "the other: offline" offline_blocks "$d2"
works "the other: removed" kmem_unbind "$d2"

# What a program finds that walks all struct pages of the live kernel.
works "/proc/kcore: all struct pages can be read" makedumpfile --mem-usage /proc/kcore
[ "$when" = before ] || load
echo "$(whole_blocks "$d1") $(whole_blocks "$d2") $usable" >/out/state
sync
# Enough to be seen, and it is what ends this.
echo "1..$tap_nr"
[ "$tap_failed" = 0 ] || exit 1
echo c >/proc/sysrq-trigger
sleep 60
