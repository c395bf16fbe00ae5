#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl with the series on top: the policy in list, --memmap of
# reconfigure-device, and that what fails leaves a device as it was. At the end,
# the series' own test.
# vm: CXL=4G PMEM=6G
# x86: the program is built for the machine that builds it
# file: @build/daxctl/daxctl
# file: @build/daxctl/src/test/common
# file: @build/daxctl/src/test/daxctl-memmap.sh
. /job/lib/guest.sh
modprobe mhp_altmap_calls
setup_device
dir=$(dax_dir "$dax")

daxctl() { /job/daxctl "$@" 2>/tmp/err; }
value() { daxctl list -d "$dax" | jq -r ".[].$1"; }
values() { echo "$(value mode) $(value memmap_policy) $(value memmap_effective)"; }
driver() { basename "$(readlink "$dir/driver" || echo none)"; }
# What a failure must not change.
state() {
	echo "$(driver) $(policy "$dax") $(effective "$dax") $(nr_ranges)"
	dax_blocks "$dax"
}
reconfigure() { daxctl reconfigure-device "$@" "$dax"; }
# STATUS TEXT DESCRIPTION OPTION ...: fails, says why, changes nothing
refused() {
	local status=$1 text=$2 desc=$3 was got=0
	shift 3
	was=$(state)
	reconfigure "$@" >/tmp/out || got=$?
	if [ "$got" = "$status" ] && grep -qF -e "$text" /tmp/err; then ok "$desc: refused ($text)"
	else not_ok "$desc" "exit status $got, expected $status" "$(cat /tmp/err)"; fi
	nothing "$(cat /tmp/out)" "$desc: nothing on stdout"
	is "$(state)" "$was" "$desc: nothing changed"
}
EBUSY=$((256 - 16)) EOPNOTSUPP=$((256 - 95)) ENXIO=$((256 - 6)) EINVAL=$((256 - 22)) USAGE=129

echo "# list"
is "$(values)" "devdax dram null" "a disabled device"
set_policy "$dax" auto
is "$(values)" "devdax auto null" "the policy that it shall have"
is "$(cxl list -R | jq length) $(value state)" "1 disabled" "other keys as ever"
works "devdax" reconfigure -m devdax
is "$(driver) $(values)" "device_dax devdax auto null" "a devdax device"
before=$(vmstat nr_memmap_pages) # it has a memmap of its own

unprivileged() { setpriv --reuid=1000 --clear-groups /job/daxctl "$@" 2>/tmp/err; }
is "$(unprivileged list -d "$dax" | jq -r '.[].memmap_policy')" auto "all users may look"
unprivileged reconfigure-device -m system-ram --memmap=range "$dax" &&
	not_ok "none but root may convert" ||
	is "$(head -n 1 /tmp/err | cut -d: -f2-) $(driver) $(policy "$dax")" \
		" cannot have memmap policy range: Permission denied device_dax auto" \
			"none but root may convert"

echo "# options"
refused $USAGE "--memmap=bogus: unknown policy" "bogus" -m system-ram --memmap=bogus
refused $USAGE "unknown policy" "no word" -m system-ram --memmap=
refused $USAGE "only compatible with --mode=system-ram" "devdax" -m devdax --memmap=range
refused $USAGE "only compatible with --mode=system-ram" "size" -s 1G --memmap=range
refused $USAGE "'mode' or 'size' option is required" "no mode" --memmap=range

echo "# range"
works "range" reconfigure -m system-ram --memmap=range
is "$(values)" "system-ram range range" "listed"
is "$(effective "$dax") $(nr_ranges)" "range 1" "and so it is"
is "$(range_field "$dax" self_hosted)" 32 "the memmap of all sections is in the range"
is "$(dax_blocks "$dax" | wc -l) $(value online_memblocks) $(value movable)" "31 31 true" \
	"all memory blocks online, one is head"
was=$(state)
works "once more" reconfigure -m system-ram --memmap=range
works "without --memmap" reconfigure -m system-ram
is "$(state) $(value online_memblocks)" "$was 31" "nothing changed"
refused $EBUSY "is system-ram with memmap policy range already, which cannot become block" \
	"block" -m system-ram --memmap=block
refused $EBUSY "is system-ram with memmap policy range already, which cannot become auto" \
	"auto" -m system-ram -M auto
grep -q "convert it to devdax first: daxctl reconfigure-device -m devdax -f $dax" /tmp/err &&
	ok "it says what to do" || not_ok "it says what to do" "$(cat /tmp/err)"
is "$(value online_memblocks)" 31 "memory is online still"
works "devdax" reconfigure -m devdax -f
is "$(driver) $(values)" "device_dax devdax range null" "devdax again"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $before" "the range is gone"

echo "# block, dram, auto"
works "block" reconfigure -m system-ram --memmap=block
is "$(values) $(nr_ranges) $(value total_memblocks)" "system-ram block block 0 32" "block"
is "$(node_kib "$(dax_node "$dax")" MemTotal)" $((32 * 126 * 1024)) "each block has 2 MiB of memmap"
refused $EBUSY "cannot become range" "range" -m system-ram --memmap=range
works "devdax" reconfigure -m devdax -f
works "dram, offline" reconfigure -m system-ram -N --memmap=dram
is "$(values) $(nr_ranges) $(value online_memblocks)" "system-ram dram dram 0 0" "dram"
works "online by asking again" reconfigure -m system-ram --memmap=dram
is "$(node_kib "$(dax_node "$dax")" MemTotal)" $((4 << 20)) "all of it is memory"
works "devdax" reconfigure -m devdax -f
works "disable" daxctl disable-device "$dax"
works "auto, from disabled" reconfigure -m system-ram --memmap=auto
is "$(values) $(nr_ranges)" "system-ram auto range 1" "auto is range"
works "once more" reconfigure -m system-ram --memmap=auto
works "devdax" reconfigure -m devdax -f
is "$(driver) $(nr_ranges) $(vmstat nr_memmap_pages)" "device_dax 0 $before" "all is gone"

