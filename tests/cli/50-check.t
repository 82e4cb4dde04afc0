#!/usr/bin/env bash
# mmreplay check: what it takes, what it says, what it exits with.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/cli/tap.sh
. tests/cli/tap.sh

check() {
	"$MMREPLAY" check "$@"
}
json() { # FILE SQL: over the array's elements, value is one of them
	sqlite3 :memory: "select $2 from json_each(readfile('$1')) as e"
}

# ---- wrong usage ----
exits 2 "an unknown design" check --design nosuch
said "no design called 'nosuch'" "which is named"
exits 2 "a repair of a bug that it does not have" check --design task_list:fix=K1
exits 2 "an unknown scenario" check --scenario nosuch
said "'nosuch'" "which is named"
exits 2 "a scenario in a range that it does not have" check --scenario running/VM
exits 2 "an unknown memory model" check --memory arm
exits 2 "an unknown era" check --era v1.0
exits 2 "an unknown geometry" check --geometry vax
exits 2 "a lock that check has not" check --lock mutex
exits 2 "a lock that the design named was not built for" check --design broken_smp_mb --lock ticket
ok "a lock that some were not built for, all asked" check --lock ticket --scenario fork/DM
is "$(awk '$1 == "broken_smp_mb" { print $3, $4; exit }' "$T/out")" 'ticket excluded' "those are excluded"
is "$(awk '$1 == "task_list" { print $3, $4; exit }' "$T/out")" 'ticket holds' "and the others run"
exits 2 "an unknown engine" check --engine sim
exits 2 "an unknown format" check --format xml
exits 2 "an era and a geometry that do not go together" check --era v4.1 --geometry x86_64-5level
exits 2 "a limit that is no number" check --limit many
exits 2 "a design without --design" check task_list
exits 2 "an interleaving in JSON" check -v --format json
exits 2 "rounds without the race" check --rounds 10
exits 2 "the race of a design" check --engine native --design task_list
exits 2 "an unknown barrier" check --engine native --barrier fence
exits 2 "an empty list" check --scenario ,

# ---- exit statuses ----
ok "a design that holds" check --design task_list --scenario fork,exec/DM
run check --design task_list --scenario lazy_mm
is "$status" 1 "one that is broken exits with 1"
said 'broken: 1 of 1 cells' "and says so"
ok "a negative control may be broken" check --design task_list_leader_only --scenario leader_exit
is "$(awk '/leader_exit/ { print $4, $5 }' "$T/out")" 'broken (I1b)' "and is"
ok "so may a design as posted" check --design task_list_v2 --scenario fork/DM
is "$(awk '/task_list_v2/ { print $4, $5 }' "$T/out")" 'broken (I4)' "and is"
run check --design task_list_v2:fix=K1,K7,K10 --scenario lazy_mm
is "$status" 1 "but not with all its bugs repaired"
ok "the era decides what happens in the vmalloc range" check --design pgd_list --scenario vmalloc --era v4.1
is "$(grep -c 'excluded .*the era fills by faults' "$T/out")" 1 "the other policy is excluded"
ok "a limit" check --design task_list --scenario fork/DM --limit 3
is "$(awk '/^task_list/ { print $4 }' "$T/out")" bounded "makes it bounded"
run check --design task_list --scenario fork/DM --memory sc
is "$status" 0 "without store buffers"
status=0
check --design pgd_list,task_list >/dev/full 2>"$T/err" || status=$?
is "$status" 1 "a full disk"
said 'No space left' "is told"

# ---- JSON ----
run check --design pgd_list,task_list,task_list_unlock_wait --scenario remove,lazy_mm,fork/DM --format json
cp "$T/out" "$T/a.json"
is "$(sqlite3 :memory: "select json_valid(readfile('$T/a.json'))")" 1 "JSON"
is "$(json "$T/a.json" "group_concat(distinct (select group_concat(key, ' ') from json_each(e.value)))")" \
	'design scenario range policy lock memory verdict invariant reason executions seconds' "has these members"
is "$(json "$T/a.json" "count(*)")" 12 "a row for each, and one per lock where the design looks at it"
is "$(json "$T/a.json" "count(distinct value ->> 'verdict')")" 3 "with these verdicts"
is "$(json "$T/a.json" "count(*) filter (where value ->> 'verdict' = 'broken' and value ->> 'invariant' = 'I1a')")" \
	3 "the invariant with a broken one only"
