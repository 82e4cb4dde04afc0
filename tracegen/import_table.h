/*
 * import_table.h - the event map: which trace event feeds which kind of event,
 * and which of its fields goes where. One table (import_table.c) for all tracers.
 */
#ifndef MMR_TG_IMPORT_TABLE_H
#define MMR_TG_IMPORT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum imp_tracer { IMP_LTTNG, IMP_PERF, IMP_UST, IMP_TRACERS };

/* What a trace event says, whoever the tracer was. */
enum imp_kind {
	IK_NONE, /* counted by name, nothing else */
	IK_FORK,
	IK_NEWTASK, /* the clone flags of the fork that follows */
	IK_EXEC,
	IK_EXIT,
	IK_FREE,
	IK_RENAME,
	IK_SWITCH,
	IK_VMALLOC,
	IK_VFREE,
	IK_PURGE,
	IK_DUMP_START,
	IK_DUMP_TASK,
	IK_DUMP_END,
	IK_PERF_FORK, /* perf's own records: the state before it began, stand-ins later */
	IK_PERF_COMM,
	IK_PERF_EXIT,
	IK_SYS_CLONE, /* u: clone flags */
	IK_SYS_CLONE3, /* its flags lie in memory: not recorded */
	IK_SYS_FORK,
	IK_SYS_VFORK,
	IK_SYS_UNKNOWN, /* n: the number of the call */
	IK_SYS_EXEC,
	IK_SYS_EXIT,
	IK_SYS_EXIT_GROUP,
	IK_SYS_RETURN, /* n: what it returned */
	IK_CONTENTION_BEGIN, /* cur begins to wait for lock u; n: flags, tid: the number of its call chain */
	IK_CONTENTION_END,
	IK_PERF_MMAP, /* state 1: the kernel's text begins at u */
	IK_SYMBOL, /* a function's name, taken in when it is read */
	IK_CAPTURE, /* our recorder says who it is */
	IK_LOST,
	IK_DISCARDED, /* babeltrace2 says so: n events (state 0) or packets (1) of stream tid */
	IK_NR
};
/* Those that a trace can declare are bits of 32 (imp_host.declared). */
_Static_assert(IK_DISCARDED <= 32, "too many kinds of events");

/* Which member of struct imp_raw a field goes to. */
enum imp_member {
	IM_END,
	IM_TID,
	IM_TGID,
	IM_PTID,
	IM_PTGID,
	IM_OLD,
	IM_CUR, /* in whose context the event happened */
	IM_CPU,
	IM_TIME, /* the source's CLOCK_MONOTONIC: orders the event instead of the trace's clock */
	IM_U,
	IM_N,
	IM_STATE,
	IM_COMM,
	IM_PCOMM, /* to state: whether it is a kernel thread's */
	IM_PATH, /* to comm: the last component, cut as the kernel cuts it */
	IM_HOST, /* texts of the capture */
	IM_KERNEL,
	IM_COMMAND,
	IM_CHAIN, /* to tid: the number of the call chain (import_chains.h) */
	IM_KERNEL_MAP, /* to state: the name that perf gives the kernel's own text */
	IM_SYMBOL, /* with u and n, which come before it: from where, and how long */
	IM_NR
};

#define IMP_MAP_FIELDS 9

struct imp_map_field {
	enum imp_member to;
	const char *name;
	bool optional; /* of several fields for one member, the first that the class has counts */
};

struct imp_map {
	const char *event;
	enum imp_tracer tracer;
	enum imp_kind kind;
	struct imp_map_field field[IMP_MAP_FIELDS + 1]; /* ends with IM_END */
};

/* The row of trace event @name, or NULL: it is only counted. */
const struct imp_map *imp_map_find(const char *name);
/* Row @i, NULL past the end. */
const struct imp_map *imp_map_row(unsigned i);

/* TASK_COMM_LEN: what the kernel keeps of a name, with its zero. */
#define IMP_COMM 16

/* One trace event on its way through import. */
struct imp_raw {
	int64_t ns; /* from the clock's origin */
	uint64_t u; /* clone flags, or an address */
	int64_t n; /* a size, a count, a return value */
	int32_t tid, tgid, ptid, ptgid; /* -1: not said */
	int32_t old; /* exec: the tid before */
	int32_t cur; /* -1: not said */
	uint16_t cpu;
	uint8_t kind, host;
	int8_t state; /* task state as the dump says; fork: 1 the parent is a kernel thread by its name; -1 not said */
	bool before; /* perf's records with time 0: what ran before it began */
	char comm[IMP_COMM];
};

#endif
