
-- ---- views_kernel.sql: the kernel's own waits for its locks, beside the replay's ----
--
-- The kernel's are what lock:contention_begin and _end said while it was captured; there is
-- nothing to compare with when the capture holds none. They begin where a lock's slow path
-- does: who only spins on a qspinlock's pending bit (on a real machine the first to wait) is
-- not among them, and the kernel's figures are lower bounds there.

-- Which function of the kernel takes which lock of the replay. Other locks that these take are not replayed.
CREATE VIEW i_kernel_caller AS
SELECT column1 AS lock, column2 AS type, column3 AS caller, column4 AS is_asked FROM (VALUES
	('tasklist_lock', 'rwlock:W', 'copy_process', 1), ('tasklist_lock', 'rwlock:W', 'do_exit', 1),
	('tasklist_lock', 'rwlock:W', 'release_task', 1), ('tasklist_lock', 'rwlock:W', 'de_thread', 0),
	('tasklist_lock', 'rwlock:W', 'begin_new_exec', 0),
	('pgd_lock', 'spinlock', 'pgd_alloc', 1), ('pgd_lock', 'spinlock', 'pgd_free', 1),
	('pgd_lock', 'spinlock', 'sync_global_pgds', 0), ('pgd_lock', 'spinlock', 'sync_global_pgds_l4', 0),
	('pgd_lock', 'spinlock', 'sync_global_pgds_l5', 0), ('pgd_lock', 'spinlock', 'arch_sync_kernel_mappings', 0),
	('pgd_lock', 'spinlock', 'vmalloc_sync_all', 0));

-- The parts that are compared, with the callers of each. The replay's exit does what do_exit
-- and the parent's release_task do, in one operation (v_kernel_waits has them apart).
CREATE VIEW i_kernel_part AS
SELECT 1 AS place, lock, caller AS part, type, caller FROM i_kernel_caller WHERE caller = 'copy_process'
UNION ALL SELECT 2, lock, 'do_exit + release_task', type, caller FROM i_kernel_caller
	WHERE caller IN ('do_exit', 'release_task')
UNION ALL SELECT 3, lock, 'all', type, caller FROM i_kernel_caller WHERE lock = 'tasklist_lock'
UNION ALL SELECT 4, lock, caller, type, caller FROM i_kernel_caller WHERE caller = 'pgd_alloc'
UNION ALL SELECT 5, lock, caller, type, caller FROM i_kernel_caller WHERE caller = 'pgd_free'
UNION ALL SELECT 6, lock, 'all', type, caller FROM i_kernel_caller WHERE lock = 'pgd_lock';

-- Which operations of the replay do the same. (exec does both: what it allocates is freed later.)
CREATE VIEW i_kernel_op AS
SELECT column1 AS place, column2 AS op FROM (VALUES (1, 'fork'), (1, 'vfork'), (1, 'thread'), (2, 'exit'),
	(4, 'fork'), (4, 'vfork'), (4, 'exec'), (5, 'exit'), (5, 'free'), (5, 'context_switch'));

-- The kernel's side: a line per workload with such events and part; 0 where it did not wait.
CREATE VIEW i_kernel_seen AS
WITH captured AS (SELECT DISTINCT workload_id FROM kernel_contention),
nameless AS (SELECT workload_id, SUM(contentions) AS n FROM kernel_contention
	WHERE caller IN ('(unknown)', '(other)') GROUP BY workload_id)
SELECT c.workload_id, p.place, COALESCE(SUM(k.contentions), 0) AS contentions,
	COALESCE(SUM(k.wait_total_ns), 0) AS wait_total_ns, MAX(k.wait_max_ns) AS wait_max_ns,
	COALESCE((SELECT n FROM nameless n WHERE n.workload_id = c.workload_id), 0) AS nameless
FROM captured c JOIN i_kernel_part p
LEFT JOIN kernel_contention k ON k.workload_id = c.workload_id AND k.caller = p.caller AND k.type = p.type
GROUP BY c.workload_id, p.place;

