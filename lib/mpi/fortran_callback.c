/* SPDX-License-Identifier: BSD-3-Clause */
/* The Fortran functions that take a function of the user, but for attributes. */
#include <stdlib.h>
#include <string.h>

#include "mpi/callback.h"
#include "mpi/convert.h"
#include "mpi/errhandler_user.h"
#include "mpi/fortran.h"
#include "mpi/grequest.h"
#include "mpi/op.h"
#include "mpi/request.h"

static void create_errhandler(enum rf_kind kind, rf_function *function, MPI_Fint *errhandler,
			      MPI_Fint *ierr)
{
	struct rf_user_handler user = {.language = RF_HANDLER_FORTRAN, .function = function};
	MPI_Errhandler made;
	int code = rf_errhandler_create(kind, &user, &made);

	if (code == MPI_SUCCESS)
		*errhandler = rf_convert_index(RF_ERRHANDLER, (struct rf_handle *)made);
	rf_fortran_set(ierr, code);
}

void rf_fortran_comm_create_errhandler(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr)
{
	create_errhandler(RF_COMM, function, errhandler, ierr);
}

void rf_fortran_errhandler_create(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr)
{
	create_errhandler(RF_COMM, function, errhandler, ierr);
}

void rf_fortran_win_create_errhandler(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr)
{
	create_errhandler(RF_WIN, function, errhandler, ierr);
}

void rf_fortran_file_create_errhandler(rf_function *function, MPI_Fint *errhandler, MPI_Fint *ierr)
{
	create_errhandler(RF_FILE, function, errhandler, ierr);
}

void rf_fortran_op_create(rf_function *function, MPI_Fint *commute, MPI_Fint *op, MPI_Fint *ierr)
{
	struct rf_user_op user = {.language = RF_OP_FORTRAN, .function = function};
	MPI_Op made;
	int code = rf_op_create(&user, *commute != 0, &made);

	if (code == MPI_SUCCESS)
		*op = rf_convert_index(RF_OP, (struct rf_handle *)made);
	rf_fortran_set(ierr, code);
}

void rf_fortran_grequest_start(rf_function *query, rf_function *release, rf_function *cancel,
			       MPI_Aint *state, MPI_Fint *request, MPI_Fint *ierr)
{
	struct rf_user_grequest user = {
		.fortran = 1, .query = query, .release = release, .cancel = cancel, .state = state};
	MPI_Request made;
	int code = rf_grequest_start(&user, &made);

	if (code == MPI_SUCCESS)
		*request = rf_MPI_Request_c2f(made);
	rf_fortran_set(ierr, code);
}

/* The functions of a data representation, and the address of the user's extra state. */
typedef void conversion(void *userbuf, MPI_Fint *type, MPI_Fint *count, void *filebuf,
			MPI_Offset *position, MPI_Aint *state, MPI_Fint *ierr);
typedef void extent(MPI_Fint *type, MPI_Aint *file_extent, MPI_Aint *state, MPI_Fint *ierr);

struct datarep {
	conversion *read;
	conversion *write;
	extent *extent;
	MPI_Aint *state;
};

static int convert(conversion *function, struct datarep *datarep, void *userbuf, MPI_Datatype type,
		   int count, void *filebuf, MPI_Offset position)
{
	MPI_Fint ftype = rf_convert_index(RF_DATATYPE, (struct rf_handle *)type), fcount = count;
	MPI_Fint ierr = MPI_SUCCESS;

	function(userbuf, &ftype, &fcount, filebuf, &position, datarep->state, &ierr);
	return ierr;
}

static int read_conversion(void *userbuf, MPI_Datatype type, int count, void *filebuf,
			   MPI_Offset position, void *state)
{
	struct datarep *datarep = state;

	return convert(datarep->read, datarep, userbuf, type, count, filebuf, position);
}

static int write_conversion(void *userbuf, MPI_Datatype type, int count, void *filebuf,
			    MPI_Offset position, void *state)
{
	struct datarep *datarep = state;

	return convert(datarep->write, datarep, userbuf, type, count, filebuf, position);
}

static int file_extent(MPI_Datatype type, MPI_Aint *bytes, void *state)
{
	struct datarep *datarep = state;
	MPI_Fint ftype = rf_convert_index(RF_DATATYPE, (struct rf_handle *)type);
	MPI_Fint ierr = MPI_SUCCESS;

	datarep->extent(&ftype, bytes, datarep->state, &ierr);
	return ierr;
}

/* MPI_CONVERSION_FN_NULL is a function of libmpi; one for each way to spell a name. */
extern void mpi_conversion_fn_null(void) __attribute__((weak));
extern void mpi_conversion_fn_null_(void) __attribute__((weak));
extern void mpi_conversion_fn_null__(void) __attribute__((weak));
extern void MPI_CONVERSION_FN_NULL_f(void) __asm__("MPI_CONVERSION_FN_NULL") __attribute__((weak));

static int is_null(rf_function *function)
{
	return function == mpi_conversion_fn_null || function == mpi_conversion_fn_null_ ||
	       function == mpi_conversion_fn_null__ || function == MPI_CONVERSION_FN_NULL_f;
}

void rf_fortran_register_datarep(char *name, rf_function *read_fn, rf_function *write_fn,
				 rf_function *extent_fn, MPI_Aint *state, MPI_Fint *ierr,
				 int name_length)
{
	struct datarep *datarep = malloc(sizeof *datarep); /* for good, as in datarep.c */
	size_t length = name_length < 0 ? 0 : (size_t)name_length;
	char *text;

	while (length && name[length - 1] == ' ')
		length--;
	text = strndup(name, length);
	if (!datarep || !text) {
		free(datarep);
		free(text);
		rf_fortran_set(ierr, rf_error_raise(RF_FILE, rf_app(ompi_mpi_file_null),
						    MPI_ERR_INTERN, "MPI_REGISTER_DATAREP"));
		return;
	}
	*datarep = (struct datarep){(conversion *)read_fn, (conversion *)write_fn,
				    (extent *)extent_fn, state};
	int code = rf_MPI_Register_datarep(text, is_null(read_fn) ? NULL : read_conversion,
					   is_null(write_fn) ? NULL : write_conversion, file_extent,
					   datarep);

	if (code != MPI_SUCCESS)
		free(datarep);
	free(text);
	rf_fortran_set(ierr, code);
}
