#!/usr/bin/env bash
# mmreplay replay --trace: what the trace holds against what the store says of
# the same runs; what is said when it cannot be made; how it ends early.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
. tests/cli/record.sh
export MMREPLAY_TEST_MARK=$$
"$MMREPLAY" generate fork_storm -o "$T/w.mmw" --events 4000 --cpus 2 2>/dev/null
R="$MMREPLAY replay $T/w.mmw --db $T/r.db --threads 2 --repeat 1"

exits 2 "an empty directory name" $R --trace ""
exits 2 "a simulated machine" $R --engine sim --trace "$T/t"
said "only real threads are traced" "it says why not"
touch "$T/file"
exits 2 "a file for a directory" $R --trace "$T/file"
mkdir "$T/full"
touch "$T/full/x"
exits 2 "a directory that is not empty" $R --trace "$T/full"
said "not empty" "it says so"
exits 2 "no such place" $R --trace "$T/none/t"
is "$(ls "$T")" "$(printf 'err\nfile\nfull\nout\nw.mmw')" "nothing is left of all that, and no store was made"
exits 2 "an input that is not there" "$MMREPLAY" replay "$T/no.mmw" --db "$T/r.db" --trace "$T/t"
mkdir "$T/lib"
exits 1 "no provider" env MMREPLAY_LIBDIR="$T/lib" $R --trace "$T/t"
why=$(sed 's/^mmreplay replay: --trace: //' "$T/err")
is "$(ls -d "$T/t" 2>/dev/null)" "" "no trace is left"
case $why in
*"not found beside"*) ;;
*)
	skip 19 "LTTng does not run here: $why"
	done_testing
	exit
	;;
esac
exits 1 "no lttng-sessiond" env LTTNG_SESSIOND_PATH=mmreplay-no-such-daemon $R --trace "$T/t"
said "lttng-sessiond not found" "it says so"
is "$(ls -d "$T/t" 2>/dev/null)" "" "no trace is left"

rm -f "$T"/r.db*
ok "a traced sweep: two designs, everything measured" $R --measure full --trace "$T/t"
said "babeltrace2" "it says what to do with it"
babeltrace2 "$T/t" >"$T/text" 2>"$T/warnings"
is "$(cat "$T/warnings")" "" "babeltrace2 has nothing to say about it"
n() { grep "mmreplay_replay:$1:" "$T/text" | grep -cE -- "${2:-.}"; }
q() { "$MMREPLAY" query "$T/r.db" "$1" --format csv | sed 1d; }
events=$(q 'SELECT sum(events) FROM run')
is "$(n op_begin) $(n op_end)" "$events $events" "each event begins and ends"
is "$(n op_end 'op = \( "fork"')" "$(q "SELECT sum(count) FROM op_stat WHERE op = 'fork'")" "so many forks"
taken=$(q 'SELECT sum(acquisitions) FROM lock_stat')
is "$(n lock_acquired) $(n lock_released)" "$taken $taken" "each acquisition and its release"
is "$(n lock_released 'lock = "pgd_lock", mode = \( "exclusive"')" \
	"$(q "SELECT sum(acquisitions) FROM lock_stat WHERE lock = 'pgd_lock'")" "those of pgd_lock"
is "$(n lock_acquired 'lock = "tasklist_lock", mode = \( "write"')" \
	"$(q "SELECT sum(acquisitions) FROM lock_stat WHERE lock = 'tasklist_lock' AND mode = 'write'")" \
	"those of tasklist_lock"
is "$(n lock_acquired 'waited_ns = [1-9]')" "$(q 'SELECT sum(contentions) FROM lock_stat')" "the contended ones waited"
is "$(sed -nE 's/.*:run_begin:.* run = ([0-9]+),.* design = "([^"]*)".* workers = ([0-9]+),.*/\1,\2,\3/p' "$T/text")" \
	"$(q 'SELECT id, design, threads FROM run ORDER BY id')" "the runs go by the ids that the store has for them"
is "$(awk 'match($0, /\{ time = [0-9]+/) {
	time = substr($0, RSTART + 9, RLENGTH - 9)
	worker = match($0, /worker = [0-9]+/) ? substr($0, RSTART, RLENGTH) : "sweep"
	if (time + 0 < last[worker] + 0) back++
	last[worker] = time
	if (/:op_begin:/) { open[worker]++; begun[worker] = time }
	if (/:op_end:/) {
		open[worker]--
		match($0, /took_ns = [0-9]+/)
		if (substr($0, RSTART + 10, RLENGTH - 10) + 0 > time - begun[worker] + 1000) long++
	}
	if (open[worker] < 0 || open[worker] > 1) astray++
	if (/:lock_acquired:/) held[worker]++
	if (/:lock_released:/ && --held[worker] < 0) astray++
} END { print (NR > 1000), back + 0, astray + 0, long + 0, length(last) }' "$T/text")" "1 0 0 0 3" \
	"each worker's times go forward, its operations do not overlap, a lock is taken before it is given back"

# ^C in the middle: the trace is whole up to there.
"$MMREPLAY" generate fork_storm -o "$T/w.mmw" --events 30000 --cpus 2 2>/dev/null
$R --pace recorded --speed 0.05 --measure off --trace "$T/u" >"$T/out" 2>"$T/err" </dev/null &
pid=$!
for ((i = 0; i < 200; i++)); do
	[ -n "$(find "$T/u" -size +8k -name 'mmreplay_*' 2>/dev/null)" ] && break
	kill -0 $pid 2>/dev/null || break
	sleep 0.1
done
kill -INT $pid
status=0
wait $pid || status=$?
is "$status" 130 "^C ends it"
said "trace in $T/u" "it says where the trace is"
babeltrace2 "$T/u" >"$T/text" 2>"$T/warnings"
is "$(cat "$T/warnings")" "" "which can be read"
is "$(n op_begin) $(n run_begin)" "$(n op_end) $(n run_end)" "and in which all that began ended"
is "$(leftovers)" "" "nothing is left running"
done_testing
