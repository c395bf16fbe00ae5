#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What daxctl-memmap does with input that makes no sense: it says which file or
# device, and never crashes. With ASan, UBSan and LeakSanitizer.
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
build_asan || bail_out "the build with sanitizers failed"
tool=$BUILD/plugin-asan/daxctl-memmap

# A run with an exit status, and a word of what it says about that.
expect() { # STATUS WORD DESCRIPTION COMMAND ...
	local want=$1 word=$2 desc=$3
	run "${@:4}"
	if [ -n "$sanitizer" ]; then
		not_ok "$desc" "$sanitizer"
	elif [ $status != "$want" ]; then
		not_ok "$desc" "exit status $status, expected $want" "${err:-$out}"
	elif [[ $err != *"$word"* ]]; then
		not_ok "$desc" "expected: $word" "got: $err"
	else
		ok "$desc (${word:-status $status})"
	fi
}

echo "# options and commands"
expect 0 '' "--version" "$tool" --version
is "$out" "$(cat daxctl-plugin/VERSION)" "it is the one in VERSION"
expect 0 '' "--list-cmds" "$tool" --list-cmds
names=$out
for c in $names; do
	expect 0 '' "$c --help" "$tool" "$c" --help
	[[ $out == "usage: daxctl-memmap $c"* ]] && ok "$c: its usage" || not_ok "$c: its usage" "$out"
	is "$err" '' "$c --help: nothing on stderr"
	expect 0 '' "$c --list-opts" "$tool" "$c" --list-opts
done
expect 0 '' "--help" "$tool" --help
expect 2 'usage: ' "no command" "$tool"
expect 2 "there is no command 'nonsense'" "a command that there is not" "$tool" nonsense
expect 2 "there is no command ''" "an empty command" "$tool" ''
expect 2 "--nonsense: no such option" "an option that there is not" "$tool" --nonsense
for c in $names; do
	[ "$c" = help ] || expect 2 "$c --nonsense: no such option" "$c --nonsense" "$tool" "$c" --nonsense
done
expect 2 "list -q: no such option" "a letter among others" "$tool" list -uq
expect 2 "list -r: needs an argument" "an argument is missing" "$tool" list -r
expect 2 "list --region: needs an argument" "of a long option, too" "$tool" list --region
expect 2 "no such option, or ambiguous" "an abbreviation that fits two" "$tool" reconfigure-device --m dax0.0
expect 2 "which device" "plan of nothing" "$tool" plan
expect 2 "which device" "verify of nothing" "$tool" verify
expect 2 "which device" "reconfigure-device of nothing" "$tool" reconfigure-device
expect 2 "which device" "apply-config to nothing" "$tool" apply-config
expect 2 "takes no device" "check-config of a device" "$tool" check-config dax0.0
expect 2 "--policy=sram: it is dram, block, range or auto" "a policy that there is not" "$tool" plan -p sram all
expect 2 "--memmap=: it is dram" "an empty policy" "$tool" reconfigure-device --memmap= all
expect 2 "--mode=ram: it is system-ram or devdax" "a mode that there is not" "$tool" reconfigure-device -m ram all
expect 2 "--movable and --no-movable exclude each other" "options that exclude each other" \
	"$tool" reconfigure-device --movable --no-movable all
expect 2 "--no-online and --(no-)movable exclude each other" "others" "$tool" reconfigure-device -N --movable all
expect 2 "are for system-ram" "options of another mode" "$tool" reconfigure-device -m devdax --memmap=range all
expect 2 "onboard" "onboard nothing" "$tool" onboard
for size in 0 -1 1Q 1GG 20E 18446744073709551616 '' 1.5G; do
	expect 2 "--size" "onboard --size='$size'" "$tool" onboard --size="$size" --dry-run mem0
done
expect 2 "one command at a time" "help for two" "$tool" help list plan
expect 2 "there is no command 'nonsense'" "help for none" "$tool" help nonsense
expect 1 "cannot write the output" "a full disk: --help" bash -c "'$tool' --help >/dev/full"
expect 1 "cannot write the output" "a full disk: --list-cmds" bash -c "'$tool' --list-cmds >/dev/full"
expect 1 "cannot write the output" "no output" bash -c "'$tool' --version >&-"

echo "# configuration"
mkdir "$work/conf"
printf '[a]\ndax.device = dax0.0\n[b' >"$work/conf/1.conf"
expect 1 "1.conf:3: a section starts with [NAME]" "an error has file and line" "$tool" check-config -c "$work/conf"
mkdir "$work/conf/2.conf"
expect 1 "2.conf" "a folder instead of a file" "$tool" check-config -c "$work/conf"
ln -s nowhere "$work/conf/3.conf"
expect 1 "3.conf: No such file" "a link to nothing" "$tool" check-config -c "$work/conf"
expect 1 "1.conf: Not a directory" "a file instead of a folder" "$tool" check-config -c "$work/conf/1.conf"
head -c 100000 /dev/urandom >"$work/conf/4.conf"
expect 1 "4.conf:" "noise" "$tool" check-config -c "$work/conf"
rm -r "$work/conf/"*
expect 0 '' "an empty folder" "$tool" check-config -c "$work/conf"
expect 0 '' "no folder" "$tool" check-config -c "$work/conf/none"

