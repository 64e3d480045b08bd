/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any program that finds out how a host is: 0, it is healthy; 1, it is not, and the first line of
 * the output says why; everything else, also that it hangs, is a failure of the program and says
 * nothing of the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rankferry/plugin.h>

#define OUTPUT	200
#define ROUND_S 5 /* of one look: the hosts that are left have their turn in the next */

struct known {
	struct known *next;
	int bad;
	char reason[OUTPUT];
	char name[];
};

struct probe {
	struct known *known; /* what the last probe of each host has found */
	unsigned next;	     /* host of the round */
};

static struct known *know(struct probe *probe, const char *name)
{
	struct known *k;

	for (k = probe->known; k; k = k->next)
		if (strcmp(k->name, name) == 0)
			return k;
	k = calloc(1, sizeof(*k) + strlen(name) + 1);
	if (k) {
		strcpy(k->name, name);
		k->next = probe->known;
		probe->known = k;
	}
	return k;
}

/* What could not be found out is as it was. 0, or -1 after a fail(): the next one would fail, too.
 */
static int ask(const struct rankferry_core *core, struct known *k, int ms)
{
	const char *argv[] = {"/bin/sh", "-c",	  core->option(core, "command"),
			      "probe",	 k->name, NULL};
	char out[OUTPUT];
	int rc = core->run(core, argv, ms, out, sizeof(out));

	if (rc == RANKFERRY_NOT_ENDED)
		core->note(core, "the probe of %s has not ended within %d s", k->name, ms / 1000);
	else if (rc > 1)
		core->note(core, "the probe of %s has ended with %d", k->name, rc);
	if (rc == -1)
		return -1;
	if (rc != 0 && rc != 1)
		return 0;
	k->bad = rc;
	out[strcspn(out, "\n")] = '\0';
	snprintf(k->reason, sizeof(k->reason), "%s", *out ? out : "its probe says so");
	return 0;
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	int ms = atoi(core->option(core, "limit")) * 1000;
	time_t end = time(NULL) + ROUND_S;
	struct probe *probe = self;
	unsigned i;
	int rc = 0;

	for (i = 0; i < hosts && (i == 0 || time(NULL) < end); i++) {
		struct known *k = know(probe, host[probe->next++ % hosts]->name);

		if (k && ask(core, k, ms) < 0)
			rc = -1;
	}
	for (i = 0; i < hosts; i++) {
		const struct known *k = know(probe, host[i]->name);
		const struct rankferry_word word = {sizeof(word), host[i]->name,
						    RANKFERRY_UNHEALTHY, 0, k ? k->reason : NULL};

		if (k && k->bad)
			core->tell(core, &word);
	}
	return rc;
}

static int open_probe(const struct rankferry_core *core, void **self)
{
	int limit = atoi(core->option(core, "limit"));

	if (limit < 1 || limit > 4)
		return core->fail(core, "limit is a number of seconds from 1 to 4");
	*self = calloc(1, sizeof(struct probe));
	return *self ? 0 : core->fail(core, "no memory");
}

static void close_probe(void *self)
{
	struct probe *probe = self;
	struct known *k;

	while ((k = probe->known)) {
		probe->known = k->next;
		free(k);
	}
	free(probe);
}

static const struct rankferry_option options[] = {
	{"command", NULL,
	 "shell command, $1 is the host: 0 healthy, 1 unhealthy, else it has failed"},
	{"limit", "2", "seconds that it may take, from 1 to 4"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "probe",
	.version = "1",
	.help = "a program that says how a host is: exit code 0 healthy, 1 unhealthy",
	.option = options,
	.every_ms = 30000,
	.open = open_probe,
	.close = close_probe,
	.look = look,
};
