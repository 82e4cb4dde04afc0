# shellcheck shell=bash
# TAP for the command-line tests: source it, test, end with `done_testing`.
# Makes $T, a folder of the test's own, which goes away with it.
#
#   run CMD...             runs it: status in $status, output in $T/out and $T/err
#   ok NAME CMD...         passes when CMD succeeds
#   exits STATUS NAME CMD  passes when CMD exits so; one that fails (1, 2) has
#                          to say so in one line on stderr and nothing on stdout
#   said TEXT NAME         passes when the last run's stderr holds TEXT
#   is GOT WANTED NAME
#   skip N REASON          N tests that cannot run here
T=$(mktemp -d "${TMPDIR:-/tmp}/mmreplay-test.XXXXXX")
trap 'rm -rf "$T"' EXIT
tests_run=0
status=0

result() { # PASSED NAME
	tests_run=$((tests_run + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests_run - $2"
	else
		echo "not ok $tests_run - $2"
	fi
}

show() {
	echo "# exit status $status"
	sed 's/^/# stdout: /' "$T/out" | head -n 5
	sed 's/^/# stderr: /' "$T/err" | head -n 20
}

run() {
	status=0
	"$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
}

ok() {
	local name=$1
	shift
	run "$@"
	result "$status" "$name"
	[ "$status" = 0 ] || show
}

exits() {
	local want=$1 name=$2 bad=0
	shift 2
	run "$@"
	[ "$status" = "$want" ] || bad=1
	if [ "$want" = 1 ] || [ "$want" = 2 ]; then
		# For wrong usage argp adds a sentence that points to --help.
		[ "$(sed '/^Try `mmreplay/,$d' "$T/err" | wc -l)" -eq 1 ] && [ ! -s "$T/out" ] || bad=1
	fi
	result $bad "$name"
	[ $bad = 0 ] || show
}

said() {
	local bad=0
	grep -qF -- "$1" "$T/err" || bad=1
	result $bad "$2"
	[ $bad = 0 ] || show
}

is() {
	local bad=0
	[ "$1" = "$2" ] || bad=1
	result $bad "$3"
	[ $bad = 0 ] || printf '# got:    %s\n# wanted: %s\n' "$1" "$2"
}

skip() {
	local i
	for ((i = 0; i < $1; i++)); do
		tests_run=$((tests_run + 1))
		echo "ok $tests_run # skip $2"
	done
}

done_testing() {
	echo "1..$tests_run"
}
