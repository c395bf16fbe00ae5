#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The sample driver: a module built outside the kernel tree hot-adds the memory
# of a PCI device with a policy, and removes it.
# vm: QEMU_EXTRA='-object memory-backend-ram,id=bar,share=on,reserve=off,size=8G \
#   -device ivshmem-plain,memdev=bar'
# debug: QEMU_EXTRA='-object memory-backend-ram,id=bar,share=on,reserve=off,size=2G \
#   -device ivshmem-plain,memdev=bar'
# file: @kernel/samples/mhp_altmap_pci.ko
. /job/lib/guest.sh
bar=$(grep -lx 0x1110 /sys/bus/pci/devices/*/device | head -n 1)
size=$(stat -c %s "${bar%device}resource2")
at_least "$size" $((2 << 30)) "the device has memory"
structs=$(vmstat nr_memmap_pages) iomem=$(cat /proc/iomem)
bound() { compgen -G '/sys/bus/pci/drivers/mhp_altmap_pci/0000:00:0*' >/dev/null; }
online_all() {
	local b
	for b in $SYS_MEMORY/memory[0-9]*/state; do
		[ "$(cat "$b")" = online ] || echo online_movable >"$b" || return
	done
}
head=$(((size / 64 + (128 << 20) - 1) / (128 << 20) * (128 << 20)))
auto=range
[ $((head - size / 64)) -le $((size / 64)) ] || auto=block
for p in range block dram auto; do
	echo "# policy=$p"
	free=$(node_kib 0 MemTotal)
	works "insmod" insmod ./mhp_altmap_pci.ko policy=$p
	bound && ok "it has its device" || not_ok "it has its device"
	want=$p; [ $p != auto ] || want=$auto
	is "$(nr_ranges)" "$([ $want = range ] && echo 1 || echo 0)" "ranges that hold their memmap"
	works "its memory goes online" online_all
	case $want in
	dram) usable=$size ;;
	range) usable=$((size - head)) ;;
	block) usable=$((size - size / 64)) ;;
	esac
	is $((($(node_kib 0 MemTotal) - free) * 1024)) $usable "and is there"
	is "$(dmesg | grep -c "memmap policy $want\$")" "$([ $p = auto ] && echo 2 || echo 1)" \
		"it says what it got"
	works "rmmod takes it offline and removes it" rmmod mhp_altmap_pci
	is "$(vmstat nr_memmap_pages) $(nr_ranges)" "$structs 0" "nothing is left"
	is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
done

echo "# a policy that does not exist"
insmod ./mhp_altmap_pci.ko policy=dev
bound; is $? 1 "policy=dev is refused"
is "$(dmesg | grep -c 'policy=dev: not dram, block, range or auto')" 1 \
	"one line in the log says why"
rmmod mhp_altmap_pci
is "$(vmstat nr_memmap_pages)" "$structs" "nothing was added"

echo "# memory that does not go offline stays, whole"
insmod ./mhp_altmap_pci.ko policy=range
online_all
modprobe memory-notifier-error-inject
write $DEBUG/notifier-error-inject/memory/actions/MEM_GOING_OFFLINE/error -16
rmmod mhp_altmap_pci
is "$(dmesg | grep -c 'memory in use, it stays until reboot: -')" 1 "rmmod says so"
line=($(awk 'NR == 2' $DEBUG/mhp_altmap/ranges))
is "${line[7]}" "${line[6]}" "the range is there with its memmap"
grep -q "System RAM (mhp_altmap_pci)" /proc/iomem && ok "and its name" || not_ok "and its name"
finish
