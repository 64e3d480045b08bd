#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Hosts are emptied with nobody at the keyboard, as monitors tell: a line in a file, a window in a calendar, a
# probe, a site's own plugin. What plugins must not do to a job, they do not do: some crash, hang,
# flood and talk nonsense all the time. And others are told what happens.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./steps 4000 25 hurry)

# Waits until COMMAND succeeds, at most $1 s; not longer than the job runs.
said()
{
	grep -q "^rankferry: $1" "$work/err"
}

times_said()
{
	[ "$(grep -c "^rankferry: $2" "$work/err")" = "$1" ]
}

running_on()
{
	on head "$RANKFERRY" status warded | grep -c " $1 .* running"
}

# A site's plugins, built as the site would: the example, and one that does what no plugin should.
mkdir plugins flags
include=$([ -n "${RF_PREFIX-}" ] && echo "$RF_PREFIX/include" || echo "$top/include")
ok "the example is built against the installed header" \
	gcc -Wall -Wextra -Werror -shared -fPIC -I"$include" -o plugins/monitor-flag.so "$top/plugins/example/flag.c"
ok "and in C++" g++ -Wall -Werror -fsyntax-only -x c++ -I"$include" - <<<'#include <rankferry/plugin.h>'
gcc -shared -fPIC -I"$include" -o plugins/monitor-bad.so "$top/tests/unit/bad_plugin.c" || bail "bad_plugin.c"
path=RANKFERRY_PLUGIN_PATH=$shared/plugins

run 30 on head "$path" "$RANKFERRY" plugins monitor flag
is "plugins: exit code" "$rc" 0
ok "plugins: it is listed" grep -q "^monitor flag 1 .*plugins/monitor-flag.so hosts are to be" <(tr -s ' ' <"$out")
ok "plugins: with its options" grep -q "^dir .*the directory with the flags" "$out"
run 30 on head "$path" "$RANKFERRY" plugins --json
ok "plugins: all kinds, as JSON" jq -e 'map(.kind) | (index("monitor") and index("notify"))' "$out"

refused()
{
	run 20 on head "$RANKFERRY" run --set "$1" mpirun true
	is "$1: refused" "$rc $(cut -c "1-${#2}" "$err")" "125 $2"
}
refused 'monitors=[{use: state, options: {fil: state}}]' \
	"rankferry: monitor state: it has no option 'fil', but file, command"
refused 'monitors=[{use: state}]' "rankferry: monitor state: set either file or command"
refused 'monitors=[{use: nosuch}]' "rankferry: no monitor 'nosuch': monitor-nosuch.so is not in "
refused 'notify=[{event: "*", use: prometheus, options: {file: x}}]' \
	"rankferry: notify prometheus: the collector only reads files named *.prom"

touch hurry
run 60 on head "${line[@]}"
rm hurry
is "plain: exit code" "$rc" 0
grep -oE 'rank [0-9]: [0-9]+' "$out" | sort >"$work/wanted"

# exits with 1 for hosts in the file sick, fails for node3, and hangs for node2
cat >probe <<'END'
#!/bin/sh
grep -x "$1" sick 2>/dev/null && exit 1
case $1 in node2) sleep 100 ;; node3) exit 2 ;; esac
END
cat >hook <<'END'
#!/bin/sh
echo "$RANKFERRY_EVENT: $RANKFERRY_TEXT" >>hooked
END
chmod +x probe hook
: >calendar
# memory errors of each host, which its keeper reads
for host in node1 node2 node3; do
	mkdir -p "sys/$host/devices/system/edac/mc/mc0"
	echo 0 >"sys/$host/devices/system/edac/mc/mc0/ue_count"
done

cat >policy.yaml <<'END'
evacuate: {on: [drain, unhealthy], parallel: 2}
hosts: {spares: "node3"}
placement: spares
monitors:
  - {use: state, every: 1s, options: {file: state}}
  - {use: calendar, every: 1s, options: {file: calendar, ahead: 1s}}
  - {use: probe, every: 1s, options: {command: './probe "$1"', limit: "1"}}
  - {use: flag, every: 1s, options: {dir: flags}}
  - {use: hardware, every: 1s}
  - {use: bad, every: 1s, options: {how: crash}}
  - {use: bad, every: 1s, options: {how: hang, timeout: 700ms}}
  - {use: bad, every: 1s, options: {how: flood}}
  - {use: bad, every: 1s, options: {how: nonsense}}
