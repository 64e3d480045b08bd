/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of Open MPI and of Rankferry's own parts. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"
#include "config.h"
#include "engine/gate.h"
#include "places.h"

#define COMMAND_S 20 /* for ompi_info on a slow file system */

/* The first executable `name` in $PATH. */
static int on_path(const char *name, char path[PATH_MAX])
{
	const char *list = getenv("PATH");

	while (list && *list) {
		size_t n = strcspn(list, ":");

		if (n > 0 && snprintf(path, PATH_MAX, "%.*s/%s", (int)n, list, name) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return 0;
		list += n;
		list += *list == ':';
	}
	return -1;
}

/* Copies the first line of the command's output that contains `word` ("" if none). */
static void line_of(char *const argv[], const char *word, char *line, size_t size)
{
	char text[1024];
	int pipes[2];
	FILE *stream;
	pid_t child;

	*line = '\0';
	if (pipe(pipes) < 0)
		return;
	child = fork();
	if (child == 0) {
		alarm(COMMAND_S);
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		close(pipes[0]);
		close(pipes[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pipes[1]);
	stream = child < 0 ? NULL : fdopen(pipes[0], "r");
	while (stream && fgets(text, sizeof(text), stream))
		if (!*line && strstr(text, word)) {
			text[strcspn(text, "\n")] = '\0';
			snprintf(line, size, "%.*s", (int)size - 1, text);
		}
	if (stream)
		fclose(stream);
	else
		close(pipes[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
}

void rf_check_mpirun(struct rf_finding *f)
{
	char path[PATH_MAX], real[PATH_MAX], wanted[PATH_MAX], line[200];

	if (access(RF_LIBMPI, R_OK) < 0) {
		rf_found(f, RF_CHECK_FAIL,
			 "install Open MPI 4.1 again, or build Rankferry for the one that is there",
			 "%s, which Rankferry was built for, is gone", RF_LIBMPI);
		return;
	}
	if (on_path("mpirun", path) < 0 || !realpath(path, real)) {
		rf_found(f, RF_CHECK_FAIL, "put the directory of " RF_MPIRUN " into PATH",
			 "no mpirun in PATH");
		return;
	}
	line_of((char *[]){path, "--version", NULL}, "mpirun", line, sizeof(line));
	if (!strstr(line, "(Open MPI) 4.1."))
		rf_found(f, RF_CHECK_FAIL, "put the directory of " RF_MPIRUN " first into PATH",
			 "%s is not of Open MPI 4.1: %s", path, *line ? line : "no version");
	else if (!realpath(RF_MPIRUN, wanted) || strcmp(real, wanted) != 0)
		rf_found(f, RF_CHECK_WARN,
			 "if it is not of the same installation, ranks run natively",
			 "%s is not " RF_MPIRUN ", which Rankferry was built for", path);
	else
		rf_found(f, RF_CHECK_OK, "", "%s, %s", line, path);
}

void rf_check_agent(struct rf_finding *f)
{
	char path[PATH_MAX], line[200];

	if (on_path("ompi_info", path) < 0) {
		rf_found(f, RF_CHECK_WARN, "install it (Debian: openmpi-bin) and run this again",
			 "no ompi_info in PATH, so it is not known whether orte_fork_agent works");
		return;
	}
	line_of((char *[]){path, "--all", "--parsable", NULL}, "orte_fork_agent:value", line,
		sizeof(line));
	if (!*line)
		rf_found(f, RF_CHECK_FAIL, "use an Open MPI of the 4.1 series",
			 "Open MPI does not know orte_fork_agent, by which slots are started");
	else if (strcmp(line + strlen(line) - 1, ":") != 0)
		rf_found(f, RF_CHECK_WARN, "remove it; Rankferry overrides it",
			 "orte_fork_agent is set already: %s", strrchr(line, ':') + 1);
	else
		rf_found(f, RF_CHECK_OK, "", "orte_fork_agent is known");
}

void rf_check_launch(struct rf_finding *f)
{
	static const char *const agents[] = {"ssh", "rsh", "srun", "qrsh"};
	char path[PATH_MAX], found[300] = "";
	size_t i;

	for (i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (on_path(agents[i], path) == 0)
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
				 *found ? ", " : "", agents[i]);
	if (*found)
		rf_found(f, RF_CHECK_OK, "", "%s", found);
	else
		rf_found(f, RF_CHECK_WARN, "install an ssh client to use other hosts",
			 "none of ssh, rsh, srun and qrsh is in PATH");
}

void rf_check_parts(struct rf_finding *f)
{
	static const char *const helpers[] = {"rankferry-minder", "rankferry-slot",
					      "rankferry-keeper"};
	char path[PATH_MAX];
	struct rf_error err;
	size_t i;

	for (i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (rf_place_helper(helpers[i], path, &err) < 0)
			goto missing;
	if (strchr(path, ' ')) {
		rf_found(f, RF_CHECK_FAIL,
			 "install Rankferry where no directory has a space in its name",
			 "Open MPI can not start %s", path);
		return;
	}
	if (rf_place_engine(path, &err) < 0 || rf_place_shim(path, &err) < 0)
		goto missing;
	rf_found(f, RF_CHECK_OK, "", "helpers, engine and shim are there; the shim is %s", path);
	return;
missing:
	rf_found(f, RF_CHECK_FAIL, "install Rankferry again", "%s", err.text);
}

/* In a child: a probe that fails badly must not end the doctor. */
static void probe(const char *engine, int result)
{
	struct rf_finding f = {0};
	struct rf_error err;

	alarm(COMMAND_S);
	if (rf_gate_probe(engine, &err) < 0)
		rf_found(&f, RF_CHECK_FAIL,
			 "ranks run natively until this works; report it with this text", "%s",
			 err.text);
	else if (rf_gate_mode() != RF_GATE_SHARED_TCB)
		rf_found(&f, RF_CHECK_WARN, "MPI calls cost more than they could; see the reason",
			 "mode %s, because %s", rf_gate_mode_name(rf_gate_mode()),
			 rf_gate_mode_reason());
	else
		rf_found(&f, RF_CHECK_OK, "", "mode %s, the fastest",
			 rf_gate_mode_name(rf_gate_mode()));
	if (write(result, &f, sizeof(f)) != sizeof(f))
		_exit(1);
	_exit(0);
}

void rf_check_gate(struct rf_finding *f)
{
	char engine[PATH_MAX];
	struct rf_error err;
	int pipes[2], status = 0;
	pid_t child;

	if (rf_place_engine(engine, &err) < 0) {
		rf_found(f, RF_CHECK_FAIL, "install Rankferry again", "%s", err.text);
		return;
	}
	if (pipe(pipes) < 0)
		return;
	child = fork();
	if (child == 0)
		probe(engine, pipes[1]);
	close(pipes[1]);
	if (read(pipes[0], f, sizeof(*f)) != sizeof(*f)) {
		waitpid(child, &status, 0);
		child = 0;
		rf_found(f, RF_CHECK_FAIL,
			 "ranks run natively until this works; report it with this text",
			 "the self-test of the gate ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	}
	close(pipes[0]);
	if (child > 0)
		waitpid(child, &status, 0);
}
