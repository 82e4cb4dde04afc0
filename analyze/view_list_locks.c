/* Columns of the views about locks and operations. */
#include "analyze/view_columns.h"

#define LOCK T("lock", "lock", "which lock")
#define MODE T("mode", "mode", "read, write or exclusive")
#define COUNTS                                                                                                         \
	N("acquisitions", "acquired", "how often it was taken"),                                                       \
		N("contentions", "contended", "how often it was not free"),                                            \
		P("contention_percent", "cont.", "part of the acquisitions that had to wait"),                         \
		KN("acq_bounces", "acq bounces", "taken by another CPU than before"),                                  \
		KN("con_bounces", "con bounces", "contended from another CPU than the last one"),                      \
		KN("timed", "timed", "acquisitions that the times are from")
#define UTILISATION                                                                                                    \
	P("utilisation_percent", "util", "part of the run during which it was held; readers: mean number x 100"),      \
		P("wait_share_percent", "wait share", "part of the threads' time spent waiting for it")

const struct az_column columns_locks[] = {
	SESSION,
	SETTING,
	WORKLOAD,
	ENGINE_VARIES,
	SPEED,
	THREADS,
	OVERSUBSCRIBED,
	LOCK_KIND,
	DESIGN,
	LOCK,
	MODE,
	REPEATS,
	COUNTS,
	KNS("wait_total_ns", "wait total", "all waiting, scaled up from the timed ones"),
	NS("wait_avg_ns", "wait avg", "per acquisition, waiting or not"),
	NS("wait_p99_ns", "wait p99", "of all acquisitions, waiting or not"),
	NS("wait_max_ns", "wait max", "longest of all repeats"),
	KNS("hold_total_ns", "hold total", "all holding, scaled up from the timed ones"),
	NS("hold_avg_ns", "hold avg", "per acquisition"),
	KNS("hold_p50_ns", "hold p50", "median"),
	NS("hold_p99_ns", "hold p99", "99th percentile"),
	NS("hold_max_ns", "hold max", "longest of all repeats"),
	UTILISATION,
	END,
};

const struct az_column columns_descheduled[] = {
	SESSION,
	SETTING,
	LOCK_KIND,
	THREADS,
	DESIGN,
	LOCK,
	REPEATS,
	N("timed", "timed", "acquisitions that were looked at, all repeats"),
	N("descheduled", "off CPU", "of them, with the holder off its CPU"),
	NS("descheduled_ns", "off total", "how long those holds were, all together"),
	NS("descheduled_avg_ns", "off avg", "and each"),
	NS("hold_avg_ns", "hold avg", "without them: per acquisition"),
	NS("hold_avg_all_ns", "with them", "the same with them"),
	END,
};

const struct az_column columns_lock_detail[] = {
	N("run_id", "run", "the run's number"),
	SESSION,
	SETTING,
	DESIGN,
	KT("lock_kind", "kind", "kind of spinlock"),
	THREADS,
	KN("repeat_no", "repeat", "repeats are interleaved"),
	KT("status", "status", "running, done, interrupted or failed"),
	LOCK,
	MODE,
	COUNTS,
	NS("wait_total_ns", "wait total", "all waiting, scaled up from the timed ones"),
	NS("wait_avg_ns", "wait avg", "per acquisition, waiting or not"),
	KNS("wait_per_contention_ns", "wait/cont.", "per acquisition that had to wait"),
	KNS("wait_min_ns", "wait min", "shortest of those that waited"),
	NS("wait_p99_ns", "wait p99", "of all acquisitions, waiting or not"),
	NS("wait_max_ns", "wait max", "longest"),
	NS("hold_total_ns", "hold total", "all holding, scaled up from the timed ones"),
	NS("hold_avg_ns", "hold avg", "per acquisition"),
	KNS("hold_min_ns", "hold min", "shortest"),
	KNS("hold_p50_ns", "hold p50", "median"),
	NS("hold_p99_ns", "hold p99", "99th percentile"),
	NS("hold_max_ns", "hold max", "longest"),
	KNS("excl_total_ns", "hold excl.", "time in holds that lie in no other one"),
	N("descheduled", "off CPU", "timed holds with the holder off its CPU, set apart from all hold figures"),
	KNS("descheduled_ns", "off CPU", "how long those were"),
	UTILISATION,
	END,
};

#define BUCKET                                                                                                         \
	NS("bucket_ns", "from", "lower bound of the bucket, inclusive"),                                               \
		NS("upper_ns", "to", "upper bound, exclusive"), N("count", "count", "values in the bucket"),           \
		P("percent", "share", "of all values"),                                                                \
		P("cumulative_percent", "up to here", "of all values, this bucket included")

const struct az_column columns_lock_hist[] = {
	SESSION, SETTING, THREADS, LOCK_KIND, DESIGN, LOCK, MODE, T("kind", "what", "wait or hold"), BUCKET, END,
};

const struct az_column columns_lock_octaves[] = {
	SESSION,
	SETTING,
	THREADS,
	LOCK_KIND,
	DESIGN,
	LOCK,
	MODE,
	T("kind", "what", "wait or hold"),
	NS("lower_ns", "from", "lower bound, inclusive"),
	NS("upper_ns", "to", "upper bound, exclusive"),
	N("count", "count", "values in between"),
	P("percent", "share", "of all values"),
	P("cumulative_percent", "up to here", "of all values, these included"),
	END,
};

const struct az_column columns_op_hist[] = {
	SESSION, SETTING, THREADS, LOCK_KIND, DESIGN, T("op", "operation", "what was timed"), BUCKET, END,
};

const struct az_column columns_ops[] = {
	SESSION,
	SETTING,
	WORKLOAD,
	ENGINE_VARIES,
	SPEED,
	THREADS,
	OVERSUBSCRIBED,
	LOCK_KIND,
	DESIGN,
	T("op", "operation", "what was timed"),
	REPEATS,
	N("count", "count", "all of them, per run"),
	KN("timed", "timed", "those that the latencies are from, all repeats"),
	NS("mean_ns", "mean", "of the timed ones"),
	KNS("min_ns", "min", "shortest of all repeats"),
	NS("p50_ns", "p50", "median"),
	NS("p90_ns", "p90", "90th percentile"),
	NS("p99_ns", "p99", "99th percentile"),
	NS("p999_ns", "p99.9", "99.9th percentile"),
	NS("max_ns", "max", "longest of all repeats"),
	END,
};

const struct az_column columns_cost[] = {
	SESSION,
	KN("workload_id", "workload id", "key"),
	SERIES,
	WORKLOAD,
	LOCK_KIND,
	DESIGN,
	LOCK,
	MODE,
	KN("measured_threads", "at threads", "thread count of the runs that the hold times are from"),
	REPEATS,
	R("rate_per_s", "taken", "acquisitions per second at the recorded rate"),
	NS("hold_avg_ns", "hold", "mean, least disturbed runs"),
	P("utilisation_percent", "util", "rate x hold"),
	N("saturated", "saturated", "1: it cannot bear the recorded rate"),
	NS("wait_avg_ns", "exp. wait", "expected wait per acquisition"),
	P("cost_percent", "cost", "share of the recorded CPUs' time: rate x (hold + wait) / CPUs"),
	X("saturates_at_ratio", "saturates at", "times the recorded rate"),
	KN("recorded_cpus", "recorded CPUs", "CPUs as recorded"),
	END,
};
