# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tools that put our files and a series of patches into a tree of
# somebody else's. They have:
#
#	map_files	prints "FROM TO" for each of our files: FROM in OURS, which
#			is the project if not said otherwise, TO in the tree
#	wire TREE WHAT SERIES [COUNT]
#			WHAT is its name and version for messages, SERIES the folder
#			of patches, of which the first COUNT are applied, or all
#
# A patch can say, behind its message, which of our files go with it:
#
#	---
#	Adds: lib/* include/linux/mhp_altmap.h
#
#	added_files FROM PATCH ...
#			prints those of some patches; FROM is where they are
#
# A second run changes nothing. Either all patches apply, or the tree stays as
# it was.

# Copy only what differs: make goes by time stamps.
update() {
	cmp -s "$1" "$2" && return
	mkdir -p "$(dirname "$2")" && cp "$1" "$2.mhp-tmp" && mv "$2.mhp-tmp" "$2" ||
		die "cannot write $2: disk full, or no permission?"
}

first() { # SERIES [COUNT]: the patches
	ls "$1"/*.patch | head -n "${2:-1000}"
}

added_files() {
	from=$1
	shift
	for patch; do
		sed -n '/^---$/,/^diff /s/^Adds: //p' "$patch" | tr ' ' '\n' | while read -r pattern; do
			found=$(cd "$from" && find $pattern -maxdepth 0 -type f 2>/dev/null) && [ -n "$found" ] ||
				die "$(basename "$patch") adds $pattern, which is not there"
			echo "$found"
		done || exit 1
	done
}

wire() {
	tree=$1 what=$2 series=$3 count=${4:-}
	# The files to patch as they were before us, and as we left them.
	state=$tree/.mhp-altmap
	touched=$(cat "$series"/*.patch | sed -n 's,^+++ b/,,p' | sort -u)
	work=$(mktemp -d)
	trap 'rm -rf "$work" "${OURS:-}"' EXIT
	for file in $touched; do
		[ -f "$tree/$file" ] || die "$what has no $file, which the wiring for $(basename "$series") changes"
		before=$tree/$file
		# What we patched before is patched anew, from what it was then.
		if cmp -s "$tree/$file" "$state/after/$file" && [ -f "$state/before/$file" ]; then
			before=$state/before/$file
		fi
		mkdir -p "$work/before/$(dirname "$file")" "$work/after/$(dirname "$file")"
		cp "$before" "$work/before/$file"
		cp "$before" "$work/after/$file"
	done
	for patch in $(first "$series" "$count"); do
		patch -d "$work/after" -p1 -s -N -F0 --no-backup-if-mismatch -r - <"$patch" >"$work/log" 2>&1 || {
			sed 's/^/    /' "$work/log" >&2
			die "$(basename "$patch") does not apply to $what ($(
				sed -n 's/^.*saving rejects to file \(.*\)\.rej$/\1/p; s/^checking file //p; s/^The text leading up to this was.*//p' "$work/log" |
				sort -u | paste -sd' ' | grep . || sed -n 's,^+++ b/,,p' "$patch" | paste -sd' ')).
       The tree was left as it was. Wired before by other means? Start from a clean checkout."
		}
	done

	map_files >"$work/map" || exit 1

	for file in $touched; do
		update "$work/before/$file" "$state/before/$file"
		update "$work/after/$file" "$tree/$file"
		update "$work/after/$file" "$state/after/$file"
	done
	while read -r from to; do
		update "${OURS:-$ROOT}/$from" "$tree/$to"
		echo "$to"
	done <"$work/map" >"$work/ours"
	# A file that we no longer have goes.
	if [ -f "$state/ours" ]; then
		grep -vxFf "$work/ours" "$state/ours" | while read -r file; do rm -f "$tree/$file"; done
	fi
	update "$work/ours" "$state/ours"
	[ -f "$state/.gitignore" ] || echo '*' >"$state/.gitignore"
}
