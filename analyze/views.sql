-- views.sql - every number that is shown, as a view anyone can query:
--
--   sqlite3 mmreplay.db 'SELECT * FROM v_compare'
--
-- They need only what a stock sqlite3 of 3.35 or later has, its mathematical
-- functions included. v_... are for people, i_... are steps on the way. Units
-- are in the columns' names. Rules that hold everywhere:
--
-- * Only runs that are `done` enter a statistic; the others are counted.
-- * setting: runs of a session that differ in nothing but design and repeat share
--   it. series: the same with any number of threads (results.sql).
-- * The baseline of a setting is, of its designs, the one that the session ran first; the
--   floor (what the harness alone costs) only when there is nothing else.
-- * A figure of several repeats is their median.
-- * i_run is where all runs come from: the report puts those of one session in its place
--   (az_focus). What looks beyond that session takes i_any_run.
-- * 2n BETWEEN k AND k + 2 picks the middle one of k numbered values, or the middle two.

CREATE VIEW i_any_run AS
SELECT *, CASE WHEN wall_ns > 0 THEN events * 1e9 / wall_ns END AS events_per_s FROM run;

CREATE VIEW i_run AS SELECT * FROM i_any_run;

CREATE VIEW i_done AS SELECT * FROM i_run WHERE status = 'done';

CREATE VIEW i_baseline AS
WITH first AS (SELECT session, workload_id, design, MAX(floor) AS floor, MIN(id) AS id
	FROM i_run GROUP BY session, workload_id, design),
present AS (SELECT setting, session, workload_id, design FROM i_run GROUP BY setting, design)
SELECT p.setting, p.design, MIN(f.floor * 1000000000000 + f.id) AS first_run
FROM present p JOIN first f ON f.session = p.session AND f.workload_id = p.workload_id AND f.design = p.design
GROUP BY p.setting;

-- What a setting is, in words.
CREATE VIEW v_settings AS
SELECT r.setting, r.series, r.session, r.workload_id, w.path AS workload, r.machine_id, r.subject, r.engine,
	r.lock AS lock_kind, r.era, r.geometry, r.threads, MAX(r.oversubscribed) AS oversubscribed, r.partition,
	r.order_mode, r.pace, r.speed, r.copies, r.measure, r.sample_every, r.surround, r.inject, r.delay, r.topology,
	COUNT(*) AS runs, SUM(r.status = 'done') AS done,
	b.design AS baseline
FROM i_run r JOIN workload w ON w.id = r.workload_id JOIN i_baseline b ON b.setting = r.setting
GROUP BY r.setting;

CREATE VIEW v_sessions AS
WITH recorded AS (
	SELECT workload_id, SUM(count) AS events, SUM(CASE event WHEN 'fork' THEN count ELSE 0 END) AS forks
	FROM workload_event GROUP BY workload_id)
SELECT r.session, r.workload_id, w.path AS workload, w.source, w.profile, w.host AS recorded_host,
	w.kernel AS recorded_kernel, w.duration_ns, w.cpus AS recorded_cpus, w.tasks, w.mms, w.peak_mms,
	COALESCE(c.events, 0) AS recorded_events, COALESCE(c.forks, 0) AS recorded_forks,
	CASE WHEN w.duration_ns > 0 THEN COALESCE(c.events, 0) * 1e9 / w.duration_ns END AS recorded_events_per_s,
	CASE WHEN w.duration_ns > 0 THEN COALESCE(c.forks, 0) * 1e9 / w.duration_ns END AS recorded_forks_per_s,
	w.lost, w.unresolved,
	m.host, m.kernel, m.cpu_model, m.cpus, m.memory_bytes, m.clock_read_ns,
	MIN(r.started_at) AS started_at,
	(SELECT group_concat(design, ',') FROM (SELECT design FROM i_run d
		WHERE d.session = r.session AND +d.workload_id = r.workload_id GROUP BY design ORDER BY MIN(id))) AS designs,
	(SELECT group_concat(lock, ',') FROM (SELECT lock FROM i_run d
		WHERE d.session = r.session AND +d.workload_id = r.workload_id GROUP BY lock ORDER BY MIN(id))) AS lock_kinds,
	(SELECT group_concat(threads, ',') FROM (SELECT DISTINCT threads FROM i_run d
		WHERE d.session = r.session AND +d.workload_id = r.workload_id ORDER BY threads)) AS threads,
	COUNT(*) AS runs, SUM(r.status = 'done') AS done, SUM(r.status = 'running') AS running,
	SUM(r.status = 'interrupted') AS interrupted, SUM(r.status = 'failed') AS failed,
	SUM(r.verdict = 'violation') AS violations, r.version, r.command
FROM i_run r JOIN workload w ON w.id = r.workload_id JOIN machine m ON m.id = r.machine_id
LEFT JOIN recorded c ON c.workload_id = w.id
GROUP BY r.session, r.workload_id, r.machine_id;

