#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What cannot be captured or restored is refused, with the reason, and never restored wrongly.
. "${RF_SRCDIR:-../..}/tests/image/lib.sh"

# obstacle WORD TEXT: the obstacle is named, once, and the program goes on
obstacle() {
	run "$programs/t-refuse" "$work/img" "$1" && says "1 obstacles" && grep -q "$2" "$work/out"
	ok $? "named before anything is stopped: $1"
}
obstacle socket 'fd 3 (socket:\[[0-9]*\]) is a socket'
obstacle eventfd 'fd 3 (anon_inode:.*) is a kernel object'
obstacle epoll 'fd 3 (anon_inode:.*) is a kernel object'
obstacle pipe 'fd 4 (pipe:\[[0-9]*\]) is a pipe to another process'
obstacle child 'process [0-9]*: a child process'
obstacle shared '/memfd:x (deleted): memory shared with other processes'
obstacle shared-to-read '/memfd:x (deleted): memory shared with other processes'
obstacle file-shared "mapped: a shared mapping of a file"
obstacle sysv '/SYSV.*: System V shared memory'
obstacle fifo 'fd 3 (.*/fifo.*) is a named pipe'
obstacle renamed 'fd 3 (.*) is a file that was renamed'
obstacle unreadable 'fd 3 (.*/unreadable (deleted)) is a file that may be written and not read'
run "$programs/t-refuse" "$work/img" nothing && says "0 obstacles"
ok $? "nothing in the way: captured"

refused() { # refused TEXT NAME [OPTIONS]: img.1 is refused with status 125 and one line
	local text=$1 name=$2
	shift 2
	run "$restore" "$@" img.1
	[ $? = 125 ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -q "$text" "$work/err"
	ok $? "$name"
}
h5() { take TAKE_WRITER="$writer" TAKE_EXIT=1 "$@"; }

# every byte counts: flipped ones all over the file, in each kind of file
flip() { # flip FILE OFFSET
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf "\\x$(printf %02x $((byte ^ 16)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
damage() { # damage NAME OFFSETS...
	local name=$1 at status=0
	shift
	for at in "$@"; do
		flip img.1 "$at"
		run "$restore" img.1
		if [ $? != 125 ] || ! grep -q 'img\.1' "$work/err"; then
			echo "# a flipped byte at $at was not found"
			status=1
		fi
		flip img.1 "$at"
	done
	run "$restore" img.1 && says restored || status=1
	ok $status "$name"
}
spread() { # spread N: N offsets over img.1
	local size
	size=$(stat -c %s img.1)
	for ((i = 0; i < $1; i++)); do echo $(((size - 1) * i / ($1 - 1))); done
}
h5 -- t-plain
damage "a flipped byte anywhere in a plain image is found" 7 30 200 4095 4096 4104 $(spread 15)
datasets=$(h5dump -p -H img.1 2>/dev/null | awk '/OFFSET/ && $2 ~ /^[0-9]+$/ {print $2}')
# shellcheck disable=SC2086
if [ -n "$datasets" ]; then damage "a flipped byte in each dataset is found" $datasets; fi
h5 TAKE_COMPRESS=zstd -- t-plain
damage "a flipped byte anywhere in a compressed image is found" 4200 $(spread 10)

h5 -- t-plain
size=$(stat -c %s img.1) status=0
for at in 0 100 4096 $((size / 2)) $((size - 1)); do
	head -c "$at" img.1 >img.2
	run "$restore" img.2
	[ $? = 125 ] || status=1
done
ok $status "truncated files are refused"
printf '\0' >>img.1
refused 'truncated or has grown' "a file that has grown is refused"
h5 -- t-plain
sed -i '1s/format 1/format 0/' img.1
refused 'format version 0' "an older format version is refused"
echo "no image" >img.1
refused 'not a complete image' "a foreign file is refused"
rm -f img.1
refused 'No such file' "a missing file is refused"

# pages that are mapped are verified like others
h5 -- t-plain
offset=$(sed -n 's/^pages \([0-9]*\) .*/\1/p' img.1 | head -n 1)
flip img.1 $((offset + 4096 * 2000))
refused 'img.1 is damaged: page 2000' "a damaged page is found before a lazy restore" --lazy

# incremental images and their bases
h5 -- t-storm
run env TAKE_TIMES=2 TAKE_EXIT=1 TAKE_WRITER="$writer" TAKE_INCREMENTAL=1 "$restore" img.1
[ -s img.2 ]
ok $? "a restored process writes an incremental image"
"${as[@]}" cp img.2 keep.2
mv img.1 hidden.1
run "$restore" img.2
[ $? = 125 ] && grep -q 'img.1' "$work/err"
ok $? "an incremental image without its base is refused"
h5 -- t-plain
"${as[@]}" cp keep.2 img.2
run "$restore" img.2
[ $? = 125 ] && grep -q 'not the file it was written against' "$work/err"
ok $? "an incremental image with another base is refused"

# open files that have changed
"${as[@]}" mkdir -p "$work/files"
h5 -- t-files "$work/files"
cp files/input saved
echo more >>files/input
refused 'files/input has 15 bytes, it had 10' "an input file that has changed is refused"
cp saved files/input
: >files/log
refused 'files/log has lost data' "an output file that has become shorter is refused"
printf 'one\n' >files/log
mv files/append files/append.away
refused 'cannot open .*files/append' "a missing file is refused, and named"
mv files/append.away files/append
echo later >>files/log
run "$restore" img.1 && says restored && [ "$(cat files/log)" = $'one\ntwo' ]
ok $? "what was written after the image is written again, once"

# what an engine would be made of here
part() { # part N: a library with a name of Rankferry's, build N
	echo "int build_$1;" | cc -shared -fPIC -Wl,--build-id -x c -o "$work/librankferry-part.so" -
}
part 1
h5 LD_PRELOAD="$work/librankferry-part.so" -- t-plain
mv librankferry-part.so first
refused 'img.1: another Rankferry: no .*/librankferry-part.so' "a library of ours that is not here is named"
part 2
refused 'img.1: another Rankferry: .*/librankferry-part.so differs' "another build of it is refused"
refused 'img.1: another Rankferry: .*/librankferry-part.so differs' "another build of it is found by --check" --check
mv first librankferry-part.so
run "$restore" img.1 && says restored
ok $? "the same build is not"
h5 TAKE_COMPRESS=zstd LD_PRELOAD="$work/librankferry-part.so" -- t-plain
part 2
refused 'img.1: another Rankferry: .*/librankferry-part.so differs' "another build is refused for a compressed image"

# the disk
run env TAKE_WRITER="$writer" TAKE_SYNC=1 "$programs/t-plain" "$work/none/img"
[ $? = 1 ] && grep -q 'no image: ' "$work/err"
ok $? "a directory that is not there: the program is told"
run env TAKE_WRITER=/nonexistent "$programs/t-plain" "$work/img9"
[ $? = 1 ] && grep -q 'cannot execute /nonexistent' "$work/err"
ok $? "no writer: the program is told"

echo "1..$count"
exit $failed
