# SPDX-License-Identifier: BSD-3-Clause
"""mpi4py: messages of buffers and of pickled objects, non-blocking, probed, and from any source.

corpus: ranks=2,3
corpus: needs=mpi4py
"""
import array
import os
import zlib

from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, size = comm.Get_rank(), comm.Get_size()
right, left = (rank + 1) % size, (rank - 1) % size
crc = 0
for step in range(int(os.environ.get("CORPUS_ITERATIONS", 3))):
    out = array.array("i", (rank * 1000 + step * 7 + i for i in range(500)))
    here = array.array("i", [0]) * 500
    request = comm.Isend([out, MPI.INT], dest=right, tag=step)
    status = MPI.Status()
    comm.Recv([here, MPI.INT], source=MPI.ANY_SOURCE, tag=MPI.ANY_TAG, status=status)
    request.Wait()
    assert status.Get_source() == left and status.Get_tag() == step
    assert status.Get_count(MPI.INT) == 500
    assert here[499] == left * 1000 + step * 7 + 499
    thing = {"from": rank, "step": step, "list": list(range(rank)), "text": "ferry " * rank}
    request = comm.isend(thing, dest=right, tag=99)
    got = comm.recv(source=left, tag=99)
    request.wait()
    assert got == {"from": left, "step": step, "list": list(range(left)), "text": "ferry " * left}
    message = None
    request = comm.Isend([out, 10, MPI.INT], dest=right, tag=5)
    while message is None:
        message = comm.Improbe(source=left, tag=5, status=status)
    message.Recv([here, 10, MPI.INT])
    request.Wait()
    crc = zlib.crc32(here.tobytes() + repr(sorted(got.items())).encode(), crc)
sums = comm.gather(crc, root=0)
if rank == 0:
    print("checksums", " ".join(f"{c:08x}" for c in sums))
