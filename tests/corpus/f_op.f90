! SPDX-License-Identifier: BSD-3-Clause
!
! Operations written in Fortran, on predefined and derived types, and generalized requests.
!
! corpus: ranks=1,2,3
include 'corpus.inc'

module operations
	use mpi
	implicit none
	integer :: pair_type, calls = 0, seen = -1
	integer(MPI_ADDRESS_KIND) :: queried = 0, freed = 0, cancelled = 0
contains
	subroutine largest(in, inout, count, type)
		integer :: count, type, bytes, ierr, i
		integer :: in(2*count), inout(2*count)
		seen = type
		calls = calls + 1
		call mpi_type_size(type, bytes, ierr)
		if (bytes /= 8) stop 'corpus: expected a type of 8 bytes'
		do i = 1, 2*count, 2
			if (in(i + 1) > inout(i + 1)) inout(i:i + 1) = in(i:i + 1)
		end do
	end subroutine

	subroutine plus(in, inout, count, type)
		integer :: count, type
		real(8) :: in(count), inout(count)
		seen = type
		inout = inout + in
	end subroutine

	subroutine on_query(state, status, ierr)
		integer(MPI_ADDRESS_KIND) :: state
		integer :: status(MPI_STATUS_SIZE), ierr
		queried = queried + state
		call mpi_status_set_elements(status, MPI_INTEGER, 3, ierr)
		call mpi_status_set_cancelled(status, .false., ierr)
		status(MPI_SOURCE) = 8
		status(MPI_TAG) = 9
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_free(state, ierr)
		integer(MPI_ADDRESS_KIND) :: state
		integer :: ierr
		freed = freed + state
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_cancel(state, complete, ierr)
		integer(MPI_ADDRESS_KIND) :: state
		logical :: complete
		integer :: ierr
		if (.not. complete) cancelled = cancelled + state
		ierr = MPI_SUCCESS
	end subroutine
end module

program main
	use corpus
	use mpi
	use operations
	implicit none
	integer, parameter :: n = 12
	integer :: rank, nprocs, round, op, request, ierr, i, r, best, count
	integer :: mine(2*n), got(2*n), status(MPI_STATUS_SIZE)
	integer(MPI_ADDRESS_KIND), target :: state
	real(8) :: halves(n), total(n)
	integer(8) :: sum = 5
	integer(8), allocatable :: sums(:)
	logical :: commutes

	call mpi_init(ierr)
	call mpi_comm_rank(MPI_COMM_WORLD, rank, ierr)
	call mpi_comm_size(MPI_COMM_WORLD, nprocs, ierr)
	allocate (sums(nprocs))
	call mpi_type_contiguous(2, MPI_INTEGER, pair_type, ierr)
	call mpi_type_commit(pair_type, ierr)
	do round = 1, corpus_rounds()
		call mpi_op_create(largest, .true., op, ierr)
		call check_int('op_create', ierr, MPI_SUCCESS)
		call mpi_op_commutative(op, commutes, ierr)
		call check('commutes', commutes)
		do i = 1, n
			mine(2*i - 1) = rank
			mine(2*i) = corpus_value(rank, round, i)
		end do
		seen = -1 ! a rank may have nothing to reduce
		call mpi_allreduce(mine, got, n, pair_type, op, MPI_COMM_WORLD, ierr)
		if (seen /= -1) call check_int('the type', seen, pair_type)
		do i = 1, n
			best = 0
			do r = 1, nprocs - 1
				if (corpus_value(r, round, i) > corpus_value(best, round, i)) best = r
			end do
			call check_int('the largest', got(2*i), corpus_value(best, round, i))
			call check_int('whose it is', got(2*i - 1), best)
			sum = corpus_add(sum, got(2*i))
		end do
		call mpi_op_free(op, ierr)
		call check_int('a freed operation', op, MPI_OP_NULL)
		call mpi_op_create(plus, .false., op, ierr)
		call mpi_op_commutative(op, commutes, ierr)
		call check('does not commute', .not. commutes)
		halves = 0.5d0
		seen = -1
		call mpi_iallreduce(halves, total, n, MPI_DOUBLE_PRECISION, op, MPI_COMM_WORLD, request, ierr)
		call mpi_op_free(op, ierr)
		call mpi_wait(request, MPI_STATUS_IGNORE, ierr)
		if (seen /= -1) call check_int('the type', seen, MPI_DOUBLE_PRECISION)
		call check('the total', all(total == nprocs/2d0))

		state = 100
		queried = 0; freed = 0; cancelled = 0
		call mpi_grequest_start(on_query, on_free, on_cancel, state, request, ierr)
		call mpi_cancel(request, ierr)
		call check('a call of cancel', cancelled == 100)
		call mpi_grequest_complete(request, ierr)
		call mpi_wait(request, status, ierr)
		call check_int('a completed request', request, MPI_REQUEST_NULL)
		call check('a call of query and free', queried == 100 .and. freed == 100)
		call check_int('source', status(MPI_SOURCE), 8)
		call check_int('tag', status(MPI_TAG), 9)
		call mpi_get_elements(status, MPI_INTEGER, count, ierr)
		call check_int('elements', count, 3)
	end do
	call mpi_type_free(pair_type, ierr)
	call mpi_gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums)
	call mpi_finalize(ierr)
end program
