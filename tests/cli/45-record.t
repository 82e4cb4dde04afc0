#!/usr/bin/env bash
# mmreplay record, the command line: wrong usage, missing rights, no room. What
# it captures is in 46-record-capture.t, how it ends in 47-record-end.t.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/tap.sh
. tests/cli/record.sh
R="$MMREPLAY record"

exits 2 "no such option" $R --durration 3
exits 2 "a duration that is no number" $R -o "$T/a" --duration 1s
said "not '1s'" "it says which"
exits 2 "no duration at all" $R -o "$T/a" --duration 0
exits 2 "a negative duration" $R -o "$T/a" --duration=-1
exits 2 "an endless duration" $R -o "$T/a" --duration inf
exits 2 "an empty directory name" $R -o "" true
exits 2 "no such command" $R -o "$T/a" -- mmreplay-no-such-command x
said "mmreplay-no-such-command: command not found" "it says which"
exits 2 "no such command by path" $R -o "$T/a" "$T/none"
exits 2 "a directory as command" $R -o "$T/a" "$T"
exits 2 "an empty command" $R -o "$T/a" ""
touch "$T/file"
exits 2 "a command without the right to execute" $R -o "$T/a" "$T/file"
exits 2 "a file for a directory" $R -o "$T/file" true
mkdir "$T/full"
touch "$T/full/x"
exits 2 "a directory that is not empty" $R -o "$T/full" true
said "not empty" "it says so"
is "$(ls "$T/full")" x "nothing was touched in it"
is "$(ls "$T")" "$(printf 'err\nfile\nfull\nout')" "no directory is left"

# Somebody without rights gets one line that names them. The tree may lie where nobody may go.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	open=$(mktemp -d /tmp/mmreplay-test.XXXXXX)
	trap 'rm -rf "$T" "$open"' EXIT
	cp "$MMREPLAY" "$open/mmreplay"
	chmod 755 "$open"
	mkdir -m 777 "$open/dir"
	nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 0 ]; then
		exits 1 "nobody" $nobody "$open/mmreplay" record -o "$open/dir/t" true
		said "missing CAP_PERFMON" "it names the right"
		said "run it as root" "and the way out"
		is "$(ls "$open/dir")" "" "nothing is left"
		if unshare -m true 2>/dev/null; then
			exits 1 "nobody, and no tracefs" unshare -m sh -c \
				'umount -a -t tracefs 2>/dev/null; umount -a -t debugfs 2>/dev/null; exec "$@"' sh \
				$nobody "$open/mmreplay" record -o "$open/dir/t" true
			said "missing CAP_PERFMON" "it names the right"
			said "a mounted tracefs" "and the mount"
		else
			skip 3 "mounting takes CAP_SYS_ADMIN"
		fi
		exits 1 "root without CAP_PERFMON" setpriv --bounding-set=-perfmon,-sys_admin "$open/mmreplay" record \
			-o "$open/dir/t" true
		said "missing CAP_PERFMON" "it names the right"
	else
		skip 9 "perf_event_paranoid lets everybody"
	fi
	rm -rf "$open"
else
	skip 9 "giving up rights takes root and setpriv"
fi

why=$(cannot_record)
if [ -n "$why" ]; then
	skip 9 "$why"
	done_testing
	exit
fi

exits 2 "no such place" $R -o "$T/none/a" true
printf '#!/nonexistent/interpreter\n' >"$T/script"
chmod +x "$T/script"
exits 2 "a command that cannot be executed" $R -o "$T/a" "$T/script"
is "$(ls -d "$T/a" 2>/dev/null)" "" "no directory is left"
if (unshare -m true) 2>/dev/null; then
	in_small() { # SIZE CMD...
		unshare -m sh -c 'mkdir -p "$1/small" && mount -t tmpfs -o size=$2 none "$1/small" && shift 2 && exec "$@"' \
			sh "$T" "$@"
	}
	exits 1 "a disk without room" in_small 4m $R -o "$T/small/a" true
	said "no room on that disk" "it says so"
	run unshare -m sh -c 'umount -a -t tracefs 2>/dev/null; umount -a -t debugfs 2>/dev/null; exec "$@"' sh \
		$R -o "$T/a" "$TOOLS/forker" mmr-a fork 3
	recorded "without a tracefs that is mounted"
	is "$(count "$T/a" fork 'parent_comm = "mmr-a"')" 3 "the forks are there"
	rm -rf "$T/a"
else
	skip 4 "mounting takes CAP_SYS_ADMIN"
fi
run sh -c 'cd "$1" && shift && exec "$@"' sh "$T" $R --duration 0.1
recorded "the default directory"
is "$(ls -d "$T"/mmreplay-20* | wc -l)" 1 "its name is a date"
done_testing
