-- results.sql - the results store.
--
-- One SQLite file: WAL, STRICT tables, foreign keys on. A run is one row with
-- status 'running' at its start and one transaction at its end. All times are
-- nanoseconds. Histograms hold the lower bound of each bucket that is not empty
-- (hist.h: a value lies within 1/64 above it).
--
-- The views that people read (v_...) are in analyze/views*.sql.

PRAGMA application_id = 0x4d4d5250; -- "MMRP"
PRAGMA user_version = 4; -- analyze/store_migrate.c brings older ones up to date

CREATE TABLE machine (
	id INTEGER PRIMARY KEY,
	host TEXT NOT NULL,
	kernel TEXT NOT NULL,
	cpu_model TEXT NOT NULL,
	cpus INTEGER NOT NULL,
	memory_bytes INTEGER NOT NULL,
	tsc_ghz REAL NOT NULL,
	clock_read_ns REAL NOT NULL, -- what one timestamp costs
	UNIQUE (host, kernel, cpu_model, cpus, memory_bytes)
) STRICT;

-- What `mmreplay calibrate` found out, in picoseconds: median and quartiles of so many runs, the widest of its
-- passes. One calibration has one measured_at; the latest counts. 'assumed': could not be measured, source says why.
CREATE TABLE calibration (
	machine_id INTEGER NOT NULL REFERENCES machine(id) ON DELETE CASCADE,
	measured_at TEXT NOT NULL, -- ISO 8601, UTC
	-- A cost as --topology names it; 'pair 0-1': a line from CPU 0 to CPU 1; 'l1_lines', 'l2_lines',
	-- 'llc_lines': no time but the caches' sizes, in 64-byte lines.
	name TEXT NOT NULL,
	ps INTEGER NOT NULL,
	low_ps INTEGER NOT NULL,
	high_ps INTEGER NOT NULL,
	runs INTEGER NOT NULL,	   -- 0: not measured
	origin TEXT NOT NULL CHECK (origin IN ('measured', 'assumed')),
	source TEXT NOT NULL,	   -- how it was measured, or why not
	PRIMARY KEY (machine_id, measured_at, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE workload (
	id INTEGER PRIMARY KEY,
	path TEXT NOT NULL,
	source TEXT NOT NULL,	   -- tracer or generator
	source_hash TEXT NOT NULL UNIQUE,
	host TEXT NOT NULL,
	kernel TEXT NOT NULL,
	profile TEXT NOT NULL,	   -- '' for a captured one
	duration_ns INTEGER NOT NULL, -- as recorded
	cpus INTEGER NOT NULL,	   -- as recorded
	tasks INTEGER NOT NULL,
	mms INTEGER NOT NULL,
	peak_mms INTEGER NOT NULL,
	lost INTEGER NOT NULL,
	unresolved INTEGER NOT NULL
) STRICT;

CREATE TABLE workload_event (
	workload_id INTEGER NOT NULL REFERENCES workload(id) ON DELETE CASCADE,
	event TEXT NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (workload_id, event)
) STRICT, WITHOUT ROWID;

-- How the kernel itself waited for its locks during the capture, by the function that took them, the longest
-- total first. No rows: the capture holds no lock:contention events, or nobody waited.
CREATE TABLE kernel_contention (
	workload_id INTEGER NOT NULL REFERENCES workload(id) ON DELETE CASCADE,
	seq INTEGER NOT NULL,
	caller TEXT NOT NULL,	   -- '(unknown)': without a name; '(other)': the sum of what waited least
	within TEXT NOT NULL,	   -- copy_process, do_exit... when one of these called the caller, else ''
	type TEXT NOT NULL,	   -- 'spinlock', 'rwlock:W'...; '' of '(other)'
	contentions INTEGER NOT NULL,
	wait_total_ns INTEGER NOT NULL,
	wait_min_ns INTEGER NOT NULL,
	wait_max_ns INTEGER NOT NULL,
	PRIMARY KEY (workload_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	workload_id INTEGER NOT NULL REFERENCES workload(id) ON DELETE CASCADE,
	machine_id INTEGER NOT NULL REFERENCES machine(id),
	session INTEGER NOT NULL, -- runs of one command share it
	-- What the statistics group by, as the id of the first such run. Runs of one
	-- setting differ in nothing but design and repeat; those of one series in
	-- the number of threads, and with it the partition, as well.
	setting INTEGER NOT NULL,
	series INTEGER NOT NULL,
	subject TEXT NOT NULL,
	design TEXT NOT NULL,
	engine TEXT NOT NULL,
	lock TEXT NOT NULL,
	era TEXT NOT NULL,
	geometry TEXT NOT NULL,
	threads INTEGER NOT NULL,
	oversubscribed INTEGER NOT NULL CHECK (oversubscribed IN (0, 1)),
	floor INTEGER NOT NULL CHECK (floor IN (0, 1)), -- 1: no design, what the harness alone costs
	partition TEXT NOT NULL,
	order_mode TEXT NOT NULL,
	pace TEXT NOT NULL,
	speed REAL NOT NULL,
	copies INTEGER NOT NULL,
	measure TEXT NOT NULL,
	sample_every INTEGER NOT NULL,
	surround TEXT NOT NULL,
	inject TEXT NOT NULL,
	delay TEXT NOT NULL,
	repeat_no INTEGER NOT NULL,
	seed INTEGER NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('running', 'done', 'interrupted', 'failed')),
	verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'violation', 'unchecked')),
	state_digest TEXT NOT NULL, -- 16 hexadecimal digits, '' until done
	events INTEGER NOT NULL,
	wall_ns INTEGER NOT NULL,
	pairs_compared INTEGER NOT NULL,
	peak_mms INTEGER NOT NULL,
	failure TEXT NOT NULL,
	version TEXT NOT NULL,
	command TEXT NOT NULL,
	started_at TEXT NOT NULL, -- ISO 8601, UTC
	topology TEXT NOT NULL DEFAULT '' -- imagined by the sim engine, as in topology.spec; '' for a real machine
) STRICT;
CREATE INDEX run_by_workload ON run(workload_id, threads, lock, design);
CREATE INDEX run_by_session ON run(session);
CREATE INDEX run_by_setting ON run(setting, design);

