#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `rankferry doctor` finds what is broken, says so, and fails only for what a job can not do without.
. "$(dirname "$0")/lib.sh"
need_hosts 1
[ -n "${RANKFERRY-}" ] || skip_all "there is no rankferry to ask"

# doctor [NAME=VALUE]...
doctor()
{
	run 60 on head --user "$test_user" "$@" "$RANKFERRY" doctor
}

level()
{
	awk -v check="$1" 'index($0, check) == 1 { sub(check, ""); print $1; exit }' "$out"
}

doctor
is "a host that can do all: exit code" "$rc" 0
is "nothing has failed" "$(grep -c ' FAIL ' "$out")" 0
is "Open MPI is there" "$(level "Open MPI")" ok
is "the fork agent is known" "$(level "fork agent")" ok
ok "the gate's mode is named" grep -q '^gate .* mode \(shared\|fsgsbase\|prctl\)' "$out"
doctor RANKFERRY_GATE=prctl
is "a slow gate is a warning" "$rc $(level gate)" "0 warn"
ok "with its reason" grep -q '^gate .*because RANKFERRY_GATE=prctl' "$out"
doctor RANKFERRY_GATE=nonsense
is "no gate is a failure" "$rc $(level gate)" "1 FAIL"

mkdir empty
printf '#!/bin/sh\necho mpirun of another MPI 3.0\n' >empty/mpirun
chmod -R a+rx empty
doctor PATH="$shared/empty:/usr/bin:/bin"
is "another mpirun is a failure" "$rc $(level "Open MPI")" "1 FAIL"
ok "that says what to do" grep -q '^Open MPI .*PATH' "$out"

on head ln -s /nowhere "/tmp/rankferry-$(on head id -u "$test_user")"
doctor
is "a run directory that is a symbolic link is a failure" "$rc $(level "run directory")" "1 FAIL"
run 60 on head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" -n 1 true
is "and no job runs with it" "$rc" 125
ok "which says why" grep -q '^rankferry: rank 0 on head: .*rankferry-' "$err"
on head rm "/tmp/rankferry-$(on head id -u "$test_user")"

run 60 on head --user "$test_user" "$RANKFERRY" doctor --json
ok "JSON that others can read" python3 -c 'import json, sys
for c in json.load(open(sys.argv[1])):
	assert c["level"] in ("ok", "warn", "FAIL") and c["check"] and c["found"]' "$out"
run 60 on head "$RANKFERRY" doctor --nosuch
is "an unknown option: exit code" "$rc" 125
done_testing