CREATE VIEW v_runs AS
SELECT r.id AS run_id, r.session, r.setting, r.started_at, w.path AS workload, r.subject, r.design, r.engine,
	r.lock AS lock_kind, r.era, r.geometry, r.threads, r.oversubscribed, r.repeat_no, r.status, r.verdict, r.events,
	r.wall_ns, r.events_per_s, r.peak_mms, r.pairs_compared, w.lost, r.state_digest, r.partition, r.order_mode, r.pace,
	r.speed, r.copies, r.measure, r.sample_every, r.surround, r.inject, r.delay, r.topology, r.seed, r.failure, r.version,
	r.command
FROM i_run r JOIN workload w ON w.id = r.workload_id;

-- What was recorded beside what was replayed (with --copies, that many times as much).
CREATE VIEW v_events AS
SELECT r.id AS run_id, r.session, r.design, r.threads, r.repeat_no, n.event,
	COALESCE((SELECT count FROM workload_event e WHERE e.workload_id = r.workload_id AND e.event = n.event), 0)
		AS recorded,
	COALESCE((SELECT count FROM run_event e WHERE e.run_id = r.id AND e.event = n.event), 0) AS replayed
FROM i_run r JOIN (
	SELECT r.id AS run_id, e.event FROM i_run r JOIN workload_event e ON e.workload_id = r.workload_id
	UNION SELECT r.id, e.event FROM i_run r JOIN run_event e ON e.run_id = r.id) n ON n.run_id = r.id;

-- Student's t, two-sided 95 %, by degrees of freedom; in between, the next lower one (cautious).
CREATE VIEW i_student AS
SELECT column1 AS df, column2 AS t FROM (VALUES
	(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447), (7, 2.365), (8, 2.306), (9, 2.262),
	(10, 2.228), (11, 2.201), (12, 2.179), (13, 2.160), (14, 2.145), (15, 2.131), (16, 2.120), (17, 2.110),
	(18, 2.101), (19, 2.093), (20, 2.086), (21, 2.080), (22, 2.074), (23, 2.069), (24, 2.064), (25, 2.060),
	(26, 2.056), (27, 2.052), (28, 2.048), (29, 2.045), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980));

-- Speed of a design in a setting. cv: standard deviation of the repeats over their mean.
-- low and high: the 95 % interval of the repeats' geometric mean (Student's t on their
-- logarithms); one repeat has none.
CREATE VIEW i_speed AS
WITH numbered AS (
	SELECT setting, design, events_per_s,
		ROW_NUMBER() OVER (w ORDER BY events_per_s) AS n, COUNT(*) OVER w AS k, AVG(events_per_s) OVER w AS mean,
		ln(events_per_s) AS q, AVG(ln(events_per_s)) OVER w AS q_mean
	FROM i_done WHERE events_per_s > 0
	WINDOW w AS (PARTITION BY setting, design)),
moments AS (
	SELECT setting, design, k AS repeats,
		AVG(CASE WHEN 2 * n BETWEEN k AND k + 2 THEN events_per_s END) AS events_per_s,
		MIN(events_per_s) AS min_events_per_s, MAX(events_per_s) AS max_events_per_s, q_mean,
		CASE WHEN k > 1 AND mean > 0
			THEN 100 * sqrt(SUM((events_per_s - mean) * (events_per_s - mean)) / (k - 1)) / mean END AS cv_percent,
		CASE WHEN k > 1 THEN sqrt(SUM((q - q_mean) * (q - q_mean)) / (k - 1) / k)
			* (SELECT t FROM i_student WHERE df <= k - 1 ORDER BY df DESC LIMIT 1) END AS half
	FROM numbered GROUP BY setting, design)
SELECT setting, design, repeats, events_per_s, min_events_per_s, max_events_per_s, cv_percent,
	exp(q_mean - half) AS low_events_per_s, exp(q_mean + half) AS high_events_per_s
FROM moments;

-- The oracle's word on a design in a setting: the worst of its runs.
CREATE VIEW i_verdict AS
SELECT r.setting, series, session, workload_id, r.design, r.design = b.design AS is_baseline, MAX(r.floor) AS floor,
	MIN(id) AS first_run,
	COUNT(*) AS runs, SUM(status = 'done') AS done, SUM(verdict = 'violation') AS violations,
	CASE WHEN SUM(verdict = 'violation') > 0 THEN 'violation'
		WHEN SUM(status = 'done') > 0 AND SUM(status = 'done' AND verdict = 'pass') = SUM(status = 'done')
		THEN 'pass' ELSE 'unchecked' END AS verdict,
	CASE WHEN COUNT(DISTINCT CASE WHEN status = 'done' THEN state_digest END) = 1
		THEN MAX(CASE WHEN status = 'done' THEN state_digest END) END AS state_digest
FROM i_run r JOIN i_baseline b ON b.setting = r.setting
GROUP BY r.setting, r.design;

-- Of a design, in all settings of a session. (Not a window function over i_verdict: SQLite
-- takes what those yield for one row and gives a join with it no index.)
CREATE VIEW i_session_violations AS
SELECT session, workload_id, design, SUM(verdict = 'violation') AS session_violations
FROM i_run GROUP BY session, workload_id, design;

CREATE VIEW i_op AS
WITH sample AS (
	SELECT r.setting, r.design, o.*, CASE WHEN timed > 0 THEN total_ns * 1.0 / timed END AS mean_ns
	FROM i_done r JOIN op_stat o ON o.run_id = r.id),
