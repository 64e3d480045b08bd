#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Snapshots on disk as users meet them: list, inspect, verify and prune; and whatever can be wrong with
# their files is refused with one line that names the file, while other snapshots stay usable.
. "${RF_SRCDIR:-../..}/tests/image/lib.sh"
shopt -s nullglob
rankferry=$programs/../../launcher/rankferry store=$programs/../../launcher/rankferry-store
python=/usr/bin/python3
job=$work/store/job one=$job/000001 two=$job/000002
export HDF5_USE_FILE_LOCKING=FALSE

begin() { run "$store" begin "$work/store" job && cur=$(cat "$work/out"); }
publish() { timeout 120 "${as[@]}" "$store" publish --ranks "$1" "$cur" >"$work/out" 2>"$work/err" <"${2:-/dev/null}"; }

# two ranks, at first whole, then against the first; the path of the image is the same for both
begin
"${as[@]}" ln -sfn "$cur" cur
for rank in 0 1; do
	run env TAKE_WRITER="$writer" TAKE_EXIT=1 "$programs/t-storm" "$work/cur/img"
	"${as[@]}" mv "$cur/img.1" "$cur/rank-00000$rank.h5"
done
echo '{"job": "job", "command": ["mpirun", "-n", "2", "./storm"]}' >extra
publish 2 extra && [ "$(cat out)" = "$one" ] && [ -d "$one" ] && [ ! -e "$cur" ]
ok $? "a snapshot is published under its final name"
begin
"${as[@]}" ln -sfn "$cur" cur
for rank in 0 1; do
	"${as[@]}" ln -sf ../000001/rank-00000$rank.h5 "$cur/img.1"
	run env TAKE_TIMES=2 TAKE_EXIT=1 TAKE_WRITER="$writer" TAKE_INCREMENTAL=1 "$restore" "$one/rank-00000$rank.h5"
	"${as[@]}" mv "$cur/img.2" "$cur/rank-00000$rank.h5"
	"${as[@]}" rm -f "$cur/img.1"
done
publish 2 extra && [ -d "$two" ]
ok $? "one with only what has changed is published"

# ---- the verbs ----

run "$rankferry" list "$work/store" && [ "$(grep -c complete out)" = 2 ] && grep -q "$two .* 2 .*000001 *complete" out
ok $? "list: a line for each snapshot"
run "$rankferry" list --json "$job" && $python -c '
import json, sys
a, b = json.load(sys.stdin)
assert a["ranks"] == 2 and a["bases"] == [] and b["bases"] == ["000001"] and a["state"] == "complete"
assert b["bytes"] < a["bytes"]' <out
ok $? "list --json"
run "$rankferry" inspect "$two" && grep -q 'mpirun -n 2 ./storm' out && grep -q '^RANK' out && [ "$(grep -c '^ *[01] ' out)" = 2 ]
ok $? "inspect: a line for each rank"
run "$rankferry" inspect "$two" --rank 1 && grep -q t-storm out && grep -q '^threads' out && grep -q '\[heap\]' out && grep -q '000001/rank-000001.h5' out
ok $? "inspect --rank: threads, files, regions, bases"
run "$rankferry" inspect --json --rank 0 "$one" && $python -c '
import json, sys
d = json.load(sys.stdin)
assert d["memory"]["regions"] == len(d["regions"]) and len(d["threads"]) > 4
assert sum(r["content"] for r in d["regions"]) == d["memory"]["content"] == d["memory"]["stored"]' <out
ok $? "inspect --json: the sums are right"
run "$rankferry" verify "$one" "$two" && [ "$(grep -c ': good$' out)" = 2 ]
ok $? "verify: good"
run "$rankferry" verify; [ $? = 2 ] && run "$rankferry" prune "$job"; [ $? = 2 ] && run "$rankferry" prune --keep 0 "$job"
[ $? = 2 ] && run "$rankferry" inspect --rank x "$one"; [ $? = 2 ] && run "$rankferry" list --nonsense; [ $? = 2 ]
ok $? "a wrong command line: 2"
run "$rankferry" inspect "$one" --rank 2; [ $? = 1 ] && grep -q 'has no rank 2; it has ranks 0 to 1' err
ok $? "inspect: there is no such rank"

