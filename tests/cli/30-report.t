#!/usr/bin/env bash
# report: the newest session with its verdict, every view, every format, wrong input.
set -u
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
n=0
ok() { # NAME COMMAND...
	n=$((n + 1))
	local name=$1
	shift
	if "$@" >"$d/.out" 2>&1; then echo "ok $n - $name"; else
		echo "not ok $n - $name"
		sed 's/^/# /' "$d/.out"
	fi
}
# fails STATUS TEXT COMMAND...: the exit status, one line on stderr with TEXT, nothing on stdout
fails() {
	local want=$1 text=$2
	shift 2
	"$@" >"$d/stdout" 2>"$d/stderr"
	local rc=$?
	cat "$d/stderr"
	[ $rc -eq "$want" ] && [ ! -s "$d/stdout" ] && grep -q -- "$text" "$d/stderr" &&
		[ "$(grep -c '^mmreplay' "$d/stderr")" -eq 1 ]
}
json() { sqlite3 :memory: "SELECT 'valid' WHERE json_valid(readfile('$1'))" | grep -q valid; }
get() { sqlite3 :memory: "SELECT json_extract(readfile('$1'), '$2')"; }
sentence() { "$MMREPLAY" report --db "$1" | tail -n 1; }
says() { sentence "$1" | tee /dev/stderr | grep -qE -- "$2"; }

for s in clean violation noise single once delay lossy incomplete three small generated; do
	"$TOOLS/mkstore" "$d/$s.db" $s || echo "Bail out! mkstore"
done

# ---- the text ----
"$MMREPLAY" report --db "$d/clean.db" >"$d/text"
ok "one block per thread count and lock kind" test "$(grep -cE '^[124] threads?( \(oversubscribed\))?, (ticket|qspinlock)  .*pgd_list  task_list  ratio$' "$d/text")" -eq 6
ok "oversubscribed settings are marked" test "$(grep -c '^4 threads (oversubscribed), ' "$d/text")" -eq 2
for line in events/s 'fork p50' 'fork p99' 'exit p50' 'exit p99' 'pgd_lock wait' 'pgd_lock hold' 'tasklist_lock wait' 'tasklist_lock hold' 'oracle'; do
	ok "each block has: $line" test "$(grep -c "^  $line  *[0-9p]" "$d/text")" -eq 6
done
ok "the ratio stands with its noise" grep -qE '^  events/s .* 1\.[0-9]{2}x 1\.[0-9]{3}\.\.1\.[0-9]{3}$' "$d/text"
ok "the header names workload, tracer and host" grep -q '^session 1  workload build.mmw: recorded with perf on web-7 ' "$d/text"
ok "the recorded duration and CPUs" grep -q ', 12.0 s on 4 CPUs, 150000 events$' "$d/text"
ok "the machine it ran on" grep -q '^replayed on bench-1: Sample CPU 3000, 2 CPUs' "$d/text"
ok "the distortion" grep -q '^measured: 1 acquisition in 64 .*clock read costs 10.2 ns' "$d/text"
ok "the formula" grep -q '^cost at the recorded rate: .*(M/G/1)' "$d/text"
ok "no line ends in a blank" sh -c "! grep -n ' \$' '$d/text'"

ok "the kernel's own waits beside the replay's" grep -qE '^kernel: tasklist_lock: 30.0 /s waits of 4.67 us as captured, 0.0035 % of the CPU time; expected at the recorded rate, ticket: [0-9.]+ k?/s of [0-9.]+ .s under pgd_list \([0-9.]+x the waits, each [0-9.]+x as long\), ' "$d/text"
ok "a capture without them is not set beside" sh -c "! '$MMREPLAY' report --db '$d/generated.db' | grep '^kernel: '"
ok "but says so in the view" sh -c "'$MMREPLAY' report --db '$d/generated.db' --view kernel -f csv | grep -q 'the capture holds no contention events'"

