# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tools that build: what is built is kept in $CACHE/built, by a hash of
# all that goes into it, and is taken from there by the next checkout.
#
#	key=$(hash_of FILE|FOLDER ... <MORE)	of the names and bytes of files, and of
#						what else is on standard input
#	cache_take NAME KEY FOLDER		fill FOLDER; fails if there is nothing
#						for that very key
#	cache_keep NAME KEY FOLDER		a full disk is no error: nothing is kept
#
# 40 archives are kept, those that were used last.

hash_of() {
	{
		cat
		(cd "$ROOT" && find -L "$@" -type f | LC_ALL=C sort | xargs -d '\n' sha256sum)
	} | sha256sum | cut -c1-32
}

cache_take() {
	[ -n "$CACHE" ] || return
	_packed=$CACHE/built/$1-$2.tar.zst
	[ -s "$_packed" ] || return
	rm -rf "$3.tmp"
	mkdir -p "$3.tmp"
	if ! zstd -q -dc "$_packed" | tar -x -C "$3.tmp" --no-same-owner; then
		rm -rf "$3.tmp"
		warn "could not unpack $_packed: it is built instead"
		return 1
	fi
	touch "$_packed"
	echo "$2" >"$3.tmp/cache-key"
	rm -rf "$3"
	mv "$3.tmp" "$3"
}

cache_keep() {
	echo "$2" >"$3/cache-key"
	[ -n "$CACHE" ] && mkdir -p "$CACHE/built" 2>/dev/null || return 0
	# A half-written archive is never taken for a whole one: write, then rename.
	_packed=$CACHE/built/$1-$2.tar.zst
	# tar's status is not that of the pipe, and what lacks a file is no archive.
	if { tar -c -C "$3" . || : >"$_packed.$$.bad"; } | zstd -q -T0 -3 -f -o "$_packed.$$" &&
	   [ ! -e "$_packed.$$.bad" ] && mv "$_packed.$$" "$_packed"; then
		(cd "$CACHE/built" && ls -t | tail -n +41 | xargs -r rm -f)
	else
		rm -f "$_packed.$$" "$_packed.$$.bad"
		warn "could not keep $1 in the cache"
	fi
}

# Is what is in a folder what the key says?
is_current() { # KEY FOLDER
	[ "$(cat "$2/cache-key" 2>/dev/null)" = "$1" ]
}
