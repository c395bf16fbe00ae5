#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check-config finds what apply-config would find, on recorded machines. With ASan, UBSan
# and LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP the recordings are of x86-64"; exit 0; }
no_mount_namespace && { echo "1..0 # SKIP no mount namespace can be made here"; exit 0; }
build_asan || bail_out "the build with sanitizers failed"
mkdir "$work/conf"

check() { # STATUS WORDS DESCRIPTION TREE LINE ...: of a configuration of these lines
	printf '%s\n' "${@:5}" >"$work/conf/a.conf"
	run "$BUILD/plugin-asan/daxctl-memmap" --sysroot="$(tree "$4")" \
		check-config -c "$work/conf"
	if [ -n "$sanitizer" ]; then
		not_ok "$3" "$sanitizer"
	elif [ $status != "$1" ] || [[ $out$'\n'$err != *"$2"* ]]; then
		not_ok "$3" "exit status $status, expected $1 and: $2" "$out" "$err"
	else
		ok "$3 ($2)"
	fi
}

echo "# as it is"
check 0 "dax0.0: is so already" "the same" cxl-range '[a]' 'cxl.serial = 1' 'memmap = range'
check 0 "dax0.0: would become system RAM" "devdax" cxl-devdax '[a]' 'dax.device = dax0.0'
check 0 "no such device at present" "not there" cxl-range '[a]' 'cxl.serial = 7'

echo "# devices that are online"
check 1 "another memmap policy needs them offline" "another policy" cxl-range \
	'[a]' 'cxl.serial = 1' 'memmap = block'
check 1 "another memmap policy needs them offline" "by its name" cxl-range \
	'[a]' 'dax.device = dax0.0' 'memmap = block'
check 1 "devdax needs them offline" "devdax" cxl-range '[a]' 'cxl.serial = 1' 'mode = devdax'
check 0 "is devdax already" "devdax that it is" cxl-devdax '[a]' 'cxl.serial = 1' 'mode = devdax'

echo "# sets of devices"
check 1 "waits for the device with serial number 0x2" "one of them is missing" cxl-range \
	'[a]' 'cxl.serial = 1, 2'
check 1 "mem0: [b] at $work/conf/a.conf:3 is for it, but [a] at $work/conf/a.conf:1 comes" \
	"two sections, by serial numbers" cxl-range \
	'[a]' 'cxl.serial = 1' '[b]' 'cxl.serial = 2, 1'
check 1 "dax0.0: [b] at $work/conf/a.conf:3 is for it, but [a] at $work/conf/a.conf:1 comes" \
	"two sections, by other names" cxl-range \
	'[a]' 'dax.device = dax0.0' '[b]' 'cxl.region = region0'

echo "# a region that is there"
for size in 300M 300T 2G; do
	check 1 "size: mem0 is part of region0, which has 4.00 GiB" "size = $size" cxl-range \
		'[a]' 'cxl.serial = 1' "size = $size"
done
check 1 "granularity: mem0 is part of region0" "granularity" cxl-range \
	'[a]' 'cxl.serial = 1' 'granularity = 16384'
check 1 "decoder: mem0 is part of region0" "decoder" cxl-range \
	'[a]' 'cxl.serial = 1' 'decoder = decoder0.7'

echo "# kernels"
check 1 "this kernel has no memmap policies" "range without policies" stock-off \
	'[a]' 'cxl.serial = 1' 'memmap = range'
check 1 "boot with memory_hotplug.memmap_on_memory=1" "block that is off" stock-off \
	'[a]' 'dax.device = dax0.0' 'memmap = block'

echo "# numbers"
check 1 "'010' is no serial number" "octal" cxl-range '[a]' 'cxl.serial = 010'
check 1 "size = 0400M: no size" "an octal size" cxl-range '[a]' 'cxl.serial = 1' 'size = 0400M'
check 0 "serial 0x1, part of region0" "hexadecimal" cxl-range '[a]' 'cxl.serial = 0x01'
finish