numbered AS (
	SELECT *,
		ROW_NUMBER() OVER (w ORDER BY count) AS n_count, COUNT(*) OVER w AS k,
		COUNT(mean_ns) OVER w AS kt,
		ROW_NUMBER() OVER (w ORDER BY mean_ns NULLS LAST) AS n_mean,
		ROW_NUMBER() OVER (w ORDER BY p50_ns NULLS LAST) AS n_50,
		ROW_NUMBER() OVER (w ORDER BY p90_ns NULLS LAST) AS n_90,
		ROW_NUMBER() OVER (w ORDER BY p99_ns NULLS LAST) AS n_99,
		ROW_NUMBER() OVER (w ORDER BY p999_ns NULLS LAST) AS n_999
	FROM sample WINDOW w AS (PARTITION BY setting, design, op))
SELECT setting, design, op, k AS repeats,
	AVG(CASE WHEN 2 * n_count BETWEEN k AND k + 2 THEN count END) AS count,
	SUM(timed) AS timed,
	AVG(CASE WHEN 2 * n_mean BETWEEN kt AND kt + 2 THEN mean_ns END) AS mean_ns,
	MIN(min_ns) AS min_ns,
	AVG(CASE WHEN 2 * n_50 BETWEEN kt AND kt + 2 THEN p50_ns END) AS p50_ns,
	AVG(CASE WHEN 2 * n_90 BETWEEN kt AND kt + 2 THEN p90_ns END) AS p90_ns,
	AVG(CASE WHEN 2 * n_99 BETWEEN kt AND kt + 2 THEN p99_ns END) AS p99_ns,
	AVG(CASE WHEN 2 * n_999 BETWEEN kt AND kt + 2 THEN p999_ns END) AS p999_ns,
	MAX(max_ns) AS max_ns
FROM numbered GROUP BY setting, design, op;

CREATE VIEW v_ops AS
SELECT s.session, s.setting, s.workload, s.engine, s.speed, s.threads, s.oversubscribed, s.lock_kind, m.design, m.op, m.repeats, m.count,
	m.timed, m.mean_ns, m.min_ns, m.p50_ns, m.p90_ns, m.p99_ns, m.p999_ns, m.max_ns
FROM i_op m JOIN v_settings s ON s.setting = m.setting;

-- Holds during which the holder was off its CPU are in no hold figure: they say nothing of
-- the lock. The report puts the second view in the first one's place when they are to be
-- included (az_include_descheduled). hold_total and all that follows from it then has them,
-- hold_max at least their mean; percentiles and histograms never do.
CREATE VIEW i_lock_stat AS SELECT * FROM lock_stat;

CREATE VIEW i_lock_stat_all AS
SELECT run_id, lock, mode, acquisitions, contentions, acq_bounces, con_bounces, timed, wait_total_ns, wait_min_ns,
	wait_p99_ns, wait_max_ns,
	CASE WHEN descheduled > 0 AND timed > 0 THEN CAST((hold_total_ns * 1.0 * (timed - descheduled)
		+ acquisitions * 1.0 * descheduled_ns) / timed AS INTEGER) ELSE hold_total_ns END AS hold_total_ns,
	hold_min_ns, hold_p50_ns, hold_p99_ns,
	CASE WHEN descheduled > 0 THEN MAX(COALESCE(hold_max_ns, 0), descheduled_ns / descheduled) ELSE hold_max_ns END
		AS hold_max_ns,
	excl_total_ns, descheduled, descheduled_ns, hold_clock_ns
FROM lock_stat;

-- Both ways side by side, of the locks that it happened to.
CREATE VIEW v_descheduled AS
SELECT r.session, r.setting, r.lock AS lock_kind, r.threads, r.design, l.lock, COUNT(DISTINCT r.id) AS repeats,
	SUM(l.timed) AS timed, SUM(l.descheduled) AS descheduled, SUM(l.descheduled_ns) AS descheduled_ns,
	SUM(l.descheduled_ns) / SUM(l.descheduled) AS descheduled_avg_ns,
	SUM(l.hold_total_ns) * 1.0 / SUM(l.acquisitions) AS hold_avg_ns,
	SUM(a.hold_total_ns) * 1.0 / SUM(a.acquisitions) AS hold_avg_all_ns
FROM i_done r JOIN lock_stat l ON l.run_id = r.id
JOIN i_lock_stat_all a ON a.run_id = l.run_id AND a.lock = l.lock AND a.mode = l.mode
GROUP BY r.setting, r.design, l.lock HAVING SUM(l.descheduled) > 0;

