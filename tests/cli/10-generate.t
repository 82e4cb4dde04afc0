#!/usr/bin/env bash
# mmreplay generate: every profile yields a possible history, the same for the
# same seed; what is wrong is said; nothing half-written stays.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
G="$MMREPLAY generate"
u64() { od -An -t u8 -j "$2" -N 8 "$1" | tr -d ' '; }
leftovers() { find "$1" -mindepth 1 | wc -l | tr -d ' '; }

for p in fork_storm build_farm thread_pool exec_chain vmalloc_churn hotplug bbs_2019; do
	ok "$p: 30000 events" $G $p -o "$T/a.mmw" --events 30000
	ok "$p: a possible history" "$TOOLS/mmwcheck" "$T/a.mmw"
	# The header: all events, and of type 1 (present).
	is $(($(u64 "$T/a.mmw" 24) - $(u64 "$T/a.mmw" 128))) 30000 "$p: exactly so many events"
	$G $p -o "$T/b.mmw" --events 30000
	ok "$p: the same bytes again" cmp "$T/a.mmw" "$T/b.mmw"
	$G $p -o "$T/b.mmw" --events 30000 --seed 2
	run cmp -s "$T/a.mmw" "$T/b.mmw"
	is $status 1 "$p: other bytes for another seed"
	ok "$p: many CPUs" $G $p -o "$T/b.mmw" --events 20k --cpus 64 --seed 7
	ok "$p: a possible history on many CPUs" "$TOOLS/mmwcheck" "$T/b.mmw"
	ok "$p: one CPU, one event" $G $p -o "$T/b.mmw" --events 1 --cpus 1
	ok "$p: a possible history of one event" "$TOOLS/mmwcheck" "$T/b.mmw"
	rm -f "$T"/*.mmw
done

# The ends of every key, one at a time.
for set in "fork_storm parents=1" "fork_storm live=1" "fork_storm rate=1000000" "fork_storm rate=1" \
	"fork_storm live=1024" "fork_storm migrate=100" "build_farm makes=64" "build_farm jobs=1" \
	"build_farm compile_us=1" "build_farm vfork=0" "build_farm vfork=100" "build_farm link=1" \
	"build_farm stacks=0" "thread_pool servers=1" "thread_pool threads=1" "thread_pool rate=1000000" \
	"thread_pool helpers=1000" "thread_pool restarts=100000" "thread_pool restarts=2000" "thread_pool stacks=0" \
	"exec_chain chains=1" "exec_chain length=1" "exec_chain length=1000000" "exec_chain pause_us=1" \
	"exec_chain helpers=100" "exec_chain vfork=0" "exec_chain leader=100" "exec_chain stacks=0" \
	"vmalloc_churn loaders=1" "vmalloc_churn rate=1000000" "vmalloc_churn hold=1" "vmalloc_churn slots=64" \
	"vmalloc_churn move=1" "vmalloc_churn unmap=100" "vmalloc_churn forks=0" "vmalloc_churn forks=1000000" \
	"hotplug rate=1000000" "hotplug dimm=1" "hotplug dimm=65536" "hotplug slot_blocks=1" "hotplug slots=127" \
	"hotplug vmemmap=0" "hotplug cpu_changes=100" "hotplug suspends=1000" "hotplug forks=1" "hotplug live=0" \
	"bbs_2019 live_mms=1" "bbs_2019 syncs_per_fork=2" "bbs_2019 forks=1000000" "bbs_2019 forkers=65536" \
	"bbs_2019 execs=100" "bbs_2019 stacks=0"; do
	$G ${set% *} -o "$T/a.mmw" --events 20000 --set "${set#* }" && ok "$set" "$TOOLS/mmwcheck" "$T/a.mmw"
done
rm -f "$T/a.mmw"

# What the profiles are for is in them: of type $1 there are so many (see event.h).
made() { $G "$@" -o "$T/a.mmw" && "$TOOLS/mmwcheck" "$T/a.mmw" >"$T/checked"; }
count() { u64 "$T/a.mmw" $((120 + 8 * $1)); }
fork=2 thread=4 exec=5 vmalloc=9 vfree=10 purge=11 hot_add=12 hot_remove=13 sync=14 online=15 offline=16 pin=18 unpin=19
holds() { ok "$1: $2" test "$(($2))" = 1; }
made exec_chain --events 30000
holds "exec_chain: ten times more execs than forks" "$(count $exec) > 10 * $(count $fork)"
holds "exec_chain: some by threads" "$(count $thread) > 100"
made vmalloc_churn --events 30000
holds "vmalloc_churn: half of it hands out areas or takes them back" "$(count $vmalloc) + $(count $vfree) > 15000"
holds "vmalloc_churn: purges, and forks beside" "($(count $purge) > 100) && ($(count $fork) > 100)"
ok "vmalloc_churn: info" "$MMREPLAY" info "$T/a.mmw"
made hotplug --events 30000 --set suspends=200 --set cpu_changes=50
holds "hotplug: blocks come, slots seldom go" "($(count $hot_remove) > 0) && ($(count $hot_add) > 20 * $(count $hot_remove))"
holds "hotplug: each block is a walk for its memory map" "$(count $sync) == $(count $hot_add)"
holds "hotplug: CPUs go down and up" "($(count $offline) > 0) && ($(count $online) > 0)"
holds "hotplug: suspends end" "($(count $pin) > 0) && ($(count $pin) == $(count $unpin))"
for set in 0 0.25 1 1.375 2; do
	made bbs_2019 --events 20000 --set syncs_per_fork=$set --set live_mms=500
	# The last event may lie between a purge and its fork.
	want=$(awk -v n="$(count $fork)" -v s=$set 'BEGIN { print int(n * s) }')
	holds "bbs_2019: $set purges for each fork" "$(count $purge) >= $want && $(count $purge) <= $want + 2"
done
is "$("$MMREPLAY" info "$T/a.mmw" | sed -n 's/^set *//p')" \
	"live_mms=500 syncs_per_fork=2 forks=500 forkers=64 execs=0 migrate=5 stacks=1" "bbs_2019: its keys are in the file"
