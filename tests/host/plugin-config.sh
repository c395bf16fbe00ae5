#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check-config finds what apply-config would find, on recorded machines; status says what
# is not as configured; forget takes it out. With ASan, UBSan and LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
with_recordings
mkdir "$work/conf"

command=check-config
check() { # STATUS WORDS DESCRIPTION TREE LINE ...: of a configuration of these lines
	printf '%s\n' "${@:5}" >"$work/conf/a.conf"
	run "$in_tree" "$(tree "$4")" "$tool" $command -c "$work/conf"
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

echo "# status"
command=status
check 0 "ok           dax0.0   [a] system-ram, memmap range, online" "as configured" cxl-range \
	'[a]' 'cxl.serial = 1' 'memmap = range'
check 1 "has memmap policy range; configured: system-ram, memmap block" "another policy" \
	cxl-range '[a]' 'cxl.serial = 1' 'memmap = block'
check 1 "is system-ram; configured: devdax" "another mode" cxl-range \
	'[a]' 'cxl.serial = 1' 'mode = devdax'
check 1 "is devdax; configured: system-ram" "and the other way round" cxl-devdax \
	'[a]' 'cxl.serial = 1'
check 0 "ok           dax0.0   [a] devdax" "devdax" cxl-devdax \
	'[a]' 'cxl.serial = 1' 'mode = devdax'
check 1 "31 of 31 memory blocks are online; configured" "online" cxl-range \
	'[a]' 'dax.device = dax0.0' 'online = false'
check 1 "are not online in a kernel zone" "another zone" cxl-range \
	'[a]' 'dax.device = dax0.0' 'movable = false'
check 1 "missing      -        [a] cxl.serial = 7: no such device" "no device" cxl-devdax \
	'[a]' 'cxl.serial = 7'
check 1 "cxl.serial = 1, 2: 1 of 2 devices are there" "one of two devices" cxl-range \
	'[a]' 'cxl.serial = 1, 2'
check 1 "unused       dax0.0   [b] [a] at $work/conf/a.conf:1 comes first" "two sections" \
	cxl-range '[a]' 'cxl.serial = 1' '[b]' 'dax.device = dax0.0'
check 0 "unconfigured dax0.0   system-ram, memmap range" "no section" cxl-range ''
check 2 "is for no device" "an error in the configuration" cxl-devdax '[a]' 'cxl.serial = 7' '[b]'
online=$(tree cxl-range)/sys/devices/system/memory
echo online >"$online/auto_online_blocks"
check 0 "! the kernel onlines memory as soon as it is added" "who else acts" cxl-range ''
echo offline >"$online/auto_online_blocks"
mv "$online/memory120" "$work/memory120"
check 1 "memory_blocks is 30, expected 31" "what only measuring finds" cxl-range \
	'[a]' 'dax.device = dax0.0'
mv "$work/memory120" "$online"

echo "# forget"
own=$work/conf/50-cxl.serial-0x1.conf
forget() { "$tool" forget -c "$work/conf" "$@"; }
written() { printf '# mine\n[cxl.serial-0x1]\ncxl.serial = 0x1\nmemmap = range\n' >"$own"; }
rm "$work/conf/a.conf"
written
expect 0 "[cxl.serial-0x1] is gone, and the file" "its only section" forget cxl.serial=1
is "$(ls -A "$work/conf")." . "the file is gone"
written
printf '\n# kept\n[other]\ncxl.serial = 3\n' >>"$own"
expect 0 "[cxl.serial-0x1] is gone" "one of two" forget cxl.serial=0x1
is "$(cat "$own")" $'# mine\n\n# kept\n[other]\ncxl.serial = 3' "the other one stays"
rm "$own"
written
printf '[mine]\ncxl.serial = 1\n' >"$work/conf/60-mine.conf"
expect 1 "[mine] at $work/conf/60-mine.conf:1 is for it, and was not written by --persist" \
	"one that somebody else wrote" forget cxl.serial=1
is "$(ls "$work/conf")" 60-mine.conf "stays"
expect 1 "no section is for it" "none" forget cxl.serial=9
expect 1 "no such device" "no such device" forget mem99
expect 1 "is no key" "no such key" forget serial=1
finish
