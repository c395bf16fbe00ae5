#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap while the device comes and goes under its hands: an error or a
# success, never a crash or a hang, and never a device left half-way. Memory stays
# offline: kmem keeps what is online when its device goes, until a reboot.
# SOAK=MINUTES in the environment: so long.
# vm: CXL=2G DRAM=2G SMP=2
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
load_cxl
modprobe kmem
dax=$(create_region) || bail_out "no region"
wait_for test -L "$(dax_dir "$dax")/driver"
region=region${dax#dax}; region=${region%.*}
kmem_unbind "$dax"
modprobe device_dax
$P reconfigure-device -m devdax "$dax" >/dev/null 2>&1
memmap=$(vmstat nr_memmap_pages)

choose_seed
commands=("list" "plan all" "verify all" "reconfigure-device --memmap=range -N all"
	"reconfigure-device --memmap=block -N all" "reconfigure-device -m devdax -f all")
(
	seed_job 1
	n=0
	until [ -e /tmp/stop ]; do
		cxl disable-region "$region" >/dev/null 2>&1 &&
			cxl enable-region "$region" >/dev/null 2>&1 && n=$((n + 1)) && echo $n \
				>/tmp/rounds
		# A command has to see the device now and then.
		sleep 0.$((RANDOM % 6))
	done
) &
teardown=$!
rounds() { cat /tmp/rounds 2>/dev/null || echo 0; }
n=0 good=0 bad='' soak=$((${SOAK:-0} * 60)) start=$SECONDS
# Errors, too: only who sees the device go has been tested.
enough() { [ $good -ge 60 ] && [ $((n - good)) -ge 3 ] && [ "$(rounds)" -ge 20 ]; }
until [ $((SECONDS - start)) -ge $soak ] && enough; do
	[ $((SECONDS - start)) -lt $((soak + 300)) ] || break
	c=${commands[RANDOM % 6]}
	timeout 250 $P $c >/tmp/out 2>&1
	rc=$?
	n=$((n + 1))
	[ $rc != 0 ] || good=$((good + 1))
	[ $rc -le 2 ] || [ "$c:$rc" = "verify all:3" ] || bad="$bad $c:$rc"
done
touch /tmp/stop
wait $teardown
echo "# $((SECONDS - start)) s"
nothing "$bad" "commands end with 0, 1 or 2, or 3 for nothing to verify"
at_least $n 63 "commands"
at_least $good 60 "of them successful"
at_least $((n - good)) 3 "that saw the device go"
at_least "$(rounds)" 20 "times that the device went and came"
wait_for cxl enable-region "$region"
wait_for test -e "$(dax_dir "$dax")" || cxl list
timeout 100 $P reconfigure-device -m devdax -f "$dax" >/dev/null 2>&1
works "afterwards it works" $P reconfigure-device --memmap=range "$dax"
works "and verifies" $P verify "$dax"
works "and goes" $P reconfigure-device -m devdax -f "$dax"
is "$(vmstat nr_memmap_pages)" "$memmap" "nothing is left"
finish
