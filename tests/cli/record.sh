# shellcheck shell=bash disable=SC2154 # tap.sh sets status
# For the tests of record: source it after tap.sh.
#
#   cannot_record          why no capture can be made here, "" when it can
#   recorded NAME          passes when the last run was a capture: status 0, or 3 with what was lost shown
#   count DIR EVENT [RE]   how many events of that name, whose line matches RE, a trace holds
#   leftovers              what a capture must not leave behind, one thing per line: processes that carry the mark
#                          which the test exported, and files, in mounts of the test's own
#   family PID             its descendants

# A right that is missing, and nothing else, is a reason to skip. Rights are looked at first; the directory cannot
# be made, which saves the capture.
cannot_record() {
	"$MMREPLAY" record -o "$T/none/probe" -- true >/dev/null 2>"$T/probe.err" </dev/null
	grep -E 'no right to read|has no trace|process ids of its own|is refused although' \
		"$T/probe.err" | head -n 1 | sed 's/^mmreplay record: //'
}

recorded() {
	local bad=0
	[ "$status" = 0 ] || { [ "$status" = 3 ] && grep -qE 'lost (before|in)' "$T/err"; } || bad=1
	grep -q 'next: mmreplay replay' "$T/err" || bad=1
	result $bad "$1"
	[ $bad = 0 ] || show
}

count() {
	babeltrace2 "$1" 2>/dev/null | grep "mmreplay:$2:" | grep -cE -- "${3:-.}"
}

leftovers() {
	local pid
	for pid in $(grep -lz "^MMREPLAY_TEST_MARK=$$\$" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3); do
		# Not this shell, nor what it runs just now to look.
		[ "$pid" = $$ ] || [ "$(ps -o ppid= -p "$pid" | tr -d ' ')" = $$ ] || [ "$(ps -o comm= -p "$pid")" = grep ] ||
			ps -o comm= -p "$pid" | sed 's/^/process /'
	done
	[ -z "${MMREPLAY_TEST_MOUNTS-}" ] || ls -d /dev/shm/* /run/lttng 2>/dev/null
}

family() {
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		family "$child"
	done
}
