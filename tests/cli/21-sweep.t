#!/usr/bin/env bash
# mmreplay replay: engines, and the settings of a sweep.
set -u
. "$(dirname "$0")/tap.sh"
cd "$T" || exit 1
sql() { sqlite3 "$@"; }
replay() { "$MMREPLAY" replay "$@"; }

"$MMREPLAY" generate fork_storm -o storm.mmw --events 5000 --seed 7 || echo "Bail out! cannot generate"

# ---- simulated ----
ok "a sweep over simulated CPUs" replay storm.mmw --db sim.db --engine sim --topology epyc-2x96,remote=130.5 --threads 1,2,16 \
	--lock ticket,qspinlock --inject hot_add:2000,max=3
is "$(sql sim.db "select count(*), group_concat(distinct verdict), count(distinct state_digest), max(oversubscribed) from run")" \
	"12|pass|1|0" "every setting once, all in the same state"
is "$(sql sim.db "select count(distinct r.topology), substr(max(r.topology), 1, 6), sum(c.ps = 130500 and c.name = 'remote')
	from run r join topology t on t.spec = r.topology join topology_cost c on c.topology_id = t.id")" "1|epyc-2|12" \
	"its machine is stored with its costs"
ok "again" replay storm.mmw --db sim2.db --engine sim --topology epyc-2x96,remote=130.5 --threads 16,1,2 --lock ticket --inject hot_add:2000,max=3
figures="select r.wall_ns, l.lock, l.wait_total_ns, l.hold_total_ns, l.contentions from run r join lock_stat l on l.run_id = r.id
	where r.lock = 'ticket' order by threads, design, l.lock, l.mode"
is "$(sql sim2.db "$figures")" "$(sql sim.db "$figures")" "the same seed gives the same figures"
ok "as many CPUs as a preset has" replay storm.mmw --db preset.db --engine sim --topology laptop --design null
is "$(sql preset.db "select group_concat(threads) from run")" "1,2,4,8" "1, 2, 4 ... and all"
exits 2 "more threads than CPUs" replay storm.mmw --db no.db --engine sim --topology laptop --threads 9
said "fewer than the 9 threads" "and how many there are"
exits 2 "no machine to imagine for the native engine" replay storm.mmw --db no.db --topology laptop
exits 2 "nor anything to be exact about" replay storm.mmw --db no.db --exact
exits 2 "a topology that is none" replay storm.mmw --db no.db --engine sim --topology 0x1x1
exits 2 "a lock that the native engine has not" replay storm.mmw --db no.db --lock tas
said "the engine native has no lock called 'tas'" "says which engine"
ok "but the sim has" replay storm.mmw --db tas.db --engine sim --topology laptop --lock tas,pvqspinlock --threads 2
is "$(ls no.db 2>/dev/null)" "" "no store is made for what cannot be"

# ---- recorded pace ----
# A fifth of a second of recorded time.
"$MMREPLAY" generate build_farm -o farm.mmw --events 600 --seed 7 --cpus 2
duration=$("$MMREPLAY" info farm.mmw --format json | sed -n 's/.*"duration_ns": *\([0-9]*\).*/\1/p')
ok "recorded pace, at two speeds" replay farm.mmw --db pace.db --pace recorded --speed 1,4.5 --threads 2 --repeat 2 --measure full
is "$(sql pace.db "select group_concat(n) from (select pace || ' ' || speed || ' ' || count(*) as n from run group by speed)")" \
	"recorded 1.0 4,recorded 4.5 4" "each speed is a setting, and stored"
is "$(sql pace.db "select count(*) from run where wall_ns < 0.9 * $duration / speed")" 0 "no run is faster than that"
is "$(sql pace.db "select count(*) from run r join replay_error e on e.run_id = r.id where drift_count = r.events and
	drift_p50_ns <= drift_p99_ns and drift_p99_ns <= drift_max_ns")" 8 "how late each event began is stored"
is "$(sql pace.db "select count(*) from run r join run_time t on t.run_id = r.id
	where abs(wait_ns + hold_ns + work_ns + surround_ns + stall_ns + idle_ns + rcu_ns + harness_ns - wall_ns * threads) < 0.02 * wall_ns * threads
	and idle_ns > 0")" 8 "all of the time is accounted for, that of waiting too"
ok "simulated" replay farm.mmw --db simpace.db --engine sim --topology laptop --pace recorded --speed 2 --threads 2 --surround calibrated=500000
is "$(sql simpace.db "select group_concat(distinct speed), min(wall_ns) > 0.45 * $duration, group_concat(distinct surround)
	from run")" "2.0|1|calibrated=500000" "at its speed"
