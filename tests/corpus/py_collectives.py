# SPDX-License-Identifier: BSD-3-Clause
"""mpi4py: collectives on buffers and on objects, user operations in Python, and non-blocking ones.

corpus: ranks=1,3
corpus: needs=mpi4py
"""
import array
import os
import zlib

from mpi4py import MPI

comm = MPI.COMM_WORLD.Dup()
rank, size = comm.rank, comm.size
crc = 0


def join(a, b):
    return a + "," + b


def add(inbuf, inoutbuf, _datatype):
    left = memoryview(inbuf).cast("B").cast("i")
    right = memoryview(inoutbuf).cast("B").cast("i")
    for i, value in enumerate(left):
        right[i] += 2 * value - value


op = MPI.Op.Create(add, commute=True)
for step in range(int(os.environ.get("CORPUS_ITERATIONS", 3))):
    values = array.array("i", [rank + step + i for i in range(100)])
    total = array.array("i", [0]) * 100
    for how in (MPI.SUM, op):
        comm.Allreduce([values, MPI.INT], [total, MPI.INT], op=how)
        assert total[5] == sum(r + step + 5 for r in range(size)), (total[5], how)
    everything = array.array("i", [0]) * (100 * size)
    request = comm.Iallgather([values, MPI.INT], [everything, MPI.INT])
    words = comm.allgather({"rank": rank, "step": step})
    assert [w["rank"] for w in words] == list(range(size))
    request.Wait()
    assert everything[100 * (size - 1)] == size - 1 + step
    text = comm.allreduce(f"{rank}.{step}", op=join)
    assert text == ",".join(f"{r}.{step}" for r in range(size))
    part = comm.scatter([i * i for i in range(size)] if rank == 0 else None, root=0)
    assert part == rank * rank
    assert comm.bcast(("b", step) if rank == size - 1 else None, root=size - 1) == ("b", step)
    crc = zlib.crc32(total.tobytes() + everything.tobytes() + text.encode(), crc)
op.Free()
sums = comm.gather(crc)
comm.Free()
if rank == 0:
    print("checksums", " ".join(f"{c:08x}" for c in sums))
