/*
 * view_columns.h - how the columns are declared in the view_list_*.c files.
 * Internal to analyze.
 *
 * T text, N count, NS nanoseconds, R rate, P percent, X ratio, B bytes; K is a
 * key or detail that tables leave out. Figures sort largest first.
 */
#ifndef MMR_AZ_VIEW_COLUMNS_H
#define MMR_AZ_VIEW_COLUMNS_H

#include "analyze/view.h"

#define T(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_TEXT, false, false                                                              \
	}
#define N(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_COUNT, true, false                                                              \
	}
#define NS(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_NS, true, false                                                                 \
	}
#define R(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_RATE, true, false                                                               \
	}
#define P(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_PERCENT, true, false                                                            \
	}
#define X(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_RATIO, true, false                                                              \
	}
#define B(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_BYTES, true, false                                                              \
	}
#define KT(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_TEXT, false, true                                                               \
	}
#define KN(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_COUNT, true, true                                                               \
	}
#define KNS(name, title, about)                                                                                        \
	{                                                                                                              \
		name, title, about, AZ_NS, true, true                                                                  \
	}
#define KP(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_PERCENT, true, true                                                             \
	}
#define KR(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_RATE, true, true                                                                \
	}
#define END                                                                                                            \
	{                                                                                                              \
		0                                                                                                      \
	}

/* What many views begin with. */
#define SESSION KN("session", "session", "the runs of one command share it")
#define SETTING KN("setting", "setting", "runs that differ in design and repeat only share it")
#define SERIES KN("series", "series", "runs that differ in design, repeat and threads only share it")
#define WORKLOAD KT("workload", "workload", "the workload's file")
#define LOCK_KIND T("lock_kind", "kind", "kind of spinlock")
#define THREADS N("threads", "threads", "replaying threads")
#define OVERSUBSCRIBED KN("oversubscribed", "over", "1: more threads than CPUs")
#define DESIGN T("design", "design", "the design replayed")
#define REPEATS KN("repeats", "repeats", "runs that the figures are medians of")

extern const struct az_column columns_runs[], columns_sessions[], columns_settings[], columns_events[],
	columns_violations[], columns_replay_error[];
extern const struct az_column columns_locks[], columns_lock_detail[], columns_ops[], columns_lock_hist[],
	columns_lock_octaves[], columns_op_hist[], columns_cost[];
extern const struct az_column columns_summary[], columns_compare[], columns_compare_figures[], columns_scaling[],
	columns_saturation[];

#endif
