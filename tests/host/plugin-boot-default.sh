#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap boot-default with the boot loaders of distributions, which are stand-ins
# here: what they are called with, and what is in their files. With ASan, UBSan and
# LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
no_mount_namespace && { echo "1..0 # SKIP no mount namespace can be made here"; exit 0; }
with_sanitizers

# In /etc, /run and PATH of its own.
mkdir -p "$work"/bin "$work"/etc/default/grub.d "$work"/etc/kernel "$work"/run
grub=$work/etc/default/grub own=$work/etc/default/grub.d/daxctl-memmap.cfg
cmdline=$work/etc/kernel/cmdline called=$work/called
program() { # NAME: says how it was called; fails where there is a file "broken"
	cat >"$work/bin/$1" <<-END
		#!/bin/sh
		if [ "\$1" = --info=DEFAULT ]; then
			while read -r line; do echo "\$line"; done <"$work/info"
			exit
		fi
		printf '%s|' $1 "\$@" >>"$called"
		echo "$1 says something"
		[ ! -e "$work/broken" ]
	END
	chmod +x "$work/bin/$1"
}
boot_default() {
	# shellcheck disable=SC2016
	unshare --mount --propagation unchanged sh -c '
		mount --bind "$1/etc" /etc && mount --bind "$1/run" /run &&
		PATH=$1/bin && shift && exec "$@"' sh "$work" "$tool" boot-default "$@"
}
calls() { cat "$called" 2>/dev/null; rm -f "$called"; }
next() { boot_default 2>/dev/null | awk -v class="$1" '$1 == class { print $3 }'; }
words() { # As GRUB would make them of its files.
	# shellcheck disable=SC1090
	(cd "$work/etc/default" && GRUB_CMDLINE_LINUX='' && . ./grub &&
		for f in grub.d/*.cfg; do [ ! -e "$f" ] || . "./$f"; done
		echo "$GRUB_CMDLINE_LINUX")
}

echo "# no boot loader that it knows"
expect 1 "cannot tell how this machine boots" "a change" boot_default cxl=range
[[ $err == *"command line: mhp_altmap.cxl=range" ]] && ok "it says what to put where" ||
	not_ok "it says what to put where" "$err"
is "$(next cxl)" unknown "the next boot is not known"

echo "# wrong"
expect 2 "'cxl': it is cxl, pmem" "no policy" boot_default cxl
expect 2 "'ram=range': it is cxl, pmem" "a class that there is not" boot_default ram=range
expect 2 "the policy is dram, block" "a policy that there is not" boot_default cxl=sram
expect 2 "cxl is there twice" "a class twice" boot_default cxl=range cxl=block

echo "# GRUB, as Debian has it"
program update-grub
echo 'GRUB_CMDLINE_LINUX="quiet"' >"$grub"
expect 0 'would write /etc/default/grub.d/daxctl-memmap.cfg and run update-grub' "a dry run" \
	boot_default -n cxl=range
is "$(calls)$(ls "${own%/*}")." . "has done nothing"
expect 0 'in force from the next boot' "one class" boot_default cxl=range
is "$(calls) $(words)" "update-grub| quiet mhp_altmap.cxl=range" "is on the command line"
nothing "$out" "what update-grub says is no result"
expect 0 '' "two others" boot_default pmem=block hmem=auto
is "$(words)" "quiet mhp_altmap.cxl=range mhp_altmap.pmem=block mhp_altmap.hmem=auto" \
	"are beside it"
is "$(next cxl) $(next pmem) $(next hmem) $(next dimm)" "range block auto default" "it lists them"
calls >/dev/null
expect 0 'daxctl-memmap.cfg: nothing to change' "the same again" boot_default cxl=range
is "$(calls)." . "has nothing done"
expect 0 '' "another policy" boot_default cxl=block
is "$(words)" "quiet mhp_altmap.pmem=block mhp_altmap.hmem=auto mhp_altmap.cxl=block" \
	"is there instead"
calls >/dev/null
touch "$work/broken"
before=$(cat "$own")
expect 1 "update-grub failed" "update-grub fails" boot_default cxl=range
is "$(cat "$own")" "$before" "the file is as it was"
rm "$work/broken"
expect 0 'removed /etc/default/grub.d/daxctl-memmap.cfg' "none of them" \
	boot_default cxl= pmem= hmem=
is "$(words)" quiet "is left"
expect 0 'nothing to change' "none again" boot_default cxl=
is "$(next cxl)" default "it says so"
echo '#GRUB_CMDLINE_LINUX="mhp_altmap.cxl=dram"' >>"$grub"
expect 0 'would write' "a comment is none" boot_default -n cxl=range
echo 'GRUB_CMDLINE_LINUX="quiet mhp_altmap.cxl=dram"' >"$grub"
expect 1 "/etc/default/grub has mhp_altmap.cxl= already" "one that was written by hand" \
	boot_default cxl=range
is "$(words)" "quiet mhp_altmap.cxl=dram" "stays"
is "$(next cxl)" dram "and is what the next boot has"
echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX mhp_altmap.hmem=dram"' >"${own%/*}/10-mine.cfg"
expect 1 "grub.d/10-mine.cfg has mhp_altmap.hmem= already" "one in another file" \
	boot_default hmem=range
rm "${own%/*}/10-mine.cfg"
expect 0 '' "another class" boot_default pmem=range
is "$(words)" "quiet mhp_altmap.cxl=dram mhp_altmap.pmem=range" "is possible"
expect 0 '' "no longer" boot_default pmem=
rm "$work/bin/update-grub" "$grub"
calls >/dev/null

echo "# kernel-install"
program kernel-install
printf 'root=/dev/vda1 mhp_altmap.cxl=dram dyndbg="file a  +p" quiet\n' >"$cmdline"
chmod 600 "$cmdline"
is "$(next cxl)" dram "it reads what is there"
expect 0 '' "a change" boot_default cxl=range
is "$(calls) $(cat "$cmdline")" \
	"kernel-install|add-all| root=/dev/vda1 dyndbg=\"file a  +p\" quiet mhp_altmap.cxl=range" \
	"takes its place, and the rest is as it was"
is "$(stat -c %a "$cmdline")" 600 "so is the file's mode"
touch "$work/broken"
expect 1 "kernel-install failed" "kernel-install fails" boot_default cxl=
is "$(cat "$cmdline")" "root=/dev/vda1 dyndbg=\"file a  +p\" quiet mhp_altmap.cxl=range" \
	"the file is as it was"
[[ $err == *"mend what kernel-install complains of"* ]] && ok "it says what to do" ||
	not_ok "it says what to do" "$err"
rm "$work/broken"
expect 0 '' "none" boot_default cxl=
is "$(cat "$cmdline")" 'root=/dev/vda1 dyndbg="file a  +p" quiet' "the rest stays"
echo mhp_altmap.cxl=dram >"$cmdline"
expect 0 '' "all of it" boot_default cxl=
is "$(stat -c %s "$cmdline")" 1 "an empty line is left"
calls >/dev/null

echo "# grubby"
program grubby
printf 'index=0\nargs="ro quiet mhp_altmap.pmem=block"\nroot="/dev/vda1"\n' >"$work/info"
is "$(next pmem) $(next cxl)" "block default" "it asks for those of the next boot"
expect 0 "would run grubby --update-kernel=ALL '--remove-args=mhp_altmap.cxl '" "a dry run" \
	boot_default -n cxl=range
expect 0 '' "a change" boot_default cxl=range dimm=block
is "$(calls)" "grubby|--update-kernel=ALL|--remove-args=mhp_altmap.cxl mhp_altmap.dimm |\
--args=mhp_altmap.cxl=range mhp_altmap.dimm=block |" "is what it is called with"
expect 0 '' "none" boot_default cxl=
is "$(calls)" "grubby|--update-kernel=ALL|--remove-args=mhp_altmap.cxl |" "takes it away"

if setpriv --reuid=1000 --clear-groups "$tool" --version >/dev/null 2>&1; then
	expect 1 "takes root" "no permission" setpriv --reuid=1000 --clear-groups \
		env PATH="$work/bin" "$tool" boot-default cxl=range
	is "$(calls)." . "nothing was called"
else
	skip "no permission" "users cannot be changed here, or may not read this folder"
fi
finish
