#!/usr/bin/env bash
# mmreplay import: every tracer's traces are read as babeltrace2 reads them, and
# resolved; what is no trace, or a hostile one, ends in one line; nothing is left.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
I="$MMREPLAY import"
mkdir "$T/out.d"
O=$T/out.d/w.mmw
leftovers() { find "$T/out.d" -mindepth 1 | wc -l | tr -d ' '; }
info() { "$MMREPLAY" info "$1" --format json >"$T/json"; }
json() { sqlite3 :memory: "select json_extract(readfile('$T/json'), '\$$1')"; }
# How often which event, by babeltrace2's own word.
count_text() {
	babeltrace2 "$@" 2>/dev/null | sed -E 's/^\[[^]]*\] \([^)]*\) //; s/: \{ .*//; s/^(box|other) //' | sort | uniq -c |
		awk '{ print $2, $1 }'
}
count_info() {
	sqlite3 -separator ' ' :memory: "select key, value from json_each(readfile('$T/json'), '\$.source_events') order by key"
}

# ---- every tracer ----

for tracer in $("$TOOLS/ctfgen" tracers); do
	"$TOOLS/ctfgen" life "$T/$tracer" "$tracer"
	ok "$tracer: imported" $I "$T/$tracer" -o "$O"
	ok "$tracer: a possible history" "$TOOLS/mmwcheck" "$O"
	info "$O"
	is "$(count_info)" "$(count_text "$T/$tracer" | LC_ALL=C sort)" "$tracer: each event counted as babeltrace2 counts it"
	is "$(json .events.fork) $(json .events.vfork) $(json .events.thread)" "10 10 10" "$tracer: what each child was"
	is "$(json .events.exec) $(json .events.exit) $(json .events.free)" "20 30 30" "$tracer: exec, exit, free"
	is "$(json .unresolved_events) $(json .lost) $(json .streams)" "0 0 2" "$tracer: nothing unresolved, nothing lost"
	is "$(json .capture_quality.state_dump) $(json .lifetimes.processes.count) $(json .lifetimes.threads.count)" \
		"complete 20 10" "$tracer: who was there is known, and how long others lived"
	$I "$T/$tracer" -o "$T/again.mmw" 2>/dev/null
	ok "$tracer: the same bytes again" cmp "$O" "$T/again.mmw"
	rm -f "$O"
done
is "$(leftovers)" 0 "nothing else is written"

# ---- several traces ----

mkdir -p "$T/session/a/b" "$T/session/c"
mv "$T/lttng-2.10" "$T/session/a/b/kernel"
# Two recordings of the same tids: two hosts, or nobody could tell them apart.
"$TOOLS/ctfgen" life "$T/session/c/kernel" lttng-2.13 other
ok "a directory above two traces" $I "$T/session" -o "$O"
info "$O"
is "$(json .events.fork) $(json .streams) $(json .unresolved_events)" "20 4 0" "both are there, merged, each host its own tids"
is "$(json .host)" "box, other" "both hosts are named"
is "$(count_info)" "$(count_text "$T/session" | LC_ALL=C sort)" "events of both, by name"
ok "the same trace named twice" $I "$T/session/a" "$T/session/a/b/kernel" -o "$O"
info "$O"
is "$(json .events.fork)" 10 "counts once"
exits 2 "a clock since 1970 and one since boot" $I "$T/session/a" "$T/perf" -o "$O"
said "cannot be merged" "says so"
"$TOOLS/ctfgen" life "$T/perf-other" perf other
exits 2 "times since boot, of two hosts" $I "$T/perf" "$T/perf-other" -o "$O"
said "cannot be compared" "says so"
exits 2 "two tracers of one host" $I "$T/session/a" "$T/ust" -o "$O"
said "import one of them" "says so"

# ---- lost events ----

for tracer in lttng-2.10 ust; do
	"$TOOLS/ctfgen" lossy "$T/lossy-$tracer" $tracer
	exits 3 "$tracer: lost events: exit 3" $I "$T/lossy-$tracer" -o "$O"
	said "lost at least 42 events" "$tracer: it says how many"
	info "$O"
	is "$(json .lost) $(json .events.lost)" "42 1" "$tracer: they are in the workload"
done

# ---- how the kernel waited for its locks ----

