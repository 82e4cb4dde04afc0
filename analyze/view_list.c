/* The views: names, titles, default order. Their columns are in view_list_*.c. */
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/view_columns.h"
#include "analyze/view_heat.h"

/* Neither computed nor with others beside it; WHOLE: and of all sessions. */
#define PLAIN(whole) NULL, { NULL }, whole, NULL
#define NONE PLAIN(false)
#define WHOLE PLAIN(true)

static const struct az_view views[] = {
	{ "summary", "v_summary", "Summary", "a line per setting and design: the report's table", columns_summary,
	  "session DESC, lock_kind, threads, first_run", NONE },
	{ "compare", "v_compare", "Compare", "each design against the baseline of its setting, with the noise",
	  columns_compare, "session DESC, lock_kind, threads, design", NONE },
	{ "compare_figures", "v_compare_figures", "Comparison by figure",
	  "compare, a line per figure: both values, ratio, noise", columns_compare_figures,
	  "session DESC, lock_kind, threads, design, place", NONE },
	{ "runs", "v_runs", "Runs", "a line per run", columns_runs, "run_id DESC", NONE },
	{ "sessions", "v_sessions", "Sessions", "a line per replay command and workload", columns_sessions,
	  "session DESC, started_at DESC", WHOLE },
	{ "settings", "v_settings", "Settings", "what was varied: a line per setting", columns_settings,
	  "session DESC, setting", NONE },
	{ "locks", "v_locks", "Locks", "acquisitions, wait and hold of each lock: medians of the repeats",
	  columns_locks, "session DESC, lock_kind, threads, design, wait_total_ns DESC, hold_total_ns DESC", NONE },
	{ "lock_detail", "v_lock_detail", "Lock detail", "the same for each run", columns_lock_detail,
	  "run_id DESC, lock, mode", NONE },
	{ "descheduled", "v_descheduled", "Holders off their CPU",
	  "holds that say nothing of the lock: hold times without and with them", columns_descheduled,
	  "session DESC, lock_kind, threads, design, lock", NONE },
	{ "lock_hist", "v_lock_hist", "Lock histogram", "wait and hold times by bucket, all repeats together",
	  columns_lock_hist, "session DESC, setting, design, lock, mode, kind, bucket_ns", NONE },
	{ "lock_octaves", "v_lock_octaves", "Lock histogram, coarse", "the same by powers of two", columns_lock_octaves,
	  "session DESC, setting, design, lock, mode, kind, lower_ns", NONE },
	{ "ops", "v_ops", "Operations", "latency of each operation: medians of the repeats", columns_ops,
	  "session DESC, lock_kind, threads, design, op", NONE },
	{ "op_hist", "v_op_hist", "Operation histogram", "latencies by bucket, all repeats together", columns_op_hist,
	  "session DESC, setting, design, op, bucket_ns", NONE },
	{ "scaling",
	  "v_scaling",
	  "Scaling",
	  "events/s by threads, measured and predicted",
	  columns_scaling,
	  "session DESC, lock_kind, design, series, threads",
	  NULL,
	  { "fit", "topologies" },
	  false,
	  NULL },
	{ "fit",
	  "v_scaling",
	  "Scaling law",
	  "the Universal Scalability Law, fitted to v_scaling",
	  columns_fit,
	  NULL,
	  fit_read,
	  { "topologies" },
	  false,
	  NULL },
	{ "validation",
	  "v_validation",
	  "Validation",
	  "what the sim engine predicts against what this machine did",
	  columns_validation,
	  "session DESC, lock_kind, design, series, threads",
	  NULL,
	  { "topologies" },
	  false,
	  NULL },
	{ "headroom", "v_headroom", "Headroom",
	  "the load at which the wait for a lock reaches 1, 5 and 25 % of CPU time", columns_headroom,
	  "session DESC, ladder, lock, design, threshold_percent", NONE },
	{ "load", "v_load", "Load", "the wait for each lock by load: what the headroom is read from", columns_load,
	  "session DESC, ladder, lock, design, speed", NONE },
	{ "conflicts",
	  "v_conflicts",
	  "Conflicts",
	  "cache-line conflicts by operation and line (sim engine)",
	  columns_conflicts,
	  "session DESC, lock_kind, threads, design, op, conflicts DESC",
	  NULL,
	  { "topologies" },
	  false,
	  NULL },
	{ "blockers", "v_blockers", "Blockers", "who waited for whom, lock by lock", columns_blockers,
	  "session DESC, lock_kind, threads, speed, design, lock, wait_percent DESC", NONE },
	{ "comms", "v_comms", "Commands", "who buys the contention: waits, holds and waits caused, by command name",
	  columns_comms,
	  "session DESC, lock_kind, threads, speed, design, caused_ns DESC, wait_ns DESC, hold_ns DESC, count DESC, "
	  "comm",
	  NONE },
	{ "comm_ops", "v_comm_ops", "Commands by operation", "the same by command name and operation", columns_comm_ops,
	  "session DESC, lock_kind, threads, speed, design, caused_ns DESC, wait_ns DESC, hold_ns DESC, count DESC, "
	  "comm, op",
	  NONE },
	{ "slowest", "v_slowest", "Slowest", "the slowest of the timed operations of each run, and who blocked them",
	  columns_slowest, "run_id DESC, seq", NONE },
	{ "timeline",
	  "v_timeline",
	  "Timeline",
	  "what each lock did over each run, by interval",
	  columns_timeline,
	  "run_id DESC, lock, mode, seq",
	  NULL,
	  { NULL },
	  false,
	  view_heat },
	{ "kernel",
	  "v_kernel",
	  "The kernel itself",
	  "how it waited for these locks while it was captured, beside the replay at the recorded rate; who only spins "
	  "on a qspinlock's pending bit is not traced",
	  columns_kernel,
	  "session DESC, place, basis DESC, lock_kind, threads, first_run",
	  NULL,
	  { "kernel_waits" },
	  false,
	  NULL },
	{ "kernel_waits", "v_kernel_waits", "The kernel's waits",
	  "each function that waited for a lock while it was captured", columns_kernel_waits,
	  "session DESC, workload_id, is_replayed DESC, wait_total_ns DESC, caller", NONE },
	{ "bbs_2019", "v_bbs_2019", "The 2019 report",
	  "where the waits reported in December 2019 fit the workload of that name", columns_bbs_2019,
	  "topology, design, lock_kind, surround, speed, threads, syncs_per_fork", NONE },
	{ "time", "v_time", "Time", "where the threads' time went: means of the repeats", columns_time,
	  "session DESC, setting, design", NONE },
	{ "time_detail", "v_time_detail", "Time, by run", "the same for each run", columns_time_detail, "run_id DESC",
	  NONE },
	{ "drift", "v_drift", "Drift", "how well paced runs kept the recorded times", columns_drift, "run_id DESC",
	  NONE },
	{ "drift_hist", "v_drift_hist", "Drift histogram", "lateness by bucket, all repeats together",
	  columns_drift_hist, "session DESC, setting, design, bucket_ns", NONE },
	{ "hygiene", "v_hygiene", "Hygiene", "how quiet the machine was", columns_hygiene, "session DESC, setting",
	  NONE },
	{ "topologies", "v_topologies", "Topologies", "what simulated machines cost, and where the figures come from",
	  columns_topologies, "topology, seq", NONE },
	{ "saturation", "v_saturation", "Saturation", "the setting the verdict is taken at: highest events/s",
	  columns_saturation, "session DESC", NONE },
	{ "cost", "v_cost", "Cost at the recorded rate", "what each lock costs at the rate that was recorded (M/G/1)",
	  columns_cost, "session DESC, lock_kind, design, cost_percent DESC", NONE },
	{ "violations", "v_violations", "Violations", "invariants that runs broke", columns_violations,
	  "run_id DESC, seq", NONE },
	{ "events", "v_events", "Events", "events recorded and replayed, by run", columns_events, "run_id DESC, event",
	  NONE },
	{ "replay_error", "v_replay_error", "Replay error",
	  "constraints waited for, stalls: how far a run was from life", columns_replay_error, "run_id DESC", NONE },
	{ 0 },
};

const struct az_view *az_views(void)
{
	return views;
}

const struct az_view *az_view_by_name(const char *name)
{
	for (const struct az_view *v = views; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

const struct mmr_item *list_views(unsigned i)
{
	static struct mmr_item item;
	if (i >= sizeof(views) / sizeof(views[0]) - 1)
		return NULL;
	item = (struct mmr_item){ views[i].name, views[i].sql_view, views[i].about };
	return &item;
}
