// SPDX-License-Identifier: GPL-2.0
/*
 * A device from what it is to what it should be. Every step is remembered, and
 * undone in reverse order if a later one fails or the user interrupts: a device
 * is left as it was found, or what could not be undone is said.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "convert.h"
#include "devices.h"
#include "journal.h"
#include "messages.h"

#define MAX_REPORTED 3	/* memory blocks, one by one */

struct change {
	uint64_t block;
	enum daxctl_memmap_block_state was;
};

enum driver { DRIVER_NONE, DRIVER_DEVDAX, DRIVER_KMEM };

struct conversion {
	struct daxctl_memmap *memmap;
	struct daxctl_dev *dev;
	const char *name;
	const struct target *target;
	/* how it was */
	enum driver driver;
	enum daxctl_memmap_policy policy;
	/* what was changed since */
	bool changed_driver;
	bool changed_policy;
	struct change *changes;
	size_t nr_changes;
	bool undoing;
	bool in_journal;
};

static enum driver read_driver(const char *name)
{
	char driver[64];

	sysfs_link_name(driver, sizeof(driver), DAX_DEVICES "/%s/driver", name);
	if (!driver[0])
		return DRIVER_NONE;
	return !strcmp(driver, "kmem") ? DRIVER_KMEM : DRIVER_DEVDAX;
}

static int refresh(struct conversion *conv)
{
	int rc = daxctl_memmap_refresh(conv->memmap);

	if (rc)
		report(conv->memmap);
	return rc;
}

/* For undo, which has no use for one of itself. */
static void before_change(struct conversion *conv)
{
	char driver[64];

	if (conv->in_journal || conv->undoing || conv->target->fresh || conv->target->blocks)
		return;
	conv->in_journal = true;
	sysfs_link_name(driver, sizeof(driver), DAX_DEVICES "/%s/driver", conv->name);
	journal_begin(conv->memmap, driver);
}

/*--- memory blocks ----------------------------------------------------------*/

static int remember(struct conversion *conv, uint64_t block, enum daxctl_memmap_block_state was)
{
	struct change *changes;

	changes = realloc(conv->changes, (conv->nr_changes + 1) * sizeof(*changes));
	if (!changes)
		return -ENOMEM;
	conv->changes = changes;
	changes[conv->nr_changes++] = (struct change){ block, was };
	return 0;
}

static int block_failed(struct conversion *conv, uint64_t block, const char *what, int rc)
{
	const uint64_t size = daxctl_memmap_get_block_size(conv->memmap);
	char reason[512];

	error("%s: memory block %llu (0x%llx-0x%llx) does not go %s: %s", conv->name,
	      (unsigned long long)block, (unsigned long long)(block * size),
	      (unsigned long long)((block + 1) * size - 1), what,
	      interrupted() ? "interrupted" : strerror(-rc));
	if (kernel_log_reason(reason, sizeof(reason)))
		hint("the kernel says: %s", reason);
	else if (rc == -EBUSY)
		hint("something in it cannot move");
	if (rc == -EBUSY &&
	    daxctl_memmap_block_get_state(conv->memmap, block) == DAXCTL_MEMMAP_BLOCK_KERNEL)
		hint("in a kernel zone it may stay until the next boot; on a host that onlines memory by itself, write online_movable to auto_online_blocks before it is added");
	return rc;
}

static bool is_online(enum daxctl_memmap_block_state state)
{
	return state == DAXCTL_MEMMAP_BLOCK_MOVABLE || state == DAXCTL_MEMMAP_BLOCK_KERNEL ||
	       state == DAXCTL_MEMMAP_BLOCK_GOING;
}

/*
 * Somebody else can be faster: a udev rule, the kernel itself, another tool. The write
 * fails with EINVAL then, although the block is as it should be; in which zone it went
 * online counts only if one was asked for.
 */
static bool is_there(const struct conversion *conv, uint64_t block,
		     enum daxctl_memmap_block_state state)
{
	const enum daxctl_memmap_block_state now =
		daxctl_memmap_block_get_state(conv->memmap, block);

