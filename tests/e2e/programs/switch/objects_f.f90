! SPDX-License-Identifier: BSD-3-Clause
! Fortran's handles are numbers: all of them stay, and mean the same after a change of engines.
program objects
  use mpi
  implicit none
  integer :: rank, n, next, before, ierr, i, turn
  integer :: requests(5), copies(5), statuses(MPI_STATUS_SIZE, 5), status(MPI_STATUS_SIZE)
  integer :: pair, matrix, comm, cart, group, product, handler, info, persistent(2)
  integer :: got(4), sent, total, dims(1), key, coords(1), length
  integer(kind=MPI_ADDRESS_KIND) :: extra, value
  logical :: flag, periods(1)
  character(len=MPI_MAX_OBJECT_NAME) :: name
  external :: smallest, handle
  integer :: handled
  common /seen/ handled

  call switch_begin()
  call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
  call MPI_Comm_size(MPI_COMM_WORLD, n, ierr)
  next = mod(rank + 1, n)
  before = mod(rank + n - 1, n)

  call MPI_Type_contiguous(2, MPI_INTEGER, pair, ierr)
  call MPI_Type_commit(pair, ierr)
  call MPI_Type_vector(2, 1, 2, pair, matrix, ierr)
  call MPI_Type_commit(matrix, ierr)
  call MPI_Type_set_name(matrix, 'a matrix', ierr)
  call MPI_Comm_dup(MPI_COMM_WORLD, comm, ierr)
  dims(1) = n
  periods(1) = .true.
  call MPI_Cart_create(MPI_COMM_WORLD, 1, dims, periods, .false., cart, ierr)
  call MPI_Comm_group(comm, group, ierr)
  call MPI_Op_create(smallest, .true., product, ierr)
  call MPI_Comm_create_errhandler(handle, handler, ierr)
  call MPI_Comm_set_errhandler(comm, handler, ierr)
  call MPI_Info_create(info, ierr)
  call MPI_Info_set(info, 'key', 'value', ierr)
  call MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, key, extra, ierr)
  value = 4711
  call MPI_Comm_set_attr(comm, key, value, ierr)
  sent = rank
  call MPI_Send_init(sent, 1, MPI_INTEGER, next, 8, comm, persistent(1), ierr)
  call MPI_Recv_init(got(4), 1, MPI_INTEGER, before, 8, comm, persistent(2), ierr)

  do turn = 1, 3
    got = -1
    call MPI_Irecv(got(1), 1, MPI_INTEGER, before, 1, comm, requests(1), ierr)
    call MPI_Irecv(got(2), 1, MPI_INTEGER, MPI_ANY_SOURCE, 2, comm, requests(2), ierr)
    call MPI_Isend(sent, 1, MPI_INTEGER, next, 3, comm, requests(3), ierr)
    call MPI_Irecv(got(3), 1, MPI_INTEGER, before, 3, comm, requests(4), ierr)
    flag = .false.
    do while (.not. flag)
      call MPI_Request_get_status(requests(4), flag, status, ierr)
    end do
    call MPI_Ibarrier(comm, requests(5), ierr)
    flag = .false.
    do while (.not. flag)
      call MPI_Request_get_status(requests(5), flag, status, ierr)
    end do
    copies = requests
    call switch_change()
    if (turn == 2) call switch_change()
    call MPI_Send(sent, 1, MPI_INTEGER, next, 2, comm, ierr)
    call MPI_Send(sent, 1, MPI_INTEGER, next, 1, comm, ierr)
    call MPI_Waitall(5, copies, statuses, ierr)
    call check(all(got(1:3) == before), 1)
    call check(statuses(MPI_SOURCE, 4) == before .and. statuses(MPI_TAG, 4) == 3, 2)
    call check(all(copies == MPI_REQUEST_NULL), 3)
    call MPI_Startall(2, persistent, ierr)
    call MPI_Waitall(2, persistent, MPI_STATUSES_IGNORE, ierr)
    call check(got(4) == before, 4)

    call MPI_Allreduce(rank, total, 1, MPI_INTEGER, product, comm, ierr)
    call check(total == 0, 5)
    call MPI_Type_get_name(matrix, name, length, ierr)
    call check(name(1:length) == 'a matrix', 6)
    call MPI_Type_size(matrix, total, ierr)
    call check(total == 16, 7)
    call MPI_Cart_coords(cart, rank, 1, coords, ierr)
    call check(coords(1) == rank, 8)
    call MPI_Group_size(group, total, ierr)
    call check(total == n, 9)
    handled = 0
    call MPI_Send(sent, -1, MPI_INTEGER, next, 1, comm, ierr)
    call check(handled == comm, 10)
    call MPI_Info_get(info, 'key', 20, name, flag, ierr)
    call check(flag .and. name(1:5) == 'value', 11)
    call MPI_Comm_get_attr(comm, key, value, flag, ierr)
    call check(flag .and. value == 4711, 12)
    call MPI_Comm_get_errhandler(comm, i, ierr)
    call check(i == handler, 13)
  end do
  call MPI_Request_free(persistent(1), ierr)
  call MPI_Request_free(persistent(2), ierr)
  call switch_end()
contains
  subroutine check(ok, number)
    logical, intent(in) :: ok
    integer, intent(in) :: number
    integer :: is
    is = merge(1, 0, ok)
    call switch_check(is, number)
  end subroutine check
end program objects

subroutine smallest(in, inout, length, type)
  use mpi
  integer :: length, type, in(length), inout(length), i
  if (type /= MPI_INTEGER) return
  do i = 1, length
    inout(i) = min(in(i), inout(i))
  end do
end subroutine smallest

subroutine handle(comm, code)
  integer :: comm, code, handled
  common /seen/ handled
  handled = comm
  code = 0
end subroutine handle
