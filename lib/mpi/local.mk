# lib/mpi
