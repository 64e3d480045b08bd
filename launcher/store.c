/* SPDX-License-Identifier: BSD-3-Clause */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "say.h"
#include "verdict.h"

static const struct rf_store_verb verbs[] = {
	{"list", "[--json] [STORE[/JOB]]...", rf_list_main},
	{"inspect", "[--rank N] [--json] SNAPSHOT", rf_inspect_main},
	{"verify", "[--quick] [--json] SNAPSHOT...", rf_verify_main},
	{"prune", "--keep N [--partial] [--dry-run] [--json] STORE/JOB", rf_prune_main},
	/* for the coordinator */
	{"begin", "STORE JOB", rf_begin_main},
	{"publish", "--ranks N PARTIAL <MANIFEST", rf_publish_main},
	{"abandon", "PARTIAL", rf_abandon_main},
	/* for keepers */
	{"copy", "FROM TO RANK...", rf_copy_main},
	{"discard", "DIRECTORY...", rf_discard_main},
	{NULL, NULL, NULL},
};

static const struct rf_store_verb *find(const char *name)
{
	const struct rf_store_verb *verb;

	for (verb = verbs; verb->name; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}

int rf_store_misused(const char *verb, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	rf_say("%s: %s; see `rankferry help %s'", verb, text, verb);
	return RF_STORE_USAGE;
}

int rf_store_help(const char *verb)
{
	printf("usage: rankferry %s %s\n\nSee rankferry-%s(1).\n", verb, find(verb)->usage, verb);
	return rf_store_done(0);
}

int rf_store_done(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	rf_say("can not print: %s", strerror(errno));
	return RF_EXIT_OWN;
}

int rf_store_print(json_t *document)
{
	int failed = !document || json_dumpf(document, stdout, JSON_INDENT(2));

	json_decref(document);
	if (failed) {
		rf_say("can not print: no memory");
		return RF_EXIT_OWN;
	}
	putchar('\n');
	return rf_store_done(0);
}

int main(int argc, char **argv)
{
	const struct rf_store_verb *verb = argc > 1 ? find(argv[1]) : NULL;

	if (!verb) {
		rf_say("rankferry-store is executed by rankferry; see `rankferry help'");
		return RF_STORE_USAGE;
	}
	return verb->main(argc - 1, argv + 1);
}
