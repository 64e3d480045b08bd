! SPDX-License-Identifier: BSD-3-Clause
! use mpi: non-blocking and variable collectives, reductions with MPI_MAXLOC, complex and logical data.
!
! corpus: ranks=2,4
include 'corpus.inc'

program nonblocking
	use corpus
	use mpi
	implicit none
	integer :: ierr, rank, nranks, round, r, requests(5), place(2), best(2), value, total, back
	integer, allocatable :: counts(:), offsets(:), all(:), mine(:), square(:), turned(:)
	integer(8) :: sum, sums(64)
	complex(8) :: z, zsum
	logical :: one, any_one, all_one

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	allocate (counts(nranks), offsets(nranks), square(nranks), turned(nranks), mine(rank + 1))
	do r = 1, nranks
		counts(r) = r
		offsets(r) = r*(r - 1)/2
	end do
	allocate (all(nranks*(nranks + 1)/2))
	sum = 1
	do round = 1, corpus_rounds()
		mine = corpus_value(rank, round, 1)
		do r = 1, nranks
			square(r) = corpus_value(rank, round, r)
		end do
		place = [mod(corpus_value(rank, round, 2), 3), rank]
		z = cmplx(rank, round, 8)
		one = rank == 0
		value = rank + round
		call MPI_Iallgatherv(mine, rank + 1, MPI_INTEGER, all, counts, offsets, MPI_INTEGER, MPI_COMM_WORLD, &
			requests(1), ierr)
		call MPI_Ialltoall(square, 1, MPI_INTEGER, turned, 1, MPI_INTEGER, MPI_COMM_WORLD, requests(2), ierr)
		call MPI_Iallreduce(place, best, 1, MPI_2INTEGER, MPI_MAXLOC, MPI_COMM_WORLD, requests(3), ierr)
		call MPI_Ibarrier(MPI_COMM_WORLD, requests(4), ierr)
		call MPI_Iexscan(value, back, 1, MPI_INTEGER, MPI_SUM, MPI_COMM_WORLD, requests(5), ierr)
		call MPI_Waitall(5, requests, MPI_STATUSES_IGNORE, ierr)
		do r = 1, nranks
			call check_int('gathered', all(offsets(r) + r), corpus_value(r - 1, round, 1))
			call check_int('turned', turned(r), corpus_value(r - 1, round, rank + 1))
		end do
		call check_int('winner', best(1), mod(corpus_value(best(2), round, 2), 3))
		if (rank > 0) call check_int('before', back, rank*(rank - 1)/2 + rank*round)
		call MPI_Allreduce(z, zsum, 1, MPI_DOUBLE_COMPLEX, MPI_SUM, MPI_COMM_WORLD, ierr)
		call check('complex sum', zsum == cmplx(nranks*(nranks - 1)/2, nranks*round, 8))
		call MPI_Allreduce(one, any_one, 1, MPI_LOGICAL, MPI_LOR, MPI_COMM_WORLD, ierr)
		call MPI_Allreduce(one, all_one, 1, MPI_LOGICAL, MPI_LAND, MPI_COMM_WORLD, ierr)
		call check('some and not all', any_one .and. .not. all_one)
		call MPI_Reduce_scatter_block(square, total, 1, MPI_INTEGER, MPI_SUM, MPI_COMM_WORLD, ierr)
		sum = corpus_add(sum, total)
	end do
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
end program
