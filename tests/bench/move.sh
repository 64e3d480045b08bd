#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What an evacuation costs: 4 ranks on 2 hosts, one of which is evacuated to a third, to and fro. Beside it
# the limits of the same machine in the same run (the link, the launch of an mpirun), and the only other way to empty
# a host: a snapshot of the whole job, its end, and a restart elsewhere. Prints a table of medians.
#	move.sh [MIB A RANK [PER CENT OF IT CHANGED IN A SECOND [MOVES [SECONDS]]]]
# With SECONDS, LAMMPS also runs for about that long, with and without three evacuations in a row.
. "$(dirname "$0")/../e2e/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 4
mib=${1:-512} rate=${2:-1} moves=${3:-5} seconds=${4:-0}
bench=$top/tests/bench
port=7000

mpicc -O2 -o mover "$bench/mover.c" || bail "mpicc cannot compile mover.c"
mpirun=(mpirun "${yielding[@]}")
program=(./mover "$mib" "$rate" stop)

# The lower median of the numbers on stdin.
median()
{
	sort -n | awk '{ n[NR] = $1 } END { print NR ? n[int((NR + 1) / 2)] : "none" }'
}

largest()
{
	sort -n | tail -n 1
}

now()
{
	date +%s%N
}

# since TIME: milliseconds
since()
{
	echo $((($(now) - $1) / 1000000))
}

# await FILE PATTERN [COUNT]: at most 120 s, until so many lines of the file match.
await()
{
	local end=$((SECONDS + 120))

	until [ "$(grep -c "$2" "$1")" -ge "${3:-1}" ]; do
		[ $SECONDS -lt $end ] || bail "no $2 in $1: $(tail -n 5 "$1" "$work/err")"
		sleep 0.05
	done
}

# figure NAME FILE...: the median of a member of answers
figure()
{
	local name=$1

	shift
	cat "$@" | sed -n "s/^ *\"$name\": \([0-9]*\),*\$/\1/p" | median
}

# The largest gap that a rank that stays has seen, of the lines of $work/out from line $1 on.
gap()
{
	tail -n +"$1" "$work/out" | awk '$1 == "gap" && $2 < 2 { print $3 }' | largest
}

# begin HOSTS RANKS VERB...: the job, in the background
begin()
{
	local hosts=$1 ranks=$2

	shift 2
	rm -f stop
	: >"$work/out" # the job's shell may empty it later than somebody looks
	"$vhost" exec head sh -c 'echo $$ >pid; exec "$@"' sh "$RANKFERRY" run --job bench --store "$shared/store" \
		"${mpirun[@]}" -np "$ranks" --host "$hosts" "${program[@]}" >>"$work/out" 2>"$work/err" </dev/null &
	job=$!
	await "$work/out" ready
}

finish()
{
	touch stop
	wait $job || bail "the job ended with $?: $(tail -n 5 "$work/err")"
}

# evacuations NAME COUNT: node2 to node3 and back, so many; answers in $work/NAME.N, gaps in $work/NAME.gaps
evacuations()
{
	local name=$1 from=node2 to=node3 i before

	for ((i = 0; i < $2; i++)); do
		sleep 2
		before=$(wc -l <"$work/out")
		on head "$RANKFERRY" evacuate --json --to $to $from >"$work/$name.$i" 2>"$work/said" ||
			bail "move $((i + 1)): $(cat "$work/said")"
		sleep 0.5
		gap $((before + 1)) >>"$work/$name.gaps"
		[ $from = node2 ] && from=node3 to=node2 || from=node2 to=node3
	done
}

### The machine's limits

limits()
{
	local i began receiver

	for ((i = 0; i < moves; i++)); do
		: >"$work/link"
		"$vhost" exec node3 "$bench/link.py" receive $((port + i)) $((2 * mib)) >"$work/link" &
		receiver=$!
		await "$work/link" ready
		on node2 "$bench/link.py" send node3 $((port + i)) $((2 * mib)) || bail "the link cannot be measured"
		wait $receiver || bail "the link cannot be measured"
		awk 'NR == 2 { print int($1 * 1000) }' "$work/link" >>"$work/links"
		began=$(now)
		on head "${mpirun[@]}" -np 4 --host node1:2,node3:2 true || bail "mpirun fails"
		since "$began" >>"$work/launches"
	done
	link=$(median <"$work/links")
	launch=$(median <"$work/launches")
}

### The same by a restart of the whole job

is_over()
{
	[ -z "$(for host in node1 node2 node3; do "$vhost" pids $host mover; done)" ]
}

