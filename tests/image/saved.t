#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Files whose content is saved with the image are as they were in a restored process, whatever has become
# of them; and when they can not be, that is said, and they are as they are.
. "${RF_SRCDIR:-../..}/tests/image/lib.sh"

"${as[@]}" mkdir files
image() { take TAKE_SAVE_FILES=1000000 "$@" -- t-saved "$work/files"; }
restored() { # restored NAME [LINES]: with so many lines of rankferry's own
	run "$restore" img.1 && says restored && [ "$(grep -c '^rankferry: ' err)" = "${2-0}" ]
	ok $? "$1"
}

for way in TAKE_SYNC=1 TAKE_WRITER="$writer" TAKE_COMPRESS=zstd; do
	rm -f files/*.before-restart*
	[ $way = TAKE_COMPRESS=zstd ] && way="TAKE_WRITER=$writer TAKE_COMPRESS=zstd"
	# shellcheck disable=SC2086
	image $way && says original
	ok $? "goes on after an image ($way)"
	cp files/table changed
	restored "one that was changed and cut is put back ($way)" 2
	cmp -s changed files/table.before-restart
	ok $? "what was there is kept ($way)"
done
grep -q "table contains again what it did when the snapshot was taken; .* kept in .*/table.before-restart" err
ok $? "and that is said"
[ "$(stat -c %a files/table.before-restart)" = 640 ]
ok $? "with the mode that it had"

image TAKE_WRITER="$writer" TAKE_EXIT=1
cp files/table.before-restart first
"${as[@]}" sh -c 'echo half a restart >files/table'
restored "one that a restart had not finished is put back" 1
cmp -s first files/table.before-restart && [ "$(cat files/table.before-restart.2)" = "half a restart" ]
ok $? "and the copy of that restart is not replaced"
grep -q "kept in .*/table.before-restart.2$" err
ok $? "which is said"
rm files/table.before-restart.2

image TAKE_WRITER="$writer" TAKE_EXIT=1
cp files/table good
"${as[@]}" sh -c 'echo half of it >files/table'
python3 -c '
import fcntl, sys, time
f = open("files/table", "r+b")
fcntl.lockf(f, fcntl.LOCK_EX)
print(flush=True)
time.sleep(3)
f.write(open("good", "rb").read())
f.flush()' >locked &
for ((i = 0; i < 200; i++)); do
	[ -s locked ] && break
	sleep 0.05
done
restored "another rank that is at it is waited for"
[ ! -e files/table.before-restart.2 ]
ok $? "and what it has done by halves is not kept"

image TAKE_WRITER="$writer" TAKE_EXIT=1
restored "nothing is said of files that are as they were"
image TAKE_WRITER="$writer" TAKE_EXIT=1
"${as[@]}" sh -c 'echo more >>files/table; echo more >>files/empty'
restored "nor of one that is only longer"
image TAKE_WRITER="$writer" TAKE_EXIT=1
rm files/table.before-restart*
truncate -s 70000 files/table
restored "one that has lost its end gets it again"
[ ! -e files/table.before-restart ]
ok $? "of which nothing need be kept"
image TAKE_WRITER="$writer" TAKE_EXIT=1
rm files/*
restored "one that is gone is made"
image TAKE_WRITER="$writer" TAKE_EXIT=1
rm files/log
mkdir files/log
run "$restore" img.1
[ $? = 125 ] && grep -q '/log' err
ok $? "a directory in its place: refused"
rmdir files/log

image TAKE_WRITER="$writer" TAKE_EXIT=1
mv files away
run "$restore" img.1
[ $? = 125 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'cannot make .*/files/.*No such file' err
ok $? "no directory for it: refused, with the reason"
mv away files

# the kernel refuses to make a file of more than 100 KiB
small() { run bash -c 'trap "" XFSZ; ulimit -S -f 100; exec "$0" img.1' "$restore"; }
"${as[@]}" sh -c 'echo short >files/table'
small
[ $? = 125 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'no room to put back .*/files/table, which had 300000 bytes' err
ok $? "no room for it: refused, with the reason"
[ "$(cat files/table)" = short ] && [ ! -e files/table.before-restart ]
ok $? "and the file is as it is"
rm -f files/*
small
[ $? = 125 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'cannot make .*/files/table, which the snapshot has' err
ok $? "no room for one that is gone: refused"
[ -z "$(ls files)" ]
ok $? "and nothing is left"
restored "and with room it is restored after all"

image TAKE_SAVE_FILES=1000
grep -q 'fd [0-9]* (.*/files/table) is too large to be saved with the snapshot' err
ok $? "one of more bytes than allowed is named"

echo "1..$count"
exit $failed
