// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memmap of a CXL region goes: the policy that its DAX devices start
 * with.
 *
 * The DAX devices come and go with the region's driver, and the device lock is
 * held over its probe and remove: it protects the policy.
 */
#include <linux/device.h>
#include <linux/memory.h>
#include <linux/mhp_altmap.h>
#include <linux/mhp_altmap_compat.h>

#include "cxl.h"
#include "core.h"
#include "memmap.h"

/* Only regions have these attributes. */
static struct cxl_region *dev_to_region(struct device *dev)
{
	return container_of(dev, struct cxl_region, dev);
}

static ssize_t memmap_policy_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct cxl_region *cxlr = dev_to_region(dev);
	enum mhp_memmap_policy policy;

	/* The region's driver asks for memmap_on_memory. */
	policy = mhp_altmap_requested(READ_ONCE(cxlr->memmap_policy),
				      MHP_MEMMAP_CLASS_CXL, true);
	return sysfs_emit(buf, "%s\n", mhp_memmap_policy_name(policy));
}

/* A region without a size can have any policy; kmem checks again. */
static int cxl_region_memmap_check(struct cxl_region *cxlr,
				   enum mhp_memmap_policy policy)
{
	struct mhp_memmap_plan plan;
	struct resource *res;
	u64 start, size;
	int rc;

	rc = down_read_interruptible(&cxl_rwsem.region);
	if (rc)
		return rc;
	res = cxlr->params.res;
	start = res ? res->start : 0;
	size = res ? resource_size(res) : 0;
	up_read(&cxl_rwsem.region);

	if (!size)
		return 0;
	if (!mhp_memmap_whole_blocks(memory_block_size_bytes(), &start, &size)) {
		dev_warn(&cxlr->dev, "memmap policy %s refused: no whole memory block in it\n",
			 mhp_memmap_policy_name(policy));
		return -EOPNOTSUPP;
	}
	rc = mhp_altmap_plan(policy, start, size, &plan);
	if (rc)
		mhp_altmap_report(&cxlr->dev, policy, &plan, rc);
	return rc;
}

static ssize_t memmap_policy_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t len)
{
	struct cxl_region *cxlr = dev_to_region(dev);
	int policy = mhp_memmap_policy_parse(buf);
	int rc;

	if (policy < 0)
		return policy;

	rc = device_lock_interruptible(dev);
	if (rc)
		return rc;
	rc = dev->driver ? -EBUSY : cxl_region_memmap_check(cxlr, policy);
	if (!rc)
		WRITE_ONCE(cxlr->memmap_policy, policy);
	device_unlock(dev);
	return rc ?: len;
}
static DEVICE_ATTR_RW(memmap_policy);

static struct attribute *cxl_region_memmap_attributes[] = {
	&dev_attr_memmap_policy.attr,
	NULL,
};

/* Persistent regions become NVDIMMs, whose DAX devices have a policy each. */
static umode_t cxl_region_memmap_visible(struct kobject *kobj,
					 struct attribute *a, int n)
{
	struct cxl_region *cxlr = dev_to_region(kobj_to_dev(kobj));

	return cxlr->mode == CXL_PARTMODE_RAM ? a->mode : 0;
}

const struct attribute_group cxl_region_memmap_attribute_group = {
	.attrs = cxl_region_memmap_attributes,
	.is_visible = cxl_region_memmap_visible,
};
