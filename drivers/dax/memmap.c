// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memmap of a DAX device goes when kmem adds it as system RAM.
 *
 * memmap_policy is the policy requested, and can be written while kmem has added
 * nothing; memmap_effective is what kmem did, and memmap/ has the numbers. A device has
 * one policy for all of its ranges, and each range has its own memmap.
 *
 * dax_dev_rwsem protects the requested policy, and the one that kmem has settled on
 * while it uses the device. Only kmem writes the numbers, one call at a time. Readers
 * without the lock read single words; while kmem adds the ranges of a device, the
 * numbers cover those added so far.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/range.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "bus.h"
#include "dax-private.h"
#include "memmap.h"

static void dax_memmap_disown(void *owner)
{
	mhp_altmap_disown(owner);
}

/**
 * dax_memmap_init_region() - set the policy that devices of a region start with
 * @dax_region: a region without devices
 * @class: what kind of memory it is
 * @policy: what was requested for the region, or %MHP_MEMMAP_DEFAULT
 * @owner: remembers poison in the region's memory, and outlives the region; NULL
 *	if there is nothing that could: poison is then remembered until the
 *	region's parent device loses its driver
 *
 * Context: Probe of the region's parent device.
 */
void dax_memmap_init_region(struct dax_region *dax_region,
			    enum mhp_memmap_class class,
			    enum mhp_memmap_policy policy,
			    struct mhp_altmap_owner *owner)
{
	const u64 start = dax_region->res.start;
	const u64 size = resource_size(&dax_region->res);
	int rc;

	dax_region->memmap_class = class;
	dax_region->memmap_policy = policy;
	if (owner) {
		/* It had other memory before. */
		if (!mhp_altmap_owns(owner, start, size))
			mhp_altmap_disown(owner);
		rc = mhp_altmap_own(owner, start, size);
	} else {
		owner = &dax_region->memmap_owner;
		rc = mhp_altmap_own(owner, start, size) ?:
		     devm_add_action_or_reset(dax_region->dev, dax_memmap_disown,
					      owner);
	}
	if (rc)
		dev_warn(dax_region->dev, "poisoned page frames are forgotten when memory is removed\n");
}
EXPORT_SYMBOL_GPL(dax_memmap_init_region);

/* The device's own policy, else that of its region, else the class's. */
static enum mhp_memmap_policy dax_memmap_requested(struct dev_dax *dev_dax)
{
	enum mhp_memmap_policy written = READ_ONCE(dev_dax->memmap_policy);

	return mhp_altmap_requested(written ?: dev_dax->region->memmap_policy,
				    dev_dax->region->memmap_class,
				    dev_dax->memmap_on_memory);
}

/* The ranges of a device that kmem adds, as the arithmetic asks for them. */
struct dax_memmap_ranges {
	struct mhp_memmap_device device;
	const struct dev_dax *dev_dax;
};

static bool dax_memmap_range(const struct mhp_memmap_device *device,
			     unsigned int i, __u64 *start, __u64 *size)
{
	const struct dax_memmap_ranges *ranges =
		container_of(device, struct dax_memmap_ranges, device);
	const struct range *range = &ranges->dev_dax->ranges[i].range;

	*start = range->start;
	*size = range_len(range);
	return mhp_memmap_whole_blocks(memory_block_size_bytes(), start, size);
}

/*
 * Plan all ranges that kmem would add. On failure, @total is about the range that
 * cannot have the policy.
 */
static int dax_memmap_plan(struct dev_dax *dev_dax, enum mhp_memmap_policy policy,
			   struct mhp_memmap_plan *total)
{
	struct dax_memmap_ranges ranges = {
		.device = {
			.nr_ranges = dev_dax->nr_range,
			.range = dax_memmap_range,
		},
		.dev_dax = dev_dax,
	};
	int rc;

	lockdep_assert_held(&dax_dev_rwsem);

