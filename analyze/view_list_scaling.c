/* Columns of the views about more threads and more load, measured and predicted. */
#include "analyze/view_columns.h"

#define ERA VT("era", "era", "kernel version the setting stands for")
#define SURROUND VT("surround", "surround", "work around the modelled part")
#define VALIDATION T("validation", "validation", "measured; or, predicted: validated by a real run, or unvalidated")
#define LOW_HIGH                                                                                                       \
	R("low_events_per_s", "low", "95 % interval over the repeats, lower end"),                                     \
		R("high_events_per_s", "high", "95 % interval over the repeats, upper end")

const struct az_column columns_scaling[] = {
	SESSION,
	SERIES,
	SETTING,
	WORKLOAD,
	ENGINE,
	TOPOLOGY,
	LOCK_KIND,
	ERA,
	PACE,
	SPEED,
	DESIGN,
	THREADS,
	OVERSUBSCRIBED,
	REPEATS,
	R("events_per_s", "events/s", "median of the repeats"),
	LOW_HIGH,
	KR("min_events_per_s", "min", "slowest repeat"),
	KR("max_events_per_s", "max", "fastest repeat"),
	KP("cv_percent", "cv", "standard deviation of the repeats over their mean"),
	X("speedup_ratio", "speedup", "over the smallest number of threads"),
	P("efficiency_percent", "efficiency", "speedup per thread"),
	VALIDATION,
	P("error_percent", "error", "of the prediction, where this machine did the same"),
	P("worst_error_percent", "worst error", "of the predictions of the series, where there are real runs"),
	END,
};

const struct az_column columns_validation[] = {
	SESSION,
	SERIES,
	SETTING,
	KN("workload_id", "workload id", "key"),
	WORKLOAD,
	TOPOLOGY,
	LOCK_KIND,
	ERA,
	PACE,
	SPEED,
	SURROUND,
	DESIGN,
	THREADS,
	REPEATS,
	R("events_per_s", "sim ev/s", "predicted: median of the repeats"),
	KR("low_events_per_s", "low", "95 % interval over the repeats, lower end"),
	KR("high_events_per_s", "high", "95 % interval over the repeats, upper end"),
	KN("native_session", "native session", "where the real runs are from"),
	KN("native_repeats", "native repeats", "how many there are"),
	R("native_events_per_s", "native ev/s", "measured: median of the repeats"),
	R("low_native_events_per_s", "low", "measured: 95 % interval, lower end"),
	R("high_native_events_per_s", "high", "measured: 95 % interval, upper end"),
	P("native_noise_percent", "noise", "half of that interval"),
	P("error_percent", "error", "predicted over measured, less 100 %"),
	VALIDATION,
	N("within_bar", "in bar",
	  "1: within 10 % or the noise, whichever is more; 0: not; -: nothing to hold it against"),
	N("validated_threads", "up to", "largest number of threads of the series that a real run stands for"),
	P("worst_error_percent", "worst error", "of the series, where there are real runs"),
	END,
};

const struct az_column columns_conflicts[] = {
	SESSION,
	SETTING,
	WORKLOAD,
	TOPOLOGY,
	LOCK_KIND,
	THREADS,
	DESIGN,
	T("op", "operation", "what looked"),
	T("line", "line", "what lies on the cache line"),
	REPEATS,
	N("operations", "operations", "how many of them, per run"),
	N("conflicts", "conflicts", "reads of the line that another CPU had written since, per run"),
	N("conflicts_per_op", "per op", "conflicts per operation"),
	P("op_percent", "share", "of the operation's conflicts"),
	KNS("stall_ns", "stall", "what they cost by the topology"),
	NS("stall_per_op_ns", "stall/op", "what they cost, per operation"),
	END,
};

#define SHARES                                                                                                         \
	P("wait_percent", "wait", "for locks"), P("hold_percent", "hold", "in outermost holds of locks"),              \
		P("work_percent", "work", "in operations besides"),                                                    \
		P("surround_percent", "surround", "in work that --surround adds"),                                     \
		P("stall_percent", "stall", "for another worker"), P("idle_percent", "idle", "for a recorded time"),   \
		P("rcu_percent", "RCU", "for grace periods"), P("harness_percent", "harness", "in the replay itself"), \
		P("covered_percent", "covered", "all of it together, of wall time x threads")

const struct az_column columns_time[] = {
	SESSION, SETTING, WORKLOAD, ENGINE, TOPOLOGY, LOCK_KIND, THREADS, PACE, SPEED, DESIGN, REPEATS, SHARES, END,
};

