c     SPDX-License-Identifier: BSD-3-Clause
c     Fortran 77 with mpif.h: messages of all modes, statuses as arrays, probes and sendrecv.
c
c     corpus: ranks=2,4
      include 'corpus.inc'

      program p2p
      use corpus
      implicit none
      include 'mpif.h'
      integer n
      parameter (n = 500)
      integer ierr, rank, nranks, next, prev, round, i, count
      integer out(n), in(n), status(MPI_STATUS_SIZE)
      integer requests(2), statuses(MPI_STATUS_SIZE, 2)
      integer*8 sum, sums(64)
      logical flag
      call MPI_INIT(ierr)
      call check_int('ierr', ierr, MPI_SUCCESS)
      call MPI_COMM_RANK(MPI_COMM_WORLD, rank, ierr)
      call MPI_COMM_SIZE(MPI_COMM_WORLD, nranks, ierr)
      next = mod(rank + 1, nranks)
      prev = mod(rank + nranks - 1, nranks)
      sum = 1
      do round = 1, corpus_rounds()
         do i = 1, n
            out(i) = corpus_value(rank, round, i)
            in(i) = -1
         end do
         call MPI_ISEND(out, n, MPI_INTEGER, next, 7, MPI_COMM_WORLD,
     &        requests(1), ierr)
         call MPI_PROBE(MPI_ANY_SOURCE, 7, MPI_COMM_WORLD, status,
     &        ierr)
         call MPI_GET_COUNT(status, MPI_INTEGER, count, ierr)
         call check_int('count', count, n)
         call check_int('source', status(MPI_SOURCE), prev)
         call check_int('tag', status(MPI_TAG), 7)
         call MPI_RECV(in, n, MPI_INTEGER, prev, MPI_ANY_TAG,
     &        MPI_COMM_WORLD, MPI_STATUS_IGNORE, ierr)
         call MPI_WAIT(requests(1), MPI_STATUS_IGNORE, ierr)
         call check('null request', requests(1) .eq. MPI_REQUEST_NULL)
         do i = 1, n
            call check_int('in', in(i), corpus_value(prev, round, i))
            sum = corpus_add(sum, in(i))
         end do
         call MPI_IRECV(in, n, MPI_INTEGER, prev, 8, MPI_COMM_WORLD,
     &        requests(1), ierr)
         call MPI_ISSEND(out, n, MPI_INTEGER, next, 8,
     &        MPI_COMM_WORLD, requests(2), ierr)
         flag = .false.
         do while (.not. flag)
            call MPI_TESTALL(2, requests, flag, statuses, ierr)
         end do
         call check_int('source', statuses(MPI_SOURCE, 1), prev)
         call check_int('last', in(n), corpus_value(prev, round, n))
         call MPI_SENDRECV(out, n, MPI_INTEGER, MPI_PROC_NULL, 0,
     &        in, n, MPI_INTEGER, MPI_PROC_NULL, 0, MPI_COMM_WORLD,
     &        status, ierr)
         call check_int('null', status(MPI_SOURCE), MPI_PROC_NULL)
      end do
      call MPI_GATHER(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0,
     &     MPI_COMM_WORLD, ierr)
      if (rank .eq. 0) call corpus_report(sums(1:nranks))
      call MPI_FINALIZE(ierr)
      end program
