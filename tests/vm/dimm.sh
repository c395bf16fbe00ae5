#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# DIMMs that ACPI adds: one that is there at boot, others plugged and unplugged
# while the machine runs. mhp_altmap.dimm decides, and the DIMM is the range.
# vm: MONITOR=1 APPEND='mhp_altmap.dimm=range' \
#   QEMU_EXTRA='-object memory-backend-ram,id=boot,reserve=off,size=2G \
#   -device pc-dimm,id=dimm0,memdev=boot,node=1'
# x86: QEMU's monitor is on the fourth serial port of a PC
# debug: MONITOR=1 DRAM=2G
. /job/lib/guest.sh
GiB=$((1 << 30)) bs=$(block_size)
open_monitor

acpi_dimms() { ls -d /sys/bus/acpi/devices/PNP0C80:*/memmap_effective 2>/dev/null; }
effective_of() { cat "/sys/bus/acpi/devices/PNP0C80:0$1/memmap_effective"; }
# Line N of the table of ranges.
range_nr() { awk -v n="$1" 'NR == n + 1' $DEBUG/mhp_altmap/ranges; }
plug() { # N SIZE
	monitor "object_add memory-backend-ram,id=mem$1,reserve=off,size=$2" &&
		monitor "device_add pc-dimm,id=dimm$1,memdev=mem$1,node=1"
}
plugged() { monitor "info memory-devices" | grep -q "\"dimm$1\""; }
unplug() { # N
	monitor "device_del dimm$1" && wait_for eval "! plugged $1" && monitor "object_del mem$1"
}
blocks_of() { # NODE: memory blocks, by state
	local b n=0
	for b in /sys/devices/system/node/node"$1"/memory[0-9]*; do
		[ ! -e "$b" ] || [ "$(cat "$b/state")" != "$2" ] || n=$((n + 1))
	done
	echo $n
}

echo "# a DIMM that is there at boot"
is "$(cat "$(class_default dimm)")" range "mhp_altmap.dimm, from the command line"
is "$(acpi_dimms | wc -l)" 1 "one DIMM"
is "$(effective_of 0)" range "its memmap_effective"
is "$(nr_ranges)" 1 "one range"
read -r start size nid head memmap altmap sections self poisoned < <(range_nr 1)
is "$((size)) $nid" "$((2 * GiB)) 1" "it is the DIMM"
is "$self" "$sections" "and holds its own memmap"
is "$(blocks_of 1 offline)" 15 "its memory blocks are offline, as the kernel's default is"
is "$(cat /sys/devices/system/memory/auto_online_blocks)" offline "which is auto_online_blocks"

echo "# plugged while the machine runs, onlined by itself"
echo online_movable >/sys/devices/system/memory/auto_online_blocks
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages) free=$(node_free_pages 0)
works "plug 2 GiB" plug 1 2G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:01/memmap_effective
is "$(effective_of 1)" range "its memmap_effective"
is "$(nr_ranges)" 2 "two ranges"
read -r start size nid head memmap altmap sections self poisoned < <(range_nr 2)
is "$((size)) $((head))" "$((2 * GiB)) $((128 << 20))" "the DIMM is the range"
is "$self" "$sections" "it holds its own memmap"
wait_for eval '[ "$(blocks_of 1 online)" = 15 ]'
is "$(blocks_of 1 online)" 15 "its blocks are online"
is "$(zone_field 1 Movable present)" $((15 << 15)) "with all usable pages"
settle
if debug_kernel; then skip "DRAM" "debug options take DRAM of their own"
else at_most $((free - $(node_free_pages 0))) 512 "pages of DRAM taken"; fi

echo "# another policy for the next"
echo block >"$(class_default dimm)"
works "plug 1 GiB" plug 2 1G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:02/memmap_effective
is "$(effective_of 2)" block "memmap_effective: block, without the boot parameter of memory hotplug"
is "$(effective_of 1)" range "the others keep theirs"
is "$(nr_ranges)" 2 "and there is no third range"
echo default >"$(class_default dimm)"
works "plug 1 GiB" plug 3 1G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:03/memmap_effective
is "$(effective_of 3)" dram "default: as without the layer, and so dram"
wait_for eval '[ "$(blocks_of 1 online)" = $((15 + 8 + 8)) ]'

echo "# the head of a range is no memory of its group"
echo range >"$(class_default dimm)"
echo offline >/sys/devices/system/memory/auto_online_blocks
works "plug 2 GiB" plug 4 2G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:04/memmap_effective
read -r start size _ head _ < <(range_nr 3)
works "ZONE_MOVABLE has room for all but the head" auto_movable $((size - head)) $((size))
is "$(cat $SYS_MEMORY/memory$(((start + size) / bs - 1))/valid_zones)" \
	"Movable Normal" "which is what the DIMM needs"
write /sys/module/memory_hotplug/parameters/online_policy contig-zones
works "unplug it" unplug 4
echo online_movable >/sys/devices/system/memory/auto_online_blocks