is "$(json "$T/a.json" "count(*) filter (where (value ->> 'invariant' is null) = (value ->> 'verdict' = 'broken'))")" 0 \
	"and null elsewhere"

# ---- the table of the design ----
ok "all designs, all scenarios" check --format json
cp "$T/out" "$T/all.json"
sqlite3 "$T/all.db" "create table cell as select value ->> 'design' as design, value ->> 'scenario' as scenario,
	value ->> 'range' as range, value ->> 'policy' as policy, value ->> 'verdict' as verdict,
	coalesce(value ->> 'invariant', '') as invariant from json_each(readfile('$T/all.json'))"
# What DESIGN.md, section 4, expects: H, B with the invariant, or X, as the cells of a WHERE.
verdicts() { # DESIGN WHERE
	sqlite3 "$T/all.db" "select group_concat(distinct case verdict when 'excluded' then 'X' when 'bounded' then 'bounded'
		else upper(substr(verdict, 1, 1)) end || substr(invariant, 1, 2)) from cell where design = '$1' and $2"
}
six="scenario in ('fork', 'exec', 'exec_leader', 'exit', 'leader_exit', 'two_forks') and range = 'DM'"
row() { # DESIGNS SIX SYNC V1-LAZY V1-EAGER REMOVE LAZY USE RUNNING CPA
	local d got
	for d in $1; do
		got="$(verdicts "$d" "$six")|$(verdicts "$d" "scenario = 'sync' and range = 'DM'")"
		got+="|$(verdicts "$d" "scenario = 'vmalloc' and policy = 'lazy'")"
		got+="|$(verdicts "$d" "scenario in ('vmalloc', 'vmalloc_two') and policy = 'eager'")"
		got+="|$(verdicts "$d" "scenario = 'remove'")|$(verdicts "$d" "scenario = 'lazy_mm'")"
		got+="|$(verdicts "$d" "scenario = 'use_mm'")|$(verdicts "$d" "scenario = 'running'")"
		got+="|$(verdicts "$d" "scenario = 'cpa'")"
		is "$got" "$2|$3|$4|$5|$6|$7|$8|$9|${10}" "$d as in the table"
	done
}
row 'pgd_list pgd_list_padded pgd_shard' H H H BI1 H H H H H
row 'pgd_list_today' H H H H H H H H X
row 'task_list task_list_tasklist task_list_unlock_wait sync_gen_nowait' H H H BI1 X BI1 BI1 H BI5
row 'task_list_ipi' H H H BI1 X H H H H
row 'switch_gen' H H H H X H H H H
row 'sync_gen' H H H H X BI1 BI1 H BI5
row 'fault_fill' BI1 BI1 H X X BI1 BI1 BI1 BI5
row 'prealloc' H H H H X H H H X
is "$(verdicts fault_fill "range = 'VM' and policy = 'lazy'")" H "fault_fill holds in the vmalloc range with a handler"
is "$(verdicts null 1)" X "the floor is not checked"
for d in task_list_v1 task_list_v2 task_list_v3; do
	is "$(verdicts $d "$six")$(verdicts $d "scenario in ('sync', 'lazy_mm', 'use_mm', 'running') and policy <> 'lazy'")" \
		BI4BI4 "$d, as posted, is broken by K10 wherever there is a sync"
done
control() { # DESIGN WHERE INVARIANT
	is "$(verdicts "$1" "$2")" "B$3" "control $1"
}
control task_list_leader_only "scenario = 'leader_exit'" I1
control task_list_exec_nowait "scenario = 'exec_leader'" I1
control task_list_unlock_wait_exec "scenario in ('exec', 'exec_leader') and range = 'DM'" I7
control task_list_remove "scenario = 'remove'" I2
control pgd_list_v41_remove "scenario = 'remove'" I2
control pgd_list_remove_nosync "scenario = 'remove'" I5
control sync_gen_nowait "scenario = 'vmalloc' and policy = 'eager'" I1
control sync_gen_global "scenario = 'vmalloc_two'" I1
control switch_gen_noipi "scenario = 'running'" I1
control switch_gen_late_count "scenario = 'fork' and range = 'DM'" I1
control task_list "scenario = 'pin_all'" I5

