
-- ---- views_blockers.sql: who waited for whom ----

-- A line per run, lock, mode, waiter's and holder's operation; of sampled runs, scaled to all acquisitions.
CREATE VIEW i_blocker AS
SELECT b.run_id, b.lock, b.mode, b.waiter_op, b.holder_op,
	b.count * COALESCE(l.acquisitions * 1.0 / NULLIF(l.timed, 0), 1) AS count,
	b.wait_ns * COALESCE(l.acquisitions * 1.0 / NULLIF(l.timed, 0), 1) AS wait_ns
FROM blocker b LEFT JOIN lock_stat l ON l.run_id = b.run_id AND l.lock = b.lock AND l.mode = b.mode;

-- Means of the repeats, not medians: they add up. A wait is charged to the operation that
-- held the lock when it was let go. wait_percent: of the threads' time, wall x threads.
CREATE VIEW v_blockers AS
WITH done AS (
	SELECT r.id, r.setting, r.design, r.wall_ns * 1.0 * r.threads AS thread_ns,
		COUNT(*) OVER (PARTITION BY r.setting, r.design) AS repeats FROM i_done r),
part AS (
	SELECT d.setting, d.design, d.repeats, b.lock, b.mode, b.waiter_op, b.holder_op,
		SUM(b.count) / d.repeats AS count, SUM(b.wait_ns) / d.repeats AS wait_ns,
		100.0 * SUM(b.wait_ns / NULLIF(d.thread_ns, 0)) / d.repeats AS wait_percent
	FROM i_blocker b JOIN done d ON d.id = b.run_id
	GROUP BY d.setting, d.design, b.lock, b.mode, b.waiter_op, b.holder_op)
SELECT s.session, s.setting, s.workload, s.engine, s.topology, s.lock_kind, s.threads, s.speed, p.design, p.lock, p.mode,
	p.waiter_op, p.holder_op, p.repeats, p.count, p.wait_ns, p.wait_ns / NULLIF(p.count, 0) AS wait_avg_ns,
	p.wait_percent,
	100.0 * p.wait_ns / NULLIF(SUM(p.wait_ns) OVER (PARTITION BY p.setting, p.design, p.lock), 0) AS share_percent
FROM part p JOIN v_settings s ON s.setting = p.setting;

-- The December 2019 report (wens, v4.19.88, 15,000 sessions): 27.7 % of all cycles waiting in
-- queued_spin_lock_slowpath, 11.0 % of them called from the sync on the fork path, 7.27 % from pgd_alloc.
-- CPU count and rates were never published: what fits is a region, not a point. Cycles are those of
-- CPUs that do something: neither idle nor waiting for another worker.
CREATE VIEW v_bbs_2019 AS
WITH took AS (
	SELECT r.id, r.setting, r.design, r.workload_id, r.threads, r.lock, r.topology, r.speed, r.pace, r.surround,
		r.wall_ns, r.wall_ns * 1.0 * r.threads - t.idle_ns - t.stall_ns AS busy_ns,
		(SELECT SUM(count) FROM run_event e WHERE e.run_id = r.id AND e.event = 'fork') AS forks,
		(SELECT COALESCE(SUM(count), 0) FROM run_event e WHERE e.run_id = r.id AND e.event = 'purge') AS syncs
	FROM i_done r JOIN run_time t ON t.run_id = r.id JOIN workload w ON w.id = r.workload_id
	WHERE w.profile = 'bbs_2019'),
waits AS (
	SELECT k.id, SUM(b.wait_ns) AS all_ns,
		SUM(CASE WHEN b.waiter_op IN ('purge', 'sync', 'vmalloc') THEN b.wait_ns ELSE 0 END) AS sync_ns,
		SUM(CASE WHEN b.waiter_op IN ('fork', 'vfork', 'exec') THEN b.wait_ns ELSE 0 END) AS alloc_ns
	FROM took k JOIN i_blocker b ON b.run_id = k.id AND b.lock = 'pgd_lock' GROUP BY k.id),
point AS (
	SELECT k.design, k.lock, k.threads, k.pace, k.speed, k.surround, k.topology, COUNT(*) AS repeats,
		ROUND(AVG(k.syncs * 1.0 / k.forks), 2) AS syncs_per_fork,
		AVG(k.forks * 1e9 / k.wall_ns) AS forks_per_s,
		AVG(100.0 * COALESCE(w.all_ns, 0) / k.busy_ns) AS wait_percent,
		AVG(100.0 * COALESCE(w.sync_ns, 0) / k.busy_ns) AS sync_wait_percent,
		AVG(100.0 * COALESCE(w.alloc_ns, 0) / k.busy_ns) AS alloc_wait_percent
	FROM took k LEFT JOIN waits w ON w.id = k.id
	WHERE k.busy_ns > 0 AND k.forks > 0
	GROUP BY k.design, k.lock, k.threads, k.pace, k.speed, k.surround, k.topology, k.workload_id)
SELECT p.topology, p.lock AS lock_kind, p.pace, p.speed, p.surround, p.design, p.threads, p.syncs_per_fork, p.repeats,
	p.forks_per_s, p.wait_percent, p.sync_wait_percent, p.alloc_wait_percent,
	p.sync_wait_percent / NULLIF(p.alloc_wait_percent, 0) AS split_ratio,
	n.forks_per_s / p.forks_per_s AS gain_ratio,
	p.wait_percent BETWEEN 22.7 AND 32.7 AS in_wait,
	COALESCE(p.wait_percent BETWEEN 22.7 AND 32.7
		AND p.sync_wait_percent / NULLIF(p.alloc_wait_percent, 0) BETWEEN 1.21 AND 1.81, 0) AS in_region
FROM point p LEFT JOIN point n ON n.syncs_per_fork = 0 AND n.design = p.design AND n.lock = p.lock
	AND n.threads = p.threads AND n.pace = p.pace AND n.speed = p.speed AND n.surround = p.surround
	AND n.topology = p.topology;
