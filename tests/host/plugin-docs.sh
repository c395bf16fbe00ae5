#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Man pages and completion of daxctl-memmap say what the binary says.
# needs: plugin
. "$(dirname "$0")/../lib/host.sh"
plugin=$ROOT/daxctl-plugin out=$BUILD/plugin
make -s -C "$plugin" OUT="$out" WERROR=1 >"$work/make" 2>&1 ||
	bail_out "the plugin does not build: $(tail -n 5 "$work/make")"
export PATH=$out:$PATH MANWIDTH=100 MAN_KEEP_FORMATTING='' GROFF_NO_SGR=1
mapfile -t commands < <(daxctl-memmap --list-cmds | grep -v '^help$')

at_least ${#commands[@]} 6 "there are commands"
# Both are looked up: nothing is not the same as nothing.
same() { # GOT EXPECTED DESCRIPTION
	if [ -n "$2" ]; then is "$@"; else not_ok "$3" "nothing to compare with"; fi
}

#--- pages render ------------------------------------------------------------

# A section of a rendered page.
section() { # PAGE SECTION
	awk -v want="$2" '/^[^ ]/ { inside = ($0 == want); next } inside' "$work/$1.txt"
}

markup='include::|\{confdir\}|\[verse\]|(^| )[*_][^ ]*[*_]( |$)|^ *----$'
nr=0
for source in "$plugin"/Documentation/*.[1-9].adoc; do
	page=$(basename "$source" .adoc)
	nr=$((nr + 1))
	man --warnings=w -E UTF-8 -l "$out/$page" 2>"$work/warnings" | col -bx >"$work/$page.txt"
	nothing "$(cat "$work/warnings")" "$page: groff has no warning"
	is "$(lexgrog "$out/$page" >/dev/null 2>&1; echo $?)" 0 "$page: apropos can read its name"
	nothing "$(grep -nE "$markup" "$work/$page.txt")" "$page: no markup is left"
	is "$(grep -xE 'NAME|SYNOPSIS|DESCRIPTION|FILES|EXAMPLES|SEE ALSO' "$work/$page.txt" |
		paste -sd,)" "NAME,SYNOPSIS,DESCRIPTION,FILES,EXAMPLES,SEE ALSO" \
		"$page: has all sections, in the usual order"
	# References to pages of ours.
	nothing "$(grep -oE '(lib)?daxctl-memmap[a-z.-]*\([1-9]\)' "$work/$page.txt" | sort -u |
		tr '()' '. ' | while read -r other; do
		[ -f "$out/$other" ] || echo "$other"
	done)" "$page: pages that it refers to are there"
done
at_least $nr 10 "there are man pages"

#--- options -----------------------------------------------------------------

# "-u, --human" and the like, of --help and of a page.
of_help() { sed -n 's/^ *\(\(-., \)\?--[^ ]*\) .*/\1/p' | sort; }
of_page() { section "$1" OPTIONS | sed -n 's/^ \{7\}\(\(-., \)\?--[^ ]*\)$/\1/p' | sort; }

for command in "${commands[@]}"; do
	page=daxctl-memmap-$command.1
	[ -f "$work/$page.txt" ] || { not_ok "$command has a man page"; continue; }
	help=$(daxctl-memmap "$command" --help)
	same "$(of_page "$page")" "$(of_help <<<"$help")" \
		"$command: the page has the options of --help"
	same "$(of_help <<<"$help" | sed 's/.*--/--/; s/=.*/=/' | sort)" \
		"$(daxctl-memmap "$command" --list-opts | sort)" \
		"$command: --list-opts has them, too"
	same "$(section "$page" SYNOPSIS | sed 's/^ *//' | grep .)" \
		"$(sed -n 's/^usage: //p' <<<"$help")" \
		"$command: the page has its usage"
done
same "$(of_page daxctl-memmap.1 | grep -vxe '-h, --help')" "$(daxctl-memmap --help | of_help)" \
	"the page has the options of daxctl-memmap --help"
same "$(section daxctl-memmap.1 COMMANDS |
	sed -n "s/^ \{7\}\(daxctl-memmap-\)\?\([a-z][a-z-]*\).*/\2/p" | sort)" \
	"$(daxctl-memmap --list-cmds | sort)" "the page has the commands of --list-cmds"

#--- the configuration and the library ---------------------------------------

