#!/usr/bin/env bash
# What one run says in several ways says the same: counts add up exactly, times
# to rounding. On real threads and simulated ones, sampled and in full.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
if [ "$VARIANT" = asan ]; then
	echo "1..0 # skip sums do not depend on the sanitizer, and test_known, test_sim_known and 20-replay.t run under it"
	exit
fi
db=$T/r.db
"$MMREPLAY" generate build_farm -o "$T/w.mmw" --events 6000 --cpus 4 2>/dev/null
sweep() { "$MMREPLAY" replay "$T/w.mmw" --db "$db" --design pgd_list,pgd_shard,task_list,switch_gen --repeat 1 "$@"; }
ok "not measured" sweep --threads 2 --measure off
ok "sampled" sweep --threads 1,2,3 --inject sync:50
ok "in full" sweep --threads 2 --measure full --inject sync:50
ok "mutexes, of which holders sleep" sweep --threads 2 --lock mutex
ok "paced" sweep --threads 2 --pace recorded --speed 2000 --measure full
ok "simulated" sweep --engine sim --threads 2,16
is "$(sqlite3 "$db" "SELECT COUNT(*) FROM run WHERE status = 'done'")" 36 "all runs are done"

# The runs that break the rule, by their ids; none.
none() { # WHAT SQL
	is "$(sqlite3 "$db" "SELECT group_concat(id) FROM ($2)" 2>&1)" "" "$1"
}
measured="measure <> 'off' AND engine = 'native'"

# ---- operations ----
none "each event is one operation" "SELECT id FROM run r WHERE events <>
	(SELECT SUM(count) FROM run_event e WHERE e.run_id = r.id)"
none "operations are counted as the events are" "SELECT id FROM run r JOIN run_event e ON e.run_id = r.id
	JOIN op_stat o ON o.run_id = r.id AND o.op = e.event WHERE o.count <> e.count"
none "the replay did what was recorded, and what was injected" "SELECT r.id FROM run r JOIN run_event e ON e.run_id = r.id
	JOIN workload_event w ON w.workload_id = r.workload_id AND w.event = e.event WHERE e.count <> w.count AND e.event <> 'sync'"
none "in full, every operation is timed" "SELECT r.id FROM run r JOIN op_stat o ON o.run_id = r.id
	WHERE measure = 'full' AND op <> 'switch' AND timed <> count"

# ---- acquisitions against operations: alloc_lock by each exec and each exit of a task with an mm, tasklist_lock by births and deaths ----
none "tasklist_lock is written twice by who exits, once by who is born" "SELECT r.id FROM run r
	JOIN lock_stat l ON l.run_id = r.id AND l.lock = 'tasklist_lock' AND l.mode = 'write'
	WHERE inject = '' AND design <> 'task_list_tasklist' AND l.acquisitions NOT BETWEEN
		(SELECT SUM(CASE event WHEN 'exit' THEN 2 WHEN 'exec' THEN 0 ELSE 1 END * count) FROM run_event e
			WHERE e.run_id = r.id AND event IN ('fork', 'vfork', 'thread', 'exit')) AND
		(SELECT SUM(CASE event WHEN 'exit' THEN 2 ELSE 1 END * count) FROM run_event e
			WHERE e.run_id = r.id AND event IN ('fork', 'vfork', 'thread', 'exit', 'exec'))"
none "pgd_lock is taken by each new mm, and by each that goes" "SELECT r.id FROM run r
	JOIN lock_stat l ON l.run_id = r.id AND l.lock = 'pgd_lock' WHERE design = 'pgd_list' AND inject = '' AND l.acquisitions NOT BETWEEN
		(SELECT SUM(count) FROM run_event e WHERE e.run_id = r.id AND event IN ('fork', 'exec')) AND
		(SELECT 2 * SUM(count) FROM run_event e WHERE e.run_id = r.id AND event IN ('fork', 'exec', 'vmalloc', 'purge'))"
none "no lock is waited for oftener than it is taken" "SELECT run_id AS id FROM lock_stat
	WHERE contentions > acquisitions OR acq_bounces > acquisitions OR con_bounces > contentions OR timed > acquisitions"

# ---- the timeline ----
none "each lock has a timeline" "SELECT run_id AS id FROM lock_stat l WHERE NOT EXISTS
	(SELECT 1 FROM timeline t WHERE t.run_id = l.run_id AND t.lock = l.lock AND t.mode = l.mode)"
sums="SELECT l.run_id, l.acquisitions, l.contentions, l.timed, l.wait_total_ns, l.hold_total_ns, COUNT(*) AS n,
	SUM(t.acquisitions) AS a, SUM(t.contentions) AS c, SUM(t.timed) AS s, SUM(t.wait_ns) AS w, SUM(t.hold_ns) AS h
	FROM lock_stat l JOIN timeline t ON t.run_id = l.run_id AND t.lock = l.lock AND t.mode = l.mode
	GROUP BY l.run_id, l.lock, l.mode"
none "its counts add up to the lock's" "SELECT run_id AS id FROM ($sums) WHERE a <> acquisitions OR c <> contentions OR s <> timed"
none "its times, too, but for rounding" "SELECT run_id AS id FROM ($sums)
	WHERE ABS(w - wait_total_ns) > n OR ABS(h - hold_total_ns) > n"
