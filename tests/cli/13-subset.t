#!/usr/bin/env bash
# mmreplay import --from --to --tree --anonymise: a part of a trace, or of a
# workload, is a workload that can be replayed.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
I="$MMREPLAY import"
mkdir "$T/out.d" "$T/tmp"
export TMPDIR=$T/tmp
O=$T/out.d/w.mmw
leftovers() { find "$T/out.d" "$T/tmp" -mindepth 1 | wc -l | tr -d ' '; }
json() { "$MMREPLAY" info "$O" --format json >"$T/json" && sqlite3 :memory: "select json_extract(readfile('$T/json'), '\$$1')"; }

# ---- of traces ----

for tracer in $("$TOOLS/ctfgen" tracers); do
	"$TOOLS/ctfgen" life "$T/$tracer" "$tracer"
	$I "$T/$tracer" -o "$T/whole.mmw" 2>/dev/null
	# perf's clock begins with its first event, the others' with the state dump.
	from=1029us to=1059us
	[ "$tracer" != perf ] || from=30us to=60us
	ok "$tracer: a stretch of time" $I "$T/$tracer" -o "$O" --from $from --to $to
	ok "$tracer: it is a possible history" "$TOOLS/mmwcheck" "$O"
	is "$(json .duration_ns)" 30000 "$tracer: as long as wanted"
	ok "$tracer: of the workload" $I "$T/whole.mmw" -o "$T/again.mmw" --from $from --to $to
	ok "$tracer: the same bytes" cmp "$O" "$T/again.mmw"
	# Shell 1001 forks on CPU 1: half of all.
	ok "$tracer: a tree" $I "$T/$tracer" -o "$O" --tree 1001 --anonymise
	ok "$tracer: it is a possible history" "$TOOLS/mmwcheck" "$O"
	is "$(json .events.present) $(json .events.fork) $(json .events.vfork) $(json .events.thread)" "1 5 5 5" \
		"$tracer: who descends from it"
	is "$(grep -acE 'box|make|/usr|bash' "$O")" 0 "$tracer: without names"
done
ok "by the wall clock" $I "$T/lttng-2.13" -o "$O" --from '2020-09-13 12:26:40.00103' --to @1600000000.00106
is "$(json .duration_ns)" 30000 "it lasts as long"
exits 2 "perf has no wall clock" $I "$T/perf" -o "$O" --from @1600000000
said "give --from in seconds" "says so"
rm "$O"
is "$(leftovers)" 0 "no temporary file is left"

# ---- of workloads: whatever the profile and the window, it can be replayed ----

for profile in fork_storm build_farm thread_pool exec_chain vmalloc_churn hotplug; do
	"$MMREPLAY" generate $profile -o "$T/g.mmw" --events 3000 2>/dev/null
	"$MMREPLAY" info "$T/g.mmw" -f json >"$T/json"
	end=$(sqlite3 :memory: "select json_extract(readfile('$T/json'), '\$.duration_ns')")
	bad=
	for part in 0 17 33 50 83 99; do
		from=$((end / 100 * part)) to=$((end / 100 * (part + 13)))
		$I "$T/g.mmw" -o "$O" --from ${from}ns --to ${to}ns 2>"$T/err" && "$TOOLS/mmwcheck" "$O" >"$T/out" || bad+=" $part"
	done
	is "$bad" "" "$profile: every window is a possible history"
	trees=0
	for task in 1 2 3 5 8 13; do
		$I "$T/g.mmw" -o "$O" --tree task:$task 2>"$T/err" && "$TOOLS/mmwcheck" "$O" >"$T/out" && trees=$((trees + 1)) ||
			grep -q "is a thread of" "$T/err" || bad+=" $task"
	done
	[ $trees -gt 0 ] || bad+=" none"
	is "$bad" "" "$profile: so is every tree"
	$I "$T/g.mmw" -o "$O" --from $((end / 3))ns --to $((end / 3 * 2))ns --anonymise 2>/dev/null
	rm -f "$T/r.db"
	ok "$profile: replayed" "$MMREPLAY" replay "$O" --db "$T/r.db" --threads 1,2 --repeat 1 --inject hot_add:1,max=20
	is "$(sqlite3 "$T/r.db" "select group_concat(distinct verdict) from run")" pass "$profile: and it passes"
