-- ---- views_compare.sql: designs held against each other, figure by figure ----

-- The figures of each run, one a line: what designs are compared by. step: what a
-- figure moves by at least, as part of it (a percentile comes from a histogram).
CREATE VIEW i_figure AS
WITH one AS (
	SELECT id AS run_id, 0 AS place, 'events/s' AS figure, 'per_s' AS unit, 'higher' AS better, 0.0 AS step,
		events_per_s AS value FROM i_done
	UNION ALL SELECT run_id, CASE op WHEN 'fork' THEN 1 ELSE 3 END, op || ' p50', 'ns', 'lower', 1.0 / 64,
		p50_ns * 1.0 FROM i_done r JOIN op_stat o ON o.run_id = r.id AND o.op IN ('fork', 'exit')
	UNION ALL SELECT run_id, CASE op WHEN 'fork' THEN 2 ELSE 4 END, op || ' p99', 'ns', 'lower', 1.0 / 64,
		p99_ns * 1.0 FROM i_done r JOIN op_stat o ON o.run_id = r.id AND o.op IN ('fork', 'exit')
	UNION ALL SELECT run_id, CASE l.lock WHEN 'pgd_lock' THEN 5 ELSE 8 END, l.lock || ' taken', 'count', 'lower', 0.0,
		SUM(acquisitions) * 1.0
	FROM i_done r JOIN i_lock_stat l ON l.run_id = r.id AND l.lock IN ('pgd_lock', 'tasklist_lock') GROUP BY r.id, l.lock
	UNION ALL SELECT run_id, CASE l.lock WHEN 'pgd_lock' THEN 6 ELSE 9 END, l.lock || ' wait avg', 'ns', 'lower', 0.0,
		CASE WHEN SUM(timed) > 0 THEN SUM(wait_total_ns) * 1.0 / SUM(acquisitions) END
	FROM i_done r JOIN i_lock_stat l ON l.run_id = r.id AND l.lock IN ('pgd_lock', 'tasklist_lock') GROUP BY r.id, l.lock
	UNION ALL SELECT run_id, CASE l.lock WHEN 'pgd_lock' THEN 7 ELSE 10 END, l.lock || ' hold avg', 'ns', 'lower', 0.0,
		CASE WHEN SUM(timed) > 0 THEN SUM(hold_total_ns) * 1.0 / SUM(acquisitions) END
	FROM i_done r JOIN i_lock_stat l ON l.run_id = r.id AND l.lock IN ('pgd_lock', 'tasklist_lock') GROUP BY r.id, l.lock)
SELECT r.id AS run_id, r.setting, r.design, r.floor, r.lock AS lock_kind, r.threads, r.speed, r.repeat_no, f.place,
	f.figure, f.unit, f.better, f.step, f.value
FROM one f JOIN i_done r ON r.id = f.run_id WHERE f.value IS NOT NULL;

-- A design's figures against its setting's baseline: pairs of repeats, which were run one
-- after the other. change: the logarithm of the ratio, a mean of the pairs without the
-- lowest and the highest fifth; half: half its 95 % interval, by Yuen (Student's t on what
-- is left, the variance from values of which the outer fifths are pulled in), which with
-- fewer than 5 pairs is Student's t. Why not a bootstrap of the median: analyze/stats.h,
-- which computes the same. error: half without Student's factor.
CREATE VIEW i_pair_figure AS
WITH value AS MATERIALIZED (SELECT setting, design, repeat_no, figure, value FROM i_figure WHERE value > 0),
pair AS (
	SELECT d.setting, d.design, d.figure, ln(d.value / b.value) AS q
	FROM i_baseline base JOIN value b ON b.setting = base.setting AND b.design = base.design
	JOIN value d ON d.setting = b.setting AND d.repeat_no = b.repeat_no AND d.figure = b.figure AND d.design <> b.design),
placed AS (
	SELECT *, ROW_NUMBER() OVER (w ORDER BY q) AS n, COUNT(*) OVER w AS k, COUNT(*) OVER w / 5 AS cut
	FROM pair WINDOW w AS (PARTITION BY setting, design, figure)),
pulled AS (
	SELECT *, MIN(MAX(q, MAX(CASE WHEN n = cut + 1 THEN q END) OVER w), MAX(CASE WHEN n = k - cut THEN q END) OVER w)
		AS inner
	FROM placed WINDOW w AS (PARTITION BY setting, design, figure)),
centred AS (
	SELECT *, AVG(inner) OVER (PARTITION BY setting, design, figure) AS middle FROM pulled),
moments AS (
	SELECT setting, design, figure, k AS pairs, k - 2 * cut - 1 AS df,
		AVG(CASE WHEN n > cut AND n <= k - cut THEN q END) AS change,
		CASE WHEN k > 1 THEN sqrt(SUM((inner - middle) * (inner - middle)) / (k - 2 * cut) / (k - 2 * cut - 1)) END
			AS error
	FROM centred GROUP BY setting, design, figure)