"$TOOLS/ctfgen" contention "$T/waits"
ok "waits for locks" $I "$T/waits" -o "$O" --symbols "$T/waits.kallsyms"
info "$O"
is "$(json .kernel_contention[0].caller) $(json .kernel_contention[0].type)" "release_task rwlock:W" "the longest first, by who took it"
is "$(json .kernel_contention[0].contentions) $(json .kernel_contention[0].wait_total_ns)" "1 3000" "how often, how long"
is "$(json .kernel_contention[1].caller)" "(unknown)" "one that has no name"
is "$(json .kernel_contention[2].caller) $(json .kernel_contention[2].within)" "pgd_alloc copy_process" "and for whom"
is "$(json .assumed.contention_caller_unknown) $(json '.provenance."contention.0"')" "1 " "that is counted; the rows are told once"
"$MMREPLAY" info "$O" >"$T/table"
is "$(tr -s ' ' <"$T/table" | grep -c 'pgd_alloc copy_process spinlock 1 1.00 us 1.00 us 1.00 us')" 1 "a line of the table"
is "$(grep -c '^contention' "$T/table")" 0 "and no fact"
ok "a part of it" $I "$O" -o "$T/part.mmw" --to 1ms
said "no wait of the kernel for its locks is known to have begun in it" "before they began"
ok "one that lasts longer" $I "$O" -o "$T/part.mmw" --to 3ms
said "how the kernel waited for its locks is known to 0.001 s" "has them"
info "$T/part.mmw"
is "$(json .kernel_contention[0].caller) $(json .kernel_contention[0].wait_total_ns)" "release_task 3000" "as they are"
ok "a tree" $I "$O" -o "$T/part.mmw" --tree 1
said "how the kernel waited for its locks, which is of the whole" "has no waits"
ok "without names" $I "$O" -o "$T/part.mmw" --anonymise
info "$T/part.mmw"
is "$(json .kernel_contention[0].caller)" "release_task" "the kernel's functions are no secret"
ok "without a list" $I "$T/waits" -o "$O"
info "$O"
is "$(json .kernel_contention[0].caller) $(json .kernel_contention[0].contentions)" "(unknown) 2" "all are there, by nobody"
exits 2 "a list that is not there" $I "$T/waits" -o "$O" --symbols "$T/none"
said "$T/none: No such file" "says so"
exits 2 "a list that is none" $I "$T/waits" -o "$O" --symbols "$0"
said "12-import.t: line 1: no list of the kernel's symbols" "says so"

# ---- what is no trace ----

rm -f "$O"
exits 2 "no trace named" $I -o "$O"
exits 2 "no output named" $I "$T/perf"
exits 2 "not there" $I "$T/nothing" -o "$O"
mkdir "$T/empty"
exits 2 "an empty directory" $I "$T/empty" -o "$O"
said "empty directory" "says so"
mkdir -p "$T/other/deep" && echo hello >"$T/other/deep/file"
exits 2 "a directory of something else" $I "$T/other" -o "$O"
said "no file called metadata" "says what is missing"
exits 2 "a file" $I "$T/other/deep/file" -o "$O"
exits 2 "a trace's metadata" $I "$T/perf/metadata" -o "$O"
said "give the directory" "says what to give"
mkdir "$T/bare" && cp "$T/perf/metadata" "$T/bare"
exits 2 "metadata alone" $I "$T/bare" -o "$O"
said "no stream file" "says what is missing"
: >"$T/bare/metadata"
echo >"$T/bare/stream"
exits 2 "empty metadata" $I "$T/bare" -o "$O"
said "empty" "says so"
printf 'PERFILE2............' >"$T/perf.data"
exits 2 "perf.data" $I "$T/perf.data" -o "$O"
said "perf data convert --to-ctf $T/perf.data.ctf --all -i $T/perf.data" "the command that converts it"
mkdir "$T/with" && cp "$T/perf.data" "$T/with"
exits 2 "a directory that holds perf.data" $I "$T/with" -o "$O"
said "perf data convert" "the command that converts it"
printf '\027\010Dtracing6\000\000' >"$T/trace.dat"
exits 2 "trace.dat" $I "$T/trace.dat" -o "$O"
said "perf record" "what to do instead"
mkdir "$T/ctf2" && printf '\036{"type":"preamble","version":2}\n' >"$T/ctf2/metadata" && echo >"$T/ctf2/stream"
exits 2 "CTF 2" $I "$T/ctf2" -o "$O"
said "ctf-version" "the command that converts it"
"$MMREPLAY" generate fork_storm -o "$T/a.mmw" --events 10
exits 2 "a workload" $I "$T/a.mmw" -o "$O"
said "already" "says so"
for how in 0 -1 x 99999999999999999999; do
	exits 2 "--max-events $how" $I "$T/perf" -o "$O" --max-events=$how
