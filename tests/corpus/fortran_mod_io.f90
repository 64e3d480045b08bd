! SPDX-License-Identifier: BSD-3-Clause
! use mpi: a file with a view per rank, explicit offsets, and a shared pointer.
!
! corpus: ranks=1,2,4
! corpus: refused-while=open MPI file
include 'corpus.inc'

program io
	use corpus
	use mpi
	implicit none
	integer, parameter :: n = 50
	integer :: ierr, rank, nranks, round, i, file, filetype, count, length, out(n), in(n)
	integer :: status(MPI_STATUS_SIZE), request
	integer(MPI_OFFSET_KIND) :: at, total
	integer(8) :: sum, sums(64)
	character(len=1000) :: path

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	call get_environment_variable('CORPUS_TMP', path, length)
	path = path(1:length)//'/fortran'
	call MPI_File_open(MPI_COMM_WORLD, trim(path), MPI_MODE_CREATE + MPI_MODE_RDWR, MPI_INFO_NULL, file, ierr)
	call check_int('open', ierr, MPI_SUCCESS)
	call MPI_Type_vector(n, 1, nranks, MPI_INTEGER, filetype, ierr)
	call MPI_Type_commit(filetype, ierr)
	sum = 1
	do round = 1, corpus_rounds()
		at = 4*rank
		call MPI_File_set_view(file, at, MPI_INTEGER, filetype, 'native', MPI_INFO_NULL, ierr)
		do i = 1, n
			out(i) = corpus_value(rank, round, i)
		end do
		call MPI_File_write_all(file, out, n, MPI_INTEGER, status, ierr)
		call MPI_Get_count(status, MPI_INTEGER, count, ierr)
		call check_int('written', count, n)
		call MPI_File_sync(file, ierr)
		call MPI_Barrier(MPI_COMM_WORLD, ierr)
		at = 0
		call MPI_File_set_view(file, at, MPI_INTEGER, MPI_INTEGER, 'native', MPI_INFO_NULL, ierr)
		call MPI_File_get_size(file, total, ierr)
		call check_int('size', int(total), 4*n*nranks)
		call MPI_File_iread_at(file, at, in, nranks, MPI_INTEGER, request, ierr)
		call MPI_Wait(request, MPI_STATUS_IGNORE, ierr)
		do i = 1, nranks
			call check_int('first of each', in(i), corpus_value(i - 1, round, 1))
			sum = corpus_add(sum, in(i))
		end do
		call MPI_File_seek_shared(file, at, MPI_SEEK_SET, ierr)
		call MPI_File_read_ordered(file, in, n, MPI_INTEGER, status, ierr)
		call check_int('ordered', in(1), corpus_value(mod(rank*n, nranks), round, rank*n/nranks + 1))
		call MPI_Barrier(MPI_COMM_WORLD, ierr)
	end do
	call MPI_Type_free(filetype, ierr)
	call MPI_File_close(file, ierr)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
end program
