#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The main job, to look at: LAMMPS on 4 ranks over 2 virtual hosts, started by an ordinary user, once with
# plain mpirun and once with `rankferry run` before the same line. Prints TAP, for CI counts its results.
. "$(dirname "$0")/lib.sh"
need_program lmp lammps
need_hosts 2

line=(mpirun "${yielding[@]}" --host "node1:2,node2:2" lmp -in "$e2e/programs/lammps/in.melt" -log none)

# What LAMMPS prints of the physics: step, temperature, energies, pressure.
physics()
{
	sed -n '/^Step Temp/,/^Loop time/{/^Loop time/d;p}' "$1"
}

# show COMMAND...: runs the command on head as the ordinary user and shows what matters of its output.
show()
{
	diag "$test_user@head$ $*"
	run 300 on head --user "$test_user" "$@"
	ok "exit code 0" test "$rc" = 0
	[ "$rc" = 0 ] || diag "$(cat "$out" "$err")"
	is "nothing on stderr" "$(cat "$err")" ""
}

diag "Hosts: $(on node1 hostname) ($(on node1 hostname -I)), $(on node2 hostname) ($(on node2 hostname -I))"
show "${line[@]}"
physics "$out" >plain
before=$(network_bytes node2)
show "${wrap[@]}" "${line[@]}"
physics "$out" >wrapped
diag "$(sed -n '1p;$p' wrapped)"
diag "$(grep '^Loop time' "$out")"
diag "$(($(network_bytes node2) - before)) bytes went over node2's network"
ok "messages went between the hosts" test $(($(network_bytes node2) - before)) -gt 1000000
same "every digit is plain mpirun's" wrapped plain
for host in head node1 node2; do
	is "no process is left on $host" "$("$vhost" pids $host)" ""
done
done_testing
