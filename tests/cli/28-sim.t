#!/usr/bin/env bash
# replay --engine sim as a user meets it: runs on machines that are not there,
# the same each time, stored with what they were imagined on.
# shellcheck source=tests/cli/tap.sh
. "$(dirname "$0")/tap.sh"
db=$T/r.db
sql() { sqlite3 "$db" "$1"; }
shows() { # TEXT NAME: the last run's stdout holds it
	grep -qF -- "$1" "$T/out"
	result $? "$2"
}

"$MMREPLAY" generate fork_storm -o "$T/w.mmw" --events 6000 --cpus 16 --seed 3

ok "a sweep over CPU counts that this machine does not have" \
	"$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 1,16,200 --topology epyc-2x96 --db "$db"
is "$(sql "SELECT count(*) FROM run WHERE engine = 'sim' AND status = 'done'")" 6 "six runs are stored, done"
is "$(sql "SELECT count(DISTINCT state_digest) FROM run")" 1 "all end in the same state"
is "$(sql "SELECT count(*) FROM run WHERE topology LIKE '% step=%'")" 6 \
	"each with the machine it was imagined on"
is "$(sql "SELECT sum(contentions) FROM lock_stat l JOIN run r ON r.id = run_id WHERE threads = 1")" 0 "one CPU never waits"
is "$(sql "SELECT sum(contentions) > 1000 FROM lock_stat l JOIN run r ON r.id = run_id WHERE threads = 16")" 1 "sixteen do"

ok "once more" "$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 16 --topology xeon-8s --db "$T/a.db"
ok "and again" "$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 16 --topology xeon-8s --db "$T/b.db"
figures() {
	sqlite3 "$1" "SELECT design, wall_ns FROM run ORDER BY id; SELECT * FROM lock_hist ORDER BY 1, 2, 3, 4, 5;
		SELECT * FROM line_conflict ORDER BY 1, 2, 3; SELECT * FROM run_time ORDER BY 1; SELECT * FROM op_hist ORDER BY 1, 2, 3"
}
is "$(figures "$T/a.db" | cksum)" "$(figures "$T/b.db" | cksum)" "all figures are the same, to the nanosecond"

ok "conflicts are reported" "$MMREPLAY" report --db "$db" --view conflicts --format csv
shows pgd_lock "by the name of what lies on the line"
ok "who waited for whom is reported" "$MMREPLAY" report --db "$db" --view blockers --format csv
is "$(sql "SELECT count(*) FROM (SELECT sum(b.count) AS n, l.contentions AS c FROM lock_stat l LEFT JOIN blocker b
	ON b.run_id = l.run_id AND b.lock = l.lock AND b.mode = l.mode GROUP BY l.run_id, l.lock, l.mode)
	WHERE coalesce(n, 0) <> c")" 0 "every wait has one who was waited for"
is "$(sql "SELECT count(*) FROM v_time WHERE abs(covered_percent - 100) > 0.1")" 0 "all of the time is accounted for"

for lock in ticket qspinlock tas pvqspinlock mutex; do
	ok "with --lock $lock" "$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 8 --topology xeon-8s --lock $lock --db "$T/$lock.db"
done

if [ "$VARIANT" = asan ]; then
	skip 5 "26-calibrate.t calibrates under the sanitizer: it takes half a minute"
else
	ok "a machine like this one is measured first" "$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 4 --db "$T/here.db"
	said "calibrat" "which is said"
	is "$(sqlite3 "$T/here.db" "SELECT count(*) > 5 FROM topology_cost WHERE origin = 'measured'")" 1 "and what was measured is used"
	ok "the second time it is not" "$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 4 --db "$T/here.db"
	is "$(sqlite3 "$T/here.db" "SELECT count(*) FROM (SELECT DISTINCT design, wall_ns FROM run)")" 2 "so the result is the same"
fi

exits 2 "more threads than the topology has CPUs" \
	"$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 16 --topology 1x1x4 --db "$db"
exits 2 "a topology that is none" "$MMREPLAY" replay "$T/w.mmw" --engine sim --topology nonsense --db "$db"
exits 2 "more threads than there can be" "$MMREPLAY" replay "$T/w.mmw" --engine sim --threads 5000 --db "$db"
exits 2 "a lock that only the sim has" "$MMREPLAY" replay "$T/w.mmw" --engine native --lock tas --db "$db"
said tas "is named"

"$MMREPLAY" generate hotplug -o "$T/h.mmw" --events 3000 --cpus 8 --seed 1
run "$MMREPLAY" replay "$T/h.mmw" --engine sim --threads 8 --topology xeon-8s --design task_list_v1 --db "$db"
is "$status" 1 "a broken design is found out"
said "I4" "by its invariant"

"$MMREPLAY" generate bbs_2019 -o "$T/b.mmw" --events 3000 --cpus 8 --seed 1 --set live_mms=200
ok "the 2019 workload runs" \
	"$MMREPLAY" replay "$T/b.mmw" --engine sim --threads 8 --topology xeon-8s --era v4.19.67 --design pgd_list --db "$db"
ok "and has its report" "$MMREPLAY" report --db "$db" --view bbs_2019
shows "sync:alloc" "with the columns of the reported split"
done_testing
