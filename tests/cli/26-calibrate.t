#!/usr/bin/env bash
# calibrate: what this machine costs, shown and stored; topologies in the list.
set -u
# shellcheck source=tests/cli/tap.sh
. "$(dirname "$0")/tap.sh"
calibrate=("$MMREPLAY" calibrate)
db=$T/c.db
query() { # SQL
	"$MMREPLAY" query "$db" -f csv "$1" | tail -n +2
}
costs="step l2 llc memory smt cluster socket remote atomic fence clear copy scan range_l2 range_llc range_memory event surprise look rcu ipi futex wake wakeup grace"

ok "a table" "${calibrate[@]}" --db "$db"
cp "$T/out" "$T/table"
said "stored in $db" "it says where it is kept"
is "$(awk '$1 ~ /^[a-z_0-9]+$/ && ($5 == "measured" || $5 == "assumed") { print $1 }' "$T/table" | head -n "$(wc -w <<<"$costs")" | xargs)" "$costs" \
	"each cost has a line, with its origin"
is "$(grep -c ' assumed ' "$T/table")" "$(grep -c ' assumed .*; assumed: ' "$T/table")" \
	"what was not measured says why, and what is assumed instead"
is "$(query "SELECT name FROM calibration WHERE name IN ('${costs// /\',\'}') ORDER BY name" | xargs)" \
	"$(printf '%s\n' $costs | LC_ALL=C sort | xargs)" "the store has them all"
is "$(query "SELECT COUNT(*) FROM calibration WHERE (origin = 'measured') <> (runs > 0 OR name LIKE '%lines')")" 0 \
	"measured ones have their runs"
is "$(query "SELECT COUNT(*) FROM calibration WHERE ps < low_ps OR ps > high_ps")" 0 "a figure lies within its quartiles"
is "$(query "SELECT COUNT(DISTINCT measured_at) FROM calibration")" 1 "one calibration, one time"

one_cpu() {
	cpu=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
	ok "JSON, on one CPU" taskset -c "$cpu" "${calibrate[@]}" --db "$db" --format json
	cp "$T/out" "$T/c.json"
	json() { # PATH
		sqlite3 :memory: "SELECT json_extract(CAST(readfile('$T/c.json') AS TEXT), '$1')"
	}
	is "$(sqlite3 :memory: "SELECT json_valid(CAST(readfile('$T/c.json') AS TEXT))")" 1 "it is valid"
	is "$(sqlite3 :memory: "SELECT group_concat(json_extract(value, '\$.name'), ' ') FROM
		json_each(CAST(readfile('$T/c.json') AS TEXT), '\$.costs')")" "$costs" "with every cost"
	is "$(json '$.machine.cpus')" 1 "and the machine"
	is "$(grep -o 'this process may use one CPU only; assumed: ' "$T/c.json" | wc -l)" 7 "what needs two is not measured, and it says so"
	is "$(query "SELECT COUNT(DISTINCT measured_at) FROM calibration")" 2 "the one before stays in the store"
	is "$(query "SELECT printf('%.3f', ps / 1000.0) FROM calibration WHERE name = 'atomic' ORDER BY measured_at DESC LIMIT 1")" \
		"$(printf '%.3f' "$(json "\$.costs[8].ns")")" "what is shown is what is stored"
	is "$(query "SELECT COUNT(*) FROM calibration c JOIN machine m ON m.id = c.machine_id WHERE m.cpus = 1 AND
		c.name LIKE 'pair%'")" 0 "no pairs are made up"
}
if [ "$VARIANT" = asan ]; then
	skip 8 "once is enough under the sanitizer: it takes half a minute"
else
	one_cpu
fi

exits 2 "a format that there is not" "${calibrate[@]}" --db "$db" --format xml
said "--format is table or json, not 'xml'" "it says which there are"
exits 2 "an argument" "${calibrate[@]}" --db "$db" twice
exits 2 "an unknown option" "${calibrate[@]}" --nonsense
exits 2 "a store in a folder that is not there" "${calibrate[@]}" --db "$T/none/c.db"
said "$T/none/c.db: " "it names the file"
exits 2 "a folder" "${calibrate[@]}" --db "$T"
echo "no store, whatever it is called; long enough to be looked at as one, that is a hundred bytes and more of text" >"$T/text.db"
cp "$T/text.db" "$T/text.before"
exits 2 "a file that is no store" "${calibrate[@]}" --db "$T/text.db"
is "$(cmp "$T/text.db" "$T/text.before" && echo same)" same "and is left alone"

"${calibrate[@]}" --db "$T/int.db" >"$T/out" 2>"$T/err" &
pid=$!
until [ -s "$T/int.db" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
sleep 0.1
kill -INT $pid
wait $pid
is $? 130 "^C: status"
is "$(cat "$T/out")" "" "no half a table"
is "$("$MMREPLAY" query "$T/int.db" -f csv 'SELECT COUNT(*) FROM calibration' | tail -n 1)" 0 "no half a calibration"

ok "list topologies" "$MMREPLAY" list topologies
is "$(awk '{ print $1 }' "$T/out" | xargs)" "auto laptop epyc-2x96 power8-16s xeon-8s" "the presets"
ok "help" "$MMREPLAY" calibrate --help
done_testing
