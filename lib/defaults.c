// SPDX-License-Identifier: GPL-2.0
/*
 * Default policies: one per class of memory, at boot and at run time.
 *
 *	mhp_altmap.cxl=range	on the kernel's command line
 *	/sys/module/mhp_altmap/parameters/cxl
 *
 * A default is requested as any other policy: it is honoured or refused when memory is
 * added, and what has been added stays as it is. "default" leaves a class to
 * memory_hotplug.memmap_on_memory, as without this layer; that is also how all
 * of them start.
 */
#include <linux/export.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>

/* Each is one word, and is read by itself: no lock. */
static enum mhp_memmap_policy default_policies[MHP_MEMMAP_NR_CLASSES];

static int default_set(const char *val, const struct kernel_param *kp)
{
	enum mhp_memmap_policy *policy = kp->arg;
	int word = MHP_MEMMAP_DEFAULT;

	if (!sysfs_streq(val, "default"))
		word = mhp_memmap_policy_parse(val);
	if (word < 0)
		return word;
	WRITE_ONCE(*policy, word);
	return 0;
}

static int default_get(char *buf, const struct kernel_param *kp)
{
	const enum mhp_memmap_policy *policy = kp->arg;

	return sysfs_emit(buf, "%s\n",
			  mhp_memmap_policy_name(READ_ONCE(*policy)) ?: "default");
}

static const struct kernel_param_ops default_ops = {
	.set = default_set,
	.get = default_get,
};

#ifdef MODULE_PARAM_PREFIX
#undef MODULE_PARAM_PREFIX
#endif
#define MODULE_PARAM_PREFIX "mhp_altmap."

module_param_cb(cxl, &default_ops, &default_policies[MHP_MEMMAP_CLASS_CXL], 0644);
MODULE_PARM_DESC(cxl, "Memmap of CXL volatile regions: dram, block, range, auto or default");
module_param_cb(pmem, &default_ops, &default_policies[MHP_MEMMAP_CLASS_PMEM], 0644);
MODULE_PARM_DESC(pmem, "Memmap of persistent memory as system RAM");
module_param_cb(hmem, &default_ops, &default_policies[MHP_MEMMAP_CLASS_HMEM], 0644);
MODULE_PARM_DESC(hmem, "Memmap of soft-reserved memory as system RAM");
module_param_cb(dimm, &default_ops, &default_policies[MHP_MEMMAP_CLASS_DIMM], 0644);
MODULE_PARM_DESC(dimm, "Memmap of DIMMs that ACPI adds");

/**
 * mhp_altmap_default_policy() - the default policy of a class of memory
 * @class: the class
 *
 * Context: Any.
 * Return: the policy, %MHP_MEMMAP_DEFAULT if the admin has set none.
 */
enum mhp_memmap_policy mhp_altmap_default_policy(enum mhp_memmap_class class)
{
	return READ_ONCE(default_policies[class]);
}

/**
 * mhp_altmap_requested() - the policy that memory is to be added with
 * @written: what was requested for this memory, or %MHP_MEMMAP_DEFAULT
 * @class: what kind of memory it is
 * @memmap_on_memory: the driver would pass %MHP_MEMMAP_ON_MEMORY
 *
 * What was requested for the memory itself comes first, then the default of its
 * class, then what memory hotplug does without this layer.
 *
 * Context: Any.
 * Return: dram, block, range or auto.
 */
enum mhp_memmap_policy mhp_altmap_requested(enum mhp_memmap_policy written,
					    enum mhp_memmap_class class,
					    bool memmap_on_memory)
{
	if (written == MHP_MEMMAP_DEFAULT)
		written = mhp_altmap_default_policy(class);
	if (written != MHP_MEMMAP_DEFAULT)
		return written;
	return memmap_on_memory && mhp_supports_memmap_on_memory() ?
	       MHP_MEMMAP_BLOCK : MHP_MEMMAP_DRAM;
}
EXPORT_SYMBOL_GPL(mhp_altmap_requested);
