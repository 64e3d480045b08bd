/* SPDX-License-Identifier: BSD-3-Clause */
/* The verbs that another program does: rankferry-store reads snapshots, and has HDF5 (store.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "places.h"
#include "say.h"
#include "verdict.h"

int rf_handoff_main(int argc, char **argv)
{
	char program[PATH_MAX], **arguments;
	struct rf_error err;

	if (rf_place_helper("rankferry-store", program, &err) < 0) {
		rf_say("%s", err.text);
		return RF_EXIT_OWN;
	}
	arguments = calloc((size_t)argc + 2, sizeof(*arguments));
	if (!arguments) {
		rf_say("no memory");
		return RF_EXIT_OWN;
	}
	arguments[0] = program;
	memcpy(arguments + 1, argv, (size_t)argc * sizeof(*argv));
	execv(program, arguments);
	rf_say("can not execute %s: %s", program, strerror(errno));
	free(arguments);
	return RF_EXIT_OWN;
}
