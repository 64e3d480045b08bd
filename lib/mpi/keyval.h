/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keyvals: the keys that attributes are cached under (MPI-3.1 6.7), and the functions that belong
 * to them. They live in the application half only; the engine knows none of them.
 *
 * Numbers are given out as Open MPI does: 0 to 11 are the predefined ones in the order of mpi.h,
 * a new keyval gets the lowest number that is free. A freed keyval keeps its number and its
 * functions until the last attribute under it is gone.
 *
 * Functions return 0 or one of Open MPI's internal codes below; what the caller of MPI sees is made
 * from them in attribute_c.c and attribute_fortran.c, where the two bindings differ.
 * All need the lock of attributes (rf_keyval_lock), which is never held while a user's function
 * runs.
 */
#ifndef RF_MPI_KEYVAL_H
#define RF_MPI_KEYVAL_H

#include "mpi/shim.h"

/* ompi/include/ompi/constants.h, opal/include/opal/constants.h (Open MPI 4.1) */
#define RF_OMPI_ERROR	     (-1)
#define RF_OMPI_NO_MEMORY    (-2)
#define RF_OMPI_BAD_PARAM    (-5)
#define RF_OMPI_NOT_FOUND    (-13)
#define RF_KEYVAL_PREDEFINED 12 /* numbers below are the engine's own attributes */

/* How a function takes attribute values, and how a value was written (MPI-3.1 17.2.7). */
enum rf_attr_form {
	RF_ATTR_C,    /* void * */
	RF_ATTR_INT,  /* int, only in attributes that the library itself sets */
	RF_ATTR_FINT, /* INTEGER: Fortran, functions of MPI-1 */
	RF_ATTR_AINT  /* INTEGER(KIND=MPI_ADDRESS_KIND): Fortran, functions of MPI-2 */
};

union rf_attr_value {
	void *c;
	int i;
	MPI_Fint fint;
	MPI_Aint aint;
};

typedef void rf_function(void);

struct rf_keyval {
	enum rf_kind kind;	/* RF_COMM, RF_DATATYPE or RF_WIN */
	enum rf_attr_form form; /* of its functions */
	rf_function *copy;	/* the user's; called as `form` and `kind` say */
	rf_function *remove;
	union rf_attr_value state; /* the user's extra_state */
	void *owned;		   /* given to free() with the keyval, or NULL (C++ bindings) */
	int key;
	int uses; /* the user's own, and one for each attribute */
};

void rf_keyval_lock(void);
void rf_keyval_unlock(void);

/* Enters a copy of `keyval` with uses 1, and writes its number to *key. */
int rf_keyval_create(const struct rf_keyval *keyval, int *key);

/* The keyval of this number, or NULL. */
struct rf_keyval *rf_keyval_find(int key);

/* One use less; the last one ends the keyval. */
void rf_keyval_release(struct rf_keyval *keyval);

#endif