done
exits 2 "fewer events allowed than there are" $I "$T/perf" -o "$O" --max-events 100
said "no end" "says so"
is "$(leftovers)" 0 "nothing is left of any of them"

# ---- damage ----

cp -r "$T/perf" "$T/cut"
truncate -s 3000 "$T/cut/perf_stream_1"
exits 2 "a packet cut off" $I "$T/cut" -o "$O"
said "perf_stream_1: the packet at byte 0 is cut off" "says which"
cp "$T/perf/perf_stream_1" "$T/cut" && dd if=/dev/zero of="$T/cut/perf_stream_1" bs=1 seek=1000 count=300 conv=notrunc 2>/dev/null
exits 2 "zeros in a packet" $I "$T/cut" -o "$O"
cp "$T/perf/perf_stream_1" "$T/cut" && sed -i '/child_pid/d' "$T/cut/metadata"
run $I "$T/cut" -o "$O"
is "$((status == 2 || status == 0))" 1 "metadata that does not fit the streams"
rm -f "$O"
sed -i 's/stream_id = 0;/stream_id = ;/' "$T/cut/metadata"
exits 2 "metadata with an error" $I "$T/cut" -o "$O"
said "metadata: line" "says in which line"
is "$(leftovers)" 0 "nothing is left of any of them"

# ---- hostile traces ----

for how in $("$TOOLS/ctfgen" hostiles); do
	"$TOOLS/ctfgen" hostile "$T/hostile" "$how"
	exits 2 "hostile: $how" $I "$T/hostile" -o "$O" --memory 200 --stall 5
	said "$T/hostile" "hostile: $how: it is named"
done
is "$(leftovers)" 0 "nothing is left of any of them"

# ---- the reader that does not come back, the user who goes ----

"$TOOLS/ctfgen" hostile "$T/hostile" zero-event
endless() { # SIGNAL-FOR-CHILD SIGNAL-FOR-PARENT: import what has no end, then send them
	local child=
	$I "$T/hostile" -o "$O" --max-events 1000000000000 --stall 1 2>"$T/err" >"$T/out" &
	local pid=$!
	until child=$(pgrep -P $pid) && [ -n "$child" ]; do sleep 0.02; done
	sleep 0.3
	[ -z "$1" ] || kill -"$1" "$child"
	[ -z "$2" ] || kill -"$2" $pid
	status=0
	wait $pid || status=$?
	run_left=$(pgrep -P $pid || true)
}
endless STOP ""
is "$status" 2 "a reader that stops: exit 2"
said "makes no progress" "says so"
endless KILL ""
is "$status" 2 "a reader that is killed: exit 2"
said "SIGKILL" "says so"
# A background job of a script ignores SIGINT: TERM is as good.
endless "" TERM
is "$status" 143 "terminated: 128 + 15"
is "$(cat "$T/err")" "" "without a word"
is "$run_left" "" "and no reader is left"
is "$(leftovers)" 0 "nothing is left of any of them"

# ---- outputs ----

exits 1 "a folder that is not there" $I "$T/perf" -o "$T/no/w.mmw"
exits 1 "a folder as output" $I "$T/perf" -o "$T/out.d"
mkdir "$T/small"
if mount -t tmpfs -o size=16k tmpfs "$T/small" 2>/dev/null; then
	exits 1 "a full disk" $I "$T/perf" -o "$T/small/w.mmw"
	is "$(find "$T/small" -mindepth 1 | wc -l)" 0 "a full disk: nothing is left"
	umount "$T/small"
else
	skip 2 "no right to mount a small file system"
fi
ok "to /dev/null" $I "$T/perf" -o /dev/null
ok "list sources" "$MMREPLAY" list sources
is "$(grep -cE '^(lttng-kernel|perf|mmreplay-ust) ' "$T/out")" 3 "three tracers"
ok "a trace where a workload is wanted" "$MMREPLAY" info "$T/perf"

done_testing