-- One line per run, lock and mode: as stored, with what follows from it.
-- utilisation: part of the run during which the lock was held (of a read lock:
-- the mean number of holders). wait_share: part of the threads' time spent waiting.
CREATE VIEW v_lock_detail AS
SELECT l.run_id, r.session, r.setting, r.design, r.lock AS lock_kind, r.threads, r.repeat_no, r.status, l.lock, l.mode,
	l.acquisitions, l.contentions, CASE WHEN l.acquisitions > 0 THEN 100.0 * l.contentions / l.acquisitions END
		AS contention_percent,
	l.acq_bounces, l.con_bounces, l.timed,
	CASE WHEN l.timed > 0 THEN l.wait_total_ns END AS wait_total_ns,
	CASE WHEN l.timed > 0 THEN l.wait_total_ns * 1.0 / l.acquisitions END AS wait_avg_ns,
	CASE WHEN l.timed > 0 AND l.contentions > 0 THEN l.wait_total_ns * 1.0 / l.contentions END
		AS wait_per_contention_ns,
	l.wait_min_ns, l.wait_p99_ns, l.wait_max_ns,
	CASE WHEN l.timed > 0 THEN l.hold_total_ns END AS hold_total_ns,
	CASE WHEN l.timed > 0 THEN l.hold_total_ns * 1.0 / l.acquisitions END AS hold_avg_ns,
	l.hold_min_ns, l.hold_p50_ns, l.hold_p99_ns, l.hold_max_ns, l.excl_total_ns,
	l.descheduled, l.descheduled_ns,
	CASE WHEN l.timed > 0 AND r.wall_ns > 0 THEN 100.0 * l.hold_total_ns / r.wall_ns END AS utilisation_percent,
	CASE WHEN l.timed > 0 AND r.wall_ns > 0 THEN 100.0 * l.wait_total_ns / r.wall_ns / r.threads END
		AS wait_share_percent
FROM i_lock_stat l JOIN i_run r ON r.id = l.run_id;

CREATE VIEW v_locks AS
WITH numbered AS (
	SELECT *, COUNT(*) OVER w AS k, COUNT(hold_avg_ns) OVER w AS kt,
		ROW_NUMBER() OVER (w ORDER BY acquisitions) AS n_acq,
		ROW_NUMBER() OVER (w ORDER BY contentions) AS n_con,
		ROW_NUMBER() OVER (w ORDER BY acq_bounces) AS n_acqb,
		ROW_NUMBER() OVER (w ORDER BY con_bounces) AS n_conb,
		ROW_NUMBER() OVER (w ORDER BY contention_percent NULLS LAST) AS n_cpct, COUNT(contention_percent) OVER w AS kc,
		ROW_NUMBER() OVER (w ORDER BY wait_total_ns NULLS LAST) AS n_wt,
		ROW_NUMBER() OVER (w ORDER BY wait_avg_ns NULLS LAST) AS n_wa,
		ROW_NUMBER() OVER (w ORDER BY wait_p99_ns NULLS LAST) AS n_w99, COUNT(wait_p99_ns) OVER w AS kw,
		ROW_NUMBER() OVER (w ORDER BY hold_total_ns NULLS LAST) AS n_ht,
		ROW_NUMBER() OVER (w ORDER BY hold_avg_ns NULLS LAST) AS n_ha,
		ROW_NUMBER() OVER (w ORDER BY hold_p50_ns NULLS LAST) AS n_h50, COUNT(hold_p50_ns) OVER w AS kh,
		ROW_NUMBER() OVER (w ORDER BY hold_p99_ns NULLS LAST) AS n_h99,
		ROW_NUMBER() OVER (w ORDER BY utilisation_percent NULLS LAST) AS n_u,
		COUNT(utilisation_percent) OVER w AS ku,
		ROW_NUMBER() OVER (w ORDER BY wait_share_percent NULLS LAST) AS n_ws
	FROM v_lock_detail WHERE status = 'done' WINDOW w AS (PARTITION BY setting, design, lock, mode)),
middle AS (
	SELECT setting, design, lock, mode, k AS repeats, SUM(timed) AS timed,
		AVG(CASE WHEN 2 * n_acq BETWEEN k AND k + 2 THEN acquisitions END) AS acquisitions,
		AVG(CASE WHEN 2 * n_con BETWEEN k AND k + 2 THEN contentions END) AS contentions,
		AVG(CASE WHEN 2 * n_cpct BETWEEN kc AND kc + 2 THEN contention_percent END) AS contention_percent,
		AVG(CASE WHEN 2 * n_acqb BETWEEN k AND k + 2 THEN acq_bounces END) AS acq_bounces,
		AVG(CASE WHEN 2 * n_conb BETWEEN k AND k + 2 THEN con_bounces END) AS con_bounces,
		AVG(CASE WHEN 2 * n_wt BETWEEN kt AND kt + 2 THEN wait_total_ns END) AS wait_total_ns,
		AVG(CASE WHEN 2 * n_wa BETWEEN kt AND kt + 2 THEN wait_avg_ns END) AS wait_avg_ns,
		AVG(CASE WHEN 2 * n_w99 BETWEEN kw AND kw + 2 THEN wait_p99_ns END) AS wait_p99_ns,
		MAX(wait_max_ns) AS wait_max_ns,
		AVG(CASE WHEN 2 * n_ht BETWEEN kt AND kt + 2 THEN hold_total_ns END) AS hold_total_ns,
		AVG(CASE WHEN 2 * n_ha BETWEEN kt AND kt + 2 THEN hold_avg_ns END) AS hold_avg_ns,
		AVG(CASE WHEN 2 * n_h50 BETWEEN kh AND kh + 2 THEN hold_p50_ns END) AS hold_p50_ns,
		AVG(CASE WHEN 2 * n_h99 BETWEEN kh AND kh + 2 THEN hold_p99_ns END) AS hold_p99_ns,
		MAX(hold_max_ns) AS hold_max_ns,
		AVG(CASE WHEN 2 * n_u BETWEEN ku AND ku + 2 THEN utilisation_percent END) AS utilisation_percent,
		AVG(CASE WHEN 2 * n_ws BETWEEN ku AND ku + 2 THEN wait_share_percent END) AS wait_share_percent
	FROM numbered GROUP BY setting, design, lock, mode)
