/* SPDX-License-Identifier: BSD-3-Clause */
/* What can be said about a job's mpirun line before it is started. */
#ifndef RF_LAUNCHER_JOB_LINE_H
#define RF_LAUNCHER_JOB_LINE_H

#include <stdbool.h>

#include "util/error.h"

/* What in the line keeps Open MPI from starting slots, or NULL. It may also be an argument of the
 * program. */
const char *rf_job_objection(char *const *line);

/* Does it start no rank? */
bool rf_job_only_asks(char *const *line);

/* Can there be a second mpirun with this line? As far as that is known before the first. */
int rf_job_check_again(char *const *line, struct rf_error *err);

#endif
