#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that sleeps, for tests/host/sleep.sh.
#
#	sleep-guest.sh disk|resume|ram
. /job/lib/guest.sh
for m in virtio_pci virtio_blk; do modprobe $m || bail_out "no module $m"; done
wait_for test -b /dev/vda || bail_out "no disk"

# The second boot: what was saved goes on behind its write of "disk".
if [ "$1" = resume ]; then
	cat /sys/block/vda/dev >/sys/power/resume
	bail_out "there is nothing to resume"
fi
# The CXL driver refuses all but s2idle as long as it has a memory device: PMEM.
for m in nfit nd_pmem dax_pmem device_dax kmem; do modprobe $m; done
wait_for eval "ndctl list -Ni | jq -e 'length > 0'" || bail_out "no PMEM namespace"
ndctl create-namespace -f -m devdax -M mem -e "$(ndctl list -Ni |
	jq -r '[.] | flatten | .[0].dev')" >/dev/null 2>&1
dax=$(ls /sys/bus/dax/devices)
[ -n "$dax" ] || bail_out "no device"
images() { dmesg | grep -c 'hibernation: hibernation entry'; }
pattern() { dd if=/dev/urandom of="$1" bs=1M count=24 status=none; }

if [ "$1" = ram ]; then
	works "a range" \
		eval "set_policy $dax range && daxctl reconfigure-device -m system-ram $dax"
	is "$(blocks_online "$dax")" all "is online"
	mkdir -p /mnt
	mount -t tmpfs -o mpol=bind:"$(dax_node "$dax")" none /mnt
	pattern /mnt/file
	sum=$(md5sum </mnt/file)
	echo deep >/sys/power/mem_sleep
	works "suspend to RAM, and back" write /sys/power/state mem
	is "$(dmesg | grep -c 'Waking up from system sleep state S3')" 1 "it was S3"
	is "$(md5sum </mnt/file)" "$sum" "what is in the device's memory is as before"
	is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" \
		"so is the memmap"
	umount /mnt
	works "is removed" daxctl reconfigure-device -m devdax -f "$dax"
	is "$(nr_ranges)" 0 "nothing is left"
	finish
fi

works "swap" eval "busybox mkswap /dev/vda && swapon /dev/vda"
works "a range" eval "set_policy $dax range && daxctl reconfigure-device -m system-ram $dax"
is "$(blocks_online "$dax")" all "is online"
is "$(cat /sys/power/disk)" "[disabled]" "hibernation is refused"
fails "Operation not permitted" "and does not begin" write /sys/power/state disk
is "$(images)" 0 "nothing was frozen"
works "is removed" daxctl reconfigure-device -m devdax -f "$dax"

pattern /tmp/file
sum=$(md5sum </tmp/file) boot=$(cat /proc/sys/kernel/random/boot_id)
iomem=$(cat /proc/iomem)
echo shutdown >/sys/power/disk
works "hibernation, power off, resume" write /sys/power/state disk
is "$(md5sum </tmp/file)" "$sum" "what was in memory is as before"
is "$(cat /proc/sys/kernel/random/boot_id)" "$boot" "it is the kernel that slept"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
works "a range" eval "set_policy $dax range && daxctl reconfigure-device -m system-ram $dax"
is "$(blocks_online "$dax")" all "is online"
is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" "holds its memmap"
works "is removed" daxctl reconfigure-device -m devdax -f "$dax"
is "$(nr_ranges)" 0 "nothing is left"
finish
