! SPDX-License-Identifier: BSD-3-Clause
! use mpi_f08: collectives with MPI_IN_PLACE, a user operation with the module's interface, derived types.
!
! corpus: ranks=1,2,4
include 'corpus.inc'

module compose_mod
	implicit none
contains
	! composition of x -> a*x + b modulo 10007: it does not commute
	subroutine compose(invec, inoutvec, len, datatype)
		use mpi_f08
		use, intrinsic :: iso_c_binding
		type(c_ptr), value :: invec, inoutvec
		integer :: len, i, a, b
		type(MPI_Datatype) :: datatype
		integer, pointer :: f(:, :), g(:, :)
		if (datatype == MPI_DATATYPE_NULL) return
		call c_f_pointer(invec, f, [2, len])
		call c_f_pointer(inoutvec, g, [2, len])
		do i = 1, len
			a = mod(f(1, i)*g(1, i), 10007)
			b = mod(f(1, i)*g(2, i) + f(2, i), 10007)
			g(1, i) = a
			g(2, i) = b
		end do
	end subroutine
end module
program coll
	use corpus
	use mpi_f08
	use compose_mod
	implicit none
	integer, parameter :: n = 20
	integer :: rank, nranks, round, i, r, a, b, f(2, n), g(2, n), all(64), value
	type(MPI_Datatype) :: pair
	type(MPI_Op) :: op
	type(MPI_Request) :: request
	integer(8) :: sum, sums(64)

	call MPI_Init()
	call MPI_Comm_rank(MPI_COMM_WORLD, rank)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks)
	call MPI_Type_contiguous(2, MPI_INTEGER, pair)
	call MPI_Type_commit(pair)
	call MPI_Op_create(compose, .false., op)
	sum = 1
	do round = 1, corpus_rounds()
		do i = 1, n
			f(1, i) = mod(corpus_value(rank, round, i), 10007)
			f(2, i) = mod(corpus_value(rank, round, i + n), 10007)
		end do
		g = f
		if (mod(round, 2) == 0) then
			call MPI_Allreduce(MPI_IN_PLACE, g, n, pair, op, MPI_COMM_WORLD)
		else
			call MPI_Iallreduce(f, g, n, pair, op, MPI_COMM_WORLD, request)
			call MPI_Wait(request, MPI_STATUS_IGNORE)
		end if
		do i = 1, n
			a = 1
			b = 0
			do r = 0, nranks - 1
				b = mod(a*mod(corpus_value(r, round, i + n), 10007) + b, 10007)
				a = mod(a*mod(corpus_value(r, round, i), 10007), 10007)
			end do
			call check_int('factor', g(1, i), a)
			call check_int('term', g(2, i), b)
			sum = corpus_add(sum, b)
		end do
		value = corpus_value(rank, round, 5)
		call MPI_Gather(value, 1, MPI_INTEGER, all, 1, MPI_INTEGER, 0, MPI_COMM_WORLD)
		if (rank == 0) then
			do r = 1, nranks
				call check_int('gathered', all(r), corpus_value(r - 1, round, 5))
			end do
		end if
		call MPI_Bcast(value, 1, MPI_INTEGER, nranks - 1, MPI_COMM_WORLD)
		call check_int('broadcast', value, corpus_value(nranks - 1, round, 5))
	end do
	call MPI_Op_free(op)
	call MPI_Type_free(pair)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize()
end program
