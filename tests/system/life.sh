#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The life of a server, from Debian 13 as it is installed: our packages come by apt, GRUB
# starts the kernel, the expander is onboarded and is there after the next boot, huge
# pages come from it, the kernel crashes and leaves a dump, Debian's kernel is started
# again, the packages go, and all is as before.
#
# Not a part of make check: make system-test builds what it takes. With LSMOD=ask, it ends
# when it is known which modules the machine uses.
. "$(dirname "$0")/../lib/host.sh"
machine=$BUILD/machine disk=$BUILD/machine/disk
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null; rm -rf "$work"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
ssh_options=(-i "$machine/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
	-o LogLevel=ERROR -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=24)
on() { # COMMAND: run by the machine's bash, as root
	ssh -n -p "$port" "${ssh_options[@]}" root@127.0.0.1 "$*"
}
on_works() { # DESCRIPTION COMMAND
	local what=$1 out
	shift
	if out=$(on "$*" 2>&1); then ok "$what"; else not_ok "$what" "$(tail -n 15 <<<"$out")"; fi
}
console() { tail -n 12 "$disk.console" | tr -d '\r' | sed 's/^/  /'; }
# One after the other: the power is off in between, as devices of QEMU keep their regions.
start() { # DESCRIPTION [STATE]
	local end=$((SECONDS + ${START:-600})) from=$SECONDS
	CXL=4G "$ROOT/tools/guest/machine" "$disk" "$port" &
	qemu=$!
	until on true 2>/dev/null; do
		if ! kill -0 $qemu 2>/dev/null || ((SECONDS > end)); then
			not_ok "$1: it answers" "$(console)"
			finish
		fi
		sleep 1
	done
	state=$(on systemctl is-system-running --wait)
	echo "# $1: up after $((SECONDS - from)) s, $state"
	is "$state" "${2:-running}" "$1: it is up"
	[ "$state" = running ] || on systemctl --failed --plain --no-legend | sed 's/^/# /'
}
gone() { # it switches itself off, or boots again
	local end=$((SECONDS + ${START:-600}))
	while kill -0 $qemu 2>/dev/null; do
		if ((SECONDS > end)); then
			not_ok "$1: it ends" "$(console)"
			finish
		fi
		sleep 1
	done
	wait $qemu
	qemu=
}
content() { # DESCRIPTION
	local log
	log=$(on journalctl -b -k -o cat)
	at_least "$(wc -l <<<"$log")" 200 "$1: lines of the kernel's log"
	nothing "$(grep -E 'WARNING:|BUG:|Oops|Call Trace' <<<"$log")" "$1: no complaint"
}
reboot() { # DESCRIPTION [STATE]
	content "before: $1"
	on systemctl reboot >/dev/null 2>&1
	gone "$1"
	start "$@"
}
# What the packages may have changed, and what is not to be there any more in the end.
census() {
	on "dpkg-query -W -f '\${Package} \${Status}\n' | grep ' installed$' | sort
		ls /boot /lib/modules /etc/udev/rules.d /etc/default/grub.d /etc/*.d 2>/dev/null
		ls /etc /var/lib /usr/lib/udev/rules.d"
}
policy() { on "cat /sys/bus/dax/devices/dax0.0/memmap_effective" 2>&1; }

"$ROOT/tools/guest/machine-disk" "$disk" || { not_ok "a disk"; finish; }
rm -f "$disk.console" "$disk.efi"
start "as it was installed"
debian=$(on uname -r)
case $debian in
*mhp-altmap*) not_ok "Debian's kernel runs" "$debian" ;;
*) ok "Debian's kernel runs ($debian)" ;;
esac
is "$(on findmnt -n -o FSTYPE,SOURCE / | tr -s ' ')" "ext4 /dev/nvme0n1p2" "from an NVMe"
on_works "by EFI" "test -d /sys/firmware/efi/efivars"
on_works "GRUB is installed, as the installer does it" \
	"grub-install --target=x86_64-efi --force-extra-removable && update-grub"
# For a kernel with the modules of this machine: tools/release/kernel-config takes it.
on lsmod >"$machine/lsmod.new" && mv "$machine/lsmod.new" "$machine/lsmod"
if [ "${LSMOD:-}" = ask ]; then
	on poweroff >/dev/null 2>&1
	gone "the list of modules"
	finish
fi
before=$(census)
cmdline=$(on "sed -n 's/^[[:space:]]*linux[[:space:]]*/BOOT_IMAGE=/p' /boot/grub/grub.cfg" |
	head -n 1 | xargs)

echo "# the packages"
scp -q -P "$port" "${ssh_options[@]}" "$BUILD"/deb/linux-{image,headers}-*.deb \
	"$BUILD"/deb/{libdaxctl-memmap1,daxctl-memmap}_*.deb root@127.0.0.1:/tmp
is $? 0 "copied"
on_works "apt installs them" \
	"DEBIAN_FRONTEND=noninteractive apt-get install -y /tmp/*.deb"
on_works "on Debian's kernel, the command says what it lacks" \
	"daxctl-memmap onboard --memmap=range mem0 2>&1 | grep 'no memmap policies'"
