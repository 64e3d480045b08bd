#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A job whose snapshots have what its files contain is killed, its files are removed, overwritten and cut,
# and it goes on from the snapshot as if they were as it had left them.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2
. "$e2e/snapshots.sh"

steps=300
mpicc -O2 -pthread -o restarted "$e2e/programs/restarted.c" || bail "mpicc cannot compile restarted.c"
mkdir job
chmod 1777 job
line=(mpirun "${yielding[@]}" --host "node1:1,node2:1" --wdir "$PWD/job" "$PWD/restarted" "$steps")

launch saved run --job saved --store "$store" --save-files "${line[@]}"
for ((i = 0; i < 300; i++)); do
	[ ! -s job/own.1 ] || [ "$(wc -l <job/own.1)" -lt 30 ] || break
	sleep 0.1
done
run 90 on head --user "$test_user" "$RANKFERRY" snapshot --no-save-files --json saved
is "a snapshot without them is taken" "$rc" 0
without=$(jq -r .snapshot "$out")
take saved
ok "a snapshot is taken" test -n "$taken"
kill_job

run 20 on head --user "$test_user" "$RANKFERRY" inspect --rank 1 --json "$taken"
is "it has what a rank's own file contains" \
	"$(jq '[.. | objects | select(.name? // "" | endswith("/own.1")) | .saved == .size and .saved > 0] | all' "$out")" true

rm job/own.1
echo "not what the program wrote" >job/own.0
mv job/shared.log job/elsewhere

run 60 on head --user "$test_user" "$RANKFERRY" restart "$without"
is "without its files it is not restarted" "$rc" 125
ok "and the first that is missing, or has lost data, is named" \
	grep -qE '^rankferry: .*(cannot open .*/own.1|own.0 has lost data|cannot open .*/shared.log)' "$err"
[ "$rc" = 125 ] || diag "$(cat "$err")"

launch saved restart "$taken"
finish 120
is "restarted: exit code" "$rc" 0
is "all ranks find everything as it was" "$(grep -c '^rank .* of 2: .* 0 wrong$' "$work/saved.out")" 2
[ "$rc" = 0 ] || diag "$(tail -n 20 "$work/saved.err")"
for rank in 0 1; do
	is "the file of rank $rank has every step once" \
		"$(sed -n 's/^step \([0-9]*\) sum .*/\1/p' job/own.$rank | uniq | wc -l) $(wc -l <job/own.$rank)" "$steps $steps"
	is "the file that all append to has all of rank $rank" \
		"$(grep -c "^rank $rank step" job/shared.log)" $((steps / 10))
done
is "what stood in place of one is kept" "$(cat job/own.0.before-restart)" "not what the program wrote"
ok "and that is said" grep -q "own.0 contains again what it did .* kept in .*/own.0.before-restart" "$work/saved.err"
for host in "${hosts[@]}"; do
	empty "no process is left on $host" "$host"
done
done_testing
