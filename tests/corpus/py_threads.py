# SPDX-License-Identifier: BSD-3-Clause
"""mpi4py: Python threads that exchange messages at once; Python's own signals and child processes.

corpus: ranks=2
corpus: needs=mpi4py
"""
import os
import signal
import subprocess
import threading

from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, peer = comm.rank, 1 - comm.rank
assert MPI.Query_thread() == MPI.THREAD_MULTIPLE
rounds = int(os.environ.get("CORPUS_ITERATIONS", 3))
results = {}
ticks = []


def exchange(number):
    total = 0
    for step in range(rounds * 20):
        got = comm.sendrecv((rank, number, step), dest=peer, sendtag=number, source=peer, recvtag=number)
        assert got == (peer, number, step), got
        total += step
    results[number] = total


signal.signal(signal.SIGALRM, lambda number, frame: ticks.append(number))
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
threads = [threading.Thread(target=exchange, args=(n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert subprocess.run(["sh", "-c", "echo child; exit 3"], stdout=subprocess.PIPE, check=False).returncode == 3
while not ticks:
    comm.Iprobe()
signal.setitimer(signal.ITIMER_REAL, 0)
everything = comm.gather(sorted(results.items()))
if rank == 0:
    print(everything)
