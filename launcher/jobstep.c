/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "jobstep.h"

#include <ctype.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_WORDS 24

extern char **environ;

/* ".../job_12/step_0/...", in any hierarchy; "step_batch" and "step_extern" last as long as the
 * job. */
bool rf_jobstep_is(void)
{
	FILE *file = getenv("SLURM_JOB_ID") ? fopen("/proc/self/cgroup", "re") : NULL;
	char line[PATH_MAX + 256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "/job_");

		at = at ? strstr(at, "/step_") : NULL;
		found = at && isdigit((unsigned char)at[strlen("/step_")]);
	}
	if (file)
		fclose(file);
	return found;
}

/* What srun would take for its own options, such as how many CPUs the step has. */
static void forget_options(void)
{
	char **v = environ;

	while (*v) {
		char name[128];
		size_t n = strcspn(*v, "=");

		if (n < sizeof(name) && strncmp(*v, "SLURM_", strlen("SLURM_")) == 0 &&
		    strncmp(*v, "SLURM_CONF=", strlen("SLURM_CONF=")) != 0) {
			memcpy(name, *v, n);
			name[n] = '\0';
			unsetenv(name);
			v = environ;
		} else {
			v++;
		}
	}
}

void rf_jobstep_become(char *const argv[])
{
	const char *id = getenv("SLURM_JOB_ID"), *node = getenv("SLURMD_NODENAME");
	const char *words[STEP_WORDS] = {"srun",    "--overlap",  "--nodes=1",	     "--ntasks=1",
					 "--mem=0", "--mpi=none", "--cpu-bind=none", "--input=none",
					 "--quiet"};
	char job[64], host[HOST_NAME_MAX + 32];
	unsigned i, k;
	sigset_t none;

	for (i = 0; words[i]; i++)
		;
	snprintf(job, sizeof(job), "--jobid=%s", id ? id : "");
	snprintf(host, sizeof(host), "--nodelist=%s", node ? node : "");
	words[i++] = job;
	words[i++] = host;
	for (k = 0; argv[k] && i < STEP_WORDS - 1; k++)
		words[i++] = argv[k];
	forget_options();
	setsid(); /* mpirun's daemon signals process groups */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp("srun", (char *const *)words);
}
