#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What there is of a part of memory in a crash dump, or in the live kernel, for drgn.

    dump-pages.py DUMP MODULE START END

DUMP        a dump, or /proc/kcore
MODULE      a module of that kernel with debug information: what a struct page is
START, END  physical addresses, in bytes; multiples of 256 KiB

Prints NAME NUMBER for each of
struct_pages    those of [START, END) that can be read
reserved        of these, with PG_reserved; memory that is offline has no flags
file            and of files in memory (PG_swapbacked)
pin, user       pages in use, with "mhp_pin!", "mhp_user!" at their start
"""
import sys

import drgn

dump, module, start, end = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
prog = drgn.Program()
prog.set_core_dump(dump)
# Types are all that is wanted of it, whether or not that kernel has it.
prog.extra_module("types", create=True).try_file(module, force=True)

info = dict(line.split("=", 1) for line in
            prog["VMCOREINFO"].string_().decode().splitlines() if "=" in line)
PFN_SHIFT = int(info["NUMBER(SECTION_SIZE_BITS)"]) - 12
sections = drgn.Object(prog, prog.type("struct mem_section **"),
                       value=int(info["SYMBOL(mem_section)"], 16))
per_root = 4096 // drgn.sizeof(prog.type("struct mem_section"))
struct_page = prog.type("struct page")
size = drgn.sizeof(struct_page)
flags = {name: 1 << bit for name, bit in prog.type("enum pageflags").enumerators}
# Newer kernels have the flags in a struct of their own.
wrapped = struct_page.member("flags").type.kind != drgn.TypeKind.INT


def section_mem_map(pfn):
    nr = pfn >> PFN_SHIFT
    return sections[nr // per_root][nr % per_root].section_mem_map.value_()


def section_has(coded, what):
    return coded >> prog.constant("SECTION_%s_BIT" % what).value_() & 1


def struct_pages(pfn, number):
    """A list of them, of None where they cannot be read; and are they of online memory?"""
    try:
        coded = section_mem_map(pfn)
        if section_has(coded, "MARKED_PRESENT"):
            # Flags are in the lowest bits; the rest counts from pfn 0.
            data = prog.read((coded & ~0xFFF) + pfn * size, number * size)
            return [drgn.Object.from_bytes_(prog, struct_page, data, bit_offset=8 * i * size)
                    for i in range(number)], section_has(coded, "IS_ONLINE")
    except drgn.FaultError:
        pass
    return [None] * number, False


def begins(pfn):
    try:
        return prog.read(pfn << 12, 32, True)
    except drgn.FaultError:
        return b""


count = dict.fromkeys(("struct_pages", "reserved", "file", "pin", "user"), 0)
# A page of the memmap, which is in a dump as a whole or is not.
step = 4096 // size
for first in range(start >> 12, end >> 12, step):
    pages, online = struct_pages(first, step)
    for pfn, page in enumerate(pages, first):
        count["struct_pages"] += page is not None
        if online:
            word = (page.flags.f if wrapped else page.flags).value_()
            count["reserved"] += bool(word & flags["PG_reserved"])
            count["file"] += bool(word & flags["PG_swapbacked"])
            if page._refcount.counter.value_() == 0:
                continue
        text = begins(pfn)
        count["pin"] += b"mhp_pin!" in text
        count["user"] += b"mhp_user!" in text
for name, number in count.items():
    print(name, number)
