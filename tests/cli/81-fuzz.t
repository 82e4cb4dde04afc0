#!/usr/bin/env bash
# Inputs that once broke a reader (tests/fuzz/regress/TARGET/*): a clean end, whatever it says.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
for file in tests/fuzz/regress/*/*; do
	[ -e "$file" ] || continue
	case $file in
	*/regress/mmw/*) run "$MMREPLAY" info "$file" ;;
	*/regress/plan/*) run "$MMREPLAY" replay "$file" --db "$T/r.db" --threads 1,2 --repeat 1 ;;
	*/regress/subset/*) run "$MMREPLAY" import "$file" -o "$T/part.mmw" --from 1ns --tree task:2 ;;
	*) status=99 ;;
	esac
	result $((status > 3)) "$file: exit status $status"
	[ "$status" -le 3 ] || show
done
[ $tests_run -gt 0 ] || skip 1 "no input has broken a reader yet"
# The driver itself, where there is no clang: said, with the status that means skipped.
mkdir "$T/bin"
for tool in bash dirname mkdir sh; do ln -s "$(command -v $tool)" "$T/bin/"; done
run env PATH="$T/bin" tests/fuzz/run 1
is $status 77 "tests/fuzz/run without clang: skipped"
said "clang is not installed" "it says why"
exits 2 "tests/fuzz/run with a time that is none" tests/fuzz/run soon
done_testing
