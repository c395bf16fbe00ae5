// SPDX-License-Identifier: (GPL-2.0 OR LGPL-2.1)
/*
 * Names of the memmap policies. Also built in user space: keep it pure.
 */
#include <linux/mhp_memmap.h>
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#define EXPORT_SYMBOL_GPL(sym) struct sym##_is_not_exported
#endif

static const char * const policy_names[MHP_MEMMAP_NR_POLICIES] = {
	[MHP_MEMMAP_DRAM]  = "dram",
	[MHP_MEMMAP_BLOCK] = "block",
	[MHP_MEMMAP_RANGE] = "range",
	[MHP_MEMMAP_AUTO]  = "auto",
};

/**
 * mhp_memmap_policy_name() - the word for a policy
 * @policy: a policy
 *
 * Context: Any.
 * Return: the word, or NULL for %MHP_MEMMAP_DEFAULT and values out of range.
 */
const char *mhp_memmap_policy_name(enum mhp_memmap_policy policy)
{
	if ((unsigned int)policy >= MHP_MEMMAP_NR_POLICIES)
		return NULL;
	return policy_names[policy];
}
EXPORT_SYMBOL_GPL(mhp_memmap_policy_name);

/**
 * mhp_memmap_policy_parse() - the policy for a word
 * @word: text as written to a sysfs file; one newline at its end is ignored
 *
 * Context: Any.
 * Return: a value of &enum mhp_memmap_policy above %MHP_MEMMAP_DEFAULT, or
 * -EINVAL if the text is not exactly one of the words.
 */
int mhp_memmap_policy_parse(const char *word)
{
	size_t len = strlen(word);
	int policy;

	if (len && word[len - 1] == '\n')
		len--;

	for (policy = MHP_MEMMAP_DRAM; policy < MHP_MEMMAP_NR_POLICIES; policy++) {
		const char *name = policy_names[policy];

		if (strlen(name) == len && !strncmp(word, name, len))
			return policy;
	}
	return -EINVAL;
}
EXPORT_SYMBOL_GPL(mhp_memmap_policy_parse);
