#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What daxctl-memmap does with options, configuration and recordings that make no sense:
# it says what is wrong, and never crashes. With ASan, UBSan and LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
with_sanitizers

echo "# options and commands"
expect 0 '' "--version" "$tool" --version
is "$out" "$(cat daxctl-plugin/VERSION)" "it is the one in VERSION"
expect 0 '' "--list-cmds" "$tool" --list-cmds
names=$out
for c in $names; do
	expect 0 '' "$c --help" "$tool" "$c" --help
	[[ $out == "usage: daxctl-memmap $c"* ]] && ok "$c: its usage" ||
		not_ok "$c: its usage" "$out"
	nothing "$err" "$c --help: nothing on stderr"
	expect 0 '' "$c --list-opts" "$tool" "$c" --list-opts
done
expect 0 '' "--help" "$tool" --help
expect 2 'usage: ' "no command" "$tool"
expect 2 "there is no command 'nonsense'" "a command that there is not" "$tool" nonsense
expect 2 "there is no command ''" "an empty command" "$tool" ''
expect 2 "--nonsense: no such option" "an option that there is not" "$tool" --nonsense
for c in $names; do
	[ "$c" = help ] || expect 2 "$c --nonsense: no such option" "$c --nonsense" \
		"$tool" "$c" --nonsense
done
expect 2 "list -q: no such option" "a letter among others" "$tool" list -uq
expect 2 "list -r: needs an argument" "an argument is missing" "$tool" list -r
expect 2 "list --region: needs an argument" "of a long option, too" "$tool" list --region
expect 2 "list --human=yes: takes no argument" "an argument too many" "$tool" list --human=yes
expect 2 "name devices behind the options" "list of a device and of others" \
	"$tool" list -d dax0.0 dax9.9
expect 2 "no such option, or ambiguous" "an abbreviation that fits two" \
	"$tool" reconfigure-device --m dax0.0
expect 2 "which device" "plan of nothing" "$tool" plan
expect 2 "is for hardware that has no name" "plan of a size and a device" \
	"$tool" plan --size=1G dax0.0
expect 2 "go with it" "plan: a size of blocks alone" "$tool" plan --block-size=1G all
expect 2 "--size=1G3: no size" "plan: no size" "$tool" plan --size=1G3,1G
expect 2 "no size such as" "plan: no size of a page" "$tool" plan --size=1G --page-size=0
expect 2 "which device" "show nothing" "$tool" show
expect 2 "many: no number of columns" "show: no width" "$tool" show --width=many all
expect 2 "some: it is auto, always or never" "show: no such colour" "$tool" show --color=some all
expect 2 "which device" "verify of nothing" "$tool" verify
expect 2 "which device" "reconfigure-device of nothing" "$tool" reconfigure-device
expect 2 "which device" "apply-config to nothing" "$tool" apply-config
expect 2 "takes no device" "check-config of a device" "$tool" check-config dax0.0
expect 2 "takes no device" "status of a device" "$tool" status dax0.0
expect 2 "one device at a time" "undo of two" "$tool" undo dax0.0 dax1.0
expect 2 "which device" "forget nothing" "$tool" forget
expect 2 "--policy=sram: it is dram, block, range or auto" "a policy that there is not" \
	"$tool" plan -p sram all
expect 2 "--memmap=: it is dram" "an empty policy" "$tool" reconfigure-device --memmap= all
expect 2 "--mode=ram: it is system-ram or devdax" "a mode that there is not" \
	"$tool" reconfigure-device -m ram all
expect 2 "--movable and --no-movable exclude each other" "options that exclude each other" \
	"$tool" reconfigure-device --movable --no-movable all
expect 2 "--no-online and --(no-)movable exclude each other" "others" \
	"$tool" reconfigure-device -N --movable all
expect 2 "are for system-ram" "options of another mode" \
	"$tool" reconfigure-device -m devdax --memmap=range all
expect 2 "onboard" "onboard nothing" "$tool" onboard
for size in 0 -1 1Q 1GG 20E 18446744073709551616 '' 1.5G; do
	expect 2 "--size" "onboard --size='$size'" "$tool" onboard --size="$size" --dry-run mem0
done
expect 2 "one command at a time" "help for two" "$tool" help list plan
expect 2 "there is no command 'nonsense'" "help for none" "$tool" help nonsense
expect 1 "cannot write the output" "a full disk: --help" bash -c "'$tool' --help >/dev/full"
expect 1 "cannot write the output" "a full disk: --list-cmds" \
	bash -c "'$tool' --list-cmds >/dev/full"
expect 1 "cannot write the output" "no output" bash -c "'$tool' --version >&-"

echo "# configuration"
mkdir "$work/conf"
printf '[a]\ndax.device = dax0.0\n[b' >"$work/conf/1.conf"
expect 1 "1.conf:3: a section starts with [NAME]" "an error has file and line" \
	"$tool" check-config -c "$work/conf"
mkdir "$work/conf/2.conf"
expect 1 "2.conf" "a folder instead of a file" "$tool" check-config -c "$work/conf"
ln -s nowhere "$work/conf/3.conf"
expect 1 "3.conf: No such file" "a link to nothing" "$tool" check-config -c "$work/conf"
expect 1 "1.conf: Not a directory" "a file instead of a folder" \
	"$tool" check-config -c "$work/conf/1.conf"
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
	timeout 20 "$in_tree" "$(tree "$1")" "${@:2}"
}

echo "# devices that are not there"
expect 1 "dax9.9: no such device" "list dax9.9" at cxl-range "$tool" list dax9.9
expect 1 "dax9.9: no such device" "plan dax9.9" at cxl-range "$tool" plan dax9.9
expect 2 "dax9.9: no such device" "verify dax9.9" at cxl-range "$tool" verify dax9.9
expect 1 "region9: no device in such a region" "a region that there is not" \
	at cxl-range "$tool" list -r region9
expect 1 "" "a full disk: list" \
	at cxl-range bash -c "'$tool' list >/dev/full"
[[ $err == *"cannot write the output"* ]] && ok "it says so" || not_ok "it says so" "$err"
expect 2 "cannot write the output" "a full disk: verify, whose 1 is an answer" \
	at cxl-range bash -c "'$tool' verify all >/dev/full"

mkdir -p "$work/none/sys/bus/dax/devices" "$work/nobus/sys"
expect 0 '' "a bus without devices" "$in_tree" "$work/none" "$tool" list
is "$out" '[]' "is an empty list"
expect 1 "dax0.0: no such device" "plan on it" "$in_tree" "$work/none" "$tool" plan dax0.0
expect 0 '' "no bus" "$in_tree" "$work/nobus" "$tool" list
finish
