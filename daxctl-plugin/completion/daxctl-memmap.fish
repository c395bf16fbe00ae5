# SPDX-License-Identifier: GPL-2.0
# Fish completion for daxctl-memmap, which says what can stand at the cursor.

function __daxctl_memmap_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -l replies ($words[1] --complete $words[2..-1] "$current" 2>/dev/null)
	if test "$replies[1]" = :dir
		set -l option (string match -r '^--[^=]*=' -- $current)
		for dir in (__fish_complete_directories (string replace -r '^--[^=]*=' '' -- $current) '')
			echo $option$dir
		end
	else
		printf '%s\n' $replies
	end
end

complete -c daxctl-memmap -f -a '(__daxctl_memmap_complete)'
