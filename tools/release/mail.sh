# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tools that make a series to mail.

# A repository of what is in DIR, with its author.
mail_repo() { # REPO DIR MESSAGE
	who=${SIGNOFF:-$(sed -n 's/^Maintainer: //p' "$ROOT/daxctl-plugin/debian/control")}
	case $who in *' <'*@*'>') ;; *) die "SIGNOFF='$who': not 'Name <address>'" ;; esac
	git init -q "$1"
	git -C "$1" config user.name "${who% <*}"
	git -C "$1" config user.email "$(expr "$who" : '.*<\(.*\)>')"
	git -C "$1" config core.abbrev 12
	cp -r "$2/." "$1"
	git -C "$1" add -A
	git -C "$1" commit -q -m "$3"
}

# A patch of the wiring, whose files are there by now, as a commit.
mail_step() { # REPO PATCH
	! grep -q '^diff --git ' "$2" ||
		patch -d "$1" -p1 -s -F0 --no-backup-if-mismatch <"$2"
	git -C "$1" add -A
	sed '/^---$/,$d; 1s/^Subject: \[PATCH\] //' "$2" |
		git -C "$1" commit -q ${SIGNOFF:+-s} -F -
}

# The last COUNT commits as patches in OUT, with a letter to be filled in: prints its file.
mail_format() { # REPO COUNT OUT PREFIX
	rm -rf "$3"
	mkdir -p "$3"
	git -C "$1" format-patch -q -o "$3" --no-signature --cover-letter --subject-prefix="$4" \
		${REROLL:+-v "$REROLL"} "HEAD~$2"
	ls "$3"/*0000-cover-letter.patch
}

# TEXT begins with a line "Subject: ..." and a blank one; standard input goes behind both.
mail_letter() { # LETTER TEXT TO
	{
		sed '/^Subject:/,$d' "$1"
		sed -n 's/^\(Subject: .*\) \*\*\* SUBJECT HERE \*\*\*$/\1 /p' "$1" | tr -d '\n'
		sed -n '1s/^Subject: //p' "$2"
		echo "$3" | sed '/^$/d; s/^/Cc: /'
		echo
		cat
		sed -n '/BLURB HERE/,$p' "$1" | sed 1d
	} >"$1.new"
	mv "$1.new" "$1"
}