# ---- other readers of HDF5 ----

others() {
	local file status=0
	for file in "$@"; do
		run h5dump -A "$file" || status=1
		[ -s err ] && status=1
		run $python - "$file" <<-'EOF' || status=1
			import h5py, sys
			f = h5py.File(sys.argv[1], "r")
			sets = []
			f.visititems(lambda name, item: sets.append(item) if isinstance(item, h5py.Dataset) else None)
			assert len(sets) > 15, sets
			for s in sets:
			    s[...]
			assert f["/process/info"][0]["pid"] > 0
			assert f["/memory/pages"].shape[0] == f["/memory/checksums"].shape[0]
		EOF
	done
	return $status
}
run() { timeout 120 "${as[@]}" "$@" >"$work/out" 2>"$work/err"; }
if $python -c 'import h5py' 2>/dev/null && command -v h5dump >/dev/null; then
	others "$one"/rank-*.h5 "$two"/rank-*.h5
	ok $? "h5dump and h5py read every image"
	run $python -c "
import h5py
f = h5py.File('$one/job.h5', 'r')
assert list(f) == ['rank-000000', 'rank-000001']
assert f['rank-000001/process/threads']['name'][0] == b't-storm'"
	ok $? "h5py reads all ranks through job.h5"
	take TAKE_WRITER="$writer" TAKE_COMPRESS=lz4 TAKE_EXIT=1 -- t-plain
	if [ -e /usr/lib/x86_64-linux-gnu/hdf5/serial/plugins/libh5lz4.so ]; then
		others img.1
		ok $? "they read pages compressed with lz4 by the registered filter"
	fi