exits 2 "a speed without a pace" replay farm.mmw --db no.db --speed 2
said "only with --pace recorded" "says what is missing"
exits 2 "a speed of nothing" replay farm.mmw --db no.db --pace recorded --speed 0
exits 2 "a speed that is none" replay farm.mmw --db no.db --pace recorded --speed 1,fast
exits 2 "a pace that is none" replay farm.mmw --db no.db --pace slow
exits 2 "a surround that is none" replay farm.mmw --db no.db --surround much

# ---- the machine between the repeats ----
ok "repeats as fast as possible" replay farm.mmw --db ref.db --threads 1,2 --repeat 3 --lock ticket,qspinlock
is "$(sql ref.db "select count(*), count(distinct setting), group_concat(distinct design), min(events) > 400, min(wall_ns) > 0
	from reference_run")" "12|4|null|1|1" "a reference run after each repeat in each setting"
is "$(sql ref.db "select count(*), group_concat(distinct design) from run")" "24|pgd_list,task_list" "which is no run"
ok "without" replay farm.mmw --db ref.db --threads 1 --repeat 2 --no-reference
ok "who runs null has it" replay farm.mmw --db ref.db --threads 1 --repeat 2 --design pgd_list,null
ok "nor for a single run" replay farm.mmw --db ref.db --threads 1 --repeat 1
is "$(sql ref.db "select count(*) from reference_run; attach 'pace.db' as p; select count(*) from p.reference_run;
	attach 'sim.db' as s; select count(*) from s.reference_run" | tr '\n' ' ')" "12 0 0 " "nor as recorded, nor simulated"

# ---- what surrounds ----
ok "work from the trace's gaps" replay farm.mmw --db sur.db --surround calibrated --threads 1,2 --repeat 1 --design pgd_list --measure full
said "surround, from the trace's gaps: fork " "is told"
is "$(sql sur.db "select count(*) from run r join run_time t on t.run_id = r.id where surround = 'calibrated' and surround_ns > work_ns")" 2 \
	"and takes most of the time"

# ---- stopped and resumed ----
sweep=(farm.mmw --db res.db --pace recorded --speed "2,4" --threads "1,2" --repeat 2 --measure full)
"$MMREPLAY" replay "${sweep[@]}" >out.txt 2>err.txt &
pid=$!
for _ in $(seq 200); do
	[ "$(sql res.db "select count(*) >= 3 from run where status = 'done'" 2>/dev/null)" = 1 ] && break
	sleep 0.05
done
kill -INT $pid
wait $pid
is $? 130 "stopped in the middle"
before=$(sql res.db "select group_concat(id) from run where status = 'done'")
part=$(sql res.db "select count(*) from run where status = 'done'")
ok "resumed" replay "${sweep[@]}" --resume
said ", $part were there" "says what was there"
is "$(sql res.db "select count(*), count(distinct session), count(distinct threads || design || speed || repeat_no) from run where status = 'done'")" \
	"16|1|16" "every run once, in one session"
is "$(sql res.db "select group_concat(id) from run where id in ($before) and status = 'done'")" "$before" "what was there stayed"
ok "resumed once more" replay "${sweep[@]}" --resume
said "0 runs of" "there is nothing left to do"
ok "another seed is another sweep" replay "${sweep[@]}" --resume --seed 5 --threads 1 --speed 8 --repeat 1
said "holds no such runs; starting afresh" "says so"
is "$(sql res.db "select count(distinct session) from run")" 2 "with a session of its own"
ok "more repeats of what is there" replay "${sweep[@]}" --resume --repeat 3 --threads 2 --speed 4
is "$(sql res.db "select group_concat(n) from (select count(*) as n from run where status = 'done' and session = 1 group by threads, speed)")" \
	"4,4,4,6" "only these are run"
"$MMREPLAY" generate fork_storm -o viol.mmw --events 3000 --seed 3
# shellcheck disable=SC2154 # run says status, who calls says name
exits_1() { run "$MMREPLAY" replay viol.mmw --db viol.db --design pgd_list_remove_nosync --inject hot_add:3000,max=9 --inject hot_remove:3000,max=9 --threads 1 --repeat 1 "$@"; is "$status" 1 "$name"; }
name="a violation is exit 1" exits_1
name="and is still one when the run was there before" exits_1 --resume
is "$(sql viol.db "select count(*) from run")" 1 "and was not run again"

# On a terminal: which run of how many, and how long.
if command -v script >/dev/null; then
	script -qec "$MMREPLAY replay farm.mmw --db tty.db --pace recorded --speed 0.3 --threads 1 --repeat 2 --design pgd_list" /dev/null >tty.txt 2>&1 </dev/null
	is "$(grep -c 'run 1 of 2  [0-9]* %  0:0[0-9] left' tty.txt | sed 's/[1-9][0-9]*/some/')" some "run 1 of 2, and the time left"
else
	skip 1 "no script(1) here"
fi

done_testing
