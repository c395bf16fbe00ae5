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
# and where one sees that a tree has already what it does, in other words:
#
#	Unless: include/linux/mmzone.h: pages_with_online_memmap
#
# Such a patch is left out, and so is one that the tree has as it is: that could be taken
# back from it, and not be applied. So is one that WITHOUT names: what comes behind its number in
# the name of its file, without ".patch". What is left out is said.
#
#	added_files FROM PATCH ...
#			prints those of some patches; FROM is where they are
#
# A second run changes nothing. Either all patches apply, or the tree stays as
# it was.
#
# Somebody who works on the layer edits files in the tree. Such an edit is kept, with
# a warning, and merged if the file would change for another reason, too; where that
# conflicts, the tree stays as it was. WIRE says what else may be done:
#
#	pristine	refuse a tree with such edits
#	discard		take them out; they are saved as a patch
#	check		change nothing: do the patches apply? If not, the one line on
#			stderr names patch, file and hunk, and the exit status is 3
#
# What has to be known of former runs is in TREE/.mhp-altmap: before, the files that we
# patched as they were; after and added, those files and ours as we left them, without
# edits; ours, a list of the latter; left-out, a list of the patches that were.

# Copy only what differs: make goes by time stamps.
update() {
	cmp -s "$1" "$2" && return
	mkdir -p "$(dirname "$2")" && cp "$1" "$2.mhp-tmp" && mv "$2.mhp-tmp" "$2" ||
		die "cannot write $2: disk full, or no permission?"
}

first() { # SERIES [COUNT]: the patches
	ls "$1"/*.patch | head -n "${2:-1000}"
}

touched_files() { # SERIES
	cat "$1"/*.patch | sed -n 's,^+++ b/,,p' | sort -u
}

in_base() { # PATCH: is what it says in the file, as that was before us?
	said=$(sed -n '/^---$/,/^diff /s/^Unless: //p' "$1")
	[ -n "$said" ] && grep -qsF -- "${said#*: }" "$(base_of "${said%%: *}")"
}

added_files() {
	from=$1
	shift
	for patch; do
		sed -n '/^---$/,/^diff /s/^Adds: //p' "$patch" | tr ' ' '\n' |
		while read -r pattern; do
			found=$(cd "$from" && find $pattern -maxdepth 0 -type f 2>/dev/null) &&
				[ -n "$found" ] ||
				die "$(basename "$patch") adds $pattern, which is not there"
			echo "$found"
		done || exit 1
	done
}

refuse() { # MESSAGE
	[ "${WIRE:-}" != check ] || { echo "$1" >&2; exit 3; }
	die "$1
       The tree was left as it was. Wired before by other means? Start from a clean checkout.
       Does it have what the patch does in other words? WITHOUT='NAME ...' leaves patches out."
}

# As FILE was before us: what we patched before is patched anew, from that. What we left as
# it was is whatever it is now.
base_of() { # FILE
	if [ -f "$state/after/$1" ] && [ -f "$state/before/$1" ] &&
	   ! cmp -s "$state/before/$1" "$state/after/$1" &&
	   ! unwired "$tree/$1" "$state/before/$1" "$state/after/$1"; then
		echo "$state/before/$1"
	else
		echo "$tree/$1"
	fi
}
exact_patch() { # FILE [OPTION ...]: the patch is standard input
	patch -f -F0 --no-backup-if-mismatch -r - "$@" >"$work/log" 2>&1
}
left_out() { # PATCH [WHY]
	say "left out, as ${2:-$what has it}: $(basename "$1")"
	basename "$1" >>"$work/left-out"
}
# Does WITHOUT name it?
not_wanted() { # PATCH
	_name=$(basename "$1" .patch)
	case " ${WITHOUT:-} " in *" ${_name#[0-9]*-} "*) ;; *) return 1 ;; esac
}
# Apply a patch to the files in $work/after, or leave it out if they have it already. Which
# is asked first: a hunk of which they have the like in two places applies again.
apply() { # PATCH
	rm -rf "$work/try" "$work/part".*
	mkdir "$work/try"
	# Its parts, one for each file: "FILE PART".
	awk -v part="$work/part." '
		/^diff --git / { if (out) close(out); out = part (++n); header = 1 }
		header && /^\+\+\+ b\// { print substr($2, 3), out; header = 0 }
		out { print >out }' "$1" >"$work/parts"
	# A patch that only adds files of ours changes none.
	[ -s "$work/parts" ] || return 0
	has=1
	while read -r file part; do
		exact_patch "$work/after/$file" --dry-run -R <"$part" || has=
	done <"$work/parts"
	if [ -n "$has" ]; then
		left_out "$1"
		return
	fi
	while read -r file part; do
		try=$work/try/$file
		mkdir -p "$(dirname "$try")"
		cp "$work/after/$file" "$try"
		exact_patch "$try" <"$part" && continue
		n=$(sed -n 's/^Hunk #\([0-9]*\) FAILED.*/\1/p' "$work/log" | head -n 1)
		line=$(grep '^@@' "$part" | sed -n "${n:-1}s/^@@ -\([0-9]*\).*/\1/p")
		refuse "$(basename "$1") does not apply to $what: $file: hunk at line $line"
	done <"$work/parts"
	cp -r "$work/try/." "$work/after"
}