# ---- the sentence ----
ok "one sentence" test "$(sentence "$d/clean.db" | grep -o '\. ' | wc -l)" -eq 0
ok "the recorded rate" says "$d/clean.db" '^At the recorded rate \(12.5 k/s events, 3.33 k/s forks\) pgd_lock costs 0\.04[0-9]+ % of the CPU time under pgd_list'
ok "saturation: the fastest setting that is not oversubscribed" says "$d/clean.db" 'at saturation \(4\.[0-9]+ M/s events, 2 threads, qspinlock\)'
ok "a winner beyond noise" says "$d/clean.db" 'task_list wins beyond noise: it does 1\.[34][0-9]x the events/s of pgd_list \(95 % interval 1\.'
ok "no difference beyond noise" says "$d/noise.db" 'no difference beyond noise: .* within noise\)\.$'
ok "a violation cannot be compared" says "$d/violation.db" 'nothing can be compared; .*task_list broke I1b in 1 run'
ok "incomplete runs are left out" says "$d/violation.db" '2 of 38 runs are not complete'
ok "one repeat claims nothing" says "$d/once.db" 'no design wins'
ok "one design" says "$d/single.db" 'no other design'
ok "a delay raises the cost at the recorded rate" says "$d/delay.db" 'pgd_lock costs 0\.(29|3)[0-9]* % of the CPU time under pgd_list'
ok "no recorded duration, no recorded rate" says "$d/generated.db" '^The workload has no recorded duration'
ok "three designs" says "$d/three.db" 'of the events/s of null, pgd_list does 0\.[0-9]+x .* and task_list does 0\.'
ok "lost and unresolved events are named" sh -c "'$MMREPLAY' report --db '$d/lossy.db' | grep -q '1234 events lost by the tracer, 56 unresolved'"
ok "different final states are named" sh -c "'$MMREPLAY' report --db '$d/three.db' | grep -c '^state: null and ' | grep -qx 2"
ok "what is not complete is counted by kind" sh -c "'$MMREPLAY' report --db '$d/incomplete.db' | grep -q '^12 of 21 runs complete, 2 running, 1 interrupted, 6 failed$'"
ok "why runs failed, the first ones" sh -c "'$MMREPLAY' report --db '$d/incomplete.db' | grep '^failed: ' | tee '$d/failed' | grep -c 'Cannot allocate memory' | grep -qx 5 && grep -qx 'failed: 1 more; .*' '$d/failed'"
ok "what broke" sh -c "'$MMREPLAY' report --db '$d/violation.db' | grep -q '^violation: run [0-9]*, task_list, threads 2: I1b: slot 273 '"

# ---- sessions ----
"$TOOLS/mkstore" "$d/two.db" once clean
ok "the newest session by default" sh -c "'$MMREPLAY' report --db '$d/two.db' | grep -q '^session 2 '"
ok "another one by number" sh -c "'$MMREPLAY' report --db '$d/two.db' --session 1 | grep -q '^session 1 '"
sessions() { "$MMREPLAY" report --db "$d/two.db" --format csv "$@" | tail -n +2 | cut -d, -f1 | sort -u | tr '\n' ' '; }
ok "a view is of the newest session, too" test "$(sessions --view summary)" = "2 "
ok "a view of another one" test "$(sessions --view summary --session 1)" = "1 "
ok "a view of all" test "$(sessions --view summary --session all)" = "1 2 "
ok "the sessions are all listed" test "$(sessions --view sessions)" = "1 2 "
ok "a report of all sessions is not to be had" fails 2 'a report is of one session' "$MMREPLAY" report --db "$d/two.db" --session all
ok "a session that is no number" fails 2 "or all, not '2x'" "$MMREPLAY" report --db "$d/two.db" --session 2x
ok "a session that is not there" fails 2 'no session 7' "$MMREPLAY" report --db "$d/two.db" --session 7