restarts()
{
	local to=node3 i began snapshot

	begin node1:2,node2:2 4
	for ((i = 0; i < moves; i++)); do
		sleep 2
		began=$(now)
		on head "$RANKFERRY" snapshot --sync --full bench >"$work/taken" 2>&1 || bail "snapshot: $(cat "$work/taken") $(tail -n 5 "$work/err")"
		on head kill -KILL "$(cat pid)"
		{ wait $job; } 2>/dev/null
		# its keepers end the ranks, and those say something until then
		within 20 is_over || bail "the job does not end"
		snapshot=$(find "$shared/store/bench" -mindepth 1 -maxdepth 1 -name '[0-9]*[0-9]' | sort | tail -n 1)
		: >"$work/out"
		"$vhost" exec head sh -c 'echo $$ >pid; exec "$@"' sh "$RANKFERRY" restart "$snapshot" \
			--host node1:2,$to:2 >>"$work/out" 2>"$work/err" </dev/null &
		job=$!
		await "$work/out" "^gap" 4
		since "$began" >>"$work/restarts"
		gap 1 >>"$work/restart.gaps"
		[ $to = node3 ] && to=node2 || to=node3
		rm -rf "$shared/store/bench/$(basename "$snapshot")"
	done
	finish
}

### LAMMPS, with and without three evacuations

# lammps STEPS [EVACUATIONS]: milliseconds that a job on two ranks takes
lammps()
{
	local began=0 i from=node2 to=node3 pause

	began=$(now)
	"$vhost" exec head "$RANKFERRY" run --job melt --store "$shared/store" "${mpirun[@]}" --host node1,node2 \
		lmp -in "$e2e/programs/lammps/in.melt" -log none -var n 20 -var steps "$1" >"$work/melt" 2>"$work/err" </dev/null &
	job=$!
	pause=$((seconds / 5))
	for ((i = 0; i < ${2-0}; i++)); do
		sleep $pause
		on head "$RANKFERRY" evacuate --job melt --to $to $from >"$work/said" 2>&1 || bail "evacuate: $(cat "$work/said")"
		[ $from = node2 ] && from=node3 to=node2 || from=node2 to=node3
	done
	wait $job || bail "LAMMPS ended with $?: $(tail -n 5 "$work/err")"
	since "$began"
}

ratio()
{
	awk "BEGIN { printf \"%.1f\", $1 / $2 }"
}

row()
{
	printf '| %s | %s | %s |\n' "$@"
}

limits
begin node1:2,node2:2 4
evacuations two "$moves"
finish
begin node1:3,node4:3,node2:2 8
evacuations six 1
finish
restarts

duration=$(figure duration_us "$work"/two.[0-9]*)
stop=$(figure stop_us "$work"/two.[0-9]*)
pause=$(figure pause_us "$work"/two.[0-9]*)
whole=$(median <"$work/restarts")
echo "$moves evacuations of 2 of 4 ranks, $mib MiB a rank, $rate % of it changed in a second; load $(cut -d' ' -f1 /proc/loadavg)"
echo
row "what" "measured" "beside it"
row --- --- ---
row "an evacuation, from the command to nothing left on the host" "$((duration / 1000)) ms" \
	"$((launch + link * 12 / 10)) ms: launch of an mpirun ($launch ms) + 1.2 x the same bytes over the same link ($link ms)"
row "pause of all ranks, as Rankferry counts it" "$((pause / 1000)) ms" \
	"of them $((stop / 1000)) ms until all had stopped; target: at most 100 ms more than those"
row "pause of a rank that stays, as the program sees it" "$(median <"$work/two.gaps") ms" ""
row "bytes moved with 2 ranks that stay" "$(($(figure copied_bytes "$work"/two.[0-9]*) >> 20)) MiB" \
	"with 6 ranks that stay: $(($(figure copied_bytes "$work"/six.0) >> 20)) MiB; memory of 2 ranks: $((2 * mib)) MiB"
row "bytes of the last round, while all wait" "$(($(figure last_bytes "$work"/two.[0-9]*) >> 10)) KiB" ""
row "the same by a snapshot, kill and restart of the whole job" "$whole ms" \
	"$(ratio "$whole" $((duration / 1000))) times as long"
gap=$(median <"$work/restart.gaps")
row "pause of the ranks, by that" "$gap ms" "$(ratio "$gap" "$(median <"$work/two.gaps")") times as long"
if [ "$seconds" != 0 ]; then
	calibration=$(lammps 200)
	steps=$((200 * seconds * 1000 / calibration))
	undisturbed=$(lammps "$steps")
	disturbed=$(lammps "$steps" 3)
	row "LAMMPS, $steps steps, with three evacuations in a row" "$disturbed ms" \
		"undisturbed: $undisturbed ms ($(awk "BEGIN { printf \"%+.1f\", ($disturbed / $undisturbed - 1) * 100 }") %; target +3 %)"
fi
