/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Processes as /proc shows them, and the end of all descendants of a process.
 */
#ifndef RF_LAUNCHER_PROCS_H
#define RF_LAUNCHER_PROCS_H

#include <stdbool.h>
#include <sys/types.h>

struct rf_proc {
	pid_t pid;
	pid_t parent;
	char state; /* 'R', 'S', 'T' (stopped), 'Z' ...: see proc(5) */
	unsigned long long
		start; /* clock ticks since boot: with the pid, a name never used again */
};

/* -1 with errno if there is no such process. */
int rf_proc_read(pid_t pid, struct rf_proc *proc);

/* Does this very process still run? A zombie does not. */
bool rf_proc_runs(const struct rf_proc *proc);

/* Waits until it does not run any more, at most `ms`. Returns whether it still runs. */
bool rf_proc_wait(const struct rf_proc *proc, int ms);

#define RF_PROC_REAP_MS 200 /* for one that has been killed, unless a file system holds it */

/*
 * waitpid() for this child, at most `ms`. Returns whether it was reaped; `*status` (may be NULL) is
 * as of waitpid() then. One that was not is reaped by the loop later, or by this process's end.
 */
bool rf_proc_reap(pid_t child, int ms, int *status);

/*
 * Sends `signal` to every descendant of this process, or only to those that are still in its
 * session. Returns how many got it.
 */
int rf_descendants_signal(int signal, bool same_session);

/*
 * Kills all descendants and reaps them, again and again as orphans are handed to this process,
 * which must be a child subreaper (prctl(2)) for that. Reaps everything: nobody else may wait for
 * children. Takes at most `ms`. Returns whether any is left.
 */
bool rf_descendants_end(int ms);

/* The descendants of a process that are in the session of this one: at most `most`. Their number.
 */
int rf_descendants_of(pid_t pid, struct rf_proc list[], int most);

/* Is `pid` the process `of`, or a child of it, or of one of those? */
bool rf_proc_descends(pid_t pid, pid_t of);

/* Bytes of memory that a process uses now; 0: not known. */
unsigned long long rf_proc_memory(pid_t pid);

#endif
