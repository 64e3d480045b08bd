! SPDX-License-Identifier: BSD-3-Clause
! use mpi: persistent requests, MPI_Waitany with Fortran's indices from 1, MPI_Waitsome, cancel.
!
! corpus: ranks=2,4
include 'corpus.inc'

program persistent
	use corpus
	use mpi
	implicit none
	integer, parameter :: n = 30, m = 6
	integer :: ierr, rank, nranks, peer, round, i, k, index, outcount, indices(m), seen(m)
	integer :: out(n, m), in(n, m), requests(2*m), one, status(MPI_STATUS_SIZE), statuses(MPI_STATUS_SIZE, m)
	integer(8) :: sum, sums(64)
	logical :: flag

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	peer = ieor(rank, 1)
	do k = 1, m
		call MPI_Recv_init(in(1, k), n, MPI_INTEGER, peer, k, MPI_COMM_WORLD, requests(k), ierr)
		call MPI_Send_init(out(1, k), n, MPI_INTEGER, peer, k, MPI_COMM_WORLD, requests(m + k), ierr)
	end do
	sum = 1
	do round = 1, corpus_rounds()
		do k = 1, m
			do i = 1, n
				out(i, k) = corpus_value(rank, round, i*m + k)
			end do
		end do
		call MPI_Startall(2*m, requests, ierr)
		seen = 0
		do while (minval(seen) == 0)
			if (mod(round, 2) == 0) then
				call MPI_Waitany(m, requests, index, status, ierr)
				call check_int('tag', status(MPI_TAG), index)
				seen(index) = seen(index) + 1
			else
				call MPI_Waitsome(m, requests, outcount, indices, statuses, ierr)
				do k = 1, outcount
					call check_int('tag', statuses(MPI_TAG, k), indices(k))
					seen(indices(k)) = seen(indices(k)) + 1
				end do
			end if
		end do
		call MPI_Waitany(m, requests, index, status, ierr)
		call check_int('no active request', index, MPI_UNDEFINED)
		call MPI_Waitall(m, requests(m + 1:2*m), MPI_STATUSES_IGNORE, ierr)
		do k = 1, m
			call check_int('seen', seen(k), 1)
			do i = 1, n
				call check_int('in', in(i, k), corpus_value(peer, round, i*m + k))
				sum = corpus_add(sum, in(i, k))
			end do
		end do
		call MPI_Irecv(in, 1, MPI_INTEGER, peer, 99, MPI_COMM_WORLD, one, ierr)
		call MPI_Cancel(one, ierr)
		call MPI_Wait(one, status, ierr)
		call MPI_Test_cancelled(status, flag, ierr)
		call check('a cancelled request', flag)
	end do
	do k = 1, 2*m
		call MPI_Request_free(requests(k), ierr)
	end do
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
end program