done
cp "$T/g.mmw" "$T/own.mmw"
ok "over itself" $I "$T/own.mmw" -o "$T/own.mmw" --from 1ms
is "$(cmp -s "$T/own.mmw" "$T/g.mmw"; echo $?)" 1 "it is another one now"

# ---- what is said ----

"$TOOLS/mkmmw" "$T/a.mmw"
exits 3 "of a workload with a gap" $I "$T/a.mmw" -o "$O" --from 0.15 --to 0.75
said "w.mmw: 8 events of 9, 2 tasks were there at its beginning" "how many events"
said "left out: 2 before, 1 after" "what is missing"
said "lost at least 4 events" "and what the tracer lost"
is "$(json .provenance.subset)" "0.15 s to 0.75 s of 2 s" "the file says what it is a part of"
is "$(json .assumed.subset_left_out_before)" 2 "and what was left out"
exits 2 "no pids" $I "$T/a.mmw" -o "$O.2" --tree 12
said "--tree task:N" "says what to name"
ok "a pid that comes again" $I "$T/perf" -o "$O" --tree 5000
said "pid 5000 was 5 processes, one after another (task 5, 11, 17, 23...)" "is said to be several"
said "--tree task:N names one" "and how to choose"

# ---- wrong usage, wrong input ----

rm -f "$O"
for how in '--from x' '--to 50%' '--tree 0' '--tree bash' '--from'; do
	exits 2 "$how" $I "$T/a.mmw" -o "$O" $how
done
exits 2 "nothing there" $I "$T/a.mmw" -o "$O" --from 2
said "nothing is to be had" "says so"
exits 2 "to before from" $I "$T/a.mmw" -o "$O" --from 1 --to 0.5
exits 2 "no such pid" $I "$T/perf" -o "$O" --tree 99999
said "$T/perf: no process has pid 99999" "says so"
exits 2 "a workload and no part of it" $I "$T/a.mmw" -o "$O"
exits 2 "two workloads" $I "$T/a.mmw" "$T/g.mmw" -o "$O" --to 1
exits 2 "a text" $I "$0" -o "$O" --to 1
exits 2 "nothing" $I "$T/none" -o "$O" --to 1
head -c 70000 "$T/g.mmw" >"$T/cut.mmw"
exits 2 "a truncated workload" $I "$T/cut.mmw" -o "$O" --to 1
{ head -c 100000 "$T/g.mmw"; printf x; tail -c +100002 "$T/g.mmw"; } >"$T/bad.mmw"
exits 2 "a damaged workload" $I "$T/bad.mmw" -o "$O" --tree task:1
said "block 1: damaged" "says where"
exits 1 "a folder that is not there" $I "$T/a.mmw" -o "$T/no/w.mmw" --to 1
exits 1 "a folder as output" $I "$T/a.mmw" -o "$T/out.d" --to 1
mkfifo "$T/fifo"
exits 1 "a FIFO as output" $I "$T/a.mmw" -o "$T/fifo" --to 1
TMPDIR=$T/none exits 1 "no folder for temporary files" $I "$T/perf" -o "$O" --to 1
mkdir "$T/small"
if mount -t tmpfs -o size=16k tmpfs "$T/small" 2>/dev/null; then
	exits 1 "a full disk" $I "$T/g.mmw" -o "$T/small/w.mmw" --from 0
	is "$(find "$T/small" -mindepth 1 | wc -l)" 0 "a full disk: nothing is left"
	umount "$T/small"
else
	skip 2 "no right to mount a small file system"
fi
is "$(leftovers)" 0 "nothing is left of any of them"

# ---- the user who goes ----

"$TOOLS/ctfgen" bench "$T/long" ust 2 400000
$I "$T/long" -o "$O" --from 1ms 2>"$T/err" &
pid=$!
until [ -n "$(ls -A "$T/tmp")" ] || ! kill -0 $pid; do sleep 0.02; done
kill -TERM $pid
status=0
wait $pid || status=$?
is "$status" 143 "terminated: 128 + 15"
is "$(leftovers)" 0 "nothing is left"

done_testing
