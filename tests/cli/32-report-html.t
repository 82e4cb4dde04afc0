#!/usr/bin/env bash
# report --format html: one page for everything, well-formed, without outside references, whatever names a store holds.
set -u
. tests/cli/tap.sh

page() { "$MMREPLAY" report --db "$1" --format html "${@:2}"; }
# Each call of report has to end well, with a page that a strict parser takes.
parses() { # DB ARG...
	page "$@" >"$T/page.html" && xmllint --noout "$T/page.html"
}
has() { grep -qF -- "$1" "$T/page.html"; }
lacks() { ! grep -qE -- "$1" "$T/page.html"; }
count() { grep -oE -- "$1" "$T/page.html" | wc -l; }

"$TOOLS/mkstore" "$T/clean.db" clean
"$TOOLS/mkstore" "$T/all.db" small sweep ladder
"$TOOLS/mkstore" "$T/sweep.db" sweep
for s in violation noise single once three incomplete lossy generated ladder; do
	"$TOOLS/mkstore" "$T/$s.db" "$s"
	ok "the session $s is well-formed" parses "$T/$s.db"
done

ok "the usual session is well-formed" parses "$T/clean.db"
ok "no script" lacks '<script|javascript:|[ ]on[a-z]+="'
ok "nothing that is loaded" lacks '(src|href)="[^#]|url\(|@import|<link|https?://'
ok "and a browser is told so" has "content=\"default-src 'none'; style-src 'unsafe-inline'\""
ok "light and dark" has '@media (prefers-color-scheme: dark)'
ok "print" has '@media print'
ok "as wide as the screen" has 'width=device-width'
sentence=$("$MMREPLAY" report --db "$T/clean.db" | tail -n 1)
ok "the verdict is that of the text" has "$sentence"
ok "it stands on top" sh -c "sed -n '/<body>/,/<section/p' '$T/page.html' | grep -q 'class=\"verdict\">At the recorded rate'"
for v in scaling compare compare_figures locks time ops fit violations; do
	grep -q . <<<"$("$MMREPLAY" report --db "$T/clean.db" --view "$v" -f csv | tail -n +2)" || [ "$v" = violations ] || continue
	ok "the table names its SQL view: $v" has "<code>$("$MMREPLAY" list views | awk -v v="$v" '$1 == v { print $2 }')</code>"
done
is "$(grep -oE '<h2>[^<]*' "$T/page.html" | cut -c5- | head -n 4 | paste -sd,)" \
	"What was run,Events/s by threads,Compare,Comparison by figure" "the order of the page"
ok "units stand in the headers" has 'p99 <small>ns</small>'
is "$(count 'aria-label="(ticket|qspinlock): events/s by threads')" 2 "a chart of speed for each lock kind"
ok "figures of a mark are said" has '<title>task_list, 2 threads: '
ok "intervals, too" grep -qE '<title>task_list, 2 threads: [0-9.]+ M \([0-9.]+ M to [0-9.]+ M\)</title>' "$T/page.html"
ok "noise marks" has 'title="better, beyond the noise">+</span>'
ok "the figures of the histograms" has '<summary>The figures of these <code>v_lock_octaves</code>'
ok "no violation is said" has 'No run broke an invariant.'
# What the table says is what the view says, to the digit that is shown.
csv=$("$MMREPLAY" report --db "$T/clean.db" --view scaling -f csv)
is "$(sed -n '/id="speed"/,/<\/section>/p' "$T/page.html" | grep -c '^<tr><td>')" "$(tail -n +2 <<<"$csv" | wc -l)" "a row for each of v_scaling"
fast=$(sqlite3 "$T/clean.db" "SELECT printf('%,d', round(MAX(events_per_s) / 1000)) FROM (SELECT events * 1e9 / wall_ns AS events_per_s FROM run WHERE threads = 2 AND design = 'task_list' AND lock = 'qspinlock' ORDER BY 1 LIMIT 1 OFFSET 1)")
ok "the median of the repeats, in k/s" has "<td class=\"n\">$fast</td>"

