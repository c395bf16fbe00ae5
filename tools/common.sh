# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the other tools: messages, and where things are.

say()  { printf '==> %s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die()  { printf 'error: %s\n' "$*" >&2; exit 1; }

# Guests boot the toolbox, and have more users than root.
umask 022

# For what the network may refuse just now. A mirror is not whole while it takes in new packages.
twice() { # COMMAND ...
	"$@" || { warn "$1 failed: once more in a minute"; sleep 60; "$@"; }
}

# The project, and what is made from it.
ROOT=$(cd "$(dirname "$0")" && while [ ! -d wiring ] && [ "$PWD" != / ]; do cd ..; done && pwd)
BUILD=${BUILD:-$ROOT/build}

# Kept between checkouts: the packed toolbox and the compiler cache. Empty: none.
CACHE=${CACHE-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/mhp-altmap}

KERNEL=${KERNEL:-6.12}
FLAVOUR=${FLAVOUR:-test}
# arm64, else this machine's.
ARCH=${ARCH:-}
case $ARCH in
'' | arm64) ;;
*) die "ARCH=$ARCH: there is arm64, and none for this machine's" ;;
esac
JOBS=${JOBS:-$(nproc)}

# Kernels that 'make check' is about: KERNELS or, for "both", the first that we
# support and the newest that the toolbox (or SOURCES) has the source of; for arm64 the latter.
kernels() {
	[ -z "${KERNEL_SRC:-}" ] || { echo "$KERNEL"; return; }
	[ "${KERNELS:-both}" = both ] || { echo "$KERNELS"; return; }
	_newest=$(ls "${SOURCES:-/usr/src}"/linux-source-*.tar.xz 2>/dev/null |
		sed 's,.*-\(.*\)\.tar\.xz$,\1,' | sort -V | tail -n 1)
	_newest=${_newest:-6.12}
	[ -n "$ARCH" ] || [ "$_newest" = 6.12 ] || _newest="6.12 $_newest"
	echo "$_newest"
}

# Where a built kernel is.
kernel_dir() { # FLAVOUR
	echo "$BUILD/kernel-$KERNEL${KERNEL_SRC:+-src}-$1${ARCH:+-$ARCH}"
}

# Where its objects are, for what compiles some more.
objects_dir() { # FLAVOUR
	echo "$BUILD/objects-$KERNEL${KERNEL_SRC:+-src}-$1${ARCH:+-$ARCH}"
}

# The version that a configuration in a folder is for: 6.12.117
config_version() { # FOLDER
	sed -n 's/^# Linux.* \([0-9.]*\) Kernel Configuration/\1/p' "$1/.config"
}

# The version of a kernel tree: 6.12.117
kernel_version() { # TREE
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1/Makefile" | paste -sd.
}

# Files of an unpacked tree that are not as it came, or as we left them.
edits_in() { # TREE
	find "$1" -path "$1/.mhp-altmap" -prune -o -name '*.pyc' -o -type f \
		-newer "$1/.unpacked" -printf '%P\n' | while read -r file; do
		cmp -s "$1/$file" "$1/.mhp-altmap/after/$file" ||
			cmp -s "$1/$file" "$1/.mhp-altmap/added/$file" || echo "$file"
	done
}

# The wiring for a kernel: its own or the next older one of the same major version; where
# there is none, the next newer.
wiring_for() { # VERSION
	_series=$(echo "$1" | cut -d. -f1,2) _found=
	for _have in $(wirings); do
		[ "${_have%%.*}" = "${_series%%.*}" ] || continue
		if [ -z "$_found" ] || printf '%s\n' "$_have" "$_series" | sort -CV; then
			_found=$ROOT/wiring/linux-$_have
		fi
	done
	[ -n "$_found" ] || die "this is Linux $1; there is wiring for: $(wirings | paste -sd' ')"
	echo "$_found"
}
wirings() { (cd "$ROOT/wiring" && ls -d linux-*) | sed 's/^linux-//' | sort -V; }

# The guest's user space.
guest_image() { echo "$BUILD/guest${ARCH:+-$ARCH}.cpio"; }

# Modules for the guest, an archive that its kernel unpacks over that of user space,
# where /lib is a link: an entry for it would take the link's place.
pack_modules() { # FOLDER-WITH-LIB FILE
	(cd "$1" && find lib/modules | sort | cpio -o -H newc -R 0:0 --quiet) >"$2.tmp" &&
		mv "$2.tmp" "$2" ||
		die "could not write $2: disk full? (df -h $BUILD)"
}

# Bytes in a size with a binary suffix: 12G, 512M, 1T, 4096.
bytes() {
	case ${1%[KkMmGgTt]} in
	''|*[!0-9]*) return 1 ;;
	esac
	case $1 in
	*[Kk]) echo $((${1%?} << 10)) ;;
	*[Mm]) echo $((${1%?} << 20)) ;;
	*[Gg]) echo $((${1%?} << 30)) ;;
	*[Tt]) echo $((${1%?} << 40)) ;;
	*) echo "$1" ;;
	esac
}

# Linux 7.3 asks for a sparse that knows __typeof_unqual__, which Debian's does not.
# shellcheck disable=SC2034
SPARSE="sparse -Wno-unknown-attribute -D__typeof_unqual__=__typeof__"
# Nor does it evaluate the __builtin_strlen() in the static_assert() of MODULE_INFO().
# shellcheck disable=SC2034
SPARSE_NOISE='error: bad constant expression$'
