#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian boots with systemd and udev, finds the CXL expander by itself, and what
# was written is there after a power cycle.
# vm: CXL=1G
# boots: 2
. /job/lib/guest.sh
boot=$1
rule=/etc/udev/rules.d/90-mhp-altmap-test.rules
kept=/var/lib/kept

is "$(cat /proc/1/comm)" systemd "boot $boot: systemd is process 1"
state=$(systemctl is-system-running --wait)
echo "# up after $(cut -d' ' -f1 /proc/uptime) s: $state"
for unit in $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1); do
	echo "# failed: $unit"
	journalctl -b -o cat -u "$unit" | tail -n 5 | sed 's/^/#   /'
done
# Debian's cxl-monitor takes trace events of modules that udev may not have loaded yet.
failed=$(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 |
	grep -vx cxl-monitor.service)
nothing "$failed" "boot $boot: no unit failed"
[ "$state" != degraded ] || [ -n "$failed" ] || state=running
is "$state" running "boot $boot: the boot ended"

works "boot $boot: udev has handled all events" udevadm settle --timeout=300
udevadm info /sys/class/block/vda | grep -q '^S: disk/by-path/' &&
	[ -b "$(readlink -f "$(echo /dev/disk/by-path/*virtio* | cut -d' ' -f1)")" ] &&
	ok "boot $boot: Debian's udev rules named the disk" ||
		not_ok "boot $boot: Debian's udev rules named the disk"
wait_for cxl_memdev && ok "boot $boot: udev loaded what the CXL memdev needs" ||
	not_ok "boot $boot: udev loaded what the CXL memdev needs" "$(lsmod | grep cxl)"
is "$(cxl list -M | jq -r '.[].memdev')" mem0 "boot $boot: cxl lists it"
nothing "$(ls /src /cache 2>/dev/null | grep -v :)" "boot $boot: nothing of the host is in sight"

case $boot in
1)
	[ ! -e $kept ] && ok "the disk is new" || not_ok "the disk is new"
	echo "written on boot 1" >$kept
	printf '%s, ' 'ACTION=="add"' 'SUBSYSTEM=="cxl"' 'KERNEL=="mem*"' >$rule
	echo 'RUN+="/usr/bin/touch /run/rule-saw-%k"' >>$rule
	works "a package's file goes" rm /usr/share/bash-completion/completions/daxctl
	works "the new udev rule has not seen mem0" test ! -e /run/rule-saw-mem0
	# Not to be seen by chance: events of this boot do not count on the next.
	udevadm control --reload
	udevadm trigger --settle --action=add /sys/bus/cxl/devices/mem0
	works "now it has" test -e /run/rule-saw-mem0
	next_boot
	;;
2)
	is "$(cat $kept)" "written on boot 1" "what was written is there"
	works "what was removed is not" test ! -e /usr/share/bash-completion/completions/daxctl
	wait_for test -e /run/rule-saw-mem0 && ok "the udev rule saw mem0 appear" ||
		not_ok "the udev rule saw mem0 appear"
	;;
esac
finish