# ---- holders off their CPU ----
cp "$d/clean.db" "$d/off.db"
sqlite3 "$d/off.db" "UPDATE lock_stat SET descheduled = 1, descheduled_ns = 4000000 WHERE lock = 'pgd_lock'"
hold() { "$MMREPLAY" report --db "$d/off.db" --view locks -f csv "$@" | sqlite3 :memory: '.import --csv /dev/stdin t' "SELECT CAST(MAX(hold_avg_ns) AS INTEGER) FROM t WHERE lock = 'pgd_lock' AND design = 'pgd_list'"; }
"$MMREPLAY" report --db "$d/off.db" >"$d/off"
ok "a report says how many there were" grep -qE '^descheduled: pgd_lock: the holder was off its CPU in 36 of [0-9]+ timed holds, 144 ms together$' "$d/off"
ok "...and what became of them" grep -q 'set apart from all hold figures' "$d/off"
ok "none: nothing is said" sh -c "! grep -q descheduled '$d/text'"
ok "excluded unless it is said otherwise" test "$(hold)" = "$(hold --descheduled exclude)"
ok "included" test "$(hold --descheduled include)" -gt "$(($(hold) + 2000))"
ok "both in a view" test "$("$MMREPLAY" report --db "$d/off.db" --view descheduled -f csv | wc -l)" = 13
ok "neither" fails 2 "include or exclude, not 'maybe'" "$MMREPLAY" report --db "$d/off.db" --descheduled maybe
ok "how far repeats scatter" grep -qE '^noise: repeats of [a-z_]+ scatter by up to [0-9.]+ % \(at [0-9]+ threads?\)' "$d/off"

# ---- formats ----
"$MMREPLAY" report --db "$d/clean.db" --format json >"$d/json"
ok "the summary is JSON" json "$d/json"
ok "JSON: a row per setting and design" test "$(sqlite3 :memory: "SELECT json_array_length(readfile('$d/json'), '\$.rows')")" = 12
ok "JSON: keys name their units" test "$(get "$d/json" '$.rows[0].fork_p99_ns')" -gt 0
ok "JSON: the outcome" test "$(get "$d/json" '$.verdict.outcome') $(get "$d/json" '$.verdict.winner')" = "wins task_list"
ok "JSON: the sentence is that of the text" test "$(get "$d/json" '$.verdict.sentence')" = "$(tail -n 1 "$d/text")"
ok "JSON: the kernel's waits" test "$(get "$d/json" '$.kernel[0].kernel_contentions_per_s')" = 30
ok "JSON: what the lock costs" test "$(get "$d/json" '$.pgd_lock_cost[0].cost_percent' | cut -c1-4)" = 0.04
for s in violation noise single once incomplete three generated; do
	"$MMREPLAY" report --db "$d/$s.db" -f json >"$d/$s.json"
	ok "JSON of the session $s" json "$d/$s.json"
done

