#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The packages: installed, used, and what was kept for the next boot is done there,
# by udev and systemd. A power cycle leaves the expander without a region. The
# NVDIMM is a file, so that its namespace survives.
# vm: CXL=1G QEMU_EXTRA="-M nvdimm=on \
#   -object memory-backend-file,id=nv,share=on,mem-path=$DISK.nvdimm,size=512M \
#   -device nvdimm,memdev=nv,id=nvdimm0"
# file: @build/deb/daxctl-memmap_*.deb
# file: @build/deb/libdaxctl-memmap1_*.deb
# file: @build/deb/libdaxctl-memmap-dev_*.deb
# boots: 4
# kernels: one
. /job/lib/guest.sh
boot=$1
conf=/etc/daxctl-memmap.conf.d
cd / || exit 1

# The dax device of a CXL region, or of the NVDIMM.
cxl_dax() { daxctl-memmap list | jq -r '.[] | select(.cxl_region) | .chardev'; }
nv_dax() { daxctl-memmap list | jq -r '.[] | select(.nvdimm_uuid) | .chardev'; }
is_up() { # FUNCTION: it names a device, which is system RAM, all of it online
	daxctl-memmap list "$($1)" | jq -e 'length == 1 and .[0].mode == "system-ram" and
		.[0].online_memblocks == .[0].total_memblocks'
}
wait_up() { # FUNCTION
	local end=$((SECONDS + 60))
	until is_up "$1" >/dev/null 2>&1; do ((SECONDS < end)) || return; done
}
units() {
	systemctl list-units --all --plain --no-legend 'daxctl-memmap@*' |
		cut -d' ' -f1 | paste -sd' '
}
# Nothing is being started or stopped, for what has happened until now.
idle() {
	udevadm settle --timeout=300 && wait_for eval '[ -z "$(systemctl list-jobs --no-legend)" ]'
}
journal() { journalctl --sync; journalctl -b -o cat -u "daxctl-memmap@$1.service"; }

echo "# up after $(cut -d' ' -f1 /proc/uptime) s"
works "boot $boot: udev has handled all events" udevadm settle --timeout=300
wait_for cxl_memdev && ok "boot $boot: mem0 is there" || bail_out "no CXL memory device"

case $boot in
1)
	works "the packages are installed" dpkg -i /job/daxctl-memmap_*.deb \
		/job/libdaxctl-memmap1_*.deb /job/libdaxctl-memmap-dev_*.deb
	# The toolbox installs no documentation but man pages.
	nothing "$(dpkg --verify daxctl-memmap libdaxctl-memmap1 libdaxctl-memmap-dev 2>&1 |
		grep -v /usr/share/doc/)" "all of their files are there"
	is "$(man -P cat daxctl-memmap-onboard 2>/dev/null | grep -c "^NAME")" 1 "a man page opens"
	works "help finds it" sh -c 'MANPAGER=cat daxctl-memmap help verify | grep "^NAME"'
	is "$(bash --norc -c '. /usr/share/bash-completion/bash_completion; _comp_load daxctl-memmap
		COMP_WORDS=(daxctl-memmap onboard m) COMP_CWORD=2; _daxctl_memmap
		echo "${COMPREPLY[*]}"')" mem0 \
		"completion is found, and knows mem0"
	is "$(ldconfig -p | grep -c libdaxctl-memmap.so.1)" 1 "the library is found"
	is "$(pkg-config --modversion libdaxctl-memmap)" "$(daxctl-memmap --version)" \
		"pkg-config finds it"
	nothing "$(ls -A $conf 2>&1)" "the configuration is empty"
	works "so it is fine" daxctl-memmap check-config
	nothing "$(units)" "and nothing has started"

	works "the expander is onboarded, and kept" \
		daxctl-memmap onboard --memmap=range --persist mem0
	works "it is as requested" daxctl-memmap verify all
	is "$(ls $conf)" 50-cxl.serial-0x1.conf "there is a file for it"

	works "a namespace on the NVDIMM" ndctl create-namespace -f -m devdax -M mem \
		-e "$(ndctl list -Ni | jq -r '[.] | flatten | .[0].dev')"
	works "it becomes system RAM, and is kept" \
		daxctl-memmap reconfigure-device -M range --persist "$(nv_dax)"
	uuid=$(ndctl list -N | jq -r '[.] | flatten | .[0].uuid')
	works "by its UUID" grep -q "nvdimm.uuid = $uuid" "$conf/50-nvdimm.uuid-$uuid.conf"

	printf '# mine\n[mine]\ndax.device = dax7.0\nmemmap = head\n' >$conf/60-mine.conf
	fails "$conf/60-mine.conf:4: memmap = head" "an error of mine is found" \
		daxctl-memmap check-config
	explained() { daxctl-memmap check-config | grep -F "$1"; }
	works "what is well-formed is explained" \
		explained "cxl.serial = 0x1 -> system-ram, memmap range, online"
	# Regions of both kinds take the next number there is: CXL's, the first.
	echo "softdep nfit pre: cxl_acpi" >/etc/modprobe.d/order.conf
	next_boot
	;;
