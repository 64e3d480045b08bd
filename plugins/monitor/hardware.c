/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hosts whose hardware is about to fail, by what the job's keeper there reads: errors of the memory
 * that the kernel has counted (EDAC), and how hot the host is. Errors before the job are history;
 * those during it do not heal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rankferry/plugin.h>

#define HOUR_S 3600
#define COOL   5 /* % that a host which was too hot must be below the limit, to be cool again */

struct known {
	struct known *next;
	double uncorrected; /* when it was seen first; below 0: not seen yet */
	double corrected;   /* when the hour began */
	time_t hour;	    /* the hour's begin */
	int bad, hot;
	char reason[100];
	char name[];
};

struct hardware {
	struct known *known;
	double corrected, heat; /* limits */
};

static struct known *know(struct hardware *hardware, const char *name)
{
	struct known *k;

	for (k = hardware->known; k; k = k->next)
		if (strcmp(k->name, name) == 0)
			return k;
	k = calloc(1, sizeof(*k) + strlen(name) + 1);
	if (!k)
		return NULL;
	strcpy(k->name, name);
	k->uncorrected = k->corrected = -1;
	k->next = hardware->known;
	hardware->known = k;
	return k;
}

static void look_at_errors(const struct hardware *hardware, struct known *k,
			   const struct rankferry_host *host, time_t now)
{
	if (host->uncorrected >= 0 && k->uncorrected < 0)
		k->uncorrected = host->uncorrected;
	if (host->corrected >= 0 && (k->corrected < 0 || now - k->hour >= HOUR_S)) {
		k->corrected = host->corrected;
		k->hour = now;
	}
	/* A driver that was loaded again counts from 0, and one that was unloaded does not count:
	 * what is left may be old. */
	if (host->uncorrected >= 0 && host->uncorrected < k->uncorrected)
		k->uncorrected = host->uncorrected;
	if (host->corrected >= 0 && host->corrected < k->corrected)
		k->corrected = host->corrected;
	if (host->uncorrected > k->uncorrected) {
		k->bad = 1;
		snprintf(k->reason, sizeof(k->reason), "%.0f uncorrected memory errors",
			 host->uncorrected - k->uncorrected);
	} else if (!k->bad && host->corrected >= 0 &&
		   host->corrected - k->corrected >= hardware->corrected) {
		k->bad = 1;
		snprintf(k->reason, sizeof(k->reason),
			 "%.0f corrected memory errors within an hour",
			 host->corrected - k->corrected);
	}
}

static void look_at_heat(const struct hardware *hardware, struct known *k,
			 const struct rankferry_host *host)
{
	if (host->heat < 0)
		return; /* not known now: as it was */
	k->hot = host->heat >= hardware->heat - (k->hot ? COOL : 0);
	if (k->hot && !k->bad)
		snprintf(k->reason, sizeof(k->reason),
			 "at %.0f%% of the temperature at which it switches itself off",
			 host->heat);
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	struct hardware *hardware = self;
	time_t now = time(NULL);
	unsigned i;

	for (i = 0; i < hosts; i++) {
		struct known *k = know(hardware, host[i]->name);
		const struct rankferry_word word = {sizeof(word), host[i]->name,
						    RANKFERRY_UNHEALTHY, 0, k ? k->reason : NULL};

		if (!k)
			return core->fail(core, "no memory");
		look_at_errors(hardware, k, host[i], now);
		look_at_heat(hardware, k, host[i]);
		if (k->bad || k->hot)
			core->tell(core, &word);
	}
	return 0;
}

static int open_hardware(const struct rankferry_core *core, void **self)
{
	struct hardware *hardware = calloc(1, sizeof(*hardware));

	if (!hardware)
		return core->fail(core, "no memory");
	*self = hardware;
	hardware->corrected = atof(core->option(core, "corrected"));
	hardware->heat = atof(core->option(core, "heat"));
	if (hardware->corrected >= 1 && hardware->heat >= 10 && hardware->heat <= 100)
		return 0;
	return core->fail(core, "corrected is a number from 1, and heat one from 10 to 100");
}

static void close_hardware(void *self)
{
	struct hardware *hardware = self;
	struct known *k;

	while (hardware && (k = hardware->known)) {
		hardware->known = k->next;
		free(k);
	}
	free(hardware);
}

static const struct rankferry_option options[] = {
	{"corrected", "100", "corrected memory errors within an hour that are too many"},
	{"heat", "95", "% of the critical temperature that is too hot"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "hardware",
	.version = "1",
	.help = "memory errors (EDAC) and temperatures of the job's hosts",
	.option = options,
	.every_ms = 10000,
	.open = open_hardware,
	.close = close_hardware,
	.look = look,
};
