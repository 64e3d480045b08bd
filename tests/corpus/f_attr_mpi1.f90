! SPDX-License-Identifier: BSD-3-Clause
!
! Attributes by MPI-1's functions, with mpif.h: values are INTEGER.
!
! corpus: ranks=1,2
include 'corpus.inc'

program attributes
	use corpus
	implicit none
	include 'mpif.h'
	integer ierr, rank, nprocs, key, dupkey, nokey, comm, newcomm
	integer val, rounds, round, state
	integer(8) sum(1)
	integer(8), allocatable :: sums(:)
	logical flag
	integer copied, deleted, stateseen
	common /counts/ copied, deleted, stateseen
	external oncopy, ondelete

	call mpi_init(ierr)
	call mpi_comm_rank(MPI_COMM_WORLD, rank, ierr)
	call mpi_comm_size(MPI_COMM_WORLD, nprocs, ierr)
	allocate (sums(nprocs))
	sum(1) = 7
	rounds = corpus_rounds()
	do round = 1, rounds
		copied = 0
		deleted = 0
		state = 4000 + round
		call mpi_keyval_create(oncopy, ondelete, key, state, ierr)
		call check_int('keyval_create', ierr, MPI_SUCCESS)
		call mpi_keyval_create(MPI_DUP_FN, MPI_NULL_DELETE_FN, dupkey, &
			0, ierr)
		call mpi_keyval_create(MPI_NULL_COPY_FN, ondelete, nokey, &
			state, ierr)
		call mpi_comm_dup(MPI_COMM_WORLD, comm, ierr)
		call mpi_attr_put(comm, key, -12, ierr)
		call mpi_attr_put(comm, dupkey, 2147483647, ierr)
		call mpi_attr_put(comm, nokey, 5, ierr)
		call mpi_attr_get(comm, key, val, flag, ierr)
		call check('an attribute', flag)
		call check_int('value', val, -12)
		call mpi_comm_dup(comm, newcomm, ierr)
		call check_int('copied', copied, 1)
		call check_int('extra state', stateseen, state)
		call mpi_attr_get(newcomm, key, val, flag, ierr)
		call check('a copied attribute', flag)
		call check_int('copied value', val, -13)
		call mpi_attr_get(newcomm, dupkey, val, flag, ierr)
		call check('a duplicate', flag)
		call check_int('duplicate', val, 2147483647)
		call mpi_attr_get(newcomm, nokey, val, flag, ierr)
		call check('no copy', .not. flag)
		call mpi_attr_delete(newcomm, key, ierr)
		call check_int('deleted', deleted, -13)
		call mpi_attr_get(newcomm, key, val, flag, ierr)
		call check('nothing', .not. flag)
		call mpi_attr_get(MPI_COMM_WORLD, MPI_TAG_UB, val, flag, ierr)
		call check('MPI_TAG_UB', flag .and. val >= 32767)
		sum(1) = corpus_add(sum(1), val)
		call mpi_attr_get(MPI_COMM_WORLD, MPI_WTIME_IS_GLOBAL, val, &
			flag, ierr)
		call check('MPI_WTIME_IS_GLOBAL', flag)
		call mpi_attr_get(MPI_COMM_WORLD, MPI_HOST, val, flag, ierr)
		sum(1) = corpus_add(sum(1), val)
		call mpi_attr_put(comm, MPI_TAG_UB, 3, ierr)
		call check('MPI_TAG_UB is read-only', ierr /= MPI_SUCCESS)
		sum(1) = corpus_add(sum(1), ierr)
		call mpi_attr_get(comm, 7777, val, flag, ierr)
		call check('an unknown keyval', ierr /= MPI_SUCCESS)
		sum(1) = corpus_add(sum(1), ierr)
		call mpi_keyval_free(key, ierr)
		call check_int('freed keyval', key, MPI_KEYVAL_INVALID)
		call mpi_keyval_free(dupkey, ierr)
		call mpi_keyval_free(nokey, ierr)
		call mpi_comm_free(newcomm, ierr)
		call mpi_comm_free(comm, ierr)
		call check_int('deleted at free', deleted, -13 - 12 + 5)
	end do
	call mpi_gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, &
			MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums)
	call mpi_finalize(ierr)
end program

subroutine oncopy(comm, keyval, extra, in, out, flag, ierr)
	implicit none
	include 'mpif.h'
	integer comm, keyval, extra, in, out, ierr, n
	logical flag
	integer copied, deleted, stateseen
	common /counts/ copied, deleted, stateseen

	call mpi_comm_size(comm, n, ierr)
	copied = copied + 1
	stateseen = extra
	out = in - 1
	flag = .true.
	ierr = MPI_SUCCESS
end subroutine

subroutine ondelete(comm, keyval, val, extra, ierr)
	implicit none
	include 'mpif.h'
	integer comm, keyval, val, extra, ierr
	integer copied, deleted, stateseen
	common /counts/ copied, deleted, stateseen

	deleted = deleted + val
	ierr = MPI_SUCCESS
end subroutine