-- Short runs of the floor between a setting's repeats (replay --reference): how fast the machine itself was
-- meanwhile. They are no runs of a sweep, and no view of runs has them.
CREATE TABLE reference_run (
	setting INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	repeat_no INTEGER NOT NULL, -- after which
	design TEXT NOT NULL,
	events INTEGER NOT NULL,
	wall_ns INTEGER NOT NULL,
	PRIMARY KEY (setting, repeat_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_event (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	event TEXT NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (run_id, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE op_stat (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	op TEXT NOT NULL,
	count INTEGER NOT NULL,
	timed INTEGER NOT NULL, -- how many of them the latencies are from
	total_ns INTEGER NOT NULL, -- of the timed ones, like all that follows
	min_ns INTEGER,
	p50_ns INTEGER,
	p90_ns INTEGER,
	p99_ns INTEGER,
	p999_ns INTEGER,
	max_ns INTEGER,
	PRIMARY KEY (run_id, op)
) STRICT, WITHOUT ROWID;

CREATE TABLE op_hist (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	op TEXT NOT NULL,
	bucket_ns INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (run_id, op, bucket_ns)
) STRICT, WITHOUT ROWID;

-- wait_total_ns, hold_total_ns and excl_total_ns are estimates for all
-- acquisitions when measure is 'sampled' (timed < acquisitions), exact in 'full'.
-- wait_p99_ns is of all timed acquisitions, those that did not wait count as 0;
-- wait_min_ns is the shortest wait of those that waited, as in the kernel's lock_stat.
CREATE TABLE lock_stat (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	lock TEXT NOT NULL,
	mode TEXT NOT NULL CHECK (mode IN ('read', 'write', 'exclusive')),
	acquisitions INTEGER NOT NULL,
	contentions INTEGER NOT NULL,
	acq_bounces INTEGER NOT NULL,
	con_bounces INTEGER NOT NULL,
	timed INTEGER NOT NULL,
	wait_total_ns INTEGER NOT NULL,
	wait_min_ns INTEGER,
	wait_p99_ns INTEGER,
	wait_max_ns INTEGER,
	hold_total_ns INTEGER NOT NULL,
	hold_min_ns INTEGER,
	hold_p50_ns INTEGER,
	hold_p99_ns INTEGER,
	hold_max_ns INTEGER,
	excl_total_ns INTEGER, -- time in holds that lie in no other one; NULL where not measured
	descheduled INTEGER NOT NULL, -- timed holds with the holder off its CPU; in none of the hold figures
	descheduled_ns INTEGER NOT NULL, -- how long those were
	hold_clock_ns INTEGER NOT NULL DEFAULT 0, -- of hold_total_ns, what reading the clock took: without it, the hold as it is
	PRIMARY KEY (run_id, lock, mode)
) STRICT, WITHOUT ROWID;

CREATE TABLE lock_hist (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	lock TEXT NOT NULL,
	mode TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('wait', 'hold')),
	bucket_ns INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (run_id, lock, mode, kind, bucket_ns)
) STRICT, WITHOUT ROWID;

CREATE TABLE violation (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	seq INTEGER NOT NULL,
	invariant TEXT NOT NULL,
	detail TEXT NOT NULL,
	event INTEGER, -- ordinal in the workload
	task INTEGER NOT NULL,
	mm INTEGER NOT NULL,
	slot INTEGER,
	count INTEGER NOT NULL,
	PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_error (
	run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
	constraints INTEGER NOT NULL,
	constraints_waited INTEGER NOT NULL,
	stall_ns INTEGER NOT NULL,
	rcu_ns INTEGER NOT NULL,
	oracle_ns INTEGER NOT NULL,
	-- How late operations began against recorded time / speed; NULL when the run was not paced.
	drift_count INTEGER,
	drift_p50_ns INTEGER,
	drift_p99_ns INTEGER,
	drift_max_ns INTEGER,
	constraints_dropped INTEGER NOT NULL DEFAULT 0, -- what order resource would keep besides
	paced_ns INTEGER -- recorded time from the first event to the last, at speed 1; NULL when the run was not paced
) STRICT;

CREATE TABLE drift_hist (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	bucket_ns INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (run_id, bucket_ns)
) STRICT, WITHOUT ROWID;

-- Where the workers' time went, summed over them: each nanosecond in exactly one column.
-- No row where the engine did not look.
CREATE TABLE run_time (
	run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
	wait_ns INTEGER NOT NULL,     -- for a lock
	hold_ns INTEGER NOT NULL,     -- in outermost holds
	work_ns INTEGER NOT NULL,     -- in operations besides
	surround_ns INTEGER NOT NULL, -- in work that --surround adds
	stall_ns INTEGER NOT NULL,    -- for another worker
	idle_ns INTEGER NOT NULL,     -- for a recorded time
	rcu_ns INTEGER NOT NULL,      -- for a grace period
	harness_ns INTEGER NOT NULL   -- in the replay itself
) STRICT;

-- How quiet the machine was during a run. No row where that is not known or does not matter.
CREATE TABLE run_hygiene (
	run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
	cpu_ns INTEGER NOT NULL,   -- elapsed time x CPUs
	other_ns INTEGER NOT NULL, -- of it, other processes and the kernel's interrupts; in ticks: sum over runs, one may be below 0
	steal_ns INTEGER NOT NULL, -- of it, the hypervisor
	load REAL NOT NULL,	   -- load average at the end
	governor TEXT NOT NULL,	   -- of CPU 0, '' where it is not to be seen
	smt INTEGER NOT NULL CHECK (smt IN (0, 1)) -- two threads share a core
) STRICT;

-- Reads of a cache line that another CPU has written since (sim only; independent of any cost).
CREATE TABLE line_conflict (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	op TEXT NOT NULL,
	line TEXT NOT NULL,	   -- what lies on it
	count INTEGER NOT NULL,
	stall_ns INTEGER NOT NULL, -- what these accesses cost by the topology
	PRIMARY KEY (run_id, op, line)
) STRICT, WITHOUT ROWID;

-- Who waited for whom: the operation that waited, and the one that held the lock when it was let go.
-- Of the timed waits, as in lock_hist.
CREATE TABLE blocker (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	lock TEXT NOT NULL,
	mode TEXT NOT NULL,
	waiter_op TEXT NOT NULL,
	holder_op TEXT NOT NULL,
	count INTEGER NOT NULL,
	wait_ns INTEGER NOT NULL,
	PRIMARY KEY (run_id, lock, mode, waiter_op, holder_op)
) STRICT, WITHOUT ROWID;

-- What each lock did over the run, a row per interval in which it was taken. Intervals of a run are
-- equally long, but for the last; seq numbers them, those without a row included. What an operation
-- did lies where it began. Counts add up to lock_stat's exactly, wait_ns and hold_ns (all holds, not
-- only outermost ones) to its totals: in sampled runs they are estimates, scaled up as those are.
CREATE TABLE timeline (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	lock TEXT NOT NULL,
	mode TEXT NOT NULL,
	seq INTEGER NOT NULL,
	begin_ns INTEGER NOT NULL, -- since the run's begin, without the oracle's stops
	length_ns INTEGER NOT NULL,
	acquisitions INTEGER NOT NULL,
	contentions INTEGER NOT NULL,
	timed INTEGER NOT NULL,	   -- acquisitions that wait_ns and hold_ns are from
	wait_ns INTEGER NOT NULL,
	hold_ns INTEGER NOT NULL,
	PRIMARY KEY (run_id, lock, mode, seq)
) STRICT, WITHOUT ROWID;

-- Who buys the contention: operations by the command name of their task. '(unknown)': without one,
-- '(others)': beyond the 256 most frequent names, '(injected)': put in by --inject. op: the
-- workload's event, with the switch to its task; count adds up to run_event's. The times are of the
-- timed operations: in sampled runs estimates, scaled up by type of operation.
CREATE TABLE comm_stat (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	comm TEXT NOT NULL,
	op TEXT NOT NULL,	   -- 'replay': between two events
	count INTEGER NOT NULL,
	timed INTEGER NOT NULL,
	wait_ns INTEGER NOT NULL,  -- its waits for locks
	hold_ns INTEGER NOT NULL,  -- its outermost holds, without the waits in them
	caused INTEGER NOT NULL,   -- waits of anybody for a lock that one of these let go
	caused_ns INTEGER NOT NULL,
	PRIMARY KEY (run_id, comm, op)
) STRICT, WITHOUT ROWID;

-- The slowest operations of a run, of those that were timed; seq 0 is the slowest.
CREATE TABLE slow_op (
	run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
	seq INTEGER NOT NULL,
	op TEXT NOT NULL,
	latency_ns INTEGER NOT NULL, -- in paced runs from the recorded time
	begin_ns INTEGER NOT NULL, -- since the run's begin
	late_ns INTEGER NOT NULL,  -- of the latency, how late it began; 0 when not paced
	worker INTEGER NOT NULL,
	task INTEGER,		   -- id in the workload
	comm TEXT NOT NULL,
	event INTEGER NOT NULL,	   -- ordinal in the workload
	wait_ns INTEGER NOT NULL,  -- for locks
	lock TEXT,		   -- that it waited for longest; NULL: for none
	mode TEXT,
	longest_ns INTEGER,	   -- that wait
	holder_op TEXT,		   -- who held it when it was let go
	holder_comm TEXT,
	PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

-- A machine that runs were imagined on: spec is what run.topology says.
CREATE TABLE topology (
	id INTEGER PRIMARY KEY,
	spec TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE topology_cost (
	topology_id INTEGER NOT NULL REFERENCES topology(id) ON DELETE CASCADE,
	seq INTEGER NOT NULL,
	name TEXT NOT NULL,
	ps INTEGER NOT NULL, -- picoseconds
	origin TEXT NOT NULL CHECK (origin IN ('measured', 'published', 'assumed')),
	source TEXT NOT NULL,
	PRIMARY KEY (topology_id, seq)
) STRICT, WITHOUT ROWID;
