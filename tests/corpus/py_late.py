# SPDX-License-Identifier: BSD-3-Clause
"""mpi4py without automatic initialisation: MPI_Init late, in a chosen level, and MPI_Finalize early.

corpus: ranks=2
corpus: needs=mpi4py
"""
import os

import mpi4py

mpi4py.rc.initialize = False
mpi4py.rc.finalize = False
from mpi4py import MPI  # noqa: E402

assert not MPI.Is_initialized()
level = MPI.Init_thread(MPI.THREAD_FUNNELED)
assert level >= MPI.THREAD_FUNNELED
comm = MPI.COMM_WORLD
for step in range(int(os.environ.get("CORPUS_ITERATIONS", 3))):
    total = comm.allreduce(comm.rank + 1)
    assert total == comm.size * (comm.size + 1) // 2
names = comm.gather(MPI.Get_library_version()[:13])
rank = comm.rank
MPI.Finalize()
assert MPI.Is_finalized()
if rank == 0:
    print(level, total, names)
