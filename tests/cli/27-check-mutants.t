#!/usr/bin/env bash
# Each word of the dialect matters: its mutant breaks something that the design
# which it is made from keeps, in some scenario.
set -u
. "$(dirname "$0")/tap.sh"
if [ "$VARIANT" = asan ]; then
	echo "1..0 # skip verdicts do not depend on the sanitizer, and 50-check.t runs every design under it"
	exit
fi
root=$(cd "$(dirname "$0")/../.." && pwd)

ok 'check of every design in every scenario' "$MMREPLAY" check --format json
cp "$T/out" "$T/all.json"
# A mutant of a design with bugs of its time is made from it with all of them repaired.
# It is named, so what breaks it (K22, K23) is said by the status, too.
run "$MMREPLAY" check --design task_list_v2:fix=K1,K7,K10 --format json
# shellcheck disable=SC2154 # run says it
is "$status" 1 'check of the repaired ones'
cat "$T/out" >>"$T/all.json"

# design|scenario/range/policy|lock|verdict|invariant
cells() {
	tr '{' '\n' <"$T/all.json" | sed -n 's/.*"design": *"\([^":]*\)[^"]*", *"scenario": *"\([^"]*\)", *"range": *"\([^"]*\)", *"policy": *"\([^"]*\)", *"lock": *"\([^"]*\)", *"memory": *"[^"]*", *"verdict": *"\([^"]*\)".*/\1|\2\/\3\/\4|\5|\6/p'
}
cells >"$T/cells"
ok 'there are cells to compare' test "$(wc -l <"$T/cells")" -gt 500

for file in "$root"/replay/designs/broken_*.c; do
	mutant=$(basename "$file" .c)
	base=$(sed -n 's|^#include "replay/designs/\(.*\)\.c"|\1|p' "$file")
	caught=$(awk -F'|' -v m="$mutant" -v b="$base" '
		$1 == b && $4 == "holds" { holds[$2] = 1 }
		$1 == m && $4 == "broken" { broken[$2] = 1 }
		END { for (s in broken) if (s in holds) { print s; exit } }' "$T/cells")
	ok "$mutant breaks what $base keeps (${caught:-nothing})" test -n "$caught"
done
done_testing
