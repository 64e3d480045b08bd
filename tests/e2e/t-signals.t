#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Signals, from whomever and to whatever, and keys of the terminal, have the effect that they have with
# mpirun alone: compared with it, each time.
. "$(dirname "$0")/lib.sh"
need_program python3 python3
need_hosts 1

cp "$e2e/programs/catcher" "$e2e/programs/terminal.py" .
line=("${yielding[@]}" --host "head:1,node1:1" -n 2 ./catcher "$shared")

# What a signal is sent from, on head: signal.sh SIGNAL TARGET COMMAND... with TARGET `process', `group'
# or `timeout', which is how timeout(1) does it: first to the process, and then to the group.
cat >signal.sh <<'S'
signal=$1 target=$2
shift 2
rm -f ready.* got.* stop
setsid bash -c 'echo $$ >pid; exec "$@"' - "$@" &
for ((i = 0; i < 200; i++)); do [ -e ready.0 ] && [ -e ready.1 ] && break; sleep 0.1; done
pid=$(cat pid)
sleep 0.3
[ $target = group ] || kill -$signal $pid
[ $target = process ] || kill -$signal -$pid
for ((i = 0; i < 40; i++)); do [ -e got.$signal.0 ] && [ -e got.$signal.1 ] && break; sleep 0.1; done
sleep 0.3
touch stop
wait $!
echo exit $?
S

# both SIGNAL TARGET NAME: the ranks' words, mpirun's, and the exit code are the same.
both()
{
	local plain

	run 60 on head --user "$test_user" bash signal.sh "$1" "$2" mpirun "${line[@]}"
	plain=$(sort "$out" "$err")
	ok "$3, plain: the job ran" grep -q '^exit' "$out"
	run 60 on head --user "$test_user" bash signal.sh "$1" "$2" "${wrap[@]}" mpirun "${line[@]}"
	is "$3" "$(sort "$out" "$err")" "$plain"
}

for signal in USR1 USR2 ALRM TERM INT HUP; do
	both $signal process "SIG$signal"
done
both TERM group "SIGTERM to the process group"
both USR1 group "SIGUSR1 to the process group"

# With a second SIGTERM within 5 s mpirun would not end its ranks in order; timeout(1) sends two to plain
# mpirun, and it must not be more here.
run 60 on head --user "$test_user" bash signal.sh TERM timeout "${wrap[@]}" mpirun "${line[@]}"
is "SIGTERM as timeout sends it, to both ranks once" "$(grep -c 'got TERM' "$out")" 2

# typed NAME STEP... -- ARGUMENT...: the terminal shows the same.
typed()
{
	local name=$1 steps=() plain

	shift
	while [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	shift
	rm -f stop
	run 60 on head --user "$test_user" ./terminal.py "${steps[@]}" -- mpirun "$@"
	plain=$(sort "$out")
	ok "$name, plain: the job ran" grep -q '^exit' "$out"
	run 60 on head --user "$test_user" ./terminal.py "${steps[@]}" -- "${wrap[@]}" mpirun "$@"
	is "$name" "$(sort "$out")" "$plain"
}

typed "typing to rank 0" 'ready=hello\n' 'hello=\x04' -- -n 1 sh -c 'echo ready; cat; echo end'
typed "Ctrl-C" 'ready=\x03' -- -n 1 sh -c 'trap "echo got TERM; exit 3" TERM; echo ready; sleep 20 & wait'
typed "Ctrl-\\" 'ready=\x1c' -- -n 1 sh -c 'echo ready; exec sleep 5'

# Ctrl-Z stops ranks, and SIGCONT lets them go on; mpirun itself is not stopped.
cat >stop.sh <<'S'
rm -f ready.* got.* stop
setsid bash -c 'echo $$ >pid; exec "$@"' - "$@" &
for ((i = 0; i < 200; i++)); do [ -e ready.0 ] && [ -e ready.1 ] && break; sleep 0.1; done
state() { for p in /proc/[0-9]*; do tr '\0' ' ' <$p/cmdline | grep -q '^/bin/bash ./catcher' && awk '/^State/ { print $2 }' $p/status; done 2>/dev/null; }
kill -TSTP $(cat pid)
for ((i = 0; i < 30; i++)); do [ "$(state)" = T ] && break; sleep 0.1; done
echo stopped $(state)
kill -CONT $(cat pid)
for ((i = 0; i < 30; i++)); do [ "$(state)" != T ] && break; sleep 0.1; done
echo going on $(state | tr RS go)
touch stop
wait $!
echo exit $?
S
run 60 on head --user "$test_user" bash stop.sh mpirun "${line[@]}"
plain=$(grep -E '^(stopped|going|exit)' "$out")
run 60 on head --user "$test_user" bash stop.sh "${wrap[@]}" mpirun "${line[@]}"
is "SIGTSTP and SIGCONT" "$(grep -E '^(stopped|going|exit)' "$out" | tr g o)" "$(tr g o <<<"$plain")"
ok "the rank was stopped" grep -q '^stopped T$' "$out"
done_testing
