#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The commands that change devices, with ASan, UBSan and LeakSanitizer: each path
# once, the failures and the way back, too. What they do is tested in the others.
# vm: CXL=2G DRAM=2G
# x86: the program is built for the machine that builds it
# file: @build/plugin-asan/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=exitcode=99 LSAN_OPTIONS=exitcode=99
load_cxl
modprobe kmem
modprobe memory-notifier-error-inject
inject=$DEBUG/notifier-error-inject/memory/actions
conf=/usr/local/etc/daxctl-memmap.conf.d
mkdir -p $conf

clean() { # STATUS COMMAND ...: ends so (a pattern), and no sanitizer has anything to say
	local want=$1 out status
	shift
	out=$("$@" 2>&1)
	status=$?
	# shellcheck disable=SC2053
	if [[ $status == $want && $out != *"runtime error"* && $out != *Sanitizer* ]]; then
		ok "${*/$P/daxctl-memmap} ($status)"
	else
		not_ok "${*/$P/daxctl-memmap}" "exit status $status, expected $want" "$out"
	fi
}
failing() { # ACTION COMMAND ...: the kernel refuses
	echo -12 >"$inject/$1/error"
	clean 1 "${@:2}"
	echo 0 >"$inject/$1/error"
}

clean 0 $P onboard --dry-run mem0
failing MEM_GOING_ONLINE $P onboard --memmap=range mem0
clean 0 $P onboard -v --memmap=range -s 2G -g 256 -d decoder0.0 --persist mem0
dax=$(basename /sys/bus/dax/devices/dax*)
clean 0 $P onboard --memmap=range --persist mem0
clean 0 $P reconfigure-device --memmap=block -N -f "$dax"
clean 0 $P undo -n
failing MEM_GOING_ONLINE $P undo
clean 0 $P undo
clean 0 $P undo -n
for damage in '' '[]' '{"region":null}' '{"device":null,"blocks":null}' '{"device":1}' \
	'{"device":"dax0.0","blocks":7}' \
	'{"device":"dax0.0","blocks":[[0,0,1],[]]}' '{"region":"region0","serials":[{}]}'; do
	echo "$damage" >/run/daxctl-memmap/dax9.9.json
	clean 1 $P undo
done
rm /run/daxctl-memmap/dax9.9.json
clean 1 $P onboard -s 1G mem0
clean 0 $P verify "$dax"
clean "@(0|1)" $P why-busy all
clean "@(0|1)" $P why-busy --json "$dax"
clean 0 $P reconfigure-device --memmap=block -f "$dax"
clean 0 $P reconfigure-device --movable -v all
clean 1 $P reconfigure-device --memmap=dram "$dax" dax9.9
failing MEM_GOING_OFFLINE $P reconfigure-device --memmap=range -f "$dax"
clean 0 $P reconfigure-device -m devdax -f "$dax"
clean 0 $P reconfigure-device -n --memmap=range "$dax"
failing MEM_GOING_ONLINE $P reconfigure-device --memmap=range "$dax"
clean 0 $P reconfigure-device -N --memmap=dram "$dax"
clean 0 $P apply-config -v mem0 "$dax" all
clean 0 $P check-config
printf '[mine]\ndax.device = %s\nmode = devdax\n[bad]\nmemmap = head\n' "$dax" >$conf/10-mine.conf
clean 1 $P check-config
clean 1 $P reconfigure-device -f --persist "$dax"
clean 1 $P apply-config "$dax"

echo "# interrupted, early and late"
# By a signal if that comes before it is caught. To the program alone: what
# LeakSanitizer starts at its end would get the group's, and never end.
interrupted() { clean "@(0|1|129|130|143)" timeout --foreground --preserve-status -s "$@"; }
for delay in 0.2 0.5 1; do
	interrupted INT $delay $P reconfigure-device -f --memmap=range --movable "$dax"
	interrupted HUP $delay $P reconfigure-device -f -m devdax "$dax"
done
clean 0 $P reconfigure-device -m devdax -f "$dax"
rm $conf/*
cxl destroy-region -f all >/dev/null 2>&1
for delay in 0.3 0.8; do
	interrupted TERM $delay $P onboard --memmap=range mem0
	$P reconfigure-device -m devdax -f all >/dev/null 2>&1
	cxl destroy-region -f all >/dev/null 2>&1
done
finish
