# SPDX-License-Identifier: BSD-3-Clause
"""A Python script as a rank that does not use MPI at all.

corpus: ranks=2
corpus: needs=mpi4py
"""
import os

if os.environ["OMPI_COMM_WORLD_RANK"] == "0":
    print("rank 0 of", os.environ["OMPI_COMM_WORLD_SIZE"])