conf=daxctl-memmap.conf.5
same "$(section $conf DESCRIPTION | grep -oE '^ {7}[a-z]+(\.[a-z]+)?$' | tr -d ' ' | sort)" \
	"$(sed -n 's/.*\[KEY_[A-Z]*\] = "\(.*\)",/\1/p' "$plugin/src/config.c" | sort)" \
	"$conf: the keys that the command knows"
mkdir "$work/conf"
awk '/^----$/ { n++; next } n == 1' "$plugin/Documentation/$conf.adoc" >"$work/conf/page.conf"
works "$conf: its example is valid" daxctl-memmap check-config -c "$work/conf"
at_least "$(daxctl-memmap check-config -c "$work/conf" | grep -c '^\[')" 2 "$conf: and has sections"

page=libdaxctl-memmap.3
same "$(sed -n 's/^\t\(daxctl_[a-z_]*\);$/\1/p' "$plugin/lib/libdaxctl-memmap.sym" | sort)" \
	"$(section $page SYNOPSIS | grep -oE 'daxctl_memmap_[a-z_]+\(' | tr -d '(' | sort -u)" \
	"$page: the functions of the library"
awk '/^----$/ { n++; next } n == 3' "$plugin/Documentation/$page.adoc" >"$work/example.c"
# shellcheck disable=SC2046
works "$page: its example compiles" gcc -Wall -Wextra -Werror -I"$plugin/include" \
	-o "$work/example" "$work/example.c" \
	"$out"/libdaxctl-memmap.so.*.* $(pkg-config --cflags --libs libdaxctl)
works "$page: and runs" env LD_PRELOAD="$(echo "$out"/libdaxctl-memmap.so.*.*)" "$work/example"

#--- completion --------------------------------------------------------------

# A machine with two dax devices, the seed of a third, and two memory devices.
sys=$work/machine/sys/bus
mkdir -p "$sys"/dax/devices/{dax0.0,dax1.0,dax1.1} \
	"$sys"/cxl/devices/{mem0,mem1,region0,decoder0.0,decoder1.0,port1}
echo 4294967296 | tee "$sys"/dax/devices/dax{0,1}.0/size >"$sys/cxl/devices/region0/size"
echo 0 >"$sys/dax/devices/dax1.1/size"
mkdir -p "$work/dirs/conf.d" "$work/dirs/conf.old"
echo >"$work/dirs/conf.file"
# shellcheck source=/dev/null
. "$plugin/completion/daxctl-memmap"

