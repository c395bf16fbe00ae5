#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap on a real kernel: a policy is chosen, previewed, applied, verified
# and changed; what cannot be is refused, and changes nothing.
# vm: CXL=4G DRAM=2G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
quiet() { "$@" >/dev/null 2>&1; }
status_of() { quiet "$@"; echo $?; }
reconfigure() { $P reconfigure-device "$@"; }
json() { jq -r "$1" 2>/dev/null; }
key() { $P list -d "$dax" | json ".[0].$1"; }
driver() { basename "$(readlink "$(dax_dir "$dax")/driver")"; }

echo "# plan of an expander that is in no region"
load_cxl
figures='.[0] | .size, (.policies[] | .policy, .supported, .head, .usable, .gigantic_pages)'
bare=$($P plan --json mem0 | jq -c "$figures" | paste -sd' ')
is "$($P plan --json mem0 | jq -r '.[0].memdev')" mem0 "by its name"
fails "no such CXL memory device" "of another" $P plan mem7

setup_device
modprobe device_dax
is "$($P plan --json "$dax" | jq -c "$figures" | paste -sd' ')" "$bare" \
	"it was what the device has now"
is "$($P plan --json mem0 2>/dev/null | jq -c "$figures" | paste -sd' ')" "$bare" \
	"and so is that of mem0"
works "devdax to begin with" reconfigure -m devdax "$dax"
is "$(driver)" device_dax "its driver"
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)

echo "# plan"
$P plan "$dax" | sed 's/^/# /'
plan() { $P plan --json "$dax" | json ".[0].policies[] | select(.policy == \"$1\") | .$2"; }
size=$(dax_size "$dax")
is "$(plan dram dram)" $((size / 64)) "dram would take this much DRAM"
is "$(plan range head)" "$(set_policy "$dax" range; memmap_figure "$dax" head)" \
	"range: the kernel says the same: head"
is "$(plan range usable)" "$(memmap_figure "$dax" usable)" "usable"
is "$(plan range gigantic_pages)" "$(memmap_figure "$dax" gigantic_pages)" "1 GiB pages"
set_policy "$dax" block
is "$(plan block usable)" "$(memmap_figure "$dax" usable)" "block: usable"
set_policy "$dax" auto
becomes=range; [ -z "$(memmap_figure "$dax" reason)" ] || becomes=block
is "$(plan auto becomes)" $becomes "auto"
set_policy "$dax" dram
is "$(status_of $P plan --policy=range "$dax")" 0 "plan --policy: range is possible"