# Not in the project's folder: in a worktree of git's, the repository is elsewhere, where
# the toolbox does not see it, and git refuses to work.
changed_lines() { # FROM TO: "+ADDED -DELETED"
	git -C "$work" diff --no-index --numstat "$1" "$2" | awk '{ print "+" $1, "-" $2 }'
}
# Is a file more like what it was before us than like what we made of it? Then it has
# been checked out anew. By places that differ: an edit of the one line that we added is one
# in both.
unwired() { # FILE BEFORE AFTER
	[ "$(diff "$2" "$1" | grep -c '^[0-9]')" -lt "$(diff "$3" "$1" | grep -c '^[0-9]')" ]
}

# What becomes of FILE, which we LEFT in one state and now have a NEW one of: sets result.
# An edit is listed in $work/edited, one that cannot stay in $work/conflicts.
merge_file() { # FILE LEFT NEW
	mine=$tree/$1 result=$3
	if cmp -s "$mine" "$2" || cmp -s "$mine" "$3"; then return; fi
	echo "$1 ($(changed_lines "$2" "$mine"))" >>"$work/edited"
	if [ "${WIRE:-}" = discard ]; then
		diff -u --label "a/$1" --label "b/$1" "$2" "$mine" >>"$work/discarded" || :
	elif cmp -s "$2" "$3"; then
		result=$mine
	else
		result=$work/merged/$1
		mkdir -p "$(dirname "$result")"
		git -C "$work" merge-file -p -q "$mine" "$2" "$3" >"$result" ||
			echo "$1: line $(diff3 "$mine" "$2" "$3" |
				sed -n '/^====$/{n;s/^1:\([0-9]*\).*/\1/p;q}')" >>"$work/conflicts"
	fi
}