	rc = mhp_altmap_plan_device(&ranges.device, policy, total);
	if (rc && !dev_dax->nr_range) {
		/* A seed device has no size yet; kmem checks again when it has. */
		*total = (struct mhp_memmap_plan) { .policy = policy };
		return 0;
	}
	if (rc && !total->size) {
		total->start = dev_dax->ranges[0].range.start;
		total->size = range_len(&dev_dax->ranges[0].range);
	}
	return rc;
}

/*
 * The heads of ranges do not count as memory of a group; the pages at the head of each
 * block do. So the size depends on the policy, which may have changed since last time.
 */
static int dax_memmap_group(int *mgid, int nid, const struct mhp_memmap_plan *plan)
{
	u64 bytes = plan->size;
	int new;

	if (plan->policy == MHP_MEMMAP_RANGE)
		bytes -= plan->head;
	new = memory_group_register_static(nid, PFN_UP(bytes));
	if (new < 0)
		return new;
	memory_group_unregister(*mgid);
	*mgid = new;
	return 0;
}

/**
 * dax_memmap_prepare() - settle the policy of a device that kmem is to add
 * @dev_dax: the device
 * @mgid: its memory group, without memory; replaced by one of the right size
 *
 * Context: kmem, before it adds the device. Takes dax_dev_rwsem.
 * Return: 0; -EOPNOTSUPP if the policy cannot be honoured, -EBUSY if memory of
 * the device is system RAM already, each with a line in the log that says so;
 * -EINTR, -ENOMEM.
 */
int dax_memmap_prepare(struct dev_dax *dev_dax, int *mgid)
{
	enum mhp_memmap_policy requested;
	struct mhp_memmap_plan plan;
	int rc;

	rc = down_write_killable(&dax_dev_rwsem);
	if (rc)
		return rc;
	/* What could not be removed when kmem let go of it stays until reboot. */
	if (dev_dax->memmap.policy != MHP_MEMMAP_DEFAULT) {
		up_write(&dax_dev_rwsem);
		dev_warn(&dev_dax->dev, "memory that could not be removed is still system RAM\n");
		return -EBUSY;
	}
	requested = dax_memmap_requested(dev_dax);
	rc = dax_memmap_plan(dev_dax, requested, &plan);
	if (!rc) {
		/* Each range that is added adds its numbers. */
		dev_dax->memmap = (struct mhp_memmap_plan) { .reason = plan.reason };
		WRITE_ONCE(dev_dax->memmap.policy, plan.policy);
	}
	up_write(&dax_dev_rwsem);

	mhp_altmap_report(&dev_dax->dev, requested, &plan, rc);
	return rc ?: dax_memmap_group(mgid, dev_dax->target_node, &plan);
}
EXPORT_SYMBOL_GPL(dax_memmap_prepare);

/**
 * dax_memmap_add_memory() - add a range of a device with the settled policy
 * @dev_dax: the device, after dax_memmap_prepare()
 * @range: whole memory blocks of it
 * @mgid: memory group
 * @name: "System RAM ($DRIVER)"
 * @mhp_flags: flags for the add_memory() family
 * @online_type: as for __add_memory_driver_managed()
 *
 * Context: kmem.
 * Return: as __mhp_altmap_add_memory_driver_managed().
 */
int dax_memmap_add_memory(struct dev_dax *dev_dax, const struct range *range,
			  int mgid, const char *name, mhp_t mhp_flags,
			  int online_type)
{
	struct mhp_memmap_plan *total = &dev_dax->memmap, plan;
	int rc;

	rc = __mhp_altmap_add_memory_driver_managed(mgid, range->start,
						    range_len(range), name,
						    mhp_flags, online_type,
						    total->policy, &plan);
	if (!rc)
		mhp_memmap_add_up(total, &plan);
	return rc;
}
EXPORT_SYMBOL_GPL(dax_memmap_add_memory);

/**
 * dax_memmap_unsettle() - let the policy change again, if nothing was added
 * @dev_dax: the device
 *
 * Context: kmem, when it failed to add the device. Takes dax_dev_rwsem.
 */
void dax_memmap_unsettle(struct dev_dax *dev_dax)
{
	if (!dev_dax->memmap.size)
		dax_memmap_clear(dev_dax);
}
EXPORT_SYMBOL_GPL(dax_memmap_unsettle);