for p in range block dram; do
	echo "# $p"
	works "reconfigure-device" reconfigure --memmap=$p "$dax"
	is "$(effective "$dax")" $p "the kernel reports it"
	is "$(key memmap_effective) $(key mode) $(key movable)" "$p system-ram true" "list"
	is "$(blocks_online "$dax")" all "all memory is online"
	works "verify" $P verify "$dax"
	is "$($P verify --json "$dax" |
		json '.[0].checks | map(select(.check == "managed_pages")) | .[0].found')" \
		"$(awk -v n="Node $(dax_node "$dax")," '
			/^Node/ { in_node = index($0, n) == 1 }
			in_node && $1 == "managed" { s += $2 }
			END { print s }' /proc/zoneinfo)" \
		"managed pages were measured"
	works "the same again is nothing to do" reconfigure --memmap=$p "$dax"
	q=dram; [ $p != dram ] || q=range
	fails "another memmap policy needs them offline" "another, with memory online" \
		reconfigure --memmap=$q "$dax"
	is "$(effective "$dax") $(blocks_online "$dax")" "$p all" "changed nothing"
	fails "another memmap policy needs them offline" "nor does a dry run promise it" \
		reconfigure --dry-run --memmap=$q "$dax"
	fails "-f" "so does devdax" reconfigure -m devdax "$dax"
	fails "-f" "and its dry run" reconfigure --dry-run -m devdax "$dax"
	is "$(reconfigure -n -f --memmap=$q "$dax" 2>&1 >/tmp/out)" \
		"$dax: would be taken offline and added again
$dax: would have memmap policy $q
$dax: would be onlined movable" "with -f it says what it would do"
	is "$(json '.[0].memmap_effective' </tmp/out) $(effective "$dax")" "$p $p" \
		"and lists what there is"
	works "with -f, devdax" reconfigure -m devdax -f "$dax"
	is "$(driver) $(vmstat nr_memmap_pages)" "device_dax $memmap" "nothing of it is left"
done

echo "# one command from policy to policy"
works "range" reconfigure --memmap=range "$dax"
works "to block" reconfigure --memmap=block -f "$dax"
is "$(effective "$dax") $(blocks_online "$dax")" "block all" "and online"
region=region${dax#dax}; region=${region%.*}
works "all of them: range" reconfigure --memmap=range -f all
works "those of a region: block" reconfigure --memmap=block -f -r "$region"
is "$(effective "$dax") $(blocks_online "$dax")" "block all" "and online"
fails "no device in such a region" "of another region" reconfigure --memmap=range -f -r region9
is "$(effective "$dax")" block "nothing changed"
works "to auto" reconfigure --memmap=auto -f "$dax"
works "verify knows what auto is" $P verify all
echo block >/tmp/lie
mount --bind /tmp/lie "$(dax_dir "$dax")/memmap_effective"
is "$(status_of $P verify "$dax")" 1 "and what is not so"
is "$($P verify "$dax" | awk '/, expected / { print $1 }' | paste -sd' ')" \
	"policy memory_blocks managed_pages kernel_range" "by measuring it"
umount "$(dax_dir "$dax")/memmap_effective"
works "verify, once more" $P verify all

echo "# half online"
for b in $(dax_blocks "$dax" | head -n 5); do set_block "$b" offline; done
works "the rest is onlined" reconfigure "$dax"
is "$(blocks_online "$dax")" all "all of it"
works "offline, and left so" reconfigure -m devdax -f "$dax"
works "-N" reconfigure -N --memmap=range "$dax"
is "$(blocks_online "$dax")" none "none is online"
first_memory "$dax"
works "a kernel zone" reconfigure --no-movable "$dax"
is "$(key movable)" false "is not movable"
works "verify" $P verify "$dax"
quiet reconfigure --movable "$dax" ||
	echo "# something used it"
quiet reconfigure -m devdax -f "$dax"

echo "# a host that onlines by itself"
hows="online online_movable"
if kernel_from 7.3; then
	hows=online_movable
	skip "online" "the kernel keeps a node's first memory in a kernel zone for its threads"
fi
for how in $hows; do
	quiet reconfigure -m devdax -f "$dax"
	echo $how >$SYS_MEMORY/auto_online_blocks
	works "$how: range" reconfigure --memmap=range "$dax"
	is "$(effective "$dax") $(blocks_online "$dax")" "range all" "in force, and online"
	quiet reconfigure -m devdax -f "$dax"
	works "$how: asked for movable" reconfigure --memmap=range --movable "$dax"
	is "$(key movable)" true "is movable"
	works "$how: to devdax" reconfigure -m devdax -f "$dax"
	works "$how: -N" reconfigure --memmap=range -N "$dax"
	is "$(blocks_online "$dax")" none "stays offline"
	is "$($P plan "$dax" | grep -c "onlines memory by itself.* is $how)")" 1 \
		"$how: plan warns of it"
done
echo offline >$SYS_MEMORY/auto_online_blocks
is "$($P plan "$dax" | grep -c -e "^$dax:" -e 'onlines memory')" 1 "plan warns of it only then"
quiet reconfigure -m devdax -f "$dax"

echo "# nothing to verify"
mkdir -p /usr/local/etc/daxctl-memmap.conf.d
conf=/usr/local/etc/daxctl-memmap.conf.d/50-test.conf
printf '[out]\ndax.device = dax7.0\nmode = devdax\n[in]\ncxl.serial = 0x7\n' >$conf
fails "$conf:4 expects one: cxl.serial = 0x7" "no device is system RAM: what was expected" \
	$P verify all
is "$(status_of $P verify all) $(status_of $P verify -r "$region")" "3 3" "the exit status"
is "$($P verify all 2>&1 | grep -c dax7.0)" 0 "devdax is not expected to be"
rm $conf

echo "# status, and who else onlines memory"
quiet reconfigure -m devdax -f "$dax"
printf '[in]\ndax.device = %s\nmemmap = range\n' "$dax" >$conf
fails "differs      $dax   [in] is devdax" "not as configured" $P status
works "as configured" reconfigure --memmap=range "$dax"
works "and measured" sh -c \
	"$P status | grep -x 'ok  *$dax  *\[in\] system-ram, memmap range, online'"
onliner() { $P status | sed -n 's/^! udev onlines memory as soon as it is added (\(.*\))$/\1/p'; }
nothing "$(onliner)" "no udev rule onlines memory"
mkdir -p /etc/udev/rules.d /run/udev/rules.d
rule='SUBSYSTEM=="memory", ACTION=="add", \
  ATTR{state}="online"'
echo "# $rule" | tr -d '\n' >/etc/udev/rules.d/10-comment.rules
nothing "$(onliner)" "a comment is no rule"
echo "$rule" >/run/udev/rules.d/40-hotadd.rules
is "$(onliner)" /run/udev/rules.d/40-hotadd.rules "one that does is named"
ln -s /dev/null /etc/udev/rules.d/40-hotadd.rules
nothing "$(onliner)" "but not where the administrator has hidden it"
rm -r /etc/udev/rules.d /run/udev/rules.d $conf
quiet reconfigure -m devdax -f "$dax"

echo "# undo"
rm -rf /run/daxctl-memmap
journal=/run/daxctl-memmap/$dax.json
fails "nothing to undo" "nothing was changed" $P undo
set_policy "$dax" dram
now() { # Driver, policies, and blocks with their states.
	echo "$(driver) $(policy "$dax") $(effective "$dax") $(vmstat nr_memmap_pages)"
	for b in $(dax_blocks "$dax"); do
		echo "$b $(cat $SYS_MEMORY/memory"$b"/state $SYS_MEMORY/memory"$b"/valid_zones)"
	done
}
was=$(now)
works "to range" reconfigure --memmap=range "$dax"
is "$($P undo -n 2>&1)" "$dax: would become devdax" "a dry run says what it would do"
is "$(effective "$dax") $(blocks_online "$dax")" "range all" "and does not"
fails "dax7.0: nothing to undo" "of another device" $P undo dax7.0
is "$($P undo 2>&1)" "$dax: is devdax again" "undo"
is "$(now)" "$was" "all is as it was"
fails "nothing to undo" "once is enough" $P undo

echo "$dax" >"$(dax_dir "$dax")/driver/unbind"
works "from disabled to block" reconfigure --memmap=block -N "$dax"
is "$($P undo "$dax" 2>&1)" "$dax: is disabled again" "by its name"
works "it has no driver" [ ! -e "$(dax_dir "$dax")/driver" ]
works "block, offline" reconfigure --memmap=block -N "$dax"
for b in $(dax_blocks "$dax" | head -n 7); do set_block "$b" online_movable; done
was=$(now)
works "a refused conversion leaves no trace" \
	sh -c "! $P reconfigure-device --memmap=range $dax 2>/dev/null"
works "range, all online" reconfigure --memmap=range -f "$dax"
is "$($P undo -n 2>&1)" \
	"$dax: would be system RAM with memmap policy block and 7 memory blocks online" \
	"a dry run says what it was"
quiet $P undo
is "$(now)" "$was" "block, and the same seven are online"
works "range, all online" reconfigure --memmap=range -f "$dax"
works "killed half-way to devdax" \
	sh -c "$P reconfigure-device -m devdax -f $dax >/dev/null 2>&1 & pid=\$!
		until [ -e /run/daxctl-memmap/$dax.begun ]; do :; done
		kill -9 \$pid; wait; [ -e /run/daxctl-memmap/$dax.begun ]"
works "is undone" $P undo
is "$(effective "$dax") $(blocks_online "$dax") $(ls /run/daxctl-memmap)" "range all " \
	"range, and all online"
quiet reconfigure -m devdax -f "$dax"
sed -i 's/"start":[0-9]*/"start":4096/' $journal
fails "another device has that name now" "of a device that is another" $P undo
fails "nothing to undo" "which is forgotten" $P undo
works "range" reconfigure --memmap=range "$dax"
mount -t tmpfs -o size=4k none /run/daxctl-memmap
head -c 4096 /dev/zero >/run/daxctl-memmap/full
$P reconfigure-device -m devdax -f "$dax" >/dev/null 2>/tmp/err
is "$? $(grep -c "undo will not know how $dax was" /tmp/err)" "0 1" \
	"a journal that is full: it is said"
umount /run/daxctl-memmap
mkdir /run/daxctl-memmap/"$dax".new
rm -f $journal
works "range" sh -c "$P reconfigure-device --memmap=range $dax 2>/dev/null"
rmdir /run/daxctl-memmap/"$dax".new
fails "nothing to undo" "what could not be written is not undone, nor what was before" $P undo
quiet reconfigure -m devdax -f "$dax"
for damage in '' '{' '[]' '{"device":"../x"}' '{"device":"dax0.0","blocks":[[1]]}'; do
	echo "$damage" >$journal
	fails "not what daxctl-memmap has written" "a journal that is '$damage'" $P undo
done
rm $journal

echo "# somebody else onlines its memory at the same time"
onlining() { # From the last block on, so that they meet.
	local b blocks
	until [ -e /tmp/stop ]; do
		blocks=("$SYS_MEMORY"/memory*/state)
		for ((b = ${#blocks[@]} - 1; b >= 0; b--)); do
			echo online_movable >"${blocks[b]}"
		done
	done 2>/dev/null
}
for i in 1 2 3; do
	rm -f /tmp/stop
	jobs=()
	for j in 1 2 3 4; do onlining & jobs+=($!); done
	works "range" reconfigure --memmap=range "$dax"
	touch /tmp/stop
	wait "${jobs[@]}"
	is "$(effective "$dax") $(blocks_online "$dax")" "range all" "in force, and online"
	works "devdax" reconfigure -m devdax -f "$dax"
done

echo "# what is wrong"
is "$(status_of $P)" 2 "no command"
is "$(status_of reconfigure)" 2 "no device"
is "$(status_of reconfigure --memmap=best "$dax")" 2 "no policy"
is "$(status_of reconfigure -m ram "$dax")" 2 "no mode"
is "$(status_of reconfigure --movable --no-movable "$dax")" 2 "both zones"
is "$(status_of reconfigure -m devdax --memmap=range "$dax")" 2 "devdax with a memmap"
fails "no such device" "unknown device" reconfigure --memmap=range dax9.9
is "$(status_of reconfigure --memmap=range dax9.9)" 1 "its status"
is "$(status_of $P verify dax9.9)" 2 "verify: could not be found out"
is "$(status_of $P verify "$dax")" 2 "verify: not system RAM"
fails "no such device" "the others of several are done" reconfigure --memmap=range dax9.9 "$dax"
is "$(effective "$dax")" range "as here"
quiet reconfigure -m devdax -f "$dax"
fails "cannot write the output" "full disk" eval "$P list >/dev/full"
fails "takes root" "no permission" \
	setpriv --reuid=1000 --clear-groups $P reconfigure-device --memmap=range "$dax"
is "$(key mode) $(policy "$dax")" "devdax range" "and nothing has changed"
is "$(setpriv --reuid=1000 --clear-groups $P list | json '.[0].memmap_policy')" range \
	"who has no permission may look"

echo "# one command at a time"
lock=/run/daxctl-memmap.lock
rm -f $lock
ln -s /tmp/elsewhere $lock
fails "cannot lock $lock" "without the lock nothing is changed" \
	reconfigure --memmap=range "$dax"
is "$(key mode)" devdax "as here"
rm -f $lock
flock -o $lock sleep 100 &
wait_for eval '! flock -n $lock true'
$P reconfigure-device --memmap=range "$dax" >/tmp/out 2>&1 &
pid=$!
wait_for grep -q 'waiting for another' /tmp/out
kill $pid
wait $pid
is "$? $(grep -c "^error: waiting for $lock: interrupted" /tmp/out)" "1 1" \
	"a signal ends the wait, which is said"
kill %?flock

echo "# a step fails: back to what it was"
modprobe memory-notifier-error-inject
inject=$DEBUG/notifier-error-inject/memory/actions
quiet reconfigure -m devdax -f "$dax"
set_policy "$dax" dram
echo -12 >$inject/MEM_GOING_ONLINE/error
fails "does not go online" "onlining fails" reconfigure --memmap=range "$dax"
echo 0 >$inject/MEM_GOING_ONLINE/error
is "$(driver) $(policy "$dax") $(effective "$dax")" "device_dax dram none" \
	"devdax, with the policy it had"
is "$(vmstat nr_memmap_pages)" "$memmap" "nr_memmap_pages as before"
# A pipe that nobody reads: the first message would be the last.
exec 9> >(:)
wait $!
echo -12 >$inject/MEM_GOING_ONLINE/error
$P reconfigure-device --memmap=range "$dax" >&9 2>&9
is $? 1 "with nobody to read why"
exec 9>&-
echo 0 >$inject/MEM_GOING_ONLINE/error
is "$(driver) $(policy "$dax") $(effective "$dax")" "device_dax dram none" "it is undone, too"
quiet reconfigure --memmap=block "$dax"
echo -16 >$inject/MEM_GOING_OFFLINE/error
fails "memory block" "offlining fails; the block is named" reconfigure --memmap=range -f "$dax"
echo 0 >$inject/MEM_GOING_OFFLINE/error
is "$(effective "$dax") $(blocks_online "$dax") $(key movable)" "block all true" "as it was"
works "verify" $P verify "$dax"
# The driver stays: what was tried has changed nothing but memory blocks.
mount --bind /dev/full /sys/bus/dax/drivers/kmem/unbind
$P reconfigure-device --memmap=range -f "$dax" >/dev/null 2>/tmp/out
is "$? $(grep -c 'does not let go of it' /tmp/out) $(grep -c 'could not be' /tmp/out)" "1 1 0" \
	"a driver that does not unbind is named, and nothing else"
umount /sys/bus/dax/drivers/kmem/unbind
is "$(effective "$dax") $(blocks_online "$dax")" "block all" "all of it is online again"

echo "# what a dry run would keep"
is "$($P reconfigure-device -n --persist "$dax" 2>&1 >/dev/null | tail -n 1)" \
	"$dax: would be kept for the next boot in ${conf%/*}/50-cxl.serial-0x1.conf" "the file"
nothing "$(ls -A "${conf%/*}")" "is not written"

echo "# Ctrl-C while memory moves: a long offline is undone"
quiet reconfigure --memmap=range --movable -f "$dax"
mkdir -p /mnt/data
mount -t tmpfs -o "size=2G,mpol=bind:$(dax_node "$dax")" none /mnt/data
works "256 MiB of data are in it" dd if=/dev/zero of=/mnt/data/file bs=1M count=256
blocks=$(dax_blocks "$dax")
some_offline() {
	local b state
	for b in $blocks; do
		read -r state <"$SYS_MEMORY/memory$b/state" && [ "$state" = online ] || return 0
	done
	return 1
}
interrupt() { # SIGNAL: what it says
	signal_when "$1" some_offline $P reconfigure-device -m devdax -f "$dax" 2>&1
}
$P reconfigure-device -m devdax -f "$dax" >/tmp/out 2>&1 &
pid=$!
until some_offline; do :; done
kill $pid
until grep -q 'going back' /tmp/out; do [ -e /proc/$pid ] || break; done
# While it goes back, no signal ends that.
while kill $pid 2>/dev/null; do sleep 0.01; done
wait $pid
is "$(grep -c 'could not be brought back' /tmp/out)" 0 "SIGTERM again and again while it is undone"
is "$(effective "$dax") $(blocks_online "$dax")" "range all" "all of it is online again"
for signal in INT TERM HUP; do
	is "$(interrupt $signal | grep -c interrupted)" 1 "SIG$signal ends it, and it says so"
	is "$(effective "$dax") $(blocks_online "$dax")" "range all" "all of it is online again"
done
umount /mnt/data

echo "# on a terminal, how far it is"
on_terminal() {
	TERM=$1 SHELL=/bin/bash script -qec "$P reconfigure-device -m devdax -f $dax" /dev/null \
		</dev/null | tr '\r' '\n'
}
nr=$(dax_blocks "$dax" | wc -l)
is "$(on_terminal linux | grep -A 1 "$nr of $nr memory blocks offline" | tail -n 1 | head -c 3)" \
	$'\e[K' "it is shown, and erased"
works "again" reconfigure --memmap=range "$dax"
is "$(on_terminal dumb | grep -c 'memory blocks') $(driver)" "0 device_dax" \
	"not where it could not be erased"

echo "# a device smaller than a memory block"
works "devdax" reconfigure -m devdax "$dax"
is "$(key mode) $(policy "$dax")" "devdax range" "to begin with"
echo 200000000 >/tmp/8g
mount --bind /tmp/8g $SYS_MEMORY/block_size_bytes
fails "blocks are 8192 MiB and aligned to that" "it says what it would need" \
	reconfigure --memmap=range "$dax"
umount $SYS_MEMORY/block_size_bytes
is "$(key mode) $(policy "$dax")" "devdax range" "and nothing changed"

echo "# the device goes away"
works "to devdax" reconfigure -m devdax -f "$dax"
works "the region is destroyed" cxl destroy-region -f "$region"
fails "no such device" "it is gone" reconfigure --memmap=range "$dax"
is "$($P list | json length)" 0 "list has nothing"

echo "# a block in the middle does not go offline"
works "onboard" $P onboard --memmap=range --no-movable mem0
dax=$(basename /sys/bus/dax/devices/dax*)
works "a page is in use" pin_page "$(dax_node "$dax")"
out=$(timeout -s INT 60 $P reconfigure-device -m devdax -f "$dax" 2>&1)
at_least "$(grep -cE 'memory block [0-9]+.* does not go offline' <<<"$out")" 1 "the block is named"
is "$(grep -c 'the kernel says: page dumped because: ' <<<"$out")" 1 "and why, as the kernel says"
is "$(grep -c 'in a kernel zone it may stay until the next boot' <<<"$out")" 1 "and what that means"
sed 's/^/# /' <<<"$out"
is "$(effective "$dax") $(blocks_online "$dax")" "range all" "all of it is online again"
finish
