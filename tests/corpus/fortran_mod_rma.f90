! SPDX-License-Identifier: BSD-3-Clause
! use mpi: windows with fences and locks, memory of MPI_Alloc_mem through a Cray pointer of iso_c_binding.
!
! corpus: ranks=2,4
! corpus: refused-while=a window|windows|osc_rdma
include 'corpus.inc'

program rma
	use corpus
	use mpi
	use, intrinsic :: iso_c_binding
	implicit none
	integer, parameter :: n = 100
	integer :: ierr, rank, nranks, next, prev, round, i, win, out(n)
	integer, pointer :: memory(:)
	type(c_ptr) :: place
	integer(MPI_ADDRESS_KIND) :: size, at
	integer(8) :: sum, sums(64)

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	next = mod(rank + 1, nranks)
	prev = mod(rank + nranks - 1, nranks)
	size = 2*n*4
	call MPI_Alloc_mem(size, MPI_INFO_NULL, place, ierr)
	call c_f_pointer(place, memory, [2*n])
	call MPI_Win_create(memory, size, 4, MPI_INFO_NULL, MPI_COMM_WORLD, win, ierr)
	sum = 1
	do round = 1, corpus_rounds()
		memory = 0
		do i = 1, n
			out(i) = corpus_value(rank, round, i)
		end do
		call MPI_Win_fence(0, win, ierr)
		at = 0
		call MPI_Put(out, n, MPI_INTEGER, next, at, n, MPI_INTEGER, win, ierr)
		at = n
		do i = 0, nranks - 1
			call MPI_Accumulate(out, n, MPI_INTEGER, i, at, n, MPI_INTEGER, MPI_SUM, win, ierr)
		end do
		call MPI_Win_fence(0, win, ierr)
		do i = 1, n
			call check_int('put', memory(i), corpus_value(prev, round, i))
			sum = corpus_add(sum, memory(n + i))
		end do
		call MPI_Barrier(MPI_COMM_WORLD, ierr)
		call MPI_Win_lock(MPI_LOCK_SHARED, next, 0, win, ierr)
		at = 0
		call MPI_Get(out, n, MPI_INTEGER, next, at, n, MPI_INTEGER, win, ierr)
		call MPI_Win_unlock(next, win, ierr)
		call check_int('got', out(n), corpus_value(rank, round, n))
		call MPI_Barrier(MPI_COMM_WORLD, ierr)
	end do
	call MPI_Win_free(win, ierr)
	call MPI_Free_mem(memory, ierr)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
end program
