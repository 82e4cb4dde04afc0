#!/usr/bin/env bash
# tests/lint finds what it is there to find: each rule, given one breach.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
if ! command -v git >"$T/null"; then
	skip 1 "git is not installed"
	done_testing
	exit
fi
# A tree of our own, small enough to plant things in.
mkdir -p "$T/tree/tests" "$T/tree/replay/designs" "$T/tree/replay/native" "$T/tree/ui" "$T/tree/analyze" "$T/tree/schemas"
cp tests/lint "$T/tree/tests/"
cp .clang-format "$T/tree/"
cd "$T/tree" || exit 1
printf '#include "replay/design.h"\n#include "replay/dialect/kernel.h"\n' | tee replay/designs/pgd_list.c >replay/designs/task_list.c
git init -q . && git add -A

rule() { # RULE FILE TEXT NAME: RULE holds, and FILE with TEXT breaks it
	run tests/lint "$1"
	[ "$status" = 0 ] || { result 1 "$4: holds before" && show; }
	printf '%b' "$3" >"$2"
	git add -A
	run tests/lint "$1"
	result $((status != 1)) "$4: the status"
	ok "$4: the place" grep -q "$2" "$T/out.kept"
	git rm -q --cached "$2" && rm -f "$2"
}
run() {
	status=0
	"$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	[ "$1" != tests/lint ] || cp "$T/out" "$T/out.kept"
}

rule design_names replay/native/x.c 'int f(void) { return is("task_list"); }\n' "a design's name in the engine"
rule design_names analyze/x.c '/* like pgd_list */\n' "a design's name in a comment"
rule designs_know_no_engine replay/designs/x.c '#ifdef ENGINE_sim\n#endif\n' "a design that asks for its engine"
rule designs_know_no_engine replay/designs/x.c '#include "replay/native/engine.h"\n' "a design that includes an engine"
rule designs_know_no_engine replay/designs/x.c '#include <stdio.h>\n' "a design that includes a library"
rule dependencies analyze/x.c '#include "ui/ui.h"\n' "analyze that knows ui"
rule dependencies schemas/x.h '#include "replay/plan.h"\n' "schemas that know replay"
rule libraries replay/native/x.c '#include <sqlite3.h>\n' "replay that knows SQLite"
rule libraries analyze/x.c '#include <ncurses.h>\n' "analyze that knows ncurses"
rule errors analyze/x.c 'void f(void)\n{\n\texit(1);\n}\n' "exit below a verb"
rule errors schemas/x.c 'void f(void)\n{\n\tfprintf(stderr, "x");\n}\n' "an error printed below a verb"
rule length ui/x.c "$(yes '\n' | head -801 | tr -d '\n')" "a long file"
rule paths ui/x.c "/* see $PWD/x */\n" "a path of one machine"
if command -v clang-format >/dev/null; then
	rule format ui/x.c 'int  x;\n' "a line the formatter would change"
else
	skip 2 "clang-format is not installed"
fi
exits 2 "no such rule" tests/lint nosuch
run tests/lint --list
is "$status$(grep -c . "$T/out")" 011 "--list"
done_testing
