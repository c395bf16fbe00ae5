#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What make shell and make vm give to somebody who tries it: devices with their drivers,
# daxctl-memmap and its manual, and a greeting whose commands work.
# needs: kernel image plugin
. "$(dirname "$0")/../lib/host.sh"
export DRAM=2G CXL='' PMEM='' HMEM=''

# The commands that the greeting names, run as they stand there.
cat >"$work/follow" <<'END'
#!/bin/bash
/job/try/greeting | sed -n 's/^# //p' >/tmp/commands
while read -r command; do
	echo "greeting: $command"
	eval "$command" </dev/null
	echo "exit $?"
done </tmp/commands
echo "modules: $(lsmod | awk 'NR > 1 { print $1 }' | sort | paste -sd' ')"
echo "policy: $(cat /sys/bus/dax/devices/dax*/memmap_effective 2>/dev/null | paste -sd' ')"
echo "man: $(man daxctl-memmap | head -n 1)"
END

follow() { # DESCRIPTION HARDWARE ...
	local desc=$1
	shift
	out=$(env "$@" "$ROOT/tools/guest/vm" -n shell-guest -c "$work/follow" 2>&1)
	is "$?" 0 "$desc: the guest comes to its end"
	is "$(grep -c '^greeting: ' <<<"$out")" 3 "$desc: the greeting names three commands"
	is "$(grep '^exit' <<<"$out" | sort -u)" "exit 0" "$desc: which work"
	[[ $out == *"not ok"* || $out == *rror:* ]] && not_ok "$desc: without errors" "$out" ||
		ok "$desc: without errors"
}
has() { # TEXT DESCRIPTION
	[[ $out == *"$1"* ]] && ok "$2" || not_ok "$2" "$out"
}

follow "CXL" CXL=4G
has '"memdev":"mem0"' "CXL: the expander is there"
has "policy: range" "CXL: memory is hot-added, with its memmap at its head"
has " cxl_mem " "CXL: and its driver"
has "man: DAXCTL-MEMMAP(1)" "CXL: the manual is there"
follow "soft-reserved memory" HMEM=2G
has "policy: range" "soft-reserved memory: its memmap is at its head"
follow "PMEM" PMEM=2G
has "policy: range" "PMEM: its memmap is at its head"
follow "no device"

# The same as somebody sees it who types, at each prompt.
mkfifo "$work/keys"
CXL=4G timeout 300 "$ROOT/tools/guest/vm" -n shell-guest-s -s <"$work/keys" >"$work/screen" 2>&1 &
exec 7>"$work/keys"
prompts=0
for line in 'cxl list -M | grep serial' 'man daxctl-memmap | head -n 1' 'exit 7'; do
	prompts=$((prompts + 1))
	for ((i = 0; i < 600; i++)); do
		[ "$(grep -o 'guest:[^ ]*# ' "$work/screen" | wc -l)" -lt $prompts ] || break
		sleep 0.2
	done
	echo "$line" >&7
done
wait $!
is "$?" 7 "the shell's exit status is that of the guest"
exec 7>&-
typed=$(<"$work/screen")
[[ $typed == *"# cxl list -M"* && $typed == *"Leave with 'exit'"* ]] &&
	ok "the shell greets" || not_ok "the shell greets" "$typed"
[[ $typed == *'"serial":1'* && $typed == *"DAXCTL-MEMMAP(1)"* ]] &&
	ok "what is typed is done" || not_ok "what is typed is done" "$typed"
finish