echo "# a policy that cannot be honoured"
echo range >"$(class_default dimm)"
dmesg -C
plug 8 128M
wait_for eval "dmesg | grep -q 'add_memory failed'"
is "$(dmesg | grep -c 'mhp_altmap: memmap policy range refused for .*: too small')" 1 \
	"one line in the log says why"
is "$(acpi_dimms | wc -l)" 4 "a DIMM of 128 MiB has not been added"
echo dram >"$(class_default dimm)"

echo "# unplugged"
for n in 3 2; do
	works "unplug DIMM $n" unplug $n
done
is "$(acpi_dimms | wc -l)" 2 "they are gone"

modprobe memory-notifier-error-inject
inject=$DEBUG/notifier-error-inject/memory/actions/MEM_GOING_OFFLINE/error
write "$inject" -16
dmesg -C
monitor "device_del dimm1"
wait_for eval "dmesg | grep -q 'Offline failed'"
wait_for eval '[ "$(blocks_of 1 online)" = 15 ]'
is "$(effective_of 1)" range "a DIMM whose memory does not go offline stays"
is "$(blocks_of 1 online)" 15 "with all blocks online again"
read -r _ _ _ _ _ _ sections self _ < <(range_nr 2)
is "$self" "$sections" "and the memmap where it was"
write "$inject" 0
works "free again, it is unplugged" unplug 1
is "$(nr_ranges)" 1 "one range is left"
is "$(vmstat nr_memmap_pages)" "$structs" "nr_memmap_pages is back"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
works "another is plugged into its slot" plug 5 1G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:01/memmap_effective
is "$(effective_of 1)" dram "now with dram"

echo "# auto"
echo auto >"$(class_default dimm)"
dmesg -C
works "plug 4 GiB" plug 6 4G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:02/memmap_effective
is "$(effective_of 2)" range "4 GiB: memmap_effective"
is "$(dmesg | grep -c 'mhp_altmap: memmap policy auto is range for .*: range is possible')" 1 \
	"one line in the log says so"
works "plug 1 GiB" plug 7 1G
wait_for test -e /sys/bus/acpi/devices/PNP0C80:03/memmap_effective
is "$(effective_of 3)" block "1 GiB: memmap_effective"
is "$(dmesg | grep -c 'mhp_altmap: memmap policy auto is block for .*: whole sections would')" 1 \
	"one line in the log says why"

echo "# memory of which a part is gone cannot be removed as one: the DIMM stays"
echo dram >"$(class_default dimm)"
echo offline >/sys/devices/system/memory/auto_online_blocks
modprobe mhp_altmap_calls
call() { write $DEBUG/mhp_altmap_calls "$*"; }
address_of() { # DIMM
	monitor "info memory-devices" | sed -n "/\"dimm$1\"/,/memdev/s/^ *addr: //p"
}
# Not 1 GiB: x86 maps that by one entry, and follows it as a table when a part goes.
works "plug 512 MiB" plug 9 512M
wait_for test -e /sys/bus/acpi/devices/PNP0C80:05/memmap_effective
start=$(address_of 9)
# Its last block belongs to it: ACPI has done with adding it.
wait_for test -e $SYS_MEMORY/memory$((start / bs + (512 << 20) / bs - 1))/firmware_node
if debug_kernel; then
	# Nobody but ACPI removes its memory, and ACPI lets go of the blocks before that.
	skip "a part is gone" "memory blocks that ACPI holds take its lock when others remove them"
else
	works "a block of it is removed" call remove "$start" $bs
	dmesg -C
	works "unplugging is asked for" monitor "device_del dimm9"
	wait_for eval "dmesg | grep -q 'Not ejected'"
	is "$(dmesg | grep -c "not removed: no memory at $(printf '%#x' $((start)))")" 1 \
		"one line in the log says why"
	works "the DIMM is there" plugged 9
	works "its memory still belongs to it" \
		test -e "$SYS_MEMORY/memory$((start / bs + 1))/firmware_node"
	works "asked again" monitor "device_del dimm9"
	wait_for eval '[ "$(dmesg | grep -c "Not ejected")" = 2 ]'
	works "it is refused again" plugged 9
	works "the rest is removed" call remove $((start + bs)) $(((512 << 20) - bs))
fi
works "then it can be unplugged" unplug 9

echo "# memory that is partly somebody else's is not the DIMM's"
works "a block is added where a DIMM will be" call add 1 "$start" $bs dram
dmesg -C
monitor "object_add memory-backend-ram,id=mem10,reserve=off,size=512M"
works "plug 512 MiB there" monitor "device_add pc-dimm,id=dimm10,memdev=mem10,node=1,addr=$start"
wait_for eval "dmesg | grep -q 'is partly in use already: left alone'"
is "$(dmesg | grep -c 'is partly in use already: left alone')" 1 "one line in the log says so"
fails "No such file" "the block is not taken from its owner" \
	ls $SYS_MEMORY/memory$((start / bs))/firmware_node
works "unplugging is asked for" monitor "device_del dimm10"
wait_for eval "dmesg | grep -q 'Not ejected'"
works "it stays while a part of it is in use" plugged 10
works "the owner removes that" call remove "$start" $bs
works "the DIMM can be unplugged" unplug 10
finish