views=$("$MMREPLAY" list views | cut -d' ' -f1)
ok "views are listed" test "$(wc -w <<<"$views")" -ge 14
"$TOOLS/mkstore" "$d/all.db" small sweep ladder
for v in $views; do
	case $v in bbs_2019 | topologies) all=() ;; *) all=(--session all) ;; esac
	"$MMREPLAY" report --db "$d/all.db" --view "$v" "${all[@]}" --format csv >"$d/$v.csv"
	"$MMREPLAY" report --db "$d/all.db" --view "$v" "${all[@]}" --format json >"$d/$v.json"
	"$MMREPLAY" report --db "$d/all.db" --view "$v" "${all[@]}" >"$d/$v.table"
	sql=$(get "$d/$v.json" '$.sql_view')
	rows=$(sqlite3 "$d/all.db" "SELECT COUNT(*) FROM $sql")
	# A computed view has no SQL of its own.
	[ "$sql" = "v_$v" ] || rows=$(sqlite3 :memory: "SELECT json_array_length(readfile('$d/$v.json'), '\$.rows')")
	ok "view $v as JSON" json "$d/$v.json"
	ok "view $v: the JSON has a schema" test "$(get "$d/$v.json" '$.schema') $(get "$d/$v.json" '$.schema_version') $(get "$d/$v.json" '$.view')" = "mmreplay-view 1 $v"
	ok "view $v: JSON has the rows that sqlite3 sees" test "$(sqlite3 :memory: "SELECT json_array_length(readfile('$d/$v.json'), '\$.rows')")" = "$rows"
	# sqlite3 as the judge of the CSV: it complains of rows with too few or too many fields.
	ok "view $v: CSV parses and has the same rows" sh -c "test \"\$(sqlite3 :memory: '.import --csv $d/$v.csv t' 'SELECT COUNT(*) FROM t' 2>&1)\" = $rows"
	# A heat map: a line per run, lock and mode.
	[ "$v" != timeline ] || ok "view timeline as a table: a line per run, lock and mode" test "$(grep -c '| *[0-9].*[0-9]' "$d/$v.table")" = \
		"$(sqlite3 "$d/all.db" 'SELECT COUNT(*) FROM (SELECT DISTINCT run_id, lock, mode FROM timeline)')"
	[ "$v" != timeline ] || continue
	ok "view $v as a table: its SQL view, a header, the rows" sh -c "test \"\$(sed '/^\$/q' '$d/$v.table' | grep -c .)\" = $((rows + 2)) && head -n 1 '$d/$v.table' | grep -q '($sql)\$'"
done

# ---- more threads, more load ----
"$TOOLS/mkstore" "$d/sweep.db" sweep
"$TOOLS/mkstore" "$d/ladder.db" ladder
"$MMREPLAY" report --db "$d/sweep.db" >"$d/text"
ok "both engines are named" grep -q '^engine native, sim, ' "$d/text"
ok "many settings are a table" grep -qE '^sim +ticket +64 +task_list ' "$d/text"
ok "the prediction's error where it is known, unvalidated elsewhere" grep -qE '^prediction: pgd_list, ticket: \+[34]\.[0-9] % at 1 thread, \+4\.[0-9] % at 2 threads against native; unvalidated elsewhere$' "$d/text"
ok "the knee" grep -qE '^scaling: pgd_list, sim, ticket: knee at 4[345] threads \(4[0-9] to 4[0-9]\), .*no growth beyond noise after 32 threads, .*; contention 0\.0[23][0-9]* .*\(unvalidated beyond 2 threads\)$' "$d/text"
ok "no knee where the points cannot carry it" grep -qE '^scaling: task_list, sim, ticket: still growing at 64 threads.*no knee by the law: the peak would be at 2[0-9][0-9] threads, beyond 2 times' "$d/text"
ok "how quiet the machine was" grep -qx 'machine: other processes took up to 1.00 % of the CPU time, the hypervisor 0.10 %; load average up to 0.4; governor performance; threads share cores (SMT)' "$d/text"
ok "each cost with its origin" grep -q '^  step 0.40 ns measured, cluster 21.0 ns published, remote 140 ns assumed$' "$d/text"
ok "the verdict is of what was measured" sh -c "tail -n 1 '$d/text' | grep -q '2 threads, ticket) pgd_list wins'"
"$MMREPLAY" report --db "$d/sweep.db" --view scaling >"$d/scaling"
ok "scaling: the fit beside it" grep -q '^Scaling law: .*(v_scaling)$' "$d/scaling"
ok "scaling: the costs beside it" grep -qE '^cluster +21.0 ns +published +a table' "$d/scaling"
ok "scaling: predictions are marked" sh -c "grep -cE '^sim .* unvalidated +- ' '$d/scaling' | grep -qx 10"
"$MMREPLAY" report --db "$d/sweep.db" --view scaling -f json >"$d/scaling.json"
ok "scaling as JSON: the knee" test "$(get "$d/scaling.json" '$.fit[2].knee_threads' | cut -c1-2)" = 44
"$MMREPLAY" report --db "$d/ladder.db" >"$d/text"
ok "the one-line answer" grep -qE '^headroom, native, 2 threads, ticket: pgd_lock waits for 5 % of the CPU time at 22\.[0-9]x the recorded load \(2[12]\.[0-9] to 2[23]\.[0-9]\) under pgd_list; not up to 40x under task_list$' "$d/text"
ok "a predicted one with its error" grep -qE '^headroom, sim, 2 threads, .* under pgd_list, [+-][0-9.]+ % against native;' "$d/text"
ok "...or without one" grep -qE '^headroom, sim, 64 threads, .* under pgd_list, unvalidated; .* task_list, unvalidated$' "$d/text"
ok "how late operations began" grep -q '^pace: operations began at most 10.0 us late at the median, 19.8 us at p99; ' "$d/text"
ok "runs that could not keep up are named" grep -q '^pace: 18 of 126 runs could not keep the pace' "$d/text"

