#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Real programs are snapshotted while they run, at a random time, killed on all hosts, and restarted on
# other hosts with other ranks per host. Together they print what plain mpirun prints. RF_SEED=N: the same
# times again.
#   RF_PROGRAMS="lammps hpcc"   only these (default: lammps and mpi4py; RF_LARGE: all, larger, three restarts)
. "$(dirname "$0")/lib.sh"
need_hosts 3
. "$e2e/snapshots.sh"
hosts=(head node1 node2 node3)
late="rankferry: the job has ended; its snapshot is still being written" # allowed: a program may end soon

restarts=$([ -n "$RF_LARGE" ] && echo 3 || echo 1)
# where they go, in turns
places=("node3:3,node2:1" "node1:1,node3:3" "node2:2,node1:2")

# What LAMMPS prints about time; see t-realprograms-lammps.t. CPU time starts again after a restart.
# shellcheck disable=SC2317 # called by survive
untimed()
{
	sed -E -e '/^Loop time of /s/of [0-9.e+-]+ on/of TIME on/' -e '/^Performance: /d' \
		-e '/^-?[0-9.]+% CPU use with /d' -e '/^Total wall time: /d' -e '/ CPU = [0-9.e+-]+ seconds$/d' \
		-e '/^MPI task timing breakdown:/,/^Other /d'
}

# See t-realprograms-hpcc.t.
# shellcheck disable=SC2317 # called by survive
results()
{
	sed -E -e '/^CPU /d' -e 's/^(WALL)(( +[0-9]+){6}) +[0-9.]+ (PASSED|FAILED) +[0-9.]+ /\1\2 \4 /' |
		grep -E -e 'PASSED|FAILED|passed|failed|[Ee]rror|skipped|Validates|^max\(|^[A-Za-z0-9_]+=' |
		grep -vE -e '^[A-Za-z0-9_]*(time[0-9]?|Time|GUPs|[GT]flops|GBs|GBytes|usec|Copy|Scale|Add|Triad)='
}

# joined PLAIN PIECE...: what a job has printed that was killed after each piece but the last. A piece may
# end in what the next one prints again, as it was printed after the snapshot; that is known from PLAIN.
joined()
{
	"${RF_PYTHON:-python3}" - "$@" <<-'end'
	import sys
	plain, *pieces = (open(name, "rb").read() for name in sys.argv[1:])
	whole = b""
	for piece in pieces:
	    at = plain.rfind(piece, 0, len(whole) + len(piece))
	    if not plain.startswith(whole) or at < 0:
	        whole += piece      # and so it is not the same
	    else:
	        whole = plain[:at] + piece
	sys.stdout.buffer.write(whole)
	end
}

# snapshotted NAME: like take, but it asks again while there is a window or an MPI file
snapshotted()
{
	local i

	for ((i = 0; i < 60; i++)); do
		take "$1" && return 0
		grep -qE 'window|open MPI file' <<<"$why" || return 1
		pause 0 200 || return 1
	done
	return 1
}

