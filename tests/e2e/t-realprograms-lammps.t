#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# LAMMPS, as Debian packages it, on 4 ranks over 2 hosts: every printed digit of the physics is the same.
. "$(dirname "$0")/lib.sh"
need_program lmp lammps
need_hosts 2

# What LAMMPS prints about time: loop time, performance, the table of where the time went.
# shellcheck disable=SC2317 # called by compare
untimed()
{
	sed -E -e '/^Loop time of /s/of [0-9.e+-]+ on/of TIME on/' -e '/^Performance: /d' \
		-e '/^[0-9.]+% CPU use with /d' -e '/^Total wall time: /d' -e '/ CPU = [0-9.e+-]+ seconds$/d' \
		-e '/^MPI task timing breakdown:/,/^Other /d'
}

sizes=(-var steps 100)
[ -z "$RF_LARGE" ] || sizes=(-var n 20 -var steps 1000)
for input in melt eam salt; do
	compare "$input" 600 "$test_user" untimed --host node1:2,node2:2 \
		-x LAMMPS_POTENTIALS=/usr/share/lammps/potentials \
		lmp -in "$e2e/programs/lammps/in.$input" -log none "${sizes[@]}"
	ok "$input: ran to its end" grep -q '^Total wall time' "$wrapped"
	ok "$input: on 4 ranks" grep -q 'Loop time of .* on 4 procs' "$wrapped"
done
done_testing
