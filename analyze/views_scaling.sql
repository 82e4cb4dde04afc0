
-- ---- views_scaling.sql: more CPUs and more load, measured and predicted ----
--
-- What the sim engine says is a prediction. Where the same was run for real, the two are
-- held against each other and the difference is the prediction's stated error; beyond
-- that it is `unvalidated`.

-- The sim's speed and, where there is one, the real machine's in the same place: same
-- workload, design, lock, era, geometry, threads, order, partition, pace, speed, copies,
-- surround, injections and delays. Of several, the sim's own session, then the newest one;
-- there, the one whose measuring disturbed least. Oversubscribed ones are not the same.
CREATE VIEW i_validation AS
WITH sim AS MATERIALIZED (
	SELECT r.setting, r.series, r.session, r.workload_id, r.lock, r.era, r.geometry, r.threads, r.topology, r.partition,
		r.order_mode, r.pace, r.speed, r.copies, r.surround, r.inject, r.delay, p.design, p.repeats, p.events_per_s,
		p.low_events_per_s, p.high_events_per_s
	FROM i_speed p JOIN i_run r ON r.id = p.setting WHERE r.engine = 'sim'),
other AS (
	SELECT s.setting, s.design, n.session, n.events * 1e9 / n.wall_ns AS events_per_s,
		RANK() OVER (PARTITION BY s.setting, s.design ORDER BY n.session <> s.session,
			n.measure = 'full', n.measure <> 'off', n.session DESC, n.setting DESC) AS place
	FROM sim s JOIN i_any_run n ON n.workload_id = s.workload_id AND n.threads = s.threads AND n.lock = s.lock
		AND n.design = s.design AND n.engine <> 'sim' AND n.status = 'done' AND NOT n.oversubscribed AND n.era = s.era
		AND n.geometry = s.geometry AND n.partition = s.partition AND n.order_mode = s.order_mode AND n.pace = s.pace
		AND n.speed = s.speed AND n.copies = s.copies AND n.surround = s.surround AND n.inject = s.inject
		AND n.delay = s.delay AND n.events > 0 AND n.wall_ns > 0),
numbered AS (
	SELECT setting, design, session, events_per_s, ln(events_per_s) AS q, AVG(ln(events_per_s)) OVER w AS q_mean,
		ROW_NUMBER() OVER (w ORDER BY events_per_s) AS n, COUNT(*) OVER w AS k
	FROM other WHERE place = 1 WINDOW w AS (PARTITION BY setting, design)),
moments AS (
	SELECT setting, design, session, k AS repeats, q_mean,
		AVG(CASE WHEN 2 * n BETWEEN k AND k + 2 THEN events_per_s END) AS events_per_s,
		CASE WHEN k > 1 THEN sqrt(SUM((q - q_mean) * (q - q_mean)) / (k - 1) / k)
			* (SELECT t FROM i_student WHERE df <= k - 1 ORDER BY df DESC LIMIT 1) END AS half
	FROM numbered GROUP BY setting, design),
held AS (
	SELECT s.*, m.session AS native_session, m.repeats AS native_repeats, m.events_per_s AS native_events_per_s,
		exp(m.q_mean - m.half) AS low_native_events_per_s, exp(m.q_mean + m.half) AS high_native_events_per_s,
		100 * (s.events_per_s / m.events_per_s - 1) AS error_percent,
		100 * (exp(m.half) - 1) AS native_noise_percent
	FROM sim s LEFT JOIN moments m ON m.setting = s.setting AND m.design = s.design)
SELECT h.session, h.series, h.setting, h.workload_id, w.path AS workload, h.topology, h.lock AS lock_kind, h.era, h.pace,
	h.speed, h.surround, h.design, h.threads, h.repeats, h.events_per_s, h.low_events_per_s, h.high_events_per_s,
	h.native_session, h.native_repeats, h.native_events_per_s, h.low_native_events_per_s, h.high_native_events_per_s,
	h.native_noise_percent, h.error_percent,
	CASE WHEN h.error_percent IS NULL THEN 'unvalidated' ELSE 'validated' END AS validation,
	abs(h.error_percent) <= MAX(10, COALESCE(h.native_noise_percent, 0)) AS within_bar
FROM held h JOIN workload w ON w.id = h.workload_id;

CREATE VIEW v_validation AS
SELECT *, MAX(CASE WHEN error_percent IS NOT NULL THEN threads END) OVER w AS validated_threads,
	MAX(abs(error_percent)) OVER w AS worst_error_percent
FROM i_validation WINDOW w AS (PARTITION BY series, design);