-- The replay's side, per second and of the recorded CPUs. paced: means of the runs at the
-- recorded pace. expected: where there are no such runs, what v_cost says; a lock is found
-- taken with the probability of its utilisation.
CREATE VIEW i_kernel_replayed AS
WITH paced AS MATERIALIZED (
	SELECT id, session, workload_id, setting, engine, lock AS lock_kind, threads, oversubscribed, design, wall_ns,
		COUNT(*) OVER (PARTITION BY setting, design) AS repeats,
		MIN(id) OVER (PARTITION BY setting, design) AS first_run
	FROM i_done WHERE pace = 'recorded' AND speed = 1 AND copies = 1 AND delay = '' AND measure <> 'off' AND wall_ns > 0
		AND NOT floor),
measured AS (
	SELECT p.id, b.place, SUM(b.count) AS contentions, SUM(b.wait_ns) AS wait_ns FROM paced p JOIN (
		SELECT b.run_id, o.place, b.count, b.wait_ns FROM i_blocker b JOIN i_kernel_op o ON o.op = b.waiter_op
			AND b.lock = CASE WHEN o.place < 4 THEN 'tasklist_lock' ELSE 'pgd_lock' END
			AND b.mode = CASE WHEN o.place < 4 THEN 'write' ELSE 'exclusive' END
		UNION ALL SELECT run_id, CASE lock WHEN 'pgd_lock' THEN 6 ELSE 3 END, contentions, wait_total_ns FROM lock_stat
			WHERE (lock = 'tasklist_lock' AND mode = 'write') OR (lock = 'pgd_lock' AND mode = 'exclusive')) b
	ON b.run_id = p.id GROUP BY p.id, b.place)
SELECT 'paced' AS basis, p.session, p.workload_id, p.engine, p.lock_kind, p.threads, p.oversubscribed, p.design,
	MIN(p.first_run) AS first_run, MIN(p.repeats) AS repeats, n.place,
	SUM(COALESCE(m.contentions, 0) * 1e9 / p.wall_ns) / MIN(p.repeats) AS contentions_per_s,
	SUM(COALESCE(m.wait_ns, 0) * 1e9 / p.wall_ns) / MIN(p.repeats) AS wait_ns_per_s
FROM paced p JOIN (SELECT DISTINCT place FROM i_kernel_part) n LEFT JOIN measured m ON m.id = p.id AND m.place = n.place
GROUP BY p.setting, p.design, n.place
UNION ALL
SELECT 'expected', c.session, c.workload_id, (SELECT engine FROM i_run r WHERE r.id = c.series), c.lock_kind, c.measured_threads, 0, c.design, c.series, c.repeats,
	CASE c.lock WHEN 'pgd_lock' THEN 6 ELSE 3 END, c.rate_per_s * c.utilisation_percent / 100,
	c.rate_per_s * c.wait_avg_ns
FROM v_cost c
WHERE ((c.lock = 'tasklist_lock' AND c.mode = 'write') OR (c.lock = 'pgd_lock' AND c.mode = 'exclusive'))
	AND NOT EXISTS (SELECT 1 FROM paced p WHERE p.session = c.session AND p.workload_id = c.workload_id
		AND p.lock_kind = c.lock_kind AND p.design = c.design)
	AND NOT EXISTS (SELECT 1 FROM i_done r WHERE r.series = c.series AND (r.floor OR r.delay <> '') AND r.design = c.design);