# ---- single bugs of the series as posted, the others repaired ----
single() { # DESIGN:fix=... SCENARIO VERDICT
	run check --design "$1" --scenario "$2"
	is "$(awk 'NR > 1 { print $4, $5 }' "$T/out" | sed 's/ [0-9]*$//')" "$3" "$1, $2"
}
single task_list_v1:fix=K3,K4,K5,K6,K10 fork/DM 'broken (I1a)'
# Where K5 is repaired, too, fork and walk have task_lock in common, as in v2: then exec holds.
single task_list_v1:fix=K3,K4,K6,K10 exec/DM 'broken (I1a)'
single task_list_v1:fix=K3,K4,K5,K6,K10 exec/DM holds
single task_list_v1:fix=K1,K4,K5,K6,K10 fork/DM 'broken (I3)'
single task_list_v1:fix=K1,K3,K5,K6,K10 exit/DM 'broken (I3)'
single task_list_v1:fix=K1,K3,K4,K6,K10 exit/DM 'broken (I3)'
single task_list_v1:fix=K1,K3,K4,K5,K10 exit/DM 'broken (I3)'
single task_list_v1:fix=K1,K3,K4,K5,K6 fork/DM 'broken (I4)'
single task_list_v1:fix=K1,K3,K4,K5,K6,K10 exit/DM holds
single task_list_v2:fix=K7,K10 fork/DM 'broken (I1a)'
single task_list_v2:fix=K7,K10 exec/DM holds
single task_list_v2:fix=K1,K10 exit/DM 'broken (I3)'
single task_list_v2:fix=K1,K7 fork/DM 'broken (I4)'
single task_list_v2:fix=K1,K7,K10 fork/DM holds
single task_list_v3 fork/DM 'broken (I4)'
single task_list_v3:fix=K10 fork/DM holds

# ---- interleavings ----
run check --design task_list_v2:fix=K7,K10 --scenario fork/DM -v
cp "$T/out" "$T/k1"
ok "K1: a store reaches memory late" grep -q '^  \.\.\. prev->next = task 20 (task 2) reaches' "$T/k1"
ok "it is the publication" grep -q 'prev->next = task 20 (task 2)  \[store buffer\]' "$T/k1"
ok "while the reference is read" grep -q 'swapper_pg_dir, slot 4 == none' "$T/k1"
ok "and what breaks is told" grep -q '^I1a: .*, task 20, mm 20, slot 4 (on CPU 0)$' "$T/k1"
is "$(awk '/\|/ && length > 100' "$T/k1" | wc -l)" 0 "in lines of 100"
run check --design task_list_v2:fix=K7,K10 --scenario fork/DM -v --width 80
is "$(awk '/\|/ && length > 80' "$T/out" | wc -l)" 0 "or of 80"

check --schedule "$T/k1" >"$T/again" 2>"$T/err"
is "$?" 1 "run again it is broken"
same() { # without the figures of the run
	sed -E '2s/ +[0-9]+ +[0-9.]+ / /' "$1"
}
is "$(same "$T/again")" "$(same "$T/k1")" "in the same way"
for c in 'switch_gen_noipi running' 'task_list pin_all' 'task_list_v1 exit/DM' 'task_list_unlock_wait_exec exec/DM' \
	'broken_local_irq_disable fork/DM' 'task_list_exec_nowait exec_leader'; do
	check --design "${c% *}" --scenario "${c#* }" -v >"$T/b" 2>/dev/null
	check --schedule "$T/b" >"$T/c" 2>/dev/null
	is "$(grep -v blocking "$T/c" | grep '|')" "$(grep -v blocking "$T/b" | grep '|')" "${c% *} in ${c#* }, again"
done

run check --design broken_clear_page --scenario switch_both -v
is "$status $(grep -c '^I5: .*(while the history is set up)' "$T/out")" '0 1' "what breaks before anything runs is told"
cp "$T/out" "$T/b"
run check --schedule "$T/b"
is "$status" 1 "and again"

