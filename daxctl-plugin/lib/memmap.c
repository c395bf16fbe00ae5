// SPDX-License-Identifier: LGPL-2.1
/* A device: what it is to be, what it is, and changing the former. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

_Static_assert((int)DAXCTL_MEMMAP_DRAM == (int)MHP_MEMMAP_DRAM &&
	       (int)DAXCTL_MEMMAP_BLOCK == (int)MHP_MEMMAP_BLOCK &&
	       (int)DAXCTL_MEMMAP_RANGE == (int)MHP_MEMMAP_RANGE &&
	       (int)DAXCTL_MEMMAP_AUTO == (int)MHP_MEMMAP_AUTO,
	       "the kernel's policies and ours have the same numbers");

const char *daxctl_memmap_policy_name(enum daxctl_memmap_policy policy)
{
	const char *name = mhp_memmap_policy_name((enum mhp_memmap_policy)policy);

	return name ? name : "none";
}

int daxctl_memmap_policy_parse(const char *word)
{
	return word ? mhp_memmap_policy_parse(word) : -EINVAL;
}

/* Remember what failed; returns @rc. @hint may be NULL. */
int memmap_fail(struct daxctl_memmap *memmap, int rc, const char *hint,
		const char *fmt, ...)
{
	va_list args;
	int len;

	len = snprintf(memmap->error, sizeof(memmap->error), "%s: ", memmap->name);
	va_start(args, fmt);
	if (len > 0 && (size_t)len < sizeof(memmap->error))
		vsnprintf(memmap->error + len, sizeof(memmap->error) - len, fmt, args);
	va_end(args);
	snprintf(memmap->hint, sizeof(memmap->hint), "%s", hint ? hint : "");
	return rc;
}

bool memmap_whole_blocks(const struct daxctl_memmap *memmap, size_t nr,
			 struct memmap_range *range)
{
	__u64 start = memmap->ranges[nr].start, size = memmap->ranges[nr].size;

	if (!mhp_memmap_whole_blocks(memmap->machine.geo.block_size, &start, &size))
		return false;
	*range = (struct memmap_range){ start, size };
	return true;
}

