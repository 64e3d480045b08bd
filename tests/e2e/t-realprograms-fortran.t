#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The heat equation in Fortran (mpi_f08), on 4 ranks over 2 hosts: the same field, bit for bit.
. "$(dirname "$0")/lib.sh"
need_program mpifort "libopenmpi-dev gfortran"
need_hosts 2

mpifort -O2 -J "$work" -o heat "$e2e/programs/heat.f90" || bail "mpifort cannot compile heat.f90"
size=(64 200)
[ -z "$RF_LARGE" ] || size=(1024 5000)
compare "heat equation" 300 "$test_user" cat --host node1:2,node2:2 ./heat "${size[@]}"
ok "the field's file was read back as written" grep -q 'wrong: F' "$wrapped"
done_testing
