#!/usr/bin/env bash
# mmreplay record: what is in a capture, held against a command whose every
# fork is known.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
. tests/cli/record.sh
R="$MMREPLAY record"
why=$(cannot_record)
if [ -n "$why" ]; then
	echo "1..0 # skip $why"
	exit
fi

name=mmr-t$$
mkdir "$T/a"
run $R -o "$T/a" "$TOOLS/forker" $name fork 200 vfork 300 thread 100 exec 50
recorded "a capture, into an empty directory that was there"
[ "$status" != 3 ] || echo "# $(grep lost "$T/err")"
babeltrace2 "$T/a" >"$T/text" 2>"$T/warnings"
is "$(cat "$T/warnings")" "" "babeltrace2 has nothing to say about it"
n() { grep "mmreplay:$1:" "$T/text" | grep -cE -- "$2"; }

is "$(n fork "parent_comm = \"$name\"")" 650 "forks"
is "$(n newtask "comm = \"$name\"")" 650 "new tasks"
# CLONE_THREAD is 0x10000, CLONE_VFORK 0x4000.
is "$(n newtask "comm = \"$name\", clone_flags = 0x[0-9A-F]*[13579BDF][0-9A-F]{4} ")" 100 "threads among them"
is "$(n newtask "comm = \"$name\", clone_flags = 0x[0-9A-F]*[4567CDEF][0-9A-F]{3} ")" 300 "vforks among them"
is "$(n exec 'filename = ".*/forker"')" 51 "execs"
is "$(n exit "comm = \"$name\"")" 601 "exits"
is "$(n exit 'comm = "forker"')" 50 "exits of what was executed"
frees=$(n free "comm = \"($name|forker)\"")
# Those that some kernels do not show, and those that come after the end.
[ "$frees" -gt 0 ] && [ "$frees" -le 651 ]
result $? "frees ($frees of 651)"

first=$(head -n 1 "$T/text")
last=$(tail -n 1 "$T/text")
field() { sed -E "s/.*[ {]$2 = \"?([^,\"]*)\"?[, ].*/\1/" <<<"$1"; }
is "$(grep -c 'mmreplay:capture:' <<<"$first")" 1 "the first event says how it was made"
is "$(field "$first" kernel)" "$(uname -r)" "on which kernel"
is "$(field "$first" host)" "$(uname -n)" "on which host"
is "$(field "$first" cpus)" "$(nproc --all)" "of how many CPUs"
is "$(field "$first" command)" "$TOOLS/forker $name fork 200 vfork 300 thread 100 exec 50" "by which command"
child=$(field "$first" child_tgid)
recorder=$(field "$first" recorder_tgid)
is "$(n exec "tid = $child, old_tid = $child, filename = \".*/forker\"")" 1 "and the command is who it says"
is "$(n fork "parent_tid = $child, parent_tgid = $child,")" 650 "its forks are its"
is "$(n fork "parent_tgid = $recorder,")" 0 "the recorder made none"
is "$(n statedump_process "tid = $child, tgid = $child, ppid = $recorder, kthread = 0,")" 1 \
	"the command was there at the start"
is "$(n statedump_process "ppid = $recorder, .*mmreplay-keeper")" 1 "and so was the keeper"
is "$(n statedump_process 'tid = 1, tgid = 1, ppid = 0, kthread = 0,')" 1 "and init"
is "$(n statedump_process 'tid = 2, tgid = 2, ppid = 0, kthread = 1, .*kthreadd')" 1 "and the kernel's threads"
is "$(grep -c 'mmreplay:statedump_process:' "$T/text")" \
	"$(field "$(grep 'mmreplay:statedump_end:' "$T/text")" tasks)" "the dump knows its length"

is "$(grep -c 'mmreplay:capture_end:' <<<"$last")" 1 "the last event is the end"
is "$(grep -cE 'mmreplay:(fork|exec|exit|free|newtask|vmalloc|vfree|purge):' "$T/text")" "$(field "$last" events)" \
	"it knows how many there are"