SELECT s.session, s.setting, s.workload, s.engine, s.speed, s.threads, s.oversubscribed, s.lock_kind, m.design, m.lock, m.mode, m.repeats,
	m.acquisitions, m.contentions, m.contention_percent, m.acq_bounces, m.con_bounces, m.timed, m.wait_total_ns,
	m.wait_avg_ns, m.wait_p99_ns, m.wait_max_ns, m.hold_total_ns, m.hold_avg_ns, m.hold_p50_ns, m.hold_p99_ns,
	m.hold_max_ns, m.utilisation_percent, m.wait_share_percent
FROM middle m JOIN v_settings s ON s.setting = m.setting;

-- The two locks of the summary, all modes together. p99: of the mode where it is longest.
CREATE VIEW i_lock AS
WITH sample AS (
	SELECT r.setting, r.design, l.lock, r.id AS run_id, SUM(l.acquisitions) AS acquisitions,
		CASE WHEN SUM(l.timed) > 0 THEN SUM(l.wait_total_ns) * 1.0 / SUM(l.acquisitions) END AS wait_avg_ns,
		CASE WHEN SUM(l.timed) > 0 THEN SUM(l.hold_total_ns) * 1.0 / SUM(l.acquisitions) END AS hold_avg_ns,
		MAX(l.wait_p99_ns) AS wait_p99_ns, MAX(l.hold_p99_ns) AS hold_p99_ns
	FROM i_done r JOIN i_lock_stat l ON l.run_id = r.id
	WHERE l.lock IN ('pgd_lock', 'tasklist_lock')
	GROUP BY r.id, l.lock),
numbered AS (
	SELECT *, COUNT(*) OVER w AS k, COUNT(hold_avg_ns) OVER w AS kt,
		ROW_NUMBER() OVER (w ORDER BY acquisitions) AS n_acq,
		ROW_NUMBER() OVER (w ORDER BY wait_avg_ns NULLS LAST) AS n_wa,
		ROW_NUMBER() OVER (w ORDER BY hold_avg_ns NULLS LAST) AS n_ha,
		ROW_NUMBER() OVER (w ORDER BY wait_p99_ns NULLS LAST) AS n_w99, COUNT(wait_p99_ns) OVER w AS kw,
		ROW_NUMBER() OVER (w ORDER BY hold_p99_ns NULLS LAST) AS n_h99, COUNT(hold_p99_ns) OVER w AS kh
	FROM sample WINDOW w AS (PARTITION BY setting, design, lock))
SELECT setting, design, lock,
	AVG(CASE WHEN 2 * n_acq BETWEEN k AND k + 2 THEN acquisitions END) AS acquisitions,
	AVG(CASE WHEN 2 * n_wa BETWEEN kt AND kt + 2 THEN wait_avg_ns END) AS wait_avg_ns,
	AVG(CASE WHEN 2 * n_w99 BETWEEN kw AND kw + 2 THEN wait_p99_ns END) AS wait_p99_ns,
	AVG(CASE WHEN 2 * n_ha BETWEEN kt AND kt + 2 THEN hold_avg_ns END) AS hold_avg_ns,
	AVG(CASE WHEN 2 * n_h99 BETWEEN kh AND kh + 2 THEN hold_p99_ns END) AS hold_p99_ns
FROM numbered GROUP BY setting, design, lock;

-- Bounds of a histogram's bucket: hist.h, 64 steps per power of two.
CREATE VIEW i_lock_bucket AS
SELECT *, bucket_ns + CASE WHEN bucket_ns < 64 THEN 1 ELSE 1 << (CAST(log2(bucket_ns) AS INTEGER) - 6) END AS upper_ns
FROM lock_hist;
CREATE VIEW i_op_bucket AS
SELECT *, bucket_ns + CASE WHEN bucket_ns < 64 THEN 1 ELSE 1 << (CAST(log2(bucket_ns) AS INTEGER) - 6) END AS upper_ns
FROM op_hist;

-- Histograms, all repeats together: lower bound inclusive, upper exclusive. kind 'wait'
-- holds the acquisitions that waited.
CREATE VIEW v_lock_hist AS
WITH pooled AS (
	SELECT r.session, r.setting, r.threads, r.lock AS lock_kind, r.design, h.lock, h.mode, h.kind, h.bucket_ns,
		h.upper_ns, SUM(h.count) AS count
	FROM i_done r JOIN i_lock_bucket h ON h.run_id = r.id
	GROUP BY r.setting, r.design, h.lock, h.mode, h.kind, h.bucket_ns)
