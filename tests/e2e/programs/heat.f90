! SPDX-License-Identifier: BSD-3-Clause
!
! heat [N [STEPS]]: the heat equation on an N x N grid by Jacobi steps, in the mpi_f08 binding: a
! Cartesian communicator, derived datatypes for the columns of a halo, persistent requests, a user's
! reduction, and a parallel file that is read back. All sums are of integers or in a fixed order, so
! every run with the same number of ranks prints the same.
module reductions
  use mpi_f08
  use, intrinsic :: iso_c_binding, only: c_ptr, c_f_pointer
  implicit none
contains
  ! The largest value and where it is, in one: (value, place).
  subroutine hottest(in, inout, length, datatype)
    type(c_ptr), value :: in, inout
    integer :: length
    type(MPI_Datatype) :: datatype
    double precision, pointer :: a(:, :), b(:, :)
    integer :: i

    if (datatype == MPI_DATATYPE_NULL) return
    call c_f_pointer(in, a, [2, length])
    call c_f_pointer(inout, b, [2, length])
    do i = 1, length
      if (a(1, i) > b(1, i) .or. (a(1, i) == b(1, i) .and. a(2, i) < b(2, i))) b(:, i) = a(:, i)
    end do
  end subroutine
end module

program heat
  use mpi_f08
  use reductions
  implicit none
  integer :: n = 64, steps = 200
  integer :: rank, ranks, dims(2), coords(2), west, east, south, north, rows, columns
  integer :: i, j, step, cell
  integer(kind=MPI_OFFSET_KIND) :: where_to
  integer(kind=MPI_OFFSET_KIND), parameter :: none = 0
  double precision, allocatable, asynchronous :: t(:, :), next(:, :), back(:, :)
  double precision :: change, total, peak(2), hot(2)
  logical :: periods(2) = .false., wrong
  type(MPI_Comm) :: grid
  type(MPI_Datatype) :: row, inner, part, pair
  type(MPI_Request) :: halo(8)
  type(MPI_Op) :: op
  type(MPI_File) :: file
  character(len=32) :: argument

  call MPI_Init()
  if (command_argument_count() > 0) then
    call get_command_argument(1, argument)
    read (argument, *) n
  end if
  if (command_argument_count() > 1) then
    call get_command_argument(2, argument)
    read (argument, *) steps
  end if
  call MPI_Comm_size(MPI_COMM_WORLD, ranks)
  dims = 0
  call MPI_Dims_create(ranks, 2, dims)
  call MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, .true., grid)
  call MPI_Comm_rank(grid, rank)
  call MPI_Cart_coords(grid, rank, 2, coords)
  call MPI_Cart_shift(grid, 0, 1, west, east)
  call MPI_Cart_shift(grid, 1, 1, south, north)
  if (mod(n, dims(1)) /= 0 .or. mod(n, dims(2)) /= 0) then
    if (rank == 0) print '(a)', 'the grid does not divide evenly by the ranks'
    call MPI_Abort(MPI_COMM_WORLD, 2)
  end if
  rows = n / dims(1)
  columns = n / dims(2)
  allocate (t(0:rows + 1, 0:columns + 1), next(0:rows + 1, 0:columns + 1), back(rows, columns))

  t = 0
  if (west == MPI_PROC_NULL) t(0, :) = 100
  if (north == MPI_PROC_NULL) t(:, columns + 1) = 50
  next = t
  call MPI_Type_vector(columns, 1, rows + 2, MPI_DOUBLE_PRECISION, row)
  call MPI_Type_commit(row)
  call MPI_Recv_init(t(0, 1), 1, row, west, 1, grid, halo(1))
  call MPI_Recv_init(t(rows + 1, 1), 1, row, east, 2, grid, halo(2))
  call MPI_Recv_init(t(1, 0), rows, MPI_DOUBLE_PRECISION, south, 3, grid, halo(3))
  call MPI_Recv_init(t(1, columns + 1), rows, MPI_DOUBLE_PRECISION, north, 4, grid, halo(4))
  call MPI_Send_init(t(rows, 1), 1, row, east, 1, grid, halo(5))
  call MPI_Send_init(t(1, 1), 1, row, west, 2, grid, halo(6))
  call MPI_Send_init(t(1, columns), rows, MPI_DOUBLE_PRECISION, north, 3, grid, halo(7))
  call MPI_Send_init(t(1, 1), rows, MPI_DOUBLE_PRECISION, south, 4, grid, halo(8))

  do step = 1, steps
    call MPI_Startall(8, halo)
    call MPI_Waitall(8, halo, MPI_STATUSES_IGNORE)
    do j = 1, columns
      do i = 1, rows
        next(i, j) = 0.25d0 * (t(i - 1, j) + t(i + 1, j) + t(i, j - 1) + t(i, j + 1))
      end do
    end do
    change = maxval(abs(next(1:rows, 1:columns) - t(1:rows, 1:columns)))
    t(1:rows, 1:columns) = next(1:rows, 1:columns)
    call MPI_Allreduce(MPI_IN_PLACE, change, 1, MPI_DOUBLE_PRECISION, MPI_MAX, grid)
    if (rank == 0 .and. mod(step, max(1, steps / 10)) == 0) print '(a,i6,a,z16.16)', 'step', step, ' change ', change
  end do
  do i = 1, 8
    call MPI_Request_free(halo(i))
  end do
  call MPI_Type_free(row)

  ! The hottest inner cell, by a reduction of the user's.
  cell = maxloc(reshape(t(1:rows, 1:columns), [rows * columns]), 1) - 1
  peak(1) = maxval(t(1:rows, 1:columns))
  peak(2) = (coords(1) * rows + mod(cell, rows)) + dble(n) * (coords(2) * columns + cell / rows)
  call MPI_Type_contiguous(2, MPI_DOUBLE_PRECISION, pair)
  call MPI_Type_commit(pair)
  call MPI_Op_create(hottest, .true., op)
  call MPI_Reduce(peak, hot, 1, pair, op, 0, grid)
  call MPI_Op_free(op)
  call MPI_Type_free(pair)
  call MPI_Scan(sum(t(1:rows, 1:columns)), total, 1, MPI_DOUBLE_PRECISION, MPI_SUM, grid)
  call MPI_Bcast(total, 1, MPI_DOUBLE_PRECISION, ranks - 1, grid)
  if (rank == 0) print '(a,z16.16,a,i8,a,z16.16)', 'hottest ', hot(1), ' at cell', int(hot(2)), ', sum ', total

  ! The field, written by all ranks into one file and read back.
  call MPI_Type_create_subarray(2, [n, n], [rows, columns], [coords(1) * rows, coords(2) * columns], &
    MPI_ORDER_FORTRAN, MPI_DOUBLE_PRECISION, part)
  call MPI_Type_commit(part)
  call MPI_Type_create_subarray(2, [rows + 2, columns + 2], [rows, columns], [1, 1], MPI_ORDER_FORTRAN, &
    MPI_DOUBLE_PRECISION, inner)
  call MPI_Type_commit(inner)
  call MPI_File_open(grid, 'heat.field', ior(ior(MPI_MODE_CREATE, MPI_MODE_RDWR), MPI_MODE_DELETE_ON_CLOSE), &
    MPI_INFO_NULL, file)
  call MPI_File_set_view(file, none, MPI_DOUBLE_PRECISION, part, 'native', MPI_INFO_NULL)
  call MPI_File_write_all(file, t, 1, inner, MPI_STATUS_IGNORE)
  call MPI_File_sync(file)
  call MPI_Barrier(grid)
  call MPI_File_read_at_all(file, none, back, rows * columns, MPI_DOUBLE_PRECISION, MPI_STATUS_IGNORE)
  call MPI_File_get_size(file, where_to)
  wrong = any(back /= t(1:rows, 1:columns))
  call MPI_Allreduce(MPI_IN_PLACE, wrong, 1, MPI_LOGICAL, MPI_LOR, grid)
  call MPI_File_close(file)
  call MPI_Type_free(inner)
  call MPI_Type_free(part)
  if (rank == 0) print '(a,i10,a,l1)', 'file of', where_to, ' bytes, wrong: ', wrong
  call MPI_Comm_free(grid)
  call MPI_Finalize()
end program
