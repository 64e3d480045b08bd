/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Windows as objects: base, size and flavour attributes, group, name, info, error handler, Fortran.
 *
 * corpus: ranks=2,3
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char name[MPI_MAX_OBJECT_NAME];
	int memory[10], *base, *value, flag, length, result;
	MPI_Aint *size;
	MPI_Errhandler handler;
	MPI_Group group, world;
	MPI_Info info;
	MPI_Win win;

	corpus_init(&argc, &argv);
	MPI_Comm_group(MPI_COMM_WORLD, &world);
	CHECK(MPI_Win_f2c(MPI_Win_c2f(MPI_WIN_NULL)) == MPI_WIN_NULL);
	for (long round = 0; round < corpus_rounds; round++)
		for (int kind = 0; kind < 2; kind++) {
			void *start = memory;

			if (kind == 0)
				MPI_Win_create(memory, sizeof(memory), 4, MPI_INFO_NULL,
					       MPI_COMM_WORLD, &win);
			else
				MPI_Win_allocate(sizeof(memory), 4, MPI_INFO_NULL, MPI_COMM_WORLD,
						 &start, &win);
			MPI_Win_get_attr(win, MPI_WIN_BASE, &base, &flag);
			CHECK(flag && base == start);
			MPI_Win_get_attr(win, MPI_WIN_SIZE, &size, &flag);
			CHECK(flag && *size == sizeof(memory));
			MPI_Win_get_attr(win, MPI_WIN_DISP_UNIT, &value, &flag);
			CHECK(flag && *value == 4);
			MPI_Win_get_attr(win, MPI_WIN_CREATE_FLAVOR, &value, &flag);
			CHECK_INT(*value, kind ? MPI_WIN_FLAVOR_ALLOCATE : MPI_WIN_FLAVOR_CREATE);
			MPI_Win_get_attr(win, MPI_WIN_MODEL, &value, &flag);
			corpus_add_int(*value);
			MPI_Win_get_group(win, &group);
			MPI_Group_compare(group, world, &result);
			CHECK_INT(result, MPI_IDENT);
			MPI_Group_free(&group);
			MPI_Win_set_name(win, "wind");
			MPI_Win_get_name(win, name, &length);
			CHECK_STR(name, "wind");
			MPI_Win_get_info(win, &info);
			MPI_Win_set_info(win, info);
			MPI_Info_free(&info);
			CHECK(MPI_Win_f2c(MPI_Win_c2f(win)) == win);
			MPI_Win_get_errhandler(win, &handler);
			CHECK(handler == MPI_ERRORS_ARE_FATAL);
			MPI_Win_set_errhandler(win, MPI_ERRORS_RETURN);
			CHECK(MPI_Put(memory, 1, MPI_INT, 99, 0, 1, MPI_INT, win) != MPI_SUCCESS);
			MPI_Win_free(&win);
		}
	MPI_Group_free(&world);
	return corpus_finish();
}