2)
	wait_up cxl_dax && ok "the expander came back by itself" ||
		not_ok "the expander came back by itself" "$(cxl list -MR)" "$(journal mem0)"
	echo "# $(cut -d' ' -f1 /proc/uptime) s after the start"
	wait_up nv_dax && ok "so did the NVDIMM" || not_ok "so did the NVDIMM" "$(ndctl list -N)" \
		"$(daxctl-memmap list)"
	is "$(effective "$(cxl_dax)") $(effective "$(nv_dax)")" "range range" "with their policies"
	works "both are as they were requested" daxctl-memmap verify all
	is "$(daxctl-memmap list "$(cxl_dax)" | jq -r '.[].movable')" true "in ZONE_MOVABLE"
	works "systemd has done what all events ask for" idle
	for unit in mem0 "$(cxl_dax)" "$(nv_dax)"; do
		[[ $(journal "$unit") == *"$conf/60-mine.conf:4: memmap = head"* ]] &&
			ok "the journal of $unit tells of my error" ||
			not_ok "the journal of $unit tells of my error" "$(journal "$unit")"
	done
	is "$(systemctl show -P ExecMainStatus daxctl-memmap@mem0)" 1 "and the unit has failed"
	at_least "$(units | wc -w)" 1 "units that systemd knows"

	rm $conf/60-mine.conf
	now() {
		cat /sys/bus/cxl/devices/region0/uevent
		effective "$(cxl_dax)"
		daxctl-memmap list
	}
	before=$(now)
	works "without it, all units succeed" systemctl start "daxctl-memmap@mem0" \
		"daxctl-memmap@$(cxl_dax)" "daxctl-memmap@$(nv_dax)"
	is "$(now)" "$before" "and change nothing"
	works "check-config has no complaint" daxctl-memmap check-config
	uuid=$(daxctl-memmap list "$(nv_dax)" | jq -r '.[].nvdimm_uuid')
	other=/etc/daxctl.conf.d/nv.conf
	printf '[reconfigure-device nv]\nnvdimm.uuid = %s\nmode = system-ram\n' "$uuid" >$other
	fails "daxctl acts on it as well: $other" "but of daxctl's own rule" \
		daxctl-memmap check-config
	rm $other
	fails "apply-config: which device" "an instance has a name" daxctl-memmap apply-config
	# Drivers that bind and unbind are events, too.
	works "the admin takes the expander out" \
		daxctl-memmap reconfigure-device -m devdax -f "$(cxl_dax)"
	# A unit that has ended is forgotten, but not by the journal.
	started() {
		journalctl --sync
		journalctl -b -o cat -u 'daxctl-memmap@*' | grep -c ^Starting
	}
	before=$(started)
	at_least "$before" 3 "units were started until now"
	works "events come again" \
		udevadm trigger --settle /sys/bus/cxl/devices/mem0 "/sys/bus/dax/devices/$(cxl_dax)"
	works "systemd has done what they ask for" idle
	is "$(started)" "$before" "no unit was started again"
	is "$(daxctl-memmap list "$(cxl_dax)" | jq -r '.[].mode')" devdax "it stays out"
	works "until it is asked for" systemctl start "daxctl-memmap@$(cxl_dax)"
	works "it is back" is_up cxl_dax

	echo "# by name, for the next boot"
	rm $conf/*
	printf '[nv]\ndax.device = %s\nmemmap = dram\n' "$(nv_dax)" >$conf/10-name.conf
	printf '[region]\ncxl.region = region0\nmemmap = block\nonline = false\n' \
		>>$conf/10-name.conf
	explained() { daxctl-memmap check-config | grep -F "$1"; }
	works "check-config" explained "cxl.region = region0 -> system-ram, memmap block"
	next_boot
	;;
3)
	wait_up nv_dax && ok "a section for a dax device is applied" ||
		not_ok "a section for a dax device is applied" "$(daxctl-memmap list)"
	is "$(effective "$(nv_dax)")" dram "with its policy"
	is "$(cxl list -R | jq length)" 0 "a section for a region makes none"
	works "somebody makes it" cxl create-region -t ram -d decoder0.0 -m mem0
	wait_for eval '[ "$(effective "$(cxl_dax)")" = block ]'
	is "$(effective "$(cxl_dax)")" block "the section for it is applied"
	wait_for eval \
		'[ "$(systemctl show -P ActiveState "daxctl-memmap@$(cxl_dax)")" != activating ]'
	is "$(daxctl-memmap list "$(cxl_dax)" | jq -r '.[0].online_memblocks')" 0 \
		"and leaves its memory offline, as it says"

	echo "# the class default, through the boot loader"
	# What GRUB would make of its files; the next boot has it.
	cat >/usr/sbin/update-grub <<-'END'
		#!/bin/sh
		for f in /etc/default/grub /etc/default/grub.d/*.cfg; do . "$f"; done
		echo "$GRUB_CMDLINE_LINUX" >/boot/words
	END
	chmod +x /usr/sbin/update-grub
	touch /etc/default/grub
	works "boot-default" daxctl-memmap boot-default cxl=range
	echo "# boot loader: $(cat /boot/words)"
	is "$(cat /boot/words | xargs)" "mhp_altmap.cxl=range" "the kernel's command line"

	works "the packages are purged" \
		dpkg --purge daxctl-memmap libdaxctl-memmap-dev libdaxctl-memmap1
	nothing "$(ls -d $conf /etc/default/grub.d/daxctl-memmap.cfg /usr/bin/daxctl-memmap \
		/usr/lib/udev/rules.d/*daxctl-memmap* 2>/dev/null)" \
		"nothing is left of them"
	is "$(cat /sys/bus/dax/devices/*/memmap_effective | paste -sd' ')" "block dram" \
		"memory that is there stays so"
	next_boot
	;;
4)
	works "systemd has done all that is to be done" idle
	is "$(cxl list -R | jq length)" 0 "without the package, there is no region"
	is "$(cat /sys/bus/dax/devices/*/memmap_effective)" none \
		"the NVDIMM is there, and is not system RAM"
	nothing "$(units)" "nothing has started"
	is "$(cat /sys/module/mhp_altmap/parameters/cxl)" range "the class default is there"
	modprobe kmem
	works "a region, as firmware might have made it" \
		cxl create-region -t ram -d decoder0.0 -m mem0
	cxl_policy() { cat /sys/bus/cxl/devices/region0/dax_region0/dax*/memmap_effective; }
	wait_for eval '[ "$(cxl_policy)" = range ]'
	is "$(cxl_policy)" range "it has it before anybody chooses"
	;;
esac
finish
