#!/usr/bin/env bash
# compare: sessions, designs, runs and stores; what is told apart, what is said, what CI gets.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
export LC_ALL=C.UTF-8
DB=$T/s.db
"$TOOLS/mkstore" "$DB" steady steady slower || exit 1
compare() { run "$MMREPLAY" compare "$@"; }
shows() { # REGEX NAME
	local bad=0
	grep -qE -- "$1" "$T/out" || bad=1
	result $bad "$2"
	[ $bad = 0 ] || show
}
get() { sqlite3 :memory: "SELECT json_extract(readfile('$T/json'), '$1')"; }

# ---- sessions ----
ok "a session against its like" "$MMREPLAY" compare 1 2 --db "$DB"
shows '^A  session 1 of .*: build.mmw \[5d41402a\]' "what A is"
shows '^B  session 2 of ' "what B is"
shows '^ticket, 2 threads, pgd_list: 9 and 9 repeats, noise [0-9.]+ % \([a-z ]+\)$' "the setting, and how noisy the machine was"
shows '^ +A %stddev +%change +B %stddev' "columns as the kernel's test robot has them"
shows '^ +[0-9.]+ M/s ± [0-9.]+% +~ +[0-9.]+ M/s ± [0-9.]+% +events/s +[-+][0-9.]+ to [-+][0-9.]+ %, p [0-9.]+$' "no difference: ~, the interval and p"
shows '^events/s of 2 settings: 0 better, 0 worse, 2 within noise$' "and in a word"
is "$(grep -cE '^differs' "$T/out")" 0 "nothing else differs"
shows '^noise: the machine itself moved by up to [0-9.]+ % between the two \(null; ticket, [12] threads?, pgd_list\): ' "what the machine did"
shows '^noise: .*--design a,b' "and how it is seen more sharply"
ok "a slower one" "$MMREPLAY" compare 1 3 --db "$DB"
shows '^ +[0-9.]+ M/s ± .* +-[56]\.[0-9]% +[0-9.]+ M/s ± .* events/s +-[67]\.[0-9] to -[45]\.[0-9] %, p [0-9.e-]+$' "the change, its interval, p"
shows '^events/s of 2 settings: 0 better, 1 worse, 1 within noise$' "one of the two settings"
shows '^ +135000 ± 0.0% +~ +135000 ± 0.0% +tasklist_lock taken' "counts that are always the same need no interval"
ok "the other way about" "$MMREPLAY" compare 3 1 --db "$DB"
shows '^events/s of 2 settings: 1 better, 0 worse, 1 within noise$' "is better"

# ---- for CI ----
compare 1 3 --db "$DB" --fail-on-regression 2
is "$status" 1 "a regression of more than 2 %"
said "regression: ticket, 2 threads, pgd_list: events/s -" "is named on stderr"
compare 1 3 --db "$DB" --fail-on-regression 20
is "$status" 0 "not of more than 20 %"
compare 3 1 --db "$DB" --fail-on-regression 2
is "$status" 0 "what is faster is no regression"
compare 1 2 --db "$DB" --fail-on-regression 0
is "$status" 0 "nor is noise"
"$TOOLS/mkstore" "$T/once.db" once once
compare 1 2 --db "$T/once.db" --fail-on-regression 5
is "$status" 2 "one repeat is no basis"
said "nothing can be judged" "which is said"

# ---- designs ----
"$TOOLS/mkstore" "$T/two.db" once clean
ok "two designs of the newest session" "$MMREPLAY" compare pgd_list task_list --db "$T/two.db"
shows '^A  pgd_list, session 2 of ' "of the newest session"
shows '^qspinlock, 2 threads, task_list against pgd_list: 3 and 3 repeats' "each lock and number of threads"
shows '; repeats in pairs$' "their repeats are pairs"
ok "of another session" "$MMREPLAY" compare design:pgd_list design:task_list --session 1 --db "$T/two.db"
shows '^A  pgd_list, session 1 of ' "of another session, indeed"
shows '^events/s of 6 settings: 0 better, 0 worse, 0 within noise, 6 that cannot be judged' "one repeat each is not judged"
ok "the floor when it is asked for" "$MMREPLAY" compare null pgd_list --db "$DB"

