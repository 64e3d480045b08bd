c     SPDX-License-Identifier: BSD-3-Clause
c     Fortran 77 with mpif.h: collectives with MPI_IN_PLACE, MPI_BOTTOM and absolute addresses.
c
c     corpus: ranks=1,2,4
      include 'corpus.inc'

      program coll
      use corpus
      implicit none
      include 'mpif.h'
      integer n
      parameter (n = 200)
      integer ierr, rank, nranks, round, i, r, want, root
      integer a(n), b(n), all(n * 64), types(2), lengths(2), both
      integer(kind=MPI_ADDRESS_KIND) places(2)
      integer*8 sum, sums(64)
      common /blocks/ a, b
      call MPI_INIT(ierr)
      call MPI_COMM_RANK(MPI_COMM_WORLD, rank, ierr)
      call MPI_COMM_SIZE(MPI_COMM_WORLD, nranks, ierr)
      call MPI_GET_ADDRESS(a, places(1), ierr)
      call MPI_GET_ADDRESS(b, places(2), ierr)
      lengths(1) = n
      lengths(2) = n
      types(1) = MPI_INTEGER
      types(2) = MPI_INTEGER
      call MPI_TYPE_CREATE_STRUCT(2, lengths, places, types, both,
     &     ierr)
      call MPI_TYPE_COMMIT(both, ierr)
      sum = 1
      do round = 1, corpus_rounds()
         root = mod(round, nranks)
         do i = 1, n
            a(i) = corpus_value(rank, round, i)
         end do
         call MPI_ALLREDUCE(MPI_IN_PLACE, a, n, MPI_INTEGER, MPI_SUM,
     &        MPI_COMM_WORLD, ierr)
         do i = 1, n
            want = 0
            do r = 0, nranks - 1
               want = want + corpus_value(r, round, i)
            end do
            call check_int('sum', a(i), want)
            sum = corpus_add(sum, a(i))
            all(rank * n + i) = corpus_value(rank, round, i)
         end do
         call MPI_ALLGATHER(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n,
     &        MPI_INTEGER, MPI_COMM_WORLD, ierr)
         do r = 0, nranks - 1
            call check_int('all', all(r * n + 7),
     &           corpus_value(r, round, 7))
         end do
         if (rank .eq. root) then
            do i = 1, n
               a(i) = round + i
               b(i) = round * i
            end do
         end if
         call MPI_BCAST(MPI_BOTTOM, 1, both, root, MPI_COMM_WORLD,
     &        ierr)
         call check_int('a', a(n), round + n)
         call check_int('b', b(n), round * n)
         if (rank .eq. root) then
            call MPI_SCATTER(all, n, MPI_INTEGER, MPI_IN_PLACE, n,
     &           MPI_INTEGER, root, MPI_COMM_WORLD, ierr)
         else
            call MPI_SCATTER(all, n, MPI_INTEGER, b, n,
     &           MPI_INTEGER, root, MPI_COMM_WORLD, ierr)
            call check_int('b', b(3), corpus_value(rank, round, 3))
         end if
         call MPI_BARRIER(MPI_COMM_WORLD, ierr)
      end do
      call MPI_TYPE_FREE(both, ierr)
      call MPI_GATHER(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0,
     &     MPI_COMM_WORLD, ierr)
      if (rank .eq. 0) call corpus_report(sums(1:nranks))
      call MPI_FINALIZE(ierr)
      end program
