#!/usr/bin/env bash
# mmreplay record: every way to end it, and that none leaves anything behind.
cd "$(dirname "$0")/../.." || exit 1
# Other recorders may run on this machine: in mounts of our own we see what ours leave behind.
if [ -z "${MMREPLAY_TEST_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
	exec unshare -m sh -c 'mount -t tmpfs none /run && mount -t tmpfs none /dev/shm && MMREPLAY_TEST_MOUNTS=1 exec "$@"' \
		sh "$PWD/tests/cli/${0##*/}"
fi
. tests/cli/tap.sh
. tests/cli/record.sh
export MMREPLAY_TEST_MARK=$$
R="$MMREPLAY record"
why=$(cannot_record)
if [ -n "$why" ]; then
	echo "1..0 # skip $why"
	exit
fi
until_there() { # FILE
	local i
	for ((i = 0; i < 300; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.05
	done
	return 1
}
until_gone() { # PID...
	local i
	for ((i = 0; i < 200; i++)); do
		kill -0 "$@" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}
# In the background, until its command has started: its pid in $rec, the command's in $T/cmd.
start() { # DIR
	rm -f "$T/cmd"
	$R -o "$@" sh -c 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec sleep 60' "$T/cmd" >"$T/out" 2>"$T/err" &
	rec=$!
	until_there "$T/cmd"
}
finish() {
	status=0
	wait "$rec" 2>/dev/null || status=$?
}

run $R -o "$T/d" --duration 0.2 sh -c 'echo $$ >"$0"; exec sleep 60' "$T/cmd"
recorded "the duration is over"
until_gone "$(cat "$T/cmd")"
result $? "and with it the command"

start "$T/i"
kill -INT $rec
finish
recorded "^C"
until_gone "$(cat "$T/cmd")"
result $? "ends the command"
is "$(count "$T/i" capture_end)" 1 "and leaves a whole trace"

# Without a command, until it is told to end.
$R -o "$T/t" >"$T/out" 2>"$T/err" &
rec=$!
until_there "$T/t/ust"
"$TOOLS/forker" mmr-t$$ fork 1
kill -TERM $rec
finish
recorded "SIGTERM"
is "$(count "$T/t" capture_end)" 1 "a whole trace, too"

# Not even SIGKILL leaves a process, a file or a tracepoint behind.
start "$T/k"
"$TOOLS/forker" mmr-k$$ fork 25
kin=$(family $rec | grep -vx "$(cat "$T/cmd")")
is "$(wc -w <<<"$kin" | tr -d ' ')" "$(ps -o pid= -p "$(tr '\n' , <<<"$kin" | sed 's/,$//')" | wc -l)" "it has helpers"
sleep 0.3
kill -9 $rec
finish
for pid in $kin; do until_gone "$pid" || echo "# left: $(ps -o pid=,args= -p "$pid")"; done
is "$(for pid in $kin; do ps -o stat= -p "$pid" | grep -v Z; done)" "" "SIGKILL: they go, too"
is "$(count "$T/k" fork "parent_comm = \"mmr-k$$\"")" 25 "what was captured is there"
is "$(count "$T/k" capture_end)" 0 "without an end"
kill "$(cat "$T/cmd")"

# The session daemon dies.
start "$T/s"
pkill -9 -P "$(pgrep -P $rec -x mmreplay-keeper)"
finish
is "$status" 1 "the session daemon is killed"
said "session daemon died" "it says so"
until_gone "$(cat "$T/cmd")"
result $? "the command is ended"

# What does not fit is counted, to the event.
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
name=mmr-l$$
$R -o "$T/l" sh -c 'touch "$0/go"
	for i in $(seq 200); do [ -e "$0/stopped" ] && break; sleep 0.05; done
	taskset -c '"$cpu"' '"$TOOLS/forker $name"' vfork 50000; touch "$0/done"' "$T" >"$T/out" 2>"$T/err" &
rec=$!
until_there "$T/go"
kill -STOP $rec
touch "$T/stopped"
until_there "$T/done"
kill -CONT $rec
finish
is "$status" 3 "a reader that sleeps loses events"
recorded "and says how many"
babeltrace2 "$T/l" >"$T/text" 2>/dev/null
end=$(tail -n 1 "$T/text" | sed -E 's/.*events = ([0-9]*), lost = ([0-9]*).*/\1 \2/')
is "${end% *}" "$(grep -cE 'mmreplay:(fork|exec|exit|free|newtask|vmalloc|vfree|purge):' "$T/text")" "what is there"
is "${end#* }" "$(grep 'mmreplay:lost:' "$T/text" | sed -E 's/.*count = ([0-9]*).*/\1/' | awk '{ n += $1 } END { print n + 0 }')" \
	"what is not there"
is "${end#* }" "$(sed -nE 's/.* events, ([0-9]+) lost$/\1/p' "$T/err")" "as it was said"
for kind in fork newtask exit; do
	here=$(grep "mmreplay:$kind:" "$T/text" | grep -c "comm = \"$name\"")
	gone=$(sed -nE "s/.*lost before they reached us: (.*, )?$kind ([0-9]+).*/\2/p" "$T/err")
	# Others fork, too, but not thousands.
	[ $((here + gone)) -ge 50000 ] && [ $((here + gone)) -lt 55000 ] && [ "$gone" -gt 0 ]
	result $? "$kind: $here there, $gone lost, 50000 in all and a few"
done

# The user's own session daemon is used and left alone. In mounts of our own: the machine's is none of our business.
if unshare -m true 2>/dev/null; then
	cat >"$T/users" <<-'SH'
		mkdir -p /run/lttng && mount -t tmpfs none /run/lttng && mount -t tmpfs none /dev/shm || exit 99
		lttng-sessiond --no-kernel --background 2>/dev/null || exit 98
		daemon=$(cat /run/lttng/lttng-sessiond.pid)
		lttng --no-sessiond create mine --output="$T/mine" >/dev/null
		"$@" &
		names() { lttng --no-sessiond list 2>/dev/null | sed -nE 's/^ +[0-9]+\) ([a-z]+).*/\1/p' | sort; }
		for ((i = 0; i < 200; i++)); do [ $(names | wc -l) = 2 ] && break; sleep 0.05; done
		echo with: $(names)
		wait $!
		echo status $?
		echo after: $(names)
		kill $daemon
		for ((i = 0; i < 200; i++)); do kill -0 $daemon 2>/dev/null || break; sleep 0.05; done
	SH
	# shellcheck disable=SC2097,SC2098 # T is a variable of this script, and of that one
	T=$T run unshare -m bash "$T/users" $R -o "$T/u" "$TOOLS/forker" mmr-u$$ fork 5
	rmdir /run/lttng 2>/dev/null
	is "$(sed 's/status 3/status 0/' "$T/out")" "$(printf 'with: mine mmreplay\nstatus 0\nafter: mine')" \
		"the user's session daemon"
	is "$(count "$T/u" fork "parent_comm = \"mmr-u$$\"")" 5 "holds the capture"
else
	skip 2 "mounting takes CAP_SYS_ADMIN"
fi

for ((i = 0; i < 100; i++)); do
	[ -n "$(leftovers)" ] || break
	sleep 0.05
done
is "$(leftovers)" "" "nothing is left behind"
[ -n "${MMREPLAY_TEST_MOUNTS-}" ] || echo "# files were not looked for: mounting takes CAP_SYS_ADMIN"
done_testing
