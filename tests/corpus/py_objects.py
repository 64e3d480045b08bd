# SPDX-License-Identifier: BSD-3-Clause
"""mpi4py: datatypes, groups, topologies, attributes, errors, windows and files as Python objects.

corpus: ranks=2
corpus: refused-while=a window|windows|osc_rdma|open MPI file
corpus: needs=mpi4py
"""
import os
import zlib

from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, size, peer = comm.rank, comm.size, 1 - comm.rank
crc = 0
deleted = []
keyval = MPI.Comm.Create_keyval(copy_fn=lambda o, k, v: v + 1, delete_fn=lambda o, k, v: deleted.append(v))
for step in range(int(os.environ.get("CORPUS_ITERATIONS", 3))):
    column = MPI.INT.Create_vector(4, 1, 4).Commit()
    assert column.Get_envelope()[3] == MPI.COMBINER_VECTOR
    matrix = memoryview(bytearray(64)).cast("i")
    for i in range(16):
        matrix[i] = rank * 100 + step + i
    got = memoryview(bytearray(64)).cast("i")
    comm.Sendrecv([matrix, 1, column], peer, 1, [got, 4, MPI.INT], peer, 1)
    assert got[3] == peer * 100 + step + 12
    column.Free()
    cart = comm.Create_cart([size], periods=[True])
    assert cart.Shift(0, 1) == (peer, peer)
    cart.Set_attr(keyval, 10)
    dup = cart.Dup()
    assert dup.Get_attr(keyval) == 11 and isinstance(dup, MPI.Cartcomm)
    dup.Free()
    cart.Free()
    assert deleted[-2:] == [11, 10]
    group = comm.Get_group().Incl([1])
    small = comm.Create(group)
    assert (small == MPI.COMM_NULL) == (rank == 0)
    if small != MPI.COMM_NULL:
        small.Free()
    try:
        comm.Send([matrix, MPI.INT], dest=77)
        raise SystemExit("expected an exception")
    except MPI.Exception as error:
        assert error.Get_error_class() == MPI.ERR_RANK
    window = MPI.Win.Allocate(16, comm=comm)
    memory = memoryview(window).cast("B").cast("i")
    window.Fence()
    window.Put([matrix, 4, MPI.INT], peer)
    window.Fence()
    assert memory[2] == peer * 100 + step + 2
    crc = zlib.crc32(bytes(memory), crc)
    window.Fence()
    del memory
    window.Free()
    path = os.path.join(os.environ["CORPUS_TMP"], "python")
    file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_RDWR)
    file.Write_at_all(64 * rank, matrix)
    file.Sync()
    comm.Barrier()
    file.Read_at_all(64 * peer, got)
    assert got[15] == peer * 100 + step + 15
    file.Close()
    crc = zlib.crc32(bytes(got), crc)
MPI.Comm.Free_keyval(keyval)
sums = comm.gather(crc)
if rank == 0:
    print("checksums", " ".join(f"{c:08x}" for c in sums))
