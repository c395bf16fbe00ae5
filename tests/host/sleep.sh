#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hibernation is refused while there is a range, and works before and after one: a guest
# goes to sleep on a disk, and another QEMU goes on. Suspend to RAM, with a range online.
# needs: debug-kernel image
. "$(dirname "$0")/../lib/host.sh"
export FLAVOUR=debug DRAM=1G PMEM=1G SMP=1
disk=$work/disk
truncate -s 2G "$disk"
vm() { # MODE [QEMU-OPTION ...]
	local mode=$1
	shift
	QEMU_EXTRA="-drive if=none,id=disk,format=raw,cache=unsafe,file=$disk \
		-device virtio-blk-pci,bus=pcie.0,drive=disk $*" \
		"$ROOT/tools/guest/vm" -n "sleep-$mode" -f "$ROOT/tests/lib" \
		"$ROOT/tests/lib/sleep-guest.sh" "$mode" 2>&1
}

# It ends without a status: its power goes off in between.
before=$(vm disk) status=$?
guest_points "to the disk" <<<"$before"
is $status 126 "it is asleep"
after=$(vm resume) status=$?
guest_points "from the disk" <<<"$after"
is $status 0 "it comes to its end"

# Wake it when it has said that it sleeps.
cat >"$work/wake" <<'END'
import json, socket, sys, time
for _ in range(600):
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[1])
        break
    except OSError:
        time.sleep(0.1)
f = s.makefile("rw")
def say(command):
    f.write(json.dumps({"execute": command}) + "\n")
    f.flush()
f.readline()
say("qmp_capabilities")
for line in f:
    if json.loads(line).get("event") == "SUSPEND":
        time.sleep(1)
        say("system_wakeup")
        print("woken", flush=True)
        break
# QEMU does not power off any more after that. The kernel would complain in 10 s.
while "reboot: Power down" not in open(sys.argv[2], errors="replace").read():
    time.sleep(0.2)
say("quit")
# Until it is gone: what was not read from a socket is lost when it is closed.
try:
    f.read()
except OSError:
    pass
END
python3 "$work/wake" "$work/qmp" "$BUILD/vm/sleep-ram.console" >"$work/woken" 2>&1 &
out=$(vm ram "-global ICH9-LPC.disable_s3=0 -qmp unix:$work/qmp,server=on,wait=off") status=$?
guest_points "RAM" <<<"$out"
is $status 0 "it comes to its end"
is "$(cat "$work/woken")" woken "it was woken"
kill %1 2>/dev/null
finish
