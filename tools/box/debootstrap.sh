# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by what makes a Debian root, on the host.

# The Debian mirror: MIRROR or the first of the host's apt, if it has one; else mmdebstrap
# takes its own.
find_mirror() {
	mirror=${MIRROR:-}
	[ -z "$mirror" ] && command -v apt-get >/dev/null || return 0
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		 grep -E '/debian/?$' | head -n 1) || :
}

# mmdebstrap, with what is the same for all. Its last arguments are a suite and a target.
debootstrap() { # OPTION ... SUITE TARGET
	if [ "$(id -u)" = 0 ]; then mode=root; else mode=unshare; fi
	find_mirror
	proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null)" || :
	# A session of its own: on a failed write it sends SIGHUP to the whole group.
	setsid -w mmdebstrap --mode="$mode" --components=main \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
		--aptopt='Acquire::Retries "3"' "$@" ${mirror:+"$mirror"}
}