# What follows needs recordings.
if no_mount_namespace || [ "$(uname -m)" != x86_64 ]; then
	skip "values in sysfs" "no mount namespace can be made here, or not x86-64"
	finish
fi

at() { # TREE COMMAND ...
	timeout 20 "$tool" --sysroot="$(tree "$1")" "${@:2}"
}

echo "# --sysroot"
expect 2 "there is no /sys in it" "an empty recording" "$tool" --sysroot="$work/conf" list
expect 2 "there is no /sys in it" "none" "$tool" --sysroot="$work/none" list
for c in reconfigure-device onboard apply-config; do
	expect 2 "$c changes a machine: not with --sysroot" "$c with --sysroot" at cxl-range $c all
done
expect 1 "dax9.9: no such device" "list dax9.9" at cxl-range list dax9.9
expect 1 "dax9.9: no such device" "plan dax9.9" at cxl-range plan dax9.9
expect 2 "dax9.9: no such device" "verify dax9.9" at cxl-range verify dax9.9
expect 1 "region9: no device in such a region" "a region that there is not" at cxl-range list -r region9
expect 1 "" "a full disk: list" bash -c "'$tool' --sysroot='$(tree cxl-range)' list >/dev/full"
[[ $err == *"cannot write the output"* ]] && ok "it says so" || not_ok "it says so" "$err"
expect 2 "cannot write the output" "a full disk: verify, whose 1 is an answer" bash -c "'$tool' --sysroot='$(tree cxl-range)' verify all >/dev/full"

