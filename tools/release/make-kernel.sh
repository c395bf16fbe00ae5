# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tools that make packages of a kernel.

# From the configuration to the packages: two in the same folders would mix them up.
one_at_a_time() {
	exec 8>"$BUILD/packages.lock"
	flock -n 8 || { say "packages: waiting for those of another run"; flock 8; }
}

# Is there, for what the configuration takes?
room_for_kernel() { # OBJECTS
	_mib=$(cat "$1/takes-mib") _free=$(df --output=avail -m "$1" | tail -n 1)
	[ "$_free" -ge "$_mib" ] || [ -e "$1/vmlinux" ] ||
		die "$((_free / 1024)) GiB are free below $BUILD: too little"
}

# The kernel's own make, with what it is to make, and how far it is.
make_kernel() { # OBJECTS LOG ARGUMENT ...
	_objects=$1 _log=$2
	shift 2
	_jobs=-j$JOBS
	case ${MAKEFLAGS:-} in *--jobserver*) _jobs= ;; esac
	# Before make is there: who sees it may stop it at once.
	_pid=
	trap 'kill "${_pid:-$!}" 2>/dev/null; exit 130' INT TERM
	# These are ours, and mean something else there. Without a fork, so that a signal for
	# what is in the background, which ignores Ctrl-C, is one for make.
	env -u KCONFIG -u LSMOD flock -F "$_objects/lock" make \
		-C "$("$ROOT/tools/build/kernel-tree")" O="$_objects" $_jobs \
		--no-print-directory "$@" >"$_log" 2>&1 &
	_pid=$!
	watch_build $_pid "$_objects" "$_log"
	_status=0
	wait $_pid || _status=$?
	trap - INT TERM
	return $_status
}
# How far it is, by what was compiled and by how much there is to compile: each minute, or
# each second where somebody watches.
watch_build() { # PID OBJECTS LOG
	last=$(cat "$2/nr-objects" 2>/dev/null || echo 0) from=$(date +%s) told=0
	while kill -0 "$1" 2>/dev/null; do
		sleep 1
		now=$(($(date +%s) - from))
		if [ ! -t 2 ]; then
			[ $((now / 60)) -gt $told ] || continue
		fi
		told=$((now / 60))
		n=$(grep -cE '^  (CC|AS|LD)' "$3" || :)
		[ "$last" -le "$n" ] || n="$n of about $last"
		if [ -t 2 ]; then printf '\r    %s files, %d min' "$n" $told >&2
		else echo "    $n files, $told min" >&2; fi
	done
	[ ! -t 2 ] || printf '\r\033[K' >&2
	n=$(grep -cE '^  (CC|AS|LD)' "$3" || :)
	[ "$n" -le "$last" ] || echo "$n" >"$2/nr-objects"
}
