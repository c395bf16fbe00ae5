#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What daxctl-memmap does with contents of sysfs that make no sense: it says which file or
# device, and never crashes. With ASan, UBSan and LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
with_recordings

at() { # TREE COMMAND ...
	timeout 20 "$in_tree" "$(tree "$1")" "$tool" "${@:2}"
}

echo "# values"
big=$(printf '%05000d' 1)
values=('' zzz '12 34' -1 0x 0xffffffffffffffffff "$big" $'1\n2' $'\xff%s%n')

# Each of the values in a file. SEVERE: list has to fail and to say WORD, and so have
# plan and verify, for the first two values. WARNED: list says WORD, and plan. COPES:
# plan and verify end, whatever they say.
garbage() { # TREE FILE SEVERE|WARNED|COPES WORD [VALUE ...]
	local dir file kind=$3 word=$4 value c bad=() n=0 saved commands
	dir=$(tree "$1")
	file=$(readlink -f "$dir/$2")
	saved=$(cat "$file" && echo .)
	shift 4
	[ $# -gt 0 ] || set -- "${values[@]}"
	for value; do
		printf '%s' "$value" >"$file"
		commands=("list -u" "plan all" "verify all")
		[ $n -lt 6 ] || commands=("list -u")
		[ "$kind" != COPES ] || commands=("plan all" "verify all")
		for c in "${commands[@]}"; do
			# shellcheck disable=SC2086
			run "$in_tree" "$dir" "$tool" $c
			n=$((n + 1))
			[ -z "$sanitizer" ] || bad+=("$c with '${value:0:20}': $sanitizer")
			case $kind:$c in
			SEVERE:*) [ $status != 0 ] ||
				bad+=("$c with '${value:0:20}': exit status 0") ;;
			COPES:*) continue ;;
			WARNED:verify*) continue ;;
			esac
			[[ $err == *"$word"* ]] ||
				bad+=("$c with '${value:0:20}' does not name it: $err")
		done
	done
	printf '1\0b' >"$file"
	run "$in_tree" "$dir" "$tool" list
	[ -z "$sanitizer" ] || bad+=("a zero byte: $sanitizer")
	printf '%s' "${saved%.}" >"$file"
	if [ ${#bad[@]} = 0 ]; then
		ok "${file#"$dir"}: $n runs"
	else
		not_ok "${file#"$dir"}" "${bad[@]}"
	fi
}

dax=sys/bus/dax/devices/dax0.0
memory=sys/devices/system/memory
garbage cxl-range $dax/size SEVERE dax0.0
garbage cxl-range $dax/mapping0/start SEVERE mapping0/start
garbage cxl-range $dax/mapping0/end SEVERE mapping0/end "${values[@]}" 0 0xffffffffffffffff
garbage cxl-range $dax/memmap_policy SEVERE dax0.0/memmap_policy "${values[@]}" none RANGE
garbage cxl-range $dax/memmap_effective SEVERE dax0.0/memmap_effective "${values[@]}" auto
garbage stock-on $dax/memmap_on_memory SEVERE dax0.0/memmap_on_memory "${values[@]}" 2
garbage cxl-range $memory/block_size_bytes SEVERE block_size_bytes '' zzz '12 34' -1 0 1 \
	1000 7ffffff 8000001 4000000 ffffffffffffffff fffffffffffffffff 8000000000000000
garbage cxl-range proc/zoneinfo SEVERE /proc/zoneinfo
garbage cxl-range sys/bus/cxl/devices/mem0/serial WARNED mem0/serial
# Empty is a target that is not set.
garbage cxl-range sys/bus/cxl/devices/region0/target0 WARNED "region0: cannot tell" zzz 0 \
	"$big" $'\xff' '../../..'
uuid=$(readlink -f "$(tree pmem-mem)/$dax")/../uuid
uuid=$(realpath "$uuid")
garbage pmem-mem "${uuid#"$(tree pmem-mem)/"}" WARNED /uuid zzz 0 \
	"$big" $'\xff' 3bcb9c0f-6a04-4d2e-8d0e-0123456789abc '"'

echo "# a device without a whole memory block: the alignment that it would need is said"
small=$(tree cxl-devdax)
saved=$(cat "$small/$memory/block_size_bytes")
echo 200000000 >"$small/$memory/block_size_bytes"
expect 1 '' "plan --policy=range" at cxl-devdax plan --policy=range dax0.0
[[ $out == *"no whole memory block in it: blocks are 8192 MiB and aligned to that"* ]] &&
	ok "it says so" || not_ok "it says so" "$out"
echo "$saved" >"$small/$memory/block_size_bytes"

echo "# values that are passed over"
garbage cxl-range $dax/target_node COPES ''
garbage cxl-range $dax/align COPES ''
garbage cxl-range $dax/dev COPES ''
garbage cxl-range $dax/memmap/supported COPES ''
garbage cxl-range $memory/auto_online_blocks COPES ''
garbage cxl-range sys/module/memory_hotplug/parameters/memmap_on_memory COPES ''
garbage cxl-range $memory/memory120/state COPES ''
garbage cxl-range $memory/memory120/valid_zones COPES ''
garbage cxl-range sys/kernel/debug/mhp_altmap/ranges COPES '' \
	"${values[@]}" $'start sections self_hosted\n1' $'start\nx' $'a b c\n1 2 3'
many=99999999999999999999
garbage cxl-range proc/zoneinfo COPES '' \
	$'Node 0, zone X\n managed 1\nNode '$many$', zone Y\n managed '$many$'\n pages free -1'
garbage cxl-range sys/bus/dax/devices/dax0.0/../dax_region/id COPES ''

echo "# sizes beyond belief"
garbage cxl-range $dax/size COPES '' 0 1 0xffffffffffffffff 18446744073709551615
garbage cxl-range $dax/mapping0/end COPES '' 0xfffffffffffffffe 0x350000000 0x357ffffff 0x358000000
garbage cxl-range $dax/mapping0/start COPES '' 0 1 0x44fffffff 0x7ffffff
# Kernels before 5.11 have no mappings.
cp -a "$(tree cxl-devdax)" "$work/trees/old"
rm -r "$work/trees/old/$dax/mapping0"
expect 0 '' "a device without mappings" at old plan all
garbage old $dax/resource SEVERE dax0.0/resource \
	"${values[@]}" 0xffffffffffffffff 0xffffffff00000001
garbage old $dax/size SEVERE dax0.0
garbage old $dax/size SEVERE dax0.0/resource 0xffffffffffffffff 0xfffffffff0000000
mkdir "$(tree cxl-range)/$memory/memory99999999"
expect 0 '' "a memory block far off" at cxl-range verify all
rmdir "$(tree cxl-range)/$memory/memory99999999"

echo "# verify tells what is not so"
lie() { # CHECKS COMMAND: what to change in a copy of the recording, and what finds it
	cp -a "$(tree cxl-range)" "$work/trees/lie"
	(cd "$work/trees/lie" && eval "$2")
	expect 1 '' "$1: $2" at lie verify dax0.0
	is "$(awk '/DIFFERS$/ { print "differs" } /, expected / { print $1 }' <<<"$out" |
		paste -sd' ')" "differs $1" "$1: it says so"
	expect 1 '' "$1: as JSON" at lie verify --json all
	is "$(jq -r '.[0] | .result, (.checks[] | select(.holds | not).check)' <<<"$out" |
		paste -sd' ')" "differs $1" \
		"$1: it says so there"
	rm -r "$work/trees/lie"
}
lie policy "echo block >$dax/memmap_policy"
lie "memory_blocks managed_pages" "rm -r $memory/memory120"
lie managed_pages "sed -i '/Movable/,\$s/managed *[1-9].*/managed 1/' proc/zoneinfo"
lie self_hosted_sections "sed -i '2s/ 32 32 / 32 31 /' sys/kernel/debug/mhp_altmap/ranges"
lie kernel_range "sed -i 2d sys/kernel/debug/mhp_altmap/ranges"

