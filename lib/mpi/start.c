/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/start.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mpi/convert.h"
#include "mpi/libmpi.h"
#include "mpi/names.h"
#include "mpi/owners.h"
#include "mpi/places.h"
#include "mpi/request.h"
#include "mpi/shim.h"

/* A predefined object of libmpi must have room for our data: the smallest have 256 bytes (mpi.h).
 */
_Static_assert(sizeof(struct rf_handle) <= 256, "predefined objects have 256 bytes or more");

struct rf_mpi_table rf_mpi;
void *rf_app_object[RF_OBJECTS];

void rf_shim_die(const char *format, ...)
{
	char text[RF_ERROR_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "rankferry: %s\n", text);
	_exit(125);
}

static int bind_objects(struct rf_error *err)
{
	int i;

	for (i = 0; i < RF_OBJECTS; i++)
		rf_app_object[i] = rf_libmpi_symbol(rf_object_name[i].name);
	if (!rf_app(ompi_mpi_comm_world) || !rf_app(ompi_request_null))
		return rf_error_set(err, 0, "%s has no MPI_COMM_WORLD", rf_libmpi_path());
	for (i = 0; i < RF_OBJECTS; i++)
		if (rf_app_object[i] && rf_object_name[i].kind < RF_KINDS)
			rf_handle_predefined(rf_app_object[i], rf_object_name[i].kind,
					     rf_mpi.object[i]);
	return 0;
}

int rf_shim_start(struct rf_error *err)
{
	struct rf_engine *engine;

	rf_places_find();
	rf_owners_find();
	engine = rf_engine_load(rf_place_engine(), NULL, err);
	if (!engine)
		return -1;
	rf_mpi = *(const struct rf_mpi_table *)rf_engine_table(engine);
	rf_engine_avoid(rf_own_held);
	rf_own_set((uintptr_t)rf_engine_table(engine) & ~(RF_WINDOW_SIZE - 1));
	if (bind_objects(err)) {
		rf_engine_drop(engine, NULL);
		return -1;
	}
	rf_engine_use(engine);
	return 0;
}

int rf_shim_number_objects(void)
{
	for (int i = 0; i < RF_OBJECTS; i++)
		if (rf_app_object[i] && rf_object_name[i].kind < RF_KINDS &&
		    rf_convert_predefined(rf_app_object[i]))
			return -1;
	return 0;
}

int rf_shim_started(void)
{
	return rf_engine_current() != NULL;
}

void *rf_app_null(enum rf_kind kind)
{
	static const enum rf_object null[] = {
		[RF_COMM] = RF_OBJECT_ompi_mpi_comm_null,
		[RF_GROUP] = RF_OBJECT_ompi_mpi_group_null,
		[RF_DATATYPE] = RF_OBJECT_ompi_mpi_datatype_null,
		[RF_OP] = RF_OBJECT_ompi_mpi_op_null,
		[RF_INFO] = RF_OBJECT_ompi_mpi_info_null,
		[RF_ERRHANDLER] = RF_OBJECT_ompi_mpi_errhandler_null,
		[RF_WIN] = RF_OBJECT_ompi_mpi_win_null,
		[RF_FILE] = RF_OBJECT_ompi_mpi_file_null,
		[RF_REQUEST] = RF_OBJECT_ompi_request_null,
		[RF_MESSAGE] = RF_OBJECT_ompi_message_null,
	};

	return rf_app_object[null[kind]];
}
