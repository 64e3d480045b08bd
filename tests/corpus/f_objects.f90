! SPDX-License-Identifier: BSD-3-Clause
!
! Fortran's numbers of groups, datatypes and requests: every operation on groups, types by size, the
! null handles, arrays of requests, and statuses of empty calls.
!
! corpus: ranks=2,3
include 'corpus.inc'

program objects
	use corpus
	use mpi
	implicit none
	integer :: rank, nprocs, round, ierr, i, n, class
	integer :: world, even, rest, both, back, type, first(1), range(3, 1), requests(3), index
	integer :: data(2), got(2), status(MPI_STATUS_SIZE), statuses(MPI_STATUS_SIZE, 3), indices(3)
	integer(8) :: sum = 5
	integer(8), allocatable :: sums(:)
	logical :: flag

	call mpi_init(ierr)
	call mpi_comm_rank(MPI_COMM_WORLD, rank, ierr)
	call mpi_comm_size(MPI_COMM_WORLD, nprocs, ierr)
	allocate (sums(nprocs))
	do round = 1, corpus_rounds()
		call mpi_comm_group(MPI_COMM_WORLD, world, ierr)
		range(:, 1) = [0, nprocs - 1, 2]
		call mpi_group_range_incl(world, 1, range, even, ierr)
		call mpi_group_size(even, n, ierr)
		call check_int('even ranks', n, (nprocs + 1)/2)
		call mpi_group_range_excl(world, 1, range, rest, ierr)
		call mpi_group_size(rest, n, ierr)
		call check_int('the rest', n, nprocs/2)
		call mpi_group_union(even, rest, both, ierr)
		call mpi_group_compare(both, world, i, ierr)
		call check('all', i == MPI_IDENT .or. i == MPI_SIMILAR)
		call mpi_group_free(both, ierr)
		call check_int('a freed group', both, MPI_GROUP_NULL)
		call mpi_group_intersection(even, rest, both, ierr)
		call mpi_group_size(both, n, ierr)
		call check_int('nothing', n, 0)
		call check_int('the empty group', both, MPI_GROUP_EMPTY)
		call mpi_group_difference(world, rest, back, ierr)
		call mpi_group_compare(back, even, i, ierr)
		call check_int('the difference', i, MPI_IDENT)
		call mpi_group_free(back, ierr)
		first(1) = nprocs - 1
		call mpi_group_incl(world, 1, first, back, ierr)
		call mpi_group_rank(back, i, ierr)
		if (rank == nprocs - 1) call check_int('my rank', i, 0)
		if (rank /= nprocs - 1) call check_int('my rank', i, MPI_UNDEFINED)
		call mpi_group_free(back, ierr)
		call mpi_group_excl(world, 1, first, back, ierr)
		call mpi_group_size(back, n, ierr)
		call check_int('all but one', n, nprocs - 1)
		call mpi_group_free(back, ierr)
		call mpi_group_free(even, ierr)
		call mpi_group_free(rest, ierr)
		call mpi_group_free(world, ierr)

		do i = 1, 3
			select case (i)
			case (1)
				class = MPI_TYPECLASS_INTEGER
			case (2)
				class = MPI_TYPECLASS_REAL
			case (3)
				class = MPI_TYPECLASS_COMPLEX
			end select
			call mpi_type_match_size(class, 8, type, ierr)
			call mpi_type_size(type, n, ierr)
			call check_int('size of a type', n, 8)
			sum = corpus_add(sum, type)
		end do

		requests = MPI_REQUEST_NULL
		call mpi_testall(3, requests, flag, statuses, ierr)
		call check('nothing to wait for', flag)
		call mpi_waitany(0, requests, index, status, ierr)
		call check_int('no request', index, MPI_UNDEFINED)
		call check_int('source of an empty status', status(MPI_SOURCE), MPI_ANY_SOURCE)
		sum = corpus_add(sum, status(MPI_TAG))
		call mpi_testany(3, requests, index, flag, status, ierr)
		call check('no active request', flag .and. index == MPI_UNDEFINED)
		data = [corpus_value(rank, round, 1), rank]
		call mpi_irecv(got, 2, MPI_INTEGER, modulo(rank - 1, nprocs), 5, MPI_COMM_WORLD, requests(2), ierr)
		call mpi_isend(data, 2, MPI_INTEGER, modulo(rank + 1, nprocs), 5, MPI_COMM_WORLD, requests(3), ierr)
		call mpi_waitany(3, requests, index, status, ierr)
		call check('one of them', index == 2 .or. index == 3)
		call check_int('its request', requests(index), MPI_REQUEST_NULL)
		call mpi_waitsome(3, requests, n, indices, statuses, ierr)
		call check_int('the other', n, 1)
		call check('all done', all(requests == MPI_REQUEST_NULL))
		call check_int('received', got(2), modulo(rank - 1, nprocs))
		call check_int('received', got(1), corpus_value(got(2), round, 1))
		sum = corpus_add(sum, got(1))
	end do
	call mpi_gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums)
	call mpi_finalize(ierr)
end program
