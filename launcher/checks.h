/* SPDX-License-Identifier: BSD-3-Clause */
/* What `rankferry doctor` looks at. A check looks, and changes nothing. */
#ifndef RF_LAUNCHER_CHECKS_H
#define RF_LAUNCHER_CHECKS_H

enum rf_level { RF_CHECK_OK, RF_CHECK_WARN, RF_CHECK_FAIL };

struct rf_finding {
	enum rf_level level;
	char text[512];	  /* what was found */
	char advice[512]; /* what to do, "" when all is well */
};

struct rf_check {
	const char *name;
	void (*run)(struct rf_finding *finding);
};

/* Ended by a NULL name. A finding starts as "ok" without text. */
extern const struct rf_check rf_checks[];

/* Fills a finding in: for the files with checks. */
void rf_found(struct rf_finding *finding, enum rf_level level, const char *advice,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

void rf_check_mpirun(struct rf_finding *finding);
void rf_check_agent(struct rf_finding *finding);
void rf_check_launch(struct rf_finding *finding);
void rf_check_parts(struct rf_finding *finding);
void rf_check_gate(struct rf_finding *finding);
void rf_check_fsgsbase(struct rf_finding *finding);
void rf_check_tracking(struct rf_finding *finding);
void rf_check_restore(struct rf_finding *finding);
void rf_check_ptrace(struct rf_finding *finding);
void rf_check_hdf5(struct rf_finding *finding);
void rf_check_rundir(struct rf_finding *finding);
void rf_check_shm(struct rf_finding *finding);
void rf_check_network(struct rf_finding *finding);
void rf_check_files(struct rf_finding *finding);
void rf_check_locked(struct rf_finding *finding);

#endif
