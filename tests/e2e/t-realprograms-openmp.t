#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A program with OpenMP threads that all talk through MPI (MPI_THREAD_MULTIPLE), on 4 ranks over 2 hosts.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2

mpicc -O2 -fopenmp -o hybrid "$e2e/programs/hybrid.c" || bail "mpicc cannot compile hybrid.c"
rounds=20
[ -z "$RF_LARGE" ] || rounds=5000
compare "OpenMP and MPI" 300 "$test_user" cat --host node1:2,node2:2 --bind-to none -x OMP_WAIT_POLICY=passive \
	./hybrid $rounds
is "3 threads in each round" "$(grep -c ': 3 threads, sum' "$wrapped")" $rounds
done_testing
