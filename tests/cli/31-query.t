#!/usr/bin/env bash
# query: one reading statement, three formats, and no way to write.
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
fails() {
	local want=$1 text=$2
	shift 2
	"$@" >"$d/stdout" 2>"$d/stderr"
	local rc=$?
	cat "$d/stderr"
	[ $rc -eq "$want" ] && [ ! -s "$d/stdout" ] && grep -q -- "$text" "$d/stderr" &&
		[ "$(grep -c '^mmreplay' "$d/stderr")" -eq 1 ]
}
prints() { # EXPECTED COMMAND...
	local want=$1
	shift
	"$@" >"$d/got"
	printf '%b' "$want" | diff - "$d/got"
}
db=$d/s.db
"$TOOLS/mkstore" "$db" once || echo "Bail out! mkstore"
before=$(sha256sum "$db")
query=("$MMREPLAY" query "$db")

ok "a table" prints 'run_id  design\n     1  pgd_list\n     2  task_list\n' "${query[@]}" 'SELECT id AS run_id, design FROM run ORDER BY id LIMIT 2'
ok "units by the names' ends" prints '   x_ns  y_percent   z_per_s\n1.24 us     12.3 %  3.10 M/s\n' "${query[@]}" 'SELECT 1240 AS x_ns, 12.34 AS y_percent, 3.1e6 AS z_per_s'
ok "CSV: exact values, quoting" prints 'a,b,c,d\n1240,"x,""y""",,0.1\n' "${query[@]}" -f csv "SELECT 1240 AS a, 'x,\"y\"' AS b, NULL AS c, 0.1 AS d"
ok "JSON: exact values, quoting" prints '[\n  {"a": 9007199254740993, "b": "x\\"\\\\\\u001b", "c": null, "d": 0.1}\n]\n' "${query[@]}" -f json "SELECT 9007199254740993 AS a, 'x\"\\' || char(27) AS b, NULL AS c, 0.1 AS d"
ok "JSON has no infinity" prints '[\n  {"x": null}\n]\n' "${query[@]}" -f json 'SELECT 9e999 AS x'
ok "control characters reach no terminal" sh -c "! '$MMREPLAY' query '$db' \"SELECT char(27) || '[2J' || char(155) AS x, 1 AS y\" | LC_ALL=C grep -q \$(printf '\\033')"
ok "nor through CSV" sh -c "! '$MMREPLAY' query '$db' -f csv \"SELECT char(27) || '[2J' AS x\" | LC_ALL=C grep -q \$(printf '\\033')"
ok "the views are there" prints 'n\n1\n' "${query[@]}" -f csv 'SELECT COUNT(*) > 0 AS n FROM v_compare'
ok "a comment after the statement" prints 'x\n1\n' "${query[@]}" -f csv 'SELECT 1 AS x; -- all'
ok "WITH" prints 'x\n2\n' "${query[@]}" -f csv 'WITH a AS (SELECT 2 AS x) SELECT * FROM a'
ok "no rows" prints '[]\n' "${query[@]}" -f json 'SELECT 1 AS x WHERE 0'

for sql in 'DELETE FROM run' 'UPDATE run SET design = 1' "INSERT INTO run_event VALUES (1, 'x', 1)" 'DROP TABLE run' 'CREATE TABLE t (x)' \
	'CREATE TEMP TABLE t (x)' "ATTACH '$d/new.db' AS n" "VACUUM INTO '$d/new.db'" 'PRAGMA journal_mode = DELETE' 'PRAGMA query_only = OFF' \
	'PRAGMA writable_schema = ON' "SELECT load_extension('x')" 'BEGIN IMMEDIATE' 'REINDEX' 'ANALYZE' "DELETE FROM run RETURNING id"; do
	ok "refused: $sql" fails 2 "$db: " "${query[@]}" "$sql"
done
ok "two statements" fails 2 'one statement at a time' "${query[@]}" 'SELECT 1; SELECT 2'
ok "no statement" fails 2 'no SQL statement' "${query[@]}" ' -- nothing'
ok "a syntax error" fails 2 'near "SELEKT": syntax error' "${query[@]}" 'SELEKT 1'
ok "an unknown table" fails 2 'no such table: nonsense' "${query[@]}" 'SELECT * FROM nonsense'
ok "SQL missing" fails 2 'DB and SQL are needed' "${query[@]}"
ok "a word too many" fails 2 'quote the statement' "${query[@]}" SELECT 1
ok "no such file" fails 2 'No such file' "$MMREPLAY" query "$d/none.db" 'SELECT 1'
ok "it was not made either" test ! -e "$d/none.db"
ok "no store" fails 2 'not an SQLite database' "$MMREPLAY" query "$0" 'SELECT 1'

endless='WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c'
for sig in INT:130 TERM:143; do
	ok "an endless query ends at SIG${sig%:*}" fails "${sig#*:}" mmreplay sh -c "timeout --preserve-status -s ${sig%:*} 0.5 '$MMREPLAY' query '$db' '$endless'; rc=\$?; echo mmreplay >&2; exit \$rc"
done

# ---- places that cannot be written ----
mkdir "$d/ro" && cp "$db" "$d/ro/s.db" && chmod 444 "$d/ro/s.db" && chmod 555 "$d/ro" && chmod 755 "$d"
as=()
[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if "${as[@]}" sh -c ': >"$0/ro/probe"' "$d" 2>/dev/null || ! "${as[@]}" test -x "$MMREPLAY"; then
	n=$((n + 1)); echo "ok $n # SKIP this user can write everywhere or cannot run the program"
else
	ok "a read-only store in a folder that cannot be written" prints 'n\n1\n' "${as[@]}" "$MMREPLAY" query "$d/ro/s.db" -f csv 'SELECT COUNT(*) > 0 AS n FROM v_compare'
fi
ok "a name with ? # and %" sh -c "cp '$db' '$d/a?b#c%41.db' && '$MMREPLAY' query '$d/a?b#c%41.db' 'SELECT 1'"
ok "a name that looks like a URI" env -C "$d" sh -c "mkdir -p file: && cp s.db 'file:/x.db' && '$MMREPLAY' query file:/x.db 'SELECT 1'"
ok "the store is as it was" test "$(sha256sum "$db")" = "$before"
ok "nothing is left beside it" sh -c "! ls '$d'/s.db-* '$d'/ro/*-*"
chmod 755 "$d/ro"
echo "1..$n"
