#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Programs that are hard to stop: message storms, ANY_SOURCE, matched messages, a receiver that is far behind, collectives on many
# communicators, random non-blocking traffic, a heap that changes all the time, ranks that compute, sleep or are
# blocked in the kernel. Each is snapshotted while it runs, killed, restarted, and sees nothing of it.
#   RF_KINDS="storm heap"   only these (default: nine of them; RF_LARGE: all)
#   RF_SECONDS=N            each works so long (default 5; RF_LARGE: 60)
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2
. "$e2e/snapshots.sh"
. "$e2e/hurt.sh"

seconds=${RF_SECONDS:-$([ -n "$RF_LARGE" ] && echo 60 || echo 5)}
restarts=$([ -n "$RF_LARGE" ] && echo 5 || echo 1)

kinds="storm comms traffic threads heap blocked probed behind naps"
[ -z "$RF_LARGE" ] || kinds=$hurt_kinds

for kind in ${RF_KINDS:-$kinds}; do
	survives "$kind" 1 "$restarts" $((seconds * 1000)) --host "node1:2,node2:2" ./endure "$kind" "$seconds" || continue
	unhurt "$kind"
done
nothing_runs
done_testing
