/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data representations of files (MPI-3.1 13.5.3). There is no way to take one back, so a record
 * lives as long as the process.
 */
#include <stdlib.h>

#include "mpi/callback.h"
#include "mpi/shim.h"

static const char caller[] = "a thread of the engine called a data representation of the user";

struct record { /* the extra state of the engine's data representation */
	MPI_Datarep_conversion_function *read;
	MPI_Datarep_conversion_function *write;
	MPI_Datarep_extent_function *extent;
	void *state;
};

static int convert(MPI_Datarep_conversion_function *function, struct record *record, void *userbuf,
		   MPI_Datatype type, int count, void *filebuf, MPI_Offset position)
{
	struct rf_callback callback;

	rf_callback_begin(&callback, caller);
	int code = function(userbuf, rf_handle_show(RF_DATATYPE, type), count, filebuf, position,
			    record->state);

	rf_gate_callback_end(&callback);
	return code;
}

/* These three are called by the engine, and inside it. */
static int read_conversion(void *userbuf, MPI_Datatype type, int count, void *filebuf,
			   MPI_Offset position, void *state)
{
	struct record *record = state;

	return convert(record->read, record, userbuf, type, count, filebuf, position);
}

static int write_conversion(void *userbuf, MPI_Datatype type, int count, void *filebuf,
			    MPI_Offset position, void *state)
{
	struct record *record = state;

	return convert(record->write, record, userbuf, type, count, filebuf, position);
}

static int file_extent(MPI_Datatype type, MPI_Aint *extent, void *state)
{
	struct record *record = state;
	struct rf_callback callback;

	rf_callback_begin(&callback, caller);
	int code = record->extent(rf_handle_show(RF_DATATYPE, type), extent, record->state);

	rf_gate_callback_end(&callback);
	return code;
}

int rf_MPI_Register_datarep(const char *name, MPI_Datarep_conversion_function *read_fn,
			    MPI_Datarep_conversion_function *write_fn,
			    MPI_Datarep_extent_function *extent_fn, void *state)
{
	struct record *record = malloc(sizeof *record);
	int code;

	if (!record)
		return rf_error_raise(RF_FILE, rf_app(ompi_mpi_file_null), MPI_ERR_INTERN,
				      "MPI_Register_datarep");
	*record = (struct record){read_fn, write_fn, extent_fn, state};
	/* NULL is MPI_CONVERSION_FN_NULL: no conversion */
	RF_CALL(code, MPI_Register_datarep(name, read_fn ? read_conversion : NULL,
					   write_fn ? write_conversion : NULL,
					   extent_fn ? file_extent : NULL, record));
	if (code == MPI_SUCCESS)
		return code;
	free(record);
	return rf_error_deliver(code);
}
