/* SPDX-License-Identifier: BSD-3-Clause */
/* The C side of f_attr_mixed.f90: attributes set here are read by Fortran, and the reverse. */
#include <mpi.h>

int c_keyval(void)
{
	int key;

	MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, &key, NULL);
	return key;
}

void c_put(MPI_Fint comm, int key, void *value)
{
	MPI_Comm_set_attr(MPI_Comm_f2c(comm), key, value);
}

/* What C reads, as a number. */
MPI_Aint c_get(MPI_Fint comm, int key)
{
	void *value = NULL;
	int flag = 0;

	MPI_Comm_get_attr(MPI_Comm_f2c(comm), key, &value, &flag);
	return flag ? (MPI_Aint)value : -1;
}

int c_get_int(MPI_Fint comm, int key)
{
	int *value, flag = 0;

	MPI_Comm_get_attr(MPI_Comm_f2c(comm), key, &value, &flag);
	return flag ? *value : -1;
}

MPI_Aint c_get_aint(MPI_Fint comm, int key)
{
	MPI_Aint *value;
	int flag = 0;

	MPI_Comm_get_attr(MPI_Comm_f2c(comm), key, &value, &flag);
	return flag ? *value : -1;
}
