#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Python programs with mpi4py, which opens libmpi late, on 4 ranks over 2 hosts.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
"$python" -c 'import mpi4py, numpy' 2>/dev/null || skip_all "no mpi4py; on Debian: apt-get install python3-mpi4py python3-numpy"
need_hosts 2

there=(--host "node1:2,node2:2" "$python")
# Debian switches off osc pt2pt, the one component that gives windows over TCP.
compare "objects and arrays" 120 "$test_user" cat --mca osc ^ucx "${there[@]}" "$e2e/programs/mpi4py/objects.py"
is "it ran to its end" "$(tail -1 "$wrapped")" "error class True"
compare "mpi4py.bench helloworld" 60 "$test_user" sort "${there[@]}" -m mpi4py.bench helloworld
compare "a program by python -m mpi4py" 60 "$test_user" sort "${there[@]}" -m mpi4py \
	-c 'from mpi4py.MPI import COMM_WORLD as w; print(w.allreduce(w.rank))'
done_testing
