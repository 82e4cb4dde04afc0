
-- ---- views_who.sql: when it was contended, by whose operations, and what took longest ----

-- A line per run, lock, mode and interval in which the lock was taken. wait_percent: of the threads' time,
-- length x threads; utilisation: part of the interval during which it was held (of a read lock: the mean
-- number of holders). An operation's waits and holds lie where it began, so that one may exceed 100 %.
CREATE VIEW v_timeline AS
SELECT t.run_id, r.session, r.setting, w.path AS workload, r.engine, r.topology, r.design, r.lock AS lock_kind, r.threads,
	r.speed, r.repeat_no, r.wall_ns, t.lock, t.mode, t.seq, t.begin_ns, t.length_ns, t.acquisitions, t.contentions,
	100.0 * t.contentions / NULLIF(t.acquisitions, 0) AS contention_percent, t.timed, t.wait_ns, t.hold_ns,
	100.0 * t.wait_ns / NULLIF(t.length_ns * 1.0 * r.threads, 0) AS wait_percent,
	100.0 * t.hold_ns / NULLIF(t.length_ns, 0) AS utilisation_percent
FROM timeline t JOIN i_run r ON r.id = t.run_id JOIN workload w ON w.id = r.workload_id;

-- Means of the repeats, not medians: they add up. wait, hold and caused: of the threads' time, wall x threads.
-- A wait is charged to the name of the task that held the lock when it was let go (caused).
CREATE VIEW v_comm_ops AS
WITH done AS (
	SELECT r.id, r.setting, r.design, r.wall_ns * 1.0 * r.threads AS thread_ns,
		COUNT(*) OVER (PARTITION BY r.setting, r.design) AS repeats FROM i_done r),
part AS (
	SELECT d.setting, d.design, d.repeats, c.comm, c.op, SUM(c.count) * 1.0 / d.repeats AS count, SUM(c.timed) AS timed,
		SUM(c.wait_ns) * 1.0 / d.repeats AS wait_ns, SUM(c.hold_ns) * 1.0 / d.repeats AS hold_ns,
		SUM(c.caused) * 1.0 / d.repeats AS caused, SUM(c.caused_ns) * 1.0 / d.repeats AS caused_ns,
		100.0 * SUM(c.wait_ns / NULLIF(d.thread_ns, 0)) / d.repeats AS wait_percent,
		100.0 * SUM(c.hold_ns / NULLIF(d.thread_ns, 0)) / d.repeats AS hold_percent,
		100.0 * SUM(c.caused_ns / NULLIF(d.thread_ns, 0)) / d.repeats AS caused_percent
	FROM comm_stat c JOIN done d ON d.id = c.run_id
	GROUP BY d.setting, d.design, c.comm, c.op)
SELECT s.session, s.setting, s.workload, s.engine, s.topology, s.lock_kind, s.threads, s.speed, p.design, p.comm, p.op,
	p.repeats, p.count, p.timed, p.wait_ns, p.wait_ns / NULLIF(p.count, 0) AS wait_avg_ns, p.wait_percent, p.hold_ns,
	p.hold_percent, p.caused, p.caused_ns, p.caused_percent
FROM part p JOIN v_settings s ON s.setting = p.setting;

CREATE VIEW v_comms AS
WITH name AS (
	SELECT session, setting, workload, engine, topology, lock_kind, threads, speed, design, comm, repeats,
		SUM(count) AS count, SUM(timed) AS timed, SUM(wait_ns) AS wait_ns, SUM(wait_percent) AS wait_percent,
		SUM(hold_ns) AS hold_ns, SUM(hold_percent) AS hold_percent, SUM(caused) AS caused, SUM(caused_ns) AS caused_ns,
		SUM(caused_percent) AS caused_percent
	FROM v_comm_ops GROUP BY setting, design, comm)
SELECT session, setting, workload, engine, topology, lock_kind, threads, speed, design, comm, repeats, count, timed,
	wait_ns, wait_ns / NULLIF(count, 0) AS wait_avg_ns, wait_percent, hold_ns, hold_percent, caused, caused_ns,
	caused_percent, 100.0 * caused_ns / NULLIF(SUM(caused_ns) OVER (PARTITION BY setting, design), 0) AS share_percent
FROM name;

CREATE VIEW v_slowest AS
SELECT s.run_id, r.session, r.setting, w.path AS workload, r.engine, r.topology, r.design, r.lock AS lock_kind, r.threads,
	r.speed, r.repeat_no, s.seq, s.op, s.latency_ns, s.late_ns, s.wait_ns, 100.0 * s.wait_ns / NULLIF(s.latency_ns, 0) AS wait_percent,
	s.lock, s.mode, s.longest_ns, s.holder_op, s.holder_comm, s.begin_ns, s.worker, s.comm, s.task, s.event
FROM slow_op s JOIN i_run r ON r.id = s.run_id JOIN workload w ON w.id = r.workload_id;