-- Speedup and efficiency against the smallest number of threads of the series; the engines
-- side by side. What was measured is `measured`; a prediction is `validated` or `unvalidated`.
CREATE VIEW v_scaling AS
WITH points AS (
	SELECT s.session, s.series, s.setting, s.workload, s.engine, s.topology, s.lock_kind, s.era, s.pace, s.speed,
		p.design, s.threads, s.oversubscribed, p.repeats, p.events_per_s, p.low_events_per_s, p.high_events_per_s,
		p.min_events_per_s, p.max_events_per_s, p.cv_percent,
		FIRST_VALUE(p.events_per_s) OVER w AS first, FIRST_VALUE(s.threads) OVER w AS first_threads
	FROM i_speed p JOIN v_settings s ON s.setting = p.setting
	WINDOW w AS (PARTITION BY s.series, p.design ORDER BY s.threads)),
held AS MATERIALIZED (SELECT series, setting, design, validation, error_percent FROM i_validation),
worst AS (SELECT series, design, MAX(abs(error_percent)) AS worst_error_percent FROM held GROUP BY series, design)
SELECT p.session, p.series, p.setting, p.workload, p.engine, p.topology, p.lock_kind, p.era, p.pace, p.speed, p.design,
	p.threads, p.oversubscribed, p.repeats, p.events_per_s, p.low_events_per_s, p.high_events_per_s, p.min_events_per_s,
	p.max_events_per_s, p.cv_percent, p.events_per_s / p.first AS speedup_ratio,
	100.0 * p.events_per_s / p.first * p.first_threads / p.threads AS efficiency_percent,
	COALESCE(h.validation, 'measured') AS validation, h.error_percent, x.worst_error_percent
FROM points p LEFT JOIN held h ON h.setting = p.setting AND h.design = p.design
LEFT JOIN worst x ON x.series = h.series AND x.design = h.design;

-- Cache-line conflicts (sim only): reads of a line that another CPU has written since.
-- Medians of the repeats; per operation, and of all of the operation's conflicts.
CREATE VIEW v_conflicts AS
WITH numbered AS (
	SELECT r.setting, r.design, c.op, c.line, c.count, c.stall_ns, o.count AS operations,
		COUNT(*) OVER w AS k, ROW_NUMBER() OVER (w ORDER BY c.count) AS n_count,
		ROW_NUMBER() OVER (w ORDER BY c.stall_ns) AS n_stall, ROW_NUMBER() OVER (w ORDER BY o.count) AS n_ops
	FROM i_done r JOIN line_conflict c ON c.run_id = r.id LEFT JOIN op_stat o ON o.run_id = r.id AND o.op = c.op
	WINDOW w AS (PARTITION BY r.setting, r.design, c.op, c.line)),
middle AS (
	SELECT setting, design, op, line, k AS repeats,
		AVG(CASE WHEN 2 * n_ops BETWEEN k AND k + 2 THEN operations END) AS operations,
		AVG(CASE WHEN 2 * n_count BETWEEN k AND k + 2 THEN count END) AS conflicts,
		AVG(CASE WHEN 2 * n_stall BETWEEN k AND k + 2 THEN stall_ns END) AS stall_ns
	FROM numbered GROUP BY setting, design, op, line)
SELECT s.session, s.setting, s.workload, s.topology, s.lock_kind, s.threads, m.design, m.op, m.line, m.repeats,
	m.operations, m.conflicts, m.conflicts / NULLIF(m.operations, 0) AS conflicts_per_op,
	100.0 * m.conflicts / NULLIF(SUM(m.conflicts) OVER (PARTITION BY m.setting, m.design, m.op), 0) AS op_percent,
	m.stall_ns, m.stall_ns / NULLIF(m.operations, 0) AS stall_per_op_ns
FROM middle m JOIN v_settings s ON s.setting = m.setting;

-- Where the threads' time went, a line per run: in percent of wall x threads. covered: all of
-- it together; what is missing was not accounted for.
CREATE VIEW v_time_detail AS
WITH part AS (SELECT r.id, r.wall_ns * 1.0 * r.threads / 100 AS percent_ns FROM i_run r WHERE r.wall_ns > 0)
SELECT r.id AS run_id, r.session, r.setting, r.engine, r.lock AS lock_kind, r.design, r.threads, r.repeat_no, r.status,
	r.wall_ns, t.wait_ns / p.percent_ns AS wait_percent, t.hold_ns / p.percent_ns AS hold_percent,
	t.work_ns / p.percent_ns AS work_percent, t.surround_ns / p.percent_ns AS surround_percent,
	t.stall_ns / p.percent_ns AS stall_percent, t.idle_ns / p.percent_ns AS idle_percent,
	t.rcu_ns / p.percent_ns AS rcu_percent, t.harness_ns / p.percent_ns AS harness_percent,
	(t.wait_ns + t.hold_ns + t.work_ns + t.surround_ns + t.stall_ns + t.idle_ns + t.rcu_ns + t.harness_ns * 1.0)
		/ p.percent_ns AS covered_percent,
	t.wait_ns, t.hold_ns, t.work_ns, t.surround_ns, t.stall_ns, t.idle_ns, t.rcu_ns, t.harness_ns
