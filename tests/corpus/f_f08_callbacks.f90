! SPDX-License-Identifier: BSD-3-Clause
!
! `use mpi_f08`: attributes, error handlers, operations and generalized requests with typed handles.
!
! corpus: ranks=1,2
include 'corpus.inc'

module functions
	use mpi_f08
	implicit none
	integer :: errors = 0, calls = 0
	integer(MPI_ADDRESS_KIND) :: deleted = 0, queried = 0
	type(MPI_Comm) :: last
contains
	subroutine on_copy(comm, keyval, extra, in, out, flag, ierr)
		type(MPI_Comm) :: comm
		integer :: keyval, ierr
		integer(MPI_ADDRESS_KIND) :: extra, in, out
		logical :: flag
		last = comm
		out = in + extra
		flag = .true.
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_delete(comm, keyval, value, extra, ierr)
		type(MPI_Comm) :: comm
		integer :: keyval, ierr
		integer(MPI_ADDRESS_KIND) :: value, extra
		deleted = deleted + value
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_error(comm, code)
		type(MPI_Comm) :: comm
		integer :: code
		errors = errors + 1
		last = comm
	end subroutine

	subroutine plus(in, inout, count, type)
		use, intrinsic :: iso_c_binding
		type(c_ptr), value :: in, inout
		integer :: count
		type(MPI_Datatype) :: type
		integer, pointer :: a(:), b(:)
		call c_f_pointer(in, a, [count])
		call c_f_pointer(inout, b, [count])
		if (type /= MPI_INTEGER) stop 'corpus: expected MPI_INTEGER'
		b = a + b
		calls = calls + 1
	end subroutine

	subroutine on_query(state, status, ierr)
		integer(MPI_ADDRESS_KIND) :: state
		type(MPI_Status) :: status
		integer :: ierr
		queried = queried + state
		call mpi_status_set_elements(status, MPI_INTEGER, 4, ierr)
		call mpi_status_set_cancelled(status, .false., ierr)
		status%MPI_SOURCE = 6
		status%MPI_TAG = 7
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_free(state, ierr)
		integer(MPI_ADDRESS_KIND) :: state
		integer :: ierr
		queried = queried*10
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_cancel(state, complete, ierr)
		integer(MPI_ADDRESS_KIND) :: state
		logical :: complete
		integer :: ierr
		ierr = MPI_SUCCESS
	end subroutine
end module

program main
	use corpus
	use mpi_f08
	use functions
	implicit none
	integer(MPI_ADDRESS_KIND), parameter :: large = 2_MPI_ADDRESS_KIND**40
	type(MPI_Comm) :: comm, copy
	type(MPI_Errhandler) :: handler
	type(MPI_Datatype) :: type
	type(MPI_Request) :: request
	type(MPI_Status) :: status
	type(MPI_Group) :: world, none
	type(MPI_Op) :: op
	integer :: rank, nprocs, round, key, value, total, count
	integer(MPI_ADDRESS_KIND) :: got, state
	integer(8) :: sum = 5
	integer(8), allocatable :: sums(:)
	logical :: flag

	call MPI_Init()
	call MPI_Comm_rank(MPI_COMM_WORLD, rank)
	call MPI_Comm_size(MPI_COMM_WORLD, nprocs)
	allocate (sums(nprocs))
	do round = 1, corpus_rounds()
		deleted = 0
		call MPI_Comm_create_keyval(on_copy, on_delete, key, large)
		call MPI_Comm_dup(MPI_COMM_WORLD, comm)
		call MPI_Comm_set_attr(comm, key, 3_MPI_ADDRESS_KIND)
		call MPI_Comm_dup(comm, copy)
		call check('the communicator', last == comm)
		call MPI_Comm_get_attr(copy, key, got, flag)
		call check('a copy', flag .and. got == large + 3)
		call MPI_Comm_delete_attr(copy, key)
		call check('the deleted value', deleted == large + 3)
		call MPI_Comm_free_keyval(key)
		call MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, got, flag)
		call check('MPI_TAG_UB', flag .and. got >= 32767)
		sum = corpus_add(sum, int(got))

		errors = 0
		call MPI_Comm_create_errhandler(on_error, handler)
		call MPI_Comm_set_errhandler(copy, handler)
		call MPI_Errhandler_free(handler)
		call MPI_Send(rank, 1, MPI_INTEGER, 4711, 0, copy)
		call check_int('errors', errors, 1)
		call check('the failed communicator', last == copy)
		call MPI_Comm_free(copy)
		call MPI_Comm_free(comm)

		call MPI_Op_create(plus, .true., op)
		value = corpus_value(rank, round, 1)
		call MPI_Allreduce(value, total, 1, MPI_INTEGER, op, MPI_COMM_WORLD)
		call MPI_Op_free(op)
		call check('a freed operation', op == MPI_OP_NULL)
		sum = corpus_add(sum, total)

		queried = 0
		state = 2
		call MPI_Grequest_start(on_query, on_free, on_cancel, state, request)
		call MPI_Grequest_complete(request)
		call MPI_Wait(request, status)
		call check('query and free', queried == 20)
		call check_int('source', status%MPI_SOURCE, 6)
		call check_int('tag', status%MPI_TAG, 7)
		call MPI_Get_elements(status, MPI_INTEGER, count)
		call check_int('elements', count, 4)

		call MPI_Type_match_size(MPI_TYPECLASS_REAL, 8, type)
		call MPI_Type_size(type, count)
		call check_int('size', count, 8)
		call MPI_Comm_group(MPI_COMM_WORLD, world)
		call MPI_Group_difference(world, world, none)
		call check('the empty group', none == MPI_GROUP_EMPTY)
		call MPI_Group_free(world)
	end do
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD)
	if (rank == 0) call corpus_report(sums)
	call MPI_Finalize()
end program
