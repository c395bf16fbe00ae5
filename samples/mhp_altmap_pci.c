// SPDX-License-Identifier: GPL-2.0
/*
 * Sample: a driver that turns the memory of its device into system RAM, with
 * the memmap where the admin wants it. The device is a PCI card with memory in
 * a BAR; QEMU's ivshmem-plain is one.
 *
 *	insmod mhp_altmap_pci.ko policy=range
 *
 * docs/adopting.md walks through it.
 */
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mhp_altmap.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#define SAMPLE_BAR	2

static char *policy = "auto";
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy, "Where the memmap goes: dram, block, range or auto (default)");

struct sample {
	struct mhp_memmap_plan plan;
	char *name;
};

static int sample_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	u64 start = pci_resource_start(pdev, SAMPLE_BAR);
	u64 size = pci_resource_len(pdev, SAMPLE_BAR);
	int nid = max(dev_to_node(&pdev->dev), 0);
	int requested = mhp_memmap_policy_parse(policy);
	struct sample *sample;
	int rc;

	if (requested < 0)
		return dev_err_probe(&pdev->dev, requested,
				     "policy=%s: not dram, block, range or auto\n",
				     policy);
	if (!mhp_memmap_whole_blocks(memory_block_size_bytes(), &start, &size))
		return dev_err_probe(&pdev->dev, -ENODEV,
				     "no whole memory block in BAR %d\n",
				     SAMPLE_BAR);
	rc = pci_enable_device_mem(pdev);
	if (rc)
		return rc;

	rc = -ENOMEM;
	sample = kzalloc_obj(*sample);
	if (!sample)
		goto err_sample;
	/* Not a literal: memory that cannot be removed outlives the module. */
	sample->name = kstrdup("System RAM (mhp_altmap_pci)", GFP_KERNEL);
	if (!sample->name)
		goto err_name;

	rc = mhp_altmap_add_memory_driver_managed(nid, start, size,
						  sample->name, MHP_NONE, requested,
						  &sample->plan);
	if (rc)
		goto err_add;

	dev_info(&pdev->dev, "%llu MiB of memory, memmap policy %s\n",
		 sample->plan.usable >> 20,
		 mhp_memmap_policy_name(sample->plan.policy));
	pci_set_drvdata(pdev, sample);
	return 0;

err_add:
	kfree(sample->name);
err_name:
	kfree(sample);
err_sample:
	pci_disable_device(pdev);
	return dev_err_probe(&pdev->dev, rc, "memory not added\n");
}

static void sample_remove(struct pci_dev *pdev)
{
	struct sample *sample = pci_get_drvdata(pdev);
	int rc = mhp_altmap_offline_and_remove_memory(&sample->plan);

	if (rc) {
		/* The name is still that of the memory, and the BAR in use. */
		dev_err(&pdev->dev, "memory in use, it stays until reboot: %pe\n",
			ERR_PTR(rc));
	} else {
		kfree(sample->name);
		pci_disable_device(pdev);
	}
	kfree(sample);
}

static const struct pci_device_id sample_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT_QUMRANET, 0x1110) },
	{ }
};
MODULE_DEVICE_TABLE(pci, sample_ids);

static struct pci_driver sample_driver = {
	.name = "mhp_altmap_pci",
	.id_table = sample_ids,
	.probe = sample_probe,
	.remove = sample_remove,
};
module_pci_driver(sample_driver);

MODULE_DESCRIPTION("Sample: device memory as system RAM, with a memmap policy");
MODULE_LICENSE("GPL");
