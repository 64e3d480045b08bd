! SPDX-License-Identifier: BSD-3-Clause
! use mpi_f08: typed handles, optional ierror, status as a type, comparison of handles, mprobe.
!
! corpus: ranks=2,4
include 'corpus.inc'

program p2p
	use corpus
	use mpi_f08
	implicit none
	integer, parameter :: n = 300
	integer :: rank, nranks, next, prev, round, i, count, out(n), in(n)
	type(MPI_Status) :: status, statuses(2)
	type(MPI_Request) :: requests(2)
	type(MPI_Message) :: message
	type(MPI_Comm) :: dup
	integer(8) :: sum, sums(64)
	logical :: flag

	call MPI_Init()
	call MPI_Comm_rank(MPI_COMM_WORLD, rank)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks)
	next = mod(rank + 1, nranks)
	prev = mod(rank + nranks - 1, nranks)
	call MPI_Comm_dup(MPI_COMM_WORLD, dup)
	call check('different handles', dup /= MPI_COMM_WORLD)
	sum = 1
	do round = 1, corpus_rounds()
		do i = 1, n
			out(i) = corpus_value(rank, round, i)
		end do
		call MPI_Isend(out, n, MPI_INTEGER, next, 1, dup, requests(1))
		call MPI_Mprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, dup, message, status)
		call check_int('source', status%MPI_SOURCE, prev)
		call check_int('tag', status%MPI_TAG, 1)
		call MPI_Get_count(status, MPI_INTEGER, count)
		call check_int('count', count, n)
		call MPI_Mrecv(in, n, MPI_INTEGER, message, status)
		call check('no message', message == MPI_MESSAGE_NULL)
		call MPI_Wait(requests(1), MPI_STATUS_IGNORE)
		call check('null request', requests(1) == MPI_REQUEST_NULL)
		do i = 1, n
			call check_int('in', in(i), corpus_value(prev, round, i))
			sum = corpus_add(sum, in(i))
		end do
		call MPI_Irecv(in, n, MPI_INTEGER, prev, 2, dup, requests(1))
		call MPI_Issend(out, n, MPI_INTEGER, next, 2, dup, requests(2))
		flag = .false.
		do while (.not. flag)
			call MPI_Testall(2, requests, flag, statuses)
		end do
		call check_int('source', statuses(1)%MPI_SOURCE, prev)
		call check_int('again', in(9), corpus_value(prev, round, 9))
		call MPI_Sendrecv_replace(out, n, MPI_INTEGER, next, 3, prev, 3, dup, MPI_STATUS_IGNORE)
		call check_int('replaced', out(n), corpus_value(prev, round, n))
	end do
	call MPI_Comm_free(dup)
	call check('null', dup == MPI_COMM_NULL)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize()
end program
