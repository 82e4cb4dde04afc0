#!/usr/bin/env bash
# mmreplay ui without a terminal: keys from a script, screens as text, held
# against what sqlite3 says about the same store.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
export LC_ALL=C.UTF-8
unset NO_COLOR
DB=$T/s.db
"$TOOLS/mkstore" "$DB" violation clean || exit 1
sql() { sqlite3 "${2:-$DB}" "$1"; }

# keys KEY...: run a script of these lines; screens in $T/out.
keys() {
	printf '%s\n' "$@" >"$T/keys"
	run "$MMREPLAY" ui "$DB" --script "$T/keys"
}
# The row that is selected in the last dump: wants `dump` and `roles` at its end.
selected() {
	local rows n
	rows=$(($(wc -l <"$T/out") / 2))
	n=$(tail -n "$rows" "$T/out" | grep -n '^@@@' | head -1 | cut -d: -f1)
	[ -n "$n" ] && tail -n $((2 * rows)) "$T/out" | head -n "$rows" | sed -n "${n}p"
}
shows() { # TEXT NAME
	local bad=0
	grep -qF -- "$1" "$T/out" || bad=1
	result $bad "$2"
	[ $bad = 0 ] || show
}
hides() { # TEXT NAME
	local bad=0
	grep -qF -- "$1" "$T/out" && bad=1
	result $bad "$2"
	[ $bad = 0 ] || show
}
# NAME CMD: passes when CMD succeeds; the last run's output stays.
holds() {
	local name=$1 bad=0
	shift
	"$@" >/dev/null || bad=1
	result $bad "$name"
	[ $bad = 0 ] || show
}
status_line() { tail -n 2 "$T/out" | head -n 1; }
bottom() { tail -n 1 "$T/out"; }
# No line wider than $1 columns, and $2 lines.
fits() {
	[ "$(wc -L <"$T/out")" -le "$1" ] && [ "$(wc -l <"$T/out")" = "$2" ]
}

# ---- ways to fail, all before a terminal is touched ----
exits 2 "no such store" "$MMREPLAY" ui "$T/none.db"
said "$T/none.db" "...and it is named"
ok "nothing was made in its place" test ! -e "$T/none.db"
head -c 5000 /dev/urandom >"$T/noise.db"
exits 2 "not a store" "$MMREPLAY" ui "$T/noise.db"
: >"$T/empty.db"
exits 2 "an empty file" "$MMREPLAY" ui "$T/empty.db"
exits 2 "a folder" "$MMREPLAY" ui "$T"
sqlite3 "$T/other.db" 'CREATE TABLE run (id); PRAGMA application_id = 1'
exits 2 "somebody else's database" "$MMREPLAY" ui "$T/other.db"
exits 2 "two stores" "$MMREPLAY" ui "$DB" "$DB"
exits 2 "an unknown option" "$MMREPLAY" ui --fast "$DB"
exits 2 "no such script" "$MMREPLAY" ui "$DB" --script "$T/none"
printf 'Down\n\n# a remark\nDwon\n' >"$T/keys"
exits 2 "a script with a typing mistake" "$MMREPLAY" ui "$DB" --script "$T/keys"
said "$T/keys: line 4: neither a key nor a command: 'Dwon'" "...says where"
printf 'resize 0x24\n' >"$T/keys"
exits 2 "a size that is none" "$MMREPLAY" ui "$DB" --script "$T/keys"
(cd "$T" && run "$MMREPLAY" ui)
is "$(cat "$T/err")" "$(cd "$T" && "$MMREPLAY" ui mmreplay.db 2>&1)" "the default store is mmreplay.db"

# ---- no terminal ----
ok "no terminal: text" "$MMREPLAY" ui "$DB"
is "$(sed '/^$/q' "$T/out" | grep -c -E '^ *[0-9]+ ')" "$(sql 'SELECT count(*) FROM run')" "a line per run"
shows "Compare" "and the comparison"
is "$(wc -c <"$T/err")" 0 "nothing on stderr"
sqlite3 "$T/fresh.db" <schemas/results.sql
ok "no runs yet" "$MMREPLAY" ui "$T/fresh.db"
said "no runs yet" "...is said"
is "$(wc -c <"$T/out")" 0 "...and not as data"
if [ -w /dev/full ]; then
	"$MMREPLAY" ui "$DB" >/dev/full 2>"$T/err"
	is $? 1 "a full disk is noticed"
fi

