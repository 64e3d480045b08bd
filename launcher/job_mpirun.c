/* SPDX-License-Identifier: BSD-3-Clause */
/* The mpiruns of a job: the one that it is in, and in a move the next one and the last. */
#include "job_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "say.h"
#include "verdict.h"

#define TERM_S		30 /* for mpirun to end after a signal, beyond the time that its ranks have */
#define BY_US_S		5 /* the same for our own signal: it would wait for hosts that are lost */
#define ABANDON_MS	3000 /* for an mpirun whose slots have been dismissed */
#define SIGKILL_TIMEOUT "odls_base_sigkill_timeout"

/* The value of an MCA parameter of the line, or in the environment; `otherwise` if there is none.
 */
static int mca_number(char *const *line, const char *name, int otherwise)
{
	char variable[128];
	const char *value;

	for (; line[0] && line[1]; line++)
		if (strcmp(line[0], name) == 0)
			return atoi(line[1]);
	snprintf(variable, sizeof(variable), "OMPI_MCA_%s", name);
	value = getenv(variable);
	return value ? atoi(value) : otherwise;
}

static void on_started(pid_t pid, void *data)
{
	const struct rf_job *job = ((struct rf_job_mpirun *)data)->job;

	if (job->options->verbose)
		rf_say("job %s, mpirun pid %d", job->id, (int)pid);
}

static void forget(struct rf_job_mpirun *running)
{
	DL_DELETE2(running->job->mpiruns, running, prev, after);
	event_free(running->late);
	if (running->generation)
		rf_generation_destroy(running->generation);
	else
		rf_mpirun_destroy(running->mpirun);
	free(running);
}

static void on_forget(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	forget(data);
}

/* Not from its own callback. */
static void forget_later(struct rf_job_mpirun *running)
{
	const struct timeval soon = {0, 0};

	if (event_base_once(running->job->base, -1, EV_TIMEOUT, on_forget, running, &soon) < 0)
		rf_say("no memory to see to the end of an mpirun");
}

/* An mpirun that is not the job's has ended, or could not be run. */
static void side_ended(struct rf_job_mpirun *running, const char *how)
{
	struct rf_job *job = running->job;

	running->over = true;
	if (running == job->next) {
		if (how)
			rf_say("the second mpirun: %s", how);
		rf_moves_next_ended(rf_service_moves(job->service)); /* abandons it */
		return;
	}
	if (running == job->old) {
		job->old = NULL;
		if (job->now->generation)
			rf_generation_feed(job->now->generation);
		rf_moves_old_ended(rf_service_moves(job->service));
	}
	forget_later(running);
}

static void on_not_run(int number, void *data)
{
	struct rf_job_mpirun *running = data;
	struct rf_job *job = running->job;
	int code = number == ENOENT ? RF_EXIT_NOT_FOUND : RF_EXIT_NOT_RUN;

	if (running != job->now) {
		side_ended(running, strerror(number));
		return;
	}
	rf_say("can not run %s: %s", job->options->line[0], strerror(number));
	rf_job_finish(job, code << 8);
}

void rf_job_told(struct rf_job *job, int number)
{
	int seconds;

	if (job->told || (number != SIGTERM && number != SIGINT && number != SIGHUP))
		return;
	job->told = true;
	seconds = (job->by_us ? BY_US_S : TERM_S) +
		  3 * mca_number(job->options->line, SIGKILL_TIMEOUT, 1);
	rf_later(job->impatience, seconds * 1000);
}

static void on_signalled(int number, void *data)
{
	rf_job_told(((struct rf_job_mpirun *)data)->job, number);
}

static void on_ended(int status, void *data)
{
	struct rf_job_mpirun *running = data;

	if (running == running->job->now)
		rf_job_finish(running->job, status);
	else
		side_ended(running, NULL);
}

