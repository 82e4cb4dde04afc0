#!/usr/bin/env bash
# mmreplay replay: engines, and the settings of a sweep.
set -u
. "$(dirname "$0")/tap.sh"
cd "$T" || exit 1
sql() { sqlite3 "$@"; }
replay() { "$MMREPLAY" replay "$@"; }

"$MMREPLAY" generate fork_storm -o storm.mmw --events 5000 --seed 7 || echo "Bail out! cannot generate"

# ---- simulated ----
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

done_testing
