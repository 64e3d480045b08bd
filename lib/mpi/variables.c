/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/variables.h"

#include <errno.h>
#include <string.h>

#include "mpi/engine_table.h"
#include "mpi/shim.h"

#define MOST  4096 /* variables */
#define LAYER "OMPI_MCA_pml="

static enum { UNKNOWN, CHOSEN, FREE } layer; /* by the user, or by Open MPI itself */

void rf_variables_note(void)
{
	int chosen;

	if (layer != UNKNOWN || !rf_engine_current())
		return;
	RF_CALL(chosen, calls->state->layer_chosen());
	layer = chosen ? CHOSEN : FREE;
}

int rf_variables_free(void)
{
	return layer == FREE;
}

char *const *rf_variables_make(char *const envp[], struct rf_error *err)
{
	static char *variables[MOST + 2], ob1[] = LAYER "ob1";
	int n = 0, given = 0;

	for (; envp[n] && n < MOST; n++) {
		variables[n] = envp[n];
		given |= strncmp(envp[n], LAYER, strlen(LAYER)) == 0;
	}
	if (envp[n]) {
		rf_error_set(err, E2BIG, "an environment of more than %d variables", MOST);
		return NULL;
	}
	if (layer == FREE && !given)
		variables[n++] = ob1;
	variables[n] = NULL;
	return variables;
}
