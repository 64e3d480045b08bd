#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ranks that live get other engines, and their MPI objects with them. The program runs under the shim alone;
# for each generation another mpirun starts donors, which lend the ranks their identity.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
shim=$RF_BUILDDIR/lib/mpi/.libs/librankferry-shim.so
[ -e "$shim" ] || bail "no $shim: run make"
programs=$e2e/programs/switch
ranks=3
fabric=(--mca pml ob1 --mca btl "self,vader,tcp")

mpicc -O1 -g -o donor "$programs/donor.c" || bail "mpicc cannot compile donor.c"

# Starts the donors that the program asks for, until it says that it has ended. Each mpirun of theirs
# must end with 0, but those that it wants killed.
lend()
{
	local dir=$1 generation=1 jobs=() job
	while [ ! -e "$dir/end.0.0" ] && [ -e "$dir/running" ]; do
		if [ -e "$dir/want.$generation.0" ]; then
			mpirun -n "$ranks" "${yielding[@]}" "${fabric[@]}" ./donor "$dir" "$generation" </dev/null >>"$dir/donors" 2>&1 &
			jobs[generation]=$!
			generation=$((generation + 1))
		fi
		for job in "${!jobs[@]}"; do
			[ -e "$dir/kill.$job.0" ] || continue
			kill -9 "${jobs[job]}"
			touch "$dir/left.$job."{0..3}
			wait "${jobs[job]}" 2>/dev/null
			unset "jobs[job]"
		done
		sleep 0.02
	done
	for job in "${jobs[@]}"; do
		wait "$job" || echo "donors of a generation ended with $?" >>"$dir/failed"
	done
	[ ! -e "$dir/failed" ]
}

# changes PROGRAM: compiles and runs it.
changes()
{
	local program=$1 dir status=0 lender
	dir=$(mktemp -d "$PWD/$program.XXXXXX") && : >"$dir/running"
	case $program in
	*_f) mpif90 -O1 -g -o "$program" "$programs/$program.f90" "$programs/change.c" -I"$top/lib" -ldl ;;
	*) mpicc -O1 -g -Wall -I"$top/lib" -o "$program" "$programs/$program.c" -ldl ;;
	esac || return
	lend "$dir" &
	lender=$!
	SWITCH_TURNS=${SWITCH_TURNS:-50} SWITCH_DIR=$dir timeout 150 mpirun -n "$ranks" "${yielding[@]}" "${fabric[@]}" -x SWITCH_DIR -x SWITCH_TURNS \
		-x LD_PRELOAD="$shim" ${SWITCH_GATE:+-x RANKFERRY_GATE=$SWITCH_GATE} "./$program" || status=$?
	rm -f "$dir/running"
	[ "$status" = 0 ] || touch "$dir"/left.{1..60}.{0..3}
	wait "$lender" || { cat "$dir/failed" "$dir/donors"; status=1; }
	return "$status"
}

for program in ${RF_SWITCH:-first types comms requests others objects_f lost parting many}; do
	ok "$program" changes "$program"
done

# a rank leaves an engine by a jump; here it is on the engine's thread block before
[ -n "${RF_SWITCH-}" ] || SWITCH_GATE=prctl ok "lost, where the gate switches FS" changes lost

# what Open MPI has chosen is given to later engines; what the user has chosen is left to him
fabric=()
SWITCH_LAYER=ob1 ok "the layer that Open MPI has found" changes layer
fabric=(--mca pml "^cm")
ok "the user's own choice of layers" changes layer
done_testing