mkdir -p "$work/none/sys/bus/dax/devices" "$work/nobus/sys"
expect 0 '' "a bus without devices" "$tool" --sysroot="$work/none" list
is "$out" '[]' "is an empty list"
expect 1 "dax0.0: no such device" "plan on it" "$tool" --sysroot="$work/none" plan dax0.0
expect 0 '' "no bus" "$tool" --sysroot="$work/nobus" list

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
			run "$tool" --sysroot="$dir" $c
			n=$((n + 1))
			[ -z "$sanitizer" ] || bad+=("$c with '${value:0:20}': $sanitizer")
			case $kind:$c in
			SEVERE:*) [ $status != 0 ] || bad+=("$c with '${value:0:20}': exit status 0") ;;
			COPES:*) continue ;;
			WARNED:verify*) continue ;;
			esac
			[[ $err == *"$word"* ]] || bad+=("$c with '${value:0:20}' does not name it: $err")
		done
	done
	printf '1\0b' >"$file"
	run "$tool" --sysroot="$dir" list
	[ -z "$sanitizer" ] || bad+=("a zero byte: $sanitizer")
	printf '%s' "${saved%.}" >"$file"
	if [ ${#bad[@]} = 0 ]; then ok "${file#"$dir"}: $n runs"; else not_ok "${file#"$dir"}" "${bad[@]}"; fi
}

dax=sys/bus/dax/devices/dax0.0
memory=sys/devices/system/memory
garbage cxl-range $dax/size SEVERE dax0.0
garbage cxl-range $dax/mapping0/start SEVERE mapping0/start
garbage cxl-range $dax/mapping0/end SEVERE mapping0/end "${values[@]}" 0 0xffffffffffffffff
garbage cxl-range $dax/memmap_policy SEVERE dax0.0/memmap_policy "${values[@]}" none RANGE
garbage cxl-range $dax/memmap_effective SEVERE dax0.0/memmap_effective "${values[@]}" auto
garbage stock-on $dax/memmap_on_memory SEVERE dax0.0/memmap_on_memory "${values[@]}" 2
garbage cxl-range $memory/block_size_bytes SEVERE block_size_bytes '' zzz '12 34' -1 0 1 1000 7ffffff \
	8000001 4000000 ffffffffffffffff fffffffffffffffff 8000000000000000
garbage cxl-range proc/zoneinfo SEVERE /proc/zoneinfo
garbage cxl-range sys/bus/cxl/devices/mem0/serial WARNED uport/serial
# Empty is a target that is not set.
garbage cxl-range sys/bus/cxl/devices/region0/target0 WARNED region0/target0 zzz 0 "$big" $'\xff' '../../..'
uuid=$(readlink -f "$(tree pmem-mem)/$dax")/../uuid
uuid=$(realpath "$uuid")
garbage pmem-mem "${uuid#"$(tree pmem-mem)/"}" WARNED /uuid zzz 0 "$big" $'\xff' 3bcb9c0f-6a04-4d2e-8d0e-0123456789abc '"'

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
garbage cxl-range sys/kernel/debug/mhp_altmap/ranges COPES '' "${values[@]}" $'start sections self_hosted\n1' $'start\nx' $'a b c\n1 2 3'
garbage cxl-range proc/zoneinfo COPES '' $'Node 0, zone X\n managed 1\nNode 99999999999999999999, zone Y\n managed 99999999999999999999\n pages free -1'
garbage cxl-range sys/bus/dax/devices/dax0.0/../dax_region/id COPES ''

echo "# sizes beyond belief"
garbage cxl-range $dax/size COPES '' 0 1 0xffffffffffffffff 18446744073709551615
garbage cxl-range $dax/mapping0/end COPES '' 0xfffffffffffffffe 0x350000000 0x357ffffff 0x358000000
garbage cxl-range $dax/mapping0/start COPES '' 0 1 0x44fffffff 0x7ffffff
# Kernels before 5.11 have no mappings.
cp -a "$(tree cxl-devdax)" "$work/trees/old"
rm -r "$work/trees/old/$dax/mapping0"
expect 0 '' "a device without mappings" at old plan all
garbage old $dax/resource SEVERE dax0.0/resource "${values[@]}" 0xffffffffffffffff 0xffffffff00000001
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
	is "$(awk '/DIFFERS$/ { print "differs" } /, expected / { print $1 }' <<<"$out" | paste -sd' ')" "differs $1" "$1: it says so"
	expect 1 '' "$1: as JSON" at lie verify --json all
	is "$(jq -r '.[0] | .result, (.checks[] | select(.holds | not).check)' <<<"$out" | paste -sd' ')" "differs $1" \
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
	[[ $out =~ $1\ *"not measured: $2" ]] && ok "$1: it says why" || not_ok "$1: it says why" "$out"
	expect 0 '' "$1: as JSON" at lie verify --json all
	is "$(jq -c ".[0].checks[] | select(.check == \"$1\")" <<<"$out")" "{\"check\":\"$1\",\"unmeasured\":\"$2\"}" "$1: why"
	rm -r "$work/trees/lie"
}
unmeasured managed_pages "node 1 has other memory" \
	"ln -s ../../memory/memory7 sys/devices/system/node/node1/"
unmeasured kernel_range "/sys/kernel/debug/mhp_altmap/ranges: No such file or directory" "rm -r sys/kernel/debug"
unmeasured kernel_range "/sys/kernel/debug/mhp_altmap/ranges has another form" "sed -i s/start/begin/ sys/kernel/debug/mhp_altmap/ranges"

echo "# missing files"
for f in size memmap_effective mapping0/end; do
	cp -a "$(tree cxl-range)" "$work/trees/less"
	rm "$work/trees/less/$dax/$f"
	expect 1 "dax0.0" "no $f: list" at less list
	expect 2 "dax0.0" "no $f: verify" at less verify all
	rm -r "$work/trees/less"
done
while read -r f; do
	cp -a "$(tree cxl-range)" "$work/trees/less"
	rm -r "${work:?}/trees/less/$f"
	for c in list "plan all" "verify all" "check-config -c daxctl-plugin/tests/config"; do
		# shellcheck disable=SC2086
		run at less $c
		[ -z "$sanitizer" ] || break
	done
	[ -z "$sanitizer" ] && ok "no $f" || not_ok "no $f: $c" "$sanitizer"
	rm -r "$work/trees/less"
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
# Root may read everything: without the capabilities for that.
unprivileged() { setpriv --bounding-set=-dac_override,-dac_read_search "$tool" --sysroot="$(tree "$1")" "${@:2}"; }
if setpriv --bounding-set=-dac_override,-dac_read_search true 2>/dev/null; then
	cp -a "$(tree cxl-range)" "$work/trees/locked"
	locked=$work/trees/locked
	# So it is for those who are not root, on a real machine.
	chmod 000 "$locked/$dax/resource" "$locked/$dax"/mapping0/* "$locked/sys/kernel/debug"
	expect 0 '' "addresses are hidden: list" unprivileged locked list
	expect 0 '' "addresses are hidden: plan" unprivileged locked plan all
	[[ $out == *"only root"* ]] && ok "it says that only root can know" || not_ok "it says that only root can know" "$out"
	expect 2 "dax0.0: no permission" "addresses are hidden: verify" unprivileged locked verify all
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
	expect 1 "conf: Permission denied" "the configuration" unprivileged locked check-config -c "$work/conf"
	chmod 755 "$work/conf"
else
	skip "no permission" "capabilities cannot be dropped here"
fi
finish
