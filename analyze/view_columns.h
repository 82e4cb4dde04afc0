/*
 * view_columns.h - how the columns are declared in the view_list_*.c files.
 * Internal to analyze.
 *
 * T text, N count, NS nanoseconds, R rate, P percent, X ratio, B bytes; K is a
 * key or detail that tables leave out, V one that they have when it varies. Figures sort largest first.
 */
#ifndef MMR_AZ_VIEW_COLUMNS_H
#define MMR_AZ_VIEW_COLUMNS_H

#include "analyze/view.h"

#define T(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_TEXT, false, AZ_SHOWN                                                           \
	}
#define N(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_COUNT, true, AZ_SHOWN                                                           \
	}
#define NS(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_NS, true, AZ_SHOWN                                                              \
	}
#define R(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_RATE, true, AZ_SHOWN                                                            \
	}
#define P(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_PERCENT, true, AZ_SHOWN                                                         \
	}
#define X(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_RATIO, true, AZ_SHOWN                                                           \
	}
#define B(name, title, about)                                                                                          \
	{                                                                                                              \
		name, title, about, AZ_BYTES, true, AZ_SHOWN                                                           \
	}
#define KT(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_TEXT, false, AZ_HIDDEN                                                          \
	}
#define KN(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_COUNT, true, AZ_HIDDEN                                                          \
	}
#define KNS(name, title, about)                                                                                        \
	{                                                                                                              \
		name, title, about, AZ_NS, true, AZ_HIDDEN                                                             \
	}
#define KP(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_PERCENT, true, AZ_HIDDEN                                                        \
	}
#define KX(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_RATIO, true, AZ_HIDDEN                                                          \
	}
#define KR(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_RATE, true, AZ_HIDDEN                                                           \
	}
#define VT(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_TEXT, false, AZ_VARIES                                                          \
	}
#define VN(name, title, about)                                                                                         \
	{                                                                                                              \
		name, title, about, AZ_COUNT, true, AZ_VARIES                                                          \
	}
#define END                                                                                                            \
	{                                                                                                              \
		0                                                                                                      \
	}

/* What many views begin with. */
#define SESSION VN("session", "session", "the runs of one command share it")
#define SETTING KN("setting", "setting", "runs that differ in design and repeat only share it")
#define SERIES KN("series", "series", "runs that differ in design, repeat and threads only share it")
#define WORKLOAD VT("workload", "workload", "the workload's file")
#define LOCK_KIND T("lock_kind", "kind", "kind of spinlock")
#define THREADS N("threads", "threads", "replaying threads")
#define OVERSUBSCRIBED KN("oversubscribed", "over", "1: more threads than CPUs")
#define DESIGN T("design", "design", "the design replayed")
#define ENGINE T("engine", "engine", "native: measured on this machine; sim: predicted for another one")
#define ENGINE_VARIES VT("engine", "engine", "native: measured on this machine; sim: predicted for another one")
#define PACE VT("pace", "pace", "asap or recorded")
#define SPEED VN("speed", "speed", "times the recorded pace")
#define TOPOLOGY VT("topology", "topology", "the machine that was simulated")
#define REPEATS KN("repeats", "repeats", "runs that the figures are medians of")

extern const struct az_column columns_runs[], columns_sessions[], columns_settings[], columns_events[],
	columns_violations[], columns_replay_error[];
extern const struct az_column columns_descheduled[], columns_locks[], columns_lock_detail[], columns_ops[],
	columns_lock_hist[], columns_lock_octaves[], columns_op_hist[], columns_cost[];
extern const struct az_column columns_kernel[], columns_kernel_waits[];
extern const struct az_column columns_summary[], columns_compare[], columns_compare_figures[], columns_saturation[];
extern const struct az_column columns_scaling[], columns_validation[], columns_conflicts[], columns_time[],
	columns_time_detail[], columns_drift[], columns_drift_hist[], columns_load[], columns_headroom[],
	columns_topologies[], columns_blockers[], columns_bbs_2019[], columns_fit[], columns_hygiene[];
extern const struct az_column columns_timeline[], columns_comms[], columns_comm_ops[], columns_slowest[];

/* view_fit.c */
int fit_read(struct az_db *db, const struct az_filter *filters, struct az_table **t, struct mmr_err *e);

#endif
