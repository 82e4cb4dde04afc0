#!/usr/bin/env bash
# mmreplay ui in a real terminal, which is tmux: several terminal types, a
# locale without UTF-8, resizing, and the terminal as it was however it ends.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
if ! command -v tmux >/dev/null; then
	skip 1 "tmux is not installed"
	done_testing
	exit
fi
DB=$T/s.db
"$TOOLS/mkstore" "$DB" violation clean || exit 1
UI="$MMREPLAY ui $DB"
server=0 # one each time: a server that ends would take the next one with it
tm() { tmux -S "$T/tmux.$server" -f /dev/null "$@"; }
program() { tm list-panes -F '#{pane_pid}' 2>/dev/null | xargs -r -I{} pgrep -P {} -x mmreplay; }
# End the program before its terminal goes: a hangup brings a SIGCONT, which in
# the middle of LeakSanitizer's check at exit leaves both waiting for ever.
shut() {
	local pid i
	for pid in $(program); do
		kill "$pid"
		for ((i = 0; i < 400; i++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
		kill -9 "$pid" 2>/dev/null && echo "# the program had to be killed"
	done
	tm kill-server 2>/dev/null
}
trap 'shut; rm -rf "$T"' EXIT
export LC_ALL=C.UTF-8
unset NO_COLOR TMUX
# The window's shell tells what happened to the program in it.
cat >"$T/sh" <<'END'
stty -a >"$T/before"
eval "$1"
echo "status $?"
stty -a >"$T/after"
echo "ended"
exec sleep 1000
END
export T
open() { # COMMAND: in a new window, 80x24
	shut
	server=$((server + 1))
	rm -f "$T/before" "$T/after"
	tm new-session -d -x 80 -y 24 "bash $T/sh '$1'" || echo "# tmux does not start"
}
screen() { tm capture-pane -p; }
keys() { tm send-keys "$@"; }
# Wait until the screen holds @1 (a regular expression); pass as test @2.
sees() {
	local i bad=1
	for ((i = 0; i < 200 && bad; i++)); do
		screen >"$T/out" 2>"$T/err" && grep -q -- "$1" "$T/out" && bad=0
		[ $bad = 0 ] || sleep 0.05
	done
	result $bad "$2"
	[ $bad = 0 ] || sed 's/^/# screen: /' "$T/out"
}
sane() { # NAME: the terminal's modes are those of before
	local bad=0
	cmp -s "$T/before" "$T/after" || bad=1
	result $bad "$1"
	[ $bad = 0 ] || diff "$T/before" "$T/after" | sed 's/^/# /'
}
open "$UI"
sees '^ 1/74  sort: default' "it comes up"
is "$(tm display -p '#{cursor_flag} #{alternate_on}')" "0 1" "no cursor, the alternate screen"
is "$(wc -l <"$T/out")" 24 "all 24 lines"
keys Down
sees '^ 2/74' "a key that is a sequence"
keys NPage
sees '^ 20/74' "and another"
keys Tab
sees '95 % interval' "Compare"
# Does the screen hold this escape sequence? 0 or 1.
has() { tm capture-pane -p -e | grep -q "$1" && echo 1 || echo 0; }
is "$(has $'\e\[3[0-9]m')" 1 "in colours"
tm resize-window -x 120 -y 40
sees 'pairs' "a larger terminal shows more"
tm resize-window -x 30 -y 6
sees 'terminal too small' "too small a one is said to be"
tm resize-window -x 80 -y 24
sees '95 % interval' "and it goes on"
keys Escape
sees 'q leaves' "Esc alone is a key"
keys -l ';SELECT 40 + 2 AS n'
keys Enter
sees '^ *42' "a query"
keys -l ';WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT count(*) FROM a'
sees '^SQL>' "being typed"
keys Enter
# It computes once it uses time of its own.
used() { awk '{print $14 + $15}' "/proc/$(program)/stat"; }
before=$(used)
for ((i = 0; i < 200 && $(used) < before + 10; i++)); do sleep 0.05; done
keys C-c
sees '^Stopped' "^C ends a query that does not end"
keys q q
sees '^status 0$' "q leaves, exit 0"
sees '^ended' "..."
sane "the terminal as before"
is "$(tm display -p '#{cursor_flag} #{alternate_on}')" "1 0" "cursor and screen, too"

open "$UI"
sees '^ 1/74' "again"
keys C-c
sees '^status 130$' "^C: exit 130"
sees '^ended' "..."
sane "and a sane terminal"

for sig in TERM HUP QUIT SEGV; do
	open "$UI"
	sees '^ 1/74' "up, for SIG$sig"
	kill -$sig "$(program)"
	want=$((128 + $(kill -l $sig)))
	# ASan has its own way to die of a fault.
	[ "$VARIANT" = plain ] || [ $sig != SEGV ] || want='[1-9][0-9]*'
	sees "^status $want\$" "SIG$sig: exit status"
	sees '^ended' "..."
	sane "SIG$sig: a sane terminal"
	is "$(tm display -p '#{cursor_flag} #{alternate_on}')" "1 0" "SIG$sig: cursor and screen, too"
done

open "$UI"
sees '^ 1/74' "up, for a second ^C"
kill -STOP "$(program)"
kill -INT "$(program)"
kill -TERM "$(program)"
kill -CONT "$(program)"
sees '^ended' "two signals at once end it"
sane "...and leave a sane terminal"

for type in vt100 linux screen-256color; do
	open "TERM=$type $UI"
	sees '^ 1/74' "TERM=$type"
	keys Down
	sees '^ 2/74' "...takes keys"
	keys '\;'
	sees '^SQL>' "...and asks"
	keys Escape q
	sees '^ended' "...and ends"
	sane "...as it began"
done
open "TERM=vt100 $UI"
sees '^ 1/74' "monochrome"
is "$(has $'\e\[[0-9;]*\(3[0-7]\|4[0-7]\)[m;]')" 0 "...without colours"
is "$(has $'\e\[[0-9;]*7m')" 1 "...with attributes"
open "NO_COLOR=1 $UI"
sees '^ 1/74' "NO_COLOR"
is "$(has $'\e\[[0-9;]*\(3[0-7]\|4[0-7]\)[m;]')" 0 "...is obeyed"

open "LC_ALL=C $UI"
sees '^ 1/74' "LC_ALL=C"
keys '>' Space Tab Tab Enter
sees 'Holds' "...to the histograms"
is "$(LC_ALL=C grep -c '[^ -~]' "$T/out")" 0 "...in ASCII"

for type in dumb nonesuch; do
	open "TERM=$type $UI 2>$T/note"
	sees '^status 0$' "TERM=$type: exit 0"
	is "$(tm display -p '#{alternate_on}')" 0 "...the screen was never taken"
	is "$(grep -c "^mmreplay ui: the terminal type '$type' .*: printing text instead" "$T/note")" 1 "...it is said why"
	is "$(tm capture-pane -J -p -S - | grep -c violation)" 2 "...and text is printed"
done
open "$UI.none"
sees "^mmreplay ui: $DB.none: " "a missing store: one line"
sees '^status 2$' "...exit 2"
is "$(grep -c . "$T/out")" 3 "...and the screen was never taken"

# A replay that goes on is followed, without a key.
open "$UI"
sees '^ 1/74' "following"
keys Down Down
sees '^ 3/74' "on the third run"
"$TOOLS/mkstore" "$DB" once
sees '^ 15/86' "new runs appear, the cursor stays on its run"

# The terminal goes: so does the program, instead of spinning on what is no more.
if [ "$VARIANT" = plain ]; then
	pid=$(program)
	tm kill-server
	for ((i = 0; i < 200; i++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	is "$(kill -0 "$pid" 2>/dev/null && echo there)" "" "its terminal gone, it ends"
else
	skip 1 "LeakSanitizer does not bear a hangup at exit"
fi

done_testing
