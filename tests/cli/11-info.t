#!/usr/bin/env bash
# mmreplay info: a workload as a table and as JSON; everything else is told apart by content.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
mkdir "$T/tmp"
export TMPDIR=$T/tmp
json() { # PATH: that value of $T/json
	sqlite3 :memory: "select json_extract(readfile('$T/json'), '\$$1')"
}
line() { # TEXT: a line of the table starts so, runs of blanks being one
	run grep -qE "^$1" <(tr -s ' ' <"$T/table")
	result "$status" "table: $1"
	[ "$status" = 0 ] || sed 's/^/# /' "$T/table"
}

"$TOOLS/mkmmw" "$T/a.mmw"
ok "json" "$MMREPLAY" info "$T/a.mmw" --format json
cp "$T/out" "$T/json"
is "$(sqlite3 :memory: "select json_valid(readfile('$T/json'))")" 1 "it is JSON"
while read -r path value; do
	is "$(json "$path")" "$value" "json: $path is $value"
done <<'EOT'
.events.present 2
.events.fork 2
.events.vfork 1
.events.thread 1
.events.exec 1
.events.exit 1
.events.switch 0
.events.lost 1
.total_events 9
.source_events."sched:sched_process_fork" 3
.source_events."sched:sched_process_exit" 4
.tasks 6
.peak_tasks 6
.mms 5
.peak_mms 5
.cpus 2
.lost 4
.lost_by.channel0_0 4
.unresolved.exit 2
.unresolved.free 1
.unresolved_events 3
.assumed.parent_adopted 1
.duration_ns 2000000000
.rates_per_second.fork 1.0
.streams 2
.source perf
.kernel 6.1.0
.commands[0].forks 2
.commands[1].name bash
.commands[1].forks 1
.commands[1].threads 1
.commands[1].execs 1
.provenance.command make -j8 "all"
.births.processes 3
.births.threads 1
.births.vfork_percent 33.333
.births.thread_percent 25.0
.lifetimes.processes.count 1
.lifetimes.processes.min_ns 600000000
.lifetimes.processes.p50_ns 600000000
.lifetimes.processes.p99_ns 600000000
.lifetimes.processes.max_ns 600000000
.lifetimes.processes.older 0
.lifetimes.processes.live_on 4
.lifetimes.threads.count 0
.lifetimes.threads.live_on 1
.timeline[1].live_tasks 2
.timeline[2].start_ns 200000000
.timeline[2].end_ns 300000000
.timeline[2].forks 1
.timeline[2].live_tasks 3
.timeline[4].vforks 1
.timeline[4].live_mms 4
.timeline[5].execs 1
.timeline[5].live_mms 5
.timeline[6].threads 1
.timeline[6].live_tasks 6
.timeline[7].lost 4
.timeline[8].exits 1
.timeline[8].live_tasks 5
.timeline[8].peak_tasks 6
.timeline[8].live_mms 4
.timeline[19].live_tasks 5
.timeline[19].exits 0
.capture_quality.state_dump unknown
.capture_quality.lost 4
.capture_quality.unresolved 3
.capture_quality.adopted 0
EOT
is "$(sqlite3 :memory: "select json_array_length(readfile('$T/json'), '\$.timeline')")" 20 "json: 20 stretches of time"
is "$(json .host)" $'build7\033]0;owned\007' "json: a name comes back as it was"
is "$(grep -c '[^ -~]' "$T/json")" 0 "json: nothing but printable ASCII here"

ok "table" "$MMREPLAY" info "$T/a.mmw"
cp "$T/out" "$T/table"
line "source perf"
line "host build7\?\]0;owned\?$"
line "started 2023-11-14 22:13:20 UTC"
line "duration 2.000 s"
line "CPUs 2, 2 streams"
line "tasks 6, at most 6 at once"
line "fork 2 1\.0$"
line "vfork 1 0\.5$"
line "e\?\[31m\"v.il\?+ 2 0 0$"
line "bash 1 1 1$"
line " channel0_0 4$"
line " exit 2$"
line " parent_adopted 1$"
line " sched:sched_process_fork 3$"
line " processes 3 33\.3 % of them by vfork; 0\.33 execs each$"
line " threads 1 25\.0 % of all births$"
line " processes 1 600 ms 600 ms 600 ms 600 ms 0 4$"
line " threads 0 - - - - 0 1$"
line " 0 s 0\.0 0\.0 0\.0 0\.0 1 1 $"
line " 200 ms 10\.0 0\.0 0\.0 0\.0 3 3 #{20}$"
line " 700 ms 0\.0 0\.0 0\.0 0\.0 6 5 \(lost events\)$"
line " state dump unknown$"
is "$(LC_ALL=C grep -c '[^ -~]' "$T/table")" 0 "table: no control character reaches the terminal"

