#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What somebody sends who has tried it on hardware: all of it is there, nothing that is
# private, and nothing is changed but by -t, which takes times and leaves the device as
# it was.
# vm: CXL='2G 1G' APPEND='memory_hotplug.memmap_on_memory=1 lvm=vg-lab--host--7-root'
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
# file: tools/report
. /job/lib/guest.sh
chmod +x /job/daxctl-memmap /job/report
PATH=/job:$PATH
hostname lab-host-7
load_cxl
works "a report of a machine that has no region yet" report -o /tmp/bare.txt
at_least "$(grep -cE '^[* ] range +yes' /tmp/bare.txt)" 2 "plan, what both expanders could be"
setup_two_devices
write /sys/bus/dax/drivers/device_dax/new_id "$d1"
wait_for test -e "/dev/$d1"
works "one is system RAM" daxctl-memmap reconfigure-device -M range "$d2"
census() {
	cat /proc/iomem "$SYS_MEMORY"/memory*/state
	grep -h . /sys/bus/dax/devices/*/memmap_{policy,effective}
}
echo "cxl of lab-host-7: serial number 0x77, 0x78, from 192.168.7.1 and fe80::7:1" >/dev/kmsg
before=$(census)
file=/tmp/r.txt
works "a report" report -o $file
is "$(census)" "$before" "nothing is changed"
for chapter in Versions Machine Kernel CXL "DAX devices" "What each policy" "Is it as" Log; do
	is "$(sed -n "/^## $chapter/,/^## /p" $file | sed '/^## /d; /^$/d' | grep -c . |
		sed 's/^[1-9].*/some/')" some "it has: $chapter"
done
is "$(grep -c "^$d2: ok" $file)" 1 "verify says that $d2 is as it should be"
at_least "$(grep -cE '^[* ] range +yes' $file)" 1 "plan, what $d1 could be"
at_least "$(grep -c '"memdev":"mem1"' $file)" 1 "cxl list knows mem1"
is "$(grep -c 'cxl of HOST: serial number SERIAL, SERIAL, from IP and IP$' $file)" 1 \
	"who and where somebody is, is left out"
nothing "$(grep -nE 'lab-|"serial":"?[0-9x]' $file)" "nothing that is private"
is "$(grep -c ^CONFIG_MHP_ALTMAP=y $file)" 1 "how the kernel was configured"

fails "is not in mode devdax" "-t takes no memory that is in use" report -t "$d2" -o $file
fails "no such DAX device" "nor what does not exist" report -t dax9.9 -o $file
is "$(census)" "$before" "nothing is changed"
works "times of $d1" report -t "$d1" -o $file
sed -n '/^## Times/,/^## /p' $file | sed 's/^/# /'
for step in add online verify offline remove; do
	is "$(grep -cE "^  $step +ok +[0-9]+ ms" $file)" 3 "each policy: $step"
done
nothing "$(diff <(census) <(echo "$before"))" "and $d1 is as it was"

echo "# a trial that does not end well"
modprobe memory-notifier-error-inject
inject=$DEBUG/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error
echo -5 >"$inject"
report -t "$d1" -o $file 2>/dev/null
is $? 1 "memory that does not go online is the exit status"
echo 0 >"$inject"
at_least "$(grep -cE '^  online +failed' $file)" 3 "and in the report"
nothing "$(diff <(census) <(echo "$before"))" "$d1 is as it was"
auto=$(cat $SYS_MEMORY/auto_online_blocks)
out=$(signal_when TERM "[ -e /sys/bus/dax/drivers/kmem/$d1 ]" report -t "$d1" -o $file 2>&1)
is $? 130 "it is stopped midway"
nothing "$(diff <(census) <(echo "$before"))" "$d1 is as it was"
is "$(cat $SYS_MEMORY/auto_online_blocks)" "$auto" "memory goes online as before"

fails "run it as root" "others are told" setpriv --reuid 1 --clear-groups /job/report
fails "usage" "bad arguments" report -x
is "$(report - 2>&1 | head -n 1 | cut -c1-5)" usage "and words too many"
is "$(report -o - 2>/dev/null | head -n 1)" "# mhp-altmap: a report" "standard output"
hostname "(none)"
nothing "$(report -o - | grep HOST)" "a host without a name is in nothing"
finish
