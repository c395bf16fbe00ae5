// SPDX-License-Identifier: LGPL-2.1
/* Hardware that is not there yet: an object with nothing but a range, to plan with. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

static int describe_machine(struct daxctl_memmap *memmap,
			    const struct daxctl_memmap_hardware *hardware)
{
	struct machine *machine = &memmap->machine;
	uint64_t page_size = hardware->page_size, block_size = hardware->block_size;
	const char *what;
	int rc = machine_read(machine, &what);

	if (rc && !block_size)
		return memmap_fail(memmap, rc == -ENOENT ? -EOPNOTSUPP : rc,
				   "give a size of memory blocks", "%s cannot be read", what);
	if (!page_size)
		page_size = sysconf(_SC_PAGESIZE);
	if (page_size != 4096 && page_size != 16384 && page_size != 65536)
		return memmap_fail(memmap, -EINVAL, NULL, "no machine has pages of %llu bytes",
				   (unsigned long long)page_size);
	if (!block_size) {
		block_size = machine->geo.block_size;
		/* A block is no smaller than a section of such pages. */
		if (machine_set_geometry(machine, block_size, page_size))
			block_size = machine->geo.section_size;
	}
	if (machine_set_geometry(machine, block_size, page_size))
		return memmap_fail(memmap, -EINVAL, NULL,
				   "memory blocks are powers of two from %llu MiB on",
				   (unsigned long long)machine->geo.section_size >> 20);
	return 0;
}

int daxctl_memmap_new_planned(const struct daxctl_memmap_hardware *hardware,
			      struct daxctl_memmap **new)
{
	struct daxctl_memmap *memmap = calloc(1, sizeof(*memmap));
	int rc;

	*new = memmap;
	if (!memmap)
		return -ENOMEM;
	memmap->refcount = 1;
	memmap->own_name = strdup(hardware->struct_size == sizeof(*hardware) ?
				  hardware->name : "");
	memmap->name = memmap->own_name;
	memmap->ranges = calloc(1, sizeof(*memmap->ranges));
	if (!memmap->name || !memmap->ranges) {
		snprintf(memmap->error, sizeof(memmap->error), "out of memory");
		return -ENOMEM;
	}
	if (hardware->struct_size != sizeof(*hardware))
		return memmap_fail(memmap, -EINVAL, NULL,
				   "struct_size is %zu, this library has %zu",
				   hardware->struct_size, sizeof(*hardware));
	rc = describe_machine(memmap, hardware);
	if (rc)
		return rc;
	if (!hardware->size || hardware->start + hardware->size < hardware->start)
		return memmap_fail(memmap, -EINVAL, NULL, "no memory has that size");
	memmap->ranges[0] = (struct memmap_range){ hardware->start, hardware->size };
	memmap->nr_ranges = 1;
	memmap->has_policies = hardware->any_kernel || kernel_has_policies();
	/* A device of a kernel that has the option has the attribute. */
	memmap->has_memmap_on_memory = memmap->machine.block_param != BLOCK_PARAM_ABSENT;
	memmap->policy = DAXCTL_MEMMAP_AUTO;
	return 0;
}
