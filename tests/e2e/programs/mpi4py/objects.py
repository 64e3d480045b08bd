#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Python objects and numpy arrays through MPI; rank 0 prints what arrived."""
import hashlib

import mpi4py
import numpy

# windows over TCP (Open MPI's osc pt2pt) exclude mpi4py's default, MPI_THREAD_MULTIPLE
mpi4py.rc.thread_level = "serialized"

from mpi4py import MPI  # noqa: E402

world = MPI.COMM_WORLD
rank, size = world.rank, world.size


def say(*words):
    if rank == 0:
        print(*words, flush=True)


# pickled objects, point to point and collective
thing = {"rank": rank, "text": "x" * (1000 * rank), "nested": [(i, i * rank) for i in range(5)]}
request = world.isend(thing, dest=(rank + 1) % size, tag=7)
arrived = world.recv(source=(rank - 1) % size, tag=7)
request.wait()
assert arrived["rank"] == (rank - 1) % size and len(arrived["text"]) == 1000 * arrived["rank"]
say("objects", world.gather(sorted(arrived)[0] + str(arrived["nested"][2][1])))
say("alltoall", world.alltoall([f"{rank}>{to}" for to in range(size)]))

# buffers of several types, a derived datatype, a user's operation in Python
field = numpy.arange(size * 1000, dtype="d") * (rank + 1)
total = numpy.empty_like(field)
world.Allreduce(field, total)
say("allreduce", hashlib.sha256(total.tobytes()).hexdigest())
column = MPI.DOUBLE.Create_vector(10, 1, 100).Commit()
square = field[:1000].reshape(10, 100).copy()
received = numpy.zeros(10)
world.Sendrecv([square, 1, column], (rank + 1) % size, 3, [received, 10, MPI.DOUBLE], (rank - 1) % size, 3)
column.Free()
say("column", received.tolist())


def product(a, b, datatype):
    left, right = numpy.frombuffer(a, "i").reshape(-1, 2, 2), numpy.frombuffer(b, "i").reshape(-1, 2, 2)
    right[:] = left @ right


matrix_type = MPI.INT.Create_contiguous(4).Commit()
op = MPI.Op.Create(product, commute=False)
matrix = numpy.array([[1, rank + 1], [0, 1]] if rank % 2 else [[1, 0], [rank + 1, 1]], "i")
world.Allreduce(MPI.IN_PLACE, [matrix, 1, matrix_type], op)
op.Free()
matrix_type.Free()
say("operation", matrix.tolist())

# communicators with attributes, an intercommunicator, a topology
copies = []
keyval = MPI.Comm.Create_keyval(copy_fn=lambda comm, key, value: copies.append(value) or value + 1)
half = world.Split(rank % 2, rank)
half.Set_attr(keyval, 41)
other = half.Dup()
assert other.Get_attr(keyval) == 42 and copies == [41]
if size > 1:
    inter = half.Create_intercomm(0, world, 1 - rank % 2, 5)
    say("other half", inter.allgather((rank, half.rank)))
    inter.Free()
other.Free()
half.Free()
MPI.Comm.Free_keyval(keyval)
ring = world.Create_cart([size], periods=[True])
say("neighbours", ring.neighbor_allgather(rank))
ring.Free()

# one-sided: everybody adds to everybody
window = MPI.Win.Allocate(size * 8, 8, comm=world)
memory = numpy.frombuffer(window.tomemory(), "q")
memory[:] = 0
window.Fence()
for to in range(size):
    window.Accumulate(numpy.array([rank + 1], "q"), to, [rank, 1, MPI.LONG_LONG], op=MPI.SUM)
window.Fence()
say("window", memory.tolist())
window.Free()

# errors are Python exceptions
try:
    world.send(None, dest=size + 5)
except MPI.Exception as error:
    say("error class", error.Get_error_class() == MPI.ERR_RANK)