static void on_orphaned(void *data)
{
	struct rf_job_mpirun *running = data;
	struct rf_job *job = running->job;

	rf_say("the minder of mpirun is lost");
	if (running == job->now && !job->told)
		rf_recovery_mpirun_lost(job->recovery);
	else if (running == job->next) /* it has got SIGTERM, and takes its time */
		rf_moves_next_ended(rf_service_moves(job->service));
}

static const struct rf_mpirun_ops mpirun_ops = {on_started, on_not_run, on_signalled, on_ended,
						on_orphaned};

static void on_late(evutil_socket_t fd, short what, void *data)
{
	struct rf_job_mpirun *running = data;

	(void)fd;
	(void)what;
	rf_mpirun_kill(running->mpirun);
}

static struct rf_job_mpirun *make_running(struct rf_job *job, struct rf_error *err)
{
	struct rf_job_mpirun *running = calloc(1, sizeof(*running));

	if (running) {
		running->job = job;
		running->late = evtimer_new(job->base, on_late, running);
	}
	if (running && running->late) {
		DL_APPEND2(job->mpiruns, running, prev, after);
		return running;
	}
	free(running);
	rf_error_set(err, ENOMEM, "no memory for an mpirun");
	return NULL;
}

int rf_job_launch(int number, char *const host[], unsigned ranks, void *data, struct rf_error *err)
{
	struct rf_job *job = data;
	struct rf_job_mpirun *running = make_running(job, err);

	if (!running)
		return -1;
	running->generation = rf_generation_launch(job->base, job->id, number, job->options->line,
						   host, ranks, &mpirun_ops, running, err);
	if (!running->generation) {
		forget(running);
		return -1;
	}
	running->mpirun = rf_generation_mpirun(running->generation);
	job->next = running;
	return 0;
}

/* Its slots end with 0, and so does it; not if processes of its slots have been killed. It stays in
 * the job's list until it has ended: the job may end, or begin its next life, before. */
void rf_job_abandon(bool dirty, void *data)
{
	struct rf_job *job = data;
	struct rf_job_mpirun *next = job->next;

	job->next = NULL;
	if (!next)
		return;
	if (next->over)
		forget_later(next);
	else if (dirty)
		rf_mpirun_kill(next->mpirun);
	else
		rf_later(next->late, ABANDON_MS);
}

void rf_job_promote(void *data)
{
	struct rf_job *job = data;

	job->old = job->now;
	job->now = job->next;
	job->next = NULL;
	rf_mpirun_to_front(job->now->mpirun);
}

void rf_job_kill_old(void *data)
{
	struct rf_job *job = data;

	if (job->old)
		rf_mpirun_kill(job->old->mpirun);
}

int rf_job_start(struct rf_job *job, struct rf_error *err)
{
	char *const *host = NULL;
	unsigned ranks = 0;

	job->now = make_running(job, err);
	if (!job->now)
		return -1;
	if (job->lives > 0)
		host = rf_recovery_hosts(job->recovery, &ranks);
	if (!host) {
		job->now->mpirun = rf_mpirun_start(job->base, job->options->line, -1, &mpirun_ops,
						   job->now, err);
		return job->now->mpirun ? 0 : -1;
	}
	job->now->generation = rf_generation_launch(job->base, job->id, 1, job->options->line, host,
						    ranks, &mpirun_ops, job->now, err);
	if (!job->now->generation)
		return -1;
	job->now->mpirun = rf_generation_mpirun(job->now->generation);
	rf_generation_feed(job->now->generation);
	return 0;
}

void rf_job_end_others(struct rf_job *job)
{
	struct rf_job_mpirun *running;

	DL_FOREACH2(job->mpiruns, running, after)
	{
		if (running != job->now && running != job->old && running->mpirun)
			rf_mpirun_kill(running->mpirun);
	}
}

void rf_job_forget(struct rf_job *job)
{
	struct rf_job_mpirun *running, *after;

	rf_job_end_others(job);
	DL_FOREACH_SAFE2(job->mpiruns, running, after, after)
	{
		forget(running);
	}
	job->next = job->old = job->now = NULL;
}
