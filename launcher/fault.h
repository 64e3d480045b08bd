/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults on purpose, for tests: RANKFERRY_FAULT=PHASE:ACTION[,PHASE:ACTION]... in the environment
 * of the coordinator. Each is used once, in that order, when its phase of a snapshot (snapshots.c)
 * begins: so each snapshot of a running job can meet another one.
 */
#ifndef RF_LAUNCHER_FAULT_H
#define RF_LAUNCHER_FAULT_H

#define RF_FAULT_WAIT_MS 3000

enum rf_fault {
	RF_FAULT_NONE,
	RF_FAULT_FAIL, /* "fail": the phase fails */
	RF_FAULT_WAIT, /* "wait": the phase begins later, so that a test can kill something */
	RF_FAULT_KILL, /* "kill": the coordinator, by SIGKILL */
};

/* The fault to meet as `phase` begins. */
enum rf_fault rf_fault_next(const char *phase);

#endif