SELECT *, 100.0 * count / SUM(count) OVER w AS percent,
	100.0 * SUM(count) OVER (w ORDER BY bucket_ns) / SUM(count) OVER w AS cumulative_percent
FROM pooled WINDOW w AS (PARTITION BY setting, design, lock, mode, kind);

-- The same with a line per power of two: what a screen has room for. (Not made from
-- v_lock_hist, so that a condition on the lock is met before anything is summed up.)
CREATE VIEW v_lock_octaves AS
WITH octave AS (
	SELECT r.session, r.setting, r.threads, r.lock AS lock_kind, r.design, h.lock, h.mode, h.kind,
		CASE WHEN h.bucket_ns > 0 THEN 1 << CAST(log2(h.bucket_ns) AS INTEGER) ELSE 0 END AS lower_ns,
		SUM(h.count) AS count
	FROM i_done r JOIN lock_hist h ON h.run_id = r.id
	GROUP BY r.setting, r.design, h.lock, h.mode, h.kind, 9)
SELECT session, setting, threads, lock_kind, design, lock, mode, kind, lower_ns,
	CASE WHEN lower_ns > 0 THEN 2 * lower_ns ELSE 1 END AS upper_ns, count,
	100.0 * count / SUM(count) OVER w AS percent,
	100.0 * SUM(count) OVER (w ORDER BY lower_ns) / SUM(count) OVER w AS cumulative_percent
FROM octave WINDOW w AS (PARTITION BY setting, design, lock, mode, kind);

CREATE VIEW v_op_hist AS
WITH pooled AS (
	SELECT r.session, r.setting, r.threads, r.lock AS lock_kind, r.design, h.op, h.bucket_ns, h.upper_ns,
		SUM(h.count) AS count
	FROM i_done r JOIN i_op_bucket h ON h.run_id = r.id
	GROUP BY r.setting, r.design, h.op, h.bucket_ns)
SELECT *, 100.0 * count / SUM(count) OVER w AS percent,
	100.0 * SUM(count) OVER (w ORDER BY bucket_ns) / SUM(count) OVER w AS cumulative_percent
FROM pooled WINDOW w AS (PARTITION BY setting, design, op);

-- A design's events/s over the baseline's; see i_pair_figure (views_compare.sql).
CREATE VIEW i_pairs AS
SELECT setting, design, pairs, exp(change) AS ratio, exp(change - half) AS ratio_low, exp(change + half) AS ratio_high
FROM i_pair_figure WHERE figure = 'events/s';

-- The report's table: a line per setting and design. ratio: of its events/s to the
-- baseline's. beyond_noise: 1 when the interval excludes 1, 0 when it does not, NULL
-- when nothing can be said: fewer than two pairs, or one of the two designs with a
-- violation anywhere in the session (what it skips may be why it is fast).
CREATE VIEW v_summary AS
WITH known AS MATERIALIZED (
	SELECT v.*, n.session_violations FROM i_verdict v JOIN i_session_violations n
		ON n.session = v.session AND n.workload_id = v.workload_id AND n.design = v.design),
judged AS (
	SELECT k.*, b.session_violations AS baseline_violations
	FROM known k JOIN known b ON b.setting = k.setting AND b.is_baseline),
op AS (
	SELECT setting, design, MAX(CASE op WHEN 'fork' THEN p50_ns END) AS fork_p50_ns,
		MAX(CASE op WHEN 'fork' THEN p99_ns END) AS fork_p99_ns, MAX(CASE op WHEN 'exit' THEN p50_ns END) AS exit_p50_ns,
		MAX(CASE op WHEN 'exit' THEN p99_ns END) AS exit_p99_ns
	FROM i_op WHERE op IN ('fork', 'exit') GROUP BY setting, design),
held AS MATERIALIZED (SELECT * FROM i_lock),
foretold AS MATERIALIZED (SELECT setting, design, validation, error_percent FROM i_validation)
SELECT s.session, s.workload_id, s.series, s.setting, s.workload, s.engine, s.pace, s.speed, s.era, s.geometry, s.lock_kind,
	s.threads, s.oversubscribed, v.design, v.is_baseline, v.floor, v.runs, v.done, p.events_per_s, p.cv_percent,
	COALESCE(e.validation, 'measured') AS validation, e.error_percent, q.ratio, q.ratio_low,
	q.ratio_high, CASE WHEN NOT v.is_baseline THEN COALESCE(q.pairs, 0) END AS pairs,
	CASE WHEN v.session_violations + v.baseline_violations = 0 THEN q.ratio_low > 1 OR q.ratio_high < 1 END
		AS beyond_noise,
	o.fork_p50_ns, o.fork_p99_ns, o.exit_p50_ns, o.exit_p99_ns,
	g.acquisitions AS pgd_lock_acquisitions, g.wait_avg_ns AS pgd_lock_wait_avg_ns,
	g.wait_p99_ns AS pgd_lock_wait_p99_ns, g.hold_avg_ns AS pgd_lock_hold_avg_ns,
	g.hold_p99_ns AS pgd_lock_hold_p99_ns, t.acquisitions AS tasklist_lock_acquisitions,
	t.wait_avg_ns AS tasklist_lock_wait_avg_ns, t.wait_p99_ns AS tasklist_lock_wait_p99_ns,
	t.hold_avg_ns AS tasklist_lock_hold_avg_ns, t.hold_p99_ns AS tasklist_lock_hold_p99_ns,
	v.verdict, v.violations, v.session_violations, v.state_digest, v.first_run