echo "# a policy that the device cannot have"
daxctl disable-device "$dax"
write "$dir/size" 0
write "$dir/size" $((128 << 20))
set_policy "$dax" dram
refused $EOPNOTSUPP "$dax: cannot have memmap policy range: Operation not supported" \
	"128 MiB, disabled" -m system-ram --memmap=range
works "devdax" reconfigure -m devdax
refused $EOPNOTSUPP "$dax: cannot have memmap policy range: Operation not supported" \
	"128 MiB, devdax" -m system-ram --memmap=range
is "$(driver) $(policy "$dax")" "device_dax dram" "it is devdax still"
daxctl disable-device "$dax"
write "$dir/size" 0
write "$dir/size" $((1 << 30))

echo "# a conversion that fails"
start=$(dax_start "$dax")
works "somebody takes a block of it" write $DEBUG/mhp_altmap_calls \
	"add $(dax_node "$dax") $((start + (512 << 20))) $((128 << 20)) dram"
refused $EBUSY "$dax: cannot become system-ram with memmap policy range: Device or resource busy" \
	"disabled" -m system-ram --memmap=range
works "it is given back" \
	write $DEBUG/mhp_altmap_calls "remove $((start + (512 << 20))) $((128 << 20))"

echo "# a kernel that does something else"
works "devdax" reconfigure -m devdax
echo dram >/tmp/effective
mount --bind /tmp/effective "$dir/memmap_effective"
reconfigure -m system-ram --memmap=range >/tmp/out
is $? $ENXIO "refused"
grep -q "$dax: asked for memmap policy range, the kernel reports dram" /tmp/err &&
	ok "it says so" || not_ok "it says so" "$(cat /tmp/err)"
is "$(driver) $(policy "$dax") $(nr_ranges)" "device_dax dram 0" "it is as it was"
write $SYS_MEMORY/auto_online_blocks online_movable
refused $EBUSY "kernel policy will auto-online memory" "auto-online" -m system-ram --memmap=range
reconfigure -m system-ram -f --memmap=range >/tmp/out
is $? $ENXIO "with memory that goes online by itself"
grep -q "$dax: remains in system-ram mode" /tmp/err &&
	ok "it says that it cannot go back" || not_ok "it says that it cannot go back" \
		"$(cat /tmp/err)"
is "$(driver) $(nr_ranges)" "kmem 1" "nor does it lose memory that is online"
write $SYS_MEMORY/auto_online_blocks offline
umount "$dir/memmap_effective"
works "devdax" reconfigure -m devdax -f
is "$(driver) $(nr_ranges) $(vmstat nr_memmap_pages)" "device_dax 0 $((before / 4))" "all is gone"

echo "# a kmem that cannot be loaded"
modprobe -r kmem
mkdir -p /etc/modprobe.d
echo "install kmem /bin/false" >/etc/modprobe.d/test.conf
refused $EINVAL "$dax: cannot become system-ram with memmap policy range" \
	"devdax" -m system-ram --memmap=range
is "$(driver)" device_dax "it is devdax still"
rm /etc/modprobe.d/test.conf

echo "# the test of the series"
for m in nfit nd_pmem dax_pmem; do modprobe $m; done
wait_for eval "ndctl list -Ni | jq -e 'length > 0'" || bail_out "no PMEM namespace"
export NDCTL=/usr/bin/ndctl DAXCTL=/job/daxctl CXL=/usr/bin/cxl
if out=$(cd /job && bash -Ex ./daxctl-memmap.sh 2>&1); then
	ok "daxctl-memmap.sh"
else
	not_ok "daxctl-memmap.sh" "exit status $?" "$(tail -n 30 <<<"$out")"
fi

echo "# a config file"
conf=$(strings -a /job/daxctl 2>/dev/null | grep -x '/.*/daxctl\.conf\.d')
conf=${conf:-/usr/local/etc/daxctl.conf.d}
mkdir -p "$conf"
ns=$(ndctl list -Ni | jq -r '[.[] | select(.state == "disabled")] | .[0].dev')
ns=$(ndctl create-namespace -m devdax -fe "$ns" | jq -r .dev)
dax=$(ndctl list -n "$ns" -X | jq -r '.[].daxregion.devices[0].chardev')
dir=$(dax_dir "$dax")
uuid=$(ndctl list -n "$ns" | jq -r '.[0].uuid')
section() { # LINE ...
	printf '%s\n' '[reconfigure-device a]' "nvdimm.uuid = $uuid" "$@" >"$conf/a.conf"
}
section 'mode = system-ram' 'memmap = range'
works "with memmap = range" reconfigure -C
is "$(values) $(blocks_online "$dax")" "system-ram range range all" "is restored"
works "devdax" reconfigure -m devdax -f
section 'mode = system-ram' 'memmap = best'
refused $USAGE "--memmap=best: unknown policy" "memmap = best" -C
section 'mode = devdax' 'memmap = range'
refused $USAGE "only compatible with --mode=system-ram" "devdax and a policy" -C
refused $USAGE "-C cannot be used with --mode, --memmap" "both" -C --memmap=range
section 'mode = system-ram'
works "without memmap" reconfigure -C
is "$(value memmap_policy)" range "the policy stays as it is"
finish
