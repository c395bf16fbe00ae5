#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Figures, names and versions in the documentation are those of the programs, as far as
# that can be told without a guest.
# needs: plugin
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
tool=$BUILD/plugin/daxctl-memmap
[ -x "$tool" ] || bail_out "build it first: make -C daxctl-plugin DOCS=0"
squeeze() { tr -s ' ' | sed 's/^ //; s/ $//'; }

echo "# versions"
wirings=$(ls -d wiring/linux-* | sed 's/.*linux-//' | sort -V)
first=$(head -n 1 <<<"$wirings")
is "$(grep -oE 'Linux [0-9.]+ and [0-9.]+ are supported' README.md)" \
	"Linux ${wirings//$'\n'/ and } are supported" "README has the kernels of wiring/"
# Others are those of whose properties the text tells.
version='[0-9]+\.[0-9]+'
is "$(grep -ohE "Linux $version|linux-$version|KERNEL=$version" README.md CONTRIBUTING.md \
	docs/*.md | sed 's/.*[ =-]//' | sort -uV)" "$wirings" "no other version is named"
is "$(sed -n 's/^KERNEL[[:space:]]*?= *//p' Makefile)" "$first" "the first is what make takes"
grep -qw "linux-source-$first" tools/box/packages && ok "and what the toolbox has" ||
	not_ok "and what the toolbox has" "tools/box/packages has no linux-source-$first"
is "$(grep -ohE '\bndctl[ -][0-9]+' README.md docs/*.md | tr -dc '0-9\n' | sort -u)" \
	"$(ls -d wiring/ndctl-* | sed 's/.*-//')" "ndctl is that of wiring/"
is "$(grep -ohE 'Debian [0-9]+' README.md docs/*.md tools/box/packages | sort -u)" \
	"Debian $(sed -n 's/^VERSION_ID="\(.*\)"/\1/p' /etc/os-release)" "Debian is the toolbox's"
# Backports move on.
said=$(grep -oE 'QEMU [0-9]+\.[0-9]+' README.md | sort -u)
have=$(qemu-system-x86_64 --version | sed -n '1s/.*version \([0-9]*\.[0-9]*\).*/QEMU \1/p')
is "$(printf '%s\n' "$said" "$have" | sort -V | tail -n 1)" "$have" "$said, or newer ($have)"

echo "# daxctl-memmap"
is "$(sed -n '/^| command/,/^$/p' README.md | grep -oE '^\| `[^|]*' | grep -oE '`[a-z-]+' |
	tr -d '`' | sort)" "$("$tool" --list-cmds | grep -vx help | sort)" \
	"its commands are in README"
# Each option in an example is one of that command.
sed -n 's/.*\bdaxctl-memmap \([a-z].*-.*\)/\1/p; s/^| `\([a-z-]* --.*\)` .*/\1/p' README.md \
	>"$work/examples"
at_least "$(wc -l <"$work/examples")" 2 "there are examples"
bad=()
while read -r command rest; do
	for option in $(grep -oE -e '--[a-z-]+' <<<"$rest"); do
		"$tool" "$command" --list-opts | grep -q -e "^$option" || bad+=("$command $option")
	done
done <"$work/examples"
nothing "${bad[*]}" "their options are there"

if no_mount_namespace || [ "$(uname -m)" != x86_64 ]; then
	skip "figures of a plan" "no mount namespace can be made here, or not x86-64"
	finish
fi
# A device of any size, at the place of the recorded one.
dir=$(tree cxl-devdax)
dax=$dir/sys/bus/dax/devices/dax0.0
start=$(<"$dax/mapping0/start")
plan() { # MIB [OPTION]
	echo $(($1 << 20)) >"$dax/size"
	printf '%#x\n' $((start + ($1 << 20) - 1)) >"$dax/mapping0/end"
	"$in_tree" "$dir" "$tool" plan "${@:2}" dax0.0
}
figure() { plan "$1" --json | jq -r ".[0].policies[] | select(.policy == \"$2\") | $3"; }

echo "# README: 128 GiB"
table() { grep -E '^[ *] (dram|block|range|auto) +(yes|no) ' | squeeze; }
in_readme=$(sed -n '/^# daxctl-memmap plan/,/^```/p' README.md)
is "$(table <<<"$in_readme")" "$(plan 131072 | table)" "the table of plan"
is "$(wc -l < <(table <<<"$in_readme"))" 4 "of four policies"
is "$(sed -n '/memmap_blocks\|memory_blocks\|managed_pages\|self_hosted/p' README.md | squeeze)" \
	"memory_blocks $(($(figure 131072 range .usable) >> 27))
managed_pages $(($(figure 131072 range .usable) >> 12))
self_hosted_sections 1024 of 1024" "what verify counts"
gib() { awk -v b="$1" 'BEGIN { printf "%.2f GiB", b / 2^30 }'; }
# got / possible: of "make demo", where none of block's can be got.
is "$(sed -n 's/^  \(block\|range\) *ok *[0-9.]* MiB *//p' README.md | squeeze |
	sed 's/ [0-9.]*$//')" \
	"$(gib "$(figure 131072 block .usable)") 0 / $(figure 131072 dram .gigantic_pages)
$(gib "$(figure 131072 range .usable)") $(figure 131072 range .gigantic_pages) / $(
	figure 131072 range .gigantic_pages)" "what each policy gives, in the first table"
is "$(grep -oE 'the memmap would need [0-9]+ GiB' README.md)" \
	"the memmap would need $(($(figure 131072 dram .dram) >> 30)) GiB" "what dram needs"
share() { awk -v d="$(figure 131072 dram .dram)" 'BEGIN { printf "%.1f", 100 * d / 2^37 }'; }
is "$(grep -oE 'take [0-9.]+ % of its size' README.md)" "take $(share) % of its size" \
	"what share that is"

echo "# docs/design.md: heads"
for gib in 8 16 24 128; do
	is "$(figure $((gib << 10)) range '.head - .memmap')" 0 "$gib GiB: the head is all memmap"
done
is "$(figure 256 range .usable)" $((128 << 20)) "256 MiB lose half"
auto() { plan "$1" | sed -n 's/.*becomes \([a-z]*\).*/\1/p'; }
is "$(auto 3968)" block "auto below 4 GiB: not all sizes have range"
bad=()
for mib in 4096 4224 4352 6144 8064 8192 8320 12288 12416 131072; do
	[ "$(auto $mib)" = range ] || bad+=("$mib MiB: $(auto $mib)")
done
nothing "${bad[*]}" "auto from 4 GiB on: all have"
finish
