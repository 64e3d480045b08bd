/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What attribute.c calls outwards: the user's functions, with the argument lists of each binding,
 * and the engine for predefined attributes.
 */
#ifndef RF_MPI_ATTRIBUTE_CALL_H
#define RF_MPI_ATTRIBUTE_CALL_H

#include "mpi/keyval.h"

/*
 * Calls the copy function. *flag: is there to be a copy, with the value *out? Values have the form
 * of the keyval. Returns the code of the user's function.
 */
int rf_attr_call_copy(struct rf_keyval *keyval, struct rf_handle *from, struct rf_handle *to,
		      union rf_attr_value in, union rf_attr_value *out, int *flag);

/* Calls the delete function, with a value of the keyval's form. Returns its code. */
int rf_attr_call_delete(struct rf_keyval *keyval, struct rf_handle *handle,
			union rf_attr_value value);

/* Asks the engine for a predefined attribute. *flag: has the object one? */
void rf_attr_engine_get(struct rf_handle *handle, int key, enum rf_attr_form *form,
			union rf_attr_value *value, int *flag);

#endif