wrong() { # NAME SED-SCRIPT TEXT
	sed "$2" "$T/k1" >"$T/wrong"
	exits 2 "a schedule $1" check --schedule "$T/wrong"
	said "$T/wrong: $3" "which is told, with its line"
}
first=$(grep -n '^# schedule 1' "$T/k1" | cut -d: -f1)
wrong 'without steps' '/schedule run/d' "line $(($(wc -l <"$T/k1") - 1 - $(grep -c 'schedule run' "$T/k1"))): the schedule ends with"
wrong 'that is cut off' '/schedule end/d' 'line '
wrong 'of an unknown design' 's/design .*/design nosuch/' "line $first: no design called 'nosuch'"
wrong 'of an unknown scenario' 's/scenario .*/scenario fork/' "line $first: the schedule names an unknown scenario"
wrong 'of an unknown lock' 's/lock .*/lock mutex/' "line $first: the schedule names an unknown lock"
wrong 'of an unknown memory model' 's/memory tso/memory arm/' "line $first: the schedule names an unknown memory model"
wrong 'of another design' 's/schedule design .*/schedule design pgd_list/' "line $first: "
wrong 'with another violation' 's/violation .*/violation I4/' "line $first: it breaks I1a here, not I4"
wrong 'with a run of nothing' 's/run 0x2/run 0x0/' "line "
wrong 'with a thread that is none' 's/run 0x2/run z9x2/' "line "
wrong 'with a word that is none' 's/# schedule lock/# schedule luck/' "line $((first + 3)): no 'luck'"
wrong 'without a beginning' '/# schedule 1$/d' "line $first: 'design' before"
exits 2 "no schedule in it" check --schedule /dev/null
said 'no schedule in it' "which is told"
exits 2 "no such file" check --schedule "$T/absent"
exits 2 "a folder" check --schedule "$T"

# ---- ^C ----
"$MMREPLAY" check --design task_list_ipi --geometry x86_64-4level --scenario exit/DM --limit 0 --format json >"$T/out" 2>"$T/err" &
sleep 0.5
kill -INT $!
wait $!
is "$?" 130 "^C stops within a cell"
is "$(sqlite3 :memory: "select json_valid(readfile('$T/out'))")" 1 "what was said is whole"

# ---- your own ----
cp replay/designs/task_list.c "$T/mine.c"
sed -i 's/PGD_DESIGN(task_list/PGD_DESIGN(mine/' "$T/mine.c"
sed '0,/smp_mb();/s/smp_mb();/smp_wmb();/; s/PGD_DESIGN(mine/PGD_DESIGN(weak/' "$T/mine.c" >"$T/weak.c"
for d in mine weak; do
	ok "make design" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make VARIANT="$VARIANT" design ENGINES=check \
		LOCKS_check=blocking CFLAGS=-O0 D="$T/$d.c"
done
ok "a copy holds" check --design "$T/mine.so" --scenario fork/DM
run check --design "$T/weak.so" --scenario fork/DM
is "$status $(awk '/^weak/ { print $4, $5 }' "$T/out")" '1 broken (I1a)' "a line less and it does not"

# ---- pointers to nowhere ----
nowhere() { # NAME SED-SCRIPT WHAT
	sed "s/PGD_DESIGN(pgd_list/PGD_DESIGN($1/; $2" replay/designs/pgd_list.c >"$T/$1.c"
	ok "make design" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make VARIANT="$VARIANT" design ENGINES=check \
		LOCKS_check=blocking CFLAGS=-O0 D="$T/$1.c"
	run check --design "$T/$1.so" --scenario exit/DM -v
	# UBSan ends the program at the member of a NULL pointer, before the word looks at it.
	if [ "$VARIANT" = asan ]; then
		skip 1 "the sanitizer ends what it finds"
		return
	fi
	is "$status $(awk "/^$1/ { print \$4, \$5 }" "$T/out")" '1 broken (I3)' "$3 is a violation"
}
nowhere forgets 's/list_add(&pgd->pt_list.*//' "what was never listed, deleted from the list,"
nowhere blind 's/^\tWRITE_ONCE(pgd->pt_mm, mm);//' "a walk without back pointer"
if [ "$VARIANT" = asan ]; then
	skip 2 "the sanitizer ends what it finds"
else
	nowhere wild 's/^\tlist_del(.*/\t(*(volatile int *)(uintptr_t)64)++;/' "a store past the words"
fi

# ---- lists ----
ok "scenarios are listed" "$MMREPLAY" list scenarios
is "$(sort -u "$T/out" | wc -l)" "$(sqlite3 "$T/all.db" "select count(*) from cell where design = 'null'")" "all of them"

# ---- on real CPUs ----
if [ "$(nproc)" -lt 2 ]; then
	skip 4 "one CPU only"
else
	ok "the race" check --engine native --rounds 20000
	is "$(awk '$1 == "mb" { print $2, $3 }' "$T/out")" '20000 0' "loses nothing with full barriers"
	ok "in JSON" check --engine native --rounds 10000 --barrier wmb,mb --format json
	is "$(json "$T/out" "group_concat(value ->> 'barrier') || sum(value ->> 'rounds')")" wmb,mb20000 "those asked for"
fi
exits 1 "the race needs two CPUs" taskset -c 0 "$MMREPLAY" check --engine native
said 'needs two CPUs' "and says so"

done_testing
