! SPDX-License-Identifier: BSD-3-Clause
! Fortran's special variables in all their places: MPI_STATUS_IGNORE, MPI_STATUSES_IGNORE, MPI_IN_PLACE,
! MPI_BOTTOM, MPI_ERRCODES_IGNORE, MPI_UNWEIGHTED, MPI_WEIGHTS_EMPTY, MPI_ARGV_NULL.
!
! corpus: ranks=2,4
include 'corpus.inc'

program sentinels
	use corpus
	use mpi
	implicit none
	integer :: ierr, rank, nranks, round, requests(2), graph, lonely, next, prev, in, value, absolute, flagged
	integer :: outcount, indices(2), indegree, outdegree, index
	integer(MPI_ADDRESS_KIND) :: place
	integer(8) :: sum, sums(64)
	logical :: flag, weighted
	integer, allocatable, target :: all(:)
	integer, volatile :: target_value

	call MPI_Init(ierr)
	call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
	call MPI_Comm_size(MPI_COMM_WORLD, nranks, ierr)
	next = mod(rank + 1, nranks)
	prev = mod(rank + nranks - 1, nranks)
	allocate (all(nranks))
	call MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 1, [prev], MPI_UNWEIGHTED, 1, [next], MPI_UNWEIGHTED, &
		MPI_INFO_NULL, .false., graph, ierr)
	call MPI_Dist_graph_neighbors_count(graph, indegree, outdegree, weighted, ierr)
	call check('no weights', .not. weighted .and. indegree == 1 .and. outdegree == 1)
	call MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 0, [integer ::], MPI_WEIGHTS_EMPTY, 0, [integer ::], &
		MPI_WEIGHTS_EMPTY, MPI_INFO_NULL, .false., lonely, ierr)
	call MPI_Get_address(target_value, place, ierr)
	call MPI_Type_create_hindexed(1, [1], [place], MPI_INTEGER, absolute, ierr)
	call MPI_Type_commit(absolute, ierr)
	sum = 1
	flagged = 0
	do round = 1, corpus_rounds()
		value = corpus_value(rank, round, 1)
		call MPI_Irecv(in, 1, MPI_INTEGER, prev, 1, graph, requests(1), ierr)
		call MPI_Isend(value, 1, MPI_INTEGER, next, 1, graph, requests(2), ierr)
		call MPI_Waitall(2, requests, MPI_STATUSES_IGNORE, ierr)
		call check_int('in', in, corpus_value(prev, round, 1))
		call MPI_Waitsome(2, requests, outcount, indices, MPI_STATUSES_IGNORE, ierr)
		call check_int('nothing active', outcount, MPI_UNDEFINED)
		call MPI_Testany(2, requests, index, flag, MPI_STATUS_IGNORE, ierr)
		call check('tested', flag)
		target_value = value
		call MPI_Send(MPI_BOTTOM, 1, absolute, next, 2, MPI_COMM_WORLD, ierr)
		call MPI_Recv(in, 1, MPI_INTEGER, prev, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE, ierr)
		call check_int('from the bottom', in, corpus_value(prev, round, 1))
		call MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, flag, MPI_STATUS_IGNORE, ierr)
		call MPI_Barrier(MPI_COMM_WORLD, ierr)
		all(rank + 1) = value
		if (rank == 0) then
			call MPI_Gather(MPI_IN_PLACE, 1, MPI_INTEGER, all, 1, MPI_INTEGER, 0, MPI_COMM_WORLD, ierr)
			call MPI_Reduce(MPI_IN_PLACE, value, 1, MPI_INTEGER, MPI_SUM, 0, MPI_COMM_WORLD, ierr)
			call check_int('reduced', value, sumup(all))
			sum = corpus_add(sum, value)
		else
			call MPI_Gather(value, 1, MPI_INTEGER, all, 1, MPI_INTEGER, 0, MPI_COMM_WORLD, ierr)
			call MPI_Reduce(value, in, 1, MPI_INTEGER, MPI_SUM, 0, MPI_COMM_WORLD, ierr)
		end if
		call MPI_Neighbor_allgather(value, 1, MPI_INTEGER, in, 1, MPI_INTEGER, graph, ierr)
	end do
	call MPI_Type_free(absolute, ierr)
	call MPI_Comm_free(graph, ierr)
	call MPI_Comm_free(lonely, ierr)
	call MPI_Gather(sum, 1, MPI_INTEGER8, sums, 1, MPI_INTEGER8, 0, MPI_COMM_WORLD, ierr)
	if (rank == 0) call corpus_report(sums(1:nranks))
	call MPI_Finalize(ierr)
contains
	integer function sumup(values)
		integer, intent(in) :: values(:)
		integer :: i
		sumup = 0
		do i = 1, size(values)
			sumup = sumup + values(i)
		end do
	end function
end program
