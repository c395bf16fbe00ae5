#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark: what cannot be measured is refused, and its figures are of
# instructions, the same for whoever runs it.
# needs: tree kernel image
. "$(dirname "$0")/../lib/host.sh"
bench() { "$ROOT/tools/measure/bench" "$work"; }

ROUNDS=0 fails "not a number of rounds" "no round" bench
ROUNDS=00 fails "not a number of rounds" "nor this" bench
CXL=lots fails "not sizes such as" "no size" bench
CXL='1G 1G' fails "takes one device" "two devices" bench
CXL=128G DRAM=2G fails "give 2560M or more" "no DRAM for policy dram" bench

export CXL=2G DRAM=1G ROUNDS=3
works "it runs" bench
json=$work/bench.json
is "$(jq -c '[.cxl_bytes, .rounds]' "$json")" "[2147483648,3]" "the settings are in bench.json"
is "$(jq -c '.instructions | map_values(map_values(. > 100000))' "$json")" \
	"$(jq -nc '{add: true, online: true, offline: true, remove: true} |
		{dram: ., block: ., range: .}')" "so are all figures"
total() { jq '[.instructions[] | add] | add' "$json"; }
first=$(total)
works "again" bench
off=$((100 * ($(total) - first) / first))
at_most ${off#-} 4 "the same, within 5 %"
is "$(grep -cE '^  (dram|block|range) ' "$work/bench.txt")" 3 "the table has three rows"
finish
