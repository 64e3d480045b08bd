! SPDX-License-Identifier: BSD-3-Clause
!
! Error handlers in Fortran for communicators, windows and files, with `use mpi`; error classes and
! codes, and errors that the Fortran binding finds itself.
!
! corpus: ranks=2,3
! corpus: refused-while=a window|windows|osc_rdma|open MPI file
include 'corpus.inc'

module handlers
	use mpi
	implicit none
	integer :: calls = 0, last_object = -1, last_class = -1
contains
	subroutine on_error(object, code)
		integer :: object, code
		integer :: ierr
		calls = calls + 1
		last_object = object
		call mpi_error_class(code, last_class, ierr)
	end subroutine
end module

program errors
	use corpus
	use mpi
	use handlers
	implicit none
	integer :: rank, nprocs, round, comm, child, win, file, handler, got, ierr, class, code, length
	integer :: value, memory(8)
	integer(MPI_ADDRESS_KIND) :: bytes
	character(len=MPI_MAX_ERROR_STRING) :: text
	integer(8) :: sum = 5
	integer(8), allocatable :: sums(:)

	call mpi_init(ierr)
	call mpi_comm_rank(MPI_COMM_WORLD, rank, ierr)
	call mpi_comm_size(MPI_COMM_WORLD, nprocs, ierr)
	allocate (sums(nprocs))
	do round = 1, corpus_rounds()
		calls = 0
		call mpi_comm_dup(MPI_COMM_WORLD, comm, ierr)
		call mpi_comm_create_errhandler(on_error, handler, ierr)
		call check_int('create', ierr, MPI_SUCCESS)
		call mpi_comm_set_errhandler(comm, handler, ierr)
		call mpi_comm_get_errhandler(comm, got, ierr)
		call check_int('the handler', got, handler)
		call mpi_errhandler_free(got, ierr)
		call mpi_errhandler_free(handler, ierr)
		call check_int('a freed handler', handler, MPI_ERRHANDLER_NULL)
		call mpi_comm_split(comm, 0, rank, child, ierr)
		call mpi_send(value, 1, MPI_INTEGER, 4711, 0, child, ierr)
		call check('a failed send', ierr /= MPI_SUCCESS)
		call check_int('calls', calls, 1)
		call check_int('object', last_object, child)
		call check_int('class', last_class, MPI_ERR_RANK)
		call mpi_comm_call_errhandler(comm, MPI_ERR_TOPOLOGY, ierr)
		call check_int('object', last_object, comm)
		call check_int('class', last_class, MPI_ERR_TOPOLOGY)
		call mpi_errhandler_create(on_error, handler, ierr)
		call mpi_errhandler_set(comm, MPI_ERRORS_RETURN, ierr)
		call mpi_errhandler_set(comm, handler, ierr)
		call mpi_errhandler_free(handler, ierr)
		call mpi_bcast(value, 1, MPI_INTEGER, -7, comm, ierr)
		call check_int('calls', calls, 3)
		call mpi_comm_free(child, ierr)
		call mpi_comm_free(comm, ierr)

		bytes = 32
		call mpi_win_create(memory, bytes, 4, MPI_INFO_NULL, MPI_COMM_WORLD, win, ierr)
		call mpi_win_create_errhandler(on_error, handler, ierr)
		call mpi_win_set_errhandler(win, handler, ierr)
		call mpi_errhandler_free(handler, ierr)
		bytes = 0
		call mpi_put(value, 1, MPI_INTEGER, 4711, bytes, 1, MPI_INTEGER, win, ierr)
		call check_int('calls', calls, 4)
		call check_int('object', last_object, win)
		call mpi_win_call_errhandler(win, MPI_ERR_SIZE, ierr)
		call check_int('class', last_class, MPI_ERR_SIZE)
		call mpi_win_free(win, ierr)

		call mpi_file_create_errhandler(on_error, handler, ierr)
		call mpi_file_set_errhandler(MPI_FILE_NULL, handler, ierr)
		call mpi_errhandler_free(handler, ierr)
		call mpi_file_open(MPI_COMM_SELF, 'none/such', MPI_MODE_RDONLY, MPI_INFO_NULL, file, ierr)
		call check('a failed open', ierr /= MPI_SUCCESS)
		call check_int('calls', calls, 6)
		call check_int('object', last_object, MPI_FILE_NULL)
		call mpi_file_set_errhandler(MPI_FILE_NULL, MPI_ERRORS_RETURN, ierr)

		call mpi_add_error_class(class, ierr)
		call mpi_add_error_code(class, code, ierr)
		call mpi_add_error_string(code, 'a code of Fortran', ierr)
		call mpi_error_string(code, text, length, ierr)
		call check('the string', text(1:length) == 'a code of Fortran')
		call mpi_error_class(code, got, ierr)
		call check_int('the class', got, class)

		! these errors are raised by the Fortran binding, on MPI_COMM_WORLD
		call mpi_comm_create_errhandler(on_error, handler, ierr)
		call mpi_comm_set_errhandler(MPI_COMM_WORLD, handler, ierr)
		calls = 0
		call mpi_type_match_size(MPI_TYPECLASS_REAL, 5, got, ierr)
		call check('no such type', ierr /= MPI_SUCCESS)
		call check_int('calls', calls, 1)
		call check_int('object', last_object, MPI_COMM_WORLD)
		sum = corpus_add(sum, ierr)
		call mpi_comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL, ierr)
		call mpi_errhandler_free(handler, ierr)
		sum = corpus_add(sum, code)
	end do
	call mpi_gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums)
	call mpi_finalize(ierr)
end program