# ---- what an empty store, no store and a full disk get ----
sqlite3 "$d/empty.db" <schemas/results.sql
ok "no runs yet" fails 2 'no run is in this store yet' "$MMREPLAY" report --db "$d/empty.db"
ok "a view of no rows is a header" test "$("$MMREPLAY" report --db "$d/empty.db" --view runs -f csv | wc -l)" = 1
ok "a view of no rows is an empty list" test "$("$MMREPLAY" report --db "$d/empty.db" --view runs -f json | tr -d ' \n')" = '{"schema":"mmreplay-view","schema_version":1,"view":"runs","sql_view":"v_runs","rows":[]}'
ok "the default is mmreplay.db" fails 2 'mmreplay.db: No such file' env -C "$d" "$MMREPLAY" report
ok "a folder" fails 2 'Is a directory' "$MMREPLAY" report --db "$d"
echo text >"$d/text.txt"
ok "a text file" fails 2 'not an SQLite database' "$MMREPLAY" report --db "$d/text.txt"
sqlite3 "$d/other.db" 'CREATE TABLE t (x)'
ok "a database of another application" fails 2 'another application' "$MMREPLAY" report --db "$d/other.db"
cp "$d/clean.db" "$d/newer.db" && sqlite3 "$d/newer.db" 'PRAGMA user_version = 99'
ok "a store of another version" fails 2 'version 99' "$MMREPLAY" report --db "$d/newer.db"
: >"$d/nothing.db"
ok "an empty file" fails 2 'the file is empty' "$MMREPLAY" report --db "$d/nothing.db"
head -c 50000 "$d/clean.db" >"$d/cut.db"
ok "a store cut off" fails 2 'cut.db: ' "$MMREPLAY" report --db "$d/cut.db"
mkfifo "$d/fifo"
ok "a FIFO does not hang" fails 2 'not an SQLite database' timeout 5 "$MMREPLAY" report --db "$d/fifo"
ok "an unknown view" fails 2 "no view called 'nonsense'" "$MMREPLAY" report --view nonsense
ok "an unknown format" fails 2 "not 'xml'" "$MMREPLAY" report --format xml
ok "a stray word" fails 2 "unexpected 'x.db'" "$MMREPLAY" report x.db
ok "a full disk is noticed" sh -c "'$MMREPLAY' report --db '$d/clean.db' >/dev/full; test \$? = 1"
ok "info: text" sh -c "'$MMREPLAY' info '$d/violation.db' | grep -qE '^ +1 +38 +36 +1 +1 +0 +1$'"
"$MMREPLAY" info --format json "$d/violation.db" >"$d/info.json"
ok "info: JSON" json "$d/info.json"
ok "info: designs" test "$(get "$d/info.json" '$.designs[1].design') $(get "$d/info.json" '$.designs[1].violations')" = "task_list 1"
ok "info of an empty store" sh -c "'$MMREPLAY' info '$d/empty.db' --format json | grep -q '\"runs\": 0'"
ok "nothing is left beside a store that was read" sh -c "! ls '$d'/*.db-*"
echo "1..$n"
