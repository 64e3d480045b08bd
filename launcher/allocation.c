/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "allocation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rf_hostlist *rf_allocation_hosts(struct rf_error *err)
{
	const char *nodes = getenv("SLURM_JOB_ID") ? getenv("SLURM_JOB_NODELIST") : NULL;
	struct rf_hostlist *list;

	if (!nodes) {
		rf_error_set(err, 0, "this is no allocation of Slurm's");
		return NULL;
	}
	list = rf_hostlist_parse(nodes, err);
	if (!list)
		rf_error_prefix(err, "SLURM_JOB_NODELIST");
	return list;
}

/* Up to the first dot: Slurm's names have none, those of hosts may have. */
static bool same(const char *node, const char *host)
{
	size_t n = strcspn(node, ".");

	return strcspn(host, ".") == n && strncasecmp(node, host, n) == 0;
}

/* "node1,node3" and "2,2", as Slurm has it in SLURM_NODELIST and SLURM_TASKS_PER_NODE: in its own
 * order, since it numbers a step's daemons by that. Returns how many ranks have found their host.
 */
static unsigned write_lists(FILE *names, FILE *slots, const struct rf_hostlist *nodes,
			    char *const host[], unsigned ranks)
{
	const char *node, *comma = "";
	unsigned i, n, found = 0;

	for (node = rf_hostlist_first(nodes); node; node = rf_hostlist_next(nodes, node)) {
		for (n = 0, i = 0; i < ranks; i++)
			n += same(node, host[i]);
		if (n == 0)
			continue;
		fprintf(names, "%s%s", comma, node);
		fprintf(slots, "%s%u", comma, n);
		comma = ",";
		found += n;
	}
	return found;
}

static int refuse(const struct rf_hostlist *nodes, char *const host[], unsigned ranks,
		  struct rf_error *err)
{
	const char *node;
	unsigned i;

	for (i = 0; i < ranks; i++) {
		node = rf_hostlist_first(nodes);
		while (node && !same(node, host[i]))
			node = rf_hostlist_next(nodes, node);
		if (!node)
			break;
	}
	return rf_error_set(err, ENOTSUP, "%s is not in the allocation of Slurm job %s, %s",
			    i < ranks ? host[i] : "a host", getenv("SLURM_JOB_ID"),
			    getenv("SLURM_JOB_NODELIST"));
}

int rf_allocation_narrow(char *const host[], unsigned ranks, struct rf_error *err)
{
	struct rf_hostlist *nodes = rf_allocation_hosts(err);
	char *names = NULL, *slots = NULL;
	unsigned found = 0;
	size_t n, s;
	FILE *to_names, *to_slots;
	int failed, rc = -1;

	if (!nodes)
		return getenv("SLURM_JOB_NODELIST") && getenv("SLURM_JOB_ID") ? -1 : 0;
	to_names = open_memstream(&names, &n);
	to_slots = open_memstream(&slots, &s);
	if (to_names && to_slots)
		found = write_lists(to_names, to_slots, nodes, host, ranks);
	failed = !to_names || fclose(to_names) != 0;
	failed |= !to_slots || fclose(to_slots) != 0;
	if (failed)
		rf_error_set(err, ENOMEM, "no memory for a list of hosts");
	else if (found != ranks)
		refuse(nodes, host, ranks, err);
	/* these two are for mpirun, Slurm's own programs do not read them; the last is for srun */
	else if (setenv("SLURM_NODELIST", names, 1) < 0 ||
		 setenv("SLURM_TASKS_PER_NODE", slots, 1) < 0 ||
		 setenv("SLURM_OVERLAP", "1", 1) < 0)
		rf_error_errno(err, "can not set the environment");
	else
		rc = 0;
	free(names);
	free(slots);
	rf_hostlist_destroy(nodes);
	return rc;
}
