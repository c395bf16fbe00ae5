#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/check/minimise: what is left of a sequence is what it takes to break something. The
# guest is a program here that says when that is so.
# needs:
. "$(dirname "$0")/../lib/host.sh"
cat >"$work/vm" <<'END'
#!/bin/bash
# Breaks where "bind 1" is somewhere before "heal", and otherwise where there is "huge 8".
while [ $# -gt 1 ]; do
	case $2 in */sequence) sequence=$2 ;; esac
	shift
done
echo x >>"$TRIES"
[ -z "${SICK:-}" ] || exit 124
if sed -n '/^bind 1$/,$p' "$sequence" | grep -qx heal; then exit 125; fi
! grep -qx 'huge 8' "$sequence" || exit 1
END
chmod +x "$work/vm"
export VM=$work/vm TRIES=$work/tries
minimise() { "$ROOT/tools/check/minimise" "$@"; }

for ((i = 0; i < 40; i++)); do
	case $i in
	7) echo "bind 1" ;;
	12) echo "huge 8" ;;
	31) echo "#   heal" ;;
	*) echo "#   policy 2 dram" ;;
	esac
done >"$work/long"
is "$(minimise "$work/long" 2>"$work/said")" "bind 1
heal" "two of 40 operations are left"
grep -q '2 operations are left, after [0-9]* tries' "$work/said" && ok "it says so" ||
	not_ok "it says so" "$(cat "$work/said")"
at_most "$(wc -l <"$TRIES")" 60 "guests that it takes"
fails "no operation at all breaks something" "a guest that does not work" \
	env SICK=1 "$ROOT/tools/check/minimise" "$work/long"
printf 'heal\nbind 1\n' >"$work/sound"
fails "breaks nothing" "one that breaks nothing" minimise "$work/sound"
printf 'bind 1\n#   the sequence:\n' >"$work/wrong"
fails "'the sequence:' is no operation" "a line of something else" minimise "$work/wrong"
fails "tools/check/minimise FILE" "no such file" minimise "$work/none"
finish
