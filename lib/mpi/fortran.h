/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fortran.
 *
 * libmpi_mpifh and libmpi_usempif08 are the application's own and call PMPI_*, which the shim
 * exports. A few of their functions look into libmpi's objects instead; the shim exports its own
 * under all names that libmpi_mpifh has for them (mpi.api, [Fortran]). rf_fortran_X is the
 * implementation of MPI_X. Arguments are passed as the Fortran binding does it; `ierr` may be NULL.
 */
#ifndef RF_MPI_FORTRAN_H
#define RF_MPI_FORTRAN_H

#include "mpi/keyval.h"
#include "mpi/shim.h"

static inline void rf_fortran_set(MPI_Fint *ierr, int code)
{
	if (ierr)
		*ierr = code;
}

/*
 * After MPI_Init: fills the only variable of libmpi that libmpi_mpifh reads, the status of an empty
 * call.
 */
void rf_fortran_start(void);

void rf_fortran_attr_get(MPI_Fint *comm, MPI_Fint *key, MPI_Fint *value, MPI_Fint *flag,
			 MPI_Fint *ierr);
void rf_fortran_attr_put(MPI_Fint *comm, MPI_Fint *key, MPI_Fint *value, MPI_Fint *ierr);
void rf_fortran_keyval_create(rf_function *copy, rf_function *remove, MPI_Fint *key,
			      MPI_Fint *state, MPI_Fint *ierr);
void rf_fortran_comm_create_keyval(rf_function *copy, rf_function *remove, MPI_Fint *key,
				   MPI_Aint *state, MPI_Fint *ierr);
void rf_fortran_comm_get_attr(MPI_Fint *comm, MPI_Fint *key, MPI_Aint *value, MPI_Fint *flag,
			      MPI_Fint *ierr);
void rf_fortran_comm_set_attr(MPI_Fint *comm, MPI_Fint *key, MPI_Aint *value, MPI_Fint *ierr);
void rf_fortran_type_create_keyval(rf_function *copy, rf_function *remove, MPI_Fint *key,
				   MPI_Aint *state, MPI_Fint *ierr);
void rf_fortran_type_get_attr(MPI_Fint *type, MPI_Fint *key, MPI_Aint *value, MPI_Fint *flag,
			      MPI_Fint *ierr);
void rf_fortran_type_set_attr(MPI_Fint *type, MPI_Fint *key, MPI_Aint *value, MPI_Fint *ierr);
void rf_fortran_win_create_keyval(rf_function *copy, rf_function *remove, MPI_Fint *key,
				  MPI_Aint *state, MPI_Fint *ierr);
void rf_fortran_win_get_attr(MPI_Fint *win, MPI_Fint *key, MPI_Aint *value, MPI_Fint *flag,
			     MPI_Fint *ierr);
void rf_fortran_win_set_attr(MPI_Fint *win, MPI_Fint *key, MPI_Aint *value, MPI_Fint *ierr);

void rf_fortran_errhandler_create(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr);
void rf_fortran_comm_create_errhandler(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr);
void rf_fortran_win_create_errhandler(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr);
void rf_fortran_file_create_errhandler(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr);
void rf_fortran_op_create(rf_function *function, MPI_Fint *commute, MPI_Fint *op, MPI_Fint *ierr);
void rf_fortran_grequest_start(rf_function *query, rf_function *release, rf_function *cancel,
			       MPI_Aint *state, MPI_Fint *request, MPI_Fint *ierr);
void rf_fortran_register_datarep(char *name, rf_function *read_fn, rf_function *write_fn,
				 rf_function *extent_fn, MPI_Aint *state, MPI_Fint *ierr,
				 int name_length);
void rf_fortran_type_match_size(MPI_Fint *typeclass, MPI_Fint *size, MPI_Fint *type,
				MPI_Fint *ierr);

void rf_fortran_group_union(MPI_Fint *group1, MPI_Fint *group2, MPI_Fint *newgroup, MPI_Fint *ierr);
void rf_fortran_group_intersection(MPI_Fint *group1, MPI_Fint *group2, MPI_Fint *newgroup,
				   MPI_Fint *ierr);
void rf_fortran_group_difference(MPI_Fint *group1, MPI_Fint *group2, MPI_Fint *newgroup,
				 MPI_Fint *ierr);
void rf_fortran_group_incl(MPI_Fint *group, MPI_Fint *n, MPI_Fint ranks[], MPI_Fint *newgroup,
			   MPI_Fint *ierr);
void rf_fortran_group_excl(MPI_Fint *group, MPI_Fint *n, MPI_Fint ranks[], MPI_Fint *newgroup,
			   MPI_Fint *ierr);
void rf_fortran_group_range_incl(MPI_Fint *group, MPI_Fint *n, MPI_Fint ranges[][3],
				 MPI_Fint *newgroup, MPI_Fint *ierr);
void rf_fortran_group_range_excl(MPI_Fint *group, MPI_Fint *n, MPI_Fint ranges[][3],
				 MPI_Fint *newgroup, MPI_Fint *ierr);

#endif
