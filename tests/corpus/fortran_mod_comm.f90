! SPDX-License-Identifier: BSD-3-Clause
! use mpi: communicators, groups, Cartesian topology, intercommunicators, info and names.
!
! corpus: ranks=2,4
include 'corpus.inc'

program comm
	use corpus
	use mpi
	implicit none
	integer :: ierr, rank, nranks, round, half, side, cart, dims(2), coords(2), left, right, value, in
	integer :: world, part, result, info, inter, merged, n, r, length, small
	integer :: status(MPI_STATUS_SIZE)
	integer(8) :: sum, sums(64)
	character(len=MPI_MAX_OBJECT_NAME) :: name
	character(len=20) :: text
	logical :: periods(2), flag

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	dims = 0
	periods = [.true., .false.]
	call MPI_Dims_create(nranks, 2, dims, ierr)
	call MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, .false., cart, ierr)
	call MPI_Cart_coords(cart, rank, 2, coords, ierr)
	call MPI_Cart_shift(cart, 0, 1, left, right, ierr)
	call MPI_Comm_set_name(cart, 'grid', ierr)
	call MPI_Comm_get_name(cart, name, length, ierr)
	call check('the name grid', name(1:length) == 'grid')
	call MPI_Info_create(info, ierr)
	call MPI_Info_set(info, 'colour', 'green ', ierr)
	call MPI_Info_get(info, 'colour', 20, text, flag, ierr)
	call check('colour', flag .and. text == 'green')
	call MPI_Info_free(info, ierr)
	side = mod(rank, 2)
	call MPI_Comm_split(MPI_COMM_WORLD, side, rank, half, ierr)
	call MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, 1 - side, 6, inter, ierr)
	call MPI_Comm_test_inter(inter, flag, ierr)
	call check('an intercommunicator', flag)
	call MPI_Intercomm_merge(inter, side == 1, merged, ierr)
	call MPI_Comm_group(MPI_COMM_WORLD, world, ierr)
	call MPI_Group_incl(world, 1, [0], part, ierr)
	call MPI_Comm_create(MPI_COMM_WORLD, part, small, ierr)
	call check('only rank 0 in it', (small /= MPI_COMM_NULL) .eqv. (rank == 0))
	call MPI_Group_size(part, n, ierr)
	call check_int('group size', n, 1)
	sum = 1
	do round = 1, corpus_rounds()
		value = corpus_value(rank, round, 1)
		in = -1
		call MPI_Sendrecv(value, 1, MPI_INTEGER, right, 1, in, 1, MPI_INTEGER, left, 1, cart, status, ierr)
		call check_int('from the left', in, corpus_value(left, round, 1))
		call MPI_Comm_rank(merged, r, ierr)
		call MPI_Scan(value, in, 1, MPI_INTEGER, MPI_MAX, merged, ierr)
		sum = corpus_add(sum, in)
		call MPI_Comm_compare(MPI_COMM_WORLD, merged, result, ierr)
		call check('similar or congruent', result == MPI_SIMILAR .or. result == MPI_CONGRUENT)
	end do
	if (small /= MPI_COMM_NULL) call MPI_Comm_free(small, ierr)
	call MPI_Group_free(part, ierr)
	call MPI_Group_free(world, ierr)
	call MPI_Comm_free(merged, ierr)
	call MPI_Comm_free(inter, ierr)
	call MPI_Comm_free(half, ierr)
	call MPI_Comm_free(cart, ierr)
	call check('null', cart == MPI_COMM_NULL)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
end program
