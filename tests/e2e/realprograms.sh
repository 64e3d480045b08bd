# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# For tests that disturb real programs while they run, on 4 ranks; read after lib.sh and snapshots.sh. They
# define
#
#	disturb NAME FILTER MPIRUN-ARGUMENT...
#
# which runs the program, and plain mpirun, and compares what they print, or write to the file that
# $result_file names, after FILTER, which reads that from stdin.
#
#   RF_PROGRAMS="lammps hpcc"   only these (default: lammps and mpi4py; RF_LARGE: all, larger)
# shellcheck disable=SC2154,SC2034 # lib.sh sets them, or reads them

# What LAMMPS prints about time; see t-realprograms-lammps.t. CPU time starts again after a restart.
# shellcheck disable=SC2317 # called by disturb
untimed()
{
	sed -E -e '/^Loop time of /s/of [0-9.e+-]+ on/of TIME on/' -e '/^Performance: /d' \
		-e '/^-?[0-9.]+% CPU use with /d' -e '/^Total wall time: /d' -e '/ CPU = [0-9.e+-]+ seconds$/d' \
		-e '/^MPI task timing breakdown:/,/^Other /d'
}

# See t-realprograms-hpcc.t. How many updates it makes is a matter of time when it makes them for a minute.
# shellcheck disable=SC2317 # called by disturb
results()
{
	sed -E -e '/^CPU /d' -e 's/^(WALL)(( +[0-9]+){6}) +[0-9.]+ (PASSED|FAILED) +[0-9.]+ /\1\2 \4 /' |
		grep -E -e 'PASSED|FAILED|passed|failed|[Ee]rror|skipped|Validates|^max\(|^[A-Za-z0-9_]+=' |
		grep -vE -e '^[A-Za-z0-9_]*(time[0-9]?|Time|GUPs|[GT]flops|GBs|GBytes|usec|Copy|Scale|Add|Triad|ExeUpdates)='
}

# ended_well NAME [LINE]: the job of this name has; rankferry has said nothing but LINE
# shellcheck disable=SC2317 # called by disturb
ended_well()
{
	is "$1: exit code" "$rc" 0
	[ "$rc" = 0 ] || diag "$(tail -n 20 "$work/$1.out" "$work/$1.err")"
	is "$1: rankferry has nothing to say" "$(grep '^rankferry: ' "$work/$1.err" | grep -vxF "${2-}")" ""
}

# same_result NAME FILTER FILE: what it has printed (FILE), or written to $result_file, is what plain mpirun's has
# shellcheck disable=SC2317 # called by disturb
same_result()
{
	local out=$3

	keep_result "$work/all"
	same_after "$1: same output" "$2" "$work/all" "$work/plain"
}

real_lammps()
{
	local input inputs=melt sizes=(-var n 12 -var steps 200)

	[ -z "$RF_LARGE" ] || { inputs="melt eam salt"; sizes=(-var n 20 -var steps $((1000 * longer))); }
	result_file=log.lammps
	for input in $inputs; do
		disturb "lammps-$input" untimed -x LAMMPS_POTENTIALS=/usr/share/lammps/potentials \
			lmp -in "$e2e/programs/lammps/in.$input" -log log.lammps -screen none "${sizes[@]}"
	done
}

real_hpcc()
{
	cp "$e2e/programs/hpcc/hpccinf.txt" .
	[ -z "$RF_LARGE" ] || sed -i "6s/^200/$((3000 + 1000 * (longer - 1)))/" hpccinf.txt
	result_file=hpccoutf.txt
	disturb hpcc results hpcc
}

real_mpi4py()
{
	local rounds=80

	[ -z "$RF_LARGE" ] || rounds=$((3000 * longer))
	disturb mpi4py cat --mca osc ^ucx /usr/bin/python3 -c "import runpy
for i in range($rounds): runpy.run_path('$e2e/programs/mpi4py/objects.py', run_name='__main__')"
}

real_openmp()
{
	mpicc -O2 -fopenmp -o hybrid "$e2e/programs/hybrid.c" || bail "mpicc cannot compile hybrid.c"
	disturb openmp cat --bind-to none -x OMP_WAIT_POLICY=passive ./hybrid $((3000 * longer))
}

real_fortran()
{
	mpifort -O2 -J "$work" -o heat "$e2e/programs/heat.f90" || bail "mpifort cannot compile heat.f90"
	disturb fortran cat ./heat 1024 $((5000 * longer))
}

# real_programs LONGER: each of them, so many times longer than else.
real_programs()
{
	local longer=$1 program programs="lammps mpi4py"
	local -A needs=([lammps]="lmp" [hpcc]="hpcc" [mpi4py]="/usr/bin/python3" [openmp]="mpicc" [fortran]="mpifort")

	[ -z "$RF_LARGE" ] || programs+=" hpcc openmp fortran"
	for program in ${RF_PROGRAMS:-$programs}; do
		result_file=
		if ! command -v "${needs[$program]}" >/dev/null || { [ "$program" = mpi4py ] &&
			! /usr/bin/python3 -c 'import mpi4py, numpy' 2>/dev/null; }; then
			skip "$program" "it is not installed"
			continue
		fi
		"real_$program"
	done
	nothing_runs
}
