/* SPDX-License-Identifier: BSD-3-Clause */
/* The tool interface: variables that belong to an object, which is named by its handle's address.
 */
#include "mpi/tool.h"

#include "mpi/request.h"
#include "mpi/shim.h"

static int inits;

int rf_tool_inits(void)
{
	return __atomic_load_n(&inits, __ATOMIC_RELAXED);
}

int rf_MPI_T_init_thread(int required, int *provided)
{
	int rc;

	RF_CALL(rc, MPI_T_init_thread(required, provided));
	if (rc == MPI_SUCCESS)
		__atomic_add_fetch(&inits, 1, __ATOMIC_RELAXED);
	return rc;
}

int rf_MPI_T_finalize(void)
{
	int rc;

	RF_CALL(rc, MPI_T_finalize());
	if (rc == MPI_SUCCESS)
		__atomic_sub_fetch(&inits, 1, __ATOMIC_RELAXED);
	return rc;
}

/* The engine's handle for the object at `obj_handle`, which is of the type that `bind` says. */
static void *object(int bind, void *obj_handle)
{
	void *handle = obj_handle ? *(void **)obj_handle : NULL;

	switch (bind) {
	case MPI_T_BIND_NO_OBJECT:
		return NULL;
	case MPI_T_BIND_MPI_REQUEST:
		return rf_own_in(handle, RF_REQUEST);
	case MPI_T_BIND_MPI_MESSAGE:
		return rf_own_in(handle, RF_MESSAGE);
	default:
		return rf_real(handle);
	}
}

int rf_MPI_T_cvar_handle_alloc(int cvar_index, void *obj_handle, MPI_T_cvar_handle *handle,
			       int *count)
{
	int rc, bind = MPI_T_BIND_NO_OBJECT;
	void *real;

	RF_CALL(rc, MPI_T_cvar_get_info(cvar_index, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &bind,
					NULL));
	real = object(bind, obj_handle);
	RF_CALL(rc, MPI_T_cvar_handle_alloc(cvar_index, obj_handle ? &real : NULL, handle, count));
	return rc;
}

int rf_MPI_T_pvar_handle_alloc(MPI_T_pvar_session session, int pvar_index, void *obj_handle,
			       MPI_T_pvar_handle *handle, int *count)
{
	int rc, bind = MPI_T_BIND_NO_OBJECT;
	void *real;

	RF_CALL(rc, MPI_T_pvar_get_info(pvar_index, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
					&bind, NULL, NULL, NULL));
	real = object(bind, obj_handle);
	RF_CALL(rc, MPI_T_pvar_handle_alloc(session, pvar_index, obj_handle ? &real : NULL, handle,
					    count));
	return rc;
}