	return now == state || (is_online(state) && is_online(now) &&
				now != DAXCTL_MEMMAP_BLOCK_GOING &&
				conv->target->zone == ZONE_ANY);
}

static int set_block(struct conversion *conv, uint64_t block, enum daxctl_memmap_block_state was,
		     enum daxctl_memmap_block_state state)
{
	int rc;

	before_change(conv);
	rc = remember(conv, block, was);
	if (rc)
		return rc;
	kernel_log_mark();
	rc = daxctl_memmap_block_set_state(conv->memmap, block, state);
	if (rc && !is_there(conv, block, state)) {
		conv->nr_changes--;
		return block_failed(conv, block, state == DAXCTL_MEMMAP_BLOCK_OFFLINE ?
				    "offline" : "online", rc);
	}
	return 0;
}

/*
 * All blocks in one piece, if the kernel can do that and none of them is @state already.
 * If not, or if one of them refuses, each is asked: only so can it be said which.
 * True: done, or *@rc says what went wrong.
 */
static bool set_in_one_piece(struct conversion *conv, enum daxctl_memmap_block_state state,
			     unsigned int nr_blocks, int *rc)
{
	const size_t before = conv->nr_changes;
	uint64_t block;

	if (conv->undoing || interrupted() ||
	    daxctl_memmap_get_effective(conv->memmap) != DAXCTL_MEMMAP_RANGE)
		return false;
	before_change(conv);
	/* First: once it is done there may be no memory to remember it in. */
	daxctl_memmap_block_foreach(conv->memmap, block) {
		*rc = remember(conv, block, daxctl_memmap_block_get_state(conv->memmap, block));
		if (*rc)
			return true;
	}
	*rc = daxctl_memmap_blocks_set_state(conv->memmap, state);
	if (*rc) {
		conv->nr_changes = before;
		return false;
	}
	progress(conv->name, "memory blocks", state == DAXCTL_MEMMAP_BLOCK_OFFLINE ?
		 "offline" : "online", nr_blocks, nr_blocks);
	progress_end();
	debug("%s: %u memory blocks %s, in one piece", conv->name, nr_blocks,
	      state == DAXCTL_MEMMAP_BLOCK_OFFLINE ? "offline" : "online");
	return true;
}

static int offline_all(struct conversion *conv)
{
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	uint64_t block;
	unsigned int done = 0;
	int rc;

	daxctl_memmap_count_blocks(conv->memmap, &counts);
	if (counts.online && counts.online == counts.total &&
	    set_in_one_piece(conv, DAXCTL_MEMMAP_BLOCK_OFFLINE, counts.total, &rc))
		return rc;
	daxctl_memmap_block_foreach(conv->memmap, block) {
		enum daxctl_memmap_block_state state =
			daxctl_memmap_block_get_state(conv->memmap, block);

		if (!is_online(state))
			continue;
		if (interrupted() && !conv->undoing) {
			error("%s: interrupted", conv->name);
			return -EINTR;
		}
		rc = set_block(conv, block, state, DAXCTL_MEMMAP_BLOCK_OFFLINE);
		if (rc)
			return rc;
		progress(conv->name, "memory blocks", "offline", ++done, counts.online);
	}
	progress_end();
	if (done)
		debug("%s: %u memory blocks offline", conv->name, done);
	return 0;
}

/*
 * The rest of a device that is half online, too. What the kernel has onlined by
 * itself is moved only if a zone was asked for.
 */
