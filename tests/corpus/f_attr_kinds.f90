! SPDX-License-Identifier: BSD-3-Clause
!
! Attributes of communicators, datatypes and windows by MPI-2's functions, with `use mpi`: values are
! INTEGER(KIND=MPI_ADDRESS_KIND), and none of their bits is lost.
!
! corpus: ranks=2,3
! corpus: refused-while=a window|windows|osc_rdma
include 'corpus.inc'

module functions
	use mpi
	implicit none
	integer(MPI_ADDRESS_KIND) :: deleted = 0, seen = 0
	integer :: asked = 0
contains
	subroutine on_copy(object, keyval, extra, in, out, flag, ierr)
		integer :: object, keyval, ierr
		integer(MPI_ADDRESS_KIND) :: extra, in, out
		logical :: flag
		seen = extra
		asked = object
		out = in + 1
		flag = .true.
		ierr = MPI_SUCCESS
	end subroutine

	subroutine on_delete(object, keyval, value, extra, ierr)
		integer :: object, keyval, ierr
		integer(MPI_ADDRESS_KIND) :: value, extra
		deleted = deleted + value
		ierr = MPI_SUCCESS
	end subroutine
end module

program attributes
	use corpus
	use mpi
	use functions
	implicit none
	integer(MPI_ADDRESS_KIND), parameter :: large = 2_MPI_ADDRESS_KIND**40 + 17
	integer(MPI_ADDRESS_KIND) :: value, extra, size_of, here
	integer :: rank, nprocs, round, key, comm, newcomm, type, newtype, win, old, ierr, memory(16)
	integer(8) :: sum = 3
	integer(8), allocatable :: sums(:)
	logical :: flag

	call mpi_init(ierr)
	call mpi_comm_rank(MPI_COMM_WORLD, rank, ierr)
	call mpi_comm_size(MPI_COMM_WORLD, nprocs, ierr)
	allocate (sums(nprocs))
	do round = 1, corpus_rounds()
		extra = large + round
		deleted = 0
		call mpi_comm_create_keyval(on_copy, on_delete, key, extra, ierr)
		call mpi_comm_dup(MPI_COMM_WORLD, comm, ierr)
		call mpi_comm_set_attr(comm, key, large, ierr)
		call mpi_comm_dup(comm, newcomm, ierr)
		call check('the extra state', seen == extra)
		call check_int('the communicator of a copy', asked, comm)
		call mpi_comm_get_attr(newcomm, key, value, flag, ierr)
		call check('a copy with all bits', flag .and. value == large + 1)
		call mpi_attr_get(newcomm, key, old, flag, ierr)
		call check('a value cut to INTEGER', flag .and. old == 18)
		call mpi_comm_delete_attr(newcomm, key, ierr)
		call check('the deleted value', deleted == large + 1)
		call mpi_comm_free(newcomm, ierr)
		call mpi_comm_free(comm, ierr)
		call check('both deleted', deleted == 2*large + 1)
		call mpi_comm_free_keyval(key, ierr)
		call mpi_comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, key, extra, ierr)
		call mpi_comm_dup(MPI_COMM_SELF, comm, ierr)
		call mpi_comm_set_attr(comm, key, -large, ierr)
		call mpi_comm_dup(comm, newcomm, ierr)
		call mpi_comm_get_attr(newcomm, key, value, flag, ierr)
		call check('a duplicate', flag .and. value == -large)
		call mpi_comm_free_keyval(key, ierr)
		call mpi_comm_free(newcomm, ierr)
		call mpi_comm_free(comm, ierr)
		call mpi_comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, value, flag, ierr)
		call check('MPI_TAG_UB', flag .and. value >= 32767)
		sum = corpus_add(sum, int(value))
		call mpi_comm_get_attr(MPI_COMM_WORLD, MPI_UNIVERSE_SIZE, value, flag, ierr)
		call check('MPI_UNIVERSE_SIZE', flag .and. value >= 1)

		deleted = 0
		call mpi_type_create_keyval(on_copy, on_delete, key, extra, ierr)
		call mpi_type_contiguous(4, MPI_INTEGER, type, ierr)
		call mpi_type_set_attr(type, key, large, ierr)
		call mpi_type_dup(type, newtype, ierr)
		call check_int('the type of a copy', asked, type)
		call mpi_type_get_attr(newtype, key, value, flag, ierr)
		call check('a copied type attribute', flag .and. value == large + 1)
		call mpi_type_delete_attr(newtype, key, ierr)
		call mpi_type_free(newtype, ierr)
		call mpi_type_free(type, ierr)
		call check('both deleted', deleted == 2*large + 1)
		call mpi_type_free_keyval(key, ierr)

		deleted = 0
		call mpi_win_create_keyval(MPI_WIN_NULL_COPY_FN, on_delete, key, extra, ierr)
		size_of = 64
		call mpi_win_create(memory, size_of, 4, MPI_INFO_NULL, MPI_COMM_WORLD, win, ierr)
		call mpi_win_set_attr(win, key, large, ierr)
		call mpi_win_get_attr(win, key, value, flag, ierr)
		call check('a window attribute', flag .and. value == large)
		call mpi_win_get_attr(win, MPI_WIN_SIZE, value, flag, ierr)
		call check('MPI_WIN_SIZE', flag .and. value == 64)
		call mpi_win_get_attr(win, MPI_WIN_DISP_UNIT, value, flag, ierr)
		call check('MPI_WIN_DISP_UNIT', flag .and. value == 4)
		call mpi_win_get_attr(win, MPI_WIN_CREATE_FLAVOR, value, flag, ierr)
		call check('MPI_WIN_CREATE_FLAVOR', flag .and. value == MPI_WIN_FLAVOR_CREATE)
		call mpi_win_get_attr(win, MPI_WIN_BASE, value, flag, ierr)
		call mpi_get_address(memory, here, ierr)
		call check('MPI_WIN_BASE', flag .and. value == here)
		call mpi_win_free(win, ierr)
		call check('a deleted window attribute', deleted == large)
		call mpi_win_free_keyval(key, ierr)
		call check_int('a freed keyval', key, MPI_KEYVAL_INVALID)
	end do
	call mpi_gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums)
	call mpi_finalize(ierr)
end program
