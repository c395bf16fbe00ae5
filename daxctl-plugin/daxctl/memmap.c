// SPDX-License-Identifier: GPL-2.0
/*
 * Memmap policies in daxctl: shown by list, chosen by reconfigure-device. What
 * is known of them is in libdaxctl-memmap.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>

#include "memmap.h"

static void add_policy(struct json_object *jdev, const char *key,
		       enum daxctl_memmap_policy policy)
{
	struct json_object *jobj;

	jobj = json_object_new_string(daxctl_memmap_policy_name(policy));
	if (jobj)
		json_object_object_add(jdev, key, jobj);
}

void util_daxctl_memmap_to_json(struct daxctl_dev *dev, struct json_object *jdev)
{
	enum daxctl_memmap_policy effective;
	struct daxctl_memmap *memmap;

	/* Nothing for want of dax-bus or of memory hotplug. */
	if (!daxctl_memmap_new(dev, &memmap)) {
		add_policy(jdev, "memmap_policy", daxctl_memmap_get_policy(memmap));
		effective = daxctl_memmap_get_effective(memmap);
		if (effective != DAXCTL_MEMMAP_NONE)
			add_policy(jdev, "memmap_effective", effective);
	}
	daxctl_memmap_unref(memmap);
}

int memmap_reconfig_option(const char *word, bool system_ram)
{
	if (!word)
		return 0;
	if (daxctl_memmap_policy_parse(word) < 0) {
		fprintf(stderr,
			"--memmap=%s: unknown policy, there is dram, block, range and auto\n",
			word);
		return -EINVAL;
	}
	if (!system_ram) {
		fprintf(stderr,
			"--memmap is only compatible with --mode=system-ram\n");
		return -EINVAL;
	}
	return 0;
}

/* What failed in the library. */
static int report(struct daxctl_memmap *memmap, int rc)
{
	const char *hint = daxctl_memmap_get_hint(memmap);

	fprintf(stderr, "%s\n", daxctl_memmap_get_error(memmap));
	if (hint[0])
		fprintf(stderr, "  %s\n", hint);
	return rc;
}

/* What a requested policy comes to: never auto. */
static enum daxctl_memmap_policy resolve(struct daxctl_memmap *memmap,
					 enum daxctl_memmap_policy policy)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	if (daxctl_memmap_plan(memmap, policy, &plan))
		return policy;
	return plan.policy;
}

static int check_system_ram(struct daxctl_memmap *memmap, const char *devname,
			    enum daxctl_memmap_policy policy)
{
	enum daxctl_memmap_policy effective = daxctl_memmap_get_effective(memmap);

	if (effective == resolve(memmap, policy))
		return 0;
	fprintf(stderr,
		"%s: is system-ram with memmap policy %s already, which cannot become %s\n"
		"  convert it to devdax first: daxctl reconfigure-device -m devdax -f %s\n",
		devname, daxctl_memmap_policy_name(effective),
		daxctl_memmap_policy_name(policy), devname);
	return -EBUSY;
}

int memmap_reconfig_before(struct memmap_reconfig *reconfig,
			   struct daxctl_dev *dev, const char *word)
{
	const char *devname = daxctl_dev_get_devname(dev);
	struct daxctl_memmap *memmap;
	int rc, policy;

	memset(reconfig, 0, sizeof(*reconfig));
	if (!word)
		return 0;
	policy = daxctl_memmap_policy_parse(word);
	if (policy < 0)
		return policy;

	rc = daxctl_memmap_new(dev, &memmap);
	if (rc) {
		report(memmap, rc);
	} else if (daxctl_memmap_is_system_ram(memmap)) {
		rc = check_system_ram(memmap, devname, policy);
	} else {
		reconfig->was = daxctl_memmap_get_policy(memmap);
		reconfig->was_enabled = daxctl_dev_is_enabled(dev);
		/* The driver of devdax mode is no obstacle to that. */
		rc = daxctl_memmap_set_policy(memmap, policy);
		if (rc)
			report(memmap, rc);
		else
			reconfig->policy = policy;
	}
	daxctl_memmap_unref(memmap);
	return rc;
}

/* Why did kmem not take it? Its own reasons are in the log. */
static void explain(struct daxctl_memmap *memmap, const char *devname,
		    enum daxctl_memmap_policy policy, int rc)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };

	fprintf(stderr, "%s: cannot become system-ram with memmap policy %s: %s\n",
		devname, daxctl_memmap_policy_name(policy), strerror(-rc));
	if (!daxctl_memmap_plan(memmap, policy, &plan) && plan.dram > plan.dram_available)
		fprintf(stderr, "  its memmap needs %llu MiB of DRAM, %llu MiB are available\n",
			(unsigned long long)plan.dram >> 20,
			(unsigned long long)plan.dram_available >> 20);
	else
		fprintf(stderr, "  the kernel's log may say why: dmesg | grep %s\n",
			devname);
}

/* Unbinding kmem from memory that is online would lose it until a reboot. */
static int release(struct daxctl_dev *dev)
{
	struct daxctl_memory *mem = daxctl_dev_get_memory(dev);

	if (!mem)
		return 0;
	if (daxctl_memory_is_online(mem) != 0)
		return -EBUSY;
	return daxctl_dev_disable(dev);
}

static void go_back(struct memmap_reconfig *reconfig, struct daxctl_dev *dev)
{
	const char *devname = daxctl_dev_get_devname(dev);
	struct daxctl_memmap *memmap;
	int rc;

	if (release(dev)) {
		fprintf(stderr, "%s: remains in system-ram mode: its memory is in use\n",
			devname);
		return;
	}
	rc = daxctl_memmap_new(dev, &memmap);
	if (!rc && reconfig->was != reconfig->policy)
		rc = daxctl_memmap_set_policy(memmap, reconfig->was);
	if (rc)
		report(memmap, rc);
	daxctl_memmap_unref(memmap);

	if (reconfig->was_enabled && daxctl_dev_enable_devdax(dev))
		fprintf(stderr, "%s: could not go back to devdax mode, and is disabled\n",
			devname);
}

int memmap_reconfig_after(struct memmap_reconfig *reconfig,
			  struct daxctl_dev *dev, int rc)
{
	const char *devname = daxctl_dev_get_devname(dev);
	enum daxctl_memmap_policy effective;
	struct daxctl_memmap *memmap;

	if (reconfig->policy == DAXCTL_MEMMAP_NONE)
		return rc;

	if (daxctl_memmap_new(dev, &memmap)) {
		report(memmap, 0);
		if (!rc)
			rc = -ENXIO;
	} else if (rc) {
		explain(memmap, devname, reconfig->policy, rc);
	} else {
		effective = daxctl_memmap_get_effective(memmap);
		if (effective == DAXCTL_MEMMAP_NONE ||
		    (effective != reconfig->policy &&
		     reconfig->policy != DAXCTL_MEMMAP_AUTO)) {
			fprintf(stderr,
				"%s: asked for memmap policy %s, the kernel reports %s\n",
				devname, daxctl_memmap_policy_name(reconfig->policy),
				daxctl_memmap_policy_name(effective));
			rc = -ENXIO;
		}
	}
	daxctl_memmap_unref(memmap);
	if (rc)
		go_back(reconfig, dev);
	return rc;
}