static int online_all(struct conversion *conv)
{
	const enum zone zone = conv->target->zone;
	const enum daxctl_memmap_block_state wanted =
		zone == ZONE_KERNEL ? DAXCTL_MEMMAP_BLOCK_KERNEL : DAXCTL_MEMMAP_BLOCK_MOVABLE;
	unsigned int done = 0, by_kernel = 0;
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	uint64_t block;
	int rc;

	daxctl_memmap_count_blocks(conv->memmap, &counts);
	if (counts.total && !counts.online &&
	    set_in_one_piece(conv, wanted, counts.total, &rc))
		return rc;
	daxctl_memmap_block_foreach(conv->memmap, block) {
		enum daxctl_memmap_block_state state =
			daxctl_memmap_block_get_state(conv->memmap, block);

		if (interrupted()) {
			error("%s: interrupted", conv->name);
			return -EINTR;
		}
		if (state == wanted || state == DAXCTL_MEMMAP_BLOCK_ABSENT)
			continue;
		if (is_online(state) && zone == ZONE_ANY) {
			by_kernel++;
			continue;
		}
		if (is_online(state)) {
			rc = set_block(conv, block, state, DAXCTL_MEMMAP_BLOCK_OFFLINE);
			if (rc)
				return rc;
			state = DAXCTL_MEMMAP_BLOCK_OFFLINE;
		}
		rc = set_block(conv, block, state, wanted);
		if (rc)
			return rc;
		if (daxctl_memmap_block_get_state(conv->memmap, block) != wanted)
			by_kernel++;
		progress(conv->name, "memory blocks", "online", ++done, counts.total);
	}
	progress_end();
	if (by_kernel)
		note("%s: %u of %u memory blocks were online already, in a kernel zone",
		     conv->name, by_kernel, counts.total);
	if (done)
		debug("%s: %u memory blocks online", conv->name, done);
	return 0;
}

/* Each block as it was once; one that is new stays offline. */
static int restore_blocks(struct conversion *conv)
{
	uint64_t block;
	int rc;

	daxctl_memmap_block_foreach(conv->memmap, block) {
		enum daxctl_memmap_block_state was = block_state_was(conv->target->blocks, block);
		enum daxctl_memmap_block_state now =
			daxctl_memmap_block_get_state(conv->memmap, block);

		if (was == DAXCTL_MEMMAP_BLOCK_ABSENT)
			was = DAXCTL_MEMMAP_BLOCK_OFFLINE;
		if (interrupted()) {
			error("%s: interrupted", conv->name);
			return -EINTR;
		}
		if (now != was && is_online(now)) {
			rc = set_block(conv, block, now, DAXCTL_MEMMAP_BLOCK_OFFLINE);
			if (rc)
				return rc;
			now = DAXCTL_MEMMAP_BLOCK_OFFLINE;
		}
		rc = now == was ? 0 : set_block(conv, block, now, was);
		if (rc)
			return rc;
	}
	return 0;
}

static int set_blocks(struct conversion *conv, bool stays)
{
	if (conv->target->blocks)
		return restore_blocks(conv);
	if (conv->target->online)
		return online_all(conv);
	/* On hosts that online memory by themselves, too: what was asked for. */
	return !stays || conv->target->fresh ? offline_all(conv) : 0;
}

/* False: not all of them. */
static bool undo_blocks(struct conversion *conv)
{
	unsigned int failed = 0;
	int rc;

	while (conv->nr_changes) {
		struct change *change = &conv->changes[--conv->nr_changes];
		enum daxctl_memmap_block_state state =
			daxctl_memmap_block_get_state(conv->memmap, change->block);

		/* Blocks of a device that was not system RAM are gone with it. */
		if (state == change->was ||
		    (state == DAXCTL_MEMMAP_BLOCK_ABSENT && conv->driver != DRIVER_KMEM))
			continue;
		rc = daxctl_memmap_block_set_state(conv->memmap, change->block, change->was);
		if (!rc || ++failed > MAX_REPORTED)
			continue;
		error("%s: memory block %llu could not be brought back: %s", conv->name,
		      (unsigned long long)change->block, strerror(-rc));
		hint("echo %s >" SYS_MEMORY "/memory%llu/state", daxctl_memmap_block_state_word(change->was),
		     (unsigned long long)change->block);
	}
	if (failed > MAX_REPORTED)
		error("%s: nor could %u more memory blocks", conv->name,
		      failed - MAX_REPORTED);
	return !failed;
}

/*--- driver and policy ------------------------------------------------------*/