FROM judged v JOIN v_settings s ON s.setting = v.setting
LEFT JOIN i_speed p ON p.setting = v.setting AND p.design = v.design
LEFT JOIN i_pairs q ON q.setting = v.setting AND q.design = v.design
LEFT JOIN op o ON o.setting = v.setting AND o.design = v.design
LEFT JOIN held g ON g.setting = v.setting AND g.design = v.design AND g.lock = 'pgd_lock'
LEFT JOIN held t ON t.setting = v.setting AND t.design = v.design AND t.lock = 'tasklist_lock'
LEFT JOIN foretold e ON e.setting = v.setting AND e.design = v.design;

-- A design against the baseline of its setting, the two in one line.
CREATE VIEW v_compare AS
WITH side AS MATERIALIZED (SELECT * FROM v_summary)
SELECT s.session, s.workload_id, s.series, s.setting, s.workload, s.machine_id, s.engine, s.lock_kind, s.era, s.geometry,
	s.threads, s.oversubscribed, s.partition, s.order_mode, s.pace, s.speed, s.copies, s.measure, s.surround, s.inject,
	s.delay, b.design AS baseline, d.design,
	b.events_per_s AS baseline_events_per_s, d.events_per_s, d.ratio, d.ratio_low, d.ratio_high, d.pairs,
	d.beyond_noise, b.cv_percent AS baseline_cv_percent, d.cv_percent,
	b.fork_p50_ns AS baseline_fork_p50_ns, d.fork_p50_ns, b.fork_p99_ns AS baseline_fork_p99_ns, d.fork_p99_ns,
	b.exit_p50_ns AS baseline_exit_p50_ns, d.exit_p50_ns, b.exit_p99_ns AS baseline_exit_p99_ns, d.exit_p99_ns,
	b.pgd_lock_wait_avg_ns AS baseline_pgd_lock_wait_avg_ns, d.pgd_lock_wait_avg_ns,
	b.pgd_lock_hold_avg_ns AS baseline_pgd_lock_hold_avg_ns, d.pgd_lock_hold_avg_ns,
	b.tasklist_lock_wait_avg_ns AS baseline_tasklist_lock_wait_avg_ns, d.tasklist_lock_wait_avg_ns,
	b.tasklist_lock_hold_avg_ns AS baseline_tasklist_lock_hold_avg_ns, d.tasklist_lock_hold_avg_ns,
	b.verdict AS baseline_verdict, d.verdict, b.session_violations AS baseline_violations,
	d.session_violations AS violations, b.runs + d.runs - b.done - d.done AS incomplete,
	b.state_digest = d.state_digest AS same_state
FROM side b JOIN side d ON d.setting = b.setting AND NOT d.is_baseline
JOIN v_settings s ON s.setting = b.setting
WHERE b.is_baseline;

-- What a lock costs at the rate that was recorded, not at the replay's: an M/G/1 queue.
--
--   lambda       = acquisitions of one copy / recorded duration
--   h, s2        = mean and second moment of the hold time, from the histogram (middle of
--                  each bucket) of each run with the fewest threads, the least disturbed;
--                  of the repeats the median: one holder that lost its CPU, which a kernel
--                  spinlock's does not, would be all of s2
--   utilisation  = rho = lambda h
--   wait         = lambda s2 / (2 (1 - rho))   (Pollaczek-Khinchine), for rho < 1
--   cost         = lambda (h + wait) / recorded CPUs: share of all CPU time
--   saturates at = 1 / rho: how many times the recorded rate the lock can bear
--
-- Readers do not wait for each other: theirs is the wait behind the writers, and a
-- writer's wait behind readers is left out. rho >= 1: saturated, no wait, no cost.
-- NULL when the recorded duration is 0 or holds were not measured.
CREATE VIEW v_cost AS
WITH least AS (SELECT *, MIN(threads) OVER (PARTITION BY series, design) AS least_threads FROM i_done),
base AS (SELECT * FROM least WHERE threads = least_threads),
rate AS (
	SELECT b.series, b.design, b.threads, b.workload_id, l.lock, l.mode, COUNT(*) AS repeats,
		CASE WHEN w.duration_ns > 0 AND b.measure <> 'off'
			THEN AVG(l.acquisitions) / b.copies * 1e9 / w.duration_ns END AS rate_per_s,
		NULLIF(w.cpus, 0) AS recorded_cpus
	FROM base b JOIN lock_stat l ON l.run_id = b.id JOIN workload w ON w.id = b.workload_id
	GROUP BY b.series, b.design, l.lock, l.mode),
moment AS (
	SELECT b.id, b.series, b.design, h.lock, h.mode,
		SUM(h.count * (h.bucket_ns + h.upper_ns - 1) / 2.0) / SUM(h.count) AS mean_ns,
		SUM(h.count * (h.bucket_ns + h.upper_ns - 1) / 2.0 * (h.bucket_ns + h.upper_ns - 1) / 2.0) / SUM(h.count)
			AS square_ns
	FROM base b JOIN i_lock_bucket h ON h.run_id = b.id
	WHERE h.kind = 'hold'
	GROUP BY b.id, h.lock, h.mode),
