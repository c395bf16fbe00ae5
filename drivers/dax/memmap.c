// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memmap of a DAX device goes when kmem adds it as system RAM.
 *
 * memmap_policy is the wish and can be written while kmem is not bound;
 * memmap_effective is what kmem did. A device has one policy for all of its
 * ranges, and each range has its own memmap.
 *
 * The device lock protects both: it is held over kmem's probe and remove.
 */
#include <linux/device.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/range.h>

#include "bus.h"
#include "dax-private.h"
#include "memmap.h"

/* The part of a range that kmem adds: whole memory blocks. Empty: false. */
static bool dax_memmap_blocks(const struct range *range, u64 *start, u64 *size)
{
	const u64 block_size = memory_block_size_bytes();
	u64 end = ALIGN_DOWN(range->end + 1, block_size);

	*start = ALIGN(range->start, block_size);
	*size = *start < end ? end - *start : 0;
	return *size;
}

/* Can all ranges have @policy? Adds up what kmem cannot online of them. */
static int dax_memmap_try(struct dev_dax *dev_dax, enum mhp_memmap_policy policy,
			  bool frugal, u64 *head, struct mhp_memmap_plan *plan)
{
	bool any = false;
	u64 start, size;
	int i, rc;

	*head = 0;
	*plan = (struct mhp_memmap_plan) { .policy = policy };
	for (i = 0; i < dev_dax->nr_range; i++) {
		if (!dax_memmap_blocks(&dev_dax->ranges[i].range, &start, &size))
			continue;
		any = true;
		rc = mhp_altmap_plan(policy, start, size, plan);
		if (rc)
			return rc;
		if (frugal && !mhp_memmap_plan_frugal(plan))
			return -EOPNOTSUPP;
		/* Pages at the head of a block count as present, so keep them. */
		if (policy == MHP_MEMMAP_RANGE)
			*head += plan->head;
	}
	/* A seed device has no size yet; kmem checks again when it has. */
	if (any || !dev_dax->nr_range)
		return 0;

	plan->start = dev_dax->ranges[0].range.start;
	plan->size = range_len(&dev_dax->ranges[0].range);
	plan->reason = "no whole memory block in it";
	return -EOPNOTSUPP;
}

static enum mhp_memmap_policy dax_memmap_default(struct dev_dax *dev_dax)
{
	if (dev_dax->memmap_on_memory && mhp_supports_memmap_on_memory())
		return MHP_MEMMAP_BLOCK;
	return MHP_MEMMAP_DRAM;
}

/*
 * Settle @policy for the device as a whole. For auto that is the first of
 * range, block and dram that suits all of its ranges.
 */
static int dax_memmap_resolve(struct dev_dax *dev_dax,
			      enum mhp_memmap_policy policy,
			      enum mhp_memmap_policy *effective, u64 *head)
{
	struct mhp_memmap_plan plan;
	int rc;

	lockdep_assert_held(&dax_dev_rwsem);

	if (policy == MHP_MEMMAP_DEFAULT)
		policy = dax_memmap_default(dev_dax);

	if (policy == MHP_MEMMAP_AUTO) {
		for (policy = MHP_MEMMAP_RANGE; policy > MHP_MEMMAP_DRAM; policy--)
			if (!dax_memmap_try(dev_dax, policy, true, head, &plan))
				break;
	}
	*effective = policy;
	rc = dax_memmap_try(dev_dax, policy, false, head, &plan);
	if (rc)
		dev_warn(&dev_dax->dev,
			 "memmap policy %s refused for %#llx-%#llx: %s\n",
			 mhp_memmap_policy_name(policy), plan.start,
			 plan.start + plan.size - 1,
			 plan.reason ?: "bad range");
	return rc;
}

/**
 * dax_memmap_prepare() - settle the policy of a device that kmem is to add
 * @dev_dax: the device
 * @total_len: bytes in its memory blocks; the heads are taken off, because
 *	they never count as memory of a memory group
 *
 * Context: kmem's probe.
 * Return: 0, or -EOPNOTSUPP with a line in the log that says why.
 */