# ---- Runs ----
keys dump
is "$status" 0 "a script that just ends"
holds "80x24: the screen fits" fits 80 24
n=$(sql 'SELECT count(*) FROM run')
shows "$n runs, 1 running, 1 interrupted, 1 violation" "what is not as it should be is counted"
is "$(sed -n '4,22p' "$T/out" | awk '{print $1}' | tr '\n' ' ')" \
	"$(sql 'SELECT id FROM run ORDER BY id DESC LIMIT 19' | tr '\n' ' ')" "the newest runs first"
is "$(status_line)" " 1/$n  sort: default" "position and order"
keys Down j Down Up k j dump roles
is "$(selected | awk '{print $1}')" $((n - 2)) "arrows and j, k"
keys G dump roles
is "$(selected | awk '{print $1}')" 1 "G: the last row"
keys G g dump roles
is "$(selected | awk '{print $1}')" "$n" "g: the first row"
keys PgDn PgDn PgUp dump roles
is "$(selected | awk '{print $1}')" $((n - 18)) "a page keeps one row"
keys End Down Down Home Up dump roles
is "$(selected | awk '{print $1}')" "$n" "nothing beyond the ends"
keys /violation Enter dump roles
is "$(selected | awk '{print $1}')" "$(sql "SELECT id FROM run WHERE verdict = 'violation'")" "search finds the violation"
keys /violation Enter Down roles
holds "...and marks what it found" grep -q '///////' "$T/out"
keys /viola Enter n dump
is "$(bottom)" "The only one" "n says that there is no other"
keys /VIOLATION Enter dump
is "$(bottom)" "Not found: VIOLATION" "capitals count"
keys /interrupted Enter Down Up n N dump roles
is "$(selected | awk '{print $6}')" interrupted "N goes back"
keys /zzz Esc dump roles
is "$(selected | awk '{print $1}')" "$n" "Esc leaves the search where it began"
keys '>' '>' '>' '>' dump
is "$(status_line)" " 1/$n  sort: threads (descending)" "> chooses the column, numbers largest first"
keys '>' I dump roles
is "$(selected | awk '{print $1}')" 1 "I inverts"
keys '>' I '<' dump roles
is "$(selected | awk '{print $1}')" "$n" "< before the first column: as it was"
keys I dump
is "$(bottom)" "Choose a column to sort by first: > and <" "I without a column says what to do"
keys Right Right Right dump
holds "scrolled: run and design stay" grep -q '^ run design *◀' "$T/out"
keys Right Right Right Left Left Left Left dump
holds "scrolled back" grep -q '^ run design *kind' "$T/out"
keys /violation Enter / Enter Down roles
holds "a violation is in the bad role" grep -q 'bbbbbbbbb' "$T/out"
keys /running Enter / Enter Down roles
holds "a running run is in the warn role" grep -q 'wwwwwww' "$T/out"
keys /running Enter / Enter roles
holds "...also where the cursor is" grep -q '@WWWWWWW@' "$T/out"

# ---- from runs to locks, comparison, details ----
id=$((n - 1))
keys Down Enter dump
shows "Locks of run $id: $(sql "SELECT design || ', ' || lock || ', threads ' || threads FROM run WHERE id = $id")" \
	"Enter: the run's locks"
is "$(sed -n '4,23p' "$T/out" | awk '/^ [a-z]/ {print $1, $2, $3}')" \
	"$(sql "SELECT lock || ' ' || mode || ' ' || acquisitions FROM lock_stat WHERE run_id = $id ORDER BY lock, mode")" \
	"as they are stored"
keys Down Enter q dump
shows "$n runs" "q goes back"
keys Down Enter Esc dump roles
is "$(selected | awk '{print $1}')" $id "to the row that was left"
keys Enter Enter dump
shows "Holds, of the timed acquisitions" "Enter on a lock: its histograms"
is "$(sed -n '/^ Holds/,$p' "$T/out" | awk '$2 == "ns" || $2 == "us" {s += $5} END {print s}')" \
	"$(sql "SELECT sum(count) FROM v_lock_hist h JOIN (SELECT setting, design FROM v_runs WHERE run_id = $n) r
		ON h.setting = r.setting AND h.design = r.design WHERE lock = 'alloc_lock' AND kind = 'hold'")" \
	"with every value in one of the lines"
keys d dump PgDn dump
shows "state digest" "d: columns that the table leaves out"
shows "($(sql "SELECT wall_ns FROM run WHERE id = $n"))" "and exact numbers"
keys c dump
shows "only: setting=$(sql "SELECT setting FROM v_runs WHERE run_id = $n")" "c: the row's setting"
keys Space Down Down Down Down Down Down Down Down Space c dump
shows "2 marked runs of different settings side by side" "c: marked runs side by side"
keys Space Space dump
is "$(status_line)" " 3/$n  2 marked  sort: default" "marks are counted"
keys Space Space U dump
is "$(status_line)" " 3/$n  sort: default" "U: none is left"

