#!/usr/bin/env bash
# What report writes for programs: JSON that a strict parser takes and CSV that SQLite takes, whatever names a store holds.
set -u
. tests/cli/tap.sh

# As JSON::PP reads it: bad escapes, invalid UTF-8, control characters and doubled commas are errors.
strict() { perl -MJSON::PP -e 'local $/; my $j = JSON::PP->new->utf8; print ref $j->decode(<STDIN>)' <"$1"; }
# Rows of a view, by the number of those in the JSON and in SQLite's import of the CSV.
json_rows() { sqlite3 :memory: "SELECT json_array_length(readfile('$1'), '\$.rows')"; }
csv_rows() { sqlite3 :memory: ".import --csv $1 t" 'SELECT COUNT(*) FROM t' 2>&1; }

"$TOOLS/mkstore" "$T/odd.db" violation sweep ladder clean
sqlite3 "$T/odd.db" "
	UPDATE workload SET path = 'a\"b\\\\c,' || char(10, 13, 9, 1, 27, 127) || '''</x>', host = CAST(x'ffc0afeda080c285' AS TEXT);
	UPDATE run SET design = CAST(x'c328' AS TEXT) || '\"' || char(8232) WHERE design = 'task_list';
	UPDATE run SET command = char(0x1f600) || ',\"' || char(10);
	UPDATE comm_stat SET comm = comm || CAST(x'fe' AS TEXT) || char(10) || '\"';
	UPDATE slow_op SET comm = CAST(x'f8888080' AS TEXT) || char(34, 10), holder_comm = char(7);
	UPDATE kernel_contention SET caller = caller || char(10) || '\"' WHERE seq = 0"

for v in $("$MMREPLAY" list views | cut -d' ' -f1); do
	scope=(--session all)
	"$MMREPLAY" report --db "$T/odd.db" --view "$v" "${scope[@]}" -f csv >"$T/v.csv" 2>/dev/null || scope=()
	"$MMREPLAY" report --db "$T/odd.db" --view "$v" "${scope[@]}" -f csv >"$T/v.csv"
	"$MMREPLAY" report --db "$T/odd.db" --view "$v" "${scope[@]}" -f json >"$T/v.json"
	is "$(strict "$T/v.json")" HASH "view $v: strict JSON"
	is "$(csv_rows "$T/v.csv")" "$(json_rows "$T/v.json")" "view $v: SQLite imports as many rows of CSV as the JSON has"
	is "$(head -n 1 "$T/v.csv" | tr ',' '\n' | sort)" \
		"$(sqlite3 :memory: "SELECT key FROM json_each(readfile('$T/v.json'), '\$.rows[0]') ORDER BY 1" | sort | grep . ||
			head -n 1 "$T/v.csv" | tr ',' '\n' | sort)" "view $v: the same names in both"
	is "$(iconv -f UTF-8 -t UTF-8 <"$T/v.csv" | tr -d '\n\t' | tr -dc '[:cntrl:]' | wc -c)" 0 "view $v: CSV is UTF-8 without control characters"
done
for s in 1 2 3 4; do
	"$MMREPLAY" report --db "$T/odd.db" --session $s -f json >"$T/r.json"
	is "$(strict "$T/r.json")" HASH "session $s: strict JSON"
done
is "$(sqlite3 :memory: "SELECT group_concat(key, ' ') FROM json_each(readfile('$T/r.json')) WHERE type <> 'array'")" \
	"schema schema_version session verdict" "the report's objects"
# The document names each key that there is.
for key in $(sqlite3 :memory: "SELECT key FROM json_each(readfile('$T/r.json'))"); do
	ok "schemas/report.md tells of $key" grep -q "\`$key\`" schemas/report.md
done
done_testing
