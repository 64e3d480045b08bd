/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of what libmpi exports, in the order of enum rf_function_index and enum rf_object. */
#ifndef RF_MPI_NAMES_H
#define RF_MPI_NAMES_H

#include "mpi/shim.h"

struct rf_function_name {
	const char *mpi;  /* "MPI_Send" */
	const char *pmpi; /* "PMPI_Send", or NULL if there is none */
	void (*implementation)(void);
	int early; /* works without an engine */
};

struct rf_object_name {
	const char *name; /* "ompi_mpi_comm_world" */
	enum rf_kind kind;
};

/* Functions of the language bindings that the shim has its own of, by one of their names. */
struct rf_binding_name {
	const char *name; /* "mpi_op_create__" */
	const char *
		original; /* "ompi_op_create_f": the name that only the binding's library defines */
	void (*implementation)(void);
};

extern const struct rf_function_name rf_function_name[RF_FUNCTIONS];
extern const struct rf_object_name rf_object_name[RF_OBJECTS];
extern const struct rf_binding_name rf_binding_name[RF_BINDINGS];

#endif
