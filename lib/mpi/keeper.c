/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/keeper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mpi/capture.h"
#include "mpi/shim.h"
#include "wire/rankmsg.h"

static int rank(void)
{
	const char *value = getenv("OMPI_COMM_WORLD_RANK");

	return value ? atoi(value) : -1;
}

int rf_keeper_native(const char *why)
{
	const char *keeper = rf_capture_getenv("RANKFERRY_KEEPER"),
		   *movable = getenv("RANKFERRY_REQUIRE_MOVABLE");

	if (movable && strcmp(movable, "1") == 0) {
		dprintf(STDERR_FILENO,
			"rankferry: rank %d cannot be moved, which --require-movable "
			"demands: %s\n",
			rank(), why);
		return -1;
	}
	if (!keeper)
		dprintf(STDERR_FILENO, "rankferry: rank %d cannot be moved: %s\n", rank(), why);
	else if (rf_rankmsg_tell(keeper, RF_RANKMSG_NATIVE, rank(), why))
		dprintf(STDERR_FILENO,
			"rankferry: rank %d cannot be moved: %s (nor could its keeper be "
			"told, at %s: %s)\n",
			rank(), why, keeper, strerror(errno));
	return 0;
}

int rf_runs_natively(const char *what)
{
	static int said;
	char why[200];

	snprintf(why, sizeof(why), "it has called %s", what);
	if (__atomic_exchange_n(&said, 1, __ATOMIC_RELAXED))
		return 0;
	if (!rf_keeper_native(why))
		return 0;
	__atomic_store_n(&said, 0, __ATOMIC_RELAXED);
	return -1;
}