reboot "with our kernel"
ours=$(on uname -r)
case $ours in *mhp-altmap*) ok "GRUB has chosen it: $ours" ;; *) not_ok "it runs" "$ours" ;; esac
on daxctl-memmap plan mem0 | sed 's/^/# /'
on_works "onboard --persist" "daxctl-memmap onboard --memmap=range --persist mem0"
is "$(policy)" range "with policy range"
on daxctl-memmap verify all | sed 's/^/# /'
on_works "verify: it is as requested" "daxctl-memmap verify all"

reboot "the next boot"
on_works "the memory is there" "for i in {1..60}; do
	daxctl-memmap list dax0.0 | jq -e '.[0].mode == \"system-ram\" and
		.[0].online_memblocks == .[0].total_memblocks' && exit; sleep 1; done; exit 1"
is "$(policy)" range "with its policy"
on_works "status is content" "daxctl-memmap status"
on_works "verify, too" "daxctl-memmap verify all"
node=$(on cat /sys/bus/dax/devices/dax0.0/target_node)
pages=/sys/devices/system/node/node$node/hugepages
# 1 GiB pages of movable memory are a matter of newer kernels.
size=2048kB n=512
! on test -e /proc/sys/vm/movable_gigantic_pages || {
	on_works "1 GiB pages of movable memory, by sysctl" sysctl -q vm.movable_gigantic_pages=1
	size=1048576kB n=2
}
on "echo $n >$pages/hugepages-$size/nr_hugepages"
is "$(on cat "$pages/hugepages-$size/nr_hugepages")" $n "$n pages of $size of it"
on "echo 0 >$pages/hugepages-$size/nr_hugepages"

echo "# a crash"
on_works "a crash kernel is loaded, by Debian's kdump-tools" "kdump-config status &&
	grep -qx 1 /sys/kernel/kexec_crash_loaded"
on "cat /proc/cmdline" | tr ' ' '\n' | grep crashkernel | sed 's/^/# /'
head=$(on cat /sys/bus/dax/devices/dax0.0/resource)
content "before the crash"
on "sync; sleep 1; echo 1 >/proc/sys/kernel/sysrq; (sleep 1; echo c >/proc/sysrq-trigger) \
	>/dev/null 2>&1 &"
gone "after the crash"
start "after the crash"
on "ls -lR /var/crash" | sed 's/^/# /'
on_works "there is a dump" "ls /var/crash/*/dump.*"
on_works "and what the kernel said last" "grep 'sysrq triggered crash' /var/crash/*/dmesg.*"
dump=$(on "ls /var/crash/*/dump.*")
scp -q -P "$port" "${ssh_options[@]}" "root@127.0.0.1:$dump" "$work/dump"
# Its head holds its memmap, which is the kernel's.
is "$(python3 -c 'import drgn, sys
prog = drgn.Program()
prog.set_core_dump(sys.argv[1])
print(prog["VMCOREINFO"].string_().decode().split("\n", 1)[0])
print("memmap", any(prog.read(int(sys.argv[2], 0), 4096, True)))
' "$work/dump" "$head" 2>&1 | tail -n 2)" "OSRELEASE=$ours
memmap True" "drgn reads it, and finds the memmap of the expander in it"
on_works "the memory is there again" "for i in {1..60}; do
	daxctl-memmap status && exit; sleep 1; done; exit 1"

echo "# beside Debian's kernel"
entry=$(on "grep -o \"gnulinux-$debian-advanced-[^' ]*\" /boot/grub/grub.cfg | head -n 1")
menu=$(on "grep -oE \"gnulinux-advanced-[^' ]*\" /boot/grub/grub.cfg | head -n 1")
on "sed -i s/^GRUB_DEFAULT=.*/GRUB_DEFAULT=saved/ /etc/default/grub; update-grub" >/dev/null 2>&1
on_works "GRUB is to start Debian's next" \
	"[ -n '$menu' ] && [ -n '$entry' ] && grub-reboot '$menu>$entry'"
# What it cannot do is a unit that has failed.
reboot "Debian's kernel" degraded
is "$(on uname -r)" "$debian" "it runs"
said=$(on daxctl-memmap status 2>&1)
is $? 1 "status: it is not as configured"
sed 's/^/# /' <<<"$said"
on_works "the journal says what this kernel lacks" \
	"journalctl -b -o cat -u 'daxctl-memmap@*' | grep 'no memmap policies'"

echo "# removed"
reboot "with our kernel once more"
is "$(on uname -r)" "$ours" "it runs"
on_works "the packages are purged" "DEBIAN_FRONTEND=noninteractive apt-get purge -y \
	'linux-image-*mhp-altmap*' 'linux-headers-*mhp-altmap*' '*daxctl-memmap*'"
on "sed -i s/^GRUB_DEFAULT=.*/GRUB_DEFAULT=0/ /etc/default/grub; update-grub; rm -rf /var/crash/*" \
	>/dev/null 2>&1
reboot "without us"
is "$(on uname -r)" "$debian" "Debian's kernel runs"
is "$(on cat /proc/cmdline | xargs)" "$cmdline" "with the command line that it had"
nothing "$(diff <(echo "$before") <(census))" "all is as it was installed"
on poweroff >/dev/null 2>&1
gone "the end"
finish
