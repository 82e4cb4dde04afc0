/* Columns of the views about when locks were contended, by whose operations, and what took longest. */
#include "analyze/view_columns.h"

#define SPENT                                                                                                          \
	KN("timed", "timed", "operations that the times are from, all repeats"),                                       \
		NS("wait_ns", "wait", "for locks, per run"), KNS("wait_avg_ns", "wait avg", "per operation"),          \
		P("wait_percent", "of time", "part of all threads' time"),                                             \
		NS("hold_ns", "hold", "in outermost holds, without the waits in them, per run"),                       \
		KP("hold_percent", "hold", "part of all threads' time"),                                               \
		N("caused", "blocked", "waits of anybody for a lock that one of these let go, per run"),               \
		NS("caused_ns", "made wait", "those waits together, per run"),                                         \
		P("caused_percent", "of time", "those waits, part of all threads' time")

const struct az_column columns_timeline[] = {
	N("run_id", "run", "the run's number"),
	SESSION,
	SETTING,
	WORKLOAD,
	ENGINE_VARIES,
	TOPOLOGY,
	DESIGN,
	LOCK_KIND,
	THREADS,
	SPEED,
	KN("repeat_no", "repeat", "repeats are interleaved"),
	KNS("wall_ns", "wall", "the run's time"),
	T("lock", "lock", "class of locks"),
	T("mode", "mode", "read, write or exclusive"),
	KN("seq", "no", "of the interval, from 0; those without acquisitions have no line"),
	NS("begin_ns", "from", "since the run's begin"),
	NS("length_ns", "length", "of the interval"),
	N("acquisitions", "acquired", "acquisitions in it"),
	N("contentions", "contended", "of them, those that had to wait"),
	P("contention_percent", "contended", "part of the acquisitions"),
	KN("timed", "timed", "acquisitions that the times are from"),
	NS("wait_ns", "wait", "for the lock, all threads"),
	NS("hold_ns", "hold", "all holds, outermost or not"),
	P("wait_percent", "of time", "wait, part of length x threads"),
	P("utilisation_percent", "used", "part of the interval during which it was held"),
	END,
};

const struct az_column columns_comms[] = {
	SESSION,  SETTING,
	WORKLOAD, ENGINE_VARIES,
	TOPOLOGY, LOCK_KIND,
	THREADS,  SPEED,
	DESIGN,   T("comm", "command", "of the operations' tasks, as recorded"),
	REPEATS,  N("count", "operations", "per run"),
	SPENT,    P("share_percent", "of waits", "part of all waits"),
	END,
};

const struct az_column columns_comm_ops[] = {
	SESSION,
	SETTING,
	WORKLOAD,
	ENGINE_VARIES,
	TOPOLOGY,
	LOCK_KIND,
	THREADS,
	SPEED,
	DESIGN,
	T("comm", "command", "of the operation's task, as recorded"),
	T("op", "operation", "with the switch to its task; replay: between two events"),
	REPEATS,
	N("count", "count", "per run"),
	SPENT,
	END,
};

const struct az_column columns_slowest[] = {
	N("run_id", "run", "the run's number"),
	SESSION,
	SETTING,
	WORKLOAD,
	ENGINE_VARIES,
	TOPOLOGY,
	DESIGN,
	LOCK_KIND,
	THREADS,
	SPEED,
	KN("repeat_no", "repeat", "repeats are interleaved"),
	KN("seq", "no", "from 0, the slowest"),
	T("op", "operation", "what took so long"),
	NS("latency_ns", "latency", "paced: from its recorded time"),
	NS("late_ns", "late", "of it, how late it began: the events before, other workers, the machine"),
	NS("wait_ns", "wait", "of it, for locks"),
	P("wait_percent", "waited", "part of the latency"),
	T("lock", "lock", "that it waited for longest"),
	KT("mode", "mode", "of that wait: read, write or exclusive"),
	NS("longest_ns", "that wait", "how long it waited for that one"),
	T("holder_op", "blocked by", "operation that held the lock when it was let go"),
	T("holder_comm", "of", "that one's command"),
	NS("begin_ns", "from", "since the run's begin"),
	N("worker", "worker", "the thread"),
	T("comm", "command", "of its task, as recorded"),
	N("task", "task", "id in the workload"),
	N("event", "event", "ordinal in the workload"),
	END,
};