fi
run() { timeout 120 "${as[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null; }

# ---- faults ----

keep() { "${as[@]}" cp -a "$two" saved; }
undo() { "${as[@]}" rm -rf "$two"; "${as[@]}" mv saved "$two"; }
# bad WORD: verify says one line with WORD in it, restores nothing of rank 0; the older snapshot is good
bad() {
	run "$rankferry" verify "$two"
	[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && [ ! -s out ] && grep -q -- "$1" err && grep -q "rankferry list $job\$" err &&
		run "$rankferry" verify "$one"
}
not_restored() { run "$restore" "$two/rank-000000.h5"; [ $? = 125 ] && [ "$(wc -l <err)" = 1 ] && grep -q -- "$1" err; }
flip() { # flip FILE OFFSET
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf "\\x$(printf %02x $((byte ^ 16)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
fault() { # fault NAME WORD COMMAND...: of rank 0 in the second snapshot
	local name=$1 word=$2
	shift 2
	keep
	(cd "$two" && "$@") && bad "$word" && not_restored "$word"
	ok $? "$name"
	undo
}

file=$two/rank-000000.h5 status=0 sets=0
while read -r set at bytes; do
	for where in $at $((at + bytes - 1)); do
		flip "$file" "$where"
		if ! { bad "$file" && not_restored "$file"; }; then
			echo "# a flipped byte at $where of $set was not found"
			status=1
		fi
		flip "$file" "$where"
	done
	sets=$((sets + 1))
done < <(h5dump -p -H "$file" 2>/dev/null |
	awk '/DATASET/ {set=$2} /SIZE [0-9]+$/ {size=$2} /OFFSET/ && $2 ~ /^[0-9]+$/ && size {print set, $2, size}')
[ $sets -gt 10 ] || status=1
run "$rankferry" verify "$two" || status=1
ok $status "a flipped byte in each of $sets datasets"

size=$(stat -c %s "$file") status=0
keep
for ((i = 0; i < 32; i++)); do
	truncate -s $((size * i / 32)) "$file"
	if ! { bad "$file" && not_restored "$file"; }; then
		echo "# $((size * i / 32)) of $size bytes were taken for an image"
		status=1
	fi
	cp saved/rank-000000.h5 "$file"
done
ok $status "truncated at any length"
undo

fault "a missing rank file" 'rank-000000.h5: No such file' rm rank-000000.h5
fault "an empty file" 'rank-000000.h5 is not a complete image' cp /dev/null rank-000000.h5
fault "a foreign HDF5 file" 'rank-000000.h5 is not a complete image' cp job.h5 rank-000000.h5
fault "an older format" 'rank-000000.h5 has format version 0' sed -i '1s/format 1/format 0/' rank-000000.h5
fault "a symbolic link to itself" 'rank-000000.h5: Too many levels of symbolic links' sh -c 'rm rank-000000.h5 && ln -s rank-000000.h5 rank-000000.h5'
fault "a directory in its place" 'rank-000000.h5' sh -c 'rm rank-000000.h5 && mkdir rank-000000.h5'

manifest() { # manifest NAME WORD COMMAND...
	local name=$1 word=$2
	shift 2
	keep
	(cd "$two" && "$@") && bad "$word"
	ok $? "$name"
	undo
}
manifest "files of two ranks exchanged" 'rank-000000.h5 is not the file that the manifest lists' \
	sh -c 'mv rank-000000.h5 x && mv rank-000001.h5 rank-000000.h5 && mv x rank-000001.h5'
manifest "the manifest of another snapshot" 'rank-000000.h5 is not the file' cp ../000001/manifest.json .
manifest "a changed manifest" 'manifest.json is damaged' sed -i 's/"rank": 1/"rank": 7/' manifest.json
manifest "a manifest of an older version" 'manifest.json has version 0' sed -i 's/"version": 1/"version": 0/' manifest.json
manifest "a manifest that is no JSON" 'is not a complete snapshot' cp rank-000000.h5 manifest.json
manifest "no manifest" 'is not a complete snapshot' rm manifest.json
manifest "a changed job.h5" 'job.h5 is damaged' sh -c 'echo >>job.h5'
keep
"${as[@]}" rm -rf "$two"
"${as[@]}" ln -s 000002 "$two"
bad '000002: Too many levels of symbolic links'
ok $? "a snapshot that is a link to itself"
run "$rankferry" list "$job"; [ $? = 1 ] && grep -q "$one .*complete" out && grep -q "$two .*damaged" out
ok $? "list shows what is good and what is not"
run "$rankferry" prune "$job" --keep 1; [ $? = 1 ] && [ -e "$one/manifest.json" ] && grep -q 'nothing is removed' err
ok $? "prune removes nothing when it does not know what is needed"
rm "$two"
undo

"${as[@]}" mv "$one/rank-000000.h5" hidden
run "$rankferry" verify "$two"; [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q '000002/rank-000000.h5 needs .*000001/rank-000000.h5' err && not_restored '000001/rank-000000.h5'
ok $? "a missing base"
"${as[@]}" cp "$one/rank-000001.h5" "$one/rank-000000.h5"
run "$rankferry" verify "$two"; [ $? = 1 ] && grep -q 'not the file it was written against' err && not_restored 'not the file it was written against'
ok $? "another file in the base's place"
"${as[@]}" mv hidden "$one/rank-000000.h5"
offset=$(sed -n 's/^pages \([0-9]*\) .*/\1/p' "$one/rank-000000.h5" | head -n 1)
flip "$one/rank-000000.h5" $((offset + 5000))
run "$rankferry" verify "$two"; [ $? = 1 ] && grep -q '000001/rank-000000.h5 is damaged' err && not_restored '000001/rank-000000.h5 is damaged'
ok $? "a damaged page in the base"
flip "$one/rank-000000.h5" $((offset + 5000))
run "$rankferry" verify "$one" "$two"
ok $? "both are good again"

# ---- writing ----

# nothing_left DIR: a failed writer has left no file
nothing_left() { [ -z "$(ls -A "$1")" ]; }

"${as[@]}" mkdir closed && chmod 555 closed
if [ ${#as[@]} -gt 0 ] || [ "$(id -u)" != 0 ]; then
	run env TAKE_WRITER="$writer" TAKE_SYNC=1 "$programs/t-plain" "$work/closed/img"
	[ $? = 1 ] && grep -q 'no image: .*closed/img.1' err && nothing_left closed
	ok $? "a directory that cannot be written to: the reason is said"
	run "$store" begin "$work/closed/store" job; [ $? = 1 ] && grep -q 'closed/store: Permission denied' err
	ok $? "a store that cannot be made: the reason is said"
fi
mkdir full
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k,mode=1777 tmpfs full 2>/dev/null; then
	trap 'umount -l "$work/full"; rm -rf "$work"' EXIT
	for how in TAKE_SYNC=1 TAKE_COMPRESS=lz4 TAKE_CHILD=1; do
		status=0 failures=0 sizes=0
		for ((k = 64; k <= 20480; k += k / 4)); do
			mount -o remount,size=${k}k full
			sizes=$((sizes + 1))
			if run env TAKE_WRITER="$writer" TAKE_EXIT=1 "$how" "$programs/t-plain" "$work/full/img"; then
				run "$restore" full/img.1 && says restored || status=1
				rm -f full/img.1
			else
				failures=$((failures + 1))
				if ! { grep -qE 'no image: .*(No space left|are free|disk is full)' err && nothing_left full; }; then
					echo "# with $k KiB: $(cat err) $(ls -A full)"
					status=1
				fi
			fi
		done
		[ $failures -gt 3 ] && [ $failures -lt $sizes ] || status=1
		ok $status "a disk that is full: the reason is said, nothing is left ($how)"
	done
	rm -rf full/*
	mount -o remount,size=64m full
	run "$store" begin "$work/full/store" job && cur=$(cat out) && "${as[@]}" cp "$one/rank-000000.h5" "$cur" &&
		"${as[@]}" dd if=/dev/zero of=full/fill bs=64k status=none 2>/dev/null
	publish 1
	[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'No space left\|job.h5' err && [ ! -e full/store/job/000001 ]
	ok $? "a disk that is full when a snapshot is published: it is not"
	rm full/fill
	publish 1 && run "$rankferry" verify full/store/job/000001
	ok $? "and is when there is room again"
	mount -o remount,ro full
	run env TAKE_WRITER="$writer" "$programs/t-plain" "$work/full/store/img"
	[ $? = 1 ] && grep -q 'no image: .*Read-only file system' err
	ok $? "a store that is read-only: the reason is said"
	run "$rankferry" verify full/store/job/000001
	ok $? "and its snapshots can be verified"
fi
begin && "${as[@]}" cp "$one/rank-000000.h5" "$cur"
publish 2
[ $? = 1 ] && grep -q 'rank-000001.h5: No such file' err && [ ! -e "${cur%.partial}" ] && run "$rankferry" list "$job" && grep -q "$cur .*partial" out
ok $? "a rank without a file: nothing is published"
run "$store" abandon "$cur" && [ ! -e "$cur" ]
ok $? "what is abandoned goes"

# ---- prune ----

begin && "${as[@]}" cp "$one"/rank-*.h5 "$cur" && publish 2 && begin
run "$rankferry" prune "$job" --keep 2 --dry-run --json && $python -c '
import json, sys
assert json.load(sys.stdin) == {"dry_run": True, "removed": []}' <out
ok $? "prune keeps a base of what is kept"
run "$rankferry" prune "$job" --keep 1 --dry-run && [ "$(grep -c 'would remove' out)" = 2 ] && [ -d "$one" ]
ok $? "prune --dry-run removes nothing"
run "$rankferry" prune "$job" --keep 1 --dry-run --only 2,7 && [ "$(cat out)" = "would remove $two" ]
ok $? "prune --only removes no other"
run "$rankferry" prune "$job" --keep 1 && [ ! -e "$one" ] && [ ! -e "$two" ] && [ -d "$cur" ] && run "$rankferry" verify "$job/000003"
ok $? "prune leaves what is being written alone"
run "$rankferry" prune "$job" --keep 1 --partial && [ ! -e "$cur" ] && [ "$(ls "$job")" = 000003 ]
ok $? "prune --partial removes it"

echo "1..$count"
exit $failed
