/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attributes cached on communicators, datatypes and windows (MPI-3.1 6.7 and 17.2.7).
 *
 * They are kept in the application half, in `extra` of the object's handle; the engine's object has
 * only the predefined ones, which are read from there at each MPI_*_get_attr. So the user's copy
 * and delete functions never run inside the engine.
 *
 * Order is Open MPI's: copied by number of keyval, deleted last set first. The functions may be
 * called from any thread; the user's functions run without a lock, and may use attributes.
 * `handle` is of kind RF_COMM, RF_DATATYPE or RF_WIN, and neither NULL nor a null handle.
 */
#ifndef RF_MPI_ATTRIBUTE_H
#define RF_MPI_ATTRIBUTE_H

#include "mpi/handle.h"
#include "mpi/keyval.h"

/*
 * For MPI_Comm_dup, idup, dup_with_info and MPI_Type_dup, when the engine has made `to`: calls the
 * copy functions of all attributes of `from`. 0, or the code to raise: that of the function which
 * failed; the caller then frees the new object as its MPI_*_free would.
 */
int rf_attr_copy_all(struct rf_handle *from, struct rf_handle *to);

/*
 * For MPI_Comm_free, disconnect, MPI_Type_free and MPI_Win_free, before the engine frees the
 * object: calls the delete functions, last set first. 0, or the code of the first function that
 * failed; its attribute and those set earlier stay. MPI_Comm_free then fails with that code and
 * frees nothing; the others go on regardless.
 */
int rf_attr_delete_all(struct rf_handle *handle);

/* Releases what is left, without a call to the user. Before the memory of a handle is freed. */
void rf_attr_discard(struct rf_handle *handle);

/* After MPI_Init: notes what is to stay as it is whatever mpirun is there later. */
void rf_attr_start(void);

/*
 * The value of a predefined attribute of a window that differs from what the engine says, where the
 * window's memory is the application half's. 0, or a code to raise.
 */
int rf_attr_override(struct rf_handle *win, int key, enum rf_attr_form form,
		     union rf_attr_value value);

/*
 * The parts that the bindings have in common. `value` is written as `form` and read as `form`,
 * converted as MPI-3.1 17.2.7 says: C reads what Fortran wrote as a pointer to it, which stays
 * valid until the attribute is set again or deleted; Fortran reads what C wrote as its address.
 * 0, an internal code of keyval.h, or the code of the user's delete function.
 */
int rf_attr_set(struct rf_handle *handle, int key, enum rf_attr_form form,
		union rf_attr_value value);
int rf_attr_get(struct rf_handle *handle, int key, enum rf_attr_form form,
		union rf_attr_value *value, int *flag);
int rf_attr_delete(struct rf_handle *handle, int key);
int rf_attr_free_keyval(enum rf_kind kind, int *key);

#endif