# ---- Compare ----
keys Tab '>' '>' dump
holds "80x24: the comparison fits" fits 80 24
row=$(sed -n 4p "$T/out")
is "$(echo "$row" | grep -o '[0-9.]*x [-+~?]' | head -1)" "$(sql "SELECT printf('%.2fx %s', ratio,
	CASE WHEN beyond_noise IS NULL THEN '?' WHEN NOT beyond_noise THEN '~' WHEN ratio > 1 THEN '+' ELSE '-' END)
	FROM v_compare ORDER BY lock_kind, session DESC, threads, design LIMIT 1")" "ratio and mark of the first row"
keys Tab Down dump
fig=$(sql "SELECT printf('%.2fx .. %.2fx', ratio_low, ratio_high) FROM v_compare ORDER BY session DESC, lock_kind, threads
	LIMIT 1 OFFSET 1")
is "$(grep '^ events/s' "$T/out" | grep -o '[0-9.]*x \.\. [0-9.]*x')" "$fig" "the pane is about the row of the cursor"
shows "same state at the end" "states are compared"
keys Tab G dump roles
holds "a design with a violation is not judged" grep -q 'x ? ' "$T/out"
shows "broke an invariant" "...and it is said why"
keys Tab Enter dump
shows "only: setting=" "Enter: the locks of the setting"
keys BackTab dump
shows "Locks of each design" "the screens go round"

# ---- sizes ----
keys "resize 120x40" dump
holds "120x40 fits" fits 120 40
shows "workload" "...and shows more columns"
for size in 40x8 60x12 41x9 200x50 80x8; do
	keys "resize $size" dump Tab dump Tab dump Enter dump '?' dump
	w=${size%x*} h=${size#*x}
	holds "$size: every screen fits" fits "$w" $((5 * h))
done
keys "resize 39x7" dump
shows "terminal too small" "below the minimum it says so"
shows "39x7, needs 40x8" "...and what it needs"
keys "resize 1x1" dump Down Enter / x Tab "resize 80x24" dump
is "$(tail -n 24 "$T/out" | head -n 2 | tail -n 1)" " $n runs, 1 running, 1 interrupted, 1 violation" \
	"...and stays alive, keys without effect"
keys "resize 10x3" q dump
is "$(wc -l <"$T/out")" 0 "...and can be left"

# ---- SQL ----
keys ";SELECT design, count(*) AS runs, 1500 AS x_ns FROM run GROUP BY design" Enter dump
is "$(sed -n '4,5p' "$T/out" | awk '{print $1, $2, $3, $4}')" \
	"$(sql "SELECT design || ' ' || count(*) || ' 1.50 us' FROM run GROUP BY design")" "a query, with units"
keys ";DELETE FROM run" Enter dump
is "$(sql 'SELECT count(*) FROM run')" "$n" "nothing can be written"
shows "$n runs" "...and the screen stays"
keys ";nonsense" Enter dump
holds "an error is shown" grep -q 'syntax error' "$T/out"
keys ";SELECT 1 AS first" Enter q ";" Up Enter dump
shows "SQL  SELECT 1 AS first" "Up: the query before"
keys ";SELECT 7" Home Delete ^K "type XELECT 4xx" Backspace Backspace ^A Delete "type S" End "type 2 AS y z" ^W Backspace \
	Left Right Enter dump
is "$(sed -n 2p "$T/out")$(sed -n 4p "$T/out")" " SQL  SELECT 42 AS y 42" "the line can be edited"

# ---- export ----
cd "$T" || exit 1
keys e Enter dump
is "$(bottom)" "Wrote $n rows to runs.csv" "exported"
is "$(head -1 runs.csv | tr ',' '\n' | wc -l)" "$(sql "SELECT count(*) FROM pragma_table_info('v_runs')")" "every column"
is "$(sed 1d runs.csv | cut -d, -f1 | head -3 | tr '\n' ' ')" "$n $((n - 1)) $((n - 2)) " "as sorted"
cp runs.csv before.csv
echo old >runs.csv
keys e Enter n dump
is "$(cat runs.csv)" old "a file that is there is not overwritten unasked"
keys e Enter y dump
holds "...but when asked to" cmp runs.csv before.csv
keys e ^U "type none/x.csv" Enter dump
is "$(bottom)" "none/x.csv: No such file or directory" "a folder that is not there"
keys e ^U "type /dev/null" Enter y dump
is "$(bottom)" "/dev/null: not a regular file" "a device is not replaced"
# A disk that is full: a limit on the size of files says the same, and needs no root.
many=";WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a WHERE x < 50000) SELECT x FROM a"
printf '%s\n' "$many" Enter e ^U "type big.csv" Enter dump >keys
run bash -c 'trap "" XFSZ; ulimit -f 100; "$0" ui "$1" --script keys' "$MMREPLAY" "$DB"
is "$(bottom)" "big.csv: File too large" "no room for the file"
holds "...nothing half-written stays" test ! -e big.csv
echo old >big.csv
printf '%s\n' "$many" Enter e ^U "type big.csv" Enter y dump >keys
run bash -c 'trap "" XFSZ; ulimit -f 100; "$0" ui "$1" --script keys' "$MMREPLAY" "$DB"
is "$(bottom) $(cat big.csv*)" "big.csv: File too large old" "...and what was there before does"
rm -f big.csv
keys e Esc dump
is "$(find . -name '*.csv' | wc -l)" 2 "Esc writes nothing"
cd - >/dev/null || exit 1

# ---- no UTF-8 ----
export LC_ALL=C
keys '>' Space dump Tab dump Tab Enter dump ? dump
is "$(LC_ALL=C grep -c '[^ -~]' "$T/out")" 0 "LC_ALL=C: nothing but ASCII"
shows "run" "...and something"
export LC_ALL=C.UTF-8

# ---- hostile names ----
cp "$DB" "$T/bad.db"
sql "UPDATE run SET design = 'x' || char(27) || '[2J' || char(155) || char(8238) || 'gnp.日本語日本語日本語日本語日本語日本語',
	failure = char(7) || char(10) || 'two'; UPDATE lock_stat SET lock = 'a' || char(13) || 'b' WHERE lock = 'pgd_lock'" "$T/bad.db"
printf '%s\n' dump Enter dump Enter dump q q d dump q Tab dump Tab dump "resize 41x10" dump >"$T/keys"
ok "hostile names" "$MMREPLAY" ui "$T/bad.db" --script "$T/keys"
is "$(LC_ALL=C tr -d '\n' <"$T/out" | LC_ALL=C tr -cd '\000-\037\177' | wc -c)" 0 "no control character comes out"
is "$(grep -c $'\u202e\|\u009b' "$T/out")" 0 "nor one that turns the text around"

# ---- empty store, read-only, following ----
DB=$T/fresh.db keys dump Down Enter c d Space / x Enter e Tab dump Tab dump
run "$MMREPLAY" ui "$T/fresh.db" --script "$T/keys"
is "$status" 0 "an empty store"
shows "No runs are in this store yet" "...says how to fill it"
shows "mmreplay replay" "...with the command"
before=$(cksum <"$DB")
keys Tab Tab Enter q dump
is "$(cksum <"$DB")" "$before" "the store is only read"

# ---- a store that is too large to be shown at once ----
"$TOOLS/mkstore" "$T/large.db" once many=1100
of_large() { printf '%s\n' dump | "$MMREPLAY" ui "$T/large.db" --script - "$@"; }
run of_large
newest=$(sql 'SELECT 12 * (1000 / 12)' "$T/large.db")
shows " 1/$newest " "of a large store the newest runs"
shows "Older runs: $(($(sql 'SELECT count(*) FROM run' "$T/large.db") - newest)), left out" "...and how many are left out"
run of_large --session all
shows " 1/$(sql 'SELECT count(*) FROM run' "$T/large.db") " "all of them when that is asked for"
run of_large --session 2
shows " 1/12 " "one session"
run "$MMREPLAY" ui "$T/large.db" --session x
is "$status" 2 "a session that is none"

mkfifo "$T/in"
"$MMREPLAY" ui "$DB" --script - <"$T/in" >"$T/out" 2>"$T/err" &
ui=$!
exec 7>"$T/in"
printf '%s\n' Down Down dump roles >&7
for ((i = 0; i < 200 && $(wc -l <"$T/out") < 48; i++)); do sleep 0.05; done
first=$(selected)
"$TOOLS/mkstore" "$DB" once
printf '%s\n' tick dump roles quit >&7
exec 7>&-
wait $ui
is $? 0 "a store that grows"
tail -n 48 "$T/out" >"$T/tail" && mv "$T/tail" "$T/out"
is "$(selected)" "$first" "the cursor stays on its run"
m=$(sql 'SELECT count(*) FROM run')
holds "...which has moved down" grep -q "^ $((3 + m - n))/$m  sort: default" "$T/out"
shows " $m runs" "...and the new runs are there"

done_testing