/**
 * dax_memmap_clear() - record that no memory of the device is system RAM
 * @dev_dax: the device
 *
 * Context: kmem, when it has removed the device. Takes dax_dev_rwsem.
 */
void dax_memmap_clear(struct dev_dax *dev_dax)
{
	down_write(&dax_dev_rwsem);
	dev_dax->memmap = (struct mhp_memmap_plan) { };
	up_write(&dax_dev_rwsem);
}
EXPORT_SYMBOL_GPL(dax_memmap_clear);

/**
 * dax_memmap_set_on_memory() - take the policy from memmap_on_memory
 * @dev_dax: the device
 * @on_memory: the value, other than before
 *
 * Context: dax_dev_rwsem held for writing.
 */
void dax_memmap_set_on_memory(struct dev_dax *dev_dax, bool on_memory)
{
	WRITE_ONCE(dev_dax->memmap_policy,
		   on_memory ? MHP_MEMMAP_BLOCK : MHP_MEMMAP_DRAM);
}

static ssize_t memmap_policy_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	enum mhp_memmap_policy policy = dax_memmap_requested(to_dev_dax(dev));

	return sysfs_emit(buf, "%s\n", mhp_memmap_policy_name(policy));
}

static ssize_t memmap_policy_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t len)
{
	struct dev_dax *dev_dax = to_dev_dax(dev);
	int policy = mhp_memmap_policy_parse(buf);
	struct mhp_memmap_plan plan;
	int rc;

	if (policy < 0)
		return policy;

	rc = down_write_killable(&dax_dev_rwsem);
	if (rc)
		return rc;

	/* It would not be what the memory has. */
	if (dev_dax->memmap.policy != MHP_MEMMAP_DEFAULT) {
		rc = -EBUSY;
		goto out;
	}
	rc = dax_memmap_plan(dev_dax, policy, &plan);
	if (rc) {
		mhp_altmap_report(dev, policy, &plan, rc);
		goto out;
	}
	WRITE_ONCE(dev_dax->memmap_policy, policy);
	dev_dax->memmap_on_memory = plan.policy != MHP_MEMMAP_DRAM;
out:
	up_write(&dax_dev_rwsem);
	return rc ?: len;
}
static DEVICE_ATTR_RW(memmap_policy);

static ssize_t memmap_effective_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	struct dev_dax *dev_dax = to_dev_dax(dev);
	enum mhp_memmap_policy policy = MHP_MEMMAP_DEFAULT;

	/* A settled policy is not in effect before the first range is added. */
	if (READ_ONCE(dev_dax->memmap.size))
		policy = READ_ONCE(dev_dax->memmap.policy);
	return sysfs_emit(buf, "%s\n", mhp_memmap_policy_name(policy) ?: "none");
}
static DEVICE_ATTR_RO(memmap_effective);

/*
 * As dax_memmap_range(), for who does not hold dax_dev_rwsem. A device whose memory kmem
 * could not remove can have fewer ranges than before.
 */
static bool dax_memmap_added_range(const struct mhp_memmap_device *device,
				   unsigned int i, __u64 *start, __u64 *size)
{
	const struct dax_memmap_ranges *ranges =
		container_of(device, struct dax_memmap_ranges, device);

	guard(rwsem_read)(&dax_dev_rwsem);
	return i < ranges->dev_dax->nr_range &&
	       dax_memmap_range(device, i, start, size);
}

static ssize_t memory_state_store(struct device *dev,
				  struct device_attribute *attr,
				  const char *buf, size_t len)
{
	static const char * const online_types[] = {
		[MMOP_OFFLINE] = "offline",
		[MMOP_ONLINE] = "online",
		[MMOP_ONLINE_KERNEL] = "online_kernel",
		[MMOP_ONLINE_MOVABLE] = "online_movable",
	};
	struct dev_dax *dev_dax = to_dev_dax(dev);
	int online_type = sysfs_match_string(online_types, buf);
	struct dax_memmap_ranges ranges = {
		.device = {
			.nr_ranges = READ_ONCE(dev_dax->nr_range),
			.range = dax_memmap_added_range,
		},
		.dev_dax = dev_dax,
	};
	int rc;

	if (online_type < 0)
		return online_type;
	/* Memory with another policy has nothing that could go in one piece. */
	if (!READ_ONCE(dev_dax->memmap.size) ||
	    READ_ONCE(dev_dax->memmap.policy) != MHP_MEMMAP_RANGE)
		return -EOPNOTSUPP;
	rc = mhp_altmap_set_online(&ranges.device, online_type);
	return rc ?: len;
}
static DEVICE_ATTR_WO(memory_state);

