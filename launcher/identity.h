/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The identity of a rank: everything that Open MPI's daemon gives to a process it starts. A slot,
 * which it started instead of the program, captures its own; the keeper starts the program with it.
 *
 * It is: program, arguments, environment, working directory, umask, resource limits, signal mask
 * and ignored signals, CPU affinity, memory policy, nice value, scheduling and I/O class,
 * personality, and all open file descriptors. The flat form travels in a memfd, between programs of
 * one build.
 */
#ifndef RF_LAUNCHER_IDENTITY_H
#define RF_LAUNCHER_IDENTITY_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "wire/rankmsg.h"

/* What a process has to note before it changes anything in itself. */
struct rf_birth {
	uint64_t blocked; /* bit n-1: signal n is blocked */
	uint64_t ignored;
	int fds[RF_RANKMSG_FDS - 2]; /* open ones */
	int nfds;
};

struct rf_identity {
	const char *program; /* what to execute */
	char **argv;
	char **envp;
	char **replaced;	       /* argv that rf_identity_replace() has made, or NULL */
	struct rf_identity_flat *flat; /* the rest */
	size_t size;
	int cwd;
	int fds[RF_RANKMSG_FDS]; /* in this process, in the order of the flat form's numbers */
	int nfds;
};

/* -1 if there are more open fds than can be handed over. */
int rf_birth_note(struct rf_birth *birth, struct rf_error *err);

/* Gives this process the signal mask of `birth` again. Dispositions are not changed by slots. */
void rf_birth_restore(const struct rf_birth *birth);

/*
 * Captures this process, to execute `program` with `argv` and `envp`. Fills `fds` with what has to
 * be sent with RF_RANKMSG_SLOT; the caller closes the first two of them, the others are its own.
 */
int rf_identity_capture(const struct rf_birth *birth, const char *program, char *const argv[],
			char *const envp[], int fds[RF_RANKMSG_FDS], int *nfds,
			struct rf_error *err);

/* Reads what was sent, and takes over the fds (closed on failure too). */
struct rf_identity *rf_identity_receive(const int *fds, int nfds, struct rf_error *err);
void rf_identity_destroy(struct rf_identity *identity);

/* Environment variables of the identity. set: copies; replaces or adds. `value` NULL: removes. */
const char *rf_identity_getenv(const struct rf_identity *identity, const char *name);
int rf_identity_setenv(struct rf_identity *identity, const char *name, const char *value,
		       struct rf_error *err);

/* Another program is to be executed: argv[0], with copies of `argv`. */
int rf_identity_replace(struct rf_identity *identity, char *const argv[], struct rf_error *err);

/* The environment as one block, each variable with its zero. NULL if there is no memory. */
char *rf_identity_environment(const struct rf_identity *identity, size_t *size);

/* The fd, here, of what is the slot's file descriptor `number`; -1 if it has none. */
int rf_identity_file(const struct rf_identity *identity, int number);

/*
 * Turns this process, a fresh child of the keeper with one thread, into what the identity says and
 * executes the program. Returns only on failure: `err->code` is the errno of execve() if
 * `*executed`. The fd `report` (close-on-exec) stays open for the caller, perhaps under another
 * number: returned.
 */
int rf_identity_become(const struct rf_identity *identity, int report, bool *executed,
		       struct rf_error *err);

#endif
