#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark: what cannot be measured is refused, its figures are of instructions, the
# same for whoever runs it, and no step costs more per GiB of more memory.
# needs: tree kernel image
. "$(dirname "$0")/../lib/host.sh"
bench() { "$ROOT/tools/measure/bench" "$work"; }

ROUNDS=0 fails "not a number of rounds" "no round" bench
ROUNDS=00 fails "not a number of rounds" "nor this" bench
SIZES=lots fails "not sizes such as" "no size" bench
SIZES='8G 512M' fails "of 1G or more" "less than figures per GiB are for" bench
POLICIES='range whole' fails "there is dram, block, range, piece" "no policy" bench

export SIZES='4G 16G' POLICIES='range piece' ROUNDS=1
works "it runs" bench
json=$work/bench-$KERNEL.json
is "$(jq -c '[.results[] | [.policy, .size_bytes]]' "$json")" \
	'[["range",4294967296],["piece",4294967296],["range",17179869184],["piece",17179869184]]' \
	"a result for each size and policy"
is "$(jq -c '[.results[].instructions | .add, .online, .offline, .remove
	| .median > 100000] | unique' "$json")" "[true]" "all steps have figures"
is "$(jq -c '[.results[] | .dram | [.struct_pages, .total < 4194304]] | unique' "$json")" \
	"[[0,true]]" "no DRAM for struct pages, and little for all else"
is "$(jq -c '[.results[] | .usable_bytes / .size_bytes > 0.96] | unique' "$json")" "[true]" \
	"what is usable"
# In hundredths of what it is at 4 GiB. What is there once makes it less.
for policy in range piece; do
	for step in add online offline remove; do
		percent=$(jq --arg policy $policy --arg step $step '
			[.results[] | select(.policy == $policy)
			| .instructions[$step].median / .size_bytes]
			| 100 * .[1] / .[0] | floor' "$json")
		at_most "$percent" 105 "$policy, $step: no more per GiB of 16 GiB than of 4"
	done
done
is "$(jq -c '[.results | group_by(.size_bytes)[] | map(.instructions.online.median)
	| .[1] < .[0]] | unique' "$json")" "[true]" "in one piece takes fewer instructions"
stores=$(jq '[.results[] | .instructions | .online.median / .stores.median]
	| min * 100 | floor' "$json")
at_least "$stores" 100 "nothing is faster than to store the struct pages"
is "$(grep -cE '^  (range|piece) ' "$work/bench-$KERNEL.txt")" 6 \
	"the tables have a row for each, and of one size what use costs"
grep -q '</svg>' "$work/bench-$KERNEL.svg" && ok "the plot is there" || not_ok "no plot"

echo "# again, and compared"
cp "$json" "$work/first.json"
SIZES=4G works "again" bench
compare() { "$ROOT/tools/measure/bench-compare" "$@"; }
out=$(compare "$work/first.json" "$json")
is "$(grep -cE '^ +4 GiB' <<<"$out")" 2 "two rows are in both"
for step in online offline; do
	off=$(jq -s --arg step $step '[.[].results[]
		| select(.size_bytes == 4294967296 and .policy == "piece")
		| .instructions[$step].median] | 100 * .[1] / .[0] - 100 | round' \
		"$work/first.json" "$json")
	at_most ${off#-} 4 "$step: the same, within 5 %"
done
jq '.results[0].instructions.online |= map_values(. * 2)' "$work/first.json" >"$work/twice.json"
is "$(compare "$work/first.json" "$work/twice.json" | grep -c ' 2 +')" 1 "twice as long is marked"
nothing "$(compare "$work/first.json" "$work/first.json" | grep -E ' [+-]( |$)' | grep -v more)" \
	"what is the same is not"
echo '{}' >"$work/none.json"
fails "is no result of make bench" "no result" compare "$json" "$work/none.json"
fails "which two" "one only" compare "$json"
finish