/*
 * A device has its driver from when that begins to add memory, for which it can take
 * long. The driver core holds the device's lock meanwhile, and so does a write to
 * power/control, which is refused then, as what is written is no word for it. A kernel
 * without CONFIG_PM has no such file; there, to bind once more waits as well, and is
 * refused.
 */
void wait_for_kmem(const char *name)
{
	int rc = sysfs_write("wait", DAX_DEVICES "/%s/power/control", name);

	if (rc == -ENOENT && read_driver(name) == DRIVER_KMEM) {
		rc = sysfs_write(name, "/sys/bus/dax/drivers/kmem/bind");
		if (!rc)
			warn("%s: lost its driver meanwhile, and has it again", name);
	}
	debug("%s: waited for kmem: %s", name, strerror(-rc));
}

static int unbind(struct conversion *conv)
{
	int rc;

	if (read_driver(conv->name) == DRIVER_NONE)
		return 0;
	before_change(conv);
	rc = daxctl_dev_disable(conv->dev);
	if (rc)
		error("%s: its driver does not let go of it: %s", conv->name, strerror(-rc));
	/* What was tried has changed nothing. */
	if (!conv->undoing)
		conv->changed_driver = read_driver(conv->name) != conv->driver;
	return rc;
}

static int bind_kmem(struct conversion *conv)
{
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	char reason[512], need[32], have[32];
	int rc;

	kernel_log_mark();
	progress_step(conv->name, "adding its memory");
	rc = daxctl_dev_enable_ram(conv->dev);
	if (!rc && read_driver(conv->name) != DRIVER_KMEM)
		rc = -EBUSY;	/* another driver was faster */
	if (!rc)
		return 0;
	error("%s: cannot become system RAM: %s", conv->name, strerror(-rc));
	daxctl_memmap_plan(conv->memmap, daxctl_memmap_get_policy(conv->memmap), &plan);
	if (plan.dram > plan.dram_available)
		hint("its memmap needs %s of DRAM, %s are available; try --memmap=range or block",
		     human_size(plan.dram, need, sizeof(need)),
		     human_size(plan.dram_available, have, sizeof(have)));
	else if (kernel_log_reason(reason, sizeof(reason)))
		hint("the kernel says: %s", reason);
	else
		hint("the kernel's log may say why: dmesg");
	return rc;
}

static int bind_devdax(struct conversion *conv)
{
	int rc = daxctl_dev_enable_devdax(conv->dev);

	if (rc)
		error("%s: cannot become devdax: %s", conv->name, strerror(-rc));
	return rc;
}

/* Back to the state in conv; false if that is not done, which is said. */
static bool undo(struct conversion *conv)
{
	bool whole = true;

	if (!conv->changed_driver && !conv->changed_policy && !conv->nr_changes)
		return true;
	if (daxctl_memmap_refresh(conv->memmap)) {
		report(conv->memmap);
		return false;
	}
	conv->undoing = true;
	note("%s: going back to what it was", conv->name);
	if (conv->changed_driver) {
		struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };

		/* Blocks of the driver that goes are not to be restored. */
		if (read_driver(conv->name) == DRIVER_KMEM) {
			size_t kept = conv->nr_changes;

			offline_all(conv);
			daxctl_memmap_count_blocks(conv->memmap, &counts);
			whole = !counts.online;
			conv->nr_changes = kept;
		}
		whole = whole && !unbind(conv);
	}
	if (whole && conv->changed_policy) {
		daxctl_memmap_refresh(conv->memmap);
		if (daxctl_memmap_set_policy(conv->memmap, conv->policy)) {
			report(conv->memmap);
			whole = false;
		}
	}
	if (whole && conv->changed_driver) {
		if (conv->driver == DRIVER_KMEM)
			whole = !bind_kmem(conv);
		else if (conv->driver == DRIVER_DEVDAX)
			whole = !bind_devdax(conv);
		daxctl_memmap_refresh(conv->memmap);
	}
	if (whole)
		return undo_blocks(conv);
	error("%s: could not be brought back; see how it is: " PROG " list -u -d %s",
	      conv->name, conv->name);
	return false;
}

