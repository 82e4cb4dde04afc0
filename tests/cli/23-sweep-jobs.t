#!/usr/bin/env bash
# mmreplay replay --jobs: simulated runs side by side.
set -u
. "$(dirname "$0")/tap.sh"
cd "$T" || exit 1
sql() { sqlite3 "$@"; }
replay() { "$MMREPLAY" replay "$@"; }

"$MMREPLAY" generate fork_storm -o storm.mmw --events 5000 --seed 7 || echo "Bail out! cannot generate"

# ---- the same as one after another ----
side=(storm.mmw --engine sim --topology epyc-2x96 --threads "1,3,16,64" --lock "ticket,qspinlock" --inject "hot_add:2000,max=3")
ok "one after another" replay "${side[@]}" --db one.db --jobs 1
ok "three at once" replay "${side[@]}" --db three.db -j 3
ok "more than there are" replay "${side[@]}" --db all.db -j 200
all="select r.design, r.threads, r.lock, r.status, r.wall_ns, r.state_digest, l.lock, l.wait_total_ns, l.hold_total_ns from run r
	join lock_stat l on l.run_id = r.id order by 1, 2, 3, 7, 8, 9"
is "$(sql three.db "$all")" "$(sql one.db "$all")" "tell the same"
is "$(sql all.db "$all" | wc -l) $(sql all.db "$all" | md5sum)" "$(sql one.db "$all" | wc -l) $(sql one.db "$all" | md5sum)" "all of it"
is "$(sql three.db "select group_concat(design || threads || lock) from run order by id")" \
	"$(sql one.db "select group_concat(design || threads || lock) from run order by id")" "in the order of the sweep"

# ---- what cannot be ----
exits 2 "none at once" replay "${side[@]}" --db no.db -j 0
exits 2 "real threads have the machine to themselves" replay storm.mmw --db no.db -j 2
said "--jobs: the engine native takes this machine's CPUs itself" "says why"
ok "one at a time they may" replay storm.mmw --db onejob.db -j 1 --threads 1 --repeat 1 --design null

# ---- the end of one, of all ----
"$MMREPLAY" generate fork_storm -o long.mmw --events 600000 --seed 7 --cpus 16
"$MMREPLAY" replay long.mmw --engine sim --topology epyc-2x96 --threads 16,32 --db int.db -j 3 >out.txt 2>err.txt &
pid=$!
for _ in $(seq 1000); do
	[ "$(sql int.db "select count(*) = 3 from run" 2>/dev/null)" = 1 ] && break
	sleep 0.05
done
kill -INT $pid
wait $pid
is $? 130 "stopped in the middle"
is "$(sql int.db "select group_concat(distinct status), count(*) from run")" "interrupted|3" "each of them says so"
# Runs so short that the sweep never has to wait long for one.
"$MMREPLAY" replay storm.mmw --engine sim --topology laptop --repeat 1000 --lock "ticket,qspinlock,tas" --db short.db -j 3 >out.txt 2>err.txt &
pid=$!
for _ in $(seq 1000); do
	[ "$(sql short.db "select count(*) > 5 from run" 2>/dev/null)" = 1 ] && break
	sleep 0.05
done
kill -INT $pid
wait $pid
is $? 130 "however short they are"
is "$(sql short.db "select count(*) < 5000, sum(status = 'running') from run")" "1|0" "at once"
"$MMREPLAY" generate fork_storm -o broken.mmw --events 3000 --seed 3
run replay broken.mmw --db broken.db --engine sim --topology laptop --design pgd_list_remove_nosync,pgd_list --lock ticket,qspinlock,tas \
	--inject hot_add:3000,max=9 --inject hot_remove:3000,max=9 --threads 1,2 -j 4
# shellcheck disable=SC2154 # run says status
is "$status" 1 "a violation in one of them is exit 1"
is "$(sql broken.db "select design, group_concat(distinct verdict), count(*) from run group by 1" | tr '\n' ' ')" \
	"pgd_list|pass|6 pgd_list_remove_nosync|violation|6 " "and the others are whole"
# Each run begun takes a row: the store fills up while some are under way.
if mkdir small && mount -t tmpfs -o size=600k none small 2>/dev/null; then
	exits 1 "a full disk" replay storm.mmw --engine sim --topology epyc-2x96 --threads 1,2,4,8,16,32,64 --lock ticket,qspinlock,tas,mutex --db small/x.db -j 4
	said "database or disk is full" "says so"
	is "$(wc -l <"$T/err")" 1 "once"
	umount small
else
	skip 3 "no tmpfs can be mounted here"
fi

done_testing
