c     SPDX-License-Identifier: BSD-3-Clause
c     Fortran 77 with mpif.h: a user operation, attributes with copy and delete routines, and an error
c     handler, all of them external procedures.
c
c     corpus: ranks=2
      include 'corpus.inc'

      program user
      use corpus
      implicit none
      include 'mpif.h'
      external maxabs, copyit, dropit, handle
      integer ierr, rank, nranks, round, op, mine(2), got(2), r, i
      integer comm, dup, key, handler, class, calls(3), want
      integer(kind=MPI_ADDRESS_KIND) extra, value
      integer*8 sum, sums(64)
      logical flag
      common /counts/ calls
      call MPI_INIT(ierr)
      call MPI_COMM_RANK(MPI_COMM_WORLD, rank, ierr)
      call MPI_COMM_SIZE(MPI_COMM_WORLD, nranks, ierr)
      sum = 1
      do round = 1, corpus_rounds()
         do i = 1, 3
            calls(i) = 0
         end do
         call MPI_OP_CREATE(maxabs, .true., op, ierr)
         do i = 1, 2
            mine(i) = corpus_value(rank, round, i) - 500000
         end do
         call MPI_ALLREDUCE(mine, got, 2, MPI_INTEGER, op,
     &        MPI_COMM_WORLD, ierr)
         do i = 1, 2
            want = 0
            do r = 0, nranks - 1
               want = max(want, abs(corpus_value(r, round, i) - 500000))
            end do
            call check_int('maxabs', got(i), want)
            sum = corpus_add(sum, got(i))
         end do
         call MPI_OP_FREE(op, ierr)
         extra = 41
         call MPI_COMM_CREATE_KEYVAL(copyit, dropit, key, extra, ierr)
         call MPI_COMM_DUP(MPI_COMM_WORLD, comm, ierr)
         value = 1000 + round
         call MPI_COMM_SET_ATTR(comm, key, value, ierr)
         call MPI_COMM_DUP(comm, dup, ierr)
         call MPI_COMM_GET_ATTR(dup, key, value, flag, ierr)
         call check('copied attribute', flag)
         call check_int('value', int(value), 1000 + round + 41)
         call MPI_COMM_CREATE_ERRHANDLER(handle, handler, ierr)
         call MPI_COMM_SET_ERRHANDLER(dup, handler, ierr)
         call MPI_ERRHANDLER_FREE(handler, ierr)
         call MPI_SEND(mine, 1, MPI_INTEGER, nranks + 5, 0, dup, ierr)
         call MPI_ERROR_CLASS(ierr, class, ierr)
         call check_int('class', class, MPI_ERR_RANK)
         call MPI_COMM_FREE(dup, ierr)
         call MPI_COMM_FREE(comm, ierr)
         call MPI_COMM_FREE_KEYVAL(key, ierr)
         call check_int('copies', calls(1), 1)
         call check_int('deletes', calls(2), 2)
         call check_int('errors', calls(3), 1)
      end do
      call MPI_GATHER(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0,
     &     MPI_COMM_WORLD, ierr)
      if (rank .eq. 0) call corpus_report(sums(1:nranks))
      call MPI_FINALIZE(ierr)
      end program

      subroutine maxabs(in, inout, n, type)
      implicit none
      integer n, type, in(n), inout(n), i
      do i = 1, n
         inout(i) = max(abs(in(i)), abs(inout(i)))
      end do
      end subroutine

      subroutine copyit(comm, key, extra, in, out, flag, ierr)
      implicit none
      include 'mpif.h'
      integer comm, key, ierr, calls(3)
      integer(kind=MPI_ADDRESS_KIND) extra, in, out
      logical flag
      common /counts/ calls
      calls(1) = calls(1) + 1
      out = in + extra
      flag = .true.
      ierr = MPI_SUCCESS
      end subroutine

      subroutine dropit(comm, key, value, extra, ierr)
      implicit none
      include 'mpif.h'
      integer comm, key, ierr, calls(3)
      integer(kind=MPI_ADDRESS_KIND) value, extra
      common /counts/ calls
      calls(2) = calls(2) + 1
      ierr = MPI_SUCCESS
      end subroutine

      subroutine handle(comm, code)
      implicit none
      integer comm, code, calls(3)
      common /counts/ calls
      calls(3) = calls(3) + 1
      end subroutine
