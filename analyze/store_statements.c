/* The statements that write, one row each. */
#include "analyze/store.h"

#include <stddef.h>

/*
 * What runs o and r have in common that differ in design, repeat and threads at most. The
 * partition goes with the threads: by CPU where there are as many as were recorded, else by task.
 */
#define SAME_SERIES                                                                                                    \
	"o.session = r.session AND o.workload_id = r.workload_id AND o.machine_id = r.machine_id"                      \
	" AND o.subject = r.subject AND o.engine = r.engine AND o.lock = r.lock AND o.era = r.era"                     \
	" AND o.geometry = r.geometry AND o.order_mode = r.order_mode"                                                 \
	" AND o.pace = r.pace AND o.speed = r.speed AND o.copies = r.copies AND o.measure = r.measure"                 \
	" AND o.sample_every = r.sample_every AND o.surround = r.surround AND o.inject = r.inject"                     \
	" AND o.delay = r.delay AND o.topology = r.topology"

static const char *const text[ST_NR] = {
	[ST_MACHINE] =
		"INSERT INTO machine (host, kernel, cpu_model, cpus, memory_bytes, tsc_ghz, clock_read_ns)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (host, kernel, cpu_model, cpus, memory_bytes) DO UPDATE SET tsc_ghz = excluded.tsc_ghz,"
		" clock_read_ns = excluded.clock_read_ns RETURNING id",
	[ST_WORKLOAD] =
		"INSERT INTO workload (path, source, source_hash, host, kernel, profile, duration_ns, cpus, tasks, mms,"
		" peak_mms, lost, unresolved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (source_hash) DO UPDATE SET path = excluded.path, source = excluded.source,"
		" host = excluded.host, kernel = excluded.kernel, profile = excluded.profile,"
		" duration_ns = excluded.duration_ns, cpus = excluded.cpus, tasks = excluded.tasks, mms = excluded.mms,"
		" peak_mms = excluded.peak_mms, lost = excluded.lost, unresolved = excluded.unresolved RETURNING id",
	[ST_WORKLOAD_EVENTS_GONE] = "DELETE FROM workload_event WHERE workload_id = ?",
	[ST_WORKLOAD_EVENT] = "INSERT INTO workload_event (workload_id, event, count) VALUES (?, ?, ?)",
	[ST_KERNEL_CONTENTION_GONE] = "DELETE FROM kernel_contention WHERE workload_id = ?",
	[ST_KERNEL_CONTENTION] = "INSERT INTO kernel_contention (workload_id, seq, caller, within, type, contentions,"
				 " wait_total_ns, wait_min_ns, wait_max_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_CALIBRATION] = "INSERT OR REPLACE INTO calibration (measured_at, machine_id, name, ps, low_ps, high_ps, "
			   "runs, origin, source)"
			   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_RESUME] = "SELECT session FROM run WHERE workload_id = ? AND machine_id = ? AND subject = ? AND engine = ?"
		      " AND era = ? AND geometry = ? AND order_mode = ? AND pace = ? AND copies = ? AND measure = ?"
		      " AND sample_every = ? AND surround = ? AND inject = ? AND delay = ? AND seed = ? AND version = ?"
		      " AND topology = ? ORDER BY session DESC LIMIT 1",
	/* 1 + enum result_verdict. */
	[ST_RUN_THERE] =
		"SELECT CASE verdict WHEN 'unchecked' THEN 1 WHEN 'pass' THEN 2 ELSE 3 END FROM run"
		" WHERE session = ? AND design = ? AND lock = ? AND threads = ? AND partition = ? AND speed = ?"
		" AND repeat_no = ? AND status = 'done' LIMIT 1",
	[ST_RUN] =
		"INSERT INTO run (workload_id, machine_id, session, subject, design, engine, lock, era, geometry, "
		"threads,"
		" oversubscribed, floor, partition, order_mode, pace, speed, copies, measure, sample_every, surround, "
		"inject, delay,"
		" repeat_no, seed, version, command, topology, started_at, setting, series, status, verdict, "
		"state_digest, "
		"events,"
		" wall_ns, pairs_compared, peak_mms, failure)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		" strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0, 0, 'running', 'unchecked', '', 0, 0, 0, 0, '') "
		"RETURNING id",
	[ST_RUN_SETTING] = "UPDATE run AS r SET"
			   " setting = (SELECT MIN(id) FROM run o WHERE o.threads = r.threads AND o.partition = "
			   "r.partition AND " SAME_SERIES "),"
			   " series = (SELECT MIN(id) FROM run o WHERE " SAME_SERIES ") WHERE id = ? RETURNING id",
	[ST_RUN_DONE] =
		"UPDATE run SET status = ?, verdict = ?, state_digest = ?, events = ?, wall_ns = ?, pairs_compared = ?,"
		" peak_mms = ?, failure = ? WHERE id = ? AND status = 'running' RETURNING id",
	[ST_REFERENCE] = "INSERT OR REPLACE INTO reference_run (setting, repeat_no, design, events, wall_ns)"
			 " SELECT setting, ?, ?, ?, ? FROM run WHERE id = ? RETURNING setting",
	[ST_RUN_EVENT] = "INSERT INTO run_event (run_id, event, count) VALUES (?, ?, ?)",
	[ST_OP_STAT] = "INSERT INTO op_stat (run_id, op, count, timed, total_ns, min_ns, p50_ns, p90_ns, p99_ns, "
		       "p999_ns, max_ns)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_OP_HIST] = "INSERT INTO op_hist (run_id, op, bucket_ns, count) VALUES (?, ?, ?, ?)",
	[ST_LOCK_STAT] =
		"INSERT INTO lock_stat (run_id, lock, mode, acquisitions, contentions, acq_bounces, con_bounces, timed,"
		" wait_total_ns, hold_total_ns, wait_min_ns, wait_p99_ns, wait_max_ns, hold_min_ns, hold_p50_ns, "
		"hold_p99_ns,"
		" hold_max_ns, excl_total_ns, descheduled, descheduled_ns, hold_clock_ns)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_LOCK_HIST] = "INSERT INTO lock_hist (run_id, lock, mode, kind, bucket_ns, count) VALUES (?, ?, ?, ?, ?, ?)",
	[ST_VIOLATION] = "INSERT INTO violation (run_id, seq, invariant, detail, event, task, mm, slot, count)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_REPLAY_ERROR] =
		"INSERT INTO replay_error (run_id, constraints, constraints_waited, stall_ns, rcu_ns, oracle_ns,"
		" drift_count, drift_p50_ns, drift_p99_ns, drift_max_ns, constraints_dropped,"
		" paced_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_DRIFT_HIST] = "INSERT INTO drift_hist (run_id, bucket_ns, count) VALUES (?, ?, ?)",
	[ST_RUN_TIME] = "INSERT INTO run_time (run_id, wait_ns, hold_ns, work_ns, surround_ns, stall_ns, idle_ns,"
			" rcu_ns, harness_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_RUN_HYGIENE] = "INSERT INTO run_hygiene (run_id, cpu_ns, other_ns, steal_ns, load, governor, smt)"
			   " VALUES (?, ?, ?, ?, ?, ?, ?)",
	/* Engines may report a line twice, by two names of one operation. */
	[ST_LINE_CONFLICT] =
		"INSERT INTO line_conflict (run_id, op, line, count, stall_ns) VALUES (?, ?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET count = count + excluded.count, stall_ns = stall_ns + excluded.stall_ns",
	[ST_BLOCKER] = "INSERT INTO blocker (run_id, lock, mode, waiter_op, holder_op, count, wait_ns)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?)",
	[ST_TIMELINE] = "INSERT INTO timeline (run_id, lock, mode, seq, begin_ns, length_ns, acquisitions, contentions,"
			" timed, wait_ns, hold_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	/* Two names may be one once they are safe. */
	[ST_COMM_STAT] = "INSERT INTO comm_stat (run_id, comm, op, count, timed, wait_ns, hold_ns, caused, caused_ns)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
			 " ON CONFLICT DO UPDATE SET count = count + excluded.count, timed = timed + excluded.timed,"
			 " wait_ns = wait_ns + excluded.wait_ns, hold_ns = hold_ns + excluded.hold_ns,"
			 " caused = caused + excluded.caused, caused_ns = caused_ns + excluded.caused_ns",
	[ST_SLOW_OP] = "INSERT INTO slow_op (run_id, seq, op, latency_ns, begin_ns, late_ns, worker, task, comm, "
		       "event, wait_ns,"
		       " lock, mode, longest_ns, holder_op, holder_comm)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, ''), NULLIF(?, ''), ?, NULLIF(?, ''),"
		       " NULLIF(?, ''))",
	[ST_TOPOLOGY] = "INSERT INTO topology (spec) VALUES (?)"
			" ON CONFLICT (spec) DO UPDATE SET spec = excluded.spec RETURNING id",
	[ST_TOPOLOGY_COSTS_GONE] = "DELETE FROM topology_cost WHERE topology_id = ?",
	[ST_TOPOLOGY_COST] = "INSERT INTO topology_cost (topology_id, seq, name, ps, origin, source)"
			     " VALUES (?, ?, ?, ?, ?, ?)",
};

sqlite3_stmt *store_statement(struct store *s, enum store_statement n, struct mmr_err *e)
{
	if (!s->st[n] && sql_prepare(&s->sql, text[n], &s->st[n], e))
		return NULL;
	return s->st[n];
}
