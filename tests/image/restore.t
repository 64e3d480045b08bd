#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Images of small programs and processes restored from them. Runs as an ordinary user even when started
# by root, since nothing here may need a privilege.
. "${RF_SRCDIR:-../..}/tests/image/lib.sh"

# round NAME PROGRAM [ARGS]: images in HDF5, by a child and at once; restored in all ways
round() {
	local name=$1 way settings
	shift
	for way in "by a child" "at once"; do
		settings=(TAKE_WRITER="$writer")
		[ "$way" = "at once" ] && settings+=(TAKE_SYNC=1)
		take "${settings[@]}" -- "$@" && says original
		ok $? "$name: goes on after an image $way"
		take "${settings[@]}" TAKE_EXIT=1 -- "$@"
		run "$restore" img.1 && says restored
		ok $? "$name: restored from an image $way"
	done
	take "${settings[@]}" TAKE_EXIT=1 -- "$@"
	run "$restore" --lazy img.1 && says restored
	ok $? "$name: restored lazily"
	take "${settings[@]}" TAKE_EXIT=1 -- "$@"
	run "$restore" --redirect-vdso img.1 && says restored
	ok $? "$name: restored with the vdso of another kernel"
}

"${as[@]}" mkdir "$work/files"
round "memory and floating point" t-plain
round "program at a fixed address" t-fixed
round "threads in all kinds of waits" t-threads
round "OpenMP" t-openmp
round "signals and timers" t-signals
round "open files" t-files "$work/files"
round "malloc storm" t-storm
round "vector registers" t-avx
round "20000 memory regions" t-regions 20000

for how in TAKE_COMPRESS=lz4 TAKE_COMPRESS=zstd TAKE_COMPRESS=zstd:9; do
	take TAKE_WRITER="$writer" $how TAKE_EXIT=1 -- t-storm
	run "$restore" img.1 && says restored
	ok $? "restored from an image with $how"
done
take TAKE_EXIT=1 -- t-storm
run "$restore" img.1 && says restored
ok $? "restored from a plain file"

export TAKE_TIMES=2 TAKE_EXIT=1
take -- t-storm && run "$restore" --lazy img.1
status=$?
rm -f img.1
unset TAKE_EXIT
[ $status = 0 ] && run "$restore" img.2 && says restored
ok $? "an image of a process whose memory is mapped needs no other file"
unset TAKE_TIMES

# chain NAME VARIABLE=VALUE...: each restored process takes the next image, the fourth one runs to the end
chain() {
	local name=$1 status i
	shift
	export TAKE_TIMES=5 TAKE_EXIT=1 "$@"
	take -- t-storm
	status=$?
	for i in 1 2 3 4; do
		[ -s img.$i ] && run "$restore" img.$i || status=1
	done
	unset TAKE_EXIT
	run "$restore" img.5 && says restored || status=1
	unset TAKE_TIMES "${@%%=*}"
	ok $status "an image of a restored process, four times over, $name"
}
chain "in plain files"
chain "in HDF5" TAKE_WRITER="$writer"
full=$(stat -c %s img.5)
chain "each against the one before" TAKE_WRITER="$writer" TAKE_INCREMENTAL=1
[ "$(stat -c %s img.5)" -lt $((full / 2)) ]
ok $? "an incremental image has less than half of the bytes"
chain "incremental and compressed" TAKE_WRITER="$writer" TAKE_INCREMENTAL=1 TAKE_COMPRESS=zstd

chain "each against the one before, with tracking" TAKE_WRITER="$writer" TAKE_INCREMENTAL=1 TAKE_TRACK=1

# tracked NAME VARIABLE=VALUE...: one process, four images, each against the one before; only what is written
# to is looked at
tracked() {
	local name=$1 program status i
	shift
	for program in t-track t-storm; do
		take TAKE_WRITER="$writer" TAKE_INCREMENTAL=1 TAKE_TRACK=1 TAKE_TIMES=4 "$@" -- $program
		status=$?
		for i in 1 2 3 4; do
			[ $program = t-storm ] && [ $i -gt 1 ] && break
			run env TAKE_TIMES=0 "$restore" img.$i && says restored || status=1
		done
		ok $status "$name ($program)"
	done
}
tracked "tracked images of one process, at once" TAKE_SYNC=1
tracked "tracked images of one process, by a child" TAKE_CHILD=1

# notes that are kept from the first image on; a write that nothing has noted is found by sums, and stays found
unseen=(TAKE_CHILD=1 TAKE_UNSEEN=1)
tracked "images of one process with notes that are kept" "${unseen[@]}" TAKE_KEEP=2
if uname -r | awk -F. '{ exit !($1 > 6 || $1 == 6 && $2 >= 7) }'; then
	take TAKE_WRITER="$writer" TAKE_INCREMENTAL=1 TAKE_TRACK=1 TAKE_TIMES=4 "${unseen[@]}" TAKE_KEEP=9 -- t-track
	! run env TAKE_TIMES=0 "$restore" img.4
	ok $? "without sums such a write is lost: the test would see it"
fi

echo "1..$count"
exit $failed
