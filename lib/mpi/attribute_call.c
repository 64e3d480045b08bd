/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/attribute_call.h"
#include "mpi/convert.h"
#include "mpi/shim.h"

/*
 * The argument lists of ompi/attribute/attribute.h. Handles of all kinds are pointers, so one type
 * serves for all. Open MPI also gives a C copy function the new object, which MPI does not; its C++
 * bindings rely on that.
 */
typedef int copy_c(void *from, int key, void *state, void *in, void *out, int *flag, void *to);
typedef int delete_c(void *object, int key, void *in, void *state);
typedef void copy_fint(MPI_Fint *from, MPI_Fint *key, MPI_Fint *state, MPI_Fint *in, MPI_Fint *out,
		       MPI_Fint *flag, MPI_Fint *error);
typedef void delete_fint(MPI_Fint *object, MPI_Fint *key, MPI_Fint *in, MPI_Fint *state,
			 MPI_Fint *error);
typedef void copy_aint(MPI_Fint *from, MPI_Fint *key, MPI_Aint *state, MPI_Aint *in, MPI_Aint *out,
		       MPI_Fint *flag, MPI_Fint *error);
typedef void delete_aint(MPI_Fint *object, MPI_Fint *key, MPI_Aint *in, MPI_Aint *state,
			 MPI_Fint *error);

int rf_attr_call_copy(struct rf_keyval *keyval, struct rf_handle *from, struct rf_handle *to,
		      union rf_attr_value in, union rf_attr_value *out, int *flag)
{
	MPI_Fint key = keyval->key, object, copied = 0, error = MPI_SUCCESS;

	if (keyval->form == RF_ATTR_C) {
		int code = ((copy_c *)keyval->copy)(from, key, keyval->state.c, in.c, &out->c, flag,
						    to);

		*flag = *flag == 1; /* as Open MPI: no other number is a yes */
		return code;
	}
	object = rf_convert_index(keyval->kind, from);
	if (keyval->form == RF_ATTR_FINT)
		((copy_fint *)keyval->copy)(&object, &key, &keyval->state.fint, &in.fint,
					    &out->fint, &copied, &error);
	else
		((copy_aint *)keyval->copy)(&object, &key, &keyval->state.aint, &in.aint,
					    &out->aint, &copied, &error);
	*flag = copied != 0;
	return error;
}

int rf_attr_call_delete(struct rf_keyval *keyval, struct rf_handle *handle,
			union rf_attr_value value)
{
	MPI_Fint key = keyval->key, object, error = MPI_SUCCESS;

	if (keyval->form == RF_ATTR_C)
		return ((delete_c *)keyval->remove)(handle, key, value.c, keyval->state.c);
	object = rf_convert_index(keyval->kind, handle);
	if (keyval->form == RF_ATTR_FINT)
		((delete_fint *)keyval->remove)(&object, &key, &value.fint, &keyval->state.fint,
						&error);
	else
		((delete_aint *)keyval->remove)(&object, &key, &value.aint, &keyval->state.aint,
						&error);
	return error;
}

/* By number of keyval: the form in which Open MPI has each predefined attribute. */
static const enum rf_attr_form predefined_form[RF_KEYVAL_PREDEFINED] = {
	[MPI_TAG_UB] = RF_ATTR_FINT,
	[MPI_HOST] = RF_ATTR_FINT,
	[MPI_IO] = RF_ATTR_FINT,
	[MPI_WTIME_IS_GLOBAL] = RF_ATTR_FINT,
	[MPI_APPNUM] = RF_ATTR_FINT,
	[MPI_LASTUSEDCODE] = RF_ATTR_FINT,
	[MPI_UNIVERSE_SIZE] = RF_ATTR_FINT,
	[MPI_WIN_BASE] = RF_ATTR_C,
	[MPI_WIN_SIZE] = RF_ATTR_AINT,
	[MPI_WIN_DISP_UNIT] = RF_ATTR_INT,
	[MPI_WIN_CREATE_FLAVOR] = RF_ATTR_INT,
	[MPI_WIN_MODEL] = RF_ATTR_INT,
};

void rf_attr_engine_get(struct rf_handle *handle, int key, enum rf_attr_form *form,
			union rf_attr_value *value, int *flag)
{
	void *got = NULL;
	int code;

	*flag = 0;
	if (handle->kind == RF_COMM)
		RF_CALL(code, MPI_Comm_get_attr(handle->real, key, &got, flag));
	else if (handle->kind == RF_WIN)
		RF_CALL(code, MPI_Win_get_attr(handle->real, key, &got, flag));
	else
		code = MPI_SUCCESS; /* datatypes have no predefined attributes */
	if (code != MPI_SUCCESS)
		*flag = 0;
	if (!*flag)
		return;
	*form = predefined_form[key];
	switch (*form) {
	case RF_ATTR_C:
		value->c = got;
		break;
	case RF_ATTR_AINT:
		value->aint = *(MPI_Aint *)got;
		break;
	case RF_ATTR_FINT:
		value->fint = *(MPI_Fint *)got;
		break;
	case RF_ATTR_INT:
		value->i = *(int *)got;
	}
}