-- A line per part of the kernel, design and lock kind. apart_ratio: the replay's share of CPU
-- time over the kernel's.
CREATE VIEW v_kernel AS
WITH part AS (SELECT DISTINCT place, lock, part FROM i_kernel_part),
both AS (
	SELECT r.*, p.lock, p.part, w.path AS workload, k.contentions AS kernel_contentions, k.wait_total_ns, k.wait_max_ns,
		k.nameless, NULLIF(w.duration_ns, 0) / 1e9 AS seconds, NULLIF(w.cpus, 0) AS cpus
	FROM i_kernel_replayed r JOIN part p ON p.place = r.place JOIN workload w ON w.id = r.workload_id
	LEFT JOIN i_kernel_seen k ON k.workload_id = r.workload_id AND k.place = r.place),
share AS (
	SELECT *, contentions_per_s * seconds / kernel_contentions AS more,
		wait_ns_per_s / contentions_per_s / (wait_total_ns * 1.0 / kernel_contentions) AS longer,
		wait_ns_per_s / 1e7 / cpus AS wait_percent, wait_total_ns / seconds / 1e7 / cpus AS kernel_wait_percent
	FROM both)
SELECT session, workload_id, workload, place, lock, part, kernel_contentions / seconds AS kernel_contentions_per_s,
	wait_total_ns * 1.0 / NULLIF(kernel_contentions, 0) AS kernel_wait_avg_ns, wait_max_ns AS kernel_wait_max_ns,
	kernel_wait_percent, basis, engine, lock_kind, threads, oversubscribed, design, repeats, contentions_per_s,
	wait_ns_per_s / NULLIF(contentions_per_s, 0) AS wait_avg_ns, wait_percent,
	wait_percent / NULLIF(kernel_wait_percent, 0) AS apart_ratio,
	CASE WHEN kernel_contentions IS NULL THEN 'the capture holds no contention events'
		WHEN contentions_per_s IS NULL THEN 'not timed in the replay'
		WHEN kernel_contentions = 0 THEN 'none seen in the kernel'
			|| CASE WHEN nameless > 0 THEN printf(' (%d waits have no name)', nameless) ELSE '' END
			|| CASE WHEN contentions_per_s = 0 THEN ', nor in the replay' ELSE '' END
		WHEN contentions_per_s = 0 THEN 'none in the replay'
		ELSE printf(CASE WHEN more < 100 THEN '%.2g' ELSE '%.0f' END || 'x the waits, each '
			|| CASE WHEN longer < 100 THEN '%.2g' ELSE '%.0f' END || 'x as long', more, longer) END AS apart,
	first_run
FROM share;

-- What the capture says, as it is; of the functions that are asked for also those that never waited.
CREATE VIEW v_kernel_waits AS
WITH shown AS (SELECT DISTINCT session, workload_id FROM i_run),
captured AS (SELECT DISTINCT workload_id FROM kernel_contention),
waits AS (
	SELECT k.workload_id, k.caller, k.within, k.type, c.lock, k.contentions, k.wait_total_ns, k.wait_max_ns
	FROM kernel_contention k LEFT JOIN i_kernel_caller c ON c.caller = k.caller AND c.type = k.type
	UNION ALL SELECT d.workload_id, c.caller, '', c.type, c.lock, 0, 0, NULL FROM captured d JOIN i_kernel_caller c
	WHERE c.is_asked AND NOT EXISTS (SELECT 1 FROM kernel_contention k
		WHERE k.workload_id = d.workload_id AND k.caller = c.caller AND k.type = c.type))
SELECT s.session, k.workload_id, w.path AS workload, k.caller, k.within, k.type, k.lock IS NOT NULL AS is_replayed,
	k.lock AS stands_for, k.contentions, k.contentions * 1e9 / NULLIF(w.duration_ns, 0) AS contentions_per_s,
	k.wait_total_ns, k.wait_total_ns * 1.0 / NULLIF(k.contentions, 0) AS wait_avg_ns, k.wait_max_ns,
	100.0 * k.wait_total_ns / NULLIF(w.duration_ns, 0) / NULLIF(w.cpus, 0) AS wait_percent
FROM waits k JOIN shown s ON s.workload_id = k.workload_id JOIN workload w ON w.id = k.workload_id;