FROM run_time t JOIN i_run r ON r.id = t.run_id JOIN part p ON p.id = r.id;

-- The same by setting and design. Means of the repeats, not medians: they add up.
CREATE VIEW v_time AS
SELECT s.session, s.setting, s.workload, s.engine, s.topology, s.lock_kind, s.threads, s.pace, s.speed, d.design,
	COUNT(*) AS repeats, AVG(d.wait_percent) AS wait_percent, AVG(d.hold_percent) AS hold_percent,
	AVG(d.work_percent) AS work_percent, AVG(d.surround_percent) AS surround_percent,
	AVG(d.stall_percent) AS stall_percent, AVG(d.idle_percent) AS idle_percent, AVG(d.rcu_percent) AS rcu_percent,
	AVG(d.harness_percent) AS harness_percent, AVG(d.covered_percent) AS covered_percent
FROM v_time_detail d JOIN v_settings s ON s.setting = d.setting
WHERE d.status = 'done' GROUP BY d.setting, d.design;

-- How well a run kept the recorded times: how late operations began, and the whole
-- duration against the recorded time from the first event to the last / speed (of older
-- stores, the recording's whole duration). Runs that were paced only.
CREATE VIEW v_drift AS
SELECT r.session, r.id AS run_id, r.setting, r.engine, r.design, r.lock AS lock_kind, r.threads, r.oversubscribed, r.speed,
	r.repeat_no, r.status, e.drift_count, e.drift_p50_ns, e.drift_p99_ns, e.drift_max_ns, r.wall_ns,
	CAST(COALESCE(e.paced_ns, w.duration_ns) / r.speed AS INTEGER) AS expected_ns,
	CASE WHEN COALESCE(e.paced_ns, w.duration_ns) > 0
		THEN 100.0 * (r.wall_ns * r.speed / COALESCE(e.paced_ns, w.duration_ns) - 1) END AS duration_error_percent
FROM replay_error e JOIN i_run r ON r.id = e.run_id JOIN workload w ON w.id = r.workload_id
WHERE e.drift_count IS NOT NULL AND r.speed > 0;

CREATE VIEW v_drift_hist AS
WITH pooled AS (
	SELECT r.session, r.setting, r.threads, r.speed, r.lock AS lock_kind, r.design, h.bucket_ns,
		h.bucket_ns + CASE WHEN h.bucket_ns < 64 THEN 1 ELSE 1 << (CAST(log2(h.bucket_ns) AS INTEGER) - 6) END
			AS upper_ns, SUM(h.count) AS count
	FROM i_done r JOIN drift_hist h ON h.run_id = r.id
	GROUP BY r.setting, r.design, h.bucket_ns)
SELECT *, 100.0 * count / SUM(count) OVER w AS percent,
	100.0 * SUM(count) OVER (w ORDER BY bucket_ns) / SUM(count) OVER w AS cumulative_percent
FROM pooled WINDOW w AS (PARTITION BY setting, design);

-- Headroom. Runs at the recorded pace that differ in design, repeat and speed only are a
-- ladder: named by its first run. load is the speed, or what a run that could not keep
-- up really did (more than 2 % late at its end: recorded time of its events / wall time). share is
-- the wait for a lock in percent of CPU time, threads x wall. Native ladders of other
-- sessions are in here, too, for v_headroom to hold predictions against.
CREATE VIEW i_load AS
WITH rung AS MATERIALIZED (
	SELECT r.id, r.session, r.workload_id, r.engine, r.topology, r.lock AS lock_kind, r.era, r.geometry, r.surround,
		r.copies, r.inject, r.delay, r.threads, r.oversubscribed, r.design, r.speed, r.repeat_no,
		r.wall_ns * 1.0 * r.threads / 100 AS percent_ns,
		CASE WHEN r.wall_ns * r.speed > 1.02 * COALESCE(e.paced_ns, w.duration_ns)
			THEN COALESCE(e.paced_ns, w.duration_ns) * 1.0 / r.wall_ns ELSE r.speed END AS load,
		MIN(r.id) OVER (PARTITION BY r.session, r.workload_id, r.machine_id, r.subject, r.engine, r.lock, r.era,
			r.geometry, r.threads, r.partition, r.order_mode, r.copies, r.measure, r.sample_every, r.surround, r.inject,
			r.delay, r.topology) AS ladder
	FROM i_any_run r JOIN workload w ON w.id = r.workload_id LEFT JOIN replay_error e ON e.run_id = r.id
	WHERE r.status = 'done' AND r.pace = 'recorded' AND NOT r.floor AND r.measure <> 'off' AND r.wall_ns > 0
		AND w.duration_ns > 0 AND r.speed > 0
		AND (r.id IN (SELECT id FROM i_run)
			OR r.engine <> 'sim' AND r.workload_id IN (SELECT workload_id FROM i_run WHERE engine = 'sim'))),
waited AS MATERIALIZED (
	SELECT g.id, l.lock, SUM(l.wait_total_ns) AS wait_ns FROM rung g JOIN lock_stat l ON l.run_id = g.id
	GROUP BY g.id, l.lock
	UNION ALL SELECT g.id, 'all locks', COALESCE(SUM(l.wait_total_ns), 0)
	FROM rung g LEFT JOIN lock_stat l ON l.run_id = g.id GROUP BY g.id),
present AS (SELECT DISTINCT g.ladder, a.lock FROM rung g JOIN waited a ON a.id = g.id)
SELECT g.*, p.lock, COALESCE(a.wait_ns, 0) / g.percent_ns AS share_percent
FROM rung g JOIN present p ON p.ladder = g.ladder LEFT JOIN waited a ON a.id = g.id AND a.lock = p.lock;

-- A point of a ladder: the repeats at one speed.
CREATE VIEW v_load AS
WITH numbered AS (
	SELECT *, COUNT(*) OVER w AS k, ROW_NUMBER() OVER (w ORDER BY share_percent) AS n_share,
		ROW_NUMBER() OVER (w ORDER BY load) AS n_load
	FROM i_load WINDOW w AS (PARTITION BY ladder, design, lock, speed))
SELECT session, ladder, workload_id, engine, topology, lock_kind, era, surround, threads, design, lock, speed,
	k AS repeats,
	AVG(CASE WHEN 2 * n_load BETWEEN k AND k + 2 THEN load END) AS load_ratio,
	AVG(CASE WHEN 2 * n_load BETWEEN k AND k + 2 THEN load END) >= speed AS kept_up,
	AVG(CASE WHEN 2 * n_share BETWEEN k AND k + 2 THEN share_percent END) AS wait_percent,
	MIN(share_percent) AS low_wait_percent, MAX(share_percent) AS high_wait_percent
FROM numbered GROUP BY ladder, design, lock, speed;

-- The load, in times the recorded one, at which the wait for a lock reaches 1, 5 and 25 % of
-- CPU time: between the point below and the first one that reaches it, along a power law
-- (a straight line where the point below has no wait). Low and high: where the highest and
-- the lowest of the repeats reach it; with one repeat, the two points around it.
-- outcome: `reached`; `not reached` (up to highest_load_ratio); `at lowest` (already there).
CREATE VIEW v_headroom AS
WITH point AS MATERIALIZED (SELECT * FROM v_load),
range AS (
	SELECT ladder, design, lock, MIN(load_ratio) AS lowest, MAX(load_ratio) AS highest, MIN(repeats) AS repeats,
		COUNT(*) AS points, MAX(wait_percent) AS most
	FROM point GROUP BY ladder, design, lock),
curve AS (
	SELECT ladder, design, lock, load_ratio AS load, speed, 'middle' AS kind, wait_percent AS share FROM point
	UNION ALL SELECT ladder, design, lock, load_ratio, speed, 'upper', high_wait_percent FROM point
	UNION ALL SELECT ladder, design, lock, load_ratio, speed, 'lower', low_wait_percent FROM point),
stepped AS (
	SELECT *, LAG(load) OVER w AS load0, LAG(share) OVER w AS share0
	FROM curve WINDOW w AS (PARTITION BY ladder, design, lock, kind ORDER BY speed)),
threshold AS (SELECT column1 AS percent FROM (VALUES (1.0), (5.0), (25.0))),
crossing AS (
	SELECT s.*, t.percent, ROW_NUMBER() OVER (PARTITION BY ladder, design, lock, kind, t.percent ORDER BY speed) AS n
	FROM stepped s JOIN threshold t ON s.share >= t.percent),
found AS (
	SELECT ladder, design, lock, kind, percent, load0, load,
		CASE WHEN load0 IS NULL OR load <= load0 THEN load
			WHEN share0 > 0 THEN load0 * exp(ln(load / load0) * ln(percent / share0) / ln(share / share0))
			ELSE load0 + (load - load0) * (percent - share0) / (share - share0) END AS at
	FROM crossing WHERE n = 1),
answer AS (
	SELECT g.*, t.percent, m.load0 IS NULL AND m.at IS NOT NULL AS lowest_already, m.at AS load_ratio,
		CASE WHEN g.repeats > 1 THEN CASE WHEN u.load0 IS NOT NULL THEN u.at END ELSE m.load0 END AS load_ratio_low,
		CASE WHEN g.repeats > 1 THEN l.at ELSE m.load END AS load_ratio_high
	FROM range g JOIN threshold t
	LEFT JOIN found m ON m.ladder = g.ladder AND m.design = g.design AND m.lock = g.lock AND m.percent = t.percent
		AND m.kind = 'middle'
	LEFT JOIN found u ON u.ladder = g.ladder AND u.design = g.design AND u.lock = g.lock AND u.percent = t.percent
		AND u.kind = 'upper'
	LEFT JOIN found l ON l.ladder = g.ladder AND l.design = g.design AND l.lock = g.lock AND l.percent = t.percent
		AND l.kind = 'lower'),
placed AS MATERIALIZED (
	SELECT a.*, r.session, r.workload_id, r.engine, r.topology, r.lock AS lock_kind, r.era, r.surround, r.threads,
		r.oversubscribed
	FROM answer a JOIN i_any_run r ON r.id = a.ladder),
ranked AS (
	SELECT p.*, n.load_ratio AS native_load_ratio, n.highest AS native_highest, n.ladder AS native_ladder,
		ROW_NUMBER() OVER (PARTITION BY p.ladder, p.design, p.lock, p.percent
			ORDER BY n.session = p.session DESC, n.ladder DESC) AS n
	FROM placed p LEFT JOIN placed n ON p.engine = 'sim' AND n.engine <> 'sim' AND NOT n.oversubscribed
		AND n.workload_id = p.workload_id AND n.lock_kind = p.lock_kind AND n.era = p.era AND n.threads = p.threads
		AND n.surround = p.surround AND n.design = p.design AND n.lock = p.lock AND n.percent = p.percent)
SELECT p.session, p.ladder, w.path AS workload, p.engine, p.topology, p.lock_kind, p.era, p.threads, p.surround,
	p.design, p.lock, p.percent AS threshold_percent,
	CASE WHEN p.load_ratio IS NULL THEN 'not reached' WHEN p.lowest_already THEN 'at lowest' ELSE 'reached' END AS outcome,
	p.load_ratio, p.load_ratio_low, p.load_ratio_high, p.lowest AS lowest_load_ratio, p.highest AS highest_load_ratio,
	p.most AS highest_wait_percent, p.points, p.repeats,
	CASE WHEN p.engine <> 'sim' THEN 'measured' WHEN p.native_ladder IS NULL THEN 'unvalidated' ELSE 'validated' END
		AS validation,
	p.native_load_ratio, 100.0 * (p.load_ratio / p.native_load_ratio - 1) AS error_percent
FROM ranked p JOIN workload w ON w.id = p.workload_id
WHERE p.n = 1 AND p.session IN (SELECT session FROM i_run);

-- What the simulated machines of the runs cost, and where each figure comes from.
CREATE VIEW v_topologies AS
SELECT t.spec AS topology, c.seq, c.name AS cost, c.ps / 1000.0 AS cost_ns, c.origin, c.source
FROM topology t JOIN topology_cost c ON c.topology_id = t.id
WHERE t.spec IN (SELECT topology FROM i_run);

-- How quiet the machine was, the runs of a setting together: ticks are too coarse for one run.
CREATE VIEW v_hygiene AS
SELECT r.session, r.setting, w.path AS workload, r.lock AS lock_kind, r.threads, r.oversubscribed, COUNT(*) AS runs,
	100.0 * MAX(0, SUM(h.other_ns)) / SUM(h.cpu_ns) AS other_percent, 100.0 * SUM(h.steal_ns) / SUM(h.cpu_ns) AS steal_percent,
	MAX(h.load) AS load, MIN(h.governor) AS governor, MAX(h.smt) AS smt
FROM i_run r JOIN run_hygiene h ON h.run_id = r.id JOIN workload w ON w.id = r.workload_id
WHERE h.cpu_ns > 0 GROUP BY r.setting;
