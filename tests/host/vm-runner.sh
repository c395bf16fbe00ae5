#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/guest/vm itself: arguments, exit status, time limit, and that a bug in the
# kernel's log fails a script that is content.
# needs: kernel image
. "$(dirname "$0")/../lib/host.sh"
export DRAM=512M CXL='' PMEM=''
vm() { "$ROOT/tools/guest/vm" -n vm-runner "$@"; }
status() { # EXPECTED DESCRIPTION COMMAND ...
	local expected=$1 desc=$2 out got=0
	shift 2
	out=$("$@" 2>&1) || got=$?
	if [ $got = "$expected" ]; then
		ok "$desc (exit $got)"
	else
		not_ok "$desc" "exit $got, expected $expected" "$out"
	fi
}

cd "$work" || exit 1
echo 'exit 0' >zero
printf '#!/bin/bash\necho "args: $*"; exit 42\n' >answer
cat >warn <<'END'
#!/bin/bash
echo "WARNING: CPU: 0 PID: 1 at made/up.c:1" >/dev/kmsg
END
printf '#!/bin/bash\nsleep 1000\n' >sleeper
printf '#!/bin/bash\necho c >/proc/sysrq-trigger\n' >panic

for size in 12Q -1G 0 G 1.5G 12GG ''; do
	[ -z "$size" ] || CXL=$size status 2 "CXL=$size" vm zero
done
CXL=100M status 2 "CXL=100M is not a multiple of 256M" vm zero
DRAM=x status 2 "DRAM=x" vm zero
PMEM=1000 status 2 "PMEM=1000" vm zero
status 2 "no script" vm
status 2 "a script that is not there" vm nowhere
ACCEL=warp status 1 "ACCEL=warp" vm zero
FLAVOUR=none status 1 "no such kernel" vm zero
status 0 "a script that is content" vm zero
status 42 "the script's exit status" vm answer
is "$(vm answer 'a b' "c'd" 2>/dev/null)" "args: a b c'd" "arguments and output, and nothing else"
status 125 "a warning in the log" vm warn
TIMEOUT=8 status 124 "the time limit" vm sleeper
# -S: QEMU waits before the first instruction.
QEMU_EXTRA=-S START=2 TIMEOUT=6 status 124 "a guest that does not start" vm zero
grep -q 'did not come to init in 2 s.*: once more' <<<"$(
	QEMU_EXTRA=-S START=2 TIMEOUT=6 vm zero 2>&1)" &&
	ok "is started once more" || not_ok "is started once more"
status 125 "a panic" vm panic
finish
