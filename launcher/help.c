/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "command.h"

static int help_all(void)
{
	const struct rf_verb *verb;

	printf("Moves running MPI ranks between hosts.\n\n");
	for (verb = rf_verbs; verb->name; verb++)
		printf("  rankferry %-8s %s\n", verb->name, verb->summary);
	printf("\nMore: `rankferry help VERB', rankferry(1), rankferry-VERB(1).\n");
	return 0;
}

int rf_help_main(int argc, char **argv)
{
	const struct rf_verb *verb;

	if (argc == 1)
		return help_all();
	if (argc > 2)
		return rf_usage_error("help", "takes one verb");
	for (verb = rf_verbs; verb->name; verb++)
		if (strcmp(verb->name, argv[1]) == 0) {
			printf("usage: rankferry %s %s\n\n%s. See rankferry-%s(1).\n", verb->name,
			       verb->usage, verb->summary, verb->name);
			return 0;
		}
	return rf_usage_error(NULL, "'%s' is not a verb", argv[1]);
}
