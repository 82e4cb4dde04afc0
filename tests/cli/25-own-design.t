#!/usr/bin/env bash
# A design of one's own: built outside the tree, replayed, refused when it does
# not fit; the same from an installed tree.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
# A make of our own, not part of the one that runs the tests.
unset MAKEFLAGS MFLAGS MAKELEVEL

n=0
ok() { # ok NAME COMMAND...: passes when the command succeeds
	n=$((n + 1))
	local name=$1
	shift
	if "$@" >out.txt 2>err.txt; then echo "ok $n - $name"; else
		echo "not ok $n - $name"
		sed 's/^/# /' out.txt err.txt | head -20
	fi
}
is() { # is NAME GOT WANT
	n=$((n + 1))
	if [ "$2" = "$3" ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
	fi
}
fails() { # fails NAME STATUS PATTERN COMMAND...
	n=$((n + 1))
	local name=$1 status=$2 pattern=$3
	shift 3
	"$@" >out.txt 2>err.txt
	local rc=$?
	if [ $rc -eq "$status" ] && cat out.txt err.txt | grep -q -- "$pattern"; then echo "ok $n - $name"; else
		echo "not ok $n - $name (status $rc)"
		sed 's/^/# /' out.txt err.txt | head -10
	fi
}
design() { # in the tree, for this variant
	make -C "$root" VARIANT="${VARIANT:-plain}" design "$@"
}
quickly() { # for one engine and lock, where more would tell no more
	design ENGINES=native LOCKS_native=ticket CFLAGS=-O0 "$@"
}
replay() { # replay DB DESIGNS...
	local db=$1
	shift
	"$MMREPLAY" replay storm.mmw --db "$db" --repeat 1 --measure full --inject hot_add:100,max=10 "$@"
}
taken() { # how often my_lock was taken with one thread
	sqlite3 "$1" "select acquisitions from lock_stat l join run r on r.id = l.run_id where l.lock = 'my_lock' and threads = 1"
}

"$MMREPLAY" generate fork_storm -o storm.mmw --events 20000 --seed 5 || echo "Bail out! cannot generate"

# ---- the skeleton, as it is ----
cp "$root/replay/own/skeleton.c" mine.c
sed -i 's/PGD_DESIGN(skeleton/PGD_DESIGN(mine/' mine.c
ok "make design builds it outside the tree" design D="$dir/mine.c"
ok "for every engine and lock" test -s mine.so
is "and leaves nothing else" "$(find . -maxdepth 1 -name '*.o' -o -name 'mine.d')" ''
ok "it replays beside a design of the tree, under each lock" replay mine.db --design pgd_list,./mine.so \
	--lock ticket,qspinlock,mutex --threads 1,2
is "the oracle passes it" "$(sqlite3 mine.db "select group_concat(distinct verdict) from run where design = 'mine'")" pass
is "in the state of the other" "$(sqlite3 mine.db 'select count(distinct state_digest), count(*) from run')" '1|12'
ok "a name without a slash is a file, too" replay name.db --design mine.so --threads 1
ok "twice the same file is one design" replay twice.db --design mine.so,./mine.so --threads 1

# ---- one line changed ----
before=$(taken name.db)
sed 's/PGD_DESIGN(mine/PGD_DESIGN(more/; s/^\tlist_del(.*;$/&\n\tspin_unlock(\&w->lock), spin_lock(\&w->lock);/' mine.c >more.c
ok "a change builds" quickly D="$dir/more.c" OUT="$dir/other-name.so"
ok "and replays" replay more.db --design ./other-name.so --threads 1
is "the lock is taken as often more as mms die" "$(($(taken more.db) - before > 1000))" 1
sed 's/PGD_DESIGN(mine/PGD_DESIGN(wrong/; s/^\twalk(k, sync_slot, slot);$/\t(void)k, (void)slot;/' mine.c >wrong.c
ok "one that does not walk builds" quickly D="$dir/wrong.c"
fails "and is found out" 1 'wrong, 1 threads, ticket: I1' replay wrong.db --design ./wrong.so --threads 1
is "its verdict is stored" "$(sqlite3 wrong.db 'select verdict from run')" violation

# ---- what does not compile ----
sed 's/^\tINIT_LIST_HEAD.*/\tk->init_mm->users = 1;/' mine.c >plain.c
fails "a plain store to a shared field" 2 'incompatible types' quickly D="$dir/plain.c"
sed 's/^\tINIT_LIST_HEAD.*/\tif (k->init_mm->users == 1)\n\t\treturn;/' mine.c >plain.c
fails "a plain load" 2 'error' quickly D="$dir/plain.c"
sed 's/^\tINIT_LIST_HEAD.*/\tk->init_mm->users.shared_field_ = 1;/' mine.c >plain.c
fails "the field by its own name" 2 'poisoned' quickly D="$dir/plain.c"
ok "nothing is left of them" test ! -e plain.so
fails "no file" 2 'no such file' quickly D="$dir/absent.c"
fails "no name" 2 'which design' design
fails "no C file" 2 'not a C file' quickly D="$dir/mine.so"

# ---- what is not loaded ----
refused() { # refused NAME PATTERN DESIGN
	fails "$1" 2 "$2" replay no.db --design "$3"
}
sed 's/PGD_DESIGN(mine/PGD_DESIGN(pgd_list/' mine.c >clash.c
ok "a name that is taken builds" quickly D="$dir/clash.c"
refused "and is refused" "there is a design called 'pgd_list' already" ./clash.so
cp mine.so again.so
refused "so is the same design in two files" "there is a design called 'mine' already" ./mine.so,./again.so
refused "a file that is not there" 'absent.so' ./absent.so
echo text >text.so
refused "one that is no shared object" 'text.so' ./text.so
echo 'int x;' >lib.c
cc -shared -fPIC -o lib.so lib.c
refused "one without designs" 'no file of designs' ./lib.so
sed 's/PGD_DESIGN(mine/PGD_DESIGN(older/; s/\.flags = DESIGN_REMOVES/.flags = DESIGN_REMOVES, .abi = 1/' mine.c >older.c
ok "one of another version builds" quickly D="$dir/older.c" CFLAGS='-O0 -Wno-override-init'
refused "and is refused" 'built for version 1' ./older.so
sed 's/PGD_DESIGN(mine/PGD_DESIGN(other/; s/\.flags = DESIGN_REMOVES/.flags = DESIGN_REMOVES, .layout = 1/' mine.c >other.c
ok "one of other headers builds" quickly D="$dir/other.c" CFLAGS='-O0 -Wno-override-init'
refused "and is refused" 'headers of another mmreplay' ./other.so
is "nothing of that made a store" "$(ls no.db 2>/dev/null)" ''

# ---- installed ----
if [ "${VARIANT:-plain}" = plain ]; then
	ok "make install" make -C "$root" install DESTDIR="$dir/root" PREFIX=/usr
	share=$dir/root/usr/share/mmreplay/replay
	cp "$share/own/skeleton.c" installed.c
	ok "the installed rules build the installed skeleton" make -f "$share/own/design.mk" D=installed.c CFLAGS=-O0
	ok "and the installed program replays it" "$dir/root/usr/bin/mmreplay" replay storm.mmw --db in.db --threads 1 \
		--repeat 1 --design ./installed.so
	ok "the page is there" test -s "$share/DESIGNS.md"
	ok "make uninstall" make -C "$root" uninstall DESTDIR="$dir/root" PREFIX=/usr
	is "takes everything away" "$(find root -type f)" ''
fi

echo "1..$n"
