/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "job.h"

#include <ctype.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator.h"
#include "environment.h"
#include "events.h"
#include "generation.h"
#include "mpirun.h"
#include "places.h"
#include "revival.h"
#include "rundir.h"
#include "say.h"
#include "service.h"
#include "verdict.h"
#include "wire/secret.h"

#define END_MS		8000 /* for keepers to confirm their end: longer than they need at worst */
#define LOST_MS		5000 /* for mpirun to notice by itself that a host is lost */
#define TERM_S		30 /* for mpirun to end after a signal, beyond the time that its ranks have */
#define ABANDON_MS	3000 /* for an mpirun whose slots have been dismissed */
#define SIGKILL_TIMEOUT "odls_base_sigkill_timeout"

struct job;

/* An mpirun of the job. */
struct running {
	struct job *job;
	struct rf_mpirun *mpirun;
	struct rf_generation *generation; /* whose mpirun it is, from the second on; else NULL */
	struct event *late;		  /* it has been told to go, and has had its time */
	bool over;
};

struct job {
	const struct rf_job_options *options;
	char id[RF_JOB_ID];
	struct event_base *base;
	struct rf_events *events; /* NULL: none are kept */
	struct rf_coordinator *coordinator;
	struct rf_service *service; /* NULL: it takes no commands, or not yet */
	struct rf_revival *revival; /* NULL: the job does not go on from a snapshot, or has done */
	struct running *now;	    /* the job's mpirun */
	struct running *next;	    /* that of a generation whose slots wait, or NULL */
	struct running *old;	  /* that of the last generation, which is about to end, or NULL */
	struct event *impatience; /* mpirun must end */
	struct event *farewell;	  /* keepers must end */
	bool told, gone;	  /* mpirun was told to end; it has ended */
	int status;		  /* as of waitpid(), mpirun's or our own */
};

static void later(struct event *timer, int ms)
{
	const struct timeval wait = {ms / 1000, ms % 1000 * 1000};

	event_add(timer, &wait);
}

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
	const struct job *job = ((struct running *)data)->job;

	if (job->options->verbose)
		rf_say("job %s, mpirun pid %d", job->id, (int)pid);
}

static void end_keepers(struct job *job)
{
	later(job->farewell, END_MS);
	rf_coordinator_end(job->coordinator);
}

static void finish(struct job *job, int status)
{
	job->status = status;
	job->gone = true;
	event_del(job->impatience);
	if (WIFSIGNALED(status))
		rf_event(job->events, "job.end", "{s:i}", "signal", WTERMSIG(status));
	else
		rf_event(job->events, "job.end", "{s:i}", "exit_code", WEXITSTATUS(status));
	if (job->service && !job->told && rf_service_finish(job->service))
		rf_say("the job has ended; its snapshot is still being written");
	else
		end_keepers(job);
}

/* After finish(): the snapshot is there, or never will be. */
static void on_idle(void *data)
{
	end_keepers(data);
}

static void on_report(const struct rf_report *report, void *data)
{
	struct job *job = data;

	if (job->revival)
		rf_revival_report(job->revival, report);
	if (job->service)
		rf_service_report(job->service, report);
}

static void on_waiting(void *data)
{
	struct job *job = data;

	if (job->service)
		rf_moves_waiting(rf_service_moves(job->service));
}

static void on_released(void *data)
{
	struct job *job = data;

	if (job->service)
		rf_moves_released(rf_service_moves(job->service));
}

static void on_rank_lost(unsigned rank, const char *how, void *data)
{
	struct job *job = data;

	if (job->service)
		rf_service_rank_lost(job->service, rank, how);
}