sed -n '/^command .* forks/,/^$/p' "$T/table" >"$T/commands"
is "$(tr -s ' ' <"$T/commands" | sed -n 2p)" 'e?[31m"v\il???? 2 0 0' "table: the most forks come first"
is "$(tr -s ' ' <"$T/table" | grep -A1 '^events of the trace' | tail -n 1)" " sched:sched_process_exit 4" \
	"table: the most frequent event of the trace comes first"

# A name, or the lack of one, says nothing.
cp "$T/a.mmw" "$T/trace.db"
ok "a workload called .db" "$MMREPLAY" info "$T/trace.db"
$MMREPLAY generate thread_pool -o "$T/g.mmw" --events 5000
ok "a generated one" "$MMREPLAY" info "$T/g.mmw" -f json
cp "$T/out" "$T/json"
is "$(json .source)" generate "its source"
is "$(json .provenance.profile)" thread_pool "its profile"
is "$(json '.commands[0].name')" server "who forked most"
is "$(sqlite3 :memory: "select sum(value) from json_each(readfile('$T/json'), '\$.events') where key <> 'present'")" 5000 \
	"its events"

head -c 70000 "$T/g.mmw" >"$T/cut.mmw"
exits 2 "truncated" "$MMREPLAY" info "$T/cut.mmw"
said "cut.mmw: truncated: " "it says so"
{ head -c 100000 "$T/g.mmw"; printf x; tail -c +100002 "$T/g.mmw"; } >"$T/bad.mmw"
exits 2 "damaged" "$MMREPLAY" info "$T/bad.mmw"
said "bad.mmw: block 1: damaged: bad checksum" "it says where"
{ head -c 8 "$T/g.mmw"; printf '\2'; tail -c +10 "$T/g.mmw"; } >"$T/new.mmw"
exits 2 "a version to come" "$MMREPLAY" info "$T/new.mmw"
said "format version 2; this program reads version 1" "it says which"

mkdir "$T/empty" "$T/other"
echo hello >"$T/other/file"
head -c 3000 /dev/urandom >"$T/random"
printf 'PERFILE2%4000s' '' >"$T/perf.data"
printf '\027\010\104tracing6\0\0\0%4000s' '' >"$T/trace.dat"
: >"$T/nothing"
printf 'SQLite format 3\0%4080s' '' >"$T/sqlite"
exits 2 "no such file" "$MMREPLAY" info "$T/none"
exits 2 "an empty file" "$MMREPLAY" info "$T/nothing"
exits 2 "random bytes" "$MMREPLAY" info "$T/random"
exits 2 "an empty directory" "$MMREPLAY" info "$T/empty"
exits 2 "a directory that is no trace" "$MMREPLAY" info "$T/other"
exits 2 "perf.data" "$MMREPLAY" info "$T/perf.data"
said "perf data convert --to-ctf" "it names the command that converts it"
said "--all -i $T/perf.data" "with the file's name"
exits 2 "trace.dat" "$MMREPLAY" info "$T/trace.dat"
exits 2 "a device" "$MMREPLAY" info /dev/zero
exits 2 "no argument" "$MMREPLAY" info
exits 2 "two files" "$MMREPLAY" info "$T/a.mmw" "$T/g.mmw"
ok "four stretches of time" "$MMREPLAY" info "$T/a.mmw" --intervals 4 -f json
cp "$T/out" "$T/json"
is "$(json '.timeline[0].forks') $(json '.timeline[1].exits') $(json '.timeline[3].end_ns')" "2 1 2000000000" "add up"
for n in 0 -1 x 100001; do exits 2 "--intervals $n" "$MMREPLAY" info "$T/a.mmw" "--intervals=$n"; done
exits 2 "no such format" "$MMREPLAY" info "$T/a.mmw" --format xml
exits 2 "a SQLite file that is no store" "$MMREPLAY" info "$T/sqlite"
is "$(ls "$TMPDIR")" "" "no temporary files are left"
if [ -w /dev/full ]; then
	run sh -c '"$1" info "$2" >/dev/full' - "$MMREPLAY" "$T/a.mmw"
	is $status 1 "standard output on a full disk"
	said "standard output: No space left on device" "it says so"
else
	skip 2 "no /dev/full"
fi
done_testing
