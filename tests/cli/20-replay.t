#!/usr/bin/env bash
# mmreplay replay: what it runs, what it stores, how it ends.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

n=0
ok() { # ok NAME COMMAND...: passes when the command succeeds
	n=$((n + 1))
	local name=$1
	shift
	if "$@" >out.txt 2>err.txt; then echo "ok $n - $name"; else
		echo "not ok $n - $name"
		sed 's/^/# /' out.txt err.txt | head -20
	fi
}
is() { # is NAME GOT WANT
	n=$((n + 1))
	if [ "$2" = "$3" ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
	fi
}
sql() { sqlite3 "$@"; }
# ThreadSanitizer makes everything slower by an order of magnitude.
events=60000
[ "${VARIANT:-plain}" = tsan ] && events=6000

for p in fork_storm build_farm thread_pool; do
	"$MMREPLAY" generate $p -o $p.mmw --events $events --seed 7 || echo "Bail out! cannot generate"
done

# ---- every design, lock and thread count ends in the same state ----
for p in fork_storm build_farm thread_pool; do
	ok "$p: designs x locks x threads" "$MMREPLAY" replay $p.mmw --db $p.db --design pgd_list,task_list \
		--lock ticket,qspinlock,mutex --threads 1,2,5 --repeat 1 --inject hot_add:100,max=20 --inject sync:50
	is "$p: one state_digest for all" "$(sql $p.db 'select count(distinct state_digest), count(*) from run')" '1|18'
	is "$p: oracle clean" "$(sql $p.db "select group_concat(distinct verdict) from run")" pass
	is "$p: same events everywhere" "$(sql $p.db 'select count(distinct events) from run')" 1
	is "$p: events are the workload's plus injections" "$(sql $p.db "select (select events from run limit 1) - \
		(select sum(count) from workload_event where event not in ('present','lost')) \
		- (select sum(count) from run_event where run_id = 1 and event in ('hot_add','sync'))")" 0
	is "$p: counts by type agree with the workload" "$(sql $p.db "select count(*) from run_event e join run r on r.id = e.run_id \
		join workload_event w on w.workload_id = r.workload_id and w.event = e.event where e.count <> w.count")" 0
	is "$p: more threads than CPUs are marked" "$(sql $p.db "select group_concat(distinct oversubscribed) from run where threads = 5")" \
		"$([ "$(nproc)" -lt 5 ] && echo 1 || echo 0)"
done

# ---- those that change the machine, or purge ----
few=$((events / 3))
"$MMREPLAY" generate exec_chain -o exec_chain.mmw --events $few --seed 7 --set leader=20
"$MMREPLAY" generate vmalloc_churn -o vmalloc_churn.mmw --events $few --seed 7 --set move=500
"$MMREPLAY" generate hotplug -o hotplug.mmw --events $few --seed 7 --set slot_blocks=4 --set suspends=200 --set rate=2000
"$MMREPLAY" generate bbs_2019 -o bbs_2019.mmw --events $few --seed 7 --set live_mms=300 --set syncs_per_fork=0.5
for p in exec_chain vmalloc_churn hotplug bbs_2019; do
	ok "$p: designs x threads" "$MMREPLAY" replay $p.mmw --db $p.db --design pgd_list,task_list --threads 1,2,5 \
		--repeat 1 --inject hot_add:100,max=5
	is "$p: one state_digest for all" "$(sql $p.db 'select count(distinct state_digest), count(*) from run')" '1|6'
	is "$p: oracle clean" "$(sql $p.db "select group_concat(distinct verdict) from run")" pass
done
ok "bbs_2019 in 2019" "$MMREPLAY" replay bbs_2019.mmw --db walks.db --era v4.19.67 --threads 1,2 --repeat 1
is "its purges are walks there, and nothing before" "$(for db in walks bbs_2019; do sql $db.db "
	select distinct l.acquisitions - (select coalesce(sum(count), 0) from run_event e where e.run_id = r.id and e.event = 'hot_add')
	= p.count, l.acquisitions > 5 from run r join lock_stat l on l.run_id = r.id and l.lock = 'pgd_lock'
	join run_event p on p.run_id = r.id and p.event = 'purge' where r.design = 'task_list'"; done | tr '\n' ' ')" '1|1 0|0 '

# ---- what locks count ----
is "pgd_list takes pgd_lock once per new mm and once per dead one" "$(sql fork_storm.db "
	select count(*) from run r join lock_stat l on l.run_id = r.id and l.lock = 'pgd_lock'
	join run_event f on f.run_id = r.id and f.event = 'fork'
	where r.design = 'pgd_list' and l.acquisitions between f.count * 2 - 1000 and f.count * 2 + 1000")" 9
is "task_list takes it for additions and walks only" "$(sql fork_storm.db "
	select count(*) from run r join lock_stat l on l.run_id = r.id and l.lock = 'pgd_lock'
	where r.design = 'task_list' and l.acquisitions =
	(select sum(count) from run_event e where e.run_id = r.id and e.event in ('hot_add', 'sync'))")" 9
is "tasklist_lock: once in fork, twice in exit" "$(sql fork_storm.db "
	select count(*) from run r join lock_stat l on l.run_id = r.id and l.lock = 'tasklist_lock' and l.mode = 'write'
	join run_event f on f.run_id = r.id and f.event = 'fork' join run_event x on x.run_id = r.id and x.event = 'exit'
	where l.acquisitions - f.count - 2 * x.count between 0 and 1000")" 18

# ---- removals, other kernels ----
ok "hot_remove" "$MMREPLAY" replay build_farm.mmw --db remove.db --threads 1,2 --repeat 1 \
	--inject hot_add:100,max=40 --inject hot_remove:50
is "their events are counted" "$(sql remove.db "select count(distinct event) from run_event
	where event in ('hot_add', 'hot_remove')")" 2
is "one state_digest for all" "$(sql remove.db 'select count(distinct state_digest), group_concat(distinct verdict) from run')" '1|pass'
for era in v4.19.67 v5.8; do
	ok "$era" "$MMREPLAY" replay build_farm.mmw --db $era.db --era $era --threads 1,2 --repeat 1 --inject hot_add:50
	is "$era: one state_digest for all" \
		"$(sql $era.db 'select count(distinct state_digest), group_concat(distinct verdict) from run')" '1|pass'
done
for g in i386-2level i386-pae; do
	ok "$g" "$MMREPLAY" replay build_farm.mmw --db $g.db --geometry $g --threads 1,2 --repeat 1 --inject hot_add:50
	is "$g: one state_digest for all" \
		"$(sql $g.db 'select count(distinct state_digest), group_concat(distinct verdict) from run')" '1|pass'
done

# ---- lifted: copies, partitions, orders ----
"$MMREPLAY" generate build_farm -o few.mmw --events 5000 --seed 7
ok "copies" "$MMREPLAY" replay few.mmw --db copies.db --copies 6 --partition balanced --threads 1,3 --repeat 1 --inject hot_add:100,max=5
is "six times the events, one machine" "$(sql copies.db "select count(*) from run_event e join run r on r.id = e.run_id
	join workload_event w on w.workload_id = r.workload_id and w.event = e.event where e.count <> 6 * w.count and e.event <> 'hot_add'")" 0
is "the state of all" "$(sql copies.db 'select count(distinct state_digest), count(*), copies, partition, group_concat(distinct verdict)
	from run')" '1|4|6|balanced|pass'
for order in total task free; do
	ok "--order $order" "$MMREPLAY" replay thread_pool.mmw --db order.db --order $order --partition cpu --threads 3 --repeat 1 --inject hot_add:100,max=5
done
is "orders are stored, nothing breaks" "$(sql order.db 'select group_concat(distinct order_mode), group_concat(distinct verdict) from run')" \
	'total,task,free|pass'
is "the stricter the order, the more there is to wait for" "$(sql order.db "select
	max(constraints) filter (where order_mode = 'total') > max(constraints) filter (where order_mode = 'task'),
	max(constraints) filter (where order_mode = 'task') > max(constraints) filter (where order_mode = 'free')
	from replay_error e join run r on r.id = e.run_id")" '1|1'

# ---- unchecked, measure, delay ----
ok "without additions" "$MMREPLAY" replay fork_storm.mmw --db u.db --threads 1,2 --repeat 1
is "nothing compared is unchecked" "$(sql u.db 'select group_concat(distinct verdict) from run')" unchecked
ok "null runs" "$MMREPLAY" replay build_farm.mmw --db null.db --design null --threads 2 --repeat 1 --measure off --surround none
is "null takes no lock" "$(sql null.db 'select count(*) from lock_stat')" 0
ok "full" "$MMREPLAY" replay fork_storm.mmw --db full.db --design pgd_list --threads 2 --repeat 1 --measure full
is "full times every acquisition" "$(sql full.db 'select count(*) from lock_stat where timed <> acquisitions')" 0
ok "off" "$MMREPLAY" replay fork_storm.mmw --db off.db --design pgd_list --threads 2 --repeat 1 --measure off
is "off counts nothing" "$(sql off.db 'select count(*) from lock_stat')" 0
ok "--delay" "$MMREPLAY" replay fork_storm.mmw --db delay.db --threads 1 --repeat 1 --measure full --delay pgd_lock=2000
is "--delay lengthens each hold by at least its length" "$(sql delay.db "
	select hold_min_ns >= 1990 from lock_stat l join run r on r.id = l.run_id where l.lock = 'pgd_lock' and design = 'pgd_list'")" 1
is "and no other lock's" "$(sql delay.db "
	select min(hold_p50_ns) < 1000 from lock_stat l join run r on r.id = l.run_id where l.lock = 'tasklist_lock'")" 1

# ---- the floor is no contender ----
ok "null before a design" "$MMREPLAY" replay fork_storm.mmw --db floor.db --design null,pgd_list --threads 1 --repeat 2
"$MMREPLAY" report --db floor.db >floor.txt
ok "the sentence compares no design with the floor" grep -q 'pgd_list has no other design to be compared with' floor.txt
is "the design is the baseline, not the floor" "$(sql floor.db 'select distinct baseline from v_settings')" pgd_list

# ---- interleaving ----
ok "three repeats" "$MMREPLAY" replay thread_pool.mmw --db inter.db --threads 1 --repeat 3
is "repeats alternate between the designs" "$(sql inter.db 'select group_concat(design) from (select design from run order by id)')" \
	pgd_list,task_list,pgd_list,task_list,pgd_list,task_list

# ---- input that cannot be right ----
refused() { # refused NAME PATTERN ARGS...: status 2, one line that matches, no store
	n=$((n + 1))
	local name=$1 pattern=$2
	shift 2
	rm -f no.db
	"$MMREPLAY" replay "$@" --db no.db >out.txt 2>err.txt
	local rc=$?
	if [ $rc -eq 2 ] && head -1 err.txt | grep -q -- "$pattern" && [ ! -e no.db ]; then echo "ok $n - $name"; else
		echo "not ok $n - $name (status $rc)"
		sed 's/^/# /' err.txt | head -5
	fi
}
"$MMREPLAY" generate fork_storm -o many_cpus.mmw --events 1000 --cpus 64
refused "no input" 'what to replay'
refused "missing file" 'absent.mmw: No such file' absent.mmw
refused "unknown design" "no design called 'x'" fork_storm.mmw --design x
refused "unknown lock" "the engine native has no lock called 'rw'" fork_storm.mmw --lock rw
refused "a lock of another engine" "the engine native has no lock called 'blocking'" fork_storm.mmw --lock blocking
refused "unknown engine" "no engine called 'check'" fork_storm.mmw --engine check
refused "unknown era" "no era called" fork_storm.mmw --era v9
refused "unknown geometry" "none called" fork_storm.mmw --geometry arm
refused "0 threads" "not a number" fork_storm.mmw --threads 0
refused "thread list of words" "not a number" fork_storm.mmw --threads 1,many
refused "empty list" "empty" fork_storm.mmw --threads ,
refused "a bug that a design does not have" 'K3: bugs of it that can be repaired: none' fork_storm.mmw --design pgd_list:fix=K3
refused "a geometry before its time" 'v4.1 has no geometry x86_64-5level' fork_storm.mmw --geometry x86_64-5level
refused "bad measure" "is not off" fork_storm.mmw --measure some
refused "bad injection" "expected hot_add:RATE" fork_storm.mmw --inject fork:1
refused "bad delay" "is not LOCK=NS" fork_storm.mmw --delay pgd_lock
refused "bad order" "is not resource, total, task or free" fork_storm.mmw --order strict
refused "bad partition" "is not cpu, task, balanced or auto" fork_storm.mmw --partition half
refused "no copies" "not a number from 1 to 4096" fork_storm.mmw --copies 0
refused "too many copies" "recorded CPUs are more than one replay takes" many_cpus.mmw --copies 4096
refused "two inputs" "one INPUT" fork_storm.mmw build_farm.mmw
head -c 30000 fork_storm.mmw >cut.mmw
refused "truncated workload" 'cut.mmw' cut.mmw
head -c 70000 /dev/urandom >random.mmw
refused "random bytes" 'random.mmw' random.mmw
mkdir empty
refused "empty directory" 'empty' empty

long=$dir/$(printf 'a%.0s' $(seq 100))/$(printf 'b%.0s' $(seq 100))
mkdir -p "$long"
TMPDIR=$long refused "empty directory, imported by way of a long TMPDIR" 'empty' empty
is "nothing is left there" "$(ls -A "$long")" ''

is "list locks says which engine has which" "$("$MMREPLAY" list locks | grep -c '^ticket .*\[.*native')" 1
is "and nothing that no engine has" "$("$MMREPLAY" list locks | grep -c ' \[\]')" 0

# A lock that a design lacks is known only once it runs.
"$MMREPLAY" replay fork_storm.mmw --db d.db --threads 1 --repeat 1 --delay nolock=5 >out.txt 2>delay.txt
is "unknown lock in --delay: status" $? 2
ok "unknown lock in --delay: named" grep -q 'nolock: no such lock' delay.txt

# ---- the store: not ours, not writable, full ----
echo 'no database' >other.db
"$MMREPLAY" replay fork_storm.mmw --db other.db >out.txt 2>err.txt
is "a file that is no store is refused" $? 2
is "and left alone" "$(cat other.db)" 'no database'

# ---- ^C ----
"$MMREPLAY" generate fork_storm -o big.mmw --events $((events * 30)) --seed 3
"$MMREPLAY" replay big.mmw --db int.db --repeat 100 >out.txt 2>err.txt &
pid=$!
for _ in $(seq 100); do
	[ "$(sql int.db "select count(*) >= 3 from run" 2>/dev/null)" = 1 ] && break
	sleep 0.1
done
kill -INT $pid
wait $pid
is "^C: status" $? 130
is "^C: complete runs are kept, the last is marked" "$(sql int.db "select count(*) >= 2, sum(status = 'interrupted'), sum(status = 'running') \
	from run where status <> 'done' or 1")" '1|1|0'
is "^C: an interrupted run passes nothing" "$(sql int.db "select verdict from run where status = 'interrupted'")" unchecked

echo "1..$n"
