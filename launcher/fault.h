/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults on purpose, for tests: RANKFERRY_FAULT=PHASE:ACTION[,PHASE:ACTION]... in the environment
 * of the coordinator. Each is used once, in that order, when its phase of a snapshot (snapshots.c:
 * "write") or of a move (moves.c: "move.switch") begins: so each snapshot and each move of a
 * running job can meet another one.
 */
#ifndef RF_LAUNCHER_FAULT_H
#define RF_LAUNCHER_FAULT_H

#include <stdbool.h>

#define RF_FAULT_WAIT_MS 3000

enum rf_fault {
	RF_FAULT_NONE,
	RF_FAULT_FAIL, /* "fail": the phase fails; of a move, if there is a way back */
	/* "wait": the phase begins later, so that a test can kill something; in a move the
	 * coordinator hears nothing of it until then */
	RF_FAULT_WAIT,
	RF_FAULT_STOP, /* "stop": the same, until the coordinator is sent SIGCONT */
	RF_FAULT_KILL, /* "kill": the coordinator, by SIGKILL */
};

/* The fault to meet as `phase` begins. */
enum rf_fault rf_fault_next(const char *phase);

/* The same for "WHAT.PHASE": waits, or kills the process. True: the phase is to fail. */
bool rf_fault_meet(const char *what, const char *phase);

/* RF_FAULT_STOP. The SIGCONT after it is not passed on to mpirun. */
void rf_fault_stop(void);

#endif
