/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fortran functions that need no function of the user, but whose implementation in libmpi_mpifh
 * reads a field of an object: the number of a new group, and the table of datatypes.
 */
#include "mpi/convert.h"
#include "mpi/fortran.h"
#include "mpi/libmpi.h"

void rf_fortran_start(void)
{
	MPI_Status *empty = rf_libmpi_symbol("ompi_status_empty");
	const MPI_Status *engines = rf_engine_symbol(rf_engine_current(), "ompi_status_empty");

	if (empty && engines)
		*empty = *engines;
}

static MPI_Group group(const MPI_Fint *index)
{
	return (MPI_Group)rf_convert_handle(RF_GROUP, *index);
}

static void finish(int code, MPI_Group made, MPI_Fint *newgroup, MPI_Fint *ierr)
{
	if (code == MPI_SUCCESS)
		*newgroup = rf_convert_index(RF_GROUP, (struct rf_handle *)made);
	rf_fortran_set(ierr, code);
}

#define OF_TWO(name)                                                                               \
	void rf_fortran_group_##name(MPI_Fint *group1, MPI_Fint *group2, MPI_Fint *newgroup,       \
				     MPI_Fint *ierr)                                               \
	{                                                                                          \
		MPI_Group made = NULL;                                                             \
		int code = rf_MPI_Group_##name(group(group1), group(group2), &made);               \
                                                                                                   \
		finish(code, made, newgroup, ierr);                                                \
	}

OF_TWO(union)
OF_TWO(intersection)
OF_TWO(difference)

#define OF_RANKS(name, dimension)                                                                  \
	void rf_fortran_group_##name(MPI_Fint *of, MPI_Fint *n, MPI_Fint ranks[] dimension,        \
				     MPI_Fint *newgroup, MPI_Fint *ierr)                           \
	{                                                                                          \
		MPI_Group made = NULL;                                                             \
		int code = rf_MPI_Group_##name(group(of), *n, ranks, &made);                       \
                                                                                                   \
		finish(code, made, newgroup, ierr);                                                \
	}

OF_RANKS(incl, )
OF_RANKS(excl, )
OF_RANKS(range_incl, [3])
OF_RANKS(range_excl, [3])

void rf_fortran_type_match_size(MPI_Fint *typeclass, MPI_Fint *size, MPI_Fint *type, MPI_Fint *ierr)
{
	MPI_Datatype found = rf_app(ompi_mpi_datatype_null);
	int code = rf_MPI_Type_match_size(*typeclass, *size, &found);

	*type = rf_convert_index(RF_DATATYPE, (struct rf_handle *)found);
	rf_fortran_set(ierr, code);
}