made bbs_2019 --events 10000
ok "bbs_2019: 15000 live mms" grep -Eq 'peak 15[0-9]{3} tasks 15[0-9]{3} mms, at the end 15[0-9]{3} tasks' "$T/checked"

# A fixed point: these bytes depend on the version (it is in the file), not on host or compiler.
$G thread_pool -o "$T/a.mmw" --events 5000 --seed 42 --set helpers=200
is "$(cksum <"$T/a.mmw")" "3564384037 200988" "the bytes of a seed are fixed"
for fixed in "exec_chain 818081888 201031" "vmalloc_churn 1399825903 200961" "hotplug 3267040563 200975" "bbs_2019 1270126331 659704"; do
	$G ${fixed%% *} -o "$T/a.mmw" --events 5000 --seed 42
	is "$(cksum <"$T/a.mmw")" "${fixed#* }" "the bytes of a seed are fixed: ${fixed%% *}"
done
rm -f "$T/a.mmw"

exits 2 "no profile" $G -o "$T/a.mmw"
exits 2 "no such profile" $G fork_strom -o "$T/a.mmw"
said "fork_storm, build_farm, thread_pool, exec_chain, vmalloc_churn, hotplug, bbs_2019" "it names the profiles"
exits 2 "no output" $G fork_storm
said "-o FILE.mmw" "it says what is missing"
exits 2 "no such key" $G fork_storm -o "$T/a.mmw" --set jobs=3
said "fork_storm has the keys parents, live, rate, migrate" "it names the keys"
exits 2 "a key without value" $G fork_storm -o "$T/a.mmw" --set parents
exits 2 "half a key" $G fork_storm -o "$T/a.mmw" --set par=1
exits 2 "too much of a key" $G fork_storm -o "$T/a.mmw" --set live=1025
said "live is a number from 1 to 1024" "it names the bounds"
for set in 2.001 2.0001 0.0001 -0.5 .5 1. 1e0 1k 0.5x x ""; do
	exits 2 "syncs_per_fork=$set" $G bbs_2019 -o "$T/a.mmw" --set syncs_per_fork=$set
	said "syncs_per_fork is a number from 0 to 2, with up to three decimals" "syncs_per_fork=$set: it names the bounds"
done
exits 2 "no decimals elsewhere" $G bbs_2019 -o "$T/a.mmw" --set forks=1.5
exits 2 "no number" $G fork_storm -o "$T/a.mmw" --set live=2x
exits 2 "a negative number" $G fork_storm -o "$T/a.mmw" --set live=-1
exits 2 "no events" $G fork_storm -o "$T/a.mmw" --events 0
exits 2 "too many events" $G fork_storm -o "$T/a.mmw" --events 99999999999999999999
exits 2 "no CPUs" $G fork_storm -o "$T/a.mmw" --cpus 0
exits 2 "a seed that is no number" $G fork_storm -o "$T/a.mmw" --seed one
exits 2 "no such option" $G fork_storm -o "$T/a.mmw" --evnets 3
exits 1 "no such folder" $G fork_storm -o "$T/none/a.mmw" --events 10
exits 1 "a folder as output" $G fork_storm -o "$T" --events 10
is "$(find "$T" -name '*mmw*')" "" "nothing was left by any of these"

ok "/dev/null" $G fork_storm -o /dev/null --events 10000
ok "/dev/null is still a device" test -c /dev/null
exits 1 "/dev/full" $G fork_storm -o /dev/full --events 10
said "/dev/full: cannot write: No space left on device" "it says why"

ok "--help" $G --help
cp "$T/out" "$T/help"
for word in parents jobs compile_us threads syncs_per_fork "byte by byte"; do
	ok "--help says $word" grep -q -- "$word" "$T/help"
done
ok "list profiles" "$MMREPLAY" list profiles
cp "$T/out" "$T/help"
ok "it knows build_farm" grep -q '^build_farm ' "$T/help"

mkdir "$T/dir"
$G fork_storm -o "$T/dir/a.mmw" --events 2G >"$T/out" 2>"$T/err" &
pid=$!
sleep 0.3
kill -INT $pid
wait $pid
is $? 130 "^C: exit status 130"
is "$(leftovers "$T/dir")" 0 "^C: nothing is left"

if [ "$(id -u)" = 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=1m tmpfs "$T/small" 2>/dev/null; then
	exits 1 "full disk" $G fork_storm -o "$T/small/a.mmw" --events 100k
	said "a.mmw: cannot write: No space left on device" "full disk: it says so"
	is "$(leftovers "$T/small")" 0 "full disk: nothing is left"
	echo old >"$T/small/a.mmw"
	run $G fork_storm -o "$T/small/a.mmw" --events 100k
	is "$(cat "$T/small/a.mmw")" old "full disk: what was there stays"
	umount "$T/small"
else
	skip 4 "no right to mount a small file system"
fi
if [ "$(id -u)" = 0 ]; then
	skip 1 "root may write everywhere"
else
	mkdir -m 555 "$T/closed"
	exits 1 "no write permission" $G fork_storm -o "$T/closed/a.mmw" --events 10
fi
done_testing