SELECT *, error * (SELECT t FROM i_student s WHERE s.df <= m.df ORDER BY s.df DESC LIMIT 1) AS half FROM moments m;

-- The chance of so large a change or a larger one, either way, when there is none: Student's t,
-- which for a whole number of degrees of freedom is a finite sum.
CREATE VIEW i_pair_p AS
WITH angle AS (SELECT *, CASE WHEN error > 0 THEN atan(abs(change) / error / sqrt(df)) END AS theta FROM i_pair_figure)
SELECT setting, design, figure, pairs, change, half,
	CASE WHEN pairs < 2 THEN NULL
	WHEN theta IS NULL THEN abs(change) < 1e-12
	WHEN df = 1 THEN 1 - 2 * theta / pi()
	ELSE MAX(0.0, 1 - CASE df % 2 WHEN 1 THEN 2 / pi() ELSE 1 END * (CASE df % 2 WHEN 1 THEN theta ELSE 0 END
		+ sin(theta) * (
			WITH RECURSIVE term(j, x, total) AS (
				SELECT 1, CASE a.df % 2 WHEN 1 THEN cos(a.theta) ELSE 1.0 END,
					CASE a.df % 2 WHEN 1 THEN cos(a.theta) ELSE 1.0 END
				UNION ALL SELECT j + 1,
					x * CASE a.df % 2 WHEN 1 THEN 2.0 * j / (2 * j + 1) ELSE (2.0 * j - 1) / (2 * j) END
						* cos(a.theta) * cos(a.theta),
					total + x * CASE a.df % 2 WHEN 1 THEN 2.0 * j / (2 * j + 1) ELSE (2.0 * j - 1) / (2 * j) END
						* cos(a.theta) * cos(a.theta)
				FROM term WHERE j < a.df / 2)
			SELECT MAX(total) FROM term))) END AS p
FROM angle a;

-- v_compare, figure by figure: a line per setting, design and figure; a figure that is 0 or
-- missing in one of the two has no ratio. p: see i_pair_p, corrected by Holm for the number
-- of figures besides events/s, which is the primary one. beyond_noise: p is below 0.05.
CREATE VIEW v_compare_figures AS
WITH value AS MATERIALIZED (SELECT * FROM i_figure),
numbered AS (
	SELECT *, ROW_NUMBER() OVER (w ORDER BY value) AS n, COUNT(*) OVER w AS k
	FROM value WINDOW w AS (PARTITION BY setting, design, figure)),
middle AS MATERIALIZED (
	SELECT setting, design, place, figure, unit, better,
		AVG(CASE WHEN 2 * n BETWEEN k AND k + 2 THEN value END) AS value
	FROM numbered GROUP BY setting, design, figure),
tested AS (
	SELECT *, ROW_NUMBER() OVER (w ORDER BY p NULLS LAST) AS n, COUNT(p) OVER w AS k FROM i_pair_p
	WINDOW w AS (PARTITION BY setting, design, figure = 'events/s')),
corrected AS (
	SELECT setting, design, figure, pairs, change, half,
		CASE WHEN p IS NOT NULL THEN MAX(MIN(1.0, (k - n + 1) * p))
			OVER (PARTITION BY setting, design, figure = 'events/s' ORDER BY n) END AS p
	FROM tested),
judged AS MATERIALIZED (
	SELECT setting, design, figure, MAX(pairs) AS pairs, MAX(change) AS change, MAX(half) AS half, MAX(p) AS p
	FROM corrected GROUP BY setting, design, figure),
figure AS (SELECT DISTINCT setting, place, figure, unit, better FROM middle),
side AS MATERIALIZED (
	SELECT v.setting, v.design, v.is_baseline, n.session_violations AS violations
	FROM i_verdict v JOIN i_session_violations n
		ON n.session = v.session AND n.workload_id = v.workload_id AND n.design = v.design)
SELECT s.session, s.setting, s.lock_kind, s.threads, bs.design AS baseline, ds.design, f.place, f.figure, f.unit,
	f.better, b.value AS baseline_value, d.value, exp(m.change) AS ratio, exp(m.change - m.half) AS ratio_low,
	exp(m.change + m.half) AS ratio_high, COALESCE(m.pairs, 0) AS pairs, m.p,
	CASE WHEN bs.violations + ds.violations = 0 THEN m.p < 0.05 END AS beyond_noise
FROM side bs JOIN side ds ON ds.setting = bs.setting AND NOT ds.is_baseline
JOIN v_settings s ON s.setting = bs.setting
JOIN figure f ON f.setting = bs.setting
LEFT JOIN middle b ON b.setting = bs.setting AND b.design = bs.design AND b.figure = f.figure
LEFT JOIN middle d ON d.setting = bs.setting AND d.design = ds.design AND d.figure = f.figure
LEFT JOIN judged m ON m.setting = bs.setting AND m.design = ds.design AND m.figure = f.figure
WHERE bs.is_baseline;
