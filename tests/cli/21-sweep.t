#!/usr/bin/env bash
# mmreplay replay: engines, and the settings of a sweep.
set -u
. "$(dirname "$0")/tap.sh"
cd "$T" || exit 1
sql() { sqlite3 "$@"; }
replay() { "$MMREPLAY" replay "$@"; }

"$MMREPLAY" generate fork_storm -o storm.mmw --events 5000 --seed 7 || echo "Bail out! cannot generate"

# ---- simulated ----
# What this machine costs, once for all stores: what is compared has to be made of the same.
"$MMREPLAY" calibrate --db here.db >/dev/null 2>&1 || echo "Bail out! cannot calibrate"
for store in sim sim2 tas simpace; do cp here.db $store.db; done
ok "a sweep over simulated CPUs" replay storm.mmw --db sim.db --engine sim --topology 2x2x4,remote=130.5 --threads 1,2,16 \
	--lock ticket,qspinlock --inject hot_add:2000,max=3
is "$(sql sim.db "select count(*), group_concat(distinct verdict), count(distinct state_digest), max(oversubscribed) from run")" \
	"12|pass|1|0" "every setting once, all in the same state"
is "$(sql sim.db "select count(distinct r.topology), substr(max(r.topology), 1, 6), sum(c.ps = 130500 and c.name = 'remote')
	from run r join topology t on t.spec = r.topology join topology_cost c on c.topology_id = t.id")" "1|2x2x4:|12" \
	"its machine is stored with its costs"
ok "again" replay storm.mmw --db sim2.db --engine sim --topology 2x2x4,remote=130.5 --threads 16,1,2 --lock ticket --inject hot_add:2000,max=3
figures="select r.wall_ns, l.lock, l.wait_total_ns, l.hold_total_ns, l.contentions from run r join lock_stat l on l.run_id = r.id
	where r.lock = 'ticket' order by threads, design, l.lock, l.mode"
is "$(sql sim2.db "$figures")" "$(sql sim.db "$figures")" "the same seed gives the same figures"
ok "as many CPUs as a preset has" replay storm.mmw --db preset.db --engine sim --topology laptop --design null
is "$(sql preset.db "select group_concat(threads) from run")" "1,2,4,8" "1, 2, 4 ... and all"
exits 2 "more threads than CPUs" replay storm.mmw --db no.db --engine sim --topology 1x1x4 --threads 5
said "fewer than the 5 threads" "and how many there are"
exits 2 "no machine to imagine for the native engine" replay storm.mmw --db no.db --topology laptop
exits 2 "nor anything to be exact about" replay storm.mmw --db no.db --exact
exits 2 "a topology that is none" replay storm.mmw --db no.db --engine sim --topology 0x1x1
exits 2 "a lock that the native engine has not" replay storm.mmw --db no.db --lock tas
said "the engine native has no lock called 'tas'" "says which engine"
ok "but the sim has" replay storm.mmw --db tas.db --engine sim --lock tas,pvqspinlock --threads 2
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
	and idle_ns > 0.2 * wall_ns")" 8 "the time went mostly by waiting for it"
ok "simulated" replay farm.mmw --db simpace.db --engine sim --pace recorded --speed 2 --threads 2 --surround calibrated=500000
is "$(sql simpace.db "select group_concat(distinct speed), min(wall_ns) > 0.45 * $duration, group_concat(distinct surround)
	from run")" "2.0|1|calibrated=500000" "at its speed"
exits 2 "a speed without a pace" replay farm.mmw --db no.db --speed 2
said "only with --pace recorded" "says what is missing"
exits 2 "a speed of nothing" replay farm.mmw --db no.db --pace recorded --speed 0
exits 2 "a speed that is none" replay farm.mmw --db no.db --pace recorded --speed 1,fast
exits 2 "a pace that is none" replay farm.mmw --db no.db --pace slow
exits 2 "a surround that is none" replay farm.mmw --db no.db --surround much

# ---- what surrounds ----
ok "work from the trace's gaps" replay farm.mmw --db sur.db --surround calibrated --threads 1,2 --repeat 1 --design pgd_list --measure full
said "surround, from the trace's gaps: fork " "is told"
is "$(sql sur.db "select count(*) from run r join run_time t on t.run_id = r.id where surround = 'calibrated' and surround_ns > work_ns")" 2 \
	"and takes most of the time"

done_testing
