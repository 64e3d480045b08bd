! SPDX-License-Identifier: BSD-3-Clause
! use mpi_f08: windows, files, groups, info, errors and attributes with typed handles.
!
! corpus: ranks=2
! corpus: refused-while=a window|windows|osc_rdma|open MPI file
include 'corpus.inc'

program objects
	use corpus
	use mpi_f08
	use, intrinsic :: iso_c_binding
	implicit none
	integer :: rank, nranks, round, ierr, class, peer, out(4), length, text_length, n, key
	integer, volatile :: memory(4)
	type(MPI_Win) :: win
	type(MPI_File) :: file
	type(MPI_Info) :: info
	type(MPI_Group) :: world, pair
	type(MPI_Comm) :: comm
	integer(MPI_ADDRESS_KIND) :: size, at, value
	integer(MPI_OFFSET_KIND) :: offset
	integer(8) :: sum, sums(64)
	character(len=1000) :: path
	character(len=MPI_MAX_ERROR_STRING) :: text
	logical :: flag

	call MPI_Init()
	call MPI_Comm_rank(MPI_COMM_WORLD, rank)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks)
	peer = 1 - rank
	call get_environment_variable('CORPUS_TMP', path, length)
	call MPI_Info_create(info)
	call MPI_Info_set(info, 'no_locks', 'false')
	size = 16
	call MPI_Win_create(memory, size, 4, info, MPI_COMM_WORLD, win)
	call MPI_File_open(MPI_COMM_WORLD, path(1:length)//'/f08', MPI_MODE_CREATE + MPI_MODE_RDWR, info, file)
	call MPI_Info_free(info)
	call MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, key, 0_MPI_ADDRESS_KIND)
	call MPI_Comm_set_attr(MPI_COMM_WORLD, key, 77_MPI_ADDRESS_KIND)
	call MPI_Comm_group(MPI_COMM_WORLD, world)
	call MPI_Group_incl(world, 2, [1, 0], pair)
	call MPI_Comm_create_group(MPI_COMM_WORLD, pair, 4, comm)
	call MPI_Comm_rank(comm, n)
	call check_int('turned', n, peer)
	sum = 1
	do round = 1, corpus_rounds()
		memory = 0
		out = [1, 2, 3, 4]*corpus_value(rank, round, 1)
		call MPI_Win_fence(0, win)
		at = 1
		call MPI_Put(out, 3, MPI_INTEGER, peer, at, 3, MPI_INTEGER, win)
		call MPI_Win_fence(0, win)
		call check_int('untouched', memory(1), 0)
		call check_int('put', memory(4), 3*corpus_value(peer, round, 1))
		sum = corpus_add(sum, memory(3))
		offset = 16*rank
		call MPI_File_write_at_all(file, offset, out, 4, MPI_INTEGER, MPI_STATUS_IGNORE)
		call MPI_File_sync(file)
		call MPI_Barrier(comm)
		offset = 16*peer
		call MPI_File_read_at(file, offset, memory, 4, MPI_INTEGER, MPI_STATUS_IGNORE)
		call check_int('read', memory(2), 2*corpus_value(peer, round, 1))
		call MPI_Barrier(comm)
	end do
	call MPI_Comm_dup(MPI_COMM_WORLD, comm)
	call MPI_Comm_get_attr(comm, key, value, flag)
	call check('the attribute of the dup', flag .and. value == 77)
	call MPI_Comm_delete_attr(MPI_COMM_WORLD, key)
	call MPI_Comm_free_keyval(key)
	call MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN)
	call MPI_Send(out, 1, MPI_INTEGER, 55, 0, comm, ierr)
	call MPI_Error_class(ierr, class)
	call check_int('class', class, MPI_ERR_RANK)
	call MPI_Error_string(ierr, text, text_length)
	if (rank == 0) print '(a)', text(1:text_length)
	call MPI_Win_free(win)
	call MPI_File_close(file)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize()
end program
