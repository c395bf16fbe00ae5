#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What daxctl-memmap makes of a machine: of its settings; of its zones, where a memmap
# for the device can be in what is free of kernel zones and is not the device itself; of
# memory blocks and addresses. With ASan, UBSan and LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
with_recordings

# Of a machine whose kernel knows no policies, but memmap_on_memory.
dir=$(tree stock-on)
param=sys/module/memory_hotplug/parameters/memmap_on_memory

plan() { # JQ-FILTER: what plan says of the device; what went wrong otherwise
	run "$in_tree" "$dir" "$tool" plan --json dax0.0
	if [ -n "$sanitizer" ]; then echo "$sanitizer"; else jq -c ".[0] | $1" <<<"$out"; fi
}

echo "# words of memmap_on_memory"
block='.policies[] | select(.policy == "block") | .supported, .reason'
for word in Y y 1 force; do
	echo $word >"$dir/$param"
	is "$(plan "$block" | paste -sd' ')" "true null" "$word: block is possible"
done
boot='"boot with memory_hotplug.memmap_on_memory=1"'
for word in N n 0 ''; do
	echo $word >"$dir/$param"
	is "$(plan "$block" | paste -sd' ')" "false $boot" "'$word': block cannot, and why"
done
mv "$dir/$param" "$work/param"
is "$(plan "$block" | paste -sd' ')" 'false "this kernel has no memmap_on_memory"' \
	"no parameter: block cannot, and why"
mv "$work/param" "$dir/$param"
echo Y >"$dir/$param"

echo "# zones"
zone() { # NODE ZONE FREE MANAGED [PAGES-IN-A-CPU'S-LIST ...]
	printf 'Node %s, zone %8s\n  pages free     %s\n        high     77\n' "$1" "$2" "$3"
	printf '        managed  %s\n' "$4"
	[ $# -le 4 ] || printf '              count:    %s\n              high:     99\n' "${@:5}"
}
nodes() { # EXPECTED DESCRIPTION: pages on each node that has any; zones on stdin
	cat >"$dir/proc/zoneinfo"
	is "$(plan '.nodes | if . == [] then "none" else .[] |
			"\(.node):\(.available / 4096)" end' |
		tr -d '"' | paste -sd' ')" "$1" "$2"
}
nodes 0:1000 "what is free of a zone" < <(zone 0 Normal 1000 5000)
nodes 0:1030 "and in the lists of the CPUs" < <(zone 0 Normal 1000 5000 10 20)
nodes 0:1500 "of several zones" < <(zone 0 DMA32 500 2000; zone 0 Normal 1000 5000)
nodes 0:1000 "not of the movable one" < <(zone 0 Normal 1000 5000; zone 0 Movable 700 900 5)
nodes 0:1200 "but of one behind that" < <(
	zone 0 Normal 1000 5000
	zone 0 Movable 700 900 5
	zone 0 Device 200 300
)
cache() { # LOW-WATERMARK ACTIVE INACTIVE: in a zone with 1000 pages free
	printf 'Node 0, zone Normal\n  pages free     1000\n        low      %s\n' "$1"
	printf '        managed  50000\n      nr_zone_inactive_file %s\n' "$3"
	printf '      nr_zone_active_file %s\n' "$2"
}
nodes 0:3700 "with the page cache, but for a low watermark of it" < <(cache 300 1000 2000)
nodes 0:2500 "or half of it" < <(cache 9000 1000 2000)
nodes 0:1250 "and with what slab can give up" < <(
	printf 'Node 0, zone DMA\n  per-node stats\n      nr_slab_reclaimable 100\n'
	printf '      nr_kernel_misc_reclaimable 400\n'
	cache 300 0 0
)
nodes 0:1000 "not with that of ZONE_MOVABLE" < <(
	zone 0 Normal 1000 5000
	cache 300 1000 2000 | sed 's/Normal/Movable/'
)
nodes "0:1000 1:300" "of each node" < <(zone 0 Normal 1000 5000; zone 1 Movable 7 9
	zone 2 Normal 8 9; zone 1 Normal 300 2000000)
nodes none "of none" < <(zone 0 Normal 0 5000; zone 0 Movable 700 900)

echo "# the device is system RAM on node 1, in a kernel zone: that is not for its memmap"
# 32 blocks of 126 MiB beside their memmap.
own=$((32 * 126 * 256))
nodes 0:1000 "nothing else on its node" < <(zone 0 Normal 1000 5000; zone 1 Normal $own $own)
nodes "0:1000 1:600" "as much as others have" < <(zone 0 Normal 1000 5000
	zone 1 Normal $((own + 400)) $((own + 600)))
