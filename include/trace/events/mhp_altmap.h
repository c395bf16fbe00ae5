/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mhp_altmap

#if !defined(_TRACE_MHP_ALTMAP_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_MHP_ALTMAP_H

#include <linux/mhp_memmap.h>
#include <linux/tracepoint.h>

TRACE_DEFINE_ENUM(MHP_MEMMAP_DEFAULT);
TRACE_DEFINE_ENUM(MHP_MEMMAP_DRAM);
TRACE_DEFINE_ENUM(MHP_MEMMAP_BLOCK);
TRACE_DEFINE_ENUM(MHP_MEMMAP_RANGE);
TRACE_DEFINE_ENUM(MHP_MEMMAP_AUTO);

#define show_memmap_policy(policy)			\
	__print_symbolic(policy,			\
		{ MHP_MEMMAP_DEFAULT, "default" },	\
		{ MHP_MEMMAP_DRAM, "dram" },		\
		{ MHP_MEMMAP_BLOCK, "block" },		\
		{ MHP_MEMMAP_RANGE, "range" },		\
		{ MHP_MEMMAP_AUTO, "auto" })

/* Memory is about to be added: the policy requested, and its plan. */
TRACE_EVENT(mhp_altmap_plan,
	TP_PROTO(enum mhp_memmap_policy requested, const struct mhp_memmap_plan *plan),
	TP_ARGS(requested, plan),
	TP_STRUCT__entry(
		__field(int, requested)
		__field(int, policy)
		__field(u64, start)
		__field(u64, size)
		__field(u64, memmap)
		__field(u64, head)
		__field(u64, waste)
		__field(u64, dram)
	),
	TP_fast_assign(
		__entry->requested = requested;
		__entry->policy = plan->policy;
		__entry->start = plan->start;
		__entry->size = plan->size;
		__entry->memmap = plan->memmap;
		__entry->head = plan->head;
		__entry->waste = plan->waste;
		__entry->dram = plan->dram;
	),
	TP_printk("start=%#llx size=%#llx requested=%s policy=%s memmap=%#llx head=%#llx waste=%#llx dram=%#llx",
		  __entry->start, __entry->size,
		  show_memmap_policy(__entry->requested),
		  show_memmap_policy(__entry->policy),
		  __entry->memmap, __entry->head, __entry->waste, __entry->dram)
);

/* A policy was refused, or memory was not removed. Nothing has changed. */
TRACE_EVENT(mhp_altmap_refuse,
	TP_PROTO(enum mhp_memmap_policy policy, u64 start, u64 size, int ret,
		 const char *reason),
	TP_ARGS(policy, start, size, ret, reason),
	TP_STRUCT__entry(
		__field(int, policy)
		__field(u64, start)
		__field(u64, size)
		__field(int, ret)
		__string(reason, reason)
	),
	TP_fast_assign(
		__entry->policy = policy;
		__entry->start = start;
		__entry->size = size;
		__entry->ret = ret;
		__assign_str(reason);
	),
	TP_printk("start=%#llx size=%#llx policy=%s ret=%d reason=%s",
		  __entry->start, __entry->size,
		  show_memmap_policy(__entry->policy), __entry->ret,
		  __get_str(reason))
);

DECLARE_EVENT_CLASS(mhp_altmap_range,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret),
	TP_STRUCT__entry(
		__field(int, nid)
		__field(u64, start)
		__field(u64, size)
		__field(u64, head)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->nid = nid;
		__entry->start = plan->start;
		__entry->size = plan->size;
		__entry->head = plan->head;
		__entry->ret = ret;
	),
	TP_printk("start=%#llx size=%#llx head=%#llx nid=%d ret=%d",
		  __entry->start, __entry->size, __entry->head, __entry->nid,
		  __entry->ret)
);

/*
 * A range's life, in this order. Between setup and mark, arch_add_memory() has
 * run; between unmark and release, arch_remove_memory().
 */
DEFINE_EVENT(mhp_altmap_range, mhp_altmap_setup,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret));
DEFINE_EVENT(mhp_altmap_range, mhp_altmap_mark,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret));
DEFINE_EVENT(mhp_altmap_range, mhp_altmap_unmark,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret));
DEFINE_EVENT(mhp_altmap_range, mhp_altmap_release,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret));

/* Between mark and unmark: its usable part went online or offline in one piece. */
DEFINE_EVENT(mhp_altmap_range, mhp_altmap_online,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret));
DEFINE_EVENT(mhp_altmap_range, mhp_altmap_offline,
	TP_PROTO(int nid, const struct mhp_memmap_plan *plan, int ret),
	TP_ARGS(nid, plan, ret));

#endif /* _TRACE_MHP_ALTMAP_H */

#include <trace/define_trace.h>