int dax_memmap_prepare(struct dev_dax *dev_dax, unsigned long *total_len)
{
	enum mhp_memmap_policy effective;
	u64 head;
	int rc;

	device_lock_assert(&dev_dax->dev);

	rc = down_read_interruptible(&dax_dev_rwsem);
	if (rc)
		return rc;
	rc = dax_memmap_resolve(dev_dax, dev_dax->memmap_policy, &effective,
				&head);
	up_read(&dax_dev_rwsem);
	if (rc)
		return rc;

	WRITE_ONCE(dev_dax->memmap_effective, effective);
	*total_len -= head;
	return 0;
}
EXPORT_SYMBOL_GPL(dax_memmap_prepare);

/**
 * dax_memmap_add_memory() - add a range of a device with the settled policy
 * @dev_dax: the device, after dax_memmap_prepare()
 * @mgid: memory group of the device
 * @range: whole memory blocks of it
 * @name: resource name
 * @mhp_flags: flags other than those for the memmap
 *
 * Context: kmem's probe.
 * Return: as mhp_altmap_add_memory_driver_managed().
 */
int dax_memmap_add_memory(struct dev_dax *dev_dax, int mgid,
			  const struct range *range, const char *name,
			  mhp_t mhp_flags)
{
	return mhp_altmap_add_memory_driver_managed(mgid, range->start,
						    range_len(range), name,
						    mhp_flags,
						    dev_dax->memmap_effective,
						    NULL);
}
EXPORT_SYMBOL_GPL(dax_memmap_add_memory);

/**
 * dax_memmap_clear() - no memory of the device is system RAM any more
 * @dev_dax: the device
 *
 * Context: kmem's probe (failed) and remove (succeeded).
 */
void dax_memmap_clear(struct dev_dax *dev_dax)
{
	WRITE_ONCE(dev_dax->memmap_effective, MHP_MEMMAP_DEFAULT);
}
EXPORT_SYMBOL_GPL(dax_memmap_clear);

/**
 * dax_memmap_reset_policy() - memmap_on_memory was written: it decides again
 * @dev_dax: the device
 *
 * Context: dax_dev_rwsem held for writing.
 */
void dax_memmap_reset_policy(struct dev_dax *dev_dax)
{
	dev_dax->memmap_policy = MHP_MEMMAP_DEFAULT;
}

static ssize_t memmap_policy_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct dev_dax *dev_dax = to_dev_dax(dev);
	enum mhp_memmap_policy policy = READ_ONCE(dev_dax->memmap_policy);

	if (policy == MHP_MEMMAP_DEFAULT)
		policy = dax_memmap_default(dev_dax);
	return sysfs_emit(buf, "%s\n", mhp_memmap_policy_name(policy));
}

static bool dax_memmap_kmem_bound(struct device *dev)
{
	return dev->driver &&
	       container_of(dev->driver, struct dax_device_driver, drv)->type ==
	       DAXDRV_KMEM_TYPE;
}

static ssize_t memmap_policy_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t len)
{
	struct dev_dax *dev_dax = to_dev_dax(dev);
	int policy = mhp_memmap_policy_parse(buf);
	enum mhp_memmap_policy effective;
	u64 head;
	int rc;

	if (policy < 0)
		return policy;

	rc = device_lock_interruptible(dev);
	if (rc)
		return rc;
	rc = down_write_killable(&dax_dev_rwsem);
	if (rc)
		goto out_device;

	if (dax_memmap_kmem_bound(dev)) {
		rc = -EBUSY;
		goto out_rwsem;
	}
	rc = dax_memmap_resolve(dev_dax, policy, &effective, &head);
	if (rc)
		goto out_rwsem;

	WRITE_ONCE(dev_dax->memmap_policy, policy);
	dev_dax->memmap_on_memory = effective != MHP_MEMMAP_DRAM;

out_rwsem:
	up_write(&dax_dev_rwsem);
out_device:
	device_unlock(dev);
	return rc ?: len;
}
static DEVICE_ATTR_RW(memmap_policy);

static ssize_t memmap_effective_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	enum mhp_memmap_policy policy =
		READ_ONCE(to_dev_dax(dev)->memmap_effective);

	return sysfs_emit(buf, "%s\n", mhp_memmap_policy_name(policy) ?: "none");
}
static DEVICE_ATTR_RO(memmap_effective);

static struct attribute *dax_memmap_attributes[] = {
	&dev_attr_memmap_policy.attr,
	&dev_attr_memmap_effective.attr,
	NULL,
};

const struct attribute_group dax_memmap_attribute_group = {
	.attrs = dax_memmap_attributes,
};