/*--- the two directions -----------------------------------------------------*/

static int check_effective(struct conversion *conv, enum daxctl_memmap_policy wanted)
{
	enum daxctl_memmap_policy effective;
	int rc = refresh(conv);

	if (rc || wanted == DAXCTL_MEMMAP_NONE)
		return rc;
	effective = daxctl_memmap_get_effective(conv->memmap);
	if (wanted == DAXCTL_MEMMAP_AUTO) {
		note("%s: auto became %s", conv->name, daxctl_memmap_policy_name(effective));
		return 0;
	}
	if (effective == wanted)
		return 0;
	error("%s: asked for memmap policy %s, the kernel reports %s", conv->name,
	      daxctl_memmap_policy_name(wanted), daxctl_memmap_policy_name(effective));
	return -EIO;
}

static int refuse_online(struct conversion *conv, const char *why)
{
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };

	daxctl_memmap_count_blocks(conv->memmap, &counts);
	/* Of a device that came just now, nobody uses it yet. */
	if (!counts.online || conv->target->force || conv->target->fresh)
		return 0;
	error("%s: %u of its %u memory blocks are online; %s", conv->name, counts.online,
	      counts.total, why);
	hint("reconfigure-device -f takes them offline first");
	return -EBUSY;
}

/* Take it from kmem, with memory offline. */
static int release_memory(struct conversion *conv)
{
	struct daxctl_memmap_block_counts counts = { .struct_size = sizeof(counts) };
	int rc;

	rc = offline_all(conv);
	if (rc)
		return rc;
	/* Unbinding kmem with memory online would lose it until a reboot. */
	daxctl_memmap_count_blocks(conv->memmap, &counts);
	if (counts.online) {
		error("%s: %u memory blocks came online again meanwhile", conv->name,
		      counts.online);
		hint("something else onlines memory: a udev rule, or another tool");
		return -EBUSY;
	}
	return unbind(conv);
}

static int set_policy(struct conversion *conv, enum daxctl_memmap_policy policy)
{
	int rc = refresh(conv);

	if (rc || policy == DAXCTL_MEMMAP_NONE)
		return rc;
	before_change(conv);
	conv->changed_policy = daxctl_memmap_get_policy(conv->memmap) != policy;
	rc = daxctl_memmap_set_policy(conv->memmap, policy);
	if (rc) {
		conv->changed_policy = false;
		report(conv->memmap);
	}
	return rc;
}

static void describe_conversion(const struct conversion *conv, bool stays,
				enum daxctl_memmap_policy policy)
{
	const char *where = conv->target->zone == ZONE_KERNEL ? "to a kernel zone" : "movable";
	const unsigned int to_online = count_to_online(conv->memmap, conv->target);
	uint64_t online = 0;

	if (conv->target->blocks) {
		for (size_t i = 0; i < conv->target->blocks->nr; i++) {
			const struct block_run *run = &conv->target->blocks->run[i];

			if (is_online(run->state))
				online += run->last - run->first + 1;
		}
		note("%s: would be system RAM with memmap policy %s and %llu memory blocks online",
		     conv->name, daxctl_memmap_policy_name(policy), (unsigned long long)online);
		return;
	}
	if (stays && !to_online) {
		note("%s: is so already", conv->name);
		return;
	}
	note("%s: would %s", conv->name,
	     conv->driver != DRIVER_KMEM ? "become system RAM" :
	     stays ? "stay system RAM" : "be taken offline and added again");
	if (conv->target->policy && !stays)
		note("%s: would have memmap policy %s", conv->name,
		     daxctl_memmap_policy_name(policy));
	if (stays)
		note("%s: %u memory blocks would be onlined %s", conv->name, to_online, where);
	else if (conv->target->online)
		note("%s: would be onlined %s", conv->name, where);
}