ok "predictions are well-formed" parses "$T/sweep.db"
ok "what is not validated is marked" has ', unvalidated</title>'
ok "and by more than colour" grep -qE 'class="s[0-9] hollow"' "$T/page.html"
ok "the knee" has 'knee at 4'
ok "costs of the imagined machine with their origin" has '<td>published</td>'
ok "the violation" parses "$T/violation.db"
ok "is in the verdict" has 'class="verdict bad">'
ok "and in its table" has '<td>I1b</td>'
ok "lost events" parses "$T/lossy.db"
ok "are said" has '1234 events lost by the tracer, 56 unresolved by the import; its rates are lower bounds'
ok "headroom" parses "$T/ladder.db"
ok "is a chart" has 'wait, % of CPU time by times the recorded rate'

for v in $("$MMREPLAY" list views | cut -d' ' -f1); do
	ok "view $v alone is well-formed" parses "$T/all.db" --view "$v"
	rows=$(("$("$MMREPLAY" report --db "$T/all.db" --view "$v" -f csv | wc -l)" - 1))
	rows=$((rows > 10000 ? 10000 : rows))
	is "$(sed '/<\/section>/q' "$T/page.html" | grep -c '^<tr><td')" $rows "view $v: its rows"
done
ok "a session of one view" parses "$T/all.db" --view locks --session 2
sqlite3 "$T/empty.db" <schemas/results.sql
ok "a view of no rows" parses "$T/empty.db" --view locks
exits 2 "no run, no page" "$MMREPLAY" report --db "$T/empty.db" -f html
ok "a full disk is noticed" sh -c "'$MMREPLAY' report --db '$T/clean.db' -f html >/dev/full; test \$? = 1"
exits 2 "query has no pages" "$MMREPLAY" query "$T/clean.db" 'SELECT 1' -f html

ok "the timeline is a heat map" parses "$T/clean.db"
cells=$(count '<rect class="heat"')
ok "with a cell for each interval in which somebody waited" test "$cells" -gt 0 -a "$cells" -le "$("$MMREPLAY" report --db "$T/clean.db" --view timeline -f csv | wc -l)"
ok "that says its figures" grep -qE '<title>[a-z_]+ from [0-9.]+ .s: [0-9.e-]+ %, [0-9]+ of [0-9]+ acquisitions contended</title>' "$T/page.html"
ok "who buys the contention" has '<code>v_comms</code>'

# ---- the kernel beside the replay ----
ok "a capture that says how the kernel waited" parses "$T/clean.db"
ok "has the kernel's own waits" has '<code>v_kernel</code>'
ok "and each function's" has '<td>__schedule</td>'
parses "$T/generated.db"
ok "without a capture there is nothing of it" lacks '<code>v_kernel'

# ---- names that mean harm ----
cp "$T/violation.db" "$T/odd.db"
sqlite3 "$T/odd.db" "
	UPDATE workload SET path = '</title><script>alert(1)</script>', host = '\"><img src=x onerror=alert(1)>&amp;',
		kernel = CAST(x'ff1b5b316d00c2857fefbfbfe280ae' AS TEXT);
	UPDATE machine SET host = '<!-- ]]>', cpu_model = '''-- %s %n %d';
	UPDATE run SET design = '<b>' || char(10) || '\"x' WHERE design = 'task_list';
	UPDATE run SET command = printf('%.*c', 100000, '<');
	UPDATE violation SET detail = '<style>*{display:none}</style>';
	UPDATE op_stat SET op = char(8238) || '&' || char(1, 0xfffe) WHERE op = 'exit'"
ok "odd names are well-formed" parses "$T/odd.db"
ok "no element comes of them" lacks '<script|<img|<b>|<style>\*'
is "$(count '<style>')" 1 "no style either"
ok "they are there to read" has '&lt;/title&gt;&lt;script&gt;alert(1)'
ok "and bounded" test "$(wc -c <"$T/page.html")" -lt 400000
ok "what turns the direction of writing is not passed on" sh -c "! grep -q \$(printf '\\342\\200\\256') '$T/page.html'"
for v in runs violations ops settings sessions; do
	ok "odd names in the view $v" parses "$T/odd.db" --view $v
done
done_testing