static void forget(struct running *running)
{
	if (!running)
		return;
	if (running->late)
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
static void forget_later(struct running *running)
{
	const struct timeval soon = {0, 0};

	if (event_base_once(running->job->base, -1, EV_TIMEOUT, on_forget, running, &soon) < 0)
		rf_say("no memory to see to the end of an mpirun");
}

/* An mpirun that is not the job's has ended, or could not be run. */
static void side_ended(struct running *running, const char *how)
{
	struct job *job = running->job;

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
	struct running *running = data;
	struct job *job = running->job;
	int code = number == ENOENT ? RF_EXIT_NOT_FOUND : RF_EXIT_NOT_RUN;

	if (running != job->now) {
		side_ended(running, strerror(number));
		return;
	}
	rf_say("can not run %s: %s", job->options->line[0], strerror(number));
	finish(job, code << 8);
}

static void told(struct job *job, int number)
{
	if (job->told || (number != SIGTERM && number != SIGINT && number != SIGHUP))
		return;
	job->told = true;
	later(job->impatience,
	      (TERM_S + 3 * mca_number(job->options->line, SIGKILL_TIMEOUT, 1)) * 1000);
}

static void on_signalled(int number, void *data)
{
	told(((struct running *)data)->job, number);
}

static void on_ended(int status, void *data)
{
	struct running *running = data;

	if (running == running->job->now)
		finish(running->job, status);
	else
		side_ended(running, NULL);
}

static const struct rf_mpirun_ops mpirun_ops = {on_started, on_not_run, on_signalled, on_ended};

/* ---- generations ---- */

static void on_late(evutil_socket_t fd, short what, void *data)
{
	struct running *running = data;

	(void)fd;
	(void)what;
	rf_mpirun_kill(running->mpirun);
}

static struct running *make_running(struct job *job, struct rf_error *err)
{
	struct running *running = calloc(1, sizeof(*running));

	if (running) {
		running->job = job;
		running->late = evtimer_new(job->base, on_late, running);
	}
	if (running && running->late)
		return running;
	free(running);
	rf_error_set(err, ENOMEM, "no memory for an mpirun");
	return NULL;
}

static int on_launch(int number, char *const host[], unsigned ranks, void *data,
		     struct rf_error *err)
{
	struct job *job = data;
	struct running *running = make_running(job, err);

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

/* Its slots end with 0, and so does it; not if processes of its slots have been killed. */
static void on_abandon(bool dirty, void *data)
{
	struct job *job = data;
	struct running *next = job->next;

	job->next = NULL;
	if (!next)
		return;
	if (next->over)
		forget_later(next);
	else if (dirty)
		rf_mpirun_kill(next->mpirun);
	else
		later(next->late, ABANDON_MS);
}

static void on_promote(void *data)
{
	struct job *job = data;

	job->old = job->now;
	job->now = job->next;
	job->next = NULL;
	rf_mpirun_to_front(job->now->mpirun);
}

static void on_kill_old(void *data)
{
	struct job *job = data;

	if (job->old)
		rf_mpirun_kill(job->old->mpirun);
}

static void on_lost(void *data)
{
	struct job *job = data;

	if (!job->told && !job->gone)
		later(job->impatience, LOST_MS);
}

static void on_empty(void *data)
{
	event_base_loopbreak(((struct job *)data)->base);
}

static void on_impatience(evutil_socket_t fd, short what, void *data)
{
	struct job *job = data;

	(void)fd;
	(void)what;
	if (job->told) {
		rf_say("mpirun does not end; killing it");
		rf_mpirun_kill(job->now->mpirun);
	} else {
		rf_say("ending the job");
		rf_mpirun_signal(job->now->mpirun, SIGTERM);
		told(job, SIGTERM);
	}
}

static void on_farewell(evutil_socket_t fd, short what, void *data)
{
	struct job *job = data;

	(void)fd;
	(void)what;
	rf_coordinator_complain(job->coordinator);
	event_base_loopbreak(job->base);
}

char *rf_job_absolute(const char *path)
{
	char here[PATH_MAX], *text;

	if (*path == '/')
		return strdup(path);
	if (!getcwd(here, sizeof(here)) || asprintf(&text, "%s/%s", here, path) < 0)
		return NULL;
	return text;
}

bool rf_job_good_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= RF_JOB_NAME && isalnum((unsigned char)*name) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       n;
}

/* What in the line keeps Open MPI from starting slots. It may also be an argument of the program.
 */
static const char *objection(char *const *line)
{
	static const struct {
		const char *word, *reason;
	} words[] = {
		{"orte_fork_agent", "the line sets orte_fork_agent"},
		{"--xterm", "the line has --xterm"},
		{"-xterm", "the line has -xterm"},
	};
	size_t i;

	for (; *line; line++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strcmp(*line, words[i].word) == 0)
				return words[i].reason;
	return NULL;
}

/* Lines that start no rank. */
static bool only_asks(char *const *line)
{
	static const char *const words[] = {
		"--version", "-V", "--help", "-h", "-help", "--do-not-launch", "-do-not-launch"};
	size_t i;

	for (; *line; line++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strcmp(*line, words[i]) == 0)
				return true;
	return false;
}

/* For the keepers of a job that goes on from a snapshot. */
static int set_restore(const struct rf_job_options *options)
{
	char ranks[16];

	if (!options->restore)
		return unsetenv(RF_ENV_RESTORE) | unsetenv(RF_ENV_RANKS);
	snprintf(ranks, sizeof(ranks), "%u", options->ranks);
	return setenv(RF_ENV_RESTORE, options->restore, 1) | setenv(RF_ENV_RANKS, ranks, 1);
}

static int set_environment(struct job *job, const struct rf_secret *secret, struct rf_error *err)
{
	char slot[PATH_MAX], text[RF_SECRET_TEXT];
	int rc = set_restore(job->options);

	if (rf_place_helper("rankferry-slot", slot, err) < 0)
		return -1;
	if (strchr(slot, ' '))
		return rf_error_set(err, EINVAL,
				    "Open MPI can not start %s: install Rankferry where no "
				    "directory has a space in its name",
				    slot);
	rf_secret_format(secret, text);
	rc |= setenv(RF_ENV_AGENT, slot, 1);
	rc |= setenv(RF_ENV_JOB, job->id, 1);
	rc |= setenv(RF_ENV_COORD, rf_coordinator_addresses(job->coordinator), 1);
	rc |= setenv(RF_ENV_SECRET, text, 1);
	rc |= job->options->strict ? setenv(RF_ENV_STRICT, "1", 1) : unsetenv(RF_ENV_STRICT);
	return rc ? rf_error_errno(err, "can not set the environment") : 0;
}

/* A job's id: 12 random letters and digits, 60 bits of a fresh secret. */
static void make_id(char id[RF_JOB_ID], struct rf_secret *random)
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789";
	int i;

	for (i = 0; i < 12; i++)
		id[i] = digits[random->key[i] % 32];
	id[i] = '\0';
	rf_secret_wipe(random);
}