static int to_system_ram(struct conversion *conv)
{
	const enum daxctl_memmap_policy policy = conv->target->policy;
	const enum daxctl_memmap_policy planned =
		policy ? policy : daxctl_memmap_get_policy(conv->memmap);
	struct daxctl_memmap_plan plan = { .struct_size = sizeof(plan) };
	struct identity id;
	bool stays;
	int rc;

	daxctl_memmap_plan(conv->memmap, planned, &plan);
	if (!plan.supported) {
		error("%s: cannot be system RAM with memmap policy %s: %s", conv->name,
		      daxctl_memmap_policy_name(planned), plan.reason);
		hint("what it can have: " PROG " plan %s", conv->name);
		return -EOPNOTSUPP;
	}
	identify(conv->name, &id);
	if (id.map_dev && conv->driver != DRIVER_KMEM)
		warn("%s: its namespace has a memmap on the device already (map=dev), which is lost capacity as system RAM",
		     conv->name);

	stays = conv->driver == DRIVER_KMEM && has_policy(conv->memmap, policy);
	if (conv->driver == DRIVER_KMEM && !stays) {
		rc = refuse_online(conv, "another memmap policy needs them offline");
		if (rc)
			return rc;
	}
	if (conv->target->dry_run) {
		describe_conversion(conv, stays, plan.policy);
		return 0;
	}

	if (stays)
		return set_blocks(conv, true);

	rc = conv->driver == DRIVER_KMEM ? release_memory(conv) : unbind(conv);
	if (!rc)
		rc = set_policy(conv, policy);
	if (rc)
		return rc;
	conv->changed_driver = true;
	rc = bind_kmem(conv);
	if (!rc)
		rc = check_effective(conv, policy);
	return rc ? rc : set_blocks(conv, false);
}

static int to_devdax(struct conversion *conv)
{
	const enum driver wanted = conv->target->unbound ? DRIVER_NONE : DRIVER_DEVDAX;
	const char *word = conv->target->unbound ? "disabled" : "devdax";
	int rc;

	if (conv->driver == wanted) {
		if (conv->target->dry_run)
			note("%s: is %s already", conv->name, word);
		return 0;
	}
	if (conv->driver == DRIVER_KMEM) {
		rc = refuse_online(conv, "devdax needs them offline");
		if (rc)
			return rc;
	}
	if (conv->target->dry_run) {
		note("%s: would become %s", conv->name, word);
		return 0;
	}
	before_change(conv);
	rc = conv->driver == DRIVER_KMEM ? release_memory(conv) : unbind(conv);
	if (!rc)
		rc = set_policy(conv, conv->target->policy);
	if (rc)
		return rc;
	conv->changed_driver = true;
	return conv->target->unbound ? 0 : bind_devdax(conv);
}

/* On failure everything is as before, or it was said what is not. */
int convert(struct daxctl_memmap *memmap, const struct target *target)
{
	struct conversion conv = {
		.memmap = memmap,
		.dev = daxctl_memmap_get_dev(memmap),
		.name = daxctl_memmap_get_devname(memmap),
		.target = target,
		.policy = daxctl_memmap_get_policy(memmap),
	};
	bool whole = true;
	int rc;

	if (geteuid() && !target->dry_run) {
		error("%s: changing a device takes root", conv.name);
		return -EPERM;
	}
	if (!target->dry_run && read_driver(conv.name) == DRIVER_KMEM) {
		wait_for_kmem(conv.name);
		daxctl_memmap_refresh(memmap);
	}
	conv.driver = read_driver(conv.name);
	rc = target->system_ram ? to_system_ram(&conv) : to_devdax(&conv);
	if (rc && !target->fresh) {
		hold_signals(true);
		whole = undo(&conv);
		hold_signals(false);
	}
	/* What could not be brought back may be, later. */
	if (conv.in_journal)
		journal_end(conv.name, !rc || !whole);
	free(conv.changes);
	return rc;
}

int take_offline(struct daxctl_memmap *memmap)
{
	struct conversion conv = {
		.memmap = memmap,
		.name = daxctl_memmap_get_devname(memmap),
		.undoing = true,
	};
	int rc = offline_all(&conv);

	free(conv.changes);
	return rc;
}