# ---- stores ----
ok "two stores" "$MMREPLAY" compare "$DB" "$T/two.db"
shows "^A  session 3 of $DB: " "the newest session of one"
shows '; settings that A has not: 10' "what the other has besides"
ok "a store's other session" "$MMREPLAY" compare "$DB@1" "db:$DB@2"
shows '^B  session 2 of ' "after an @"
"$TOOLS/mkstore" "$T/generated.db" generated
ok "another workload" "$MMREPLAY" compare "$T/two.db" "$T/generated.db"
shows '^differs: workload: A build.mmw \[5d41402a\], B storm.mmw \[7d793037\]$' "is said"
cp "$T/two.db" "$T/geometry.db"
sqlite3 "$T/geometry.db" "UPDATE run SET geometry = 'x86_64-5level', delay = 'pgd_lock=30'"
ok "another geometry" "$MMREPLAY" compare "$T/two.db" "$T/geometry.db"
shows '^differs: geometry: A x86_64-4level, B x86_64-5level$' "is said"
shows '^differs: delay: A none, B pgd_lock=30$' "and a delay"
"$TOOLS/mkstore" "$T/violation.db" clean violation
ok "a broken invariant" "$MMREPLAY" compare pgd_list task_list --db "$T/violation.db" --session 2
shows 'task_list against pgd_list: .*, an invariant broke$' "is said"
shows '0 better, 0 worse, 0 within noise, 6 that cannot be judged' "and nothing is judged"

# ---- runs ----
ok "sessions without null" "$MMREPLAY" compare 1 2 --db "$T/once.db"
shows '^noise: how far the machine itself moved between the two is not known' "what the machine did is not known"
ok "two runs" "$MMREPLAY" compare run:13 run:14 --db "$T/two.db"
shows '^A  run 13 of session 2 of ' "of whichever session"

ok "a run and another design of its session" "$MMREPLAY" compare run:13 "$(sqlite3 "$T/two.db" "SELECT MAX(design) FROM run WHERE session = 2 AND NOT floor AND design <> (SELECT design FROM run WHERE id = 13)")" --db "$T/two.db"
exits 2 "a run and its own design" "$MMREPLAY" compare run:13 "$(sqlite3 "$T/two.db" "SELECT design FROM run WHERE id = 13")" --db "$T/two.db"

# ---- formats ----
"$MMREPLAY" compare 1 3 --db "$DB" --format json >"$T/json"
is "$(get '$.schema') $(get '$.schema_version')" "mmreplay-compare 1" "JSON has a schema"
is "$(get '$.rows[11].figure') $(get '$.rows[11].threads') $(get '$.rows[11].verdict') $(get '$.rows[11].noise_source')" "events/s 2 worse scatter" "rows, and what they say"
is "$(sqlite3 :memory: "SELECT $(get '$.rows[11].change_low_percent') < $(get '$.rows[11].change_percent') AND $(get '$.rows[11].change_percent') < $(get '$.rows[11].change_high_percent')")" 1 "the change is in its interval"
is "$(sqlite3 :memory: "SELECT abs($(get '$.rows[11].machine_percent')) < 2, $(get '$.rows[11].best_percent') < -4")" "1|1" "null did not move, the best repeats did"
is "$(get '$.a.session') $(get '$.b.session') $(get '$.a.workload')" "1 3 build.mmw [5d41402a]" "both sides"
"$MMREPLAY" compare 1 3 --db "$DB" -f csv >"$T/csv"
is "$(sqlite3 :memory: ".import --csv $T/csv t" "SELECT COUNT(*), SUM(verdict = 'worse' AND figure = 'events/s') FROM t" 2>&1)" "$(sqlite3 :memory: "SELECT json_array_length(readfile('$T/json'), '$.rows')")|1" "CSV parses and has the same rows"

# ---- wrong use ----
exits 2 "A alone" "$MMREPLAY" compare 1 --db "$DB"
exits 2 "one too many" "$MMREPLAY" compare 1 2 3 --db "$DB"
exits 2 "a session that is not there" "$MMREPLAY" compare 1 9 --db "$DB"
said "no session 9" "...named"
exits 2 "a run that is not there" "$MMREPLAY" compare 1 run:999 --db "$DB"
exits 2 "a number that is none" "$MMREPLAY" compare 1 session:x --db "$DB"
exits 2 "neither session nor file nor design" "$MMREPLAY" compare 1 nonsense --db "$DB"
said "'nonsense' is no session, no file, and no design" "...said so"
exits 2 "the same runs" "$MMREPLAY" compare 1 1 --db "$DB"
said "runs in common" "...said so"
exits 2 "a part of the same runs" "$MMREPLAY" compare 3 pgd_list --db "$DB"
exits 2 "no store" "$MMREPLAY" compare 1 2 --db "$T/none.db"
exits 2 "a folder" "$MMREPLAY" compare "$T" "$DB"
exits 2 "nothing alike" "$MMREPLAY" compare "$DB" "$T/two.db" --fail-on-regression 101
cp "$DB" "$T/pgd_list"
exits 2 "a file that is called like a design" env -C "$T" "$MMREPLAY" compare pgd_list null --db s.db
said "say db:pgd_list or design:pgd_list" "...said so"
exits 2 "a format that is none" "$MMREPLAY" compare 1 2 --db "$DB" --format html
ok "the file is only read" sh -c "before=\$(cksum <'$DB'); '$MMREPLAY' compare 1 2 --db '$DB' >/dev/null; test \"\$before\" = \"\$(cksum <'$DB')\""

done_testing
