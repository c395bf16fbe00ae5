# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests/host/plugin*.sh: recordings, and the command built with sanitizers.
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
BUILD=${BUILD:-$ROOT/build}
TESTS_DIR=$ROOT/daxctl-plugin/tests
export LC_ALL=C.UTF-8 TERM=dumb
# Leaks too, and so that they cannot be taken for a status of the command.
export ASAN_OPTIONS=exitcode=99:detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
export LSAN_OPTIONS=exitcode=99

build_asan() {
	mkdir -p "$BUILD/plugin-asan"
	# Tests run side by side.
	flock "$BUILD/plugin-asan" make -s -C "$TESTS_DIR" BUILD="$BUILD" asan
}

# --sysroot needs a mount namespace, and a place for /sys to be mounted at.
no_mount_namespace() { ! unshare --mount --propagation unchanged true 2>/dev/null; }

tree() { # NAME: unpack a recording, print its folder
	local dir=$work/trees/$1
	if [ ! -d "$dir" ]; then
		case $1 in
		later)
			"$TESTS_DIR/unpack" "$TESTS_DIR/trees/cxl-range.manifest" "$dir"
			"$TESTS_DIR/later-kernel" "$dir"
			;;
		*)
			"$TESTS_DIR/unpack" "$TESTS_DIR/trees/$1.manifest" "$dir"
			;;
		esac
	fi
	echo "$dir"
}

# Sets status, out and err. What a sanitizer says is a failure of its own.
status=0 out='' err='' sanitizer=''
run() { # COMMAND ...
	status=0
	case $(type -t "$1") in
	file) set -- timeout 20 "$@" ;;
	esac
	"$@" >"$work/out" 2>"$work/err" || status=$?
	{ out=$(<"$work/out") err=$(<"$work/err"); } 2>/dev/null
	sanitizer=
	if [ $status = 99 ] || [ $status -gt 2 ] || [[ $err == *"runtime error"* || $err == *Sanitizer* ]]; then
		sanitizer="status $status: ${err:0:3000}"
	fi
}