nodes "0:1000 1:200" "what is free, if that is less" < <(zone 0 Normal 1000 5000
	zone 1 Normal 200 $((own + 600)))

echo "# enough is enough"
# 4 GiB need 16384 pages of struct pages.
dram='.policies[] | select(.policy == "dram") | .dram_suffices'
for pages in 16383:false 16384:true 16385:true; do
	zone 0 Normal ${pages%:*} 50000 >"$dir/proc/zoneinfo"
	is "$(plan "$dram")" ${pages#*:} "${pages%:*} pages"
done

echo "# smaller than a memory block"
echo $((64 << 20)) >"$dir/sys/bus/dax/devices/dax0.0/size"
start=$(cat "$dir/sys/bus/dax/devices/dax0.0/mapping0/start")
printf '%#x\n' $((start + (64 << 20) - 1)) >"$dir/sys/bus/dax/devices/dax0.0/mapping0/end"
run "$in_tree" "$dir" "$tool" plan --json dax0.0
is "$status $(jq -c '.[0] | (.policies | map(.supported) | unique), .recommended' <<<"$out" |
	paste -sd' ')$sanitizer" "1 [false] null" "no policy is supported, and none recommended"

# Of a device with policy range.
dir=$(tree cxl-range)
blocks=sys/devices/system/memory

verify() { # EXPECTED DESCRIPTION: exit status, result, and what was found of blocks
	run "$in_tree" "$dir" "$tool" verify --json dax0.0
	is "$status $(jq -r '.[0] | .result, (.checks[] | select(.check == "memory_blocks")
		| .expected, .found)' <<<"$out" | paste -sd' ')$sanitizer" "$1" "$2"
}
echo "# memory blocks: a head that is whole blocks has none"
verify "0 ok 31 31" "as they should be"
mv "$dir/$blocks/memory120" "$work/memory120"
verify "1 differs 31 30" "one less"
mv "$work/memory120" "$dir/$blocks/memory120"
# At 0x350000000.
cp -r "$dir/$blocks/memory120" "$dir/$blocks/memory106"
verify "1 differs 31 32" "one for the head"
rm -r "$dir/$blocks/memory106"

echo "# addresses that only root can read"
chmod 000 "$dir"/sys/bus/dax/devices/dax0.0/mapping0/*
no_root=(setpriv "--bounding-set=-dac_override,-dac_read_search")
if "${no_root[@]}" true 2>/dev/null; then
	run "$in_tree" "$dir" "${no_root[@]}" "$tool" plan --json dax0.0
	is "$(jq -r '.[0].policies[].reason' <<<"$out" | sort -u)$sanitizer" \
		"only root can read where the device is" "that is the reason, not a size of 0"
	is "$status $(jq -c '.[0] | .recommended, .recommended_because' <<<"$out" | paste -sd' ')" \
		'1 null "only root can read where the device is"' \
		"no policy is recommended; the exit status is 1"
	run "$in_tree" "$dir" "${no_root[@]}" "$tool" plan dax0.0
	is "$status $(grep -cx '! no policy: only root can read where the device is' <<<"$out")" \
		"1 1" "nor in the table"
else
	skip "addresses that only root can read" "capabilities cannot be dropped here"
fi
echo "# hardware that is not there yet"
planned() { # ARGUMENTS: what range takes of it, and whether it can be had
	run "$in_tree" "$dir" "$tool" plan --json -p range "$@"
	jq -c '[.[] | .page_size, .memory_block_size / 1048576, (.policies[0] |
		.supported, .head / 1048576, .gigantic_pages)]' <<<"$out"
}
is "$(planned --size=16G)" "[4096,128,true,256,15]" "blocks and pages as here"
is "$(planned --size=16G --block-size=2G)" "[4096,2048,true,256,15]" "larger blocks"
is "$(planned --size=16G --page-size=64K)" "[65536,512,true,512,0]" \
	"pages of 64 KiB: no block is smaller than a section"
is "$(planned --size=1G,1G)" "[4096,128,true,128,0,4096,128,true,128,0]" "two of them"
expect 1 "powers of two from 128 MiB" "no blocks of that size" \
	"$in_tree" "$dir" "$tool" plan --size=16G --block-size=3G
expect 1 "no machine has pages of 8192 bytes" "no such pages" \
	"$in_tree" "$dir" "$tool" plan --size=16G --page-size=8K
finish
