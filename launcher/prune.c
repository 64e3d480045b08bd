/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry prune: removes old snapshots of a job, but none that a kept one needs. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "snapshot/store.h"
#include "store.h"
#include "util/idset.h"
#include "verdict.h"

struct pruning {
	const char *job, *of;
	unsigned keep;
	int dry, json, partial;
	struct rf_idset *only; /* NULL: any */
	json_t *removed;
};

/* 1 to `most`; 0: something else */
static unsigned count(const char *text, unsigned long most)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	return errno || *end || end == text || *text < '0' || *text > '9' || n > most ? 0
										      : (unsigned)n;
}

static int remove_one(struct pruning *p, const char *path, struct rf_error *err)
{
	if (!path)
		return rf_error_set(err, ENOMEM, "no memory to prune %s", p->job);
	if (!p->dry && rf_store_remove(path, err))
		return -1;
	json_array_append_new(p->removed, json_string(path));
	if (!p->json)
		printf("%s %s\n", p->dry ? "would remove" : "removed", path);
	return 0;
}

static int prune(struct pruning *p, struct rf_error *err)
{
	unsigned *numbers = NULL, *partial = NULL;
	int n = rf_store_prunable(p->job, p->keep, p->of, &numbers, err), m = 0, failed = n < 0;

	if (!failed && !p->dry)
		failed = rf_store_sweep(p->job, err) < 0;
	if (!failed && p->partial)
		failed = (m = rf_store_partials(p->job, &partial, err)) < 0;
	for (int i = 0; i < n && !failed; i++) {
		char *path;

		if (p->only && !rf_idset_contains(p->only, numbers[i]))
			continue;
		path = rf_store_path(p->job, numbers[i]);
		failed = remove_one(p, path, err);
		free(path);
	}
	for (int i = 0; i < m && !failed; i++) {
		char *path = rf_store_partial_path(p->job, partial[i]);

		failed = remove_one(p, path, err);
		free(path);
	}
	free(numbers);
	free(partial);
	return failed;
}

int rf_prune_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"keep", required_argument, NULL, 'k'}, {"of", required_argument, NULL, 'i'},
		{"only", required_argument, NULL, 'o'}, {"dry-run", no_argument, NULL, 'n'},
		{"partial", no_argument, NULL, 'p'},	{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},	{0}};
	struct pruning p = {0};
	struct rf_error err;
	int o, failed;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":h", options, NULL)) != -1)
		switch (o) {
		case 'h':
			return rf_store_help("prune");
		case 'k':
			if (!(p.keep = count(optarg, 1000000)))
				return rf_store_misused(
					"prune", "--keep %s: at least 1 must be kept", optarg);
			break;
		case 'i':
			p.of = optarg;
			break;
		case 'o':
			rf_idset_destroy(p.only);
			if (!(p.only = rf_idset_parse(optarg, &err)))
				return rf_store_misused("prune", "--only: %s", err.text);
			break;
		case 'n':
			p.dry = 1;
			break;
		case 'p':
			p.partial = 1;
			break;
		case 'j':
			p.json = 1;
			break;
		case ':':
			return rf_store_misused("prune", "%s needs a value", argv[optind - 1]);
		default:
			return rf_store_misused("prune", "unknown option %s", argv[optind - 1]);
		}
	if (optind != argc - 1)
		return rf_store_misused("prune", "one directory of a job's snapshots is needed");
	if (!p.keep)
		return rf_store_misused("prune", "--keep N is needed");
	p.job = argv[optind];
	p.removed = json_array();
	failed = p.removed ? prune(&p, &err) : rf_error_set(&err, ENOMEM, "no memory");
	rf_idset_destroy(p.only);
	if (failed)
		rf_say("%s", err.text);
	if (!p.json)
		json_decref(p.removed);
	else if (rf_store_print(json_pack("{s:b, s:o}", "dry_run", p.dry, "removed", p.removed)))
		return RF_EXIT_OWN;
	return rf_store_done(failed ? RF_STORE_BAD : 0);
}
