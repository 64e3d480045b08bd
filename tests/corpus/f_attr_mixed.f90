! SPDX-License-Identifier: BSD-3-Clause
!
! Attributes between languages (MPI-3.1 17.2.7): what each way to write gives to each way to read.
!
! corpus: ranks=1,2
! corpus: link=attr_c
include 'corpus.inc'

program attributes
	use corpus
	use mpi
	use, intrinsic :: iso_c_binding
	implicit none
	interface
		integer(c_int) function c_keyval() bind(C)
			import
		end function
		subroutine c_put(comm, key, value) bind(C)
			import
			integer(c_int), value :: comm, key
			type(c_ptr), value :: value
		end subroutine
		integer(c_intptr_t) function c_get(comm, key) bind(C)
			import
			integer(c_int), value :: comm, key
		end function
		integer(c_int) function c_get_int(comm, key) bind(C)
			import
			integer(c_int), value :: comm, key
		end function
		integer(c_intptr_t) function c_get_aint(comm, key) bind(C)
			import
			integer(c_int), value :: comm, key
		end function
	end interface
	integer(MPI_ADDRESS_KIND), parameter :: large = 2_MPI_ADDRESS_KIND**40 + 5
	integer(MPI_ADDRESS_KIND) :: value, address
	integer :: rank, nprocs, round, key, comm, newcomm, old, ierr
	integer(8) :: sum = 11
	integer(8), allocatable :: sums(:)
	integer, target :: variable = 3
	logical :: flag

	call mpi_init(ierr)
	call mpi_comm_rank(MPI_COMM_WORLD, rank, ierr)
	call mpi_comm_size(MPI_COMM_WORLD, nprocs, ierr)
	allocate (sums(nprocs))
	do round = 1, corpus_rounds()
		call mpi_comm_dup(MPI_COMM_SELF, comm, ierr)
		key = c_keyval()
		! written by C: Fortran reads the address
		call c_put(comm, key, c_loc(variable))
		call mpi_get_address(variable, address, ierr)
		call check('C to C', c_get(comm, key) == address)
		call mpi_comm_get_attr(comm, key, value, flag, ierr)
		call check('C to Fortran', flag .and. value == address)
		call mpi_attr_get(comm, key, old, flag, ierr)
		call check('C to INTEGER', flag .and. &
			   old == transfer(iand(address, int(z'ffffffff', MPI_ADDRESS_KIND)), old))
		call mpi_comm_dup(comm, newcomm, ierr)
		call check('a copy', c_get(newcomm, key) == address)
		call mpi_comm_free(newcomm, ierr)
		! written by MPI-1's function: C reads a pointer to an INTEGER
		call mpi_attr_put(comm, key, -9, ierr)
		call check_int('INTEGER to C', c_get_int(comm, key), -9)
		call mpi_attr_get(comm, key, old, flag, ierr)
		call check_int('INTEGER to INTEGER', old, -9)
		call mpi_comm_get_attr(comm, key, value, flag, ierr)
		call check('INTEGER to Fortran', value == -9)
		! written by MPI-2's function: C reads a pointer to an MPI_Aint
		call mpi_comm_set_attr(comm, key, large, ierr)
		call check('ADDRESS_KIND to C', c_get_aint(comm, key) == large)
		call mpi_attr_get(comm, key, old, flag, ierr)
		call check_int('ADDRESS_KIND to INTEGER', old, 5)
		call mpi_comm_get_attr(comm, key, value, flag, ierr)
		call check('ADDRESS_KIND to Fortran', value == large)
		! the library's own
		call mpi_attr_get(MPI_COMM_WORLD, MPI_TAG_UB, old, flag, ierr)
		call check_int('MPI_TAG_UB', c_get_int(MPI_COMM_WORLD, MPI_TAG_UB), old)
		call mpi_comm_free_keyval(key, ierr)
		call mpi_comm_free(comm, ierr)
		sum = corpus_add(sum, old)
	end do
	call mpi_gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums)
	call mpi_finalize(ierr)
end program