wire() {
	tree=$1 what=$2 series=$3 count=${4:-}
	state=$tree/.mhp-altmap
	discard="tools/in-toolbox tools/build/$(basename "$0") --discard"
	work=$(mktemp -d)
	trap 'rm -rf "$work" "${OURS:-}"' EXIT
	touch "$work/edited" "$work/patched" "$work/copied" "$work/gone" "$work/left-out"
	touched_files "$series" >"$work/touched"
	# Those that are not patched any more, too.
	(cd "$state/after" 2>/dev/null && find . -type f | sed 's,^\./,,') |
		sort -u - "$work/touched" >"$work/files"
	while read -r file; do
		[ -f "$tree/$file" ] || refuse "$what has no $file, which $(
			grep -lxF "+++ b/$file" "$series"/*.patch | sed '1!d;s,.*/,,') changes"
	done <"$work/touched"
	while read -r file; do
		[ -f "$tree/$file" ] || continue
		mkdir -p "$work/before/$(dirname "$file")" "$work/after/$(dirname "$file")"
		before=$(base_of "$file")
		cp "$before" "$work/before/$file"
		cp "$before" "$work/after/$file"
	done <"$work/files"
	for _name in ${WITHOUT:-}; do
		ls "$series"/[0-9]*-"$_name".patch >/dev/null 2>&1 ||
			die "WITHOUT: no patch is $_name; there are: $(ls "$series" |
				sed -n 's/^[0-9]*-\(.*\)\.patch$/\1/p' | paste -sd' ')"
	done
	for patch in $(first "$series" "$count"); do
		if not_wanted "$patch"; then
			left_out "$patch" "WITHOUT says"
		elif in_base "$patch"; then
			left_out "$patch"
		else
			apply "$patch"
		fi
	done
	while read -r file; do
		[ -f "$tree/$file" ] || continue
		result=$work/after/$file
		[ "$(base_of "$file")" = "$tree/$file" ] ||
			merge_file "$file" "$state/after/$file" "$work/after/$file"
		echo "$file $result" >>"$work/patched"
	done <"$work/files"
	[ "${WIRE:-}" != check ] || return 0

	map_files >"$work/map" || exit 1
	cut -d' ' -f2 "$work/map" >"$work/ours"
	while read -r from to; do
		new=${OURS:-$ROOT}/$from left=$state/added/$to result=$new
		if [ -f "$tree/$to" ] && [ -f "$left" ]; then
			merge_file "$to" "$left" "$new"
		elif [ -f "$tree/$to" ] && ! cmp -s "$tree/$to" "$new" &&
		     ! grep -qsxF "$to" "$state/ours"; then
			die "$what has a $to already, which is not ours.
       The tree was left as it was."
		fi
		echo "$to $result $new" >>"$work/copied"
	done <"$work/map"
	# A file that we no longer have goes.
	if [ -f "$state/ours" ]; then
		grep -vxFf "$work/ours" "$state/ours" | while read -r file; do
			[ -f "$tree/$file" ] || continue
			result=
			[ ! -f "$state/added/$file" ] ||
				merge_file "$file" "$state/added/$file" "$state/added/$file"
			[ "$result" = "$tree/$file" ] || echo "$file" >>"$work/gone"
		done
	fi

	if [ -f "$work/conflicts" ]; then
		die "edited by hand in the tree, where what we put there has changed, too:
$(sed 's/^/       /' "$work/conflicts")
       The tree was left as it was. What we left there is in $state:
       make the edits in lib/ or wiring/, then take them out of the tree (they are saved):
       $discard"
	fi
	if [ "${WIRE:-}" = pristine ] && [ -s "$work/edited" ]; then
		die "edited by hand:
$(sed 's/^/       /' "$work/edited")
       This takes a tree as we make it. Move the edits to lib/ or wiring/, then take them
       out of the tree: $discard"
	fi
	while read -r edit; do
		if [ "${WIRE:-}" = discard ]; then
			say "discarded: $edit"
		else
			warn "edited by hand: $edit: kept"
		fi
	done <"$work/edited"
	[ ! -f "$work/discarded" ] || {
		cat "$work/discarded" >>"$state/discarded.patch" ||
			die "cannot write $state/discarded.patch: disk full, or no permission?"
		say "saved in $state/discarded.patch"
	}

	while read -r file result; do
		update "$work/before/$file" "$state/before/$file"
		update "$result" "$tree/$file"
		# Of a file that is not patched any more, too: it is new, and not edited.
		update "$work/after/$file" "$state/after/$file"
	done <"$work/patched"
	while read -r to result new; do
		update "$result" "$tree/$to"
		update "$new" "$state/added/$to"
	done <"$work/copied"
	while read -r file; do
		rm -f "$tree/$file" "$state/added/$file"
	done <"$work/gone"
	update "$work/ours" "$state/ours"
	update "$work/left-out" "$state/left-out"
	[ -f "$state/.gitignore" ] || echo '*' >"$state/.gitignore"
}