static struct attribute *dax_memmap_attributes[] = {
	&dev_attr_memmap_policy.attr,
	&dev_attr_memmap_effective.attr,
	&dev_attr_memory_state.attr,
	NULL,
};

const struct attribute_group dax_memmap_attribute_group = {
	.attrs = dax_memmap_attributes,
};

/*
 * The group memmap/: numbers of what kmem has added or, while it has added
 * nothing, of what it would add.
 */
static int dax_memmap_figures(struct device *dev, struct mhp_memmap_plan *plan)
{
	struct dev_dax *dev_dax = to_dev_dax(dev);
	int rc;

	*plan = dev_dax->memmap;
	if (plan->policy != MHP_MEMMAP_DEFAULT)
		return 0;

	rc = down_read_interruptible(&dax_dev_rwsem);
	if (rc)
		return rc;
	rc = dax_memmap_plan(dev_dax, dax_memmap_requested(dev_dax), plan);
	up_read(&dax_dev_rwsem);
	return rc;
}

#define DAX_MEMMAP_SHOW(_name)						\
static ssize_t _name##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)	\
{									\
	struct mhp_memmap_plan plan;					\
	int rc = dax_memmap_figures(dev, &plan);			\
									\
	return rc ?: sysfs_emit(buf, "%llu\n", plan._name);		\
}

DAX_MEMMAP_SHOW(memmap)
static DEVICE_ATTR_RO(memmap);
DAX_MEMMAP_SHOW(head)
static DEVICE_ATTR_RO(head);
DAX_MEMMAP_SHOW(waste)
static DEVICE_ATTR_RO(waste);
DAX_MEMMAP_SHOW(usable)
static DEVICE_ATTR_RO(usable);
DAX_MEMMAP_SHOW(dram)
static DEVICE_ATTR_RO(dram);
DAX_MEMMAP_SHOW(gigantic_pages)
static DEVICE_ATTR_RO(gigantic_pages);

static ssize_t reason_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct mhp_memmap_plan plan;
	int rc = dax_memmap_figures(dev, &plan);

	if (rc == -EINTR)
		return rc;
	return sysfs_emit(buf, "%s\n", plan.reason ?: "");
}
static DEVICE_ATTR_RO(reason);

/* The policies that a write to memmap_policy would accept, except auto. */
static ssize_t supported_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct dev_dax *dev_dax = to_dev_dax(dev);
	enum mhp_memmap_policy policy;
	struct mhp_memmap_plan plan;
	int len = 0, rc;

	rc = down_read_interruptible(&dax_dev_rwsem);
	if (rc)
		return rc;
	for (policy = MHP_MEMMAP_DRAM; policy < MHP_MEMMAP_AUTO; policy++)
		if (!dax_memmap_plan(dev_dax, policy, &plan))
			len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "",
					     mhp_memmap_policy_name(policy));
	up_read(&dax_dev_rwsem);
	return len + sysfs_emit_at(buf, len, "\n");
}
static DEVICE_ATTR_RO(supported);

static struct attribute *dax_memmap_figure_attributes[] = {
	&dev_attr_memmap.attr,
	&dev_attr_head.attr,
	&dev_attr_waste.attr,
	&dev_attr_usable.attr,
	&dev_attr_dram.attr,
	&dev_attr_gigantic_pages.attr,
	&dev_attr_reason.attr,
	&dev_attr_supported.attr,
	NULL,
};

const struct attribute_group dax_memmap_figure_group = {
	.name = "memmap",
	.attrs = dax_memmap_figure_attributes,
};
