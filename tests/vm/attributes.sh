#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whatever bytes are written to an attribute of ours, by whoever else at the same time: it
# takes one of its words, or refuses and stays as it is. SOAK=MINUTES: so long.
# vm: CXL=512M SMP=4
# debug: CXL=512M SMP=2
. /job/lib/guest.sh
choose_seed
setup_device
dir=$(dax_dir "$dax") region=${dax%.*} region=${region/dax/region}
settings=("/sys/bus/cxl/devices/$region/memmap_policy")
for class in cxl pmem hmem dimm; do settings+=("$(class_default $class)"); done
files=("$dir/memmap_policy" "$dir/memory_state" "${settings[@]}")
for f in "${files[@]}"; do [ -e "$f" ] || bail_out "no $f"; done

# What is read back is one of these.
words_of() { # FILE
	case $1 in
	*/parameters/*) echo "default dram block range auto" ;;
	*) echo "dram block range auto" ;;
	esac
}
# A word, or part of one, with something before, behind or in between. None that puts memory
# online: kmem keeps for good what is online when it loses the device.
some_bytes() {
	local words=(dram block range auto default onlin offline offline '' x) w n
	local extra
	extra=('\n' '\n\n' ' ' '\t' '\0' '\0range' '\x80' '\xff' x ',' '=' %s%n '\r' '\x1b')
	w=${words[RANDOM % 10]}
	case $((RANDOM % 8)) in
	0) printf '%s' "$w" ;;
	1) printf '%s\n' "$w" ;;
	2) printf '%s%b' "$w" "${extra[RANDOM % 14]}" ;;
	3) printf '%b%s' "${extra[RANDOM % 14]}" "$w" ;;
	4) n=$((RANDOM % (${#w} + 1)))
		printf '%s%b%s' "${w:0:n}" "${extra[RANDOM % 14]}" "${w:n}" ;;
	5) printf '%s' "${w:0:RANDOM % 4}" ;;
	6) head -c $((RANDOM % 300)) /dev/urandom ;;
	# Around a page, where sysfs cuts.
	7) n=(4094 4095 4096 4097 8192 65536)
		printf '%s%*s' "$w" $((n[RANDOM % 6] - ${#w})) '' ;;
	esac
}
fuzz() { # JOB
	local f n=0 taken=0 file=/tmp/bytes.$1
	while [ ! -e /tmp/stop ]; do
		f=${files[RANDOM % ${#files[@]}]}
		some_bytes >"$file"
		# In one write, and in another of what is left.
		! dd if="$file" of="$f" bs=$((RANDOM % 2 ? 65536 : RANDOM % 7 + 1)) conv=notrunc \
			status=none || taken=$((taken + 1))
		# memory_state is not to be read.
		! read -r value <"$f" || [[ " $(words_of "$f") " == *" $value "* ]] ||
			echo "$f: '$value'" >>/tmp/nonsense
		n=$((n + 1))
		echo "$n $taken" >"/tmp/count.$1"
	done 2>/dev/null
}
binding() {
	while [ ! -e /tmp/stop ]; do
		kmem_bind "$dax"
		sleep 0.1
		offline_blocks "$dax"
		kmem_unbind "$dax"
		sleep 0.1
	done >/dev/null 2>&1
}
count_of() { local n=0 m=0; read -r n m 2>/dev/null <"/tmp/count.$1"; echo $((${2:-n})); }
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)
want=300 step=3
! debug_kernel || want=40 step=20
pids=()
for job in 1 2 3; do { seed_job $job; fuzz $job; } & pids+=($!); done
binding & pids+=($!)
start=$SECONDS
enough() {
	local job
	for job in 1 2 3; do
		[ "$(count_of $job)" -ge $want ] && [ "$(count_of $job m)" -ge $((want / 40)) ] ||
			return
	done
}
until [ $((SECONDS - start)) -ge $((${SOAK:-0} * 60)) ] && enough; do
	[ $((SECONDS - start)) -lt $((${SOAK:-0} * 60 + 700)) ] || break
	sleep 0.5
done
touch /tmp/stop
for p in "${pids[@]}"; do wait "$p"; done
for job in 1 2 3; do
	at_least "$(count_of $job)" $want "writes of writer $job"
	at_least "$(count_of $job m)" $((want / 40)) "of which were taken"
done
nothing "$(sort -u /tmp/nonsense 2>/dev/null | head -n 5)" "what is read is a word"

echo "# alone, each byte"
kmem_bind "$dax" 2>/dev/null
offline_blocks "$dax" 2>/dev/null
kmem_unbind "$dax" 2>/dev/null
# A region's is refused while it has a device.
cxl disable-region "$region" >/dev/null 2>&1
for f in "${settings[@]}"; do
	wrong=
	for word in dram range; do
		write "$f" $word
		for ((i = 0; i < 256; i += RANDOM % step + 1)); do
			printf 'auto%b' "\\x$(printf %02x $i)" >/tmp/bytes
			dd if=/tmp/bytes of="$f" conv=notrunc status=none 2>/dev/null
			status=$?
			read -r value <"$f"
			# A newline ends a word, and so does a NUL.
			case $i in
			0 | 10) expected="0 auto" ;;
			*) expected="1 $word" ;;
			esac
			[ "$status $value" = "$expected" ] || wrong="$wrong $i:$status:$value"
			write "$f" $word
		done
	done
	nothing "$wrong" "${f##*/}: 'auto' with another byte behind it"
done
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $memmap" "nothing is left"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