notify:
  - {event: "evacuate.*", use: exec, options: {command: ./hook}}
  - {event: "*", use: jsonl, options: {file: events}}
  - {event: "*", use: prometheus, options: {file: melt.prom}}
END
timeout -k 5 240 "$vhost" exec head "$path" RANKFERRY_SYS="$shared/sys/%h" "$RANKFERRY" run --job warded --store "$shared/store" \
	--policy policy.yaml "${line[@]}" >"$work/out" 2>"$work/err" </dev/null &
job=$!
within_job 60 grep -q '^step 40$' "$work/out" || bail "the job does not run: $(tail "$work/out" "$work/err")"

echo "node2 drain kernel update" >state
ok "node2 is empty" within_job 60 said "node2: empty"
empty "nothing is left on node2" node2
is "its ranks are on the spare" "$(running_on node3)" 2
said=$(on head "$RANKFERRY" evacuate --job warded --dry-run node3 2>&1)
is "a host that is to be drained is no target" "$? $said" \
	"125 rankferry: warded: no room for rank 2 of node3 on the job's other hosts: name others with --to"

printf 'node2 ok\nnonsense\n' >state
ok "a line that is none: said" within_job 60 \
	said "the monitor state can not tell how hosts are: state:2: no state after the host; "
echo "node2 ok" >state
ok "node2 may be used again" within_job 60 said "node2: ok, it may be used again"

echo "node[3-7] $(date -d '-1 hour' +%FT%T) $(date -d '+1 hour' +%FT%T) new switch" >calendar
ok "a window in the calendar empties node3" within_job 60 said "node3: empty"
empty "nothing is left on node3" node3
is "its ranks are on the host that is ok again" "$(running_on node2)" 2
: >calendar
ok "node3 may be used again" within_job 60 said "node3: ok, it may be used again"

echo node1 >sick
ok "a probe empties node1" within_job 60 said "node1: empty"
empty "nothing is left on node1" node1
: >sick
ok "node1 may be used again" within_job 60 said "node1: ok, it may be used again"
touch flags/node2
ok "the example empties node2" within_job 60 said "node2: drain (its flag is set); said by the monitor flag"
ok "node2 is empty once more" within_job 60 times_said 2 "node2: empty"
sed 's/^hosts: {/&home: return_after_maintenance, /' policy.yaml >home.yaml
ok "from now on ranks are to go back" on head "$RANKFERRY" policy apply warded home.yaml
rm flags/node2
ok "node2 is in order again, and its ranks are back" within_job 60 said "node2: its ranks are back"
is "they are" "$(running_on node2)" 2
ok "what crashes, hangs, floods or talks nonsense is switched off" \
	within_job 60 times_said 4 "the monitor bad is switched off: "
ok "events are counted for Prometheus" grep -qx 'rankferry_events_total{job="warded",event="evacuate.done"} 4' melt.prom

echo 2 >sys/node2/devices/system/edac/mc/mc0/ue_count
ok "memory errors empty node2" within_job 60 times_said 3 "node2: empty"
ok "for that reason" said "node2: unhealthy (2 uncorrected memory errors); said by the monitor hardware"

touch hurry
wait "$job"
is "exit code" $? 0
grep -oE 'rank [0-9]: [0-9]+' "$work/out" | sort >"$work/got"
same "results are those of an undisturbed run" "$work/got" "$work/wanted"
is "every step was made once" "$(grep -c '^step ' "$work/out")" 4000
is "a monitor that is switched off is named once" "$(grep -c 'monitor bad' "$work/err")" 4
is "a probe that fails or hangs does not count" "$(grep 'said by the monitor probe' "$work/err")" \
	"rankferry: node1: unhealthy (node1); said by the monitor probe"
is "hosts were emptied once for each reason" "$(grep -c ': moving its ranks away$' "$work/err")" 5
is "the hook was told of each" "$(grep -c '^evacuate.begin: evacuate.begin: host node' hooked) $(grep -c '^evacuate.done: ' hooked)" "5 5"
is "the file has all events, from the first to the last" "$(jq -r .event events | sed -n '1p;$p' | tr '\n' ' ')" "job.begin job.end "
is "Prometheus' file is gone" "$(ls melt.prom .melt.prom.* 2>/dev/null)" ""
diag "$(cat "$work/err")"
for host in head node1 node2 node3; do
	empty "no process is left on $host" "$host"
done
done_testing