none "it lies within the run, in intervals of one length" "SELECT r.id FROM run r JOIN timeline t ON t.run_id = r.id
	WHERE t.begin_ns + t.length_ns > r.wall_ns OR t.length_ns <= 0 OR seq > 127 OR acquisitions + contentions = 0
	OR (seq > 0 AND begin_ns % seq <> 0)"

# ---- by command name ----
none "each event has a name" "SELECT r.id FROM run r JOIN run_event e ON e.run_id = r.id WHERE $measured
	AND e.count <> (SELECT SUM(count) FROM comm_stat c WHERE c.run_id = r.id AND c.op = e.event)"
none "simulated, as well" "SELECT r.id FROM run r JOIN run_event e ON e.run_id = r.id WHERE engine = 'sim'
	AND e.count <> (SELECT SUM(count) FROM comm_stat c WHERE c.run_id = r.id AND c.op = e.event)"
none "no name has events that there are not" "SELECT run_id AS id FROM comm_stat c WHERE count > 0 AND NOT EXISTS
	(SELECT 1 FROM run_event e WHERE e.run_id = c.run_id AND e.event = c.op)"
names="SELECT r.id, r.measure, SUM(s.wait_ns) AS w, SUM(s.hold_ns) AS h, SUM(caused) AS n, SUM(caused_ns) AS c,
	(SELECT SUM(wait_total_ns) FROM lock_stat l WHERE l.run_id = r.id) AS locks,
	(SELECT SUM(contentions) FROM lock_stat l WHERE l.run_id = r.id) AS contentions, t.wait_ns AS t_wait, t.hold_ns AS t_hold
	FROM run r JOIN comm_stat s ON s.run_id = r.id JOIN run_time t ON t.run_id = r.id GROUP BY r.id"
none "what names made others wait is what locks were waited for" "SELECT id FROM ($names) WHERE ABS(c - locks) > 1000 + locks / 1000"
none "in full, what names waited is what locks were waited for" "SELECT id FROM ($names)
	WHERE measure = 'full' AND ABS(w - locks) > 1000 + locks / 100"
none "simulated, names wait and hold as long as threads do" "SELECT n.id FROM ($names) n JOIN run r ON r.id = n.id
	WHERE engine = 'sim' AND (ABS(w - t_wait) > 1000 OR ABS(h - t_hold) > 1000)"
is "$(sqlite3 "$db" "SELECT COUNT(*) FROM comm_stat c JOIN run r ON r.id = run_id WHERE (comm = '(injected)') <> (op = 'sync')")" 0 \
	"what was injected is nobody's, and nothing else is"
is "$(sqlite3 "$db" "SELECT COUNT(DISTINCT comm) > 5 FROM comm_stat")" 1 "the workload's names are there"

# ---- who waited for whom ----
none "waits by holder are those of the histogram" "SELECT l.run_id AS id FROM lock_stat l JOIN run r ON r.id = l.run_id
	WHERE COALESCE((SELECT SUM(count) FROM lock_hist h WHERE h.run_id = l.run_id AND h.lock = l.lock AND h.mode = l.mode AND kind = 'wait'), 0)
	<> COALESCE((SELECT SUM(count) FROM blocker b WHERE b.run_id = l.run_id AND b.lock = l.lock AND b.mode = l.mode), 0)"

# ---- the slowest ----
none "32 of them, or all that were timed" "SELECT id FROM run r WHERE (SELECT COUNT(*) FROM slow_op s WHERE s.run_id = r.id) <>
	MIN(32, COALESCE((SELECT SUM(timed) FROM op_stat o WHERE o.run_id = r.id), 0))"
none "the first is the slowest of all that were timed" "SELECT r.id FROM run r JOIN slow_op s ON s.run_id = r.id AND seq = 0
	WHERE ABS(latency_ns - (SELECT MAX(max_ns) FROM op_stat o WHERE o.run_id = r.id)) > 1"
none "in order; none was late and waited longer than it took" "SELECT s.run_id AS id FROM slow_op s LEFT JOIN slow_op b
	ON b.run_id = s.run_id AND b.seq = s.seq - 1 WHERE s.latency_ns > b.latency_ns OR s.wait_ns > s.latency_ns
	OR s.longest_ns > s.wait_ns OR s.wait_ns + s.late_ns > s.latency_ns + 2 OR (s.lock IS NULL) <> (s.holder_op IS NULL)"
none "none is late that had no time to keep" "SELECT run_id AS id FROM slow_op JOIN run r ON r.id = run_id WHERE pace = 'asap' AND late_ns <> 0"
none "who does not measure has none of it" "SELECT id FROM run r WHERE measure = 'off' AND engine = 'native' AND (id IN
	(SELECT run_id FROM timeline) OR id IN (SELECT run_id FROM comm_stat) OR id IN (SELECT run_id FROM slow_op))"

# ---- as shown ----
ok "the heat map" "$MMREPLAY" report --db "$db" --view timeline
is "$(grep -c "of all threads' time: ' ' none" "$T/out")" 8 "has a scale per run"
for v in comms comm_ops slowest ops; do
	ok "view $v" "$MMREPLAY" report --db "$db" --view $v
done
done_testing