const struct az_column columns_time_detail[] = {
	N("run_id", "run", "the run's number"),
	SESSION,
	SETTING,
	ENGINE,
	LOCK_KIND,
	DESIGN,
	THREADS,
	KN("repeat_no", "repeat", "repeats are interleaved"),
	KT("status", "status", "running, done, interrupted or failed"),
	KNS("wall_ns", "wall", "the run's time"),
	SHARES,
	KNS("wait_ns", "wait", "for locks, all threads"),
	KNS("hold_ns", "hold", "in outermost holds, all threads"),
	KNS("work_ns", "work", "in operations besides, all threads"),
	KNS("surround_ns", "surround", "in work that --surround adds, all threads"),
	KNS("stall_ns", "stall", "for another worker, all threads"),
	KNS("idle_ns", "idle", "for a recorded time, all threads"),
	KNS("rcu_ns", "RCU", "for grace periods, all threads"),
	KNS("harness_ns", "harness", "in the replay itself, all threads"),
	END,
};

const struct az_column columns_drift[] = {
	SESSION,
	N("run_id", "run", "the run's number"),
	SETTING,
	ENGINE,
	DESIGN,
	LOCK_KIND,
	THREADS,
	OVERSUBSCRIBED,
	N("speed", "speed", "times the recorded pace"),
	KN("repeat_no", "repeat", "repeats are interleaved"),
	KT("status", "status", "running, done, interrupted or failed"),
	N("drift_count", "operations", "that had a recorded time"),
	NS("drift_p50_ns", "late p50", "how late operations began: median"),
	NS("drift_p99_ns", "late p99", "99th percentile"),
	NS("drift_max_ns", "late max", "the latest"),
	NS("wall_ns", "wall", "the run's time"),
	NS("expected_ns", "expected", "recorded time from the first event to the last / speed"),
	P("duration_error_percent", "duration error", "of the run's time"),
	END,
};

const struct az_column columns_drift_hist[] = {
	SESSION,
	SETTING,
	THREADS,
	{ "speed", "speed", "times the recorded pace", AZ_COUNT, true, false },
	LOCK_KIND,
	DESIGN,
	NS("bucket_ns", "from", "lower bound of the bucket, inclusive"),
	NS("upper_ns", "to", "upper bound, exclusive"),
	N("count", "count", "values in the bucket"),
	P("percent", "share", "of all values"),
	P("cumulative_percent", "up to here", "of all values, this bucket included"),
	END,
};

const struct az_column columns_load[] = {
	SESSION,
	KN("ladder", "ladder", "runs that differ in design, repeat and speed only"),
	KN("workload_id", "workload id", "key"),
	ENGINE,
	TOPOLOGY,
	LOCK_KIND,
	ERA,
	SURROUND,
	THREADS,
	DESIGN,
	T("lock", "lock", "which lock; or all of them"),
	N("speed", "speed", "times the recorded pace, as asked for"),
	REPEATS,
	X("load_ratio", "load", "times the recorded rate, as kept"),
	KN("kept_up", "kept up", "1: the run kept that pace"),
	P("wait_percent", "wait", "for the lock, of CPU time: median of the repeats"),
	P("low_wait_percent", "low", "lowest of the repeats"),
	P("high_wait_percent", "high", "highest of the repeats"),
	END,
};

const struct az_column columns_headroom[] = {
	SESSION,
	KN("ladder", "ladder", "runs that differ in design, repeat and speed only"),
	WORKLOAD,
	ENGINE,
	TOPOLOGY,
	LOCK_KIND,
	ERA,
	THREADS,
	SURROUND,
	DESIGN,
	T("lock", "lock", "which lock; or all of them"),
	P("threshold_percent", "wait", "share of CPU time that waits for the lock"),
	T("outcome", "outcome", "reached; not reached, up to the highest load; at lowest: already there"),
	X("load_ratio", "at load", "times the recorded rate"),
	X("load_ratio_low", "low", "where the highest of the repeats reaches it; one repeat: the run below"),
	X("load_ratio_high", "high", "where the lowest of the repeats reaches it; one repeat: the run above"),
	KX("lowest_load_ratio", "from", "lowest load that was run"),
	X("highest_load_ratio", "up to", "highest load that was run"),
	KP("highest_wait_percent", "most", "largest share that was seen"),
	KN("points", "points", "loads that were run"),
	REPEATS,
	VALIDATION,
	KX("native_load_ratio", "native", "the same, measured"),
	P("error_percent", "error", "of the predicted load, where there is a measured one"),
	END,
};

const struct az_column columns_topologies[] = {
	TOPOLOGY,
	KN("seq", "no", "order of the costs"),
	T("cost", "cost", "as --topology names it"),
	NS("cost_ns", "time", "what it costs"),
	T("origin", "origin", "measured, published or assumed"),
	T("source", "source", "where the figure comes from"),
	END,
};

const struct az_column columns_hygiene[] = {
	SESSION,
	SETTING,
	WORKLOAD,
	LOCK_KIND,
	THREADS,
	OVERSUBSCRIBED,
	N("runs", "runs", "all of the setting that it is known of"),
	P("other_percent", "other load", "CPU time of other processes, of all there was"),
	P("steal_percent", "steal", "CPU time that the hypervisor took"),
	{ "load", "load", "highest load average at the end of a run", AZ_COUNT, true, AZ_SHOWN },
	T("governor", "governor", "of CPU 0"),
	N("smt", "SMT", "1: two threads share a core"),
	END,
};