# survive NAME FILTER MPIRUN-ARGUMENT...: compares with plain mpirun after FILTER, which reads the
# program's output or the file that $result_file names.
survive()
{
	local name=$1 filter=$2 begun ms i part=7 pieces=

	shift 2
	begun=$(date +%s%3N)
	run 600 on head --user "$test_user" mpirun "${yielding[@]}" --host node1:2,node2:2 "$@"
	ms=$(($(date +%s%3N) - begun))
	keep_result "$work/plain"
	if [ "$rc" != 0 ]; then
		result 1 "$name: plain mpirun" "exit code $rc
$(tail -n 20 "$out" "$err")"
		return
	fi
	begin "$name" --host node1:2,node2:2 "$@"
	for ((i = 1; i <= restarts; i++)); do
		pause $((ms / 10)) $((ms * part / 10 / restarts)) || true
		if ! snapshotted "$name"; then
			# it was faster than under plain mpirun: once more, with a snapshot sooner
			if [ "$why" = ended ] && [ $i = 1 ] && ((part > 1)); then
				finish 60
				rm -f "${result_file:-$work/none}"
				part=$((part / 2)) i=0
				begin "$name" --host node1:2,node2:2 "$@"
				continue
			fi
			[ "$why" != ended ] || break
			result 1 "$name: snapshot $i" "$why
$(tail -n 20 "$work/$name.err")"
			kill_job
			return
		fi
		pause 0 200 || true
		kill_job
		cp "$work/$name.out" "$work/$name.$i"
		pieces+="${pieces:+ }$work/$name.$i"
		: >"$work/$name.out"
		launch "$name" restart --job "$name" "$taken" --host "${places[i % 3]}"
	done
	finish 600
	ok "$name: there was a snapshot" test $i -gt 1
	is "$name: exit code" "$rc" 0
	[ "$rc" = 0 ] || diag "$(tail -n 20 "$work/$name.out" "$work/$name.err")"
	is "$name: rankferry has nothing to say" "$(grep '^rankferry: ' "$work/$name.err" | grep -vF "$late")" ""
	if [ -n "$result_file" ]; then
		mv "$result_file" "$work/all"
	else
		# shellcheck disable=SC2086 # several
		joined "$work/plain" $pieces "$work/$name.out" >"$work/all"
	fi
	"$filter" <"$work/plain" >"$work/plain.kept"
	"$filter" <"$work/all" >"$work/all.kept"
	same "$name: same output" "$work/all.kept" "$work/plain.kept"
	diag "$name: $((i - 1)) restarts in $((ms / 1000)) s of work"
}

run_lammps()
{
	local input inputs=melt sizes=(-var n 12 -var steps 200)

	[ -z "$RF_LARGE" ] || { inputs="melt eam salt"; sizes=(-var n 20 -var steps 1000); }
	result_file=log.lammps
	for input in $inputs; do
		survive "lammps-$input" untimed -x LAMMPS_POTENTIALS=/usr/share/lammps/potentials \
			lmp -in "$e2e/programs/lammps/in.$input" -log log.lammps -screen none "${sizes[@]}"
	done
}

run_hpcc()
{
	cp "$e2e/programs/hpcc/hpccinf.txt" .
	[ -z "$RF_LARGE" ] || sed -i '6s/^200/3000/' hpccinf.txt
	result_file=hpccoutf.txt
	survive hpcc results hpcc
}

run_mpi4py()
{
	local rounds=80

	[ -z "$RF_LARGE" ] || rounds=400
	survive mpi4py cat --mca osc ^ucx /usr/bin/python3 -c "import runpy
for i in range($rounds): runpy.run_path('$e2e/programs/mpi4py/objects.py', run_name='__main__')"
}

run_openmp()
{
	mpicc -O2 -fopenmp -o hybrid "$e2e/programs/hybrid.c" || bail "mpicc cannot compile hybrid.c"
	survive openmp cat --bind-to none -x OMP_WAIT_POLICY=passive ./hybrid 3000
}

run_fortran()
{
	mpifort -O2 -J "$work" -o heat "$e2e/programs/heat.f90" || bail "mpifort cannot compile heat.f90"
	survive fortran cat ./heat 1024 5000
}

declare -A needs=([lammps]="lmp" [hpcc]="hpcc" [mpi4py]="/usr/bin/python3" [openmp]="mpicc" [fortran]="mpifort")
programs="lammps mpi4py"
[ -z "$RF_LARGE" ] || programs+=" hpcc openmp fortran"
for program in ${RF_PROGRAMS:-$programs}; do
	result_file=
	if ! command -v "${needs[$program]}" >/dev/null || { [ "$program" = mpi4py ] &&
		! /usr/bin/python3 -c 'import mpi4py, numpy' 2>/dev/null; }; then
		skip "$program" "it is not installed"
		continue
	fi
	case $program in
	lammps) run_lammps ;;
	hpcc) run_hpcc ;;
	mpi4py) run_mpi4py ;;
	openmp) run_openmp ;;
	fortran) run_fortran ;;
	esac
done
for host in "${hosts[@]}"; do
	is "no process is left on $host" "$("$vhost" pids "$host")" ""
done
done_testing
