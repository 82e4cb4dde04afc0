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
EOT
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