numbered AS (
	SELECT *, COUNT(*) OVER w AS k, ROW_NUMBER() OVER (w ORDER BY mean_ns) AS n_mean,
		ROW_NUMBER() OVER (w ORDER BY square_ns) AS n_square
	FROM moment WINDOW w AS (PARTITION BY series, design, lock, mode)),
hold AS (
	SELECT series, design, lock, mode,
		AVG(CASE WHEN 2 * n_mean BETWEEN k AND k + 2 THEN mean_ns END) AS mean_ns,
		AVG(CASE WHEN 2 * n_square BETWEEN k AND k + 2 THEN square_ns END) AS square_ns
	FROM numbered GROUP BY series, design, lock, mode),
load AS (
	SELECT r.*, h.mean_ns, h.square_ns,
		CASE WHEN r.rate_per_s = 0 THEN 0.0 ELSE r.rate_per_s * h.mean_ns / 1e9 END AS rho
	FROM rate r LEFT JOIN hold h
		ON h.series = r.series AND h.design = r.design AND h.lock = r.lock AND h.mode = r.mode),
queue AS (
	SELECT *, CASE WHEN mode <> 'read' AND rho < 1 THEN rate_per_s / 1e9 * square_ns / (2 * (1 - rho)) END AS behind_ns
	FROM load),
waiting AS (
	SELECT *, CASE WHEN mode <> 'read' THEN behind_ns WHEN NOT EXISTS (SELECT 1 FROM queue q
			WHERE q.series = a.series AND q.design = a.design AND q.lock = a.lock AND q.mode = 'write') THEN 0.0
		ELSE (SELECT behind_ns FROM queue q
			WHERE q.series = a.series AND q.design = a.design AND q.lock = a.lock AND q.mode = 'write') END AS wait_ns
	FROM queue a)
SELECT s.session, s.workload_id, s.series, s.workload, s.lock_kind, a.design, a.lock, a.mode, a.threads AS measured_threads,
	a.repeats, a.rate_per_s, a.mean_ns AS hold_avg_ns, a.rho * 100 AS utilisation_percent,
	CASE WHEN a.rho IS NOT NULL THEN a.rho >= 1 AND a.mode <> 'read' END AS saturated,
	CASE WHEN a.rho IS NOT NULL THEN a.wait_ns END AS wait_avg_ns,
	CASE WHEN a.rate_per_s = 0 THEN 0.0
		ELSE 100 * a.rate_per_s / 1e9 * (a.mean_ns + a.wait_ns) / a.recorded_cpus END AS cost_percent,
	CASE WHEN a.rho > 0 AND a.mode <> 'read' THEN 1 / a.rho END AS saturates_at_ratio, a.recorded_cpus
FROM waiting a JOIN (SELECT DISTINCT series, session, workload_id, workload, lock_kind FROM v_settings) s
	ON s.series = a.series;

-- Where the verdict on saturation is taken: of each session's and engine's settings, the one
-- with the highest events/s of any design; an oversubscribed one, or that of a design which
-- broke an invariant, only when there is no other.
CREATE VIEW v_saturation AS
WITH ranked AS (
	SELECT *, ROW_NUMBER() OVER (PARTITION BY session, workload_id, engine ORDER BY floor, oversubscribed,
		session_violations > 0, events_per_s DESC) AS n
	FROM v_summary WHERE events_per_s IS NOT NULL)
SELECT session, workload_id, series, setting, workload, engine, lock_kind, threads, oversubscribed, design, events_per_s
FROM ranked WHERE n = 1;

CREATE VIEW v_violations AS
SELECT r.session, v.run_id, r.design, r.lock AS lock_kind, r.threads, r.repeat_no, v.seq, v.invariant, v.detail, v.event,
	v.task, v.mm, v.slot, v.count
FROM violation v JOIN i_run r ON r.id = v.run_id;

-- How far a replay was from what it replays. Stall and grace-period time is summed over the
-- threads: its share is of threads x wall time.
CREATE VIEW v_replay_error AS
SELECT r.session, e.run_id, r.design, r.lock AS lock_kind, r.threads, r.oversubscribed, r.repeat_no, e.constraints,
	e.constraints_waited,
	CASE WHEN e.constraints > 0 THEN 100.0 * e.constraints_waited / e.constraints END AS waited_percent,
	e.constraints_dropped, e.stall_ns,
	CASE WHEN r.wall_ns > 0 THEN 100.0 * e.stall_ns / r.wall_ns / r.threads END AS stall_percent, e.rcu_ns,
	CASE WHEN r.wall_ns > 0 THEN 100.0 * e.rcu_ns / r.wall_ns / r.threads END AS rcu_percent, e.oracle_ns,
	w.peak_mms AS recorded_peak_mms, r.peak_mms
FROM replay_error e JOIN i_run r ON r.id = e.run_id JOIN workload w ON w.id = r.workload_id;