static int add_range(struct daxctl_memmap *memmap, uint64_t start, uint64_t size)
{
	struct memmap_range *ranges;

	ranges = realloc(memmap->ranges, (memmap->nr_ranges + 1) * sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	memmap->ranges = ranges;
	ranges[memmap->nr_ranges++] = (struct memmap_range){ start, size };
	return 0;
}

static int bad_value(struct daxctl_memmap *memmap, const char *file)
{
	return memmap_fail(memmap, -EIO, "a defect of the kernel, or not a real sysfs",
			   "%s/%s/%s holds no sensible value", DAX_DEVICES,
			   memmap->name, file);
}

/*
 * mappingN/ of kernels that have them (5.11 and later), else resource and size.
 * Not libdaxctl's: it takes what is no number for a zero.
 */
static int read_ranges(struct daxctl_memmap *memmap)
{
	uint64_t start, end, size;
	char file[64];
	int i, rc;

	/* Not used where there are mappings, but what lists devices goes by it. */
	rc = sysfs_read_u64(&size, 0, DAX_DEVICES "/%s/size", memmap->name);
	if (rc == -EIO)
		return bad_value(memmap, "size");
	if (rc)
		return rc;
	for (i = 0; ; i++) {
		snprintf(file, sizeof(file), "mapping%d/start", i);
		rc = sysfs_read_u64(&start, 0, DAX_DEVICES "/%s/%s", memmap->name, file);
		if (rc == -ENOENT)
			break;
		if (rc == -EACCES) {
			memmap->ranges_hidden = true;
			return 0;
		}
		if (rc)
			return rc == -EIO ? bad_value(memmap, file) : rc;
		snprintf(file, sizeof(file), "mapping%d/end", i);
		rc = sysfs_read_u64(&end, 0, DAX_DEVICES "/%s/%s", memmap->name, file);
		if (rc || end < start || end + 1 == 0)
			return bad_value(memmap, file);
		rc = add_range(memmap, start, end - start + 1);
		if (rc)
			return rc;
	}
	if (i)
		return 0;

	if (!size)
		return 0;
	rc = sysfs_read_u64(&start, 0, DAX_DEVICES "/%s/resource", memmap->name);
	memmap->ranges_hidden = rc == -EACCES;
	if (rc == -EACCES)
		return 0;
	if (rc == -EIO || start + size < start)
		return bad_value(memmap, "resource");
	return rc ? rc : add_range(memmap, start, size);
}

static int read_policies(struct daxctl_memmap *memmap)
{
	char buf[SYSFS_VALUE_MAX];
	uint64_t on_memory = 0;
	int rc;

	rc = sysfs_read(buf, sizeof(buf), DAX_DEVICES "/%s/memmap_policy", memmap->name);
	memmap->has_policies = rc != -ENOENT;
	if (memmap->has_policies) {
		if (rc < 0)
			return rc == -EIO ? bad_value(memmap, "memmap_policy") : rc;
		rc = mhp_memmap_policy_parse(buf);
		if (rc < 0)
			return bad_value(memmap, "memmap_policy");
		memmap->policy = rc;

		rc = sysfs_read(buf, sizeof(buf), DAX_DEVICES "/%s/memmap_effective",
				memmap->name);
		if (rc < 0)
			return rc == -EIO ? bad_value(memmap, "memmap_effective") : rc;
		rc = mhp_memmap_policy_parse(buf);
		if ((rc < 0 && strcmp(buf, "none")) || rc == MHP_MEMMAP_AUTO)
			return bad_value(memmap, "memmap_effective");
		memmap->effective = rc < 0 ? DAXCTL_MEMMAP_NONE : rc;
		sysfs_read(memmap->supported, sizeof(memmap->supported),
			   DAX_DEVICES "/%s/memmap/supported", memmap->name);
		return 0;
	}

	/* Memory hotplug honours this request only if it is enabled globally. */
	rc = sysfs_read_u64(&on_memory, 0, DAX_DEVICES "/%s/memmap_on_memory",
			    memmap->name);
	memmap->has_memmap_on_memory = rc != -ENOENT;
	if (rc == -EIO || on_memory > 1)
		return bad_value(memmap, "memmap_on_memory");
	if (memmap->machine.block_param < BLOCK_PARAM_ON)
		on_memory = 0;
	memmap->policy = on_memory ? DAXCTL_MEMMAP_BLOCK : DAXCTL_MEMMAP_DRAM;
	if (memmap->is_system_ram)
		memmap->effective = memmap->policy;
	return 0;
}

void memmap_free_checks(struct daxctl_memmap *memmap)
{
	struct daxctl_memmap_check *check = memmap->checks;

	while (check) {
		struct daxctl_memmap_check *next = daxctl_memmap_check_get_next(check);

		free(check);
		check = next;
	}
	memmap->checks = NULL;
}

int daxctl_memmap_refresh(struct daxctl_memmap *memmap)
{
	struct daxctl_dev *dev = memmap->dev;
	const char *what, *name = memmap->name;
	const unsigned int refcount = memmap->refcount;
	char driver[64];
	int rc;

	if (!dev)
		return memmap_fail(memmap, -ENODEV, NULL, "there is no device yet");
	memmap_free_checks(memmap);
	free(memmap->ranges);
	memset(memmap, 0, sizeof(*memmap));
	memmap->dev = dev;
	memmap->name = name;
	memmap->refcount = refcount;

	if (!sysfs_exists(DAX_DEVICES "/%s", name))
		return memmap_fail(memmap, -ENODEV, NULL, "no such device");
	rc = machine_read(&memmap->machine, &what);
	if (rc == -ENOENT)
		return memmap_fail(memmap, -EOPNOTSUPP,
				   "it needs CONFIG_MEMORY_HOTPLUG",
				   "this kernel has no memory hotplug (no %s)", what);
	if (rc)
		return memmap_fail(memmap, rc, NULL, rc == -EIO ?
				   "%s holds no sensible value" : "%s cannot be read", what);

	sysfs_link_name(driver, sizeof(driver), DAX_DEVICES "/%s/driver", name);
	memmap->is_system_ram = !strcmp(driver, "kmem");
	rc = read_ranges(memmap);
	if (!rc)
		rc = read_policies(memmap);
	if (rc && !memmap->error[0])
		memmap_fail(memmap, rc, NULL, "cannot read the device: %s", strerror(-rc));
	return rc;
}

int daxctl_memmap_new(struct daxctl_dev *dev, struct daxctl_memmap **memmap)
{
	*memmap = calloc(1, sizeof(**memmap));
	if (!*memmap)
		return -ENOMEM;
	(*memmap)->refcount = 1;
	(*memmap)->dev = dev;
	(*memmap)->name = daxctl_dev_get_devname(dev);
	return daxctl_memmap_refresh(*memmap);
}

struct daxctl_memmap *daxctl_memmap_ref(struct daxctl_memmap *memmap)
{
	if (memmap)
		memmap->refcount++;
	return memmap;
}

struct daxctl_memmap *daxctl_memmap_unref(struct daxctl_memmap *memmap)
{
	if (!memmap || --memmap->refcount)
		return NULL;
	memmap_free_checks(memmap);
	free(memmap->ranges);
	free(memmap->own_name);
	free(memmap);
	return NULL;
}

struct daxctl_dev *daxctl_memmap_get_dev(struct daxctl_memmap *memmap)
{
	return memmap->dev;
}

const char *daxctl_memmap_get_devname(struct daxctl_memmap *memmap)
{
	return memmap->name;
}

uint64_t daxctl_memmap_get_size(struct daxctl_memmap *memmap)
{
	uint64_t size = 0;

	if (memmap->dev)
		return daxctl_dev_get_size(memmap->dev);
	for (size_t i = 0; i < memmap->nr_ranges; i++)
		size += memmap->ranges[i].size;
	return size;
}

uint64_t daxctl_memmap_get_block_size(struct daxctl_memmap *memmap)
{
	return memmap->machine.geo.block_size;
}

uint64_t daxctl_memmap_get_page_size(struct daxctl_memmap *memmap)
{
	return memmap->machine.geo.page_size;
}

uint64_t daxctl_memmap_get_gigantic_size(struct daxctl_memmap *memmap)
{
	return memmap->machine.geo.pud_size;
}

int daxctl_memmap_get_nr_ranges(struct daxctl_memmap *memmap)
{
	return memmap->ranges_hidden ? -EACCES : (int)memmap->nr_ranges;
}

int daxctl_memmap_get_range(struct daxctl_memmap *memmap, unsigned int nr, uint64_t *start,
			    uint64_t *size)
{
	if (memmap->ranges_hidden)
		return -EACCES;
	if (nr >= memmap->nr_ranges)
		return -ENOENT;
	*start = memmap->ranges[nr].start;
	*size = memmap->ranges[nr].size;
	return 0;
}

const char *daxctl_memmap_get_error(struct daxctl_memmap *memmap)
{
	return memmap ? memmap->error : "out of memory";
}

const char *daxctl_memmap_get_hint(struct daxctl_memmap *memmap)
{
	return memmap ? memmap->hint : "";
}

bool daxctl_memmap_has_policies(struct daxctl_memmap *memmap)
{
	return memmap->has_policies;
}

bool daxctl_memmap_is_system_ram(struct daxctl_memmap *memmap)
{
	return memmap->is_system_ram;
}

enum daxctl_memmap_policy daxctl_memmap_get_policy(struct daxctl_memmap *memmap)
{
	return memmap->policy;
}

enum daxctl_memmap_policy daxctl_memmap_get_effective(struct daxctl_memmap *memmap)
{
	return memmap->effective;
}

static int write_failed(struct daxctl_memmap *memmap, int rc,
			enum daxctl_memmap_policy policy)
{
	const char *word = daxctl_memmap_policy_name(policy);
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	switch (rc) {
	case -EPERM:
	case -EACCES:
	case -EROFS:
		return memmap_fail(memmap, rc, "run it as root",
				   "no permission to set the memmap policy");
	case -EBUSY:
		return memmap_fail(memmap, rc, "convert it to devdax first",
				   "the policy cannot change while the device is system RAM");
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return memmap_fail(memmap, -ENODEV, NULL, "the device is gone");
	case -EOPNOTSUPP:
	case -EINVAL:
		daxctl_memmap_plan(memmap, policy, &plan);
		if (plan.supported || !plan.reason[0])
			return memmap_fail(memmap, -EOPNOTSUPP, "the kernel's log says why: dmesg",
					   "cannot have policy %s", word);
		return memmap_fail(memmap, -EOPNOTSUPP, NULL, "cannot have policy %s: %s", word,
				   plan.reason);
	default:
		return memmap_fail(memmap, rc, NULL, "cannot set policy %s: %s", word,
				   strerror(-rc));
	}
}

/* Without policies: memmap_on_memory alone, which must lead to what was requested. */
static int set_on_memory(struct daxctl_memmap *memmap,
			 enum daxctl_memmap_policy policy)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	int rc;

	rc = daxctl_memmap_plan(memmap, policy, &plan);
	if (rc)
		return rc;
	if (policy == DAXCTL_MEMMAP_AUTO)
		policy = plan.policy;
	if (!plan.supported)
		return write_failed(memmap, -EOPNOTSUPP, policy);
	if (memmap->policy == policy)
		return 0;
	rc = sysfs_write(policy == DAXCTL_MEMMAP_BLOCK ? "1" : "0",
			 DAX_DEVICES "/%s/memmap_on_memory", memmap->name);
	if (rc)
		return write_failed(memmap, rc, policy);
	memmap->policy = policy;
	return 0;
}

int daxctl_memmap_set_policy(struct daxctl_memmap *memmap,
			     enum daxctl_memmap_policy policy)
{
	int rc;

	if (policy <= DAXCTL_MEMMAP_NONE || policy > DAXCTL_MEMMAP_AUTO)
		return memmap_fail(memmap, -EINVAL, NULL, "not a policy");
	if (!memmap->dev)
		return memmap_fail(memmap, -ENODEV, NULL, "there is no device yet");
	if (memmap->is_system_ram && policy != memmap->policy)
		return write_failed(memmap, -EBUSY, policy);
	if (!memmap->has_policies)
		return set_on_memory(memmap, policy);

	/*
	 * Also where it shows that policy already: until it is written, what it
	 * shows is a default, which can change.
	 */
	if (!memmap->is_system_ram) {
		rc = sysfs_write(daxctl_memmap_policy_name(policy),
				 DAX_DEVICES "/%s/memmap_policy", memmap->name);
		if (rc)
			return write_failed(memmap, rc, policy);
	}
	memmap->policy = policy;
	return 0;
}