static void take_commands(struct job *job)
{
	const struct rf_service_options options = {job->options->name, job->id, job->options->store,
						   job->options->line};
	static const struct rf_service_ops ops = {on_idle, on_launch, on_abandon, on_promote,
						  on_kill_old};
	struct rf_error why;

	job->service = rf_service_create(job->base, job->coordinator, &options, &ops, job, &why);
	if (!job->service)
		rf_say("%s", why.text); /* a job is worth more than its snapshots */
}

static void on_revived(const struct rf_error *why, void *data)
{
	struct job *job = data;

	if (!why) {
		if (job->options->verbose)
			rf_say("all ranks go on");
		take_commands(job);
		return;
	}
	rf_say("%s", why->text);
	if (!job->told && !job->gone) {
		rf_say("ending the job");
		rf_mpirun_signal(job->now->mpirun, SIGTERM);
		told(job, SIGTERM);
	}
}

static int set_up(struct job *job, struct rf_error *err)
{
	static const struct rf_coordinator_ops coordinator_ops = {
		on_lost, on_empty, on_report, on_rank_lost, on_waiting, on_released};
	struct rf_coordinator_options options = {job->options->strict, job->options->verbose, NULL};
	struct rf_secret secret, random;
	int rc;

	job->base = event_base_new();
	job->impatience = job->base ? evtimer_new(job->base, on_impatience, job) : NULL;
	job->farewell = job->base ? evtimer_new(job->base, on_farewell, job) : NULL;
	if (!job->impatience || !job->farewell)
		return rf_error_set(err, ENOMEM, "can not start an event loop");
	if (rf_mpirun_take_signals(err) < 0 || rf_secret_create(&random, err) < 0 ||
	    rf_secret_create(&secret, err) < 0)
		return -1;
	make_id(job->id, &random);
	job->events = rf_job_events(job->options, job->id);
	options.events = job->events;
	job->coordinator =
		rf_coordinator_create(job->base, &secret, &options, &coordinator_ops, job, err);
	rc = job->coordinator ? set_environment(job, &secret, err) : -1;
	rf_secret_wipe(&secret);
	if (rc < 0)
		return -1;
	if (!job->options->restore)
		take_commands(job);
	else
		job->revival = rf_revival_create(job->base, job->coordinator, job->options->ranks,
						 on_revived, job, err);
	if (job->options->restore && !job->revival)
		return -1;
	job->now = make_running(job, err);
	if (!job->now)
		return -1;
	job->now->mpirun =
		rf_mpirun_start(job->base, job->options->line, -1, &mpirun_ops, job->now, err);
	return job->now->mpirun ? 0 : -1;
}

static void tear_down(struct job *job)
{
	rf_service_destroy(job->service);
	rf_revival_destroy(job->revival);
	job->service = NULL;
	job->revival = NULL;
	if (job->next)
		rf_mpirun_kill(job->next->mpirun);
	forget(job->next);
	forget(job->old);
	forget(job->now);
	rf_coordinator_destroy(job->coordinator);
	rf_events_destroy(job->events);
	if (job->impatience)
		event_free(job->impatience);
	if (job->farewell)
		event_free(job->farewell);
	if (job->base)
		event_base_free(job->base);
}

int rf_job_run(const struct rf_job_options *options)
{
	struct job job = {.options = options, .status = RF_EXIT_OWN << 8};
	const char *why = objection(options->line);
	struct rf_error err;

	if (why && options->strict) {
		rf_say("%s, so its ranks can not be moved; not started (--require-movable)", why);
		return RF_EXIT_OWN << 8;
	}
	if (why)
		rf_say("%s, so its ranks can not be moved; they run natively", why);
	if (set_up(&job, &err) < 0) {
		rf_say("%s", err.text);
	} else {
		event_base_dispatch(job.base);
		if (job.status == 0 && !why && !rf_coordinator_had_ranks(job.coordinator) &&
		    !only_asks(options->line))
			rf_say("no rank was started by Rankferry, so none could be moved: is %s "
			       "the mpirun of Open MPI 4.1?",
			       options->line[0]);
	}
	tear_down(&job);
	return job.status;
}
