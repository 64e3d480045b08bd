! SPDX-License-Identifier: BSD-3-Clause
! use mpi: derived types of all constructors, packed data, and names.
!
! corpus: ranks=2,4
include 'corpus.inc'

program types
	use corpus
	use mpi
	implicit none
	integer, parameter :: n = 12
	integer :: ierr, rank, nranks, peer, round, i, j, position, packed_size, kinds(4), k, length
	integer :: a(n, n), b(n, n), status(MPI_STATUS_SIZE), row, block, pair
	integer(MPI_ADDRESS_KIND) :: lower, extent
	integer(8) :: sum, sums(64)
	character(len=400) :: buffer
	character(len=MPI_MAX_OBJECT_NAME) :: name
	real(8) :: x

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	peer = ieor(rank, 1)
	call MPI_Type_vector(n, 1, n, MPI_INTEGER, row, ierr)
	call MPI_Type_commit(row, ierr)
	call MPI_Type_create_subarray(2, [n, n], [3, 4], [2, 5], MPI_ORDER_FORTRAN, MPI_INTEGER, block, ierr)
	call MPI_Type_commit(block, ierr)
	call MPI_Type_create_resized(MPI_INTEGER, 0_MPI_ADDRESS_KIND, 8_MPI_ADDRESS_KIND, pair, ierr)
	call MPI_Type_commit(pair, ierr)
	call MPI_Type_get_extent(pair, lower, extent, ierr)
	call check_int('extent', int(extent), 8)
	kinds = [MPI_INTEGER, MPI_DOUBLE_PRECISION, MPI_LOGICAL, MPI_CHARACTER]
	do k = 1, 4
		call MPI_Type_get_name(kinds(k), name, length, ierr)
		if (rank == 0) print '(a)', name(1:length)
	end do
	sum = 1
	do round = 1, corpus_rounds()
		do j = 1, n
			do i = 1, n
				a(i, j) = corpus_value(rank, round, i + n*j)
			end do
		end do
		b = -1
		! a row of mine becomes a column there
		call MPI_Sendrecv(a(3, 1), 1, row, peer, 1, b(1, 6), n, MPI_INTEGER, peer, 1, MPI_COMM_WORLD, &
			status, ierr)
		do j = 1, n
			call check_int('row', b(j, 6), corpus_value(peer, round, 3 + n*j))
			sum = corpus_add(sum, b(j, 6))
		end do
		b = -1
		call MPI_Sendrecv(a, 1, block, peer, 2, b, 1, block, peer, 2, MPI_COMM_WORLD, &
			MPI_STATUS_IGNORE, ierr)
		do j = 1, n
			do i = 1, n
				if (i >= 3 .and. i <= 5 .and. j >= 6 .and. j <= 9) then
					call check_int('block', b(i, j), corpus_value(peer, round, i + n*j))
				else
					call check_int('outside', b(i, j), -1)
				end if
			end do
		end do
		call MPI_Sendrecv(a, 6, pair, peer, 3, b, 6, MPI_INTEGER, peer, 3, MPI_COMM_WORLD, status, ierr)
		call check_int('pair', b(2, 1), corpus_value(peer, round, 3 + n))
		position = 0
		x = rank + 0.5d0
		call MPI_Pack(a, 5, MPI_INTEGER, buffer, len(buffer), position, MPI_COMM_WORLD, ierr)
		call MPI_Pack(x, 1, MPI_DOUBLE_PRECISION, buffer, len(buffer), position, MPI_COMM_WORLD, ierr)
		packed_size = position
		call MPI_Sendrecv_replace(buffer, packed_size, MPI_PACKED, peer, 4, peer, 4, MPI_COMM_WORLD, &
			status, ierr)
		position = 0
		call MPI_Unpack(buffer, packed_size, position, b, 5, MPI_INTEGER, MPI_COMM_WORLD, ierr)
		call MPI_Unpack(buffer, packed_size, position, x, 1, MPI_DOUBLE_PRECISION, MPI_COMM_WORLD, ierr)
		call check_int('unpacked', b(5, 1), corpus_value(peer, round, 5 + n))
		call check('x of the peer', x == peer + 0.5d0)
	end do
	call MPI_Type_free(row, ierr)
	call MPI_Type_free(block, ierr)
	call MPI_Type_free(pair, ierr)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
end program