is "$(grep 'mmreplay:lost:' "$T/text" | sed -E 's/.*count = ([0-9]*).*/\1/' | awk '{ n += $1 } END { print n + 0 }')" \
	"$(field "$last" lost)" "and how many are not"
# The state dump is read while things happen that are told after it.
is "$(grep -v 'mmreplay:statedump' "$T/text" | sed -E 's/.*[{] time = ([0-9]*).*/\1/' | sort -n -c 2>&1 | wc -l)" 0 \
	"no time goes back"

# An exit status is passed on.
run $R -o "$T/it's b" sh -c 'exit 7'
is "$status" 7 "the command's exit status"
is "$(eval "set -- $(sed -n 's/.*next: //p' "$T/err")"; [ "$3" -ef "$T/it's b" ] && echo yes)" yes \
	"the next command can be pasted"
run $R -o "$T/b" sh -c 'kill -9 $$'
is "$status" 137 "the command's signal"
is "$(count "$T/b" capture_end)" 1 "the capture is whole"

# Two at once see the same machine and not each other's events.
rm -rf "$T/b"
$R -o "$T/b" "$TOOLS/forker" $name-b fork 30 2>"$T/err.b" &
other=$!
run $R -o "$T/c" "$TOOLS/forker" $name-c fork 40
recorded "one of two at once"
wait $other
status=$?
cp "$T/err.b" "$T/err"
recorded "the other"
is "$(count "$T/b" fork "parent_comm = \"$name-b\"")" 30 "its forks"
is "$(count "$T/c" fork "parent_comm = \"$name-c\"")" 40 "the first one's"
is "$(count "$T/b" capture) $(count "$T/c" capture)" "1 1" "each holds one capture"

# How the kernel waits for its locks: where it does, while two make children at once.
run $R --contention -o "$T/d" sh -c "'$TOOLS/forker' $name-d fork 400 & '$TOOLS/forker' $name-e fork 400 & wait"
if grep -q 'no tracepoint lock:contention_begin' "$T/err"; then
	skip 7 "this kernel has no tracepoint lock:contention_begin"
else
	recorded "with waits for locks"
	is "$(count "$T/d" fork "parent_comm = \"$name-[de]\"")" 800 "the forks are there"
	"$MMREPLAY" import "$T/d" -o "$T/d.mmw" 2>/dev/null
	"$MMREPLAY" info "$T/d.mmw" -f json >"$T/json"
	sql() { sqlite3 :memory: "select $1 from json_each(readfile('$T/json'), '\$.kernel_contention')"; }
	begun=$(count "$T/d" contention_begin)
	waits=$(sql "coalesce(sum(value->>'contentions'), 0)")
	left=$(sqlite3 :memory: "select coalesce(json_extract(readfile('$T/json'), '\$.unresolved.contention'), 0) +
		coalesce(json_extract(readfile('$T/json'), '\$.assumed.recorder_left_out'), 0)")
	[ "$waits" -le "$begun" ] && [ $((waits + left + $(count "$T/d" contention_begin 'flags = 3[23]'))) -ge "$begun" ]
	result $? "each wait is one of the workload's ($waits of $begun, $left left out)"
	is "$(sql "count(*) filter (where not value->>'wait_min_ns' <= value->>'wait_avg_ns' or
		not value->>'wait_avg_ns' <= value->>'wait_max_ns')")" 0 "they have a length"
	"$MMREPLAY" replay "$T/d.mmw" --db "$T/d.db" --threads 1 --repeat 1 >"$T/out" 2>&1
	is "$(sqlite3 "$T/d.db" 'select coalesce(sum(contentions), 0) from kernel_contention')" "$waits" "a replay hands them to the store"
	if [ "$begun" = 0 ] || ! grep -qv '^0* ' /proc/kallsyms; then
		skip 2 "nobody waited, or addresses are hidden"
	else
		is "$(sql "count(*) filter (where value->>'caller' = '(unknown)')")" 0 "who waited has a name"
		is "$(count "$T/d" symbol | awk '{ print ($1 > 0) }')" 1 "which the capture holds"
	fi
fi
done_testing