echo "# and what it could not measure"
unmeasured() { # CHECK REASON COMMAND
	cp -a "$(tree cxl-range)" "$work/trees/lie"
	(cd "$work/trees/lie" && eval "$3")
	expect 0 '' "$1: $3" at lie verify dax0.0
	[[ $out =~ $1\ *"not measured: $2" ]] && ok "$1: it says why" ||
		not_ok "$1: it says why" "$out"
	expect 0 '' "$1: as JSON" at lie verify --json all
	is "$(jq -c ".[0].checks[] | select(.check == \"$1\")" <<<"$out")" \
		"{\"check\":\"$1\",\"unmeasured\":\"$2\"}" "$1: why"
	rm -r "$work/trees/lie"
}
unmeasured managed_pages "node 1 has other memory" \
	"ln -s ../../memory/memory7 sys/devices/system/node/node1/"
unmeasured kernel_range "/sys/kernel/debug/mhp_altmap/ranges: No such file or directory" \
	"rm -r sys/kernel/debug"
unmeasured kernel_range "/sys/kernel/debug/mhp_altmap/ranges has another form" \
	"sed -i s/start/begin/ sys/kernel/debug/mhp_altmap/ranges"

echo "# missing files"
range=$(tree cxl-range)
for f in size memmap_effective mapping0/end; do
	mv "$range/$dax/$f" "$work/missing"
	expect 1 "dax0.0" "no $f: list" at cxl-range list
	expect 2 "dax0.0" "no $f: verify" at cxl-range verify all
	mv "$work/missing" "$range/$dax/$f"
done
while read -r f; do
	[ -e "$range/$f" ] || [ -L "$range/$f" ] || { not_ok "no $f" "it never was"; continue; }
	mv "$range/$f" "$work/missing"
	for c in list "plan all" "verify all" "check-config -c daxctl-plugin/tests/config"; do
		# shellcheck disable=SC2086
		run at cxl-range $c
		[ -z "$sanitizer" ] || break
	done
	[ -z "$sanitizer" ] && ok "no $f" || not_ok "no $f: $c" "$sanitizer"
	mv "$work/missing" "$range/$f"
done <<-END
	$dax/resource
	$dax/target_node
	$dax/align
	$dax/memmap
	$dax/driver
	$dax/memmap_policy
	$memory/auto_online_blocks
	$memory/memory120
	$memory/memory120/state
	$memory/memory120/valid_zones
	sys/module/memory_hotplug
	sys/kernel/debug
	sys/devices/system/node
	sys/bus/cxl
	sys/bus/cxl/devices/mem0/serial
	sys/bus/cxl/devices/mem0/ram/size
	sys/bus/cxl/devices/region0/target0
	sys/bus/cxl/devices/region0/size
	sys/bus/cxl/devices/region0
	sys/bus/cxl/devices/decoder2.0
	sys/bus/cxl/devices/endpoint2/uport
	dev/cxl/mem0
	proc
END
cp -a "$(tree cxl-range)" "$work/trees/less"
rm "$work/trees/less/dev/dax0.0"
expect 1 "dax0.0: libdaxctl cannot read it" "no node in /dev" at less list
rm "$work/trees/less/$memory/block_size_bytes"
touch "$work/trees/less/dev/dax0.0"
expect 1 "no memory hotplug" "a kernel without memory hotplug" at less list

echo "# a device that is gone"
mv "$(readlink -f "$work/trees/less/$dax")" "$work/gone"
expect 1 "dax0.0: libdaxctl cannot read it" "list" at less list
expect 1 "dax0.0: no such device" "plan of it" at less plan dax0.0
expect 2 "dax0.0" "verify" at less verify all
rm -r "$work/trees/less" "$work/gone"

echo "# no permission"
mkdir "$work/conf"
# Root may read everything: without the capabilities for that.
unprivileged() {
	"$in_tree" "$(tree "$1")" setpriv --bounding-set=-dac_override,-dac_read_search \
		"$tool" "${@:2}"
}
if setpriv --bounding-set=-dac_override,-dac_read_search true 2>/dev/null; then
	cp -a "$(tree cxl-range)" "$work/trees/locked"
	locked=$work/trees/locked
	# So it is for those who are not root, on a real machine.
	chmod 000 "$locked/$dax/resource" "$locked/$dax"/mapping0/* "$locked/sys/kernel/debug"
	expect 0 '' "addresses are hidden: list" unprivileged locked list
	expect 1 '' "addresses are hidden: plan" unprivileged locked plan all
	[[ $out == *"only root"* ]] && ok "it says that only root can know" ||
		not_ok "it says that only root can know" "$out"
	expect 2 "dax0.0: no permission" "addresses are hidden: verify" \
		unprivileged locked verify all
	for f in size memmap_policy memmap_effective; do
		chmod 000 "$locked/$dax/$f"
		expect 1 "dax0.0" "$f: list" unprivileged locked list
		expect 2 "dax0.0" "$f: verify" unprivileged locked verify all
		chmod 644 "$locked/$dax/$f"
	done
	for f in $memory/block_size_bytes proc/zoneinfo; do
		chmod 000 "$locked/$f"
		expect 1 "${f##*/}" "$f" unprivileged locked list
		chmod 644 "$locked/$f"
	done
	chmod 000 "$work/conf"
	expect 1 "conf: Permission denied" "the configuration" \
		unprivileged locked check-config -c "$work/conf"
	chmod 755 "$work/conf"
else
	skip "no permission" "capabilities cannot be dropped here"
fi
finish
