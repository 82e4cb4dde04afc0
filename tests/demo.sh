#!/usr/bin/env bash
# make demo: the whole way, once, on this machine's own kernel.
#
# Records a compile of this very program and a burst of small processes, then
# replays that capture under both designs and prints the verdict. Everything
# lies in ./demo afterwards. Where the kernel's tracepoints cannot be read, it
# says why and goes on with a generated workload, which it names as such.
set -u
cd "$(dirname "$0")/.." || exit 1
mmreplay=$PWD/mmreplay
out=demo
step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || step() { printf '\n%s\n' "$*"; }
die() {
	echo "demo: $*" >&2
	exit 1
}

rm -rf $out
mkdir -p $out || die "cannot make ./$out"

step "1. Recording this machine while it compiles and runs small programs (about 20 s)"
# A compile of this program to a folder of its own, thrown away afterwards, then shell loops.
cat >$out/work.sh <<'WORK'
timeout 20 make -s -j"$(nproc)" VARIANT=demo all >/dev/null
end=$(($(date +%s) + 5))
while [ "$(date +%s)" -lt $end ]; do
	for i in 1 2 3 4 5 6 7 8; do /bin/true; (: | cat >/dev/null); done
done
exit 0
WORK
captured=yes
"$mmreplay" record -o $out/capture --duration 60 -- sh $out/work.sh || {
	status=$?
	[ $status -eq 3 ] && echo "demo: some events were lost; the figures say so"
	[ $status -eq 3 ] || captured=no
}
rm -rf build/demo

if [ $captured = yes ]; then
	step "2. Compiling the capture into a workload"
	"$mmreplay" import $out/capture -o $out/workload.mmw
	status=$?
	[ $status -eq 0 ] || [ $status -eq 3 ] || die "the capture could not be imported"
else
	step "2. No capture (see above): going on with a GENERATED workload, not this machine's"
	"$mmreplay" generate build_farm -o $out/workload.mmw --events 200000 || die "cannot generate"
fi
"$mmreplay" info $out/workload.mmw || die "cannot read the workload"

step "3. Replaying it under both designs (additions of memory injected, so that the oracle has something to check)"
"$mmreplay" replay $out/workload.mmw --db $out/results.db --repeat 15 --inject hot_add:2,max=40
status=$?
[ $status -eq 0 ] || [ $status -eq 3 ] || die "the replay failed"

step "4. The verdict"
"$mmreplay" report --db $out/results.db | tee $out/report.txt || die "cannot report"

if [ $captured = yes ]; then
	step "In one look"
	"$mmreplay" info $out/workload.mmw --format json >$out/info.json
	sqlite3 :memory: "
		WITH j(x) AS (SELECT CAST(readfile('$out/info.json') AS TEXT))
		SELECT printf('host %s (%s), recorded %s, %.1f s: %d processes, %d vforks, %d threads, %d execs captured',
			json_extract(x, '\$.host'), json_extract(x, '\$.kernel'), '$(date -r $out/capture '+%F %T')',
			json_extract(x, '\$.duration_ns') / 1e9,
			coalesce(json_extract(x, '\$.events.fork'), 0), coalesce(json_extract(x, '\$.events.vfork'), 0),
			coalesce(json_extract(x, '\$.events.thread'), 0), coalesce(json_extract(x, '\$.events.exec'), 0)) FROM j;
		WITH j(x) AS (SELECT CAST(readfile('$out/info.json') AS TEXT))
		SELECT 'top commands by forks: ' || group_concat(name || ' (' || forks || ')', ', ') FROM (
			SELECT json_extract(value, '\$.name') AS name, json_extract(value, '\$.forks') AS forks
			FROM j, json_each(json_extract(x, '\$.commands')) LIMIT 3)"
fi
echo
echo "browse it:       ./mmreplay ui $out/results.db"
echo "report again:    ./mmreplay report --db $out/results.db"
echo "as a page:       ./mmreplay report --db $out/results.db --format html >report.html"