# What is offered for a command line, split as bash does it.
offers() { # LINE
	mapfile -t COMP_WORDS < <(sed 's/=/ = /g' <<<"$1" | tr -s ' ' '\n' | grep .)
	[[ $1 != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_daxctl_memmap
	echo "${COMPREPLY[*]}"
}
sorted() { tr ' ' '\n' | sort | paste -sd' '; }
# On that machine.
on_machine() { # WORDS
	"$plugin/tests/in-tree" "$work/machine" bash -c "$(declare -f offers)"'
		. "$1" && offers "$2"' sh "$plugin/completion/daxctl-memmap" "daxctl-memmap $1"
}

is "$(offers 'daxctl-memmap ' | sorted)" "$(daxctl-memmap --list-cmds | sort | paste -sd' ')" \
	"completion: the commands"
is "$(offers 'daxctl-memmap rec')" reconfigure-device "completion: a command"
for command in "${commands[@]}"; do
	is "$(offers "daxctl-memmap $command --" | sorted)" \
		"$(daxctl-memmap "$command" --list-opts | sort | paste -sd' ')" \
		"completion: the options of $command"
done
is "$(offers 'daxctl-memmap --' | sorted)" "--help --list-cmds --verbose --version" \
	"completion: options before a command"
for command in list reconfigure-device show verify why-busy; do
	is "$(on_machine "$command ")" "dax0.0 dax1.0 all" "completion: the devices for $command"
done
is "$(on_machine "onboard ")" "mem0 mem1 all" "completion: memory devices"
is "$(on_machine "boot-default ")" "cxl= pmem= hmem= dimm=" "completion: classes for boot-default"
is "$(on_machine "boot-default cxl=")" "dram block range auto" "completion: and policies"
is "$(on_machine "boot-default cxl=r")" "range" "completion: by their first letters"
is "$(on_machine "apply-config -v ")" "dax0.0 dax1.0 mem0 mem1 all" \
	"completion: both for apply-config"
is "$(on_machine "plan ")" "dax0.0 dax1.0 mem0 mem1 all" "completion: both for plan"
is "$(on_machine "undo ")" "dax0.0 dax1.0 region0" "completion: devices and regions for undo"
is "$(on_machine "forget ")" "dax0.0 dax1.0 mem0 mem1" "completion: devices for forget"
is "$(on_machine "plan dax1.0 d")" "dax0.0 dax1.0" "completion: a second device"
nothing "$(on_machine "check-config ")" "completion: none for check-config"
is "$(offers 'daxctl-memmap onboard --memmap=')" "dram block range auto" "completion: --memmap="
is "$(offers 'daxctl-memmap onboard --memmap=r')" range "completion: --memmap=r"
is "$(offers 'daxctl-memmap onboard --memmap r')" range "completion: --memmap r"
is "$(offers 'daxctl-memmap reconfigure-device -M b')" block "completion: -M b"
is "$(offers 'daxctl-memmap plan --policy=a')" auto "completion: --policy=a"
is "$(offers 'daxctl-memmap reconfigure-device --mode=')" "system-ram devdax" "completion: --mode="
is "$(on_machine "list --dev=")" "dax0.0 dax1.0" "completion: --dev="
is "$(on_machine "list -d ")" "dax0.0 dax1.0" "completion: -d of list"
is "$(on_machine "onboard -d ")" decoder0.0 "completion: -d of onboard"
is "$(on_machine "list --region=")" region0 "completion: --region="
is "$(offers "daxctl-memmap apply-config --config=$work/dirs/conf" | sorted)" \
	"$work/dirs/conf.d $work/dirs/conf.old" "completion: --config= takes folders"
nothing "$(offers 'daxctl-memmap onboard --size=')" "completion: nothing for --size="
COMP_WORDS=(daxctl-memmap onboard --memmap=ra) COMP_CWORD=2 && _daxctl_memmap
is "${COMPREPLY[*]}" --memmap=range "completion: where bash does not split at ="
# The other shells ask the same.
fish() { command fish -c "source $plugin/completion/daxctl-memmap.fish; complete -C'$1'" | sorted; }
is "$(fish 'daxctl-memmap rec')" reconfigure-device "fish: a command"
is "$(fish 'daxctl-memmap onboard --memm')" --memmap= "fish: an option"
is "$(fish 'daxctl-memmap onboard --memmap=')" \
	"--memmap=auto --memmap=block --memmap=dram --memmap=range" "fish: its values"
is "$(fish 'daxctl-memmap onboard --memmap r')" range "fish: its value"
is "$(fish "daxctl-memmap status --config=$work/dirs/conf")" \
	"--config=$work/dirs/conf.d/ --config=$work/dirs/conf.old/" "fish: folders"
# What it would add; there is no command line without a terminal.
zsh() { # WORD ...
	command zsh -f -c 'words=("$@") CURRENT=$#
		compadd() { [[ $1 != -S ]] || shift 2; shift; (($#)) && print -rl -- "$@" }
		compset() { }
		_files() { print folders }
		source $0' "$plugin/completion/_daxctl-memmap" daxctl-memmap "$@" | sorted
}
is "$(zsh rec)" reconfigure-device "zsh: a command"
is "$(zsh onboard --memm)" --memmap= "zsh: an option"
is "$(zsh onboard --memmap=)" "--memmap=auto --memmap=block --memmap=dram --memmap=range" \
	"zsh: its values"
is "$(zsh status --config=)" folders "zsh: folders"
is "$(command zsh -f -c 'fpath=($0 $fpath); autoload -Uz compinit; compinit -D -u
	print $_comps[daxctl-memmap]' "$plugin/completion")" _daxctl-memmap "zsh: compinit finds it"
# As the shell does it, by the file's name.
mkdir -p "$work/data/bash-completion/completions"
cp "$plugin/completion/daxctl-memmap" "$work/data/bash-completion/completions/"
is "$(XDG_DATA_HOME=$work/data BASH_COMPLETION_USER_DIR='' bash --norc -c '
	. /usr/share/bash-completion/bash_completion
	_comp_load daxctl-memmap && complete -p daxctl-memmap')" \
	"complete -F _daxctl_memmap daxctl-memmap" "completion: bash-completion finds it"
finish
