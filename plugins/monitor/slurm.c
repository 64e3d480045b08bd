/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Slurm says: nodes in the states DRAIN and FAIL are to be emptied, with the reason that the
 * administrator gave; and all nodes of an allocation end when it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rankferry/plugin.h>

#define SIZE	   (4 << 20) /* bytes of scontrol's output */
#define COMMAND_MS 8000

/* The value behind " NAME=" in a line of `scontrol -o`; NULL: none. */
static char *find(char *line, const char *name)
{
	size_t n = strlen(name);
	char *at;

	for (at = line; (at = strstr(at, name)); at += n)
		if ((at == line || at[-1] == ' ') && at[n] == '=')
			return at + n + 1;
	return NULL;
}

/* "IDLE+DRAIN", "MIXED*": is this one of the words? */
static int has_state(const char *states, const char *state)
{
	size_t n = strlen(state), k;

	for (; *states && *states != ' '; states += states[k] == '+' ? k + 1 : k) {
		k = strcspn(states, "+ ");
		if (strncmp(states, state, n) == 0 &&
		    (k == n || strspn(states + n, "*~#!%$@^-") == k - n))
			return 1;
	}
	return 0;
}

static void tell_node(const struct rankferry_core *core, char *line)
{
	char *name = find(line, "NodeName"), *states = find(line, "State"),
	     *reason = find(line, "Reason");
	struct rankferry_word word = {.size = sizeof(word)};
	size_t n;

	if (!name || !states)
		return;
	if (has_state(states, "FAIL") || has_state(states, "FAILING") || has_state(states, "DOWN"))
		word.state = RANKFERRY_UNHEALTHY;
	else if (has_state(states, "DRAIN") || has_state(states, "DRAINING") ||
		 has_state(states, "DRAINED"))
		word.state = RANKFERRY_DRAIN;
	else
		return;
	if (reason) { /* "kernel update [root@2026-11-28T09:00:00]" */
		n = strcspn(reason, "[");
		while (n > 0 && reason[n - 1] == ' ')
			n--;
		reason[n] = '\0';
	}
	name[strcspn(name, " ")] = '\0';
	word.host = name;
	word.reason = reason && *reason ? reason : "Slurm says so";
	core->tell(core, &word);
}

static int ask_nodes(const struct rankferry_core *core, const char *nodes)
{
	const char *argv[] = {core->option(core, "scontrol"), "-o", "show", "node", nodes, NULL};
	char *out = malloc(SIZE), *rest = out, *line;
	int rc = out ? core->run(core, argv, COMMAND_MS, out, SIZE) : core->fail(core, "no memory");

	if (rc > 0)
		rc = core->fail(core, "%s has ended with %d", argv[0], rc);
	else if (rc == RANKFERRY_NOT_ENDED)
		rc = core->fail(core, "%s takes too long", argv[0]);
	while (rc == 0 && (line = strsep(&rest, "\n")))
		tell_node(core, line);
	free(out);
	return rc;
}

/* Seconds of "1-02:03:04", "02:03:04" or "3:04"; -1: none, as of "UNLIMITED". */
static long long read_left(const char *text)
{
	long long days = 0, s = 0;
	char *end;

	if (strchr(text, '-')) {
		days = strtoll(text, &end, 10);
		if (*end != '-')
			return -1;
		text = end + 1;
	}
	for (;; text = end + 1) {
		if (*text < '0' || *text > '9')
			return -1;
		s = s * 60 + strtoll(text, &end, 10);
		if (*end != ':')
			break;
	}
	return *end && *end != '\n' ? -1 : days * 86400 + s;
}

/* An administrator may change it, so it is asked for each time. */
static int tell_end(const struct rankferry_core *core, const char *nodes)
{
	const char *job = getenv("SLURM_JOB_ID"), *argv[] = {core->option(core, "squeue"),
							     "--noheader",
							     "--format=%L",
							     "--jobs",
							     job,
							     NULL};
	struct rankferry_word word = {sizeof(word), nodes, RANKFERRY_ENDS, 0,
				      "the allocation ends"};
	char out[256] = "";
	long long left;
	int rc;

	if (!job || *core->option(core, "nodes"))
		return 0;
	rc = core->run(core, argv, COMMAND_MS, out, sizeof(out));
	if (rc > 0)
		return core->fail(core, "%s has ended with %d", argv[0], rc);
	if (rc == RANKFERRY_NOT_ENDED)
		return core->fail(core, "%s takes too long", argv[0]);
	left = rc < 0 ? -1 : read_left(out);
	word.deadline = (long long)time(NULL) + left;
	if (left >= 0)
		core->tell(core, &word);
	return rc;
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	const char *nodes = core->option(core, "nodes");

	(void)self, (void)host, (void)hosts;
	if (!*nodes)
		nodes = getenv("SLURM_JOB_NODELIST");
	return tell_end(core, nodes) < 0 ? -1 : ask_nodes(core, nodes);
}

static int open_slurm(const struct rankferry_core *core, void **self)
{
	(void)self;
	if (!*core->option(core, "nodes") && !getenv("SLURM_JOB_NODELIST"))
		return core->fail(core, "no nodes are set, and this is no allocation of Slurm's");
	return 0;
}

static const struct rankferry_option options[] = {
	{"nodes", "", "which; those of the allocation if none are set"},
	{"scontrol", "scontrol", "the program to ask about nodes"},
	{"squeue", "squeue", "the program to ask how long the job may run"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "slurm",
	.version = "1",
	.help = "Slurm's node states DRAIN and FAIL, and the end of the allocation",
	.option = options,
	.every_ms = 15000,
	.open = open_slurm,
	.look = look,
};
